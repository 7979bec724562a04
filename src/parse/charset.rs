//! From bytes to text: BOM, then the HTTP charset, then `<meta>`, then UTF-8 if it is valid, then a guess.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How far into the page a `<meta>` may name the charset (HTML Standard, §4.2.5.4).
const PRESCAN_BYTES: usize = 1024;
/// How much of the page the guess is made from.
const GUESS_BYTES: usize = 64 * 1024;

/// Decodes `body`. `declared` is the charset of the `Content-Type` header, `markup` whether a
/// `<meta>` or an XML declaration may name one. Bytes that are not of the charset become U+FFFD.
pub(super) fn decode<'a>(body: &'a [u8], declared: Option<&str>, markup: bool) -> Cow<'a, str> {
    let encoding = Encoding::for_bom(body)
        .map(|(encoding, _)| encoding)
        .or_else(|| declared.and_then(|label| Encoding::for_label_no_replacement(label.as_bytes())))
        .or_else(|| markup.then(|| prescan(body)).flatten())
        .unwrap_or_else(|| guess(body));
    encoding.decode(body).0
}

/// The charset that the page itself names near its beginning.
fn prescan(body: &[u8]) -> Option<&'static Encoding> {
    let head = body.get(..PRESCAN_BYTES).unwrap_or(body);
    let head = head.to_ascii_lowercase();
    let mut rest = head.as_slice();
    while let Some(at) = rest.iter().position(|&b| b == b'<') {
        rest = rest.get(at..).unwrap_or_default();
        let end = if rest.starts_with(b"<!--") {
            find(rest, b"-->").unwrap_or(rest.len())
        } else {
            rest.iter().position(|&b| b == b'>').unwrap_or(rest.len())
        };
        let (tag, after) = rest.split_at_checked(end.max(1)).unwrap_or((rest, &[]));
        if let Some(encoding) = named_in(tag) {
            return Some(encoding);
        }
        rest = after;
    }
    None
}

fn named_in(tag: &[u8]) -> Option<&'static Encoding> {
    let key: &[u8] = if tag.starts_with(b"<meta") {
        b"charset"
    } else if tag.starts_with(b"<?xml") {
        b"encoding"
    } else {
        return None;
    };
    let after = tag.get(find(tag, key)?.saturating_add(key.len())..)?;
    let value = after.trim_ascii_start().strip_prefix(b"=")?.trim_ascii();
    let value = value
        .strip_prefix(b"\"")
        .or_else(|| value.strip_prefix(b"'"))
        .unwrap_or(value);
    let label = value
        .split(|&b| matches!(b, b'"' | b'\'' | b';' | b'/' | b'?') || b.is_ascii_whitespace())
        .next()?;
    let encoding = Encoding::for_label_no_replacement(label)?;
    // Whoever can read this `<meta>` as ASCII is not reading UTF-16.
    Some(if encoding == UTF_16BE || encoding == UTF_16LE {
        UTF_8
    } else {
        encoding
    })
}

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|w| w == needle)
}

fn guess(body: &[u8]) -> &'static Encoding {
    match std::str::from_utf8(body) {
        Ok(_) => return UTF_8,
        // A page that is cut off within a character is still UTF-8, if it shows others before.
        Err(error) if error.error_len().is_none() => {
            let valid = body.get(..error.valid_up_to()).unwrap_or_default();
            if !valid.is_ascii() {
                return UTF_8;
            }
        }
        Err(_) => {}
    }
    let sample = body.get(..GUESS_BYTES).unwrap_or(body);
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    if !detector.feed(sample, true) {
        // Everything up to there is ASCII, so there is nothing to guess from.
        return WINDOWS_1252;
    }
    detector.guess(None, Utf8Detection::Deny)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_charset_is_taken_from_the_first_that_names_one() {
        let latin = b"caf\xe9";
        let meta = b"<meta charset=iso-8859-1>caf\xe9";
        let bom = "\u{feff}café".as_bytes();
        let old_meta =
            b"<META HTTP-EQUIV='Content-Type' CONTENT='text/html; charset=windows-1251'>\xcf";
        let utf16: &[u8] = b"\xff\xfec\0a\0f\0\xe9\0";
        let commented = b"<!-- <meta charset=koi8-r> --><meta charset='iso-8859-1'>caf\xe9";
        for (body, declared, want) in [
            (latin.as_slice(), None, "café"),
            (latin, Some("iso-8859-1"), "café"),
            (latin, Some("no-such-charset"), "café"),
            // Browsers show nothing of such a page: its links would be gone, so it is guessed at.
            (latin, Some("hz-gb-2312"), "café"),
            (bom, Some("iso-8859-1"), "café"),
            (utf16, None, "café"),
            (meta, None, "<meta charset=iso-8859-1>café"),
            (meta, Some("windows-1251"), "<meta charset=iso-8859-1>cafй"),
            ("café".as_bytes(), None, "café"),
            (
                commented,
                None,
                "<!-- <meta charset=koi8-r> --><meta charset='iso-8859-1'>café",
            ),
            (
                old_meta,
                None,
                "<META HTTP-EQUIV='Content-Type' CONTENT='text/html; charset=windows-1251'>П",
            ),
        ] {
            assert_eq!(decode(body, declared, true), want);
        }
    }

    #[test]
    fn a_meta_beyond_the_first_kilobyte_is_too_late() {
        let mut body = vec![b' '; PRESCAN_BYTES];
        body.extend_from_slice(b"<meta charset=windows-1251>\xe9");
        assert!(!decode(&body, None, true).ends_with('й'));
    }

    #[test]
    fn a_character_cut_in_two_at_the_end_is_still_utf_8() {
        assert_eq!(decode(b"\xc3\xa9 caf\xc3", None, true), "é caf\u{fffd}");
    }

    #[test]
    fn utf_16_in_a_meta_means_utf_8() {
        let page = "<meta charset=utf-16>é";
        assert_eq!(decode(page.as_bytes(), None, true), page);
    }
}
