//! The allow-list: elements and attributes that may be shown. Everything else is unwrapped or
//! dropped; nothing is allowed by not being mentioned.

use std::borrow::Cow;

use scraper::node::Element;
use url::Url;

use crate::model::MAX_URL_BYTES;
use crate::parse::document::attribute;
use crate::parse::facts::{tag, web_address};
use crate::parse::words::clean;

/// What every link says of itself: a stranger's, and not our recommendation.
pub(super) const REL: &str = "nofollow ugc noopener";
/// Graphemes of an abbreviation's long form.
const MAX_TITLE: usize = 300;
/// Bytes of a machine-readable time.
const MAX_TIME: usize = 64;

/// How an element stands in the markup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Within a line.
    Inline,
    /// A block of text, without blocks in it.
    Leaf,
    /// A block that holds blocks.
    Holder,
    /// A list: it holds items and nothing else.
    List,
    /// An item, which stands in one of these lists, and holds text or blocks.
    Item(&'static [&'static str]),
    /// An element without content.
    Void,
}

/// The elements that stay, by name.
pub(super) const KEPT: [(&str, Kind); 43] = [
    ("a", Kind::Inline),
    ("abbr", Kind::Inline),
    ("b", Kind::Inline),
    ("blockquote", Kind::Holder),
    ("br", Kind::Void),
    ("cite", Kind::Inline),
    ("code", Kind::Inline),
    ("dd", Kind::Item(&["dl"])),
    ("del", Kind::Inline),
    ("dfn", Kind::Inline),
    ("dl", Kind::List),
    ("dt", Kind::Item(&["dl"])),
    ("em", Kind::Inline),
    ("h1", Kind::Leaf),
    ("h2", Kind::Leaf),
    ("h3", Kind::Leaf),
    ("h4", Kind::Leaf),
    ("h5", Kind::Leaf),
    ("h6", Kind::Leaf),
    ("hr", Kind::Void),
    ("i", Kind::Inline),
    ("ins", Kind::Inline),
    ("kbd", Kind::Inline),
    ("li", Kind::Item(&["ol", "ul"])),
    ("mark", Kind::Inline),
    ("ol", Kind::List),
    ("p", Kind::Leaf),
    ("pre", Kind::Leaf),
    ("q", Kind::Inline),
    ("rp", Kind::Inline),
    ("rt", Kind::Inline),
    ("ruby", Kind::Inline),
    ("s", Kind::Inline),
    ("samp", Kind::Inline),
    ("small", Kind::Inline),
    ("strong", Kind::Inline),
    ("sub", Kind::Inline),
    ("sup", Kind::Inline),
    ("time", Kind::Inline),
    ("u", Kind::Inline),
    ("ul", Kind::List),
    ("var", Kind::Inline),
    ("wbr", Kind::Void),
];

/// The element's entry in the list.
pub(super) fn kept(element: &Element) -> Option<(&'static str, Kind)> {
    entry_of(element.name()).filter(|_| is_html(element))
}

/// How an element of that name stands, if it stays.
pub(super) fn kind_of(name: &str) -> Option<Kind> {
    entry_of(name).map(|(_, kind)| kind)
}

fn entry_of(name: &str) -> Option<(&'static str, Kind)> {
    let at = KEPT.binary_search_by(|(of, _)| (*of).cmp(name)).ok()?;
    KEPT.get(at).copied()
}

/// Whether the element is HTML's, and not one of SVG or MathML of the same name.
fn is_html(element: &Element) -> bool {
    &*element.name.ns == "http://www.w3.org/1999/xhtml"
}

/// Elements that go with all they hold. Content of `noscript` stays: it was parsed as markup.
pub(super) const DROPPED: [&str; 35] = [
    "applet", "audio", "base", "button", "canvas", "datalist", "embed", "frame", "frameset",
    "head", "iframe", "input", "link", "map", "math", "meta", "meter", "noembed", "noframes",
    "object", "optgroup", "option", "param", "portal", "progress", "script", "select", "source",
    "style", "svg", "template", "textarea", "title", "track", "video",
];

/// Whether the element goes with all it holds.
pub(super) fn is_dropped(element: &Element) -> bool {
    !is_html(element) || DROPPED.binary_search(&element.name()).is_ok()
}

/// The one address that a link may have.
pub(super) fn link(base: &Url, href: &str) -> Option<Url> {
    web_address(base, href)
}

/// Whether an address, as it is written in an attribute, is beyond doubt one that a link may have: an
/// http(s) address as the URL parser writes it. `&` stands for itself only as `&amp;`.
pub(super) fn may_link(written: &str) -> bool {
    let after = ["https://", "http://"]
        .iter()
        .find_map(|scheme| written.strip_prefix(scheme));
    let Some((host, path)) = after.and_then(|after| after.split_once('/')) else {
        return false;
    };
    let is_host =
        |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b':' | b'[' | b']');
    let is_path = |b: u8| b.is_ascii_graphic() && !matches!(b, b'\\' | b'"' | b'<' | b'>');
    !host.is_empty()
        && written.len() <= MAX_URL_BYTES
        && host.bytes().all(is_host)
        && path.bytes().all(is_path)
        && path
            .split('&')
            .skip(1)
            .all(|after| after.starts_with("amp;"))
}

/// The attributes of an element beside a link's, written out, each after a space.
pub(super) fn attributes(name: &str, element: &Element) -> String {
    let mut out = String::new();
    if element.attrs.is_empty() {
        return out;
    }
    for of in ["title", "datetime", "lang", "dir"] {
        let value = attribute(element, of).and_then(|value| checked(name, of, value));
        if let Some(value) = value {
            push_attribute(&mut out, of, &value);
        }
    }
    out
}

/// The value of an attribute as it may stay on an element that stays.
pub(super) fn checked<'a>(element: &str, name: &str, value: &'a str) -> Option<Cow<'a, str>> {
    match (element, name) {
        (_, "lang") => tag(value).map(Cow::Owned),
        (_, "dir") => ["ltr", "rtl", "auto"]
            .into_iter()
            .find(|dir| value.trim().eq_ignore_ascii_case(dir))
            .map(Cow::Borrowed),
        ("abbr", "title") => clean(value, MAX_TITLE).map(Cow::Owned),
        ("time", "datetime") => {
            let value = value.trim();
            let is_time = (1..=MAX_TIME).contains(&value.len())
                && value
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-+:., ".contains(&b));
            is_time.then_some(Cow::Borrowed(value))
        }
        _ => None,
    }
}

/// Writes an attribute after a space.
pub(super) fn push_attribute(out: &mut String, name: &str, value: &str) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    push_escaped(out, value);
    out.push('"');
}

/// Writes text so that it is text for every parser, outside of tags.
pub(super) fn push_text(out: &mut String, text: &str) {
    push_with(out, text, |b| matches!(b, b'&' | b'<' | b'>'));
}

/// The same within the quotes of an attribute.
fn push_escaped(out: &mut String, text: &str) {
    push_with(out, text, |b| matches!(b, b'&' | b'<' | b'>' | b'"'));
}

fn push_with(out: &mut String, text: &str, is_marked: impl Fn(u8) -> bool) {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(&is_marked) {
        let (plain, marked) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(plain);
        let mut chars = marked.chars();
        out.push_str(match chars.next() {
            Some('&') => "&amp;",
            Some('<') => "&lt;",
            Some('>') => "&gt;",
            Some('"') => "&quot;",
            _ => "",
        });
        rest = chars.as_str();
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted_and_have_nothing_in_common() {
        assert!(KEPT.is_sorted_by(|a, b| a.0 < b.0));
        assert!(DROPPED.is_sorted_by(|a, b| a < b));
        assert!(KEPT.iter().all(|(name, _)| !DROPPED.contains(name)));
    }

    #[test]
    fn a_value_that_is_not_what_the_attribute_is_for_goes() {
        for (element, name, value, want) in [
            ("p", "lang", "de", Some("de")),
            ("p", "lang", "pt_BR", Some("pt-BR")),
            ("p", "lang", "\" onclick=x", None),
            ("p", "dir", " RTL ", Some("rtl")),
            ("p", "dir", "sideways", None),
            ("abbr", "title", " A\n<b>\u{202e} ", Some("A <b>")),
            ("p", "title", "A", None),
            (
                "time",
                "datetime",
                "2011-05-15T09:30+02:00",
                Some("2011-05-15T09:30+02:00"),
            ),
            ("time", "datetime", "P3D", Some("P3D")),
            ("time", "datetime", "\"><script>", None),
            ("time", "datetime", "", None),
            ("a", "id", "x", None),
        ] {
            assert_eq!(checked(element, name, value).as_deref(), want, "{value}");
        }
    }
}
