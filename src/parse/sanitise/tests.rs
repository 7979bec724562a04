use url::Url;

use super::{Cleaned, MAX_CONTENT, guard, piece, plain, strict};

fn clean(html: &str) -> Cleaned {
    piece(html, &Url::parse("https://s.example/dir/page").unwrap())
}

fn html(source: &str) -> String {
    let content = clean(source).content;
    content
        .and_then(|content| content.html)
        .map_or(String::new(), |html| html.as_str().to_owned())
}

fn text(source: &str) -> String {
    clean(source)
        .content
        .map_or(String::new(), |content| content.text)
}

const REL: &str = "rel=\"nofollow ugc noopener\"";

#[test]
fn what_is_on_the_list_stays_and_the_rest_is_unwrapped_or_dropped() {
    for (source, want) in [
        ("<p>One</p><p>Two</p>", "<p>One</p><p>Two</p>"),
        ("One <b>two</b> three", "<p>One <b>two</b> three</p>"),
        (
            "<p class=x id=y style='color:red' onclick=z><em>a</em></p>",
            "<p><em>a</em></p>",
        ),
        (
            "<div><div>One</div><div>Two</div></div>",
            "<p>One</p><p>Two</p>",
        ),
        (
            "<blockquote>q<footer>f</footer></blockquote>",
            "<blockquote><p>q</p><p>f</p></blockquote>",
        ),
        (
            "<ul><li>a<li>b<ul><li>c</ul></ul>",
            "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>",
        ),
        ("<li>a</li><li>b</li>", "<p>a<br>b</p>"),
        ("<dl><dt>t<dd>d</dl>", "<dl><dt>t</dt><dd>d</dd></dl>"),
        ("<p>a<br>b<br><br>c</p>", "<p>a<br>b<br><br>c</p>"),
        (
            "<table><tr><td>a<td>b<tr><td>c</table>x<b>y</b>",
            "<p>a b<br>c</p><p>x<b>y</b></p>",
        ),
        (
            "<p>a<script>b</script><style>c</style><iframe>d</iframe><svg><a>e</a></svg><i>f</i></p>",
            "<p>a<i>f</i></p>",
        ),
        ("<p></p><p><b></b><i>x</i></p>", "<p><i>x</i></p>"),
        ("<b><p>x</p></b>", "<p><b>x</b></p>"),
        ("<pre>  a\n    b</pre>", "<pre>  a\n    b</pre>"),
        (
            "<p>a <span>b</span> <font color=red>c</font><i>d</i></p>",
            "<p>a b c<i>d</i></p>",
        ),
        (
            "<p>1 &lt; 2 &amp;amp; <q>\u{a0}x</q></p>",
            "<p>1 &lt; 2 &amp;amp; <q>x</q></p>",
        ),
        ("<p hidden>x</p><p><i>y</i></p>", "<p><i>y</i></p>"),
        (
            "<p dir=RTL lang=ar>x</p>",
            "<p lang=\"ar\" dir=\"rtl\">x</p>",
        ),
        (
            "<abbr title='a\"b' id=q>x</abbr>",
            "<p><abbr title=\"a&quot;b\">x</abbr></p>",
        ),
        ("just text", ""),
        ("<div><p>just text</p></div>", ""),
    ] {
        assert_eq!(html(source), want, "{source}");
    }
}

#[test]
fn links_lead_to_the_web_and_nowhere_else() {
    let link = |url: &str| format!("<p><a href=\"{url}\" {REL}>x</a></p>");
    for (href, url) in [
        (
            "https://a.example/?a=1&amp;b=2",
            "https://a.example/?a=1&amp;b=2",
        ),
        ("/a", "https://s.example/a"),
        ("b", "https://s.example/dir/b"),
        ("//h.example/", "https://h.example/"),
        ("HTTP://H.example", "http://h.example/"),
        ("\u{1}https://a.example/", "https://a.example/"),
    ] {
        assert_eq!(
            html(&format!(
                "<a href=\"{href}\" rel=me target=_top ping=x>x</a>"
            )),
            link(url),
            "{href}"
        );
    }
    for href in [
        "javascript:alert(1)",
        "java&#115;cript:alert(1)",
        " j&#x41vascript:alert(1)",
        "java\tscript:alert(1)",
        "java\nscript:x",
        "\u{1}javascript:x",
        "data:text/html,x",
        "vbscript:x",
        "mailto:a@b.example",
        "blob:x",
        "https://user:secret@a.example/",
        "http://",
        "",
    ] {
        let got = html(&format!("<a href=\"{href}\">x</a><b>y</b>"));
        // An address that turns out to be a relative one is an address all the same.
        let is_relative = got.contains("https://s.example/");
        assert!(got == "<p>x<b>y</b></p>" || is_relative, "{href}: {got}");
        assert!(!got.contains("script:"), "{href}: {got}");
    }
    assert_eq!(
        html("<a href=https://a.example/>x <a href=https://b.example/>y</a></a>")
            .matches("<a ")
            .count(),
        2
    );
}

#[test]
fn text_is_parted_as_it_is_seen() {
    for (source, want) in [
        ("<p>One\n two</p><p>Three</p>", "One two\n\nThree"),
        ("a<br>b<div>c</div>d", "a\nb\n\nc\n\nd"),
        ("<ul><li>a</li><li>b</li></ul>c", "a\nb\n\nc"),
        ("<p>a</p><p></p><p>&nbsp;</p><p>b</p>", "a\n\nb"),
        ("a<b>b</b> c<i> d</i>", "ab c d"),
        ("<pre>a\n\n\n\nb</pre>", "a\n\nb"),
        ("<pre>a\u{b}\u{c}\tb\u{85}\r\nc</pre>", "a\tb\nc"),
        ("x\u{202e}y\u{0}z", "xyz"),
        ("<p>!?</p>", ""),
        ("🎉", "🎉"),
        (
            "so <img class=emoji alt=🎉 src=/e.png> nice <img alt=😀 src=/f.png>",
            "so 🎉 nice 😀",
        ),
    ] {
        assert_eq!(text(source), want, "{source}");
    }
    assert_eq!(plain(" a \n b\n\n\n c\u{7} ").as_deref(), Some("a\nb\n\nc"));
    assert_eq!(plain(" \n "), None);
}

#[test]
fn pictures_are_told_and_not_shown() {
    let cleaned = clean(
        "<p>a<img src=/1.png alt=' One '><img src='data:x' data-src=/2.png><img src='javascript:x'>
         <img src=/t.gif width=1 height=1><img src=/1.png><img srcset='/3.png 2x, /4.png 3x'></p>",
    );
    let pictures: Vec<_> = cleaned
        .pictures
        .iter()
        .map(|p| (p.url.as_str(), p.alt.as_deref()))
        .collect();
    assert_eq!(
        pictures,
        [
            ("https://s.example/1.png", Some("One")),
            ("https://s.example/2.png", None),
            ("https://s.example/3.png", None)
        ]
    );
    assert_eq!(cleaned.content.unwrap().html, None);
}

#[test]
fn long_content_is_cut_between_words_and_closed() {
    let long = format!("<ul><li><b>{}</b></li></ul>", "word ".repeat(5000));
    let content = clean(&long).content.unwrap();
    assert!(content.text.chars().count() <= MAX_CONTENT + 1);
    assert!(
        content.text.ends_with("word …") || content.text.ends_with("word…"),
        "{}",
        content.text.len()
    );
    assert!(content.html.unwrap().as_str().ends_with("…</b></li></ul>"));
    for gaps in ["<p>x", "x<br><br>", "<pre>x<p>x"] {
        let text = clean(&gaps.repeat(20_000)).content.unwrap().text;
        assert!(text.chars().count() <= MAX_CONTENT * 3 / 2 + 1, "{gaps}");
    }
    let one = clean(&"x".repeat(100_000)).content.unwrap();
    assert!(one.text.ends_with('…') && one.text.chars().count() <= MAX_CONTENT);
}

/// Sources whose result must be what both steps agree on, and what cleaning it again gives.
#[test]
fn both_steps_agree_and_a_second_time_changes_nothing() {
    let deep = "<b>".repeat(3000) + "x";
    let lists = "<ul><li>".repeat(300) + "x";
    let list = "<ol>a".repeat(12) + "<i>b</i>";
    let filled = format!("<i>x</i> {}abc more", "word ".repeat(1999));
    for source in [
        "<p>One <a href=/x>two <b>three</b></a><p>four<ul><li>five<ol><li>six</ol></ul>",
        "<div>a<p>b</div>c<blockquote><ul><li>d</ul>e</blockquote><hr>f<hr><hr>",
        "<ruby>漢<rp>(<rt>kan<rp>)</ruby> <rt>x</rt> a<wbr>b",
        "<b>1<p>2</b>3</p><i>4<div>5</i>6</div>",
        "<pre>\n\nx <b>y</b>\n z</pre>",
        "<pre>a<p>b</p>\n</pre><i>c</i>",
        "<pre dir=ltr><y></y>\n<p>a",
        "<ruby><rp><y><rt>b",
        "<dl><li><i>b</i><h1>c</h1></li>a",
        "<pre>a\n <y>\n\nb</y></pre><i>c</i>",
        "<ruby><rt>a <u><rp>b",
        "<i>a <b><u></u></b></i><p>b</p>",
        "<i>a <b></b>b</i>",
        "<i>a</i><pre> \n </pre>",
        "<ul>text<li>a</li>more<b>x</b></ul>",
        "<dl>text<dt>a<dd>b<p>c</dl>",
        "<p>a <b> b </b> <i></i> c</p>",
        "<h1>x<h2>y</h1>z",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
        "<time datetime='2011-05-15'>x</time> <q cite=x>y</q> &lt;script&gt;",
        &deep,
        &lists,
        &list,
        &filled,
    ] {
        let first = html(source);
        assert_eq!(guard::cleaned(&first), first, "{source}");
        assert!(strict::is_strict(&first), "{first}");
        if !first.is_empty() {
            assert_eq!(html(&first), first, "{source}");
        }
    }
}

#[test]
fn hostile_trees_are_cleaned_in_bounded_time() {
    for source in [
        "<b>".repeat(100_000),
        "<p>x".repeat(250_000),
        "<a href=/>".repeat(100_000),
        "<div>".repeat(200_000),
    ] {
        let cleaned = clean(&source);
        assert!(
            cleaned
                .content
                .is_none_or(|content| content.text.len() < 100_000)
        );
    }
}
