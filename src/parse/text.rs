//! Reads plain text and Markdown: a link is the target's whole URL, with an end that is seen.

use url::Url;

use crate::model::{Entry, MentionKind, Reading, TargetUrl, Verdict};

use super::excerpt;
use super::facts::trace;
use super::flow::Flow;
use super::link::Matcher;
use super::near::near_misses;
use super::words::{head, tail};

/// Marks that end a sentence or a bracket rather than belong to the URL before them.
const TRAILING: [char; 17] = [
    '.', ',', ';', ':', '!', '?', ')', ']', '}', '>', '"', '\'', '*', '_', '`', '”', '’',
];
/// How many of them may stand in a row after a URL.
const MAX_TRAILING: usize = 6;
/// Text that is looked at on each side of the link.
const MAX_ROUND_BYTES: usize = 8 * 1024;
/// A line of so many characters ends because there is no room for more.
const WRAPPED_CHARS: usize = 50;
/// Bytes of the words, or of the title, in a link in Markdown.
const MAX_MARKED_BYTES: usize = 500;
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
    let before = tail(text.get(..start).unwrap_or_default(), MAX_ROUND_BYTES);
    let after = head(text.get(end..).unwrap_or_default(), MAX_ROUND_BYTES);
    let begun = last_line(before).len().saturating_add(address.len());
    let all = after.len();
    let (before, linked, after) = without_marks(before, address, after);
    // The line of the link is as long as it was with all its marks.
    let begun = begun.saturating_add(all.saturating_sub(after.len()));
    let flow = Flow::of(&paragraphs(before, 0), linked, &paragraphs(after, begun));
    let excerpt = excerpt::cut(&excerpt::settled(flow));
    let entry = Entry {
        excerpt: Some(excerpt),
        ..Entry::bare(MentionKind::Mention, url.as_str().to_owned())
    };
    Reading::of(
        Verdict::Links(Box::new(entry)),
        vec![
            trace("link", "URL in the text", address),
            trace("excerpt", "text round the link", address),
        ],
    )
}

fn last_line(text: &str) -> &str {
    text.rsplit('\n').next().unwrap_or(text)
}

/// The text with an empty line wherever one of its lines is so short that it was ended on purpose, and
/// not where there was no room for more; `begun`: characters of the first line that stand before it.
fn paragraphs(text: &str, begun: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut len = begun;
    for (at, line) in text.lines().enumerate() {
        if at > 0 {
            out.push_str(if len < WRAPPED_CHARS { "\n\n" } else { "\n" });
            len = 0;
        }
        out.push_str(line);
        len = len.saturating_add(line.chars().count());
    }
    if text.ends_with('\n') {
        out.push_str(if len < WRAPPED_CHARS { "\n\n" } else { "\n" });
    }
    out
}

/// The parts of the text without the marks that stand round an address: `<…>`, and `[words](…)` of
/// Markdown, where the words are what is linked.
fn without_marks<'t>(
    before: &'t str,
    address: &'t str,
    after: &'t str,
) -> (&'t str, &'t str, &'t str) {
    if let (Some(before), Some(after)) = (before.strip_suffix('<'), after.strip_prefix('>')) {
        return (before, address, after);
    }
    let words = before
        .strip_suffix("](")
        .and_then(|before| before.rsplit_once('['))
        .filter(|(_, words)| words.len() <= MAX_MARKED_BYTES && !words.contains(']'));
    let rest = after
        .split_once(')')
        .filter(|(title, _)| title.len() <= MAX_MARKED_BYTES && !title.contains('\n'));
    match (words, rest) {
        (Some((before, words)), Some((_, after))) => {
            (before.strip_suffix('!').unwrap_or(before), words, after)
        }
        _ => (before, address, after),
    }
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
    fn the_excerpt_is_the_line_or_the_lines_that_were_broken_for_want_of_room() {
        let long = "What I have read since the last of these letters, and what I thought of it,";
        for (text, want) in [
            (
                "first\nI read https://ex.com/a, and liked it.\nlast".to_owned(),
                ("I read ", "https://ex.com/a", ", and liked it."),
            ),
            (
                format!("{long}\r\nis mostly https://ex.com/a.\r\n\r\nMoss\r\n"),
                (
                    "What I have read since the last of these letters, and what I thought of it, is mostly ",
                    "https://ex.com/a",
                    ".",
                ),
            ),
            (
                "Read this, if you read anything:\n\nhttps://ex.com/a\n\nIt is short.".to_owned(),
                (
                    "Read this, if you read anything: ",
                    "https://ex.com/a",
                    " It is short.",
                ),
            ),
            (
                "- one thing\n- then [the piece](https://ex.com/a \"A\"), which I liked\n- more"
                    .to_owned(),
                ("then ", "the piece", ", which I liked"),
            ),
            (
                "See <https://ex.com/a> for why we do this.".to_owned(),
                ("See ", "https://ex.com/a", " for why we do this."),
            ),
        ] {
            let Verdict::Links(entry) = verdict(&text) else {
                panic!("no link: {text}");
            };
            let excerpt = entry.excerpt.unwrap();
            assert_eq!(
                (&*excerpt.before, &*excerpt.linked, &*excerpt.after),
                want,
                "{text}"
            );
        }
    }

    #[test]
    fn a_near_miss_in_text_is_told() {
        let Verdict::NoLink { near_misses } = verdict("See http://ex.com/a.") else {
            panic!("a link");
        };
        assert_eq!(near_misses[0].url, "http://ex.com/a");
    }
}
