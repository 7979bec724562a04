//! The JSON of a page's mentions: the one place that says which fields there are.
//!
//! Every field is always there: what a source does not say is `null`, a list of nothing is `[]`.
//! All text is plain text but for `content.html`, which is sanitised; all URLs are http(s).

use serde::Serialize;

use crate::http::media;
use crate::model::{
    Author, AuthoredTime, Cached, CleanHtml, Comment, Content, Excerpt, Location, Mention,
    MentionKind, Photo, Pictures, Protocol, Rsvp, TargetUrl, Timestamp,
};
use crate::store::MentionPage;

/// Some of a page's mentions.
#[derive(Serialize)]
pub(super) struct MentionsJson<'a> {
    target: &'a str,
    version: i64,
    total: Option<u64>,
    mentions: Vec<MentionJson<'a>>,
    next: Option<String>,
}

#[derive(Serialize)]
struct MentionJson<'a> {
    id: i64,
    kind: &'static str,
    also: Vec<&'static str>,
    rsvp: Option<&'static str>,
    source: &'a str,
    target: &'a str,
    url: &'a str,
    title: Option<&'a str>,
    summary: Option<&'a str>,
    content: Option<ContentJson<'a>>,
    excerpt: Option<ExcerptJson<'a>>,
    author: Option<AuthorJson<'a>>,
    published: Option<&'a str>,
    updated: Option<&'a str>,
    photos: Vec<PhotoJson<'a>>,
    videos: &'a [String],
    audio: &'a [String],
    categories: &'a [String],
    syndication: &'a [String],
    location: Option<LocationJson<'a>>,
    comments: Vec<CommentJson<'a>>,
    site_name: Option<&'a str>,
    site_icon: Option<&'a str>,
    language: Option<&'a str>,
    received: String,
    verified: String,
    protocols: Vec<&'static str>,
}

#[derive(Serialize)]
struct ContentJson<'a> {
    html: Option<&'a str>,
    text: &'a str,
}

#[derive(Serialize)]
struct ExcerptJson<'a> {
    before: &'a str,
    linked: &'a str,
    after: &'a str,
}

#[derive(Serialize)]
struct AuthorJson<'a> {
    name: Option<&'a str>,
    url: Option<&'a str>,
    photo: Option<&'a str>,
    /// The path of our copy of `photo`, once there is one.
    avatar: Option<String>,
}

#[derive(Serialize)]
struct PhotoJson<'a> {
    url: &'a str,
    alt: Option<&'a str>,
    /// The path of our copy, once there is one, with its size in pixels.
    cached: Option<String>,
    width: Option<u32>,
    height: Option<u32>,
}

#[derive(Serialize)]
struct LocationJson<'a> {
    name: Option<&'a str>,
    url: Option<&'a str>,
    latitude: Option<f64>,
    longitude: Option<f64>,
}

#[derive(Serialize)]
struct CommentJson<'a> {
    kind: &'static str,
    author: Option<AuthorJson<'a>>,
    published: Option<&'a str>,
    text: Option<&'a str>,
    url: Option<&'a str>,
}

impl<'a> MentionsJson<'a> {
    /// What is answered to a reader who asked for the mentions of `target`.
    pub(super) fn new(target: &'a TargetUrl, page: &'a MentionPage) -> Self {
        Self {
            target: target.as_str(),
            version: page.version.number.0,
            total: page.total,
            mentions: page.mentions.iter().map(MentionJson::from).collect(),
            next: page.next().map(|next| next.id.0.to_string()),
        }
    }
}

impl<'a> From<&'a Mention> for MentionJson<'a> {
    fn from(mention: &'a Mention) -> Self {
        let (entry, pictures) = (&mention.entry, &mention.pictures);
        Self {
            id: mention.id.0,
            kind: entry.kind.as_str(),
            also: entry
                .also
                .iter()
                .copied()
                .map(MentionKind::as_str)
                .collect(),
            rsvp: entry.rsvp.map(Rsvp::as_str),
            source: mention.source.as_str(),
            target: mention.target.as_str(),
            url: &entry.url,
            title: entry.title.as_deref(),
            summary: entry.summary.as_deref(),
            content: entry.content.as_ref().map(ContentJson::from),
            excerpt: entry.excerpt.as_ref().map(ExcerptJson::from),
            author: entry
                .author
                .as_ref()
                .map(|author| AuthorJson::new(author, pictures)),
            published: entry.published.as_ref().map(AuthoredTime::as_str),
            updated: entry.updated.as_ref().map(AuthoredTime::as_str),
            photos: entry
                .photos
                .iter()
                .map(|photo| PhotoJson::new(photo, pictures.photo(&photo.url)))
                .collect(),
            videos: &entry.videos,
            audio: &entry.audio,
            categories: &entry.categories,
            syndication: &entry.syndication,
            location: entry.location.as_ref().map(LocationJson::from),
            comments: entry
                .comments
                .iter()
                .map(|comment| CommentJson::new(comment, pictures))
                .collect(),
            site_name: entry.site_name.as_deref(),
            site_icon: entry.site_icon.as_deref(),
            language: entry.language.as_deref(),
            received: rfc3339(mention.received_at),
            verified: rfc3339(mention.verified_at),
            protocols: mention.protocols.iter().map(Protocol::as_str).collect(),
        }
    }
}

impl<'a> From<&'a Content> for ContentJson<'a> {
    fn from(content: &'a Content) -> Self {
        Self {
            html: content.html.as_ref().map(CleanHtml::as_str),
            text: &content.text,
        }
    }
}

impl<'a> From<&'a Excerpt> for ExcerptJson<'a> {
    fn from(excerpt: &'a Excerpt) -> Self {
        Self {
            before: &excerpt.before,
            linked: &excerpt.linked,
            after: &excerpt.after,
        }
    }
}

impl<'a> AuthorJson<'a> {
    fn new(author: &'a Author, pictures: &Pictures) -> Self {
        Self {
            name: author.name.as_deref(),
            url: author.url.as_deref(),
            photo: author.photo.as_deref(),
            avatar: pictures.avatar(author).map(media::path),
        }
    }
}

impl<'a> PhotoJson<'a> {
    fn new(photo: &'a Photo, copy: Option<&Cached>) -> Self {
        Self {
            url: &photo.url,
            alt: photo.alt.as_deref(),
            cached: copy.map(media::path),
            width: copy.map(|copy| copy.width),
            height: copy.map(|copy| copy.height),
        }
    }
}

impl<'a> From<&'a Location> for LocationJson<'a> {
    fn from(location: &'a Location) -> Self {
        let (latitude, longitude) = location.coordinates.unzip();
        Self {
            name: location.name.as_deref(),
            url: location.url.as_deref(),
            latitude,
            longitude,
        }
    }
}

impl<'a> CommentJson<'a> {
    fn new(comment: &'a Comment, pictures: &Pictures) -> Self {
        Self {
            kind: comment.kind.as_str(),
            author: comment
                .author
                .as_ref()
                .map(|author| AuthorJson::new(author, pictures)),
            published: comment.published.as_ref().map(AuthoredTime::as_str),
            text: comment.text.as_deref(),
            url: comment.url.as_deref(),
        }
    }
}

/// One mention, in one line.
pub(crate) fn mention_json(mention: &Mention) -> String {
    // Text, numbers and lists of these: nothing that could fail.
    serde_json::to_string(&MentionJson::from(mention)).unwrap_or_default()
}

/// One mention, field by field.
pub(in crate::http) fn mention_value(
    mention: &Mention,
) -> serde_json::Map<String, serde_json::Value> {
    match serde_json::to_value(MentionJson::from(mention)) {
        Ok(serde_json::Value::Object(fields)) => fields,
        // Text, numbers and lists of these: nothing that could fail.
        _ => serde_json::Map::new(),
    }
}

/// A moment as RFC 3339 in UTC.
pub(in crate::http) fn rfc3339(time: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(time.as_millis())
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rfc_3339_in_utc() {
        let time = Timestamp::from_millis(1_795_433_775_123);
        assert_eq!(rfc3339(time), "2026-11-23T11:36:15.123Z");
    }
}
