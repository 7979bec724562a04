//! Readers who have a page open while its mentions change.

use std::net::SocketAddr;

use linkback::model::Clock as _;
use linkback::model::{Pattern, SystemClock};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::source_site::{SourcePage, SourceSite};
use crate::support::{TestService, in_time};

const BLOG: &str = "https://blog.example";
const TARGET: &str = "https://blog.example/post";
const PATH: &str = "/api/v1/events?target=https%3A%2F%2Fblog.example%2Fpost";

/// A connection by which the service tells what happens.
struct Reader {
    stream: TcpStream,
    read: String,
}

/// One event.
#[derive(Debug)]
struct Event {
    name: String,
    id: String,
    data: Value,
}

impl Reader {
    async fn open(address: SocketAddr, path: &str, headers: &str) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut reader = Self {
            stream,
            read: String::new(),
        };
        while !reader.read.contains("\r\n\r\n") {
            assert!(reader.more().await, "{}", reader.read);
        }
        reader
    }

    fn status(&self) -> &str {
        &self.read[9..12]
    }

    /// Reads on; whether there was anything.
    async fn more(&mut self) -> bool {
        let mut buffer = [0; 4096];
        let read = in_time("more", self.stream.read(&mut buffer)).await;
        let read = read.unwrap_or(0);
        self.read
            .push_str(&String::from_utf8_lossy(&buffer[..read]));
        read > 0
    }

    /// The next event; `None` at the end of the connection.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(start) = self.read.find("event: ")
                && let Some(end) = self.read[start..].find("\n\n")
            {
                let text = self.read[start..start + end].to_owned();
                self.read.drain(..start + end);
                let field = |name: &str| {
                    let line = text.lines().find_map(|line| line.strip_prefix(name));
                    line.unwrap_or_default().to_owned()
                };
                return Some(Event {
                    name: field("event: "),
                    id: field("id: "),
                    data: serde_json::from_str(&field("data: ")).unwrap(),
                });
            }
            if !self.more().await {
                return None;
            }
        }
    }
}

#[actix_web::test]
async fn a_mention_appears_changes_and_goes_under_an_open_article() {
    let service = TestService::start(&[BLOG]).await;
    let site = SourceSite::start();
    let mut reader = Reader::open(service.address, PATH, "").await;
    assert_eq!(reader.status(), "200");
    let head = reader.read.to_lowercase();
    assert!(head.contains("content-type: text/event-stream"), "{head}");
    assert!(head.contains("access-control-allow-origin: *"), "{head}");
    let source = site.put("/a", SourcePage::linking_to(TARGET));
    service.webmention(&source, TARGET).await;
    let added = reader.next().await.unwrap();
    assert_eq!(added.name, "mention");
    assert_eq!(added.data["source"], source.as_str());
    // The same as a reader who asks is given.
    assert_eq!(
        service.mentions(TARGET).await,
        std::slice::from_ref(&added.data)
    );
    let body = format!("<title>Another word</title><a href='{TARGET}'>it</a>");
    site.put("/a", SourcePage::html(&body));
    service.webmention(&source, TARGET).await;
    let updated = reader.next().await.unwrap();
    assert_eq!(updated.data["title"], "Another word");
    assert_eq!(updated.data["id"], added.data["id"]);
    site.put("/a", SourcePage::status(410));
    service.webmention(&source, TARGET).await;
    let gone = reader.next().await.unwrap();
    assert_eq!(gone.name, "deleted");
    assert_eq!(gone.data["id"], added.data["id"]);
}

#[actix_web::test]
async fn who_comes_back_is_told_whether_anything_has_changed_meanwhile() {
    let service = TestService::start(&[BLOG]).await;
    let site = SourceSite::start();
    let source = site.put("/a", SourcePage::linking_to(TARGET));
    service.webmention(&source, TARGET).await;
    service.await_mentions(TARGET, 1).await;
    let address = service.address;
    let page = service
        .get(&format!("/api/v1/mentions{}", &PATH[14..]))
        .await;
    let version = page.json()["version"].as_i64().unwrap();
    for (path, header) in [
        (format!("{PATH}&version=7"), String::new()),
        (PATH.to_owned(), "Last-Event-ID: 7\r\n".to_owned()),
        // What the browser has seen since counts.
        (
            format!("{PATH}&version={version}"),
            "Last-Event-ID: 7\r\n".to_owned(),
        ),
    ] {
        let mut reader = Reader::open(address, &path, &header).await;
        let event = reader.next().await.unwrap();
        assert_eq!(
            (&*event.name, &*event.id),
            ("changed", &*version.to_string())
        );
        assert_eq!(event.data["version"], version);
    }
    // Who has this version hears of the next one only, also by another process.
    let mut reader = Reader::open(address, &format!("{PATH}&version={version}"), "").await;
    let other = service.open_store();
    let pattern = Pattern::host("127.0.0.1").unwrap();
    let purged = other.purge(&pattern, None, SystemClock.now()).await;
    assert_eq!(purged.unwrap(), 1);
    assert_eq!(reader.next().await.unwrap().name, "deleted");
}

#[actix_web::test]
async fn readers_are_let_go_when_the_service_stops() {
    let service = TestService::start(&[BLOG]).await;
    let mut reader = Reader::open(service.address, PATH, "").await;
    in_time("the end", service.stop()).await;
    assert!(reader.next().await.is_none());
}

#[actix_web::test]
async fn there_are_only_so_many_readers_and_a_place_is_free_again() {
    let service = TestService::start_with(&[BLOG], |config| config.http.live_readers = 2).await;
    let address = service.address;
    let first = Reader::open(address, PATH, "").await;
    let _second = Reader::open(address, PATH, "").await;
    let third = service.get(PATH).await;
    assert_eq!(third.status, 503);
    assert_eq!(third.json()["error"], "too_many_readers");
    assert!(third.header("retry-after").is_some());
    drop(first);
    // That it has gone shows when there is something to tell it.
    let site = SourceSite::start();
    in_time("a free place", async {
        for n in 0.. {
            let source = site.put(&format!("/{n}"), SourcePage::linking_to(TARGET));
            service.webmention(&source, TARGET).await;
            service.await_mentions(TARGET, n + 1).await;
            if Reader::open(address, PATH, "").await.status() == "200" {
                break;
            }
        }
    })
    .await;
    let off = TestService::start_with(&[BLOG], |config| config.http.live_readers = 0).await;
    assert_eq!(off.get(PATH).await.status, 404);
}

#[actix_web::test]
async fn a_wrong_question_is_told_what_is_wrong() {
    let service = TestService::start(&[BLOG]).await;
    for (query, want) in [
        ("", "“target” is missing"),
        ("?target=x", "“target” is not a URL"),
        (
            "?target=https%3A%2F%2Fb.example&version=x",
            "“version” must be",
        ),
        (
            "?target=https%3A%2F%2Fb.example&limit=1",
            "“limit” does not exist",
        ),
    ] {
        let answer = service.get(&format!("/api/v1/events{query}")).await;
        assert_eq!(answer.status, 400);
        assert!(answer.text().contains(want), "{}", answer.text());
    }
}
