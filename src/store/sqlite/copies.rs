//! The copies of pictures: kept by what they hold, and gone with the last picture that has them, or for
//! want of room.

use std::collections::BTreeMap;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use super::shown::{Change, Seen};
use crate::model::{MediaName, Rendition, Timestamp};
use crate::store::StoreError;

/// A copy that went for want of room is not made again before that.
const STAYS_OUT: Duration = Duration::from_secs(7 * 24 * 3600);

/// Puts a copy into the cache. Pictures that look the same have one copy.
pub(super) fn keep(
    connection: &Connection,
    copy: &Rendition,
    now: Timestamp,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO media (hash, form, width, height, size, used_at, bytes)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (hash) DO UPDATE SET used_at = excluded.used_at",
        )?
        .execute(params![
            copy.name.hash,
            copy.name.form.extension(),
            copy.width,
            copy.height,
            i64::try_from(copy.bytes.len()).unwrap_or(i64::MAX),
            now.as_millis(),
            copy.bytes,
        ])?;
    Ok(())
}

/// A reader sees another picture, or none, on each page that shows a mention which names it.
pub(super) fn raise_versions(
    connection: &Connection,
    picture: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut pages: BTreeMap<i64, Vec<Seen>> = BTreeMap::new();
    {
        let mut statement = connection.prepare_cached(
            "SELECT m.page_id, m.id, m.kind, m.entry ->> '$.rsvp', m.source, m.target
             FROM picture_use AS u CROSS JOIN mention AS m ON m.id = u.mention_id
             WHERE u.picture_id = ?1 AND m.is_shown",
        )?;
        let mut rows = statement.query([picture])?;
        while let Some(row) = rows.next()? {
            let of_page = pages.entry(row.get(0)?).or_default();
            of_page.push(Seen::read(row, 1)?);
        }
    }
    for (page_id, mentions) in pages {
        let mut change = Change::of(page_id, now);
        for seen in mentions {
            let counted_as = seen.counted_as;
            change.one_other(connection, seen, counted_as)?;
        }
        change.record(connection)?;
    }
    Ok(())
}

/// Removes the copies that were used least lately until at most `max_bytes` are left; how many went.
pub(super) fn shrink(
    connection: &Connection,
    max_bytes: u64,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let max_bytes = i64::try_from(max_bytes).unwrap_or(i64::MAX);
    let mut excess = connection
        .prepare_cached("SELECT coalesce(sum(size), 0) FROM media")?
        .query_row([], |row| row.get::<_, i64>(0))?
        .saturating_sub(max_bytes);
    let mut count = 0_usize;
    while excess > 0 {
        let oldest = connection
            .prepare_cached("SELECT hash, size FROM media ORDER BY used_at LIMIT 1")?
            .query_row([], |row| {
                Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, i64>(1)?))
            })
            .optional()?;
        let Some((hash, size)) = oldest else { break };
        evict(connection, hash, now)?;
        excess = excess.saturating_sub(size);
        count = count.saturating_add(1);
    }
    Ok(count)
}

fn evict(connection: &Connection, hash: [u8; 16], now: Timestamp) -> Result<(), StoreError> {
    let pictures: Vec<i64> = {
        let mut statement = connection.prepare_cached(
            "UPDATE picture SET media_hash = NULL, due_at = max(due_at, ?2)
             WHERE media_hash = ?1 RETURNING id",
        )?;
        let again_at = now.plus(STAYS_OUT).as_millis();
        let found = statement.query_map(params![hash, again_at], |row| row.get(0))?;
        found.collect::<Result<_, _>>()?
    };
    for picture in pictures {
        raise_versions(connection, picture, now)?;
    }
    drop_unshown(connection, hash)
}

/// A copy's bytes, and when it was last used.
pub(super) fn file(
    connection: &Connection,
    name: MediaName,
) -> Result<Option<(Vec<u8>, Timestamp)>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT bytes, used_at FROM media WHERE hash = ?1 AND form = ?2")?
        .query_row(params![name.hash, name.form.extension()], |row| {
            Ok((row.get(0)?, Timestamp::from_millis(row.get(1)?)))
        })
        .optional()?)
}

pub(super) fn use_now(
    connection: &Connection,
    name: MediaName,
    now: Timestamp,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE media SET used_at = ?2 WHERE hash = ?1")?
        .execute(params![name.hash, now.as_millis()])?;
    Ok(())
}

/// Removes a copy that no picture has.
pub(super) fn drop_unshown(connection: &Connection, hash: [u8; 16]) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "DELETE FROM media WHERE hash = ?1
               AND NOT EXISTS (SELECT 1 FROM picture WHERE media_hash = ?1)",
        )?
        .execute([hash])?;
    Ok(())
}
