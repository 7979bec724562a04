//! What a page says of itself, whatever it links to: title, site, author, date, address, language.
//!
//! Each field has one table of the sources that are asked for it, and the first that has a value
//! gives it: the tables stand at the top of the modules. Microformats, where a page has them, stand
//! before all of these: see `merge`.
//!
//! | module | what it knows |
//! |---|---|
//! | `title`, `author`, `byline`, `times`, `media`, `subject`, `address`, `language` | the fields |
//! | `sources`, `spot` | how each source is asked, and where on the page it is |
//! | `dateline` | the lines by the article's heading |
//! | `comment` | who wrote a comment, when and where it is |
//! | `items` | microdata and `RDFa` |
//! | `place` | what belongs to the article and what stands beside it |
//!
//! A page is not heard on a comment in it, nor on one of several posts: there only the item that
//! holds the link speaks, if it is marked as one, or else the comment itself (`comment`).

use std::borrow::Cow;

use url::Url;

use crate::model::{Author, AuthoredTime, Content, MAX_URL_BYTES, PageKey, Photo, Trace};

use super::document::Ref;
use super::json_ld;
use super::link;
use super::survey::Survey;
use super::words::clean;

mod address;
mod author;
mod byline;
mod comment;
mod dateline;
mod items;
mod language;
mod media;
mod place;
mod sources;
mod spot;
mod subject;
mod times;
mod title;

use self::items::Items;
use self::place::Frame;
use self::sources::Sources;

pub(super) use self::address::{Canonical, canonical};
pub(super) use self::language::{language, tag};

/// Graphemes of a title.
pub(super) const MAX_TITLE: usize = 300;
/// Graphemes of a name.
pub(super) const MAX_NAME: usize = 200;
/// What a trace shows of the way to an element: names in feeds and JSON may be anything.
const MAX_ELEMENT: usize = 200;
/// What a trace shows of a value.
const MAX_FOUND: usize = 120;

/// The facts, with the way they were found.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// The title without the site's name.
    pub(super) title: Option<String>,
    /// The site's name.
    pub(super) site_name: Option<String>,
    /// The author.
    pub(super) author: Option<Author>,
    /// When it was published.
    pub(super) published: Option<AuthoredTime>,
    /// When it was changed.
    pub(super) updated: Option<AuthoredTime>,
    /// The page's own address; of one of its parts the address of that.
    pub(super) url: Option<String>,
    /// What it says in short.
    pub(super) summary: Option<String>,
    /// What it says, where the page marks that for machines.
    pub(super) content: Option<Content>,
    /// The pictures that stand for it.
    pub(super) photos: Vec<Photo>,
    /// Its films.
    pub(super) videos: Vec<String>,
    /// Its sounds.
    pub(super) audio: Vec<String>,
    /// What it is about.
    pub(super) categories: Vec<String>,
    /// The icon of the site.
    pub(super) site_icon: Option<String>,
    /// The language of the page.
    pub(super) language: Option<(Trace, String)>,
    /// Whether the author is that of the comment that the link stands in.
    pub(super) is_of_comment: bool,
    /// How each was found.
    pub(super) trace: Vec<Trace>,
}

/// Reads the facts of a surveyed page at `page`, on which the words round `link` are of interest. What it
/// says, which takes most of the work, only if nobody has said that already: `wants_content`.
pub(super) fn facts<'a>(
    survey: &Survey<'a>,
    page: &Url,
    canonical: Option<Canonical>,
    matcher: &link::Matcher<'_>,
    link: Ref<'a>,
    wants_content: bool,
) -> Facts {
    let mut facts = Facts::default();
    let base = matcher.base();
    let keys: Vec<PageKey> = std::iter::once(page)
        .chain(canonical.as_ref().map(|canonical| &canonical.url))
        .map(PageKey::of)
        .collect();
    let scripts = json_ld::parse(&survey.json_ld);
    let sources = Sources {
        survey,
        ld: &json_ld::Told::of(&scripts, base, &keys),
        items: &Items::of(survey, link),
        frame: &Frame::of(link, &survey.articles),
        page,
        base,
    };
    facts.find_title(&sources);
    facts.find_author(&sources);
    facts.find_published(&sources);
    facts.find_comment(&sources);
    facts.find_url(&sources, canonical);
    facts.find_media(&sources);
    facts.find_icon(&sources);
    facts.find_summary(&sources);
    facts.find_updated(&sources);
    facts.find_categories(&sources);
    if wants_content {
        facts.find_content(&sources, link);
    }
    facts.find_language(&sources);
    facts
}

/// One step of a reading. What it found is shown on a terminal: on one line, without controls.
pub(super) fn trace(field: &'static str, rule: impl Into<String>, found: &str) -> Trace {
    Trace {
        field,
        rule: rule.into(),
        element: None,
        found: clean(found, MAX_FOUND).unwrap_or_default(),
    }
}

/// One step of a reading that found something in an element.
pub(super) fn trace_at(
    field: &'static str,
    rule: impl Into<String>,
    element: &str,
    found: &str,
) -> Trace {
    Trace {
        element: clean(element, MAX_ELEMENT),
        ..trace(field, rule, found)
    }
}

/// The address, if it is an http(s) URL that may be shown.
pub(super) fn web_address(base: &Url, text: &str) -> Option<Url> {
    let url = base.join(text.trim()).ok()?;
    let shown = matches!(url.scheme(), "http" | "https")
        && url.username().is_empty()
        && url.password().is_none()
        && url.as_str().len() <= MAX_URL_BYTES;
    shown.then_some(url)
}

impl Facts {
    fn note(
        &mut self,
        field: &'static str,
        rule: impl Into<Cow<'static, str>>,
        element: &str,
        found: &str,
    ) {
        let step = trace_at(field, rule.into(), element, found);
        self.trace.push(step);
    }
}
