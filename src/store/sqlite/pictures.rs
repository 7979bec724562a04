//! Which pictures are due: their domains take turns, as in `lanes`, but with one picture at a time.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{media, rows};
use crate::model::{SourceUrl, Timestamp, Validators};
use crate::store::{ClaimedPictures, LeasedPicture, PictureLease, PictureRequest, StoreError};

/// The domains whose turn it is, the one that has waited longest first.
const DUE: &str = "SELECT domain, free_at, full_at FROM picture_lane
     WHERE next_at <= ?1 ORDER BY next_at LIMIT ?2";

/// The first picture of a domain.
const FIRST: &str = "SELECT due_at FROM picture WHERE domain = ?1 ORDER BY due_at LIMIT 1";

/// What to ask for at a domain.
const TAKE: &str = "UPDATE picture SET lease = ?3, due_at = ?4
     WHERE id = (SELECT id FROM picture WHERE domain = ?1 AND due_at <= ?2 ORDER BY due_at LIMIT 1)
     RETURNING id, url, role, failures, media_hash IS NOT NULL, page_url, etag, last_modified";

/// A domain that pictures are on.
struct Lane {
    domain: String,
    free_at: Timestamp,
    full_at: Timestamp,
}

/// When the first domain has its turn.
pub(super) fn next_turn(connection: &Connection) -> Result<Option<Timestamp>, StoreError> {
    let next_at: Option<i64> = connection
        .prepare_cached("SELECT min(next_at) FROM picture_lane")?
        .query_row([], |row| row.get(0))?;
    Ok(next_at.map(Timestamp::from_millis))
}

/// A picture of the domain is due at `at`.
pub(super) fn wake(connection: &Connection, domain: &str, at: Timestamp) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO picture_lane (domain, next_at) VALUES (?1, ?2)
             ON CONFLICT (domain) DO UPDATE SET
               next_at = min(next_at, max(free_at, excluded.next_at))",
        )?
        .execute(params![domain, at.as_millis()])?;
    Ok(())
}

/// Something has changed about the pictures of a domain: works out when to look at it.
pub(super) fn settle(
    connection: &Connection,
    domain: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let lane = connection
        .prepare_cached("SELECT domain, free_at, full_at FROM picture_lane WHERE domain = ?1")?
        .query_row([domain], Lane::read)
        .optional()?;
    match lane {
        Some(lane) => lane.save(connection, lane.first_due(connection)?, now),
        None => Ok(()),
    }
}

/// The domain asks to be left alone until then.
pub(super) fn hold(
    connection: &Connection,
    domain: &str,
    until: Timestamp,
) -> Result<(), StoreError> {
    for statement in [
        "UPDATE picture_lane SET free_at = max(free_at, ?2), next_at = max(next_at, ?2)
         WHERE domain = ?1",
        "UPDATE lane SET free_at = max(free_at, ?2), next_at = max(next_at, ?2) WHERE domain = ?1",
    ] {
        connection
            .prepare_cached(statement)?
            .execute(params![domain, until.as_millis()])?;
    }
    Ok(())
}

pub(super) fn claim(
    connection: &Connection,
    request: &PictureRequest,
    holder: i64,
    now: Timestamp,
) -> Result<ClaimedPictures, StoreError> {
    // Those that are busy do not count.
    let limit = request.limit.saturating_add(request.busy.len());
    let mut claimed = ClaimedPictures::default();
    let mut is_all = true;
    for mut lane in due(connection, now, limit)? {
        if claimed.pictures.len() >= request.limit {
            is_all = false;
            break;
        }
        if request.busy.contains(&lane.domain) {
            continue;
        }
        if let Some(picture) = lane.take(connection, request, holder, now)? {
            claimed.pictures.push(picture);
        }
    }
    claimed.next_at = if is_all {
        next_after(connection, now)?
    } else {
        Some(now)
    };
    Ok(claimed)
}

fn due(connection: &Connection, now: Timestamp, limit: usize) -> Result<Vec<Lane>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(DUE)?;
    let lanes = statement.query_map(params![now.as_millis(), limit], Lane::read)?;
    Ok(lanes.collect::<Result<_, _>>()?)
}

fn next_after(connection: &Connection, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT next_at FROM picture_lane WHERE next_at > ?1 ORDER BY next_at LIMIT 1",
        )?
        .query_row([now.as_millis()], |row| row.get(0))
        .optional()?
        .map(Timestamp::from_millis))
}

impl Lane {
    /// Reads a row of `domain, free_at, full_at`.
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            domain: row.get(0)?,
            free_at: Timestamp::from_millis(row.get(1)?),
            full_at: Timestamp::from_millis(row.get(2)?),
        })
    }

    /// Takes the first picture of the domain, if one is due and the domain may be asked; writes down when
    /// to look at it again.
    fn take(
        &mut self,
        connection: &Connection,
        request: &PictureRequest,
        holder: i64,
        now: Timestamp,
    ) -> Result<Option<LeasedPicture>, StoreError> {
        let (page_free_at, is_known) = self.page_lane(connection)?;
        self.free_at = self.free_at.max(page_free_at);
        let first = self.first_due(connection)?;
        if first.is_none_or(|due| due > now) || self.free_at > now {
            self.save(connection, first, now)?;
            return Ok(None);
        }
        if let Some(pace) = request.manners.of_domain(is_known) {
            match pace.admit(self.full_at, now) {
                Ok(full_at) => self.full_at = full_at,
                Err(wait) => {
                    self.free_at = now.plus(wait);
                    self.save(connection, first, now)?;
                    return Ok(None);
                }
            }
        }
        let lease_ends = now.plus(request.lease).as_millis();
        let found = connection
            .prepare_cached(TAKE)?
            .query_row(
                params![self.domain, now.as_millis(), holder, lease_ends],
                |row| {
                    Ok(Taken {
                        id: row.get(0)?,
                        url: row.get(1)?,
                        role: row.get(2)?,
                        failures: row.get(3)?,
                        has_copy: row.get(4)?,
                        validators: rows::validators(row, 5)?,
                    })
                },
            )
            .optional()?;
        // Whatever is asked of a domain, there is a pause after it; a page, if one waits, comes first.
        let pause = request.manners.interval;
        self.free_at = now.plus(pause.saturating_mul(2));
        connection
            .prepare_cached("UPDATE lane SET free_at = max(free_at, ?2) WHERE domain = ?1")?
            .execute(params![self.domain, now.plus(pause).as_millis()])?;
        let next = self.first_due(connection)?;
        self.save(connection, next, now)?;
        found
            .map(|taken| taken.into_leased(&self.domain, holder))
            .transpose()
    }

    /// What the domain is to us as a source of pages: when it may be asked, and whether it is known.
    fn page_lane(&self, connection: &Connection) -> Result<(Timestamp, bool), StoreError> {
        let found = connection
            .prepare_cached("SELECT free_at, is_known FROM lane WHERE domain = ?1")?
            .query_row([&self.domain], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let (free_at, is_known) = found.unwrap_or((i64::MIN, false));
        Ok((Timestamp::from_millis(free_at), is_known))
    }

    fn first_due(&self, connection: &Connection) -> Result<Option<Timestamp>, StoreError> {
        let first = connection
            .prepare_cached(FIRST)?
            .query_row([&self.domain], |row| row.get(0))
            .optional()?;
        Ok(first.map(Timestamp::from_millis))
    }

    /// Writes when to look at it again; a domain with no pictures is forgotten once there is nothing left
    /// to remember.
    fn save(
        &self,
        connection: &Connection,
        first_due: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let next_at = match first_due {
            Some(due) => due.max(self.free_at),
            None => self.free_at.max(self.full_at),
        };
        if first_due.is_none() && next_at <= now {
            connection
                .prepare_cached("DELETE FROM picture_lane WHERE domain = ?1")?
                .execute([&self.domain])?;
            return Ok(());
        }
        connection
            .prepare_cached(
                "UPDATE picture_lane SET next_at = ?2, free_at = ?3, full_at = ?4 WHERE domain = ?1",
            )?
            .execute(params![
                self.domain,
                next_at.as_millis(),
                self.free_at.as_millis(),
                self.full_at.as_millis(),
            ])?;
        Ok(())
    }
}

/// A picture's row, as it was taken.
struct Taken {
    id: i64,
    url: String,
    role: String,
    failures: u32,
    has_copy: bool,
    validators: Option<Validators>,
}

impl Taken {
    fn into_leased(self, domain: &str, holder: i64) -> Result<LeasedPicture, StoreError> {
        Ok(LeasedPicture {
            lease: PictureLease {
                picture: self.id,
                holder,
            },
            url: SourceUrl::parse(&self.url)
                .map_err(|e| StoreError::Corrupt(format!("picture: {e}")))?,
            role: media::role(&self.role)?,
            domain: domain.to_owned(),
            validators: self.validators.filter(|_| self.has_copy),
            failures: self.failures,
        })
    }
}
