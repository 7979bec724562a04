//! Pages made to hold a worker. What is asserted is the work that was done, never the time.

use super::{html, page_at, read, target};
use crate::model::{Page, Unreadable, Verdict};
use crate::parse::document::{Document, nodes};
use crate::parse::read_source;

const MEGABYTE: usize = 1_000_000;

/// The beginnings of tags until `len` bytes are reached.
fn repeat(unit: &str, len: usize) -> String {
    unit.repeat(len.div_ceil(unit.len()))
}

fn numbered(before: &str, after: &str, n: usize) -> String {
    let all: Vec<String> = (0..n).map(|i| format!("{before}{i}{after}")).collect();
    all.concat()
}

#[test]
fn work_beyond_the_budget_is_cut() {
    let formatting = numbered("<b id=x", ">", 400);
    for (name, text) in [
        ("nested divs", "<div>".repeat(100_000)),
        ("nested spans", "<span>".repeat(100_000)),
        ("nested tables", repeat("<table><tr><td>", MEGABYTE)),
        (
            "divs and paragraphs",
            format!("{}{}", "<div>".repeat(20_000), repeat("<p>", MEGABYTE)),
        ),
        (
            "one tag's attributes",
            format!("<a {}", numbered("a", "=1 ", 100_000)),
        ),
        (
            "attributes without spaces",
            format!("<a {}", numbered("a", "=''", 100_000)),
        ),
        (
            "attributes parted by slashes",
            format!("<a {}", numbered("a", "/", 100_000)),
        ),
        (
            "an end tag's attributes",
            format!("</a {}", numbered("a", " ", 100_000)),
        ),
        (
            "attributes after a misleading quote",
            format!(
                "<p>x</p><script>1<b c=\" </script><tr><a {}",
                numbered("a", " ", 100_000)
            ),
        ),
        (
            "attributes and errors",
            format!(
                "<a {}",
                "q=1 q=1 ".to_owned() + &numbered("a", " q=1 ", 100_000)
            ),
        ),
        (
            "attributes after much that is ignored",
            format!(
                "<body>{}<a {}",
                repeat("<tr>", 10_000),
                numbered("a", " ", 100_000)
            ),
        ),
        (
            "formatting made anew in each paragraph",
            format!("<p>{formatting}{}", repeat("<p>x", MEGABYTE)),
        ),
        (
            "formatting made anew in each block",
            format!(
                "<div>{formatting}</div>{}",
                repeat("<div>x</div>", MEGABYTE)
            ),
        ),
        (
            "attributes of formatting made anew in each paragraph",
            format!(
                "<p><b {}>{}",
                numbered("a", " ", 1000),
                "<p>some words".repeat(2000)
            ),
        ),
        (
            "a long attribute of formatting made anew in each paragraph",
            format!(
                "<p><b class='{}'>{}",
                "a ".repeat(5000),
                "<p>some words".repeat(2000)
            ),
        ),
        (
            "formatting compared with much formatting",
            format!("{formatting}{}", "<b></b>".repeat(10_000)),
        ),
        (
            "formatting compared with many attributes",
            format!(
                "{}{}",
                format!("<b {}>", numbered("a", " ", 100)).repeat(50),
                "<b></b>".repeat(10_000)
            ),
        ),
        (
            "attributes that come late",
            numbered("<body a", "=1>", 20_000),
        ),
        (
            "misnested formatting",
            format!("{formatting}{}", repeat("<a><div></a>", MEGABYTE)),
        ),
    ] {
        let document = Document::parse(&text);
        assert!(!document.complete(), "{name} was read to its end");
        let count = nodes(document.root()).count();
        assert!(count < 200_000, "{name}: {count} nodes");
    }
}

#[test]
fn hostile_pages_that_cost_little_are_read_to_their_end() {
    for (name, text) in [
        ("less-than signs", repeat("<", MEGABYTE)),
        ("comment beginnings", repeat("<!--", MEGABYTE)),
        ("ampersands", repeat("&amp", MEGABYTE)),
        ("line ends", repeat("\n", MEGABYTE)),
        ("end tags", repeat("</p>", 100_000)),
        ("zero bytes", repeat("\0", MEGABYTE)),
    ] {
        let document = Document::parse(&text);
        let count = nodes(document.root()).count();
        assert!(document.complete(), "{name}, {count} nodes");
    }
}

#[test]
fn a_page_that_says_too_much_of_itself_is_read_up_to_a_bound() {
    let classes = repeat("sidebarless ", 200_000);
    let deep =
        format!("<div class='{classes}'>").repeat(4) + &"<div class='byline date'>".repeat(400);
    let names = numbered("<meta property=og:title content=x", ">", 20_000);
    let properties = numbered("<i itemprop='author name' itemscope>", "</i>", 10_000);
    let scripts =
        "<script type=application/ld+json>[{\"@type\":\"Article\"},]</script>".repeat(1000);
    let link = "<p>See <a href='https://ex.com/a'>it</a>, which is good.";
    for page in [deep, names, properties, scripts] {
        let verdict = read(&format!("{page}{link}")).verdict;
        assert!(matches!(verdict, Verdict::Links(_)), "{verdict:?}");
    }
}

#[test]
fn ordinary_long_pages_are_complete() {
    let paragraph = "<div class=\"post\"><p>Some <b>bold</b> and <em>other</em> words with a \
        <a href=\"/x?a=1&amp;b=2\" title=\"x\">link</a>, and an end.</p>\n<ul><li>one<li>two</ul></div>\n";
    let base64 = repeat("iVBORw0KGgoAAAANSUhEUg/+AA", 500_000);
    let drawing = repeat("<path d='M 10 20 L 30 40'/>", 300_000);
    let words = repeat("word and /word= \"x\" ", 300_000);
    for (name, text) in [
        ("blog", repeat(paragraph, MEGABYTE)),
        (
            "data URI",
            format!("<p>x<img src=\"data:image/png;base64,{base64}\"><p>y"),
        ),
        (
            "unquoted data URI",
            format!("<p>x<img src=data:image/png;base64,{base64}><p>y"),
        ),
        (
            "drawing in a data URI",
            format!("<p>x<img src=\"data:image/svg+xml,{drawing}\"><p>y"),
        ),
        (
            "coordinates",
            format!(
                "<p>x<svg><path d=\"{}\"/></svg><p>y",
                repeat("10 20 L ", 500_000)
            ),
        ),
        ("comment", format!("<p>x<!-- {words} --><p>y")),
        (
            "script",
            format!("<p>x<script>if (a<b) {{ {words} }}</script><p>y"),
        ),
        (
            "JSON in an attribute",
            format!(
                "<p>x<div data-page='{}'></div><p>y",
                repeat("{\"a b\": \"c d\"}, ", 500_000)
            ),
        ),
        ("text", words.clone()),
        (
            "unclosed paragraphs",
            repeat("<p>One paragraph after the other.\n", MEGABYTE),
        ),
        (
            "table",
            format!(
                "<table>{}</table>",
                repeat("<tr><td>one<td>two<td>three", MEGABYTE)
            ),
        ),
        ("flat spans", repeat("<span></span>", MEGABYTE)),
    ] {
        assert!(Document::parse(&text).complete(), "{name} was cut");
    }
}

#[test]
fn what_was_read_before_the_cut_counts() {
    let bomb = "<div>".repeat(100_000);
    let link = "<p>See <a href='https://ex.com/a'>it</a></p>";
    assert!(matches!(
        read(&format!("{link}{bomb}")).verdict,
        Verdict::Links(_)
    ));
    for body in [format!("{bomb}{link}"), bomb] {
        assert_eq!(
            read(&body).verdict,
            Verdict::Unreadable(Unreadable::TooComplex)
        );
    }
}

#[test]
fn a_truncated_page_never_says_no() {
    let mut page = html("<p>Much text, and then");
    page.truncated = true;
    let verdict = |page: &Page| read_source(page, &target("https://ex.com/a")).verdict;
    assert_eq!(verdict(&page), Verdict::Unreadable(Unreadable::TooLarge));
    page.body = b"<p><a href=https://ex.com/a>it</a> and then".to_vec();
    assert!(matches!(verdict(&page), Verdict::Links(_)));
    page.body = b"{\"a\":".to_vec();
    page.content_type = Some("application/json".into());
    assert_eq!(verdict(&page), Verdict::Unreadable(Unreadable::TooLarge));
    page.body = b"{\"a\":\"https://ex.com/a\",\"b\":\"and th".to_vec();
    assert!(matches!(verdict(&page), Verdict::Links(_)));
}

#[test]
fn what_a_step_of_the_reading_tells_cannot_steer_a_terminal() {
    for (content_type, body) in [
        ("text/html", "<a href='\u{1b}https://ex.com/a'>x</a>"),
        (
            "text/html",
            "<arti\u{1b}cle class=h-entry><a class=u-like-of href=https://ex.com/a>x</a>",
        ),
        (
            "text/html",
            "<meta http-equiv=status content='410 \u{1b}[2J\n'>",
        ),
        (
            "application/json",
            r#"{"\u001b[2J\nverdict: links":"https://ex.com/a"}"#,
        ),
        (
            "application/atom+xml",
            "<feed><link href='https://ex.com/a&#27;'/></feed>",
        ),
    ] {
        let page = page_at("https://source.example/", Some(content_type), body);
        let reading = read_source(&page, &target("https://ex.com/a"));
        assert!(!reading.trace.is_empty(), "{body}");
        for step in reading.trace {
            let told = format!(
                "{}{}{}",
                step.rule,
                step.element.unwrap_or_default(),
                step.found
            );
            assert!(!told.contains(char::is_control), "{told:?}");
        }
    }
}

#[test]
fn any_bytes_give_a_verdict() {
    let mut seed = 1_u64;
    let pieces: [&[u8]; 24] = [
        b"<a href=https://ex.com/a>",
        b"</a>",
        b"<p",
        b">",
        b"\xff\xfe",
        b"\xc3",
        b"\0",
        b"<!--",
        b"-->",
        b"<template>",
        b"</template>",
        b"<table>",
        b"<svg>",
        b"<b>",
        b"</p>",
        b"{\"a\":",
        b"[",
        b"\"",
        b"<![CDATA[",
        b"]]>",
        b"<title>",
        b"<script>",
        b"&#x202e;",
        b"<select><option>",
    ];
    for round in 0..600 {
        let mut body = Vec::new();
        for _ in 0..12 {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            body.extend_from_slice(pieces[(seed >> 33) as usize % pieces.len()]);
        }
        for content_type in [
            "text/html",
            "application/json",
            "application/xml",
            "text/plain",
            "",
        ] {
            let page = page_at("https://source.example/", Some(content_type), body.clone());
            let reading = read_source(&page, &target("https://ex.com/a"));
            assert!(reading.trace.len() < 20, "round {round}");
        }
    }
}
