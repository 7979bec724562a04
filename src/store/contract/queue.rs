//! What every store must do with submissions: from their acceptance to the verdict.

use super::*;

pub(super) async fn a_submission_is_pending_until_its_verdict(store: &dyn Store) {
    let accepted = submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    assert_eq!(state(store, accepted).await, State::Pending);
    let leased = claim_one(store, NOW).await;
    assert_eq!(state(store, accepted).await, State::Pending);
    assert!(leased.known.is_none());
    let miss = NearMiss {
        url: "https://blog.example/post/".into(),
        difference: "it ends with a slash".into(),
    };
    let outcome = Outcome::NoLink {
        moved_to: None,
        near_misses: vec![miss.clone()],
        recheck_at: Some(NOW.plus(LEASE)),
    };
    store.finish(leased.lease, outcome, NOW).await.unwrap();
    let status = store.status(accepted.key).await.unwrap().unwrap();
    assert_eq!(
        status.state,
        State::Rejected {
            near_misses: vec![miss]
        }
    );
    assert_eq!(status.checked_at, Some(NOW));
    assert_eq!(status.next_check_at, Some(NOW.plus(LEASE)));
    assert_eq!(
        store
            .status_of(&source("https://s.example/"), &target(TARGET))
            .await
            .unwrap(),
        Some(status)
    );
    // Submitted again, the old verdict says nothing any more.
    submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    assert_eq!(state(store, accepted).await, State::Pending);
}

pub(super) async fn two_claims_never_share_a_submission(store: &dyn Store) {
    for n in 0..20 {
        submit(
            store,
            &format!("https://s{n}.example/"),
            TARGET,
            Protocol::Webmention,
        )
        .await;
    }
    let claims = futures_util::future::join_all((0..8).map(|_| claim(store, NOW))).await;
    let mut keys: Vec<_> = claims.iter().flatten().map(|l| l.lease.key).collect();
    assert_eq!(keys.len(), 20);
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 20);
}

pub(super) async fn a_lease_that_ran_out_is_claimed_again_and_its_holder_turned_away(
    store: &dyn Store,
) {
    submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    let first = claim_one(store, NOW).await;
    assert!(claim(store, NOW.plus(LEASE / 2)).await.is_empty());
    let second = claim_one(store, NOW.plus(LEASE)).await;
    assert_eq!(second.attempts, 1);
    let late = store.finish(first.lease, publish(), NOW).await;
    assert!(matches!(late, Err(StoreError::LeaseLost)));
    assert!(shown(store, TARGET).await.is_empty());
    store.finish(second.lease, publish(), NOW).await.unwrap();
    assert_eq!(shown(store, TARGET).await.len(), 1);
}

pub(super) async fn a_renewed_lease_lasts_longer(store: &dyn Store) {
    submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    let leased = claim_one(store, NOW).await;
    store
        .renew(&[leased.lease], LEASE, NOW.plus(LEASE / 2))
        .await
        .unwrap();
    assert!(claim(store, NOW.plus(LEASE)).await.is_empty());
    store.finish(leased.lease, publish(), NOW).await.unwrap();
}

pub(super) async fn a_released_lease_is_due_at_once(store: &dyn Store) {
    submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    let leased = claim_one(store, NOW).await;
    store.release(&[leased.lease], NOW).await.unwrap();
    assert_eq!(claim_one(store, NOW).await.attempts, 0);
}

pub(super) async fn hosts_that_are_busy_are_passed_over(store: &dyn Store) {
    for n in 0..5 {
        submit(
            store,
            &format!("https://big.example/{n}"),
            TARGET,
            Protocol::Webmention,
        )
        .await;
    }
    submit(
        store,
        "https://small.example/",
        TARGET,
        Protocol::Webmention,
    )
    .await;
    submit(store, "https://full.example/", TARGET, Protocol::Webmention).await;
    let busy = HashMap::from([
        ("full.example".to_owned(), 2),
        ("big.example".to_owned(), 1),
    ]);
    let request = ClaimRequest {
        per_host: 2,
        busy,
        ..everything()
    };
    let leased = all(store.claim(request, NOW).await.unwrap());
    let mut hosts: Vec<_> = leased.iter().map(|l| l.source.host()).collect();
    hosts.sort_unstable();
    assert_eq!(hosts, ["big.example", "small.example"]);
}

pub(super) async fn a_repetition_during_a_lease_is_verified_again(store: &dyn Store) {
    submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    let leased = claim_one(store, NOW).await;
    let again = submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    assert!(claim(store, NOW).await.is_empty());
    store.finish(leased.lease, publish(), NOW).await.unwrap();
    assert!(matches!(state(store, again).await, State::Accepted { .. }));
    assert_eq!(finish(store, no_link()).await, Finished::Removed);
    assert!(claim(store, NOW).await.is_empty());
}

pub(super) async fn a_repetition_does_not_override_what_the_source_asked_for(store: &dyn Store) {
    submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    let later = Some(NOW.plus(Duration::from_secs(3600)));
    let Outcome::Failed { failure, .. } = failed(None) else {
        unreachable!()
    };
    let outcome = Outcome::Failed {
        failure,
        retry_at: later,
        not_before: later,
    };
    finish(store, outcome).await;
    submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    assert!(
        claim(store, NOW.plus(Duration::from_secs(60)))
            .await
            .is_empty()
    );
    assert_eq!(
        claim(store, NOW.plus(Duration::from_secs(3600)))
            .await
            .len(),
        1
    );
}

pub(super) async fn fifty_identical_submissions_are_one_mention(store: &dyn Store) {
    let all = (0..50).map(|_| submit(store, "https://s.example/", TARGET, Protocol::Webmention));
    let all = futures_util::future::join_all(all).await;
    assert!(all.iter().all(|a| a.key == all[0].key));
    finish(store, publish()).await;
    assert!(claim(store, NOW).await.is_empty());
    assert_eq!(shown(store, TARGET).await.len(), 1);
}

pub(super) async fn a_verdict_wakes_who_waits_for_it(store: &dyn Store) {
    let accepted = submit(store, "https://s.example/", TARGET, Protocol::Pingback).await;
    let (status, _) = tokio::join!(
        store.wait_for_verdict(accepted, Duration::from_secs(60)),
        finish(store, publish()),
    );
    let status = status.unwrap().unwrap();
    assert!(matches!(status.state, State::Accepted { .. }));
    assert!(!status.was_known);
    // A verdict that is there already is not waited for.
    let status = store
        .wait_for_verdict(accepted, Duration::ZERO)
        .await
        .unwrap();
    assert!(status.is_some());
}

pub(super) async fn waiting_for_a_verdict_ends_in_time(store: &dyn Store) {
    let accepted = submit(store, "https://s.example/", TARGET, Protocol::Pingback).await;
    let status = store
        .wait_for_verdict(accepted, Duration::from_millis(1))
        .await
        .unwrap();
    assert_eq!(status, None);
}

pub(super) async fn prune_forgets_old_failures_only(store: &dyn Store) {
    let kept = submit(store, "https://a.example/", TARGET, Protocol::Webmention).await;
    finish(store, publish()).await;
    let lost = submit(store, "https://b.example/", TARGET, Protocol::Webmention).await;
    finish(store, no_link()).await;
    assert_eq!(store.prune(NOW, 10).await.unwrap(), 0);
    assert_eq!(store.prune(NOW.plus(LEASE), 10).await.unwrap(), 1);
    assert!(store.status(kept.key).await.unwrap().is_some());
    assert!(store.status(lost.key).await.unwrap().is_none());
}
