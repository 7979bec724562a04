//! Receipts: what the last verification of each submission said, as it is written down.

use rusqlite::{Connection, OptionalExtension, params};

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

    /// Writes the receipt of the pair in `queued` and `pair`, or what it says now.
    ///
    /// It has a new number, which puts it last in the owner's list, when it was sent again or comes to another
    /// verdict. A check that comes to the same asks for none, and leaves that list's index alone.
    pub(super) fn write(
        self,
        connection: &Connection,
        key: StatusKey,
        queued: &Queued,
        pair: (&SourceUrl, &TargetUrl),
        was_known: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(before) = Before::of(connection, key)? else {
            return self.add(connection, key, queued, pair, was_known, now);
        };
        let received_at = queued.received_at.as_millis();
        let sent_again = (queued.occasion == Occasion::Sent && before.received_at != received_at)
            .then_some(received_at);
        let number = |is_due: bool| {
            is_due
                .then(|| next_number(connection, before.site, now))
                .transpose()
        };
        // The tombstone of a mention stays until the source links again. That the source says it is gone is
        // worth noting all the same.
        if before.state == "deleted" && matches!(self.state, "rejected" | "error") {
            connection
                .prepare_cached(
                    "UPDATE receipt SET checked_at = ?2, was_known = FALSE,
                       failure = CASE WHEN ?3 = 'gone' THEN ?3 ELSE failure END,
                       received_at = coalesce(?4, received_at), number = coalesce(?5, number)
                     WHERE key = ?1",
                )?
                .execute(params![
                    key,
                    now.as_millis(),
                    self.failure,
                    sent_again,
                    number(sent_again.is_some())?,
                ])?;
            return Ok(());
        }
        connection
            .prepare_cached(
                "UPDATE receipt SET protocols = protocols | ?2, was_known = ?3, failure = ?4,
                   detail = ?5, near_misses = ?6, checked_at = ?7
                 WHERE key = ?1",
            )?
            .execute(params![
                key,
                queued.protocols.bits(),
                was_known,
                self.failure,
                self.detail,
                self.near_misses,
                now.as_millis(),
            ])?;
        let is_other = before.state != self.state;
        if is_other || before.mention_id != self.mention_id || sent_again.is_some() {
            connection
                .prepare_cached(
                    "UPDATE receipt SET state = ?2, mention_id = ?3,
                       received_at = coalesce(?4, received_at), number = coalesce(?5, number)
                     WHERE key = ?1",
                )?
                .execute(params![
                    key,
                    self.state,
                    self.mention_id,
                    sent_again,
                    number(is_other || sent_again.is_some())?,
                ])?;
        }
        Ok(())
    }

    /// Writes the first receipt of a pair.
    fn add(
        self,
        connection: &Connection,
        key: StatusKey,
        queued: &Queued,
        (source, target): (&SourceUrl, &TargetUrl),
        was_known: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        connection
            .prepare_cached(
                "INSERT INTO receipt (key, site_id, source, target, protocols, state, mention_id,
                   was_known, failure, detail, near_misses, checked_at, is_private, received_at, number)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
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
                queued.received_at.as_millis(),
                next_number(connection, queued.site, now)?,
            ])?;
        Ok(())
    }
}

/// What decides where a receipt stands in the owner's list, as it was before.
struct Before {
    site: SiteId,
    state: String,
    mention_id: Option<i64>,
    received_at: i64,
}

impl Before {
    fn of(connection: &Connection, key: StatusKey) -> Result<Option<Self>, StoreError> {
        Ok(connection
            .prepare_cached(
                "SELECT site_id, state, mention_id, received_at FROM receipt WHERE key = ?1",
            )?
            .query_row([key], |row| {
                Ok(Self {
                    site: SiteId(row.get(0)?),
                    state: row.get(1)?,
                    mention_id: row.get(2)?,
                    received_at: row.get(3)?,
                })
            })
            .optional()?)
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
