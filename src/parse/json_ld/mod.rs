//! What a page's JSON-LD scripts say of it in the words of schema.org.
//!
//! | module | what it knows |
//! |---|---|
//! | `mend` | JSON as pages have it |
//! | `objects` | the objects, where each stands, what a reference means |
//! | `subject` | which of them is the page |
//!
//! Scripts are of any length and shape: each, and all together, are read up to a bound, and what is
//! not understood says nothing.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::entities::decoded;

mod mend;
mod objects;
mod subject;

#[cfg(test)]
mod tests;

pub(super) use self::subject::{Told, is_article};

/// A script longer than this is data, not a description of the page.
const MAX_SCRIPT_BYTES: usize = 256 * 1024;
/// All scripts together.
const MAX_ALL_BYTES: usize = 512 * 1024;
/// Values that are looked at of one member.
const MAX_VALUES: usize = 64;

/// Whose member it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// The article, or whatever is to be read on the page.
    Article,
    /// The page.
    Page,
    /// The site that the page belongs to.
    Site,
    /// Who publishes it.
    Publisher,
}

/// A value of a member, and the way to it.
#[derive(Debug, Clone)]
pub(super) struct Member<T> {
    pub(super) value: T,
    /// `@graph[1].author`.
    pub(super) path: String,
}

/// Somebody who is named as the author.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Agent<'v> {
    pub(super) name: Option<Cow<'v, str>>,
    pub(super) url: Option<&'v str>,
    pub(super) image: Option<&'v str>,
    /// Whether it is said to be an organisation, and not a person.
    pub(super) is_organization: bool,
}

/// The values of the scripts; those that are not JSON are passed over.
pub(super) fn parse(scripts: &[&str]) -> Vec<Value> {
    let mut room = MAX_ALL_BYTES;
    scripts
        .iter()
        .filter(|script| script.len() <= MAX_SCRIPT_BYTES)
        .map_while(|script| {
            room = room.checked_sub(script.len())?;
            Some(script)
        })
        .filter_map(|script| mend::parse(script))
        .collect()
}

/// The values of an array, or the one value.
fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let values = match value {
        None | Some(Value::Null) => &[][..],
        Some(Value::Array(items)) => items,
        Some(value) => std::slice::from_ref(value),
    };
    values.iter().take(MAX_VALUES)
}

/// The types of an object, without their vocabulary's address.
fn types(members: &Map<String, Value>) -> impl Iterator<Item = &str> {
    list(members.get("@type"))
        .filter_map(Value::as_str)
        .map(|of| of.rsplit_once(['/', '#', ':']).map_or(of, |(_, name)| name))
}

/// A text, or the name of what is described in its place. Publishing systems write character
/// references into it that belong in HTML.
fn word(value: &Value) -> Option<Cow<'_, str>> {
    let text = value.as_str().or_else(|| {
        let object = value.as_object()?;
        let named = object.get("@value").or_else(|| object.get("name"));
        list(named).find_map(Value::as_str)
    })?;
    (!text.trim().is_empty()).then(|| decoded(text))
}
