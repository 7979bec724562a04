//! What it takes to make the copy of a picture: time, and memory beyond what the process had before.
//!
//! `cargo bench --bench pictures` makes its own pictures, among them a JPEG of 20 megapixels; files that are
//! named after `--` are measured too. Memory is read from `/proc`, so on Linux only.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::cast_precision_loss,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    reason = "a benchmark for people to read"
)]

use std::fs;
use std::io::Cursor;
use std::time::{Duration, Instant};

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use linkback::model::PictureRole;
use linkback::picture::copy_of;

const ROUNDS: usize = 5;

/// Something like a photograph: soft, with grain.
fn photograph(width: u32, height: u32) -> RgbImage {
    let mut state = 1_u32;
    RgbImage::from_fn(width, height, |x, y| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let grain = state >> 29;
        let shade = |n: u32, period: u32| {
            let phase = n % (2 * period);
            let up = phase.min(2 * period - phase);
            u8::try_from(up * 240 / period + grain).unwrap()
        };
        Rgb([shade(x, 911), shade(y, 701), shade(x + y, 1300)])
    })
}

fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, 90);
    let image = photograph(width, height);
    image.write_with_encoder(encoder).unwrap();
    bytes
}

fn written(width: u32, height: u32, form: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let image = DynamicImage::ImageRgb8(photograph(width, height));
    image.write_to(&mut bytes, form).unwrap();
    bytes.into_inner()
}

/// A line of `/proc/self/status`, in MiB.
fn memory(line: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let of = status.lines().find(|l| l.starts_with(line)).unwrap();
    of.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<f64>()
        .unwrap()
        / 1024.0
}

/// Bytes of memory that `work` takes at its height.
fn height_of(work: impl FnOnce()) -> f64 {
    // Forgets the height so far.
    fs::write("/proc/self/clear_refs", "5").expect("Linux");
    let before = memory("VmRSS");
    work();
    memory("VmHWM") - before
}

fn measure(name: &str, bytes: &[u8]) {
    for role in PictureRole::ALL {
        let mut best = Duration::MAX;
        let mut outcome = String::new();
        let mut memory = 0.0_f64;
        for _ in 0..ROUNDS {
            let start = Instant::now();
            let height = height_of(|| {
                outcome = match copy_of(bytes, role) {
                    Ok(copy) => format!(
                        "{}×{} {} {:.1} KB",
                        copy.width,
                        copy.height,
                        copy.name.form.extension(),
                        copy.bytes.len() as f64 / 1000.0
                    ),
                    Err(why) => why.to_string(),
                };
            });
            best = best.min(start.elapsed());
            memory = memory.max(height);
        }
        println!(
            "| {name} ({:.1} MB) | {} | {:.0} ms | {memory:.0} MB | {outcome} |",
            bytes.len() as f64 / 1e6,
            role.as_str(),
            best.as_secs_f64() * 1e3
        );
    }
}

fn main() {
    println!("| picture | as | time | memory | copy |\n|---|---|---|---|---|");
    measure("JPEG, 20 megapixels", &jpeg(5472, 3648));
    measure("JPEG, 2 megapixels", &jpeg(1600, 1200));
    measure("PNG, 20 megapixels", &written(5472, 3648, ImageFormat::Png));
    measure(
        "lossless WebP, 7.5 megapixels",
        &written(3160, 2370, ImageFormat::WebP),
    );
    measure(
        "face, PNG of 400 × 400",
        &written(400, 400, ImageFormat::Png),
    );
    for file in std::env::args().skip(1).filter(|a| !a.starts_with("--")) {
        measure(&file, &fs::read(&file).expect("a file"));
    }
}
