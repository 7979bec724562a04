//! A hub is told of what changes, also of what changed while it, or we, were away.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use linkback::app::{Role, Service};
use linkback::config::Config;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use crate::support::source_site::{SourcePage, SourceSite};
use crate::support::{self, form, get, in_time, post};

const BLOG: &str = "https://blog.example";
const TARGET: &str = "https://blog.example/post";
const OURS: &str = "https://lb.example/";

/// A hub that answers as it is told to, and remembers what it was told.
struct Hub {
    url: String,
    said: Arc<Said>,
}

#[derive(Default)]
struct Said {
    topics: Mutex<Vec<String>>,
    /// The status that it answers with; nothing is remembered unless it is a success.
    status: Mutex<u16>,
    requests: Mutex<usize>,
    news: Notify,
}

impl Hub {
    async fn start(status: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hub", listener.local_addr().unwrap());
        let said = Arc::new(Said::default());
        *said.status.lock().unwrap() = status;
        let hub = Arc::clone(&said);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&hub)));
            }
        });
        Self { url, said }
    }

    fn answers(&self, status: u16) {
        *self.said.status.lock().unwrap() = status;
    }

    /// What it was told of, each once, since this was last asked; as soon as it is `count` feeds.
    async fn topics(&self, count: usize) -> BTreeSet<String> {
        let all = async {
            loop {
                let news = self.said.news.notified();
                let topics: BTreeSet<_> =
                    self.said.topics.lock().unwrap().iter().cloned().collect();
                if topics.len() >= count {
                    self.said.topics.lock().unwrap().clear();
                    return topics;
                }
                news.await;
            }
        };
        in_time("the hub to be told", all).await
    }

    /// When it has been asked that often.
    async fn asked(&self, times: usize) {
        let asked = async {
            loop {
                let news = self.said.news.notified();
                if *self.said.requests.lock().unwrap() >= times {
                    return;
                }
                news.await;
            }
        };
        in_time("the hub to be asked", asked).await;
    }
}

async fn answer(mut stream: TcpStream, said: Arc<Said>) {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    let body = loop {
        let read = stream.read(&mut buffer).await.unwrap_or(0);
        if read == 0 {
            return;
        }
        request.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&request).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim().parse::<usize>())
        });
        if body.len() >= length.unwrap().unwrap() {
            assert!(head.starts_with("POST /hub HTTP/1.1"), "{head}");
            break body.to_owned();
        }
    };
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect();
    let field = |name: &str| {
        fields
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.clone())
    };
    assert_eq!(field("hub.mode").as_deref(), Some("publish"));
    let status = *said.status.lock().unwrap();
    if status == 204 {
        said.topics.lock().unwrap().push(field("hub.url").unwrap());
    }
    *said.requests.lock().unwrap() += 1;
    let answer = format!("HTTP/1.1 {status} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let _ = stream.write_all(answer.as_bytes()).await;
    said.news.notify_one();
}

/// The service on a database in `folder`, with this hub.
async fn start(folder: &Path, hub: &Hub) -> Service {
    let mut config = Config::load(&support::flags(folder.join("t.sqlite"), &[BLOG])).unwrap();
    config.worker.manners = linkback::worker::Manners::default();
    config.public_url = Some(OURS.parse().unwrap());
    config.websub.hub = Some(hub.url.parse().unwrap());
    config.websub.pause = Duration::from_millis(50);
    Service::start(&config, Role::Everything).await.unwrap()
}

async fn mention(service: &Service, source: &str, target: &str) {
    let body = form(&[("source", source), ("target", target)]);
    let form = "application/x-www-form-urlencoded";
    let answer = post(
        service.address().unwrap(),
        "/webmention",
        form,
        body.as_bytes(),
    )
    .await;
    assert_eq!(answer.status, 201);
}

/// The feeds that change with a page.
fn feeds_of(page: &str) -> BTreeSet<String> {
    ["json", "atom", "rss"]
        .into_iter()
        .flat_map(|format| {
            [
                format!("{OURS}feed.{format}?{}", form(&[("target", page)])),
                format!("{OURS}feed.{format}?domain=blog.example"),
            ]
        })
        .collect()
}

#[actix_web::test]
async fn a_hub_is_told_of_the_feeds_that_name_it() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(204).await;
    let service = start(folder.path(), &hub).await;
    let site = SourceSite::start();
    let source = site.put("/a", SourcePage::linking_to(TARGET));
    mention(&service, &source, TARGET).await;
    let told = hub.topics(6).await;
    assert_eq!(told, feeds_of(TARGET));
    // Each names the hub and itself by that very URL.
    let address = service.address().unwrap();
    for topic in &told {
        let path = topic.strip_prefix(OURS.trim_end_matches('/')).unwrap();
        let feed = get(address, path, "*/*").await;
        let links: Vec<_> = feed
            .headers
            .iter()
            .filter(|(name, _)| name == "link")
            .collect();
        let names = |rel: &str, url: &str| {
            let value = format!("<{url}>; rel=\"{rel}\"");
            links.iter().any(|(_, link)| *link == value)
        };
        assert!(names("self", topic) && names("hub", &hub.url), "{links:?}");
        let read = feed_rs::parser::parse(feed.body.as_slice()).unwrap();
        assert_eq!(read.entries.len(), 1);
        assert!(feed.text().contains(&hub.url), "{}", feed.text());
    }
    // Nobody is told of a later page of a feed, nor of one of several pages.
    for path in [
        "/feed.atom?domain=blog.example&limit=1",
        "/feed.atom?target=https://blog.example/a&target=https://blog.example/b",
    ] {
        let feed = get(address, path, "*/*").await;
        assert!(!feed.text().contains(&hub.url), "{}", feed.text());
    }
    // What goes is a change as well.
    site.put("/a", SourcePage::status(410));
    mention(&service, &source, TARGET).await;
    assert_eq!(hub.topics(6).await, feeds_of(TARGET));
    service.stop().await.unwrap();
}

#[actix_web::test]
async fn what_changed_while_the_hub_or_we_were_away_is_told_later() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(503).await;
    let service = start(folder.path(), &hub).await;
    let site = SourceSite::start();
    let source = site.put("/a", SourcePage::linking_to(TARGET));
    mention(&service, &source, TARGET).await;
    // It is tried again, and then we go.
    hub.asked(4).await;
    service.stop().await.unwrap();
    assert!(hub.said.topics.lock().unwrap().is_empty());
    hub.answers(204);
    let service = start(folder.path(), &hub).await;
    assert_eq!(hub.topics(6).await, feeds_of(TARGET));
    // Of what is told there is no second word: what comes next is about another page alone.
    service.stop().await.unwrap();
    let service = start(folder.path(), &hub).await;
    let other = "https://blog.example/other";
    let source = site.put("/b", SourcePage::linking_to(other));
    mention(&service, &source, other).await;
    assert_eq!(hub.topics(6).await, feeds_of(other));
    service.stop().await.unwrap();
}

#[actix_web::test]
async fn a_feed_that_the_hub_does_not_take_keeps_no_other_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(400).await;
    let service = start(folder.path(), &hub).await;
    let site = SourceSite::start();
    let source = site.put("/a", SourcePage::linking_to(TARGET));
    mention(&service, &source, TARGET).await;
    hub.asked(6).await;
    hub.answers(204);
    let other = "https://blog.example/other";
    let source = site.put("/b", SourcePage::linking_to(other));
    mention(&service, &source, other).await;
    assert_eq!(hub.topics(6).await, feeds_of(other));
    service.stop().await.unwrap();
}
