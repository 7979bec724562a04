//! What every store must tell of what has changed: versions, changes in their order, and what has gone.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use futures_util::future::{join_all, try_join_all};

use super::listing::{ELSEWHERE, OTHER, Sent, finished, host, pages, sites, sixty};
use super::*;
use crate::model::{ChangeNumber, Mention, MentionId};
use crate::store::{Cursor, Order, OrderBy, TombstoneQuery};

pub(super) async fn a_sites_version_moves_with_each_of_its_pages_and_no_others(store: &dyn Store) {
    let (one, two) = sites(store).await;
    let scopes = [
        Scope::Site(one),
        host("blog.example", None),
        host("www.blog.example", Some(one)),
        pages(&[TARGET, OTHER]),
        Scope::Site(two),
    ];
    let versions = async || {
        let mut all = Vec::new();
        for scope in &scopes {
            all.push(store.version(scope).await.unwrap());
        }
        all
    };
    assert!(versions().await.iter().all(|version| version.number.0 == 0));
    let send = |number, to| Sent {
        number,
        to,
        kind: MentionKind::Like,
        author: "ann.example",
        published: None,
    };
    let mut before = versions().await;
    for (number, to, moves) in [
        (1, TARGET, [true, true, false, true, false]),
        (2, ELSEWHERE, [true, false, true, false, false]),
        (3, OTHER, [true, true, false, true, false]),
        (
            4,
            "https://two.example/a",
            [false, false, false, false, true],
        ),
    ] {
        let one = send(number, to);
        one.arrive(store).await;
        let after = versions().await;
        let moved: Vec<_> = before.iter().zip(&after).map(|(b, a)| a != b).collect();
        assert_eq!(moved, moves, "{to}");
        let last = after.iter().filter_map(|version| version.last_change).max();
        assert_eq!(last.unwrap().time(), one.at());
        before = after;
    }
}

/// Follows changes and deletions from where it stands.
struct Follower {
    scope: Scope,
    changes: ChangeNumber,
    known: BTreeMap<MentionId, Mention>,
}

impl Follower {
    async fn look(&mut self, store: &dyn Store) {
        // What has gone first: it may have come back since.
        let mut newest = self.changes;
        let gone = TombstoneQuery {
            scope: self.scope.clone(),
            since: self.changes,
            ascending: true,
            start: Start::Skip(0),
            limit: 100,
        };
        for tombstone in store.deleted(&gone).await.unwrap().tombstones {
            self.known.remove(&tombstone.id);
            newest = newest.max(tombstone.change);
        }
        let query = MentionQuery {
            order: Order {
                by: OrderBy::Changed,
                ascending: true,
            },
            start: Start::After(Cursor::after_change(self.changes)),
            ..MentionQuery::newest(self.scope.clone(), 100)
        };
        let page = store.mentions(&query).await.unwrap();
        for mention in page.mentions {
            self.known.insert(mention.id, mention);
        }
        self.changes = newest.max(ChangeNumber(page.end.unwrap().key));
    }
}

pub(super) async fn who_follows_changes_and_deletions_has_what_is_shown(store: &dyn Store) {
    let all = sixty(store).await;
    let (one, _) = sites(store).await;
    let mut follower = Follower {
        scope: Scope::Site(one),
        changes: ChangeNumber(0),
        known: BTreeMap::new(),
    };
    let everything = MentionQuery::newest(Scope::Site(one), 100);
    for (step, (sent, _)) in (0..12_u32).zip(all.iter().step_by(3)) {
        let sent = *sent;
        let at = NOW.plus(DAY + Duration::from_secs(step.into()));
        let from = sent.source();
        match step % 4 {
            0 => {
                finished(store, &from, sent.to, no_link(), at).await;
            }
            1 => {
                let other = Sent {
                    kind: MentionKind::Repost,
                    ..sent
                };
                other.come(store, at).await;
            }
            2 => {
                // A bridge's copy is not shown until what it is a copy of goes.
                let entry = Entry::bare(MentionKind::Like, format!("{from}post"));
                let bridge = format!("https://bridge.example/{step}");
                finished(store, &bridge, sent.to, publishing(entry), at).await;
                finished(store, &from, sent.to, no_link(), at).await;
            }
            _ => {
                finished(store, &from, sent.to, no_link(), at).await;
                sent.come(store, at).await;
            }
        }
        follower.look(store).await;
        let mut shown = store.mentions(&everything).await.unwrap().mentions;
        shown.sort_by_key(|mention| mention.id);
        assert_eq!(
            follower.known.values().cloned().collect::<Vec<_>>(),
            shown,
            "{step}"
        );
    }
}

pub(super) async fn what_has_gone_is_listed_by_page_and_site(store: &dyn Store) {
    let all = sixty(store).await;
    let (one, two) = sites(store).await;
    let mut gone = Vec::new();
    for (n, (sent, id)) in all.iter().take(8).enumerate() {
        let at = NOW.plus(DAY + Duration::from_secs(n as u64));
        finished(store, &sent.source(), sent.to, no_link(), at).await;
        gone.push((*sent, *id, at));
    }
    let query = TombstoneQuery {
        scope: Scope::Site(one),
        since: ChangeNumber(0),
        ascending: false,
        start: Start::Skip(0),
        limit: 3,
    };
    let listed = async |mut query: TombstoneQuery| {
        let mut found = Vec::new();
        loop {
            let page = store.deleted(&query).await.unwrap();
            assert!(page.tombstones.len() <= query.limit);
            found.extend(page.tombstones);
            match page.end.filter(|_| page.has_more) {
                Some(end) => query.start = Start::After(end),
                None => return found,
            }
        }
    };
    let found = listed(query.clone()).await;
    let ids: Vec<_> = found.iter().map(|tombstone| tombstone.id).collect();
    let want: Vec<_> = gone.iter().rev().map(|(_, id, _)| *id).collect();
    assert_eq!(ids, want);
    let (sent, _, at) = gone[7];
    assert_eq!(found[0].source.as_str(), sent.source());
    assert_eq!(
        (found[0].target.as_str(), found[0].change.time()),
        (sent.to, at)
    );
    for (scope, on) in [
        (pages(&[TARGET]), vec![TARGET]),
        (pages(&[TARGET, ELSEWHERE]), vec![TARGET, ELSEWHERE]),
        (host("blog.example", None), vec![TARGET, OTHER]),
        (Scope::Site(two), vec![]),
    ] {
        let mut want: Vec<_> = gone
            .iter()
            .filter(|(sent, ..)| on.contains(&sent.to))
            .collect();
        for ascending in [true, false] {
            let query = TombstoneQuery {
                scope: scope.clone(),
                ascending,
                ..query.clone()
            };
            let found = listed(query).await;
            let ids: Vec<_> = found.iter().map(|tombstone| tombstone.id).collect();
            assert_eq!(ids, want.iter().map(|(_, id, _)| *id).collect::<Vec<_>>());
            want.reverse();
        }
    }
    let since = TombstoneQuery {
        since: found[2].change,
        ..query.clone()
    };
    assert_eq!(listed(since).await, found[..2]);
    let rest = TombstoneQuery {
        start: Start::Skip(5),
        ..query
    };
    assert_eq!(listed(rest).await, found[5..]);
}

/// So many store mentions at once, so many each, in rounds of so many.
const WRITERS: u32 = 8;
const EACH: u32 = 2500;
const ROUND: u32 = 100;

/// One in so many is sent once more in the round that follows, and says something else then.
const CHANGES: usize = 10;

/// Submits `round` after `round` of one writer's sources, and verifies whatever waits then, whoever sent it.
/// No two verdicts say the same.
struct Writer<'a> {
    store: &'a dyn Store,
    site: SiteId,
    verdicts: &'a AtomicU32,
}

impl Writer<'_> {
    async fn write(&self, writer: u32) {
        for first in (0..EACH).step_by(ROUND as usize) {
            let before = (first.saturating_sub(ROUND)..first).step_by(CHANGES);
            self.submit(writer, before.chain(first..first.saturating_add(ROUND)))
                .await;
            self.verify().await;
        }
    }

    async fn submit(&self, writer: u32, sources: impl Iterator<Item = u32>) {
        let accepted = sources.map(|n| {
            let submission = Submission {
                source: source(&format!("https://w{writer}.example/{n}")),
                target: target([TARGET, OTHER][n as usize % 2]),
                protocol: Protocol::Webmention,
                vouch: None,
                code: None,
            };
            self.store.accept(submission, self.site, NOW)
        });
        try_join_all(accepted).await.unwrap();
    }

    async fn verify(&self) {
        loop {
            let leased = claim(self.store, NOW).await;
            if leased.is_empty() {
                return;
            }
            let finished = leased.into_iter().map(|leased| {
                let verdict = self.verdicts.fetch_add(1, Ordering::Relaxed);
                let entry = Entry {
                    title: Some(verdict.to_string()),
                    ..Entry::bare(MentionKind::Like, leased.source.to_string())
                };
                self.store.finish(leased.lease, publishing(entry), NOW)
            });
            try_join_all(finished).await.unwrap();
        }
    }
}

/// All that a poller sees who follows the cursor upwards until the writers have ended: what each mention
/// said, each time that it was listed.
async fn polled(
    store: &dyn Store,
    site: SiteId,
    by: OrderBy,
    is_over: &AtomicBool,
) -> BTreeMap<MentionId, Vec<Option<String>>> {
    let mut seen = BTreeMap::<_, Vec<_>>::new();
    let mut query = MentionQuery {
        order: Order {
            by,
            ascending: true,
        },
        ..MentionQuery::newest(Scope::Site(site), 100)
    };
    loop {
        // What is written by now is seen by the look that follows.
        let is_over = is_over.load(Ordering::SeqCst);
        let page = store.mentions(&query).await.unwrap();
        for mention in page.mentions {
            let says = seen.entry(mention.id).or_default();
            says.push(mention.entry.title);
        }
        if let Some(end) = page.end {
            query.start = Start::After(end);
        }
        if is_over && !page.has_more {
            return seen;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

pub(super) async fn a_poller_sees_each_mention_once_while_many_write(store: &dyn Store) {
    let (site, _) = sites(store).await;
    let is_over = AtomicBool::new(false);
    let verdicts = AtomicU32::new(0);
    let writer = Writer {
        store,
        site,
        verdicts: &verdicts,
    };
    let writers = async {
        join_all((0..WRITERS).map(|number| writer.write(number))).await;
        is_over.store(true, Ordering::SeqCst);
    };
    let ((), received, changed) = tokio::join!(
        writers,
        polled(store, site, OrderBy::Received, &is_over),
        polled(store, site, OrderBy::Changed, &is_over),
    );
    let all = (WRITERS * EACH) as usize;
    let verdicts = verdicts.into_inner() as usize;
    assert!(verdicts > all, "some are changed while they are listed");
    assert_eq!(received.len(), all);
    assert!(received.values().all(|says| says.len() == 1));
    // By their last change they come once more for each that was made after they were listed.
    assert_eq!(changed.len(), all);
    assert!(changed.values().map(Vec::len).sum::<usize>() <= verdicts);
    let shown = polled(store, site, OrderBy::Changed, &AtomicBool::new(true)).await;
    assert_eq!(shown.len(), all);
    for (id, says) in &changed {
        assert_eq!(says.last(), shown[id].first(), "{says:?}");
        assert!(says.is_sorted_by(|one, next| one != next), "{says:?}");
    }
    let once = changed.values().filter(|says| says.len() == 1).count();
    assert!(once >= all.saturating_mul(2).saturating_sub(verdicts));
}
