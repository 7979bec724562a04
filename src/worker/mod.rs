//! The worker: claims due submissions, verifies them, and records what came of them.
//!
//! It meets the HTTP side at the store alone. No transaction is open while the network is waited
//! for; a lease, renewed while the work goes on, keeps others off, and frees itself if we die.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep_until};
use tracing::{debug, info, warn};
use url::Url;

mod authors;
mod checks;
mod door;
mod pages;
mod pictures;
mod private;
mod process;
mod reading;
pub mod retry;
mod schedule;
pub mod sender;
#[cfg(test)]
mod stub;
mod targets;
mod under_way;
mod upstream;
mod verifier;
mod vouches;
pub mod websub;

pub use self::pictures::{PictureOptions, PictureWorker};

use self::checks::Checks;
use self::retry::Jitter;
use self::under_way::UnderWay;
pub use self::upstream::UpstreamWorker;
use self::verifier::Verifier;
use crate::fetch::Fetch;
use crate::model::Clock;
use crate::store::{ClaimRequest, Lease, Store, StoreError};
pub use crate::store::{Manners, TellTerms};

/// How long receipts of submissions that came to nothing are kept: a sender may look for three months.
const KEEP_RECEIPTS: Duration = Duration::from_secs(90 * 24 * 3600);

/// How often old receipts are looked for, and how many go at once: a short transaction each.
const PRUNE_EVERY: Duration = Duration::from_secs(600);
const PRUNE_AT_ONCE: usize = 1000;

/// After the store has refused, wait so long before asking again.
const STORE_PAUSE: Duration = Duration::from_millis(200);

/// So many domains' paces are remembered, of each thing that is asked of domains.
const MAX_DOMAINS: usize = 1000;

/// So often a store that is busy is asked again: two seconds in all.
const STORE_TRIES: usize = 10;

/// Does something with the store, waiting out one that is busy for a moment.
///
/// # Errors
/// [`StoreError::Busy`] if it was so for two seconds; any other at once.
async fn patiently<T, F>(mut act: impl FnMut() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    for _ in 0..STORE_TRIES {
        match act().await {
            Err(StoreError::Busy) => tokio::time::sleep(STORE_PAUSE).await,
            result => return result,
        }
    }
    Err(StoreError::Busy)
}

fn random_jitter() -> Jitter {
    // Without randomness, retries are merely less spread.
    let drawn = getrandom::u32().unwrap_or(0);
    Jitter(f64::from(drawn) / f64::from(u32::MAX))
}

/// How much a worker does at once.
#[derive(Debug, Clone)]
pub struct Options {
    /// How the world reaches this very service, if that is known: its pages are no sources.
    pub public_url: Option<Url>,
    /// Pages fetched at the same time.
    pub concurrency: usize,
    /// Pages of one domain fetched at the same time.
    pub per_host: usize,
    /// How often a domain is asked, whoever submits what.
    pub manners: Manners,
    /// How long a lease lasts unless renewed: after a crash, so long until another takes over.
    pub lease: Duration,
    /// How often to look for work that another process stored.
    pub poll: Duration,
    /// How long verifications under way may take to end on shutdown.
    pub drain: Duration,
    /// Whether the target of a new mention must exist (its own server is asked).
    pub check_targets: bool,
    /// So many checks of known mentions a minute; 0: none.
    pub reverify_per_minute: u32,
    /// How those are told whom a page answers whose mentions have changed; `None`: not at all.
    pub salmention: Option<TellTerms>,
    /// A mention whose source was away at every check for so long is removed; `None`: never.
    pub patience: Option<Duration>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            public_url: None,
            concurrency: 32,
            per_host: 2,
            manners: Manners {
                interval: Duration::from_millis(200),
                page_per_hour: 60,
                domain_per_hour: 600,
            },
            lease: Duration::from_secs(10),
            poll: Duration::from_secs(1),
            drain: Duration::from_secs(10),
            check_targets: false,
            reverify_per_minute: 60,
            salmention: None,
            patience: None,
        }
    }
}

/// A worker, ready to [`run`](Worker::run).
pub struct Worker {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    verifier: Arc<Verifier>,
    options: Options,
}

impl Worker {
    /// A worker on these parts.
    pub fn new(
        store: Arc<dyn Store>,
        fetch: Arc<dyn Fetch>,
        clock: Arc<dyn Clock>,
        options: Options,
    ) -> Self {
        let verifier = Verifier::new(Arc::clone(&store), fetch, Arc::clone(&clock), &options);
        Self {
            store,
            clock,
            verifier: Arc::new(verifier),
            options,
        }
    }

    /// Works until `shutdown` resolves; then lets what is under way end, at most for
    /// [`Options::drain`], and gives the rest back.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let mut under_way = UnderWay::default();
        let mut renew = self.renew_ticks();
        let mut prune = interval(PRUNE_EVERY);
        let mut checks = Checks::new(self.options.reverify_per_minute);
        let mut check = Checks::ticks();
        tokio::pin!(shutdown);
        loop {
            let idle = self.claim(&mut under_way).await;
            tokio::select! {
                () = &mut shutdown => break,
                () = under_way.one_ends(), if !under_way.is_empty() => {}
                () = self.store.wait_for_work(idle.unwrap_or_default()), if idle.is_some() => {}
                _ = renew.tick() => self.renew(&under_way.leases()).await,
                _ = prune.tick() => self.prune().await,
                _ = check.tick() => checks.enqueue(self.store.as_ref(), self.clock.as_ref()).await,
            }
        }
        self.drain(under_way).await;
    }

    /// Takes on as much as there is room for; if there is room for more, how long to wait for it.
    async fn claim(&self, under_way: &mut UnderWay) -> Option<Duration> {
        let room = self.options.concurrency.saturating_sub(under_way.len());
        if room == 0 {
            return None;
        }
        let request = ClaimRequest {
            limit: room,
            per_host: self.options.per_host,
            busy: under_way.busy(),
            lease: self.options.lease,
            manners: self.options.manners,
        };
        let now = self.clock.now();
        let next_at = match self.store.claim(request, now).await {
            Ok(claimed) => {
                for batch in claimed.batches {
                    under_way.begin(&self.verifier, batch);
                }
                claimed.next_at
            }
            Err(error) => {
                warn!(%error, "cannot claim submissions; trying again");
                tokio::time::sleep(STORE_PAUSE).await;
                None
            }
        };
        let wait = next_at.map_or(self.options.poll, |at| at.since(self.clock.now()));
        (under_way.len() < self.options.concurrency).then_some(wait.min(self.options.poll))
    }

    fn renew_ticks(&self) -> Interval {
        let mut ticks = interval(self.options.lease / 3);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks
    }

    async fn renew(&self, leases: &[Lease]) {
        if leases.is_empty() {
            return;
        }
        let now = self.clock.now();
        if let Err(error) = self.store.renew(leases, self.options.lease, now).await {
            warn!(%error, "cannot renew leases");
        }
    }

    async fn prune(&self) {
        let before = self.clock.now().before(KEEP_RECEIPTS);
        match self.store.prune(before, PRUNE_AT_ONCE).await {
            Ok(0) => {}
            Ok(count) => debug!(count, "forgot old receipts"),
            Err(error) => warn!(%error, "cannot forget old receipts"),
        }
    }

    async fn drain(&self, mut under_way: UnderWay) {
        let deadline = sleep_until(Instant::now() + self.options.drain);
        tokio::pin!(deadline);
        let mut renew = self.renew_ticks();
        while !under_way.is_empty() {
            tokio::select! {
                () = &mut deadline => break,
                () = under_way.one_ends() => {}
                _ = renew.tick() => self.renew(&under_way.leases()).await,
            }
        }
        under_way.stop().await;
        let left = under_way.leases();
        if left.is_empty() {
            return;
        }
        info!(count = left.len(), "giving unfinished submissions back");
        if let Err(error) = self.store.release(&left, self.clock.now()).await {
            warn!(%error, "cannot give leases back; they will run out");
        }
    }
}
