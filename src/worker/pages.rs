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

use crate::fetch::{Answer, Fetch, FetchError, Fetched};
use crate::model::{Page, SourceUrl, Timestamp, Validators};
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
    /// By what it was asked whether it has changed.
    asked: Option<Validators>,
    found: Result<Got, FetchError>,
}

impl Kept {
    fn bytes(&self) -> usize {
        match &self.found {
            Ok(Got {
                answer: GotAnswer::Page(page),
                ..
            }) => page.body.len(),
            Ok(_) | Err(_) => 0,
        }
    }

    /// Whether it is of the last minute; one of the future tells of a clock that was set.
    fn is_young(&self, now: Timestamp) -> bool {
        now.since(self.begun) < PAGE_SPEAKS_FOR && self.begun.since(now) < PAGE_SPEAKS_FOR
    }
}

/// What a submission may be judged by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Need<'a> {
    /// A fetch that began later than this is good for everything.
    pub(super) since: Timestamp,
    /// As is one that this process began after this one. See [`Pages::ticket`].
    pub(super) ticket: u64,
    /// Whether an older one may speak for it.
    pub(super) may_be_older: bool,
    /// Whether it is enough to hear that the page which came with these has not changed.
    pub(super) unless: Option<&'a Validators>,
}

/// What a source answered.
#[derive(Debug, Clone)]
pub(super) struct Got {
    pub(super) answer: GotAnswer,
    /// Where permanent redirects led, if that is somewhere else. WM-49.
    pub(super) moved_to: Option<SourceUrl>,
    /// What the page came with.
    pub(super) validators: Option<Validators>,
    /// Whether it was fetched before the submission came.
    pub(super) is_older: bool,
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
        need: Need<'_>,
    ) -> Result<Got, FetchError> {
        let slot = self.slot(source);
        let mut kept = slot.lock().await;
        if let Some(kept) = kept.as_ref().filter(|kept| kept.is_young(now)) {
            let is_newer = kept.number > need.ticket || kept.begun > need.since;
            match &kept.found {
                Ok(got) => {
                    let is_meant = match got.answer {
                        GotAnswer::Page(_) => is_newer || need.may_be_older,
                        GotAnswer::Gone => is_newer,
                        GotAnswer::Unchanged => is_newer && kept.asked.as_ref() == need.unless,
                    };
                    if is_meant {
                        return Ok(Got {
                            is_older: !is_newer,
                            ..got.clone()
                        });
                    }
                }
                Err(error) if is_newer => return Err(error.clone()),
                Err(_) => {}
            }
        }
        // Whatever comes now is newer.
        *kept = None;
        let number = self.count.fetch_add(1, Ordering::SeqCst).saturating_add(1);
        let fetched = match need.unless {
            Some(validators) => fetch.fetch_if_changed(source, validators).await,
            None => fetch.fetch(source).await,
        };
        let moved_to = moved_to(source, &fetched);
        let answer = match fetched.answer {
            Ok(Answer::Gone) => Ok(GotAnswer::Gone),
            Ok(Answer::Page(page)) => Ok(GotAnswer::Page(Arc::new(page))),
            Ok(Answer::Unchanged) if need.unless.is_some() => Ok(GotAnswer::Unchanged),
            Ok(Answer::Unchanged) => Err(FetchError::BadResponse("304 unasked".to_owned())),
            Err(error) => Err(error),
        };
        let found = answer.map(|answer| Got {
            answer,
            moved_to,
            validators: fetched.validators,
            is_older: false,
        });
        *kept = Some(Kept {
            number,
            begun: now,
            asked: need.unless.cloned(),
            found: found.clone(),
        });
        drop(kept);
        self.tidy(now);
        found
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

/// Where the source is by now, if all redirects on the way there were for good.
fn moved_to(source: &SourceUrl, fetched: &Fetched) -> Option<SourceUrl> {
    let end = fetched.hops.last().filter(|_| fetched.has_moved())?;
    SourceUrl::parse(end.url.as_str())
        .ok()
        .filter(|end| end != source)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use async_trait::async_trait;

    use super::*;

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

    fn submitted(since: Timestamp, ticket: u64) -> Need<'static> {
        Need {
            since,
            ticket,
            may_be_older: true,
            unless: None,
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
        assert!(!found.unwrap().is_older);
        let later = NOW.plus(Duration::from_secs(5));
        let found = pages
            .get(&source(1), &fails, later, submitted(later, 2))
            .await;
        assert!(found.unwrap().is_older);
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
