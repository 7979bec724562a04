//! The mentions of an article, as a fragment and as a page.

use askama::Template;

use super::card::{Card, Heading, Says};
use crate::http::feeds::FeedLink;
use crate::model::Mention;

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
    feeds: Vec<FeedLink>,
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
    /// The page that shows `shown`, and names the feeds that tell of the same.
    pub(crate) fn new(shown: Shown<'a>, feeds: Vec<FeedLink>) -> Self {
        Self {
            feed: Feed::new(shown, 2),
            feeds,
        }
    }
}
