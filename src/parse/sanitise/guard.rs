//! The second look at what was written. Markup of the `strict` form is known to be harmless; all else
//! goes through a sanitiser that many people have tried to break.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use url::Url;

use super::allow::{DROPPED, KEPT, REL, checked, link};
use super::strict::is_strict;

static GUARD: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut guard = Builder::empty();
    guard
        .tags(KEPT.iter().map(|(name, _)| *name).collect())
        .clean_content_tags(HashSet::from(DROPPED))
        .generic_attributes(HashSet::from(["lang", "dir"]))
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href"])),
            ("abbr", HashSet::from(["title"])),
            ("time", HashSet::from(["datetime"])),
        ]))
        .url_schemes(HashSet::from(["http", "https"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some(REL))
        .strip_comments(true)
        .attribute_filter(attribute);
    guard
});

/// `html` without anything that is not on the list.
pub(super) fn guarded(html: String) -> String {
    if is_strict(&html) {
        html
    } else {
        cleaned(&html)
    }
}

/// What the other sanitiser leaves of `html`.
pub(super) fn cleaned(html: &str) -> String {
    GUARD.clean(html).to_string()
}

fn attribute<'a>(element: &str, name: &str, value: &'a str) -> Option<Cow<'a, str>> {
    if name == "href" {
        // Absolute, so that it is its own base.
        let base = Url::parse(value).ok()?;
        return link(&base, value).map(|_| Cow::Borrowed(value));
    }
    if name == "rel" {
        return (value == REL).then_some(Cow::Borrowed(value));
    }
    checked(element, name, value)
}
