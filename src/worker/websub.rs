//! [`Announcer`]: tells a `WebSub` hub which feeds have changed. `WebSub` §7.
//!
//! What was told is a place in the order of changes, kept in the store: what happens while the hub is away, or
//! while we are, is told later. What changes within one pause is told at once.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tracing::{debug, info, warn};
use url::Url;

use crate::fetch::Fetch;
use crate::model::{ChangeNumber, Clock, FeedFormat, FeedOf, KnownUrl, SiteId};
use crate::store::{Changes, Cursor, Scope, Store, StoreError, changes_since};

/// So many changes are told of before that is written down.
const AT_ONCE: usize = 50;

/// Whoever dies while telling is followed by another after so long. It is renewed before each feed, which
/// takes no longer than a fetch may.
const LEASE: Duration = Duration::from_secs(60);

/// A hub that fails is tried again after twice as long each time, at most this.
const MAX_PAUSE: Duration = Duration::from_secs(3600);

/// Whom to tell, and of what.
#[derive(Debug, Clone)]
pub struct Hub {
    /// The hub.
    pub url: Url,
    /// The root of the service whose feeds these are.
    pub feeds: Url,
    /// What changes within this time is told at once.
    pub pause: Duration,
}

/// Tells a hub of what changes, ready to [`run`](Announcer::run).
pub struct Announcer {
    store: Arc<dyn Store>,
    fetch: Arc<dyn Fetch>,
    clock: Arc<dyn Clock>,
    hub: Hub,
    holder: i64,
    /// Up to which change each site was told of by us: not asked about again.
    done: HashMap<SiteId, ChangeNumber>,
    /// The site that is ours to tell of.
    held: Option<SiteId>,
}

/// Why not everything was told.
#[derive(Debug, thiserror::Error)]
enum NotTold {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{why}")]
    Hub {
        why: String,
        retry_after: Option<Duration>,
    },
}

impl Announcer {
    /// One on these parts.
    ///
    /// # Errors
    /// The system has no random numbers.
    pub fn new(
        store: Arc<dyn Store>,
        fetch: Arc<dyn Fetch>,
        clock: Arc<dyn Clock>,
        hub: Hub,
    ) -> Result<Self, getrandom::Error> {
        let mut holder = [0; 8];
        getrandom::fill(&mut holder)?;
        Ok(Self {
            store,
            fetch,
            clock,
            hub,
            holder: i64::from_le_bytes(holder),
            done: HashMap::new(),
            held: None,
        })
    }

    /// Tells until `shutdown` resolves. What is being told then is told again another time.
    pub async fn run(mut self, shutdown: impl Future<Output = ()>) {
        info!(hub = %self.hub.url, "telling the hub of changes");
        tokio::select! {
            () = shutdown => {}
            () = self.tell_on() => {}
        }
        self.let_go().await;
    }

    async fn tell_on(&mut self) {
        let mut failures = 0_u32;
        let mut has_begun = false;
        loop {
            let round = async {
                if !has_begun {
                    self.store.begin_telling().await?;
                    has_begun = true;
                }
                let told = self.round().await;
                self.let_go().await;
                told
            };
            let wait = match round.await {
                Ok(()) => {
                    failures = 0;
                    self.hub.pause
                }
                Err(error) => {
                    let asked = match &error {
                        NotTold::Hub { retry_after, .. } => *retry_after,
                        NotTold::Store(_) => None,
                    };
                    let wait = backoff(self.hub.pause, failures).max(asked.unwrap_or_default());
                    let wait = wait.min(MAX_PAUSE.max(self.hub.pause));
                    failures = failures.saturating_add(1);
                    warn!(%error, again_in = ?wait, "cannot tell the hub of changes; nothing is lost");
                    wait
                }
            };
            tokio::time::sleep(wait).await;
        }
    }

    /// Tells of all that has changed by now.
    async fn round(&mut self) -> Result<(), NotTold> {
        for site in self.store.sites().await? {
            self.site(site.id).await?;
        }
        Ok(())
    }

    /// Leaves the site that was ours to whoever comes next.
    async fn let_go(&mut self) {
        if let Some(site) = self.held.take()
            && let Err(error) = self.store.release_telling(site, self.holder).await
        {
            warn!(%error, "cannot leave the telling of changes to others; it will be theirs in a minute");
        }
    }

    /// Takes a site on, or goes on with it; where to go on.
    async fn take(&mut self, site: SiteId) -> Result<Option<Cursor>, StoreError> {
        let now = self.clock.now();
        let taken = self.store.take_telling(site, self.holder, LEASE, now);
        let taken = taken.await?;
        self.held = taken.map(|_| site);
        Ok(taken)
    }

    async fn site(&mut self, site: SiteId) -> Result<(), NotTold> {
        let scope = Scope::Site(site);
        let version = self.store.version(&scope).await?;
        let Some(last) = version.last_change else {
            return Ok(());
        };
        if self.done.get(&site).is_some_and(|done| *done >= last) {
            return Ok(());
        }
        let settled = Cursor::after_change(last);
        loop {
            let Some(since) = self.take(site).await? else {
                return Ok(());
            };
            if since >= settled {
                self.done.insert(site, last);
                self.let_go().await;
                return Ok(());
            }
            let store = self.store.as_ref();
            let changes = changes_since(store, scope.clone(), since, AT_ONCE, version).await?;
            for feed in feeds(&changes) {
                if self.take(site).await?.is_none() {
                    return Ok(());
                }
                self.tell(&feed).await?;
            }
            if !self.store.told(site, self.holder, changes.next).await? {
                return Ok(());
            }
        }
    }

    /// Tells that a feed has changed, in every format that is published.
    async fn tell(&self, feed: &FeedOf) -> Result<(), NotTold> {
        let topics = FeedFormat::PUBLISHED.map(|format| feed.url(&self.hub.feeds, format));
        let told = join_all(topics.iter().map(|topic| self.publish(topic))).await;
        told.into_iter().collect()
    }

    async fn publish(&self, topic: &str) -> Result<(), NotTold> {
        // What the W3C's text leaves to publishers and hubs, as PubSubHubbub 0.4 §7 has it; some hubs have the
        // topic under its newer name.
        let form = [
            ("hub.mode", "publish"),
            ("hub.url", topic),
            ("hub.topic", topic),
        ];
        let answer = self.fetch.post(&self.hub.url, &form).await;
        let answer = answer.map_err(|error| NotTold::Hub {
            why: format!("{}: {error}", self.hub.url),
            retry_after: error.retry_after(),
        })?;
        match answer.status {
            200..300 => debug!(topic, "told the hub"),
            // It is there, and does not want this one: to insist would keep all others waiting.
            status @ (400 | 403 | 405..=407 | 409..=428 | 430..500) => {
                warn!(topic, status, "the hub does not take this feed");
            }
            status => {
                return Err(NotTold::Hub {
                    why: format!("{} answered {status}", self.hub.url),
                    retry_after: answer.retry_after,
                });
            }
        }
        Ok(())
    }
}

/// The feeds that are different by these changes.
fn feeds(changes: &Changes) -> BTreeSet<FeedOf> {
    let gone = changes.deleted.iter().map(|gone| &gone.target);
    let new = changes.changed.iter().map(|mention| &mention.target);
    let of = |target: &KnownUrl| {
        [
            FeedOf::Page(target.page_key()),
            FeedOf::Host(target.authority()),
        ]
    };
    gone.chain(new).flat_map(of).collect()
}

/// How long to wait after that many failures before.
fn backoff(pause: Duration, failures: u32) -> Duration {
    pause
        .saturating_mul(2_u32.saturating_pow(failures.saturating_add(1)))
        .min(MAX_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hub_that_fails_is_asked_less_and_less_often_and_never_given_up() {
        let pause = Duration::from_secs(10);
        assert_eq!(backoff(pause, 0), Duration::from_secs(20));
        assert_eq!(backoff(pause, 2), Duration::from_secs(80));
        assert_eq!(backoff(pause, 100), MAX_PAUSE);
    }
}
