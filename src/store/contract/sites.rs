//! What every store must do with sites, and with what belongs to one that goes.

use super::listing::finished;
use super::*;

pub(super) async fn a_target_belongs_to_the_site_with_the_longest_path(store: &dyn Store) {
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

pub(super) async fn adding_a_site_again_adds_what_was_missing(store: &dyn Store) {
    let first = store.add_site(&[base("a.example")], NOW).await.unwrap();
    let again = store
        .add_site(&[base("a.example"), base("www.a.example")], NOW)
        .await
        .unwrap();
    assert_eq!(again.id, first.id);
    assert_eq!(again.bases, [base("a.example"), base("www.a.example")]);
    assert_eq!(store.sites().await.unwrap(), [again]);
}

pub(super) async fn removing_a_site_takes_everything_with_it(store: &dyn Store) {
    submit(store, "https://s.example/1", TARGET, Protocol::Webmention).await;
    finish(store, publish()).await;
    let waiting = submit(store, "https://s.example/2", TARGET, Protocol::Webmention).await;
    assert!(store.remove_site(&base("blog.example")).await.unwrap());
    assert!(!store.remove_site(&base("blog.example")).await.unwrap());
    assert!(shown(store, TARGET).await.is_empty());
    assert!(claim(store, NOW).await.is_empty());
    assert_eq!(store.status(waiting.key).await.unwrap(), None);
}

pub(super) async fn a_site_inside_another_keeps_its_pages_when_the_other_goes(store: &dyn Store) {
    submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    finish(store, publish()).await;
    let inner = base("https://blog.example/post");
    store.add_site(&[inner], NOW).await.unwrap();
    assert!(store.remove_site(&base("blog.example")).await.unwrap());
    assert_eq!(shown(store, TARGET).await.len(), 1);
}

/// The pages of a site that mentions are shown on.
async fn pages_of(store: &dyn Store, site: SiteId) -> Vec<String> {
    let query = MentionQuery::newest(Scope::Site(site), 100);
    let page = store.mentions(&query).await.unwrap();
    let mut pages: Vec<_> = page.mentions.iter().map(|m| m.target.to_string()).collect();
    pages.sort_unstable();
    pages
}

pub(super) async fn a_page_is_of_the_site_that_its_path_is_of_whatever_its_query(
    store: &dyn Store,
) {
    let outer = site(store).await;
    let inside = [
        "https://blog.example/~ann",
        "https://blog.example/~ann/?p=1",
        "https://blog.example/~ann/post",
        "https://blog.example/~ann?p=2",
    ];
    let beside = [
        "https://blog.example/",
        "https://blog.example/?p=/~ann/",
        "https://blog.example/~anna?p=1",
    ];
    let port = "https://blog.example:8443/~ann?p=1";
    let other = added(store, &[base("https://blog.example:8443")]).await;
    for page in inside.iter().chain(&beside).chain([&port]) {
        finished(store, "https://s.example/", page, publish(), NOW).await;
    }
    let inner = added(store, &[base("https://blog.example/~ann")]).await;
    assert_eq!(pages_of(store, inner).await, inside);
    assert_eq!(pages_of(store, outer).await, beside);
    assert_eq!(pages_of(store, other).await, [port]);
    for page in inside {
        assert_eq!(store.site_of(&target(page)).await.unwrap(), Some(inner));
    }
    // A base that is added later, around them, takes none of them.
    let again = added(
        store,
        &[base("two.example"), base("blog.example:8443/~ann")],
    )
    .await;
    assert_eq!(pages_of(store, again).await, [port]);
    assert!(store.remove_site(&base("blog.example")).await.unwrap());
    let around = added(store, &[base("https://blog.example")]).await;
    assert_eq!(pages_of(store, around).await, [""; 0]);
    assert_eq!(pages_of(store, inner).await, inside);
}

pub(super) async fn a_page_is_of_the_innermost_site_whatever_its_submission_was_accepted_for(
    store: &dyn Store,
) {
    let outer = site(store).await;
    let inner = added(store, &[base("https://blog.example/~ann")]).await;
    let page = "https://blog.example/~ann?p=1";
    // Another process may not know yet that there is a site inside.
    for (from, accepted_for) in [("1", outer), ("2", inner), ("3", outer)] {
        let submission = Submission {
            source: source(&format!("https://s.example/{from}")),
            target: target(page),
            protocol: Protocol::Webmention,
            vouch: None,
            code: None,
        };
        store.accept(submission, accepted_for, NOW).await.unwrap();
        let entry = entry_at(&format!("https://s.example/{from}"));
        finish(store, publishing(entry)).await;
    }
    assert_eq!(pages_of(store, inner).await, [page; 3]);
    assert_eq!(pages_of(store, outer).await, [""; 0]);
}

pub(super) async fn what_was_submitted_to_a_site_inside_another_survives_the_others_end(
    store: &dyn Store,
) {
    let failed = submit(store, "https://s.example/1", TARGET, Protocol::Webmention).await;
    finish(store, no_link()).await;
    let waits = submit(store, "https://s.example/2", TARGET, Protocol::Webmention).await;
    let inner = base("https://blog.example/post");
    let inner = store.add_site(&[inner], NOW).await.unwrap();
    // Submitted before to the outer site, and again to the inner one.
    let leased = claim_one(store, NOW).await;
    store.finish(leased.lease, publish(), NOW).await.unwrap();
    assert!(store.remove_site(&base("blog.example")).await.unwrap());
    assert_eq!(shown(store, TARGET).await.len(), 1);
    let failed = state(store, failed).await;
    assert!(matches!(failed, State::Rejected { .. }), "{failed:?}");
    let waits = state(store, waits).await;
    assert!(matches!(waits, State::Accepted { .. }), "{waits:?}");
    // Nothing has kept the outer site's number.
    assert_eq!(
        store.site_of(&target(TARGET)).await.unwrap(),
        Some(inner.id)
    );
    let again = store.enqueue_checks(9, NOW.plus(DAY)).await.unwrap();
    assert_eq!(again, 1);
    assert_eq!(claim_one(store, NOW.plus(DAY)).await.site, inner.id);
}

pub(super) async fn a_submission_for_a_site_that_is_gone_is_refused(store: &dyn Store) {
    let site = site(store).await;
    store.remove_site(&base("blog.example")).await.unwrap();
    let submission = Submission {
        source: source("https://s.example/"),
        target: target(TARGET),
        protocol: Protocol::Webmention,
        vouch: None,
        code: None,
    };
    let refused = store.accept(submission, site, NOW).await;
    assert!(
        matches!(refused, Err(StoreError::NoSuchSite)),
        "{refused:?}"
    );
}

pub(super) async fn a_page_that_comes_back_has_other_versions(store: &dyn Store) {
    let mut versions = Vec::new();
    for later in [Duration::ZERO, LEASE] {
        submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
        let leased = claim_one(store, NOW).await;
        let now = NOW.plus(later);
        store.finish(leased.lease, publish(), now).await.unwrap();
        versions.push(version(store, TARGET).await);
        store.remove_site(&base("blog.example")).await.unwrap();
    }
    assert_ne!(versions[0], versions[1]);
}
