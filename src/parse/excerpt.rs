//! The words round the link, for readers of the target: what a bare pingback never showed.

use scraper::node::Element;

use crate::model::Excerpt;

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
/// How far back a heading is looked for.
const MAX_STEPS_TO_HEADING: usize = 200;

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
    // Of equal ones `min_by_key` takes the first.
    matches.iter().min_by_key(|link| rank(link.node)).copied()
}

fn rank(node: Ref<'_>) -> u8 {
    let mut in_content = false;
    let mut in_margin = false;
    let mut in_header = false;
    for ancestor in node.ancestors().filter_map(element) {
        match ancestor.name() {
            "article" | "main" => {
                in_content = true;
                // An article's header holds its lead; the page's holds its menu.
                in_header = false;
            }
            "nav" | "aside" | "footer" => in_margin = true,
            "header" => in_header = true,
            "head" => return 6,
            _ => {
                in_content |= attribute(ancestor, "role") == Some("main");
                if is_hidden(ancestor) {
                    return 5;
                }
            }
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
    let mut blocks = link.ancestors().filter(|&node| is_block(node));
    let mut block = blocks.next()?;
    let mut flow = read(block, link);
    let mut rule = format!("<{}> round the link", name(block));
    if chars_beyond_link(&flow) < MIN_CHARS {
        let heading = heading_before(block);
        let listed = matches!(name(block), "li" | "dt" | "dd" | "td" | "th");
        if !(listed && heading.is_some()) {
            for wider in blocks.take(MAX_WIDENINGS) {
                if matches!(name(wider), "body" | "html") {
                    break;
                }
                block = wider;
                flow = read(block, link);
                rule = format!("<{}> round the link, widened", name(block));
                if chars_beyond_link(&flow) >= MIN_CHARS || is_whole(block) {
                    break;
                }
            }
        }
        if chars_beyond_link(&flow) < MIN_CHARS
            && let Some(heading) = heading
        {
            let text = text_of(heading);
            let said = flow.before().contains(&text) || flow.linked().contains(&text);
            if !text.is_empty() && !said {
                let colon = if text.ends_with([':', '?', '!', '.', '：', '…']) {
                    " "
                } else {
                    ": "
                };
                flow.precede(&format!("{text}{colon}"));
                rule = format!("<{}> and the heading before it", name(block));
            }
        }
    }
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

fn chars_beyond_link(flow: &Flow) -> usize {
    let count = |text: &str| text.trim().chars().take(MIN_CHARS).count();
    count(flow.before()).saturating_add(count(flow.after()))
}

/// The inline text of `block`, with `link` marked in it.
fn read(block: Ref<'_>, link: Ref<'_>) -> Flow {
    // A hidden element is left out unless the link is in it: then there is nothing else to show.
    let round: Vec<_> = link.ancestors().map(|node| node.id()).collect();
    let mut flow = Flow::default();
    let mut edges = Edges::of(block);
    let mut in_link = false;
    while let Some(edge) = edges.next() {
        match edge {
            Edge::Open(node) => {
                if node.id() == link.id() {
                    in_link = true;
                    flow.begin_link();
                    if element(node).is_some_and(|e| !has_text(e)) {
                        flow.push(alternative(node));
                    }
                }
                if let Some(text) = node.value().as_text() {
                    flow.push(text);
                } else if let Some(element) = element(node) {
                    let is_round =
                        |node: Ref<'_>| node.id() == link.id() || round.contains(&node.id());
                    if is_left_out(element) && !is_round(node) {
                        edges.skip_below(node);
                        continue;
                    }
                    match element.name() {
                        "img" if in_link && node.id() != link.id() => flow.push(alternative(node)),
                        "br" | "hr" => flow.space(),
                        _ if is_block(node) => flow.space(),
                        _ => {}
                    }
                }
                if node.id() == link.id() && node.first_child().is_none() {
                    in_link = false;
                    flow.end_link();
                }
            }
            Edge::Close(node) => {
                if node.id() == link.id() {
                    in_link = false;
                    flow.end_link();
                } else if is_block(node) {
                    flow.space();
                }
            }
        }
        if flow.is_enough() {
            break;
        }
    }
    if flow.linked().is_empty() {
        flow.name_link(label(link));
    }
    flow
}

fn has_text(element: &Element) -> bool {
    !matches!(
        element.name(),
        "img" | "area" | "embed" | "iframe" | "source" | "track" | "video" | "audio" | "object"
    )
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

fn is_left_out(element: &Element) -> bool {
    matches!(
        element.name(),
        "script"
            | "style"
            | "template"
            | "textarea"
            | "select"
            | "button"
            | "iframe"
            | "object"
            | "video"
            | "audio"
            | "svg"
            | "math"
            | "head"
            | "title"
            | "rp"
            | "rt"
            | "noembed"
            | "noframes"
    ) || is_hidden(element)
}

fn is_hidden(element: &Element) -> bool {
    attribute(element, "hidden").is_some()
        || attribute(element, "style").is_some_and(|style| {
            let style: String = style.chars().filter(|c| !c.is_whitespace()).collect();
            style.to_ascii_lowercase().contains("display:none")
        })
}

fn name(node: Ref<'_>) -> &str {
    element(node).map_or("?", Element::name)
}

/// Blocks that hold a whole text: beyond them is the page.
fn is_whole(node: Ref<'_>) -> bool {
    matches!(name(node), "article" | "main" | "body" | "html")
}

fn is_heading(node: Ref<'_>) -> bool {
    matches!(name(node), "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

/// Whether a browser begins a new line for the element.
pub(super) fn is_block(node: Ref<'_>) -> bool {
    matches!(
        name(node),
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "caption"
            | "center"
            | "dd"
            | "details"
            | "dialog"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hgroup"
            | "html"
            | "legend"
            | "li"
            | "main"
            | "menu"
            | "nav"
            | "ol"
            | "p"
            | "pre"
            | "search"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "ul"
    )
}

/// The heading under which `block` stands.
fn heading_before(block: Ref<'_>) -> Option<Ref<'_>> {
    let mut at = block;
    for _ in 0..MAX_STEPS_TO_HEADING {
        if let Some(before) = at.prev_sibling() {
            at = before;
            if is_heading(at) {
                return Some(at);
            }
            if matches!(name(at), "header" | "hgroup" | "summary") {
                let inner = nodes(at).take(MAX_STEPS_TO_HEADING);
                if let Some(heading) = inner.filter(|&node| is_heading(node)).last() {
                    return Some(heading);
                }
            }
        } else {
            at = at.parent()?;
            if is_whole(at) {
                return None;
            }
        }
    }
    None
}
