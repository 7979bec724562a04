//! Addresses: a string, a `Link` with `href`, an object with `url` or `id`, or a list of these.

use serde_json::Value;

use super::super::value::{Object, list, text};

/// An address with what is said of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link<'a> {
    /// The address.
    pub(super) href: &'a str,
    /// The media type, if said.
    pub(super) media_type: Option<&'a str>,
}

/// The addresses that a value names.
pub(super) fn links(value: Option<&Value>) -> impl Iterator<Item = Link<'_>> {
    list(value).iter().filter_map(|value| match value {
        Value::String(href) => Some(Link {
            href,
            media_type: None,
        }),
        Value::Object(object) => Some(Link {
            href: ["href", "url", "id"]
                .into_iter()
                .find_map(|key| text(object, key))?,
            media_type: media_type(object),
        }),
        _ => None,
    })
}

/// The media type that an object names.
pub(super) fn media_type(object: &Object) -> Option<&str> {
    object.get("mediaType").and_then(Value::as_str)
}

/// Where people read the object: the address that is HTML, or the first that may be; else its `id`.
pub(super) fn page(object: &Object) -> Option<&str> {
    let is = |link: &Link<'_>, kind: &str| link.media_type.is_some_and(|of| of.starts_with(kind));
    links(object.get("url"))
        .find(|link| is(link, "text/html"))
        .or_else(|| links(object.get("url")).find(|link| link.media_type.is_none()))
        .map(|link| link.href)
        .or_else(|| text(object, "id"))
}

/// The first address that a value names.
pub(super) fn first(value: Option<&Value>) -> Option<&str> {
    links(value).map(|link| link.href).next()
}
