//! The words round the link, for readers of the target: what a bare pingback never showed.
//!
//! They are those of the link's paragraph, list item or cell. Where that says nothing but the
//! link, it depends on what the link is: the headline of what follows, the context of a reply, an
//! item of a list under a heading, or a line between two paragraphs.

mod best;
mod intro;
mod kind;
mod reply;
mod text;

use crate::model::Excerpt;

pub(super) use self::best::best;
use self::intro::{heading_before, intro_before};
pub(super) use self::kind::{is_block, is_hidden};
use self::kind::{is_heading, is_list, is_margin, is_whole, name};
use self::reply::has_words;
use self::text::{follow, read, read_into};
use super::document::{Ref, element};
use super::flow::Flow;
use super::survey::text_of;
use super::words::{cut_end, cut_start};

/// Graphemes shown on each side of the link.
pub(super) const SIDE_GRAPHEMES: usize = 140;
/// Graphemes of the linking words.
pub(super) const LINKED_GRAPHEMES: usize = 100;
/// A block that says less than this beyond the link says nothing about it.
const MIN_CHARS: usize = 20;
/// How often the excerpt is widened to the block round the block.
const MAX_WIDENINGS: usize = 3;
/// A table's row that is longer than this lays out a page.
const MAX_ROW_BYTES: usize = 300;
/// Text after the link that is enough for any excerpt.
const ENOUGH_BYTES: usize = 8 * 1024;
/// How far back or forth other text is looked for.
const MAX_STEPS: usize = 200;

/// An excerpt, and the rule that found it.
#[derive(Debug)]
pub(super) struct Found {
    /// The excerpt.
    pub(super) excerpt: Excerpt,
    /// Which block it was taken from.
    pub(super) rule: String,
}

/// The words round `link`.
pub(super) fn excerpt(link: Ref<'_>) -> Option<Found> {
    if link
        .ancestors()
        .filter_map(element)
        .any(|e| e.name() == "head")
    {
        return None;
    }
    let (flow, rule) = round(link)?;
    let excerpt = cut(&flow);
    (excerpt != Excerpt::default()).then_some(Found { excerpt, rule })
}

/// The flow as an excerpt, cut to size.
pub(super) fn cut(flow: &Flow) -> Excerpt {
    Excerpt {
        before: cut_start(flow.before(), SIDE_GRAPHEMES).into_owned(),
        linked: cut_end(flow.linked(), LINKED_GRAPHEMES).into_owned(),
        after: cut_end(flow.after(), SIDE_GRAPHEMES).into_owned(),
    }
}

/// The text round the link, and where it is from.
fn round(link: Ref<'_>) -> Option<(Flow, String)> {
    let block = link.ancestors().find(|&node| is_block(node))?;
    let flow = read(block, link);
    let (before, after) = flow.paragraph();
    if reply::is_context(link, before, after) {
        return Some(answer(flow, link, block));
    }
    let own = settled(flow);
    let rule = format!("<{}> round the link", name(block));
    if says_enough(&own) {
        return Some((own, rule));
    }
    if is_heading(block) || name(block) == "dt" {
        let mut flow = own;
        follow(&mut flow, block, link);
        flow.smooth();
        return Some((flow, format!("<{}> and what follows it", name(block))));
    }
    if matches!(name(block), "figcaption" | "caption") && has_words(own.before()) {
        return Some((own, rule));
    }
    for outer in std::iter::once(block).chain(block.ancestors()) {
        match name(outer) {
            "li" | "dd" => return Some(item(outer, link)),
            "td" | "th" => return Some(cell(outer, link)),
            _ if is_boundary(outer) || is_list(outer) => break,
            _ => {}
        }
    }
    Some(widened(block, link, own))
}

/// What an entry says that links to what it answers: the words after that, not those round it.
fn answer<'a>(mut flow: Flow, link: Ref<'a>, block: Ref<'a>) -> (Flow, String) {
    let mut context = flow.clone();
    context.keep_paragraph();
    let mut rule = "the reply's own text";
    if let Some(content) = reply::content(link) {
        flow = context.clone();
        flow.forget_after();
        read_into(&mut flow, content, link);
    } else {
        flow.forget_paragraph_after();
        if !has_words(flow.after()) {
            flow.forget_after();
            follow(&mut flow, block, link);
        }
        rule = "what follows the reply's context";
    }
    if !has_words(flow.after()) {
        context.smooth();
        return (context, format!("<{}> round the link", name(block)));
    }
    flow.keep_paragraph_before();
    if reply::is_label(flow.before()) {
        flow.forget_before();
    }
    flow.smooth();
    (flow, rule.to_owned())
}

/// A list item that says little beyond the link: what introduces the list tells more than the
/// items beside it.
fn item(item: Ref<'_>, link: Ref<'_>) -> (Flow, String) {
    let mut flow = settled(read(item, link));
    let mut rule = format!("<{}> round the link", name(item));
    if says_enough(&flow) {
        return (flow, rule);
    }
    let list = item.ancestors().find(|&node| is_list(node));
    let start = if name(item) == "dd" { Some(item) } else { list };
    if let Some(intro) = start.and_then(intro_before) {
        if precede(&mut flow, &intro) {
            rule = format!("<{}> and what introduces it", name(item));
        }
    } else if !has_words(flow.before())
        && !has_words(flow.after())
        && let Some(list) = list
    {
        flow = settled(read(list, link));
        rule = format!("<{}> round the link, widened", name(list));
    }
    (flow, rule)
}

/// A cell that says little beyond the link: the rest of its row says what it is about.
fn cell(cell: Ref<'_>, link: Ref<'_>) -> (Flow, String) {
    let mut own = settled(read(cell, link));
    let mut rule = format!("<{}> round the link", name(cell));
    if says_enough(&own) {
        return (own, rule);
    }
    if let Some(row) = cell.ancestors().find(|&node| name(node) == "tr") {
        let mut flow = read(row, link);
        flow.smooth();
        let len = flow.before().len().saturating_add(flow.after().len());
        if says_enough(&flow) && len <= MAX_ROW_BYTES {
            return (flow, "<tr> round the link".to_owned());
        }
    }
    let table = cell.ancestors().find(|&node| name(node) == "table");
    if let Some(intro) = table.and_then(intro_before)
        && precede(&mut own, &intro)
    {
        rule = format!("<{}> and what introduces it", name(cell));
    }
    (own, rule)
}

/// A line that says little beyond the link: it goes with what stands before and after it.
fn widened(block: Ref<'_>, link: Ref<'_>, own: Flow) -> (Flow, String) {
    let mut flow = own;
    let mut at = block;
    // What stands beside it in a menu or at the page's foot has nothing to do with it.
    let in_margin = block.ancestors().any(is_margin);
    if in_margin && (has_words(flow.before()) || has_words(flow.after())) {
        return (flow, format!("<{}> round the link", name(block)));
    }
    let blocks = block.ancestors().filter(|&node| is_block(node));
    for wider in blocks.take(MAX_WIDENINGS) {
        if is_boundary(at) || is_list(wider) || matches!(name(wider), "body" | "html") {
            break;
        }
        at = wider;
        flow = settled(read(wider, link));
        if says_enough(&flow) {
            break;
        }
    }
    let mut rule = format!("<{}> round the link", name(at));
    if at.id() != block.id() {
        rule.push_str(", widened");
    }
    if !says_enough(&flow)
        && let Some(heading) = heading_before(block)
        && precede(&mut flow, &text_of(heading))
    {
        rule = format!("<{}> and the heading before it", name(at));
    }
    (flow, rule)
}

/// Puts what introduces the link before it, unless that is said already.
fn precede(flow: &mut Flow, text: &str) -> bool {
    if !has_words(text) || flow.before().contains(text) || flow.linked().contains(text) {
        return false;
    }
    let colon = if is_ended(text) { " " } else { ": " };
    flow.precede(&format!("{text}{colon}"));
    true
}

fn says_enough(flow: &Flow) -> bool {
    is_enough(flow.before(), flow.after())
}

fn is_enough(before: &str, after: &str) -> bool {
    let count = |text: &str| text.trim().chars().take(MIN_CHARS).count();
    count(before).saturating_add(count(after)) >= MIN_CHARS
}

/// Beyond such a block is other text than that of the link.
fn is_boundary(node: Ref<'_>) -> bool {
    is_whole(node) || name(node) == "header" || is_margin(node)
}

/// The paragraph round the link; or else that and those next to it; or else the whole flow.
pub(super) fn settled(mut flow: Flow) -> Flow {
    let (before, after) = flow.paragraph();
    if is_enough(before, after) {
        flow.keep_paragraph();
    } else {
        let mut near = flow.clone();
        near.keep_neighbours();
        if says_enough(&near) {
            flow = near;
        }
    }
    flow.smooth();
    flow
}

/// Whether a text has an end of its own, so that no colon need be put there.
fn is_ended(text: &str) -> bool {
    text.trim_end().chars().last().is_none_or(|last| {
        !last.is_alphanumeric() && !matches!(last, ')' | ']' | '"' | '”' | '’' | '»')
    })
}
