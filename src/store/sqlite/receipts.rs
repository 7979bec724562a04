//! Receipts: what the last verification of each submission said, as it is written down.

use rusqlite::{Connection, params};

use super::finish::Queued;
use super::rows;
use super::submissions::next_number;
use crate::model::{
    Failure, MentionId, NearMiss, SiteId, SourceUrl, StatusKey, TargetUrl, Timestamp,
};
use crate::store::{Occasion, StoreError};

/// A receipt on its way to the disk.
pub(super) struct Receipt {
    state: &'static str,
    mention_id: Option<i64>,
    failure: Option<&'static str>,
    detail: Option<String>,
    near_misses: Option<String>,
}

impl Receipt {
    pub(super) fn of(state: &'static str) -> Self {
        Self {
            state,
            mention_id: None,
            failure: None,
            detail: None,
            near_misses: None,
        }
    }

    pub(super) fn mention(mut self, id: i64) -> Self {
        self.mention_id = Some(id);
        self
    }

    pub(super) fn failure(mut self, failure: &Failure) -> Self {
        self.failure = Some(failure.kind.as_str());
        self.detail = Some(failure.detail.clone());
        self
    }

    pub(super) fn near_misses(mut self, near_misses: &[NearMiss]) -> Self {
        self.near_misses = Some(rows::write_near_misses(near_misses));
        self
    }

    pub(super) fn write(
        self,
        connection: &Connection,
        key: StatusKey,
        queued: &Queued,
        (source, target): (&SourceUrl, &TargetUrl),
        was_known: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let is_sent = queued.occasion == Occasion::Sent;
        let received_at = queued.received_at.as_millis();
        let number = next_number(connection, queued.site, now)?;
        if matches!(self.state, "rejected" | "error") {
            // The tombstone of a mention stays until the source links again. That the source says it is gone is
            // worth noting all the same.
            let kept = connection
                .prepare_cached(
                    "UPDATE receipt SET checked_at = ?2, was_known = FALSE,
                       failure = CASE WHEN ?3 = 'gone' THEN ?3 ELSE failure END,
                       received_at = iif(?4, ?5, received_at),
                       number = iif(?4 AND received_at <> ?5, ?6, number)
                     WHERE key = ?1 AND state = 'deleted'",
                )?
                .execute(params![
                    key,
                    now.as_millis(),
                    self.failure,
                    is_sent,
                    received_at,
                    number
                ])?;
            if kept > 0 {
                return Ok(());
            }
        }
        connection
            .prepare_cached(
                "INSERT INTO receipt (key, site_id, source, target, protocols, state, mention_id,
                   was_known, failure, detail, near_misses, checked_at, is_private, received_at, number)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
                 ON CONFLICT (key) DO UPDATE SET
                   protocols = protocols | excluded.protocols, state = excluded.state,
                   mention_id = excluded.mention_id, was_known = excluded.was_known,
                   failure = excluded.failure, detail = excluded.detail,
                   near_misses = excluded.near_misses, checked_at = excluded.checked_at,
                   received_at = iif(?16, excluded.received_at, received_at),
                   number = iif(state <> excluded.state OR (?16 AND received_at <> excluded.received_at),
                     excluded.number, number)",
            )?
            .execute(params![
                key,
                queued.site.0,
                source.as_str(),
                target.as_str(),
                queued.protocols.bits(),
                self.state,
                self.mention_id,
                was_known,
                self.failure,
                self.detail,
                self.near_misses,
                now.as_millis(),
                queued.is_private,
                received_at,
                number,
                is_sent,
            ])?;
        Ok(())
    }
}

/// Makes every receipt of the mention `from` one of `to`.
pub(super) fn point(
    connection: &Connection,
    from: MentionId,
    to: MentionId,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE receipt SET mention_id = ?2 WHERE mention_id = ?1")?
        .execute(params![from.0, to.0])?;
    Ok(())
}

/// Makes a receipt one of another site, in whose list it comes last.
pub(super) fn rehome(
    connection: &Connection,
    key: StatusKey,
    owner: SiteId,
    now: Timestamp,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE receipt SET site_id = ?2, number = ?3 WHERE key = ?1")?
        .execute(params![key, owner.0, next_number(connection, owner, now)?])?;
    Ok(())
}

/// Makes every receipt of a mention its tombstone: the addresses, and why it went.
pub(super) fn bury(
    connection: &Connection,
    id: MentionId,
    failure: Option<&Failure>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let all = connection
        .prepare_cached("SELECT key, site_id FROM receipt WHERE mention_id = ?1")?
        .query_map([id.0], |row| Ok((row.get(0)?, SiteId(row.get(1)?))))?
        .collect::<Result<Vec<(StatusKey, SiteId)>, _>>()?;
    for (key, site) in all {
        connection
            .prepare_cached(
                "UPDATE receipt SET state = 'deleted', mention_id = NULL, was_known = TRUE,
                   failure = ?2, detail = ?3, near_misses = NULL, checked_at = ?4, number = ?5
                 WHERE key = ?1",
            )?
            .execute(params![
                key,
                failure.map(|failure| failure.kind.as_str()),
                failure.map(|failure| failure.detail.as_str()),
                now.as_millis(),
                next_number(connection, site, now)?,
            ])?;
    }
    Ok(())
}

pub(super) fn prune(
    connection: &Connection,
    before: Timestamp,
    limit: usize,
) -> Result<usize, StoreError> {
    // The WHERE of the partial index `receipt_stale`, word for word, or it is not used.
    Ok(connection
        .prepare_cached(
            "DELETE FROM receipt WHERE key IN (
               SELECT key FROM receipt
               WHERE state <> 'deleted' AND mention_id IS NULL AND checked_at < ?1 LIMIT ?2)",
        )?
        .execute(params![
            before.as_millis(),
            i64::try_from(limit).unwrap_or(i64::MAX)
        ])?)
}
