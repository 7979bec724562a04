//! Who a card speaks of, and who a page belongs to. mf2 authorship, 7.

use serde_json::Value as Json;
use url::Url;

use crate::model::{Author, Page, PageKey};

use super::charset;
use super::facts::{MAX_NAME, web_address};
use super::media::{ContentType, Media, content_type};
use super::microformats::{Item, Microformats, Options, Space, Value, parse_with};
use super::words::clean;

/// Who wrote what is on other pages, as the page at `about` says it: the
/// [`author_page`](crate::model::Reading::author_page) of a reading, of which `page` is what a fetch
/// brought back.
///
/// An HTML page says it by an h-card that is certainly its owner's, an ActivityStreams actor by itself.
/// None if the page says nothing of the kind: the title of a home page is no author.
pub fn read_author(page: &Page, about: &Url) -> Option<Author> {
    let ContentType { media, charset } = content_type(page.content_type.as_deref(), &page.body);
    let is_markup = matches!(media, Media::Html | Media::Xhtml);
    if !is_markup && media != Media::Json {
        return None;
    }
    let text = charset::decode(&page.body, charset.as_deref(), is_markup);
    if !is_markup {
        return actor(&serde_json::from_str(&text).ok()?, &page.url);
    }
    let options = Options {
        space: Space::Collapsed,
        ..Options::default()
    };
    let found = parse_with(&text, &page.url, &options);
    // A profile that has moved is still that of its old address.
    owner(&found, about).or_else(|| owner(&found, &page.url))
}

/// Whom the card speaks of; none if it has neither a name nor an address. Of several addresses the one
/// counts that is `near`, or else the first on the same host, or else the first.
pub(super) fn from_card(card: &Item, near: &Url) -> Option<Author> {
    let name = ["name", "nickname"]
        .iter()
        .flat_map(|name| card.all(name))
        .filter_map(|value| clean(value.text(), MAX_NAME))
        .find(|name| !name.contains("://"));
    let urls: Vec<Url> = addresses(card, "url", near).collect();
    let url = match urls.as_slice() {
        [only] => Some(only),
        urls => {
            let key = PageKey::of(near);
            urls.iter()
                .find(|url| PageKey::of(url) == key)
                .or_else(|| urls.iter().find(|url| url.host_str() == near.host_str()))
                .or(urls.first())
        }
    };
    (name.is_some() || url.is_some()).then(|| Author {
        name,
        url: url.map(Url::to_string),
        photo: addresses(card, "photo", near).next().map(String::from),
    })
}

/// Whose page it is: mf2 authorship, 7.2 and 7.3, and then, beyond the algorithm, the only card of the
/// page if it bears the page's address, or the only one at its top if it is of the page's host.
pub(super) fn owner(found: &Microformats, about: &Url) -> Option<Author> {
    let key = PageKey::of(about);
    let cards = cards(found);
    let is_at = |card: &Item, property: &str| {
        addresses(card, property, about).any(|url| PageKey::of(&url) == key)
    };
    let mine: Vec<PageKey> = found
        .rels
        .get("me")
        .into_iter()
        .flatten()
        .filter_map(|link| Url::parse(link).ok())
        .map(|url| PageKey::of(&url))
        .collect();
    let is_mine =
        |card: &Item| addresses(card, "url", about).any(|url| mine.contains(&PageKey::of(&url)));
    let card = cards
        .iter()
        .find(|card| is_at(card, "url") && is_at(card, "uid"))
        .or_else(|| cards.iter().find(|card| is_mine(card)))
        .or_else(|| match cards.as_slice() {
            [only] if is_at(only, "url") => Some(only),
            _ => None,
        })
        .copied()
        .or_else(|| {
            let mut tops = found.items.iter().filter(|item| item.is("h-card"));
            let only = tops.next().filter(|_| tops.next().is_none())?;
            addresses(only, "url", about)
                .any(|url| url.host_str() == about.host_str())
                .then_some(only)
        })?;
    from_card(card, about)
}

/// All cards of a page, wherever they stand.
fn cards(found: &Microformats) -> Vec<&Item> {
    let mut cards = Vec::new();
    let mut waiting: Vec<&Item> = found.items.iter().rev().collect();
    while let Some(item) = waiting.pop() {
        if item.is("h-card") {
            cards.push(item);
        }
        waiting.extend(item.children.iter().rev());
        let values = item.properties.values().rev().flatten();
        waiting.extend(values.filter_map(Value::item));
    }
    cards
}

/// The http(s) addresses that a property has.
fn addresses<'i>(item: &'i Item, property: &str, base: &'i Url) -> impl Iterator<Item = Url> + 'i {
    item.all(property)
        .iter()
        .filter(|value| !value.text().trim().is_empty())
        .filter_map(|value| web_address(base, value.text()))
}

/// An ActivityStreams 2 actor.
fn actor(object: &Json, base: &Url) -> Option<Author> {
    let text = |name: &str| object.get(name).and_then(Json::as_str);
    let address = |value: &Json| {
        let link = value
            .as_str()
            .or_else(|| value.get("url").or_else(|| value.get("href"))?.as_str())?;
        web_address(base, link).map(String::from)
    };
    let first = |name: &str| match object.get(name) {
        Some(Json::Array(values)) => values.iter().find_map(address),
        value => value.and_then(address),
    };
    let name = ["name", "preferredUsername"]
        .into_iter()
        .find_map(|name| clean(text(name)?, MAX_NAME));
    // What has no inbox or outbox is no actor.
    let is_actor = text("inbox").or(text("outbox")).is_some();
    (is_actor && name.is_some()).then(|| Author {
        name,
        url: first("url").or_else(|| first("id")),
        photo: first("icon"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content_type: &str, body: &str) -> Option<Author> {
        let url = Url::parse("https://ann.example/").unwrap();
        let page = Page {
            url: url.clone(),
            status: 200,
            content_type: Some(content_type.to_owned()),
            body: body.as_bytes().to_vec(),
            truncated: false,
        };
        read_author(&page, &url)
    }

    #[test]
    fn a_page_belongs_to_whom_its_card_says() {
        for (body, name) in [
            (
                "<div class=h-card><a class='u-url u-uid p-name' href='http://ann.example'>Ann</a></div><a class=h-card href='https://bob.example/'>Bob</a>",
                Some("Ann"),
            ),
            (
                "<div class=h-card><a class='u-url u-uid' href=/><span class=p-name>Ann</span></a></div><a class=h-card href=/x>X</a>",
                Some("Ann"),
            ),
            (
                "<a class=h-card rel=me href='https://silo.example/ann'>Ann</a><a class=h-card href='https://bob.example/'>Bob</a>",
                Some("Ann"),
            ),
            ("<a class=h-card href=/>Ann</a>", Some("Ann")),
            ("<a class=h-card href=/about>Ann</a>", Some("Ann")),
            (
                "<div class=h-entry><a class='p-author h-card' href=/>Ann</a></div>",
                Some("Ann"),
            ),
            ("<a class=h-card href='https://bob.example/'>Bob</a>", None),
            (
                "<a class=h-card href=/a>A</a><a class=h-card href=/b>B</a>",
                None,
            ),
            ("<title>Ann's page</title>", None),
            (
                "<div class='vcard'><a class='fn url' href='/'>Ann</a></div>",
                Some("Ann"),
            ),
        ] {
            let author = read("text/html", body);
            assert_eq!(author.and_then(|a| a.name).as_deref(), name, "{body}");
        }
    }

    #[test]
    fn only_what_is_fit_is_taken_from_a_card() {
        for (body, want) in [
            (
                "<div class=h-card><p class=p-name>0</p><a class=u-url href='javascript:alert(1)'></a><a class=u-url href=/></a><img class=u-photo src='data:x'><img class=u-photo src=/me.png alt=me></div>",
                (
                    Some("0"),
                    Some("https://ann.example/"),
                    Some("https://ann.example/me.png"),
                ),
            ),
            (
                "<div class=h-card><p class=p-name>https://ann.example/</p><p class=p-nickname>ann</p><a class=u-url href='https://silo.example/ann'></a><a class=u-url href=/></a></div>",
                (Some("ann"), Some("https://ann.example/"), None),
            ),
        ] {
            let author = read("text/html", body).unwrap();
            assert_eq!(
                (
                    author.name.as_deref(),
                    author.url.as_deref(),
                    author.photo.as_deref()
                ),
                want,
                "{body}"
            );
        }
    }

    #[test]
    fn an_actor_says_itself_who_it_is() {
        let actor = r#"{"type":"Person","id":"https://ann.example/users/ann","inbox":"x","preferredUsername":"ann","name":"Ann","url":"https://ann.example/@ann","icon":{"type":"Image","url":"https://ann.example/a.png"}}"#;
        let author = read("application/activity+json", actor).unwrap();
        assert_eq!(author.name.as_deref(), Some("Ann"));
        assert_eq!(author.url.as_deref(), Some("https://ann.example/@ann"));
        assert_eq!(author.photo.as_deref(), Some("https://ann.example/a.png"));
        for other in [
            "{}",
            "[]",
            "7",
            "{",
            r#"{"name":"Ann"}"#,
            r#"{"inbox":1,"name":"Ann"}"#,
        ] {
            assert_eq!(read("application/json", other), None, "{other}");
        }
        assert_eq!(read("image/png", actor), None);
    }
}
