//! What every store must do with a mention in the course of time: have it looked after, know it by all
//! addresses of its source, and let nobody else take it away.

use std::collections::HashSet;

use super::*;
use crate::model::{Failure, FailureKind};
use crate::store::Occasion;

const POST: &str = "https://ann.example/post";
const MOVED: &str = "https://new.example/post";
const SECOND: &str = "https://blog.example/second";

/// Submits `from` and finishes it.
async fn send(store: &dyn Store, from: &str, to: &str, outcome: Outcome) -> Finished {
    submit(store, from, to, Protocol::Webmention).await;
    let mut leased = claim(store, NOW).await;
    leased.retain(|one| one.source.as_str() == from && one.target.as_str() == to);
    store.finish(leased[0].lease, outcome, NOW).await.unwrap()
}

/// A page at `url` that says so of itself, and has moved there if `moved`.
fn page_at(url: &str, moved: bool) -> Outcome {
    let mut page = publication(entry_at(url));
    page.moved_to = moved.then(|| source(url));
    Outcome::Publish(Box::new(page))
}

fn unsure() -> Outcome {
    Outcome::NoLink {
        moved_to: None,
        near_misses: vec![],
        recheck_at: Some(NOW.plus(DAY)),
    }
}

/// The sources of what is shown, newest first.
async fn sources(store: &dyn Store) -> Vec<String> {
    let shown = shown(store, TARGET).await;
    shown.iter().map(|m| m.source.as_str().to_owned()).collect()
}

/// The checks that are due at `now`: what is claimed of them.
async fn checks(store: &dyn Store, now: Timestamp) -> Vec<Leased> {
    store.enqueue_checks(100, now).await.unwrap();
    claim(store, now).await
}

async fn status_of(store: &dyn Store, from: &str) -> State {
    let status = store.status_of(&source(from), &target(TARGET)).await;
    status.unwrap().unwrap().state
}

pub(super) async fn a_mention_is_checked_when_it_says_so_and_not_before(store: &dyn Store) {
    send(store, POST, TARGET, publish()).await;
    let due = NOW.plus(DAY);
    assert!(
        checks(store, due.before(Duration::from_millis(1)))
            .await
            .is_empty()
    );
    let leased = checks(store, due).await;
    assert_eq!(leased.len(), 1);
    assert_eq!(leased[0].occasion, Occasion::Schedule);
    assert_eq!(leased[0].source.as_str(), POST);
    // What is under way is not queued again.
    assert_eq!(store.enqueue_checks(100, due).await.unwrap(), 0);
    let next = NextCheck {
        at: due.plus(DAY * 7),
        checks: 1,
    };
    let before = version(store, TARGET).await;
    let unchanged = Outcome::Unchanged(next);
    let finished = store.finish(leased[0].lease, unchanged, due).await.unwrap();
    assert_eq!(finished, Finished::Noted);
    assert_eq!(version(store, TARGET).await, before);
    assert!(checks(store, due.plus(DAY)).await.is_empty());
    let again = checks(store, next.at).await;
    assert_eq!(again[0].known.as_ref().unwrap().checks, 1);
}

pub(super) async fn the_longest_overdue_are_checked_first_and_only_so_many(store: &dyn Store) {
    for n in [3, 1, 2, 4] {
        let from = format!("https://s{n}.example/");
        let mut page = publication(entry_at(&from));
        page.next_check.at = NOW.plus(DAY * n);
        send(store, &from, TARGET, Outcome::Publish(Box::new(page))).await;
    }
    let later = NOW.plus(DAY * 9);
    assert_eq!(store.enqueue_checks(2, later).await.unwrap(), 2);
    // They wait: no more are added.
    assert_eq!(store.enqueue_checks(2, later).await.unwrap(), 0);
    let leased = claim(store, later).await;
    let mut hosts: Vec<_> = leased.iter().map(|one| one.source.host()).collect();
    hosts.sort_unstable();
    assert_eq!(hosts, ["s1.example", "s2.example"]);
    assert_eq!(store.enqueue_checks(9, later).await.unwrap(), 2);
}

pub(super) async fn a_domain_that_is_to_be_left_alone_keeps_no_other_waiting(store: &dyn Store) {
    let page = |host: &str, n: u32, due| {
        let from = format!("https://{host}.example/{n}");
        let mut page = publication(entry_at(&from));
        page.next_check.at = due;
        (from, Outcome::Publish(Box::new(page)))
    };
    let due = NOW.plus(DAY);
    for n in 0..40 {
        let (from, outcome) = page("slow", n, due);
        send(store, &from, TARGET, outcome).await;
    }
    let (from, outcome) = page("quick", 1, due.plus(Duration::from_secs(1)));
    send(store, &from, TARGET, outcome).await;
    let now = due.plus(Duration::from_secs(2));
    let hold = now.plus(DAY);
    assert_eq!(store.enqueue_checks(10, now).await.unwrap(), 10);
    let leased = claim(store, now).await;
    assert_eq!(leased.len(), 10);
    let mut outcome = failed(Some(hold));
    if let Outcome::Failed { not_before, .. } = &mut outcome {
        *not_before = Some(hold);
    }
    store.finish(leased[0].lease, outcome, now).await.unwrap();
    let rest: Vec<_> = leased[1..].iter().map(|one| one.lease).collect();
    store.release(&rest, now).await.unwrap();
    claim(store, now).await;
    // Nine of it wait, and have not been given up; the rest is thought of when it may be asked again.
    assert_eq!(store.enqueue_checks(10, now).await.unwrap(), 1);
    assert_eq!(look_after(store, now).await, [from]);
    assert_eq!(look_after(store, hold).await.len(), 9);
}

pub(super) async fn a_domain_with_many_mentions_leaves_room_for_the_others(store: &dyn Store) {
    let due = NOW.plus(DAY);
    for n in 0..40 {
        send(
            store,
            &format!("https://big.example/{n}"),
            TARGET,
            publish_at(n),
        )
        .await;
    }
    send(store, "https://small.example/", TARGET, publish_at(40)).await;
    // Its other mentions are put off meanwhile, and none is forgotten.
    assert_eq!(store.enqueue_checks(30, due.plus(DAY)).await.unwrap(), 17);
    let mut seen = look_after(store, due.plus(DAY)).await;
    assert!(seen.contains(&"https://small.example/".to_owned()));
    for times in 1..=6 {
        let now = due
            .plus(DAY)
            .plus(Duration::from_secs(600).saturating_mul(times));
        store.enqueue_checks(30, now).await.unwrap();
        seen.extend(look_after(store, now).await);
    }
    assert_eq!(seen.iter().collect::<HashSet<_>>().len(), 41);
    assert_eq!(seen.len(), 41);
}

/// Finds nothing new in whatever can be claimed; the sources.
async fn look_after(store: &dyn Store, now: Timestamp) -> Vec<String> {
    let mut sources = Vec::new();
    for one in claim(store, now).await {
        let next = NextCheck {
            at: now.plus(DAY * 9),
            checks: 1,
        };
        let unchanged = Outcome::Unchanged(next);
        store.finish(one.lease, unchanged, now).await.unwrap();
        sources.push(one.source.as_str().to_owned());
    }
    sources
}

/// The `n`th of many that are due in a day, one after another.
fn publish_at(n: u32) -> Outcome {
    let mut page = publication(entry_at(&format!("https://{n}.example/")));
    page.next_check.at = NOW.plus(DAY).plus(Duration::from_millis(n.into()));
    Outcome::Publish(Box::new(page))
}

pub(super) async fn no_check_is_queued_while_a_submission_is_due(store: &dyn Store) {
    send(store, POST, TARGET, publish()).await;
    submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    let later = NOW.plus(DAY);
    assert_eq!(store.enqueue_checks(9, later).await.unwrap(), 0);
    assert_eq!(claim(store, later).await.len(), 1);
    assert_eq!(store.enqueue_checks(9, later).await.unwrap(), 1);
}

pub(super) async fn a_check_that_fails_waits_in_the_mention_and_a_sender_overtakes_it(
    store: &dyn Store,
) {
    send(store, POST, TARGET, publish()).await;
    let due = NOW.plus(DAY);
    let retry = due.plus(Duration::from_secs(3600));
    for failures in 0..2 {
        let leased = checks(store, due).await.remove(0);
        let known = leased.known.as_ref().unwrap();
        assert_eq!(known.failures, failures);
        assert_eq!(known.failing_since, (failures > 0).then_some(due));
        let outcome = failed(Some(if failures == 0 { due } else { retry }));
        store.finish(leased.lease, outcome, due).await.unwrap();
    }
    assert!(checks(store, due).await.is_empty());
    // Somebody sends it: at once, and the failures are forgotten when it links.
    submit(store, POST, TARGET, Protocol::Webmention).await;
    let leased = claim_one(store, due).await;
    assert_eq!(leased.occasion, Occasion::Sent);
    store.finish(leased.lease, publish(), due).await.unwrap();
    let leased = checks(store, due.plus(DAY * 2)).await.remove(0);
    assert_eq!(leased.known.unwrap().failing_since, None);
}

pub(super) async fn a_check_that_somebody_sends_meanwhile_is_theirs(store: &dyn Store) {
    send(store, POST, TARGET, publish()).await;
    let due = NOW.plus(DAY);
    let leased = checks(store, due).await.remove(0);
    submit(store, POST, TARGET, Protocol::Webmention).await;
    store.finish(leased.lease, unsure(), due).await.unwrap();
    let leased = claim_one(store, due).await;
    assert_eq!(leased.occasion, Occasion::Sent);
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

pub(super) async fn an_update_has_the_other_mentions_of_its_source_checked(store: &dyn Store) {
    for to in [TARGET, SECOND] {
        send(store, POST, to, page_at(POST, false)).await;
    }
    // They were verified a moment ago.
    assert!(claim(store, NOW).await.is_empty());
    let later = NOW.plus(Duration::from_secs(120));
    submit(store, POST, TARGET, Protocol::Webmention).await;
    let leased = claim_one(store, later).await;
    store
        .finish(leased.lease, page_at(POST, false), later)
        .await
        .unwrap();
    let other = claim_one(store, later).await;
    assert_eq!(other.occasion, Occasion::OtherTarget);
    assert_eq!(other.target.as_str(), SECOND);
    // A check has nothing else checked, and what it finds is believed at once.
    let finished = store.finish(other.lease, no_link(), later).await.unwrap();
    assert_eq!(finished, Finished::Removed);
    assert!(claim(store, later).await.is_empty());
    assert_eq!(sources(store).await, [POST]);
}

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

pub(super) async fn all_other_mentions_of_a_source_come_to_be_checked_however_many(
    store: &dyn Store,
) {
    let pages: Vec<_> = (0..120)
        .map(|n| format!("https://blog.example/{n}"))
        .collect();
    for page in &pages {
        send(store, POST, page, publish()).await;
    }
    claim(store, NOW).await;
    let now = NOW.plus(Duration::from_secs(3600));
    let site = site(store).await;
    for page in &pages[..2] {
        let submission = Submission {
            source: source(POST),
            target: target(page),
            protocol: Protocol::Webmention,
            vouch: None,
            code: None,
        };
        store.accept(submission, site, now).await.unwrap();
        let leased = claim(store, now).await;
        let sent = leased
            .iter()
            .find(|one| one.target == target(page))
            .unwrap();
        store.finish(sent.lease, publish(), now).await.unwrap();
    }
    let mut asked = HashSet::new();
    for one in claim(store, now.plus(LEASE)).await {
        asked.insert(one.target.as_str().to_owned());
    }
    assert_eq!(asked.len(), 118);
}
