//! What has changed of a site, for who keeps a copy.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use serde_json::Value;

use crate::support::source_site::{SourcePage, SourceSite};
use crate::support::{TestService, form, in_time};

const BLOG: &str = "https://blog.example";

/// Who keeps a copy.
struct Copy {
    next: String,
    mentions: BTreeMap<i64, Value>,
    answers: usize,
}

impl Copy {
    fn new() -> Self {
        Self {
            next: "0".to_owned(),
            mentions: BTreeMap::new(),
            answers: 0,
        }
    }

    /// Reads all that has changed, a little at a time.
    async fn update(&mut self, service: &TestService) {
        loop {
            let parameters = [("site", BLOG), ("since", &self.next), ("limit", "3")];
            let path = format!("/api/v1/site.json?{}", form(&parameters));
            let answer = service.get(&path).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            let answer = answer.json();
            for gone in answer["deleted"].as_array().unwrap() {
                self.mentions.remove(&gone["id"].as_i64().unwrap());
            }
            for mention in answer["changed"].as_array().unwrap() {
                let id = mention["id"].as_i64().unwrap();
                self.mentions.insert(id, mention.clone());
            }
            self.answers += 1;
            let next = answer["next"].as_str().unwrap().to_owned();
            let more = answer["more"].as_bool().unwrap();
            assert!(!more || next != self.next, "it gets on: {answer}");
            self.next = next;
            if !more {
                return;
            }
        }
    }

    async fn assert_is_what_is_shown(&self, service: &TestService, targets: &[&str]) {
        let mut shown = BTreeMap::new();
        for target in targets {
            for mention in service.mentions(target).await {
                shown.insert(mention["id"].as_i64().unwrap(), mention);
            }
        }
        assert_eq!(self.mentions, shown);
    }
}

#[actix_web::test]
async fn who_follows_the_changes_has_what_is_shown_whoever_writes_meanwhile() {
    let site = SourceSite::start();
    let service = TestService::start(&[BLOG]).await;
    let targets = ["https://blog.example/a", "https://blog.example/b"];
    let mut copy = Copy::new();
    copy.update(&service).await;
    assert!(copy.mentions.is_empty());
    let sources: Vec<_> = (0..24)
        .map(|n| {
            let target = targets[n % 2];
            (
                site.put(&format!("/{n}"), SourcePage::linking_to(target)),
                target,
            )
        })
        .collect();
    let send_all = async {
        join_all(
            sources
                .iter()
                .map(|(source, target)| service.webmention(source, target)),
        )
        .await;
    };
    let follow = async {
        while copy.mentions.len() < 24 {
            copy.update(&service).await;
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(send_all, follow);
    copy.assert_is_what_is_shown(&service, &targets).await;
    // A third goes, a third says something else, one comes back.
    for (n, (source, target)) in sources.iter().enumerate() {
        let page = match n % 3 {
            0 => SourcePage::status(410),
            1 => SourcePage::html(&format!("<title>New</title><a href='{target}'>x</a>")),
            _ => continue,
        };
        site.put(&format!("/{n}"), page);
        let answer = service.webmention(source, target).await;
        service.await_status(&answer).await;
        copy.update(&service).await;
    }
    in_time("all verdicts", async {
        loop {
            let mut titles = Vec::new();
            for target in targets {
                let shown = service.mentions(target).await;
                titles.extend(shown.into_iter().map(|mention| mention["title"].clone()));
            }
            let new = titles.iter().filter(|title| **title == "New").count();
            if (titles.len(), new) == (16, 8) {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await;
    copy.update(&service).await;
    copy.assert_is_what_is_shown(&service, &targets).await;
    site.put("/0", SourcePage::linking_to(targets[0]));
    service.webmention(&sources[0].0, targets[0]).await;
    service.await_mentions(targets[0], 9).await;
    copy.update(&service).await;
    copy.assert_is_what_is_shown(&service, &targets).await;
    // One who begins now has the same.
    let mut fresh = Copy::new();
    fresh.update(&service).await;
    fresh.assert_is_what_is_shown(&service, &targets).await;
    assert!(fresh.answers > 3, "in several answers");
}

#[actix_web::test]
async fn what_has_not_changed_is_304_and_what_is_wrong_is_named() {
    let service = TestService::start(&[BLOG]).await;
    let path = format!("/api/v1/site.json?{}", form(&[("site", BLOG)]));
    let first = service.get(&path).await;
    let etag = first.header("etag").unwrap();
    assert_eq!(service.get_again(&path, etag).await.status, 304);
    for (query, name) in [
        ("", "site"),
        ("site=nowhere.example", "site"),
        ("site=%2F", "site"),
        ("site=blog.example&site=blog.example", "site"),
        ("site=blog.example&since=yesterday", "since"),
        ("site=blog.example&limit=0", "limit"),
        ("site=blog.example&target=x", "target"),
    ] {
        let answer = service.get(&format!("/api/v1/site.json?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        let sentence = answer.json()["error_description"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(sentence.contains(&format!("“{name}”")), "{sentence}");
    }
}
