//! RSS 2.0, with the elements of Dublin Core, Atom and threading for what it has no words for.

use std::io;

use jiff::fmt::rfc2822::DateTimePrinter;

use super::item::{Item, Words, uri};
use super::xml::Xml;
use super::{Feed, KINDS};
use crate::http::api::rfc3339;
use crate::model::{FeedFormat, Timestamp};

const NAMESPACES: [(&str, &str); 5] = [
    ("version", "2.0"),
    ("xmlns:atom", "http://www.w3.org/2005/Atom"),
    ("xmlns:content", "http://purl.org/rss/1.0/modules/content/"),
    ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
    ("xmlns:thr", "http://purl.org/syndication/thread/1.0"),
];

/// The feed as a document.
pub(super) fn write(feed: &Feed) -> io::Result<Vec<u8>> {
    let mut xml = Xml::new()?;
    xml.open("rss", &NAMESPACES)?;
    xml.open("channel", &[])?;
    xml.text("title", &[], feed.title)?;
    // It must link to something: if there is no page that the mentions are of, to itself.
    xml.text("link", &[], &uri(feed.home.unwrap_or(feed.this)))?;
    xml.text("description", &[], feed.title)?;
    xml.text("lastBuildDate", &[], &rfc5322(feed.updated))?;
    let version = env!("CARGO_PKG_VERSION");
    xml.text("generator", &[], &format!("Linkback {version}"))?;
    xml.text("docs", &[], "https://www.rssboard.org/rss-specification")?;
    let media_type = ("type", FeedFormat::Rss.media_type());
    xml.empty(
        "atom:link",
        &[("rel", "self"), media_type, ("href", feed.this)],
    )?;
    if let Some(hub) = feed.hub {
        xml.empty("atom:link", &[("rel", "hub"), ("href", &uri(hub))])?;
    }
    if let Some(next) = feed.next {
        xml.empty("atom:link", &[("rel", "next"), media_type, ("href", next)])?;
    }
    for mention in feed.mentions {
        entry(&mut xml, &Item::of(mention))?;
    }
    xml.close("channel")?;
    xml.close("rss")?;
    Ok(xml.finish())
}

fn entry(xml: &mut Xml, item: &Item) -> io::Result<()> {
    xml.open("item", &[])?;
    xml.text("title", &[], &item.heading())?;
    xml.text("link", &[], &item.url)?;
    xml.text("guid", &[("isPermaLink", "false")], &item.id)?;
    xml.text("pubDate", &[], &rfc5322(item.published.at))?;
    xml.text("atom:updated", &[], &rfc3339(item.updated))?;
    // RSS's own author is an e-mail address.
    xml.text("dc:creator", &[], item.author)?;
    if let Some(language) = item.language {
        xml.text("dc:language", &[], language)?;
    }
    if item.is_response() {
        let target = &*uri(item.mention.target.as_str());
        xml.empty("thr:in-reply-to", &[("ref", target), ("href", target)])?;
    }
    let entry = &item.mention.entry;
    for kind in entry.kinds() {
        xml.text("category", &[("domain", KINDS)], kind.as_str())?;
    }
    for category in &entry.categories {
        xml.text("category", &[], category)?;
    }
    // Both hold markup: plain text is escaped once more.
    let words = item.words.map(|words| match words {
        Words::Html(html) => html.to_owned(),
        Words::Text(text) => markup(text),
    });
    match (&item.summary, words) {
        (Some(summary), words) => {
            xml.text("description", &[], &markup(summary))?;
            if let Some(words) = words {
                xml.text("content:encoded", &[], &words)?;
            }
        }
        (None, Some(words)) => xml.text("description", &[], &words)?,
        (None, None) => {}
    }
    xml.close("item")
}

/// Plain text as markup.
fn markup(text: &str) -> String {
    quick_xml::escape::escape(text).replace('\n', "<br>\n")
}

/// A time as RSS has it: RFC 822 with years of four digits, which is RFC 5322 §3.3.
fn rfc5322(time: Timestamp) -> String {
    let time = jiff::Timestamp::from_millisecond(time.as_millis()).unwrap_or_default();
    DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&time)
        .unwrap_or_default()
}
