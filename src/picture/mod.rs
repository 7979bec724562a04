//! Picture bytes to small copies: pure, and bounded in memory before anything is decoded.
//!
//! Decoders are where strangers' bytes meet the most code. So four forms are read and no more, all by
//! decoders in safe Rust; the header says how large a picture is and what it would take in memory, and
//! what is too much is never begun; what comes out is written anew, without metadata. SVG is a program,
//! not a picture, and is never read.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::webp::WebPEncoder;
use image::imageops::{self, FilterType};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbaImage};
use sha2::{Digest as _, Sha256};

mod header;

#[cfg(test)]
mod tests;

use crate::model::{MediaName, MediaType, PictureRole, Rendition};

/// Pixels of a picture that is decoded: what a camera of 24 megapixels makes. It bounds the time.
pub const MAX_PIXELS: u64 = 24_000_000;

/// The longest side of a picture that is decoded, in pixels: what the forms can say at most is far more.
pub const MAX_SIDE: u32 = 16_384;

/// Bytes of memory that decoding a picture may take, by the most that its form can need for each pixel.
pub const MAX_DECODING_BYTES: u64 = 96 * 1024 * 1024;

/// The shortest side of a picture worth showing, in pixels: what is smaller counts visitors.
pub const MIN_SIDE: u32 = 8;

/// The side of an avatar's copy, in pixels: 64 on a screen of double density, at most.
pub const AVATAR_SIDE: u32 = 128;

/// The width and the height of a photo's copy, in pixels, at most.
pub const PHOTO_WIDTH: u32 = 640;
/// See [`PHOTO_WIDTH`].
pub const PHOTO_HEIGHT: u32 = 1280;

/// Bytes of a copy: one that is larger is made smaller once more.
pub const MAX_COPY_BYTES: usize = 256 * 1024;

/// Quality of JPEG, of 100: the artefacts of less are seen in faces.
const JPEG_QUALITY: u8 = 80;

/// Why there is no copy of a picture. Asking again soon would be in vain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// It is none of the forms that we read.
    #[error("neither JPEG, PNG, GIF nor WebP")]
    Form,
    /// It has more pixels, or would take more memory, than we decode.
    #[error("too large to decode: {width} × {height} pixels")]
    TooLarge {
        /// Its width in pixels.
        width: u32,
        /// Its height in pixels.
        height: u32,
    },
    /// It has too few pixels to be seen.
    #[error("too small to show: {width} × {height} pixels")]
    TooSmall {
        /// Its width in pixels.
        width: u32,
        /// Its height in pixels.
        height: u32,
    },
    /// It does not decode.
    #[error("does not decode: {0}")]
    Malformed(String),
}

impl From<ImageError> for Unusable {
    fn from(error: ImageError) -> Self {
        Self::Malformed(error.to_string())
    }
}

/// Makes the copy of a picture that is shown as `role`. Of an animation, it is the first frame.
///
/// Takes at most [`MAX_DECODING_BYTES`] and the copy's own; what `bytes` declare beyond that is refused
/// before anything is allocated for it.
///
/// # Errors
/// [`Unusable`], if there is nothing to show.
pub fn copy_of(bytes: &[u8], role: PictureRole) -> Result<Rendition, Unusable> {
    let (original, orientation) = decode(bytes)?;
    let mut image = match role {
        PictureRole::Avatar => avatar(original, orientation),
        PictureRole::Photo => photo(original, orientation),
    };
    loop {
        let (form, file) = encode(&image)?;
        if file.len() <= MAX_COPY_BYTES || image.width().min(image.height()) < 2 * MIN_SIDE {
            return Ok(Rendition {
                name: name_of(&file, form),
                bytes: file,
                width: image.width(),
                height: image.height(),
            });
        }
        let (width, height) = (image.width() / 2, image.height() / 2);
        image = imageops::thumbnail(&image, width, height);
    }
}

/// Decodes a picture within the limits, not turned yet as it wants to be.
fn decode(bytes: &[u8]) -> Result<(DynamicImage, Orientation), Unusable> {
    let form = header::form(bytes).ok_or(Unusable::Form)?;
    let mut reader = ImageReader::with_format(Cursor::new(bytes), form);
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_DECODING_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width).saturating_mul(u64::from(height));
    let taken = pixels.saturating_mul(header::bytes_per_pixel(form, bytes));
    // SECURITY: before the first allocation that depends on what the picture says of itself. The
    // decoders hold to the limits above in part only.
    if pixels > MAX_PIXELS
        || width.max(height) > MAX_SIDE
        || taken.max(decoder.total_bytes()) > MAX_DECODING_BYTES
        || (form == ImageFormat::WebP && header::has_frame_beyond(bytes, width, height))
    {
        return Err(Unusable::TooLarge { width, height });
    }
    if width.min(height) < MIN_SIDE {
        return Err(Unusable::TooSmall { width, height });
    }
    // Cameras write it into JPEG; to read it elsewhere is to trust what lengths other chunks claim.
    let orientation = match form {
        ImageFormat::Jpeg => decoder.orientation()?,
        _ => Orientation::NoTransforms,
    };
    Ok((DynamicImage::from_decoder(decoder)?, orientation))
}

/// A square of the picture's middle.
fn avatar(original: DynamicImage, orientation: Orientation) -> RgbaImage {
    let shortest = original.width().min(original.height());
    let draft = draft(original, shortest, 2 * AVATAR_SIDE);
    let side = draft.width().min(draft.height());
    let left = draft.width().saturating_sub(side) / 2;
    let top = draft.height().saturating_sub(side) / 2;
    let square = imageops::crop_imm(&draft, left, top, side, side).to_image();
    turned(resized(square, side.min(AVATAR_SIDE), 1, 1), orientation)
}

/// All of the picture.
fn photo(original: DynamicImage, orientation: Orientation) -> RgbaImage {
    let longest = original.width().max(original.height());
    let draft = draft(original, longest, 2 * PHOTO_HEIGHT);
    let draft = turned(draft, orientation);
    let (width, height) = draft.dimensions();
    // The width that both bounds leave.
    let by_height = share(PHOTO_HEIGHT, width, height);
    let width_now = width.min(PHOTO_WIDTH).min(by_height.max(1));
    resized(draft, width_now, height, width)
}

/// The picture with its side of `length` shrunk to `wanted`, quickly and with little memory: the original
/// is gone when it is looked at more carefully.
fn draft(original: DynamicImage, length: u32, wanted: u32) -> RgbaImage {
    if length <= wanted {
        return original.into_rgba8();
    }
    let width = share(original.width(), wanted, length).max(1);
    let height = share(original.height(), wanted, length).max(1);
    original.thumbnail_exact(width, height).into_rgba8()
}

/// Resized to `width`, and a height of `of_height` by `of_width` of that.
fn resized(image: RgbaImage, width: u32, of_height: u32, of_width: u32) -> RgbaImage {
    if width >= image.width() {
        return image;
    }
    let height = share(width, of_height, of_width).max(1);
    imageops::resize(&image, width, height, FilterType::CatmullRom)
}

/// The `part`-th of `whole` parts of `length`, rounded.
fn share(length: u32, part: u32, whole: u32) -> u32 {
    let whole = u64::from(whole);
    let product = u64::from(length).saturating_mul(u64::from(part));
    let rounded = product.saturating_add(whole / 2).checked_div(whole);
    u32::try_from(rounded.unwrap_or_default()).unwrap_or(u32::MAX)
}

fn turned(image: RgbaImage, orientation: Orientation) -> RgbaImage {
    let mut image = DynamicImage::ImageRgba8(image);
    image.apply_orientation(orientation);
    image.into_rgba8()
}

/// Writes a picture in the form that is smaller; what is transparent in the only one that can say so.
fn encode(image: &RgbaImage) -> Result<(MediaType, Vec<u8>), Unusable> {
    let mut webp = Vec::new();
    if image.pixels().any(|pixel| pixel.0[3] < u8::MAX) {
        image.write_with_encoder(WebPEncoder::new_lossless(&mut webp))?;
        return Ok((MediaType::WebP, webp));
    }
    let opaque = DynamicImage::ImageRgba8(image.clone()).into_rgb8();
    opaque.write_with_encoder(WebPEncoder::new_lossless(&mut webp))?;
    let mut jpeg = Vec::new();
    opaque.write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, JPEG_QUALITY))?;
    Ok(if webp.len() <= jpeg.len() {
        (MediaType::WebP, webp)
    } else {
        (MediaType::Jpeg, jpeg)
    })
}

fn name_of(file: &[u8], form: MediaType) -> MediaName {
    let mut hash = [0; 16];
    for (to, from) in hash.iter_mut().zip(Sha256::digest(file)) {
        *to = from;
    }
    MediaName { hash, form }
}
