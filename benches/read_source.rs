//! `read_source` beside the time that `scraper` needs for the tree alone: the work that any reader
//! of HTML must do. Both start from the same bytes.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot start should say so at once"
)]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use linkback::model::TargetUrl;
use linkback::parse::read_source;
use scraper::Html;

#[path = "pages/mod.rs"]
mod pages;

use self::pages::{TARGET, front_page, page, post};

fn read(c: &mut Criterion) {
    let target = TargetUrl::parse(TARGET).unwrap();
    for (size, bytes) in [("20 KB", 20_000), ("100 KB", 100_000), ("1 MB", 1_000_000)] {
        let mut group = c.benchmark_group(size);
        for (shape, body) in [
            ("post", post(bytes)),
            ("front page", front_page(bytes, true)),
            ("front page without the link", front_page(bytes, false)),
        ] {
            let page = page(body);
            group.throughput(Throughput::Bytes(page.body.len() as u64));
            group.bench_function(BenchmarkId::new("scraper alone", shape), |b| {
                b.iter(|| Html::parse_document(black_box(&String::from_utf8_lossy(&page.body))));
            });
            group.bench_function(BenchmarkId::new("read_source", shape), |b| {
                b.iter(|| read_source(black_box(&page), &target));
            });
        }
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = read
}
criterion_main!(benches);
