//! What a page's microformats are, as plain values: [`Microformats`], [`Item`], [`Value`].

use std::collections::BTreeMap;

use crate::parse::words::one_line;

/// All that was found on a page. mf2 parsing, "parse a document for microformats".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Microformats {
    /// The items that stand in no other, in document order.
    pub items: Vec<Item>,
    /// For each `rel` the addresses it is given to, each once, in document order.
    pub rels: BTreeMap<String, Vec<String>>,
    /// For each of those addresses what is known of it.
    pub rel_urls: BTreeMap<String, RelUrl>,
    /// Whether the page was read to its end. If not, what is missing may still be there.
    pub complete: bool,
}

/// One microformat.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Item {
    /// Its types, such as `h-entry`: sorted, each once. There is at least one.
    pub types: Vec<String>,
    /// Its properties, without prefix, each with its values in document order.
    pub properties: BTreeMap<String, Vec<Value>>,
    /// The items within it that are no property's value.
    pub children: Vec<Item>,
    /// The plain value, if the item is itself the value of a property: the best there is for a
    /// reader who has no use for items.
    pub value: Option<Box<Value>>,
    /// The `id` of its element, unless empty. Classic items have none.
    pub id: Option<String>,
    /// The language of its element, if the page says so.
    pub lang: Option<String>,
    /// Its place among the items of its page, in the order in which they begin: see `Origins`. Copies
    /// of one item have one number.
    pub(in crate::parse) number: Option<usize>,
}

/// The value of a property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Of `p-*` and `dt-*`: text, or a time as it was written.
    Text(String),
    /// Of `u-*`: an address. It is absolute if the page's base allows that.
    Url(String),
    /// Of `u-*` on a picture that has a description or sizes to choose from.
    Image(Image),
    /// Of `e-*`.
    Html(Html),
    /// A nested item.
    Item(Box<Item>),
}

/// A picture.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Image {
    /// Its address.
    pub url: String,
    /// Its description, which may be empty.
    pub alt: Option<String>,
    /// Other sizes: the descriptor (`2x`, `640w`) and the address.
    pub srcset: BTreeMap<String, String>,
}

/// A piece of the page's markup.
///
/// SECURITY: the markup is as the page has it, scripts included. Whoever shows it must sanitise it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Html {
    /// The markup, its addresses made absolute.
    pub html: String,
    /// Its text.
    pub value: String,
    /// Its language, if the page says so.
    pub lang: Option<String>,
}

/// What is known of an address that has a `rel`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RelUrl {
    /// All its relations, sorted, each once.
    pub rels: Vec<String>,
    /// The text of the first link to it; may be empty.
    pub text: String,
    /// `media` of the first link that has one; likewise the following.
    pub media: Option<String>,
    /// `hreflang`
    pub hreflang: Option<String>,
    /// `title`
    pub title: Option<String>,
    /// `type`
    pub mime: Option<String>,
}

impl Item {
    /// Whether `kind` (such as `h-card`) is one of its types.
    pub fn is(&self, kind: &str) -> bool {
        self.types.iter().any(|of| of == kind)
    }

    /// The values of a property; none if it has none.
    pub fn all(&self, property: &str) -> &[Value] {
        self.properties
            .get(property)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// The first value of a property.
    pub fn first(&self, property: &str) -> Option<&Value> {
        self.all(property).first()
    }
}

impl Value {
    /// The value as plain text, as it stands on the page: white space is kept. Of an item its own
    /// `value`.
    pub fn text(&self) -> &str {
        // Values of items are no items, so that this ends.
        let value = match self {
            Self::Item(item) => item.value.as_deref(),
            other => Some(other),
        };
        match value {
            Some(Self::Text(text) | Self::Url(text)) => text,
            Some(Self::Image(image)) => &image.url,
            Some(Self::Html(html)) => &html.value,
            Some(Self::Item(_)) | None => "",
        }
    }

    /// The value on one line, fit to be shown: white space collapsed, controls removed.
    pub fn display(&self) -> String {
        one_line(self.text())
    }

    /// The nested item, if it is one.
    pub fn item(&self) -> Option<&Item> {
        match self {
            Self::Item(item) => Some(item),
            _ => None,
        }
    }

    /// The value without the item that it may stand for.
    pub(super) fn plain(&self) -> Option<&Self> {
        match self {
            Self::Item(item) => item.value.as_deref(),
            other => Some(other),
        }
    }

    /// About how many bytes a copy takes.
    pub(super) fn weight(&self) -> usize {
        let own = match self {
            Self::Text(text) | Self::Url(text) => text.len(),
            Self::Image(image) => image.srcset.iter().fold(
                image
                    .url
                    .len()
                    .saturating_add(image.alt.as_ref().map_or(0, String::len)),
                |sum, (key, url)| sum.saturating_add(key.len()).saturating_add(url.len()),
            ),
            Self::Html(html) => html.html.len().saturating_add(html.value.len()),
            Self::Item(item) => item.weight(),
        };
        own.saturating_add(1)
    }
}

impl Item {
    /// About how many bytes a copy takes. Recursion ends where nesting does, which is bounded.
    pub(super) fn weight(&self) -> usize {
        let types: usize = self.types.iter().map(|of| of.len().saturating_add(1)).sum();
        let values = self.properties.values().flatten().map(Value::weight);
        let children = self.children.iter().map(Self::weight);
        let value = self.value.iter().map(|value| value.weight());
        let id = self.id.iter().map(String::len);
        values
            .chain(children)
            .chain(value)
            .chain(id)
            .fold(types, usize::saturating_add)
    }
}
