//! The queue of submissions: accepting them, and leasing them to workers.

use rusqlite::{Connection, OptionalExtension, Row, params};
use tracing::error;

use super::{checks, rows};
use crate::model::{Protocols, SiteId, StatusKey, Submission, Timestamp};
use crate::store::{Accepted, ClaimRequest, Lease, Leased, StoreError};

/// So many due submissions of hosts with room left are looked at for one claim. Those of hosts that
/// are full are passed over by SQLite, however many they are.
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
            // that finds the row waiting for a retry makes it due now, with a fresh schedule, unless
            // the source has asked for time.
            "INSERT INTO submission (key, site_id, source, target, host, protocols, received_at, due_at)
             SELECT ?1, id, ?3, ?4, ?5, ?6, ?7, ?7 FROM site WHERE id = ?2
             ON CONFLICT (key) DO UPDATE SET
               revision = revision + 1,
               protocols = protocols | excluded.protocols,
               occasion = 'sent',
               due_at = CASE WHEN lease IS NULL
                 THEN max(min(due_at, excluded.due_at), not_before) ELSE due_at END,
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
        )
        .optional()?
        .ok_or(StoreError::NoSuchSite)?;
    Ok(Accepted { key, revision })
}

pub(super) fn claim(
    connection: &Connection,
    request: &ClaimRequest,
    holder: i64,
    now: Timestamp,
) -> Result<Vec<Leased>, StoreError> {
    let mut under_way = request.busy.clone();
    let full: Vec<&String> = under_way
        .iter()
        .filter(|(_, n)| **n >= request.per_host)
        .map(|(host, _)| host)
        .collect();
    let full = serde_json::to_string(&full).unwrap_or_else(|_| "[]".to_owned());
    let mut leased = Vec::new();
    let mut corrupt = Vec::new();
    {
        let mut statement = connection.prepare_cached(
            "SELECT s.key, s.source, s.target, s.host, s.protocols, revision, attempts, occasion,
               m.id, m.page_url, m.etag, m.last_modified, m.checks, m.failures, m.failing_since, m.doubted_at
             FROM submission AS s LEFT JOIN receipt AS r ON r.key = s.key
               LEFT JOIN mention AS m ON m.id = r.mention_id
             WHERE due_at <= ?1 AND host NOT IN (SELECT value FROM json_each(?2))
             ORDER BY due_at LIMIT ?3",
        )?;
        let mut rows = statement.query(params![now.as_millis(), full, MAX_CANDIDATES])?;
        while leased.len() < request.limit
            && let Some(row) = rows.next()?
        {
            let of_host = under_way.entry(row.get(3)?).or_default();
            if *of_host >= request.per_host {
                continue;
            }
            *of_host = of_host.saturating_add(1);
            match leased_from(row, holder) {
                Ok(one) => leased.push(one),
                // One bad row must not hold up all the others.
                Err(StoreError::Corrupt(what)) => corrupt.push((row.get::<_, StatusKey>(0)?, what)),
                Err(error) => return Err(error),
            }
        }
    }
    let mut statement = connection.prepare_cached(
        "UPDATE submission SET lease = ?2, due_at = ?3, attempts = attempts + 1 WHERE key = ?1",
    )?;
    for one in &leased {
        statement.execute(params![
            one.lease.key,
            holder,
            now.plus(request.lease).as_millis()
        ])?;
    }
    for (key, what) in corrupt {
        error!(submission.key = %key, what, "setting aside a submission that cannot be read");
        connection.execute(
            "UPDATE submission SET due_at = ?2 WHERE key = ?1",
            params![key, i64::MAX],
        )?;
    }
    Ok(leased)
}

/// A row of the query in [`claim`].
fn leased_from(row: &Row<'_>, holder: i64) -> Result<Leased, StoreError> {
    Ok(Leased {
        lease: Lease {
            key: row.get(0)?,
            holder,
            revision: row.get(5)?,
        },
        source: rows::source(&row.get::<_, String>(1)?)?,
        target: rows::target(&row.get::<_, String>(2)?)?,
        protocols: rows::protocols(row.get(4)?)?,
        attempts: row.get(6)?,
        occasion: rows::occasion(&row.get::<_, String>(7)?)?,
        known: checks::known(row, 8)?,
    })
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
