//! [`Spot`]: where on its page a value stands, as a trace shows it.

use std::borrow::Cow;

use crate::parse::document::{Ref, attribute, element, selector};
use crate::parse::survey::Meta;

/// Where a value stands.
#[derive(Debug, Clone)]
pub(super) enum Spot<'a> {
    Meta(Meta<'a>),
    Node(Ref<'a>),
    Property(Ref<'a>),
    /// The path within the scripts.
    Ld(String),
}

/// A value that a source gives.
#[derive(Debug, Clone)]
pub(super) struct Said<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) spot: Spot<'a>,
}

impl Spot<'_> {
    /// As a person would point to it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Meta(meta) => meta_selector(meta),
            Self::Node(node) => selector(*node),
            Self::Property(node) => {
                let name = element(*node).and_then(|element| {
                    let of = |name| Some((name, attribute(element, name)?));
                    of("itemprop").or_else(|| of("property"))
                });
                let Some((attribute, words)) = name else {
                    return selector(*node);
                };
                format!("{}[{attribute}=\"{}\"]", selector(*node), plain(words))
            }
            Self::Ld(path) => format!("script[type=\"application/ld+json\"] {path}"),
        }
    }
}

/// `meta[property="og:title"]`.
fn meta_selector(meta: &Meta<'_>) -> String {
    format!("meta[{}=\"{}\"]", meta.attribute, plain(meta.name))
}

/// The beginning of an attribute's value that can stand in a selector as it is.
fn plain(value: &str) -> String {
    value
        .chars()
        .take_while(|c| c.is_ascii_graphic() && !matches!(c, '"' | '\\'))
        .take(64)
        .collect()
}
