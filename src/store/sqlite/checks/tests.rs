//! What checks and erasures cost and leave behind in the tables themselves.

use rusqlite::Connection;

use super::*;
use crate::model::{
    Author, Entry, MentionKind, Outcome, Protocol, Publication, SiteBase, Submission,
};
use crate::store::sqlite::dump::everything;
use crate::store::sqlite::plan::plan;
use crate::store::sqlite::{SqliteStore, migrate};
use crate::store::{ClaimRequest, Manners, Store};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

#[test]
fn what_is_due_is_found_by_index_however_many_mentions_there_are() {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate::migrate(&mut connection).unwrap();
    for (query, index) in [
        (DUE, "SEARCH m USING INDEX mention_due (verify_at<?)"),
        (
            OTHERS,
            "SEARCH m USING INDEX mention_others (source_key=? AND asked_at<?)",
        ),
        // That index has the unsorted rows alone.
        (BUSY, "SCAN submission USING INDEX submission_new"),
        (BUSY, "SEARCH l USING COVERING INDEX lane_next (next_at<?)"),
        (
            BUSY,
            "SEARCH s USING COVERING INDEX submission_lane (lane=? AND <expr>=? AND due_at<?)",
        ),
        (WAITING, "SCAN s USING INDEX submission_check"),
        (ONE, "SEARCH m USING INTEGER PRIMARY KEY (rowid=?)"),
        (
            ANY,
            "SEARCH mention USING COVERING INDEX mention_due (verify_at<?)",
        ),
    ] {
        let plan = plan(&connection, query).join("\n");
        assert!(plan.contains(index), "{query}\n{plan}");
        for step in plan.lines().filter(|step| !step.contains(index)) {
            let is_costly = step.contains("TEMP B-TREE")
                || step.starts_with("SCAN ") && !step.ends_with("CONSTANT ROW");
            assert!(
                !is_costly
                    || ["submission_new", "submission_check", "(subquery-1)"]
                        .iter()
                        .any(|all| step.ends_with(all)),
                "{query}\n{plan}"
            );
        }
    }
}

/// Submits a source and finishes it.
async fn send(store: &SqliteStore, source: &str, outcome: Outcome) {
    let submission = Submission {
        source: SourceUrl::parse(source).unwrap(),
        target: TargetUrl::parse("https://t.example/a").unwrap(),
        protocol: Protocol::Webmention,
        vouch: None,
        code: None,
    };
    let site = store.site_of(&submission.target).await.unwrap().unwrap();
    store.accept(submission, site, NOW).await.unwrap();
    let request = ClaimRequest {
        limit: 1,
        per_host: 1,
        busy: std::collections::HashMap::new(),
        lease: LOST_AFTER,
        manners: Manners::default(),
    };
    let mut claimed = store.claim(request, NOW).await.unwrap();
    let leased = claimed.batches.remove(0).leased.remove(0);
    store.finish(leased.lease, outcome, NOW).await.unwrap();
}

#[tokio::test]
async fn nothing_that_a_source_said_is_left_in_any_table_when_it_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.sqlite");
    let store = SqliteStore::open(&path).unwrap();
    let site = SiteBase::parse("https://t.example").unwrap();
    store.add_site(&[site], NOW).await.unwrap();
    let source = "https://s.example/post";
    let mut entry = Entry::bare(MentionKind::Reply, "https://s.example/by/annabel".into());
    entry.title = Some("Annabel's own words".into());
    entry.author = Some(Author {
        name: Some("Annabel".into()),
        url: Some("https://s.example/annabel".into()),
        photo: Some("https://annabel.example/face.png".into()),
    });
    let publication = Publication {
        ended_at: "https://s.example/".parse().unwrap(),
        moved_to: None,
        entry,
        validators: None,
        next_check: NextCheck { at: NOW, checks: 0 },
    };
    send(&store, source, Outcome::Publish(Box::new(publication))).await;
    let words = ["annabel", "own words"];
    let connection = Connection::open(&path).unwrap();
    assert!(
        words
            .iter()
            .all(|word| everything(&connection).contains(word))
    );
    send(&store, source, Outcome::Gone { moved_to: None }).await;
    let left = everything(&connection);
    assert!(!words.iter().any(|word| left.contains(word)), "{left}");
    // The tombstone knows the addresses that were submitted, and no more.
    assert!(left.contains(source));
}
