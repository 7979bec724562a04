//! What the first bytes of a body give away, whatever its header says: a picture, a film, an archive.

/// Bytes that are enough to tell.
pub(super) const SNIFF_BYTES: usize = 32;

/// Where a body says what it is, with what bytes, and what that is. None of these holds a link that we
/// could find; what is text in any encoding is in none of them.
const SIGNATURES: [(usize, &[u8], &str); 30] = [
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBPVP8", "image/webp"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (0, b"\0\0\x01\0", "image/x-icon"),
    (0, b"BM", "image/bmp"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"PK\x05\x06", "application/zip"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"\xfd7zXZ\0", "application/x-xz"),
    (0, b"\x28\xb5\x2f\xfd", "application/zstd"),
    (0, b"BZh", "application/x-bzip2"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1a\x45\xdf\xa3", "video/webm"),
    (8, b"AVI LIST", "video/x-msvideo"),
    (0, b"OggS\0", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"ID3", "audio/mpeg"),
    (8, b"WAVEfmt ", "audio/wav"),
    (0, b"wOFF", "font/woff"),
    (0, b"wOF2", "font/woff2"),
    (0, b"\0asm", "application/wasm"),
    (0, b"\x7fELF", "application/x-executable"),
    (0, b"MZ", "application/x-msdownload"),
    (0, b"SQLite format 3\0", "application/vnd.sqlite3"),
];

/// The media type of a body that begins with `start`, if it is one that holds no links.
pub(super) fn without_links(start: &[u8]) -> Option<&'static str> {
    let (_, magic, media_type) = SIGNATURES
        .iter()
        .find(|(at, magic, _)| start.get(*at..).is_some_and(|rest| rest.starts_with(magic)))?;
    // A text may begin with the word “GIF89a”, but not go on like a picture. PDF alone begins as a text.
    let head = start.get(..SNIFF_BYTES).unwrap_or(start);
    let is_binary = *magic == b"%PDF-" || head.iter().any(|byte| is_binary(*byte));
    is_binary.then_some(*media_type)
}

/// The media type of a body that begins with `start`, if it is a picture that we decode.
pub(super) fn picture(start: &[u8]) -> Option<&'static str> {
    const DECODED: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];
    without_links(start).filter(|media_type| DECODED.contains(media_type))
}

/// Whether gzip was at work here.
pub(super) fn is_gzip(start: &[u8]) -> bool {
    start.starts_with(&[0x1f, 0x8b])
}

/// Bytes that stand in no text: the “binary data bytes” of the MIME Sniffing Standard.
fn is_binary(byte: u8) -> bool {
    matches!(byte, 0x00..=0x08 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_known_by_its_first_bytes() {
        for (start, want) in [
            (&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], Some("image/png")),
            (b"\xff\xd8\xff\xe0\0\x10JFIF\0", Some("image/jpeg")),
            (b"GIF89a\x01\0\x01\0\x80", Some("image/gif")),
            (b"RIFF\x24\0\0\0WEBPVP8 ", Some("image/webp")),
            (b"%PDF-1.7\n%", Some("application/pdf")),
            (b"PK\x03\x04\x14\0\0\0\x08\0", Some("application/zip")),
            (b"\0\0\0\x20ftypisom", Some("video/mp4")),
            (b"\x1a\x45\xdf\xa3\x01\0\0", Some("video/webm")),
            (b"ID3\x04\0\0\0\0", Some("audio/mpeg")),
            (b"BM\x36\0\x0c\0\0\0", Some("image/bmp")),
            (b"MZ\x90\0\x03", Some("application/x-msdownload")),
        ] {
            assert_eq!(without_links(start), want, "{}", start.escape_ascii());
        }
    }

    #[test]
    fn a_picture_that_we_decode_is_told_from_all_else() {
        for (start, want) in [
            (&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], Some("image/png")),
            (b"\xff\xd8\xff\xe0\0\x10JFIF\0", Some("image/jpeg")),
            (b"GIF87a\x01\0\x01\0\x80", Some("image/gif")),
            (b"RIFF\x24\0\0\0WEBPVP8L\x00", Some("image/webp")),
            (b"\0\0\x01\0\x01\0", None),
            (b"BM\x36\0\x0c\0\0\0", None),
            (b"\0\0\0\x20ftypavif", None),
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", None),
            (b"<!DOCTYPE html>", None),
            (b"", None),
        ] {
            assert_eq!(picture(start), want, "{}", start.escape_ascii());
        }
    }

    #[test]
    fn no_text_is_taken_for_anything_else() {
        for start in [
            &b""[..],
            b"GIF89a is what the format of 1989 is called.",
            b"BMW and MZ are makes of motorcycles.",
            b"MZ made motorcycles.",
            b"ID3 tags, explained",
            b"BZh is how it begins",
            b"<!DOCTYPE html><title>\x00</title>",
            b"1234ftyp and so on, and so on, in words",
            b"\xef\xbb\xbf<p>UTF-8",
            b"\xff\xfe<\0p\0>\0",
            b"\xfe\xff\0<\0p\0>",
            b"\x1b$B is how Japanese begins",
            b"{\"type\":\"entry\"}",
        ] {
            assert_eq!(without_links(start), None, "{}", start.escape_ascii());
        }
    }
}
