//! What every store must do when pictures are asked for: each once, in its domain's turn, and again when it is
//! time.

use std::collections::HashSet;

use super::media::*;
use super::*;
use crate::model::{PictureRole, Validators};
use crate::store::{PictureOutcome, PictureRequest};

pub(super) async fn a_picture_is_asked_for_once_however_many_mentions_name_it(store: &dyn Store) {
    for n in 0..100 {
        let url = format!("https://ann{n}.example/");
        let entry = with_face(&url, "https://faces.example/ann");
        mention(store, &url, TARGET, entry, NOW).await;
    }
    let leased = claim_picture(store, NOW).await;
    assert_eq!(leased.url.as_str(), "https://faces.example/ann");
    assert_eq!(leased.role, PictureRole::Avatar);
    assert_eq!((leased.validators.is_none(), leased.failures), (true, 0));
    finish_picture(store, &leased, copied(1), NOW).await;
    for mention in shown(store, TARGET).await {
        let author = mention.entry.author.unwrap();
        let copy = mention.pictures.avatar(&author).unwrap();
        assert_eq!((copy.name.hash, copy.width, copy.height), ([1; 16], 64, 48));
    }
    assert!(claim_pictures(store, NOW.plus(DAY)).await.is_empty());
    let again = claim_picture(store, NOW.plus(MONTH)).await;
    assert_eq!(again.url, leased.url);
}

pub(super) async fn a_picture_that_fails_is_asked_for_when_it_is_said_and_not_before(
    store: &dyn Store,
) {
    one(store).await;
    let leased = claim_picture(store, NOW).await;
    finish_picture(store, &leased, no_picture(false), NOW).await;
    // Not even where another mention names it.
    let entry = with_face("https://bob.example/", "https://ann.example/face.png");
    mention(store, "https://bob.example/", TARGET, entry, NOW.plus(DAY)).await;
    assert!(claim_pictures(store, NOW.plus(DAY)).await.is_empty());
    let next = store.claim_pictures(request(), NOW.plus(DAY)).await;
    assert_eq!(next.unwrap().next_at, Some(NOW.plus(MONTH)));
    let leased = claim_picture(store, NOW.plus(MONTH)).await;
    assert_eq!(leased.failures, 1);
    finish_picture(store, &leased, copied(1), NOW.plus(MONTH)).await;
    let leased = claim_picture(store, NOW.plus(MONTH * 2)).await;
    assert_eq!(leased.failures, 0);
}

pub(super) async fn what_a_picture_came_with_is_asked_about_while_there_is_a_copy(
    store: &dyn Store,
) {
    one(store).await;
    let leased = claim_picture(store, NOW).await;
    let validators = Some(Validators {
        url: "https://cdn.example/ann".parse().unwrap(),
        etag: Some("\"1\"".to_owned()),
        last_modified: None,
    });
    let outcome = PictureOutcome::Copied {
        copy: copy(1, 10),
        validators: validators.clone(),
    };
    finish_picture(store, &leased, outcome, NOW).await;
    let leased = claim_picture(store, NOW.plus(MONTH)).await;
    assert_eq!(leased.validators, validators);
    finish_picture(store, &leased, PictureOutcome::Unchanged, NOW.plus(MONTH)).await;
    store.shrink_media(0, NOW.plus(MONTH)).await.unwrap();
    let leased = claim_picture(store, NOW.plus(MONTH * 2)).await;
    assert_eq!(leased.validators, None);
}

pub(super) async fn two_claims_never_share_a_picture_until_the_lease_has_run_out(
    store: &dyn Store,
) {
    one(store).await;
    let first = claim_picture(store, NOW).await;
    let half = NOW.plus(LEASE / 2);
    assert!(claim_pictures(store, half).await.is_empty());
    let late = NOW.plus(LEASE);
    let second = claim_picture(store, late).await;
    assert_eq!(first.lease.picture, second.lease.picture);
    let turned_away = store
        .finish_picture(first.lease, copied(1), late, NO_LIMIT, late)
        .await;
    assert!(matches!(turned_away, Err(StoreError::LeaseLost)));
    finish_picture(store, &second, copied(2), late).await;
    assert!(is_kept(store, 2).await && !is_kept(store, 1).await);
}

pub(super) async fn domains_take_turns_however_many_pictures_one_has(store: &dyn Store) {
    let many = (0..100).map(|n| format!("https://s{n}.many.example/"));
    for url in many.chain(["https://one.example/".to_owned()]) {
        let entry = with_face(&url, &format!("{url}face.png"));
        submit(store, &url, TARGET, Protocol::Webmention).await;
        let now = NOW.plus(Duration::from_secs(3600));
        let leased = claim_one(store, now).await;
        store
            .finish(leased.lease, publishing(entry), now)
            .await
            .unwrap();
    }
    let manners = Manners {
        interval: Duration::from_millis(200),
        domain_per_hour: 10,
        page_per_hour: 0,
    };
    let mut now = NOW.plus(Duration::from_secs(3600));
    let mut busy = HashSet::new();
    let mut turns: Vec<(String, Timestamp)> = Vec::new();
    while now < NOW.plus(Duration::from_secs(3700)) {
        let request = PictureRequest {
            busy: busy.clone(),
            manners,
            ..request()
        };
        let claimed = store.claim_pictures(request, now).await.unwrap();
        for leased in claimed.pictures {
            turns.push((leased.domain.clone(), now));
            finish_picture(store, &leased, copied(1), now).await;
        }
        now = now.plus(Duration::from_millis(100));
        // In the last half a minute, this worker is asking that domain already.
        if now > NOW.plus(Duration::from_secs(3670)) {
            busy.insert("many.example".to_owned());
        }
    }
    let of = |domain: &str| -> Vec<Timestamp> {
        let turns = turns.iter().filter(|(whose, _)| whose == domain);
        turns.map(|(_, at)| *at).collect()
    };
    assert_eq!(of("one.example").len(), 1);
    let many = of("many.example");
    // Known to have linked here, it has ten times the budget: half of that at once.
    assert_eq!(many.len(), 50);
    for pair in many.windows(2) {
        assert!(pair[1].since(pair[0]) >= manners.interval * 2);
    }
}

pub(super) async fn a_domain_that_asks_to_be_left_alone_is_for_pages_and_pictures_alike(
    store: &dyn Store,
) {
    one(store).await;
    let leased = claim_picture(store, NOW).await;
    let until = NOW.plus(Duration::from_secs(7200));
    let outcome = PictureOutcome::Failed {
        failure: "503".to_owned(),
        is_gone: false,
        hold_until: Some(until),
    };
    store
        .finish_picture(leased.lease, outcome, NOW, NO_LIMIT, NOW)
        .await
        .unwrap();
    let hour = NOW.plus(Duration::from_secs(3600));
    submit(store, "https://ann.example/2", TARGET, Protocol::Webmention).await;
    assert!(claim(store, hour).await.is_empty());
    assert!(claim_pictures(store, hour).await.is_empty());
    assert_eq!(claim(store, until).await.len(), 1);
    assert_eq!(claim_pictures(store, until).await.len(), 1);
}
