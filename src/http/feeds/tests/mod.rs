//! What each format says of the same mentions, and that nothing in them breaks it.

use std::time::Duration;

use super::{Feed, write};
use crate::model::{
    Author, AuthoredTime, CleanHtml, Content, Entry, Excerpt, FeedFormat, KnownUrl, Mention,
    MentionId, MentionKind, MentionState, Pictures, Protocol, Protocols, Rsvp, Timestamp,
};

mod formats;
mod hostile;
mod json_rules;
mod xml_rules;

/// 2026-11-23T11:36:15.123Z
const RECEIVED: Timestamp = Timestamp::from_millis(1_795_433_775_123);

fn mention(id: i64, entry: Entry) -> Mention {
    Mention {
        id: MentionId(id),
        source: KnownUrl::stored("https://ann.example/re").unwrap(),
        target: KnownUrl::stored("https://blog.example/post").unwrap(),
        protocols: Protocols::only(Protocol::Webmention),
        state: MentionState::Shown,
        entry,
        received_at: RECEIVED,
        verified_at: RECEIVED.plus(Duration::from_secs(5)),
        pictures: Pictures::default(),
    }
}

fn time(text: &str) -> AuthoredTime {
    AuthoredTime::from_checked(text.to_owned())
}

/// One that says everything.
fn reply() -> Mention {
    let html = "<p>Nein, <em>doch</em> &amp; “so”.</p>";
    mention(
        1_795_433_775_123_000,
        Entry {
            also: vec![MentionKind::Like],
            title: Some("Über Größe & <Höhe>".to_owned()),
            content: Some(Content {
                html: Some(CleanHtml::from_sanitised(html.to_owned())),
                text: "Nein, doch & “so”.".to_owned(),
            }),
            excerpt: Some(Excerpt {
                before: "wie ".to_owned(),
                linked: "hier".to_owned(),
                after: " steht".to_owned(),
            }),
            author: Some(Author {
                name: Some("Ann Æon".to_owned()),
                url: Some("https://ann.example/".to_owned()),
                photo: Some("https://ann.example/me.jpg".to_owned()),
            }),
            published: Some(time("2026-05-04T09:30:00+02:00")),
            updated: Some(time("2026-05-05")),
            categories: vec!["köln".to_owned(), "a & b".to_owned()],
            language: Some("de".to_owned()),
            site_name: Some("Anns Blog".to_owned()),
            ..Entry::bare(MentionKind::Reply, "https://ann.example/2026/re".to_owned())
        },
    )
}

/// One that says nothing but that it is there.
fn like() -> Mention {
    mention(
        7,
        Entry::bare(MentionKind::Like, "https://ann.example/re".to_owned()),
    )
}

/// A page that links, from a time to come, without an offset.
fn page() -> Mention {
    mention(
        8,
        Entry {
            published: Some(time("2999-01-01T00:00:00")),
            summary: None,
            excerpt: Some(Excerpt {
                before: "somebody ".to_owned(),
                linked: "put it".to_owned(),
                after: " well".to_owned(),
            }),
            content: Some(Content {
                html: None,
                text: "One line\nand another <b>".to_owned(),
            }),
            ..Entry::bare(MentionKind::Mention, "https://ann.example/re".to_owned())
        },
    )
}

fn rsvp() -> Mention {
    mention(
        9,
        Entry {
            rsvp: Some(Rsvp::Maybe),
            ..Entry::bare(MentionKind::Rsvp, "https://ann.example/rsvp".to_owned())
        },
    )
}

/// A feed of these, with everything that a feed can have.
fn feed(mentions: &[Mention]) -> Feed<'_> {
    Feed {
        title: "Mentions of blog.example/post",
        home: Some("https://blog.example/post"),
        first: "https://lb.example/feed?target=https%3A%2F%2Fblog.example%2Fpost",
        this: "https://lb.example/feed?target=https%3A%2F%2Fblog.example%2Fpost&cursor=10",
        next: Some("https://lb.example/feed?target=https%3A%2F%2Fblog.example%2Fpost&cursor=7"),
        hub: Some("https://hub.example/?a=b&c"),
        updated: RECEIVED,
        mentions,
    }
}

fn written(format: FeedFormat, mentions: &[Mention]) -> String {
    String::from_utf8(write(format, &feed(mentions)).unwrap()).unwrap()
}

/// A feed in which nothing has happened yet.
fn empty(format: FeedFormat) -> String {
    let feed = Feed {
        home: None,
        next: None,
        hub: None,
        updated: Timestamp::from_millis(0),
        ..feed(&[])
    };
    String::from_utf8(write(format, &feed).unwrap()).unwrap()
}
