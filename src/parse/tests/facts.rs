//! What a page says of itself, by each of the ways in which pages do.

use super::entry;
use crate::model::{Author, AuthoredTime, Entry};

pub(super) const LINK: &str =
    "<p>Here is a <a href='https://ex.com/a'>link</a> within the text.</p>";

fn author(markup: &str) -> Author {
    entry(markup).author.unwrap_or_default()
}

fn published(entry: &Entry) -> Option<&str> {
    entry.published.as_ref().map(AuthoredTime::as_str)
}

#[test]
fn whose_comment_it_is_is_not_said_by_the_page() {
    for comments in [
        "<ol class=commentlist><li class=comment id=comment-7>LINK</li></ol>",
        "<div id=comments><article>LINK</article></div>",
        "<div class=x id=comment-12>LINK</div>",
    ] {
        let got = entry(
            &format!(
                "<title>Post</title><meta name=author content=Ann><meta name=date content=2011-05-15>
             <article><p>Post.</article>{comments}"
            )
            .replace("LINK", LINK),
        );
        assert_eq!(got.title.as_deref(), Some("Post"));
        assert_eq!((got.author, got.published), (None, None), "{comments}");
    }
}

#[test]
fn a_comment_says_whose_it_is() {
    for (comment, name, url, time) in [
        (
            "<ol class=commentlist><li class=comment id=comment-6><cite class=fn>Eve</cite></li><li class=comment id=comment-7><article class=comment-body>
             <footer><div class='comment-author vcard'><b class=fn><a href='https://bob.example/' class=url>Bob</a></b> says:</div><time datetime='2012-01-02'>then</time></footer>
             <div class=comment-content>LINK</div></article></li></ol>",
            Some("Bob"),
            Some("https://bob.example/"),
            Some("2012-01-02"),
        ),
        (
            "<div class=x><div class='timeline-comment comment'><h3><a class=author href=/bob>bob</a> commented</h3><p class=comment-body>LINK</p></div></div>",
            Some("bob"),
            Some("https://source.example/bob"),
            None,
        ),
        ("<div id=comments><p>LINK</p><i class=fn>Eve</i></div>", None, None, None),
    ] {
        let got = entry(
            &format!("<meta name=author content=Ann><meta name=date content=2011-05-15>{comment}")
                .replace("LINK", LINK),
        );
        let author = got.author.clone().unwrap_or_default();
        assert_eq!((author.name.as_deref(), author.url.as_deref()), (name, url), "{comment}");
        assert_eq!(published(&got), time, "{comment}");
    }
}

#[test]
fn a_byline_is_read_in_the_article_and_nowhere_else() {
    for (markup, name) in [
        (
            "<article><p class=byline>By Ann Other</p>LINK</article>",
            Some("Ann Other"),
        ),
        (
            "<article><div class=entry-meta>Posted on May 15, 2011 by <a href=/ann>Ann</a></div>LINK</article>",
            Some("Ann"),
        ),
        (
            "<article><header><h1>x</h1><p>von Jo Kammerer</p></header>LINK</article>",
            Some("Jo Kammerer"),
        ),
        (
            "<main><header><h1>x</h1><p>By Ann</p></header><article>LINK</article></main>",
            Some("Ann"),
        ),
        (
            "<article>LINK<address class=author>Ann Other</address></article>",
            Some("Ann Other"),
        ),
        (
            "<div class=post>LINK<span class=post-author>Ann</span></div>",
            Some("Ann"),
        ),
        (
            "<article>LINK</article><aside><span class=author>Bob</span></aside>",
            None,
        ),
        (
            "<article>LINK</article><article><p class=byline>By Bob</p></article>",
            None,
        ),
        (
            "<article>LINK<div class=related-posts><span class=author>Bob</span></div></article>",
            None,
        ),
        (
            "<article>LINK<div id=comments><article><span class=author>Bob</span></article></div></article>",
            None,
        ),
        (
            "<div>LINK<i class=author>Ann</i></div><div><i class=author>Bob</i></div>",
            None,
        ),
        ("<body class=author>LINK</body>", None),
        ("<footer>By Bob</footer>LINK", None),
        (
            "<article><div class=meta>3 comments</div>LINK</article>",
            None,
        ),
        (
            "LINK<meta name='twitter:creator' content='@ann'>",
            Some("@ann"),
        ),
    ] {
        let author = author(&markup.replace("LINK", LINK));
        assert_eq!(author.name.as_deref(), name, "{markup}");
    }
    let linked = author(&format!(
        "<article><div class=byline>by <a href=/ann>Ann</a></div>{LINK}</article>"
    ));
    assert_eq!(linked.url.as_deref(), Some("https://source.example/ann"));
}

#[test]
fn who_is_believed_of_several_authors() {
    let ld = |author: &str| {
        format!(
            "<script type='application/ld+json'>{{\"@type\":\"Article\",\"author\":{author}}}</script>"
        )
    };
    let by = "<article><p class=byline>By Ann <a rel=author href=/ann>Ann</a></p>";
    for (head, name, url) in [
        (
            ld("{\"name\":\"Ann\"}"),
            "Ann",
            Some("https://source.example/ann"),
        ),
        (
            ld("{\"@type\":\"Organization\",\"name\":\"The Press\"}"),
            "Ann",
            Some("https://source.example/ann"),
        ),
        (
            ld("{\"name\":\"Bob\",\"url\":\"/bob\"}"),
            "Bob",
            Some("https://source.example/bob"),
        ),
        (
            "<meta name=parsely-author content=Bob>".to_owned(),
            "Bob",
            None,
        ),
    ] {
        let author = author(&format!("{head}{by}{LINK}"));
        assert_eq!(
            (author.name.as_deref(), author.url.as_deref()),
            (Some(name), url),
            "{head}"
        );
    }
    let press = author(&format!(
        "{}{LINK}",
        ld("{\"@type\":\"Organization\",\"name\":\"The Press\"}")
    ));
    assert_eq!(press.name.as_deref(), Some("The Press"));
}

#[test]
fn a_date_that_is_seen_counts_where_none_is_told() {
    for (markup, want) in [
        (
            "<article><span class=posted-on><time class='entry-date published' datetime='2011-05-15'>x</time></span>LINK</article>",
            Some("2011-05-15"),
        ),
        (
            "<article><time class=updated datetime='2012-01-01'>x</time><time datetime='2011-05-15'>x</time>LINK</article>",
            Some("2011-05-15"),
        ),
        (
            "<div><abbr class=published title='2011-05-15T09:30:00Z'>May</abbr>LINK</div>",
            Some("2011-05-15T09:30:00Z"),
        ),
        (
            "<div><h2 class=date-header>Sunday, May 15, 2011</h2>LINK</div>",
            Some("2011-05-15"),
        ),
        (
            "<article><p class=postmetadata>Posted on 15. Mai 2011 von Ann</p>LINK</article>",
            Some("2011-05-15"),
        ),
        (
            "<article><time>May 15, 2011</time>LINK</article>",
            Some("2011-05-15"),
        ),
        (
            "<meta name='sailthru.date' content='Sun, 15 May 2011 09:30:00 +0200'>LINK",
            Some("2011-05-15T09:30:00+02:00"),
        ),
        (
            "<meta name=citation_date content='2011/05/15'>LINK",
            Some("2011-05-15"),
        ),
        ("<article><p class=date>05/06/2011</p>LINK</article>", None),
        (
            "<article>LINK</article><aside><p class=date>May 15, 2011</p></aside>",
            None,
        ),
        (
            "<p class=date>May 15, 2011</p>LINK<p class=date>May 16, 2011</p>",
            None,
        ),
        (
            "<article>LINK<article class=comment><time datetime='2011-05-15'>x</time></article></article>",
            None,
        ),
    ] {
        let got = entry(&markup.replace("LINK", LINK));
        assert_eq!(published(&got), want, "{markup}");
    }
}

#[test]
fn pictures_films_and_sounds_are_taken_from_the_head() {
    let got = entry(&format!(
        "<meta property='og:image' content='http://source.example/1.png'><meta property='og:image:secure_url' content='https://source.example/1.png'>
         <meta property='og:image:alt' content=One><meta property='og:image' content=/2.png><meta property='og:image:url' content=/2.png>
         <meta property='og:image' content=''><meta property='og:image' content='data:image/png,x'>
         <meta property='og:video' content='/player'><meta property='og:video' content='/film.mp4'>
         <meta property='og:audio' content='https://cdn.example/a.mp3?x=1'>{LINK}"
    ));
    let photos: Vec<_> = got
        .photos
        .iter()
        .map(|photo| (photo.url.as_str(), photo.alt.as_deref()))
        .collect();
    assert_eq!(
        photos,
        [
            ("https://source.example/1.png", Some("One")),
            ("https://source.example/2.png", None)
        ]
    );
    assert_eq!(got.videos, ["https://source.example/film.mp4"]);
    assert_eq!(got.audio, ["https://cdn.example/a.mp3?x=1"]);
    for (head, photo) in [
        (
            "<meta name='twitter:image:src' content=/t.png>",
            Some("https://source.example/t.png"),
        ),
        (
            "<link rel=image_src href=/l.png>",
            Some("https://source.example/l.png"),
        ),
        (
            "<script type='application/ld+json'>{\"@type\":\"Article\",\"image\":[{\"@id\":\"#i\"}]}</script>
             <script type='application/ld+json'>{\"@type\":\"ImageObject\",\"@id\":\"#i\",\"contentUrl\":\"/j.png\"}</script>",
            Some("https://source.example/j.png"),
        ),
        (
            "<script type='application/ld+json'>{\"@type\":\"Article\",\"image\":{\"@id\":\"https://source.example/#i\"}}</script>",
            None,
        ),
    ] {
        let got = entry(&format!("{head}{LINK}"));
        let url = got.photos.first().map(|photo| photo.url.as_str());
        assert_eq!(url, photo, "{head}");
    }
}

#[test]
fn the_best_icon_is_taken_and_else_the_publishers_logo() {
    let logo = "<script type='application/ld+json'>{\"@type\":\"Article\",\"publisher\":{\"logo\":{\"url\":\"/logo.png\"}}}</script>";
    for (links, icon) in [
        (
            "<link rel=icon href=/16.png sizes=16x16><link rel=icon href=/any.svg sizes=any>",
            "any.svg",
        ),
        (
            "<link rel=icon href=/32.png sizes=32x32><link rel=apple-touch-icon href=/touch.png>",
            "touch.png",
        ),
        ("<link rel='shortcut icon' href=/f.ico>", "f.ico"),
        ("", "logo.png"),
    ] {
        let got = entry(&format!("{logo}{links}{LINK}"));
        assert_eq!(
            got.site_icon.unwrap(),
            format!("https://source.example/{icon}")
        );
    }
}

#[test]
fn what_it_is_about_is_said_in_one_way_only() {
    for (markup, want) in [
        (
            "<script type='application/ld+json'>{\"@type\":\"Article\",\"keywords\":\"a, b;a\",\"articleSection\":\"S\"}</script>",
            vec!["a", "b"],
        ),
        (
            "<script type='application/ld+json'>{\"@type\":\"Article\",\"keywords\":[\"a\",{\"@type\":\"DefinedTerm\",\"name\":\"b\"}]}</script>",
            vec!["a", "b"],
        ),
        (
            "<meta property='article:section' content=S><meta property='article:tag' content='a, b'>",
            vec!["a, b"],
        ),
        ("<meta property='article:section' content=S>", vec!["S"]),
        ("<meta name='parsely-tags' content='a,b,'>", vec!["a", "b"]),
        (
            "<a rel='category tag' href=/c>a</a><a rel=tag href=/b>#b</a><aside><a rel=tag href=/c>c</a></aside>",
            vec!["a", "b"],
        ),
        ("<meta name=keywords content='cheap, pills'>", vec![]),
    ] {
        assert_eq!(
            entry(&format!("{markup}{LINK}")).categories,
            want,
            "{markup}"
        );
    }
}

#[test]
fn the_text_of_an_article_is_taken_where_the_page_is_certainly_about_it() {
    let ld = |objects: &str| format!("<script type='application/ld+json'>{objects}</script>{LINK}");
    let one = r#"{"@type":"Article","articleBody":"First.\n\nSecond &amp; last."}"#;
    let got = entry(&ld(one)).content.unwrap();
    assert_eq!(
        (got.html, got.text.as_str()),
        (None, "First.\n\nSecond & last.")
    );
    for objects in [
        format!("[{one},{one}]"),
        r#"{"@type":"Article","url":"/elsewhere","articleBody":"x"}"#.to_owned(),
    ] {
        assert_eq!(entry(&ld(&objects)).content, None, "{objects}");
    }
    let marked = format!(
        "{}<div class=h-entry><p class=e-content>What I say: {LINK}</p></div>",
        ld(one)
    );
    assert!(
        entry(&marked)
            .content
            .is_none_or(|said| !said.text.starts_with("First"))
    );
}
