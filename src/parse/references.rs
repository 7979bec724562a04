//! [`decoded`]: character references as the tokenizer would decode them, where that is beyond doubt.
//!
//! HTML Standard, §13.2.5.72 and following. What a name without its semicolon means is left to the
//! tokenizer, and so are numbers that are no characters or are others than they say.

use html5ever::data::NAMED_ENTITIES;
use html5ever::tendril::StrTendril;

/// Letters of a reference's name; the longest has 31.
const MAX_REFERENCE: usize = 32;
/// Digits of a number that is a character.
const MAX_DIGITS: usize = 7;

/// The text with its references decoded, each end of a line being one character.
pub(super) fn decoded(raw: &str, is_attribute: bool) -> Option<StrTendril> {
    let mut out = StrTendril::with_capacity(u32::try_from(raw.len()).ok()?);
    let mut rest = raw;
    while let Some(at) = rest.bytes().position(|b| matches!(b, b'&' | b'\r' | 0)) {
        let (plain, marked) = rest.split_at_checked(at)?;
        out.push_slice(plain);
        if let Some(after) = marked.strip_prefix('\r') {
            out.push_char('\n');
            rest = after.strip_prefix('\n').unwrap_or(after);
            continue;
        }
        let after = marked.strip_prefix('&')?;
        let (first, second, len) = reference(after, is_attribute)?;
        out.push_char(first);
        if let Some(second) = second {
            out.push_char(second);
        }
        rest = after.get(len..)?;
    }
    out.push_slice(rest);
    Some(out)
}

/// The characters that a `&` and what follows it mean, and how much of what follows belongs to it: nothing
/// where it means itself. None where it takes more to tell.
fn reference(after: &str, is_attribute: bool) -> Option<(char, Option<char>, usize)> {
    const ITSELF: (char, Option<char>, usize) = ('&', None, 0);
    let bytes = after.as_bytes();
    match bytes.first() {
        Some(b'#') => {
            let (first, len) = number(after)?;
            return Some((first, None, len));
        }
        Some(b) if b.is_ascii_alphanumeric() => {}
        _ => return Some(ITSELF),
    }
    let len = bytes
        .iter()
        .take(MAX_REFERENCE)
        .position(|b| !b.is_ascii_alphanumeric())
        .unwrap_or(bytes.len());
    if len >= MAX_REFERENCE {
        return None;
    }
    let next = bytes.get(len).copied();
    if next == Some(b';') {
        let whole = len.saturating_add(1);
        if let Some((first, second)) = named(after.get(..whole)?) {
            return Some((first, second, whole));
        }
    }
    let name = after.get(..len)?;
    let is_plain = if is_attribute {
        // In an attribute, names that lack their semicolon and go on, or are followed by `=`, are none.
        next == Some(b'=') || named(name).is_none()
    } else {
        (1..=len).all(|len| name.get(..len).is_none_or(|name| named(name).is_none()))
    };
    is_plain.then_some(ITSELF)
}

fn named(name: &str) -> Option<(char, Option<char>)> {
    let char_of = |code: u32| {
        Some(code)
            .filter(|&code| code != 0)
            .and_then(char::from_u32)
    };
    let &(first, second) = match name {
        "amp;" => &(0x26, 0),
        "quot;" => &(0x22, 0),
        "lt;" => &(0x3c, 0),
        "gt;" => &(0x3e, 0),
        _ => NAMED_ENTITIES.get(name)?,
    };
    Some((char_of(first)?, char_of(second)))
}

/// A number that is a character beyond doubt, and how long it is.
fn number(after: &str) -> Option<(char, usize)> {
    let (digits, radix, prefix) = match after.get(..2)? {
        "#x" | "#X" => (after.get(2..)?, 16, 2_usize),
        _ => (after.get(1..)?, 10, 1),
    };
    let len = digits
        .bytes()
        .take(MAX_DIGITS.saturating_add(1))
        .position(|b| b == b';')?;
    let digits = digits.get(..len)?;
    if !digits.bytes().all(|b| char::from(b).is_digit(radix)) {
        return None;
    }
    let code = u32::from_str_radix(digits, radix).ok()?;
    let is_plain = matches!(code, 0x09 | 0x0a | 0x20..=0x7e | 0xa0..);
    let char = char::from_u32(code).filter(|_| is_plain)?;
    Some((char, prefix.saturating_add(len).saturating_add(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beyond_doubt_is_decoded_and_the_rest_is_left() {
        for (raw, text, attribute) in [
            ("a &amp; b", Some("a & b"), Some("a & b")),
            ("a & b &", Some("a & b &"), Some("a & b &")),
            ("&#8217;&#x2019;&#10;", Some("’’\n"), Some("’’\n")),
            ("a\r\nb\rc", Some("a\nb\nc"), Some("a\nb\nc")),
            ("AT&T", Some("AT&T"), Some("AT&T")),
            ("?a=1&b=2", Some("?a=1&b=2"), Some("?a=1&b=2")),
            // In text the name counts as far as it goes, in an attribute only by itself.
            ("?a=1&copy=2", None, Some("?a=1&copy=2")),
            ("&notit;", None, Some("&notit;")),
            ("&notin;", Some("∉"), Some("∉")),
            ("&copy", None, None),
            ("&#0;", None, None),
            ("&#128;", None, None),
            ("&#xd800;", None, None),
            ("&#65", None, None),
            ("&#;", None, None),
            ("\0", None, None),
        ] {
            assert_eq!(decoded(raw, false).as_deref(), text, "{raw}");
            assert_eq!(decoded(raw, true).as_deref(), attribute, "{raw}");
        }
    }
}
