//! Mentions in any number, stored as a worker stores them, without any source being asked.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::future::try_join_all;
use linkback::model::{
    Author, AuthoredTime, Clock as _, Content, Entry, MentionKind, NextCheck, Outcome, Protocol,
    Publication, SourceUrl, Submission, SystemClock, TargetUrl,
};
use linkback::store::{ClaimRequest, Manners, Store};

/// So many are stored at a time.
const AT_ONCE: usize = 256;

/// What a source says that is told apart by a number: every third is a like, every third a reply.
pub(crate) fn entry(number: usize) -> Entry {
    let kinds = [MentionKind::Like, MentionKind::Reply, MentionKind::Mention];
    let kind = kinds[number % 3];
    let url = format!("https://s{number}.example/post");
    let text = |text: String| Content { html: None, text };
    Entry {
        author: Some(Author {
            name: Some(format!("Author {number}")),
            url: Some(format!("https://s{number}.example/")),
            photo: Some(format!("https://s{number}.example/face.png")),
        }),
        content: (kind != MentionKind::Like).then(|| text(format!("Words {number}"))),
        published: (!number.is_multiple_of(5)).then(|| {
            let day = number % 28 + 1;
            AuthoredTime::from_checked(format!("2026-05-{day:02}T09:30:00-07:00"))
        }),
        ..Entry::bare(kind, url)
    }
}

/// Stores mentions of `target` by sources with these numbers.
pub(crate) async fn store(store: &dyn Store, target: &str, numbers: std::ops::Range<usize>) {
    let entries: Vec<_> = numbers.map(entry).collect();
    store_all(store, target, &entries, |source| {
        let host = source.host();
        let number: String = host.chars().filter(char::is_ascii_digit).collect();
        entry(number.parse().unwrap())
    })
    .await;
}

/// Stores mentions of `target` that say these, each by the source at its address.
pub(crate) async fn store_entries(store: &dyn Store, target: &str, entries: &[Entry]) {
    let by_source: HashMap<_, _> = entries
        .iter()
        .map(|entry| (SourceUrl::parse(&entry.url).unwrap(), entry))
        .collect();
    store_all(store, target, entries, |source| by_source[source].clone()).await;
}

/// Submits the addresses of these, and publishes of whatever waits what its source `says`.
async fn store_all(
    store: &dyn Store,
    target: &str,
    entries: &[Entry],
    says: impl Fn(&SourceUrl) -> Entry,
) {
    let target = TargetUrl::parse(target).unwrap();
    let site = store.site_of(&target).await.unwrap().unwrap();
    for some in entries.chunks(AT_ONCE) {
        let accepted = some.iter().map(|entry| {
            let submission = Submission {
                source: SourceUrl::parse(&entry.url).unwrap(),
                target: target.clone(),
                protocol: Protocol::Webmention,
                vouch: None,
                code: None,
            };
            store.accept(submission, site, SystemClock.now())
        });
        try_join_all(accepted).await.unwrap();
        let request = ClaimRequest {
            limit: AT_ONCE,
            per_host: AT_ONCE,
            busy: HashMap::new(),
            lease: Duration::from_secs(600),
            manners: Manners::default(),
        };
        let claimed = store.claim(request, SystemClock.now()).await.unwrap();
        let leased = claimed.batches.into_iter().flat_map(|batch| batch.leased);
        let finished = leased.map(|leased| {
            let publication = Publication {
                ended_at: leased.source.as_url().clone(),
                moved_to: None,
                entry: says(&leased.source),
                validators: None,
                next_check: NextCheck {
                    at: SystemClock.now().plus(Duration::from_secs(86_400)),
                    checks: 0,
                },
            };
            let outcome = Outcome::Publish(Box::new(publication));
            store.finish(leased.lease, outcome, SystemClock.now())
        });
        try_join_all(finished).await.unwrap();
    }
}
