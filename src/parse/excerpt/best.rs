//! Which of several links to the target is shown.

use std::collections::HashMap;

use ego_tree::NodeId;
use scraper::node::Element;

use crate::parse::document::{Ref, attribute, element, nodes};
use crate::parse::survey::Candidate;

use super::kind::{is_block, is_content, is_hidden, is_margin, is_whole};

/// Nodes of a link that are looked at to tell whether it is a card.
const MAX_CARD_NODES: usize = 40;

/// The link that is shown, of several to the same target: one in the text before one in the
/// navigation, one that readers can see before one that they cannot, one among words before a card
/// or a picture.
pub(in crate::parse) fn best<'a>(matches: &[Candidate<'a>]) -> Option<Candidate<'a>> {
    // Links stand in much the same elements, whose classes may be long: each is read once.
    let mut marks = HashMap::new();
    // Of equal ones `min_by_key` takes the first.
    matches
        .iter()
        .min_by_key(|link| (rank(link.node, &mut marks), is_card(link.node)))
        .copied()
}

/// Whether the link is a picture or holds blocks, as the cards do that software makes of addresses.
fn is_card(link: Ref<'_>) -> bool {
    nodes(link).take(MAX_CARD_NODES).any(|node| {
        is_block(node) || element(node).is_some_and(|e| matches!(e.name(), "img" | "picture"))
    })
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
                || is_content(element)
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
