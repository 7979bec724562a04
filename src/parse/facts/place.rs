//! Whether an element belongs to the article that the page is about, or to what stands round it:
//! comments, sidebars, teasers of other articles.

use std::collections::HashSet;

use ego_tree::NodeId;
use scraper::node::Element;

use crate::parse::document::{Ref, attribute, element};

/// Elements round an element that are looked at: what stands deeper belongs to nothing that we know.
const MAX_DEPTH: usize = 100;
/// Class names of an element that are looked at.
const MAX_WORDS: usize = 32;

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
    comment: Option<Ref<'a>>,
    /// The link and what it stands in.
    round: HashSet<NodeId>,
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
            has_articles: articles
                .iter()
                .any(|node| element(*node).is_some_and(is_article)),
            comment: link
                .ancestors()
                .find(|node| element(*node).is_some_and(is_comment)),
            round: std::iter::once(link)
                .chain(link.ancestors())
                .map(|node| node.id())
                .collect(),
        }
    }

    /// The comment that the link stands in, by the class names of its element.
    pub(super) fn comment(&self) -> Option<Ref<'a>> {
        self.comment
    }

    /// Whether the link stands in `node`, or is it.
    pub(super) fn holds_link(&self, node: Ref<'a>) -> bool {
        self.round.contains(&node.id())
    }

    /// Where `node` stands.
    pub(super) fn place(&self, node: Ref<'a>) -> Place {
        let own = self.article.map(|article| article.id());
        let mut in_footer = false;
        let mut in_main = false;
        let round = std::iter::once(node).chain(node.ancestors());
        for (depth, outer) in round.enumerate() {
            if depth >= MAX_DEPTH {
                return Place::Elsewhere;
            }
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
                // Whatever it is called, part of the article is what the link stands in.
                _ if own.is_some() && self.holds_link(outer) => {}
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
        .flat_map(|words| words.split_ascii_whitespace().take(MAX_WORDS))
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
