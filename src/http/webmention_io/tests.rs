//! What webmention.io answers, held against what we do: its own program's output over made-up rows.

use serde_json::Value;

use super::forms::{Callback, Jf2, Links, Paging};
use super::stream::Form;
use crate::model::{
    Author, AuthoredTime, Cached, CleanHtml, Content, Entry, KnownUrl, MediaName, MediaType,
    Mention, MentionId, MentionKind, MentionState, Photo, PictureRole, Pictures, Protocol,
    Protocols, Rsvp, Timestamp,
};

const BASE: &str = "https://mentions.example/";

/// Our copy of every face.
const FACE: &str = "https://mentions.example/media/01010101010101010101010101010101.jpg";

/// The file of that collection; `None`, said aloud, where it is not.
fn golden(name: &str) -> Option<Value> {
    let path = crate::protocol::shared::shared(&format!("protocol/{name}"))?;
    let text = std::fs::read_to_string(path).unwrap();
    Some(serde_json::from_str(&text).unwrap())
}

fn author(name: &str, url: &str, photo: Option<&str>) -> Author {
    Author {
        name: Some(name.into()),
        url: Some(url.into()),
        photo: photo.map(str::to_owned),
    }
}

fn time(text: &str) -> AuthoredTime {
    AuthoredTime::from_checked(text.into())
}

fn text(text: &str, html: Option<&str>) -> Content {
    Content {
        html: html.map(|html| CleanHtml::from_sanitised(html.into())),
        text: text.into(),
    }
}

/// Copies of all faces.
fn pictures(entry: &Entry) -> Pictures {
    let face = entry
        .author
        .as_ref()
        .and_then(|author| author.photo.clone());
    let copy = |url| Cached {
        role: PictureRole::Avatar,
        url,
        name: MediaName {
            hash: [1; 16],
            form: MediaType::Jpeg,
        },
        width: 48,
        height: 48,
    };
    Pictures(face.into_iter().map(copy).collect())
}

/// The rows of the golden files, as we keep them.
fn rows() -> Vec<Mention> {
    let bare = |kind, url: &str| Entry::bare(kind, url.to_owned());
    let entries = [
        (
            "https://alice.example/replies/1",
            Protocol::Webmention,
            Entry {
                author: Some(author(
                    "Alice Example",
                    "https://alice.example/",
                    Some("https://webmention.io/avatar/alice.example/0c1d.jpg"),
                )),
                published: Some(time("2026-05-04T09:30:00-07:00")),
                syndication: vec!["https://social.example/@alice/1".into()],
                content: Some(text("Great post!", Some("<p>Great <em>post</em>!</p>"))),
                ..bare(MentionKind::Reply, "https://alice.example/replies/1")
            },
        ),
        (
            "https://brid.gy/like/mastodon/@bob@social.example/11/22",
            Protocol::Webmention,
            Entry {
                author: Some(author(
                    "Bob",
                    "https://social.example/@bob",
                    Some("https://webmention.io/avatar/social.example/99aa.png"),
                )),
                ..bare(
                    MentionKind::Like,
                    "https://social.example/@bob/11#favorited-by-22",
                )
            },
        ),
        (
            "https://carol.example/2026/weeknotes",
            Protocol::Pingback,
            bare(MentionKind::Mention, "https://carol.example/2026/weeknotes"),
        ),
        (
            "https://dave.example/rsvp",
            Protocol::Webmention,
            Entry {
                // What a source gives relatively is made absolute when it is read.
                author: Some(author("Dave", "https://dave.example/", None)),
                published: Some(time("2026-05-04T09:00:00")),
                content: Some(text("Count me in", None)),
                rsvp: Some(Rsvp::Yes),
                ..bare(MentionKind::Rsvp, "https://dave.example/rsvp")
            },
        ),
        (
            "https://erin.example/checkin",
            Protocol::Webmention,
            Entry {
                author: Some(author("Erin", "https://erin.example/", None)),
                title: Some("Two photos".into()),
                summary: Some("A short summary".into()),
                photos: ["1", "2"]
                    .map(|n| Photo {
                        url: format!("https://erin.example/{n}.jpg"),
                        alt: None,
                    })
                    .into(),
                content: Some(text("old shape", Some("<p>old shape</p>"))),
                ..bare(MentionKind::Mention, "https://erin.example/checkin")
            },
        ),
        (
            "https://old.example/x",
            Protocol::Webmention,
            bare(MentionKind::Mention, "https://old.example/x"),
        ),
    ];
    let mention = |(number, (source, protocol, entry)): (i64, (&str, Protocol, Entry))| Mention {
        id: MentionId(number),
        source: KnownUrl::stored(source).unwrap(),
        target: KnownUrl::stored("https://blog.example.com/2026/05/hello/").unwrap(),
        protocols: Protocols::only(protocol),
        state: MentionState::Shown,
        pictures: pictures(&entry),
        entry,
        received_at: Timestamp::from_millis(1_777_888_805_000),
        verified_at: Timestamp::from_millis(1_777_888_809_000),
    };
    (1001..).zip(entries).map(mention).collect()
}

fn written(form: &impl Form) -> Value {
    let mut out = String::new();
    form.begin(&mut out);
    for (n, mention) in rows().iter().enumerate() {
        form.mention(&mut out, mention, n > 0);
    }
    form.end(&mut out, Some(6));
    serde_json::from_str(&out).unwrap()
}

fn paging() -> Paging {
    Paging {
        per_page: 20,
        page: 0,
    }
}

/// What of the golden files is of what we have none of, or say better: the path and our value.
fn adapt(golden: &mut Value, list: &str, changes: &[(usize, &str, Value)]) {
    for (row, path, value) in changes {
        let row = &mut golden[list][*row];
        let (parent, name) = path.rsplit_once('/').unwrap();
        let parent = row.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        assert!(parent.contains_key(name) || !value.is_null(), "{path}");
        match value {
            // `null` stands for a field that is left out.
            Value::Null => parent.remove(name),
            value => parent.insert(name.to_owned(), value.clone()),
        };
    }
}

#[test]
fn the_jf2_is_webmention_ios_field_for_field() {
    let Some(mut golden) = golden("wmio_mentions.jf2.json") else {
        return;
    };
    let mut ours = written(&Jf2 {
        base: BASE.to_owned(),
        callback: Callback(None),
        paging: Some(paging()),
        separator: ",",
    });
    adapt(
        &mut golden,
        "children",
        &[
            // Our copies.
            (0, "/author/photo", FACE.into()),
            (1, "/author/photo", FACE.into()),
            // Absolute, as in the other form.
            (3, "/author/url", "https://dave.example/".into()),
            // Private mentions, coins of a silo, links of the head, and the shape of before 2018.
            (4, "/wm-private", false.into()),
            (4, "/swarm-coins", Value::Null),
            (4, "/rels", Value::Null),
            (4, "/content/content-type", Value::Null),
            (4, "/content/value", Value::Null),
            // Rows of before 2017 are blank where later ones are empty.
            (5, "/author/name", "".into()),
            (5, "/author/url", "".into()),
            (5, "/author/photo", "".into()),
            (5, "/wm-protocol", "webmention".into()),
        ],
    );
    let paging = ours.as_object_mut().unwrap().remove("paging").unwrap();
    let want = serde_json::json!({"per-page": 20, "page": 0, "total": 6, "total-pages": 1});
    assert_eq!(paging, want);
    assert_eq!(ours, golden);
}

#[test]
fn the_json_is_webmention_ios_field_for_field() {
    let Some(mut golden) = golden("wmio_mentions.json") else {
        return;
    };
    let callback = Callback(None);
    let mut ours = written(&Links {
        base: BASE.to_owned(),
        callback,
        paging: paging(),
    });
    adapt(
        &mut golden,
        "links",
        &[
            (0, "/data/author/photo", FACE.into()),
            (1, "/data/author/photo", FACE.into()),
            (4, "/private", false.into()),
            (4, "/data/swarm_coins", Value::Null),
            (4, "/rels", Value::Null),
            (5, "/activity/type", "link".into()),
        ],
    );
    ours.as_object_mut().unwrap().remove("paging").unwrap();
    // What was left out in 2023, and clients still read.
    let mut sentences = Vec::new();
    for link in ours["links"].as_array_mut().unwrap() {
        let activity = link["activity"].as_object_mut().unwrap();
        sentences.push(activity.remove("sentence").unwrap());
        assert!(activity.remove("sentence_html").unwrap().is_string());
    }
    let page = "https://blog.example.com/2026/05/hello/";
    assert_eq!(sentences[1], format!("Bob liked {page}"));
    assert_eq!(sentences[2], format!("carol.example mentioned {page}"));
    assert_eq!(sentences[3], format!("Dave RSVPed “yes” to {page}"));
    assert_eq!(ours, golden);
}

#[test]
fn a_script_calls_the_function_that_was_named() {
    let mut out = String::new();
    let form = Links {
        base: BASE.to_owned(),
        callback: Callback(Some("window.show".into())),
        paging: paging(),
    };
    form.begin(&mut out);
    form.end(&mut out, None);
    assert_eq!(
        out,
        r#"/**/window.show({"links":[],"paging":{"page":0,"per-page":20}})"#
    );
}
