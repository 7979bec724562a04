//! Tables of documents as Mastodon, Misskey, Pleroma, PeerTube and Mobilizon write them.

use serde_json::{Value, json};

use super::*;
use crate::parse::microformats::Value as Mf2;

fn one(root: &Value) -> Item {
    let mut items = items(root);
    assert_eq!(items.len(), 1, "{root}");
    items.remove(0)
}

fn texts(item: &Item, property: &str) -> Vec<String> {
    let values = item.all(property).iter();
    values
        .map(|value| match value.item() {
            Some(nested) => format!("{}: {}", nested.types[0], texts(nested, "url").join(" ")),
            None => value.text().to_owned(),
        })
        .collect()
}

#[test]
fn a_note_becomes_an_entry() {
    let note = one(
        &json!({"@context": ["https://www.w3.org/ns/activitystreams", {"x": 1}], "type": "Note",
        "id": "https://m.example/users/ann/statuses/1", "url": "https://m.example/@ann/1",
        "attributedTo": "https://m.example/users/ann", "inReplyTo": "https://ex.com/a",
        "content": "<p>Good <a href=\"https://ex.com/a\">one</a></p>", "contentMap": {"en": "<p>Good <a href=\"https://ex.com/a\">one</a></p>"},
        "published": "2024-01-02T03:04:05Z", "updated": null, "summary": null,
        "attachment": [{"type": "Document", "mediaType": "image/png", "url": "https://m.example/p.png", "name": "A cat"},
            {"type": "Document", "mediaType": "video/mp4", "url": "https://m.example/v.mp4"}, {"type": "Document", "url": "https://m.example/x"}],
        "tag": [{"type": "Hashtag", "name": "#indieweb"}, {"type": "Mention", "name": "@bob@b.example", "href": "https://b.example/@bob"},
            {"type": "Emoji", "name": ":x:"}, 4],
        "quoteUrl": "https://q.example/1", "quoteUri": "https://q.example/1",
        "replies": {"type": "Collection", "first": {"type": "CollectionPage", "items": [
            "https://m.example/2", {"type": "Note", "id": "https://m.example/3", "content": "yes"}]}}}),
    );
    assert!(note.is("h-entry"));
    assert_eq!(note.lang.as_deref(), Some("en"));
    for (property, want) in [
        ("url", vec!["https://m.example/@ann/1"]),
        ("uid", vec!["https://m.example/users/ann/statuses/1"]),
        ("author", vec!["https://m.example/users/ann"]),
        ("in-reply-to", vec!["https://ex.com/a"]),
        ("content", vec!["Good one"]),
        ("published", vec!["2024-01-02T03:04:05Z"]),
        ("updated", vec![]),
        ("summary", vec![]),
        ("photo", vec!["https://m.example/p.png"]),
        ("video", vec!["https://m.example/v.mp4"]),
        (
            "category",
            vec!["indieweb", "h-card: https://b.example/@bob"],
        ),
        ("quotation-of", vec!["https://q.example/1"]),
        ("comment", vec!["h-cite: https://m.example/3"]),
    ] {
        assert_eq!(texts(&note, property), want, "{property}");
    }
    assert!(
        matches!(note.first("photo"), Some(Mf2::Image(image)) if image.alt.as_deref() == Some("A cat"))
    );
}

#[test]
fn an_activity_says_what_it_does_to_its_object() {
    let target = "https://ex.com/a";
    for (kind, extra, property, more) in [
        ("Like", json!({}), "like-of", vec![]),
        ("Like", json!({"content": "🎉"}), "in-reply-to", vec!["🎉"]),
        (
            "Like",
            json!({"_misskey_reaction": "🎉"}),
            "in-reply-to",
            vec!["🎉"],
        ),
        ("Like", json!({"content": ":blobcat:"}), "like-of", vec![]),
        (
            "EmojiReact",
            json!({"content": "👍"}),
            "in-reply-to",
            vec!["👍"],
        ),
        ("Announce", json!({}), "repost-of", vec![]),
        ("as:Announce", json!({}), "repost-of", vec![]),
        ("Accept", json!({}), "in-reply-to", vec!["yes"]),
        ("Reject", json!({}), "in-reply-to", vec!["no"]),
        ("TentativeAccept", json!({}), "in-reply-to", vec!["maybe"]),
    ] {
        let mut activity = json!({"@context": NAMESPACE, "type": kind, "id": "https://m.example/1", "object": target,
            "actor": {"type": "Person", "id": "https://m.example/ann", "preferredUsername": "ann", "url": "https://m.example/@ann",
                "icon": {"type": "Image", "url": "https://m.example/a.png"}}});
        for (key, value) in extra.as_object().unwrap() {
            activity[key] = value.clone();
        }
        let item = one(&activity);
        assert_eq!(texts(&item, property), [target], "{activity}");
        let said = [texts(&item, "content"), texts(&item, "rsvp")].concat();
        assert_eq!(said, more, "{activity}");
        let author = item.first("author").and_then(Mf2::item).unwrap();
        assert_eq!(texts(author, "name"), ["ann"]);
        assert_eq!(texts(author, "url"), ["https://m.example/@ann"]);
        assert_eq!(texts(author, "uid"), ["https://m.example/ann"]);
        assert_eq!(texts(author, "photo"), ["https://m.example/a.png"]);
    }
}

#[test]
fn what_is_created_is_the_entry_and_its_actor_the_author() {
    for root in [
        json!({"@context": NAMESPACE, "type": "Create", "actor": "https://m.example/ann",
            "object": {"type": "Article", "id": "https://m.example/1", "name": "T"}}),
        json!({"@context": NAMESPACE, "type": "OrderedCollection", "orderedItems": [{"type": "Update",
            "actor": "https://m.example/ann", "object": {"type": "Note", "id": "https://m.example/1", "nameMap": {"de": "T"}}}]}),
        json!({"type": "OrderedCollection", "first": {"orderedItems": [
            {"type": "Page", "id": "https://m.example/1", "attributedTo": [{"type": "Person", "id": "https://m.example/ann"}], "name": "T"}]}}),
    ] {
        assert!(is(&root));
        let item = one(&root);
        assert_eq!(texts(&item, "author"), ["https://m.example/ann"], "{root}");
        assert_eq!(texts(&item, "url"), ["https://m.example/1"]);
        assert_eq!(texts(&item, "name"), ["T"]);
    }
}

#[test]
fn what_says_nothing_to_a_reader_is_no_item() {
    for object in [
        json!({"type": "Undo", "object": {"type": "Like"}}),
        json!({"type": "Accept", "object": {"type": "Follow", "object": "https://ex.com/a"}}),
        json!({"type": "Create", "object": "https://m.example/1"}),
        json!({"type": "Tombstone", "id": "https://m.example/1"}),
        json!({"id": "https://m.example/1"}),
        json!({"type": 4}),
        json!({"type": "Person", "id": "https://m.example/ann"}),
        json!([[[]]]),
        json!(null),
    ] {
        assert_eq!(items(&object), [], "{object}");
    }
}

#[test]
fn a_film_has_a_page_and_files() {
    let film = one(
        &json!({"@context": NAMESPACE, "type": "Video", "name": "Film", "mediaType": "text/markdown", "content": "**a**",
        "url": [{"type": "Link", "mediaType": "video/mp4", "href": "https://v.example/1.mp4"},
            {"type": "Link", "mediaType": "text/html", "href": "https://v.example/w/1"}],
        "attributedTo": [{"type": "Person", "id": "https://v.example/ann"}, {"type": "Group", "id": "https://v.example/group"}]}),
    );
    assert_eq!(texts(&film, "url"), ["https://v.example/w/1"]);
    assert_eq!(texts(&film, "video"), ["https://v.example/1.mp4"]);
    assert!(matches!(film.first("content"), Some(Mf2::Text(text)) if text == "**a**"));
    assert_eq!(film.all("author").len(), 2);
}

#[test]
fn an_event_has_a_time_and_a_place() {
    let event = one(
        &json!({"@context": NAMESPACE, "type": "Event", "name": "Camp", "startTime": "2024-05-01T10:00:00Z",
        "location": {"type": "Place", "name": "Hall", "latitude": 52.5, "longitude": "13.4"}}),
    );
    assert!(event.is("h-event"));
    assert_eq!(texts(&event, "start"), ["2024-05-01T10:00:00Z"]);
    let place = event.first("location").and_then(Mf2::item).unwrap();
    assert_eq!(texts(place, "latitude"), ["52.5"]);
    assert_eq!(texts(place, "longitude"), ["13.4"]);
}

#[test]
fn an_actor_is_a_card() {
    let card = one(
        &json!({"@context": NAMESPACE, "type": "Person", "id": "https://m.example/users/ann", "name": "Ann",
        "preferredUsername": "ann", "summary": "<p>Writes.</p>", "url": [{"type": "Link", "href": "https://m.example/@ann"}],
        "icon": [{"type": "Image", "mediaType": "image/png", "url": "https://m.example/a.png"}]}),
    );
    assert!(card.is("h-card"));
    for (property, want) in [
        ("name", "Ann"),
        ("nickname", "ann"),
        ("note", "Writes."),
        ("url", "https://m.example/@ann"),
        ("uid", "https://m.example/users/ann"),
        ("photo", "https://m.example/a.png"),
    ] {
        assert_eq!(texts(&card, property), [want], "{property}");
    }
}

#[test]
fn values_of_the_wrong_type_and_deep_nesting_are_borne() {
    let hostile = json!({"@context": NAMESPACE, "type": ["Note", 4], "id": 4, "url": {"href": null}, "attributedTo": [null, 4, [], {}],
        "content": ["x"], "contentMap": {"en": 4}, "attachment": [null, [], {"url": 4}, {"type": "Image", "url": [[]]}], "tag": {"type": "Hashtag"},
        "location": {"latitude": null}, "replies": {"items": {"type": {}}}, "inReplyTo": {"id": {}}, "image": 7, "quote": []});
    assert_eq!(texts(&one(&hostile), "content"), ["x"]);
    let mut deep = json!({"type": "Note", "id": "https://m.example/1"});
    for _ in 0..60 {
        deep = json!({"type": "Create", "actor": "x", "object": {"type": "Note", "id": "y", "inReplyTo": deep}});
    }
    assert_eq!(items(&deep).len(), 1);
    let mut pages = json!({"type": "Note", "id": "x"});
    for _ in 0..60 {
        pages = json!({"type": "Collection", "items": [pages]});
    }
    assert_eq!(items(&pages), []);
}
