//! Who wrote a comment, and when, by the class names of themes: the page's own author and date say
//! nothing of it.

use crate::model::Author;
use crate::parse::date;
use crate::parse::document::{Ref, attribute, element, nodes, selector};
use crate::parse::survey::{Mark, text_of};
use crate::parse::words::clean;

use super::items::Voice;
use super::sources::Sources;
use super::{Facts, MAX_NAME, byline, web_address};

/// Elements round the link that may be the comment as a whole.
const MAX_OUTER: usize = 10;
/// Nodes of a comment that are looked at.
const MAX_NODES: usize = 200;

/// What follows the name of who comments.
const ENDINGS: [&str; 6] = ["says", "said", "wrote", "writes", "commented", "sagt"];

impl Facts {
    /// The author and the date of the comment that the link stands in, if no item tells them.
    pub(super) fn find_comment(&mut self, sources: &Sources<'_, '_>) {
        let Some(inner) = sources.frame.comment() else {
            return;
        };
        if sources.items.voice() != Voice::Page {
            return;
        }
        // Of a comment the body is marked as such, too, and its author stands beside that.
        let outer = std::iter::once(inner)
            .chain(inner.ancestors())
            .take(MAX_OUTER);
        let found = outer
            .take_while(|node| !holds_several(*node))
            .find_map(|comment| Some((comment, commenter(comment)?)));
        let Some((comment, (node, name))) = found else {
            return;
        };
        let link = nodes(node)
            .take(MAX_NODES)
            .chain(node.ancestors().take(2))
            .filter_map(element)
            .find(|element| element.name() == "a");
        let url = link
            .and_then(|link| web_address(sources.base, attribute(link, "href")?))
            .map(String::from);
        self.note("author", "author of the comment", &selector(node), &name);
        self.is_of_comment = true;
        self.author = Some(Author {
            name: Some(name),
            url,
            photo: None,
        });
        let time = nodes(comment).take(MAX_NODES).find_map(|node| {
            let time = date::authored(attribute(element(node)?, "datetime")?)?;
            Some((node, time))
        });
        if let Some((node, time)) = time {
            self.note(
                "published",
                "time of the comment",
                &selector(node),
                time.as_str(),
            );
            self.published = Some(time);
        }
    }
}

/// The first element that names who comments, and the name.
fn commenter(comment: Ref<'_>) -> Option<(Ref<'_>, String)> {
    nodes(comment).take(MAX_NODES).find_map(|node| {
        let classes = attribute(element(node)?, "class")?;
        let names = |word: &str| {
            matches!(word, "comment-author" | "commenter" | "fn" | "username")
                || Mark::of(word) == Some(Mark::Byline)
        };
        classes.split_ascii_whitespace().find(|word| names(word))?;
        let text = text_of(node);
        let text = text.trim_end_matches([':', ',']).trim_end();
        let text = ENDINGS
            .iter()
            .find_map(|ending| text.strip_suffix(ending))
            .unwrap_or(text);
        Some((node, clean(byline::name(text)?, MAX_NAME)?))
    })
}

/// Whether an element is a list of comments, or the page.
fn holds_several(node: Ref<'_>) -> bool {
    let Some(element) = element(node) else {
        return true;
    };
    let is_list = |word: &str| {
        matches!(
            word,
            "comments" | "commentlist" | "comment-list" | "comments-list" | "comments-area"
        )
    };
    let words = ["id", "class"]
        .into_iter()
        .filter_map(|name| attribute(element, name));
    matches!(element.name(), "body" | "html" | "main" | "ol" | "ul")
        || words.flat_map(str::split_ascii_whitespace).any(is_list)
}
