//! A mention as webmention.io tells of it in plain JSON: one of the `links`.

use std::borrow::Cow;

use serde::Serialize;

use super::entry::{Speaker, words};
use super::words::{absolute, activity, attribute, escaped, property, target, verb, with_offset};
use crate::model::{AuthoredTime, Mention, Rsvp};

#[derive(Serialize)]
pub(super) struct LinkJson<'a> {
    source: Cow<'a, str>,
    verified: bool,
    verified_date: String,
    id: i64,
    private: bool,
    data: DataJson<'a>,
    activity: ActivityJson,
    target: &'a str,
}

#[derive(Serialize)]
struct DataJson<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<AuthorJson<'a>>,
    url: Cow<'a, str>,
    name: Option<&'a str>,
    content: Option<Cow<'a, str>>,
    published: Option<String>,
    published_ts: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rsvp: Option<&'static str>,
}

#[derive(Serialize)]
struct AuthorJson<'a> {
    name: &'a str,
    url: Option<Cow<'a, str>>,
    photo: Option<Cow<'a, str>>,
}

#[derive(Serialize)]
struct ActivityJson {
    r#type: &'static str,
    sentence: String,
    sentence_html: String,
}

impl<'a> LinkJson<'a> {
    /// What a service at `base` tells of a mention.
    pub(super) fn new(mention: &'a Mention, base: &str) -> Self {
        let entry = &mention.entry;
        let speaker = Speaker::of(mention, base);
        let (sentence, sentence_html) = sentences(mention, &speaker);
        let known = |text: Cow<'a, str>| Some(text).filter(|text| !text.is_empty());
        let published = entry.published.as_ref();
        let moment = published.and_then(AuthoredTime::moment);
        let is_rsvp = property(entry.kind) == "rsvp";
        Self {
            source: attribute(mention.source.as_str()),
            verified: true,
            verified_date: with_offset(mention.verified_at),
            id: mention.id.0,
            private: false,
            data: DataJson {
                author: (!speaker.is_nobody()).then(|| AuthorJson {
                    name: speaker.name,
                    url: known(speaker.url.clone()),
                    photo: known(speaker.photo.clone()),
                }),
                url: attribute(&entry.url),
                name: entry.title.as_deref(),
                content: words(entry).map(|(html, text)| html.map_or(text, Cow::Borrowed)),
                published: published.map(absolute),
                published_ts: moment.map(|moment| moment.as_millis().div_euclid(1000)),
                rsvp: entry
                    .rsvp
                    .filter(|answer| is_rsvp && *answer != Rsvp::Interested)
                    .map(Rsvp::as_str),
            },
            activity: ActivityJson {
                r#type: activity(entry.kind),
                sentence,
                sentence_html,
            },
            target: target(mention).0,
        }
    }
}

/// What was done by whom, in plain text and as markup.
fn sentences(mention: &Mention, speaker: &Speaker<'_>) -> (String, String) {
    let (target, _) = target(mention);
    let verb = verb(mention);
    let name = match speaker.name {
        "" => mention.source.host(),
        name => name,
    };
    let url = match speaker.url.as_ref() {
        "" => mention.source.as_str(),
        url => url,
    };
    let link = |url: &str, text: &str| {
        let (url, text) = (escaped(&attribute(url)), escaped(text));
        format!("<a href=\"{url}\" rel=\"nofollow ugc noopener\">{text}</a>")
    };
    (
        format!("{name} {verb} {target}"),
        format!(
            "{} {} {}",
            link(url, name),
            escaped(&verb),
            link(target, target)
        ),
    )
}
