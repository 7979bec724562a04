//! What one item says of itself: each field of an [`Entry`](crate::model::Entry) from its property.

use url::Url;

use crate::model::{AuthoredTime, Content, Photo, Trace};
use crate::parse::document::{Ref, attribute, element, selector};
use crate::parse::facts::{MAX_TITLE, trace, web_address};
use crate::parse::microformats::{Item, Origin, Value, explicit};
use crate::parse::words::{clean, head, one_line};
use crate::parse::{date, sanitise};

/// Graphemes of a summary.
pub(super) const MAX_SUMMARY: usize = 1000;
/// Pictures, films, sounds, copies.
const MAX_LINKS: usize = 16;
/// Categories.
const MAX_CATEGORIES: usize = 32;
/// Graphemes of a category.
const MAX_CATEGORY: usize = 100;
/// How much of a content a step of the reading looks at to show its beginning.
const MAX_SHOWN_BYTES: usize = 400;
/// Graphemes of a picture's description.
const MAX_ALT: usize = 1000;

/// Reads one item, and notes how.
pub(super) struct Fields<'r, 'a> {
    pub(super) item: &'r Item,
    /// Where it is on its page; none of items from JSON.
    pub(super) origin: Option<&'r Origin<'a>>,
    /// What relative addresses are relative to.
    pub(super) base: &'r Url,
    /// What was found, in the order of reading.
    pub(super) steps: Vec<Trace>,
}

/// What the entry says, and the pictures in it.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) content: Option<Content>,
    pub(super) pictures: Vec<Photo>,
}

impl Fields<'_, '_> {
    /// Notes that `property` gave `found` for `field`.
    pub(super) fn note(&mut self, field: &'static str, property: &str, found: &str) {
        let kind = self.item.types.first().map_or("item", String::as_str);
        let mut step = trace(field, format!("{property} of the {kind}"), found);
        step.element = match self.origin {
            Some(origin) => origin
                .all(property)
                .next()
                .or(Some(origin.node))
                .map(selector),
            None => Some(format!("properties.{property}")),
        };
        self.steps.push(step);
    }

    /// The first of these properties that has a text.
    fn text(&mut self, field: &'static str, names: &[&str], max: usize) -> Option<String> {
        let (name, text) = names.iter().find_map(|name| {
            let mut values = self.item.all(name).iter();
            Some((name, values.find_map(|value| clean(value.text(), max))?))
        })?;
        self.note(field, name, &text);
        Some(text)
    }

    fn time(&mut self, field: &'static str, names: &[&str]) -> Option<AuthoredTime> {
        let (name, time) = names.iter().find_map(|name| {
            let mut values = self.item.all(name).iter();
            Some((name, values.find_map(|value| date::authored(value.text()))?))
        })?;
        self.note(field, name, time.as_str());
        Some(time)
    }

    /// The addresses that the properties have, each once.
    fn links(&mut self, field: &'static str, names: &[&str]) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for name in names {
            for (at, value) in self.item.all(name).iter().enumerate() {
                let node = self.origin.and_then(|origin| origin.all(name).nth(at));
                let within = node.and_then(|node| self.source_within(node));
                let Some(url) = within.or_else(|| self.address(value)).map(String::from) else {
                    continue;
                };
                if found.len() < MAX_LINKS && !found.contains(&url) {
                    self.note(field, name, &url);
                    found.push(url);
                }
            }
        }
        found
    }

    /// The first source of a film or sound that has no address of its own: mf2 parsing knows none of
    /// these, and takes the text, which is empty.
    fn source_within(&self, node: Ref<'_>) -> Option<Url> {
        let medium = element(node)?;
        if !matches!(medium.name(), "audio" | "video") || attribute(medium, "src").is_some() {
            return None;
        }
        node.children()
            .filter_map(element)
            .filter(|child| child.name() == "source")
            .find_map(|source| web_address(self.base, attribute(source, "src")?))
    }

    /// The address that a value is, or that the item which it is has.
    pub(super) fn address(&self, value: &Value) -> Option<Url> {
        let of_item = value
            .item()
            .and_then(|item| item.all("url").iter().find(|url| url.item().is_none()));
        let text = of_item.unwrap_or(value).text();
        if text.trim().is_empty() {
            return None;
        }
        // A word is no relative address.
        let is_address = !matches!(value, Value::Text(_)) || text.contains("://");
        web_address(self.base, text).filter(|_| is_address)
    }

    /// The title, if the entry has one; whether it says at all how it is named.
    ///
    /// Post Type Discovery, §5: what is but the beginning of the content is no name. A heading is one
    /// even within the content.
    pub(super) fn title(&mut self, said: &Said) -> (Option<String>, bool) {
        let names = explicit(self.item, self.origin, "name");
        let is_named = !names.is_empty();
        let Some(name) = names
            .iter()
            .find_map(|value| clean(value.text(), MAX_TITLE))
        else {
            return (None, is_named);
        };
        let is_heading = self
            .origin
            .and_then(|origin| origin.all("name").next())
            .is_some_and(|node| {
                std::iter::once(node)
                    .chain(node.ancestors().take(3))
                    .filter_map(element)
                    .any(|e| matches!(e.name(), "h1" | "h2" | "h3" | "h4"))
            });
        let begins = said
            .content
            .as_ref()
            .is_some_and(|content| begins_with(&content.text, &name));
        if begins && !is_heading {
            return (None, is_named);
        }
        self.note("title", "name", &name);
        (Some(name), is_named)
    }

    /// What the entry says.
    pub(super) fn said(&mut self) -> Said {
        for name in ["content", "description"] {
            for (at, value) in self.item.all(name).iter().enumerate() {
                let node = self.origin.and_then(|origin| origin.all(name).nth(at));
                let said = self.content_of(value, node);
                if let Some(content) = &said.content {
                    let start = one_line(head(&content.text, MAX_SHOWN_BYTES));
                    self.note("content", name, &start);
                }
                if said.content.is_some() || !said.pictures.is_empty() {
                    return said;
                }
            }
        }
        Said::default()
    }

    fn content_of(&self, value: &Value, node: Option<Ref<'_>>) -> Said {
        let is_markup = match value {
            Value::Html(_) => true,
            Value::Item(item) => matches!(item.value.as_deref(), Some(Value::Html(_))),
            _ => false,
        };
        let cleaned = match (node, value) {
            (Some(node), _) => Some(sanitise::element(node, self.base)),
            (None, Value::Html(html)) => Some(sanitise::piece(&html.html, self.base)),
            _ => None,
        };
        let (content, pictures) = cleaned.map_or((None, Vec::new()), |cleaned| {
            (cleaned.content, cleaned.pictures)
        });
        let mut content = content.or_else(|| {
            let text = sanitise::plain(value.text())?;
            Some(Content { html: None, text })
        });
        if let Some(content) = &mut content
            && !is_markup
        {
            content.html = None;
        }
        Said { content, pictures }
    }

    /// What it says in short.
    pub(super) fn summary(&mut self) -> Option<String> {
        self.text("summary", &["summary"], MAX_SUMMARY)
    }

    /// When it was published.
    pub(super) fn published(&mut self) -> Option<AuthoredTime> {
        self.time("published", &["published", "reviewed"])
    }

    /// When it was changed.
    pub(super) fn updated(&mut self) -> Option<AuthoredTime> {
        self.time("updated", &["updated", "rev"])
    }

    /// Its pictures.
    pub(super) fn photos(&mut self) -> Vec<Photo> {
        let mut photos: Vec<Photo> = Vec::new();
        for name in ["photo", "featured"] {
            for value in self.item.all(name) {
                let Some(url) = self.address(value).map(String::from) else {
                    continue;
                };
                if photos.len() < MAX_LINKS && photos.iter().all(|photo| photo.url != url) {
                    self.note("photo", name, &url);
                    photos.push(Photo {
                        url,
                        alt: alt(value),
                    });
                }
            }
            if !photos.is_empty() {
                break;
            }
        }
        photos
    }

    /// Its films.
    pub(super) fn videos(&mut self) -> Vec<String> {
        self.links("video", &["video"])
    }

    /// Its sounds.
    pub(super) fn audio(&mut self) -> Vec<String> {
        self.links("audio", &["audio"])
    }

    /// Copies of it elsewhere.
    pub(super) fn syndication(&mut self) -> Vec<String> {
        self.links("syndication", &["syndication"])
    }

    /// What it is about. Cards are people that it is about.
    pub(super) fn categories(&mut self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for value in self.item.all("category") {
            let is_person = value.item().is_some_and(|item| item.is("h-card"));
            let text = value.text().trim();
            let is_address = text.contains("://") || matches!(value, Value::Url(_));
            if is_person || is_address {
                continue;
            }
            let Some(category) = clean(text.trim_start_matches('#'), MAX_CATEGORY) else {
                continue;
            };
            if found.len() < MAX_CATEGORIES && !found.contains(&category) {
                found.push(category);
            }
        }
        if !found.is_empty() {
            self.note("categories", "category", &found.join(", "));
        }
        found
    }

    /// Its permanent address: of several the one on the page's own host.
    pub(super) fn url(&mut self, page: &Url) -> Option<Url> {
        let of = |name: &str| -> Vec<Url> {
            let values = explicit(self.item, self.origin, name).iter();
            values.filter_map(|value| self.address(value)).collect()
        };
        let (name, urls) = ["url", "uid"]
            .into_iter()
            .map(|name| (name, of(name)))
            .find(|(_, urls)| !urls.is_empty())?;
        let own = urls.iter().find(|url| url.host_str() == page.host_str());
        let url = own.or(urls.first())?.clone();
        self.note("url", name, url.as_str());
        Some(url)
    }
}

/// What a picture shows, in words.
fn alt(value: &Value) -> Option<String> {
    match value {
        Value::Image(image) => clean(image.alt.as_deref()?, MAX_ALT),
        Value::Item(item) => {
            let own = item.first("alt").or_else(|| item.first("name"))?;
            clean(own.text(), MAX_ALT)
        }
        _ => None,
    }
}

/// Whether `name`, be it cut off, is how `text` begins.
pub(in crate::parse) fn begins_with(text: &str, name: &str) -> bool {
    let name = name
        .trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '…' | '.'))
        .trim_end_matches("[…]");
    let mut text = letters(text);
    letters(name).all(|letter| text.next() == Some(letter))
}

/// What is compared: all but white space, in lower case.
fn letters(text: &str) -> impl Iterator<Item = char> {
    text.chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_the_beginning_of_the_content_is_known_as_such() {
        for (text, name, begins) in [
            ("Hello world, this is it.", "Hello world", true),
            ("Hello\n\nworld, this is it.", "Hello world…", true),
            ("Hello world", "Hello world", true),
            ("Hello world", "hello world.", true),
            ("Hello world", "World", false),
            ("Hello", "Hello world", false),
        ] {
            assert_eq!(begins_with(text, name), begins, "{text} / {name}");
        }
    }
}
