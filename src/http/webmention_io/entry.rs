//! A mention as webmention.io tells of it in JF2: a child of the feed.

use std::borrow::Cow;

use serde::Serialize;

use super::words::{attribute, local, property, protocol, target, utc};
use crate::http::media;
use crate::model::{Author, Cached, CleanHtml, Entry, Mention, Photo, Rsvp};

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct EntryJf2<'a> {
    r#type: &'static str,
    author: AuthorJf2<'a>,
    url: Cow<'a, str>,
    published: Option<String>,
    wm_received: String,
    wm_id: i64,
    wm_source: Cow<'a, str>,
    wm_target: &'a str,
    wm_protocol: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    syndication: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<SummaryJf2<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    photo: Vec<Cow<'a, str>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    video: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    audio: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<ContentJf2<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    like_of: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repost_of: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bookmark_of: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rsvp: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_reply_to: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mention_of: Option<&'a str>,
    wm_property: &'static str,
    wm_private: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    wm_fragment: Option<&'a str>,
}

#[derive(Serialize)]
struct AuthorJf2<'a> {
    r#type: &'static str,
    name: &'a str,
    photo: Cow<'a, str>,
    url: Cow<'a, str>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct SummaryJf2<'a> {
    content_type: &'static str,
    value: &'a str,
}

#[derive(Serialize)]
struct ContentJf2<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    html: Option<&'a str>,
    text: Cow<'a, str>,
}

/// Who speaks: the author, or else the site.
pub(super) struct Speaker<'a> {
    pub(super) name: &'a str,
    pub(super) photo: Cow<'a, str>,
    pub(super) url: Cow<'a, str>,
}

impl<'a> Speaker<'a> {
    /// Of a mention that a service at `base` tells of. The picture is our own copy: no reader's browser is
    /// sent to a stranger's server for a face.
    pub(super) fn of(mention: &'a Mention, base: &str) -> Self {
        let entry = &mention.entry;
        let of_author = |field: fn(&Author) -> Option<&String>| {
            let author = entry.author.as_ref();
            author.and_then(field).map(String::as_str)
        };
        let name = of_author(|author| author.name.as_ref());
        let url = of_author(|author| author.url.as_ref());
        let author = entry.author.as_ref();
        let copy = author.and_then(|author| mention.pictures.avatar(author));
        Self {
            name: name.or(entry.site_name.as_deref()).unwrap_or_default(),
            photo: copy.map_or(Cow::Borrowed(""), |copy| copy_at(base, copy).into()),
            url: attribute(url.unwrap_or_default()),
        }
    }

    pub(super) fn is_nobody(&self) -> bool {
        self.name.is_empty() && self.photo.is_empty() && self.url.is_empty()
    }
}

/// Where our copy of a picture is; `base` ends with `/`.
fn copy_at(base: &str, copy: &Cached) -> String {
    format!("{}{}", base.trim_end_matches('/'), media::path(copy))
}

/// What it says, as markup and as plain text. A source without microformats is quoted: the words round
/// the link.
pub(super) fn words(entry: &Entry) -> Option<(Option<&str>, Cow<'_, str>)> {
    if let Some(content) = &entry.content {
        let html = content.html.as_ref().map(CleanHtml::as_str);
        return Some((html, Cow::Borrowed(&content.text)));
    }
    let excerpt = entry.excerpt.as_ref()?;
    let text = format!("{}{}{}", excerpt.before, excerpt.linked, excerpt.after);
    Some((None, Cow::Owned(text.trim().to_owned())))
}

impl<'a> EntryJf2<'a> {
    /// What a service at `base` tells of a mention.
    pub(super) fn new(mention: &'a Mention, base: &str) -> Self {
        let entry = &mention.entry;
        let speaker = Speaker::of(mention, base);
        let (target, fragment) = target(mention);
        let property = property(entry.kind);
        let of = |name| (property == name).then_some(target);
        let is_rsvp = property == "rsvp";
        let photo = |photo: &'a Photo| match mention.pictures.photo(&photo.url) {
            Some(copy) => Cow::Owned(copy_at(base, copy)),
            None => attribute(&photo.url),
        };
        Self {
            r#type: "entry",
            author: AuthorJf2 {
                r#type: "card",
                name: speaker.name,
                photo: speaker.photo,
                url: speaker.url,
            },
            url: attribute(&entry.url),
            published: entry.published.as_ref().map(local),
            wm_received: utc(mention.received_at),
            wm_id: mention.id.0,
            wm_source: attribute(mention.source.as_str()),
            wm_target: target,
            wm_protocol: protocol(mention),
            name: entry.title.as_deref(),
            syndication: &entry.syndication,
            summary: entry.summary.as_deref().map(|value| SummaryJf2 {
                content_type: "text/plain",
                value,
            }),
            photo: entry.photos.iter().map(photo).collect(),
            video: &entry.videos,
            audio: &entry.audio,
            content: words(entry).map(|(html, text)| ContentJf2 { html, text }),
            like_of: of("like-of"),
            repost_of: of("repost-of"),
            bookmark_of: of("bookmark-of"),
            rsvp: entry.rsvp.filter(|_| is_rsvp).map(Rsvp::as_str),
            in_reply_to: of("in-reply-to").or_else(|| is_rsvp.then_some(target)),
            mention_of: of("mention-of"),
            wm_property: property,
            wm_private: false,
            wm_fragment: fragment,
        }
    }
}
