//! A database in which one person is named wherever a row can name somebody.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::time::Duration;

use super::NOW;
use crate::model::{
    Author, Comment, Entry, Failure, FailureKind, MediaName, MediaType, MentionKind, NearMiss,
    NextCheck, Outcome, Protocol, Publication, Rendition, Secret, SiteBase, SourceUrl, Submission,
    TargetUrl, Validators,
};
use crate::store::sqlite::SqliteStore;
use crate::store::{
    ClaimRequest, Manners, MediaCache, PictureOutcome, PictureRequest, Store, TellTerms, Upstream,
};

const LEASE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// Submits a source.
async fn submit(store: &SqliteStore, source: &str, target: &str) {
    accept(store, submission(source, target)).await;
}

fn submission(source: &str, target: &str) -> Submission {
    Submission {
        source: SourceUrl::parse(source).unwrap(),
        target: TargetUrl::parse(target).unwrap(),
        protocol: Protocol::Webmention,
        vouch: None,
        code: None,
    }
}

async fn accept(store: &SqliteStore, submission: Submission) {
    let site = store.site_of(&submission.target).await.unwrap().unwrap();
    store.accept(submission, site, NOW).await.unwrap();
}

/// Has all that is due end so.
async fn finish(store: &SqliteStore, outcome: Outcome) {
    let request = ClaimRequest {
        limit: 9,
        per_host: 9,
        busy: HashMap::new(),
        lease: LEASE,
        manners: Manners::default(),
    };
    let claimed = store.claim(request, NOW).await.unwrap();
    for leased in claimed.batches.into_iter().flat_map(|batch| batch.leased) {
        let done = store.finish(leased.lease, outcome.clone(), NOW).await;
        done.unwrap();
    }
}

pub(super) fn entry(url: &str, words: &str, author: &str) -> Entry {
    let mut entry = Entry::bare(MentionKind::Reply, url.to_owned());
    entry.title = Some(words.to_owned());
    entry.author = Some(Author {
        name: Some(author.to_owned()),
        url: Some(format!("https://{}/", url.split('/').nth(2).unwrap())),
        photo: Some(format!("{url}/face.png")),
    });
    entry
}

pub(super) fn publish(entry: Entry) -> Outcome {
    Outcome::Publish(Box::new(Publication {
        ended_at: entry.url.parse().unwrap(),
        moved_to: None,
        validators: Some(validators(&entry.url)),
        entry,
        next_check: NextCheck { at: NOW, checks: 0 },
    }))
}

/// What the server of a page makes up to be asked with.
fn validators(url: &str) -> Validators {
    Validators {
        url: url.parse().unwrap(),
        etag: Some(format!("\"of {url}\"")),
        last_modified: Some(format!("when {url} says")),
    }
}

/// A store in which Annabel of ann.example is named in every column that can name her: what is not, is
/// listed in [`NAMES_NOBODY`](super::NAMES_NOBODY).
pub(super) async fn full(path: &Path) -> SqliteStore {
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
    copy_pictures(&store).await;
    plan_ping(&store).await;
    // Last, since it waits: whatever is claimed before is finished.
    let waiting = Submission {
        vouch: Some(SourceUrl::parse("https://ann.example/vouch").unwrap()),
        code: Secret::new("annabel-lets-you-in"),
        ..submission("https://blog.ann.example/new", target)
    };
    accept(&store, waiting).await;
    store
}

/// Has each picture asked for: one on a host for faces is not there, the rest are copied.
async fn copy_pictures(store: &SqliteStore) {
    loop {
        let request = PictureRequest {
            limit: 9,
            busy: HashSet::new(),
            lease: LEASE,
            manners: Manners::default(),
        };
        let claimed = store.claim_pictures(request, NOW).await.unwrap();
        if claimed.pictures.is_empty() {
            return;
        }
        for leased in claimed.pictures {
            let url = leased.url.as_str();
            let outcome = if url.starts_with("https://pictures.") {
                PictureOutcome::Failed {
                    failure: format!("{url} answers 404"),
                    is_gone: true,
                    hold_until: None,
                }
            } else {
                PictureOutcome::Copied {
                    copy: Rendition {
                        name: MediaName {
                            hash: [u8::try_from(leased.lease.picture).unwrap(); 16],
                            form: MediaType::WebP,
                        },
                        bytes: format!("a copy of {url}").into_bytes(),
                        width: 64,
                        height: 64,
                    },
                    validators: Some(validators(url)),
                }
            };
            let again_at = NOW.plus(HOUR);
            let done = store.finish_picture(leased.lease, outcome, again_at, u64::MAX, NOW);
            done.await.unwrap();
        }
    }
}

/// The owner's page answers one of hers, and she is to be told that it has changed.
async fn plan_ping(store: &SqliteStore) {
    let terms = TellTerms {
        delay: Duration::ZERO,
        interval: HOUR,
    };
    let mut changed = store.changed_pages(terms, 1, NOW).await.unwrap();
    let page = changed.remove(0);
    let source = SourceUrl::parse(page.url.as_str()).unwrap();
    let target = TargetUrl::parse("https://ann.example/1").unwrap();
    let planned = store.plan_pings(page, vec![(source, target)], terms, NOW);
    planned.await.unwrap();
}
