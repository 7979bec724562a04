//! What it takes to make the copy of a picture: time of a processor, and memory beyond what the process had
//! before.
//!
//! `cargo bench --bench pictures` makes its own pictures, among them a JPEG of 20 megapixels; files that are
//! named after `--` are measured too. Both figures are read from `/proc`, so on Linux only.
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
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use linkback::model::PictureRole;
use linkback::picture::copy_of;

const ROUNDS: usize = 5;

/// The word that asks this program for one line.
const ONE: &str = "--one";

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

/// How long a processor has worked for this thread.
fn processor_time() -> Duration {
    let times = fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    let worked = times.split(' ').next().unwrap();
    Duration::from_nanos(worked.parse().unwrap())
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

/// One line of the table: measured in a process of its own, where nothing else has left memory behind.
fn measure(name: &str, role: PictureRole, file: &Path) {
    let bytes = fs::read(file).expect("a file");
    let mut best = Duration::MAX;
    let mut outcome = String::new();
    let before = memory("VmRSS");
    for _ in 0..ROUNDS {
        let start = processor_time();
        let copied = copy_of(&bytes, role);
        best = best.min(processor_time().saturating_sub(start));
        outcome = match copied {
            Ok(copy) => format!(
                "{}×{} {} {:.1} KB",
                copy.width,
                copy.height,
                copy.name.form.extension(),
                copy.bytes.len() as f64 / 1000.0
            ),
            Err(why) => why.to_string(),
        };
    }
    println!(
        "| {name} ({:.1} MB) | {} | {:.0} ms | {:.0} MB | {outcome} |",
        bytes.len() as f64 / 1e6,
        role.as_str(),
        best.as_secs_f64() * 1e3,
        memory("VmHWM") - before
    );
}

/// Measures a file in each role.
fn measure_apart(name: &str, file: &Path) {
    for role in PictureRole::ALL {
        let status = Command::new(std::env::current_exe().unwrap())
            .args([ONE, name, role.as_str()])
            .arg(file)
            .status();
        assert!(status.unwrap().success());
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [ONE, name, role, file] = arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        measure(name, PictureRole::from_name(role).unwrap(), Path::new(file));
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("picture");
    println!("| picture | as | processor time | memory | copy |\n|---|---|---|---|---|");
    for (name, bytes) in [
        ("JPEG, 20 megapixels", jpeg(5472, 3648)),
        ("JPEG, 2 megapixels", jpeg(1600, 1200)),
        ("PNG, 20 megapixels", written(5472, 3648, ImageFormat::Png)),
        (
            "lossless WebP, 7.5 megapixels",
            written(3160, 2370, ImageFormat::WebP),
        ),
        (
            "face, PNG of 400 × 400",
            written(400, 400, ImageFormat::Png),
        ),
    ] {
        fs::write(&file, bytes).unwrap();
        measure_apart(name, &file);
    }
    for file in arguments.iter().filter(|one| !one.starts_with("--")) {
        measure_apart(file, Path::new(file));
    }
}
