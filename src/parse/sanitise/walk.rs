//! The way through a page's tree: what is shown goes to the writer, pictures are gathered.

use scraper::node::Element;
use url::Url;

use crate::model::{CleanHtml, Content, Photo};
use crate::parse::document::{Edge, Edges, Ref, attribute};
use crate::parse::excerpt::{is_block, is_hidden};
use crate::parse::facts::web_address;
use crate::parse::srcset;
use crate::parse::words::clean as clean_line;

use super::allow::{Kind, is_dropped, kept};
use super::emoji::{is_emoji, is_emoji_char};
use super::write::Writer;
use super::{Cleaned, guard};

/// Pictures that are kept of one content.
const MAX_PICTURES: usize = 16;
/// Graphemes of a picture's description.
const MAX_ALT: usize = 1000;
/// Graphemes of a description that stands for a word.
const MAX_EMOJI: usize = 32;
/// A picture of so many pixels to a side counts visits.
const TRACKER_PIXELS: u32 = 2;

/// Classes of pictures that are words.
const EMOJI_CLASSES: [&str; 4] = ["emoji", "wp-smiley", "custom-emoji", "emojione"];
/// Where themes that load pictures late keep their addresses.
const LATE: [&str; 4] = [
    "data-src",
    "data-lazy-src",
    "data-original",
    "data-orig-file",
];
/// Classes of what plugins add to a text: buttons to share it, notes for readers of screens.
const EXTRAS: [&str; 8] = [
    "addtoany_share_save_container",
    "jp-relatedposts",
    "mw-editsection",
    "screen-reader-text",
    "sharedaddy",
    "social-share",
    "sr-only",
    "visually-hidden",
];

/// The content of an element.
pub(super) fn clean(root: Ref<'_>, base: &Url) -> Cleaned {
    let mut writer = Writer::default();
    let mut pictures: Vec<Photo> = Vec::new();
    let mut edges = Edges::of(root);
    while let Some(edge) = edges.next() {
        match edge {
            Edge::Open(node) if node.id() == root.id() => {}
            Edge::Open(node) => {
                if let Some(text) = node.value().as_text() {
                    writer.text(text);
                    if writer.is_full() {
                        break;
                    }
                    continue;
                }
                let Some(element) = node.value().as_element() else {
                    continue;
                };
                if element.name() == "img" {
                    picture(element, base, &mut writer, &mut pictures);
                } else if is_dropped(element) || is_hidden(element) || is_extra(element) {
                    edges.skip_below(node);
                } else {
                    open(node, element, base, &mut writer);
                }
            }
            Edge::Close(node) if node.id() == root.id() => {}
            Edge::Close(node) => close(node, &mut writer),
        }
    }
    let (html, text) = writer.finish();
    let says = |c: char| c.is_alphanumeric() || is_emoji_char(c);
    let content = text.chars().any(says).then(|| Content {
        html: html.map(|html| CleanHtml::from_sanitised(guard::guarded(html))),
        text,
    });
    Cleaned { content, pictures }
}

fn open(node: Ref<'_>, element: &Element, base: &Url, writer: &mut Writer) {
    match kept(element) {
        // Of what holds nothing the walk tells no end.
        Some((name, kind)) if kind == Kind::Void || node.first_child().is_some() => {
            writer.open(name, kind, (node.id(), element), base);
        }
        _ => edge_of_other(node, element, writer),
    }
}

fn close(node: Ref<'_>, writer: &mut Writer) {
    let Some(element) = node.value().as_element() else {
        return;
    };
    if !writer.close(node.id()) {
        edge_of_other(node, element, writer);
    }
}

/// What an element that is not written parts all the same.
fn edge_of_other(node: Ref<'_>, element: &Element, writer: &mut Writer) {
    match element.name() {
        "td" | "th" => writer.space(),
        "tr" | "li" | "dt" | "dd" | "option" => writer.end_line(),
        _ if is_block(node) => writer.end_paragraph(),
        _ => {}
    }
}

fn is_extra(element: &Element) -> bool {
    attribute(element, "class").is_some_and(|classes| {
        classes
            .split_ascii_whitespace()
            .any(|of| EXTRAS.contains(&of))
    })
}

fn picture(element: &Element, base: &Url, writer: &mut Writer, pictures: &mut Vec<Photo>) {
    let alt = attribute(element, "alt").unwrap_or_default();
    let is_word = attribute(element, "class").is_some_and(|classes| {
        classes
            .split_ascii_whitespace()
            .any(|of| EMOJI_CLASSES.contains(&of))
    });
    if is_word || is_emoji(alt) {
        writer.text(&clean_line(alt, MAX_EMOJI).unwrap_or_default());
        return;
    }
    let is_tracker = ["width", "height"].into_iter().any(|side| {
        attribute(element, side)
            .and_then(|pixels| pixels.trim().trim_end_matches("px").parse::<u32>().ok())
            .is_some_and(|pixels| pixels <= TRACKER_PIXELS)
    });
    if is_tracker || pictures.len() >= MAX_PICTURES {
        return;
    }
    let late = LATE.iter().find_map(|name| attribute(element, name));
    let own = attribute(element, "src").filter(|src| !src.trim().is_empty());
    let of_set = || {
        let set = attribute(element, "srcset")?;
        srcset::candidates(set).next().map(|(link, _)| link)
    };
    let usable = |link: &str| web_address(base, link).map(String::from);
    let url = own
        .filter(|src| !src.trim_start().starts_with("data:"))
        .and_then(usable)
        .or_else(|| late.and_then(usable))
        .or_else(|| of_set().and_then(usable));
    if let Some(url) = url
        && pictures.iter().all(|picture| picture.url != url)
    {
        pictures.push(Photo {
            url,
            alt: clean_line(alt, MAX_ALT),
        });
    }
}
