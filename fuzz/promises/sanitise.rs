//! Target `sanitise`: markup of strangers, as it is shown to readers.

use linkback::model::{CleanHtml, Content};
use linkback::parse::sanitise::{Cleaned, MAX_CONTENT, piece};
use scraper::{ElementRef, Html, Node};
use url::Url;

use super::shown::{is_address, is_clean, is_line};

const REL: &str = "nofollow ugc noopener";
/// Bytes of markup: as much text, each character escaped, with the tags that it may have.
const MAX_MARKUP: usize = 1_000_000;
const MAX_PICTURES: usize = 16;
const MAX_ALT: usize = 1000;

/// The elements that may be shown. Written here once more, so that nothing comes onto the list by a slip.
const ELEMENTS: [&str; 43] = [
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "cite",
    "code",
    "dd",
    "del",
    "dfn",
    "dl",
    "dt",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "small",
    "strong",
    "sub",
    "sup",
    "time",
    "u",
    "ul",
    "var",
    "wbr",
];

/// Any text is cleaned; nothing is left in it but listed elements with listed attributes, it ends where
/// it should, and cleaning it once more changes nothing.
pub fn sanitise(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let base = Url::parse("https://blog.example/2011/05/post").unwrap();
    is_cleaned(&piece(&text, &base));
}

fn is_cleaned(cleaned: &Cleaned) {
    if let Some(content) = &cleaned.content {
        is_content(content);
    }
    assert!(cleaned.pictures.len() <= MAX_PICTURES);
    for picture in &cleaned.pictures {
        is_address(&picture.url, "a picture");
        if let Some(alt) = &picture.alt {
            is_line(alt, MAX_ALT, "what a picture shows");
        }
    }
}

/// Content as readers may be shown it.
pub(crate) fn is_content(content: &Content) {
    let text = content.text.as_str();
    is_clean(&text.replace('\t', " "), "content", true);
    assert!(!text.trim().is_empty(), "content without words");
    assert!(
        // What parts two paragraphs is two characters and counts as one.
        text.chars().count() <= MAX_CONTENT * 3 / 2 + 2,
        "{} characters",
        text.chars().count()
    );
    if let Some(html) = &content.html {
        is_markup(html.as_str());
    }
}

fn is_markup(html: &str) {
    assert!(html.len() <= MAX_MARKUP, "{} bytes", html.len());
    is_clean(&html.replace('\t', " "), "markup", true);
    // Of no address that is in it does the result depend: they are absolute.
    let elsewhere = Url::parse("https://elsewhere.example/x/y?z").unwrap();
    let again = piece(html, &elsewhere);
    let second = again
        .content
        .as_ref()
        .and_then(|content| content.html.as_ref());
    assert_eq!(
        second.map(CleanHtml::as_str),
        Some(html),
        "cleaned once more it is something else"
    );
    assert!(again.pictures.is_empty(), "a picture in {html:?}");

    let page = Html::parse_document(&format!("<div>{html}</div><i id=after></i>"));
    let mut elements = page.tree.nodes().filter_map(ElementRef::wrap);
    let after = elements
        .clone()
        .find(|element| element.attr("id") == Some("after"))
        .unwrap();
    let outer = after.parent().and_then(ElementRef::wrap).unwrap();
    assert_eq!(outer.value().name(), "body", "it does not end: {html:?}");
    let holder = elements
        .find(|element| element.value().name() == "div")
        .unwrap();
    for node in holder.descendants().skip(1) {
        match node.value() {
            Node::Element(_) => is_listed(ElementRef::wrap(node).unwrap(), html),
            Node::Text(_) => {}
            other => panic!("{other:?} in {html:?}"),
        }
    }
}

fn is_listed(element: ElementRef<'_>, html: &str) {
    let name = element.value().name();
    assert!(ELEMENTS.contains(&name), "<{name}> in {html:?}");
    for (attribute, value) in element.value().attrs() {
        let is_fit = match (name, attribute) {
            ("a", "href") => {
                is_address(value, "a link");
                true
            }
            ("a", "rel") => value == REL,
            (_, "dir") => matches!(value, "ltr" | "rtl" | "auto"),
            (_, "lang") => value
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-'),
            ("time", "datetime") => value
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-+:., ".contains(&b)),
            ("abbr", "title") => {
                is_line(value, 300, "a long form");
                true
            }
            _ => false,
        };
        assert!(is_fit, "{attribute}={value:?} of <{name}> in {html:?}");
    }
    if name == "a" {
        assert_eq!(
            element.attr("rel"),
            Some(REL),
            "a link without rel in {html:?}"
        );
        assert!(
            element.attr("href").is_some(),
            "a link to nothing in {html:?}"
        );
    }
}
