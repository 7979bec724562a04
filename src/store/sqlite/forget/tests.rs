//! What is left of somebody who was forgotten, in the tables and in the file itself.

use std::path::Path;

use super::*;
use crate::model::{
    Author, Comment, Failure, FailureKind, NearMiss, NextCheck, Outcome, Protocol, Publication,
    SiteBase, SourceUrl, Submission, TargetUrl,
};
use crate::store::sqlite::dump::everything;
use crate::store::{ClaimRequest, Manners, Store};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const WORDS: [&str; 3] = ["annabel", "ann.example", "own words"];

/// Submits a source.
async fn submit(store: &SqliteStore, source: &str, target: &str) {
    let submission = Submission {
        source: SourceUrl::parse(source).unwrap(),
        target: TargetUrl::parse(target).unwrap(),
        protocol: Protocol::Webmention,
        vouch: None,
        code: None,
    };
    let site = store.site_of(&submission.target).await.unwrap().unwrap();
    store.accept(submission, site, NOW).await.unwrap();
}

/// Has all that is due end so.
async fn finish(store: &SqliteStore, outcome: Outcome) {
    let request = ClaimRequest {
        limit: 9,
        per_host: 9,
        busy: std::collections::HashMap::new(),
        lease: std::time::Duration::from_secs(60),
        manners: Manners::default(),
    };
    let claimed = store.claim(request, NOW).await.unwrap();
    for leased in claimed.batches.into_iter().flat_map(|batch| batch.leased) {
        let done = store.finish(leased.lease, outcome.clone(), NOW).await;
        done.unwrap();
    }
}

fn entry(url: &str, words: &str, author: &str) -> Entry {
    let mut entry = Entry::bare(MentionKind::Reply, url.to_owned());
    entry.title = Some(words.to_owned());
    entry.author = Some(Author {
        name: Some(author.to_owned()),
        url: Some(format!("https://{}/", url.split('/').nth(2).unwrap())),
        photo: Some(format!("{url}/face.png")),
    });
    entry
}

fn publish(entry: Entry) -> Outcome {
    Outcome::Publish(Box::new(Publication {
        ended_at: entry.url.parse().unwrap(),
        moved_to: None,
        entry,
        validators: None,
        next_check: NextCheck { at: NOW, checks: 0 },
    }))
}

/// A store in which Annabel of ann.example is named in every table that can name her.
async fn full(path: &Path) -> SqliteStore {
    let store = SqliteStore::open(path).unwrap();
    for site in ["t.example", "u.example"] {
        let site = SiteBase::parse(site).unwrap();
        store.add_site(&[site], NOW).await.unwrap();
    }
    let target = "https://t.example/a";
    let own = entry("https://ann.example/1", "Annabel's own words", "Annabel");
    submit(&store, "https://ann.example/1", target).await;
    finish(&store, publish(own.clone())).await;
    submit(&store, "https://ann.example/1", "https://u.example/").await;
    finish(&store, publish(own.clone())).await;
    // A copy on a host of others.
    submit(&store, "https://bridge.example/x", target).await;
    finish(&store, publish(own)).await;
    // What she said to somebody else's post.
    let mut quoting = entry("https://bob.example/1", "Bob's", "Bob");
    quoting.comments.push(Comment {
        kind: MentionKind::Reply,
        author: Some(Author {
            name: Some("Annabel".to_owned()),
            url: Some("https://ann.example/".to_owned()),
            photo: Some("https://pictures.ann.example/annabel.png".to_owned()),
        }),
        published: None,
        text: Some("Annabel's own words to Bob".to_owned()),
        url: Some("https://ann.example/to-bob".to_owned()),
    });
    submit(&store, "https://bob.example/1", target).await;
    finish(&store, publish(quoting)).await;
    // Tombstone, rejection, failure, and what others' checks say of her.
    submit(&store, "https://ann.example/2", target).await;
    let gone = entry("https://ann.example/2", "Annabel once said", "Annabel");
    finish(&store, publish(gone)).await;
    submit(&store, "https://ann.example/2", target).await;
    finish(&store, Outcome::Gone { moved_to: None }).await;
    submit(&store, "https://carl.example/1", target).await;
    let near = Outcome::NoLink {
        moved_to: None,
        near_misses: vec![NearMiss {
            url: "https://www.ann.example/a".to_owned(),
            difference: "another host".to_owned(),
        }],
        recheck_at: None,
    };
    finish(&store, near).await;
    submit(&store, "https://dora.example/1", target).await;
    let failed = Outcome::Failed {
        failure: Failure {
            kind: FailureKind::Vouch,
            detail: "it leads to https://ann.example/x, which is not known".to_owned(),
        },
        retry_at: None,
        not_before: None,
    };
    finish(&store, failed).await;
    submit(&store, "https://blog.ann.example/new", target).await;
    store
}

fn subject() -> Subject {
    Subject::parse("ann.example").unwrap()
}

#[tokio::test]
async fn nothing_of_who_is_forgotten_is_left_in_any_table_nor_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.sqlite");
    let store = full(&path).await;
    let connection = Connection::open(&path).unwrap();
    let before = everything(&connection);
    assert!(WORDS.iter().all(|word| before.contains(word)), "{before}");
    drop(connection);
    let traces = store.traces(&subject(), None).await.unwrap();
    let want = Traces {
        mentions: 3,
        quoting: 1,
        // Of her own three submissions, and the bridge's.
        receipts: 4,
        submissions: 1,
        domains: 2,
    };
    assert_eq!(traces, want);
    assert_eq!(store.forget(&subject(), None, NOW).await.unwrap(), want);
    assert!(store.traces(&subject(), None).await.unwrap().is_none());
    assert!(store.scrub(true).await.unwrap());
    let connection = Connection::open(&path).unwrap();
    let left = everything(&connection);
    for word in WORDS {
        assert!(!left.contains(word), "{word}: {left}");
    }
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
