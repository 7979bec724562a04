//! What every store must show to owners of what was sent to them, and of what came of it.

use super::listing::{OTHER, finished, sites};
use super::*;
use crate::store::{SubmissionPage, SubmissionQuery, SubmissionsOf, Verdict};

fn all_of(site: SiteId) -> SubmissionQuery {
    SubmissionQuery {
        site,
        of: SubmissionsOf::Judged(Verdict::ALL.to_vec()),
        page: None,
        since: None,
        ascending: true,
        after: None,
        limit: 2,
    }
}

/// What a query lists, read in parts: sources, and where each stands; and where that ends.
async fn listed(
    store: &dyn Store,
    query: &SubmissionQuery,
) -> (Vec<(String, &'static str)>, Option<i64>) {
    let mut query = query.clone();
    let mut all = Vec::new();
    loop {
        let SubmissionPage {
            submissions,
            end,
            has_more,
        } = store.submissions(&query).await.unwrap();
        assert!(submissions.len() <= query.limit);
        for one in submissions {
            let source = one.status.source.as_str().to_owned();
            all.push((source, one.status.state.as_str()));
        }
        if !has_more {
            return (all, end);
        }
        query.after = end;
    }
}

fn failed() -> Outcome {
    Outcome::Failed {
        failure: Failure {
            kind: FailureKind::Timeout,
            detail: "took too long".to_owned(),
        },
        retry_at: None,
        not_before: None,
    }
}

pub(super) async fn an_owner_sees_what_was_sent_and_what_came_of_it(store: &dyn Store) {
    let (one, two) = sites(store).await;
    let at = |seconds| NOW.plus(Duration::from_secs(seconds));
    let post = |n: u64| format!("https://s{n}.example/");
    let publish = |n: u64| publishing(Entry::bare(MentionKind::Like, post(n)));
    let outcomes = [publish(0), no_link(), failed(), publish(3)];
    for (n, outcome) in (0..).zip(outcomes) {
        let to = if n == 3 { OTHER } else { TARGET };
        finished(store, &post(n), to, outcome, at(n)).await;
    }
    let states = ["accepted", "rejected", "error", "accepted"];
    let all: Vec<_> = (0..).map(post).zip(states).collect();
    let query = all_of(one);
    assert_eq!(listed(store, &query).await.0, all);
    assert_eq!(listed(store, &all_of(two)).await, (vec![], None));
    let newest = SubmissionQuery {
        ascending: false,
        ..query.clone()
    };
    let backwards: Vec<_> = all.iter().rev().cloned().collect();
    assert_eq!(listed(store, &newest).await.0, backwards);
    let some = SubmissionQuery {
        of: SubmissionsOf::Judged(vec![Verdict::Error, Verdict::Accepted, Verdict::Error]),
        page: Some(target("http://blog.example/post/").page_key()),
        ..query.clone()
    };
    let found = listed(store, &some).await.0;
    assert_eq!(found, [all[0].clone(), all[2].clone()]);
    let later = SubmissionQuery {
        since: Some(at(1)),
        ..query.clone()
    };
    let (found, end) = listed(store, &later).await;
    assert_eq!(found, all[2..]);
    // Who goes on from the end sees what is sent again, and what comes to another verdict.
    finished(store, &post(1), TARGET, publish(1), at(60)).await;
    finished(store, &post(0), TARGET, no_link(), at(61)).await;
    let on = SubmissionQuery {
        after: end,
        ..query.clone()
    };
    let (found, end) = listed(store, &on).await;
    assert_eq!(found, [(post(1), "accepted"), (post(0), "deleted")]);
    let record = &store.submissions(&on).await.unwrap().submissions[0];
    let times = (record.received_at, record.status.checked_at);
    assert_eq!(times, (at(60), Some(at(60))));
    // What waits is listed apart, until its verdict.
    let waiting = SubmissionQuery {
        of: SubmissionsOf::Waiting,
        ..query.clone()
    };
    assert_eq!(listed(store, &waiting).await.0, []);
    for n in [2, 7] {
        submit(store, &post(n), TARGET, Protocol::Pingback).await;
    }
    let found = listed(store, &waiting).await.0;
    assert_eq!(found, [(post(2), "pending"), (post(7), "pending")]);
    let other = SubmissionQuery {
        site: two,
        ..waiting
    };
    assert_eq!(listed(store, &other).await.0, []);
    let on = SubmissionQuery {
        after: end,
        ..query
    };
    assert_eq!(listed(store, &on).await.0, []);
}

pub(super) async fn who_follows_submissions_misses_none_that_is_sent_again_or_moves(
    store: &dyn Store,
) {
    let (one, two) = sites(store).await;
    let at = |seconds| NOW.plus(Duration::from_secs(seconds));
    let post = |n: u64| format!("https://s{n}.example/");
    let publish = |n: u64| publishing(Entry::bare(MentionKind::Like, post(n)));
    finished(store, &post(0), TARGET, publish(0), at(0)).await;
    finished(store, &post(0), TARGET, no_link(), at(1)).await;
    // Of both sites, at one time.
    finished(store, &post(1), OTHER, publish(1), at(2)).await;
    finished(store, &post(2), "https://two.example/", publish(2), at(2)).await;
    let follow = |site, after| SubmissionQuery {
        after,
        limit: 1,
        ..all_of(site)
    };
    let (found, end) = listed(store, &follow(one, None)).await;
    assert_eq!(found, [(post(0), "deleted"), (post(1), "accepted")]);
    let (_, end_of_two) = listed(store, &follow(two, None)).await;
    // A tombstone stays one when it is sent again in vain.
    finished(store, &post(0), TARGET, no_link(), at(3)).await;
    let (found, end) = listed(store, &follow(one, end)).await;
    assert_eq!(found, [(post(0), "deleted")]);
    let all = store.submissions(&follow(one, None)).await.unwrap();
    let sent: Vec<_> = all.submissions.iter().map(|one| one.received_at).collect();
    assert_eq!(sent, [at(2)], "the first that is listed now");
    let bases = [base("https://two.example"), base(OTHER)];
    store.add_site(&bases, at(2)).await.unwrap();
    let (found, _) = listed(store, &follow(two, end_of_two)).await;
    assert_eq!(found, [(post(1), "accepted")]);
    let (all, _) = listed(store, &follow(two, None)).await;
    assert_eq!(all, [(post(2), "accepted"), (post(1), "accepted")]);
    assert_eq!(listed(store, &follow(one, end)).await.0, []);
}

pub(super) async fn a_check_that_comes_to_the_same_keeps_its_place_in_the_owners_list(
    store: &dyn Store,
) {
    let (one, _) = sites(store).await;
    let at = |days: u32| NOW.plus(DAY * days);
    let post = |n: u64| format!("https://s{n}.example/");
    let checked = |n: u64, title: &str, days: u32| {
        let mut entry = Entry::bare(MentionKind::Like, post(n));
        entry.title = Some(title.to_owned());
        let mut publication = publication(entry);
        publication.next_check.at = at(days);
        Outcome::Publish(Box::new(publication))
    };
    finished(store, &post(0), TARGET, checked(0, "once", 1), at(0)).await;
    finished(store, &post(1), TARGET, checked(1, "once", 99), at(0)).await;
    let of_one = all_of(one);
    let (before, end) = listed(store, &of_one).await;
    let follow = SubmissionQuery {
        after: end,
        ..of_one.clone()
    };
    let check = async |outcome, now| {
        store.enqueue_checks(9, now).await.unwrap();
        let leased = claim_one(store, now).await;
        store.finish(leased.lease, outcome, now).await.unwrap()
    };
    let next = NextCheck {
        at: at(4),
        checks: 3,
    };
    for (days, outcome, is_other) in [
        (1, checked(0, "once", 2), false),
        (2, checked(0, "twice", 3), true),
        (3, Outcome::Unchanged(next), false),
        (4, failed(), false),
    ] {
        let finished = check(outcome, at(days)).await;
        assert_eq!(matches!(finished, Finished::Updated(_)), is_other);
        assert_eq!(listed(store, &follow).await.0, [], "after {days} days");
        assert_eq!(listed(store, &of_one).await.0, before);
        let first = &store.submissions(&of_one).await.unwrap().submissions[0];
        let times = (first.received_at, first.status.checked_at);
        assert_eq!(times, (NOW, Some(at(days))));
    }
    finished(store, &post(0), TARGET, no_link(), at(5)).await;
    let (found, _) = listed(store, &follow).await;
    assert_eq!(found, [(post(0), "deleted")]);
}
