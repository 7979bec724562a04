//! Reads feeds and other XML: links in `href` and `src`, in the text of `link`, and in escaped HTML.
//!
//! Careful rather than complete: what is not understood is passed over, and a document that breaks
//! off is unreadable, not without a link.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use url::Url;

use crate::model::{
    Author, Entry, Excerpt, MentionKind, Reading, TargetUrl, Trace, Unreadable, Verdict,
};

use super::facts::{MAX_NAME, MAX_TITLE, trace, web_address};
use super::link::Matcher;
use super::near::near_misses;
use super::words::clean;
use super::{date, html};

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

/// An item of a feed, or the feed itself, as far as it was read.
#[derive(Debug, Default, Clone)]
struct Item {
    title: Option<String>,
    link: Option<String>,
    author: Option<String>,
    published: Option<crate::model::AuthoredTime>,
    found: Option<(Option<Excerpt>, Vec<Trace>)>,
}

/// What `text`, the XML at `url`, says about the target.
pub(super) fn read(text: &str, url: &Url, target: &TargetUrl) -> Reading {
    let mut feed = Feed {
        url,
        target,
        matcher: Matcher::new(target.as_url(), url, &[]),
        channel: Item::default(),
        item: None,
        open: Vec::new(),
        text: String::new(),
        near: Vec::new(),
        pieces: 0,
        complete: true,
    };
    let verdict = match feed.run(text) {
        Ok(Some(item)) => return feed.links(item),
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
    url: &'a Url,
    target: &'a TargetUrl,
    matcher: Matcher<'a>,
    channel: Item,
    item: Option<Item>,
    open: Vec<String>,
    text: String,
    near: Vec<Url>,
    pieces: usize,
    complete: bool,
}

impl Feed<'_> {
    /// Reads up to the end of the first item that links to the target.
    fn run(&mut self, text: &str) -> Result<Option<Item>, String> {
        let mut reader = Reader::from_str(text);
        reader.config_mut().check_end_names = false;
        loop {
            match reader.read_event().map_err(|error| error.to_string()) {
                Ok(Event::Start(tag)) => {
                    self.start(&tag);
                    if self.open.len() >= MAX_DEPTH {
                        self.complete = false;
                        return Ok(self.found());
                    }
                    self.open.push(tag.local_name().as_ref().to_owned());
                }
                Ok(Event::Empty(tag)) => self.start(&tag),
                Ok(Event::End(_)) => {
                    let name = self.open.pop().unwrap_or_default();
                    self.end(&name);
                    let is_item = matches!(name.as_str(), "item" | "entry");
                    if is_item && let Some(item) = self.item.take().filter(|i| i.found.is_some()) {
                        return Ok(Some(item));
                    }
                }
                Ok(Event::Text(piece)) => self.text.push_str(&piece),
                Ok(Event::CData(piece)) => self.text.push_str(&piece),
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

    fn start(&mut self, tag: &BytesStart<'_>) {
        self.text.clear();
        if matches!(tag.local_name().as_ref(), "item" | "entry") {
            self.item = Some(Item::default());
        }
        for attribute in tag.attributes().with_checks(false).flatten() {
            if !LINK_ATTRIBUTES.contains(&attribute.key.local_name().as_ref()) {
                continue;
            }
            let value = &attribute.value;
            let value = quick_xml::escape::unescape(value).unwrap_or_default();
            self.address(&value, "attribute");
            if tag.local_name().as_ref() == "link" {
                self.current().link.get_or_insert(value.into_owned());
            }
        }
    }

    fn end(&mut self, name: &str) {
        let text = std::mem::take(&mut self.text);
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        match name {
            "link" => {
                self.address(text, "text of <link>");
                self.current().link.get_or_insert(text.to_owned());
            }
            "title" => {
                let title = clean(text, MAX_TITLE);
                let slot = &mut self.current().title;
                *slot = slot.take().or(title);
            }
            // The name within Atom's author; the text of the others.
            "name" | "author" | "creator" => {
                let name = clean(text, MAX_NAME);
                let slot = &mut self.current().author;
                *slot = slot.take().or(name);
            }
            "published" | "pubDate" | "date" => {
                let time = date::authored(text).or_else(|| date::authored_in_mail_form(text));
                let slot = &mut self.current().published;
                *slot = slot.take().or(time);
            }
            "content" | "encoded" | "description" | "summary" => self.piece(text),
            _ => {}
        }
    }

    fn reference(&mut self, name: &str) {
        if let Ok(text) = quick_xml::escape::unescape(&format!("&{name};")) {
            self.text.push_str(&text);
        }
    }

    fn current(&mut self) -> &mut Item {
        self.item.as_mut().unwrap_or(&mut self.channel)
    }

    fn address(&mut self, link: &str, rule: &str) {
        let Some(found) = self.matcher.resolve(link) else {
            return;
        };
        if found == *self.matcher.target() {
            let step = trace("link", rule, link);
            self.current().found.get_or_insert((None, vec![step]));
        } else if self.near.len() < MAX_NEAR {
            self.near.push(found);
        }
    }

    fn piece(&mut self, text: &str) {
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

    fn links(&self, item: Item) -> Reading {
        let (excerpt, mut steps) = item.found.unwrap_or_default();
        let name = item.author.or_else(|| self.channel.author.clone());
        for (field, value) in [
            ("title", item.title.as_deref()),
            ("author", name.as_deref()),
        ] {
            steps.extend(value.map(|value| trace(field, "feed", value)));
        }
        let address = item
            .link
            .and_then(|link| web_address(self.url, &link))
            .filter(|link| link.host_str() == self.url.host_str());
        let entry = Entry {
            title: item.title,
            site_name: self.channel.title.clone(),
            author: name.map(|name| Author {
                name: Some(name),
                ..Author::default()
            }),
            published: item.published,
            excerpt,
            ..Entry::bare(
                MentionKind::Mention,
                address.as_ref().unwrap_or(self.url).to_string(),
            )
        };
        Reading::of(Verdict::Links(Box::new(entry)), steps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(text: &str) -> Verdict {
        let url = Url::parse("https://source.example/feed").unwrap();
        let target = TargetUrl::parse("https://ex.com/a?x=1&y=2").unwrap();
        read(text, &url, &target).verdict
    }

    #[test]
    fn links_are_found_where_feeds_have_them() {
        for (text, links) in [
            (
                "<feed><entry><link href='https://ex.com/a?x=1&amp;y=2'/></entry></feed>",
                true,
            ),
            (
                "<rss><channel><item><link>https://ex.com/a?x=1&amp;y=2</link></item></channel></rss>",
                true,
            ),
            (
                "<rss><channel><item><link><![CDATA[https://ex.com/a?x=1&y=2]]></link></item></channel></rss>",
                true,
            ),
            (
                "<rss><channel><item><description>&lt;a href=\"https://ex.com/a?x=1&amp;amp;y=2\"&gt;it&lt;/a&gt;</description></item></channel></rss>",
                true,
            ),
            (
                "<rss><channel><item><content:encoded><![CDATA[<a href=\"https://ex.com/a?x=1&amp;y=2\">it</a>]]></content:encoded></item></channel></rss>",
                true,
            ),
            (
                "<feed><entry><title>https://ex.com/a?x=1&amp;y=2</title></entry></feed>",
                false,
            ),
            (
                "<feed><!-- <link href='https://ex.com/a?x=1&amp;y=2'/> --></feed>",
                false,
            ),
        ] {
            assert_eq!(matches!(verdict(text), Verdict::Links(_)), links, "{text}");
        }
    }

    #[test]
    fn an_item_gives_its_own_facts() {
        let feed = "<rss><channel><title>Notes</title><item><title>Other</title></item><item><title>Post</title>
            <link>https://source.example/p</link><dc:creator>Ann</dc:creator><pubDate>Sun, 15 May 2011 09:30:00 +0200</pubDate>
            <description>&lt;p&gt;Have you read &lt;a href='https://ex.com/a?x=1&amp;amp;y=2'&gt;this&lt;/a&gt; yet, dear reader?</description></item></channel></rss>";
        let Verdict::Links(entry) = verdict(feed) else {
            panic!("no link");
        };
        assert_eq!(entry.title.as_deref(), Some("Post"));
        assert_eq!(entry.site_name.as_deref(), Some("Notes"));
        assert_eq!(entry.author.unwrap().name.as_deref(), Some("Ann"));
        assert_eq!(
            entry.published.unwrap().as_str(),
            "2011-05-15T09:30:00+02:00"
        );
        assert_eq!(entry.url, "https://source.example/p");
        assert_eq!(entry.excerpt.unwrap().linked, "this");
    }

    #[test]
    fn broken_xml_is_unreadable() {
        assert!(matches!(
            verdict("<feed><entry a='"),
            Verdict::Unreadable(Unreadable::Malformed(_))
        ));
        let name = "\u{1b}x".repeat(1000);
        let Verdict::Unreadable(Unreadable::Malformed(why)) = verdict(&format!("</{name}>")) else {
            panic!("not broken");
        };
        assert!(why.ends_with("x…") && why.chars().count() <= MAX_MISTAKE + 1);
        let deep = "<a>".repeat(100_000);
        assert_eq!(verdict(&deep), Verdict::Unreadable(Unreadable::TooComplex));
    }
}
