//! The feeds of a running service against schemas of Atom and of RSS 2.0, by `xmllint`: a check that shares
//! no code with what wrote them. Where there is no `xmllint`, a test says so and passes.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use linkback::model::{
    Author, AuthoredTime, CleanHtml, Content, Entry, Excerpt, MentionKind, Rsvp,
};

use crate::support::{TestService, form, mentions};

const BLOG: &str = "https://blog.example";
const TARGET: &str = "https://blog.example/post";

const SCHEMAS: [(&str, &str); 2] = [
    ("atom", "tests/schemas/atom.rng"),
    ("rss", "tests/schemas/rss.rng"),
];

/// Whether there is an `xmllint`; said once if not.
fn is_there() -> bool {
    static IS_THERE: LazyLock<bool> = LazyLock::new(|| {
        let version = Command::new("xmllint").arg("--version").output();
        let is_there = version.is_ok_and(|output| output.status.success());
        if !is_there {
            eprintln!("skipped: there is no xmllint here (Debian: libxml2-utils)");
        }
        is_there
    });
    *IS_THERE
}

/// What `xmllint` has against a document; nothing if it keeps to the schema.
fn problems(schema: &str, document: &[u8]) -> Option<String> {
    let mut xmllint = Command::new("xmllint")
        .args(["--noout", "--nonet", "--relaxng", schema, "-"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It reads all before it says anything.
    let mut stdin = xmllint.stdin.take().unwrap();
    stdin.write_all(document).unwrap();
    drop(stdin);
    let output = xmllint.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    (!output.status.success()).then_some(said)
}

/// Words that XML has a meaning for, and characters that it cannot hold.
const HOSTILE: &str = "]]></title></entry></feed><![CDATA[ <!-- & &amp; &#0; \" ' \u{0}\u{1}\u{b}\u{7f}\u{85}\
                       \u{fffe}\u{ffff}\u{202e} \r\n\t <!DOCTYPE x [<!ENTITY y \"z\">]> &y; 日本語 🏳\u{200d}🌈";

/// Paths, queries and fragments that a URL may have, though RFC 3986 has other letters for them.
const ODD: [&str; 6] = [
    "?a[]=1&b=%zz|^`{}\\'",
    "/[x]/|^%25",
    "/ü ?ß=é#ö",
    "/?",
    "/#:~:text=a,-b",
    "/#[a]%|^",
];

/// One of each kind and of each answer to an invitation, each with everything that a feed tells; and what is
/// hard to tell: nothing at all, hostile words, and addresses, times and languages of every form.
fn entries() -> Vec<Entry> {
    let mut all = Vec::new();
    let mut next = |kind| {
        let at = format!("https://s{}.example/post", all.len());
        all.push(Entry::bare(kind, at));
        all.len() - 1
    };
    let kinds = MentionKind::ALL.map(&mut next);
    let answers = Rsvp::ALL.map(|_| next(MentionKind::Rsvp));
    let hostile = next(MentionKind::Reply);
    let odd = ODD.map(|_| next(MentionKind::Mention));
    for (n, place) in kinds.iter().chain(&answers).enumerate() {
        let entry = &mut all[*place];
        let html = "<p>Nein, <em>doch</em> &amp; “so”.<br></p>".to_owned();
        entry.also = vec![MentionKind::Like];
        entry.title = Some(format!("Über Größe & <Höhe> {n}"));
        entry.summary = Some("Kurz & gut".to_owned());
        entry.content = Some(Content {
            html: (n % 2 == 0).then(|| CleanHtml::from_sanitised(html)),
            text: "Nein, doch & “so”.".to_owned(),
        });
        entry.author = Some(Author {
            name: Some("Ann Æon".to_owned()),
            url: Some("https://ann.example/ä?b[]=c".to_owned()),
            photo: Some("https://ann.example/me.jpg".to_owned()),
        });
        let times = [
            "2026-05-04T09:30:00+02:00",
            "2026-05-04",
            "2026-05-04T09:30:00",
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59-12:00",
        ];
        entry.published = Some(AuthoredTime::from_checked(
            times[n % times.len()].to_owned(),
        ));
        entry.categories = vec!["köln".to_owned(), "a & b".to_owned()];
        let languages = ["de", "zh-Hant-TW", "\"><x", "e n", ""];
        entry.language = Some(languages[n % languages.len()].to_owned());
    }
    for (answer, place) in Rsvp::ALL.iter().zip(answers) {
        all[place].rsvp = Some(*answer);
    }
    let entry = &mut all[hostile];
    let text = || Some(HOSTILE.to_owned());
    entry.title = text();
    entry.summary = text();
    entry.excerpt = Some(Excerpt {
        before: HOSTILE.to_owned(),
        linked: HOSTILE.to_owned(),
        after: HOSTILE.to_owned(),
    });
    entry.content = Some(Content {
        html: None,
        text: HOSTILE.to_owned(),
    });
    entry.author = Some(Author {
        name: text(),
        url: Some("javascript:alert(1)".to_owned()),
        photo: None,
    });
    entry.categories = vec![HOSTILE.to_owned(), String::new()];
    entry.site_name = text();
    for (place, rest) in odd.into_iter().zip(ODD) {
        let url: url::Url = format!("https://odd.example{rest}").parse().unwrap();
        all[place].url = url.into();
    }
    all
}

async fn start(hub: Option<&str>) -> TestService {
    let service = TestService::start_serving(&[BLOG], |config| {
        config.websub.hub = hub.map(|hub| hub.parse().unwrap());
    })
    .await;
    mentions::store_entries(service.store().as_ref(), TARGET, &entries()).await;
    service
}

async fn document(service: &TestService, path: &str) -> Vec<u8> {
    let answer = service.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.body
}

/// The address of the page of a feed that follows, from its `Link`.
async fn next(service: &TestService, path: &str) -> Option<String> {
    let answer = service.get(path).await;
    let links = answer.headers.iter().filter(|(name, _)| name == "link");
    let next = links
        .filter(|(_, value)| value.ends_with("rel=\"next\""))
        .map(|(_, value)| value.split(['<', '>']).nth(1).unwrap())
        .next()?;
    Some(next[next.find("/feed").unwrap()..].to_owned())
}

#[actix_web::test]
async fn every_feed_keeps_to_its_schema() {
    if !is_there() {
        return;
    }
    let service = start(Some("http://127.0.0.1:1/hub?a=b&c")).await;
    let of_two = [("target", TARGET), ("target", "https://blog.example/two")];
    for (format, schema) in SCHEMAS {
        for parameters in [
            &[("target", TARGET)][..],
            &[("domain", "blog.example")],
            &of_two,
            &[("target", "https://blog.example/none"), ("limit", "9")],
            &[("domain", "nowhere.example")],
        ] {
            let path = format!("/feed.{format}?{}", form(parameters));
            let body = document(&service, &path).await;
            assert_eq!(problems(schema, &body), None, "{path}");
        }
        let whole = form(&[("target", TARGET), ("limit", "10")]);
        let mut path = Some(format!("/feed.{format}?{whole}"));
        let mut pages = 0;
        while let Some(page) = path {
            let body = document(&service, &page).await;
            assert_eq!(problems(schema, &body), None, "{page}");
            path = next(&service, &page).await;
            pages += 1;
        }
        assert_eq!(pages, entries().len().div_ceil(10));
    }
    let plain = start(None).await;
    for (format, schema) in SCHEMAS {
        let path = format!("/feed.{format}?{}", form(&[("target", TARGET)]));
        let body = document(&plain, &path).await;
        assert_eq!(problems(schema, &body), None, "{path}");
    }
}

#[actix_web::test]
async fn the_atom_feed_of_webmention_io_keeps_to_the_schema() {
    if !is_there() {
        return;
    }
    let service = start(None).await;
    for parameters in [
        &[("target", TARGET), ("per-page", "99")][..],
        &[("target", "https://blog.example/none")],
    ] {
        for path in ["/api/mentions.atom", "/api/links.atom"] {
            let path = format!("{path}?{}", form(parameters));
            let body = document(&service, &path).await;
            assert_eq!(problems(SCHEMAS[0].1, &body), None, "{path}");
        }
    }
}

#[actix_web::test]
async fn a_broken_feed_is_refused_by_its_schema() {
    if !is_there() {
        return;
    }
    let service = start(None).await;
    let breaks: [&[(&str, &str)]; 2] = [
        &[
            (
                "xmlns=\"http://www.w3.org/2005/Atom\"",
                "xmlns=\"http://purl.org/atom/ns#\"",
            ),
            (
                "<updated>",
                "<modified>2026-01-01T00:00:00Z</modified><updated>",
            ),
            ("+02:00</published>", "</published>"),
            ("<published>2026", "<published>"),
            ("<name>Ann Æon</name>", ""),
            ("<id>urn:uuid:", "<id>"),
            ("term=\"köln\"", "label=\"köln\""),
            ("xml:lang=\"zh-Hant-TW\"", "xml:lang=\"zh_Hant\""),
            ("content type=\"html\"", "content type=\"markdown\""),
            ("<summary", "<content>twice</content><summary"),
            (
                "href=\"https://s1.example/post\"",
                "href=\"https://s1.example/[post\"",
            ),
            ("thr:in-reply-to ref=", "thr:in-reply-to to="),
            ("</entry>", "</entry><id>urn:x</id>"),
        ],
        &[
            ("version=\"2.0\"", "version=\"0.91\""),
            (
                "<description>Mentions of blog.example/post</description>",
                "",
            ),
            ("<pubDate>Mon, 04 May", "<pubDate>Mon, 4. May"),
            (" GMT</pubDate>", "</pubDate>"),
            ("isPermaLink=\"false\"", "isPermaLink=\"no\""),
            (" isPermaLink=\"false\">urn:", ">"),
            ("<link>https://s1.example", "<link>s1.example"),
            ("<dc:creator>", "<author>Ann</author><dc:creator>"),
            ("<category>köln</category>", "<tag>köln</tag>"),
            ("thr:in-reply-to ref=", "thr:in-reply-to to="),
        ],
    ];
    for ((format, schema), breaks) in SCHEMAS.into_iter().zip(breaks) {
        let path = format!("/feed.{format}?{}", form(&[("target", TARGET)]));
        let whole = String::from_utf8(document(&service, &path).await).unwrap();
        for (from, to) in breaks {
            assert!(whole.contains(from), "{from} is not in {whole}");
            let broken = whole.replacen(from, to, 1);
            let found = problems(schema, broken.as_bytes());
            assert!(
                found.is_some_and(|found| found.contains("Relax-NG")),
                "{from}"
            );
        }
    }
}
