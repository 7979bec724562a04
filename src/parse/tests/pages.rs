//! Facts of whole pages, and pages that are none.

use super::{entry, page_at, read, target};
use crate::model::{AuthoredTime, Unreadable, Verdict};
use crate::parse::read_source;

const LINK: &str = "<p>Here is a <a href='https://ex.com/a'>link</a> within the text.";

#[test]
fn a_page_may_say_of_itself_that_it_is_gone() {
    // WM-48.
    for (meta, gone) in [
        ("<meta http-equiv=status content='410 Gone'>", true),
        ("<META HTTP-EQUIV='Status' CONTENT='410'>", true),
        ("<meta http-equiv=status content=' 410'>", true),
        ("<meta http-equiv=status content='4100'>", false),
        ("<meta http-equiv=status content='200 OK'>", false),
        ("<meta name=status content='410 Gone'>", false),
        (
            "<template><meta http-equiv=status content='410 Gone'></template>",
            false,
        ),
        (
            "<!-- <meta http-equiv=status content='410 Gone'> -->",
            false,
        ),
    ] {
        let verdict = read(&format!("{meta}{LINK}")).verdict;
        assert_eq!(verdict == Verdict::Gone, gone, "{meta}");
    }
}

#[test]
fn types_without_readable_links_are_unreadable() {
    for content_type in [
        "image/png",
        "image/svg+xml",
        "application/pdf",
        "video/mp4",
        "application/zip",
    ] {
        let page = page_at("https://source.example/", Some(content_type), LINK);
        assert_eq!(
            read_source(&page, &target("https://ex.com/a")).verdict,
            Verdict::Unreadable(Unreadable::MediaType(content_type.into()))
        );
    }
}

#[test]
fn every_reader_is_reached() {
    for (content_type, body) in [
        (Some("text/html"), LINK),
        (None, LINK),
        (
            Some("application/xhtml+xml"),
            "<html><head><script src='x'/></head><body><p><a href='https://ex.com/a'>x</a></p></body></html>",
        ),
        (Some("application/json"), "{\"a\":\"https://ex.com/a\"}"),
        (
            Some("application/atom+xml"),
            "<feed><link href='https://ex.com/a'/></feed>",
        ),
        (Some("text/plain"), "https://ex.com/a"),
        (Some("text/markdown"), "[a](https://ex.com/a)"),
        (None, "https://ex.com/a"),
    ] {
        let page = page_at("https://source.example/", content_type, body);
        let verdict = read_source(&page, &target("https://ex.com/a")).verdict;
        assert!(
            matches!(verdict, Verdict::Links(_)),
            "{content_type:?} {verdict:?}"
        );
    }
}

#[test]
fn the_canonical_address_counts_on_its_own_host_only() {
    for (head, want) in [
        (
            "<link rel=canonical href=/canonical>",
            "https://source.example/canonical",
        ),
        (
            "<link rel=canonical href=https://evil.example/>",
            "https://source.example/post",
        ),
        (
            "<link rel=canonical href='javascript:alert(1)'>",
            "https://source.example/post",
        ),
        (
            "<meta property=og:url content=https://source.example/og>",
            "https://source.example/og",
        ),
        ("", "https://source.example/post"),
    ] {
        assert_eq!(entry(&format!("{head}{LINK}")).url, want, "{head}");
    }
}

#[test]
fn the_author_is_who_the_page_names() {
    for (markup, name, url) in [
        (
            "<meta name=author content=' Ann  Other '>",
            Some("Ann Other"),
            None,
        ),
        (
            "<meta name=Author content=''><meta property=article:author content='Ann'>",
            Some("Ann"),
            None,
        ),
        (
            "<meta property=article:author content='https://www.facebook.com/ann'>",
            None,
            None,
        ),
        (
            "<a rel=author href=/ann>Ann</a>",
            Some("Ann"),
            Some("https://source.example/ann"),
        ),
        (
            "<a rel='author' href='javascript:alert(1)'>Ann</a>",
            Some("Ann"),
            None,
        ),
        (
            "<meta name=author content=Ann><a rel=author href=/ann>by Ann</a>",
            Some("Ann"),
            Some("https://source.example/ann"),
        ),
        (
            "<meta name=author content=Ann><a rel=author href=/bob>Bob</a>",
            Some("Ann"),
            None,
        ),
        ("<meta name=author content=0>", Some("0"), None),
        (
            "<script type=application/ld+json>{\"@type\":\"Article\",\"author\":{\"name\":\"Ann\",\"url\":\"https://ann.example/\"}}</script>",
            Some("Ann"),
            Some("https://ann.example/"),
        ),
    ] {
        let author = entry(&format!("{markup}{LINK}")).author.unwrap_or_default();
        assert_eq!(
            (author.name.as_deref(), author.url.as_deref()),
            (name, url),
            "{markup}"
        );
    }
}

#[test]
fn the_date_is_taken_from_the_first_that_is_one() {
    for (markup, want) in [
        (
            "<meta property=article:published_time content=2011-05-15T09:30:00+0200>",
            Some("2011-05-15T09:30:00+02:00"),
        ),
        (
            "<meta property=article:published_time content=soon><meta name=date content=2011-05-15>",
            Some("2011-05-15"),
        ),
        (
            "<meta name=DC.date.issued content=2011-05-15>",
            Some("2011-05-15"),
        ),
        (
            "<article><time datetime='2011-05-15 09:30'>then</time></article>",
            Some("2011-05-15T09:30:00"),
        ),
        (
            "<article><ol class=comments><time datetime='2011-05-15'>then</time></ol></article>",
            None,
        ),
        (
            "<aside><time datetime='2011-05-15'>then</time></aside>",
            None,
        ),
        (
            "<time pubdate datetime='2011-05-15'>then</time>",
            Some("2011-05-15"),
        ),
        (
            "<span itemprop=datePublished content='2011-05-15'>then</span>",
            Some("2011-05-15"),
        ),
        (
            "<script type='application/ld+json'>{\"@type\":\"Article\",\"datePublished\":\"2011-05-15\"}</script>",
            Some("2011-05-15"),
        ),
    ] {
        let published = entry(&format!("{markup}{LINK}")).published;
        assert_eq!(
            published.as_ref().map(AuthoredTime::as_str),
            want,
            "{markup}"
        );
    }
}

#[test]
fn the_title_is_told_apart_from_the_site() {
    for (markup, title, site) in [
        (
            "<title>On links | Notes</title>",
            Some("On links"),
            Some("Notes"),
        ),
        (
            "<title>On links | Notes</title><h1>On links</h1>",
            Some("On links"),
            Some("Notes"),
        ),
        (
            "<title>Notes - On links</title><h1><a href=/>Notes</a></h1><h2>On links</h2>",
            Some("On links"),
            Some("Notes"),
        ),
        (
            "<title>On links - Source</title>",
            Some("On links"),
            Some("Source"),
        ),
        (
            "<title>x</title><meta property=og:title content='On links'>",
            Some("On links"),
            None,
        ),
        (
            "<title>On links – Notes</title><meta property=og:title content='On links'>",
            Some("On links"),
            Some("Notes"),
        ),
        (
            "<title>On links - Notes</title><meta property=og:site_name content=Notes>",
            Some("On links"),
            Some("Notes"),
        ),
        (
            "<meta property=og:site_name content=Notes>",
            None,
            Some("Notes"),
        ),
        ("<h1>On links</h1>", Some("On links"), None),
        ("<svg><title>icon</title></svg>", None, None),
        ("<title> </title><h2>On links</h2>", Some("On links"), None),
        // WordPress themes mark the site's name, as a heading or not.
        (
            "<h1 id=blog-title>Notes</h1><h2>On links</h2>",
            Some("On links"),
            Some("Notes"),
        ),
        (
            "<title>Notes - On links</title><div id=header><div class=site-title><a href=/blog/>Notes</a></div></div>",
            Some("On links"),
            Some("Notes"),
        ),
        (
            "<title>On links</title><p class=site-title><a href=/blog/>Notes</a></p>",
            Some("On links"),
            Some("Notes"),
        ),
        (
            "<title>Notes</title><h1 class=site-title>Notes</h1>",
            Some("Notes"),
            None,
        ),
        ("<h1 class=site-title>Notes</h1>", None, Some("Notes")),
        ("<title>&lt;b&gt; \u{202e}x</title>", Some("<b> x"), None),
    ] {
        let entry = entry(&format!("{markup}{LINK}"));
        assert_eq!(
            (entry.title.as_deref(), entry.site_name.as_deref()),
            (title, site),
            "{markup}"
        );
    }
    let long = entry(&format!("<title>{}</title>{LINK}", "word ".repeat(1000)));
    assert!(long.title.unwrap().chars().count() <= 301);
}

#[test]
fn a_text_that_breaks_off_within_an_address_is_no_link_to_its_beginning() {
    let target = crate::model::TargetUrl::parse("https://ex.com/a").unwrap();
    let read = |body: &str, truncated| {
        let page = crate::model::Page {
            url: url::Url::parse("https://s.example/t").unwrap(),
            status: 200,
            content_type: Some("text/plain".to_owned()),
            body: body.as_bytes().to_vec(),
            truncated,
        };
        crate::parse::read_source(&page, &target).verdict
    };
    let links = |verdict| matches!(verdict, crate::model::Verdict::Links(_));
    assert!(links(read("See https://ex.com/a", false)));
    assert!(!links(read("See https://ex.com/a", true)));
    assert!(links(read("See https://ex.com/a and mo", true)));
}

#[test]
fn a_page_without_microformats_says_more_of_itself_in_its_head() {
    let got = entry(
        "<title>Post</title><meta property=og:description content='What it is about.'>
         <meta property=og:image content=/big.jpg><meta property=og:image:alt content='The sea'>
         <meta property=article:modified_time content='2024-05-06T07:08:09Z'>
         <meta property=article:tag content=links><meta property=article:tag content=links><meta property=article:tag content=webs>
         <link rel=icon href=/16.png sizes=16x16><link rel='shortcut icon' href=/32.png sizes=32x32><link rel=icon href='data:image/png,x' sizes=512x512>
         <p>See <a href='https://ex.com/a'>this</a>, it is good.",
    );
    assert_eq!(got.summary.as_deref(), Some("What it is about."));
    assert_eq!(got.photos.len(), 1);
    assert_eq!(got.photos[0].url, "https://source.example/big.jpg");
    assert_eq!(got.photos[0].alt.as_deref(), Some("The sea"));
    assert_eq!(got.updated.unwrap().as_str(), "2024-05-06T07:08:09Z");
    assert_eq!(got.categories, ["links", "webs"]);
    assert_eq!(
        got.site_icon.as_deref(),
        Some("https://source.example/32.png")
    );
}

#[test]
fn what_the_head_says_of_the_page_is_not_said_of_one_of_its_entries() {
    let head = "<meta property=og:description content=All><meta property=og:image content=/big.jpg><link rel=icon href=/i.png>";
    let one = "<div class=h-entry><a class=u-url href=/1></a><p class=e-content><a href='https://ex.com/a'>x</a></div>";
    let got = entry(&format!(
        "{head}{one}<div class=h-entry><a class=u-url href=/2></a></div>"
    ));
    assert_eq!((got.summary, got.photos.len()), (None, 0));
    assert_eq!(
        got.site_icon.as_deref(),
        Some("https://source.example/i.png")
    );
}
