//! Reads feeds and other XML: links in `href` and `src`, in the text of `link`, and in HTML, escaped or
//! not.
//!
//! Careful rather than complete: what is not understood is passed over, and a document that breaks
//! off is unreadable, not without a link. Of a feed only the item speaks that holds the link, and the
//! feed as the site it belongs to (`item`, `tag`).

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use url::Url;

use crate::model::{Reading, TargetUrl, Unreadable, Verdict};

use super::facts::trace_at;
use super::html;
use super::link::Matcher;
use super::near::near_misses;
use super::words::clean;

mod item;
mod tag;

#[cfg(test)]
mod tests;

use self::item::Item;
use self::tag::{Form, Tag};

/// Elements within elements.
const MAX_DEPTH: usize = 512;
/// Pieces of HTML that are parsed in one feed.
const MAX_PIECES: usize = 200;
/// Links to the target's host that are kept as near misses.
const MAX_NEAR: usize = 1000;

/// Graphemes of what is said of a mistake.
const MAX_MISTAKE: usize = 200;

/// Attributes that hold links.
const LINK_ATTRIBUTES: [&str; 3] = ["href", "src", "url"];

/// What `text`, the XML at `url`, says about the target.
pub(super) fn read(text: &str, url: &Url, target: &TargetUrl) -> Reading {
    let mut feed = Feed {
        text,
        url,
        target,
        matcher: Matcher::new(target.as_url(), url, &[]),
        channel: Item::default(),
        item: None,
        open: Vec::new(),
        said: String::new(),
        markup: None,
        near: Vec::new(),
        pieces: 0,
        complete: true,
    };
    let verdict = match feed.run() {
        Ok(Some(item)) => return item.reading(&feed.channel, url),
        Ok(None) if feed.complete => Verdict::NoLink {
            near_misses: near_misses(&feed.near, target.as_url()),
        },
        Ok(None) => Verdict::Unreadable(Unreadable::TooComplex),
        Err(why) => {
            // It may quote a name, which may be anything and as long as the page.
            let why = clean(&format!("not valid XML: {why}"), MAX_MISTAKE);
            Verdict::Unreadable(Unreadable::Malformed(why.unwrap_or_default()))
        }
    };
    Reading::of(verdict, Vec::new())
}

struct Feed<'a> {
    text: &'a str,
    url: &'a Url,
    target: &'a TargetUrl,
    matcher: Matcher<'a>,
    /// What is said of the feed as a whole.
    channel: Item,
    /// The item that is being read.
    item: Option<Item>,
    /// The elements that are open.
    open: Vec<Tag>,
    /// The text since the last tag.
    said: String,
    /// Where markup began that is not escaped, and how many elements were open there.
    markup: Option<(usize, usize)>,
    near: Vec<Url>,
    pieces: usize,
    complete: bool,
}

impl Feed<'_> {
    /// Reads up to the end of the first item that links to the target.
    fn run(&mut self) -> Result<Option<Item>, String> {
        let mut reader = Reader::from_str(self.text);
        reader.config_mut().check_end_names = false;
        loop {
            let before = position(&reader);
            match reader.read_event().map_err(|error| error.to_string()) {
                Ok(Event::Start(tag)) => {
                    let tag = self.start(&tag);
                    if self.open.len() >= MAX_DEPTH {
                        self.complete = false;
                        return Ok(self.found());
                    }
                    self.open.push(tag);
                    let is_markup = self.open.last().is_some_and(|tag| tag.form == Form::Markup);
                    if is_markup && self.markup.is_none() {
                        self.markup = Some((position(&reader), self.open.len()));
                    }
                }
                Ok(Event::Empty(tag)) => {
                    self.start(&tag);
                }
                Ok(Event::End(_)) => {
                    self.end(before);
                    let tag = self.open.pop().unwrap_or_default();
                    if tag.is_item()
                        && self.markup.is_none()
                        && let Some(item) = self.item.take().filter(|item| item.found.is_some())
                    {
                        return Ok(Some(item));
                    }
                }
                Ok(Event::Text(piece)) => self.said.push_str(&piece),
                Ok(Event::CData(piece)) => self.said.push_str(&piece),
                Ok(Event::GeneralRef(name)) => self.reference(&name),
                Ok(Event::Eof) => return Ok(self.found()),
                Ok(_) => {}
                Err(error) => return self.found().map(Some).ok_or(error),
            }
        }
    }

    fn found(&mut self) -> Option<Item> {
        let item = self.item.take().unwrap_or_default();
        [item, self.channel.clone()]
            .into_iter()
            .find(|item| item.found.is_some())
    }

    fn start(&mut self, tag: &BytesStart<'_>) -> Tag {
        self.said.clear();
        let mut of = Tag::named(tag.name().as_ref());
        if of.is_item() && self.markup.is_none() {
            self.item = Some(Item::default());
        }
        let mut links = Vec::new();
        for attribute in tag.attributes().with_checks(false).flatten() {
            let value = quick_xml::escape::unescape(&attribute.value).unwrap_or_default();
            let name = attribute.key.local_name();
            if LINK_ATTRIBUTES.contains(&name.as_ref()) {
                links.push(value.clone().into_owned());
            }
            of.note(name.as_ref(), &value);
        }
        for link in &links {
            self.address(link, &of, "attribute");
        }
        if self.markup.is_none() {
            let way = self.way(Some(&of));
            let (url, target) = (self.url, self.target.as_url());
            self.current().take_attributes(&of, url, target, &way);
        }
        of
    }

    /// An element ends at `at`.
    fn end(&mut self, at: usize) {
        let said = std::mem::take(&mut self.said);
        let Some(tag) = self.open.last().cloned() else {
            return;
        };
        if let Some((start, depth)) = self.markup {
            if depth == self.open.len() {
                self.markup = None;
                let markup = self.text.get(start..at).unwrap_or_default().to_owned();
                self.take(&tag, &markup);
            }
            return;
        }
        if tag.local == "link" {
            self.address(said.trim(), &tag, "text of <link>");
        }
        if !said.trim().is_empty() {
            self.take(&tag, said.trim());
        }
    }

    /// Takes what stands in an element.
    fn take(&mut self, tag: &Tag, text: &str) {
        if tag.is_content() {
            self.piece(text, tag.form);
        }
        let way = self.way(None);
        let parent = self.open.iter().rev().nth(1);
        let parent = parent.map(|tag| tag.local.clone()).unwrap_or_default();
        self.current().take_text(tag, &parent, text, &way);
    }

    /// The elements that are open, the last within the one before, as a selector.
    fn way(&self, last: Option<&Tag>) -> String {
        let open = self.open.iter().chain(last).rev().take(2);
        let mut names: Vec<&str> = open.map(|tag| tag.name.as_str()).collect();
        names.reverse();
        names.join(" > ")
    }

    fn reference(&mut self, name: &str) {
        if let Ok(text) = quick_xml::escape::unescape(&format!("&{name};")) {
            self.said.push_str(&text);
        }
    }

    fn current(&mut self) -> &mut Item {
        self.item.as_mut().unwrap_or(&mut self.channel)
    }

    fn address(&mut self, link: &str, tag: &Tag, rule: &str) {
        let Some(found) = self.matcher.resolve(link) else {
            return;
        };
        if found == *self.matcher.target() {
            let step = trace_at("link", rule, tag.name.clone(), link);
            self.current().found.get_or_insert((None, vec![step]));
        } else if self.near.len() < MAX_NEAR {
            self.near.push(found);
        }
    }

    fn piece(&mut self, text: &str, form: Form) {
        if form == Form::Plain {
            return;
        }
        if self.pieces >= MAX_PIECES {
            self.complete = false;
            return;
        }
        self.pieces = self.pieces.saturating_add(1);
        let piece = html::read_piece(text, self.url, self.target);
        self.complete &= piece.complete;
        let room = MAX_NEAR.saturating_sub(self.near.len());
        self.near.extend(piece.near.into_iter().take(room));
        if piece.links {
            let current = self.current();
            if current
                .found
                .as_ref()
                .is_none_or(|(before, _)| before.is_none())
            {
                current.found = Some((piece.excerpt, piece.trace));
            }
        }
    }
}

/// Where the reader is, in bytes.
fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}
