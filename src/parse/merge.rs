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
    let page_title = facts.title.filter(|title| match &told.title {
        _ if !is_own => false,
        None => told.wants_title && !told.repeats_content(title),
        // What stands in a heading before the title, a date mostly, is none of it.
        Some(heading) => is_dated(heading, title),
    });
    if page_title.is_some() {
        entry.title = page_title;
        used.push("title");
    }
    let page_author = facts.author.filter(|_| is_own);
    if says_more(told.author.as_ref(), page_author.as_ref()) {
        used.push("author");
    }
    entry.author = author(told.author, page_author);
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
    entry.published = told.published;
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
    if is_own {
        let mut fill = |field, is_filled: bool| used.extend(is_filled.then_some(field));
        fill("published", or(&mut entry.published, facts.published));
        fill("updated", or(&mut entry.updated, facts.updated));
        fill(
            "categories",
            or_all(&mut entry.categories, facts.categories),
        );
        // Of an answer or a like the page's picture is mostly its author's, and its summary the answer.
        if kind == MentionKind::Mention {
            fill("content", or(&mut entry.content, facts.content));
            // Of a short note the page shows who wrote it.
            let author = entry.author.as_ref();
            let face = author.and_then(|author| author.photo.as_ref());
            let mut photos = facts.photos;
            photos.retain(|photo| Some(&photo.url) != face);
            fill("photo", or_all(&mut entry.photos, photos));
            fill("video", or_all(&mut entry.videos, facts.videos));
            fill("audio", or_all(&mut entry.audio, facts.audio));
            let repeats = |text: &String| {
                let content = entry.content.as_ref();
                content.is_some_and(|content| {
                    begins_with(&content.text, text) || begins_with(text, &content.text)
                })
            };
            let summary = facts.summary.filter(|text| !repeats(text));
            fill("summary", or(&mut entry.summary, summary));
        }
    }

    let mut steps = told.trace;
    let facts = facts.trace.into_iter();
    steps.extend(facts.filter(|step| used.contains(&step.field)));
    (entry, steps)
}

/// Whether `heading` is `title` with something before it that has a number, as a date has.
fn is_dated(heading: &str, title: &str) -> bool {
    let before = heading.strip_suffix(title);
    before.is_some_and(|rest| {
        let is_apart = rest.ends_with(char::is_whitespace) && rest.len() < title.len();
        is_apart && rest.chars().any(|c| c.is_ascii_digit())
    })
}

/// Fills what is empty; whether it did.
fn or<T>(slot: &mut Option<T>, value: Option<T>) -> bool {
    let is_filled = slot.is_none() && value.is_some();
    if is_filled {
        *slot = value;
    }
    is_filled
}

/// Fills a list that is empty; whether it did.
fn or_all<T>(slot: &mut Vec<T>, values: Vec<T>) -> bool {
    let is_filled = slot.is_empty() && !values.is_empty();
    if is_filled {
        *slot = values;
    }
    is_filled
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
    Some(told.unwrap_or_default().or(page?))
}
