//! Classic microformats: which class or `rel` is which property of today's.
//!
//! mf2 parsing, "parse for backward compatible"; the tables follow each format's page on the wiki.
//! Where the conformance suite differs, it holds: a description is text in hProduct and hCalendar,
//! a key is text.

use scraper::node::Element;

use super::classes::{Prefix, Property, words};
use crate::parse::document::attribute;

use Prefix::{Html as E, Text as P, Time as D, Url as U};

/// A class or a `rel`, the prefix and the name of its property.
type Row = (&'static str, Prefix, &'static str);

/// A classic format.
struct Format {
    /// The class that begins it.
    root: &'static str,
    /// Its type today.
    kind: &'static str,
    classes: &'static [Row],
    rels: &'static [Row],
}

/// Some of the formats, a bit each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Formats(u16);

impl Formats {
    /// What is reviewed, if it is of no other format. `item` is far too common a class to begin
    /// one anywhere but in a review.
    pub(super) const ITEM: Self = Self(1 << 12);

    /// Adds the format that `class` begins.
    pub(super) fn add_root(&mut self, class: &str) {
        if !Self::may_begin(class) {
            return;
        }
        for (index, format) in FORMATS.iter().enumerate() {
            if format.root == class {
                self.0 |= 1 << index;
            }
        }
    }

    /// Whether a class begins with the first letter of one that begins a format: most do not.
    pub(super) fn may_begin(class: &str) -> bool {
        matches!(class.bytes().next(), Some(b'a' | b'g' | b'h' | b'v'))
    }

    /// Whether there is none.
    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether one of them reviews items.
    pub(super) fn have_items(self) -> bool {
        self.all()
            .any(|format| matches!(format.root, "hreview" | "hreview-aggregate"))
    }

    /// Their types, sorted.
    pub(super) fn types(self) -> Vec<&'static str> {
        let mut types: Vec<_> = self.all().map(|format| format.kind).collect();
        types.sort_unstable();
        types
    }

    fn all(self) -> impl Iterator<Item = &'static Format> {
        FORMATS
            .iter()
            .enumerate()
            .filter(move |(index, _)| self.0 >> index & 1 == 1)
            .map(|(_, format)| format)
    }
}

/// The properties an element of these classes is a value of within an item of these formats, each once.
pub(super) fn properties(
    element: &Element,
    classes: &str,
    formats: Formats,
) -> Vec<Property<'static>> {
    let mut found: Vec<Property<'static>> = Vec::new();
    let rels = attribute(element, "rel").unwrap_or_default();
    let mut look = |table: &[Row], word: &str| {
        for &(of, prefix, name) in table {
            let property = Property { prefix, name };
            if of == word && !found.contains(&property) {
                found.push(property);
            }
        }
    };
    for format in formats.all() {
        for class in words(classes) {
            look(format.classes, class);
        }
        for rel in words(rels) {
            look(format.rels, rel);
        }
    }
    found
}

/// The formats; the place of each is its bit, and the last is [`Formats::ITEM`], which has no root
/// class of its own.
static FORMATS: [Format; 13] = [
    Format {
        root: "adr",
        kind: "h-adr",
        classes: &[
            ("post-office-box", P, "post-office-box"),
            ("extended-address", P, "extended-address"),
            ("street-address", P, "street-address"),
            ("locality", P, "locality"),
            ("region", P, "region"),
            ("postal-code", P, "postal-code"),
            ("country-name", P, "country-name"),
        ],
        rels: &[],
    },
    Format {
        root: "geo",
        kind: "h-geo",
        classes: &[("latitude", P, "latitude"), ("longitude", P, "longitude")],
        rels: &[],
    },
    Format {
        root: "vcard",
        kind: "h-card",
        classes: &[
            ("fn", P, "name"),
            ("honorific-prefix", P, "honorific-prefix"),
            ("given-name", P, "given-name"),
            ("additional-name", P, "additional-name"),
            ("family-name", P, "family-name"),
            ("honorific-suffix", P, "honorific-suffix"),
            ("nickname", P, "nickname"),
            ("sort-string", P, "sort-string"),
            ("photo", U, "photo"),
            ("logo", U, "logo"),
            ("sound", U, "sound"),
            ("url", U, "url"),
            ("uid", U, "uid"),
            ("email", U, "email"),
            ("tel", P, "tel"),
            ("mailer", P, "mailer"),
            ("key", P, "key"),
            ("org", P, "org"),
            ("organization-name", P, "organization-name"),
            ("organization-unit", P, "organization-unit"),
            ("title", P, "job-title"),
            ("role", P, "role"),
            ("agent", P, "agent"),
            ("category", P, "category"),
            ("note", P, "note"),
            ("class", P, "class"),
            ("adr", P, "adr"),
            ("label", P, "label"),
            ("geo", P, "geo"),
            ("tz", P, "tz"),
            ("bday", D, "bday"),
            ("rev", D, "rev"),
        ],
        rels: &[("tag", P, "category")],
    },
    Format {
        root: "hentry",
        kind: "h-entry",
        classes: &[
            ("entry-title", P, "name"),
            ("entry-summary", P, "summary"),
            ("entry-content", E, "content"),
            ("published", D, "published"),
            ("updated", D, "updated"),
            ("author", P, "author"),
            ("category", P, "category"),
        ],
        rels: &[("bookmark", U, "url"), ("tag", P, "category")],
    },
    Format {
        root: "hfeed",
        kind: "h-feed",
        classes: &[
            ("author", P, "author"),
            ("photo", U, "photo"),
            ("url", U, "url"),
            ("category", P, "category"),
        ],
        rels: &[("tag", P, "category")],
    },
    Format {
        root: "hnews",
        kind: "h-news",
        classes: &[
            ("entry", P, "entry"),
            ("source-org", P, "source-org"),
            ("dateline", P, "dateline"),
            ("geo", P, "geo"),
        ],
        rels: &[("principles", U, "principles")],
    },
    Format {
        root: "vevent",
        kind: "h-event",
        classes: &[
            ("summary", P, "name"),
            ("dtstart", D, "start"),
            ("dtend", D, "end"),
            ("duration", D, "duration"),
            ("description", P, "description"),
            ("url", U, "url"),
            ("category", P, "category"),
            ("location", P, "location"),
            ("geo", P, "geo"),
            ("attendee", P, "attendee"),
            ("contact", P, "contact"),
            ("organizer", P, "organizer"),
        ],
        rels: &[],
    },
    Format {
        root: "hreview",
        kind: "h-review",
        classes: &[
            ("summary", P, "name"),
            ("item", P, "item"),
            ("reviewer", P, "author"),
            ("dtreviewed", D, "published"),
            ("rating", P, "rating"),
            ("best", P, "best"),
            ("worst", P, "worst"),
            ("description", E, "content"),
            ("photo", U, "photo"),
            ("url", U, "url"),
        ],
        rels: &[("bookmark", U, "url"), ("tag", P, "category")],
    },
    Format {
        root: "hreview-aggregate",
        kind: "h-review-aggregate",
        classes: &[
            ("summary", P, "name"),
            ("item", P, "item"),
            ("rating", P, "rating"),
            ("average", P, "average"),
            ("best", P, "best"),
            ("worst", P, "worst"),
            ("count", P, "count"),
            ("votes", P, "votes"),
            ("photo", U, "photo"),
            ("url", U, "url"),
        ],
        rels: &[("bookmark", U, "url"), ("tag", P, "category")],
    },
    Format {
        root: "hproduct",
        kind: "h-product",
        classes: &[
            ("fn", P, "name"),
            ("photo", U, "photo"),
            ("brand", P, "brand"),
            ("category", P, "category"),
            ("description", P, "description"),
            ("identifier", U, "identifier"),
            ("url", U, "url"),
            ("review", P, "review"),
            ("price", P, "price"),
        ],
        rels: &[("tag", P, "category")],
    },
    Format {
        root: "hrecipe",
        kind: "h-recipe",
        classes: &[
            ("fn", P, "name"),
            ("ingredient", P, "ingredient"),
            ("yield", P, "yield"),
            ("instructions", E, "instructions"),
            ("duration", D, "duration"),
            ("photo", U, "photo"),
            ("summary", P, "summary"),
            ("author", P, "author"),
            ("published", D, "published"),
            ("nutrition", P, "nutrition"),
            ("category", P, "category"),
        ],
        rels: &[("tag", P, "category")],
    },
    Format {
        root: "hresume",
        kind: "h-resume",
        classes: &[
            ("summary", P, "summary"),
            ("contact", P, "contact"),
            ("education", P, "education"),
            ("experience", P, "experience"),
            ("skill", P, "skill"),
            ("affiliation", P, "affiliation"),
            ("publication", P, "publication"),
        ],
        rels: &[],
    },
    Format {
        root: "",
        kind: "h-item",
        classes: &[("fn", P, "name"), ("photo", U, "photo"), ("url", U, "url")],
        rels: &[],
    },
];
