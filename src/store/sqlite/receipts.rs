//! Receipts: what the last verification of each submission said, and what a sender is shown of it.

use rusqlite::{Connection, OptionalExtension, params};

use super::finish::Queued;
use super::rows;
use super::snapshot::Snapshot;
use super::submissions::next_number;
use crate::model::{
    Failure, MentionId, NearMiss, SiteId, SourceUrl, State, Status, StatusKey, TargetUrl, Timestamp,
};
use crate::store::{Accepted, Occasion, StoreError};

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

pub(super) fn has_verdict(connection: &Connection, accepted: Accepted) -> Result<bool, StoreError> {
    // Still to be judged: a row that no verification has ended on. One that waits for a retry has
    // had its verdict.
    let waits: bool = connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM submission
             WHERE key = ?1 AND (attempts = 0 OR lease IS NOT NULL))",
        )?
        .query_row([accepted.key], |row| row.get(0))?;
    Ok(!waits)
}

pub(super) fn status(
    connection: &Connection,
    key: StatusKey,
) -> Result<Option<Status>, StoreError> {
    // One snapshot: between two, a verdict could move the claim from one table to the other.
    let snapshot = Snapshot::of(connection)?;
    let queued = queued(&snapshot, key)?;
    let written = written(&snapshot, key)?;
    let Some(claim) = queued
        .as_ref()
        .map(|q| &q.claim)
        .or(written.as_ref().map(|w| &w.claim))
    else {
        return Ok(None);
    };
    let reported = [
        queued.as_ref().map(|q| &q.claim),
        written.as_ref().map(|w| &w.claim),
    ];
    let bits = reported
        .iter()
        .flatten()
        .fold(0, |bits, claim| bits | claim.protocols);
    let state = state_of(queued.as_ref(), written.as_ref())?;
    Ok(Some(Status {
        protocols: rows::protocols(bits)?,
        was_known: written.as_ref().is_some_and(|w| w.was_known),
        checked_at: written.as_ref().map(|w| w.checked_at),
        next_check_at: queued.as_ref().and_then(|q| q.next_check_at),
        ..claim.stands(key, state)?
    }))
}

/// Where a claim stands, from its row in the queue and its receipt.
fn state_of(queued: Option<&Queue>, written: Option<&Written>) -> Result<State, StoreError> {
    let Some(written) = written else {
        return Ok(State::Pending);
    };
    let failure = rows::failure(written.failure.as_deref(), written.detail.clone())?;
    let near_misses = written.near_misses.as_deref();
    let state = rows::state(&written.state, written.mention_id, failure, near_misses)?;
    // Submitted afresh and not judged yet: what an earlier submission came to says nothing of this
    // one, unless the mention is on show, which it stays.
    let is_fresh = queued.is_some_and(|q| q.is_fresh);
    if is_fresh && !matches!(state, State::Accepted { .. }) {
        return Ok(State::Pending);
    }
    Ok(state)
}

/// What a receipt says, whatever waits beside it.
pub(super) fn verdict_of(
    key: StatusKey,
    written: &Written,
    queued: Option<&Queue>,
) -> Result<Status, StoreError> {
    Ok(Status {
        was_known: written.was_known,
        checked_at: Some(written.checked_at),
        next_check_at: queued.and_then(|q| q.next_check_at),
        ..written.claim.stands(key, state_of(None, Some(written))?)?
    })
}

/// What is known of what waits, whatever was said of it before.
pub(super) fn waiting(key: StatusKey, queued: &Queue) -> Result<Status, StoreError> {
    Ok(Status {
        next_check_at: queued.next_check_at,
        ..queued.claim.stands(key, State::Pending)?
    })
}

/// What both tables say of a claim.
struct Claimed {
    source: String,
    target: String,
    protocols: i64,
    is_private: bool,
}

impl Claimed {
    /// That it stands so, and nothing of when.
    fn stands(&self, key: StatusKey, state: State) -> Result<Status, StoreError> {
        Ok(Status {
            key,
            source: rows::source(&self.source)?,
            target: rows::target(&self.target)?,
            protocols: rows::protocols(self.protocols)?,
            is_private: self.is_private,
            state,
            was_known: false,
            checked_at: None,
            next_check_at: None,
        })
    }
}

/// A submission's row, as far as a status shows it.
pub(super) struct Queue {
    claim: Claimed,
    /// `None` while it is being verified.
    next_check_at: Option<Timestamp>,
    /// Whether no verification has ended since it was submitted.
    is_fresh: bool,
}

impl Queue {
    /// Whether no verification has ended since it was submitted.
    pub(super) fn is_fresh(&self) -> bool {
        self.is_fresh
    }
}

pub(super) fn queued(connection: &Connection, key: StatusKey) -> Result<Option<Queue>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT source, target, protocols, code IS NOT NULL, due_at, lease IS NOT NULL, attempts
             FROM submission WHERE key = ?1",
        )?
        .query_row([key], |row| {
            let (due_at, is_leased): (_, bool) = (row.get(4)?, row.get(5)?);
            let attempts: i64 = row.get(6)?;
            Ok(Queue {
                claim: claimed(row)?,
                next_check_at: (!is_leased).then(|| Timestamp::from_millis(due_at)),
                is_fresh: attempts == 0 || (is_leased && attempts == 1),
            })
        })
        .optional()?)
}

/// A receipt's row, as far as a status shows it.
pub(super) struct Written {
    claim: Claimed,
    state: String,
    mention_id: Option<i64>,
    was_known: bool,
    failure: Option<String>,
    detail: Option<String>,
    near_misses: Option<String>,
    checked_at: Timestamp,
    /// When it was last sent.
    pub(super) received_at: Timestamp,
}

pub(super) fn written(
    connection: &Connection,
    key: StatusKey,
) -> Result<Option<Written>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT source, target, protocols, is_private, state, mention_id, was_known, failure, detail,
               near_misses, checked_at, received_at FROM receipt WHERE key = ?1",
        )?
        .query_row([key], |row| {
            Ok(Written {
                claim: claimed(row)?,
                state: row.get(4)?,
                mention_id: row.get(5)?,
                was_known: row.get(6)?,
                failure: row.get(7)?,
                detail: row.get(8)?,
                near_misses: row.get(9)?,
                checked_at: Timestamp::from_millis(row.get(10)?),
                received_at: Timestamp::from_millis(row.get(11)?),
            })
        })
        .optional()?)
}

/// The first four columns of both tables' queries.
fn claimed(row: &rusqlite::Row<'_>) -> rusqlite::Result<Claimed> {
    Ok(Claimed {
        source: row.get(0)?,
        target: row.get(1)?,
        protocols: row.get(2)?,
        is_private: row.get(3)?,
    })
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
