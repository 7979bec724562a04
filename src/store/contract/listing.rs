//! What every store must show to readers: which mentions, in which order, and how many.

use super::*;
use crate::model::{CountKey, MentionId};
use crate::store::{Order, OrderBy, ScopeCounts};

pub(super) const OTHER: &str = "https://blog.example/other";
pub(super) const ELSEWHERE: &str = "https://www.blog.example/post";

/// The site of all targets, on two hosts; and another site.
pub(super) async fn sites(store: &dyn Store) -> (SiteId, SiteId) {
    let bases = [
        base("https://blog.example"),
        base("https://www.blog.example"),
    ];
    let one = store.add_site(&bases, NOW).await.unwrap().id;
    let two = store.add_site(&[base("https://two.example")], NOW).await;
    (one, two.unwrap().id)
}

/// What a mention is made of, all of it told apart by a number.
#[derive(Clone, Copy)]
pub(super) struct Sent {
    pub(super) number: u32,
    pub(super) to: &'static str,
    pub(super) kind: MentionKind,
    pub(super) author: &'static str,
    pub(super) published: Option<&'static str>,
}

impl Sent {
    pub(super) fn source(self) -> String {
        format!("https://s{}.example/", self.number)
    }

    /// So many seconds after [`NOW`].
    pub(super) fn at(self) -> Timestamp {
        NOW.plus(Duration::from_secs(self.number.into()))
    }

    pub(super) async fn arrive(self, store: &dyn Store) -> MentionId {
        let Finished::Added(id) = self.come(store, self.at()).await else {
            panic!("not added");
        };
        id
    }

    pub(super) async fn come(self, store: &dyn Store, at: Timestamp) -> Finished {
        let author = Author {
            url: Some(format!("https://{}/", self.author)),
            ..Author::default()
        };
        let entry = Entry {
            author: Some(author),
            published: self
                .published
                .map(|at| AuthoredTime::from_checked(at.into())),
            rsvp: (self.kind == MentionKind::Rsvp).then_some(Rsvp::Yes),
            ..Entry::bare(self.kind, format!("{}post", self.source()))
        };
        finished(store, &self.source(), self.to, publishing(entry), at).await
    }
}

pub(super) async fn finished(
    store: &dyn Store,
    from: &str,
    to: &str,
    outcome: Outcome,
    at: Timestamp,
) -> Finished {
    let submission = Submission {
        source: source(from),
        target: target(to),
        protocol: Protocol::Webmention,
        vouch: None,
        code: None,
    };
    let site = store.site_of(&submission.target).await.unwrap().unwrap();
    store.accept(submission, site, at).await.unwrap();
    let leased = claim_one(store, at).await;
    store.finish(leased.lease, outcome, at).await.unwrap()
}

/// Sixty mentions on three pages of two hosts, of five kinds and by three authors.
pub(super) async fn sixty(store: &dyn Store) -> Vec<(Sent, MentionId)> {
    sites(store).await;
    let kinds = [
        MentionKind::Like,
        MentionKind::Reply,
        MentionKind::Rsvp,
        MentionKind::Like,
        MentionKind::Mention,
        MentionKind::Bookmark,
    ];
    let mut all = Vec::new();
    for number in 0..60_u32 {
        let n = number as usize;
        let sent = Sent {
            number,
            to: [TARGET, TARGET, OTHER, ELSEWHERE][n % 4],
            kind: kinds[n % 6],
            author: ["ann.example", "blog.bob.example", "cay.example"][n % 3],
            published: [
                Some("2011-05-15T09:30:00+02:00"),
                None,
                Some("2019-01-01"),
                Some("2999-01-01"),
                Some("2011-05-15T09:30:00"),
            ][n % 5],
        };
        all.push((sent, sent.arrive(store).await));
    }
    all
}

/// All that a query lists, read in parts.
pub(super) async fn listed(store: &dyn Store, query: &MentionQuery) -> Vec<MentionId> {
    let mut query = query.clone();
    let mut seen = Vec::new();
    loop {
        let page = store.mentions(&query).await.unwrap();
        assert!(page.mentions.len() <= query.limit);
        seen.extend(page.mentions.iter().map(|mention| mention.id));
        match page.next() {
            Some(next) => query.start = Start::After(next),
            None => return seen,
        }
    }
}

pub(super) fn pages(of: &[&str]) -> Scope {
    Scope::pages(of.iter().map(|page| target(page).page_key()))
}

pub(super) fn host(authority: &str, site: Option<SiteId>) -> Scope {
    let authority = authority.to_owned();
    Scope::Host { authority, site }
}

const ORDERS: [OrderBy; 3] = [OrderBy::Received, OrderBy::Published, OrderBy::Changed];

pub(super) async fn every_scope_filter_and_order_lists_what_it_says(store: &dyn Store) {
    let all = sixty(store).await;
    let (one, two) = sites(store).await;
    // What an order is the order of, as the texts above have it.
    let published = |sent: Sent| match sent.published {
        Some("2011-05-15T09:30:00+02:00") => 1_305_444_600_000,
        Some("2011-05-15T09:30:00") => 1_305_451_800_000,
        Some("2019-01-01") => 1_546_300_800_000,
        _ => sent.at().as_millis(),
    };
    let on = |sent: Sent, pages: &[&str]| pages.contains(&sent.to);
    let scopes: [(Scope, &[&str]); 7] = [
        (pages(&[TARGET]), &[TARGET]),
        (
            pages(&["http://blog.example/post/", ELSEWHERE, TARGET]),
            &[TARGET, ELSEWHERE],
        ),
        (pages(&["https://blog.example/none"]), &[]),
        (Scope::Site(one), &[TARGET, OTHER, ELSEWHERE]),
        (Scope::Site(two), &[]),
        (host("blog.example", None), &[TARGET, OTHER]),
        (host("www.blog.example", Some(one)), &[ELSEWHERE]),
    ];
    let kinds = [
        None,
        Some(vec![MentionKind::Rsvp]),
        Some(vec![
            MentionKind::Like,
            MentionKind::Watch,
            MentionKind::Bookmark,
        ]),
        Some(vec![]),
    ];
    for (scope, on_pages) in &scopes {
        for kinds in &kinds {
            for author in [None, Some("bob.example"), Some("nobody.example")] {
                for since in [None, Some(30), Some(59)] {
                    let mut want: Vec<_> = all
                        .iter()
                        .filter(|(sent, _)| on(*sent, on_pages))
                        .filter(|(sent, _)| kinds.as_ref().is_none_or(|k| k.contains(&sent.kind)))
                        .filter(|(sent, _)| author.is_none_or(|name| sent.author.ends_with(name)))
                        .filter(|(sent, _)| since.is_none_or(|number| sent.number > number))
                        .collect();
                    for by in ORDERS {
                        want.sort_by_key(|(sent, id)| match by {
                            OrderBy::Received | OrderBy::Changed => (0, *id),
                            OrderBy::Published => (published(*sent), *id),
                        });
                        let upwards: Vec<_> = want.iter().map(|(_, id)| *id).collect();
                        for ascending in [true, false] {
                            let query = MentionQuery {
                                kinds: kinds.clone(),
                                author_domain: author.map(str::to_owned),
                                received_after: since.map(|number| all[number as usize].1),
                                order: Order { by, ascending },
                                ..MentionQuery::newest(scope.clone(), 7)
                            };
                            let mut want = upwards.clone();
                            if !ascending {
                                want.reverse();
                            }
                            assert_eq!(listed(store, &query).await, want, "{query:?}");
                            let page = store.mentions(&query).await.unwrap();
                            assert_eq!(page.total, Some(want.len() as u64), "{query:?}");
                            let query = MentionQuery {
                                start: Start::Skip(4),
                                ..query
                            };
                            let rest = want.get(4..).unwrap_or_default();
                            assert_eq!(listed(store, &query).await, rest, "{query:?}");
                        }
                    }
                }
            }
        }
    }
}

pub(super) async fn since_a_time_is_what_was_received_later(store: &dyn Store) {
    let all = sixty(store).await;
    let query = MentionQuery {
        received_after: Some(MentionId::received_by(all[40].0.at())),
        ..MentionQuery::newest(pages(&[TARGET, OTHER, ELSEWHERE]), 100)
    };
    let want: Vec<_> = all[41..].iter().rev().map(|(_, id)| *id).collect();
    assert_eq!(listed(store, &query).await, want);
}

pub(super) async fn mentions_are_counted_by_kind_and_answer(store: &dyn Store) {
    let all = sixty(store).await;
    let (one, _) = sites(store).await;
    let count = async |scope: Scope| {
        let ScopeCounts { version, counts } = store.counts(&scope).await.unwrap();
        assert_eq!(version, store.version(&scope).await.unwrap());
        // A listing tells the same, whatever it is narrowed to.
        let query = MentionQuery {
            kinds: Some(vec![MentionKind::Rsvp]),
            author_domain: Some("bob.example".to_owned()),
            ..MentionQuery::newest(scope, 3)
        };
        assert_eq!(store.mentions(&query).await.unwrap().counts, counts);
        let mut named: Vec<_> = counts.iter().map(|(key, n)| (key.as_str(), n)).collect();
        named.sort_unstable();
        named
    };
    let whole = [
        ("bookmark", 10),
        ("like", 20),
        ("mention", 10),
        ("reply", 10),
        ("rsvp-yes", 10),
    ];
    assert_eq!(count(Scope::Site(one)).await, whole);
    assert_eq!(
        count(pages(&[TARGET, OTHER, ELSEWHERE, TARGET])).await,
        whole
    );
    assert_eq!(count(host("none.example", None)).await, []);
    // One says something else, one goes, and one is told of by another source that is not shown.
    let (sent, _) = all[2];
    let other = Sent {
        kind: MentionKind::Reply,
        ..sent
    };
    let later = NOW.plus(DAY);
    assert!(matches!(
        other.come(store, later).await,
        Finished::Updated(_)
    ));
    let (sent, _) = all[1];
    finished(store, &sent.source(), sent.to, no_link(), later).await;
    let entry = Entry::bare(MentionKind::Like, format!("{}post", all[0].0.source()));
    finished(
        store,
        "https://bridge.example/0",
        TARGET,
        publishing(entry),
        later,
    )
    .await;
    let whole = [
        ("bookmark", 10),
        ("like", 20),
        ("mention", 10),
        ("reply", 10),
        ("rsvp-yes", 9),
    ];
    assert_eq!(count(Scope::Site(one)).await, whole);
    assert_eq!(count(pages(&[TARGET, OTHER, ELSEWHERE])).await, whole);
    let elsewhere = [("bookmark", 5), ("like", 5), ("reply", 5)];
    assert_eq!(count(pages(&[ELSEWHERE])).await, elsewhere);
    let key = CountKey::new(MentionKind::Rsvp, Some(Rsvp::Yes));
    let counts = store.counts(&Scope::Site(one)).await.unwrap().counts;
    assert!(counts.iter().any(|one| one == (key, 9)));
}

pub(super) async fn a_page_that_another_site_takes_over_is_listed_there(store: &dyn Store) {
    let all = sixty(store).await;
    let (one, _) = sites(store).await;
    let before = store.counts(&Scope::Site(one)).await.unwrap();
    let inner = store
        .add_site(&[base("https://blog.example/other")], NOW)
        .await;
    let inner = Scope::Site(inner.unwrap().id);
    let query = MentionQuery {
        order: Order {
            by: OrderBy::Published,
            ascending: true,
        },
        ..MentionQuery::newest(inner.clone(), 100)
    };
    let mut found = listed(store, &query).await;
    found.sort_unstable();
    let want = all.iter().filter(|(sent, _)| sent.to == OTHER);
    assert_eq!(found, want.map(|(_, id)| *id).collect::<Vec<_>>());
    let counts = store.counts(&inner).await.unwrap().counts;
    assert_eq!(counts.total(), 15);
    let after = store.counts(&Scope::Site(one)).await.unwrap();
    assert_eq!(after.counts.total(), 45);
    assert_ne!(after.version, before.version);
    let left = listed(store, &MentionQuery::newest(Scope::Site(one), 9)).await;
    assert_eq!(left.len(), 45);
    assert_eq!(
        listed(store, &MentionQuery::newest(host("blog.example", None), 9))
            .await
            .len(),
        45
    );
}

pub(super) async fn a_listing_goes_on_where_it_was_whatever_goes_meanwhile(store: &dyn Store) {
    let all = sixty(store).await;
    for by in ORDERS {
        let mut query = MentionQuery {
            order: Order {
                by,
                ascending: false,
            },
            ..MentionQuery::newest(pages(&[TARGET]), 5)
        };
        let first = store.mentions(&query).await.unwrap();
        query.start = Start::After(first.next().unwrap());
        let next = listed(store, &query).await;
        // The one that the place is called by goes.
        let last = first.mentions.last().unwrap();
        let (from, at) = (last.source.as_str(), NOW.plus(DAY));
        finished(store, from, TARGET, no_link(), at).await;
        assert_eq!(listed(store, &query).await, next, "{by:?}");
    }
    assert_eq!(all.len(), 60);
}
