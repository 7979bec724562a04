//! The words round the link, for readers of the target: what a bare pingback never showed.
//!
//! They are those of the link's paragraph, list item or cell. Where that says nothing but the
//! link, it depends on what the link is: the headline of what follows, the context of a reply, an
//! item of a list under a heading, or a line between two paragraphs.

mod kind;
mod reply;

use std::collections::HashMap;

use ego_tree::NodeId;
use scraper::node::Element;
use unicode_segmentation::UnicodeSegmentation;

use crate::model::Excerpt;

use self::kind::{has_text, is_frame, is_heading, is_list, is_margin, is_unread, is_whole, name};
pub(super) use self::kind::{is_block, is_hidden};
use self::reply::has_words;
use super::document::{Edge, Edges, Ref, attribute, element, nodes};
use super::flow::Flow;
use super::survey::{Candidate, text_of};
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

/// The link that is shown, of several to the same target: one in the text before one in the
/// navigation, one that readers can see before one that they cannot.
pub(super) fn best<'a>(matches: &[Candidate<'a>]) -> Option<Candidate<'a>> {
    // Links stand in much the same elements, whose classes may be long: each is read once.
    let mut marks = HashMap::new();
    // Of equal ones `min_by_key` takes the first.
    matches
        .iter()
        .min_by_key(|link| rank(link.node, &mut marks))
        .copied()
}

/// What an element says of the links in it.
#[derive(Debug, Clone, Copy)]
struct Marks {
    is_hidden: bool,
    is_margin: bool,
    is_content: bool,
}

impl Marks {
    fn of(node: Ref<'_>, element: &Element) -> Self {
        let is_whole = is_whole(node) && !matches!(element.name(), "body" | "html");
        Self {
            is_hidden: is_hidden(element),
            is_margin: is_margin(node),
            is_content: is_whole
                || kind::is_content(element)
                || attribute(element, "role") == Some("main"),
        }
    }
}

fn rank(node: Ref<'_>, marks: &mut HashMap<NodeId, Marks>) -> u8 {
    let mut in_content = false;
    let mut in_margin = false;
    let mut in_header = false;
    for (ancestor, element) in node.ancestors().filter_map(|a| Some((a, element(a)?))) {
        let marks = marks
            .entry(ancestor.id())
            .or_insert_with(|| Marks::of(ancestor, element));
        match element.name() {
            "header" => in_header = true,
            "head" => return 6,
            _ if marks.is_hidden => return 5,
            _ => {}
        }
        in_margin |= marks.is_margin;
        if marks.is_content {
            in_content = true;
            // An article's header holds its lead; the page's holds its menu.
            in_header = false;
        }
    }
    let is_link = element(node).is_some_and(|e| matches!(e.name(), "a" | "area"));
    match (in_content, in_margin || in_header, is_link) {
        (true, false, true) => 0,
        (false, false, true) => 1,
        (_, false, false) => 2,
        (_, true, true) => 3,
        (_, true, false) => 4,
    }
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
fn settled(mut flow: Flow) -> Flow {
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

/// The text of `block`, with `link` marked in it.
fn read(block: Ref<'_>, link: Ref<'_>) -> Flow {
    let mut flow = Flow::default();
    read_into(&mut flow, block, link);
    if flow.linked().is_empty() {
        flow.name_link(label(link));
    }
    flow
}

/// The flow goes on with the text of `root`: it is the block round the link, or one after it.
///
/// Frames and hidden elements are left out unless the link is in them: then there is nothing else
/// to show. Says whether the text goes on beyond `root`.
fn read_into(flow: &mut Flow, root: Ref<'_>, link: Ref<'_>) -> bool {
    // The elements from `root` down to the link, the next to come last.
    let mut path: Vec<_> = std::iter::once(link)
        .chain(link.ancestors())
        .take_while(|node| node.id() != root.id())
        .collect();
    let follows = flow.is_after_link();
    let mut edges = Edges::of(root);
    let mut inside = false;
    let mut heading = None;
    while let Some(edge) = edges.next() {
        match edge {
            Edge::Open(node) => {
                let is_link = node.id() == link.id();
                let mut is_round = node.id() == root.id();
                if path.last().is_some_and(|next| next.id() == node.id()) {
                    path.pop();
                    is_round = true;
                }
                if is_link {
                    inside = true;
                    flow.begin_link();
                    if element(node).is_some_and(|e| !has_text(e)) {
                        flow.push(alternative(node));
                    }
                }
                if let Some(text) = node.value().as_text() {
                    flow.push(text);
                } else if let Some(element) = element(node) {
                    if !is_round && (is_unread(element) || !inside && is_frame(node)) {
                        edges.skip_below(node);
                        continue;
                    }
                    if is_heading(node) && !is_round && !inside {
                        // It begins another subject. The first may be the page's title.
                        if flow.is_after_link() && (!follows || has_words(flow.after())) {
                            return false;
                        }
                        if !follows {
                            flow.forget_before();
                        }
                        if follows || name(node) == "h1" {
                            edges.skip_below(node);
                            continue;
                        }
                        heading = Some(node.id());
                    }
                    match element.name() {
                        "img" if inside && !is_link => flow.push(alternative(node)),
                        "br" => flow.end_line(),
                        "td" | "th" => flow.end_cell(),
                        "hr" => flow.end_paragraph(),
                        _ if is_block(node) => flow.end_paragraph(),
                        _ => {}
                    }
                }
                if is_link && node.first_child().is_none() {
                    inside = false;
                    flow.end_link();
                }
            }
            Edge::Close(node) => {
                if node.id() == link.id() {
                    inside = false;
                    flow.end_link();
                } else if matches!(name(node), "td" | "th") {
                    flow.end_cell();
                } else if is_block(node) {
                    if heading == Some(node.id()) && !is_ended(flow.before()) {
                        flow.push(":");
                    }
                    flow.end_paragraph();
                }
            }
        }
        if flow.is_enough() {
            return false;
        }
    }
    true
}

/// The flow goes on with what follows `block` in its text, up to the next heading or term.
fn follow(flow: &mut Flow, block: Ref<'_>, link: Ref<'_>) {
    let mut at = block;
    flow.end_paragraph();
    for _ in 0..MAX_STEPS {
        if let Some(next) = at.next_sibling() {
            at = next;
            let Some(element) = element(at) else {
                read_into(flow, at, link);
                continue;
            };
            if is_unread(element) || is_frame(at) {
                continue;
            }
            if is_heading(at) || name(at) == "dt" {
                return;
            }
            if !read_into(flow, at, link) || flow.after().len() > ENOUGH_BYTES {
                return;
            }
        } else if let Some(parent) = at.parent() {
            at = parent;
            let page = at
                .parent()
                .is_none_or(|outer| matches!(name(outer), "body" | "html"));
            let is_header = name(at) == "header" && !page;
            if (is_boundary(at) && !is_header)
                || is_list(at)
                || matches!(name(at), "li" | "dd" | "td" | "th")
                || element(at).is_some_and(kind::is_content)
            {
                return;
            }
        } else {
            return;
        }
    }
}

fn alternative(node: Ref<'_>) -> &str {
    element(node)
        .and_then(|e| attribute(e, "alt").or_else(|| attribute(e, "title")))
        .unwrap_or_default()
}

fn label(link: Ref<'_>) -> &str {
    element(link)
        .and_then(|e| attribute(e, "aria-label").or_else(|| attribute(e, "title")))
        .unwrap_or_default()
}

/// Whether a text has an end of its own, so that no colon need be put there.
fn is_ended(text: &str) -> bool {
    text.trim_end().chars().last().is_none_or(|last| {
        !last.is_alphanumeric() && !matches!(last, ')' | ']' | '"' | '”' | '’' | '»')
    })
}

/// What introduces `start`, a list, a table or a definition: the nearest text or heading before it.
fn intro_before(start: Ref<'_>) -> Option<String> {
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
            if is_boundary(at) {
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
            Some(text) => super::words::one_line(super::words::tail(text, ENOUGH_BYTES)),
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
fn heading_before(block: Ref<'_>) -> Option<Ref<'_>> {
    let mut at = block;
    for _ in 0..MAX_STEPS {
        if let Some(before) = at.prev_sibling() {
            at = before;
            if is_heading(at) {
                return (name(at) != "h1").then_some(at);
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
