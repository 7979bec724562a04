//! What every store must do with copies of pictures: show each where it is named, and keep nothing of what
//! went.

use std::collections::HashSet;

use super::*;
use crate::model::{MediaName, MediaType, PictureRole, Rendition};
use crate::store::{LeasedPicture, PictureOutcome, PictureRequest};

pub(super) const NO_LIMIT: u64 = u64::MAX;
pub(super) const MONTH: Duration = DAY.saturating_mul(30);

/// An entry whose author has this face, and nothing else to show.
pub(super) fn with_face(url: &str, face: &str) -> Entry {
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
pub(super) async fn mention(store: &dyn Store, from: &str, to: &str, entry: Entry, now: Timestamp) {
    submit(store, from, to, Protocol::Webmention).await;
    for leased in claim(store, now).await {
        let outcome = publishing(entry.clone());
        store.finish(leased.lease, outcome, now).await.unwrap();
    }
}

/// Has Ann's post mention a page; it shows her face.
pub(super) async fn one(store: &dyn Store) {
    let entry = with_face("https://ann.example/1", "https://ann.example/face.png");
    mention(store, "https://ann.example/1", TARGET, entry, NOW).await;
}

pub(super) fn request() -> PictureRequest {
    PictureRequest {
        limit: 100,
        busy: HashSet::new(),
        lease: LEASE,
        manners: Manners::default(),
    }
}

pub(super) async fn claim_pictures(store: &dyn Store, now: Timestamp) -> Vec<LeasedPicture> {
    store.claim_pictures(request(), now).await.unwrap().pictures
}

pub(super) async fn claim_picture(store: &dyn Store, now: Timestamp) -> LeasedPicture {
    let mut all = claim_pictures(store, now).await;
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

/// A copy of so many bytes, all `n`.
pub(super) fn copy(n: u8, size: usize) -> Rendition {
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

pub(super) fn copied(n: u8) -> PictureOutcome {
    PictureOutcome::Copied {
        copy: copy(n, 10),
        validators: None,
    }
}

pub(super) fn no_picture(is_gone: bool) -> PictureOutcome {
    PictureOutcome::Failed {
        failure: "none".to_owned(),
        is_gone,
        hold_until: None,
    }
}

pub(super) async fn finish_picture(
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

pub(super) async fn is_kept(store: &dyn Store, n: u8) -> bool {
    let file = store.media(copy(n, 0).name, NOW).await.unwrap();
    file.is_some_and(|bytes| bytes[0] == n)
}

/// The copy of the author's face, of the newest mention.
pub(super) async fn face(store: &dyn Store, page: &str) -> Option<MediaName> {
    let mention = shown(store, page).await.remove(0);
    let author = mention.entry.author.unwrap();
    mention.pictures.avatar(&author).map(|copy| copy.name)
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
