//! Forgetting somebody: every row that holds a word of theirs is erased.

use std::path::Path;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension as _, ToSql};

use super::connect::configure;
use super::purge::{self, AT_ONCE};
use super::{SqliteStore, mentions, pages};
use crate::model::{SiteId, Subject, Timestamp};
use crate::store::StoreError;
use crate::store::erase::{Eraser, Traces};

mod found;

use self::found::Found;

#[async_trait]
impl Eraser for SqliteStore {
    async fn traces(&self, subject: &Subject, site: Option<SiteId>) -> Result<Traces, StoreError> {
        Ok(self.read(|c| Found::of(c, subject, site))?.traces())
    }

    async fn forget(
        &self,
        subject: &Subject,
        site: Option<SiteId>,
        now: Timestamp,
    ) -> Result<Traces, StoreError> {
        // What is deleted is overwritten, wherever in the file it stands.
        self.writer
            .run(|c| Ok(c.pragma_update(None, "secure_delete", "ON")?))
            .await?;
        let waiting = self.read(|c| Found::waiting(c, subject, site))?;
        let submissions = waiting.len();
        // First: what is being verified must not be recorded after the rest has gone.
        self.for_each("DELETE FROM submission WHERE key = ?1", waiting)
            .await?;
        let found = self.read(|c| Found::of(c, subject, site))?;
        let traces = Traces {
            submissions,
            ..found.traces()
        };
        self.in_parts(found.mentions, move |c, id| {
            c.execute("DELETE FROM receipt WHERE mention_id = ?1", [id.0])?;
            mentions::take_away(c, *id, now)?;
            unlist(c, id.0, now)
        })
        .await?;
        self.in_parts(found.quoting, move |c, (id, entry)| {
            mentions::rewrite(c, *id, entry, now)
        })
        .await?;
        self.for_each("DELETE FROM receipt WHERE key = ?1", found.receipts)
            .await?;
        self.in_parts(found.tombstones, move |c, id| unlist(c, *id, now))
            .await?;
        self.for_each(
            "UPDATE receipt SET detail = NULL, near_misses = NULL WHERE key = ?1",
            found.naming,
        )
        .await?;
        self.in_parts(found.domains, purge::unknow).await?;
        self.for_each(
            "DELETE FROM lane WHERE id = ?1
               AND NOT EXISTS (SELECT 1 FROM submission WHERE lane = ?1)",
            found.lanes,
        )
        .await?;
        self.for_each("DELETE FROM ping WHERE id = ?1", found.pings)
            .await?;
        self.for_each(
            "DELETE FROM picture_lane WHERE domain = ?1
               AND NOT EXISTS (SELECT 1 FROM picture WHERE domain = ?1)",
            found.picture_lanes,
        )
        .await?;
        self.changes.send_replace(());
        Ok(traces)
    }

    async fn scrub(&self, rewrite: bool) -> Result<bool, StoreError> {
        let path = self.path.clone();
        tokio::task::spawn_blocking(move || scrub(&path, rewrite))
            .await
            .map_err(|e| StoreError::Other(Box::new(e)))?
    }
}

impl SqliteStore {
    /// Runs `statement` for each row that is known by one of `keys`, its only parameter.
    async fn for_each<K: ToSql + Send + 'static>(
        &self,
        statement: &'static str,
        keys: Vec<K>,
    ) -> Result<(), StoreError> {
        self.in_parts(keys, move |c, key| {
            c.prepare_cached(statement)?.execute([key])?;
            Ok(())
        })
        .await
    }

    /// Does `each` for all, some in each transaction: others wait for it.
    async fn in_parts<T: Send + 'static>(
        &self,
        all: Vec<T>,
        each: impl Fn(&Connection, &T) -> Result<(), StoreError> + Copy + Send + 'static,
    ) -> Result<(), StoreError> {
        let mut all = all.into_iter().peekable();
        while all.peek().is_some() {
            let some: Vec<T> = all.by_ref().take(AT_ONCE).collect();
            self.writer
                .run(move |c| some.iter().try_for_each(|one| each(c, one)))
                .await?;
        }
        Ok(())
    }
}

/// Removes the tombstone of a mention, if there is one. Lists of what is shown no longer are others from then
/// on: who keeps one, or has its `ETag`, must not be told that it still holds.
fn unlist(connection: &Connection, mention: i64, now: Timestamp) -> Result<(), StoreError> {
    let page = connection
        .prepare_cached("DELETE FROM tombstone WHERE mention_id = ?1 RETURNING page_id")?
        .query_row([mention], |row| row.get(0))
        .optional()?;
    if let Some(page) = page {
        let number = pages::next_change(connection, now)?;
        pages::changed(connection, page, number, |_| {})?;
    }
    Ok(())
}

fn scrub(path: &Path, rewrite: bool) -> Result<bool, StoreError> {
    let connection = Connection::open(path)?;
    configure(&connection)?;
    if rewrite {
        connection.execute_batch("VACUUM")?;
    }
    let is_busy: bool =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    Ok(!is_busy)
}

#[cfg(test)]
mod tests;
