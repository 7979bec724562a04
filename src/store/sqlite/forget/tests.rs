//! What is left of somebody who was forgotten, in the tables and in the file itself.

use std::collections::BTreeSet;

use super::*;
use crate::model::TargetUrl;
use crate::store::sqlite::dump::{columns, everything};
use crate::store::{ClaimRequest, Manners, Scope, Store};
use full::{entry, full, publish};

mod full;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const WORDS: [&str; 3] = ["annabel", "ann.example", "own words"];

/// The columns, besides numbers, in which nothing of a stranger's can stand, and why. A `*` stands for all
/// columns of a table.
const NAMES_NOBODY: &[(&str, &str)] = &[
    ("setting.*", "our own secrets"),
    ("site_base.*", "the owner's sites"),
    ("rule.*", "the owner's own words, which stay"),
    ("token.*", "made for the owner's programs"),
    ("site_host.*", "the owner's hosts"),
    ("page.*", "the owner's pages"),
    ("ping.source", "the owner's page"),
    ("submission.target", "the owner's page"),
    ("mention.target", "the owner's page"),
    ("tombstone.target", "the owner's page"),
    ("receipt.target", "the owner's page"),
    ("submission.key", "a keyed hash"),
    ("receipt.key", "a keyed hash"),
    (
        "picture.media_hash",
        "a hash of what we made; it goes with `url`",
    ),
    ("media.hash", "a hash of what we made; it goes with `bytes`"),
    ("submission.occasion", "one of our words"),
    ("mention.kind", "one of our words"),
    ("picture.role", "one of our words"),
    ("media.form", "one of our words"),
    ("receipt.state", "one of our words"),
    ("receipt.failure", "one of our words"),
];

fn subject() -> Subject {
    Subject::parse("ann.example").unwrap()
}

#[tokio::test]
async fn whatever_can_name_somebody_does_so_before_they_are_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.sqlite");
    let _store = full(&path).await;
    let mut unused: BTreeSet<&str> = NAMES_NOBODY.iter().map(|(column, _)| *column).collect();
    for column in columns(&Connection::open(&path).unwrap()) {
        let name = &column.name;
        let table = name.split('.').next().unwrap();
        let listed = NAMES_NOBODY
            .iter()
            .find(|(listed, _)| *listed == name || listed.strip_suffix(".*") == Some(table));
        let is_named = WORDS.iter().any(|word| column.said.contains(word));
        match listed {
            Some((listed, why)) => {
                unused.remove(listed);
                assert!(
                    !is_named,
                    "{name} is listed as {why}, but has: {}",
                    column.said
                );
            }
            None => assert!(
                is_named,
                "{name} is new to this test. If it can hold an address or words of a stranger's, have \
                 `full` (src/store/sqlite/forget/tests/full.rs) write Annabel's there, and `forget` \
                 (src/store/sqlite/forget.rs) take them away; if it never can, list it in NAMES_NOBODY \
                 with the reason."
            ),
        }
    }
    assert!(unused.is_empty(), "take out of NAMES_NOBODY: {unused:?}");
}

#[tokio::test]
async fn nothing_of_who_is_forgotten_is_left_in_any_table_nor_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.sqlite");
    let store = full(&path).await;
    let traces = store.traces(&subject(), None).await.unwrap();
    let want = Traces {
        mentions: 3,
        quoting: 1,
        // Of her own three submissions, and the bridge's.
        receipts: 4,
        naming: 2,
        submissions: 1,
        tombstones: 1,
        pings: 1,
        // Each mention's and comment's face; the one of what has gone went with it.
        pictures: 2,
        domains: 2,
        lanes: 1,
        picture_lanes: 1,
    };
    assert_eq!(traces, want);
    assert_eq!(store.forget(&subject(), None, NOW).await.unwrap(), want);
    assert!(store.traces(&subject(), None).await.unwrap().is_none());
    assert!(store.scrub(true).await.unwrap());
    let connection = Connection::open(&path).unwrap();
    for column in columns(&connection) {
        for word in WORDS {
            let is_left = column.said.contains(word);
            assert!(!is_left, "{word} in {}: {}", column.name, column.said);
        }
    }
    let left = everything(&connection);
    for kept in ["bob's", "bob.example/1", "carl.example", "dora.example"] {
        assert!(left.contains(kept), "{kept}: {left}");
    }
    drop((connection, store));
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap().path();
        let bytes = std::fs::read(&file).unwrap();
        let bytes = String::from_utf8_lossy(&bytes).to_lowercase();
        for word in WORDS {
            assert!(!bytes.contains(word), "{word} in {}", file.display());
        }
    }
}

#[tokio::test]
async fn who_is_forgotten_on_one_site_stays_on_another() {
    let folder = tempfile::tempdir().unwrap();
    let store = full(&folder.path().join("t.sqlite")).await;
    let target = TargetUrl::parse("https://u.example/").unwrap();
    let site = store.site_of(&target).await.unwrap();
    let forgotten = store.forget(&subject(), site, NOW).await.unwrap();
    assert_eq!((forgotten.mentions, forgotten.domains), (1, 1));
    let left = store.traces(&subject(), None).await.unwrap();
    assert_eq!((left.mentions, left.domains), (2, 1));
}

#[tokio::test]
async fn where_a_tombstone_was_erased_no_kept_list_holds_any_longer() {
    let folder = tempfile::tempdir().unwrap();
    let store = full(&folder.path().join("t.sqlite")).await;
    let target = TargetUrl::parse("https://t.example/a").unwrap();
    let scopes = [
        Scope::from(target.page_key()),
        Scope::Site(store.site_of(&target).await.unwrap().unwrap()),
        Scope::Host {
            authority: target.authority(),
            site: None,
        },
    ];
    let mut before = Vec::new();
    for scope in &scopes {
        before.push(store.version(scope).await.unwrap());
    }
    let counts = store.counts(&scopes[0]).await.unwrap().counts;
    // Of this page there is but a tombstone.
    let page = Subject::parse("https://ann.example/2").unwrap();
    store.forget(&page, None, NOW).await.unwrap();
    for (scope, before) in scopes.iter().zip(before) {
        let after = store.version(scope).await.unwrap();
        assert!(after.number > before.number, "{scope:?}: {after:?}");
    }
    let left = store.counts(&scopes[0]).await.unwrap().counts;
    assert_eq!(left, counts, "as many are shown as before");
}

#[tokio::test]
async fn one_page_is_forgotten_and_what_is_being_verified_comes_to_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = full(&folder.path().join("t.sqlite")).await;
    let request = ClaimRequest {
        limit: 1,
        per_host: 1,
        busy: std::collections::HashMap::new(),
        lease: std::time::Duration::from_secs(60),
        manners: Manners::default(),
    };
    let mut claimed = store.claim(request, NOW).await.unwrap();
    let leased = claimed.batches.remove(0).leased.remove(0);
    let page = Subject::parse("https://blog.ann.example/new").unwrap();
    let forgotten = store.forget(&page, None, NOW).await.unwrap();
    let want = Traces {
        submissions: 1,
        ..Traces::default()
    };
    assert_eq!(forgotten, want);
    let entry = entry("https://blog.ann.example/new", "late", "Annabel");
    let late = store.finish(leased.lease, publish(entry), NOW).await;
    assert!(matches!(late, Err(StoreError::LeaseLost)), "{late:?}");
    let others = store.traces(&subject(), None).await.unwrap();
    assert_eq!((others.mentions, others.submissions), (3, 0));
}
