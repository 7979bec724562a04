//! Feeds on the wire: what is asked for, how it is cached, and that it reads back.

use linkback::model::{MentionKind, Page, TargetUrl, Verdict};
use linkback::parse::read_source;
use serde_json::Value;

use crate::support::source_site::{SourcePage, SourceSite};
use crate::support::{Answer, TestService, form, get, send};

const BLOG: &str = "https://blog.example";
const TARGET: &str = "https://blog.example/post";

const FORMATS: [(&str, &str); 5] = [
    ("json", "application/feed+json"),
    ("atom", "application/atom+xml; charset=utf-8"),
    ("rss", "application/rss+xml; charset=utf-8"),
    ("jf2", "application/jf2feed+json"),
    ("html", "text/html; charset=utf-8"),
];

/// A reply that has much to say.
fn reply(target: &str) -> SourcePage {
    SourcePage::html(&format!(
        "<html lang=de><body class=h-entry><a class=u-in-reply-to href='{target}'>re</a>\
         <h1 class=p-name>Über &lt;Größe&gt; &amp; Höhe</h1>\
         <time class=dt-published datetime='2026-05-04T09:30:00+02:00'></time>\
         <a class='p-author h-card' href='/'>Ann Æon</a> <a class=p-category href=/t>köln</a>\
         <div class=e-content><p>Nein, <em>doch</em>: <a href='{target}'>hier</a>.</p></div></body></html>"
    ))
}

async fn with_replies(count: usize) -> (SourceSite, TestService) {
    let site = SourceSite::start();
    let service = TestService::start(&[BLOG]).await;
    for n in 0..count {
        let source = site.put(&format!("/{n}"), reply(TARGET));
        assert_eq!(service.webmention(&source, TARGET).await.status, 201);
    }
    service.await_mentions(TARGET, count).await;
    (site, service)
}

async fn ask(service: &TestService, path: &str, headers: &str) -> Answer {
    let address = service.address;
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{headers}Connection: close\r\n\r\n");
    send(address, request.as_bytes()).await
}

fn path(format: &str, parameters: &[(&str, &str)]) -> String {
    format!("/feed.{format}?{}", form(parameters))
}

#[actix_web::test]
async fn a_feed_in_each_format_is_kept_until_it_changes() {
    let (site, service) = with_replies(1).await;
    for (format, content_type) in FORMATS {
        let path = path(format, &[("target", TARGET)]);
        let feed = ask(&service, &path, "").await;
        assert_eq!(feed.status, 200, "{}", feed.text());
        assert_eq!(feed.header("content-type"), Some(content_type));
        assert_eq!(
            feed.header("cache-control"),
            Some("public, max-age=60, stale-while-revalidate=600")
        );
        assert_eq!(feed.header("access-control-allow-origin"), Some("*"));
        assert!(feed.text().contains("Ann Æon"), "{}", feed.text());
        let etag = feed.header("etag").unwrap();
        let again = ask(&service, &path, &format!("If-None-Match: {etag}\r\n")).await;
        assert_eq!((again.status, again.body.len()), (304, 0));
        assert_eq!(again.header("etag"), Some(etag));
        let head = format!(
            "HEAD {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            service.address
        );
        let head = send(service.address, head.as_bytes()).await;
        assert_eq!((head.status, head.body.len()), (200, 0));
        assert_eq!(head.header("etag"), Some(etag));
        // The second in which it changed must be over before a date says anything.
        let date = "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT\r\n";
        let by_date = ask(&service, &path, date).await;
        assert_eq!(
            by_date.status == 304,
            by_date.header("last-modified").is_some(),
            "{:?}",
            by_date.headers
        );
        let old = "If-Modified-Since: Fri, 01 Jan 2010 00:00:00 GMT\r\n";
        assert_eq!(ask(&service, &path, old).await.status, 200);
    }
    let path = path("atom", &[("target", TARGET)]);
    let etag = ask(&service, &path, "").await;
    let etag = format!("If-None-Match: {}\r\n", etag.header("etag").unwrap());
    let source = site.put("/new", reply(TARGET));
    service.webmention(&source, TARGET).await;
    service.await_mentions(TARGET, 2).await;
    assert_eq!(ask(&service, &path, &etag).await.status, 200);
}

#[actix_web::test]
async fn what_is_not_understood_is_named_and_what_is_not_there_is_empty() {
    let service = TestService::start(&[BLOG]).await;
    for (query, name) in [
        ("", "target"),
        ("target=x", "target"),
        ("domain=%2F", "domain"),
        ("domain=blog.example/a", "domain"),
        ("domain=a.example&domain=b.example", "domain"),
        ("domain=blog.example&target=https://blog.example/", "domain"),
        ("target=https://blog.example/&limit=0", "limit"),
        ("target=https://blog.example/&limit=501", "limit"),
        ("target=https://blog.example/&cursor=x", "cursor"),
        ("target=https://blog.example/&page=2", "page"),
    ] {
        for (format, _) in FORMATS {
            let answer = service.get(&format!("/feed.{format}?{query}")).await;
            assert_eq!(answer.status, 400, "{query}");
            let said = answer.json();
            assert_eq!(said["error"], "invalid_parameter");
            let sentence = said["error_description"].as_str().unwrap();
            assert!(sentence.contains(&format!("“{name}”")), "{sentence}");
        }
    }
    let many: Vec<_> = std::iter::repeat_n(("target", TARGET), 101).collect();
    assert_eq!(service.get(&path("atom", &many)).await.status, 400);
    for parameters in [
        [("target", "https://nowhere.example/")],
        [("domain", "nowhere.example")],
    ] {
        for format in ["atom", "rss", "json"] {
            let feed = service.get(&path(format, &parameters)).await;
            assert_eq!(feed.status, 200);
            let feed = feed_rs::parser::parse(feed.body.as_slice()).unwrap();
            assert!(feed.entries.is_empty(), "{format}");
        }
    }
}

#[actix_web::test]
async fn the_pages_of_a_feed_follow_one_another() {
    let (_site, service) = with_replies(7).await;
    for (format, rel) in [("atom", "next"), ("json", "next")] {
        let mut path = path(format, &[("target", TARGET), ("limit", "3")]);
        let mut seen = Vec::new();
        for _ in 0..3 {
            let answer = service.get(&path).await;
            let feed = feed_rs::parser::parse(answer.body.as_slice()).unwrap();
            seen.extend(feed.entries.into_iter().map(|entry| entry.id));
            let links = answer.headers.iter().filter(|(name, _)| name == "link");
            let next = links
                .filter(|(_, value)| value.ends_with(&format!("rel=\"{rel}\"")))
                .map(|(_, value)| value.split(['<', '>']).nth(1).unwrap().to_owned())
                .next();
            if format == "json" {
                assert_eq!(answer.json()["next_url"].as_str(), next.as_deref());
            }
            match next {
                Some(next) => path = next[next.find("/feed").unwrap()..].to_owned(),
                None => break,
            }
        }
        assert_eq!(seen.len(), 7, "{format}");
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 7, "{format}: each once");
    }
}

#[actix_web::test]
async fn a_feed_is_of_a_page_of_several_or_of_a_host() {
    let site = SourceSite::start();
    let service = TestService::start(&[BLOG, "https://other.example"]).await;
    let pages = [TARGET, "https://blog.example/b", "https://other.example/c"];
    for (n, target) in pages.iter().enumerate() {
        let source = site.put(&format!("/{n}"), reply(target));
        service.webmention(&source, target).await;
        service.await_mentions(target, 1).await;
    }
    let targets = async |parameters: &[(&str, &str)]| {
        let feed = service.get(&path("json", parameters)).await.json();
        let items = feed["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|item| item["external_url"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    // Whatever the form of its address.
    let forms = [("target", "http://blog.example/post/#c")];
    assert_eq!(targets(&forms).await, [TARGET]);
    let two = [("target", pages[0]), ("target", pages[2])];
    assert_eq!(targets(&two).await, [pages[2], pages[0]]);
    for domain in ["blog.example", "https://blog.example/"] {
        assert_eq!(targets(&[("domain", domain)]).await, [pages[1], pages[0]]);
    }
}

#[actix_web::test]
async fn a_jf2_feed_is_read_back_as_what_it_tells_of() {
    let (_site, service) = with_replies(1).await;
    let answer = service.get(&path("jf2", &[("target", TARGET)])).await;
    let page = Page {
        url: format!("http://{}/feed.jf2", service.address)
            .parse()
            .unwrap(),
        status: 200,
        content_type: answer.header("content-type").map(str::to_owned),
        body: answer.body.clone(),
        truncated: false,
    };
    let target = TargetUrl::parse(TARGET).unwrap();
    let Verdict::Links(entry) = read_source(&page, &target).verdict else {
        panic!("{}", answer.text());
    };
    let shown = &service.mentions(TARGET).await[0];
    assert_eq!(entry.kind, MentionKind::Reply);
    assert_eq!(entry.title.as_deref(), Some("Über <Größe> & Höhe"));
    assert_eq!(entry.title.as_deref(), shown["title"].as_str());
    let author = entry.author.unwrap();
    assert_eq!(author.name.as_deref(), Some("Ann Æon"));
    assert_eq!(author.url.as_deref(), shown["author"]["url"].as_str());
    let published = entry.published.unwrap();
    assert_eq!(Some(published.as_str()), shown["published"].as_str());
    let content = entry.content.unwrap();
    assert_eq!(
        Some(content.text.as_str()),
        shown["content"]["text"].as_str()
    );
    let html = content.html.unwrap();
    assert_eq!(Some(html.as_str()), shown["content"]["html"].as_str());
    assert_eq!(entry.categories, ["köln"]);
    assert_eq!(entry.language.as_deref(), Some("de"));
    assert_eq!(entry.url, shown["url"].as_str().unwrap());
}

#[actix_web::test]
async fn feeds_are_found_from_our_pages_and_in_the_format_that_is_preferred() {
    let (_site, service) = with_replies(1).await;
    let page = get(
        service.address,
        &format!("/mentions?{}", form(&[("target", TARGET)])),
        "text/html",
    )
    .await;
    let home = get(service.address, "/", "text/html").await;
    for (answer, query) in [
        (&page, "target=https%3A%2F%2Fblog.example%2Fpost"),
        (&home, "domain=blog.example"),
    ] {
        let html = answer.text();
        for (format, media_type) in &FORMATS[..4] {
            let media_type = media_type.split(';').next().unwrap();
            let link = format!("<link rel=\"alternate\" type=\"{media_type}\"");
            let href = format!("href=\"http://{}/feed.{format}?{query}\"", service.address);
            assert!(html.contains(&link) && html.contains(&href), "{html}");
        }
    }
    let embed = format!("/embed?{}", form(&[("target", TARGET)]));
    let embed = get(service.address, &embed, "text/html").await;
    for answer in [&page, &embed] {
        let link = answer.header("link").unwrap();
        assert!(
            link.contains("rel=\"alternate\"; type=\"application/atom+xml\""),
            "{link}"
        );
    }
    for (accept, want) in [
        ("application/feed+json", "application/feed+json"),
        (
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "text/html",
        ),
        (
            "application/rss+xml;q=0.5, application/atom+xml;q=0.4",
            "application/rss+xml",
        ),
        ("*/*", "application/atom+xml"),
    ] {
        let path = format!("/feed?{}", form(&[("target", TARGET)]));
        let answer = get(service.address, &path, accept).await;
        let content_type = answer.header("content-type").unwrap();
        assert!(content_type.starts_with(want), "{accept}: {content_type}");
        let vary = answer.headers.iter().filter(|(name, _)| name == "vary");
        assert!(
            vary.clone().any(|(_, value)| value.contains("accept")),
            "{:?}",
            answer.headers
        );
    }
    // Who asks for a format by its path gets it, whatever else they prefer.
    let atom = get(
        service.address,
        &path("atom", &[("target", TARGET)]),
        "text/html",
    )
    .await;
    assert!(atom.text().starts_with("<?xml"));
    let json: Value = service
        .get(&path("json", &[("target", TARGET)]))
        .await
        .json();
    assert_eq!(json["items"][0]["_linkback"]["kind"], "reply");
}

#[actix_web::test]
async fn a_feed_is_sent_compressed_as_its_reader_takes_it_and_made_once() {
    let (site, service) = with_replies(5).await;
    let path = path("atom", &[("target", TARGET)]);
    let plain = ask(&service, &path, "").await;
    assert_eq!(plain.header("content-encoding"), None);
    for _ in 0..2 {
        let packed = ask(&service, &path, "Accept-Encoding: gzip, br\r\n").await;
        assert_eq!(packed.header("content-encoding"), Some("br"));
        assert_eq!(packed.header("vary"), Some("accept-encoding"));
        assert_eq!(packed.header("etag"), plain.header("etag"));
        let mut opened = Vec::new();
        brotli_decompressor::BrotliDecompress(&mut packed.body.as_slice(), &mut opened).unwrap();
        assert_eq!(opened, plain.body);
        assert!(packed.body.len() < plain.body.len() / 2);
    }
    // What this process changes is seen at once.
    let source = site.put("/more", reply(TARGET));
    service.webmention(&source, TARGET).await;
    service.await_mentions(TARGET, 6).await;
    let now = ask(&service, &path, "").await;
    assert_eq!(now.text().matches("<entry>").count(), 6);
    // And the same question of another host has that host in it.
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: other.example\r\nConnection: close\r\n\r\n");
    let other = send(service.address, request.as_bytes()).await;
    assert!(
        other
            .text()
            .contains("href=\"http://other.example/feed.atom?"),
        "{}",
        other.text()
    );
}
