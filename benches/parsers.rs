//! Our microformats parser, and all of `read_source`, beside public parsers of other languages on the
//! same pages, each in turn within one run.
//!
//! The others are run if they are there: `node` with `microformats-parser` (for Node) and `python3` with
//! `mf2py` (for Python), both installed into the folder that `LINKBACK_PARSERS` names:
//!
//! ```sh
//! mkdir /tmp/parsers && cd /tmp/parsers && npm install microformats-parser
//! python3 -m venv venv && venv/bin/pip install mf2py html5lib
//! LINKBACK_PARSERS=/tmp/parsers cargo bench --bench parsers
//! ```
//!
//! Every figure is the best of several rounds of several parses, within the parser's own process: no
//! start of a program is counted.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot start should say so at once, and prints what it found"
)]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use linkback::model::TargetUrl;
use linkback::parse::{microformats, read_source};
use scraper::Html;

#[path = "pages/mod.rs"]
mod pages;

use self::pages::{TARGET, front_page, page, post};

const ROUNDS: u32 = 5;

fn main() {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/parsers");
    let home = std::env::var_os("LINKBACK_PARSERS").map(PathBuf::from);
    if home.is_none() {
        println!(
            "LINKBACK_PARSERS is not set: only our own parser is timed (see the head of this file)"
        );
    }
    println!("milliseconds for one page, best of {ROUNDS} rounds");
    println!(
        "| page | bytes | scraper alone | our microformats | read_source | microformats-parser (JS) | mf2py |"
    );
    println!("|---|---|---|---|---|---|---|");
    let target = TargetUrl::parse(TARGET).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (size, bytes) in [("20 KB", 20_000), ("100 KB", 100_000), ("1 MB", 1_000_000)] {
        for (shape, body) in [
            ("post", post(bytes)),
            ("front page", front_page(bytes, true)),
        ] {
            let parses = u32::try_from(2_000_000_usize.div_ceil(bytes)).unwrap();
            let file = folder.path().join("page.html");
            std::fs::write(&file, &body).unwrap();
            let page = page(body.clone());
            let tree = best(parses, || drop(Html::parse_document(black_box(&body))));
            let items = best(parses, || {
                let found = microformats::parse(black_box(&body), &page.url);
                drop(serde_json::Value::from(&found));
            });
            let read = best(parses, || drop(read_source(black_box(&page), &target)));
            let others = ["with_microformats_parser.mjs", "with_mf2py.py"].map(|script| {
                home.as_deref()
                    .and_then(|home| other(home, &scripts.join(script), &file, parses))
                    .map_or("-".to_owned(), |ms| {
                        format!("{ms:.2} ({:.1} x read_source)", ms / read)
                    })
            });
            println!(
                "| {shape}, {size} | {} | {tree:.3} | {items:.3} | {read:.3} ({:.2} x scraper) | {} | {} |",
                body.len(),
                read / tree,
                others[0],
                others[1],
            );
        }
    }
}

/// Milliseconds for one call, in the best round.
fn best(parses: u32, mut parse: impl FnMut()) -> f64 {
    (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            (0..parses).for_each(|_| parse());
            start.elapsed().as_secs_f64() * 1000.0 / f64::from(parses)
        })
        .fold(f64::INFINITY, f64::min)
}

/// The same of a script, which prints the milliseconds.
fn other(home: &Path, script: &Path, file: &Path, parses: u32) -> Option<f64> {
    let runtime = if script.extension()? == "py" {
        home.join("venv/bin/python3")
    } else {
        PathBuf::from("node")
    };
    // Python takes seconds for what others do in milliseconds.
    let parses = if script.extension()? == "py" {
        parses.div_ceil(20)
    } else {
        parses
    };
    let out = Command::new(runtime)
        .arg(script)
        .arg(file)
        .args([ROUNDS.to_string(), parses.to_string()])
        .env("LINKBACK_PARSERS", home)
        .output()
        .ok()?;
    String::from_utf8_lossy(&out.stdout).trim().parse().ok()
}
