//! The embedded store: one SQLite file, one writer thread, a handful of read connections.
//!
//! The concurrency lives here, in `writer` and in `verdicts`; the SQL in the other modules, a file for each
//! thing that is asked of the store (`docs/architecture.md` lists them). Reads run on the calling thread: they
//! are point look-ups of microseconds, and a hop to another thread costs more.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::Connection;
use tokio::sync::{Notify, watch};

use super::{
    Accepted, ClaimRequest, Claimed, Finished, Lease, MentionPage, MentionQuery, Scope,
    ScopeCounts, Start, Store, StoreError, SubmissionPage, SubmissionQuery, TombstonePage,
    TombstoneQuery, Version,
};
use crate::model::{
    Mention, MentionId, Outcome, Site, SiteBase, SiteId, SourceUrl, Status, StatusKey, Submission,
    TargetUrl, Timestamp,
};

mod checks;
mod claim;
mod connect;
mod copies;
#[cfg(test)]
mod dump;
mod finish;
mod forget;
mod identity;
mod keys;
mod lanes;
mod listing;
mod lists;
mod media;
mod mentions;
mod merge;
mod migrate;
mod pages;
mod pictures;
#[cfg(test)]
mod plan;
mod purge;
mod queue;
mod receipts;
mod rows;
mod shown;
mod sites;
mod snapshot;
mod status;
mod submissions;
mod telling;
mod tokens;
mod upstream;
mod verdicts;
mod writer;

use self::connect::{
    advise, configure, create_private, open_reader, open_writer, random_holder, status_secret,
    switch_to_wal,
};
use self::keys::Keys;
use self::listing::{Look, Progress};
use self::lists::DoorCache;
use self::sites::SiteCache;
use self::verdicts::Waiting;
use self::writer::Writer;

/// Idle read connections kept open: about as many as there are threads that read at once.
const MAX_IDLE_READERS: usize = 8;

/// The store in an SQLite file.
pub struct SqliteStore {
    path: std::path::PathBuf,
    /// Closed before the writer's connection, which is dropped after them: SQLite empties the log (`-wal`) into
    /// the file, and removes it, with the last connection, if that one may write.
    readers: Mutex<Vec<Connection>>,
    writer: Writer,
    keys: Keys,
    work: Notify,
    changes: watch::Sender<()>,
    /// There may be a picture to ask for.
    pictures: Notify,
    waiting: Mutex<HashMap<StatusKey, Vec<Waiting>>>,
    sites: SiteCache,
    doors: DoorCache,
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl SqliteStore {
    /// Opens the database at `path`, creating it, or bringing its schema up to date, where needed.
    ///
    /// # Errors
    /// [`StoreError::TooNew`] for a database of a newer version, [`StoreError::Foreign`] for that of another
    /// program, [`StoreError::Other`] where the file cannot be used.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        // Absolute, so that `:memory:` and the like are names of files, as any other.
        let path = &std::path::absolute(path).map_err(|e| StoreError::Other(Box::new(e)))?;
        Self::open_file(path).map_err(|e| advise(path, e))
    }

    fn open_file(path: &Path) -> Result<Self, StoreError> {
        create_private(path).map_err(|e| StoreError::Other(Box::new(e)))?;
        let mut connection = open_writer(path)?;
        configure(&connection)?;
        // Before anything is written: it may be the database of somebody else.
        migrate::migrate(&mut connection)?;
        // WAL lets readers go on while the writer writes; FULL makes a commit wait for the disk.
        switch_to_wal(&connection)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "wal_autocheckpoint", 4000)?;
        let keys = Keys(status_secret(&mut connection)?);
        let writer = Writer::start(connection).map_err(|e| StoreError::Other(Box::new(e)))?;
        Ok(Self {
            path: path.to_owned(),
            readers: Mutex::new(Vec::new()),
            writer,
            keys,
            work: Notify::new(),
            changes: watch::Sender::new(()),
            pictures: Notify::new(),
            waiting: Mutex::new(HashMap::new()),
            sites: SiteCache::default(),
            doors: DoorCache::default(),
        })
    }

    /// Runs `read` on a read connection.
    fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let idle = lock(&self.readers).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => open_reader(&self.path)?,
        };
        let result = read(&connection);
        let mut readers = lock(&self.readers);
        if readers.len() < MAX_IDLE_READERS {
            readers.push(connection);
        }
        result
    }

    /// Reads a listing, in as many looks as it takes to come to its beginning: others have their turn in
    /// between.
    async fn look<T>(
        &self,
        start: Start,
        read: impl Fn(&Connection, Progress) -> Result<Look<T>, StoreError> + Send,
    ) -> Result<T, StoreError> {
        let mut from = Progress::from(start);
        loop {
            let look = self.read(|c| read(c, from))?;
            match look.next {
                None => return Ok(look.page),
                Some(next) => from = next,
            }
            tokio::task::yield_now().await;
        }
    }

    /// Whether `query` gives any row for the time `at`. Asked before the writer is: mostly there is nothing to
    /// do, which costs it no turn.
    fn is_any(&self, query: &str, at: Timestamp) -> Result<bool, StoreError> {
        self.read(|c| Ok(c.prepare_cached(query)?.exists([at.as_millis()])?))
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn site_of(&self, target: &TargetUrl) -> Result<Option<SiteId>, StoreError> {
        if let Some(id) = self.sites.find(target) {
            return Ok(Some(id));
        }
        let bases = self.read(|c| sites::bases_of(c, &target.authority()))?;
        Ok(self.sites.remember(target, bases))
    }

    async fn sites(&self) -> Result<Vec<Site>, StoreError> {
        self.read(sites::sites)
    }

    async fn add_site(&self, bases: &[SiteBase], now: Timestamp) -> Result<Site, StoreError> {
        let bases = bases.to_vec();
        let added = self.writer.run(move |c| sites::add(c, &bases, now)).await;
        self.sites.forget();
        added
    }

    async fn remove_site(&self, base: &SiteBase) -> Result<bool, StoreError> {
        let base = base.clone();
        let removed = self.writer.run(move |c| sites::remove(c, &base)).await;
        self.sites.forget();
        self.doors.doubt();
        self.changes.send_replace(());
        removed
    }

    async fn accept(
        &self,
        submission: Submission,
        site: SiteId,
        now: Timestamp,
    ) -> Result<Accepted, StoreError> {
        let key = self.keys.of_submission(&submission);
        let accepted = self
            .writer
            .run(move |c| queue::accept(c, key, &submission, site, now))
            .await;
        match accepted {
            Ok(_) => self.work.notify_one(),
            Err(StoreError::NoSuchSite) => self.sites.forget(),
            Err(_) => {}
        }
        accepted
    }

    async fn claim(&self, request: ClaimRequest, now: Timestamp) -> Result<Claimed, StoreError> {
        let holder = random_holder()?;
        let request = Arc::new(request);
        loop {
            let request = Arc::clone(&request);
            let claimed = self.writer.run(move |c| {
                // All that is new is sorted first, or the last to come would have no turn; a part of
                // it in each transaction, so that a flood does not hold up who accepts.
                let is_sorted = lanes::sort(c)?;
                is_sorted
                    .then(|| claim::claim(c, &request, holder, now))
                    .transpose()
            });
            if let Some(claimed) = claimed.await? {
                return Ok(claimed);
            }
        }
    }

    async fn renew(
        &self,
        leases: &[Lease],
        lease: Duration,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let leases = leases.to_vec();
        self.writer
            .run(move |c| queue::renew(c, &leases, now.plus(lease)))
            .await
    }

    async fn release(&self, leases: &[Lease], now: Timestamp) -> Result<(), StoreError> {
        let leases = leases.to_vec();
        self.writer
            .run(move |c| queue::release(c, &leases, now))
            .await?;
        self.work.notify_one();
        Ok(())
    }

    async fn finish(
        &self,
        lease: Lease,
        outcome: Outcome,
        now: Timestamp,
    ) -> Result<Finished, StoreError> {
        let keys = self.keys;
        let finished = self
            .writer
            .run(move |c| finish::finish(c, &keys, lease, &outcome, now))
            .await?;
        self.tell_verdict(lease);
        if finished != Finished::Noted {
            self.changes.send_replace(());
        }
        // A repetition that came during the lease is due now.
        self.work.notify_one();
        self.pictures.notify_one();
        Ok(finished)
    }

    async fn enqueue_checks(&self, limit: usize, now: Timestamp) -> Result<usize, StoreError> {
        if !self.is_any(checks::ANY, now)? {
            return Ok(0);
        }
        let keys = self.keys;
        let count = self
            .writer
            .run(move |c| checks::enqueue_due(c, &keys, limit, now))
            .await?;
        self.work.notify_one();
        Ok(count)
    }

    async fn status(&self, key: StatusKey) -> Result<Option<Status>, StoreError> {
        self.read(|c| status::status(c, key))
    }

    async fn status_of(
        &self,
        source: &SourceUrl,
        target: &TargetUrl,
    ) -> Result<Option<Status>, StoreError> {
        self.status(self.keys.of(source, target)).await
    }

    async fn wait_for_verdict(
        &self,
        accepted: Accepted,
        within: Duration,
    ) -> Result<Option<Status>, StoreError> {
        self.await_verdict(accepted, within).await
    }

    async fn wait_for_work(&self, within: Duration) {
        // Elapsed is an answer like any other: there may be work of another process.
        let _ = tokio::time::timeout(within, self.work.notified()).await;
    }

    fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    async fn version(&self, scope: &Scope) -> Result<Version, StoreError> {
        self.read(|c| listing::version(c, scope))
    }

    async fn counts(&self, scope: &Scope) -> Result<ScopeCounts, StoreError> {
        self.read(|c| listing::counts(c, scope))
    }

    async fn mentions(&self, query: &MentionQuery) -> Result<MentionPage, StoreError> {
        self.look(query.start, |c, from| listing::mentions(c, query, from))
            .await
    }

    async fn deleted(&self, query: &TombstoneQuery) -> Result<TombstonePage, StoreError> {
        self.look(query.start, |c, from| listing::deleted(c, query, from))
            .await
    }

    async fn private_mentions(
        &self,
        site: Option<SiteId>,
        before: Option<MentionId>,
        limit: usize,
    ) -> Result<Vec<Mention>, StoreError> {
        self.read(|c| listing::private(c, site, before, limit))
    }

    async fn submissions(&self, query: &SubmissionQuery) -> Result<SubmissionPage, StoreError> {
        self.read(|c| submissions::list(c, query))
    }

    async fn prune(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.writer
            .run(move |c| receipts::prune(c, before, limit))
            .await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.read(|c| Ok(c.query_row("SELECT count(*) FROM setting", [], |_| Ok(()))?))?;
        self.writer
            .run(|c| {
                // Something that differs: what does not change is not written.
                c.execute(
                    "INSERT INTO setting (name, value) VALUES ('checked', randomblob(8))
                     ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                    [],
                )?;
                Ok(())
            })
            .await
    }
}

/// Locks a mutex whose data is valid whatever happened to its last holder.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Other(Box::new(error))
    }
}

/// Opens the store as the trait object that the rest of the program knows.
///
/// # Errors
/// As [`SqliteStore::open`].
pub fn open(path: &Path) -> Result<Arc<dyn Store>, StoreError> {
    Ok(Arc::new(SqliteStore::open(path)?))
}
