//! microformats2: a page that is an `h-feed` of `h-cite`s, newest first, in full.

use askama::Template;

use super::Feed;
use super::item::{Item, Words};
use crate::http::api::rfc3339;

/// The feed as a page.
#[derive(Template)]
#[template(path = "hfeed.html")]
struct Page<'a> {
    feed: &'a Feed<'a>,
    updated: String,
    items: Vec<Item<'a>>,
}

/// The feed as a document.
pub(super) fn write(feed: &Feed) -> askama::Result<Vec<u8>> {
    let page = Page {
        feed,
        updated: rfc3339(feed.updated),
        items: feed.mentions.iter().map(Item::of).collect(),
    };
    page.render().map(String::into_bytes)
}
