//! A verdict and its entry, as text and as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{AtDoor, line};
use crate::model::{Author, AuthoredTime, CleanHtml, Entry, Rsvp, Unreadable, Verdict};

/// The verdict as the last part of the text, the entry with it.
pub(super) fn verdict_text(verdict: &Verdict, door: &AtDoor) -> String {
    match verdict {
        Verdict::Links(entry) => {
            let follows = if door.is_refused() {
                "links, but it would be refused at the door; the page says"
            } else if door.is_asked {
                "links; this would be shown"
            } else {
                "links; as far as the page goes, this would be shown"
            };
            format!("{follows}\n{}", entry_text(entry))
        }
        Verdict::NoLink { near_misses } => {
            let mut text = "no link to exactly this target".to_owned();
            for miss in near_misses {
                let _ = write!(text, "\n  found {}: {}", miss.url, miss.difference);
            }
            text
        }
        Verdict::Gone => "gone: the page says so of itself; a known mention is erased".to_owned(),
        Verdict::Unreadable(why) => format!("none, the page cannot be judged: {}", unreadable(why)),
    }
}

fn entry_text(entry: &Entry) -> String {
    let mut out = String::new();
    let Value::Object(fields) = entry_json(entry) else {
        return out;
    };
    for (name, value) in fields {
        let shown = match value {
            Value::Null => continue,
            Value::Array(values) if values.is_empty() => continue,
            Value::String(text) => text,
            other => other.to_string(),
        };
        line(&mut out, &format!("  {name:<11} {shown}"));
    }
    out.trim_end().to_owned()
}

fn unreadable(why: &Unreadable) -> String {
    match why {
        Unreadable::MediaType(name) => format!("{name} holds no links that we can read"),
        Unreadable::TooLarge => "longer than the cap, and no link before it".to_owned(),
        Unreadable::TooComplex => "beyond the parsing budget, and no link before it".to_owned(),
        Unreadable::Malformed(what) => what.clone(),
    }
}

/// The verdict as JSON.
pub(super) fn verdict_json(verdict: &Verdict) -> Value {
    match verdict {
        Verdict::Links(entry) => json!({ "is": "links", "entry": entry_json(entry) }),
        Verdict::NoLink { near_misses } => json!({
            "is": "no_link",
            "near_misses": near_misses
                .iter()
                .map(|m| json!({ "url": m.url, "difference": m.difference }))
                .collect::<Vec<_>>(),
        }),
        Verdict::Gone => json!({ "is": "gone" }),
        Verdict::Unreadable(why) => json!({ "is": "unreadable", "why": unreadable(why) }),
    }
}

fn entry_json(entry: &Entry) -> Value {
    let time = |time: &Option<AuthoredTime>| time.as_ref().map(|t| t.as_str().to_owned());
    json!({
        "kind": entry.kind.as_str(),
        "also": entry.also.iter().map(|kind| kind.as_str()).collect::<Vec<_>>(),
        "rsvp": entry.rsvp.map(Rsvp::as_str),
        "title": entry.title,
        "summary": entry.summary,
        "content": entry.content.as_ref().map(|content| json!({
            "html": content.html.as_ref().map(CleanHtml::as_str),
            "text": content.text,
        })),
        "excerpt": entry.excerpt.as_ref().map(|e| json!({
            "before": e.before, "linked": e.linked, "after": e.after,
        })),
        "author": entry.author.as_ref().map(author_json),
        "published": time(&entry.published),
        "updated": time(&entry.updated),
        "photos": entry.photos.iter()
            .map(|photo| json!({ "url": photo.url, "alt": photo.alt }))
            .collect::<Vec<_>>(),
        "videos": entry.videos,
        "audio": entry.audio,
        "categories": entry.categories,
        "syndication": entry.syndication,
        "location": entry.location.as_ref().map(|place| json!({
            "name": place.name,
            "url": place.url,
            "latitude": place.coordinates.map(|(latitude, _)| latitude),
            "longitude": place.coordinates.map(|(_, longitude)| longitude),
        })),
        "comments": entry.comments.iter().map(|comment| json!({
            "kind": comment.kind.as_str(),
            "author": comment.author.as_ref().map(author_json),
            "published": time(&comment.published),
            "text": comment.text,
            "url": comment.url,
        })).collect::<Vec<_>>(),
        "site_name": entry.site_name,
        "site_icon": entry.site_icon,
        "language": entry.language,
        "url": entry.url,
    })
}

/// An author as JSON.
pub(super) fn author_json(author: &Author) -> Value {
    json!({ "name": author.name, "url": author.url, "photo": author.photo })
}
