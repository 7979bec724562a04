//! JSON Feed 1.1. What it has no words for stands under `_linkback`.

use std::borrow::Cow;

use serde::ser::SerializeSeq as _;
use serde::{Serialize, Serializer};

use super::Feed;
use super::item::{Item, Words, uri};
use crate::http::api::{CommentJson, ExcerptJson, LocationJson, MentionJson, PhotoJson, rfc3339};
use crate::model::Mention;

const VERSION: &str = "https://jsonfeed.org/version/1.1";

#[derive(Serialize)]
struct FeedJson<'a> {
    version: &'static str,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    home_page_url: Option<Cow<'a, str>>,
    feed_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hubs: Option<[HubJson<'a>; 1]>,
    items: Items<'a>,
}

#[derive(Serialize)]
struct HubJson<'a> {
    r#type: &'static str,
    url: &'a str,
}

/// Mentions as items, each made when it is written.
struct Items<'a>(&'a [Mention]);

impl Serialize for Items<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut items = serializer.serialize_seq(Some(self.0.len()))?;
        for mention in self.0 {
            items.serialize_element(&entry(&Item::of(mention)))?;
        }
        items.end()
    }
}

#[derive(Serialize)]
struct ItemJson<'a> {
    id: &'a str,
    url: &'a str,
    external_url: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_html: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'a str>,
    date_published: String,
    date_modified: String,
    authors: [AuthorJson<'a>; 1],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    tags: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a str>,
    _linkback: RestJson<'a>,
}

#[derive(Serialize)]
struct AuthorJson<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

/// What the item does not tell, by the names that the API gives it.
#[derive(Serialize)]
struct RestJson<'a> {
    id: i64,
    kind: &'static str,
    also: Vec<&'static str>,
    rsvp: Option<&'static str>,
    source: &'a str,
    target: &'a str,
    excerpt: Option<ExcerptJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    author_photo: Option<&'a str>,
    photos: Vec<PhotoJson<'a>>,
    videos: &'a [String],
    audio: &'a [String],
    syndication: &'a [String],
    location: Option<LocationJson<'a>>,
    comments: Vec<CommentJson<'a>>,
    site_name: Option<&'a str>,
    site_icon: Option<&'a str>,
    received: String,
    verified: String,
    protocols: Vec<&'static str>,
}

impl<'a> From<MentionJson<'a>> for RestJson<'a> {
    fn from(all: MentionJson<'a>) -> Self {
        let MentionJson {
            id,
            kind,
            also,
            rsvp,
            source,
            target,
            excerpt,
            author,
            photos,
            videos,
            audio,
            syndication,
            location,
            comments,
            site_name,
            site_icon,
            received,
            verified,
            protocols,
            // The item tells these.
            title: _,
            summary: _,
            content: _,
            published: _,
            updated: _,
            categories: _,
            language: _,
            url: _,
            // Feeds tell what is shown.
            state: _,
        } = all;
        Self {
            id,
            kind,
            also,
            rsvp,
            source,
            target,
            excerpt,
            author_photo: author.and_then(|author| author.photo),
            photos,
            videos,
            audio,
            syndication,
            location,
            comments,
            site_name,
            site_icon,
            received,
            verified,
            protocols,
        }
    }
}

/// The feed as a document.
pub(super) fn write(feed: &Feed) -> serde_json::Result<Vec<u8>> {
    // About what they take, so that it need not be moved as it grows.
    let mut json = Vec::with_capacity(feed.mentions.len().saturating_mul(1024));
    let document = FeedJson {
        version: VERSION,
        title: feed.title,
        home_page_url: feed.home.map(uri),
        feed_url: feed.this,
        next_url: feed.next,
        hubs: feed.hub.map(|url| {
            [HubJson {
                r#type: "WebSub",
                url,
            }]
        }),
        items: Items(feed.mentions),
    };
    serde_json::to_writer(&mut json, &document)?;
    Ok(json)
}

fn entry<'a>(item: &'a Item<'a>) -> ItemJson<'a> {
    let summary = item.summary.as_deref();
    // One of the two must be there: of who says nothing, what it is.
    let (content_html, content_text) = match item.words {
        Some(Words::Html(html)) => (Some(html), None),
        Some(Words::Text(text)) => (None, Some(text.to_owned())),
        None => {
            let text = summary.map_or_else(|| item.heading().into_owned(), str::to_owned);
            (None, Some(text))
        }
    };
    let rest = RestJson::from(MentionJson::from(item.mention));
    // A time that is told twice, as most are, is written once.
    let told = |at| {
        if at == item.mention.received_at {
            rest.received.clone()
        } else {
            rfc3339(at)
        }
    };
    ItemJson {
        id: &item.id,
        url: &item.url,
        external_url: uri(item.mention.target.as_str()),
        title: item.title,
        content_html,
        content_text,
        summary,
        date_published: match item.published.text {
            Some(text) => text.to_owned(),
            None => told(item.published.at),
        },
        date_modified: told(item.updated),
        authors: [AuthorJson {
            name: item.author,
            url: item.author_url.as_deref(),
        }],
        tags: &item.mention.entry.categories,
        language: item.language,
        _linkback: rest,
    }
}
