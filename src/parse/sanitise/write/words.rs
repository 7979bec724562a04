//! Words, one after another, as many as there is room for.

use crate::parse::sanitise::allow::push_text;
use crate::parse::words::{cut_end, is_unwanted};

use super::{Gap, MAX_CONTENT, MAX_MARKUP, Writer};

impl Writer {
    /// Text, whose white space counts in `pre` alone.
    pub(in crate::parse::sanitise) fn text(&mut self, text: &str) {
        if self.open.iter().any(|open| open.name == "pre") {
            self.preformatted(text);
            return;
        }
        if text.starts_with(char::is_whitespace) {
            self.space();
        }
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let end = plain_words(rest).unwrap_or(0);
            let (words, after) = rest.split_at_checked(end).unwrap_or(("", rest));
            if !words.is_empty() && self.has_room(words.len()) {
                self.push(words);
                rest = after;
            } else {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                let (word, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
                self.word(word);
                rest = after;
            }
            if self.full {
                return;
            }
            self.space();
            rest = rest.trim_start();
        }
        if !text.ends_with(char::is_whitespace) && self.gap == Gap::Space {
            self.gap = Gap::None;
            self.html_gap = Gap::None;
        }
    }

    fn word(&mut self, word: &str) {
        if word.bytes().all(|b| b.is_ascii_graphic()) {
            self.push(word);
        } else {
            let word: String = word.chars().filter(|&c| !is_unwanted(c)).collect();
            if !word.is_empty() {
                self.push(&word);
            }
        }
    }

    fn push(&mut self, word: &str) {
        // With the mark of an earlier cut the last word is as long as it was.
        let own = word.strip_suffix('…').unwrap_or(word);
        let len = if own.is_ascii() {
            own.len()
        } else {
            own.chars().count()
        };
        if !self.has_room(len) {
            self.cut(word, MAX_CONTENT.saturating_sub(self.chars));
            return;
        }
        self.begin_text();
        self.flush();
        self.chars = self.chars.saturating_add(len).saturating_add(1);
        self.text.push_str(word);
        push_text(&mut self.html, word);
        self.spaced = false;
    }

    fn has_room(&self, chars: usize) -> bool {
        chars <= MAX_CONTENT.saturating_sub(self.chars) && self.html.len() <= MAX_MARKUP
    }

    /// The end of what is kept.
    fn cut(&mut self, word: &str, room: usize) {
        self.full = true;
        // A word that takes a good part of all there is room for is no word.
        if room > MAX_CONTENT / 10 {
            self.begin_text();
            self.flush();
            let part = cut_end(word, room.saturating_sub(1)).into_owned();
            self.text.push_str(&part);
            push_text(&mut self.html, &part);
            return;
        }
        self.text.push('…');
        self.html.push('…');
    }

    fn preformatted(&mut self, text: &str) {
        for c in text.chars() {
            if c == '\n' {
                self.line_ends = self.line_ends.saturating_add(1);
                // Neither an empty line at the beginning nor two in between.
                let is_first = self
                    .open
                    .last()
                    .is_some_and(|open| open.inner == self.html.len());
                if self.line_ends > 2 || is_first {
                    continue;
                }
            } else if is_unwanted(c) || (c.is_control() && c != '\t') {
                continue;
            } else if !c.is_whitespace() {
                self.line_ends = 0;
            }
            if self.chars >= MAX_CONTENT {
                self.cut("", 0);
                return;
            }
            let gap = usize::from(self.gap != Gap::None);
            self.chars = self.chars.saturating_add(gap).saturating_add(1);
            self.flush();
            self.text.push(c);
            push_text(&mut self.html, c.encode_utf8(&mut [0; 4]));
        }
    }
}

/// Where the words end with which `text` begins, if they are printable ASCII with one space between each
/// two: they need no second look.
fn plain_words(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let odd = bytes
        .iter()
        .zip(bytes.iter().skip(1).chain(std::iter::once(&b' ')))
        .position(|(&byte, &next)| {
            !matches!(byte, b' '..=b'~') || (byte == b' ' && !next.is_ascii_graphic())
        });
    match odd {
        None => Some(text.len()),
        // The word that is broken off there may go on in other letters.
        Some(at) if bytes.get(at).is_some_and(u8::is_ascii_whitespace) => Some(at),
        Some(at) => bytes.get(..at)?.iter().rposition(|&byte| byte == b' '),
    }
}
