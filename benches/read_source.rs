//! `read_source` beside the time that `scraper` needs for the tree alone: the work that any reader
//! of HTML must do. Both start from the same bytes.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot start should say so at once"
)]

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use linkback::model::{Page, TargetUrl};
use linkback::parse::read_source;
use scraper::Html;
use url::Url;

const TARGET: &str = "https://ex.com/articles/why-we-link";

const HEAD: &str = r#"<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>A week of reading | Chalk and Cheese</title>
<meta property="og:title" content="A week of reading"><meta name="author" content="Mags Holloway">
<meta property="article:published_time" content="2011-05-22T08:15:00+01:00">
<link rel="canonical" href="/2011/05/a-week-of-reading"><link rel="stylesheet" href="/style.css">
<script>window.settings = {"a": 1, "b": [1, 2, 3]}; if (1 < 2) { console.log("x") }</script>
</head><body><header><nav><ul><li><a href="/">Home</a></li><li><a href="/about">About</a></li></ul></nav></header><main><article><h1>A week of reading</h1>
"#;

/// Paragraphs, lists and comments as blogs have them, `bytes` long; the link stands near the end.
fn blog_page(bytes: usize, with_link: bool) -> String {
    let mut page = HEAD.to_owned();
    let mut n = 0_u32;
    while page.len() < bytes {
        n = n.wrapping_add(1);
        write!(
            page,
            "<div class=\"post hentry\" id=\"post-{n}\"><h2 class=\"entry-title\"><a href=\"/2011/05/post-{n}/\" rel=\"bookmark\">Post number {n}</a></h2>\n\
             <p>It has been a <em>long</em> month, and I have not written much. But I have read &amp; thought, and <a href=\"https://other.example/{n}?a=1&amp;b=2\" title=\"Other\">found this</a>, \
             which says what I would have said if I had <strong>only</strong> had the words for it, and the time.</p>\n\
             <ul class=\"tags\"><li><a href=\"/tag/reading\">reading</a></li><li><a href=\"/tag/links\">links</a></li></ul>\n\
             <p><img src=\"/images/{n}.jpg\" srcset=\"/images/{n}.jpg 1x, /images/{n}@2x.jpg 2x\" alt=\"A picture\" width=\"600\" height=\"400\" loading=\"lazy\"></p>\n\
             <div class=\"comment\" id=\"comment-{n}\"><p>Great post! See also <a href=\"https://third.example/~user/{n}\" rel=\"nofollow ugc\">mine</a>.<br>\nBye.</p></div></div>\n"
        ).unwrap();
    }
    if with_link {
        write!(page, "<p>The one that stayed with me is <a href=\"{TARGET}\">Why we link</a>, about what a link says.</p>").unwrap();
    }
    page.push_str("</article></main><footer><p>Made by hand.</p></footer></body></html>");
    page
}

fn page(body: String) -> Page {
    Page {
        url: Url::parse("https://blog.example/2011/05/a-week-of-reading").unwrap(),
        status: 200,
        content_type: Some("text/html; charset=utf-8".to_owned()),
        body: body.into_bytes(),
        truncated: false,
    }
}

fn read(c: &mut Criterion) {
    let target = TargetUrl::parse(TARGET).unwrap();
    for (size, bytes) in [("20 KB", 20_000), ("100 KB", 100_000), ("1 MB", 1_000_000)] {
        let mut group = c.benchmark_group(size);
        let linking = page(blog_page(bytes, true));
        let silent = page(blog_page(bytes, false));
        group.throughput(Throughput::Bytes(linking.body.len() as u64));
        group.bench_function(BenchmarkId::from_parameter("scraper alone"), |b| {
            b.iter(|| Html::parse_document(black_box(&String::from_utf8_lossy(&linking.body))));
        });
        group.bench_function(BenchmarkId::from_parameter("read_source, link"), |b| {
            b.iter(|| read_source(black_box(&linking), &target));
        });
        group.bench_function(BenchmarkId::from_parameter("read_source, no link"), |b| {
            b.iter(|| read_source(black_box(&silent), &target));
        });
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = read
}
criterion_main!(benches);
