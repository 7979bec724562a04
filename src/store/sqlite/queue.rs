//! The queue of submissions, and the receipts of what came of them.

use std::collections::HashMap;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use super::{mentions, rows};
use crate::model::{
    Failure, FailureKind, NearMiss, Outcome, Protocols, SiteId, SourceUrl, State, Status,
    StatusKey, Submission, TargetUrl, Timestamp,
};
use crate::store::{Accepted, Finished, Lease, Leased, StoreError};

/// So many due submissions are looked at for one claim: bounds the writer's time when nearly all
/// of them are of hosts that are busy.
const MAX_CANDIDATES: i64 = 4096;

pub(super) fn accept(
    connection: &Connection,
    key: StatusKey,
    submission: &Submission,
    site: SiteId,
    now: Timestamp,
) -> Result<Accepted, StoreError> {
    let revision = connection
        .prepare_cached(
            // A repetition during a lease waits for its end: `finish` sees the new revision. One
            // that finds the row waiting for a retry makes it due now, with a fresh schedule.
            "INSERT INTO submission (key, site_id, source, target, host, protocols, received_at, due_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)
             ON CONFLICT (key) DO UPDATE SET
               revision = revision + 1,
               protocols = protocols | excluded.protocols,
               due_at = CASE WHEN lease IS NULL THEN min(due_at, excluded.due_at) ELSE due_at END,
               attempts = CASE WHEN lease IS NULL THEN 0 ELSE attempts END
             RETURNING revision",
        )?
        .query_row(
            params![
                key,
                site.0,
                submission.source.as_str(),
                submission.target.as_str(),
                submission.source.host(),
                Protocols::only(submission.protocol).bits(),
                now.as_millis(),
            ],
            |row| row.get(0),
        )?;
    Ok(Accepted { key, revision })
}

/// A [`ClaimRequest`](crate::store::ClaimRequest) that the writer may keep.
pub(super) struct Claim {
    pub(super) limit: usize,
    pub(super) per_host: usize,
    pub(super) busy: HashMap<String, usize>,
    pub(super) lease: Duration,
    pub(super) holder: i64,
}

pub(super) fn claim(
    connection: &Connection,
    claim: &Claim,
    now: Timestamp,
) -> Result<Vec<Leased>, StoreError> {
    let mut under_way = claim.busy.clone();
    let full: Vec<&String> = under_way
        .iter()
        .filter(|(_, n)| **n >= claim.per_host)
        .map(|(host, _)| host)
        .collect();
    let full = serde_json::to_string(&full).unwrap_or_else(|_| "[]".to_owned());
    let mut leased = Vec::new();
    {
        let mut statement = connection.prepare_cached(
            "SELECT key, source, target, host, protocols, revision, attempts,
               EXISTS (SELECT 1 FROM receipt AS r WHERE r.key = s.key AND r.mention_id IS NOT NULL)
             FROM submission AS s
             WHERE due_at <= ?1 AND host NOT IN (SELECT value FROM json_each(?2))
             ORDER BY due_at LIMIT ?3",
        )?;
        let mut rows = statement.query(params![now.as_millis(), full, MAX_CANDIDATES])?;
        while leased.len() < claim.limit
            && let Some(row) = rows.next()?
        {
            let of_host = under_way.entry(row.get(3)?).or_default();
            if *of_host >= claim.per_host {
                continue;
            }
            *of_host = of_host.saturating_add(1);
            leased.push(Leased {
                lease: Lease {
                    key: row.get(0)?,
                    holder: claim.holder,
                    revision: row.get(5)?,
                },
                source: rows::source(&row.get::<_, String>(1)?)?,
                target: rows::target(&row.get::<_, String>(2)?)?,
                protocols: rows::protocols(row.get(4)?)?,
                attempts: row.get(6)?,
                known: row.get(7)?,
            });
        }
    }
    let mut statement = connection.prepare_cached(
        "UPDATE submission SET lease = ?2, due_at = ?3, attempts = attempts + 1 WHERE key = ?1",
    )?;
    for one in &leased {
        statement.execute(params![
            one.lease.key,
            claim.holder,
            now.plus(claim.lease).as_millis()
        ])?;
    }
    Ok(leased)
}

pub(super) fn renew(
    connection: &Connection,
    leases: &[Lease],
    until: Timestamp,
) -> Result<(), StoreError> {
    let mut statement = connection
        .prepare_cached("UPDATE submission SET due_at = ?3 WHERE key = ?1 AND lease = ?2")?;
    for lease in leases {
        statement.execute(params![lease.key, lease.holder, until.as_millis()])?;
    }
    Ok(())
}

pub(super) fn release(
    connection: &Connection,
    leases: &[Lease],
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "UPDATE submission SET lease = NULL, due_at = ?3, attempts = max(attempts - 1, 0)
         WHERE key = ?1 AND lease = ?2",
    )?;
    for lease in leases {
        statement.execute(params![lease.key, lease.holder, now.as_millis()])?;
    }
    Ok(())
}

/// What is in the queue about a leased submission.
struct Queued {
    site: SiteId,
    source: SourceUrl,
    target: TargetUrl,
    protocols: Protocols,
    revision: i64,
}

pub(super) fn finish(
    connection: &Connection,
    lease: Lease,
    outcome: &Outcome,
    now: Timestamp,
) -> Result<Finished, StoreError> {
    let queued = leased_row(connection, lease)?.ok_or(StoreError::LeaseLost)?;
    let known = mentions::known(connection, &queued.source, &queued.target)?;
    let was_known = known.is_some();
    let mut again_at = None;
    let (finished, receipt) = match outcome {
        Outcome::Publish(entry) => {
            let id = mentions::publish(
                connection,
                queued.site,
                &queued.source,
                &queued.target,
                queued.protocols,
                entry,
                now,
            )?;
            let finished = if was_known {
                Finished::Updated(id)
            } else {
                Finished::Added(id)
            };
            (finished, Receipt::of("accepted").mention(id.0))
        }
        Outcome::NoLink {
            near_misses,
            recheck_at,
        } => match known {
            // The page names the target in another form (http for https, say) and the mention
            // stands on that one: this form proves nothing against it.
            Some((id, named)) if named == queued.target.as_str() => {
                mentions::erase(connection, id)?;
                (Finished::Removed, Receipt::of("deleted"))
            }
            _ => {
                again_at = *recheck_at;
                let receipt = Receipt::of("rejected").near_misses(near_misses);
                (Finished::Noted, receipt)
            }
        },
        Outcome::Gone => {
            let gone = Failure {
                kind: FailureKind::Gone,
                detail: "the source says that it is gone (410)".to_owned(),
            };
            if let Some((id, _)) = known {
                mentions::erase(connection, id)?;
                (Finished::Removed, Receipt::of("deleted").failure(&gone))
            } else {
                (Finished::Noted, Receipt::of("error").failure(&gone))
            }
        }
        Outcome::Failed { failure, retry_at } => {
            again_at = *retry_at;
            let receipt = match &known {
                Some((id, _)) => Receipt::of("accepted").mention(id.0),
                None => Receipt::of("error"),
            };
            (Finished::Noted, receipt.failure(failure))
        }
    };
    receipt.write(connection, lease.key, &queued, was_known, now)?;
    settle(connection, lease, queued.revision, again_at, now)?;
    Ok(finished)
}

fn leased_row(connection: &Connection, lease: Lease) -> Result<Option<Queued>, StoreError> {
    let row = connection
        .prepare_cached(
            "SELECT site_id, source, target, protocols, revision FROM submission
             WHERE key = ?1 AND lease = ?2",
        )?
        .query_row(params![lease.key, lease.holder], |row| {
            Ok((
                row.get(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, String>(2)?,
                row.get(3)?,
                row.get(4)?,
            ))
        })
        .optional()?;
    row.map(|(site, source, target, protocols, revision)| {
        Ok(Queued {
            site: SiteId(site),
            source: rows::source(&source)?,
            target: rows::target(&target)?,
            protocols: rows::protocols(protocols)?,
            revision,
        })
    })
    .transpose()
}

/// Ends the lease: the row goes, or waits for its next time.
fn settle(
    connection: &Connection,
    lease: Lease,
    revision: i64,
    again_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (due_at, attempts) = if revision == lease.revision {
        (again_at, None)
    } else {
        (Some(now), Some(0)) // submitted again meanwhile: what was verified may be out of date
    };
    match due_at {
        Some(due_at) => connection
            .prepare_cached(
                "UPDATE submission SET lease = NULL, due_at = ?2, attempts = coalesce(?3, attempts)
                 WHERE key = ?1",
            )?
            .execute(params![lease.key, due_at.as_millis(), attempts])?,
        None => connection
            .prepare_cached("DELETE FROM submission WHERE key = ?1")?
            .execute([lease.key])?,
    };
    Ok(())
}

/// A receipt on its way to the disk.
struct Receipt {
    state: &'static str,
    mention_id: Option<i64>,
    failure: Option<&'static str>,
    detail: Option<String>,
    near_misses: Option<String>,
}

impl Receipt {
    fn of(state: &'static str) -> Self {
        Self {
            state,
            mention_id: None,
            failure: None,
            detail: None,
            near_misses: None,
        }
    }

    fn mention(mut self, id: i64) -> Self {
        self.mention_id = Some(id);
        self
    }

    fn failure(mut self, failure: &Failure) -> Self {
        self.failure = Some(failure.kind.as_str());
        self.detail = Some(failure.detail.clone());
        self
    }

    fn near_misses(mut self, near_misses: &[NearMiss]) -> Self {
        self.near_misses = Some(rows::write_near_misses(near_misses));
        self
    }

    fn write(
        self,
        connection: &Connection,
        key: StatusKey,
        queued: &Queued,
        was_known: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        connection
            .prepare_cached(
                "INSERT INTO receipt (key, site_id, source, target, protocols, state, mention_id,
                   was_known, failure, detail, near_misses, checked_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
                 ON CONFLICT (key) DO UPDATE SET
                   protocols = protocols | excluded.protocols, state = excluded.state,
                   mention_id = excluded.mention_id, was_known = excluded.was_known,
                   failure = excluded.failure, detail = excluded.detail,
                   near_misses = excluded.near_misses, checked_at = excluded.checked_at",
            )?
            .execute(params![
                key,
                queued.site.0,
                queued.source.as_str(),
                queued.target.as_str(),
                queued.protocols.bits(),
                self.state,
                self.mention_id,
                was_known,
                self.failure,
                self.detail,
                self.near_misses,
                now.as_millis(),
            ])?;
        Ok(())
    }
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
    let snapshot = connection.unchecked_transaction()?;
    let queued = snapshot
        .prepare_cached(
            "SELECT source, target, protocols, due_at, lease, attempts FROM submission WHERE key = ?1",
        )?
        .query_row([key], |row| {
            Ok(Waiting {
                source: row.get(0)?,
                target: row.get(1)?,
                protocols: row.get(2)?,
                due_at: row.get(3)?,
                leased: row.get::<_, Option<i64>>(4)?.is_some(),
                attempts: row.get(5)?,
            })
        })
        .optional()?;
    let receipt = snapshot
        .prepare_cached(
            "SELECT source, target, protocols, state, mention_id, was_known, failure, detail,
               near_misses, checked_at FROM receipt WHERE key = ?1",
        )?
        .query_row([key], |row| {
            Ok(Written {
                source: row.get(0)?,
                target: row.get(1)?,
                protocols: row.get(2)?,
                state: row.get(3)?,
                mention_id: row.get(4)?,
                was_known: row.get(5)?,
                failure: row.get::<_, Option<String>>(6)?.zip(row.get(7)?),
                near_misses: row.get(8)?,
                checked_at: row.get(9)?,
            })
        })
        .optional()?;
    let next_check_at = queued
        .as_ref()
        .filter(|q| !q.leased)
        .map(|q| Timestamp::from_millis(q.due_at));
    let (Some(source), Some(target)) = (
        queued
            .as_ref()
            .map(|q| &q.source)
            .or(receipt.as_ref().map(|r| &r.source)),
        queued
            .as_ref()
            .map(|q| &q.target)
            .or(receipt.as_ref().map(|r| &r.target)),
    ) else {
        return Ok(None);
    };
    let (source, target) = (rows::source(source)?, rows::target(target)?);
    let bits =
        queued.as_ref().map_or(0, |q| q.protocols) | receipt.as_ref().map_or(0, |r| r.protocols);
    let (mut state, was_known, checked_at) = match &receipt {
        None => (State::Pending, false, None),
        Some(r) => (
            rows::state(
                &r.state,
                r.mention_id,
                r.failure.clone(),
                r.near_misses.as_deref(),
            )?,
            r.was_known,
            Some(Timestamp::from_millis(r.checked_at)),
        ),
    };
    // Submitted afresh and not judged yet: what an earlier submission came to says nothing of
    // this one, unless the mention is on show, which it stays.
    let fresh = queued
        .as_ref()
        .is_some_and(|q| q.attempts == 0 || (q.leased && q.attempts == 1));
    if fresh && !matches!(state, State::Accepted(_)) {
        state = State::Pending;
    }
    Ok(Some(Status {
        key,
        source,
        target,
        protocols: rows::protocols(bits)?,
        state,
        was_known,
        checked_at,
        next_check_at,
    }))
}

/// A submission's row, as far as the status page shows it.
struct Waiting {
    source: String,
    target: String,
    protocols: i64,
    due_at: i64,
    leased: bool,
    attempts: i64,
}

/// A receipt's row, as far as the status page shows it.
struct Written {
    source: String,
    target: String,
    protocols: i64,
    state: String,
    mention_id: Option<i64>,
    was_known: bool,
    failure: Option<(String, String)>,
    near_misses: Option<String>,
    checked_at: i64,
}

pub(super) fn prune(
    connection: &Connection,
    before: Timestamp,
    limit: usize,
) -> Result<usize, StoreError> {
    Ok(connection
        .prepare_cached(
            "DELETE FROM receipt WHERE key IN (
               SELECT key FROM receipt
               WHERE state IN ('rejected', 'error') AND checked_at < ?1 LIMIT ?2)",
        )?
        .execute(params![
            before.as_millis(),
            i64::try_from(limit).unwrap_or(i64::MAX)
        ])?)
}
