//! Private mentions: for the owner alone, and apart from public ones of the same source.

use super::*;
use crate::model::{Mention, MentionState, Secret, StatusKey};
use crate::store::{Known, PictureRequest};

const SOURCE: &str = "https://ann.example/post";

async fn submit_with(store: &dyn Store, to: &str, code: Option<&str>) -> Accepted {
    let submission = Submission {
        source: source(SOURCE),
        target: target(to),
        protocol: Protocol::Webmention,
        vouch: None,
        code: code.map(|code| Secret::new(code).unwrap()),
    };
    site(store).await;
    let site = store.site_of(&submission.target).await.unwrap().unwrap();
    store.accept(submission, site, NOW).await.unwrap()
}

/// Submits with a code, or without, and has it end so.
async fn send(store: &dyn Store, code: Option<&str>, outcome: Outcome) -> (StatusKey, Finished) {
    let accepted = submit_with(store, TARGET, code).await;
    (accepted.key, finish(store, outcome).await)
}

fn saying(title: &str) -> Outcome {
    let mut entry = entry();
    entry.title = Some(title.to_owned());
    publishing(entry)
}

async fn private(store: &dyn Store) -> Vec<Mention> {
    store.private_mentions(None, None, 100).await.unwrap()
}

fn titles(mentions: &[Mention]) -> Vec<&str> {
    let titles = mentions.iter().map(|m| m.entry.title.as_deref());
    titles.map(Option::unwrap_or_default).collect()
}

pub(super) async fn a_private_mention_is_for_its_owner_alone(store: &dyn Store) {
    let site = site(store).await;
    let page = target(TARGET).page_key();
    let (key, finished) = send(store, Some("c1"), saying("secret")).await;
    assert!(matches!(finished, Finished::Added(_)));
    assert_eq!(shown(store, TARGET).await, []);
    let version = store.version(&page.into()).await.unwrap();
    assert_eq!(version, crate::store::Version::default());
    assert_eq!(titles(&private(store).await), ["secret"]);
    let of_other = store.private_mentions(Some(SiteId(99)), None, 9).await;
    assert_eq!(of_other.unwrap(), []);
    let of_site = store.private_mentions(Some(site), None, 9).await.unwrap();
    assert_eq!(of_site.len(), 1);
    let older = store.private_mentions(None, Some(of_site[0].id), 9).await;
    assert_eq!(older.unwrap(), []);
    // Nor is a picture of it copied, for all to see who have its name.
    let pictures = PictureRequest {
        limit: 9,
        busy: std::collections::HashSet::default(),
        lease: LEASE,
        manners: Manners::default(),
    };
    let claimed = store.claim_pictures(pictures, NOW).await.unwrap();
    assert!(claimed.pictures.is_empty());
    // Nor does the door know the domain by it.
    assert!(!store.knows_domain(site, "ann.example").await.unwrap());
    let status = store.status(key).await.unwrap().unwrap();
    assert!(status.is_private && matches!(status.state, State::Accepted { .. }));
    // Who does not know the code finds nothing.
    let public = store.status_of(&source(SOURCE), &target(TARGET)).await;
    assert_eq!(public.unwrap(), None);
    let (wrong, _) = send(store, Some("c2"), failed(None)).await;
    assert_ne!(wrong, key);
    assert!(matches!(
        store.status(wrong).await.unwrap().unwrap().state,
        State::Failed(_)
    ));
    assert_eq!(titles(&private(store).await), ["secret"]);
}

pub(super) async fn private_and_public_mentions_of_one_source_are_apart(store: &dyn Store) {
    for codes in [[Some("c1"), None], [None, Some("c2")]] {
        for code in codes {
            let title = if code.is_some() { "secret" } else { "public" };
            send(store, code, saying(title)).await;
        }
        assert_eq!(titles(&shown(store, TARGET).await), ["public"]);
        assert_eq!(titles(&private(store).await), ["secret"]);
    }
    // What is said of the one is nothing to the other.
    send(store, Some("c3"), no_link()).await;
    assert_eq!(private(store).await, []);
    assert_eq!(titles(&shown(store, TARGET).await), ["public"]);
    send(store, Some("c4"), saying("secret")).await;
    send(store, Some("c5"), gone()).await;
    assert_eq!(private(store).await, []);
    assert_eq!(titles(&shown(store, TARGET).await), ["public"]);
    send(store, Some("c6"), saying("secret")).await;
    send(store, None, no_link()).await;
    assert_eq!(titles(&private(store).await), ["secret"]);
    assert_eq!(shown(store, TARGET).await, []);
    // But what is gone for all is gone.
    send(store, None, saying("public")).await;
    send(store, None, gone()).await;
    assert_eq!(private(store).await, []);
    assert_eq!(shown(store, TARGET).await, []);
}

pub(super) async fn a_private_mention_is_updated_by_its_sender_and_asked_for_by_nobody(
    store: &dyn Store,
) {
    let (_, first) = send(store, Some("c1"), saying("secret")).await;
    let (_, second) = send(store, Some("c2"), saying("secret, mended")).await;
    let (Finished::Added(first), Finished::Updated(second)) = (first, second) else {
        panic!("{first:?}, {second:?}");
    };
    assert_eq!(first, second);
    assert_eq!(titles(&private(store).await), ["secret, mended"]);
    let year = NOW.plus(DAY * 365);
    assert_eq!(store.enqueue_checks(100, year).await.unwrap(), 0);
    // Nor where its sender speaks of another, public one.
    submit(
        store,
        SOURCE,
        "https://blog.example/other",
        Protocol::Webmention,
    )
    .await;
    finish(store, saying("public")).await;
    assert!(claim(store, NOW.plus(DAY)).await.is_empty());
}

pub(super) async fn each_code_is_verified_by_itself(store: &dyn Store) {
    for code in [None, Some("c1"), Some("c2"), Some("c1")] {
        submit_with(store, TARGET, code).await;
    }
    let claimed = store.claim(everything(), NOW).await.unwrap();
    let mut codes: Vec<_> = claimed
        .batches
        .iter()
        .map(|batch| {
            // Nothing is judged by what another's code has opened.
            assert_eq!(batch.leased.len(), 1);
            let leased = &batch.leased[0];
            assert_eq!(leased.known, None::<Known>);
            leased.code.as_ref().map(Secret::expose)
        })
        .collect();
    codes.sort_unstable();
    assert_eq!(codes, [None, Some("c1"), Some("c2")]);
}

pub(super) async fn a_private_mention_of_a_site_inside_another_is_for_its_owner_alone(
    store: &dyn Store,
) {
    let outer = site(store).await;
    let page = "https://blog.example/~ann/?p=1";
    submit_with(store, page, None).await;
    finish(store, saying("public")).await;
    let inner = added(store, &[base("https://blog.example/~ann")]).await;
    submit_with(store, page, Some("c1")).await;
    finish(store, saying("secret")).await;
    let of_page = |site| Scope::Pages {
        keys: vec![target(page).page_key()],
        site: Some(site),
    };
    let of_host = |site| Scope::Host {
        authority: "blog.example".into(),
        site: Some(site),
    };
    for (site, want) in [(inner, &["secret", "public"][..]), (outer, &[])] {
        for scope in [of_page(site), of_host(site), Scope::Site(site)] {
            let query = MentionQuery {
                states: MentionState::ALL.to_vec(),
                ..MentionQuery::newest(scope, 9)
            };
            let listed = store.mentions(&query).await.unwrap().mentions;
            assert_eq!(titles(&listed), want, "{query:?}");
        }
        let private = store.private_mentions(Some(site), None, 9).await.unwrap();
        assert_eq!(titles(&private), want.get(..1).unwrap_or_default());
    }
}
