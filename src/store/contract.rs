//! What every [`Store`] must do: one list of tests, run over each backend.

use std::collections::HashMap;
use std::time::Duration;

use super::{Accepted, ClaimRequest, Finished, Leased, MentionQuery, Store, StoreError};
use crate::model::{
    Author, AuthoredTime, Entry, Excerpt, Failure, FailureKind, MentionKind, NearMiss, Outcome,
    PageVersion, Protocol, SiteBase, SiteId, SourceUrl, State, Submission, TargetUrl, Timestamp,
};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const LEASE: Duration = Duration::from_secs(10);
const TARGET: &str = "https://blog.example/post";

/// Makes a test of each named function for the backend that `$open` gives; `$open` yields a store
/// and whatever must live as long as it.
macro_rules! contract {
    ($open:expr; $($name:ident)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                let (store, _keep) = $open;
                super::$name(&store).await;
            }
        )*
    };
}

mod sqlite {
    fn open() -> (crate::store::sqlite::SqliteStore, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("linkback.sqlite");
        (
            crate::store::sqlite::SqliteStore::open(&path).unwrap(),
            folder,
        )
    }

    contract! { open();
        a_target_belongs_to_the_site_with_the_longest_path
        adding_a_site_again_adds_what_was_missing
        removing_a_site_takes_everything_with_it
        a_site_inside_another_keeps_its_pages_when_the_other_goes
        a_submission_for_a_site_that_is_gone_is_refused
        a_page_that_comes_back_has_other_versions
        a_submission_is_pending_until_its_verdict
        two_claims_never_share_a_submission
        a_lease_that_ran_out_is_claimed_again_and_its_holder_turned_away
        a_renewed_lease_lasts_longer
        a_released_lease_is_due_at_once
        hosts_that_are_busy_are_passed_over
        everything_an_entry_says_comes_back
        one_source_and_target_are_one_mention_whatever_the_protocol
        a_repetition_during_a_lease_is_verified_again
        a_failure_keeps_what_is_shown
        a_repetition_does_not_override_what_the_source_asked_for
        no_link_removes_what_is_shown
        no_link_to_one_form_of_a_target_keeps_a_mention_of_the_other
        gone_erases_what_is_shown
        gone_of_an_unknown_source_is_a_failure
        each_visible_change_raises_the_version
        pages_of_mentions_follow_one_another_without_gap
        fifty_identical_submissions_are_one_mention
        a_verdict_wakes_who_waits_for_it
        waiting_for_a_verdict_ends_in_time
        prune_forgets_old_failures_only
        every_name_in_the_model_is_accepted_by_the_schema
    }
}

fn target(text: &str) -> TargetUrl {
    TargetUrl::parse(text).unwrap()
}

fn source(text: &str) -> SourceUrl {
    SourceUrl::parse(text).unwrap()
}

fn base(text: &str) -> SiteBase {
    SiteBase::parse(text).unwrap()
}

fn entry() -> Entry {
    Entry {
        title: Some("A title".into()),
        site_name: Some("A site".into()),
        author: Some(Author {
            name: Some("Ann".into()),
            url: Some("https://ann.example/".into()),
            photo: None,
        }),
        published: Some(AuthoredTime::from_checked(
            "2011-05-15T09:30:00+02:00".into(),
        )),
        excerpt: Some(Excerpt {
            before: "… read ".into(),
            linked: "this".into(),
            after: " today.".into(),
        }),
        language: Some("en".into()),
        ..Entry::bare(MentionKind::Mention, "https://ann.example/post".into())
    }
}

async fn site(store: &dyn Store) -> SiteId {
    store
        .add_site(&[base("https://blog.example")], NOW)
        .await
        .unwrap()
        .id
}

async fn submit(store: &dyn Store, from: &str, to: &str, protocol: Protocol) -> Accepted {
    let submission = Submission {
        source: source(from),
        target: target(to),
        protocol,
    };
    let site = site(store).await;
    store.accept(submission, site, NOW).await.unwrap()
}

async fn claim(store: &dyn Store, now: Timestamp) -> Vec<Leased> {
    let request = ClaimRequest {
        limit: 100,
        per_host: 100,
        busy: HashMap::new(),
        lease: LEASE,
    };
    store.claim(request, now).await.unwrap()
}

async fn claim_one(store: &dyn Store, now: Timestamp) -> Leased {
    let mut all = claim(store, now).await;
    assert_eq!(all.len(), 1);
    all.remove(0)
}

async fn finish(store: &dyn Store, outcome: Outcome) -> Finished {
    let leased = claim_one(store, NOW).await;
    store.finish(leased.lease, outcome, NOW).await.unwrap()
}

fn publish() -> Outcome {
    Outcome::Publish(Box::new(entry()))
}

fn no_link() -> Outcome {
    Outcome::NoLink {
        near_misses: vec![],
        recheck_at: None,
    }
}

fn failed(retry_at: Option<Timestamp>) -> Outcome {
    Outcome::Failed {
        failure: Failure {
            kind: FailureKind::Timeout,
            detail: "read".into(),
        },
        retry_at,
        not_before: None,
    }
}

async fn shown(store: &dyn Store, page: &str) -> Vec<crate::model::Mention> {
    let query = MentionQuery {
        limit: 100,
        before: None,
    };
    let page = store
        .mentions(&target(page).page_key(), query)
        .await
        .unwrap();
    assert_eq!(page.total, page.mentions.len() as u64);
    page.mentions
}

async fn state(store: &dyn Store, accepted: Accepted) -> State {
    store.status(accepted.key).await.unwrap().unwrap().state
}

async fn a_target_belongs_to_the_site_with_the_longest_path(store: &dyn Store) {
    let whole = store
        .add_site(&[base("https://t.example")], NOW)
        .await
        .unwrap();
    let ann = store
        .add_site(&[base("https://t.example/~ann")], NOW)
        .await
        .unwrap();
    let of = async |t: &str| store.site_of(&target(t)).await.unwrap();
    assert_eq!(of("http://t.example/x").await, Some(whole.id));
    assert_eq!(of("https://t.example/~ann/x").await, Some(ann.id));
    assert_eq!(of("https://t.example/~anna").await, Some(whole.id));
    assert_eq!(of("https://t.example.evil.example/").await, None);
}

async fn adding_a_site_again_adds_what_was_missing(store: &dyn Store) {
    let first = store.add_site(&[base("a.example")], NOW).await.unwrap();
    let again = store
        .add_site(&[base("a.example"), base("www.a.example")], NOW)
        .await
        .unwrap();
    assert_eq!(again.id, first.id);
    assert_eq!(again.bases, [base("a.example"), base("www.a.example")]);
    assert_eq!(store.sites().await.unwrap(), [again]);
}

async fn removing_a_site_takes_everything_with_it(store: &dyn Store) {
    submit(store, "https://s.example/1", TARGET, Protocol::Webmention).await;
    finish(store, publish()).await;
    let waiting = submit(store, "https://s.example/2", TARGET, Protocol::Webmention).await;
    assert!(store.remove_site(&base("blog.example")).await.unwrap());
    assert!(!store.remove_site(&base("blog.example")).await.unwrap());
    assert!(shown(store, TARGET).await.is_empty());
    assert!(claim(store, NOW).await.is_empty());
    assert_eq!(store.status(waiting.key).await.unwrap(), None);
}

async fn a_site_inside_another_keeps_its_pages_when_the_other_goes(store: &dyn Store) {
    submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    finish(store, publish()).await;
    let inner = base("https://blog.example/post");
    store.add_site(&[inner], NOW).await.unwrap();
    assert!(store.remove_site(&base("blog.example")).await.unwrap());
    assert_eq!(shown(store, TARGET).await.len(), 1);
}

async fn a_submission_for_a_site_that_is_gone_is_refused(store: &dyn Store) {
    let site = site(store).await;
    store.remove_site(&base("blog.example")).await.unwrap();
    let submission = Submission {
        source: source("https://s.example/"),
        target: target(TARGET),
        protocol: Protocol::Webmention,
    };
    let refused = store.accept(submission, site, NOW).await;
    assert!(
        matches!(refused, Err(StoreError::NoSuchSite)),
        "{refused:?}"
    );
}

async fn a_page_that_comes_back_has_other_versions(store: &dyn Store) {
    let mut versions = Vec::new();
    for later in [Duration::ZERO, LEASE] {
        submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
        let leased = claim_one(store, NOW).await;
        let now = NOW.plus(later);
        store.finish(leased.lease, publish(), now).await.unwrap();
        versions.push(
            store
                .page_version(&target(TARGET).page_key())
                .await
                .unwrap(),
        );
        store.remove_site(&base("blog.example")).await.unwrap();
    }
    assert_ne!(versions[0], versions[1]);
}

async fn a_submission_is_pending_until_its_verdict(store: &dyn Store) {
    let accepted = submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    assert_eq!(state(store, accepted).await, State::Pending);
    let leased = claim_one(store, NOW).await;
    assert_eq!(state(store, accepted).await, State::Pending);
    assert!(!leased.known);
    let miss = NearMiss {
        url: "https://blog.example/post/".into(),
        difference: "it ends with a slash".into(),
    };
    let outcome = Outcome::NoLink {
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

async fn two_claims_never_share_a_submission(store: &dyn Store) {
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

async fn a_lease_that_ran_out_is_claimed_again_and_its_holder_turned_away(store: &dyn Store) {
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

async fn a_renewed_lease_lasts_longer(store: &dyn Store) {
    submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    let leased = claim_one(store, NOW).await;
    store
        .renew(&[leased.lease], LEASE, NOW.plus(LEASE / 2))
        .await
        .unwrap();
    assert!(claim(store, NOW.plus(LEASE)).await.is_empty());
    store.finish(leased.lease, publish(), NOW).await.unwrap();
}

async fn a_released_lease_is_due_at_once(store: &dyn Store) {
    submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    let leased = claim_one(store, NOW).await;
    store.release(&[leased.lease], NOW).await.unwrap();
    assert_eq!(claim_one(store, NOW).await.attempts, 0);
}

async fn hosts_that_are_busy_are_passed_over(store: &dyn Store) {
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
        limit: 10,
        per_host: 2,
        busy,
        lease: LEASE,
    };
    let leased = store.claim(request, NOW).await.unwrap();
    let mut hosts: Vec<_> = leased.iter().map(|l| l.source.host()).collect();
    hosts.sort_unstable();
    assert_eq!(hosts, ["big.example", "small.example"]);
}

async fn everything_an_entry_says_comes_back(store: &dyn Store) {
    let accepted = submit(
        store,
        "https://ann.example/post",
        TARGET,
        Protocol::Webmention,
    )
    .await;
    let Finished::Added(id) = finish(store, publish()).await else {
        panic!("not added");
    };
    assert_eq!(
        state(store, accepted).await,
        State::Accepted {
            id,
            last_failure: None
        }
    );
    let mentions = shown(store, "http://blog.example/post/#c5").await;
    assert_eq!(mentions.len(), 1);
    let mention = &mentions[0];
    assert_eq!(mention.id, id);
    assert_eq!(mention.entry, entry());
    assert_eq!(mention.source.as_str(), "https://ann.example/post");
    assert_eq!(mention.target.as_str(), TARGET);
    assert_eq!((mention.received_at, mention.verified_at), (NOW, NOW));
    assert!(id.0 < 1 << 53);
    // An update may take words away.
    submit(
        store,
        "https://ann.example/post",
        TARGET,
        Protocol::Webmention,
    )
    .await;
    let bare = Entry {
        title: None,
        site_name: None,
        author: None,
        published: None,
        excerpt: None,
        language: None,
        ..entry()
    };
    let outcome = Outcome::Publish(Box::new(bare.clone()));
    assert_eq!(finish(store, outcome).await, Finished::Updated(id));
    assert_eq!(shown(store, TARGET).await[0].entry, bare);
}

async fn one_source_and_target_are_one_mention_whatever_the_protocol(store: &dyn Store) {
    submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    finish(store, publish()).await;
    submit(store, "https://s.example/", TARGET, Protocol::Pingback).await;
    assert!(matches!(
        finish(store, publish()).await,
        Finished::Updated(_)
    ));
    let mentions = shown(store, TARGET).await;
    assert_eq!(mentions.len(), 1);
    let protocols: Vec<_> = mentions[0].protocols.iter().collect();
    assert_eq!(protocols, [Protocol::Webmention, Protocol::Pingback]);
}

async fn a_repetition_during_a_lease_is_verified_again(store: &dyn Store) {
    submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    let leased = claim_one(store, NOW).await;
    let again = submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    assert!(claim(store, NOW).await.is_empty());
    store.finish(leased.lease, publish(), NOW).await.unwrap();
    assert!(matches!(state(store, again).await, State::Accepted { .. }));
    assert_eq!(finish(store, no_link()).await, Finished::Removed);
    assert!(claim(store, NOW).await.is_empty());
}

async fn a_failure_keeps_what_is_shown(store: &dyn Store) {
    let accepted = submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    finish(store, publish()).await;
    submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    let leased = claim_one(store, NOW).await;
    assert!(leased.known);
    let retry_at = NOW.plus(Duration::from_secs(60));
    let finished = store
        .finish(leased.lease, failed(Some(retry_at)), NOW)
        .await
        .unwrap();
    assert_eq!(finished, Finished::Noted);
    assert_eq!(shown(store, TARGET).await.len(), 1);
    assert!(matches!(
        state(store, accepted).await,
        State::Accepted { .. }
    ));
    assert!(claim(store, NOW).await.is_empty());
    assert_eq!(claim_one(store, retry_at).await.attempts, 1);
}

async fn a_repetition_does_not_override_what_the_source_asked_for(store: &dyn Store) {
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

async fn no_link_removes_what_is_shown(store: &dyn Store) {
    let accepted = submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    finish(store, publish()).await;
    submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    assert_eq!(finish(store, no_link()).await, Finished::Removed);
    assert!(shown(store, TARGET).await.is_empty());
    let status = store.status(accepted.key).await.unwrap().unwrap();
    assert_eq!(
        (status.state, status.was_known),
        (State::Deleted { gone: false }, true)
    );
}

async fn no_link_to_one_form_of_a_target_keeps_a_mention_of_the_other(store: &dyn Store) {
    submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    finish(store, publish()).await;
    let other = submit(
        store,
        "https://s.example/",
        "http://blog.example/post/",
        Protocol::Webmention,
    );
    let other = other.await;
    assert_eq!(finish(store, no_link()).await, Finished::Noted);
    assert_eq!(shown(store, TARGET).await.len(), 1);
    assert!(matches!(state(store, other).await, State::Rejected { .. }));
}

async fn gone_erases_what_is_shown(store: &dyn Store) {
    let accepted = submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    finish(store, publish()).await;
    let other = "http://blog.example/post/";
    let other = submit(store, "https://s.example/", other, Protocol::Webmention).await;
    assert_eq!(finish(store, Outcome::Gone).await, Finished::Removed);
    assert!(shown(store, TARGET).await.is_empty());
    assert_eq!(state(store, accepted).await, State::Deleted { gone: false });
    assert_eq!(state(store, other).await, State::Deleted { gone: true });
}

async fn gone_of_an_unknown_source_is_a_failure(store: &dyn Store) {
    let accepted = submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    assert_eq!(finish(store, Outcome::Gone).await, Finished::Noted);
    let State::Failed(failure) = state(store, accepted).await else {
        panic!("not failed");
    };
    assert_eq!(failure.kind, FailureKind::Gone);
}

async fn each_visible_change_raises_the_version(store: &dyn Store) {
    let page = target(TARGET).page_key();
    let version = async || store.page_version(&page).await.unwrap();
    assert_eq!(version().await, PageVersion(0));
    submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    assert_eq!(version().await, PageVersion(0));
    finish(store, publish()).await;
    let added = version().await;
    assert!(added > PageVersion(0));
    submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    finish(store, failed(None)).await;
    assert_eq!(version().await, added);
    submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    finish(store, no_link()).await;
    assert!(version().await > added);
}

async fn pages_of_mentions_follow_one_another_without_gap(store: &dyn Store) {
    for n in 0..25 {
        submit(
            store,
            &format!("https://s{n}.example/"),
            TARGET,
            Protocol::Webmention,
        )
        .await;
    }
    for leased in claim(store, NOW).await {
        store.finish(leased.lease, publish(), NOW).await.unwrap();
    }
    let page = target(TARGET).page_key();
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let query = MentionQuery { limit: 10, before };
        let part = store.mentions(&page, query).await.unwrap();
        assert_eq!(part.total, 25);
        seen.extend(part.mentions.iter().map(|m| m.id));
        before = part.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 25);
    assert!(seen.is_sorted_by(|a, b| a > b));
}

async fn fifty_identical_submissions_are_one_mention(store: &dyn Store) {
    let all = (0..50).map(|_| submit(store, "https://s.example/", TARGET, Protocol::Webmention));
    let all = futures_util::future::join_all(all).await;
    assert!(all.iter().all(|a| a.key == all[0].key));
    finish(store, publish()).await;
    assert!(claim(store, NOW).await.is_empty());
    assert_eq!(shown(store, TARGET).await.len(), 1);
}

async fn a_verdict_wakes_who_waits_for_it(store: &dyn Store) {
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

async fn waiting_for_a_verdict_ends_in_time(store: &dyn Store) {
    let accepted = submit(store, "https://s.example/", TARGET, Protocol::Pingback).await;
    let status = store
        .wait_for_verdict(accepted, Duration::from_millis(1))
        .await
        .unwrap();
    assert_eq!(status, None);
}

async fn prune_forgets_old_failures_only(store: &dyn Store) {
    let kept = submit(store, "https://a.example/", TARGET, Protocol::Webmention).await;
    finish(store, publish()).await;
    let lost = submit(store, "https://b.example/", TARGET, Protocol::Webmention).await;
    finish(store, no_link()).await;
    assert_eq!(store.prune(NOW, 10).await.unwrap(), 0);
    assert_eq!(store.prune(NOW.plus(LEASE), 10).await.unwrap(), 1);
    assert!(store.status(kept.key).await.unwrap().is_some());
    assert!(store.status(lost.key).await.unwrap().is_none());
}

async fn every_name_in_the_model_is_accepted_by_the_schema(store: &dyn Store) {
    for kind in MentionKind::ALL {
        let from = format!("https://{}.example/", kind.as_str());
        submit(store, &from, TARGET, Protocol::Webmention).await;
        let entry = Entry { kind, ..entry() };
        finish(store, Outcome::Publish(Box::new(entry))).await;
        assert_eq!(shown(store, TARGET).await[0].entry.kind, kind);
    }
    for kind in FailureKind::ALL {
        let from = format!("https://fails.example/{}", kind.as_str());
        let accepted = submit(store, &from, TARGET, Protocol::Pingback).await;
        let failure = Failure {
            kind,
            detail: String::new(),
        };
        let outcome = Outcome::Failed {
            failure: failure.clone(),
            retry_at: None,
            not_before: None,
        };
        finish(store, outcome).await;
        assert_eq!(state(store, accepted).await, State::Failed(failure));
    }
}
