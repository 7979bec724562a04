//! JF2: items whose properties are members of the object, of which each has one value or a list.

use std::collections::HashMap;

use serde_json::Value;

use super::value::{MAX_DEPTH, Object, list, scalar, text};
use crate::parse::microformats::{Html, Image, Item, Value as Mf2};

/// The types that have a microformat, without `h-`: by them the form is told from other JSON.
const TYPES: [&str; 15] = [
    "adr", "app", "card", "cite", "entry", "event", "feed", "geo", "item", "listing", "product",
    "recipe", "resume", "review", "video",
];
/// Members that are no properties.
const STRUCTURE: [&str; 5] = ["@context", "children", "lang", "references", "type"];
/// Bytes that are copied to put references in their places: one may be named any number of times.
const MAX_COPIED_BYTES: usize = 1024 * 1024;

/// Whether the document has this form.
pub(super) fn is(root: &Value) -> bool {
    let first = list(Some(root)).first().and_then(Value::as_object);
    first.is_some_and(|object| {
        object
            .get("type")
            .and_then(Value::as_str)
            .is_some_and(|name| TYPES.contains(&name))
    })
}

/// The items of the document.
pub(super) fn items(root: &Value) -> Vec<Item> {
    list(Some(root))
        .iter()
        .filter_map(Value::as_object)
        .filter_map(|object| {
            let mut reader = Reader::of(object);
            reader.item(object, "entry", 0)
        })
        .collect()
}

/// Turns objects into items, and names of references into what they stand for.
struct Reader<'a> {
    references: HashMap<&'a str, (&'a Object, usize)>,
    room: usize,
}

impl<'a> Reader<'a> {
    fn of(root: &'a Object) -> Self {
        let references = root
            .get("references")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .filter_map(|(url, value)| {
                let object = value.as_object()?;
                Some((url.as_str(), (object, weight(value))))
            })
            .collect();
        Self {
            references,
            room: MAX_COPIED_BYTES,
        }
    }

    fn item(&mut self, object: &Object, default: &str, depth: usize) -> Option<Item> {
        if depth >= MAX_DEPTH {
            return None;
        }
        let below = depth.saturating_add(1);
        let kind = text(object, "type").unwrap_or(default);
        let mut item = Item {
            types: vec![format!("h-{}", kind.trim_start_matches("h-"))],
            lang: text(object, "lang").map(str::to_owned),
            ..Item::default()
        };
        for (name, values) in object {
            if STRUCTURE.contains(&name.as_str()) {
                continue;
            }
            let values: Vec<Mf2> = list(Some(values))
                .iter()
                .filter_map(|value| self.value(name, value, below))
                .collect();
            if !values.is_empty() {
                item.properties.insert(name.clone(), values);
            }
        }
        for child in list(object.get("children")) {
            let child = child.as_object();
            item.children
                .extend(child.and_then(|child| self.item(child, "entry", below)));
        }
        Some(item)
    }

    fn value(&mut self, property: &str, value: &Value, depth: usize) -> Option<Mf2> {
        match value {
            Value::Object(object) if !object.contains_key("type") => match property {
                "content" | "summary" | "name" => content(object),
                "photo" | "video" | "audio" | "logo" | "featured" => media(object),
                _ => self.nested(property, object, depth),
            },
            Value::Object(object) => self.nested(property, object, depth),
            Value::String(text) => self
                .reference(property, text, depth)
                .or_else(|| Some(Mf2::Text(text.clone()))),
            other => scalar(other).map(Mf2::Text),
        }
    }

    fn nested(&mut self, property: &str, object: &Object, depth: usize) -> Option<Mf2> {
        let default = if property == "author" { "card" } else { "cite" };
        let item = self.item(object, default, depth)?;
        Some(Mf2::Item(Box::new(item)))
    }

    /// What is known of an address. A reference's own address stays what it is: so nothing goes
    /// round in circles.
    fn reference(&mut self, property: &str, url: &str, depth: usize) -> Option<Mf2> {
        if matches!(property, "url" | "uid" | "photo" | "video" | "audio") {
            return None;
        }
        let &(object, weight) = self.references.get(url)?;
        self.room = self.room.checked_sub(weight)?;
        let known = std::mem::take(&mut self.references);
        let found = self.nested(property, object, depth);
        self.references = known;
        let Some(Mf2::Item(mut item)) = found else {
            return None;
        };
        item.properties
            .entry("url".to_owned())
            .or_insert_with(|| vec![Mf2::Text(url.to_owned())]);
        Some(Mf2::Item(item))
    }
}

fn content(object: &Object) -> Option<Mf2> {
    let plain = ["text", "value"]
        .into_iter()
        .find_map(|key| text(object, key));
    match text(object, "html") {
        Some(html) => Some(Mf2::Html(Html {
            html: html.to_owned(),
            value: plain.map_or_else(|| super::value::plain(html), str::to_owned),
            lang: text(object, "lang").map(str::to_owned),
        })),
        None => plain.map(|text| Mf2::Text(text.to_owned())),
    }
}

fn media(object: &Object) -> Option<Mf2> {
    let url = ["url", "value"]
        .into_iter()
        .find_map(|key| text(object, key))?;
    Some(match object.get("alt").and_then(Value::as_str) {
        Some(alt) => Mf2::Image(Image {
            url: url.to_owned(),
            alt: Some(alt.to_owned()),
            ..Image::default()
        }),
        None => Mf2::Text(url.to_owned()),
    })
}

/// About how many bytes a value takes.
fn weight(value: &Value) -> usize {
    let mut sum = 0_usize;
    let mut waiting = vec![value];
    while let Some(value) = waiting.pop() {
        sum = sum.saturating_add(8);
        match value {
            Value::String(text) => sum = sum.saturating_add(text.len()),
            Value::Array(items) => waiting.extend(items),
            Value::Object(object) => {
                for (key, value) in object {
                    sum = sum.saturating_add(key.len());
                    waiting.push(value);
                }
            }
            _ => {}
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_entry_becomes_an_item() {
        let root = json!({"type": "entry", "name": "Post", "url": ["https://source.example/p"], "lang": "en",
            "author": {"name": "Ann", "url": "https://source.example/", "photo": "https://source.example/a.jpg"},
            "content": {"html": "<p>Hi <a href='https://ex.com/a'>a</a></p>", "text": "Hi a"}, "category": ["x", "y"],
            "photo": [{"url": "https://source.example/p.jpg", "alt": "Me"}, "https://source.example/q.jpg"],
            "in-reply-to": {"type": "cite", "url": "https://ex.com/a"}, "children": [{"type": "cite", "name": "c"}, 4]});
        assert!(is(&root));
        let items = items(&root);
        let item = &items[0];
        assert!(item.is("h-entry"));
        assert_eq!(item.lang.as_deref(), Some("en"));
        let author = item.first("author").and_then(Mf2::item).unwrap();
        assert!(author.is("h-card"));
        assert_eq!(author.first("name").unwrap().text(), "Ann");
        assert!(
            matches!(item.first("content"), Some(Mf2::Html(html)) if html.value == "Hi a" && html.html.contains("<a"))
        );
        assert!(
            matches!(&item.all("photo"), [Mf2::Image(image), Mf2::Text(_)] if image.alt.as_deref() == Some("Me"))
        );
        let cite = item.first("in-reply-to").and_then(Mf2::item).unwrap();
        assert_eq!(cite.first("url").unwrap().text(), "https://ex.com/a");
        assert_eq!(item.all("category").len(), 2);
        assert_eq!(item.children.len(), 1);
        assert!(!item.properties.contains_key("type"));
    }

    #[test]
    fn references_are_put_in_their_places_and_never_in_circles() {
        let root = json!({"type": "feed", "children": [{"type": "entry", "author": "https://a.example/", "url": "https://a.example/"}],
            "references": {"https://a.example/": {"type": "card", "name": "Ann", "author": "https://a.example/"}}});
        let items = items(&root);
        let entry = &items[0].children[0];
        let author = entry.first("author").and_then(Mf2::item).unwrap();
        assert_eq!(author.first("name").unwrap().text(), "Ann");
        assert_eq!(author.first("url").unwrap().text(), "https://a.example/");
        assert!(author.first("author").and_then(Mf2::item).is_none());
        assert!(entry.first("url").and_then(Mf2::item).is_none());
    }

    #[test]
    fn a_reference_that_is_named_often_is_copied_to_a_bound() {
        let long = "x".repeat(100_000);
        let names = vec!["https://a.example/"; 10_000];
        let root = json!({"type": "entry", "author": names, "references": {"https://a.example/": {"name": long}}});
        let items = items(&root);
        let copies = items[0].all("author").iter().filter(|v| v.item().is_some());
        assert_eq!(copies.count(), 10);
        assert_eq!(items[0].all("author").len(), 10_000);
    }

    #[test]
    fn other_json_with_a_type_is_not_this_form() {
        for root in [
            json!({"type": "Feature"}),
            json!({"type": "module"}),
            json!({"type": ["entry"]}),
            json!({"type": "h-entry"}),
            json!([]),
            json!([["entry"]]),
            json!(4),
        ] {
            assert!(!is(&root), "{root}");
        }
    }
}
