//! What every store must do to have known mentions looked after: ask when it is time, and keep nobody waiting
//! who has something to say.

use std::collections::HashSet;

use super::life::*;
use super::*;
use crate::store::Occasion;

pub(super) async fn a_mention_is_checked_when_it_says_so_and_not_before(store: &dyn Store) {
    send(store, POST, TARGET, publish()).await;
    let due = NOW.plus(DAY);
    let told = async || {
        let status = store.status_of(&source(POST), &target(TARGET)).await;
        status.unwrap().unwrap().next_check_at
    };
    assert_eq!(told().await, Some(due));
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
    assert_eq!(told().await, None);
    let next = NextCheck {
        at: due.plus(DAY * 7),
        checks: 1,
    };
    let before = version(store, TARGET).await;
    let unchanged = Outcome::Unchanged(next);
    let finished = store.finish(leased[0].lease, unchanged, due).await.unwrap();
    assert_eq!(finished, Finished::Noted);
    assert_eq!(version(store, TARGET).await, before);
    assert_eq!(told().await, Some(next.at));
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
