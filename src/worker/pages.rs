//! [`Pages`]: source pages just fetched, so that one that names many of our targets is fetched once.
//!
//! A blog post that links to five articles sends five webmentions within seconds. A page fetched before
//! a submission came may speak for it, never against it: its author may have changed it in between.
//! So whoever finds that a shared page does not link, or verifies an update, asks for a fresh one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex as AsyncMutex;

use crate::fetch::{Answer, Fetch, FetchError, Fetched};
use crate::model::{Page, SourceUrl, Timestamp, Validators};

/// How long a page is shared.
const KEEP: Duration = Duration::from_secs(60);
/// Sources whose pages are kept, and the longest page: 16 MB in all.
const MAX_SOURCES: usize = 64;
const MAX_BODY_BYTES: usize = 256 * 1024;

/// The page of one source; locked while it is fetched, so that others wait for that one fetch.
type Slot = AsyncMutex<Option<(Timestamp, Got)>>;

/// How to ask for a page.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ask<'a> {
    /// One that was fetched a moment ago will do.
    Shared,
    /// As it is now.
    Fresh,
    /// As it is now, if that is not the page that came with these.
    IfChanged(&'a Validators),
}

/// What a source answered.
#[derive(Debug, Clone)]
pub(super) struct Got {
    pub(super) answer: GotAnswer,
    /// Where permanent redirects led, if that is somewhere else. WM-49.
    pub(super) moved_to: Option<SourceUrl>,
    /// What the page came with.
    pub(super) validators: Option<Validators>,
    /// Whether it was fetched for an earlier submission.
    pub(super) is_shared: bool,
}

/// The answer itself.
#[derive(Debug, Clone)]
pub(super) enum GotAnswer {
    /// The page.
    Page(Arc<Page>),
    /// Nothing has changed since the page that the validators came with.
    Unchanged,
    /// The source says that it is gone.
    Gone,
}

/// What was fetched lately, in this process.
#[derive(Debug, Default)]
pub(super) struct Pages {
    slots: Mutex<HashMap<SourceUrl, Arc<Slot>>>,
}

impl Pages {
    /// The page at `source`.
    ///
    /// # Errors
    /// As [`Fetch::fetch`]. Failures are never shared.
    pub(super) async fn get(
        &self,
        source: &SourceUrl,
        fetch: &dyn Fetch,
        now: Timestamp,
        ask: Ask<'_>,
    ) -> Result<Got, FetchError> {
        let slot = self.slot(source);
        let mut kept = slot.lock().await;
        if matches!(ask, Ask::Shared)
            && let Some((since, got)) = kept.as_ref()
            && now.since(*since) < KEEP
        {
            return Ok(Got {
                is_shared: true,
                ..got.clone()
            });
        }
        // Whatever comes now is newer.
        *kept = None;
        let fetched = match ask {
            Ask::IfChanged(validators) => fetch.fetch_if_changed(source, validators).await,
            Ask::Shared | Ask::Fresh => fetch.fetch(source).await,
        };
        let moved_to = moved_to(source, &fetched);
        let answer = match fetched.answer? {
            Answer::Gone => GotAnswer::Gone,
            Answer::Unchanged => GotAnswer::Unchanged,
            Answer::Page(page) => GotAnswer::Page(Arc::new(page)),
        };
        let got = Got {
            answer,
            moved_to,
            validators: fetched.validators,
            is_shared: false,
        };
        if matches!(&got.answer, GotAnswer::Page(page) if page.body.len() <= MAX_BODY_BYTES) {
            *kept = Some((now, got.clone()));
        }
        Ok(got)
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

/// Where the source is by now, if all redirects on the way there were for good.
fn moved_to(source: &SourceUrl, fetched: &Fetched) -> Option<SourceUrl> {
    let end = fetched.hops.last().filter(|_| fetched.has_moved())?;
    SourceUrl::parse(end.url.as_str())
        .ok()
        .filter(|end| end != source)
}
