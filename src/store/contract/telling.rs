//! How far a hub was told of changes.

use super::*;
use crate::store::Cursor;

const ME: i64 = 1;
const YOU: i64 = 2;

pub(super) async fn what_had_changed_before_the_beginning_is_told_to_nobody(store: &dyn Store) {
    let old = site(store).await;
    submit(
        store,
        "https://ann.example/post",
        TARGET,
        Protocol::Webmention,
    )
    .await;
    finish(store, publish()).await;
    store.begin_telling().await.unwrap();
    let begun = store.take_telling(old, ME, LEASE, NOW).await.unwrap();
    let version = store.version(&Scope::Site(old)).await.unwrap();
    assert_eq!(begun, version.last_change.map(Cursor::after_change));
    // A second beginning changes nothing, and of a site that comes now all is told.
    let base = SiteBase::parse("new.example").unwrap();
    let new = store.add_site(&[base], NOW).await.unwrap().id;
    store.begin_telling().await.unwrap();
    let place = store.take_telling(new, ME, LEASE, NOW).await.unwrap();
    assert_eq!(place, Some(Cursor::BEGINNING));
    assert_eq!(
        store.take_telling(old, ME, LEASE, NOW).await.unwrap(),
        begun
    );
}

pub(super) async fn one_tells_at_a_time_and_another_goes_on_where_it_ended(store: &dyn Store) {
    let site = site(store).await;
    let take = async |who, at: Timestamp| store.take_telling(site, who, LEASE, at).await.unwrap();
    assert_eq!(take(ME, NOW).await, Some(Cursor::BEGINNING));
    assert_eq!(take(YOU, NOW).await, None);
    let place = Cursor {
        key: 7,
        id: crate::model::MentionId(3),
    };
    assert!(store.told(site, ME, place).await.unwrap());
    assert!(!store.told(site, YOU, Cursor::BEGINNING).await.unwrap());
    assert_eq!(take(ME, NOW).await, Some(place));
    // Who leaves it leaves it at once, and nobody else's.
    store.release_telling(site, YOU).await.unwrap();
    assert_eq!(take(YOU, NOW).await, None);
    store.release_telling(site, ME).await.unwrap();
    assert_eq!(take(YOU, NOW).await, Some(place));
    store.release_telling(site, YOU).await.unwrap();
    assert_eq!(take(ME, NOW).await, Some(place));
    // Whoever died with it holds it as long as the lease, and has no say after.
    let later = NOW.plus(LEASE);
    assert_eq!(take(YOU, later).await, Some(place));
    assert!(!store.told(site, ME, Cursor::BEGINNING).await.unwrap());
    // A site that goes takes it along.
    let base = SiteBase::parse("https://blog.example").unwrap();
    store.remove_site(&base).await.unwrap();
    assert_eq!(take(YOU, later).await, None);
}
