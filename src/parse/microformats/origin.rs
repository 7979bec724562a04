//! [`Origins`]: where in the page each item, and each of its properties, was found.

use std::collections::HashMap;

use ego_tree::NodeId;

use super::item::{Item, Value};
use crate::parse::document::Ref;

/// Where one item is.
#[derive(Debug)]
pub(in crate::parse) struct Origin<'a> {
    /// Its element.
    pub(in crate::parse) node: Ref<'a>,
    /// Whether its classes are those of a classic microformat.
    pub(in crate::parse) classic: bool,
    /// The elements of its properties in document order, each with the property's name. What is
    /// implied has none.
    properties: Vec<(&'a str, Ref<'a>)>,
}

impl<'a> Origin<'a> {
    /// The elements of a property.
    pub(in crate::parse) fn all(&self, property: &str) -> impl Iterator<Item = Ref<'a>> {
        self.properties
            .iter()
            .filter(move |(name, _)| *name == property)
            .map(|(_, node)| *node)
    }
}

/// The values of a property that the page gives itself: not what is implied by the lack of them, which
/// for a name is all text there is, and for an address the only link.
pub(in crate::parse) fn explicit<'i>(
    item: &'i Item,
    origin: Option<&Origin<'_>>,
    property: &str,
) -> &'i [Value] {
    match origin {
        Some(origin) if origin.all(property).next().is_none() => &[],
        _ => item.all(property),
    }
}

/// Where the items of a page are, in the order in which they begin.
#[derive(Debug, Default)]
pub(in crate::parse) struct Origins<'a> {
    list: Vec<Origin<'a>>,
    numbers: HashMap<NodeId, usize>,
}

impl<'a> Origins<'a> {
    /// Notes that an item begins; its number.
    pub(super) fn begin(&mut self, node: Ref<'a>, classic: bool) -> usize {
        let number = self.list.len();
        // What classic microformats include is walked again: an item is where it was first.
        self.numbers.entry(node.id()).or_insert(number);
        self.list.push(Origin {
            node,
            classic,
            properties: Vec::new(),
        });
        number
    }

    /// Notes that `node` is a value of a property of the item of that number.
    pub(super) fn note(&mut self, number: usize, property: &'a str, node: Ref<'a>) {
        if let Some(origin) = self.list.get_mut(number) {
            origin.properties.push((property, node));
        }
    }

    /// Where `item` is; none if it is from another page.
    pub(in crate::parse) fn of(&self, item: &Item) -> Option<&Origin<'a>> {
        self.list.get(item.number?)
    }

    /// The number of the item that begins at `node`.
    pub(in crate::parse) fn number_at(&self, node: Ref<'_>) -> Option<usize> {
        self.numbers.get(&node.id()).copied()
    }
}
