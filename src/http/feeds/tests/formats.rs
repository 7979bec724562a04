//! Each format is read back: by a reader of feeds, and by its own rules.

use serde_json::{Value, json};

use super::xml_rules::{Element, atom_problems, rss_problems};
use super::*;

fn all() -> [Mention; 4] {
    [reply(), rsvp(), page(), like()]
}

fn read(format: FeedFormat, mentions: &[Mention]) -> feed_rs::model::Feed {
    feed_rs::parser::parse(written(format, mentions).as_bytes()).unwrap()
}

#[test]
fn every_format_keeps_its_rules_also_of_nothing() {
    let none = Vec::<String>::new();
    for text in [written(FeedFormat::Json, &all()), empty(FeedFormat::Json)] {
        assert_eq!(super::json_rules::problems(&text), none, "{text}");
    }
    for text in [written(FeedFormat::Atom, &all()), empty(FeedFormat::Atom)] {
        assert_eq!(atom_problems(&text), none, "{text}");
    }
    for text in [written(FeedFormat::Rss, &all()), empty(FeedFormat::Rss)] {
        assert_eq!(rss_problems(&text), none, "{text}");
    }
    let root: Value = serde_json::from_str(&empty(FeedFormat::Jf2)).unwrap();
    assert_eq!(
        (&root["type"], &root["children"]),
        (&json!("feed"), &json!([]))
    );
    assert!(empty(FeedFormat::Html).contains("No mentions yet."));
}

#[test]
fn the_rules_find_what_breaks_them() {
    let atom = written(FeedFormat::Atom, &all());
    let break_it = |from: &str, to: &str| {
        assert!(atom.contains(from), "{from}");
        atom_problems(&atom.replacen(from, to, 1))
    };
    for (from, to) in [
        ("<name>Ann Æon</name>", ""),
        (
            "<published>2026-05-04T09:30:00+02:00",
            "<published>2026-05-04",
        ),
        ("<published>2026-05-04", "<published>2027-05-04"),
        ("rel=\"related\"", "rel=\"alternate\""),
        ("term=\"köln\"", "label=\"köln\""),
        ("<title xml:lang=\"de\">", "<title xml:lang=\"d e\">"),
        ("</entry>", ""),
    ] {
        assert!(!break_it(from, to).is_empty(), "{from}");
    }
    let json = written(FeedFormat::Json, &all());
    for (from, to) in [
        ("\"content_text\"", "\"content\""),
        ("\"id\":\"urn", "\"id\":\"\",\"x\":\"urn"),
        ("version/1.1", "version/1"),
        ("\"authors\":[", "\"author\":["),
        ("T09:30:00+02:00", "T09:30:00"),
        ("\"_linkback\":", "\"linkback\":"),
        ("\"_linkback\":", "\"_link.back\":"),
        ("cursor=7", "cursor=10"),
    ] {
        assert!(json.contains(from), "{from}");
        let problems = super::json_rules::problems(&json.replacen(from, to, 1));
        assert!(!problems.is_empty(), "{from}");
    }
    let rss = written(FeedFormat::Rss, &all());
    assert!(!rss_problems(&rss.replacen("<pubDate>Mon", "<pubDate>Montag", 1)).is_empty());
}

#[test]
fn a_reader_of_feeds_reads_the_same_in_all_of_them() {
    for format in [FeedFormat::Atom, FeedFormat::Rss, FeedFormat::Json] {
        let feed = read(format, &all());
        assert_eq!(feed.title.unwrap().content, "Mentions of blog.example/post");
        let entry = &feed.entries[0];
        assert_eq!(
            entry.title.as_ref().unwrap().content,
            "Über Größe & <Höhe>",
            "{format:?}"
        );
        assert_eq!(
            entry.authors[0].name.as_deref(),
            Some("Ann Æon"),
            "{format:?}"
        );
        assert_eq!(
            entry.published.unwrap().to_rfc3339(),
            "2026-05-04T07:30:00+00:00"
        );
        let links: Vec<_> = entry.links.iter().map(|link| link.href.as_str()).collect();
        assert!(
            links.contains(&"https://ann.example/2026/re"),
            "{format:?} {links:?}"
        );
        let content = entry
            .content
            .as_ref()
            .and_then(|content| content.body.as_deref());
        let summary = entry
            .summary
            .as_ref()
            .map(|summary| summary.content.as_str());
        let html = content.or(summary).unwrap();
        assert!(
            html.contains("<em>doch</em> &amp; “so”"),
            "{format:?} {html}"
        );
        let tags: Vec<_> = entry
            .categories
            .iter()
            .map(|tag| tag.term.as_str())
            .collect();
        assert!(
            tags.contains(&"köln") && tags.contains(&"a & b"),
            "{format:?} {tags:?}"
        );
    }
}

#[test]
fn an_entry_is_the_same_one_in_every_format() {
    let mut ids = [FeedFormat::Atom, FeedFormat::Rss, FeedFormat::Json]
        .map(|format| {
            read(format, &all())
                .entries
                .into_iter()
                .map(|e| e.id)
                .collect::<Vec<_>>()
        })
        .into_iter();
    let first = ids.next().unwrap();
    assert!(
        first
            .iter()
            .all(|id| id.starts_with("urn:uuid:") && id.len() == 45),
        "{first:?}"
    );
    assert_eq!(
        first[0].get(23..24).unwrap(),
        "8",
        "a UUID of our own: {}",
        first[0]
    );
    for other in ids {
        assert_eq!(other, first);
    }
    for format in [FeedFormat::Jf2, FeedFormat::Html] {
        assert!(written(format, &all()).contains(&first[0]), "{format:?}");
    }
    // The same number on another host is another mention.
    let elsewhere = Mention {
        target: KnownUrl::stored("https://other.example/post").unwrap(),
        ..like()
    };
    let both = read(FeedFormat::Atom, &[like(), elsewhere]);
    assert_ne!(both.entries[0].id, both.entries[1].id);
}

#[test]
fn atom_says_what_is_answered_in_which_language_and_where_the_rest_is() {
    let root = Element::parse(&written(FeedFormat::Atom, &all())).unwrap();
    let link = |rel: &str| {
        let link = root.all("link").find(|link| link.get("rel") == Some(rel));
        link.and_then(|link| link.get("href")).unwrap().to_owned()
    };
    assert!(link("self").ends_with("cursor=10"));
    assert!(link("next").ends_with("cursor=7"));
    assert_eq!(link("first"), root.one("id").text);
    assert_eq!(link("hub"), "https://hub.example/?a=b&c");
    assert_eq!(link("alternate"), "https://blog.example/post");
    let entries: Vec<_> = root.all("entry").collect();
    let [reply, rsvp, page, like] = entries.as_slice() else {
        panic!("{entries:?}");
    };
    for answer in [reply, rsvp] {
        let answered = answer.one("thr:in-reply-to").get("ref");
        assert_eq!(answered, Some("https://blog.example/post"));
    }
    for other in [page, like] {
        assert_eq!(other.all("thr:in-reply-to").count(), 0);
    }
    assert_eq!(reply.one("content").get("xml:lang"), Some("de"));
    assert_eq!(reply.one("title").get("xml:lang"), Some("de"));
    // Where the words of a title are ours, they are English.
    assert_eq!(like.one("title").text, "Like by ann.example");
    assert_eq!(like.one("title").get("xml:lang"), Some("en"));
    assert_eq!(page.one("summary").text, "somebody put it well");
    assert_eq!(page.one("content").text, "One line\nand another <b>");
    let via = reply
        .all("link")
        .find(|link| link.get("rel") == Some("via"));
    assert_eq!(
        via.and_then(|via| via.get("href")),
        Some("https://ann.example/re")
    );
    let kinds: Vec<_> = reply
        .all("category")
        .filter(|c| c.get("scheme").is_some())
        .collect();
    assert_eq!(kinds.len(), 2, "{kinds:?}");
}

#[test]
fn times_are_the_authors_own_where_they_can_be() {
    let feed: Value = serde_json::from_str(&written(FeedFormat::Json, &all())).unwrap();
    let times = |n: usize| {
        let item = &feed["items"][n];
        (
            item["date_published"].clone(),
            item["date_modified"].clone(),
        )
    };
    // Of an update long ago: it is new here.
    assert_eq!(
        times(0),
        (
            json!("2026-05-04T09:30:00+02:00"),
            json!("2026-11-23T11:36:15.123Z")
        )
    );
    // A time to come is when we looked.
    assert_eq!(
        times(2),
        (
            json!("2026-11-23T11:36:20.123Z"),
            json!("2026-11-23T11:36:20.123Z")
        )
    );
    // No time is when it was received.
    assert_eq!(
        times(3),
        (
            json!("2026-11-23T11:36:15.123Z"),
            json!("2026-11-23T11:36:15.123Z")
        )
    );
}

#[test]
fn json_feed_has_what_it_cannot_say_under_a_key_of_ours() {
    let feed: Value = serde_json::from_str(&written(FeedFormat::Json, &all())).unwrap();
    assert_eq!(
        feed["hubs"],
        json!([{"type": "WebSub", "url": "https://hub.example/?a=b&c"}])
    );
    assert!(feed["next_url"].as_str().unwrap().ends_with("cursor=7"));
    let item = &feed["items"][0];
    assert_eq!(item["external_url"], "https://blog.example/post");
    assert_eq!(item["language"], "de");
    let ours = &item["_linkback"];
    assert_eq!(ours["kind"], "reply");
    assert_eq!(ours["also"], json!(["like"]));
    assert_eq!(ours["source"], "https://ann.example/re");
    assert_eq!(ours["target"], "https://blog.example/post");
    assert_eq!(ours["excerpt"]["linked"], "hier");
    assert_eq!(ours["author_photo"], "https://ann.example/me.jpg");
    assert_eq!(ours.get("content"), None);
    assert_eq!(feed["items"][1]["_linkback"]["rsvp"], "maybe");
    // A reader that shows pictures would ask a stranger's server for them.
    assert_eq!(item["authors"][0].get("avatar"), None);
    assert_eq!(item.get("image"), None);
}

#[test]
fn h_feed_has_the_properties_of_each_and_its_markup() {
    let html = written(FeedFormat::Html, &all());
    for part in [
        "<div class=\"h-feed\">",
        "class=\"u-in-reply-to u-like-of\" href=\"https://blog.example/post\"",
        "<div class=\"e-content\"><p>Nein, <em>doch</em> &amp; “so”.</p></div>",
        "class=\"u-url p-name\" href=\"https://ann.example/2026/re\"",
        "<article class=\"h-cite card\" lang=\"de\"",
        "<span class=\"p-rsvp\">maybe</span>",
        "<link rel=\"hub\" href=\"https://hub.example/?a=b&",
        "<a rel=\"next\" href=",
    ] {
        assert!(html.contains(part), "{part} is not in {html}");
    }
}
