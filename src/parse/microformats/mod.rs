//! Microformats: what a page says of itself in its class names. Pure, like the whole room.
//!
//! [`parse`] reads microformats2 and the classic formats before them (hAtom, hCard, hCalendar,
//! hReview, hProduct, hRecipe, hResume, hNews, adr, geo), as the microformats2 parsing
//! specification has it (cited as "mf2 parsing"), and the `rel`s of links.
//!
//! Total: any text gives a result. Nothing recurses over the document, and the work is bounded by a
//! count, so that the same page always gives the same result: [`Microformats::complete`] tells
//! whether something was left out.
//!
//! # JSON
//!
//! `serde_json::Value::from(&found)` is the canonical form:
//!
//! ```json
//! {
//!   "items": [{
//!     "type": ["h-entry"],
//!     "properties": {
//!       "name": ["text of a p- or dt- property"],
//!       "url": ["https://example.com/"],
//!       "photo": [{ "value": "https://example.com/a.jpg", "alt": "", "srcset": { "2x": "…" } }],
//!       "content": [{ "html": "<b>bold</b>", "value": "bold", "lang": "en" }],
//!       "author": [{ "type": ["h-card"], "properties": {}, "value": "…" }]
//!     },
//!     "children": [{ "type": ["h-cite"], "properties": {} }],
//!     "id": "first",
//!     "lang": "en"
//!   }],
//!   "rels": { "me": ["https://example.com/"] },
//!   "rel-urls": { "https://example.com/": { "rels": ["me"], "text": "…", "title": "…" } }
//! }
//! ```
//!
//! Always there: `items`, `rels`, `rel-urls`, `type`, `properties`, and of a `rel-urls` entry `rels`
//! and `text`. A picture without description and sizes is a plain string. A nested item of an `e-*`
//! property has `html` beside its `value`. `lang` is there where the page says it.
//!
//! | module | what it knows |
//! |---|---|
//! | `item`, `json` | the result, and its JSON |
//! | `origin` | where in the page each item is |
//! | `build`, `page`, `walk`, `budget` | the walk that finds items, and what bounds it |
//! | `classes`, `classic` | which class means what, today and before |
//! | `property`, `value_class`, `time`, `implied` | the values |
//! | `text`, `markup`, `address` | what they are made of |
//! | `rels` | links |

mod address;
mod budget;
mod build;
mod classes;
mod classic;
mod implied;
mod item;
mod json;
mod markup;
mod origin;
mod page;
mod property;
mod rels;
mod text;
mod time;
mod value_class;
mod walk;

#[cfg(test)]
mod tests;

use url::Url;

use self::address::Addresses;
use self::build::Builder;
use self::page::Page;
use self::rels::Rels;
use super::charset;
use super::document::{Document, attribute, element, nodes};

pub use self::item::{Html, Image, Item, Microformats, RelUrl, Value};
pub(super) use self::origin::{Origin, Origins, explicit};
pub use self::text::Space;

/// How a page is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// What becomes of white space in texts.
    pub space: Space,
    /// What an empty link means, if not the base: the address that the page is known by, such as
    /// the one it was asked for before a redirect. It is taken as it is written.
    pub itself: Option<String>,
}

/// How much of a page is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// All that the specification has.
    All,
    /// What it takes to tell what an entry is and where its parts are, at a fraction of the cost: `e-*`
    /// properties are empty, a nested item has no value but its name or its address, and of links only
    /// those to authors are kept.
    Outline,
}

/// The microformats of `html`, a page at `base`.
///
/// If nothing can be resolved against `base` (`about:blank`), relative addresses stay as they are.
pub fn parse(html: &str, base: &Url) -> Microformats {
    parse_with(html, base, &Options::default())
}

/// The same, with options.
pub fn parse_with(html: &str, base: &Url, options: &Options) -> Microformats {
    let document = Document::parse(html);
    let bases: Vec<&str> = nodes(document.root())
        .filter_map(element)
        .filter(|element| element.name() == "base")
        .filter_map(|element| attribute(element, "href"))
        .collect();
    parse_document(&document, base, &bases, options, Detail::All).0
}

/// The same as [`parse`], of bytes; `charset` is what the server says they are, if it does.
pub fn parse_bytes(body: &[u8], charset: Option<&str>, base: &Url) -> Microformats {
    parse(&charset::decode(body, charset, true), base)
}

/// The same as [`parse_with`], of a document that is parsed already and has these `<base href>`s; tells
/// also where in it each item and its properties are.
pub(super) fn parse_document<'a>(
    document: &'a Document,
    base: &Url,
    bases: &[&str],
    options: &Options,
    detail: Detail,
) -> (Microformats, Origins<'a>) {
    let itself = match options.itself.as_deref() {
        Some(itself) => itself,
        None if base.cannot_be_a_base() => "",
        None => base.as_str(),
    };
    let page = Page::of(
        document,
        Addresses::new(base, itself),
        bases,
        options.space,
        detail,
    );
    let mut rels = Rels::default();
    let (items, origins) = Builder::run(&page, &mut rels);
    let (rels, rel_urls) = rels.finish();
    let found = Microformats {
        items,
        rels,
        rel_urls,
        complete: document.complete() && page.budget.was_enough(),
    };
    (found, origins)
}
