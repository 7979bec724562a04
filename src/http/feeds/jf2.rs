//! JF2: a feed whose children are entries; the property that names the target says what each does to it.

use serde_json::{Map, Value, json};

use super::Feed;
use super::item::{Item, Words};
use crate::http::api::rfc3339;
use crate::model::{Author, AuthoredTime, Comment, Location, Photo, Rsvp};

/// The feed as a document.
pub(super) fn write(feed: &Feed) -> serde_json::Result<Vec<u8>> {
    let children: Vec<_> = feed
        .mentions
        .iter()
        .map(|one| entry(&Item::of(one)))
        .collect();
    let mut root = Map::new();
    put(&mut root, "type", Some("feed"));
    put(&mut root, "name", Some(feed.title));
    put(&mut root, "url", feed.home.or(Some(feed.this)));
    put(&mut root, "uid", Some(feed.first));
    put(&mut root, "updated", Some(rfc3339(feed.updated)));
    put(&mut root, "next", feed.next);
    root.insert("children".to_owned(), Value::Array(children));
    serde_json::to_vec(&root)
}

fn entry(item: &Item) -> Value {
    let of = &item.mention.entry;
    let mut entry = Map::new();
    put(&mut entry, "type", Some("entry"));
    put(&mut entry, "uid", Some(item.id.as_str()));
    put(&mut entry, "url", Some(&*item.url));
    put(&mut entry, "name", item.title);
    put(&mut entry, "author", Some(author(item)));
    put(&mut entry, "published", Some(item.published.rfc3339()));
    let updated = of.updated.as_ref().map(AuthoredTime::as_str);
    put(&mut entry, "updated", updated);
    put(
        &mut entry,
        "accessed",
        Some(rfc3339(item.mention.received_at)),
    );
    put(&mut entry, "lang", item.language);
    put(&mut entry, "summary", item.summary.as_deref());
    put(
        &mut entry,
        "content",
        item.words.map(|words| match words {
            Words::Html(html) => {
                let text = of.content.as_ref().map(|content| content.text.as_str());
                json!({"html": html, "text": text})
            }
            Words::Text(text) => Value::from(text),
        }),
    );
    put(&mut entry, "rsvp", of.rsvp.map(Rsvp::as_str));
    put(&mut entry, "publication", of.site_name.as_deref());
    let mut categories: Vec<_> = of.categories.iter().map(String::as_str).collect();
    for relation in item.relations() {
        let target = item.mention.target.as_str();
        match relation {
            "category" => categories.push(target),
            relation => put(&mut entry, relation, Some(target)),
        }
    }
    list(&mut entry, "category", categories);
    list(&mut entry, "photo", of.photos.iter().map(photo));
    list(&mut entry, "video", of.videos.iter().map(String::as_str));
    list(&mut entry, "audio", of.audio.iter().map(String::as_str));
    list(
        &mut entry,
        "syndication",
        of.syndication.iter().map(String::as_str),
    );
    put(&mut entry, "location", of.location.as_ref().map(location));
    list(&mut entry, "comment", of.comments.iter().map(comment));
    Value::Object(entry)
}

fn author(item: &Item) -> Value {
    let known = item.mention.entry.author.as_ref();
    let photo = known.and_then(|author| author.photo.as_deref());
    card(Some(item.author), item.author_url.as_deref(), photo)
}

fn card(name: Option<&str>, url: Option<&str>, photo: Option<&str>) -> Value {
    let mut card = Map::new();
    put(&mut card, "type", Some("card"));
    put(&mut card, "name", name);
    put(&mut card, "url", url);
    put(&mut card, "photo", photo);
    Value::Object(card)
}

fn photo(photo: &Photo) -> Value {
    match &photo.alt {
        Some(alt) => json!({"url": photo.url, "alt": alt}),
        None => Value::from(photo.url.as_str()),
    }
}

fn location(place: &Location) -> Value {
    let (latitude, longitude) = place.coordinates.unzip();
    let mut location = Map::new();
    put(&mut location, "type", Some("card"));
    put(&mut location, "name", place.name.as_deref());
    put(&mut location, "url", place.url.as_deref());
    put(&mut location, "latitude", latitude);
    put(&mut location, "longitude", longitude);
    Value::Object(location)
}

fn comment(comment: &Comment) -> Value {
    let by = |author: &Author| {
        card(
            author.name.as_deref(),
            author.url.as_deref(),
            author.photo.as_deref(),
        )
    };
    let mut cite = Map::new();
    put(&mut cite, "type", Some("cite"));
    put(&mut cite, "author", comment.author.as_ref().map(by));
    let published = comment.published.as_ref().map(AuthoredTime::as_str);
    put(&mut cite, "published", published);
    put(&mut cite, "content", comment.text.as_deref());
    put(&mut cite, "url", comment.url.as_deref());
    Value::Object(cite)
}

/// Writes a property that is there.
fn put(object: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        object.insert(name.to_owned(), value.into());
    }
}

/// Writes a property of several values; of one, as it is, as JF2 has it.
fn list<T: Into<Value>>(
    object: &mut Map<String, Value>,
    name: &str,
    values: impl IntoIterator<Item = T>,
) {
    let mut values: Vec<Value> = values.into_iter().map(Into::into).collect();
    match values.len() {
        0 => {}
        1 => put(object, name, values.pop()),
        _ => put(object, name, Some(Value::Array(values))),
    }
}
