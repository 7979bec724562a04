//! Reads plain text and Markdown: a link is the target's whole URL, with an end that is seen.

use url::Url;

use crate::model::{Entry, MentionKind, Reading, TargetUrl, Verdict};

use super::excerpt;
use super::facts::trace;
use super::flow::Flow;
use super::link::Matcher;
use super::near::near_misses;

/// Marks that end a sentence or a bracket rather than belong to the URL before them.
const TRAILING: [char; 17] = [
    '.', ',', ';', ':', '!', '?', ')', ']', '}', '>', '"', '\'', '*', '_', '`', '”', '’',
];
/// How many of them may stand in a row after a URL.
const MAX_TRAILING: usize = 6;
/// Near misses that are kept.
const MAX_NEAR: usize = 1000;

/// What `text`, found at `url`, says about the target.
pub(super) fn read(text: &str, url: &Url, target: &TargetUrl) -> Reading {
    let matcher = Matcher::new(target.as_url(), url, &[]);
    let mut near = Vec::new();
    for (start, token) in addresses(text) {
        let mut candidate = token;
        for _ in 0..=MAX_TRAILING {
            let Some(found) = matcher.resolve(candidate) else {
                break;
            };
            if found == *matcher.target() {
                return links(text, start, candidate, url);
            }
            let Some(shorter) = candidate.strip_suffix(TRAILING) else {
                if near.len() < MAX_NEAR {
                    near.push(found);
                }
                break;
            };
            candidate = shorter;
        }
    }
    Reading::of(
        Verdict::NoLink {
            near_misses: near_misses(&near, target.as_url()),
        },
        Vec::new(),
    )
}

fn links(text: &str, start: usize, address: &str, url: &Url) -> Reading {
    let end = start.saturating_add(address.len());
    let before = text.get(..start).unwrap_or_default();
    let after = text.get(end..).unwrap_or_default();
    let before = before.rsplit(['\n', '\r']).next().unwrap_or(before);
    let after = after.split(['\n', '\r']).next().unwrap_or(after);
    let mut flow = Flow::of(before, address, after);
    flow.smooth();
    let excerpt = excerpt::cut(&flow);
    let entry = Entry {
        excerpt: Some(excerpt),
        ..Entry::bare(MentionKind::Mention, url.as_str().to_owned())
    };
    Reading::of(
        Verdict::Links(Box::new(entry)),
        vec![
            trace("link", "URL in the text", address),
            trace("excerpt", "line round the link", address),
        ],
    )
}

/// What looks like an http(s) URL, and where; it may have sentence marks at its end.
fn addresses(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut from = 0_usize;
    std::iter::from_fn(move || {
        loop {
            let rest = text.get(from..)?;
            let at = from.saturating_add(rest.find("://")?);
            let head = text.get(from..at).unwrap_or_default();
            from = at.saturating_add(3);
            let letters = head
                .bytes()
                .rev()
                .take(6)
                .take_while(u8::is_ascii_alphanumeric)
                .count();
            let start = at.saturating_sub(letters);
            let scheme = text.get(start..at).unwrap_or_default();
            if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
                continue;
            }
            let tail = text.get(from..).unwrap_or_default();
            let len = tail.find(|c: char| !is_url_char(c)).unwrap_or(tail.len());
            let end = from.saturating_add(len);
            // The path of one URL may hold another: an archive's, say. It is not a link to that.
            from = end;
            return Some((start, text.get(start..end)?));
        }
    })
}

/// Whether a character may stand in a URL as people write it.
fn is_url_char(c: char) -> bool {
    !c.is_whitespace()
        && !c.is_control()
        && !matches!(
            c,
            '<' | '>' | '"' | '`' | '{' | '}' | '|' | '\\' | '^' | '。' | '，' | '）' | '」'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(text: &str) -> Verdict {
        let url = Url::parse("https://source.example/a.txt").unwrap();
        let target = TargetUrl::parse("https://ex.com/a").unwrap();
        read(text, &url, &target).verdict
    }

    #[test]
    fn a_url_in_text_ends_where_it_is_seen_to_end() {
        for (text, links) in [
            ("https://ex.com/a", true),
            ("See https://ex.com/a.", true),
            ("See (https://ex.com/a), and", true),
            ("[it](https://ex.com/a \"title\")", true),
            ("[it](https://ex.com/a).", true),
            ("<https://ex.com/a>", true),
            ("\"HTTPS://EX.com/a\"", true),
            ("**https://ex.com/a**", true),
            ("见 https://ex.com/a。", true),
            ("https://ex.com/abc", false),
            ("https://ex.com/a/b", false),
            ("https://ex.com/a?x", false),
            ("https://ex.com/a#c", false),
            ("https://ex.com/a-b", false),
            ("xhttps://ex.com/a", false),
            ("https://archive.example/https://ex.com/a", false),
            ("ex.com/a", false),
            ("", false),
        ] {
            assert_eq!(matches!(verdict(text), Verdict::Links(_)), links, "{text}");
        }
    }

    #[test]
    fn the_excerpt_is_the_line() {
        let Verdict::Links(entry) = verdict("first\nI read https://ex.com/a, and liked it.\nlast")
        else {
            panic!("no link");
        };
        let excerpt = entry.excerpt.unwrap();
        assert_eq!(
            (&*excerpt.before, &*excerpt.linked, &*excerpt.after),
            ("I read ", "https://ex.com/a", ", and liked it.")
        );
    }

    #[test]
    fn a_near_miss_in_text_is_told() {
        let Verdict::NoLink { near_misses } = verdict("See http://ex.com/a.") else {
            panic!("a link");
        };
        assert_eq!(near_misses[0].url, "http://ex.com/a");
    }
}
