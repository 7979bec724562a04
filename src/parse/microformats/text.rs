//! The text of an element: the one place that knows what of an element is text.
//!
//! mf2 parsing has the `textContent` of the element, trimmed: white space within it stays as it
//! was written. [`Value::display`](super::Value::display) brings it on one line.

use scraper::node::Element;

use super::page::Page;
use super::walk::{Edge, Walk};
use crate::parse::document::{Ref, attribute};

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
        let Edge::Open(node) = edge else { continue };
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
    let short = trim(&text);
    if short.len() == text.len() {
        text
    } else {
        short.to_owned()
    }
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
