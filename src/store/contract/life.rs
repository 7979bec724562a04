//! What every store must do with a mention when its source is not what it was: doubt, bury, and find again.

use super::*;
use crate::model::{Failure, FailureKind};

pub(super) const POST: &str = "https://ann.example/post";
pub(super) const MOVED: &str = "https://new.example/post";
pub(super) const SECOND: &str = "https://blog.example/second";

/// Submits `from` and finishes it.
pub(super) async fn send(store: &dyn Store, from: &str, to: &str, outcome: Outcome) -> Finished {
    submit(store, from, to, Protocol::Webmention).await;
    let mut leased = claim(store, NOW).await;
    leased.retain(|one| one.source.as_str() == from && one.target.as_str() == to);
    store.finish(leased[0].lease, outcome, NOW).await.unwrap()
}

/// A page at `url` that says so of itself, and has moved there if `moved`.
pub(super) fn page_at(url: &str, moved: bool) -> Outcome {
    let mut page = publication(entry_at(url));
    page.moved_to = moved.then(|| source(url));
    Outcome::Publish(Box::new(page))
}

pub(super) fn unsure() -> Outcome {
    Outcome::NoLink {
        moved_to: None,
        near_misses: vec![],
        recheck_at: Some(NOW.plus(DAY)),
    }
}

/// The sources of what is shown, newest first.
pub(super) async fn sources(store: &dyn Store) -> Vec<String> {
    let shown = shown(store, TARGET).await;
    shown.iter().map(|m| m.source.as_str().to_owned()).collect()
}

/// The checks that are due at `now`: what is claimed of them.
pub(super) async fn checks(store: &dyn Store, now: Timestamp) -> Vec<Leased> {
    store.enqueue_checks(100, now).await.unwrap();
    claim(store, now).await
}

pub(super) async fn status_of(store: &dyn Store, from: &str) -> State {
    let status = store.status_of(&source(from), &target(TARGET)).await;
    status.unwrap().unwrap().state
}

pub(super) async fn a_doubt_keeps_a_mention_until_it_is_confirmed(store: &dyn Store) {
    send(store, POST, TARGET, publish()).await;
    let due = NOW.plus(DAY);
    let leased = checks(store, due).await.remove(0);
    store.finish(leased.lease, unsure(), due).await.unwrap();
    assert_eq!(sources(store).await, [POST]);
    assert!(matches!(
        status_of(store, POST).await,
        State::Accepted { .. }
    ));
    let leased = checks(store, due.plus(DAY)).await.remove(0);
    assert_eq!(leased.known.as_ref().unwrap().doubted_at, Some(due));
    let finished = store.finish(leased.lease, no_link(), due.plus(DAY)).await;
    assert_eq!(finished.unwrap(), Finished::Removed);
    assert_eq!(
        status_of(store, POST).await,
        State::Deleted(Removal::NoLink)
    );
}

pub(super) async fn a_tombstone_stays_until_the_source_links_again(store: &dyn Store) {
    send(store, POST, TARGET, publish()).await;
    send(store, POST, TARGET, gone()).await;
    let gone = State::Deleted(Removal::Gone);
    for outcome in [no_link(), failed(None)] {
        send(store, POST, TARGET, outcome).await;
        assert_eq!(status_of(store, POST).await, gone);
    }
    // Tombstones are never pruned.
    assert_eq!(store.prune(NOW.plus(DAY * 999), 9).await.unwrap(), 0);
    assert!(matches!(
        send(store, POST, TARGET, publish()).await,
        Finished::Added(_)
    ));
    assert_eq!(sources(store).await, [POST]);
}

pub(super) async fn a_dead_source_goes_and_says_why(store: &dyn Store) {
    send(store, POST, TARGET, publish()).await;
    let leased = checks(store, NOW.plus(DAY)).await.remove(0);
    let dead = Outcome::Dead(Failure {
        kind: FailureKind::Dns,
        detail: "no such name".into(),
    });
    let finished = store.finish(leased.lease, dead, NOW.plus(DAY)).await;
    assert_eq!(finished.unwrap(), Finished::Removed);
    assert_eq!(status_of(store, POST).await, State::Deleted(Removal::Dead));
}

pub(super) async fn a_page_that_is_gone_takes_no_mention_of_the_post_that_it_showed(
    store: &dyn Store,
) {
    let feed = "https://ann.example/";
    send(store, feed, TARGET, page_at(POST, false)).await;
    send(store, POST, SECOND, page_at(POST, false)).await;
    assert_eq!(send(store, feed, TARGET, gone()).await, Finished::Removed);
    assert!(sources(store).await.is_empty());
    assert_eq!(shown(store, SECOND).await.len(), 1);
}

pub(super) async fn a_source_that_is_gone_is_gone_from_every_page(store: &dyn Store) {
    for to in [TARGET, SECOND] {
        send(store, POST, to, page_at(POST, false)).await;
    }
    send(store, "https://bob.example/", TARGET, publish_at_bob()).await;
    assert_eq!(send(store, POST, SECOND, gone()).await, Finished::Removed);
    assert!(shown(store, SECOND).await.is_empty());
    assert_eq!(sources(store).await, ["https://bob.example/"]);
    assert_eq!(status_of(store, POST).await, State::Deleted(Removal::Gone));
}

fn publish_at_bob() -> Outcome {
    page_at("https://bob.example/", false)
}
