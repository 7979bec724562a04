//! What a sender is shown of a submission: its row in the queue and its receipt, read as one.

use rusqlite::{Connection, OptionalExtension, params};

use super::rows;
use super::snapshot::Snapshot;
use crate::model::{State, Status, StatusKey, Timestamp};
use crate::store::{Accepted, StoreError};

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
        next_check_at: next_check_of(queued.as_ref(), written.as_ref()),
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

/// When a claim is looked at again: when its turn comes, if it waits, or else when its mention says so.
fn next_check_of(queued: Option<&Queue>, written: Option<&Written>) -> Option<Timestamp> {
    match queued {
        Some(queued) => queued.next_check_at,
        None => written.and_then(|written| written.verify_at),
    }
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
        next_check_at: next_check_of(queued, Some(written)),
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
    /// When its mention, if it is one, is to be checked; `None`: never.
    verify_at: Option<Timestamp>,
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
               near_misses, checked_at, received_at,
               (SELECT verify_at FROM mention AS m
                WHERE m.id = receipt.mention_id AND receipt.state = 'accepted' AND m.verify_at < ?2)
             FROM receipt WHERE key = ?1",
        )?
        .query_row(params![key, i64::MAX], |row| {
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
                verify_at: row.get::<_, Option<i64>>(12)?.map(Timestamp::from_millis),
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
