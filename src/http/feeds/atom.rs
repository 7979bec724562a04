//! Atom: RFC 4287, with threading (RFC 4685) and pages of a feed (RFC 5005).

use std::io;

use super::item::{Item, Words, uri};
use super::xml::Xml;
use super::{Feed, KINDS};
use crate::http::api::rfc3339;
use crate::model::FeedFormat;

const NAMESPACE: &str = "http://www.w3.org/2005/Atom";
const THREADING: &str = "http://purl.org/syndication/thread/1.0";

/// The feed as a document.
pub(super) fn write(feed: &Feed) -> io::Result<Vec<u8>> {
    let mut xml = Xml::new()?;
    xml.open("feed", &[("xmlns", NAMESPACE), ("xmlns:thr", THREADING)])?;
    xml.text("id", &[], feed.first)?;
    xml.text("title", &[("xml:lang", "en")], feed.title)?;
    xml.text("updated", &[], &rfc3339(feed.updated))?;
    xml.text(
        "generator",
        &[("version", env!("CARGO_PKG_VERSION"))],
        "Linkback",
    )?;
    let media_type = ("type", FeedFormat::Atom.media_type());
    xml.empty("link", &[("rel", "self"), media_type, ("href", feed.this)])?;
    if let Some(home) = feed.home {
        let html = ("type", "text/html");
        xml.empty("link", &[("rel", "alternate"), html, ("href", &uri(home))])?;
    }
    if let Some(hub) = feed.hub {
        xml.empty("link", &[("rel", "hub"), ("href", &uri(hub))])?;
    }
    // RFC 5005 §3
    xml.empty(
        "link",
        &[("rel", "first"), media_type, ("href", feed.first)],
    )?;
    if let Some(next) = feed.next {
        xml.empty("link", &[("rel", "next"), media_type, ("href", next)])?;
    }
    for mention in feed.mentions {
        entry(&mut xml, &Item::of(mention))?;
    }
    xml.close("feed")?;
    Ok(xml.finish())
}

fn entry(xml: &mut Xml, item: &Item) -> io::Result<()> {
    let lang = item.language.map(|tag| ("xml:lang", tag));
    // Words of ours are English, whatever the source's are.
    let title_lang = if item.title.is_some() {
        lang
    } else {
        Some(("xml:lang", "en"))
    };
    xml.open("entry", &[])?;
    xml.text("id", &[], &item.id)?;
    xml.text("title", title_lang.as_slice(), &item.heading())?;
    xml.text("updated", &[], &rfc3339(item.updated))?;
    xml.text("published", &[], &item.published.rfc3339())?;
    xml.open("author", &[])?;
    xml.text("name", &[], item.author)?;
    if let Some(url) = item.author_url.as_deref() {
        xml.text("uri", &[], url)?;
    }
    xml.close("author")?;
    xml.empty("link", &[("rel", "alternate"), ("href", &item.url)])?;
    let target = &*uri(item.mention.target.as_str());
    xml.empty("link", &[("rel", "related"), ("href", target)])?;
    let source = uri(item.mention.source.as_str());
    if source != item.url {
        xml.empty("link", &[("rel", "via"), ("href", &source)])?;
    }
    if item.is_response() {
        xml.empty("thr:in-reply-to", &[("ref", target), ("href", target)])?;
    }
    let entry = &item.mention.entry;
    for kind in entry.kinds() {
        xml.empty("category", &[("scheme", KINDS), ("term", kind.as_str())])?;
    }
    for category in &entry.categories {
        xml.empty("category", &[("term", category)])?;
    }
    if let Some(summary) = &item.summary {
        xml.text("summary", lang.as_slice(), summary)?;
    }
    if let Some(words) = item.words {
        let (form, text) = match words {
            Words::Html(html) => ("html", html),
            Words::Text(text) => ("text", text),
        };
        let attributes: Vec<_> = lang.into_iter().chain([("type", form)]).collect();
        xml.text("content", &attributes, text)?;
    }
    xml.close("entry")
}
