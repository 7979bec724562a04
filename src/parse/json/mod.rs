//! Reads JSON: a link is a string value that, as a whole, is the target's URL (WM-24). Keys and
//! parts of strings are none; the HTML in a JSON Feed's `content_html` is read as HTML.
//!
//! Of a document that breaks off, what was complete before the end counts, as it does in HTML and
//! XML; that nothing was found in it says nothing (WM-55).
//!
//! What people publish in JSON of a known form (`mf2`, `jf2`, `as2`, `feed`) is read as microformats and told by
//! the same interpreter as a page's; of other JSON a few usual names are understood.

use serde_json::{Map, Value};
use url::Url;

use crate::model::{
    Author, AuthoredTime, Entry, Excerpt, MentionKind, Reading, TargetUrl, Trace, Unreadable,
    Verdict,
};

use super::entry::{self, Subject};
use super::facts::{Facts, MAX_NAME, MAX_TITLE, tag, trace, trace_at, web_address};
use super::link::Matcher;
use super::microformats::{Item, Microformats};
use super::near::near_misses;
use super::words::clean;
use super::{date, html, merge};

mod as2;
mod feed;
mod jf2;
mod mf2;
mod value;

#[cfg(test)]
mod tests;

use self::value::single;

/// Links to the target's host that are kept as near misses.
const MAX_NEAR: usize = 1000;
/// Pieces of HTML that are parsed in one document.
const MAX_PIECES: usize = 200;
/// Graphemes of a key that a step of the reading names.
const MAX_KEY: usize = 40;
/// What makes a mistake in JSON a question of cost: `serde_json` stops at 128 levels.
const TOO_DEEP: &str = "recursion limit";

/// A value with the objects it stands in: the nearest, and the outermost.
#[derive(Clone, Copy)]
struct Place<'a> {
    value: &'a Value,
    key: &'a str,
    object: Option<&'a Map<String, Value>>,
}

/// What `text`, the JSON at `url`, says about the target.
pub(super) fn read(text: &str, url: &Url, target: &TargetUrl) -> Reading {
    let text = text.trim_start_matches('\u{feff}');
    let (root, broken) = match serde_json::from_str::<Value>(text) {
        Ok(root) => (root, None),
        Err(error) => {
            let head = if error.is_eof() {
                complete_part(text).and_then(|head| serde_json::from_str(&head).ok())
            } else {
                None
            };
            let error = error.to_string();
            let why = if error.starts_with(TOO_DEEP) {
                Unreadable::TooComplex
            } else {
                Unreadable::Malformed(format!("not valid JSON: {error}"))
            };
            (head.unwrap_or_default(), Some(why))
        }
    };
    let mut search = Search {
        matcher: Matcher::new(target.as_url(), url, &[]),
        target,
        near: Vec::new(),
        pieces: 0,
        complete: true,
        markup: markup_keys(&root),
    };
    let mut waiting = vec![Place {
        value: &root,
        key: "",
        object: None,
    }];
    while let Some(place) = waiting.pop() {
        match place.value {
            Value::Array(items) => {
                waiting.extend(items.iter().rev().map(|value| Place { value, ..place }));
            }
            Value::Object(object) => {
                waiting.extend(object.iter().rev().map(|(key, value)| Place {
                    value,
                    key,
                    object: Some(object),
                }));
            }
            Value::String(text) => {
                if let Some((excerpt, steps)) = search.look(place.key, text) {
                    return match items(&root) {
                        Some(items) => {
                            let site = site(&root, url);
                            told(items, url, &search, site, (excerpt, steps))
                        }
                        None => links(url, place.object, root.as_object(), excerpt, steps),
                    };
                }
            }
            _ => {}
        }
    }
    Reading::of(
        match broken {
            Some(why) => Verdict::Unreadable(why),
            None if search.complete => Verdict::NoLink {
                near_misses: near_misses(&search.near, target.as_url()),
            },
            None => Verdict::Unreadable(Unreadable::TooComplex),
        },
        Vec::new(),
    )
}

/// The part of `text` that ends with the last complete value, with everything closed that is open
/// there. Only for text that is JSON as far as it goes.
fn complete_part(text: &str) -> Option<String> {
    // What is open, by the byte that closes it.
    let mut open: Vec<u8> = Vec::new();
    let mut part: Option<(usize, usize)> = None;
    let mut key_expected = false;
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        let next = at.saturating_add(1);
        match byte {
            b'{' | b'[' => {
                open.push(if byte == b'{' { b'}' } else { b']' });
                key_expected = byte == b'{';
                part = Some((next, open.len()));
            }
            b'}' | b']' => {
                open.pop();
                part = Some((next, open.len()));
            }
            // Before it a number or a word may have ended, too.
            b',' => {
                key_expected = open.last() == Some(&b'}');
                part = Some((at, open.len()));
            }
            b':' => key_expected = false,
            b'"' => {
                let mut escaped = false;
                let end = bytes.find(|&(_, byte)| {
                    let ends = byte == b'"' && !escaped;
                    escaped = byte == b'\\' && !escaped;
                    ends
                });
                let Some((end, _)) = end else { break };
                if !key_expected {
                    part = Some((end.saturating_add(1), open.len()));
                }
            }
            _ => {}
        }
    }
    close(text, &open, part?)
}

/// The first bytes of `text`, and what closes the first of what is open.
fn close(text: &str, open: &[u8], (end, depth): (usize, usize)) -> Option<String> {
    let mut part = text.get(..end)?.to_owned();
    part.extend(
        open.get(..depth)?
            .iter()
            .rev()
            .map(|&byte| char::from(byte)),
    );
    Some(part)
}

struct Search<'t> {
    matcher: Matcher<'t>,
    target: &'t TargetUrl,
    near: Vec<Url>,
    pieces: usize,
    complete: bool,
    /// The keys whose values are HTML.
    markup: &'static [&'static str],
}

/// The keys whose values are HTML in JSON of this form; in any JSON that of JSON Feed is.
fn markup_keys(root: &Value) -> &'static [&'static str] {
    if as2::is(root) {
        &["content_html", "content"]
    } else if mf2::is(root) || jf2::is(root) {
        &["content_html", "html"]
    } else {
        &["content_html"]
    }
}

/// The items of JSON of a known form, and the form's name.
fn items(root: &Value) -> Option<(&'static str, Vec<Item>)> {
    let (form, items) = if mf2::is(root) {
        ("microformats2 JSON", mf2::items(root))
    } else if as2::is(root) {
        ("ActivityStreams 2", as2::items(root))
    } else if feed::is(root) {
        ("JSON Feed", feed::items(root))
    } else if jf2::is(root) {
        ("JF2", jf2::items(root))
    } else {
        return None;
    };
    (!items.is_empty()).then_some((form, items))
}

/// What a feed says of its site.
fn site(root: &Value, url: &Url) -> Facts {
    if !feed::is(root) {
        return Facts::default();
    }
    Facts {
        site_name: feed::site_name(root).and_then(|name| clean(name, MAX_NAME)),
        site_icon: feed::site_icon(root)
            .and_then(|icon| web_address(url, icon))
            .map(String::from),
        ..Facts::default()
    }
}

/// What items tell of the target, to which one of them links.
fn told(
    (form, items): (&'static str, Vec<Item>),
    url: &Url,
    search: &Search<'_>,
    site: Facts,
    (excerpt, mut steps): (Option<Excerpt>, Vec<Trace>),
) -> Reading {
    steps.push(trace("form", form, ""));
    let found = Microformats {
        items,
        ..Microformats::default()
    };
    let subject = Subject::new(search.target, &search.matcher);
    let links = |markup: &str| html::read_piece(markup, url, search.target).links;
    let told = entry::read_items(&found, url, &subject, &links);
    let author_page = told.author_page.clone();
    let language = told.language.as_deref().and_then(tag);
    let (mut entry, told_by) = merge::entry(told, site, url);
    steps.extend(told_by);
    entry.excerpt = excerpt;
    entry.language = language;
    Reading {
        verdict: Verdict::Links(Box::new(entry)),
        author_page,
        trace: steps,
    }
}

impl Search<'_> {
    /// Looks at one string value.
    fn look(&mut self, key: &str, text: &str) -> Option<(Option<Excerpt>, Vec<Trace>)> {
        // A whole address is a link, whatever may stand under that key.
        if self.markup.contains(&key) && !is_address(text) {
            if self.pieces >= MAX_PIECES {
                self.complete = false;
                return None;
            }
            self.pieces = self.pieces.saturating_add(1);
            let piece = html::read_piece(text, self.matcher.base(), self.target);
            self.complete &= piece.complete;
            self.keep_near(piece.near);
            return piece.links.then_some((piece.excerpt, piece.trace));
        }
        // In JSON nothing says what is a URL, so a relative one cannot be told from a word.
        let absolute = Url::parse(text.trim()).is_ok();
        let found = self.matcher.resolve(text).filter(|_| absolute)?;
        if found == *self.matcher.target() {
            let key = shown_key(key);
            let rule = format!("value of “{key}”");
            let step = trace_at("link", rule, key, text.trim());
            return Some((None, vec![step]));
        }
        self.keep_near([found]);
        None
    }

    fn keep_near(&mut self, links: impl IntoIterator<Item = Url>) {
        let room = MAX_NEAR.saturating_sub(self.near.len());
        self.near.extend(links.into_iter().take(room));
    }
}

fn links(
    url: &Url,
    nearest: Option<&Map<String, Value>>,
    root: Option<&Map<String, Value>>,
    excerpt: Option<Excerpt>,
    mut steps: Vec<Trace>,
) -> Reading {
    let objects = || nearest.into_iter().chain(root);
    let text = |names: [&'static str; 3], max| {
        objects().find_map(|object| {
            names
                .into_iter()
                .find_map(|name| Some((name, clean(single(object.get(name)?)?.as_str()?, max)?)))
        })
    };
    let title = text(["title", "name", "headline"], MAX_TITLE);
    let author = objects().find_map(|object| author(object, url));
    let published: Option<(&str, AuthoredTime)> = objects().find_map(|object| {
        ["date_published", "published", "datePublished"]
            .iter()
            .find_map(|name| {
                let time = date::authored(single(object.get(*name)?)?.as_str()?)?;
                Some((*name, time))
            })
    });
    let language =
        objects().find_map(|o| tag(o.get("language").or(o.get("inLanguage"))?.as_str()?));
    let name = author.as_ref().and_then(|author| author.name.as_deref());
    for (field, said) in [
        (
            "title",
            title.as_ref().map(|(key, title)| (*key, title.as_str())),
        ),
        ("author", name.map(|name| ("author", name))),
        (
            "published",
            published.as_ref().map(|(key, time)| (*key, time.as_str())),
        ),
        (
            "language",
            language.as_deref().map(|language| ("language", language)),
        ),
    ] {
        steps.extend(said.map(|(key, value)| trace_at(field, "JSON", key.to_owned(), value)));
    }
    let address = objects().find_map(|object| {
        let found = web_address(url, single(object.get("url")?)?.as_str()?)?;
        (found.host_str() == url.host_str()).then_some(found)
    });
    let entry = Entry {
        title: title.map(|(_, title)| title),
        excerpt,
        author,
        published: published.map(|(_, time)| time),
        language,
        ..Entry::bare(
            MentionKind::Mention,
            address.as_ref().unwrap_or(url).as_str().to_owned(),
        )
    };
    Reading::of(Verdict::Links(Box::new(entry)), steps)
}

/// A key as a step of the reading names it.
fn shown_key(key: &str) -> String {
    clean(key, MAX_KEY).unwrap_or_default()
}

/// Whether the text is an address and nothing else.
fn is_address(text: &str) -> bool {
    let text = text.trim();
    ["http://", "https://"]
        .iter()
        .any(|scheme| text.starts_with(scheme))
        && !text.contains(|c: char| c.is_whitespace() || c == '<')
}

fn author(object: &Map<String, Value>, base: &Url) -> Option<Author> {
    let author = single(object.get("author").or_else(|| object.get("authors"))?)?;
    let text = |value: &Value| clean(single(value)?.as_str()?, MAX_NAME);
    let author = match author {
        Value::String(name) => Author {
            name: clean(name, MAX_NAME),
            ..Author::default()
        },
        Value::Object(author) => Author {
            name: author.get("name").and_then(text),
            url: author
                .get("url")
                .and_then(|url| web_address(base, single(url)?.as_str()?))
                .map(String::from),
            photo: None,
        },
        _ => return None,
    };
    (author != Author::default()).then_some(author)
}
