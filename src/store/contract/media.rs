//! What every store must do with pictures: ask for each once, show it where it is named, and keep nothing
//! of what went.

use std::collections::HashSet;

use super::*;
use crate::model::{MediaName, MediaType, PictureRole, Rendition, Validators};
use crate::store::{LeasedPicture, PictureOutcome, PictureRequest};

const NO_LIMIT: u64 = u64::MAX;
const MONTH: Duration = DAY.saturating_mul(30);

/// An entry whose author has this face, and nothing else to show.
fn with_face(url: &str, face: &str) -> Entry {
    Entry {
        author: Some(Author {
            name: Some("Ann".to_owned()),
            url: None,
            photo: Some(face.to_owned()),
        }),
        ..Entry::bare(MentionKind::Like, url.to_owned())
    }
}

/// Has a source mention a page, with that entry.
async fn mention(store: &dyn Store, from: &str, to: &str, entry: Entry, now: Timestamp) {
    submit(store, from, to, Protocol::Webmention).await;
    for leased in claim(store, now).await {
        let outcome = publishing(entry.clone());
        store.finish(leased.lease, outcome, now).await.unwrap();
    }
}

/// Has Ann's post mention a page; it shows her face.
async fn one(store: &dyn Store) {
    let entry = with_face("https://ann.example/1", "https://ann.example/face.png");
    mention(store, "https://ann.example/1", TARGET, entry, NOW).await;
}

fn request() -> PictureRequest {
    PictureRequest {
        limit: 100,
        busy: HashSet::new(),
        lease: LEASE,
        manners: Manners::default(),
    }
}

async fn claim_pictures(store: &dyn Store, now: Timestamp) -> Vec<LeasedPicture> {
    store.claim_pictures(request(), now).await.unwrap().pictures
}

async fn claim_picture(store: &dyn Store, now: Timestamp) -> LeasedPicture {
    let mut all = claim_pictures(store, now).await;
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

/// A copy of so many bytes, all `n`.
fn copy(n: u8, size: usize) -> Rendition {
    Rendition {
        name: MediaName {
            hash: [n; 16],
            form: MediaType::WebP,
        },
        bytes: vec![n; size],
        width: 64,
        height: 48,
    }
}

fn copied(n: u8) -> PictureOutcome {
    PictureOutcome::Copied {
        copy: copy(n, 10),
        validators: None,
    }
}

fn no_picture(is_gone: bool) -> PictureOutcome {
    PictureOutcome::Failed {
        failure: "none".to_owned(),
        is_gone,
        hold_until: None,
    }
}

async fn finish_picture(
    store: &dyn Store,
    leased: &LeasedPicture,
    outcome: PictureOutcome,
    now: Timestamp,
) {
    store
        .finish_picture(leased.lease, outcome, now.plus(MONTH), NO_LIMIT, now)
        .await
        .unwrap();
}

async fn is_kept(store: &dyn Store, n: u8) -> bool {
    let file = store.media(copy(n, 0).name, NOW).await.unwrap();
    file.is_some_and(|bytes| bytes[0] == n)
}

/// The copy of the author's face, of the newest mention.
async fn face(store: &dyn Store, page: &str) -> Option<MediaName> {
    let mention = shown(store, page).await.remove(0);
    let author = mention.entry.author.unwrap();
    mention.pictures.avatar(&author).map(|copy| copy.name)
}

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

pub(super) async fn what_an_entry_shows_is_copied_in_its_own_role(store: &dyn Store) {
    let source = "https://s.example/1";
    let mut entry = entry_at(source);
    entry.photos.push(Photo {
        url: "ftp://ann.example/odd.jpg".into(),
        alt: None,
    });
    // A face that is a photo, too.
    entry.photos[0].url = "https://ann.example/face.png".into();
    mention(store, source, TARGET, entry, NOW).await;
    let mut asked = Vec::new();
    let mut now = NOW;
    for n in 1..=4 {
        for leased in claim_pictures(store, now).await {
            finish_picture(store, &leased, copied(n), now).await;
            asked.push((leased.role, leased.url.to_string()));
        }
        now = now.plus(Duration::from_secs(1));
    }
    asked.sort();
    let want = [
        (PictureRole::Avatar, "https://ann.example/face.png"),
        (PictureRole::Avatar, "https://bob.example/face.png"),
        (PictureRole::Photo, "https://ann.example/2.jpg"),
        (PictureRole::Photo, "https://ann.example/face.png"),
    ];
    assert_eq!(asked, want.map(|(role, url)| (role, url.to_owned())));
    let mention = shown(store, TARGET).await.remove(0);
    let bob = mention.entry.comments[0].author.clone().unwrap();
    assert!(mention.pictures.avatar(&bob).is_some());
    for photo in &mention.entry.photos[..2] {
        assert!(mention.pictures.photo(&photo.url).is_some());
    }
    assert!(
        mention
            .pictures
            .photo("ftp://ann.example/odd.jpg")
            .is_none()
    );
}

pub(super) async fn a_picture_that_comes_or_goes_raises_the_version(store: &dyn Store) {
    one(store).await;
    let other = "https://blog.example/other";
    let entry = with_face("https://bob.example/1", "https://bob.example/face.png");
    mention(store, "https://bob.example/1", other, entry, NOW).await;
    let (first, of_other) = (version(store, TARGET).await, version(store, other).await);
    assert_eq!(face(store, TARGET).await, None);
    let all = claim_pictures(store, NOW).await;
    let leased = all.iter().find(|one| one.domain == "ann.example").unwrap();
    let mut changes = store.changes();
    finish_picture(store, leased, copied(1), NOW).await;
    assert!(changes.has_changed().unwrap());
    changes.mark_unchanged();
    let with_picture = version(store, TARGET).await;
    assert!(with_picture > first);
    assert_eq!(face(store, TARGET).await, Some(copy(1, 0).name));
    // The same once more, and a failure, change nothing.
    let mut now = NOW.plus(MONTH);
    for outcome in [
        copied(1),
        PictureOutcome::Unchanged,
        no_picture(false),
        no_picture(false),
    ] {
        let all = claim_pictures(store, now).await;
        let leased = all.iter().find(|one| one.domain == "ann.example").unwrap();
        finish_picture(store, leased, outcome, now).await;
        assert_eq!(version(store, TARGET).await, with_picture);
        assert!(is_kept(store, 1).await);
        assert!(!changes.has_changed().unwrap());
        now = now.plus(MONTH);
    }
    let all = claim_pictures(store, now).await;
    let leased = all.iter().find(|one| one.domain == "ann.example").unwrap();
    assert_eq!(leased.failures, 2);
    finish_picture(store, leased, no_picture(true), now).await;
    assert!(changes.has_changed().unwrap());
    assert!(version(store, TARGET).await > with_picture);
    assert_eq!(face(store, TARGET).await, None);
    assert!(!is_kept(store, 1).await);
    assert_eq!(version(store, other).await, of_other);
}

pub(super) async fn a_picture_goes_with_the_last_mention_that_names_it(store: &dyn Store) {
    let pages = [TARGET, "https://blog.example/other"];
    for (n, page) in pages.iter().enumerate() {
        let url = format!("https://ann{n}.example/");
        let entry = with_face(&url, "https://faces.example/ann");
        mention(store, &url, page, entry, NOW).await;
    }
    let leased = claim_picture(store, NOW).await;
    finish_picture(store, &leased, copied(1), NOW).await;
    for (n, page) in pages.iter().enumerate() {
        assert!(is_kept(store, 1).await);
        let url = format!("https://ann{n}.example/");
        submit(store, &url, page, Protocol::Webmention).await;
        let later = NOW.plus(DAY);
        let leased = claim_one(store, later).await;
        store.finish(leased.lease, gone(), later).await.unwrap();
    }
    assert!(!is_kept(store, 1).await);
    // Nobody asks for it any more.
    assert!(claim_pictures(store, NOW.plus(MONTH)).await.is_empty());
}

pub(super) async fn a_picture_under_way_when_its_mention_goes_is_not_kept(store: &dyn Store) {
    one(store).await;
    let leased = claim_picture(store, NOW).await;
    submit(store, "https://ann.example/1", TARGET, Protocol::Webmention).await;
    let later = NOW.plus(DAY);
    let mention = claim_one(store, later).await;
    store.finish(mention.lease, gone(), later).await.unwrap();
    let kept = store
        .finish_picture(leased.lease, copied(1), later, NO_LIMIT, later)
        .await;
    assert!(matches!(kept, Err(StoreError::LeaseLost)), "{kept:?}");
    assert!(!is_kept(store, 1).await);
}

pub(super) async fn an_update_that_names_another_picture_lets_the_first_go(store: &dyn Store) {
    one(store).await;
    let leased = claim_picture(store, NOW).await;
    finish_picture(store, &leased, copied(1), NOW).await;
    let later = NOW.plus(DAY);
    let entry = with_face("https://ann.example/1", "https://ann.example/new.png");
    mention(store, "https://ann.example/1", TARGET, entry, later).await;
    assert!(!is_kept(store, 1).await);
    assert_eq!(face(store, TARGET).await, None);
    let leased = claim_picture(store, later).await;
    assert_eq!(leased.url.as_str(), "https://ann.example/new.png");
}

pub(super) async fn pictures_that_look_the_same_have_one_copy(store: &dyn Store) {
    one(store).await;
    let bob = "https://bob.example/1";
    let entry = with_face(bob, "https://bob.example/face.png");
    mention(store, bob, TARGET, entry, NOW).await;
    for leased in claim_pictures(store, NOW).await {
        finish_picture(store, &leased, copied(1), NOW).await;
    }
    for (n, url) in [bob, "https://ann.example/1"].into_iter().enumerate() {
        assert_eq!(face(store, TARGET).await, Some(copy(1, 0).name), "{n}");
        submit(store, url, TARGET, Protocol::Webmention).await;
        let later = NOW.plus(DAY);
        let leased = claim_one(store, later).await;
        store.finish(leased.lease, gone(), later).await.unwrap();
    }
    assert!(!is_kept(store, 1).await);
}

pub(super) async fn pictures_go_with_their_site(store: &dyn Store) {
    one(store).await;
    let leased = claim_picture(store, NOW).await;
    finish_picture(store, &leased, copied(1), NOW).await;
    store.remove_site(&base("blog.example")).await.unwrap();
    assert!(!is_kept(store, 1).await);
    assert!(claim_pictures(store, NOW.plus(MONTH)).await.is_empty());
}

pub(super) async fn of_all_copies_the_least_lately_used_goes_first(store: &dyn Store) {
    let hour = |n: u32| NOW.plus(Duration::from_secs(3600) * n);
    for n in 1..=3 {
        let url = format!("https://ann{n}.example/");
        let entry = with_face(&url, &format!("{url}face.png"));
        mention(store, &url, TARGET, entry, hour(u32::from(n))).await;
        let leased = claim_picture(store, hour(u32::from(n))).await;
        finish_picture(store, &leased, copied(n), hour(u32::from(n))).await;
    }
    // The first is looked at a day later: it is not the one that was used least lately any more.
    let later = hour(30);
    assert!(store.media(copy(1, 0).name, later).await.unwrap().is_some());
    let before = version(store, TARGET).await;
    assert_eq!(store.shrink_media(30, later).await.unwrap(), 0);
    assert_eq!(store.shrink_media(29, later).await.unwrap(), 1);
    assert!(version(store, TARGET).await > before);
    let kept = async |store| {
        let mut kept = Vec::new();
        for n in 1..=4 {
            if is_kept(store, n).await {
                kept.push(n);
            }
        }
        kept
    };
    assert_eq!(kept(store).await, [1, 3]);
    // A new one makes room for itself.
    let entry = with_face("https://bob.example/", "https://bob.example/face.png");
    mention(store, "https://bob.example/", TARGET, entry, later).await;
    let leased = claim_picture(store, later).await;
    store
        .finish_picture(leased.lease, copied(4), later.plus(MONTH), 20, later)
        .await
        .unwrap();
    assert_eq!(kept(store).await, [1, 4]);
    // What had to go is not asked for at once.
    assert!(claim_pictures(store, later.plus(DAY)).await.is_empty());
    assert_eq!(store.shrink_media(0, later).await.unwrap(), 2);
    assert!(kept(store).await.is_empty());
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
