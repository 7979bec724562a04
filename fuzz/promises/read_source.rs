//! Target `read_source`: whole pages, of any type.

use linkback::model::{Page, Reading, TargetUrl, Unreadable, Verdict};
use linkback::parse;
use url::Url;

use super::entry::is_entry;
use super::shown::{is_address, is_clean, is_line, is_short};

/// What the first byte says of the rest: a letter for each `Content-Type`.
const TYPES: [(u8, Option<&str>); 9] = [
    (b'h', Some("text/html; charset=utf-8")),
    (b'u', Some("text/html")),
    (b'l', Some("text/html; charset=\"iso-8859-1\"")),
    (b'x', Some("application/xhtml+xml")),
    (b'j', Some("application/json")),
    (b'a', Some("application/activity+json")),
    (b'f', Some("application/atom+xml")),
    (b't', Some("text/plain")),
    (b'n', None),
];

const MAX_NEAR_MISSES: usize = 10;
const MAX_STEPS: usize = 200;
const MAX_FOUND: usize = 120;

/// Any bytes give a verdict, and what it says is fit to be shown. The first byte stands for the type of
/// the page, in upper case if the page was cut off; the rest is the page, which is asked for
/// `https://ex.com/a`.
pub fn read_source(data: &[u8]) {
    let Some((&kind, body)) = data.split_first() else {
        return;
    };
    let letter = kind.to_ascii_lowercase();
    let (_, content_type) = TYPES
        .into_iter()
        .find(|(of, _)| *of == letter)
        .unwrap_or(TYPES[usize::from(kind) % TYPES.len()]);
    let page = Page {
        url: Url::parse("https://blog.example/2011/05/post").unwrap(),
        status: 200,
        content_type: content_type.map(str::to_owned),
        body: body.to_vec(),
        truncated: kind.is_ascii_uppercase(),
    };
    let target = TargetUrl::parse("https://ex.com/a").unwrap();
    let reading = parse::read_source(&page, &target);
    is_reading(&reading, page.truncated);
    if let Some(author) = parse::read_author(&page, &page.url) {
        super::entry::is_author(&author);
    }
}

fn is_reading(reading: &Reading, truncated: bool) {
    match &reading.verdict {
        Verdict::Links(entry) => is_entry(entry),
        Verdict::NoLink { near_misses } => {
            assert!(!truncated, "what was cut off has no link");
            assert!(near_misses.len() <= MAX_NEAR_MISSES);
            for near in near_misses {
                is_clean(&near.url, "a near miss", false);
                is_clean(&near.difference, "a difference", false);
                let url = Url::parse(&near.url).unwrap();
                assert!(matches!(url.scheme(), "http" | "https"), "{near:?}");
            }
        }
        Verdict::Gone => {}
        Verdict::Unreadable(why) => match why {
            Unreadable::MediaType(name) => is_line(name, 80, "a media type"),
            Unreadable::Malformed(why) => is_line(why, 300, "a mistake"),
            Unreadable::TooLarge | Unreadable::TooComplex => {}
        },
    }
    if let Some(page) = &reading.author_page {
        is_address(page.as_str(), "the author's page");
    }
    assert!(
        reading.trace.len() <= MAX_STEPS,
        "{} steps",
        reading.trace.len()
    );
    for step in &reading.trace {
        is_clean(&step.rule, "a rule", false);
        is_clean(&step.found, "what a step found", false);
        is_short(&step.found, MAX_FOUND, "what a step found");
        if let Some(element) = &step.element {
            is_clean(element, "an element", false);
        }
    }
}
