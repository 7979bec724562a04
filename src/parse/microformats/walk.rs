//! [`Walk`]: a subtree in document order, with what classic microformats include in it.
//!
//! The include pattern: within a classic item, `itemref` names elements that belong to it,
//! `a.include` and `object.include` point to one, and a table cell belongs with its `headers`. The
//! included elements are read as if they were the last children of the one that includes them.

use scraper::node::Element;

use super::classes::has_class;
use super::page::Page;
use crate::parse::document::{Ref, attribute, is_inert};

/// Includes within includes. Pages have one; each further level can double the work.
const MAX_INCLUDES: usize = 8;

/// The beginning or the end of a node.
#[derive(Debug, Clone, Copy)]
pub(super) enum Edge<'a> {
    /// A node begins.
    Open(Ref<'a>),
    /// An element ends.
    Close(Ref<'a>),
}

/// What is still to be walked.
#[derive(Debug)]
enum Step<'a> {
    /// A node and those after it.
    Row(Ref<'a>),
    /// An included element.
    Included(Ref<'a>),
    /// The end of an element.
    Close(Ref<'a>),
    /// The end of an included element.
    Leave,
}

/// A walk through all below a node, without recursion. Each node costs a little of the page's
/// budget, and the walk ends with it.
pub(super) struct Walk<'p, 'a> {
    page: &'p Page<'a>,
    steps: Vec<Step<'a>>,
    /// The node opened last, into which the walk has yet to go.
    opened: Option<Ref<'a>>,
    includes: bool,
    included: Vec<Ref<'a>>,
}

impl<'p, 'a> Walk<'p, 'a> {
    /// A walk through all below `root`; `includes` tells whether it stands in a classic item.
    pub(super) fn below(root: Ref<'a>, page: &'p Page<'a>, includes: bool) -> Self {
        let mut walk = Self {
            page,
            steps: Vec::new(),
            opened: None,
            includes,
            included: Vec::new(),
        };
        walk.enter(root);
        walk
    }

    /// Whether what follows stands in a classic item.
    pub(super) fn set_includes(&mut self, includes: bool) {
        self.includes = includes;
    }

    /// Leaves out what is below the node opened last.
    pub(super) fn skip_below(&mut self) {
        self.opened = None;
    }

    fn enter(&mut self, node: Ref<'a>) {
        let found = match node.value().as_element() {
            Some(element) if self.includes => included_in(element),
            _ => Vec::new(),
        };
        for id in found.into_iter().rev() {
            if let Some(target) = self.page.by_id(id)
                && self.may_include(target, node)
            {
                self.steps.push(Step::Included(target));
            }
        }
        self.steps.extend(node.first_child().map(Step::Row));
    }

    /// Nothing may include itself, or what it stands in.
    fn may_include(&self, target: Ref<'a>, from: Ref<'a>) -> bool {
        let mut up = Some(from);
        while let Some(node) = up {
            if node.id() == target.id() || !self.page.budget.take(1) {
                return false;
            }
            up = node.parent();
        }
        if self.included.len() >= MAX_INCLUDES {
            self.page.budget.leave_out();
            return false;
        }
        self.included.iter().all(|node| node.id() != target.id())
    }
}

fn attribute_bytes(node: Ref<'_>) -> usize {
    node.value().as_element().map_or(0, |element| {
        element
            .attrs
            .iter()
            .fold(0, |sum, (_, value)| sum.saturating_add(value.len()))
    })
}

/// The `id`s of what an element includes.
fn included_in(element: &Element) -> Vec<&str> {
    if let Some(ids) = attribute(element, "itemref") {
        return ids.split_ascii_whitespace().collect();
    }
    let link = match element.name() {
        "a" => "href",
        "object" => "data",
        "td" | "th" => {
            return attribute(element, "headers")
                .map(|ids| ids.split_ascii_whitespace().collect())
                .unwrap_or_default();
        }
        _ => return Vec::new(),
    };
    if has_class(element, "include") {
        let id = attribute(element, link).and_then(|link| link.trim().strip_prefix('#'));
        return id.into_iter().collect();
    }
    Vec::new()
}

impl<'a> Iterator for Walk<'_, 'a> {
    type Item = Edge<'a>;

    fn next(&mut self) -> Option<Edge<'a>> {
        if let Some(node) = self.opened.take() {
            self.enter(node);
        }
        loop {
            let node = match self.steps.pop()? {
                Step::Close(node) => return Some(Edge::Close(node)),
                Step::Leave => {
                    self.included.pop();
                    continue;
                }
                Step::Row(node) => {
                    self.steps.extend(node.next_sibling().map(Step::Row));
                    node
                }
                Step::Included(node) => {
                    self.included.push(node);
                    self.steps.push(Step::Leave);
                    node
                }
            };
            // mf2 parsing: what is in a template is no part of the page.
            if is_inert(node.value()) {
                continue;
            }
            // What is included is read again, its attributes too.
            let again = if self.included.is_empty() {
                0
            } else {
                attribute_bytes(node)
            };
            if !self.page.budget.take(again.saturating_add(1)) {
                return None;
            }
            if node.value().is_element() {
                self.steps.push(Step::Close(node));
                self.opened = Some(node);
            }
            return Some(Edge::Open(node));
        }
    }
}
