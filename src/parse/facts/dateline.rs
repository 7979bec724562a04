//! The short lines by the article's heading: old themes say there, in no element that tells, who wrote it
//! and when.

use crate::parse::document::{Ref, attribute, element, has_word, nodes};
use crate::parse::survey::text_of;

use super::place::{Frame, Place};
use super::sources::{Source, Sources, as_text};
use super::spot::{Said, Spot};

/// Bytes of a line: what is longer is the article.
const MAX_LINE_BYTES: usize = 100;
/// Elements after the heading that are looked at, and those round it out of which they are taken.
const MAX_AFTER: usize = 60;
const MAX_OUTWARDS: usize = 4;
/// The same before it, where the page's own head begins soon.
const MAX_BEFORE: usize = 3;
const MAX_OUTWARDS_BEFORE: usize = 2;
/// Words of a line that ends like a sentence and is none.
const MAX_SENTENCE_WORDS: usize = 4;

/// The lines, those after the heading first.
pub(super) fn lines<'a>(sources: &Sources<'a, '_>) -> Vec<Said<'a>> {
    let heading = sources.said(Source::Heading).into_iter().next();
    let Some(Spot::Node(heading)) = heading.map(|said| said.spot) else {
        return Vec::new();
    };
    if sources.frame.place(heading) == Place::Elsewhere {
        return Vec::new();
    }
    let before = before(heading);
    after(heading, sources.frame)
        .into_iter()
        .chain(before)
        .filter(|node| sources.frame.place(*node) != Place::Elsewhere && !tells_event(*node))
        .map(as_text)
        .filter(|said| is_line(&said.text))
        .collect()
}

/// Elements after the heading, in document order, as far as nothing but lines is among them.
fn after<'a>(heading: Ref<'a>, frame: &Frame<'a>) -> Vec<Ref<'a>> {
    let mut found = Vec::new();
    let outwards = std::iter::once(heading).chain(heading.ancestors());
    for outer in outwards.take(MAX_OUTWARDS) {
        let own = outer.next_siblings().filter(|node| !is_peer(*node, frame));
        for node in own.flat_map(nodes) {
            let Some(own) = element(node) else { continue };
            if found.len() >= MAX_AFTER {
                return found;
            }
            match own.name() {
                "h1" | "h2" => return found,
                "p" if text_of(node).len() > MAX_LINE_BYTES => return found,
                "script" | "style" | "a" | "b" | "i" | "em" | "strong" | "br" | "img" => {}
                _ if attribute(own, "hidden").is_some() => {}
                _ => found.push(node),
            }
        }
    }
    found
}

/// Whether an element is another of those of which one holds the link: another post of a thread.
fn is_peer<'a>(node: Ref<'a>, frame: &Frame<'a>) -> bool {
    let class = |node: Ref<'a>| element(node).and_then(|own| attribute(own, "class"));
    let Some(name) = class(node).filter(|_| !frame.holds_link(node)) else {
        return false;
    };
    let mut others = node.next_siblings();
    others.any(|other| class(other) == Some(name) && frame.holds_link(other))
}

/// Elements right before the heading, the nearest first.
fn before(heading: Ref<'_>) -> Vec<Ref<'_>> {
    let outwards = std::iter::once(heading).chain(heading.ancestors());
    outwards
        .take(MAX_OUTWARDS_BEFORE)
        .flat_map(|outer| {
            let elements = outer
                .prev_siblings()
                .filter(|node| element(*node).is_some());
            elements.take(MAX_BEFORE)
        })
        .collect()
}

/// Whether the times of an element are those of an event, marked as such.
fn tells_event(node: Ref<'_>) -> bool {
    const TIMES: [&str; 6] = [
        "dt-start",
        "dt-end",
        "dtstart",
        "dtend",
        "startDate",
        "endDate",
    ];
    nodes(node).filter_map(element).any(|element| {
        let is_one = |word| has_word(element, "class", word) || has_word(element, "itemprop", word);
        TIMES.into_iter().any(is_one)
    })
}

/// Whether a text is a line of its own, and no sentence.
fn is_line(text: &str) -> bool {
    let is_sentence =
        text.ends_with(['.', '!', '?']) && text.split_whitespace().count() > MAX_SENTENCE_WORDS;
    !text.is_empty() && text.len() <= MAX_LINE_BYTES && !is_sentence
}
