//! One entry of what a page's microformats tell and of what the page says of itself without them.
//!
//! Microformats stand first. What the page says of itself as a whole is said of its own entry; of one
//! of many it tells nothing but the site.

use url::Url;

use crate::model::{Author, Entry, MentionKind, Trace};

use super::entry::{Standing, Told, begins_with};
use super::facts::Facts;

/// The entry, with the steps by which its fields were found.
pub(super) fn entry(told: Told<'_>, facts: Facts, page: &Url) -> (Entry, Vec<Trace>) {
    let is_own = told.standing != Standing::OneOfMany;
    let kind = told.kind();
    let mut used: Vec<&str> = vec!["site", "icon"];
    let mut entry = Entry::bare(kind, String::new());

    entry.title.clone_from(&told.title);
    if entry.title.is_none() && is_own && told.wants_title {
        entry.title = facts.title.filter(|title| !told.repeats_content(title));
        used.push("title");
    }
    let page_author = facts.author.filter(|_| is_own);
    if says_more(told.author.as_ref(), page_author.as_ref()) {
        used.push("author");
    }
    entry.author = author(told.author, page_author);
    entry.published = told.published;
    if entry.published.is_none() && is_own {
        entry.published = facts.published;
        used.push("published");
    }
    entry.url = match told.url {
        Some(url) => url,
        None if is_own && facts.url.is_some() => {
            used.push("url");
            facts.url.unwrap_or_default()
        }
        None => page.as_str().to_owned(),
    };
    entry.also = told.kinds.into_iter().skip(1).collect();
    entry.rsvp = told.rsvp;
    entry.summary = told.summary;
    entry.content = told.content;
    entry.updated = told.updated;
    entry.photos = told.photos;
    entry.videos = told.videos;
    entry.audio = told.audio;
    entry.categories = told.categories;
    entry.syndication = told.syndication;
    entry.location = told.location;
    entry.comments = told.comments;
    entry.site_name = facts.site_name;
    entry.site_icon = facts.site_icon;
    if entry.updated.is_none() && is_own {
        entry.updated = facts.updated;
        used.push("updated");
    }
    if entry.categories.is_empty() && is_own {
        entry.categories = facts.categories;
        used.push("categories");
    }
    // Of an answer or a like the page's picture is mostly its author's, and its summary the answer.
    if is_own && kind == MentionKind::Mention {
        if entry.photos.is_empty() {
            // Of a short note the page shows who wrote it.
            let face = entry
                .author
                .as_ref()
                .and_then(|author| author.photo.as_ref());
            let photo = facts.photo.filter(|photo| Some(&photo.url) != face);
            entry.photos.extend(photo);
            used.push("photo");
        }
        let repeats = |text: &String| {
            let content = entry.content.as_ref();
            content.is_some_and(|content| {
                begins_with(&content.text, text) || begins_with(text, &content.text)
            })
        };
        if entry.summary.is_none() {
            entry.summary = facts.summary.filter(|text| !repeats(text));
            used.push("summary");
        }
    }

    let mut steps = told.trace;
    let facts = facts.trace.into_iter();
    steps.extend(facts.filter(|step| used.contains(&step.field)));
    (entry, steps)
}

/// Whether the page says more of the author than the entry does.
fn says_more(told: Option<&Author>, page: Option<&Author>) -> bool {
    match (told, page) {
        (_, None) => false,
        (None, Some(_)) => true,
        // An address alone: the page may say in other words whose it is. A name alone: of the same
        // person the page may say more.
        (Some(told), Some(page)) => match (&told.name, &told.url) {
            (None, _) => page.name.is_some(),
            (name, None) => page.name == *name && (page.url.is_some() || page.photo.is_some()),
            _ => false,
        },
    }
}

/// The author, of what the entry says and of what the page says.
fn author(told: Option<Author>, page: Option<Author>) -> Option<Author> {
    if !says_more(told.as_ref(), page.as_ref()) {
        return told;
    }
    let (told, page) = (told.unwrap_or_default(), page?);
    Some(Author {
        name: told.name.or(page.name),
        url: told.url.or(page.url),
        photo: told.photo.or(page.photo),
    })
}
