//! Salmention: those whom the owner's pages answer are told. indieweb.org/Salmention

use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::{HttpResponse, web};
use linkback::worker::TellTerms;

use crate::support::app_site::AppSite;
use crate::support::source_site::{SourcePage, SourceSite};
use crate::support::{TestService, in_time};

/// A site that takes webmentions, and keeps what it was sent.
struct UpstreamSite {
    site: AppSite,
    taken: Arc<Mutex<Vec<String>>>,
}

impl UpstreamSite {
    fn start() -> Self {
        let taken: Arc<Mutex<Vec<String>>> = Arc::default();
        let data = web::Data::from(Arc::clone(&taken));
        let site = AppSite::start([127, 0, 0, 2], move |routes| {
            routes
                .app_data(data.clone())
                .route("/original", web::get().to(original))
                .route("/take", web::post().to(take));
        });
        Self { site, taken }
    }

    fn original(&self) -> String {
        self.site.url("/original")
    }

    async fn await_pings(&self, count: usize) -> Vec<String> {
        let there = async {
            loop {
                let taken = self.taken.lock().unwrap().clone();
                if taken.len() >= count {
                    return taken;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        in_time("webmentions upstream", there).await
    }
}

async fn original() -> HttpResponse {
    let body =
        "<article class=h-entry>The original. <a rel=webmention href=take>Tell me</a></article>";
    HttpResponse::Ok().content_type("text/html").body(body)
}

async fn take(body: String, taken: web::Data<Mutex<Vec<String>>>) -> HttpResponse {
    taken.lock().unwrap().push(body);
    HttpResponse::Accepted().finish()
}

async fn telling(site: &str) -> TestService {
    TestService::start_with(&[site], |config| {
        config.worker.salmention = Some(TellTerms {
            delay: Duration::ZERO,
            interval: Duration::ZERO,
        });
    })
    .await
}

/// The owner's reply to the original, at the owner's own site.
fn reply_to(original: &str) -> SourcePage {
    SourcePage::html(&format!(
        "<article class=h-entry>I agree. <a class=u-in-reply-to href=\"{original}\">To</a></article>"
    ))
}

fn comment(target: &str, words: &str) -> SourcePage {
    SourcePage::html(&format!(
        "<article class=h-entry><p class=e-content>{words}</p>\
         <a class=u-in-reply-to href=\"{target}\">to</a></article>"
    ))
}

#[actix_web::test]
async fn whom_a_page_answers_is_told_when_its_mentions_change_and_only_then() {
    let (own, others, upstream) = (
        SourceSite::start(),
        SourceSite::start(),
        UpstreamSite::start(),
    );
    let service = telling(&own.url).await;
    let target = own.put("/reply", reply_to(&upstream.original()));
    let source = others.put("/comment", comment(&target, "So do I."));
    service.webmention(&source, &target).await;
    let want = crate::support::form(&[("source", &target), ("target", &upstream.original())]);
    assert_eq!(upstream.await_pings(1).await[0], want);
    // Sent again without a change: there is nothing to tell, or two who answer each other would tell each
    // other for ever.
    let seen = others.requests();
    service.webmention(&source, &target).await;
    let again = async {
        while others.requests() <= seen {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    in_time("the source is asked again", again).await;
    // An edit is told, and a mention that goes.
    others.put("/comment", comment(&target, "So do I, and more."));
    service.webmention(&source, &target).await;
    upstream.await_pings(2).await;
    others.put("/comment", SourcePage::status(410));
    service.webmention(&source, &target).await;
    service.await_mentions(&target, 0).await;
    upstream.await_pings(3).await;
    // What is told after that shows that there was nothing else.
    let other = own.put("/other", reply_to(&upstream.original()));
    let source = others.put("/more", comment(&other, "Me, too."));
    service.webmention(&source, &other).await;
    let last = crate::support::form(&[("source", &other), ("target", &upstream.original())]);
    let all = [want.clone(), want.clone(), want, last];
    assert_eq!(upstream.await_pings(4).await, all);
}

#[actix_web::test]
async fn nobody_is_told_unless_the_owner_wants_it_and_nobody_of_the_owners_own() {
    let (own, others, upstream) = (
        SourceSite::start(),
        SourceSite::start(),
        UpstreamSite::start(),
    );
    let service = TestService::start(&[&own.url]).await;
    let target = own.put("/reply", reply_to(&upstream.original()));
    let source = others.put("/comment", comment(&target, "So do I."));
    service.webmention(&source, &target).await;
    service.await_mentions(&target, 1).await;
    // Nobody has asked the owner's page what it answers.
    assert_eq!(own.requests(), 0);
    service.stop().await;
    let service = telling(&own.url).await;
    let first = own.put("/first", SourcePage::html("<p>First"));
    let second = own.put("/second", reply_to(&first));
    let source = others.put("/comment", comment(&second, "So do I."));
    service.webmention(&source, &second).await;
    let asked = async {
        while own.requests() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    in_time("the page is asked what it answers", asked).await;
    let third = own.put("/third", reply_to(&upstream.original()));
    let source = others.put("/other", comment(&third, "So do I."));
    service.webmention(&source, &third).await;
    assert_eq!(upstream.await_pings(1).await.len(), 1);
    assert_eq!(own.requests(), 2);
}

#[actix_web::test]
async fn a_page_that_cannot_be_planned_holds_up_no_other_and_is_told_of_later() {
    let (own, others, upstream) = (
        SourceSite::start(),
        SourceSite::start(),
        UpstreamSite::start(),
    );
    let service = telling(&own.url).await;
    let database = rusqlite::Connection::open(service.folder().join("t.sqlite")).unwrap();
    database.busy_timeout(Duration::from_secs(10)).unwrap();
    database
        .execute_batch(
            "CREATE TRIGGER trouble BEFORE INSERT ON ping WHEN new.source LIKE '%/trouble'
             BEGIN SELECT raise(ABORT, 'trouble'); END",
        )
        .unwrap();
    let [trouble, other] =
        ["/trouble", "/other"].map(|path| own.put(path, reply_to(&upstream.original())));
    for (path, target) in [("/1", &trouble), ("/2", &other)] {
        let source = others.put(path, comment(target, "So do I."));
        service.webmention(&source, target).await;
        service.await_mentions(target, 1).await;
    }
    let told = |target: &str| {
        crate::support::form(&[("source", target), ("target", &upstream.original())])
    };
    assert_eq!(upstream.await_pings(1).await, [told(&other)]);
    database.execute_batch("DROP TRIGGER trouble").unwrap();
    assert_eq!(
        upstream.await_pings(2).await,
        [told(&other), told(&trouble)]
    );
}
