//! The mentions of an article, as a fragment and as a page.

use askama::Template;
use url::Position;

use super::moment::Moment;
use super::web_href;
use crate::model::{Excerpt, Mention};

/// What a page of mentions is made from.
#[derive(Debug)]
pub(crate) struct Shown<'a> {
    /// The article.
    pub(crate) target: &'a str,
    /// Its mentions.
    pub(crate) mentions: &'a [Mention],
    /// Where the next ones are.
    pub(crate) more: Option<String>,
    /// Where to tell of one that is missing.
    pub(crate) tell: String,
}

/// The mentions of an article, as an `h-feed` of `h-cite`s.
#[derive(Debug)]
struct Feed<'a> {
    target: &'a str,
    cards: Vec<Card<'a>>,
    /// Where the next mentions are.
    more: Option<String>,
    /// Where to tell of one that is missing.
    tell: String,
    /// The level of the cards' headings.
    level: u8,
}

/// `GET /embed?target=…`: the mentions of an article as a fragment, for a page to include.
#[derive(Debug, Template)]
#[template(path = "embed.html")]
pub(crate) struct EmbedFragment<'a> {
    feed: Feed<'a>,
}

/// `GET /mentions?target=…`: the same as a page of its own, for readers without scripts.
#[derive(Debug, Template)]
#[template(path = "mentions.html")]
pub(crate) struct MentionsPage<'a> {
    feed: Feed<'a>,
}

impl<'a> Feed<'a> {
    fn new(shown: Shown<'a>, level: u8) -> Self {
        Self {
            target: shown.target,
            cards: shown.mentions.iter().map(Card::from).collect(),
            more: shown.more,
            tell: shown.tell,
            level,
        }
    }
}

impl<'a> EmbedFragment<'a> {
    /// The fragment that shows `shown`, whose links must be absolute.
    pub(crate) fn new(shown: Shown<'a>) -> Self {
        Self {
            feed: Feed::new(shown, 3),
        }
    }
}

impl<'a> MentionsPage<'a> {
    /// The page that shows `shown`.
    pub(crate) fn new(shown: Shown<'a>) -> Self {
        Self {
            feed: Feed::new(shown, 2),
        }
    }
}

/// One mention, as it is shown.
#[derive(Debug)]
struct Card<'a> {
    id: i64,
    /// Where the title leads.
    url: &'a str,
    title: &'a str,
    /// The site's name; its host if there is not even an author to name.
    site: Option<&'a str>,
    author_name: Option<&'a str>,
    author_url: Option<&'a str>,
    published: Option<Moment>,
    received: Moment,
    excerpt: Option<&'a Excerpt>,
    language: Option<&'a str>,
}

impl<'a> From<&'a Mention> for Card<'a> {
    fn from(mention: &'a Mention) -> Self {
        let entry = &mention.entry;
        let author = entry.author.as_ref();
        let author_name = author.and_then(|a| said(a.name.as_deref()));
        let source = mention.source.as_url();
        let host = || &source[Position::BeforeHost..Position::AfterPort];
        let url = web_href(&entry.url).unwrap_or(source.as_str());
        Self {
            id: mention.id.0,
            url,
            title: said(entry.title.as_deref()).unwrap_or_else(|| without_scheme(url)),
            site: said(entry.site_name.as_deref()).or_else(|| author_name.is_none().then(host)),
            author_name,
            author_url: author.and_then(|a| a.url.as_deref().and_then(web_href)),
            published: entry.published.as_ref().map(Moment::from),
            received: Moment::day_of(mention.received_at),
            excerpt: entry.excerpt.as_ref(),
            language: said(entry.language.as_deref()),
        }
    }
}

/// A text, unless it is blank.
fn said(text: Option<&str>) -> Option<&str> {
    text.filter(|t| !t.trim().is_empty())
}

fn without_scheme(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_scheme, rest)| rest)
}
