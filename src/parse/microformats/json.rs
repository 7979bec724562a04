//! The canonical JSON of microformats. The form is described at the module above.

use serde_json::{Map, Value as Json, json};

use super::item::{Html, Image, Item, Microformats, RelUrl, Value};

impl From<&Microformats> for Json {
    fn from(found: &Microformats) -> Self {
        let rel_urls: Map<String, Json> = found
            .rel_urls
            .iter()
            .map(|(url, about)| (url.clone(), about.into()))
            .collect();
        json!({
            "items": list(&found.items),
            "rels": found.rels,
            "rel-urls": rel_urls,
        })
    }
}

impl From<&Item> for Json {
    fn from(item: &Item) -> Self {
        let mut out = Map::new();
        // What the value is made of comes first: an `e-*` item carries its markup beside the rest.
        match item.value.as_deref() {
            Some(Value::Html(html)) => out = html_members(html),
            Some(value) => {
                out.insert("value".to_owned(), value.into());
            }
            None => {}
        }
        let properties: Map<String, Json> = item
            .properties
            .iter()
            .map(|(name, values)| (name.clone(), list(values)))
            .collect();
        out.insert("type".to_owned(), json!(item.types));
        out.insert("properties".to_owned(), Json::Object(properties));
        if !item.children.is_empty() {
            out.insert("children".to_owned(), list(&item.children));
        }
        insert(&mut out, "id", item.id.as_deref());
        insert(&mut out, "lang", item.lang.as_deref());
        Json::Object(out)
    }
}

impl From<&Value> for Json {
    fn from(value: &Value) -> Self {
        match value {
            Value::Text(text) | Value::Url(text) => json!(text),
            Value::Image(image) => image_members(image),
            Value::Html(html) => Json::Object(html_members(html)),
            Value::Item(item) => item.as_ref().into(),
        }
    }
}

impl From<&RelUrl> for Json {
    fn from(about: &RelUrl) -> Self {
        let mut out = Map::new();
        out.insert("rels".to_owned(), json!(about.rels));
        out.insert("text".to_owned(), json!(about.text));
        insert(&mut out, "media", about.media.as_deref());
        insert(&mut out, "hreflang", about.hreflang.as_deref());
        insert(&mut out, "title", about.title.as_deref());
        insert(&mut out, "type", about.mime.as_deref());
        Json::Object(out)
    }
}

fn image_members(image: &Image) -> Json {
    let mut out = Map::new();
    insert(&mut out, "value", Some(&image.url));
    insert(&mut out, "alt", image.alt.as_deref());
    if !image.srcset.is_empty() {
        out.insert("srcset".to_owned(), json!(image.srcset));
    }
    Json::Object(out)
}

fn html_members(html: &Html) -> Map<String, Json> {
    let mut out = Map::new();
    insert(&mut out, "html", Some(&html.html));
    insert(&mut out, "value", Some(&html.value));
    insert(&mut out, "lang", html.lang.as_deref());
    out
}

fn list<'a, T>(of: &'a [T]) -> Json
where
    Json: From<&'a T>,
{
    Json::Array(of.iter().map(Json::from).collect())
}

fn insert(out: &mut Map<String, Json>, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        out.insert(name.to_owned(), json!(value));
    }
}
