//! What a picture's first bytes say: its form, and what decoding it can take.

use image::ImageFormat;

/// How a WebP's frame of the lossy kind begins, with its width and height: a chunk's name and length, and
/// a frame's tag.
const LOSSY_FRAME_BYTES: usize = 18;

/// The form, if it is one that we read.
pub(super) fn form(bytes: &[u8]) -> Option<ImageFormat> {
    let is = |magic: &[u8]| bytes.starts_with(magic);
    if is(b"\xff\xd8\xff") {
        Some(ImageFormat::Jpeg)
    } else if is(b"\x89PNG\r\n\x1a\n") {
        Some(ImageFormat::Png)
    } else if is(b"GIF87a") || is(b"GIF89a") {
        Some(ImageFormat::Gif)
    } else if is(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Some(ImageFormat::WebP)
    } else {
        None
    }
}

/// Bytes of memory that the decoder of this form takes for each pixel at most, the decoded picture
/// included: looked up in the decoders, and measured (`docs/performance.md`).
pub(super) fn bytes_per_pixel(form: ImageFormat, bytes: &[u8]) -> u64 {
    match form {
        // Three coefficients of two bytes are kept until the last scan.
        ImageFormat::Jpeg if is_progressive(bytes) => 9,
        ImageFormat::Jpeg => 3,
        // A frame, and the canvas that it is put on.
        ImageFormat::Gif => 8,
        // A frame, the canvas, and what comes out of it.
        ImageFormat::WebP => 12,
        // Nothing but what comes out, row by row.
        _ => 0,
    }
}

/// Whether a JPEG comes in several scans: any start of frame but the baseline's (SOF0, SOF1), before the
/// first scan. What is no JPEG is taken for the worse.
fn is_progressive(bytes: &[u8]) -> bool {
    let mut rest = bytes.get(2..).unwrap_or_default();
    while let [0xff, marker, after @ ..] = rest {
        match marker {
            0xc0 | 0xc1 => return false,
            // Filling bytes.
            0xff => rest = rest.get(1..).unwrap_or_default(),
            0xc4 | 0xc8 | 0xcc | 0xdb..=0xef | 0xfe => {
                let [high, low, ..] = after else { return true };
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                rest = after.get(length.max(2)..).unwrap_or_default();
            }
            _ => return true,
        }
    }
    true
}

/// Whether a WebP holds a lossy frame that is larger than the picture says it is: its decoder makes room
/// for the one, and only then compares.
pub(super) fn has_frame_beyond(bytes: &[u8], width: u32, height: u32) -> bool {
    bytes.windows(LOSSY_FRAME_BYTES).any(|frame| {
        let [
            b'V',
            b'P',
            b'8',
            b' ',
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            0x9d,
            0x01,
            0x2a,
            w0,
            w1,
            h0,
            h1,
        ] = frame
        else {
            return false;
        };
        let side = |bytes: [u8; 2]| u32::from(u16::from_le_bytes(bytes) & 0x3fff);
        side([*w0, *w1]) > width || side([*h0, *h1]) > height
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_known_by_its_first_bytes_alone() {
        for (bytes, want) in [
            (&b"\xff\xd8\xff\xe0\0\x10JFIF"[..], Some(ImageFormat::Jpeg)),
            (b"\x89PNG\r\n\x1a\n\0", Some(ImageFormat::Png)),
            (b"GIF87a", Some(ImageFormat::Gif)),
            (b"GIF89a", Some(ImageFormat::Gif)),
            (b"RIFF\0\0\0\0WEBPVP8 ", Some(ImageFormat::WebP)),
            (b"RIFF\0\0\0\0AVI LIST", None),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
            (b"<!DOCTYPE html><title>GIF89a</title>", None),
            (b"BM\0\0\0\0", None),
            (b"\0\0\x01\0\x01\0", None),
            (b"II*\0", None),
            (b"", None),
        ] {
            assert_eq!(form(bytes), want, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn a_jpeg_is_baseline_only_if_it_says_so() {
        let app = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xdb\x00\x03c";
        for (end, want) in [
            (&b"\xff\xc0\x00\x0b"[..], false),
            (b"\xff\xff\xff\xc1\x00\x0b", false),
            (b"\xff\xc2\x00\x0b", true),
            (b"\xff\xda\x00\x0b\xff\xc0", true),
            (b"\xff\xe1\xff\xff", true),
            (b"\xff", true),
            (b"", true),
        ] {
            let bytes = [&app[..], end].concat();
            assert_eq!(is_progressive(&bytes), want, "{}", end.escape_ascii());
        }
    }

    #[test]
    fn a_frame_that_outgrows_its_canvas_is_seen_wherever_it_stands() {
        let frame = b"VP8 \x0a\0\0\0\x30\x01\0\x9d\x01\x2a\xff\x3f\xff\x3f";
        let bytes = [&b"RIFF....WEBPVP8X and so on"[..], frame, b"..."].concat();
        assert!(has_frame_beyond(&bytes, 16_382, 16_383));
        assert!(has_frame_beyond(&bytes, 16_383, 10));
        assert!(!has_frame_beyond(&bytes, 16_383, 16_383));
    }
}
