//! [`Targets`]: which pages of the owner's sites exist, as their own server says; asked seldom.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex as AsyncMutex;

use crate::fetch::{Answer, Fetch, FetchError};
use crate::model::{SourceUrl, TargetUrl, Timestamp};

/// How long an answer holds: so often a page is asked for at most, whoever submits what.
const KEEP: Duration = Duration::from_secs(60);
/// How many answers are kept.
const MAX_KNOWN: usize = 10_000;

/// The last answer about a URL (without its fragment): the status, if it said that there is no such page. Locked while the
/// server is asked, so that others wait for that answer.
type Slot = AsyncMutex<Option<(Timestamp, Option<u16>)>>;

/// What targets' servers said, in this process.
#[derive(Debug, Default)]
pub(super) struct Targets {
    known: Mutex<HashMap<String, Arc<Slot>>>,
}

impl Targets {
    /// The status, 404 or 410, by which the target's own server denies it. Any other trouble is no proof
    /// of that.
    pub(super) async fn denied(
        &self,
        target: &TargetUrl,
        fetch: &dyn Fetch,
        now: Timestamp,
    ) -> Option<u16> {
        let as_source = SourceUrl::parse(target.as_str()).ok()?;
        let slot = self.slot(target, now);
        let mut known = slot.lock().await;
        if let Some((since, status)) = *known
            && now.since(since) < KEEP
        {
            return status;
        }
        let status = match fetch.fetch(&as_source).await.answer {
            Ok(Answer::Gone) => Some(410),
            Err(FetchError::NotFound) => Some(404),
            Ok(Answer::Page(_) | Answer::Unchanged) | Err(_) => None,
        };
        *known = Some((now, status));
        status
    }

    fn slot(&self, target: &TargetUrl, now: Timestamp) -> Arc<Slot> {
        let page = target.as_str().split('#').next().unwrap_or_default();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_KNOWN && !known.contains_key(page) {
            known.retain(|_, slot| {
                slot.try_lock().map_or(true, |kept| {
                    kept.is_some_and(|(since, _)| now.since(since) < KEEP)
                })
            });
            if known.len() >= MAX_KNOWN {
                known.clear();
            }
        }
        Arc::clone(known.entry(page.to_owned()).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::stub::NothingThere;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    #[tokio::test]
    async fn a_page_is_asked_for_once_a_minute_whoever_submits_what() {
        let (targets, server) = (Targets::default(), NothingThere::default());
        let ask = |text: &'static str, now| {
            let target = TargetUrl::parse(text).unwrap();
            let (targets, server) = (&targets, &server);
            async move { targets.denied(&target, server, now).await }
        };
        let all = (0..100).map(|_| ask("https://t.example/a", NOW));
        let all = futures_util::future::join_all(all).await;
        assert!(all.iter().all(|status| *status == Some(404)));
        assert_eq!(ask("https://t.example/a#top", NOW).await, Some(404));
        assert_eq!(server.asked(), 1);
        ask("https://t.example/b", NOW).await;
        ask("https://t.example/a", NOW.plus(KEEP)).await;
        assert_eq!(server.asked(), 3);
    }
}
