//! Bytes to text: by BOM, else UTF-8 if it is, else the declared 8-bit charset, else windows-1252.
//!
//! Deviates from XML 1.0 §4.3.3, where the declaration rules: programs of the time write
//! `encoding="utf-16"` over ASCII (a .NET `StringWriter`) and `iso-8859-1` over UTF-8.

use std::borrow::Cow;

use encoding_rs::{Encoding, WINDOWS_1252};

use super::ReadError;

/// How far into the body a declaration may reach, in bytes; real ones have under 60.
const MAX_DECLARATION_BYTES: usize = 256;

/// Decodes a body.
pub(super) fn decode(body: &[u8]) -> Result<Cow<'_, str>, ReadError> {
    if body.starts_with(&[0x1f, 0x8b]) {
        return Err(ReadError::Refused("is compressed; send it as it is"));
    }
    if let Some((encoding, _)) = Encoding::for_bom(body) {
        let (text, malformed) = encoding.decode_with_bom_removal(body);
        return checked(text, malformed);
    }
    if let Ok(text) = std::str::from_utf8(body) {
        return Ok(Cow::Borrowed(text));
    }
    let (text, malformed) = declared(body)
        // Not UTF-8 by the line above, and not UTF-16 for want of a BOM, whatever it says.
        .filter(|encoding| encoding.is_ascii_compatible() && *encoding != encoding_rs::UTF_8)
        .unwrap_or(WINDOWS_1252)
        .decode_without_bom_handling(body);
    checked(text, malformed)
}

fn checked(text: Cow<'_, str>, malformed: bool) -> Result<Cow<'_, str>, ReadError> {
    if malformed {
        return Err(ReadError::Refused("contains bytes that its charset lacks"));
    }
    Ok(text)
}

/// The charset that the XML declaration names, if there is one and it is known.
fn declared(body: &[u8]) -> Option<&'static Encoding> {
    let head = body.trim_ascii_start();
    let head = head.get(..MAX_DECLARATION_BYTES).unwrap_or(head);
    let head = encoding_rs::mem::decode_latin1(head);
    let (declaration, _) = head.strip_prefix("<?xml")?.split_once("?>")?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let label = value.split(quote).nth(1)?;
    Encoding::for_label(label.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_win_over_the_declaration() {
        let utf16 = |bytes: &mut Vec<u8>, big: bool| {
            for unit in "<a>é</a>".encode_utf16() {
                bytes.extend(if big {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                });
            }
        };
        let (mut le, mut be) = (vec![0xff, 0xfe], vec![0xfe, 0xff]);
        utf16(&mut le, false);
        utf16(&mut be, true);
        for (bytes, want) in [
            (le.as_slice(), "<a>é</a>"),
            (&be, "<a>é</a>"),
            (b"\xef\xbb\xbf<a>\xc3\xa9</a>", "<a>é</a>"),
            (b"<a>\xc3\xa9</a>", "<a>é</a>"),
            (b"<a>\xe9\x80</a>", "<a>é€</a>"),
            (
                b"<?xml encoding=\"iso-8859-1\"?>\xc3\xa9",
                "<?xml encoding=\"iso-8859-1\"?>é",
            ),
            (b"<?xml encoding='utf-8'?>\xe9", "<?xml encoding='utf-8'?>é"),
            (
                b"<?xml encoding='utf-16'?>\xe9",
                "<?xml encoding='utf-16'?>é",
            ),
            (
                b" <?xml encoding = 'koi8-r' ?>\xc1",
                " <?xml encoding = 'koi8-r' ?>а",
            ),
            (
                b"<?xml encoding=\"shift_jis\"?>\x83\x65",
                "<?xml encoding=\"shift_jis\"?>テ",
            ),
            (
                b"<?xml encoding='nonsense'?>\xe9",
                "<?xml encoding='nonsense'?>é",
            ),
            (b"<?xml encoding=?>\xe9", "<?xml encoding=?>é"),
            (b"<?xml encoding='\xe9", "<?xml encoding='é"),
        ] {
            assert_eq!(decode(bytes).as_deref(), Ok(want), "{bytes:x?}");
        }
    }

    #[test]
    fn what_no_charset_explains_is_refused() {
        for bytes in [
            b"\xef\xbb\xbf<a>\xe9</a>".as_slice(),
            b"\xff\xfe\x00\xd8<\x00",
            b"\xff\xfe<",
            b"<?xml encoding='euc-jp'?>\xe9",
            b"\x1f\x8b\x08\x00",
        ] {
            assert!(
                matches!(decode(bytes), Err(ReadError::Refused(_))),
                "{bytes:x?}"
            );
        }
    }
}
