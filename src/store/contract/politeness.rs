//! What every store must do so that no host is asked too often, and none keeps the others waiting.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    reason = "a test counts what it sees, and prints the figures"
)]

use super::*;

/// What a worker asks for by default.
fn politely() -> ClaimRequest {
    ClaimRequest {
        limit: 32,
        per_host: 2,
        manners: Manners {
            interval: INTERVAL,
            page_per_hour: 60,
            domain_per_hour: 600,
        },
        ..everything()
    }
}

const INTERVAL: Duration = Duration::from_millis(200);
const HOUR: Duration = Duration::from_secs(3600);

/// Submits all of `sources` at `now`.
async fn submit_all(store: &dyn Store, sources: impl IntoIterator<Item = String>, now: Timestamp) {
    let site = site(store).await;
    let sources: Vec<String> = sources.into_iter().collect();
    for some in sources.chunks(2000) {
        let submissions = some.iter().map(|from| {
            let submission = Submission {
                source: source(from),
                target: target(TARGET),
                protocol: Protocol::Webmention,
                vouch: None,
                code: None,
            };
            store.accept(submission, site, now)
        });
        futures_util::future::try_join_all(submissions)
            .await
            .unwrap();
    }
}

/// Submits one source for so many targets.
async fn submit_targets(store: &dyn Store, from: &str, targets: std::ops::Range<usize>) {
    let submissions = targets.map(|n| async move {
        let to = format!("https://blog.example/{n}");
        submit(store, from, &to, Protocol::Webmention).await
    });
    futures_util::future::join_all(submissions).await;
}

/// What is claimed, by source, in order.
fn sources(claimed: &Claimed) -> Vec<&str> {
    let first = claimed.batches.iter().map(|b| &b.leased[0]);
    first.map(|leased| leased.source.as_str()).collect()
}

async fn finish_all(store: &dyn Store, claimed: Claimed, outcome: &Outcome, now: Timestamp) {
    for leased in all(claimed) {
        store
            .finish(leased.lease, outcome.clone(), now)
            .await
            .unwrap();
    }
}

/// Claims and finishes whatever is due, as a worker does, for so long; the moments of all fetches.
async fn work(
    store: &dyn Store,
    outcome: &Outcome,
    from: Timestamp,
    long: Duration,
) -> Vec<Timestamp> {
    let (mut now, mut fetches) = (from, Vec::new());
    while now < from.plus(long) {
        let claimed = store.claim(politely(), now).await.unwrap();
        let next_at = claimed.next_at;
        fetches.extend(claimed.batches.iter().map(|_| now));
        let is_idle = claimed.batches.is_empty();
        finish_all(store, claimed, outcome, now).await;
        match next_at {
            // What has just ended may have made room.
            _ if !is_idle => {}
            Some(at) => now = at.max(now),
            None => break,
        }
    }
    fetches
}

fn most_in_an_hour(fetches: &[Timestamp]) -> usize {
    let within = fetches.iter().map(|from| {
        let later = fetches.iter().filter(|at| *at >= from);
        later.filter(|at| at.since(*from) < HOUR).count()
    });
    within.max().unwrap_or(0)
}

pub(super) async fn every_domain_has_its_turn_however_much_waits_in_another(store: &dyn Store) {
    let flood = (0..5_000).map(|n| format!("https://s{}.flood.example/{n}", n % 100));
    let others = (0..50).map(|n| format!("https://other{n}.example/"));
    submit_all(store, flood.chain(others), NOW).await;
    let mut seen = std::collections::HashSet::new();
    let mut of_flood = 0;
    for _ in 0..2 {
        let claimed = store.claim(politely(), NOW).await.unwrap();
        for from in sources(&claimed) {
            if from.contains("flood.example") {
                of_flood += 1;
            } else {
                seen.insert(from.to_owned());
            }
        }
    }
    assert_eq!((seen.len(), of_flood), (50, 1));
}

pub(super) async fn a_domain_is_asked_one_page_in_each_interval(store: &dyn Store) {
    submit_all(
        store,
        (0..3).map(|n| format!("https://s{n}.s.example/")),
        NOW,
    )
    .await;
    for turn in 0..3 {
        let now = NOW.plus(INTERVAL * turn);
        let claimed = store.claim(politely(), now).await.unwrap();
        assert_eq!(sources(&claimed), [format!("https://s{turn}.s.example/")]);
        assert_eq!(claimed.batches[0].domain, "s.example");
        if turn < 2 {
            assert_eq!(claimed.next_at, Some(now.plus(INTERVAL)));
            let early = now.plus(INTERVAL / 2);
            let early = store.claim(politely(), early).await.unwrap();
            assert!(early.batches.is_empty());
        }
    }
}

pub(super) async fn a_fresh_submission_goes_before_what_is_looked_at_again(store: &dyn Store) {
    submit(store, "https://s.example/old", TARGET, Protocol::Webmention).await;
    let soon = NOW.plus(Duration::from_secs(5));
    finish(store, failed(Some(soon))).await;
    submit_all(store, (0..5).map(|n| format!("https://s.example/{n}")), NOW).await;
    let old = |claimed: &Claimed| sources(claimed) == ["https://s.example/old"];
    let claimed = store.claim(politely(), soon).await.unwrap();
    assert!(!old(&claimed) && !claimed.batches.is_empty());
    // But not for ever.
    let later = soon.plus(Duration::from_secs(700));
    submit_all(
        store,
        (5..9).map(|n| format!("https://s.example/{n}")),
        later,
    )
    .await;
    let mut turns = Vec::new();
    for n in 0..6 {
        let now = later.plus(INTERVAL * n);
        turns.push(old(&store.claim(politely(), now).await.unwrap()));
    }
    assert!(turns.contains(&true), "{turns:?}");
}

pub(super) async fn what_one_page_asks_for_holds_its_whole_domain(store: &dyn Store) {
    submit_all(
        store,
        (0..2).map(|n| format!("https://s{n}.s.example/")),
        NOW,
    )
    .await;
    submit_all(store, ["https://t.example/".to_owned()], NOW).await;
    let claimed = store.claim(politely(), NOW).await.unwrap();
    let leased = all(claimed);
    let one = leased
        .iter()
        .find(|l| l.source.host().contains(".s."))
        .unwrap();
    let later = NOW.plus(Duration::from_secs(300));
    let Outcome::Failed { failure, .. } = failed(None) else {
        unreachable!()
    };
    let outcome = Outcome::Failed {
        failure,
        retry_at: Some(later),
        not_before: Some(later),
    };
    store.finish(one.lease, outcome, NOW).await.unwrap();
    // Also what comes meanwhile.
    submit_all(store, ["https://s9.s.example/".to_owned()], NOW).await;
    let before = later.before(Duration::from_millis(1));
    let early = store.claim(politely(), before).await.unwrap();
    assert!(
        sources(&early)
            .iter()
            .all(|from| from.contains("t.example"))
    );
    assert_eq!(early.next_at, Some(later));
    let claimed = store.claim(politely(), later).await.unwrap();
    assert!(
        sources(&claimed)
            .iter()
            .any(|from| from.contains("s.example"))
    );
}

pub(super) async fn submissions_of_one_source_are_one_fetch(store: &dyn Store) {
    submit_targets(store, "https://s.example/", 0..1000).await;
    // All of them were there before the first claim: one fetch is for all, in batches, at once.
    let now = NOW.plus(Duration::from_millis(1));
    let mut count = 0;
    while count < 1000 {
        let claimed = store.claim(politely(), now).await.unwrap();
        assert!(!claimed.batches.is_empty(), "only {count} at once");
        count += claimed
            .batches
            .iter()
            .map(|b| b.leased.len())
            .sum::<usize>();
        finish_all(store, claimed, &no_link(), now).await;
    }
    assert_eq!(count, 1000);
    // The next one came after that fetch began: it may need another.
    let site = site(store).await;
    let late = Submission {
        source: source("https://s.example/"),
        target: target("https://blog.example/late"),
        protocol: Protocol::Webmention,
        vouch: None,
        code: None,
    };
    let later = now.plus(Duration::from_millis(10));
    store.accept(late, site, later).await.unwrap();
    assert!(
        store
            .claim(politely(), later)
            .await
            .unwrap()
            .batches
            .is_empty()
    );
    let claimed = store.claim(politely(), now.plus(INTERVAL)).await.unwrap();
    assert_eq!(all(claimed)[0].since, later);
}

pub(super) async fn sources_that_differ_in_their_query_share_an_allowance(store: &dyn Store) {
    let count = 200;
    submit_all(
        store,
        (0..count).map(|n| format!("https://s.example/post?n={n}")),
        NOW,
    )
    .await;
    // Another page, and the page without a query, do not wait for them.
    let free = ["https://s.example/post", "https://s.example/other?n=1"];
    submit_all(store, free.map(str::to_owned), NOW).await;
    let fetches = work(store, &no_link(), NOW, HOUR * 24).await;
    assert_eq!(fetches.len(), count + free.len(), "nothing is lost");
    let most = most_in_an_hour(&fetches);
    println!(
        "{count} queries of one page: {most} fetches in the busiest hour (budget 60, and 2 others)"
    );
    assert!(most <= 60 + free.len());
    let soon = fetches
        .iter()
        .filter(|at| at.since(NOW) < Duration::from_secs(60));
    assert_eq!(soon.count(), 30 + free.len());
}

pub(super) async fn a_flood_of_queries_keeps_no_known_source_waiting(store: &dyn Store) {
    let known = "https://s.example/?p=7";
    submit_all(store, [known.to_owned()], NOW).await;
    let claimed = store.claim(politely(), NOW).await.unwrap();
    finish_all(store, claimed, &publish(), NOW).await;
    submit_all(
        store,
        (100..1100).map(|n| format!("https://s.example/?p={n}")),
        NOW,
    )
    .await;
    work(store, &no_link(), NOW, Duration::from_secs(60)).await;
    // Its sender speaks of it; it is given back, and claimed again, all in the midst of the flood.
    let now = NOW.plus(Duration::from_secs(60));
    submit_all(store, [known.to_owned()], now).await;
    for times in 1..=2 {
        let now = now.plus(INTERVAL * times);
        let claimed = store.claim(politely(), now).await.unwrap();
        assert_eq!(sources(&claimed), [known]);
        let leases: Vec<_> = all(claimed).iter().map(|one| one.lease).collect();
        store.release(&leases, now).await.unwrap();
    }
}

pub(super) async fn a_repetition_finds_no_way_round_an_allowance(store: &dyn Store) {
    let variants = || (0..100).map(|n| format!("https://s.example/post?n={n}"));
    let minute = Duration::from_secs(60);
    submit_all(store, variants(), NOW).await;
    let first = work(store, &no_link(), NOW, minute).await;
    assert_eq!(first.len(), 30);
    submit_all(store, variants(), NOW.plus(minute)).await;
    let second = work(
        store,
        &no_link(),
        NOW.plus(minute),
        HOUR.saturating_sub(minute),
    )
    .await;
    assert!(first.len() + second.len() <= 60, "{}", second.len());
}

pub(super) async fn targets_of_one_source_wait_for_the_same_place(store: &dyn Store) {
    submit_all(
        store,
        (0..40).map(|n| format!("https://s.example/post?n={n}")),
        NOW,
    )
    .await;
    submit_targets(store, "https://s.example/post?n=x", 0..300).await;
    let fetches = work(store, &no_link(), NOW, HOUR * 3).await;
    // The 40 others, and one for all 300.
    assert_eq!(fetches.len(), 42, "300 are more than one batch");
}

pub(super) async fn a_domain_has_a_budget_and_a_known_one_more(store: &dyn Store) {
    let posts = |from: usize| (from..from + 400).map(|n| format!("https://s.example/{n}"));
    submit_all(store, posts(0), NOW).await;
    let minutes = Duration::from_secs(300);
    let fetches = work(store, &no_link(), NOW, minutes).await;
    assert!((300..330).contains(&fetches.len()), "{}", fetches.len());
    // One of them links: from now on the domain is known.
    let claimed = store
        .claim(politely(), NOW.plus(minutes * 2))
        .await
        .unwrap();
    finish_all(store, claimed, &publish(), NOW.plus(minutes * 2)).await;
    submit_all(store, posts(400), NOW).await;
    let fetches = work(store, &no_link(), NOW.plus(minutes * 2), minutes).await;
    assert!(fetches.len() > 450, "{}", fetches.len());
}
