//! ActivityStreams 2, as the Fediverse speaks it: objects, activities about them, and actors.
//!
//! | module | what it knows |
//! |---|---|
//! | `activity` | who did what to which object |
//! | `object` | notes, articles, events, pictures |
//! | `actor` | persons and their kin |
//! | `link` | addresses, in the many shapes they come in |

mod activity;
mod actor;
mod link;
mod object;

#[cfg(test)]
mod tests;

use serde_json::Value;

use super::value::{MAX_DEPTH, Object, list};
use crate::parse::microformats::Item;

/// The namespace, by which a document says what it is.
const NAMESPACE: &str = "https://www.w3.org/ns/activitystreams";

/// Types that are certainly of this vocabulary, for documents without a context: those that an
/// outbox or an array holds.
const TYPES: [&str; 14] = [
    "Accept",
    "Announce",
    "Article",
    "Collection",
    "Create",
    "Like",
    "Note",
    "OrderedCollection",
    "OrderedCollectionPage",
    "Question",
    "Reject",
    "TentativeAccept",
    "Undo",
    "Update",
];

/// Whether the document has this form.
pub(super) fn is(root: &Value) -> bool {
    let Some(object) = list(Some(root)).first().and_then(Value::as_object) else {
        return false;
    };
    let in_context = list(object.get("@context"))
        .iter()
        .filter_map(Value::as_str)
        .any(|context| context.trim_end_matches('#') == NAMESPACE);
    let linked = ["id", "actor", "attributedTo", "orderedItems", "first"];
    in_context
        || (TYPES.iter().any(|of| is_a(object, of))
            && linked.iter().any(|key| object.contains_key(*key)))
}

/// The items of the document: of a collection its members.
pub(super) fn items(root: &Value) -> Vec<Item> {
    let mut items = Vec::new();
    for value in list(Some(root)) {
        collect(value, &mut items, 0);
    }
    items
}

fn collect(value: &Value, items: &mut Vec<Item>, depth: usize) {
    let Some(object) = value.as_object().filter(|_| depth < MAX_DEPTH) else {
        return;
    };
    let below = depth.saturating_add(1);
    if is_collection(object) {
        for member in members(object) {
            collect(member, items, below);
        }
    } else {
        items.extend(item(object, depth));
    }
}

/// What an object that stands for itself becomes.
fn item(object: &Object, depth: usize) -> Option<Item> {
    if depth >= MAX_DEPTH {
        None
    } else if actor::is(object) {
        actor::card(object)
    } else if activity::is(object) {
        activity::item(object, depth)
    } else {
        object::item(object, object::kind(object), depth)
    }
}

fn is_collection(object: &Object) -> bool {
    [
        "Collection",
        "OrderedCollection",
        "CollectionPage",
        "OrderedCollectionPage",
    ]
    .iter()
    .any(|of| is_a(object, of))
        || object.contains_key("orderedItems")
}

/// The members of a collection that stand in it, or in its first page.
fn members(object: &Object) -> impl Iterator<Item = &Value> {
    let first = object.get("first").and_then(Value::as_object);
    [Some(object), first]
        .into_iter()
        .flatten()
        .flat_map(|page| ["orderedItems", "items"].map(|key| list(page.get(key))))
        .flatten()
}

/// Whether `of` is one of the object's types, with or without the vocabulary's name before it.
fn is_a(object: &Object, of: &str) -> bool {
    types(object).any(|name| name == of)
}

fn types(object: &Object) -> impl Iterator<Item = &str> {
    list(object.get("type").or_else(|| object.get("@type")))
        .iter()
        .filter_map(Value::as_str)
        .map(|name| {
            name.strip_prefix("as:")
                .or_else(|| name.strip_prefix(NAMESPACE)?.strip_prefix('#'))
                .unwrap_or(name)
        })
}
