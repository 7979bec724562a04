//! microformats2 JSON: `{"items": [{"type": ["h-entry"], "properties": {…}}]}`, a list of such items,
//! or one alone. It is the canonical form of mf2 parsing, so that it is taken as it is.

use std::collections::BTreeMap;

use serde_json::Value;

use super::value::{MAX_DEPTH, Object, list, scalar, text};
use crate::parse::microformats::{Html, Image, Item, Value as Mf2};

/// Whether the document has this form, to judge by the first item.
pub(super) fn is(root: &Value) -> bool {
    list(members(root)).first().is_some_and(is_item)
}

/// The items of the document.
pub(super) fn items(root: &Value) -> Vec<Item> {
    all(members(root), 0)
}

fn members(root: &Value) -> Option<&Value> {
    match root {
        Value::Object(object) if !is_item(root) => object.get("items"),
        root => Some(root),
    }
}

fn is_item(value: &Value) -> bool {
    let Some(object) = value.as_object() else {
        return false;
    };
    types(object).next().is_some() && object.get("properties").is_some_and(Value::is_object)
}

fn types(object: &Object) -> impl Iterator<Item = &str> {
    list(object.get("type"))
        .iter()
        .filter_map(Value::as_str)
        .filter(|name| name.starts_with("h-"))
}

fn all(values: Option<&Value>, depth: usize) -> Vec<Item> {
    list(values)
        .iter()
        .filter_map(|value| item(value.as_object()?, depth))
        .collect()
}

fn item(object: &Object, depth: usize) -> Option<Item> {
    if depth >= MAX_DEPTH {
        return None;
    }
    let below = depth.saturating_add(1);
    let mut types: Vec<String> = types(object).map(str::to_owned).collect();
    types.sort();
    types.dedup();
    if types.is_empty() {
        return None;
    }
    let properties = object.get("properties").and_then(Value::as_object);
    let properties = properties
        .into_iter()
        .flatten()
        .map(|(name, values)| {
            let values = list(Some(values)).iter();
            let values: Vec<Mf2> = values.filter_map(|each| value(each, below)).collect();
            (name.clone(), values)
        })
        .filter(|(_, values)| !values.is_empty())
        .collect();
    Some(Item {
        types,
        properties,
        children: all(object.get("children"), below),
        value: plain_value(object).map(Box::new),
        id: text(object, "id").map(str::to_owned),
        lang: text(object, "lang").map(str::to_owned),
        number: None,
    })
}

fn value(value: &Value, depth: usize) -> Option<Mf2> {
    match value {
        Value::Object(object) => match item(object, depth) {
            Some(item) => Some(Mf2::Item(Box::new(item))),
            None => plain_value(object),
        },
        other => scalar(other).map(Mf2::Text),
    }
}

/// What an object is besides an item: markup, a picture, or a text in a wrapping.
fn plain_value(object: &Object) -> Option<Mf2> {
    let value = object.get("value").and_then(scalar);
    if let Some(html) = text(object, "html") {
        return Some(Mf2::Html(Html {
            html: html.to_owned(),
            value: value.unwrap_or_else(|| super::value::plain(html)),
            lang: text(object, "lang").map(str::to_owned),
        }));
    }
    let value = value?;
    let alt = object.get("alt").and_then(Value::as_str);
    let srcset: BTreeMap<String, String> = object
        .get("srcset")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(size, url)| Some((size.clone(), url.as_str()?.to_owned())))
        .collect();
    if alt.is_none() && srcset.is_empty() {
        return Some(Mf2::Text(value));
    }
    Some(Mf2::Image(Image {
        url: value,
        alt: alt.map(str::to_owned),
        srcset,
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use url::Url;

    use super::*;
    use crate::parse::microformats;

    #[test]
    fn what_the_parser_writes_is_read_back() {
        let html = "<div class=h-entry lang=en><p class=p-name>Hi</p><a class='u-in-reply-to h-cite' href=/a>it</a>
            <img class=u-photo src=/p.jpg alt=Me><div class=e-content><b>Hi</b></div>
            <div class='h-cite'><a class=u-url href=/c>c</a></div></div>";
        let base = Url::parse("https://source.example/").unwrap();
        let mut found = microformats::parse(html, &base);
        found.rels.clear();
        let as_json = Value::from(&found);
        let read = items(&as_json);
        assert!(is(&as_json));
        assert_eq!(read.len(), 1);
        assert_eq!(read[0].children.len(), 1);
        let again = microformats::Microformats {
            items: read,
            rels: found.rels.clone(),
            rel_urls: found.rel_urls.clone(),
            complete: true,
        };
        assert_eq!(Value::from(&again), as_json);
    }

    #[test]
    fn what_has_another_shape_is_another_form() {
        for (root, is_it) in [
            (
                json!({"items": [{"type": ["h-entry"], "properties": {}}]}),
                true,
            ),
            (json!([{"type": ["h-entry"], "properties": {}}]), true),
            (json!({"type": ["h-entry"], "properties": {}}), true),
            (
                json!({"items": [{"type": "h-entry", "properties": {}}]}),
                true,
            ),
            (json!({"items": [{"title": "JSON Feed"}]}), false),
            (json!({"items": [{"type": ["h-entry"]}]}), false),
            (json!({"items": [{"type": [1], "properties": {}}]}), false),
            (json!({"items": "h-entry"}), false),
            (json!({"items": []}), false),
            (json!("h-entry"), false),
            (json!(null), false),
        ] {
            assert_eq!(is(&root), is_it, "{root}");
        }
    }

    #[test]
    fn values_of_the_wrong_type_are_passed_over() {
        let root = json!({"items": [7, null, {"type": ["h-entry", "h-entry", 4], "properties": {
            "name": [null, ["x"], {"a": 1}, 3, true, "x"], "url": "https://source.example/", "photo": [{"value": "p", "alt": 4}],
            "content": {"html": "<p>a</p><p>b"}, "author": 4.5, "empty": [],
        }, "children": [["x"], "y"], "value": {"x": 1}}]});
        let items = items(&root);
        let item = &items[0];
        assert_eq!(items.len(), 1);
        assert_eq!(item.types, ["h-entry"]);
        let text = |property| {
            let texts: Vec<_> = item.all(property).iter().map(Mf2::text).collect();
            texts.join(" ")
        };
        assert_eq!(text("name"), "3 true x");
        assert_eq!(text("url"), "https://source.example/");
        assert_eq!(text("photo"), "p");
        assert_eq!(text("content"), "ab");
        assert_eq!(text("author"), "4.5");
        assert!(!item.properties.contains_key("empty"));
        assert!(item.children.is_empty() && item.value.is_none());
    }

    #[test]
    fn nesting_is_read_to_a_bound() {
        let mut root = json!({"type": ["h-entry"], "properties": {}});
        for _ in 0..40 {
            root = json!({"type": ["h-entry"], "properties": {"comment": [root]}});
        }
        let read = items(&root);
        let mut depth = 0;
        let mut at = read.first();
        while let Some(item) = at {
            depth += 1;
            at = item.first("comment").and_then(Mf2::item);
        }
        assert_eq!(depth, MAX_DEPTH);
    }
}
