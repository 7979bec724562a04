//! [`UpstreamWorker`]: tells those whom a page of the owner's answers that its mentions have changed.
//! indieweb.org/Salmention
//!
//! Two steps, each of which survives a restart: a page that has changed is asked what it answers; and each of
//! those is sent a webmention. No loop: only words that are other than before count as a change, and nobody is
//! told the same twice within the interval.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tracing::{debug, info, warn};

use super::sender::{self, Unsent};
use super::{MAX_DOMAINS, reading, retry};
use crate::fetch::{Answer, Fetch};
use crate::model::{Clock, Pace, SharedPaces, SourceUrl, TargetUrl, domain_of};
use crate::parse;
use crate::store::{ChangedPage, Ping, Store, StoreError, TellTerms};

/// How often to look for changes, at most.
const EVERY: Duration = Duration::from_secs(10);

/// Pages, and webmentions, in one turn.
const AT_ONCE: usize = 16;

/// A webmention that has not ended for so long is sent by another: the longest that two requests take.
const LEASE: Duration = Duration::from_secs(60);

/// After the n-th try that failed, wait so long; after the last, no more.
const AGAIN: [Duration; 3] = [
    Duration::from_secs(60),
    Duration::from_secs(600),
    Duration::from_secs(3600),
];

/// Tells upstream. Ready to [`run`](UpstreamWorker::run).
pub struct UpstreamWorker {
    store: Arc<dyn Store>,
    fetch: Arc<dyn Fetch>,
    clock: Arc<dyn Clock>,
    terms: TellTerms,
    /// Whom the owner's pages answer is asked no more often.
    paces: SharedPaces<String>,
}

impl UpstreamWorker {
    /// A worker on these parts; each domain is told at `pace`, `None` sets no limit.
    pub fn new(
        store: Arc<dyn Store>,
        fetch: Arc<dyn Fetch>,
        clock: Arc<dyn Clock>,
        terms: TellTerms,
        pace: Option<Pace>,
    ) -> Self {
        Self {
            store,
            fetch,
            clock,
            terms,
            paces: SharedPaces::new(pace, MAX_DOMAINS),
        }
    }

    /// Works until `shutdown` resolves. What is under way then is done by whoever works next.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        tokio::pin!(shutdown);
        let soon = Duration::from_millis(100);
        let mut ticks = interval(self.terms.delay.clamp(soon, EVERY));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                _ = ticks.tick() => {}
            }
            tokio::select! {
                () = &mut shutdown => break,
                turn = self.turn() => if let Err(error) = turn {
                    warn!(%error, "cannot tell upstream; trying again");
                },
            }
        }
    }

    async fn turn(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        for page in self.store.changed_pages(self.terms, AT_ONCE, now).await? {
            // It is written down as changed until that is planned, so it is given out again.
            if let Err(error) = self.plan(&page).await {
                warn!(page.url = %page.url, %error, "cannot plan whom to tell of a page; asking again later");
            }
        }
        let now = self.clock.now();
        for ping in self.store.due_pings(AT_ONCE, LEASE, now).await? {
            if let Err(error) = self.send(&ping).await {
                warn!(
                    ping.source = %ping.source,
                    ping.target = %ping.target,
                    %error,
                    "cannot write down how telling upstream ended; telling again later",
                );
            }
        }
        Ok(())
    }

    async fn plan(&self, page: &ChangedPage) -> Result<(), StoreError> {
        let Some(pings) = self.pings(page).await? else {
            return Ok(());
        };
        let now = self.clock.now();
        self.store
            .plan_pings(page.clone(), pings, self.terms, now)
            .await
    }

    /// Whom to tell of the page; `None` if that is to be asked later.
    async fn pings(
        &self,
        page: &ChangedPage,
    ) -> Result<Option<Vec<(SourceUrl, TargetUrl)>>, StoreError> {
        let none = Ok(Some(Vec::new()));
        let Ok(url) = SourceUrl::parse(page.url.as_str()) else {
            return none;
        };
        let body = match self.fetch.fetch(&url).await.answer {
            Ok(Answer::Page(body)) => body,
            Ok(Answer::Gone | Answer::Unchanged) => return none,
            Err(error) => {
                debug!(page.url = %page.url, %error, "cannot see what a page answers; asking later");
                return Ok(None);
            }
        };
        let read = reading::apart("what pages answer", move || parse::answering(&body));
        let Some(found) = read.await else { return none };
        let Some(source) = found.source() else {
            return none;
        };
        // A page that leads elsewhere is not the owner's to speak for.
        let Ok(own) = TargetUrl::parse(source.as_str()) else {
            return none;
        };
        if self.store.site_of(&own).await?.is_none() {
            return none;
        }
        let mut pings = Vec::new();
        for target in found.answered {
            // The owner's own pages hear of it without us.
            if self.store.site_of(&target).await?.is_none() {
                pings.push((source.clone(), target));
            }
        }
        Ok(Some(pings))
    }

    async fn send(&self, ping: &Ping) -> Result<(), StoreError> {
        let now = self.clock.now();
        if let Err(wait) = self.take_turn(ping) {
            return self
                .store
                .ping_ended(ping.id, Some(now.plus(wait)), now)
                .await;
        }
        let sent = sender::send(self.fetch.as_ref(), &ping.source, &ping.target).await;
        let now = self.clock.now();
        let again_at = match &sent {
            Ok(_) => None,
            Err(unsent) => again(unsent, ping.attempts).map(|wait| now.plus(wait)),
        };
        match sent {
            Ok(_) => {
                info!(ping.source = %ping.source, ping.target = %ping.target, "upstream told");
            }
            Err(error) => info!(
                ping.source = %ping.source,
                ping.target = %ping.target,
                attempt = ping.attempts,
                %error,
                "upstream not told",
            ),
        }
        self.store.ping_ended(ping.id, again_at, now).await
    }

    fn take_turn(&self, ping: &Ping) -> Result<(), Duration> {
        let domain = domain_of(ping.target.host());
        self.paces.take(domain, self.clock.now())
    }
}

/// How long to wait before the next try, if there is to be one.
fn again(unsent: &Unsent, attempts: u32) -> Option<Duration> {
    let wait = retry::nth(&AGAIN, attempts).filter(|_| unsent.is_transient())?;
    match unsent {
        Unsent::Busy(_, Some(asked)) => Some(wait.max(*asked)),
        Unsent::Busy(_, None) | Unsent::NoEndpoint | Unsent::Refused(_) | Unsent::Fetch(_) => {
            Some(wait)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::FetchError;

    #[test]
    fn what_may_pass_is_tried_four_times_and_what_will_not_once() {
        let waits = |unsent: &Unsent| (1..6).map(|n| again(unsent, n)).collect::<Vec<_>>();
        let seconds = |n| Some(Duration::from_secs(n));
        let later = [seconds(60), seconds(600), seconds(3600), None, None];
        assert_eq!(waits(&Unsent::Busy(503, None)), later);
        assert_eq!(waits(&Unsent::Fetch(FetchError::Timeout("x"))), later);
        let asked = Unsent::Busy(429, seconds(900));
        assert_eq!(
            waits(&asked)[..3],
            [seconds(900), seconds(900), seconds(3600)]
        );
        for never in [Unsent::NoEndpoint, Unsent::Refused(400)] {
            assert_eq!(waits(&never), [None; 5]);
        }
    }
}
