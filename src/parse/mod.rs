//! Reading source pages: bytes and URLs in, facts out. Pure: no IO, no clock, no panics.
//!
//! [`read_source`] picks the reader by media type. An HTML page is parsed once, under a budget
//! (`document`), and walked once (`survey`); links, facts and excerpt are then asked of the same
//! tree. WM §3.2.2.
//!
//! | module | what it knows |
//! |---|---|
//! | `media`, `charset` | how to read the bytes |
//! | `document`, `tokens`, `simple`, `references`, `sink`, `flood`, `survey` | the tree, its budget, and what is worth a look in it |
//! | `link`, `near` | whether the page links to the target, and what comes close |
//! | `facts`, `title`, [`date`], `json_ld`, `entities` | what the page says of itself |
//! | `excerpt`, `flow`, `words` | the words round the link, and text fit to be shown |
//! | [`microformats`] | what class names say; of use by itself |
//! | `entry`, `author`, `merge` | which entry is meant, what it says, who wrote it; one entry of all that |
//! | `vouch`, `endpoint`, `upstream` | whether a page vouches for another; which endpoints it names; what it answers |
//! | [`sanitise`] | markup and text as they may be shown |
//! | `html`, `json`, `text`, `feed` | one reader for each kind of page |

mod author;
mod charset;
pub mod date;
mod document;
mod endpoint;
mod entities;
mod entry;
mod excerpt;
mod facts;
mod feed;
mod flood;
mod flow;
mod html;
mod json;
mod json_ld;
mod link;
mod media;
mod merge;
pub mod microformats;
mod near;
mod references;
pub mod sanitise;
mod simple;
mod sink;
mod srcset;
mod survey;
mod text;
mod title;
mod tokens;
mod upstream;
mod vouch;
mod words;

#[cfg(test)]
mod tests;

pub use self::author::read_author;
pub use self::endpoint::endpoint;
pub use self::upstream::{Answering, answering};
pub use self::vouch::vouches;

use crate::model::{Page, Reading, TargetUrl, Unreadable, Verdict};

use self::media::{ContentType, Media, content_type};

/// What the page says about the target.
///
/// Total: any bytes give a verdict. The work is linear in the length of the page. What is missing
/// from a page that was cut off, by the fetch or by the budget, never counts as "no link" (WM-55).
pub fn read_source(page: &Page, target: &TargetUrl) -> Reading {
    let ContentType { media, charset } = content_type(page.content_type.as_deref(), &page.body);
    if let Media::Other(name) = media {
        return Reading::of(Verdict::Unreadable(Unreadable::MediaType(name)), Vec::new());
    }
    let is_markup = matches!(media, Media::Html | Media::Xhtml | Media::Xml);
    let text = charset::decode(&page.body, charset.as_deref(), is_markup);
    let mut reading = match media {
        Media::Html => html::read(&text, &page.url, target),
        Media::Xhtml => read_xhtml(&text, page, target),
        Media::Json => json::read(&text, &page.url, target),
        Media::Xml => feed::read(&text, &page.url, target),
        Media::Text | Media::Other(_) => {
            // The last word may be the beginning of a longer address.
            let whole = if page.truncated {
                text.rsplit_once(char::is_whitespace)
                    .map_or("", |(whole, _)| whole)
            } else {
                &text
            };
            text::read(whole, &page.url, target)
        }
    };
    let is_judged = matches!(reading.verdict, Verdict::Links(_) | Verdict::Gone);
    if page.truncated && !is_judged {
        reading.verdict = Verdict::Unreadable(Unreadable::TooLarge);
    }
    reading
}

/// XHTML is read as HTML, which gives the better facts. But `<script/>` ends at once in XML and never
/// in HTML, so that a link may be found by the XML reader alone.
fn read_xhtml(text: &str, page: &Page, target: &TargetUrl) -> Reading {
    let as_html = html::read(text, &page.url, target);
    if !matches!(as_html.verdict, Verdict::NoLink { .. }) {
        return as_html;
    }
    let as_xml = feed::read(text, &page.url, target);
    match as_xml.verdict {
        Verdict::Links(_) => as_xml,
        _ => as_html,
    }
}
