//! [`Targets`]: which pages of the owner's sites exist, as their own server says; asked seldom.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex as AsyncMutex;

use crate::fetch::{Answer, Fetch, FetchError};
use crate::model::{PageKey, SourceUrl, TargetUrl, Timestamp};

/// How long an answer holds: so often a page is asked for at most, whoever submits what.
const KEEP: Duration = Duration::from_secs(60);
/// How many answers are kept.
const MAX_KNOWN: usize = 10_000;

/// The last answer about a page: the status, if it said that there is no such page. Locked while the
/// server is asked, so that others wait for that answer.
type Slot = AsyncMutex<Option<(Timestamp, Option<u16>)>>;

/// What targets' servers said, in this process.
#[derive(Debug, Default)]
pub(super) struct Targets {
    known: Mutex<HashMap<PageKey, Arc<Slot>>>,
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
        let slot = self.slot(target.page_key(), now);
        let mut known = slot.lock().await;
        if let Some((since, status)) = *known
            && now.since(since) < KEEP
        {
            return status;
        }
        let status = match fetch.fetch(&as_source).await.answer {
            Ok(Answer::Gone) => Some(410),
            Err(FetchError::NotFound) => Some(404),
            Ok(Answer::Page(_)) | Err(_) => None,
        };
        *known = Some((now, status));
        status
    }

    fn slot(&self, page: PageKey, now: Timestamp) -> Arc<Slot> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_KNOWN && !known.contains_key(&page) {
            known.retain(|_, slot| {
                slot.try_lock().map_or(true, |kept| {
                    kept.is_some_and(|(since, _)| now.since(since) < KEEP)
                })
            });
            if known.len() >= MAX_KNOWN {
                known.clear();
            }
        }
        Arc::clone(known.entry(page).or_default())
    }
}
