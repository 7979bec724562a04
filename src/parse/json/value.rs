//! What all forms of JSON share: one value or several, texts, and how deep to look.

use serde_json::{Map, Value};

use crate::parse::document::Document;
use crate::parse::microformats::{self as mf2, Item};
use crate::parse::survey::text_of;

/// An object.
pub(super) type Object = Map<String, Value>;

/// Objects within objects that are read. What people publish stays below eight.
pub(super) const MAX_DEPTH: usize = 16;

/// The values of an array, or the one value; of null none.
pub(super) fn list(value: Option<&Value>) -> &[Value] {
    match value {
        None | Some(Value::Null) => &[],
        Some(Value::Array(items)) => items,
        Some(value) => std::slice::from_ref(value),
    }
}

/// The value, or the first of several.
pub(super) fn single(value: &Value) -> Option<&Value> {
    list(Some(value)).first()
}

/// The first text under `key` that is not blank.
pub(super) fn text<'a>(object: &'a Object, key: &str) -> Option<&'a str> {
    list(object.get(key))
        .iter()
        .find_map(Value::as_str)
        .filter(|text| !text.trim().is_empty())
}

/// A string as it is, a number or a truth value as it is written.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

/// The text of a piece of HTML, on one line.
pub(super) fn plain(html: &str) -> String {
    if html.contains(['<', '&']) {
        text_of(Document::parse(html).root())
    } else {
        html.trim().to_owned()
    }
}

/// A piece of HTML with its text.
pub(super) fn html(markup: &str, lang: Option<&str>) -> mf2::Value {
    mf2::Value::Html(mf2::Html {
        html: markup.to_owned(),
        value: plain(markup),
        lang: lang.map(str::to_owned),
    })
}

/// An item of one type.
pub(super) fn item_of(kind: &str) -> Item {
    Item {
        types: vec![kind.to_owned()],
        ..Item::default()
    }
}

/// Adds a value to a property.
pub(super) fn add(item: &mut Item, property: &str, value: mf2::Value) {
    item.properties
        .entry(property.to_owned())
        .or_default()
        .push(value);
}

/// Adds a text to a property.
pub(super) fn add_text(item: &mut Item, property: &str, text: Option<&str>) {
    if let Some(text) = text {
        add(item, property, mf2::Value::Text(text.to_owned()));
    }
}
