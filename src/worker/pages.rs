//! [`Pages`]: source pages just fetched, so that one that names many of our targets is fetched once.
//!
//! A blog post that links to five articles sends five webmentions within seconds; a flood names one
//! page ten thousand times. A page whose fetch began after a submission came is judged for it, whatever
//! comes of it. One fetched before that may speak for a new submission, never against it: its author may
//! have changed it in between. Then, and for an update, the source is asked anew.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Mutex as AsyncMutex;

use crate::fetch::{Answer, Fetch, FetchError};
use crate::model::{Page, SourceUrl, Timestamp};
use crate::store::PAGE_SPEAKS_FOR;

/// Sources whose pages are kept, and their bytes in all, besides those that are being verified.
const MAX_SOURCES: usize = 64;
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// The last fetch of one source; locked while it goes on, so that others wait for that one fetch.
type Slot = AsyncMutex<Option<Kept>>;

/// What came of a fetch.
#[derive(Debug)]
struct Kept {
    /// Which fetch of this process it was.
    number: u64,
    /// When it began, at the latest.
    begun: Timestamp,
    found: Result<Option<Arc<Page>>, FetchError>,
}

impl Kept {
    fn bytes(&self) -> usize {
        match &self.found {
            Ok(Some(page)) => page.body.len(),
            Ok(None) | Err(_) => 0,
        }
    }

    /// Whether it is of the last minute; one of the future tells of a clock that was set.
    fn is_young(&self, now: Timestamp) -> bool {
        now.since(self.begun) < PAGE_SPEAKS_FOR && self.begun.since(now) < PAGE_SPEAKS_FOR
    }
}

/// What a submission may be judged by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Need {
    /// A fetch that began later than this is good for everything.
    pub(super) since: Timestamp,
    /// As is one that this process began after this one. See [`Pages::ticket`].
    pub(super) ticket: u64,
    /// Whether an older one may speak for it.
    pub(super) may_be_older: bool,
}

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
    /// Fetches begun.
    count: AtomicU64,
}

impl Pages {
    /// The number of the last fetch: those with a higher one begin after now, on whatever clock.
    pub(super) fn ticket(&self) -> u64 {
        self.count.load(Ordering::SeqCst)
    }

    /// The page at `source`, fetched if none is kept that meets the `need`.
    ///
    /// # Errors
    /// As [`Fetch::fetch`]. A failure is shared with those who were waiting when the fetch began.
    pub(super) async fn get(
        &self,
        source: &SourceUrl,
        fetch: &dyn Fetch,
        now: Timestamp,
        need: Need,
    ) -> Result<Found, FetchError> {
        let slot = self.slot(source);
        let mut kept = slot.lock().await;
        if let Some(kept) = kept.as_ref().filter(|kept| kept.is_young(now)) {
            let is_newer = kept.number > need.ticket || kept.begun > need.since;
            match &kept.found {
                Ok(Some(page)) if is_newer || need.may_be_older => {
                    return Ok(Found::Page(Arc::clone(page), !is_newer));
                }
                Ok(None) if is_newer => return Ok(Found::Gone),
                Err(error) if is_newer => return Err(error.clone()),
                Ok(_) | Err(_) => {}
            }
        }
        // Whatever comes now is newer.
        *kept = None;
        let number = self.count.fetch_add(1, Ordering::SeqCst).saturating_add(1);
        let found = match fetch.fetch(source).await.answer {
            Ok(Answer::Gone) => Ok(None),
            Ok(Answer::Page(page)) => Ok(Some(Arc::new(page))),
            // Nobody has asked for the page on a condition.
            Ok(Answer::Unchanged) => Err(FetchError::BadResponse("304 unasked".to_owned())),
            Err(error) => Err(error),
        };
        *kept = Some(Kept {
            number,
            begun: now,
            found: found.clone(),
        });
        drop(kept);
        self.tidy(now);
        Ok(match found? {
            Some(page) => Found::Page(page, false),
            None => Found::Gone,
        })
    }

    fn slot(&self, source: &SourceUrl) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry(source.clone()).or_default())
    }

    /// Forgets what is too old, and the oldest of the rest while there is too much of it. What somebody
    /// works with stays: there is no more of that than verifications under way.
    fn tidy(&self, now: Timestamp) {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let mut idle: Vec<(Timestamp, usize, SourceUrl)> = Vec::new();
        slots.retain(|source, slot| {
            if Arc::strong_count(slot) > 1 {
                return true;
            }
            let Ok(kept) = slot.try_lock() else {
                return true;
            };
            match kept.as_ref().filter(|kept| kept.is_young(now)) {
                Some(kept) => {
                    idle.push((kept.begun, kept.bytes(), source.clone()));
                    true
                }
                None => false,
            }
        });
        idle.sort_unstable_by_key(|(begun, ..)| *begun);
        let mut bytes = idle
            .iter()
            .fold(0_usize, |sum, (_, bytes, _)| sum.saturating_add(*bytes));
        let mut count = idle.len();
        for (_, freed, source) in idle {
            if count <= MAX_SOURCES && bytes <= MAX_BYTES {
                break;
            }
            slots.remove(&source);
            count = count.saturating_sub(1);
            bytes = bytes.saturating_sub(freed);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use async_trait::async_trait;

    use super::*;
    use crate::fetch::Fetched;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    /// Answers each fetch with a page of so many bytes, or with a failure.
    struct Site(Result<usize, FetchError>);

    #[async_trait]
    impl Fetch for Site {
        async fn fetch(&self, source: &SourceUrl) -> Fetched {
            let answer = self.0.clone().map(|bytes| {
                Answer::Page(Page {
                    url: source.as_url().clone(),
                    status: 200,
                    content_type: None,
                    body: vec![b' '; bytes],
                    truncated: false,
                })
            });
            Fetched {
                hops: Vec::new(),
                answer,
                validators: None,
            }
        }
    }

    fn source(n: usize) -> SourceUrl {
        SourceUrl::parse(&format!("https://s.example/{n}")).unwrap()
    }

    fn submitted(since: Timestamp, ticket: u64) -> Need {
        Need {
            since,
            ticket,
            may_be_older: true,
        }
    }

    #[tokio::test]
    async fn a_fetch_judges_all_who_came_before_it_and_a_failure_is_shared_with_them_alone() {
        let pages = Pages::default();
        let fails = Site(Err(FetchError::NotFound));
        let before = NOW.before(Duration::from_secs(1));
        for need in [
            submitted(before, 0),
            submitted(NOW, 0),
            submitted(before, 9),
        ] {
            let found = pages.get(&source(1), &fails, NOW, need).await;
            assert!(found.is_err());
            assert_eq!(pages.ticket(), 1);
        }
        // Who came in the meantime is not told of an old failure, but may be told of an old page.
        let late = submitted(NOW, 1);
        let found = pages.get(&source(1), &Site(Ok(5)), NOW, late).await;
        assert!(matches!(found, Ok(Found::Page(_, false))));
        let later = NOW.plus(Duration::from_secs(5));
        let found = pages
            .get(&source(1), &fails, later, submitted(later, 2))
            .await;
        assert!(matches!(found, Ok(Found::Page(_, true))));
        assert_eq!(pages.ticket(), 2);
    }

    #[tokio::test]
    async fn what_is_kept_is_bounded_in_number_in_bytes_and_in_time() {
        let pages = Pages::default();
        let kept = |pages: &Pages| pages.slots.lock().unwrap().len();
        for n in 0..MAX_SOURCES * 3 {
            let small = Site(Ok(10));
            pages
                .get(&source(n), &small, NOW, submitted(NOW, 0))
                .await
                .unwrap();
        }
        assert!(kept(&pages) <= MAX_SOURCES + 1);
        for n in 0..10 {
            let large = Site(Ok(MAX_BYTES / 4));
            pages
                .get(&source(n), &large, NOW, submitted(NOW, u64::MAX))
                .await
                .unwrap();
        }
        assert!(kept(&pages) <= MAX_SOURCES + 1);
        let bytes: usize = pages
            .slots
            .lock()
            .unwrap()
            .values()
            .map(|slot| slot.try_lock().unwrap().as_ref().map_or(0, Kept::bytes))
            .sum();
        assert!(bytes <= MAX_BYTES + MAX_BYTES / 4, "{bytes}");
        let later = NOW.plus(PAGE_SPEAKS_FOR);
        pages
            .get(&source(0), &Site(Ok(1)), later, submitted(later, 0))
            .await
            .unwrap();
        assert_eq!(kept(&pages), 1);
    }
}
