//! Leasing due submissions: the lanes take turns, and each gives what it is owed no more than.
//!
//! The work of a claim is bounded by what it asks for: it looks at as many lanes as it has room for
//! pages (and at those it must pass over), at a few rows of each, and at no other row.

use rusqlite::{Connection, OptionalExtension, Row, params};
use tracing::error;

use super::lanes::{self, Kind, Lane};
use super::{checks, rows};
use crate::model::{Secret, SiteId, StatusKey, Timestamp};
use crate::store::{Batch, ClaimRequest, Claimed, Lease, Leased, StoreError};

/// So many submissions of one source are leased together at most.
const MAX_BATCH: usize = 256;

/// So many rows of one lane are looked at in one claim: most of them are put off.
const MAX_LOOKS: usize = 64;

/// A row that is looked at again goes before fresh ones if it has waited so much longer.
const AGAIN_WAITS_MS: i64 = 600_000;

/// So many allowances that are full again are forgotten in one claim.
const FORGET_AT_ONCE: i64 = 64;

/// The first due row of a lane; `?3` is 0 for fresh ones and 1 for the others.
const HEAD: &str =
    "SELECT id, page, due_at, is_granted, coalesce(repeated_at, received_at), source,
       EXISTS (SELECT 1 FROM receipt AS r WHERE r.key = s.key AND r.mention_id IS NOT NULL),
       code IS NOT NULL
     FROM submission AS s
     WHERE lane = ?1 AND (attempts > 0) = ?3 AND due_at <= ?2 ORDER BY due_at LIMIT 1";

/// The due rows of one page.
const OF_PAGE: &str = "SELECT s.key, s.source, s.target, s.protocols, s.revision, s.attempts,
       s.occasion, coalesce(s.repeated_at, s.received_at), s.due_at, s.id, s.site_id, s.vouch,
       m.id, m.page_url, m.etag, m.last_modified, m.checks, m.failures, m.failing_since, m.doubted_at,
       s.code
     FROM submission AS s LEFT JOIN receipt AS r ON r.key = s.key
       LEFT JOIN mention AS m ON m.id = r.mention_id
     WHERE s.lane = ?1 AND s.page = ?2 AND s.is_granted = ?3 AND s.due_at <= ?4 AND s.source = ?5
     ORDER BY s.due_at LIMIT ?6";

/// The place in its allowance that is kept for a page already.
const GRANTED: &str = "SELECT due_at FROM submission
     WHERE lane = ?1 AND page = ?2 AND is_granted = 1 ORDER BY due_at DESC LIMIT 1";

/// The first due row of a lane.
struct Head {
    id: i64,
    page: i64,
    due_at: Timestamp,
    is_again: bool,
    is_granted: bool,
    submitted_at: Timestamp,
    source: String,
    kind: Kind,
}

impl Head {
    /// See [`Leased::since`].
    fn since(&self) -> Timestamp {
        since(self.is_again, self.submitted_at, self.due_at)
    }

    /// When it would have come, were it fresh.
    fn turn(&self) -> i64 {
        let handicap = if self.is_again { AGAIN_WAITS_MS } else { 0 };
        self.due_at.as_millis().saturating_add(handicap)
    }
}

/// What may be done about a row now.
enum Leave {
    /// Fetch its page.
    Fetch,
    /// Nothing: its domain is to be left alone until then.
    Wait(Timestamp),
    /// Put it off until then.
    PutOff(Timestamp),
}

pub(super) fn claim(
    connection: &Connection,
    request: &ClaimRequest,
    holder: i64,
    now: Timestamp,
) -> Result<Claimed, StoreError> {
    forget_allowances(connection, now)?;
    let mut claim = Claim {
        connection,
        request,
        holder,
        now,
        batches: Vec::new(),
        is_cut: false,
    };
    // Those that are full do not count.
    let limit = request.limit.saturating_add(request.busy.len());
    let lanes = lanes::due(connection, now, limit)?;
    let mut is_all = lanes.len() < limit;
    for mut lane in lanes {
        if claim.batches.len() >= request.limit {
            is_all = true;
            break;
        }
        let busy = request.busy.get(&lane.domain).copied().unwrap_or(0);
        let room = request.per_host.saturating_sub(busy);
        if room > 0 {
            claim.take(&mut lane, room)?;
        }
    }
    let next_at = if is_all && !claim.is_cut {
        lanes::next_after(connection, now)?
    } else {
        Some(now)
    };
    Ok(Claimed {
        batches: claim.batches,
        next_at,
    })
}

/// A claim under way.
struct Claim<'a> {
    connection: &'a Connection,
    request: &'a ClaimRequest,
    holder: i64,
    now: Timestamp,
    batches: Vec<Batch>,
    /// A lane has more to give, and was left so as not to take too long.
    is_cut: bool,
}

impl Claim<'_> {
    /// Takes up to `room` pages of a lane.
    fn take(&mut self, lane: &mut Lane, room: usize) -> Result<(), StoreError> {
        let now = self.now;
        let end = self
            .batches
            .len()
            .saturating_add(room)
            .min(self.request.limit);
        let mut looks = 0_usize;
        let has_paid = loop {
            let Some(head) = self.head(lane)? else {
                break false;
            };
            let has_paid = lane.has_paid_for(head.page, head.since(), now);
            if self.batches.len() >= end {
                break has_paid;
            }
            if looks >= MAX_LOOKS {
                self.is_cut = true;
                break has_paid;
            }
            looks = looks.saturating_add(1);
            if !has_paid {
                match self.leave(lane, &head)? {
                    Leave::Fetch => {}
                    Leave::Wait(until) => {
                        lane.free_at = until;
                        break false;
                    }
                    Leave::PutOff(until) => {
                        self.put_off(&head, until)?;
                        continue;
                    }
                }
                lane.free_at = now.plus(self.request.manners.interval);
                (lane.page, lane.page_at) = (Some(head.page), now);
            }
            let leased = self.lease(lane, &head)?;
            if !leased.is_empty() {
                self.batches.push(Batch {
                    domain: lane.domain.clone(),
                    leased,
                });
            }
        };
        lane.save(self.connection, has_paid, now)
    }

    /// The row whose turn it is.
    fn head(&self, lane: &Lane) -> Result<Option<Head>, StoreError> {
        let mut statement = self.connection.prepare_cached(HEAD)?;
        let mut first = |is_again: bool| {
            statement
                .query_row(params![lane.id, self.now.as_millis(), is_again], |row| {
                    Ok(Head {
                        id: row.get(0)?,
                        page: row.get(1)?,
                        due_at: Timestamp::from_millis(row.get(2)?),
                        is_again,
                        is_granted: row.get(3)?,
                        submitted_at: Timestamp::from_millis(row.get(4)?),
                        source: row.get(5)?,
                        kind: match (row.get(6)?, row.get(7)?) {
                            (_, true) => Kind::Private,
                            (true, false) => Kind::Known,
                            (false, false) => Kind::Unknown,
                        },
                    })
                })
                .optional()
        };
        let (fresh, again) = (first(false)?, first(true)?);
        Ok(match (fresh, again) {
            (Some(fresh), Some(again)) if again.turn() < fresh.turn() => Some(again),
            (fresh, again) => fresh.or(again),
        })
    }

    /// Whether the page of `head` may be fetched now, as far as lane, domain and page allow; counted if so.
    fn leave(&self, lane: &mut Lane, head: &Head) -> Result<Leave, StoreError> {
        let (now, manners) = (self.now, &self.request.manners);
        if lane.free_at > now {
            return Ok(Leave::Wait(lane.free_at));
        }
        let full_at = match manners.of_domain(lane.is_known) {
            None => lane.full_at,
            Some(pace) => match pace.admit(lane.full_at, now) {
                Ok(full_at) => full_at,
                Err(wait) => return Ok(Leave::Wait(now.plus(wait))),
            },
        };
        if let Some(pace) = manners.of_page(head.kind == Kind::Known)
            && !head.is_granted
        {
            match self.granted(lane, head)? {
                Some(place) if place > now => return Ok(Leave::PutOff(place)),
                // Its time has come together with this one's.
                Some(_) => {}
                None => {
                    let address = lanes::address(&head.source, head.kind);
                    let (place, full_at) = pace.reserve(self.allowance(address)?, now);
                    self.connection
                        .prepare_cached(
                            "INSERT INTO allowance (address, full_at) VALUES (?1, ?2)
                             ON CONFLICT (address) DO UPDATE SET full_at = excluded.full_at",
                        )?
                        .execute(params![address, full_at.as_millis()])?;
                    if place > now {
                        return Ok(Leave::PutOff(place));
                    }
                }
            }
        }
        lane.full_at = full_at;
        Ok(Leave::Fetch)
    }

    /// The place in its allowance that is kept for the page of `head` already.
    fn granted(&self, lane: &Lane, head: &Head) -> Result<Option<Timestamp>, StoreError> {
        Ok(self
            .connection
            .prepare_cached(GRANTED)?
            .query_row(params![lane.id, head.page], |row| row.get(0))
            .optional()?
            .map(Timestamp::from_millis))
    }

    fn allowance(&self, address: i64) -> Result<Timestamp, StoreError> {
        let full_at = self
            .connection
            .prepare_cached("SELECT full_at FROM allowance WHERE address = ?1")?
            .query_row([address], |row| row.get(0))
            .optional()?;
        Ok(full_at.map_or(self.now, Timestamp::from_millis))
    }

    fn put_off(&self, head: &Head, until: Timestamp) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "UPDATE submission SET due_at = ?2, not_before = max(not_before, ?2), is_granted = 1
                 WHERE id = ?1",
            )?
            .execute(params![head.id, until.as_millis()])?;
        Ok(())
    }

    /// Leases what is due of the page of `head`.
    fn lease(&self, lane: &Lane, head: &Head) -> Result<Vec<Leased>, StoreError> {
        let mut leased: Vec<(i64, Leased)> = Vec::new();
        let mut corrupt = Vec::new();
        let mut statement = self.connection.prepare_cached(OF_PAGE)?;
        for is_granted in [1, 0] {
            let room = MAX_BATCH.saturating_sub(leased.len());
            let mut rows = statement.query(params![
                lane.id,
                head.page,
                is_granted,
                self.now.as_millis(),
                head.source,
                i64::try_from(room).unwrap_or(i64::MAX),
            ])?;
            while let Some(row) = rows.next()? {
                match leased_from(row, self.holder) {
                    Ok(one) => leased.push((row.get(9)?, one)),
                    // One bad row must not hold up all the others.
                    Err(StoreError::Corrupt(what)) => {
                        corrupt.push((row.get::<_, StatusKey>(0)?, what));
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        let until = self.now.plus(self.request.lease).as_millis();
        let mut statement = self.connection.prepare_cached(
            "UPDATE submission SET lease = ?2, due_at = ?3, attempts = attempts + 1, is_granted = 0
             WHERE id = ?1",
        )?;
        for (id, _) in &leased {
            statement.execute(params![id, self.holder, until])?;
        }
        for (key, what) in corrupt {
            error!(submission.key = %key, what, "setting aside a submission that cannot be read");
            self.connection.execute(
                "UPDATE submission SET due_at = ?2 WHERE key = ?1",
                params![key, i64::MAX],
            )?;
        }
        Ok(leased.into_iter().map(|(_, one)| one).collect())
    }
}

/// A row of [`OF_PAGE`].
fn leased_from(row: &Row<'_>, holder: i64) -> Result<Leased, StoreError> {
    let attempts: u32 = row.get(5)?;
    let submitted_at = Timestamp::from_millis(row.get(7)?);
    let due_at = Timestamp::from_millis(row.get(8)?);
    Ok(Leased {
        lease: Lease {
            key: row.get(0)?,
            holder,
            revision: row.get(4)?,
        },
        source: rows::source(&row.get::<_, String>(1)?)?,
        target: rows::target(&row.get::<_, String>(2)?)?,
        protocols: rows::protocols(row.get(3)?)?,
        attempts,
        since: since(attempts > 0, submitted_at, due_at),
        occasion: rows::occasion(&row.get::<_, String>(6)?)?,
        site: SiteId(row.get(10)?),
        vouch: row
            .get::<_, Option<String>>(11)?
            .map(|vouch| rows::source(&vouch))
            .transpose()?,
        code: row
            .get::<_, Option<String>>(20)?
            .map(|code| {
                let corrupt = || StoreError::Corrupt("a code".to_owned());
                Secret::new(&code).ok_or_else(corrupt)
            })
            .transpose()?,
        known: checks::known(row, 12)?,
    })
}

/// See [`Leased::since`].
fn since(is_again: bool, submitted_at: Timestamp, due_at: Timestamp) -> Timestamp {
    if is_again {
        submitted_at.max(due_at)
    } else {
        submitted_at
    }
}

fn forget_allowances(connection: &Connection, now: Timestamp) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "DELETE FROM allowance WHERE address IN (
               SELECT address FROM allowance WHERE full_at <= ?1 LIMIT ?2)",
        )?
        .execute(params![now.as_millis(), FORGET_AT_ONCE])?;
    Ok(())
}

#[cfg(test)]
mod tests;
