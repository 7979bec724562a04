//! What a picture's first bytes say: its form, and what decoding it can take.

use std::ops::Range;

use image::ImageFormat;

/// How a WebP's frame of the lossy kind begins, with its width and height: a chunk's name and length, and
/// a frame's tag.
const LOSSY_FRAME_BYTES: usize = 18;

/// How a step of an animation begins: the chunk's name and length, where it is put, its width and height.
const ANIMATION_STEP_BYTES: usize = 20;

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

/// Whether a WebP holds a lossy frame that is larger than the picture says it is, or other than the step of
/// the animation that it stands in: its decoder makes room for the one before it compares, and never
/// compares the other.
pub(super) fn has_unsound_frame(bytes: &[u8], width: u32, height: u32) -> bool {
    let frames = || {
        bytes
            .windows(LOSSY_FRAME_BYTES)
            .enumerate()
            .filter_map(lossy_frame)
    };
    if frames().any(|(_, size)| size.0 > width || size.1 > height) {
        return true;
    }
    let steps = bytes.windows(ANIMATION_STEP_BYTES).enumerate();
    steps.filter_map(animation_step).any(|(range, size)| {
        let mut inside = frames().filter(|(at, _)| range.contains(at));
        inside.next().is_some_and(|(_, of_frame)| of_frame != size)
    })
}

/// Where a lossy frame begins, and its width and height.
fn lossy_frame((at, bytes): (usize, &[u8])) -> Option<(usize, (u32, u32))> {
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
    ] = bytes
    else {
        return None;
    };
    let side = |bytes: [u8; 2]| u32::from(u16::from_le_bytes(bytes) & 0x3fff);
    Some((at, (side([*w0, *w1]), side([*h0, *h1]))))
}

/// Where a step of an animation is, and its width and height.
fn animation_step((at, bytes): (usize, &[u8])) -> Option<(Range<usize>, (u32, u32))> {
    let [
        b'A',
        b'N',
        b'M',
        b'F',
        l0,
        l1,
        l2,
        l3,
        _,
        _,
        _,
        _,
        _,
        _,
        w0,
        w1,
        w2,
        h0,
        h1,
        h2,
    ] = bytes
    else {
        return None;
    };
    let length = u32::from_le_bytes([*l0, *l1, *l2, *l3]);
    let end = at
        .saturating_add(8)
        .saturating_add(usize::try_from(length).ok()?);
    let side = |low: &u8, middle: &u8, high: &u8| {
        u32::from_le_bytes([*low, *middle, *high, 0]).saturating_add(1)
    };
    Some((at..end, (side(w0, w1, w2), side(h0, h1, h2))))
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

    const FRAME: &[u8] = b"VP8 \x0a\0\0\0\x30\x01\0\x9d\x01\x2a\xff\x3f\x0a\x00";

    #[test]
    fn a_frame_that_outgrows_its_canvas_is_seen_wherever_it_stands() {
        let bytes = [&b"RIFF....WEBPVP8X and so on"[..], FRAME, b"..."].concat();
        assert!(has_unsound_frame(&bytes, 16_382, 10));
        assert!(has_unsound_frame(&bytes, 16_383, 9));
        assert!(!has_unsound_frame(&bytes, 16_383, 10));
    }

    #[test]
    fn a_frame_is_as_large_as_the_step_that_it_stands_in() {
        let step = |length: u8, width: [u8; 3]| {
            let head = [b'A', b'N', b'M', b'F', length, 0, 0, 0, 0, 0, 0, 0, 0, 0];
            let tail = [9, 0, 0, 50, 0, 0, 0];
            [&head[..], &width, &tail, FRAME].concat()
        };
        let is_unsound = |bytes: &[u8]| has_unsound_frame(bytes, 16_383, 16_383);
        assert!(!is_unsound(&step(34, [0xfe, 0x3f, 0])));
        assert!(is_unsound(&step(34, [0xfd, 0x3f, 0])));
        assert!(is_unsound(&step(34, [0, 0, 0])));
        // The frame of another step.
        assert!(!is_unsound(&step(10, [0, 0, 0])));
    }
}
