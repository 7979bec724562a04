//! JSON Feed: `{"version": "https://jsonfeed.org/version/1.1", "items": […]}`, as an h-feed of entries.

use serde_json::Value;

use super::value::{Object, add, add_text, html, item_of, list, text};
use crate::parse::microformats::{Item, Value as Mf2};

/// How the addresses begin by which the versions are named.
const VERSIONS: [&str; 2] = [
    "https://jsonfeed.org/version/",
    "http://jsonfeed.org/version/",
];
/// Values of one property that are read.
const MAX_VALUES: usize = 256;

/// Whether the document has this form.
pub(super) fn is(root: &Value) -> bool {
    root.get("version")
        .and_then(Value::as_str)
        .is_some_and(|version| VERSIONS.iter().any(|of| version.starts_with(of)))
}

/// The feed, and its items in it.
pub(super) fn items(root: &Value) -> Vec<Item> {
    let Some(object) = root.as_object() else {
        return Vec::new();
    };
    let mut feed = item_of("h-feed");
    add_text(&mut feed, "name", text(object, "title"));
    add_text(&mut feed, "url", text(object, "home_page_url"));
    add_authors(&mut feed, object);
    feed.lang = text(object, "language").map(str::to_owned);
    let entries = list(object.get("items")).iter();
    feed.children = entries.filter_map(Value::as_object).map(entry).collect();
    vec![feed]
}

/// The name of the feed's site.
pub(super) fn site_name(root: &Value) -> Option<&str> {
    text(root.as_object()?, "title")
}

/// The address of the site's icon: the small one, or else the large one.
pub(super) fn site_icon(root: &Value) -> Option<&str> {
    let object = root.as_object()?;
    text(object, "favicon").or_else(|| text(object, "icon"))
}

fn entry(object: &Object) -> Item {
    let mut item = item_of("h-entry");
    for (key, property) in [
        ("title", "name"),
        ("url", "url"),
        ("summary", "summary"),
        ("date_published", "published"),
        ("date_modified", "updated"),
        ("image", "photo"),
        ("banner_image", "featured"),
    ] {
        add_text(&mut item, property, text(object, key));
    }
    let lang = text(object, "language");
    item.lang = lang.map(str::to_owned);
    match text(object, "content_html") {
        Some(markup) => add(&mut item, "content", html(markup, lang)),
        None => add_text(&mut item, "content", text(object, "content_text")),
    }
    add_authors(&mut item, object);
    for tag in list(object.get("tags")).iter().take(MAX_VALUES) {
        add_text(&mut item, "category", tag.as_str());
    }
    for attachment in list(object.get("attachments")).iter().take(MAX_VALUES) {
        let Some(attachment) = attachment.as_object() else {
            continue;
        };
        let kind = text(attachment, "mime_type").and_then(|of| of.split_once('/'));
        let property = match kind {
            Some(("audio", _)) => "audio",
            Some(("video", _)) => "video",
            Some(("image", _)) => "photo",
            _ => continue,
        };
        add_text(&mut item, property, text(attachment, "url"));
    }
    item
}

/// Version 1 has one author, version 1.1 has several.
fn add_authors(item: &mut Item, object: &Object) {
    let authors = object.get("authors").or_else(|| object.get("author"));
    for author in list(authors).iter().take(MAX_VALUES) {
        let Some(author) = author.as_object() else {
            continue;
        };
        let mut card = item_of("h-card");
        add_text(&mut card, "name", text(author, "name"));
        add_text(&mut card, "url", text(author, "url"));
        add_text(&mut card, "photo", text(author, "avatar"));
        if !card.properties.is_empty() {
            add(item, "author", Mf2::Item(Box::new(card)));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_item_becomes_an_entry_of_the_feed() {
        let root = json!({"version": "https://jsonfeed.org/version/1", "title": "Feed", "favicon": "https://a.example/f.ico",
            "author": {"name": "Ann"}, "items": [{"id": 7, "content_text": "Hi", "tags": ["x", 4, "y"],
            "attachments": [{"url": "https://a.example/a.mp3", "mime_type": "audio/mpeg"}, {"url": "https://a.example/a.pdf", "mime_type": "application/pdf"}, 1]}, "none"]});
        assert!(is(&root));
        assert_eq!(
            (site_name(&root), site_icon(&root)),
            (Some("Feed"), Some("https://a.example/f.ico"))
        );
        let feed = items(&root).remove(0);
        assert!(feed.is("h-feed") && feed.first("author").is_some());
        let [entry] = feed.children.as_slice() else {
            panic!("{feed:?}");
        };
        assert_eq!(entry.first("content").unwrap().text(), "Hi");
        assert_eq!(entry.all("category").len(), 2);
        assert_eq!(entry.all("audio").len(), 1);
        assert!(entry.first("author").is_none());
    }

    #[test]
    fn other_json_with_a_version_is_not_this_form() {
        for root in [
            json!({"version": "1.1"}),
            json!({"version": 2, "items": []}),
            json!([]),
            json!("https://jsonfeed.org/version/1"),
        ] {
            assert!(!is(&root), "{root}");
        }
    }
}
