//! What came of a leased submission: the mention, the receipt, and the end of the lease, in one
//! transaction.

use rusqlite::{Connection, OptionalExtension, params};

use super::receipts::Receipt;
use super::{lanes, lists, mentions, rows};
use crate::model::{
    Failure, FailureKind, Outcome, Protocols, SiteId, SourceUrl, TargetUrl, Timestamp,
};
use crate::store::{Finished, Lease, StoreError};

/// What is in the queue about a leased submission.
pub(super) struct Queued {
    pub(super) site: SiteId,
    pub(super) source: SourceUrl,
    pub(super) target: TargetUrl,
    pub(super) protocols: Protocols,
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
    let (mut again_at, mut not_before) = (None, None);
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
            lists::know(connection, queued.site, &queued.source, now)?;
            let finished = if was_known {
                Finished::Updated(id)
            } else {
                lanes::know(connection, lease.key)?;
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
                mentions::erase(connection, id, now)?;
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
                mentions::erase(connection, id, now)?;
                (Finished::Removed, Receipt::of("deleted").failure(&gone))
            } else {
                (Finished::Noted, Receipt::of("error").failure(&gone))
            }
        }
        Outcome::Failed {
            failure,
            retry_at,
            not_before: asked,
        } => {
            again_at = *retry_at;
            not_before = *asked;
            if let Some(until) = *asked {
                lanes::hold(connection, lease.key, until)?;
            }
            let receipt = match &known {
                Some((id, _)) => Receipt::of("accepted").mention(id.0),
                None => Receipt::of("error"),
            };
            (Finished::Noted, receipt.failure(failure))
        }
    };
    receipt.write(connection, lease.key, &queued, was_known, now)?;
    settle(
        connection,
        lease,
        queued.revision,
        again_at,
        not_before,
        now,
    )?;
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
    not_before: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (due_at, attempts) = if revision == lease.revision {
        (again_at, None)
    } else {
        // Submitted again meanwhile: what was verified may be out of date.
        (Some(now.max(not_before.unwrap_or(now))), Some(0))
    };
    match due_at {
        Some(due_at) => connection
            .prepare_cached(
                "UPDATE submission SET lease = NULL, due_at = ?2, attempts = coalesce(?3, attempts),
                   not_before = ?4, lane = NULL
                 WHERE key = ?1",
            )?
            .execute(params![
                lease.key,
                due_at.as_millis(),
                attempts,
                not_before.map_or(0, Timestamp::as_millis),
            ])?,
        None => connection
            .prepare_cached("DELETE FROM submission WHERE key = ?1")?
            .execute([lease.key])?,
    };
    Ok(())
}
