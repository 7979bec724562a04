//! How far a hub was told of changes: a row a site, which is a lease as well.

use std::time::Duration;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params};

use super::SqliteStore;
use crate::model::{MentionId, SiteId, Timestamp};
use crate::store::{Cursor, StoreError, TellingBook};

#[async_trait]
impl TellingBook for SqliteStore {
    async fn begin_telling(&self) -> Result<(), StoreError> {
        self.writer.run(begin).await
    }

    async fn take_telling(
        &self,
        site: SiteId,
        holder: i64,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Option<Cursor>, StoreError> {
        self.writer
            .run(move |c| take(c, site, holder, lease, now))
            .await
    }

    async fn told(&self, site: SiteId, holder: i64, place: Cursor) -> Result<bool, StoreError> {
        self.writer.run(move |c| told(c, site, holder, place)).await
    }

    async fn release_telling(&self, site: SiteId, holder: i64) -> Result<(), StoreError> {
        self.writer.run(move |c| release(c, site, holder)).await
    }
}

fn begin(connection: &Connection) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO telling (site_id, change, mention_id, holder, held_until)
             SELECT s.id, coalesce((SELECT max(version) FROM site_host WHERE site_id = s.id), 0), ?1, 0, 0
             FROM site AS s WHERE NOT EXISTS (SELECT 1 FROM telling)",
        )?
        .execute([i64::MAX])?;
    Ok(())
}

fn take(
    connection: &Connection,
    site: SiteId,
    holder: i64,
    lease: Duration,
    now: Timestamp,
) -> Result<Option<Cursor>, StoreError> {
    let until = now.plus(lease).as_millis();
    // Of a site that was removed meanwhile there is nothing to tell.
    Ok(connection
        .prepare_cached(
            "INSERT INTO telling (site_id, change, mention_id, holder, held_until)
             SELECT id, 0, 0, ?2, ?3 FROM site WHERE id = ?1
             ON CONFLICT (site_id) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until
               WHERE holder = excluded.holder OR held_until <= ?4
             RETURNING change, mention_id",
        )?
        .query_row(params![site.0, holder, until, now.as_millis()], |row| {
            Ok(Cursor {
                key: row.get(0)?,
                id: MentionId(row.get(1)?),
            })
        })
        .optional()?)
}

fn told(
    connection: &Connection,
    site: SiteId,
    holder: i64,
    place: Cursor,
) -> Result<bool, StoreError> {
    let changed = connection
        .prepare_cached(
            "UPDATE telling SET change = ?3, mention_id = ?4 WHERE site_id = ?1 AND holder = ?2",
        )?
        .execute(params![site.0, holder, place.key, place.id.0])?;
    Ok(changed > 0)
}

fn release(connection: &Connection, site: SiteId, holder: i64) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE telling SET held_until = 0 WHERE site_id = ?1 AND holder = ?2")?
        .execute(params![site.0, holder])?;
    Ok(())
}
