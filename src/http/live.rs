//! [`Live`]: readers who have a page open, and what they are told when its mentions change.
//!
//! However many readers there are, a page that is watched is looked at once: a change in this process
//! at once, one of another process within a second. What is told is the difference of what the page
//! shows; where that cannot be told, that there is one.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{broadcast, watch};
use tracing::warn;

use super::api;
use super::bodies::Bodies;
use crate::model::{Mention, MentionId, PageKey, PageVersion};
use crate::store::{MentionPage, MentionQuery, Store, StoreError};

/// How often changes of other processes are looked for.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Between two looks: what changes at the same time is one look.
const PAUSE: Duration = Duration::from_millis(100);

/// So many of a page's newest mentions are watched one by one.
const WATCHED: usize = 200;

/// A reader that is so many changes behind is told to read the page anew.
const BACKLOG: usize = 64;

/// One network has at most this part of all readers.
const NETWORK_SHARE: usize = 10;

/// What a reader is told.
#[derive(Debug, Clone)]
pub(super) enum News {
    /// A mention is new, or says something else: its JSON.
    Mention(Arc<str>),
    /// A mention is not shown any more.
    Deleted(MentionId),
    /// Something is different: read the page anew.
    Changed,
}

/// What a reader is told, and of which version of the page.
pub(super) type Told = (PageVersion, News);

/// All readers of this process.
pub(super) struct Live {
    store: Arc<dyn Store>,
    bodies: Arc<Bodies>,
    max_readers: usize,
    watched: Mutex<Watched>,
    closing: watch::Sender<bool>,
}

#[derive(Default)]
struct Watched {
    pages: HashMap<PageKey, Page>,
    /// Readers by network; those of this machine under `None`.
    readers: HashMap<Option<IpAddr>, usize>,
    /// Whether somebody looks at the pages.
    is_running: bool,
}

/// A page that is watched.
struct Page {
    version: PageVersion,
    /// The JSON of the newest mentions.
    shown: HashMap<MentionId, Arc<str>>,
    tell: broadcast::Sender<Told>,
}

/// Why a reader is turned away.
#[derive(Debug)]
pub(super) enum Turned {
    /// There are too many.
    Full,
    /// The store does not answer.
    Store(StoreError),
}

impl Live {
    /// At most `max_readers` at the same time.
    pub(super) fn new(store: Arc<dyn Store>, bodies: Arc<Bodies>, max_readers: usize) -> Self {
        Self {
            store,
            bodies,
            max_readers,
            watched: Mutex::default(),
            closing: watch::Sender::new(false),
        }
    }

    /// Whether anybody may watch.
    pub(super) fn is_on(&self) -> bool {
        self.max_readers > 0
    }

    /// Lets all readers go: the service ends.
    pub(super) fn close(&self) {
        self.closing.send_replace(true);
    }

    /// One more reader of `page`, from `network` (`None` for this machine).
    pub(super) async fn join(
        self: &Arc<Self>,
        page: PageKey,
        network: Option<IpAddr>,
    ) -> Result<Reader, Turned> {
        let seat = self.seat(network)?;
        let is_watched = self.lock().pages.contains_key(&page);
        let read = if is_watched {
            None
        } else {
            Some(self.read(&page).await.map_err(Turned::Store)?)
        };
        let mut watched = self.lock();
        if !watched.pages.contains_key(&page) {
            // It went between the two looks; whoever reads it anew finds what has changed since zero.
            let (version, shown) = read.unwrap_or((PageVersion(0), HashMap::new()));
            let tell = broadcast::Sender::new(BACKLOG);
            let fresh = Page {
                version,
                shown,
                tell,
            };
            watched.pages.insert(page.clone(), fresh);
        }
        let (version, news) = match watched.pages.get(&page) {
            Some(watched) => (watched.version, watched.tell.subscribe()),
            None => return Err(Turned::Full),
        };
        if !watched.is_running {
            watched.is_running = true;
            tokio::spawn(Arc::clone(self).run(Running(Arc::clone(self))));
        }
        drop(watched);
        Ok(Reader {
            version,
            news,
            closing: self.closing.subscribe(),
            _seat: seat,
        })
    }

    fn seat(self: &Arc<Self>, network: Option<IpAddr>) -> Result<Seat, Turned> {
        let mut watched = self.lock();
        let all: usize = watched.readers.values().sum();
        let of_network = watched.readers.get(&network).copied().unwrap_or(0);
        let share = self.max_readers.div_ceil(NETWORK_SHARE);
        if all >= self.max_readers || network.is_some() && of_network >= share {
            return Err(Turned::Full);
        }
        watched
            .readers
            .insert(network, of_network.saturating_add(1));
        drop(watched);
        Ok(Seat {
            live: Arc::clone(self),
            network,
        })
    }

    /// Looks at the pages until nobody watches any.
    async fn run(self: Arc<Self>, _running: Running) {
        let mut changes = self.store.changes();
        let mut closing = self.closing.subscribe();
        loop {
            tokio::select! {
                _ = closing.wait_for(|closing| *closing) => return,
                // Elapsed, and a store that tells of nothing any more: look all the same.
                _ = tokio::time::timeout(LOOK_EVERY, changes.changed()) => {}
            }
            let Some(pages) = self.pages() else {
                return;
            };
            for page in pages {
                if let Err(error) = self.look(&page).await {
                    warn!(%error, "cannot look for changes of a page that is open");
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// The pages that somebody watches; `None` if there are none, and who looks at them may go.
    fn pages(&self) -> Option<Vec<PageKey>> {
        let mut watched = self.lock();
        watched
            .pages
            .retain(|_, page| page.tell.receiver_count() > 0);
        if watched.pages.is_empty() {
            watched.is_running = false;
            return None;
        }
        Some(watched.pages.keys().cloned().collect())
    }

    /// Tells the readers of `page` what is different about it.
    async fn look(&self, page: &PageKey) -> Result<(), StoreError> {
        let now = self.store.version(&page.clone().into()).await?.number;
        let is_new = |watched: &Watched| {
            let known = watched.pages.get(page);
            known.is_some_and(|known| known.version != now)
        };
        if !is_new(&self.lock()) {
            return Ok(());
        }
        let (version, shown) = self.read(page).await?;
        // Who is told comes and asks: with what was kept before, they would be told of nothing.
        self.bodies.distrust();
        let mut watched = self.lock();
        if let Some(known) = watched.pages.get_mut(page) {
            for news in difference(&known.shown, &shown) {
                // Who has gone meanwhile needs no word.
                let _ = known.tell.send((version, news));
            }
            (known.version, known.shown) = (version, shown);
        }
        Ok(())
    }

    async fn read(
        &self,
        page: &PageKey,
    ) -> Result<(PageVersion, HashMap<MentionId, Arc<str>>), StoreError> {
        let query = MentionQuery::newest(page.clone(), WATCHED);
        let MentionPage {
            version, mentions, ..
        } = self.store.mentions(&query).await?;
        let json = |mention: &Mention| (mention.id, api::mention_json(mention).into());
        Ok((version.number, mentions.iter().map(json).collect()))
    }

    fn lock(&self) -> MutexGuard<'_, Watched> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What to tell who has seen `before`, the newest mentions, so that it sees `after`, in order.
fn difference(
    before: &HashMap<MentionId, Arc<str>>,
    after: &HashMap<MentionId, Arc<str>>,
) -> Vec<News> {
    let oldest = |shown: &HashMap<MentionId, Arc<str>>| {
        let is_all = shown.len() < WATCHED;
        if is_all {
            None
        } else {
            shown.keys().min().copied()
        }
    };
    // What has sunk below those that are watched is not gone, and what has risen is not new.
    let (sunk, risen) = (oldest(after), oldest(before));
    let mut told: Vec<(MentionId, News)> = Vec::new();
    for id in before.keys().filter(|id| !after.contains_key(id)) {
        if sunk.is_none_or(|oldest| *id > oldest) {
            told.push((*id, News::Deleted(*id)));
        }
    }
    for (id, json) in after {
        let is_other = match before.get(id) {
            Some(known) => known != json,
            None => risen.is_none_or(|oldest| *id > oldest),
        };
        if is_other {
            told.push((*id, News::Mention(Arc::clone(json))));
        }
    }
    if told.is_empty() {
        return vec![News::Changed];
    }
    told.sort_unstable_by_key(|(id, _)| *id);
    told.into_iter().map(|(_, news)| news).collect()
}

/// Somebody who watches a page, until dropped.
pub(super) struct Reader {
    /// The version that news are the difference to.
    pub(super) version: PageVersion,
    news: broadcast::Receiver<Told>,
    closing: watch::Receiver<bool>,
    _seat: Seat,
}

impl Reader {
    /// What there is next; `None` when the service ends.
    pub(super) async fn next(&mut self) -> Option<Told> {
        let told = tokio::select! {
            _ = self.closing.wait_for(|closing| *closing) => return None,
            told = self.news.recv() => told,
        };
        match told {
            Ok((version, news)) => {
                self.version = version;
                Some((version, news))
            }
            Err(broadcast::error::RecvError::Lagged(_)) => Some((self.version, News::Changed)),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}

/// A reader's place; free again when dropped.
struct Seat {
    live: Arc<Live>,
    network: Option<IpAddr>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut watched = self.live.lock();
        if let Some(count) = watched.readers.get_mut(&self.network) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                watched.readers.remove(&self.network);
            }
        }
    }
}

/// The looking; the next reader begins it anew if it broke down.
struct Running(Arc<Live>);

impl Drop for Running {
    fn drop(&mut self) {
        let mut watched = self.0.lock();
        if watched.pages.is_empty() || std::thread::panicking() {
            watched.is_running = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(ids: impl IntoIterator<Item = (i64, &'static str)>) -> HashMap<MentionId, Arc<str>> {
        let one = |(id, json): (i64, &str)| (MentionId(id), Arc::from(json));
        ids.into_iter().map(one).collect()
    }

    fn told(before: &HashMap<MentionId, Arc<str>>, after: &HashMap<MentionId, Arc<str>>) -> String {
        let words: Vec<_> = difference(before, after)
            .into_iter()
            .map(|news| match news {
                News::Mention(json) => format!("+{json}"),
                News::Deleted(id) => format!("-{}", id.0),
                News::Changed => "?".to_owned(),
            })
            .collect();
        words.join(" ")
    }

    #[test]
    fn what_comes_changes_and_goes_is_told_in_order() {
        let before = shown([(1, "a"), (2, "b"), (3, "c")]);
        let after = shown([(2, "b"), (3, "C"), (4, "d")]);
        assert_eq!(told(&before, &after), "-1 +C +d");
        assert_eq!(told(&before, &before), "?");
        assert_eq!(told(&shown([]), &shown([(7, "x")])), "+x");
    }

    #[test]
    fn what_sinks_below_the_watched_ones_is_not_gone_and_what_rises_is_not_new() {
        let whole = i64::try_from(WATCHED).unwrap();
        let from = |first: i64| shown((first..first + whole).map(|id| (id, "x")));
        assert_eq!(told(&from(1), &from(2)), "+x");
        assert_eq!(told(&from(2), &from(1)), "-201");
    }
}
