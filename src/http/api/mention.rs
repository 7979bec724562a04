//! The JSON of a mention: the one place that says which fields there are.
//!
//! Every field is always there: what a source does not say is `null`, a list of nothing is `[]`.
//! All text is plain text but for `content.html`, which is sanitised; all URLs are http(s).

use jiff::fmt::temporal::DateTimePrinter;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::media;
use crate::model::{
    Author, AuthoredTime, Cached, CleanHtml, Comment, Content, Excerpt, Location, Mention,
    MentionKind, Photo, Pictures, Protocol, Rsvp, Timestamp,
};

/// A page that links to another, and what it says.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct MentionJson<'a> {
    /// Its number: grows with time, exact in JavaScript.
    pub(in crate::http) id: i64,
    /// What it does to the page, beyond linking.
    pub(in crate::http) kind: &'static str,
    /// What else it does.
    pub(in crate::http) also: Vec<&'static str>,
    /// Whether its author comes: `yes`, `no`, `maybe` or `interested`.
    pub(in crate::http) rsvp: Option<&'static str>,
    /// Where it was found.
    pub(in crate::http) source: &'a str,
    /// The page, as the link names it.
    pub(in crate::http) target: &'a str,
    /// Where a reader should go.
    pub(in crate::http) url: &'a str,
    /// Its title; a note has none.
    pub(in crate::http) title: Option<&'a str>,
    /// What it says in short.
    pub(in crate::http) summary: Option<&'a str>,
    /// What it says.
    pub(in crate::http) content: Option<ContentJson<'a>>,
    /// The words round the link.
    pub(in crate::http) excerpt: Option<ExcerptJson<'a>>,
    /// Who wrote it.
    pub(in crate::http) author: Option<AuthorJson<'a>>,
    /// When it was published, as it says itself.
    pub(in crate::http) published: Option<&'a str>,
    /// When it was changed last, as it says itself.
    pub(in crate::http) updated: Option<&'a str>,
    /// Its pictures.
    pub(in crate::http) photos: Vec<PhotoJson<'a>>,
    /// Its films.
    pub(in crate::http) videos: &'a [String],
    /// Its sounds.
    pub(in crate::http) audio: &'a [String],
    /// What it is about.
    pub(in crate::http) categories: &'a [String],
    /// Copies of it elsewhere.
    pub(in crate::http) syndication: &'a [String],
    /// Where it was written.
    pub(in crate::http) location: Option<LocationJson<'a>>,
    /// What others said to it.
    pub(in crate::http) comments: Vec<CommentJson<'a>>,
    /// The name of its site.
    pub(in crate::http) site_name: Option<&'a str>,
    /// The icon of its site.
    pub(in crate::http) site_icon: Option<&'a str>,
    /// Its language, a BCP 47 tag.
    pub(in crate::http) language: Option<&'a str>,
    /// When it was first verified.
    pub(in crate::http) received: String,
    /// When it was last verified.
    pub(in crate::http) verified: String,
    /// By which protocols it was reported.
    pub(in crate::http) protocols: Vec<&'static str>,
    /// Who sees it; only where `state` was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::http) state: Option<&'static str>,
}

/// What an entry says.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct ContentJson<'a> {
    /// Sanitised markup.
    html: Option<&'a str>,
    /// Plain text.
    text: &'a str,
}

/// The words round a link, to be shown one after the other.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct ExcerptJson<'a> {
    before: &'a str,
    linked: &'a str,
    after: &'a str,
}

/// Who wrote something.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct AuthorJson<'a> {
    name: Option<&'a str>,
    url: Option<&'a str>,
    pub(in crate::http) photo: Option<&'a str>,
    /// The path of our copy of `photo`, once there is one.
    avatar: Option<String>,
}

/// A picture.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct PhotoJson<'a> {
    url: &'a str,
    alt: Option<&'a str>,
    /// The path of our copy, once there is one, with its size in pixels.
    cached: Option<String>,
    width: Option<u32>,
    height: Option<u32>,
}

/// A place.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct LocationJson<'a> {
    name: Option<&'a str>,
    url: Option<&'a str>,
    latitude: Option<f64>,
    longitude: Option<f64>,
}

/// What somebody said to a source.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct CommentJson<'a> {
    kind: &'static str,
    author: Option<AuthorJson<'a>>,
    published: Option<&'a str>,
    text: Option<&'a str>,
    url: Option<&'a str>,
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
            state: None,
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

/// A moment as RFC 3339 in UTC.
pub(in crate::http) fn rfc3339(time: Timestamp) -> String {
    const PRINTER: DateTimePrinter = DateTimePrinter::new();
    let moment = jiff::Timestamp::from_millisecond(time.as_millis());
    PRINTER.timestamp_to_string(&moment.unwrap_or(jiff::Timestamp::UNIX_EPOCH))
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
