//! What is told of an entry, field by field.

use std::collections::BTreeSet;

use linkback::model::{Author, Comment, Entry, Location, MentionKind};

use super::sanitise::is_content;
use super::shown::{is_address, is_clean, is_line, is_short, is_time};

const MAX_TITLE: usize = 300;
const MAX_NAME: usize = 200;
const MAX_SUMMARY: usize = 1000;
const MAX_CATEGORY: usize = 100;
const MAX_ALT: usize = 1000;
const MAX_SIDE: usize = 140;
const MAX_LINKED: usize = 100;
const MAX_LINKS: usize = 16;
const MAX_CATEGORIES: usize = 32;
const MAX_COMMENTS: usize = 100;
const MAX_LANGUAGE: usize = 64;
const MAX_TEXT: usize = 15_000;

/// Every text is clean and within its limits, and every address leads to the web.
pub(crate) fn is_entry(entry: &Entry) {
    are_kinds(entry);
    for (text, max, what) in [
        (&entry.title, MAX_TITLE, "a title"),
        (&entry.summary, MAX_SUMMARY, "a summary"),
        (&entry.site_name, MAX_NAME, "a site's name"),
    ] {
        if let Some(text) = text {
            is_line(text, max, what);
        }
    }
    if let Some(each) = &entry.content {
        is_content(each);
    }
    if let Some(excerpt) = &entry.excerpt {
        for (part, max, what) in [
            (&excerpt.before, MAX_SIDE, "what stands before the link"),
            (&excerpt.linked, MAX_LINKED, "the linking words"),
            (&excerpt.after, MAX_SIDE, "what stands after the link"),
        ] {
            is_clean(part, what, false);
            is_short(part, max, what);
        }
        assert_eq!(excerpt.linked.trim(), excerpt.linked, "the linking words");
    }
    if let Some(each) = &entry.author {
        is_author(each);
    }
    entry
        .published
        .iter()
        .chain(&entry.updated)
        .for_each(is_time);
    let pictures: Vec<&String> = entry.photos.iter().map(|photo| &photo.url).collect();
    are_addresses(&pictures, "pictures");
    for alt in entry.photos.iter().filter_map(|photo| photo.alt.as_ref()) {
        is_line(alt, MAX_ALT, "what a picture shows");
    }
    for (links, what) in [
        (&entry.videos, "films"),
        (&entry.audio, "sounds"),
        (&entry.syndication, "copies"),
    ] {
        are_addresses(&links.iter().collect::<Vec<_>>(), what);
    }
    assert!(entry.categories.len() <= MAX_CATEGORIES);
    for category in &entry.categories {
        is_line(category, MAX_CATEGORY, "a category");
    }
    if let Some(each) = &entry.location {
        is_location(each);
    }
    assert!(entry.comments.len() <= MAX_COMMENTS);
    for each in &entry.comments {
        is_comment(each);
    }
    if let Some(icon) = &entry.site_icon {
        is_address(icon, "an icon");
    }
    if let Some(language) = &entry.language {
        let is_tag = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        assert!(
            (1..=MAX_LANGUAGE).contains(&language.len()) && language.bytes().all(is_tag),
            "{language:?} is no language"
        );
    }
    is_address(&entry.url, "the entry's address");
}

fn are_kinds(entry: &Entry) {
    let place = |kind: &MentionKind| MentionKind::ALL.iter().position(|of| of == kind).unwrap();
    let kinds: Vec<usize> = std::iter::once(&entry.kind)
        .chain(&entry.also)
        .map(place)
        .collect();
    assert!(
        kinds.is_sorted_by(|a, b| a < b),
        "{:?}, {:?}",
        entry.kind,
        entry.also
    );
    assert!(entry.rsvp.is_none() || kinds.contains(&place(&MentionKind::Rsvp)));
}

fn are_addresses(links: &[&String], what: &str) {
    assert!(links.len() <= MAX_LINKS, "{} {what}", links.len());
    let different: BTreeSet<_> = links.iter().collect();
    assert_eq!(different.len(), links.len(), "{what} are told twice");
    for link in links {
        is_address(link, what);
    }
}

/// Somebody has a name or an address.
pub(crate) fn is_author(author: &Author) {
    assert!(*author != Author::default(), "nobody");
    if let Some(name) = &author.name {
        is_line(name, MAX_NAME, "an author's name");
    }
    if let Some(url) = &author.url {
        is_address(url, "an author's address");
    }
    if let Some(photo) = &author.photo {
        is_address(photo, "an author's picture");
    }
}

fn is_location(location: &Location) {
    if let Some(name) = &location.name {
        is_line(name, 4 * MAX_NAME + 6, "a place's name");
    }
    if let Some(url) = &location.url {
        is_address(url, "a place's address");
    }
    if let Some((latitude, longitude)) = location.coordinates {
        assert!(
            latitude.abs() <= 90.0 && longitude.abs() <= 180.0,
            "{location:?}"
        );
    }
}

fn is_comment(comment: &Comment) {
    if let Some(each) = &comment.author {
        is_author(each);
    }
    if let Some(each) = &comment.published {
        is_time(each);
    }
    if let Some(url) = &comment.url {
        is_address(url, "a comment's address");
    }
    if let Some(text) = &comment.text {
        is_clean(&text.replace('\t', " "), "a comment", true);
        assert!(!text.trim().is_empty(), "a comment of no words");
        is_short(text, MAX_TEXT + 1, "a comment");
    }
}
