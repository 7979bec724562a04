//! Checks of known mentions: which are due, how they come into the queue, and what came of them.
//!
//! A check is a row of `submission` like any other, so that politeness towards hosts holds for it, but
//! never waits there for another try: the mention itself says when to ask again.

use std::collections::HashMap;
use std::time::Duration;

use rusqlite::{Connection, Row, params};
use tracing::error;

use super::keys::Keys;
use super::{lanes, rows};
use crate::model::{MentionId, NextCheck, Protocols, SourceUrl, TargetUrl, Timestamp, domain_of};
use crate::store::{Known, Occasion, StoreError};

/// A check that was queued and that nobody has heard of since is due again after so long.
const LOST_AFTER: Duration = Duration::from_secs(24 * 3600);

/// So many other mentions of a source are checked when its sender speaks of one; the schedule finds the
/// rest.
const MAX_OTHERS: usize = 100;

/// A mention that was verified, or queued to be, so lately is not checked again because of another.
const FRESH: Duration = Duration::from_secs(60);

/// So many checks of one domain wait at most: it is asked at its own pace, and the others are not to wait
/// for it.
const MAX_OF_DOMAIN: i64 = 16;

/// The other mentions of such a domain are thought of again after so long.
const THINK_AGAIN: Duration = Duration::from_secs(600);

/// So often what is due is looked up at most in one transaction, where it is put off.
const LOOKS: usize = 8;

/// The longest overdue mentions. By index alone, however many mentions there are.
pub(super) const DUE: &str = "SELECT m.id, p.site_id, m.source, m.target, m.protocols
     FROM mention AS m CROSS JOIN page AS p ON p.id = m.page_id
     WHERE m.verify_at <= ?1 ORDER BY m.verify_at LIMIT ?2";

/// Mentions of one source that were not asked lately, but one. By index alone.
pub(super) const OTHERS: &str = "SELECT m.id, p.site_id, m.source, m.target, m.protocols
     FROM mention AS m CROSS JOIN page AS p ON p.id = m.page_id
     WHERE m.source_key = ?1 AND m.asked_at <= ?2 AND m.id <> ?3 AND NOT m.is_private LIMIT ?4";

/// Whether something that was sent is to be sorted, or waits for the turn that its domain has now.
pub(super) const BUSY: &str =
    "SELECT EXISTS (SELECT 1 FROM submission WHERE lane IS NULL AND occasion = 'sent')
       OR EXISTS (SELECT 1 FROM lane AS l CROSS JOIN submission AS s ON s.lane = l.id
         WHERE l.next_at <= ?1 AND (s.attempts > 0) = 0 AND s.due_at <= ?1)";

/// How many checks wait that can be claimed now; those of a domain that is to be left alone do not count.
pub(super) const WAITING: &str = "SELECT count(*) FROM
       (SELECT 1 FROM submission AS s LEFT JOIN lane AS l ON l.id = s.lane
        WHERE s.occasion <> 'sent' AND s.lease IS NULL AND coalesce(l.free_at, 0) <= ?1 LIMIT ?2)";

/// One mention.
const ONE: &str = "SELECT m.id, p.site_id, m.source, m.target, m.protocols
     FROM mention AS m CROSS JOIN page AS p ON p.id = m.page_id
     WHERE m.id = ?1 AND NOT m.is_private";

/// What is due.
pub(super) const ANY: &str = "SELECT 1 FROM mention WHERE verify_at <= ?1";

/// Queues the checks that are longest overdue, so that at most `limit` wait.
pub(super) fn enqueue_due(
    connection: &Connection,
    keys: &Keys,
    limit: usize,
    now: Timestamp,
) -> Result<usize, StoreError> {
    // What somebody has sent goes first.
    let is_busy: bool = connection
        .prepare_cached(BUSY)?
        .query_row([now.as_millis()], |row| row.get(0))?;
    if is_busy {
        return Ok(0);
    }
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let waiting: i64 = connection
        .prepare_cached(WAITING)?
        .query_row(params![now.as_millis(), limit], |row| row.get(0))?;
    let mut room = limit.saturating_sub(waiting);
    let mut queued = 0_usize;
    let mut of_domains: HashMap<String, i64> = HashMap::new();
    for _ in 0..LOOKS {
        let due = checkables(connection, DUE, params![now.as_millis(), room])?;
        let is_all = i64::try_from(due.len()).unwrap_or(i64::MAX) < room;
        for one in &due {
            let domain = domain_of(one.source.host());
            let added = of_domains.entry(domain.to_owned()).or_default();
            if let Some(until) = put_off(connection, domain, *added, now)? {
                one.put_off(connection, until)?;
                continue;
            }
            one.enqueue(connection, keys, Occasion::Schedule, now)?;
            *added = added.saturating_add(1);
            queued = queued.saturating_add(1);
            room = room.saturating_sub(1);
        }
        if is_all || room == 0 {
            break;
        }
    }
    Ok(queued)
}

/// Until when a check of `domain` is put off, if it is: `added` are queued in this transaction already.
fn put_off(
    connection: &Connection,
    domain: &str,
    added: i64,
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let waiting = match lanes::standing(connection, domain, MAX_OF_DOMAIN)? {
        Some(lane) if lane.free_at > now => return Ok(Some(lane.free_at)),
        Some(lane) => lane.again.saturating_add(added),
        None => added,
    };
    Ok((waiting >= MAX_OF_DOMAIN).then(|| now.plus(THINK_AGAIN)))
}

/// Queues checks of what else is known of a source whose sender has spoken of `spoken_of`.
pub(super) fn enqueue_others(
    connection: &Connection,
    keys: &Keys,
    source_key: &str,
    spoken_of: MentionId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let limit = i64::try_from(MAX_OTHERS).unwrap_or(i64::MAX);
    let before = now.before(FRESH).as_millis();
    let which = params![source_key, before, spoken_of.0, limit];
    for one in checkables(connection, OTHERS, which)? {
        one.enqueue(connection, keys, Occasion::OtherTarget, now)?;
    }
    Ok(())
}

/// Queues a check of one mention because somebody spoke of it by another address.
pub(super) fn enqueue_one(
    connection: &Connection,
    keys: &Keys,
    id: MentionId,
    now: Timestamp,
) -> Result<(), StoreError> {
    for one in checkables(connection, ONE, params![id.0])? {
        one.enqueue(connection, keys, Occasion::OtherTarget, now)?;
    }
    Ok(())
}

/// What a check needs of a mention.
struct Checkable {
    id: i64,
    site: i64,
    source: SourceUrl,
    target: TargetUrl,
    protocols: Protocols,
}

/// The rows of `query`; one that cannot be read is set aside, or it would be the longest overdue for ever.
fn checkables(
    connection: &Connection,
    query: &str,
    which: impl rusqlite::Params,
) -> Result<Vec<Checkable>, StoreError> {
    let (mut found, mut corrupt) = (Vec::new(), Vec::new());
    {
        let mut statement = connection.prepare_cached(query)?;
        let mut rows = statement.query(which)?;
        while let Some(row) = rows.next()? {
            match checkable(row) {
                Ok(one) => found.push(one),
                Err(StoreError::Corrupt(what)) => corrupt.push((row.get::<_, i64>(0)?, what)),
                Err(error) => return Err(error),
            }
        }
    }
    for (id, what) in corrupt {
        error!(
            mention.id = id,
            what, "never checking a mention that cannot be read"
        );
        connection.execute(
            "UPDATE mention SET verify_at = ?2 WHERE id = ?1",
            params![id, i64::MAX],
        )?;
    }
    Ok(found)
}

fn checkable(row: &Row<'_>) -> Result<Checkable, StoreError> {
    Ok(Checkable {
        id: row.get(0)?,
        site: row.get(1)?,
        source: rows::source(&row.get::<_, String>(2)?)?,
        target: rows::target(&row.get::<_, String>(3)?)?,
        protocols: rows::protocols(row.get(4)?)?,
    })
}

impl Checkable {
    fn put_off(&self, connection: &Connection, until: Timestamp) -> Result<(), StoreError> {
        connection
            .prepare_cached("UPDATE mention SET verify_at = ?2 WHERE id = ?1")?
            .execute(params![self.id, until.as_millis()])?;
        Ok(())
    }

    fn enqueue(
        &self,
        connection: &Connection,
        keys: &Keys,
        occasion: Occasion,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        // If it waits there already, it is verified all the same. Nobody waits for a check: in its lane it
        // stands with those that are looked at again.
        connection
            .prepare_cached(
                "INSERT INTO submission (key, site_id, source, target, host, protocols, received_at,
                   due_at, attempts, occasion)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, 1, ?8) ON CONFLICT (key) DO NOTHING",
            )?
            .execute(params![
                keys.of(&self.source, &self.target),
                self.site,
                self.source.as_str(),
                self.target.as_str(),
                self.source.host(),
                self.protocols.bits(),
                now.as_millis(),
                occasion.as_str(),
            ])?;
        connection
            .prepare_cached(
                "UPDATE mention SET verify_at = max(verify_at, ?2), asked_at = ?3 WHERE id = ?1",
            )?
            .execute(params![
                self.id,
                now.plus(LOST_AFTER).as_millis(),
                now.as_millis()
            ])?;
        Ok(())
    }
}

/// Notes that a mention was found as it should be.
pub(super) fn in_order(
    connection: &Connection,
    id: MentionId,
    next: NextCheck,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE mention SET verify_at = ?2, checks = ?3, failures = 0, failing_since = NULL,
               doubted_at = NULL
             WHERE id = ?1",
        )?
        .execute(params![id.0, next.at.as_millis(), next.checks])?;
    Ok(())
}

/// Notes that nothing was learnt of a mention; asks again at `again_at`, if that is for the mention to say.
pub(super) fn failed(
    connection: &Connection,
    id: MentionId,
    again_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE mention SET failures = failures + 1,
               failing_since = coalesce(failing_since, ?2), verify_at = coalesce(?3, verify_at)
             WHERE id = ?1",
        )?
        .execute(params![
            id.0,
            now.as_millis(),
            again_at.map(Timestamp::as_millis)
        ])?;
    Ok(())
}

/// Notes that no link was found where nobody had said that it is gone; looks again at `again_at`.
pub(super) fn doubted(
    connection: &Connection,
    id: MentionId,
    again_at: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE mention SET doubted_at = coalesce(doubted_at, ?2), failures = 0,
               failing_since = NULL, verify_at = ?3
             WHERE id = ?1",
        )?
        .execute(params![id.0, now.as_millis(), again_at.as_millis()])?;
    Ok(())
}

/// How a mention stands; the first column of `row` that tells of it is `first`: `id,
/// page_url, etag, last_modified, checks, failures, failing_since, doubted_at`.
pub(super) fn known(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<Known>> {
    let column = |n: usize| first.saturating_add(n);
    if row.get::<_, Option<i64>>(first)?.is_none() {
        return Ok(None);
    }
    let moment = |n| -> rusqlite::Result<Option<Timestamp>> {
        Ok(row
            .get::<_, Option<i64>>(column(n))?
            .map(Timestamp::from_millis))
    };
    Ok(Some(Known {
        validators: rows::validators(row, column(1))?,
        checks: row.get(column(4))?,
        failures: row.get(column(5))?,
        failing_since: moment(6)?,
        doubted_at: moment(7)?,
    }))
}

#[cfg(test)]
mod tests;
