//! The queue of submissions: accepting them, and keeping or giving back their leases. `lanes` sorts
//! them, `claim` leases them.

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{Protocols, Secret, SiteId, SourceUrl, StatusKey, Submission, Timestamp};
use crate::store::{Accepted, Lease, StoreError};

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
            "INSERT INTO submission (key, site_id, source, target, host, protocols, received_at, due_at, vouch, code)
             SELECT ?1, id, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?9 FROM site WHERE id = ?2
             ON CONFLICT (key) DO UPDATE SET
               revision = revision + 1,
               site_id = excluded.site_id,
               protocols = protocols | excluded.protocols,
               vouch = coalesce(excluded.vouch, vouch),
               occasion = 'sent',
               due_at = CASE WHEN lease IS NULL
                 THEN max(min(due_at, excluded.due_at), not_before) ELSE due_at END,
               attempts = CASE WHEN lease IS NULL THEN 0 ELSE attempts END,
               lane = CASE WHEN lease IS NULL THEN NULL ELSE lane END,
               repeated_at = excluded.received_at
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
                submission.vouch.as_ref().map(SourceUrl::as_str),
                submission.code.as_ref().map(Secret::expose),
            ],
            |row| row.get(0),
        )
        .optional()?
        .ok_or(StoreError::NoSuchSite)?;
    Ok(Accepted { key, revision })
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
        // It keeps the place in its page's allowance that it was leased with.
        "UPDATE submission SET lease = NULL, due_at = ?3, attempts = max(attempts - 1, 0), lane = NULL,
           is_granted = 1
         WHERE key = ?1 AND lease = ?2",
    )?;
    for lease in leases {
        statement.execute(params![lease.key, lease.holder, now.as_millis()])?;
    }
    Ok(())
}
