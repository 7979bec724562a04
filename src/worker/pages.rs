//! [`Pages`]: source pages just fetched, so that one that names many of our targets is fetched once.
//!
//! A blog post that links to five articles sends five webmentions within seconds. A page fetched before
//! a submission came may speak for it, never against it: its author may have changed it in between.
//! So whoever finds that a shared page does not link, or verifies an update, asks for a fresh one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex as AsyncMutex;

use crate::fetch::{Answer, Fetch, FetchError};
use crate::model::{Page, SourceUrl, Timestamp};

/// How long a page is shared.
const KEEP: Duration = Duration::from_secs(60);
/// Sources whose pages are kept, and the longest page: 16 MB in all.
const MAX_SOURCES: usize = 64;
const MAX_BODY_BYTES: usize = 256 * 1024;

/// The page of one source; locked while it is fetched, so that others wait for that one fetch.
type Slot = AsyncMutex<Option<(Timestamp, Arc<Page>)>>;

/// A page for one submission.
#[derive(Debug)]
pub(super) enum Found {
    /// The page, and whether it was fetched for an earlier submission.
    Page(Arc<Page>, bool),
    /// The source says that it is gone.
    Gone,
}

/// What was fetched lately, in this process.
#[derive(Debug, Default)]
pub(super) struct Pages {
    slots: Mutex<HashMap<SourceUrl, Arc<Slot>>>,
}

impl Pages {
    /// The page at `source`; a shared one only if it `may_share`.
    ///
    /// # Errors
    /// As [`Fetch::fetch`]. Failures are never shared.
    pub(super) async fn get(
        &self,
        source: &SourceUrl,
        fetch: &dyn Fetch,
        now: Timestamp,
        may_share: bool,
    ) -> Result<Found, FetchError> {
        let slot = self.slot(source);
        let mut kept = slot.lock().await;
        if may_share
            && let Some((since, page)) = kept.as_ref()
            && now.since(*since) < KEEP
        {
            return Ok(Found::Page(Arc::clone(page), true));
        }
        // Whatever comes now is newer.
        *kept = None;
        match fetch.fetch(source).await.answer? {
            Answer::Gone => Ok(Found::Gone),
            // Nobody has asked for the page on a condition.
            Answer::Unchanged => Err(FetchError::BadResponse("304 unasked".to_owned())),
            Answer::Page(page) => {
                let page = Arc::new(page);
                if page.body.len() <= MAX_BODY_BYTES {
                    *kept = Some((now, Arc::clone(&page)));
                }
                Ok(Found::Page(page, false))
            }
        }
    }

    fn slot(&self, source: &SourceUrl) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= MAX_SOURCES && !slots.contains_key(source) {
            // Those that nobody is waiting for.
            slots.retain(|_, slot| Arc::strong_count(slot) > 1);
        }
        Arc::clone(slots.entry(source.clone()).or_default())
    }
}
