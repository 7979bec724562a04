//! Actors as h-cards.

use serde_json::Value;

use super::super::value::{Object, add_text, item_of, list, plain, text};
use super::{is_a, link};
use crate::parse::microformats::{Item, Value as Mf2};

const TYPES: [&str; 5] = ["Application", "Group", "Organization", "Person", "Service"];

/// Whether the object is somebody who can act.
pub(super) fn is(object: &Object) -> bool {
    TYPES.iter().any(|of| is_a(object, of))
}

/// The actor's card; none if nothing but its `id` is known.
pub(super) fn card(object: &Object) -> Option<Item> {
    let handle = text(object, "preferredUsername");
    let name = text(object, "name").or(handle);
    let icon = list(object.get("icon"))
        .iter()
        .find_map(|icon| link::first(Some(icon)));
    if name.is_none() && icon.is_none() && !object.contains_key("url") {
        return None;
    }
    let mut card = item_of("h-card");
    add_text(&mut card, "name", name);
    add_text(&mut card, "nickname", handle);
    add_text(&mut card, "url", link::page(object));
    add_text(&mut card, "uid", text(object, "id"));
    add_text(&mut card, "photo", icon);
    add_text(
        &mut card,
        "note",
        text(object, "summary").map(plain).as_deref(),
    );
    Some(card)
}

/// An author: the card, or the address of whoever is only named.
pub(super) fn author(value: &Value) -> Option<Mf2> {
    let card = value.as_object().and_then(card);
    match card {
        Some(card) => Some(Mf2::Item(Box::new(card))),
        None => link::first(Some(value)).map(|href| Mf2::Text(href.to_owned())),
    }
}
