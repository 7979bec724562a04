//! [`Subject`]: the target, and whether a property names it.

use url::Url;

use crate::model::{PageKey, TargetUrl};
use crate::parse::link::Matcher;
use crate::parse::microformats::{Item, Value};

/// The target as properties may name it.
///
/// That the page links to exactly this target is another question, and decided already. Here the
/// scheme, a trailing slash and the fragment do not count: a reply to `http://ex.com/a` is one to
/// `https://ex.com/a/`.
#[derive(Debug)]
pub(in crate::parse) struct Subject<'t> {
    matcher: &'t Matcher<'t>,
    key: PageKey,
}

impl<'t> Subject<'t> {
    pub(in crate::parse) fn new(target: &TargetUrl, matcher: &'t Matcher<'t>) -> Self {
        Self {
            matcher,
            key: target.page_key(),
        }
    }

    /// What relative addresses are relative to.
    pub(super) fn base(&self) -> &Url {
        self.matcher.base()
    }

    /// Whether the value is, or is an item that is about, the target.
    pub(super) fn is_named_by(&self, value: &Value) -> bool {
        match value {
            Value::Url(url) => self.is(url),
            Value::Image(image) => self.is(&image.url),
            // A word is no relative address.
            Value::Text(text) => text.contains("://") && self.is(text),
            Value::Html(_) => false,
            Value::Item(item) => {
                self.is_of(item)
                    || item
                        .value
                        .as_deref()
                        .is_some_and(|plain| self.is_named_by(plain))
            }
        }
    }

    /// Whether the item's own address is the target.
    pub(super) fn is_of(&self, item: &Item) -> bool {
        item.all("url")
            .iter()
            .chain(item.all("uid"))
            .any(|value| value.item().is_none() && self.is_named_by(value))
    }

    /// Whether any value of the property names the target.
    pub(super) fn is_in(&self, item: &Item, property: &str) -> bool {
        item.all(property)
            .iter()
            .any(|value| self.is_named_by(value))
    }

    fn is(&self, text: &str) -> bool {
        self.matcher
            .resolve(text)
            .is_some_and(|url| PageKey::of(&url) == self.key)
    }
}
