//! The text of an element: the one place that knows what of an element is text.
//!
//! mf2 parsing has the `textContent` of the element, trimmed: white space within it stays as it
//! was written, and paragraphs may run together. For display there is [`Space::Collapsed`].

use scraper::node::Element;

use super::page::Page;
use super::walk::{Edge, Walk};
use crate::parse::document::{Ref, attribute, element};
use crate::parse::excerpt::is_block;
use crate::parse::words::one_line;

/// What becomes of white space in texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Space {
    /// It stays as it was written, as the conformance suite has it.
    #[default]
    AsWritten,
    /// It is shown as a browser does on one line: runs of it are one space, and there is one between
    /// blocks and for a line break. Controls are removed.
    Collapsed,
}

/// What stands in the text for a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pictures {
    /// Nothing: `u-*` and `dt-*`.
    None,
    /// The description: implied names and links.
    Alt,
    /// The description, or else the address: `p-*` and `e-*`.
    AltOrSrc,
}

/// The text below `node`, not trimmed. `includes`: whether it stands in a classic item.
pub(super) fn text<'a>(
    node: Ref<'a>,
    page: &Page<'a>,
    pictures: Pictures,
    includes: bool,
) -> String {
    let mut text = String::new();
    let mut walk = Walk::below(node, page, includes);
    while let Some(edge) = walk.next() {
        let (Edge::Open(node) | Edge::Close(node)) = edge;
        if page.space == Space::Collapsed && parts_words(node) {
            text.push(' ');
        }
        if matches!(edge, Edge::Close(_)) {
            continue;
        }
        if let Some(piece) = node.value().as_text() {
            if page.budget.take(piece.len()) {
                text.push_str(piece);
            }
        } else if let Some(element) = node.value().as_element() {
            match element.name() {
                "script" | "style" => walk.skip_below(),
                "img" => push_picture(&mut text, element, page, pictures),
                _ => {}
            }
        }
    }
    text
}

/// The text below `node`, trimmed.
pub(super) fn trimmed<'a>(
    node: Ref<'a>,
    page: &Page<'a>,
    pictures: Pictures,
    includes: bool,
) -> String {
    let text = text(node, page, pictures, includes);
    if page.space == Space::Collapsed {
        return one_line(&text);
    }
    let short = trim(&text);
    if short.len() == text.len() {
        text
    } else {
        short.to_owned()
    }
}

/// Whether what stands before and after the node's edges are different words.
fn parts_words(node: Ref<'_>) -> bool {
    is_block(node) || element(node).is_some_and(|element| element.name() == "br")
}

/// Trims what HTML calls white space: a no-break space is meant.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_ascii_whitespace())
}

fn push_picture(text: &mut String, element: &Element, page: &Page<'_>, pictures: Pictures) {
    if pictures == Pictures::None {
        return;
    }
    if let Some(alt) = attribute(element, "alt") {
        if page.budget.take(alt.len()) {
            text.push_str(alt);
        }
    } else if pictures == Pictures::AltOrSrc
        && let Some(src) = attribute(element, "src")
    {
        text.push(' ');
        text.push_str(&page.absolute(src));
        text.push(' ');
    }
}
