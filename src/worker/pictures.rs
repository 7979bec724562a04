//! [`PictureWorker`]: fetches the pictures that mentions name, and has the store keep small copies.
//!
//! It is no part of a verification: a mention is shown at once, and its pictures when they are there. A
//! picture that does not come is asked for ever more rarely.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::{Id, JoinSet};
use tracing::{debug, error, info, warn};

use super::{Manners, STORE_PAUSE, patiently};
use crate::fetch::{Answer, FetchPicture, Fetched};
use crate::model::{Clock, PictureRole, Rendition, Timestamp};
use crate::picture::{self, Unusable};
use crate::store::{LeasedPicture, PictureOutcome, PictureRequest, Store, StoreError};

mod found;

use self::found::{Found, conclude, unread};

/// Pictures fetched at the same time, of as many domains.
const CONCURRENCY: usize = 4;

/// Pictures decoded at the same time: one bounds the memory of all, and is as fast as they come in.
const DECODERS: usize = 1;

/// How long a lease lasts: longer than any fetch and the decoding of all that may wait before it.
const LEASE: Duration = Duration::from_secs(120);

/// How pictures are fetched and kept.
#[derive(Debug, Clone, Copy)]
pub struct PictureOptions {
    /// Bytes of all copies together, at most.
    pub max_bytes: u64,
    /// How often a domain is asked for pages; for pictures it is the same again, but for the pause between
    /// two fetches, which is one for both.
    pub manners: Manners,
    /// How often to look for pictures of mentions that another process stored.
    pub poll: Duration,
}

/// What makes a copy of a picture.
type Copier = fn(&[u8], PictureRole) -> Result<Rendition, Unusable>;

/// A worker for pictures, ready to [`run`](PictureWorker::run).
pub struct PictureWorker {
    store: Arc<dyn Store>,
    fetch: Arc<dyn FetchPicture>,
    clock: Arc<dyn Clock>,
    options: PictureOptions,
    copy: Copier,
    decoders: Semaphore,
}

impl PictureWorker {
    /// A worker on these parts.
    pub fn new(
        store: Arc<dyn Store>,
        fetch: Arc<dyn FetchPicture>,
        clock: Arc<dyn Clock>,
        options: PictureOptions,
    ) -> Self {
        Self {
            store,
            fetch,
            clock,
            options,
            copy: picture::copy_of,
            decoders: Semaphore::new(DECODERS),
        }
    }

    /// Works until `shutdown` resolves; what is under way then is left for the next time.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let worker = Arc::new(self);
        let mut tasks = JoinSet::new();
        let mut domains: HashMap<Id, String> = HashMap::new();
        tokio::pin!(shutdown);
        loop {
            let busy: HashSet<String> = domains.values().cloned().collect();
            let (claimed, wait) = worker.claim(busy).await;
            for picture in claimed {
                let domain = picture.domain.clone();
                let worker = Arc::clone(&worker);
                let task = tasks.spawn(async move { worker.one(picture).await });
                domains.insert(task.id(), domain);
            }
            tokio::select! {
                () = &mut shutdown => break,
                Some(ended) = tasks.join_next_with_id(), if !tasks.is_empty() => {
                    let id = match ended {
                        Ok((id, ())) => id,
                        Err(broken) => {
                            error!(error = %broken, "fetching a picture broke down; it is due again when its lease ends");
                            broken.id()
                        }
                    };
                    domains.remove(&id);
                }
                () = worker.store.wait_for_pictures(wait) => {}
            }
        }
        tasks.shutdown().await;
    }

    /// Takes on what there is room for, and says how long to wait for more.
    async fn claim(&self, busy: HashSet<String>) -> (Vec<LeasedPicture>, Duration) {
        let room = CONCURRENCY.saturating_sub(busy.len());
        if room == 0 {
            return (Vec::new(), self.options.poll);
        }
        let request = PictureRequest {
            limit: room,
            busy,
            lease: LEASE,
            manners: self.options.manners,
        };
        let now = self.clock.now();
        match self.store.claim_pictures(request, now).await {
            Ok(claimed) => {
                let next = claimed.next_at.map(|at| at.since(self.clock.now()));
                let poll = self.options.poll;
                (claimed.pictures, next.map_or(poll, |wait| wait.min(poll)))
            }
            Err(error) => {
                warn!(%error, "cannot claim pictures; trying again");
                (Vec::new(), STORE_PAUSE)
            }
        }
    }

    async fn one(&self, leased: LeasedPicture) {
        let known = leased.validators.as_ref();
        let fetched = self.fetch.fetch_picture(&leased.url, known).await;
        let found = self.look(fetched, leased.role).await;
        let now = self.clock.now();
        let jitter = super::random_jitter();
        let (outcome, again_at) = conclude(found, leased.failures, now, jitter);
        let url = leased.url.as_str();
        if let PictureOutcome::Failed { failure, .. } = &outcome {
            info!(picture.url = %url.escape_debug(), reason = %failure.escape_debug(), "no picture");
        } else {
            debug!(picture.url = %url.escape_debug(), "a picture is in the cache");
        }
        match self.record(&leased, outcome, again_at).await {
            // Nobody names it any more, or another worker has it.
            Ok(()) | Err(StoreError::LeaseLost) => {}
            Err(error) => {
                warn!(%error, "cannot keep a picture; it is due again when its lease ends");
            }
        }
    }

    async fn record(
        &self,
        leased: &LeasedPicture,
        outcome: PictureOutcome,
        again_at: Timestamp,
    ) -> Result<(), StoreError> {
        let max_bytes = self.options.max_bytes;
        patiently(|| {
            let (outcome, now) = (outcome.clone(), self.clock.now());
            self.store
                .finish_picture(leased.lease, outcome, again_at, max_bytes, now)
        })
        .await
    }

    /// Makes a copy of what came.
    async fn look(&self, fetched: Fetched, role: PictureRole) -> Found {
        let page = match fetched.answer {
            Ok(Answer::Page(page)) => page,
            Ok(Answer::Unchanged) => return Found::Unchanged,
            Ok(Answer::Gone) => return Found::Gone,
            Err(error) => return Found::Nothing(error),
        };
        if page.truncated {
            return Found::NoPicture(unread(&page));
        }
        // Closed by nobody.
        let _turn = self.decoders.acquire().await;
        let copy = self.copy;
        let copied = tokio::task::spawn_blocking(move || copy(&page.body, role)).await;
        match copied {
            Ok(Ok(copy)) => Found::Copy(copy, fetched.validators),
            Ok(Err(unusable)) => Found::NoPicture(unusable.to_string()),
            Err(error) => {
                warn!(%error, "the decoder of pictures broke down; it costs this picture only");
                Found::NoPicture("the decoder broke down; the log says how".to_owned())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;

    use super::*;
    use crate::model::{Page, SourceUrl, SystemClock, Validators};

    /// Brings what looks like a picture.
    struct Site;

    #[async_trait]
    impl FetchPicture for Site {
        async fn fetch_picture(&self, url: &SourceUrl, _known: Option<&Validators>) -> Fetched {
            Fetched {
                hops: Vec::new(),
                answer: Ok(Answer::Page(Page {
                    url: url.as_url().clone(),
                    status: 200,
                    content_type: None,
                    body: b"GIF89a".to_vec(),
                    truncated: false,
                })),
                validators: None,
            }
        }
    }

    #[tokio::test]
    async fn a_decoder_that_breaks_down_costs_its_picture_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let store = crate::store::sqlite::open(&folder.path().join("t.sqlite")).unwrap();
        let options = PictureOptions {
            max_bytes: 0,
            manners: Manners::default(),
            poll: Duration::from_secs(3600),
        };
        let clock = Arc::new(SystemClock);
        let mut worker = PictureWorker::new(store, Arc::new(Site), clock, options);
        worker.copy = |_, role| match role {
            PictureRole::Avatar => panic!("as decoders do"),
            PictureRole::Photo => Err(Unusable::Form),
        };
        let url = SourceUrl::parse("https://s.example/").unwrap();
        for (role, want) in [
            (PictureRole::Avatar, "the decoder broke down"),
            (PictureRole::Photo, "neither JPEG"),
        ] {
            let fetched = worker.fetch.fetch_picture(&url, None).await;
            match worker.look(fetched, role).await {
                Found::NoPicture(why) => assert!(why.starts_with(want), "{why}"),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(worker.decoders.available_permits(), DECODERS);
    }
}
