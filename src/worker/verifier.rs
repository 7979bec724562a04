//! [`Verifier`]: a batch of one source's submissions, from lease to receipts.

use std::num::NonZero;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};
use tokio::sync::Semaphore;
use tracing::{debug, error, info};
use url::Url;

use super::authors::Authors;
use super::door::Doorkeeper;
use super::pages::Pages;
use super::private::Tokens;
use super::process::{self, Circumstances};
use super::targets::Targets;
use super::under_way::Leases;
use super::vouches::Vouches;
use super::{Options, patiently, random_jitter};
use crate::fetch::Fetch;
use crate::model::{Clock, Outcome, Timestamp};
use crate::store::{Finished, Leased, Store, StoreError};

/// So many submissions of one batch are judged at the same time: they share a page, and wait for the
/// disk together.
const AT_ONCE: usize = 64;

/// So many pages are read at the same time, for each processor: more would only take memory.
const READERS_PER_PROCESSOR: usize = 2;

/// Verifies, and remembers what it has seen lately.
pub(super) struct Verifier {
    store: Arc<dyn Store>,
    fetch: Arc<dyn Fetch>,
    clock: Arc<dyn Clock>,
    public_url: Option<Url>,
    check_targets: bool,
    patience: Option<Duration>,
    authors: Authors,
    pages: Pages,
    targets: Targets,
    vouches: Vouches,
    tokens: Tokens,
    readers: Semaphore,
}

impl Verifier {
    pub(super) fn new(
        store: Arc<dyn Store>,
        fetch: Arc<dyn Fetch>,
        clock: Arc<dyn Clock>,
        options: &Options,
    ) -> Self {
        let processors = available_parallelism().map_or(1, NonZero::get);
        Self {
            store,
            fetch,
            clock,
            public_url: options.public_url.clone(),
            check_targets: options.check_targets,
            patience: options.patience,
            authors: Authors::new(options.manners.of_page(false)),
            pages: Pages::default(),
            targets: Targets::default(),
            vouches: Vouches::new(options.manners.of_page(false)),
            tokens: Tokens::new(options.manners.of_page(false)),
            readers: Semaphore::new(processors.saturating_mul(READERS_PER_PROCESSOR)),
        }
    }

    /// Verifies a batch, and strikes each of its `leases` when its outcome is recorded.
    pub(super) async fn verify(&self, batch: Vec<Leased>, leases: &Leases) {
        // All of them were submitted before this.
        let ticket = self.pages.ticket();
        stream::iter(batch)
            .for_each_concurrent(AT_ONCE, |leased| async move {
                self.one(&leased, ticket).await;
                leases.done(&leased.lease);
            })
            .await;
    }

    async fn one(&self, leased: &Leased, ticket: u64) {
        let begun = self.clock.now();
        let outcome = match Doorkeeper::ask(self.store.as_ref(), begun).await {
            Ok(door) => self.outcome(leased, ticket, &door, begun).await,
            Err(later) => later,
        };
        let summary = summary(&outcome);
        match self.record(leased, outcome).await {
            Ok(finished) => info!(
                submission.key = %leased.lease.key,
                mention.source = %leased.source,
                mention.target = %leased.target,
                attempt = leased.attempts.saturating_add(1),
                duration_ms = self.clock.now().since(begun).as_millis(),
                outcome = %summary,
                "{}",
                in_words(finished),
            ),
            Err(StoreError::LeaseLost) => {
                debug!(submission.key = %leased.lease.key, "another worker took over");
            }
            Err(error) => error!(
                submission.key = %leased.lease.key,
                %error,
                "cannot record a verification; it will be repeated when its lease ends",
            ),
        }
    }

    async fn outcome(
        &self,
        leased: &Leased,
        ticket: u64,
        door: &Doorkeeper,
        now: Timestamp,
    ) -> Outcome {
        let (store, fetch) = (self.store.as_ref(), self.fetch.as_ref());
        let circumstances = Circumstances {
            now,
            jitter: random_jitter(),
            receiver: self.public_url.as_ref(),
            check_targets: self.check_targets,
            patience: self.patience,
            authors: &self.authors,
            pages: &self.pages,
            ticket,
            targets: &self.targets,
            vouches: &self.vouches,
            tokens: &self.tokens,
            readers: &self.readers,
            door,
        };
        let outcome = process::verify(fetch, leased, &circumstances).await;
        door.checked(outcome, leased, store, fetch, &circumstances)
            .await
    }

    async fn record(&self, leased: &Leased, outcome: Outcome) -> Result<Finished, StoreError> {
        patiently(|| async {
            let now = self.clock.now();
            let outcome = self.still_allowed(&outcome, leased, now).await;
            self.store.finish(leased.lease, outcome, now).await
        })
        .await
    }

    /// The outcome, unless its source was blocked while it was verified: what a purge has taken away must
    /// not come back by this.
    async fn still_allowed(&self, outcome: &Outcome, leased: &Leased, now: Timestamp) -> Outcome {
        let Outcome::Publish(publication) = outcome else {
            return outcome.clone();
        };
        let door = match Doorkeeper::ask(self.store.as_ref(), now).await {
            Ok(door) => door,
            Err(later) => return later,
        };
        [leased.source.as_url(), &publication.ended_at]
            .into_iter()
            .find_map(|url| door.refusal(url, leased.site))
            .unwrap_or_else(|| outcome.clone())
    }
}

fn in_words(finished: Finished) -> &'static str {
    match finished {
        Finished::Added(_) => "mention added",
        Finished::Updated(_) => "mention updated",
        Finished::Removed => "mention removed",
        Finished::Noted => "nothing shown has changed",
    }
}

/// An outcome for the log, without what the page says.
fn summary(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Publish(_) => "links".to_owned(),
        Outcome::NoLink { .. } => "no link".to_owned(),
        Outcome::Unchanged(_) => "unchanged".to_owned(),
        Outcome::Gone { .. } => "gone".to_owned(),
        Outcome::Dead(failure) | Outcome::Failed { failure, .. } => {
            failure.detail.escape_debug().to_string()
        }
    }
}
