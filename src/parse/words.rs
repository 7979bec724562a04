//! Text as people may see it: white space collapsed, no controls, cut between words.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;

/// The mark of a cut.
const ELLIPSIS: char = '…';
/// A cut goes back at most this many graphemes to find the gap between two words.
const LONGEST_WORD: usize = 40;
/// No grapheme that people write is longer on average; piles of combining marks are cut by it.
const BYTES_PER_GRAPHEME: usize = 32;

/// Whether a character must not reach a reader: controls, and those that reorder the text round them.
pub(super) fn is_unwanted(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// `text` on one line: trimmed, runs of white space collapsed, unwanted characters removed.
pub(super) fn one_line(text: &str) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        let before = line.len();
        if before > 0 {
            line.push(' ');
        }
        let start = line.len();
        // No printable ASCII is unwanted, and most words are of nothing else.
        if word.bytes().all(|b| b.is_ascii_graphic()) {
            line.push_str(word);
        } else {
            line.extend(word.chars().filter(|&c| !is_unwanted(c)));
        }
        if line.len() == start {
            line.truncate(before);
        }
    }
    line
}

/// `text` on one line and of at most `max` graphemes; nothing if nothing is left of it.
pub(super) fn clean(text: &str, max: usize) -> Option<String> {
    // What is far too long need not be looked at to its end.
    let limit = max.saturating_mul(BYTES_PER_GRAPHEME).saturating_mul(4);
    let line = one_line(head(text, limit));
    (!line.is_empty()).then(|| cut_end(&line, max).into_owned())
}

/// How long the number or bullet is that somebody typed before a list item: `3. `, `(b) `, `• `.
pub(super) fn list_mark(text: &str) -> Option<usize> {
    let lead = text.trim_start();
    // A link's line in Gemini's pages.
    if let Some(after) = lead.strip_prefix("=>") {
        return Some(text.len().saturating_sub(after.trim_start().len()));
    }
    let open = lead.strip_prefix('(');
    let rest = open.unwrap_or(lead);
    let digits = rest.len().saturating_sub(
        rest.trim_start_matches(|c: char| c.is_ascii_digit() || ('０'..='９').contains(&c))
            .len(),
    );
    let (label, rest) = rest.split_at_checked(digits)?;
    let rest = match label.chars().count() {
        1..=3 if open.is_some() => rest.strip_prefix(')')?,
        1..=3 => match rest.strip_prefix(['、', '．']) {
            Some(wide) => return Some(text.len().saturating_sub(wide.trim_start().len())),
            None => rest.strip_prefix(['.', ')'])?,
        },
        0 => match rest.strip_prefix(['•', '·', '-', '*', '–', '▪', '●', '◦']) {
            Some(after) if open.is_none() => after,
            _ => rest
                .strip_prefix(|c: char| c.is_ascii_lowercase())?
                .strip_prefix(')')?,
        },
        _ => return None,
    };
    let after = rest.trim_start();
    let apart = after.len() < rest.len() || rest.is_empty();
    // A list of tasks has boxes, too.
    let task = ["[ ]", "[x]", "[X]"]
        .iter()
        .find_map(|mark| after.strip_prefix(mark));
    let after = task
        .filter(|_| label.is_empty())
        .map_or(after, str::trim_start);
    apart.then(|| text.len().saturating_sub(after.len()))
}

/// The first `bytes` bytes of `text`, or a few less.
pub(super) fn head(text: &str, bytes: usize) -> &str {
    let mut at = bytes.min(text.len());
    while !text.is_char_boundary(at) {
        at = at.saturating_sub(1);
    }
    text.get(..at).unwrap_or(text)
}

/// The last `bytes` bytes of `text`, or a few less.
pub(super) fn tail(text: &str, bytes: usize) -> &str {
    let mut at = text.len().saturating_sub(bytes);
    while !text.is_char_boundary(at) {
        at = at.saturating_add(1);
    }
    text.get(at..).unwrap_or(text)
}

/// The first `max` graphemes of `text`, cut back to the end of a word and marked, if there are more.
pub(super) fn cut_end(text: &str, max: usize) -> Cow<'_, str> {
    // No grapheme is shorter than a byte.
    if text.len() <= max {
        return Cow::Borrowed(text);
    }
    let bounded = head(text, max.saturating_mul(BYTES_PER_GRAPHEME));
    let grapheme = |n: usize| -> Option<usize> {
        // Of printable ASCII every byte is one.
        let simple = bounded.as_bytes().get(..=n)?;
        if simple.iter().all(|b| matches!(b, b' '..=b'~')) {
            return Some(n);
        }
        bounded.grapheme_indices(true).nth(n).map(|(at, _)| at)
    };
    let limit = match grapheme(max) {
        Some(at) => at,
        None if bounded.len() == text.len() => return Cow::Borrowed(text),
        None => bounded.len(),
    };
    let earliest = grapheme(max.saturating_sub(LONGEST_WORD)).unwrap_or(0);
    // A space parts words whatever stands before it: there is no need to begin at the beginning.
    let start = bounded
        .get(..earliest)
        .and_then(|before| before.rfind(' '))
        .unwrap_or(0);
    let at = bounded
        .get(start..)
        .unwrap_or_default()
        .split_word_bound_indices()
        .map(|(at, _)| start.saturating_add(at))
        .take_while(|&at| at <= limit)
        .filter(|&at| at >= earliest && at > 0)
        .last()
        .unwrap_or(limit);
    let mut cut = text.get(..at).unwrap_or(text).trim_end().to_owned();
    cut.push(ELLIPSIS);
    Cow::Owned(cut)
}

/// The last `max` graphemes of `text`, cut to the beginning of a word and marked, if there are more.
pub(super) fn cut_start(text: &str, max: usize) -> Cow<'_, str> {
    if text.len() <= max {
        return Cow::Borrowed(text);
    }
    let bounded = tail(text, max.saturating_mul(BYTES_PER_GRAPHEME));
    let from_end = |n: usize| bounded.grapheme_indices(true).rev().nth(n);
    let limit = match from_end(max.saturating_sub(1)) {
        Some((0, _)) | None if bounded.len() == text.len() => return Cow::Borrowed(text),
        Some((at, _)) => at,
        None => 0,
    };
    let latest = from_end(max.saturating_sub(LONGEST_WORD)).map_or(bounded.len(), |(at, _)| at);
    let at = bounded
        .split_word_bound_indices()
        .find(|&(at, word)| at >= limit && !word.trim().is_empty())
        .map(|(at, _)| at)
        .filter(|&at| at <= latest)
        .unwrap_or(limit);
    let kept = bounded.get(at..).unwrap_or(bounded).trim_start();
    let mut cut = String::with_capacity(kept.len().saturating_add(ELLIPSIS.len_utf8()));
    cut.push(ELLIPSIS);
    cut.push_str(kept);
    Cow::Owned(cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_between_words_and_marked_only_where_cut() {
        assert_eq!(cut_end("one two three", 20), "one two three");
        assert_eq!(cut_end("one two three", 13), "one two three");
        assert_eq!(cut_end("one two three", 9), "one two…");
        assert_eq!(cut_start("one two three", 13), "one two three");
        assert_eq!(cut_start("one two three", 9), "…two three");
        assert_eq!(cut_start("one two three", 8), "…three");
    }

    #[test]
    fn text_without_spaces_is_cut_all_the_same() {
        let word = "x".repeat(300);
        assert_eq!(cut_end(&word, 140).chars().count(), 141);
        assert_eq!(cut_start(&word, 140).chars().count(), 141);
        let chinese = "链接在这里".repeat(60);
        assert_eq!(cut_end(&chinese, 140).chars().count(), 141);
    }

    #[test]
    fn emoji_of_several_characters_are_not_cut_in_two() {
        let family = "👨‍👩‍👧‍👦";
        let text = family.repeat(20);
        assert_eq!(cut_end(&text, 5), format!("{}…", family.repeat(5)));
        assert_eq!(cut_start(&text, 5), format!("…{}", family.repeat(5)));
    }

    #[test]
    fn piles_of_combining_marks_are_bounded() {
        let zalgo = format!("a{}", "\u{301}".repeat(100_000));
        assert!(cut_end(&zalgo, 10).len() < 400);
        assert!(cut_start(&zalgo, 10).len() < 400);
    }

    #[test]
    fn a_typed_number_is_told_from_a_sentence() {
        for (text, rest) in [
            ("3. The videos", Some("The videos")),
            ("12) The videos", Some("The videos")),
            ("(3) The videos", Some("The videos")),
            ("b) The videos", Some("The videos")),
            ("• The videos", Some("The videos")),
            ("- The videos", Some("The videos")),
            ("* [ ] The videos", Some("The videos")),
            ("- [x] The videos", Some("The videos")),
            ("=> The videos", Some("The videos")),
            ("3. ", Some("")),
            ("３、视频", Some("视频")),
            ("3.5 videos", None),
            ("3 videos", None),
            ("2011. A year", None),
            ("-3 videos", None),
            ("I. The videos", None),
            ("(see) The videos", None),
            ("", None),
        ] {
            let got = list_mark(text).and_then(|len| text.get(len..));
            assert_eq!(got, rest, "{text}");
        }
    }

    #[test]
    fn controls_and_reordering_characters_are_removed() {
        assert_eq!(
            clean(" a\u{0}b\u{202e} \u{2066} c\n\td ", 100).unwrap(),
            "ab c d"
        );
        assert_eq!(clean(" \u{202e}\u{0} ", 100), None);
        assert_eq!(one_line("a \u{feff} b"), "a b");
    }
}
