//! Reads JSON: a link is a string value that, as a whole, is the target's URL (WM-24). Keys and
//! parts of strings are none; the HTML in a JSON Feed's `content_html` is read as HTML.
//!
//! Of a document that breaks off, what was complete before the end counts, as it does in HTML and
//! XML; that nothing was found in it says nothing (WM-55).
//!
//! What people publish in JSON of a known form (`mf2`, `jf2`, `as2`) is read as microformats and told by
//! the same interpreter as a page's; of other JSON a few usual names are understood.

use serde_json::{Map, Value};
use url::Url;

use crate::model::{
    Author, AuthoredTime, Entry, Excerpt, MentionKind, Reading, TargetUrl, Trace, Unreadable,
    Verdict,
};

use super::entry::{self, Subject};
use super::facts::{Facts, MAX_NAME, MAX_TITLE, tag, trace, web_address};
use super::link::Matcher;
use super::microformats::{Item, Microformats};
use super::near::near_misses;
use super::words::clean;
use super::{date, html, merge};

mod as2;
mod jf2;
mod mf2;
mod value;

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
                        Some(items) => told(items, url, &search, excerpt, steps),
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
    } else if jf2::is(root) {
        ("JF2", jf2::items(root))
    } else {
        return None;
    };
    (!items.is_empty()).then_some((form, items))
}

/// What items tell of the target, to which one of them links.
fn told(
    (form, items): (&'static str, Vec<Item>),
    url: &Url,
    search: &Search<'_>,
    excerpt: Option<Excerpt>,
    mut steps: Vec<Trace>,
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
    let (mut entry, told_by) = merge::entry(told, Facts::default(), url);
    steps.extend(told_by);
    entry.excerpt = excerpt;
    let lang = found.items.iter().find_map(|item| item.lang.as_deref());
    entry.language = lang.and_then(tag);
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
            let key = clean(key, MAX_KEY).unwrap_or_default();
            let step = trace("link", format!("value of “{key}”"), text.trim());
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
    let text = |names: &[&str], max| {
        objects().find_map(|object| {
            names
                .iter()
                .find_map(|name| clean(single(object.get(*name)?)?.as_str()?, max))
        })
    };
    let title = text(&["title", "name", "headline"], MAX_TITLE);
    let author = objects().find_map(|object| author(object, url));
    let published: Option<AuthoredTime> = objects().find_map(|object| {
        ["date_published", "published", "datePublished"]
            .iter()
            .find_map(|name| date::authored(single(object.get(*name)?)?.as_str()?))
    });
    let language =
        objects().find_map(|o| tag(o.get("language").or(o.get("inLanguage"))?.as_str()?));
    for (field, value) in [
        ("title", title.as_deref()),
        ("author", author.as_ref().and_then(|a| a.name.as_deref())),
        ("published", published.as_ref().map(AuthoredTime::as_str)),
        ("language", language.as_deref()),
    ] {
        steps.extend(value.map(|value| trace(field, "JSON", value)));
    }
    let address = objects().find_map(|object| {
        let found = web_address(url, single(object.get("url")?)?.as_str()?)?;
        (found.host_str() == url.host_str()).then_some(found)
    });
    let entry = Entry {
        title,
        excerpt,
        author,
        published,
        language,
        ..Entry::bare(
            MentionKind::Mention,
            address.as_ref().unwrap_or(url).as_str().to_owned(),
        )
    };
    Reading::of(Verdict::Links(Box::new(entry)), steps)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(text: &str) -> Verdict {
        let url = Url::parse("https://source.example/a.json").unwrap();
        let target = TargetUrl::parse("https://ex.com/a").unwrap();
        read(text, &url, &target).verdict
    }

    #[test]
    fn only_a_whole_string_value_is_a_link() {
        for (text, links) in [
            (r#"{"url":"https://ex.com/a"}"#, true),
            (r#"["x",{"a":[["HTTPS://ex.com:443/a"]]}]"#, true),
            (r#""https:\/\/ex.com\/a""#, true),
            (r#"{"https://ex.com/a":1}"#, false),
            (r#"{"text":"see https://ex.com/a"}"#, false),
            (r#"{"url":"https://ex.com/abc"}"#, false),
            (
                r#"{"content_html":"<p>see <a href='https://ex.com/a'>it</a></p>"}"#,
                true,
            ),
            (r#"{"content_html":"<p>https://ex.com/a</p>"}"#, false),
            (
                r#"{"content_text":"<a href='https://ex.com/a'>it</a>"}"#,
                false,
            ),
            ("[]", false),
        ] {
            assert_eq!(matches!(verdict(text), Verdict::Links(_)), links, "{text}");
        }
    }

    #[test]
    fn a_json_feed_item_gives_its_own_facts() {
        let feed = r#"{"version":"https://jsonfeed.org/version/1.1","title":"Feed","language":"en",
            "authors":[{"name":"Ann","url":"https://source.example/"}],
            "items":[{"title":"Other","content_html":""},
            {"title":"Post","url":"https://source.example/p","date_published":"2024-01-02T03:04:05Z",
             "content_html":"<p>Have you read <a href=\"https://ex.com/a\">this</a> yet, dear reader?</p>"}]}"#;
        let Verdict::Links(entry) = verdict(feed) else {
            panic!("no link");
        };
        assert_eq!(entry.title.as_deref(), Some("Post"));
        assert_eq!(entry.author.unwrap().name.as_deref(), Some("Ann"));
        assert_eq!(entry.url, "https://source.example/p");
        assert_eq!(entry.published.unwrap().as_str(), "2024-01-02T03:04:05Z");
        assert_eq!(entry.excerpt.unwrap().before, "Have you read ");
    }

    #[test]
    fn a_link_before_the_end_of_a_broken_document_counts() {
        let feed = r#"{"title":"Fe\"ed","n":[1,{"x":true}],"items":[{"title":"Post","url":"https://ex.com/a","tags":["x"],"#;
        let Verdict::Links(entry) = verdict(feed) else {
            panic!("no link");
        };
        assert_eq!(entry.title.as_deref(), Some("Post"));
        for (text, links) in [
            (r#"{"url":"https://ex.com/a""#, true),
            (r#"{"url":"https://ex.com/a"#, false),
            (r#"{"url":"https://ex.com/a\""#, false),
            (r#"["https://ex.com/a""#, true),
            (r#"["https://ex.com/a",12"#, true),
            (r#"["https://ex.com/a",{"b":[{"#, true),
            (r#"["https://ex.com/a",{"b":tr"#, true),
            (r#"{"a":1,"https://ex.com/a""#, false),
            (r#"{"a":1,"https://ex.com/a":"x","#, false),
            (
                r#"{"items":[{"content_html":"<a href='https://ex.com/a'>it</a>"},{"content_html":"<p"#,
                true,
            ),
            (
                r#"{"items":[{"content_html":"<a href='https://ex.com/a'>it</a><p"#,
                false,
            ),
            ("", false),
        ] {
            let verdict = verdict(text);
            let unreadable = matches!(verdict, Verdict::Unreadable(Unreadable::Malformed(_)));
            assert_eq!(matches!(verdict, Verdict::Links(_)), links, "{text}");
            assert_eq!(unreadable, !links, "{text}");
        }
    }

    #[test]
    fn what_is_not_json_and_what_is_too_deep_is_unreadable() {
        assert!(matches!(
            verdict("{"),
            Verdict::Unreadable(Unreadable::Malformed(_))
        ));
        let deep = "[".repeat(100_000);
        assert_eq!(verdict(&deep), Verdict::Unreadable(Unreadable::TooComplex));
    }

    #[test]
    fn json_of_a_known_form_is_told_as_a_page_is() {
        use crate::model::MentionKind;
        for (text, kind, author, content) in [
            (
                r#"{"items":[{"type":["h-entry"],"properties":{"in-reply-to":["https://ex.com/a"],"author":[{"type":["h-card"],"properties":{"name":["Ann"]}}],"content":[{"html":"<p>Yes, <b>do</b>.</p>","value":"Yes, do."}]}}]}"#,
                MentionKind::Reply,
                Some("Ann"),
                Some("Yes, do."),
            ),
            (
                r#"{"type":"entry","like-of":"https://ex.com/a","author":{"type":"card","name":"Ann"}}"#,
                MentionKind::Like,
                Some("Ann"),
                None,
            ),
            (
                r#"{"@context":"https://www.w3.org/ns/activitystreams","type":"Note","id":"https://source.example/n","attributedTo":{"type":"Person","name":"Ann"},"inReplyTo":"https://ex.com/a","content":"<p>Yes</p>"}"#,
                MentionKind::Reply,
                Some("Ann"),
                Some("Yes"),
            ),
            (
                r#"{"@context":"https://www.w3.org/ns/activitystreams","type":"Note","id":"https://source.example/n","content":"<p>See <a href=\"https://ex.com/a\">it</a></p>"}"#,
                MentionKind::Mention,
                None,
                Some("See it"),
            ),
            (
                r#"{"@context":"https://www.w3.org/ns/activitystreams","type":"Announce","actor":{"type":"Person","name":"Ann"},"object":"https://ex.com/a"}"#,
                MentionKind::Repost,
                Some("Ann"),
                None,
            ),
        ] {
            let Verdict::Links(entry) = verdict(text) else {
                panic!("no link: {text}");
            };
            assert_eq!(entry.kind, kind, "{text}");
            let name = entry.author.and_then(|author| author.name);
            assert_eq!(name.as_deref(), author, "{text}");
            let said = entry.content.map(|content| content.text);
            assert_eq!(said.as_deref(), content, "{text}");
        }
    }
}
