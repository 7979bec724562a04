//! [`simple`]: tokens that are beyond doubt, as nearly all of a page's are.
//!
//! HTML Standard, §13.2.5, where all goes well: text, whole start tags without surprises, end tags. What
//! is of any other form is none, and left to html5ever's tokenizer.

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{Tag, TagKind, Token};
use html5ever::{Attribute, LocalName, QualName, ns};

use super::references::decoded;
use super::tokens::piece;

/// Attributes of a simple tag: each is compared with all before it.
const MAX_ATTRIBUTES: usize = 24;

/// Elements after whose start tag the tokenizer reads otherwise.
const RAW: [&str; 10] = [
    "iframe",
    "noembed",
    "noframes",
    "noscript",
    "plaintext",
    "script",
    "style",
    "textarea",
    "title",
    "xmp",
];

/// How many names are remembered: a power of two.
const NAMES: usize = 128;

/// Names that were met, by where a hash of them leads: most are met again, and to look them up among
/// all that there are takes longer.
pub(super) struct Names([Option<LocalName>; NAMES]);

impl Default for Names {
    fn default() -> Self {
        Self([const { None }; NAMES])
    }
}

impl Names {
    /// The name `text`, which is in lower case.
    fn of(&mut self, text: &str) -> LocalName {
        let bytes = text.as_bytes();
        let at = |at: Option<usize>| {
            at.and_then(|at| bytes.get(at))
                .map_or(0, |b| usize::from(*b))
        };
        let len = bytes.len();
        let hash = at(Some(0))
            .wrapping_mul(7)
            .wrapping_add(at(len.checked_sub(1)).wrapping_mul(31))
            .wrapping_add(at(Some(len / 2)).wrapping_mul(13))
            .wrapping_add(len);
        let Some(slot) = self.0.get_mut(hash % NAMES) else {
            return LocalName::from(text);
        };
        if let Some(name) = slot
            && **name == *text
        {
            return name.clone();
        }
        let name = LocalName::from(text);
        *slot = Some(name.clone());
        name
    }
}

/// The token that begins at byte `at` of `text`, whose buffer is `whole`, and where it ends.
pub(super) fn simple(
    text: &str,
    at: usize,
    whole: &StrTendril,
    names: &mut Names,
) -> Option<(Token, usize)> {
    let rest = text.get(at..)?;
    if let Some(tag) = rest.strip_prefix('<') {
        let mut cursor = Cursor {
            text,
            whole,
            at: at.saturating_add(1),
        };
        let tag = if tag.starts_with('/') {
            cursor.end_tag(names)?
        } else {
            cursor.start_tag(names)?
        };
        return Some((Token::TagToken(tag), cursor.at));
    }
    // What ends the page may go on in a reference, say: it is the tokenizer's.
    let len = rest.find('<')?;
    let end = at.saturating_add(len);
    let token = Token::CharacterTokens(value(text, whole, at, end, false)?);
    (len > 0).then_some((token, end))
}

struct Cursor<'t> {
    text: &'t str,
    whole: &'t StrTendril,
    at: usize,
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

impl<'t> Cursor<'t> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn step(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    fn skip_spaces(&mut self) {
        while self.peek().is_some_and(is_space) {
            self.step();
        }
    }

    /// What follows as far as `goes_on` says; where the text ends with it, there is none.
    fn take(&mut self, goes_on: impl Fn(u8) -> bool) -> Option<&'t str> {
        let start = self.at;
        let rest = self.text.as_bytes().get(start..)?;
        let len = rest.iter().position(|&byte| !goes_on(byte))?;
        self.at = start.saturating_add(len);
        self.text.get(start..self.at)
    }

    fn name(&mut self, names: &mut Names, goes_on: impl Fn(u8) -> bool) -> Option<LocalName> {
        let name = self.take(goes_on)?;
        if name.is_empty() {
            return None;
        }
        Some(if name.bytes().any(|b| b.is_ascii_uppercase()) {
            names.of(&name.to_ascii_lowercase())
        } else {
            names.of(name)
        })
    }

    /// The name of a tag of which nothing hangs.
    fn tag_name(&mut self, names: &mut Names) -> Option<LocalName> {
        if !self.peek()?.is_ascii_alphabetic() {
            return None;
        }
        let name = self.name(names, |b| {
            b.is_ascii_alphanumeric() || matches!(b, b'-' | b':' | b'_')
        })?;
        (!RAW.contains(&&*name)).then_some(name)
    }

    fn end_tag(&mut self, names: &mut Names) -> Option<Tag> {
        self.step();
        let name = self.tag_name(names)?;
        self.skip_spaces();
        if self.peek()? != b'>' {
            return None;
        }
        self.step();
        Some(Tag {
            kind: TagKind::EndTag,
            name,
            self_closing: false,
            attrs: Vec::new(),
            had_duplicate_attributes: false,
        })
    }

    fn start_tag(&mut self, names: &mut Names) -> Option<Tag> {
        let name = self.tag_name(names)?;
        let mut tag = Tag {
            kind: TagKind::StartTag,
            name,
            self_closing: false,
            attrs: Vec::new(),
            had_duplicate_attributes: false,
        };
        loop {
            let is_apart = self.peek().is_some_and(is_space);
            self.skip_spaces();
            match self.peek()? {
                b'>' => break,
                b'/' => {
                    self.step();
                    if self.peek()? != b'>' {
                        return None;
                    }
                    tag.self_closing = true;
                    break;
                }
                _ if !is_apart || tag.attrs.len() >= MAX_ATTRIBUTES => return None,
                _ => {
                    let attribute = self.attribute(names)?;
                    if tag.attrs.iter().any(|of| of.name == attribute.name) {
                        return None;
                    }
                    tag.attrs.push(attribute);
                }
            }
        }
        self.step();
        Some(tag)
    }

    fn attribute(&mut self, names: &mut Names) -> Option<Attribute> {
        let local = self.name(names, |b| {
            b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'<' | b'=' | b'>' | b'/')
        })?;
        let after_name = self.at;
        self.skip_spaces();
        let value = if self.peek()? == b'=' {
            self.step();
            self.skip_spaces();
            self.value()?
        } else {
            // The space may be what parts it from the next.
            self.at = after_name;
            StrTendril::new()
        };
        Some(Attribute {
            name: QualName::new(None, ns!(), local),
            value,
        })
    }

    fn value(&mut self) -> Option<StrTendril> {
        let quote = self.peek()?;
        if matches!(quote, b'"' | b'\'') {
            self.step();
            let start = self.at;
            let rest = self.text.get(start..)?;
            let end = start.saturating_add(rest.find(char::from(quote))?);
            self.at = end.saturating_add(1);
            return value(self.text, self.whole, start, end, true);
        }
        let start = self.at;
        let bare = self.take(|b| !is_space(b) && b != b'>')?;
        let is_odd = |b: u8| matches!(b, b'"' | b'\'' | b'<' | b'=' | b'`');
        if bare.is_empty() || bare.bytes().any(is_odd) {
            return None;
        }
        value(self.text, self.whole, start, self.at, true)
    }
}

/// The text from `from` to `to`, as it is meant.
fn value(
    text: &str,
    whole: &StrTendril,
    from: usize,
    to: usize,
    is_attribute: bool,
) -> Option<StrTendril> {
    let raw = text.get(from..to)?;
    // A fold without branches looks at many bytes at once.
    let odd = |b: u8| u8::from(b == b'&') | u8::from(b == b'\r') | u8::from(b == 0);
    if raw.bytes().fold(0, |so_far, b| so_far | odd(b)) == 0 {
        return Some(piece(text, whole, from, to));
    }
    decoded(raw, is_attribute)
}
