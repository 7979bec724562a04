//! The worker: claims due submissions, verifies them, and records what came of them.
//!
//! It meets the HTTP side at the store alone. No transaction is open while the network is waited
//! for; a lease, renewed while the work goes on, keeps others off, and frees itself if we die.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep_until};
use tracing::{debug, error, info, warn};

mod authors;
mod checks;
mod pages;
mod process;
pub mod retry;
mod schedule;

use self::authors::Authors;
use self::checks::Checks;
use self::pages::Pages;
use self::process::Circumstances;
use self::retry::Jitter;
use crate::fetch::Fetch;
use crate::model::{Clock, Outcome};
use crate::store::{ClaimRequest, Finished, Lease, Leased, Store, StoreError};

/// How long receipts of submissions that came to nothing are kept: a sender may look for three months.
const KEEP_RECEIPTS: Duration = Duration::from_secs(90 * 24 * 3600);

/// How often old receipts are looked for, and how many go at once: a short transaction each.
const PRUNE_EVERY: Duration = Duration::from_secs(600);
const PRUNE_AT_ONCE: usize = 1000;

/// After the store has refused, wait so long before asking again.
const STORE_PAUSE: Duration = Duration::from_millis(200);

/// How much a worker does at once.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Verifications at the same time.
    pub concurrency: usize,
    /// Verifications of one source host at the same time.
    pub per_host: usize,
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
    /// A mention whose source was away at every check for so long is removed; `None`: never.
    pub patience: Option<Duration>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            concurrency: 32,
            per_host: 2,
            lease: Duration::from_secs(10),
            poll: Duration::from_secs(1),
            drain: Duration::from_secs(10),
            check_targets: false,
            reverify_per_minute: 60,
            patience: None,
        }
    }
}

/// A worker, ready to [`run`](Worker::run).
pub struct Worker {
    store: Arc<dyn Store>,
    fetch: Arc<dyn Fetch>,
    clock: Arc<dyn Clock>,
    authors: Arc<Authors>,
    pages: Arc<Pages>,
    options: Options,
}

/// The verifications under way, with the lease and the source host of each.
#[derive(Default)]
struct UnderWay {
    tasks: JoinSet<()>,
    leases: HashMap<Id, (Lease, String)>,
}

impl UnderWay {
    fn busy(&self) -> HashMap<String, usize> {
        let mut busy: HashMap<String, usize> = HashMap::new();
        for (_, host) in self.leases.values() {
            let n = busy.entry(host.clone()).or_default();
            *n = n.saturating_add(1);
        }
        busy
    }

    fn leases(&self) -> Vec<Lease> {
        self.leases.values().map(|(lease, _)| *lease).collect()
    }

    /// Notes that a verification ended, whether it came back or broke down.
    fn ended(&mut self, done: Result<(Id, ()), JoinError>) {
        let id = match done {
            Ok((id, ())) => id,
            Err(error) => {
                if error.is_panic() {
                    error!(%error, "a verification broke down; it will be repeated when its lease ends");
                }
                error.id()
            }
        };
        self.leases.remove(&id);
    }
}

impl Worker {
    /// A worker on these parts.
    pub fn new(
        store: Arc<dyn Store>,
        fetch: Arc<dyn Fetch>,
        clock: Arc<dyn Clock>,
        options: Options,
    ) -> Self {
        Self {
            store,
            fetch,
            clock,
            authors: Arc::default(),
            pages: Arc::default(),
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
            let free = self.claim(&mut under_way).await;
            tokio::select! {
                () = &mut shutdown => break,
                Some(done) = under_way.tasks.join_next_with_id(), if !under_way.tasks.is_empty() => {
                    under_way.ended(done);
                }
                () = self.store.wait_for_work(self.options.poll), if free => {}
                _ = renew.tick() => self.renew(&under_way.leases()).await,
                _ = prune.tick() => self.prune().await,
                _ = check.tick() => checks.enqueue(self.store.as_ref(), self.clock.as_ref()).await,
            }
        }
        self.drain(under_way).await;
    }

    /// Takes on as much as there is room for; whether there is room for more.
    async fn claim(&self, under_way: &mut UnderWay) -> bool {
        let room = self
            .options
            .concurrency
            .saturating_sub(under_way.tasks.len());
        if room == 0 {
            return false;
        }
        let request = ClaimRequest {
            limit: room,
            per_host: self.options.per_host,
            busy: under_way.busy(),
            lease: self.options.lease,
        };
        match self.store.claim(request, self.clock.now()).await {
            Ok(leased) => {
                for one in leased {
                    let whose = (one.lease, one.source.host().to_owned());
                    let task = under_way.tasks.spawn(self.verify(one));
                    under_way.leases.insert(task.id(), whose);
                }
            }
            Err(error) => {
                warn!(%error, "cannot claim submissions; trying again");
                tokio::time::sleep(STORE_PAUSE).await;
            }
        }
        under_way.tasks.len() < self.options.concurrency
    }

    /// One verification, from lease to receipt.
    fn verify(&self, leased: Leased) -> impl Future<Output = ()> + use<> {
        let store = Arc::clone(&self.store);
        let fetch = Arc::clone(&self.fetch);
        let clock = Arc::clone(&self.clock);
        let authors = Arc::clone(&self.authors);
        let pages = Arc::clone(&self.pages);
        let Options {
            check_targets,
            patience,
            ..
        } = self.options;
        async move {
            let begun = clock.now();
            let circumstances = Circumstances {
                now: begun,
                jitter: random_jitter(),
                check_targets,
                patience,
                authors: &authors,
                pages: &pages,
            };
            let outcome = process::verify(fetch.as_ref(), &leased, &circumstances).await;
            let summary = summary(&outcome);
            match record(store.as_ref(), leased.lease, outcome, clock.as_ref()).await {
                Ok(finished) => info!(
                    submission.key = %leased.lease.key,
                    mention.source = %leased.source,
                    mention.target = %leased.target,
                    attempt = leased.attempts.saturating_add(1),
                    duration_ms = clock.now().since(begun).as_millis(),
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
        while !under_way.tasks.is_empty() {
            tokio::select! {
                () = &mut deadline => break,
                Some(done) = under_way.tasks.join_next_with_id() => under_way.ended(done),
                _ = renew.tick() => self.renew(&under_way.leases()).await,
            }
        }
        under_way.tasks.shutdown().await;
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

/// Stores an outcome, waiting out a store that is busy for a moment.
async fn record(
    store: &dyn Store,
    lease: Lease,
    outcome: Outcome,
    clock: &dyn Clock,
) -> Result<Finished, StoreError> {
    for _ in 0..10 {
        match store.finish(lease, outcome.clone(), clock.now()).await {
            Err(StoreError::Busy) => tokio::time::sleep(STORE_PAUSE).await,
            result => return result,
        }
    }
    store.finish(lease, outcome, clock.now()).await
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

fn random_jitter() -> Jitter {
    // Without randomness, retries are merely less spread.
    let drawn = getrandom::u32().unwrap_or(0);
    Jitter(f64::from(drawn) / f64::from(u32::MAX))
}
