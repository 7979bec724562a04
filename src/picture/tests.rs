//! Pictures as they come, and as they are made to do harm.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "small numbers, made here"
)]

use image::codecs::gif::GifEncoder;
use image::{ExtendedColorType, Frame, ImageEncoder as _, Rgb, RgbImage, Rgba};

use super::*;

/// Something like a photograph: no two neighbours are equal.
fn grainy(width: u32, height: u32) -> RgbImage {
    let mut state = 1_u32;
    RgbImage::from_fn(width, height, |x, y| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let grain = (state >> 28) as u8;
        let shade = |n: u32| (n % 200) as u8 + grain;
        Rgb([shade(x), shade(y), shade(x / 2 + y / 2)])
    })
}

fn jpeg(image: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    image
        .write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 90))
        .unwrap();
    bytes
}

fn written(image: &RgbaImage, form: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, form).unwrap();
    bytes.into_inner()
}

fn read(copy: &Rendition) -> RgbaImage {
    image::load_from_memory(&copy.bytes).unwrap().into_rgba8()
}

/// A PNG that says it has so many pixels, and holds none.
fn png_of(width: u32, height: u32) -> Vec<u8> {
    let mut png = written(&RgbaImage::new(1, 1), ImageFormat::Png);
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&sum.to_be_bytes());
    png
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// A JPEG that says it has so many pixels, and comes as the start of frame `sof` says.
fn jpeg_of(width: u16, height: u16, sof: u8) -> Vec<u8> {
    let mut bytes = jpeg(&grainy(8, 8));
    let at = bytes.windows(2).position(|w| w == [0xff, 0xc0]).unwrap();
    bytes[at + 1] = sof;
    bytes[at + 5..at + 7].copy_from_slice(&height.to_be_bytes());
    bytes[at + 7..at + 9].copy_from_slice(&width.to_be_bytes());
    bytes
}

#[test]
fn an_avatar_is_the_middle_square_and_a_photo_all_of_the_picture() {
    // Red, green and blue from left to right.
    let wide = RgbaImage::from_fn(900, 300, |x, _| {
        let mut pixel = [0, 0, 0, 255];
        pixel[(x / 300) as usize] = 255;
        Rgba(pixel)
    });
    for form in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
        let bytes = written(&wide, form);
        let avatar = copy_of(&bytes, PictureRole::Avatar).unwrap();
        assert_eq!((avatar.width, avatar.height), (AVATAR_SIDE, AVATAR_SIDE));
        let picture = read(&avatar);
        for x in [2, 64, 125] {
            assert_eq!(picture.get_pixel(x, 64).0, [0, 255, 0, 255], "{form:?}");
        }
        let photo = copy_of(&bytes, PictureRole::Photo).unwrap();
        assert_eq!((photo.width, photo.height), (640, 213));
        assert_eq!(read(&photo).dimensions(), (640, 213));
    }
}

#[test]
fn what_is_small_is_not_made_larger_and_what_is_tall_fits_too() {
    for (size, role, want) in [
        ((40, 60), PictureRole::Avatar, (40, 40)),
        ((40, 60), PictureRole::Photo, (40, 60)),
        ((640, 480), PictureRole::Photo, (640, 480)),
        ((500, 2000), PictureRole::Photo, (320, 1280)),
        ((1200, 800), PictureRole::Photo, (640, 427)),
        ((2000, 200), PictureRole::Avatar, (128, 128)),
    ] {
        let bytes = jpeg(&grainy(size.0, size.1));
        let copy = copy_of(&bytes, role).unwrap();
        assert_eq!((copy.width, copy.height), want, "{size:?} {role:?}");
    }
}

#[test]
fn each_copy_has_the_smaller_form_and_what_is_transparent_stays_so() {
    let photo = copy_of(&jpeg(&grainy(800, 600)), PictureRole::Avatar).unwrap();
    assert_eq!(photo.name.form, MediaType::Jpeg);
    assert!(photo.bytes.starts_with(b"\xff\xd8\xff"));
    let mut drawing = RgbaImage::from_pixel(300, 300, Rgba([20, 40, 60, 255]));
    let copy = copy_of(&written(&drawing, ImageFormat::Png), PictureRole::Avatar).unwrap();
    assert_eq!(copy.name.form, MediaType::WebP);
    assert_eq!(&copy.bytes[8..12], b"WEBP");
    drawing.put_pixel(0, 0, Rgba([0; 4]));
    for y in 0..300 {
        drawing.put_pixel(150, y, Rgba([255, 0, 0, 0]));
    }
    let copy = copy_of(&written(&drawing, ImageFormat::Png), PictureRole::Photo).unwrap();
    let read = read(&copy);
    assert_eq!(
        (read.get_pixel(0, 0).0[3], read.get_pixel(1, 1).0[3]),
        (0, 255)
    );
}

#[test]
fn the_same_picture_has_the_same_name_and_another_another() {
    let name = |image: &RgbImage| copy_of(&jpeg(image), PictureRole::Photo).unwrap().name;
    let one = grainy(100, 100);
    let mut other = one.clone();
    other.put_pixel(5, 5, Rgb([255, 0, 0]));
    assert_eq!(name(&one), name(&one));
    assert_ne!(name(&one), name(&other));
}

#[test]
fn a_picture_is_turned_as_the_camera_was_and_keeps_no_word_of_where_it_was_taken() {
    let mut image = RgbImage::from_pixel(160, 80, Rgb([255, 255, 255]));
    for y in 0..80 {
        for x in 0..80 {
            image.put_pixel(x, y, Rgb([200, 0, 0]));
        }
    }
    // One entry: orientation 6, turn it clockwise.
    let mut exif = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec();
    exif.extend_from_slice(b"GPS 51.5 -0.12");
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new(&mut bytes);
    encoder.set_exif_metadata(exif).unwrap();
    encoder
        .write_image(&image, 160, 80, ExtendedColorType::Rgb8)
        .unwrap();
    let is_told = |bytes: &[u8]| bytes.windows(4).any(|w| w == b"GPS ");
    assert!(is_told(&bytes));
    for (role, size) in [
        (PictureRole::Photo, (80, 160)),
        (PictureRole::Avatar, (80, 80)),
    ] {
        let copy = copy_of(&bytes, role).unwrap();
        assert_eq!((copy.width, copy.height), size);
        let picture = read(&copy);
        let reddish = |y| picture.get_pixel(40, y).0[1] < 60;
        assert!(reddish(10) && !reddish(size.1 - 10), "{role:?}");
        assert!(!is_told(&copy.bytes));
    }
}

#[test]
fn of_an_animation_the_first_frame_is_shown() {
    let frames = [[255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255]]
        .map(|colour| Frame::new(RgbaImage::from_pixel(64, 64, Rgba(colour))));
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    encoder.encode_frames(frames).unwrap();
    drop(encoder);
    let copy = copy_of(&bytes, PictureRole::Avatar).unwrap();
    assert_eq!(read(&copy).get_pixel(30, 30).0, [255, 0, 0, 255]);
}

#[test]
fn what_would_take_too_much_is_refused_by_its_header() {
    let mut gif = b"GIF89a".to_vec();
    gif.extend_from_slice(&60_000_u16.to_le_bytes());
    gif.extend_from_slice(&60_000_u16.to_le_bytes());
    gif.extend_from_slice(b"\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;");
    let mut webp = b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f".to_vec();
    webp.extend_from_slice(&(0x3ffe_u32 | 0x3ffe << 14).to_le_bytes());
    webp.extend_from_slice(&[0; 8]);
    for (bytes, size) in [
        (png_of(50_000, 50_000), (50_000, 50_000)),
        (png_of(20_000, 100), (20_000, 100)),
        (png_of(6000, 4100), (6000, 4100)),
        (jpeg_of(65_000, 65_000, 0xc0), (65_000, 65_000)),
        (jpeg_of(6000, 4100, 0xc0), (6000, 4100)),
        // Not too many pixels, but the coefficients of all of them.
        (jpeg_of(4000, 3000, 0xc2), (4000, 3000)),
        (gif, (60_000, 60_000)),
        (webp, (16_383, 16_383)),
    ] {
        for role in PictureRole::ALL {
            let (width, height) = size;
            let want = Err(Unusable::TooLarge { width, height });
            assert_eq!(copy_of(&bytes, role), want);
        }
    }
}

#[test]
fn a_lossy_frame_larger_than_its_canvas_is_refused_before_room_is_made_for_it() {
    let mut bytes = b"RIFF\x32\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0".to_vec();
    bytes.extend_from_slice(&[99, 0, 0, 99, 0, 0]);
    bytes.extend_from_slice(b"VP8 \x14\0\0\0\x30\x01\0\x9d\x01\x2a\xff\x3f\xff\x3f");
    bytes.extend_from_slice(&[0; 10]);
    let want = Err(Unusable::TooLarge {
        width: 100,
        height: 100,
    });
    assert_eq!(copy_of(&bytes, PictureRole::Photo), want);
}

#[test]
fn what_is_no_picture_of_a_form_that_we_read_is_told_so() {
    for bytes in [
        &b""[..],
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<?xml version='1.0'?><svg/>",
        b"<!DOCTYPE html><title>Not here</title>",
        b"BM\x46\0\0\0",
        b"\0\0\x01\0\x01\0",
    ] {
        assert_eq!(copy_of(bytes, PictureRole::Avatar), Err(Unusable::Form));
    }
    let counter = written(&RgbaImage::new(1, 1), ImageFormat::Gif);
    let want = Err(Unusable::TooSmall {
        width: 1,
        height: 1,
    });
    assert_eq!(copy_of(&counter, PictureRole::Photo), want);
}

#[test]
fn a_copy_is_never_large_whatever_is_in_it() {
    let mut state = 1_u64;
    let noise = RgbaImage::from_fn(600, 600, |_, _| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        Rgba((state >> 32).to_le_bytes()[..4].try_into().unwrap())
    });
    let copy = copy_of(&written(&noise, ImageFormat::Png), PictureRole::Photo).unwrap();
    assert!(copy.bytes.len() <= MAX_COPY_BYTES, "{}", copy.bytes.len());
}

#[test]
fn broken_pictures_of_every_form_end_in_a_copy_or_an_error() {
    let image = DynamicImage::ImageRgb8(grainy(64, 48)).into_rgba8();
    let mut state = 7_u32;
    let mut random = |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % below
    };
    let forms = [ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP];
    let mut originals = forms.map(|form| written(&image, form)).to_vec();
    originals.push(jpeg(&grainy(64, 48)));
    let (mut copies, mut errors) = (0, 0);
    let mut count = |outcome: Result<Rendition, Unusable>| match outcome {
        Ok(_) => copies += 1,
        Err(_) => errors += 1,
    };
    for original in &originals {
        for length in (0..original.len()).step_by(original.len() / 40) {
            count(copy_of(&original[..length], PictureRole::Avatar));
        }
        for _ in 0..100 {
            let mut bytes = original.clone();
            for _ in 0..=random(4) {
                let at = random(bytes.len());
                bytes[at] = random(256) as u8;
            }
            count(copy_of(&bytes, PictureRole::Photo));
        }
    }
    assert!(copies > 0 && errors > 0, "{copies} copies, {errors} errors");
}
