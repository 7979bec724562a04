//! The text of a block and of what follows it, with the link marked in it.

use super::kind::{
    has_text, is_block, is_content, is_frame, is_heading, is_list, is_unread, name, spoken,
};
use super::reply::has_words;
use super::{ENOUGH_BYTES, MAX_STEPS, MAX_WIDENINGS, is_boundary, is_ended};
use crate::parse::document::{Edge, Edges, Ref, attribute, element};
use crate::parse::flow::Flow;

/// The text of `block`, with `link` marked in it.
pub(super) fn read(block: Ref<'_>, link: Ref<'_>) -> Flow {
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
pub(super) fn read_into(flow: &mut Flow, root: Ref<'_>, link: Ref<'_>) -> bool {
    // The elements from `root` down to the link, the next to come last.
    let mut path: Vec<_> = std::iter::once(link)
        .chain(link.ancestors())
        .take_while(|node| node.id() != root.id())
        .collect();
    let follows = flow.is_after_link();
    let mut edges = Edges::of(root);
    let mut inside = false;
    let mut heading = None;
    // How many elements are open in which the ends of lines count.
    let mut in_lines = usize::from(follows_lines(root));
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
                    if in_lines > 0 {
                        flow.push_lines(text);
                    } else {
                        flow.push(text);
                    }
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
                        "img" => flow.push(spoken(element).unwrap_or_default()),
                        "pre" if node.first_child().is_some() => {
                            in_lines = in_lines.saturating_add(1);
                            flow.end_paragraph();
                        }
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
                    in_lines = in_lines.saturating_sub(usize::from(name(node) == "pre"));
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

/// Whether `root` stands in text of which the ends of lines count.
fn follows_lines(root: Ref<'_>) -> bool {
    root.ancestors()
        .take(MAX_WIDENINGS)
        .any(|node| name(node) == "pre")
}

/// The flow goes on with what follows `block` in its text, up to the next heading or term.
pub(super) fn follow(flow: &mut Flow, block: Ref<'_>, link: Ref<'_>) {
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
                || element(at).is_some_and(is_content)
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
