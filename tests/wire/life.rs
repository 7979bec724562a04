//! What is shown is looked after: a source is asked again as time goes by.

use std::sync::Arc;
use std::time::Duration;

use crate::support::source_site::{SourcePage, SourceSite};
use crate::support::{flags, in_time};
use linkback::app::{fetcher, open_store};
use linkback::config::Config;
use linkback::model::{
    Clock, Mention, Protocol, SourceUrl, State, Status, StatusKey, Submission, TargetUrl, Timestamp,
};
use linkback::store::{MentionQuery, Store};
use linkback::worker::Worker;

const TARGET: &str = "https://blog.example/post";
const THEN: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// A clock that stands.
struct At(Timestamp);

impl Clock for At {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// A store with one submission, and what works on it.
struct Life {
    config: Config,
    store: Arc<dyn Store>,
    key: StatusKey,
    _folder: tempfile::TempDir,
}

impl Life {
    async fn of(source: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config =
            Config::load(&flags(folder.path().join("t.sqlite"), &["blog.example"])).unwrap();
        let store = open_store(&config).unwrap();
        let site = store.add_site(&config.sites, THEN).await.unwrap();
        let submission = Submission {
            source: SourceUrl::parse(source).unwrap(),
            target: TargetUrl::parse(TARGET).unwrap(),
            protocol: Protocol::Webmention,
            vouch: None,
            code: None,
        };
        let accepted = store.accept(submission, site.id, THEN).await.unwrap();
        Self {
            config,
            store,
            key: accepted.key,
            _folder: folder,
        }
    }

    /// Has a worker work at that time until the source was asked.
    async fn work(&self, now: Timestamp) -> Status {
        let worker = Worker::new(
            Arc::clone(&self.store),
            fetcher(&self.config).unwrap(),
            Arc::new(At(now)),
            self.config.worker.clone(),
        );
        let asked = in_time("the source is asked", async {
            loop {
                let status = self.store.status(self.key).await.unwrap().unwrap();
                if status.checked_at == Some(now) {
                    return status;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let working = worker.run(async {
            // It is told, or the test has failed.
            let _ = stopped.await;
        });
        let (status, ()) = tokio::join!(
            async {
                let status = asked.await;
                stop.send(()).unwrap();
                status
            },
            working
        );
        status
    }

    async fn shown(&self) -> Option<Mention> {
        let page = TargetUrl::parse(TARGET).unwrap().page_key();
        let query = MentionQuery::newest(page, 2);
        let mut shown = self.store.mentions(&query).await.unwrap().mentions;
        assert!(shown.len() <= 1);
        shown.pop()
    }
}

#[actix_web::test]
async fn a_source_is_asked_again_whether_it_has_changed_and_is_believed_at_a_second_look() {
    let site = SourceSite::start();
    let page = SourcePage::linking_to(TARGET).with_header("etag", "\"1\"");
    let life = Life::of(&site.put("/post", page)).await;
    life.work(THEN).await;
    let first = life.shown().await.unwrap();
    // A day later nothing has changed.
    life.work(THEN.plus(DAY * 2)).await;
    assert_eq!((site.requests(), site.unchanged()), (2, 1));
    assert_eq!(life.shown().await.unwrap(), first);
    // A week later it has.
    let other = format!("<title>Another title</title><a href='{TARGET}'>it</a>");
    site.put(
        "/post",
        SourcePage::html(&other).with_header("etag", "\"2\""),
    );
    life.work(THEN.plus(DAY * 10)).await;
    let second = life.shown().await.unwrap();
    assert_eq!(second.entry.title.as_deref(), Some("Another title"));
    assert_eq!(
        (second.id, second.received_at),
        (first.id, first.received_at)
    );
    // A month later the link is not there, nor a day after that.
    site.put("/post", SourcePage::html("<p>Please accept our cookies."));
    let status = life.work(THEN.plus(DAY * 50)).await;
    assert!(matches!(status.state, State::Accepted { .. }), "{status:?}");
    assert_eq!(life.shown().await.unwrap(), second);
    let status = life.work(THEN.plus(DAY * 52)).await;
    assert!(matches!(status.state, State::Deleted(_)), "{status:?}");
    assert_eq!(life.shown().await, None);
}
