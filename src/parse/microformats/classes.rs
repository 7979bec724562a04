//! What the classes of an element say: which item begins there, and which properties it is of.
//!
//! mf2 parsing, "parse an element for class microformats". Which properties an element may have
//! depends on the item it stands in: that item's [`Dialect`].

use scraper::node::Element;

use super::classic::{self, Formats};
use crate::parse::document::attribute;

/// How a property is read: its prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Prefix {
    /// `p-*`
    Text,
    /// `u-*`
    Url,
    /// `dt-*`
    Time,
    /// `e-*`
    Html,
}

/// A property that an element is a value of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Property<'a> {
    /// How it is read.
    pub(super) prefix: Prefix,
    /// Its name, without prefix.
    pub(super) name: &'a str,
}

/// Which classes count within an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Outside of all items none does.
    None,
    /// Prefixed ones.
    Second,
    /// Those of classic microformats of these formats.
    Classic(Formats),
}

/// The types of the item that begins at an element of these classes, sorted, and its dialect.
pub(super) fn root(classes: &str, within: Dialect) -> Option<(Vec<&str>, Dialect)> {
    if !words(classes).any(may_begin_item) {
        return None;
    }
    let mut types: Vec<&str> = words(classes).filter(|class| is_root(class)).collect();
    if !types.is_empty() {
        types.sort_unstable();
        types.dedup();
        return Some((types, Dialect::Second));
    }
    // mf2 parsing: "if none found, look for backcompat root class names".
    let formats = classic_root(classes, within)?;
    Some((formats.types(), Dialect::Classic(formats)))
}

/// Whether an item begins at the element.
pub(super) fn begins_item(element: &Element, within: Dialect) -> bool {
    attribute(element, "class").is_some_and(|classes| {
        words(classes).any(is_root) || classic_root(classes, within).is_some()
    })
}

/// Whether a class may be one that begins an item: most are told by their first letter.
fn may_begin_item(class: &str) -> bool {
    class.starts_with("h-") || Formats::may_begin(class) || class == "item"
}

fn classic_root(classes: &str, within: Dialect) -> Option<Formats> {
    let mut formats = Formats::default();
    for class in words(classes) {
        formats.add_root(class);
    }
    if formats.is_empty()
        && let Dialect::Classic(outer) = within
        && outer.have_items()
        && words(classes).any(|class| class == "item")
    {
        return Some(Formats::ITEM);
    }
    (!formats.is_empty()).then_some(formats)
}

/// The properties an element of these classes is a value of, in their order.
pub(super) fn properties<'a>(
    element: &'a Element,
    classes: &'a str,
    within: Dialect,
) -> Vec<Property<'a>> {
    match within {
        Dialect::None => Vec::new(),
        // A class that is there twice counts twice, as all parsers do it.
        Dialect::Second => words(classes).filter_map(property).collect(),
        Dialect::Classic(formats) => classic::properties(element, classes, formats),
    }
}

/// Whether the element is a value of any property.
pub(super) fn is_property(element: &Element, within: Dialect) -> bool {
    match within {
        Dialect::None => false,
        Dialect::Second => attribute(element, "class")
            .is_some_and(|classes| words(classes).any(|class| property(class).is_some())),
        Dialect::Classic(formats) => {
            let classes = attribute(element, "class").unwrap_or_default();
            !classic::properties(element, classes, formats).is_empty()
        }
    }
}

/// Class names are parted by the white space of HTML, not by that of Unicode.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_ascii_whitespace()
}

/// Whether the element has that class, in exactly that letter case.
pub(super) fn has_class(element: &Element, class: &str) -> bool {
    attribute(element, "class").is_some_and(|classes| words(classes).any(|of| of == class))
}

fn is_root(class: &str) -> bool {
    class.strip_prefix("h-").is_some_and(is_name)
}

fn property(class: &str) -> Option<Property<'_>> {
    let (prefix, name) = class.split_once('-')?;
    let prefix = match prefix {
        "p" => Prefix::Text,
        "u" => Prefix::Url,
        "dt" => Prefix::Time,
        "e" => Prefix::Html,
        _ => return None,
    };
    is_name(name).then_some(Property { prefix, name })
}

/// mf2 parsing, "note": an optional vendor prefix of letters and digits, then words of letters
/// only, all in lower case and parted by one hyphen.
fn is_name(name: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
    let mut words = name.split('-');
    let Some(first) = words.next() else {
        return false;
    };
    let is_vendor = !first.is_empty()
        && first
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let mut rest = words.peekable();
    (is_word(first) || (is_vendor && rest.peek().is_some())) && rest.all(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words_after_an_optional_vendor_prefix() {
        for name in ["t", "test-three", "6-test", "8t8-test", "t10-test-test"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "1", "-", "t_t", "24-24", "test-26", "a-", "a--b", "é"] {
            assert!(!is_name(name), "{name}");
        }
    }
}
