//! What is shown: pages and their mentions.

use rusqlite::{Connection, OptionalExtension, params};

use super::rows;
use crate::model::{
    AuthoredTime, Entry, MentionId, PageKey, PageVersion, Protocols, SiteId, SourceUrl, TargetUrl,
    Timestamp,
};
use crate::store::{MentionPage, MentionQuery, StoreError};

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
            "SELECT id, source, target, protocols, kind, url, title, site_name, author_name,
               author_url, published, language, excerpt_before, excerpt_linked, excerpt_after,
               received_at, verified_at
             FROM mention WHERE page_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3",
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

/// Shows a mention, or what is new about it.
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
            // The version moves although nothing of the mention may have changed but its date of
            // verification: that date is part of what is served.
            "INSERT INTO page (site_id, key, version) VALUES (?1, ?2, ?3)
             ON CONFLICT (key) DO UPDATE SET
               site_id = excluded.site_id, version = max(version + 1, excluded.version)
             RETURNING id",
        )?
        .query_row(
            params![site.0, target.page_key().as_str(), now.as_millis()],
            |row| row.get(0),
        )?;
    let known: bool = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM mention WHERE page_id = ?1 AND source = ?2)")?
        .query_row(params![page_id, source.as_str()], |row| row.get(0))?;
    let author = entry.author.clone().unwrap_or_default();
    let excerpt = entry.excerpt.as_ref();
    // max(id) + 1: numbers grow in commit order, whoever else writes and whatever the clock does.
    let id: i64 = connection
        .prepare_cached(
            "INSERT INTO mention (id, page_id, source, target, protocols, kind, url, title,
               site_name, author_name, author_url, published, language,
               excerpt_before, excerpt_linked, excerpt_after, received_at, verified_at)
             VALUES (max(?1 * 1000, (SELECT coalesce(max(id), 0) + 1 FROM mention)),
               ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?1, ?1)
             ON CONFLICT (page_id, source) DO UPDATE SET
               target = excluded.target, protocols = protocols | excluded.protocols,
               kind = excluded.kind, url = excluded.url, title = excluded.title,
               site_name = excluded.site_name, author_name = excluded.author_name,
               author_url = excluded.author_url, published = excluded.published,
               language = excluded.language, excerpt_before = excluded.excerpt_before,
               excerpt_linked = excluded.excerpt_linked, excerpt_after = excluded.excerpt_after,
               verified_at = excluded.verified_at
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
                entry.title,
                entry.site_name,
                author.name,
                author.url,
                entry.published.as_ref().map(AuthoredTime::as_str),
                entry.language,
                excerpt.map(|e| &e.before),
                excerpt.map(|e| &e.linked),
                excerpt.map(|e| &e.after),
            ],
            |row| row.get(0),
        )?;
    if !known {
        connection
            .prepare_cached("UPDATE page SET mention_count = mention_count + 1 WHERE id = ?1")?
            .execute([page_id])?;
    }
    Ok(MentionId(id))
}

/// Takes a mention away, with all it said.
pub(super) fn erase(connection: &Connection, id: MentionId) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE page SET version = version + 1, mention_count = mention_count - 1
             WHERE id = (SELECT page_id FROM mention WHERE id = ?1)",
        )?
        .execute([id.0])?;
    connection
        .prepare_cached("DELETE FROM mention WHERE id = ?1")?
        .execute([id.0])?;
    Ok(())
}
