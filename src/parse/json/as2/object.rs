//! Objects: what is to be read, seen or heard, as h-entries; events as h-events.

use serde_json::Value;

use super::super::value::{
    MAX_DEPTH, Object, add, add_text, html, item_of, list, plain, scalar, text,
};
use super::link::{Link, links, media_type};
use super::{actor, is_a, link, members};
use crate::parse::microformats::{Image, Item, Value as Mf2};

/// Values of one property that are read.
const MAX_VALUES: usize = 256;
/// What software calls the address of what a note quotes.
const QUOTES: [&str; 4] = ["quote", "quoteUrl", "quoteUri", "_misskey_quote"];

/// What kind of item the object is where it stands for itself.
pub(super) fn kind(object: &Object) -> &'static str {
    if is_a(object, "Event") {
        "h-event"
    } else {
        "h-entry"
    }
}

/// The object as an item of a kind. None of what is gone, is a mere link or says nothing.
pub(super) fn item(object: &Object, kind: &str, depth: usize) -> Option<Item> {
    let is_none = ["Tombstone", "Link", "Hashtag", "Mention"]
        .iter()
        .any(|of| is_a(object, of));
    if depth >= MAX_DEPTH || is_none || super::types(object).next().is_none() {
        return None;
    }
    let below = depth.saturating_add(1);
    let mut item = item_of(kind);
    add_text(
        &mut item,
        "name",
        text(object, "name").or_else(|| mapped(object, "nameMap").map(|(_, name)| name)),
    );
    let summary =
        text(object, "summary").or_else(|| mapped(object, "summaryMap").map(|(_, text)| text));
    add_text(&mut item, "summary", summary.map(plain).as_deref());
    if let Some(content) = content(object) {
        add(&mut item, "content", content);
    }
    for (key, property) in [
        ("published", "published"),
        ("updated", "updated"),
        ("startTime", "start"),
        ("endTime", "end"),
    ] {
        add_text(&mut item, property, text(object, key));
    }
    add_text(&mut item, "url", link::page(object));
    add_text(&mut item, "uid", text(object, "id"));
    add_authors(&mut item, object);
    add_all(&mut item, "in-reply-to", object.get("inReplyTo"), below);
    for key in QUOTES {
        if item.first("quotation-of").is_none() {
            add_all(&mut item, "quotation-of", object.get(key), below);
        }
    }
    add_media(&mut item, object);
    add_tags(&mut item, object);
    for place in list(object.get("location")).iter().take(MAX_VALUES) {
        if let Some(place) = location(place) {
            add(&mut item, "location", place);
        }
    }
    let replies = object.get("replies").and_then(Value::as_object);
    for reply in replies.into_iter().flat_map(members).take(MAX_VALUES) {
        if let Some(reply) = cited(reply, below) {
            add(&mut item, "comment", reply);
        }
    }
    item.lang = content_language(object)
        .or_else(|| text(object.get("language")?.as_object()?, "identifier"))
        .map(str::to_owned);
    Some(item)
}

/// An object that another speaks of, if more than its address is there.
pub(super) fn cited(value: &Value, depth: usize) -> Option<Mf2> {
    let object = value.as_object()?;
    let item = item(object, "h-cite", depth)?;
    Some(Mf2::Item(Box::new(item)))
}

/// Adds who is said to have made or done it.
pub(super) fn add_authors(item: &mut Item, object: &Object) {
    let by = object.get("attributedTo").or_else(|| object.get("actor"));
    for author in list(by).iter().take(MAX_VALUES) {
        if let Some(author) = actor::author(author) {
            add(item, "author", author);
        }
    }
}

fn add_all(item: &mut Item, property: &str, value: Option<&Value>, depth: usize) {
    for value in list(value).iter().take(MAX_VALUES) {
        let found = cited(value, depth)
            .or_else(|| link::first(Some(value)).map(|href| Mf2::Text(href.to_owned())));
        if let Some(found) = found {
            add(item, property, found);
        }
    }
}

/// What the object says. AS2 §4.1: HTML, unless `mediaType` says otherwise.
fn content(object: &Object) -> Option<Mf2> {
    let (lang, said) = match text(object, "content") {
        Some(said) => (content_language(object), said),
        None => mapped(object, "contentMap").map(|(lang, said)| (Some(lang), said))?,
    };
    let is_html = text(object, "mediaType").is_none_or(|of| of.starts_with("text/html"));
    Some(if is_html {
        html(said, lang)
    } else {
        Mf2::Text(said.to_owned())
    })
}

/// The language under which the content stands once more, if under one alone.
fn content_language(object: &Object) -> Option<&str> {
    let map = object.get("contentMap")?.as_object()?;
    let said = object.get("content").and_then(Value::as_str);
    let mut same = map
        .iter()
        .filter(|(_, text)| said.is_none_or(|said| text.as_str() == Some(said)));
    let (lang, _) = same.next()?;
    same.next().is_none().then_some(lang.as_str())
}

/// The first text of a language map, with its language.
fn mapped<'a>(object: &'a Object, key: &str) -> Option<(&'a str, &'a str)> {
    object
        .get(key)?
        .as_object()?
        .iter()
        .find_map(|(lang, text)| Some((lang.as_str(), text.as_str()?)))
}

/// Pictures, films and sounds: what is attached, and what the object itself is.
fn add_media(item: &mut Item, object: &Object) {
    for attached in list(object.get("attachment")).iter().take(MAX_VALUES) {
        if let Some(attached) = attached.as_object() {
            add_medium(item, attached, None);
        }
    }
    for image in list(object.get("image")).iter().take(MAX_VALUES) {
        match image {
            Value::String(url) => add(item, "photo", Mf2::Text(url.clone())),
            Value::Object(image) => add_medium(item, image, Some("photo")),
            _ => {}
        }
    }
    if ["Image", "Video", "Audio"]
        .iter()
        .any(|of| is_a(object, of))
    {
        add_medium(item, object, None);
    }
}

/// Adds the addresses of one object, by media type or else by the kind of the object. A page is none.
fn add_medium(item: &mut Item, medium: &Object, default: Option<&str>) {
    let default = default.or_else(|| {
        [("Image", "photo"), ("Video", "video"), ("Audio", "audio")]
            .into_iter()
            .find(|(of, _)| is_a(medium, of))
            .map(|(_, property)| property)
    });
    let own = media_type(medium);
    let address = ["url", "href"].into_iter().find_map(|key| medium.get(key));
    for Link { href, media_type } in links(address).take(MAX_VALUES) {
        let property = match media_type.or(own).and_then(|of| of.split_once('/')) {
            Some(("image", _)) => "photo",
            Some(("video", _)) => "video",
            Some(("audio", _)) => "audio",
            Some(_) => continue,
            None => match default {
                Some(property) => property,
                None => continue,
            },
        };
        let value = match text(medium, "name").or_else(|| text(medium, "summary")) {
            Some(alt) if property == "photo" => Mf2::Image(Image {
                url: href.to_owned(),
                alt: Some(alt.to_owned()),
                ..Image::default()
            }),
            _ => Mf2::Text(href.to_owned()),
        };
        add(item, property, value);
        if property == "photo" {
            // The others are the same picture in other sizes.
            break;
        }
    }
}

/// Hashtags are words, mentions are persons.
fn add_tags(item: &mut Item, object: &Object) {
    for tag in list(object.get("tag")).iter().take(MAX_VALUES) {
        let Some(tag) = tag.as_object() else { continue };
        if is_a(tag, "Hashtag") {
            let name = text(tag, "name").map(|name| name.trim_start_matches('#'));
            add_text(item, "category", name);
        } else if is_a(tag, "Mention")
            && let Some(href) = text(tag, "href")
        {
            let mut card = item_of("h-card");
            add_text(&mut card, "name", text(tag, "name"));
            add_text(&mut card, "url", Some(href));
            add(item, "category", Mf2::Item(Box::new(card)));
        }
    }
}

fn location(value: &Value) -> Option<Mf2> {
    let Some(place) = value.as_object() else {
        return value.as_str().map(|name| Mf2::Text(name.to_owned()));
    };
    let name = text(place, "name");
    let mut item = item_of(if name.is_some() { "h-card" } else { "h-geo" });
    add_text(&mut item, "name", name);
    add_text(&mut item, "url", link::first(place.get("url")));
    for key in ["latitude", "longitude"] {
        add_text(&mut item, key, place.get(key).and_then(scalar).as_deref());
    }
    (!item.properties.is_empty()).then(|| Mf2::Item(Box::new(item)))
}
