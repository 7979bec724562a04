//! Starting and stopping: what is under way ends, or is given back.

use std::time::Duration;

use crate::support::source_site::{SourcePage, SourceSite};
use crate::support::{PATIENCE, TestService, flags, in_time};
use linkback::app::{Role, Service};
use linkback::config::Config;
use linkback::model::Clock as _;
use linkback::model::{Protocol, SourceUrl, State, Submission, SystemClock, TargetUrl};
use linkback::store::Scope;

const TARGET: &str = "https://blog.example/post";

async fn submit(service: &Service, source: &str) -> linkback::store::Accepted {
    let submission = Submission {
        source: SourceUrl::parse(source).unwrap(),
        target: TargetUrl::parse(TARGET).unwrap(),
        protocol: Protocol::Webmention,
        vouch: None,
        code: None,
    };
    let site = service
        .store()
        .site_of(&submission.target)
        .await
        .unwrap()
        .unwrap();
    service
        .store()
        .accept(submission, site, SystemClock.now())
        .await
        .unwrap()
}

/// Starts a worker, submits a source that answers after `delay`, and stops once it was asked.
async fn stop_meanwhile(
    drain: Duration,
    delay: Duration,
) -> (Config, SourceSite, State, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let site = SourceSite::start();
    let source = site.put("/post", SourcePage::linking_to(TARGET).after(delay));
    let mut config =
        Config::load(&flags(folder.path().join("t.sqlite"), &["blog.example"])).unwrap();
    config.worker.drain = drain;
    let service = Service::start(&config, Role::Worker).await.unwrap();
    let accepted = submit(&service, &source).await;
    in_time("the source is asked", async {
        while site.requests() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    let store = std::sync::Arc::clone(service.store());
    service.stop().await.unwrap();
    let state = store.status(accepted.key).await.unwrap().unwrap().state;
    (config, site, state, folder)
}

#[actix_web::test]
async fn what_is_under_way_may_end_before_the_service_does() {
    let (_config, _site, state, _folder) =
        stop_meanwhile(PATIENCE, Duration::from_millis(300)).await;
    assert!(matches!(state, State::Accepted { .. }), "{state:?}");
}

#[actix_web::test]
async fn what_takes_too_long_is_given_back_and_taken_up_at_once() {
    let (mut config, site, state, _folder) =
        stop_meanwhile(Duration::from_millis(50), Duration::from_secs(60)).await;
    assert_eq!(state, State::Pending);
    site.put("/post", SourcePage::linking_to(TARGET));
    // Were the lease not given back, nobody could take the submission up in time.
    config.worker.lease = Duration::from_secs(600);
    let service = Service::start(&config, Role::Worker).await.unwrap();
    let page = Scope::from(TargetUrl::parse(TARGET).unwrap().page_key());
    let verified = async {
        while service.store().version(&page).await.unwrap().number.0 == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), verified)
        .await
        .expect("taken up at once");
    service.stop().await.unwrap();
}

#[actix_web::test]
async fn a_service_that_has_stopped_leaves_everything_in_one_file() {
    let service = TestService::start_filled(TARGET, 3).await;
    let listed = service.mentions(TARGET).await;
    assert_eq!(listed.len(), 3);
    let folder = service.stop_keeping().await;
    let files: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(files, ["t.sqlite"]);
}
