//! The value class pattern: parts of an element that are its value in place of the whole.

use scraper::node::Element;

use super::classes::{self, Dialect, has_class};
use super::page::Page;
use super::text::{Pictures, text};
use super::time;
use super::walk::{Edge, Walk};
use crate::parse::document::{Ref, attribute};

/// A part of the value.
#[derive(Debug)]
struct Piece {
    text: String,
    /// Whether it is the text of an element; that of an attribute is not trimmed.
    is_content: bool,
}

/// The value of `p-*` and `u-*` by this pattern: the parts, put together. `inside` tells what counts
/// in the element.
pub(super) fn joined<'a>(node: Ref<'a>, page: &Page<'a>, inside: Dialect) -> Option<String> {
    let pieces = pieces(node, page, inside, plain);
    let last = pieces.len().checked_sub(1)?;
    let mut out = String::new();
    for (index, piece) in pieces.iter().enumerate() {
        let mut text = piece.text.as_str();
        if piece.is_content && index == 0 {
            text = text.trim_start_matches(|c: char| c.is_ascii_whitespace());
        }
        if piece.is_content && index == last {
            text = text.trim_end_matches(|c: char| c.is_ascii_whitespace());
        }
        out.push_str(text);
    }
    Some(out)
}

/// The value of `dt-*` by this pattern; a time without date is on the day `implied`.
pub(super) fn time<'a>(
    node: Ref<'a>,
    page: &Page<'a>,
    inside: Dialect,
    implied: Option<&str>,
) -> Option<String> {
    let pieces = pieces(node, page, inside, dated);
    time::compose(pieces.iter().map(|piece| piece.text.as_str()), implied)
}

/// The parts of an element's value: what has the class `value` or `value-title`, but not within
/// another property or item (the suite's reading of the pattern, microformats2-parsing issue 63).
fn pieces<'a>(
    node: Ref<'a>,
    page: &Page<'a>,
    inside: Dialect,
    value_of: fn(&Element) -> Option<&str>,
) -> Vec<Piece> {
    let includes = matches!(inside, Dialect::Classic(_));
    let mut pieces = Vec::new();
    let mut walk = Walk::below(node, page, includes);
    while let Some(edge) = walk.next() {
        let Edge::Open(node) = edge else { continue };
        let Some(element) = node.value().as_element() else {
            continue;
        };
        let is_value = has_class(element, "value");
        let title = || attribute(element, "title").filter(|_| has_class(element, "value-title"));
        if let Some(value) = is_value.then(|| value_of(element)).flatten().or_else(title) {
            if page.budget.take(value.len()) {
                pieces.push(Piece {
                    text: value.to_owned(),
                    is_content: false,
                });
            }
        } else if is_value {
            pieces.push(Piece {
                text: text(node, page, Pictures::Alt, includes),
                is_content: true,
            });
        } else if !classes::begins_item(element, inside) && !classes::is_property(element, inside) {
            continue;
        }
        walk.skip_below();
    }
    pieces
}

/// Value class pattern, "basic parsing".
fn plain(element: &Element) -> Option<&str> {
    match element.name() {
        "img" | "area" => attribute(element, "alt"),
        "data" => attribute(element, "value"),
        "abbr" => attribute(element, "title"),
        _ => None,
    }
}

/// Value class pattern, "date and time parsing".
fn dated(element: &Element) -> Option<&str> {
    match element.name() {
        "time" | "ins" | "del" => attribute(element, "datetime"),
        _ => plain(element),
    }
}
