//! Feeds of each form, and what their items say.

use url::Url;

use super::read;
use crate::model::{Entry, MentionKind, TargetUrl, Unreadable, Verdict};

fn verdict(text: &str) -> Verdict {
    let url = Url::parse("https://source.example/feed").unwrap();
    let target = TargetUrl::parse("https://ex.com/a?x=1&y=2").unwrap();
    read(text, &url, &target).verdict
}

#[test]
fn links_are_found_where_feeds_have_them() {
    for (text, links) in [
        (
            "<feed><entry><link href='https://ex.com/a?x=1&amp;y=2'/></entry></feed>",
            true,
        ),
        (
            "<rss><channel><item><link>https://ex.com/a?x=1&amp;y=2</link></item></channel></rss>",
            true,
        ),
        (
            "<rss><channel><item><link><![CDATA[https://ex.com/a?x=1&y=2]]></link></item></channel></rss>",
            true,
        ),
        (
            "<rss><channel><item><description>&lt;a href=\"https://ex.com/a?x=1&amp;amp;y=2\"&gt;it&lt;/a&gt;</description></item></channel></rss>",
            true,
        ),
        (
            "<rss><channel><item><content:encoded><![CDATA[<a href=\"https://ex.com/a?x=1&amp;y=2\">it</a>]]></content:encoded></item></channel></rss>",
            true,
        ),
        (
            "<feed><entry><title>https://ex.com/a?x=1&amp;y=2</title></entry></feed>",
            false,
        ),
        (
            "<feed><!-- <link href='https://ex.com/a?x=1&amp;y=2'/> --></feed>",
            false,
        ),
    ] {
        assert_eq!(matches!(verdict(text), Verdict::Links(_)), links, "{text}");
    }
}

#[test]
fn an_item_gives_its_own_facts() {
    let feed = "<rss><channel><title>Notes</title><item><title>Other</title></item><item><title>Post</title>
        <link>https://source.example/p</link><dc:creator>Ann</dc:creator><pubDate>Sun, 15 May 2011 09:30:00 +0200</pubDate>
        <description>&lt;p&gt;Have you read &lt;a href='https://ex.com/a?x=1&amp;amp;y=2'&gt;this&lt;/a&gt; yet, dear reader?</description></item></channel></rss>";
    let Verdict::Links(entry) = verdict(feed) else {
        panic!("no link");
    };
    assert_eq!(entry.title.as_deref(), Some("Post"));
    assert_eq!(entry.site_name.as_deref(), Some("Notes"));
    assert_eq!(entry.author.unwrap().name.as_deref(), Some("Ann"));
    assert_eq!(
        entry.published.unwrap().as_str(),
        "2011-05-15T09:30:00+02:00"
    );
    assert_eq!(entry.url, "https://source.example/p");
    assert_eq!(entry.excerpt.unwrap().linked, "this");
}

#[test]
fn broken_xml_is_unreadable() {
    assert!(matches!(
        verdict("<feed><entry a='"),
        Verdict::Unreadable(Unreadable::Malformed(_))
    ));
    let deep = "<a>".repeat(100_000);
    assert_eq!(verdict(&deep), Verdict::Unreadable(Unreadable::TooComplex));
}

/// The entry of a feed that links to `https://ex.com/a`.
fn entry(text: &str) -> Entry {
    let url = Url::parse("https://source.example/feed").unwrap();
    let reading = read(text, &url, &TargetUrl::parse("https://ex.com/a").unwrap());
    let nameless = reading.trace.iter().find(|step| step.element.is_none());
    assert_eq!(nameless, None, "{text}");
    match reading.verdict {
        Verdict::Links(entry) => *entry,
        other => panic!("{other:?}: {text}"),
    }
}

#[test]
fn an_atom_entry_is_read_in_full() {
    let got = entry(
        r#"<feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0" xml:lang="de">
        <title>Notes</title><icon>/icon.png</icon><author><name>Ed</name></author><updated>2024-01-01T00:00:00Z</updated>
        <entry><title>Other</title><published>2001-01-01</published></entry>
        <entry xml:lang="en"><id>tag:source.example,2011:1</id><title type="html">On &lt;i&gt;links&lt;/i&gt; &amp;amp; webs</title>
        <link rel="self" href="https://source.example/1.atom"/><link rel="replies" href="/1/replies"/>
        <link href="https://source.example/1"/><link rel="enclosure" type="audio/mpeg" href="/1.mp3"/>
        <author><name>Ann</name><uri>/ann</uri><email>ann@source.example</email></author>
        <source><title>Elsewhere</title><updated>1999-01-01T00:00:00Z</updated></source>
        <published>2011-05-15T09:30:00+02:00</published><updated>2011-05-16T00:00:00Z</updated>
        <category term="links" label="Links"/><category term="webs"/>
        <summary>What it is about</summary>
        <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Have you read <a href="https://ex.com/a">this</a>, <b>dear</b> reader?</p><script>x()</script></div></content>
        </entry></feed>"#,
    );
    assert_eq!(got.kind, MentionKind::Mention);
    assert_eq!(got.title.as_deref(), Some("On links & webs"));
    assert_eq!(got.site_name.as_deref(), Some("Notes"));
    assert_eq!(
        got.site_icon.as_deref(),
        Some("https://source.example/icon.png")
    );
    assert_eq!(got.url, "https://source.example/1");
    let author = got.author.unwrap();
    assert_eq!(author.name.as_deref(), Some("Ann"));
    assert_eq!(author.url.as_deref(), Some("https://source.example/ann"));
    assert_eq!(got.published.unwrap().as_str(), "2011-05-15T09:30:00+02:00");
    assert_eq!(got.updated.unwrap().as_str(), "2011-05-16T00:00:00Z");
    assert_eq!(got.categories, ["Links", "webs"]);
    assert_eq!(got.audio, ["https://source.example/1.mp3"]);
    assert_eq!(got.summary.as_deref(), Some("What it is about"));
    assert_eq!(got.language.as_deref(), Some("en"));
    let content = got.content.unwrap();
    assert_eq!(
        content.html.unwrap().as_str(),
        "<p>Have you read <a href=\"https://ex.com/a\" rel=\"nofollow ugc noopener\">this</a>, <b>dear</b> reader?</p>"
    );
    assert_eq!(got.excerpt.unwrap().before, "Have you read ");
}

#[test]
fn an_rss_item_is_read_in_full() {
    let got = entry(
        r#"<rss version="2.0"><channel><title>Notes</title><link>https://source.example/</link><language>en-us</language>
        <image><title>Logo</title><url>https://source.example/logo.png</url><link>https://source.example/</link></image>
        <item><title>AT&amp;amp;T &amp;#8211; a &lt; b</title><link>https://elsewhere.example/1</link><guid>https://source.example/?p=1</guid>
        <dc:creator><![CDATA[Ann]]></dc:creator><author>ed@source.example (Ed)</author><category>links</category><category><![CDATA[links]]></category>
        <pubDate>Sun, 15 May 2011 09:30:00 +0000</pubDate><enclosure url="/f.mp4" type="video/mp4" length="1"/>
        <media:group><media:content url="/p.jpg" medium="image"/><media:title>Film</media:title></media:group>
        <description><![CDATA[<p>Have you read this [&#8230;]</p>]]></description>
        <content:encoded><![CDATA[<p>Have you read <a href="https://ex.com/a">this</a> yet, dear reader?</p><img src="/i.png">]]></content:encoded>
        </item></channel></rss>"#,
    );
    assert_eq!(got.title.as_deref(), Some("AT&T – a < b"));
    assert_eq!(got.url, "https://source.example/?p=1");
    assert_eq!(got.author.unwrap().name.as_deref(), Some("Ann"));
    assert_eq!(got.categories, ["links"]);
    assert_eq!(got.videos, ["https://source.example/f.mp4"]);
    assert_eq!(got.photos[0].url, "https://source.example/p.jpg");
    assert_eq!(
        got.site_icon.as_deref(),
        Some("https://source.example/logo.png")
    );
    assert_eq!(got.site_name.as_deref(), Some("Notes"));
    assert_eq!(got.language.as_deref(), Some("en-us"));
    assert_eq!(got.summary, None, "it is how the content begins");
    assert_eq!(
        got.content.unwrap().text,
        "Have you read this yet, dear reader?"
    );
}

#[test]
fn rdf_and_bare_descriptions_are_read_too() {
    let got = entry(
        r#"<rdf:RDF xmlns="http://purl.org/rss/1.0/"><channel rdf:about="https://source.example/"><title>Notes</title></channel>
        <item rdf:about="https://source.example/1"><title>Post</title><link>https://source.example/1</link><dc:date>2004-05-15T09:30:00Z</dc:date>
        <dc:subject>links</dc:subject><description>&lt;a href="https://ex.com/a"&gt;this&lt;/a&gt; is what I read.</description></item></rdf:RDF>"#,
    );
    assert_eq!(got.url, "https://source.example/1");
    assert_eq!(got.published.unwrap().as_str(), "2004-05-15T09:30:00Z");
    assert_eq!(got.categories, ["links"]);
    assert_eq!(got.content.unwrap().text, "this is what I read.");
    assert_eq!(got.summary, None);
}

#[test]
fn an_entry_that_answers_the_target_is_a_reply() {
    for (target, kind) in [
        ("https://ex.com/a", MentionKind::Reply),
        ("https://ex.com/b", MentionKind::Mention),
    ] {
        let got = entry(&format!(
            "<feed><entry><thr:in-reply-to ref='x' href='{target}'/><content type='html'>&lt;a href='https://ex.com/a'>it&lt;/a></content></entry></feed>"
        ));
        assert_eq!(got.kind, kind);
    }
}

#[test]
fn names_and_dates_that_readers_should_not_see_are_left_out() {
    for (author, want) in [
        ("ann@source.example (Ann Other)", Some("Ann Other")),
        ("ann@source.example", None),
        ("Ann Other", Some("Ann Other")),
    ] {
        let got = entry(&format!(
            "<rss><channel><item><author>{author}</author><pubDate>yesterday</pubDate><link>https://ex.com/a</link></item></channel></rss>"
        ));
        assert_eq!(got.author.and_then(|author| author.name).as_deref(), want);
        assert_eq!(got.published, None);
    }
}

#[test]
fn text_that_is_said_to_be_text_has_no_links_and_no_markup() {
    let text = "&lt;a href='https://ex.com/a'>x&lt;/a>";
    assert!(matches!(
        verdict(&format!(
            "<feed><entry><content type='text'>{}</content></entry></feed>",
            text.replace("/a'", "/a?x=1&amp;amp;y=2'")
        )),
        Verdict::NoLink { .. }
    ));
    let got = entry(&format!(
        "<feed><entry><link href='https://ex.com/a'/><content type='text'>{text}</content></entry></feed>"
    ));
    let content = got.content.unwrap();
    assert_eq!(
        (content.html, content.text.as_str()),
        (None, "<a href='https://ex.com/a'>x</a>")
    );
}

#[test]
fn feeds_without_measure_cost_no_more_than_their_length() {
    let nested = format!(
        "<feed><entry>{}<a href='https://ex.com/a?x=1&amp;y=2'/>{}</entry></feed>",
        "<content type='xhtml'>".repeat(400),
        "</content>".repeat(400)
    );
    assert!(matches!(verdict(&nested), Verdict::Links(_)));
    let long = format!(
        "<feed><entry><x{} y='{}'>{}</x></entry></feed>",
        "x".repeat(100_000),
        "y".repeat(100_000),
        "<category>a</category>".repeat(10_000)
    );
    assert!(matches!(verdict(&long), Verdict::NoLink { .. }));
    let many = format!(
        "<feed><entry>{}<link href='https://ex.com/a?x=1&amp;y=2'/></entry></feed>",
        "<category term='a'/><link rel='enclosure' type='image/png' href='/x'/>".repeat(10_000)
    );
    let Verdict::Links(got) = verdict(&many) else {
        panic!("no link");
    };
    assert_eq!((got.categories.len(), got.photos.len()), (1, 1));
}
