//! What does a page answer? Of the owner's own pages, for Salmention.

use url::Url;

use crate::model::{Page, SourceUrl, TargetUrl};

use super::charset;
use super::document::{Document, attribute, element, has_word, nodes};
use super::media::{ContentType, Media, content_type};
use super::microformats::{self, Detail, Item, Value, parse_document};

/// So many pages are answered by one at most.
const MAX_ANSWERED: usize = 10;

/// A page, and what it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answering {
    /// Its own address: what it calls so (`rel=canonical`) on its own host, else where it was found.
    pub own: Url,
    /// The `u-in-reply-to` of its entry; of a page of several entries, nothing.
    pub answered: Vec<TargetUrl>,
}

/// What the page answers, as the microformats of its entry say.
pub fn answering(page: &Page) -> Answering {
    let mut found = Answering {
        own: page.url.clone(),
        answered: Vec::new(),
    };
    let ContentType { media, charset } = content_type(page.content_type.as_deref(), &page.body);
    if !matches!(media, Media::Html | Media::Xhtml) {
        return found;
    }
    let document = Document::parse(&charset::decode(&page.body, charset.as_deref(), true));
    let mut bases = Vec::new();
    for tag in nodes(document.root()).filter_map(element) {
        let Some(href) = attribute(tag, "href") else {
            continue;
        };
        match tag.name() {
            "base" => bases.push(href),
            "link" if has_word(tag, "rel", "canonical") => {
                let own = page.url.join(href).ok();
                let is_of_host = |url: &Url| url.origin() == page.url.origin();
                found.own = own.filter(is_of_host).unwrap_or(found.own);
            }
            _ => {}
        }
    }
    let options = microformats::Options::default();
    let (items, _) = parse_document(&document, &page.url, &bases, &options, Detail::Outline);
    if let Some(entry) = entry(&items.items) {
        let urls = entry.all("in-reply-to").iter().filter_map(address);
        for url in urls {
            if found.answered.len() < MAX_ANSWERED && !found.answered.contains(&url) {
                found.answered.push(url);
            }
        }
    }
    found
}

/// The one entry of the page, by itself or in a feed.
fn entry(items: &[Item]) -> Option<&Item> {
    let is_post = |item: &&Item| item.is("h-entry") || item.is("h-event");
    let mut posts: Vec<&Item> = items.iter().filter(is_post).collect();
    if posts.is_empty() {
        let feeds = items.iter().filter(|item| item.is("h-feed"));
        posts = feeds
            .flat_map(|feed| &feed.children)
            .filter(is_post)
            .collect();
    }
    match posts.as_slice() {
        [post] => Some(post),
        _ => None,
    }
}

fn address(value: &Value) -> Option<TargetUrl> {
    let named = value.item().and_then(|cite| cite.first("url"));
    [named, Some(value)]
        .into_iter()
        .flatten()
        .find_map(|value| TargetUrl::parse(value.text()).ok())
}

impl Answering {
    /// The page as a source, if its address is one.
    pub fn source(&self) -> Option<SourceUrl> {
        SourceUrl::parse(self.own.as_str()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> (String, Vec<String>) {
        let found = answering(&Page {
            url: Url::parse("https://blog.example/a?utm=1").unwrap(),
            status: 200,
            content_type: Some("text/html".to_owned()),
            body: body.as_bytes().to_vec(),
            truncated: false,
        });
        let answered = found.answered.iter().map(ToString::to_string).collect();
        (found.own.into(), answered)
    }

    #[test]
    fn a_page_answers_what_its_own_entry_says_and_not_what_its_comments_do() {
        let one = "https://up.example/1";
        for (body, want) in [
            (
                "<p class=h-entry><a class=u-in-reply-to href=https://up.example/1>",
                vec![one],
            ),
            (
                "<div class=h-feed><div class=h-entry><div class='u-in-reply-to h-cite'>\
                 <a class=u-url href=https://up.example/1>x</a></div></div></div>",
                vec![one],
            ),
            (
                "<div class=h-entry><a class=u-in-reply-to href=https://up.example/1></a>\
                 <a class=u-in-reply-to href=https://up.example/1></a>\
                 <div class='p-comment h-cite'><a class=u-in-reply-to href=https://no.example/>\
                 </a></div></div>",
                vec![one],
            ),
            ("<a class=u-in-reply-to href=https://up.example/1>", vec![]),
            (
                "<p class=h-entry><a class=u-like-of href=https://up.example/1>",
                vec![],
            ),
            (
                "<p class=h-entry><a class=u-in-reply-to href=mailto:a@b>",
                vec![],
            ),
            (
                "<p class=h-entry><a class=u-in-reply-to href=https://up.example/1></a>\
                 <p class=h-entry>another",
                vec![],
            ),
        ] {
            assert_eq!(read(body).1, want, "{body}");
        }
    }

    #[test]
    fn a_page_is_called_by_its_canonical_address_on_its_own_host() {
        let own = |body| read(body).0;
        assert_eq!(own(""), "https://blog.example/a?utm=1");
        assert_eq!(
            own("<link rel=canonical href=/a>"),
            "https://blog.example/a"
        );
        let other = "<link rel=canonical href=https://other.example/a>";
        assert_eq!(own(other), "https://blog.example/a?utm=1");
    }
}
