//! The rules of Atom (RFC 4287, RFC 4685) and RSS 2.0, as far as our feeds have what they are of.

use std::collections::HashMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::protocol::xmlrpc::is_xml_char;

/// An element.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: HashMap<String, String>,
    pub(super) children: Vec<Element>,
    pub(super) text: String,
}

impl Element {
    /// The root of a document that must be well formed.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if let Some(bad) = text.chars().find(|c| !is_xml_char(*c)) {
            return Err(format!("holds {bad:?}"));
        }
        let mut reader = Reader::from_str(text);
        reader.config_mut().check_end_names = true;
        let mut open = vec![Self::default()];
        loop {
            let event = reader.read_event().map_err(|error| error.to_string())?;
            let top = open.last_mut().ok_or("too many ends")?;
            match event {
                Event::Start(start) => open.push(Self::of(&start)?),
                Event::Empty(start) => top.children.push(Self::of(&start)?),
                Event::End(_) => {
                    let done = open.pop().ok_or("too many ends")?;
                    open.last_mut().ok_or("too many ends")?.children.push(done);
                }
                Event::Text(text) => {
                    let text = text.into_inner();
                    top.text.push_str(&text);
                }
                Event::GeneralRef(name) => {
                    let name = &*name;
                    let text = quick_xml::escape::unescape(&format!("&{name};"))
                        .map_err(|error| error.to_string())?
                        .into_owned();
                    top.text.push_str(&text);
                }
                Event::Eof => break,
                _ => {}
            }
        }
        let [root] = open.as_mut_slice() else {
            return Err("something is open at the end".to_owned());
        };
        root.children.pop().ok_or_else(|| "no root".to_owned())
    }

    fn of(start: &BytesStart<'_>) -> Result<Self, String> {
        let mut element = Self {
            name: start.name().as_ref().to_owned(),
            ..Self::default()
        };
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let name = attribute.key.as_ref().to_owned();
            let value = attribute.value.into_owned();
            let value = quick_xml::escape::unescape(&value).map_err(|error| error.to_string())?;
            element.attributes.insert(name, value.into_owned());
        }
        Ok(element)
    }

    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    pub(super) fn one(&self, name: &str) -> &Self {
        self.children
            .iter()
            .find(|child| child.name == name)
            .unwrap_or_else(|| panic!("no {name} in {self:?}"))
    }

    pub(super) fn get(&self, attribute: &str) -> Option<&str> {
        self.attributes.get(attribute).map(String::as_str)
    }

    fn count(&self, name: &str) -> usize {
        self.all(name).count()
    }
}

/// Whether this is a date and time of RFC 3339, upper case as RFC 4287 §3.3 wants it.
pub(super) fn is_rfc3339(text: &str) -> bool {
    text.parse::<jiff::Timestamp>().is_ok()
        && text.as_bytes().get(10) == Some(&b'T')
        && text
            .get(..4)
            .is_some_and(|year| year.parse::<u16>().is_ok())
}

fn is_uri(text: &str) -> bool {
    url::Url::parse(text).is_ok() && text.is_ascii() && !text.contains([' ', '<', '>', '"'])
}

/// What was found to be wrong.
#[derive(Default)]
struct Found(Vec<String>);

impl Found {
    fn rule(&mut self, holds: bool, what: &str, element: &Element) {
        if !holds {
            self.0.push(format!("{what}: {element:?}"));
        }
    }
}

/// The elements of a feed and of an entry.
const IN_ATOM: [&str; 14] = [
    "id",
    "title",
    "updated",
    "published",
    "generator",
    "link",
    "entry",
    "author",
    "category",
    "summary",
    "content",
    "thr:in-reply-to",
    "subtitle",
    "rights",
];

/// The elements of a channel and of an item.
const IN_RSS: [&str; 18] = [
    "title",
    "link",
    "description",
    "lastBuildDate",
    "generator",
    "docs",
    "item",
    "atom:link",
    "guid",
    "pubDate",
    "atom:updated",
    "dc:creator",
    "dc:language",
    "category",
    "content:encoded",
    "thr:in-reply-to",
    "language",
    "ttl",
];

/// What is wrong with an Atom feed; nothing if it keeps the rules.
pub(super) fn atom_problems(text: &str) -> Vec<String> {
    let root = match Element::parse(text) {
        Ok(root) => root,
        Err(error) => return vec![error],
    };
    let mut found = Found::default();
    found.rule(root.name == "feed", "§4.1.1 the root is a feed", &root);
    let namespace = root.get("xmlns");
    found.rule(
        namespace == Some("http://www.w3.org/2005/Atom"),
        "§2 namespace",
        &root,
    );
    container(&mut found, &root);
    for entry in root.all("entry") {
        container(&mut found, entry);
        found.rule(entry.count("author") >= 1, "§4.1.2 an author", entry);
        let moment = |name| entry.one(name).text.parse::<jiff::Timestamp>().ok();
        let is_after = moment("updated") >= moment("published");
        found.rule(is_after, "updated before published", entry);
        found.rule(
            alternates(entry) == 1,
            "§4.1.2 content or an alternate",
            entry,
        );
    }
    let ids = std::iter::once(&root).chain(root.all("entry"));
    let mut ids: Vec<_> = ids.map(|one| one.one("id").text.as_str()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    found.rule(ids.len() == all, "§4.1.1 ids differ", &root);
    found.0
}

fn alternates(container: &Element) -> usize {
    let links = container.all("link");
    links
        .filter(|link| link.get("rel") == Some("alternate"))
        .count()
}

/// What feeds and entries have in common.
fn container(found: &mut Found, container: &Element) {
    for name in ["id", "title", "updated"] {
        found.rule(container.count(name) == 1, "§4.1 exactly one", container);
    }
    for name in ["generator", "subtitle", "content", "summary", "published"] {
        found.rule(container.count(name) <= 1, "§4.1 at most one", container);
    }
    found.rule(
        alternates(container) <= 1,
        "§4.1 alternates differ in type",
        container,
    );
    for child in &container.children {
        let holds = match child.name.as_str() {
            "id" => is_uri(&child.text),
            "updated" | "published" => is_rfc3339(&child.text),
            "title" | "summary" | "content" => {
                let form = child.get("type");
                matches!(form, None | Some("text" | "html")) && child.children.is_empty()
            }
            "link" => {
                child.get("href").is_some_and(is_uri)
                    && child.get("rel").is_some_and(|rel| !rel.is_empty())
            }
            "category" => child.get("term").is_some(),
            "author" => child.count("name") == 1 && child.all("uri").all(|uri| is_uri(&uri.text)),
            "thr:in-reply-to" => child.get("ref").is_some_and(is_uri),
            _ => true,
        };
        found.rule(holds, "§4.2 what an element holds", child);
        found.rule(
            IN_ATOM.contains(&child.name.as_str()),
            "an element of Atom",
            child,
        );
        let lang = child.get("xml:lang").unwrap_or("en");
        let is_tag = lang.split('-').all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        });
        found.rule(is_tag, "§2 xml:lang", child);
    }
}

/// What is wrong with an RSS feed; nothing if it keeps the rules.
pub(super) fn rss_problems(text: &str) -> Vec<String> {
    let root = match Element::parse(text) {
        Ok(root) => root,
        Err(error) => return vec![error],
    };
    let mut found = Found::default();
    let is_rss = root.name == "rss" && root.get("version") == Some("2.0");
    found.rule(is_rss, "rss 2.0", &root);
    found.rule(root.children.len() == 1, "one channel", &root);
    let channel = root.one("channel");
    for name in ["title", "link", "description", "lastBuildDate"] {
        found.rule(
            channel.count(name) == 1,
            "a channel of ours has one each",
            channel,
        );
    }
    let mut ids: Vec<&str> = Vec::new();
    for item in channel.all("item") {
        for name in ["title", "link", "guid", "pubDate", "dc:creator"] {
            found.rule(item.count(name) == 1, "an item of ours has one each", item);
        }
        found.rule(
            item.count("description") <= 1,
            "at most one description",
            item,
        );
        found.rule(is_uri(&item.one("link").text), "a link is a URL", item);
        let guid = item.one("guid");
        found.rule(
            guid.get("isPermaLink") == Some("false"),
            "it is no URL to go to",
            guid,
        );
        found.rule(!ids.contains(&guid.text.as_str()), "ids differ", item);
        ids.push(&guid.text);
    }
    let items = channel.all("item").flat_map(|item| &item.children);
    for child in channel.children.iter().chain(items) {
        found.rule(
            IN_RSS.contains(&child.name.as_str()),
            "an element that readers know",
            child,
        );
        let is_plain = child.children.is_empty() || child.name == "item";
        found.rule(is_plain, "no markup but escaped", child);
        let is_date = matches!(child.name.as_str(), "pubDate" | "lastBuildDate");
        let holds = !is_date || jiff::fmt::rfc2822::parse(&child.text).is_ok();
        found.rule(holds, "dates", child);
        let prefix = child
            .name
            .split_once(':')
            .map(|(prefix, _)| format!("xmlns:{prefix}"));
        let is_declared = prefix.is_none_or(|prefix| root.get(&prefix).is_some());
        found.rule(is_declared, "declared namespaces", child);
    }
    found.0
}
