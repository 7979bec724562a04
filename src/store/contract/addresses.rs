//! What every store must make of the addresses of one source: one mention, which only the page itself can
//! take away.

use super::life::*;
use super::*;
use crate::store::Occasion;

pub(super) async fn http_and_https_of_a_source_are_one_mention(store: &dyn Store) {
    let plain = "http://ann.example/post";
    let Finished::Added(id) = send(store, plain, TARGET, page_at(plain, false)).await else {
        panic!("not added");
    };
    let again = send(store, POST, TARGET, page_at(POST, false)).await;
    assert_eq!(again, Finished::Updated(id));
    assert_eq!(sources(store).await, [POST]);
    assert_eq!(
        send(store, plain, TARGET, no_link()).await,
        Finished::Removed
    );
    assert_eq!(
        status_of(store, POST).await,
        State::Deleted(Removal::NoLink)
    );
}

pub(super) async fn a_source_that_moves_for_good_keeps_its_mention(store: &dyn Store) {
    let Finished::Added(id) = send(store, POST, TARGET, page_at(POST, false)).await else {
        panic!("not added");
    };
    let moved = send(store, POST, TARGET, page_at(MOVED, true)).await;
    assert_eq!(moved, Finished::Updated(id));
    assert_eq!(sources(store).await, [MOVED]);
    // By either address it is the same mention from now on, and it is asked at the new one.
    for from in [MOVED, POST] {
        let again = send(store, from, TARGET, page_at(MOVED, from == POST)).await;
        assert_eq!(again, Finished::Updated(id));
        assert!(matches!(
            status_of(store, from).await,
            State::Accepted { .. }
        ));
    }
    let check = checks(store, NOW.plus(DAY)).await.remove(0);
    assert_eq!(check.source.as_str(), MOVED);
    assert!(check.known.is_some());
    let gone = Outcome::Gone {
        moved_to: Some(source(MOVED)),
    };
    assert_eq!(send(store, POST, TARGET, gone).await, Finished::Removed);
}

pub(super) async fn two_mentions_that_turn_out_to_be_one_page_become_one(store: &dyn Store) {
    let Finished::Added(first) = send(store, POST, TARGET, page_at(POST, false)).await else {
        panic!("not added");
    };
    let second = send(store, MOVED, TARGET, page_at(MOVED, false)).await;
    assert!(matches!(second, Finished::Added(_)));
    let moved = send(store, POST, TARGET, page_at(MOVED, true)).await;
    assert_eq!(moved, Finished::Updated(first));
    assert_eq!(sources(store).await, [MOVED]);
    for from in [MOVED, POST] {
        let State::Accepted { id, .. } = status_of(store, from).await else {
            panic!("not accepted");
        };
        assert_eq!(id, first);
    }
}

pub(super) async fn addresses_that_a_page_calls_its_own_on_its_host_are_one_mention(
    store: &dyn Store,
) {
    let (feed, short) = ("https://ann.example/", "https://ann.example/?p=1");
    let Finished::Added(id) = send(store, short, TARGET, page_at(POST, false)).await else {
        panic!("not added");
    };
    for from in [POST, feed] {
        let again = send(store, from, TARGET, page_at(POST, false)).await;
        assert_eq!(again, Finished::Updated(id));
    }
    // It is asked at its own address, whatever else showed it once.
    assert_eq!(sources(store).await, [POST]);
    assert_eq!(send(store, feed, TARGET, no_link()).await, Finished::Noted);
    assert_eq!(sources(store).await, [POST]);
    // … and so it is, at once.
    let check = claim_one(store, NOW).await;
    assert_eq!(
        (check.source.as_str(), check.occasion),
        (POST, Occasion::OtherTarget)
    );
}

pub(super) async fn who_only_leads_to_a_page_cannot_take_its_mention_away(store: &dyn Store) {
    let evil = "https://evil.example/x";
    let Finished::Added(id) = send(store, POST, TARGET, page_at(POST, false)).await else {
        panic!("not added");
    };
    // It redirects to the page for good: that is the page's own mention.
    let led = send(store, evil, TARGET, page_at(POST, true)).await;
    assert_eq!(led, Finished::Updated(id));
    for outcome in [no_link(), gone(), unsure(), failed(None)] {
        assert_eq!(send(store, evil, TARGET, outcome).await, Finished::Noted);
        assert_eq!(sources(store).await, [POST]);
        // The page itself is asked instead, and answers.
        for check in claim(store, NOW).await {
            assert_eq!(check.source.as_str(), POST);
            let page = page_at(POST, false);
            store.finish(check.lease, page, NOW).await.unwrap();
        }
        send(store, evil, TARGET, page_at(POST, true)).await;
    }
    // What it says itself is its own mention, not another's.
    let own = send(store, evil, TARGET, page_at(evil, false)).await;
    assert!(matches!(own, Finished::Added(other) if other != id));
    assert_eq!(sources(store).await, [evil, POST]);
}

pub(super) async fn a_page_that_claims_anothers_address_is_its_own_mention(store: &dyn Store) {
    let evil = "https://evil.example/x";
    send(store, POST, TARGET, page_at(POST, false)).await;
    let claimed = send(store, evil, TARGET, page_at(POST, false)).await;
    assert!(matches!(claimed, Finished::Added(_)));
    assert_eq!(sources(store).await, [POST]);
    assert_eq!(send(store, evil, TARGET, gone()).await, Finished::Removed);
    assert_eq!(sources(store).await, [POST]);
}

pub(super) async fn a_page_that_a_host_redirects_to_cannot_claim_an_address_of_that_host(
    store: &dyn Store,
) {
    let leads_away = "https://ann.example/out?to=evil";
    send(store, POST, TARGET, page_at(POST, false)).await;
    let before = shown(store, TARGET).await;
    let mut evil = publication(entry_at(POST));
    evil.ended_at = "https://evil.example/".parse().unwrap();
    evil.entry.title = Some("What Ann never said".into());
    let claimed = send(store, leads_away, TARGET, Outcome::Publish(Box::new(evil))).await;
    assert!(matches!(claimed, Finished::Added(_)));
    assert_eq!(shown(store, TARGET).await, before);
    send(store, leads_away, TARGET, gone()).await;
    assert_eq!(shown(store, TARGET).await, before);
}
