//! Whether an element belongs to the article that the page is about, or to what stands round it:
//! comments, sidebars, teasers of other articles.

use std::collections::HashSet;

use ego_tree::NodeId;
use scraper::node::Element;

use crate::parse::document::{Ref, attribute, element};

/// Where an element stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In the article.
    Article,
    /// In the page's main part, but in no article.
    Main,
    /// On a page that marks no article, in nothing that is known to be something else.
    Loose,
    /// In something else.
    Elsewhere,
}

/// The article of a page.
#[derive(Debug)]
pub(super) struct Frame<'a> {
    article: Option<Ref<'a>>,
    has_articles: bool,
    is_comment: bool,
}

impl<'a> Frame<'a> {
    /// The article that holds `link`, or else the only one among `articles`.
    pub(super) fn of(link: Ref<'a>, articles: &[Ref<'a>]) -> Self {
        let around = link
            .ancestors()
            .filter(|node| element(*node).is_some_and(is_article))
            .last();
        let known: HashSet<NodeId> = articles.iter().map(Ref::id).collect();
        let mut outermost = articles.iter().copied().filter(|node| {
            element(*node).is_some_and(is_article)
                && !node.ancestors().any(|outer| known.contains(&outer.id()))
        });
        let only = outermost.next().filter(|_| outermost.next().is_none());
        Self {
            article: around.or(only),
            has_articles: !articles.is_empty(),
            is_comment: link.ancestors().filter_map(element).any(is_comment),
        }
    }

    /// Whether the link stands in a comment on the article.
    pub(super) fn is_comment(&self) -> bool {
        self.is_comment
    }

    /// Where `node` stands.
    pub(super) fn place(&self, node: Ref<'a>) -> Place {
        let own = self.article.map(|article| article.id());
        let mut in_footer = false;
        let mut in_main = false;
        for outer in std::iter::once(node).chain(node.ancestors()) {
            if Some(outer.id()) == own {
                return Place::Article;
            }
            let Some(element) = element(outer) else {
                continue;
            };
            match element.name() {
                "article" | "aside" | "nav" | "blockquote" | "form" => return Place::Elsewhere,
                "footer" => in_footer = true,
                "main" => in_main = true,
                // Classes of the page as a whole tell what it has, not what it is.
                "body" | "html" => {}
                _ if is_apart(element) => return Place::Elsewhere,
                _ => {}
            }
        }
        if in_footer {
            Place::Elsewhere
        } else if in_main {
            Place::Main
        } else if self.has_articles {
            Place::Elsewhere
        } else {
            Place::Loose
        }
    }
}

fn words(element: &Element) -> impl Iterator<Item = &str> {
    ["id", "class"]
        .into_iter()
        .filter_map(|name| attribute(element, name))
        .flat_map(str::split_ascii_whitespace)
}

fn is_article(element: &Element) -> bool {
    element.name() == "article" && !is_comment(element)
}

/// Whether an element is a comment or holds all of them.
fn is_comment(element: &Element) -> bool {
    !matches!(element.name(), "body" | "html")
        && words(element).any(|word| {
            let number = word.strip_prefix("comment-").unwrap_or_default();
            let is_numbered = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
            is_numbered
                || matches!(
                    word,
                    "comment"
                        | "comments"
                        | "commentlist"
                        | "comment-list"
                        | "comments-list"
                        | "comments-area"
                        | "comment-content"
                        | "comment-body"
                        | "disqus_thread"
                )
        })
}

/// Whether an element is something beside the article, by its name.
fn is_apart(element: &Element) -> bool {
    words(element).any(|word| {
        [
            "comment",
            "respond",
            "sidebar",
            "widget",
            "related",
            "recommend",
            "popular",
            "recent",
            "teaser",
            "promo",
            "newsletter",
            "jp-related",
            "author-bio",
            "about-author",
        ]
        .iter()
        .any(|apart| starts_with(word, apart))
    })
}

/// Whether `word` begins with `lower`, in any letter case.
fn starts_with(word: &str, lower: &str) -> bool {
    word.get(..lower.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(lower))
}
