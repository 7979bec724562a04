//! WM-25: which links are links to the target, row by row.

use super::{html, page_at, read, target};
use crate::model::Verdict;
use crate::parse::read_source;

const YES: bool = true;
const NO: bool = false;

#[test]
fn a_link_matches_if_both_urls_have_one_serialisation() {
    for (wanted, link, matches) in [
        ("https://ex.com/a", "HTTPS://Ex.COM/a", YES),
        ("https://ex.com/a", "https://ex.com:443/a", YES),
        ("https://ex.com/a", "https://ex.com/x/../a", YES),
        ("https://ex.com/a", "https://ex.com\\a", YES),
        ("https://ex.com/a", " https://ex.com/a\n", YES),
        ("https://ex.com/a", "https://ex.com/\n\ta", YES),
        ("https://ex.com", "https://ex.com/", YES),
        ("https://ex.com/", "https://ex.com", YES),
        ("https://ex.com/café", "https://ex.com/caf%C3%A9", YES),
        ("https://ex.com/caf%C3%A9", "https://ex.com/café", YES),
        ("https://ex.com/caf%C3%A9", "https://ex.com/caf%c3%a9", NO),
        ("https://ex.com/~u", "https://ex.com/%7Eu", NO),
        (
            "https://bücher.example/",
            "https://xn--bcher-kva.example/",
            YES,
        ),
        (
            "https://ex.com/a?x=1&y=2",
            "https://ex.com/a?x=1&amp;y=2",
            YES,
        ),
        ("https://ex.com/a?x=1&y=2", "https://ex.com/a?x=1&y=2", YES),
        ("https://ex.com/a?x=1&y=2", "https://ex.com/a?y=2&x=1", NO),
        ("https://ex.com/a", "https://ex.com/a/", NO),
        ("https://ex.com/a", "https://ex.com/a?", NO),
        ("https://ex.com/a", "https://ex.com/a?utm=1", NO),
        ("https://ex.com/a", "http://ex.com/a", NO),
        ("https://ex.com/a", "https://www.ex.com/a", NO),
        ("https://ex.com/a", "https://ex.com/A", NO),
        ("https://ex.com/a", "https://ex.com/a#c5", NO),
        ("https://ex.com/a#c5", "https://ex.com/a", NO),
        ("https://ex.com/a#c5", "https://ex.com/a#c5", YES),
        ("https://ex.com/a", "https://ex.com/abc", NO),
        ("https://ex.com/a", "https://ex.com/a/b", NO),
        ("https://ex.com/a", "https://notex.com/a", NO),
        ("https://ex.com/a", "https://ex.com.evil.example/a", NO),
        (
            "https://ex.com/a",
            "https://evil.example/?https://ex.com/a",
            NO,
        ),
        (
            "https://ex.com/a",
            "https://evil.example/https://ex.com/a",
            NO,
        ),
        ("https://s.ex/1", "https://s.ex/1", YES),
        ("https://ex.com/a", "https://t.co/x", NO),
    ] {
        let page = html(format!("<p><a href=\"{link}\">it</a>"));
        let verdict = read_source(&page, &target(wanted)).verdict;
        assert_eq!(
            matches!(verdict, Verdict::Links(_)),
            matches,
            "{wanted} in {link:?}: {verdict:?}"
        );
    }
}

#[test]
fn relative_links_are_resolved_against_the_base() {
    for (page_url, base, link, matches) in [
        ("https://ex.com/b", "", "/a", YES),
        ("https://ex.com/b", "", "a", YES),
        ("https://ex.com/b", "", "//ex.com/a", YES),
        ("https://ex.com/b/", "", "a", NO),
        ("https://ex.com/b/", "", "../a", YES),
        ("http://ex.com/b", "", "//ex.com/a", NO),
        ("https://far.example/", "", "//ex.com/a", YES),
        ("https://far.example/", "", "/a", NO),
        (
            "https://far.example/",
            "<base href='https://ex.com/b/c'>",
            "/a",
            YES,
        ),
        (
            "https://far.example/",
            "<base href='https://ex.com/b/c'>",
            "../a",
            YES,
        ),
        (
            "https://far.example/",
            "<base target=_top><base href='//ex.com'>",
            "a",
            YES,
        ),
        (
            "https://far.example/",
            "<base href='https://one.example/'><base href='https://ex.com/'>",
            "a",
            NO,
        ),
        (
            "https://far.example/",
            "<base href='https://['><base href='https://ex.com/'>",
            "a",
            YES,
        ),
        ("https://ex.com/", "<base href='javascript:1'>", "a", YES),
        ("https://ex.com/", "<base href='/x/'>", "a", NO),
    ] {
        let page = page_at(
            page_url,
            Some("text/html"),
            format!("<head>{base}</head><p><a href='{link}'>it</a>"),
        );
        let verdict = read_source(&page, &target("https://ex.com/a")).verdict;
        assert_eq!(
            matches!(verdict, Verdict::Links(_)),
            matches,
            "{page_url} {base} {link}"
        );
    }
}

#[test]
fn a_link_may_be_where_a_link_belongs() {
    let t = "https://ex.com/a";
    for (markup, matches) in [
        (format!("<a href={t}>x</a>"), YES),
        (format!("<a href={t} rel='nofollow ugc'>x</a>"), YES),
        (format!("<map><area href={t}></map>"), YES),
        (format!("<link rel=me href={t}>"), YES),
        (format!("<link rel='in-reply-to' href={t}>"), YES),
        (format!("<link rel=canonical href={t}>"), NO),
        (
            format!("<link rel='Alternate' type='application/rss+xml' href={t}>"),
            NO,
        ),
        (format!("<link rel=stylesheet href={t}>"), NO),
        (format!("<link rel='shortcut icon' href={t}>"), NO),
        (format!("<link rel=preload href={t}>"), NO),
        (format!("<link rel=prefetch href={t}>"), NO),
        (format!("<link rel=preconnect href={t}>"), NO),
        (format!("<link rel=dns-prefetch href={t}>"), NO),
        (format!("<link rel=webmention href={t}>"), NO),
        (format!("<link rel=pingback href={t}>"), NO),
        (format!("<img src={t}>"), YES),
        (format!("<img srcset='/small.png 1x, {t} 2x'>"), YES),
        (
            format!("<picture><source srcset='{t}, /b.png 2x'></picture>"),
            YES,
        ),
        (format!("<video src={t}></video>"), YES),
        (format!("<video poster={t}></video>"), YES),
        (
            format!("<video><source src={t}><track src=/x></video>"),
            YES,
        ),
        (format!("<video><track src={t}></video>"), YES),
        (format!("<audio src={t}></audio>"), YES),
        (format!("<iframe src={t}></iframe>"), YES),
        (format!("<embed src={t}>"), YES),
        (format!("<object data={t}></object>"), YES),
        (format!("<blockquote cite={t}>x</blockquote>"), YES),
        (format!("<q cite={t}>x</q>"), YES),
        (format!("<ins cite={t}>x</ins>"), YES),
        (format!("<del cite={t}>x</del>"), YES),
        (format!("<svg><a href='{t}'><text>x</text></a></svg>"), YES),
        (
            format!("<svg><a xlink:href='{t}'><text>x</text></a></svg>"),
            YES,
        ),
        (format!("<data class=u-like-of value={t}></data>"), YES),
        (format!("<abbr class=u-in-reply-to title={t}>x</abbr>"), YES),
        (format!("<noscript><a href={t}>x</a></noscript>"), YES),
        (format!("<noscript><img src={t}></noscript>"), YES),
        (format!("<div hidden><a href={t}>x</a></div>"), YES),
        (format!("<data value={t}></data>"), NO),
        (format!("<abbr title={t}>x</abbr>"), NO),
        (format!("<p>{t}</p>"), NO),
        (format!("<!-- <a href={t}>x</a> -->"), NO),
        (format!("<code>&lt;a href={t}&gt;x&lt;/a&gt;</code>"), NO),
        (format!("<textarea><a href={t}>x</a></textarea>"), NO),
        (format!("<title><a href={t}>x</a></title>"), NO),
        (format!("<xmp><a href={t}>x</a></xmp>"), NO),
        (format!("<template><a href={t}>x</a></template>"), NO),
        (
            format!("<template><div><template><p><a href={t}>x</a></template></div></template>"),
            NO,
        ),
        (format!("<script>'<a href={t}>x</a>'</script>"), NO),
        (
            format!("<script type='application/ld+json'>{{\"url\":\"{t}\"}}</script>"),
            NO,
        ),
        (format!("<style>a {{ background: url({t}) }}</style>"), NO),
        (format!("<iframe srcdoc='<a href={t}>x</a>'></iframe>"), NO),
        (format!("<meta http-equiv=refresh content='0;url={t}'>"), NO),
        (format!("<meta property=og:url content={t}>"), NO),
        (format!("<form action={t}></form>"), NO),
        (format!("<p data-href={t} href={t}>x</p>"), NO),
        (format!("<a name={t}>x</a>"), NO),
    ] {
        let verdict = read(&markup).verdict;
        assert_eq!(
            matches!(verdict, Verdict::Links(_)),
            matches,
            "{markup}: {verdict:?}"
        );
    }
}

#[test]
fn a_template_ends_where_it_ends() {
    let body = "<template><p>mould</template><p><a href='https://ex.com/a'>x</a>";
    assert!(matches!(read(body).verdict, Verdict::Links(_)));
}

#[test]
fn links_that_come_close_are_told() {
    let body = "<a href='/x'>1</a><a href='http://ex.com/a'>2</a><a href='https://ex.com/b'>3</a>
        <a href='https://ex.com/a/'>4</a><a href='https://ex.com/b'>5</a>";
    let Verdict::NoLink { near_misses } = read(body).verdict else {
        panic!("a link");
    };
    let urls: Vec<_> = near_misses.iter().map(|near| near.url.as_str()).collect();
    assert_eq!(
        urls,
        ["https://ex.com/a/", "http://ex.com/a", "https://ex.com/b"]
    );
    let many: Vec<String> = (0..500)
        .map(|i| format!("<a href='https://ex.com/{i}'>x</a>"))
        .collect();
    let Verdict::NoLink { near_misses } = read(&many.concat()).verdict else {
        panic!("a link");
    };
    assert_eq!(near_misses.len(), 10);
}
