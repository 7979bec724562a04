//! The value of one property of one element. mf2 parsing, "parsing a p-/u-/dt-/e- property".

use std::collections::BTreeMap;

use scraper::node::Element;

use super::Detail;
use super::classes::{Dialect, Prefix};
use super::item::{Html, Image, Value};
use super::markup::inner_html;
use super::page::Page;
use super::text::{Pictures, trimmed};
use super::value_class;
use crate::parse::document::{Ref, attribute};

/// An element that is a value of some property.
#[derive(Debug, Clone, Copy)]
pub(super) struct Holder<'p, 'a> {
    /// The page.
    pub(super) page: &'p Page<'a>,
    /// The element's node.
    pub(super) node: Ref<'a>,
    /// The element.
    pub(super) element: &'a Element,
    /// What counts in the item that it stands in.
    pub(super) within: Dialect,
    /// What counts in it: if an item begins at it, what counts in that one.
    pub(super) inside: Dialect,
    /// Its language.
    pub(super) lang: Option<&'a str>,
}

impl<'a> Holder<'_, 'a> {
    /// The value that the element has as such a property; a time without date is on the day `date`.
    pub(super) fn value(&self, prefix: Prefix, date: Option<&str>) -> Value {
        match prefix {
            Prefix::Text => Value::Text(self.text()),
            Prefix::Url => self.url(),
            Prefix::Time => Value::Text(self.time(date)),
            Prefix::Html if self.page.detail == Detail::Outline => Value::Html(Html::default()),
            Prefix::Html => Value::Html(Html {
                html: inner_html(self.node, self.page),
                value: self.content(Pictures::AltOrSrc),
                lang: self.lang.map(str::to_owned),
            }),
        }
    }

    fn attribute(&self, name: &str) -> Option<&'a str> {
        attribute(self.element, name)
    }

    fn content(&self, pictures: Pictures) -> String {
        let includes = matches!(self.inside, Dialect::Classic(_));
        trimmed(self.node, self.page, pictures, includes)
    }

    fn copy(&self, text: &str) -> String {
        if self.page.budget.take(text.len()) {
            text.to_owned()
        } else {
            String::new()
        }
    }

    /// `p-*`
    fn text(&self) -> String {
        if let Some(value) = value_class::joined(self.node, self.page, self.inside) {
            return value;
        }
        let value = match self.element.name() {
            "abbr" | "link" => self.attribute("title"),
            "data" | "input" => self.attribute("value"),
            "img" | "area" => self.attribute("alt"),
            _ => None,
        };
        match value {
            Some(value) => self.copy(value),
            None => self.content(Pictures::AltOrSrc),
        }
    }

    /// `u-*`
    fn url(&self) -> Value {
        let link = match self.element.name() {
            "a" | "area" | "link" => self.attribute("href"),
            "img" => match self.attribute("src") {
                Some(src) if self.within == Dialect::Second => {
                    return picture(self.page, self.element, src);
                }
                src => src,
            },
            "audio" | "source" | "iframe" => self.attribute("src"),
            "video" => self.attribute("src").or_else(|| self.attribute("poster")),
            "object" => self.attribute("data"),
            _ => None,
        };
        if let Some(link) = link {
            return Value::Url(self.page.absolute(link));
        }
        let value = value_class::joined(self.node, self.page, self.inside);
        let value = value.unwrap_or_else(|| {
            let value = match self.element.name() {
                "abbr" => self.attribute("title"),
                "data" | "input" => self.attribute("value"),
                _ => None,
            };
            value.map_or_else(|| self.content(Pictures::None), |value| self.copy(value))
        });
        Value::Url(self.page.absolute(&value))
    }

    /// `dt-*`
    fn time(&self, date: Option<&str>) -> String {
        if let Some(value) = value_class::time(self.node, self.page, self.inside, date) {
            return value;
        }
        let value = match self.element.name() {
            "time" | "ins" | "del" => self.attribute("datetime"),
            "abbr" => self.attribute("title"),
            "data" | "input" => self.attribute("value"),
            _ => None,
        };
        match value {
            Some(value) => self.copy(value),
            None => self.content(Pictures::None),
        }
    }
}

/// The address of a picture, with its description and its sizes if it has any. mf2 parsing, "parse
/// an img element for src and alt".
pub(super) fn picture(page: &Page<'_>, element: &Element, src: &str) -> Value {
    let url = page.absolute(src);
    let alt = attribute(element, "alt").filter(|alt| page.budget.take(alt.len()));
    let srcset = attribute(element, "srcset").map_or_else(BTreeMap::new, |text| page.srcset(text));
    if alt.is_none() && srcset.is_empty() {
        return Value::Url(url);
    }
    Value::Image(Image {
        url,
        alt: alt.map(str::to_owned),
        srcset,
    })
}
