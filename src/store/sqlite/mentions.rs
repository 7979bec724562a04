//! Pages and their mentions: what is known, and what of it is shown.

use rusqlite::{Connection, OptionalExtension, params};

use super::rows;
use super::shown::Change;
use crate::model::{
    Entry, MentionId, PageKey, PageVersion, Protocols, SiteId, SourceUrl, TargetUrl, Timestamp,
};
use crate::store::original::Original;
use crate::store::{MentionPage, MentionQuery, StoreError, entry};

pub(super) fn page_version(
    connection: &Connection,
    page: &PageKey,
) -> Result<PageVersion, StoreError> {
    let version = connection
        .prepare_cached("SELECT version FROM page WHERE key = ?1")?
        .query_row([page.as_str()], |row| row.get(0))
        .optional()?;
    Ok(PageVersion(version.unwrap_or(0)))
}

pub(super) fn mentions(
    connection: &Connection,
    page: &PageKey,
    query: MentionQuery,
) -> Result<MentionPage, StoreError> {
    // One snapshot: the version must be that of the rows.
    let snapshot = connection.unchecked_transaction()?;
    let found = snapshot
        .prepare_cached("SELECT id, version, mention_count FROM page WHERE key = ?1")?
        .query_row([page.as_str()], |row| {
            Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get::<_, i64>(2)?))
        })
        .optional()?;
    let Some((page_id, version, total)) = found else {
        return Ok(MentionPage {
            version: PageVersion(0),
            total: 0,
            mentions: Vec::new(),
            next: None,
        });
    };
    let before = query.before.map_or(i64::MAX, |id| id.0);
    let one_more = i64::try_from(query.limit.saturating_add(1)).unwrap_or(i64::MAX);
    let mut mentions = Vec::new();
    {
        let mut statement = snapshot.prepare_cached(
            "SELECT id, source, target, protocols, kind, url, entry, received_at, verified_at
             FROM mention WHERE page_id = ?1 AND is_shown AND id < ?2 ORDER BY id DESC LIMIT ?3",
        )?;
        let mut rows = statement.query(params![page_id, before, one_more])?;
        while let Some(row) = rows.next()? {
            mentions.push(rows::mention(row)?);
        }
    }
    let more = mentions.len() > query.limit;
    mentions.truncate(query.limit);
    Ok(MentionPage {
        version: PageVersion(version),
        total: u64::try_from(total).unwrap_or(0),
        next: mentions.last().filter(|_| more).map(|m| m.id),
        mentions,
    })
}

/// The mention of `source` on the page of `target`: its number, and the target that its link names.
pub(super) fn known(
    connection: &Connection,
    source: &SourceUrl,
    target: &TargetUrl,
) -> Result<Option<(MentionId, String)>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT m.id, m.target FROM mention AS m JOIN page AS p ON p.id = m.page_id
             WHERE p.key = ?1 AND m.source = ?2",
        )?
        .query_row(
            params![target.page_key().as_str(), source.as_str()],
            |row| Ok((MentionId(row.get(0)?), row.get(1)?)),
        )
        .optional()?)
}

/// Keeps a mention, or what is new about it, and shows it unless another tells of the same post.
pub(super) fn publish(
    connection: &Connection,
    site: SiteId,
    source: &SourceUrl,
    target: &TargetUrl,
    protocols: Protocols,
    entry: &Entry,
    now: Timestamp,
) -> Result<MentionId, StoreError> {
    let page_id: i64 = connection
        .prepare_cached(
            "INSERT INTO page (site_id, key, version) VALUES (?1, ?2, ?3)
             ON CONFLICT (key) DO UPDATE SET site_id = excluded.site_id
             RETURNING id",
        )?
        .query_row(
            params![site.0, target.page_key().as_str(), now.as_millis()],
            |row| row.get(0),
        )?;
    let before = connection
        .prepare_cached(
            "SELECT original, is_shown FROM mention WHERE page_id = ?1 AND source = ?2",
        )?
        .query_row(params![page_id, source.as_str()], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?))
        })
        .optional()?;
    let original = Original::of(source, entry);
    // max(id) + 1: numbers grow in commit order, whoever else writes and whatever the clock does.
    let id = connection
        .prepare_cached(
            "INSERT INTO mention (id, page_id, source, target, protocols, kind, url, original,
               is_native, is_shown, entry, received_at, verified_at)
             VALUES (max(?1 * 1000, (SELECT coalesce(max(id), 0) + 1 FROM mention)),
               ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, FALSE, ?10, ?1, ?1)
             ON CONFLICT (page_id, source) DO UPDATE SET
               target = excluded.target, protocols = protocols | excluded.protocols,
               kind = excluded.kind, url = excluded.url, original = excluded.original,
               is_native = excluded.is_native, is_shown = is_shown AND original = excluded.original,
               entry = excluded.entry, verified_at = excluded.verified_at
             RETURNING id",
        )?
        .query_row(
            params![
                now.as_millis(),
                page_id,
                source.as_str(),
                target.as_str(),
                protocols.bits(),
                entry.kind.as_str(),
                entry.url,
                original.key,
                original.is_native,
                entry::write(entry).map_err(|e| StoreError::Other(Box::new(e)))?,
            ],
            |row| row.get(0).map(MentionId),
        )?;
    let mut change = Change::default();
    if let Some((old, was_shown)) = before.filter(|(old, _)| *old != original.key) {
        if was_shown {
            change.one_less();
        }
        change.settle(connection, page_id, &old)?;
    }
    if change.settle(connection, page_id, &original.key)? == Some(id) {
        // Nothing of it may have changed but its date of verification: that date is served too.
        change.one_other();
    }
    change.record(connection, page_id, now)?;
    Ok(id)
}

/// Takes a mention away, with all it said.
pub(super) fn erase(
    connection: &Connection,
    id: MentionId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let erased = connection
        .prepare_cached("DELETE FROM mention WHERE id = ?1 RETURNING page_id, original, is_shown")?
        .query_row([id.0], |row| {
            Ok((
                row.get(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, bool>(2)?,
            ))
        })
        .optional()?;
    let Some((page_id, original, true)) = erased else {
        return Ok(());
    };
    let mut change = Change::default();
    change.one_less();
    change.settle(connection, page_id, &original)?;
    change.record(connection, page_id, now)
}
