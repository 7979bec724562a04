//! `read_source` beside the time that `scraper` needs for the tree alone: the work that any reader
//! of HTML must do. Both start from the same bytes.
//!
//! The two take turns within one loop, each first in every other round, so that whatever else the
//! machine does meets both. The ratio is the median of those of the rounds, and the times are medians too.
//!
//! ```sh
//! cargo bench --bench read_source
//! ```

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot start should say so at once, and prints what it found"
)]

use std::hint::black_box;
use std::time::Instant;

use linkback::model::TargetUrl;
use linkback::parse::read_source;
use scraper::Html;

#[path = "pages/mod.rs"]
mod pages;

use self::pages::{TARGET, front_page, page, post};

/// How long the pages are, in words and in bytes, and how many rounds each is read.
const SIZES: [(&str, usize, u32); 3] = [
    ("20 KB", 20_000, 2000),
    ("100 KB", 100_000, 400),
    ("1 MB", 1_000_000, 60),
];

fn main() {
    let target = TargetUrl::parse(TARGET).unwrap();
    println!("milliseconds for one page, medians of rounds in turn");
    println!("| page | bytes | scraper alone | `read_source` | ratio |");
    println!("|---|---|---|---|---|");
    for (size, bytes, rounds) in SIZES {
        for (shape, body) in [
            ("post", post(bytes)),
            ("front page", front_page(bytes, true)),
            ("front page without the link", front_page(bytes, false)),
        ] {
            let page = page(body);
            let tree = || {
                let text = String::from_utf8_lossy(black_box(&page.body));
                drop(Html::parse_document(&text));
            };
            let read = || drop(read_source(black_box(&page), &target));
            let (mut trees, mut reads, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
            for round in 0..rounds {
                let (of_tree, of_read) = if round % 2 == 0 {
                    let first = milliseconds(tree);
                    (first, milliseconds(read))
                } else {
                    let first = milliseconds(read);
                    (milliseconds(tree), first)
                };
                trees.push(of_tree);
                reads.push(of_read);
                ratios.push(of_read / of_tree);
            }
            println!(
                "| {shape}, {size} | {} | {:.3} | {:.3} | {:.2} |",
                page.body.len(),
                median(trees),
                median(reads),
                median(ratios)
            );
        }
    }
}

/// Milliseconds for one call.
fn milliseconds(call: impl Fn()) -> f64 {
    let start = Instant::now();
    call();
    start.elapsed().as_secs_f64() * 1000.0
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of.get(of.len() / 2).copied().unwrap()
}
