//! Feeds of mentions: of pages or of all that is on a host, in the formats that readers have.
//!
//! What is told (`item`) is apart from how: each format is a pure function of a [`Feed`]. `ask` reads
//! what is asked for, `serve` answers it.

use crate::model::{FeedFormat, Mention, Timestamp};

mod ask;
mod atom;
mod html;
mod item;
mod jf2;
mod json_feed;
mod links;
mod rss;
mod serve;
#[cfg(test)]
mod tests;
mod xml;

pub(super) use self::item::uri;
pub(super) use self::links::{FeedLink, header as link_header, of_host, of_page};
pub(super) use self::serve::{any, atom, html, jf2, json, rss};

use super::error::ApiError;

/// Names the categories that say what a mention is to its target: the IndieWeb's kinds of responses.
const KINDS: &str = "https://indieweb.org/responses";

/// A feed, before it is said in which format. All URLs are absolute.
#[derive(Debug, Clone, Copy)]
struct Feed<'a> {
    /// What it is, in English.
    title: &'a str,
    /// The page, or the site, that the mentions are of; `None` if there are several.
    home: Option<&'a str>,
    /// Its first page: its identity.
    first: &'a str,
    /// This page of it.
    this: &'a str,
    /// The page with the older ones.
    next: Option<&'a str>,
    /// The `WebSub` hub that tells of changes.
    hub: Option<&'a str>,
    /// The last change.
    updated: Timestamp,
    /// The mentions, newest first.
    mentions: &'a [Mention],
}

/// The feed in `format`.
fn write(format: FeedFormat, feed: &Feed) -> Result<Vec<u8>, ApiError> {
    let internal = |error: Box<dyn std::error::Error>| ApiError::Internal(error);
    match format {
        FeedFormat::Json => json_feed::write(feed).map_err(|e| internal(e.into())),
        FeedFormat::Atom => atom::write(feed).map_err(|e| internal(e.into())),
        FeedFormat::Rss => rss::write(feed).map_err(|e| internal(e.into())),
        FeedFormat::Jf2 => jf2::write(feed).map_err(|e| internal(e.into())),
        FeedFormat::Html => html::write(feed).map_err(|e| internal(e.into())),
    }
}
