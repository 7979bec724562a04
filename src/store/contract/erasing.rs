//! What every store must tell of somebody who asks to be forgotten, and erase: the same, and all of it.

use super::life::{POST, send};
use super::media::{claim_picture, copied, finish_picture, mention, request, with_face};
use super::*;
use crate::model::Subject;
use crate::store::{TellTerms, TombstoneQuery, Traces};

const FACE: &str = "https://faces.example/ann.png";

async fn traces(store: &dyn Store, of: &str) -> Traces {
    let subject = Subject::parse(of).unwrap();
    store.traces(&subject, None).await.unwrap()
}

/// What is told of somebody is what is erased, and nothing is left.
async fn is_forgotten(store: &dyn Store, who: &str, known: Traces) {
    assert_eq!(traces(store, who).await, known);
    let subject = Subject::parse(who).unwrap();
    let erased = store.forget(&subject, None, NOW).await.unwrap();
    assert_eq!(erased, known, "what was told of {who}");
    assert_eq!(traces(store, who).await, Traces::default());
}

pub(super) async fn what_another_sender_was_told_of_somebody_is_erased(store: &dyn Store) {
    let failed = Outcome::Failed {
        failure: Failure {
            kind: FailureKind::Vouch,
            detail: "it leads to https://ann.example/x, which is not known".into(),
        },
        retry_at: None,
        not_before: None,
    };
    send(store, "https://carl.example/", TARGET, failed).await;
    let near = NearMiss {
        url: "https://ann.example/y".into(),
        difference: "another host".into(),
    };
    let rejected = Outcome::NoLink {
        moved_to: None,
        near_misses: vec![near],
        recheck_at: None,
    };
    send(store, "https://dora.example/", TARGET, rejected).await;
    let known = Traces {
        naming: 2,
        ..Traces::default()
    };
    is_forgotten(store, "ann.example", known).await;
    assert_eq!(traces(store, "dora.example").await.receipts, 1);
}

pub(super) async fn a_mention_that_is_shown_no_longer_is_erased(store: &dyn Store) {
    send(store, POST, TARGET, publish()).await;
    send(store, POST, TARGET, no_link()).await;
    let other = added(store, &[base("other.example")]).await;
    let subject = Subject::parse(POST).unwrap();
    let elsewhere = store.traces(&subject, Some(other)).await.unwrap();
    assert!(elsewhere.is_none(), "{elsewhere:?}");
    let known = Traces {
        receipts: 1,
        tombstones: 1,
        ..Traces::default()
    };
    is_forgotten(store, POST, known).await;
    let gone = TombstoneQuery {
        scope: target(TARGET).page_key().into(),
        since: crate::model::ChangeNumber(0),
        ascending: true,
        start: Start::Skip(0),
        limit: 9,
    };
    assert_eq!(store.deleted(&gone).await.unwrap().tombstones, []);
}

pub(super) async fn who_is_to_be_told_of_a_change_and_is_forgotten_is_told_nothing(
    store: &dyn Store,
) {
    send(store, "https://bob.example/", TARGET, publish()).await;
    let terms = TellTerms {
        delay: Duration::ZERO,
        interval: DAY,
    };
    let page = store.changed_pages(terms, 1, NOW).await.unwrap().remove(0);
    let upstream = ["https://up.example/1", "https://up.example/2"];
    let pings = upstream.map(|one| (source(TARGET), target(one))).to_vec();
    store.plan_pings(page, pings, terms, NOW).await.unwrap();
    let known = Traces {
        pings: 2,
        ..Traces::default()
    };
    is_forgotten(store, "up.example", known).await;
    assert_eq!(store.due_pings(9, LEASE, NOW).await.unwrap(), []);
}

pub(super) async fn the_turn_of_a_domain_is_erased_unless_others_wait_for_it(store: &dyn Store) {
    send(store, "https://ann.example/", TARGET, no_link()).await;
    assert_eq!(store.prune(NOW.plus(DAY), 9).await.unwrap(), 1);
    let known = Traces {
        lanes: 1,
        ..Traces::default()
    };
    is_forgotten(store, "ann.example", known).await;
    for from in ["https://blog.ann.example/", "https://ann.example/"] {
        submit(store, from, TARGET, Protocol::Webmention).await;
    }
    let leases: Vec<_> = claim(store, NOW)
        .await
        .iter()
        .map(|one| one.lease)
        .collect();
    store.release(&leases, NOW).await.unwrap();
    claim(store, NOW).await;
    let known = Traces {
        submissions: 1,
        ..Traces::default()
    };
    is_forgotten(store, "=ann.example", known).await;
    let known = Traces { lanes: 1, ..known };
    is_forgotten(store, "ann.example", known).await;
}

pub(super) async fn a_picture_goes_with_who_is_forgotten_unless_others_name_it(store: &dyn Store) {
    mention(store, POST, TARGET, with_face(POST, FACE), NOW).await;
    let shared = "https://bob.example/";
    mention(store, shared, TARGET, with_face(shared, FACE), NOW).await;
    let known = Traces {
        mentions: 1,
        receipts: 1,
        ..Traces::default()
    };
    is_forgotten(store, POST, known).await;
    // Of what she said to others, her face alone is hers.
    let mut entry = with_face(shared, FACE);
    entry.comments.push(Comment {
        kind: MentionKind::Reply,
        author: Some(Author {
            name: None,
            url: Some("https://ann.example/about".into()),
            photo: Some("https://faces.example/also-ann.png".into()),
        }),
        published: None,
        text: None,
        url: None,
    });
    mention(store, shared, TARGET, entry, NOW).await;
    let known = Traces {
        quoting: 1,
        pictures: 1,
        ..Traces::default()
    };
    is_forgotten(store, "https://ann.example/about", known).await;
    let left = claim_picture(store, NOW).await;
    assert_eq!(left.url.as_str(), FACE);
}

pub(super) async fn the_turn_for_pictures_is_erased_unless_others_name_some(store: &dyn Store) {
    let bob = "https://bob.example/";
    let face = "https://ann.example/face.png";
    mention(store, bob, TARGET, with_face(bob, face), NOW).await;
    assert!(traces(store, "ann.example").await.is_none());
    let polite = crate::store::PictureRequest {
        manners: Manners {
            interval: DAY,
            ..Manners::default()
        },
        ..request()
    };
    let leased = store.claim_pictures(polite, NOW).await.unwrap().pictures;
    finish_picture(store, &leased[0], copied(1), NOW).await;
    assert!(traces(store, "ann.example").await.is_none());
    send(store, bob, TARGET, no_link()).await;
    let known = Traces {
        picture_lanes: 1,
        ..Traces::default()
    };
    is_forgotten(store, "ann.example", known).await;
}
