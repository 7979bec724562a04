//! Lanes: the queue, sorted by the domain of the source. Who has a turn, and when.
//!
//! What is known of a lane is a lower bound: it is looked at no later than its first row is due. So
//! whatever makes a row due *later*, or takes it away, need not touch its lane; whatever makes it due
//! *sooner* leaves the row unsorted, for the next claim.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest as _, Sha256};

use crate::model::{StatusKey, Timestamp, domain_of};
use crate::store::{PAGE_SPEAKS_FOR, StoreError};

/// So many rows are sorted in one transaction: some milliseconds.
const SORT_AT_ONCE: usize = 512;

/// The lanes that are due, the one that has waited longest first.
pub(super) const DUE: &str = "SELECT id, domain, free_at, full_at, is_known, page, page_at
     FROM lane WHERE next_at <= ?1 ORDER BY next_at LIMIT ?2";

/// When the next lane is due.
pub(super) const NEXT: &str =
    "SELECT next_at FROM lane WHERE next_at > ?1 ORDER BY next_at LIMIT 1";

/// When the first row of a lane is due; `?2` is 0 for fresh ones and 1 for the others.
pub(super) const FIRST: &str =
    "SELECT due_at FROM submission WHERE lane = ?1 AND (attempts > 0) = ?2 ORDER BY due_at LIMIT 1";

/// What is to be sorted.
pub(super) const NEW: &str =
    "SELECT id, host, source, due_at, CASE WHEN code IS NOT NULL THEN key END
     FROM submission WHERE lane IS NULL ORDER BY id LIMIT ?1";

/// A domain that sources are on.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) id: i64,
    pub(super) domain: String,
    /// No fetch before this.
    pub(super) free_at: Timestamp,
    /// When its bucket is full again.
    pub(super) full_at: Timestamp,
    /// Whether a link on it was verified once.
    pub(super) is_known: bool,
    /// The page handed out last, and when.
    pub(super) page: Option<i64>,
    pub(super) page_at: Timestamp,
}

impl Lane {
    /// Whether a row of `page`, which was submitted at `since`, needs no fetch of its own: one that
    /// began after that was paid for already, and its page still speaks.
    pub(super) fn has_paid_for(&self, page: i64, since: Timestamp, now: Timestamp) -> bool {
        self.page == Some(page) && since < self.page_at && now.since(self.page_at) < PAGE_SPEAKS_FOR
    }

    /// Writes what has become of the lane; `has_paid` if its first due row needs no fetch.
    pub(super) fn save(
        &self,
        connection: &Connection,
        has_paid: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let next_at = match self.first_due(connection)? {
            // After those who have waited for their turn meanwhile.
            Some(due) if has_paid => due.max(now),
            Some(due) => due.max(self.free_at),
            None if self.is_known => Timestamp::from_millis(i64::MAX),
            None => {
                let blank_at = self.free_at.max(self.full_at);
                if blank_at <= now {
                    connection
                        .prepare_cached("DELETE FROM lane WHERE id = ?1")?
                        .execute([self.id])?;
                    return Ok(());
                }
                blank_at
            }
        };
        connection
            .prepare_cached(
                "UPDATE lane SET next_at = ?2, free_at = ?3, full_at = ?4, page = ?5, page_at = ?6
                 WHERE id = ?1",
            )?
            .execute(params![
                self.id,
                next_at.as_millis(),
                self.free_at.as_millis(),
                self.full_at.as_millis(),
                self.page,
                self.page_at.as_millis(),
            ])?;
        Ok(())
    }

    fn first_due(&self, connection: &Connection) -> Result<Option<Timestamp>, StoreError> {
        let mut statement = connection.prepare_cached(FIRST)?;
        let mut first = None;
        for is_again in [0, 1] {
            let due = statement
                .query_row(params![self.id, is_again], |row| row.get(0))
                .optional()?
                .map(Timestamp::from_millis);
            first = match (first, due) {
                (Some(one), Some(other)) => Some(std::cmp::min::<Timestamp>(one, other)),
                (one, other) => one.or(other),
            };
        }
        Ok(first)
    }
}

/// The first `limit` lanes that are due.
pub(super) fn due(
    connection: &Connection,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Lane>, StoreError> {
    let mut statement = connection.prepare_cached(DUE)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let lanes = statement.query_map(params![now.as_millis(), limit], |row| {
        Ok(Lane {
            id: row.get(0)?,
            domain: row.get(1)?,
            free_at: Timestamp::from_millis(row.get(2)?),
            full_at: Timestamp::from_millis(row.get(3)?),
            is_known: row.get(4)?,
            page: row.get(5)?,
            page_at: Timestamp::from_millis(row.get(6)?),
        })
    })?;
    Ok(lanes.collect::<Result<_, _>>()?)
}

/// When the next lane after `now` is due.
pub(super) fn next_after(
    connection: &Connection,
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    Ok(connection
        .prepare_cached(NEXT)?
        .query_row([now.as_millis()], |row| row.get(0))
        .optional()?
        .map(Timestamp::from_millis))
}

/// A row that is in no lane yet.
struct New {
    id: i64,
    domain: String,
    page: i64,
    due_at: i64,
}

/// Sorts some of the rows that are new into their lanes; whether no more are left.
pub(super) fn sort(connection: &Connection) -> Result<bool, StoreError> {
    let new: Vec<New> = {
        let mut statement = connection.prepare_cached(NEW)?;
        let limit = i64::try_from(SORT_AT_ONCE).unwrap_or(i64::MAX);
        let rows = statement.query_map([limit], |row| {
            Ok(New {
                id: row.get(0)?,
                domain: domain_of(row.get_ref(1)?.as_str()?).to_owned(),
                page: page(row.get_ref(2)?.as_str()?, row.get(4)?),
                due_at: row.get(3)?,
            })
        })?;
        rows.collect::<Result<_, _>>()?
    };
    let mut first_due: HashMap<&str, i64> = HashMap::new();
    for row in &new {
        let due_at = first_due.entry(&row.domain).or_insert(row.due_at);
        *due_at = row.due_at.min(*due_at);
    }
    let mut lanes: HashMap<&str, i64> = HashMap::new();
    let mut statement = connection.prepare_cached(
        "INSERT INTO lane (domain, next_at) VALUES (?1, ?2) ON CONFLICT (domain) DO UPDATE SET
           next_at = min(next_at, max(free_at, excluded.next_at)) RETURNING id",
    )?;
    for (domain, due_at) in first_due {
        lanes.insert(
            domain,
            statement.query_row(params![domain, due_at], |row| row.get(0))?,
        );
    }
    let mut statement =
        connection.prepare_cached("UPDATE submission SET lane = ?2, page = ?3 WHERE id = ?1")?;
    for row in &new {
        statement.execute(params![row.id, lanes.get(&*row.domain), row.page])?;
    }
    Ok(new.len() < SORT_AT_ONCE)
}

/// How a domain stands, as far as it concerns who has nothing to send.
#[derive(Debug)]
pub(super) struct Standing {
    /// No fetch before this.
    pub(super) free_at: Timestamp,
    /// What waits to be looked at again, counted up to a limit.
    pub(super) again: i64,
}

/// How `domain` stands, if anything waits in it or is remembered of it; what waits is counted up to `limit`.
pub(super) fn standing(
    connection: &Connection,
    domain: &str,
    limit: i64,
) -> Result<Option<Standing>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT free_at, (SELECT count(*) FROM (SELECT 1 FROM submission
               WHERE lane = l.id AND (attempts > 0) = 1 LIMIT ?2))
             FROM lane AS l WHERE domain = ?1",
        )?
        .query_row(params![domain, limit], |row| {
            Ok(Standing {
                free_at: Timestamp::from_millis(row.get(0)?),
                again: row.get(1)?,
            })
        })
        .optional()?)
}

/// The source of the submission `key` asks to be left alone until then. That is said for the host, not
/// for the page.
pub(super) fn hold(
    connection: &Connection,
    key: StatusKey,
    until: Timestamp,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE lane SET free_at = max(free_at, ?2), next_at = max(next_at, ?2)
             WHERE id = (SELECT lane FROM submission WHERE key = ?1)",
        )?
        .execute(params![key, until.as_millis()])?;
    Ok(())
}

/// A link on the source of the submission `key` was verified: its domain is known from now on.
pub(super) fn know(connection: &Connection, key: StatusKey) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE lane SET is_known = 1
             WHERE id = (SELECT lane FROM submission WHERE key = ?1) AND is_known = 0",
        )?
        .execute([key])?;
    Ok(())
}

/// What stands for a source in the queue. A private one is a page of its own, to be paid for by itself: what
/// is seen with one's code is nothing to judge others by.
fn page(source: &str, private: Option<StatusKey>) -> i64 {
    match private {
        Some(key) => hash(source, &key.to_string()),
        None => hash(source, ""),
    }
}

/// What is known of a source that waits, as far as its allowance goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Unknown,
    /// A link on it was verified.
    Known,
    /// It is opened with a code.
    Private,
}

/// What stands for the sources that are equal to this one but for scheme, query and fragment. Those that are
/// known are apart from those that are not, one without a query from those with one, and private ones from
/// all: a flood of one kind keeps no other waiting.
pub(super) fn address(source: &str, kind: Kind) -> i64 {
    let source = source.split_once("://").map_or(source, |(_, rest)| rest);
    let source = source.split('#').next().unwrap_or_default();
    let (path, query) = match source.split_once('?') {
        Some((path, _)) => (path, "?"),
        None => (source, ""),
    };
    let mark = match kind {
        Kind::Private => "?private",
        Kind::Known => "?known",
        Kind::Unknown => query,
    };
    hash(path, mark)
}

/// A cryptographic hash, so that nobody can make two pages, or two victims, be one.
fn hash(text: &str, mark: &str) -> i64 {
    let hash = Sha256::new()
        .chain_update(text)
        .chain_update(mark)
        .finalize();
    let mut bytes = [0; 8];
    for (to, from) in bytes.iter_mut().zip(hash) {
        *to = from;
    }
    i64::from_le_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn an_address_is_one_whatever_its_scheme_query_and_fragment() {
        let address = |source| super::address(source, Kind::Unknown);
        let with_query = address("https://s.example/a?x=1");
        let known = super::address("https://s.example/a?x=1", Kind::Known);
        let private = super::address("https://s.example/a?x=1", Kind::Private);
        assert_ne!(known, with_query);
        assert!(private != with_query && private != known);
        for same in [
            "http://s.example/a?x=1",
            "https://s.example/a?y=2&z#top",
            "https://s.example/a?",
        ] {
            assert_eq!(address(same), with_query, "{same}");
        }
        for other in [
            "https://s.example/a",
            "https://s.example/b?x=1",
            "https://s.example/",
            "https://t.example/a?x=1",
        ] {
            assert_ne!(address(other), with_query, "{other}");
        }
        assert_eq!(
            address("https://s.example/a#one?two"),
            address("http://s.example/a")
        );
    }
}
