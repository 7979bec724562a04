//! What stands over a link that says little by itself: the words that introduce its list, its heading.

use unicode_segmentation::UnicodeSegmentation;

use crate::parse::document::{Ref, element, nodes};
use crate::parse::survey::text_of;
use crate::parse::words::{one_line, tail};

use super::kind::{is_block, is_frame, is_heading, is_list, is_unread, name};
use super::reply::has_words;
use super::{ENOUGH_BYTES, MAX_STEPS, SIDE_GRAPHEMES, is_boundary};

/// How far down a heading is looked for in what seems to be wrapped round it alone.
const MAX_WRAPPINGS: usize = 4;

/// What introduces `start`, a list, a table or a definition: the nearest text or heading before it.
pub(super) fn intro_before(start: Ref<'_>) -> Option<String> {
    let mut at = start;
    let mut line: Vec<String> = Vec::new();
    for _ in 0..MAX_STEPS {
        let Some(before) = at.prev_sibling() else {
            if !line.is_empty() {
                break;
            }
            at = at.parent()?;
            if name(at) == "li" {
                // The items before it are none of its business.
                at = at.parent()?;
            }
            // Nor are the rows before its own.
            if is_boundary(at) || name(at) == "tr" {
                return None;
            }
            continue;
        };
        at = before;
        let is_break = is_block(at) || matches!(name(at), "br" | "hr");
        if is_break && !line.is_empty() {
            break;
        }
        if is_heading(at) {
            return (name(at) != "h1").then(|| text_of(at));
        }
        if is_list(at) || matches!(name(at), "table" | "dd") {
            continue;
        }
        let text = match at.value().as_text() {
            Some(text) => one_line(tail(text, ENOUGH_BYTES)),
            None if element(at).is_none_or(is_unread) || is_frame(at) => continue,
            None => text_of(at),
        };
        if !text.is_empty() {
            line.push(text);
            if is_break {
                break;
            }
        }
    }
    line.reverse();
    let text = line.join(" ");
    // The last sentence, if all is too much.
    let last = text.unicode_sentences().last().unwrap_or_default();
    let all = text.chars().count() <= SIDE_GRAPHEMES;
    let text = if all { &text } else { last };
    has_words(text).then(|| text.trim().to_owned())
}

/// The heading under which `block` stands, if it is not the page's title.
pub(super) fn heading_before(block: Ref<'_>) -> Option<Ref<'_>> {
    let mut at = block;
    for _ in 0..MAX_STEPS {
        if let Some(before) = at.prev_sibling() {
            at = before;
            if is_heading(at) {
                return (name(at) != "h1").then_some(at);
            }
            if let Some(heading) = wrapped_heading(at) {
                return (name(heading) != "h1").then_some(heading);
            }
            if matches!(name(at), "header" | "hgroup" | "summary") {
                let inner = nodes(at).take(MAX_STEPS);
                if let Some(heading) = inner.filter(|&node| is_heading(node)).last() {
                    return (name(heading) != "h1").then_some(heading);
                }
            }
        } else {
            at = at.parent()?;
            if is_boundary(at) {
                return None;
            }
        }
    }
    None
}

/// The heading that is all there is in `block`.
fn wrapped_heading(block: Ref<'_>) -> Option<Ref<'_>> {
    let mut at = block;
    for _ in 0..MAX_WRAPPINGS {
        if is_heading(at) {
            return Some(at);
        }
        let mut inner = at.children().filter(|node| {
            let text = node.value().as_text();
            text.map_or(node.value().is_element(), |text| has_words(text))
        });
        let (Some(only), None) = (inner.next(), inner.next()) else {
            return None;
        };
        at = only;
    }
    None
}
