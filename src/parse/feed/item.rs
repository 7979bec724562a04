//! [`Item`]: what an entry of a feed says of itself, and the feed of its site.

use url::Url;

use crate::model::{
    Author, AuthoredTime, Content, Entry, Excerpt, MentionKind, Photo, Reading, Trace, Verdict,
};
use crate::parse::document::Document;
use crate::parse::entities::decoded;
use crate::parse::entry::begins_with;
use crate::parse::facts::{MAX_NAME, MAX_TITLE, tag as language, trace_at, web_address};
use crate::parse::survey::text_of;
use crate::parse::words::{clean, head, one_line};
use crate::parse::{date, sanitise};

use super::tag::{Form, Tag};

/// Addresses, pictures, categories that are kept, of each kind.
const MAX_OF_A_KIND: usize = 16;
/// Graphemes of a summary.
const MAX_SUMMARY: usize = 1000;
/// Bytes of a content that a step of the reading looks at.
const MAX_SHOWN_BYTES: usize = 1000;

/// A value with the way to the element that it is from.
#[derive(Debug, Clone)]
struct Noted<T> {
    value: T,
    way: String,
}

/// A text with its form.
#[derive(Debug, Clone)]
struct Said {
    text: String,
    form: Form,
}

/// An entry, or the feed itself, as far as it was read.
#[derive(Debug, Default, Clone)]
pub(super) struct Item {
    /// How the link was found, and the words round it.
    pub(super) found: Option<(Option<Excerpt>, Vec<Trace>)>,
    title: Option<Noted<String>>,
    /// Where it is: what it links to as itself, then what names it and is an address, too.
    links: Vec<Noted<String>>,
    names: Vec<Noted<String>>,
    author: Option<Noted<String>>,
    author_url: Option<String>,
    published: Option<Noted<AuthoredTime>>,
    updated: Option<Noted<AuthoredTime>>,
    text: Option<Noted<Said>>,
    short_text: Option<Noted<Said>>,
    categories: Vec<Noted<String>>,
    photos: Vec<Noted<String>>,
    videos: Vec<Noted<String>>,
    audio: Vec<Noted<String>>,
    icon: Option<Noted<String>>,
    language: Option<Noted<String>>,
    /// The element by which it says that it answers the target.
    answers: Option<String>,
}

impl Item {
    /// Takes what the attributes of an element say.
    pub(super) fn take_attributes(&mut self, tag: &Tag, base: &Url, target: &Url, way: &str) {
        if tag.is_item() || tag.is_channel() || tag.local == "rss" {
            if let Some(lang) = &tag.lang {
                first(&mut self.language, language(lang), way);
            }
            return;
        }
        if tag.local == "category"
            && let Some(term) = &tag.term
        {
            self.note_categories(term, &[], way);
        }
        let Some(address) = &tag.address else { return };
        let url = || web_address(base, address).filter(|_| !address.is_empty());
        match (tag.prefix(), tag.local.as_str()) {
            (_, "link") if tag.is_plain() => match tag.rel.as_deref() {
                None | Some("alternate") => push(&mut self.links, address.clone(), way),
                Some("enclosure") => self.note_file(tag.medium(), url(), way),
                Some(_) => {}
            },
            (None, "enclosure") | (Some("media"), "content") => {
                self.note_file(tag.medium(), url(), way);
            }
            (Some("media"), "thumbnail") => self.note_file(Some("image"), url(), way),
            (Some("itunes"), "image") => {
                self.note_file(Some("image"), url(), way);
                first(&mut self.icon, url().map(String::from), way);
            }
            (Some("thr"), "in-reply-to") if url().as_ref() == Some(target) => {
                self.answers.get_or_insert_with(|| way.to_owned());
            }
            _ => {}
        }
    }

    /// Takes what stands in an element, which stands in `parent`.
    pub(super) fn take_text(&mut self, tag: &Tag, parent: &str, text: &str, way: &str) {
        let parent = |name: &str| parent == name;
        let is_own = !(parent("image") || parent("source") || parent("textInput"));
        if tag.is_text() {
            first(&mut self.text, Some(said(tag, text)), way);
            return;
        }
        if tag.is_short_text() {
            if is_own {
                first(&mut self.short_text, Some(said(tag, text)), way);
            }
            return;
        }
        let is_plain = tag.is_plain();
        match (tag.prefix(), tag.local.as_str()) {
            (None | Some("dc"), "title") if is_own => {
                first(&mut self.title, title(tag, text), way);
            }
            (_, "link") if is_plain && is_own => push(&mut self.links, text.to_owned(), way),
            (_, "guid" | "id") if is_plain && !tag.is_no_address && text.contains("://") => {
                push(&mut self.names, text.to_owned(), way);
            }
            (_, "name") if parent("author") => first(&mut self.author, clean(text, MAX_NAME), way),
            (_, "uri" | "url") if parent("author") => {
                self.author_url.get_or_insert_with(|| text.to_owned());
            }
            (None | Some("itunes"), "author") => first(&mut self.author, mail_name(text), way),
            (Some("dc"), "creator") => {
                first(&mut self.author, clean(&decoded(text), MAX_NAME), way);
            }
            (_, "published" | "pubDate" | "issued" | "created" | "date") if is_own => {
                first(&mut self.published, date::any(text), way);
            }
            (_, "updated" | "modified") if is_own => {
                first(&mut self.updated, date::any(text), way);
            }
            (_, "category") | (Some("dc"), "subject") => self.note_categories(text, &[], way),
            (Some("media" | "itunes"), "keywords") => self.note_categories(text, &[','], way),
            (_, "icon" | "logo") if is_plain => {
                first(&mut self.icon, Some(text.to_owned()), way);
            }
            (_, "url") if parent("image") => first(&mut self.icon, Some(text.to_owned()), way),
            (_, "language") => first(&mut self.language, language(text), way),
            _ => {}
        }
    }

    fn note_categories(&mut self, text: &str, separators: &[char], way: &str) {
        for word in decoded(text).split(separators) {
            if let Some(word) = clean(word.trim().trim_start_matches('#'), MAX_NAME)
                && self.categories.iter().all(|known| known.value != word)
            {
                push(&mut self.categories, word, way);
            }
        }
    }

    fn note_file(&mut self, medium: Option<&str>, url: Option<Url>, way: &str) {
        let Some(url) = url.map(String::from) else {
            return;
        };
        let list = match medium {
            Some("image") => &mut self.photos,
            Some("video") => &mut self.videos,
            Some("audio") => &mut self.audio,
            _ => return,
        };
        if list.iter().all(|known| known.value != url) {
            push(list, url, way);
        }
    }

    /// The entry, of the feed at `url` of which `channel` is said as a whole.
    pub(super) fn reading(mut self, channel: &Self, url: &Url) -> Reading {
        let (excerpt, steps) = self.found.take().unwrap_or_default();
        let mut steps = Steps(steps);
        let kind = match &self.answers {
            Some(way) => {
                steps.note("kind", way, MentionKind::Reply.as_str());
                MentionKind::Reply
            }
            None => MentionKind::Mention,
        };
        let own = self.links.iter().chain(&self.names).find_map(|link| {
            let found = web_address(url, &link.value)?;
            (found.host_str() == url.host_str()).then_some((found, &link.way))
        });
        if let Some((address, way)) = &own {
            steps.note("url", way, address.as_str());
        }
        let address = own.map_or_else(|| url.clone(), |(address, _)| address);
        let mut entry = Entry::bare(kind, address.into());
        entry.excerpt = excerpt;
        entry.title = steps.text("title", self.title.as_ref());
        let site = channel.title.as_ref();
        let site = site.filter(|site| Some(&site.value) != entry.title.as_ref());
        entry.site_name = steps.text("site", site);
        let whose = if self.author.is_some() {
            &self
        } else {
            channel
        };
        let page = whose.author_url.as_deref();
        entry.author = steps
            .text("author", whose.author.as_ref())
            .map(|name| Author {
                name: Some(name),
                url: page
                    .and_then(|page| web_address(url, page))
                    .map(String::from),
                photo: None,
            });
        let spoken = self.language.as_ref().or(channel.language.as_ref());
        entry.language = steps.text("language", spoken);
        entry.published = steps.time("published", self.published.take());
        entry.updated = steps.time("updated", self.updated.take());
        entry.categories = steps.list("categories", std::mem::take(&mut self.categories));
        entry.videos = steps.list("video", std::mem::take(&mut self.videos));
        entry.audio = steps.list("audio", std::mem::take(&mut self.audio));
        let photos = steps.list("photo", std::mem::take(&mut self.photos));
        let photos = photos.into_iter().map(|url| Photo { url, alt: None });
        entry.photos = photos.collect();
        if let Some(icon) = &channel.icon
            && let Some(address) = web_address(url, &icon.value)
        {
            steps.note("icon", &icon.way, address.as_str());
            entry.site_icon = Some(address.into());
        }
        self.say(&mut entry, url, &mut steps);
        Reading::of(Verdict::Links(Box::new(entry)), steps.0)
    }

    /// What it says, in full and in short.
    fn say(self, entry: &mut Entry, base: &Url, steps: &mut Steps) {
        // Of RSS the description is mostly all there is.
        let (text, short) = match (self.text, self.short_text) {
            (None, Some(short)) if short.way.ends_with("description") => (Some(short), None),
            texts => texts,
        };
        if let Some(noted) = text {
            let (content, pictures) = noted.value.content(base);
            if let Some(content) = &content {
                let shown = one_line(head(&content.text, MAX_SHOWN_BYTES));
                steps.note("content", &noted.way, &shown);
            }
            entry.content = content;
            if entry.photos.is_empty() {
                entry.photos = pictures;
            }
        }
        if let Some(noted) = short {
            let (summary, _) = noted.value.content(base);
            let summary = summary.and_then(|said| clean(&said.text, MAX_SUMMARY));
            let repeats = |text: &String| {
                let content = entry.content.as_ref();
                content.is_some_and(|content| begins_with(&content.text, text))
            };
            if let Some(summary) = summary.filter(|text| !repeats(text)) {
                steps.note("summary", &noted.way, &summary);
                entry.summary = Some(summary);
            }
        }
    }
}

/// The steps of a reading.
struct Steps(Vec<Trace>);

impl Steps {
    fn note(&mut self, field: &'static str, way: &str, found: &str) {
        self.0.push(trace_at(field, "feed", way.to_owned(), found));
    }

    fn text(&mut self, field: &'static str, noted: Option<&Noted<String>>) -> Option<String> {
        let noted = noted?;
        self.note(field, &noted.way, &noted.value);
        Some(noted.value.clone())
    }

    fn time(
        &mut self,
        field: &'static str,
        noted: Option<Noted<AuthoredTime>>,
    ) -> Option<AuthoredTime> {
        let noted = noted?;
        self.note(field, &noted.way, noted.value.as_str());
        Some(noted.value)
    }

    fn list(&mut self, field: &'static str, noted: Vec<Noted<String>>) -> Vec<String> {
        let noted = noted.into_iter();
        noted
            .map(|noted| {
                self.note(field, &noted.way, &noted.value);
                noted.value
            })
            .collect()
    }
}

impl Said {
    /// The text as it may be shown, and the pictures in it.
    fn content(&self, base: &Url) -> (Option<Content>, Vec<Photo>) {
        if self.form == Form::Plain {
            let text = sanitise::plain(&self.text);
            return (text.map(|text| Content { html: None, text }), Vec::new());
        }
        let cleaned = sanitise::piece(&self.text, base);
        (cleaned.content, cleaned.pictures)
    }
}

fn said(tag: &Tag, text: &str) -> Said {
    Said {
        text: text.to_owned(),
        form: tag.form,
    }
}

/// A title as a reader sees it: only what says that it is HTML may have elements in it.
fn title(tag: &Tag, text: &str) -> Option<String> {
    let is_html = tag.form == Form::Markup || (tag.is_typed && tag.form == Form::Html);
    if is_html {
        return clean(&text_of(Document::parse(text).root()), MAX_TITLE);
    }
    if tag.form == Form::Plain {
        return clean(text, MAX_TITLE);
    }
    clean(&decoded(text), MAX_TITLE)
}

/// The name in `ann@example.org (Ann Other)`; an address alone names nobody whom readers should see.
fn mail_name(text: &str) -> Option<String> {
    let inner = text
        .split_once('(')
        .and_then(|(mail, rest)| mail.contains('@').then(|| rest.trim_end_matches(')')));
    let name = inner.unwrap_or(text);
    clean(&decoded(name), MAX_NAME).filter(|name| !name.contains('@'))
}

/// Fills what is empty.
fn first<T>(slot: &mut Option<Noted<T>>, value: Option<T>, way: &str) {
    if slot.is_none() {
        *slot = value.map(|value| Noted {
            value,
            way: way.to_owned(),
        });
    }
}

fn push(list: &mut Vec<Noted<String>>, value: String, way: &str) {
    if list.len() < MAX_OF_A_KIND {
        list.push(Noted {
            value,
            way: way.to_owned(),
        });
    }
}
