//! Who wrote an entry. The IndieWeb's authorship algorithm ("mf2 authorship"), and what its readers
//! have learnt to do beyond it.

use url::Url;

use crate::model::{Author, PageKey, SourceUrl};
use crate::parse::author::{from_card, owner};
use crate::parse::facts::{MAX_NAME, web_address};
use crate::parse::microformats::{Item, Microformats, Value};
use crate::parse::words::clean;

use super::placed::Items;

/// What was found out.
#[derive(Debug, Default)]
pub(super) struct Authorship<'m> {
    /// The author, as far as this page tells.
    pub(super) author: Option<Author>,
    /// The page that tells more.
    pub(super) page: Option<SourceUrl>,
    /// By which rule.
    pub(super) rule: &'static str,
    /// The item that says so; none where a link of the page does.
    pub(super) item: Option<&'m Item>,
}

/// What is looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'p, 'm> {
    pub(super) found: &'m Microformats,
    pub(super) items: &'p Items<'m>,
    /// Where the page is.
    pub(super) url: &'p Url,
    /// What relative addresses are relative to.
    pub(super) base: &'p Url,
}

/// An `author` property as it is meant.
enum Claim {
    Card(Author),
    Name(String),
    Page(Url),
}

/// The author of the entry at `at`; `is_own`: the page is that entry's own.
pub(super) fn authorship<'m>(at: usize, is_own: bool, place: &Place<'_, 'm>) -> Authorship<'m> {
    // mf2 authorship, 3 and 4.
    for (outer_at, outer) in place.items.outwards(at) {
        let is_feed = outer.item.is("h-feed");
        if outer_at != at && !is_feed {
            continue;
        }
        let rule = if is_feed {
            "author of the h-feed"
        } else {
            "p-author"
        };
        match claim(outer.item, place) {
            Some(Claim::Card(author)) => return found(author, rule, outer.item),
            Some(Claim::Name(name)) => {
                let author = Author {
                    name: Some(name),
                    ..Author::default()
                };
                return found(author, rule, outer.item);
            }
            Some(Claim::Page(url)) => {
                return Authorship {
                    item: Some(outer.item),
                    ..on_page(&url, place, "u-author")
                };
            }
            None => {}
        }
    }
    // mf2 authorship, 6.
    let link = place
        .found
        .rels
        .get("author")
        .and_then(|links| links.iter().find_map(|link| web_address(place.base, link)));
    if is_own && let Some(url) = link {
        return on_page(&url, place, "rel=author");
    }
    of_page(place)
}

/// The author of a page as a whole, where no entry is asked for.
pub(super) fn of_page<'m>(place: &Place<'_, 'm>) -> Authorship<'m> {
    only_card(place).map_or_else(Authorship::default, |(author, card)| {
        found(author, "the only h-card of the page", card)
    })
}

fn found<'m>(author: Author, rule: &'static str, item: &'m Item) -> Authorship<'m> {
    Authorship {
        author: Some(author),
        page: None,
        rule,
        item: Some(item),
    }
}

/// mf2 authorship, 5.
fn claim(item: &Item, place: &Place<'_, '_>) -> Option<Claim> {
    item.all("author").iter().find_map(|value| {
        if let Some(card) = value.item() {
            let author = from_card(card, place.base)?;
            return match (&author.name, &author.photo, &author.url) {
                (None, None, Some(url)) => Url::parse(url).ok().map(Claim::Page),
                _ => Some(Claim::Card(author)),
            };
        }
        let text = value.text().trim();
        let is_url = match value {
            Value::Url(_) | Value::Image(_) => true,
            _ => text.starts_with("http://") || text.starts_with("https://"),
        };
        if is_url {
            return web_address(place.base, text).map(Claim::Page);
        }
        clean(without_label(text), MAX_NAME).map(Claim::Name)
    })
}

/// The name without the words before it that a theme has put within the property.
fn without_label(text: &str) -> &str {
    const LABELS: [&str; 4] = ["by ", "posted by ", "published by ", "written by "];
    LABELS
        .iter()
        .find_map(|label| {
            let (head, name) = text.split_at_checked(label.len())?;
            head.eq_ignore_ascii_case(label)
                .then_some(name.trim_start())
        })
        .unwrap_or(text)
}

/// mf2 authorship, 7: only the author's page tells for certain. Until somebody has fetched it, a card
/// on this page that bears its address will do.
fn on_page<'m>(url: &Url, place: &Place<'_, 'm>, rule: &'static str) -> Authorship<'m> {
    let key = PageKey::of(url);
    let here = if key == PageKey::of(place.url) {
        owner(place.found, url)
    } else {
        None
    };
    let card = here.or_else(|| {
        place
            .items
            .iter()
            .filter(|(_, placed)| placed.item.is("h-card"))
            .filter_map(|(_, placed)| from_card(placed.item, url))
            .find(|author| {
                let own = author.url.as_deref().and_then(|own| Url::parse(own).ok());
                own.is_some_and(|own| PageKey::of(&own) == key)
            })
    });
    let page = if key == PageKey::of(place.url) {
        None
    } else {
        SourceUrl::parse(url.as_str()).ok()
    };
    Authorship {
        author: Some(card.unwrap_or_else(|| Author {
            url: Some(url.as_str().to_owned()),
            ..Author::default()
        })),
        page,
        rule,
        item: None,
    }
}

/// The one card at the top of the page, if it is of the site: many themes have its owner there.
fn only_card<'m>(place: &Place<'_, 'm>) -> Option<(Author, &'m Item)> {
    let mut cards = place
        .found
        .items
        .iter()
        .filter(|item| item.is("h-card"))
        .filter_map(|card| Some((from_card(card, place.base)?, card)));
    let ((author, card), None) = (cards.next()?, cards.next()) else {
        return None;
    };
    let url = Url::parse(author.url.as_deref()?).ok()?;
    let is_owner = url.host_str() == place.url.host_str() && author.name.is_some();
    is_owner.then_some((author, card))
}
