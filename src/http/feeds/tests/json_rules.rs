//! The rules of JSON Feed 1.1, as its specification gives them.

use serde_json::{Map, Value};

/// The fields of each object, and what each holds.
const TOP: &[(&str, Kind)] = &[
    ("version", Kind::Text),
    ("title", Kind::Text),
    ("home_page_url", Kind::Url),
    ("feed_url", Kind::Url),
    ("description", Kind::Text),
    ("user_comment", Kind::Text),
    ("next_url", Kind::Url),
    ("icon", Kind::Url),
    ("favicon", Kind::Url),
    ("authors", Kind::List),
    ("language", Kind::Text),
    ("expired", Kind::Flag),
    ("hubs", Kind::List),
    ("items", Kind::List),
];
const ITEM: &[(&str, Kind)] = &[
    ("id", Kind::Text),
    ("url", Kind::Url),
    ("external_url", Kind::Url),
    ("title", Kind::Text),
    ("content_html", Kind::Text),
    ("content_text", Kind::Text),
    ("summary", Kind::Text),
    ("image", Kind::Url),
    ("banner_image", Kind::Url),
    ("date_published", Kind::Date),
    ("date_modified", Kind::Date),
    ("authors", Kind::List),
    ("tags", Kind::List),
    ("language", Kind::Text),
    ("attachments", Kind::List),
];
const AUTHOR: &[(&str, Kind)] = &[
    ("name", Kind::Text),
    ("url", Kind::Url),
    ("avatar", Kind::Url),
];
const HUB: &[(&str, Kind)] = &[("type", Kind::Text), ("url", Kind::Url)];

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Url,
    Date,
    Flag,
    List,
}

/// What is wrong with a feed; nothing if it keeps the rules.
pub(super) fn problems(text: &str) -> Vec<String> {
    let root: Value = match serde_json::from_str(text) {
        Ok(root) => root,
        Err(error) => return vec![error.to_string()],
    };
    let mut problems = Vec::new();
    let Some(feed) = object("the feed", Some(&root), TOP, &mut problems) else {
        return problems;
    };
    if feed.get("version").and_then(Value::as_str) != Some("https://jsonfeed.org/version/1.1") {
        problems.push("version is not that of 1.1".to_owned());
    }
    for field in ["title", "items"] {
        if !feed.contains_key(field) {
            problems.push(format!("{field} is missing"));
        }
    }
    if feed.contains_key("next_url") && feed.get("next_url") == feed.get("feed_url") {
        problems.push("the next page is this one".to_owned());
    }
    for hub in list(feed, "hubs") {
        let hub = object("a hub", Some(hub), HUB, &mut problems);
        if hub.is_none_or(|hub| hub.len() != 2) {
            problems.push("a hub needs a type and a url".to_owned());
        }
    }
    let mut ids = Vec::new();
    for one in list(feed, "items") {
        let Some(item) = object("an item", Some(one), ITEM, &mut problems) else {
            continue;
        };
        match item.get("id").and_then(Value::as_str) {
            Some(id) if !id.is_empty() && !ids.contains(&id) => ids.push(id),
            other => problems.push(format!("an id of its own is missing: {other:?}")),
        }
        if !item.contains_key("content_html") && !item.contains_key("content_text") {
            problems.push("an item has no content".to_owned());
        }
        for author in list(item, "authors") {
            let author = object("an author", Some(author), AUTHOR, &mut problems);
            if author.is_none_or(Map::is_empty) {
                problems.push("an author says nothing".to_owned());
            }
        }
        if list(item, "tags").iter().any(|tag| !tag.is_string()) {
            problems.push("a tag is no text".to_owned());
        }
    }
    problems
}

fn list<'a>(object: &'a Map<String, Value>, name: &str) -> &'a [Value] {
    object
        .get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// The object, if it is one, with its fields checked.
fn object<'a>(
    what: &str,
    value: Option<&'a Value>,
    fields: &[(&str, Kind)],
    problems: &mut Vec<String>,
) -> Option<&'a Map<String, Value>> {
    let Some(Value::Object(object)) = value else {
        problems.push(format!("{what} is no object"));
        return None;
    };
    for (name, value) in object {
        // What is not of the specification begins with `_` and a letter, has no dot, and holds an object.
        if let Some(custom) = name.strip_prefix('_') {
            let is_name = custom.starts_with(|c: char| c.is_ascii_alphabetic());
            if !is_name || custom.contains('.') || !value.is_object() {
                problems.push(format!("{name} is no extension"));
            }
            continue;
        }
        let Some((_, kind)) = fields.iter().find(|(field, _)| field == name) else {
            problems.push(format!("{what} has no field {name}"));
            continue;
        };
        let text = value.as_str();
        let holds = match kind {
            Kind::Text => text.is_some(),
            Kind::Url => text.is_some_and(|text| url::Url::parse(text).is_ok()),
            Kind::Date => text.is_some_and(super::xml_rules::is_rfc3339),
            Kind::Flag => value.is_boolean(),
            Kind::List => value.is_array(),
        };
        if !holds {
            problems.push(format!("{what}: {name} is {value}"));
        }
    }
    Some(object)
}
