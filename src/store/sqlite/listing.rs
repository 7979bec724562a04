//! What readers are shown, and what owners are: mentions by page, site or host, in each order, with what they
//! are filtered by; their counts and versions; and what is shown no longer.
//!
//! Each index of the table `mention` gives one kind of one page, or host, in one order. What is asked
//! for is merged of as many of them as it takes (`merge`), and only of kinds that there are. So no row is
//! visited that is not listed, but for two filters in an order that is not theirs: then the rows they
//! leave are sorted, if they are few, or else passed over, so many at a time at most.

use std::collections::BTreeSet;

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params};

use super::merge::{Merge, Merges, Name, Place, Ranges, Wanted};
use super::snapshot::Snapshot;
use super::{media, rows};
use crate::model::{ChangeNumber, Mention, MentionId, MentionState, SiteId};
use crate::store::{
    Cursor, MentionPage, MentionQuery, OrderBy, Scope, ScopeCounts, StoreError, Tombstone,
    TombstonePage, TombstoneQuery, Version,
};

mod queries;
#[cfg(test)]
mod tests;
mod units;
mod walk;

use self::queries::{keyed, numbered, of_author, tombstones, unshown};
use self::units::{Units, UnitsAre};
pub(super) use self::walk::{Look, Progress};
use self::walk::{Walk, Walked, walk_sorted};

/// So many rows are sorted in memory at most.
const MAX_SORTED: usize = 1000;

/// So many rows of an index are visited at once at most: reads run where requests are answered.
const MAX_VISITED: usize = 10_000;

pub(super) fn version(connection: &Connection, scope: &Scope) -> Result<Version, StoreError> {
    Ok(Units::of(connection, scope)?.version())
}

pub(super) fn counts(connection: &Connection, scope: &Scope) -> Result<ScopeCounts, StoreError> {
    let units = Units::of(connection, scope)?;
    Ok(ScopeCounts {
        version: units.version(),
        counts: units.counts(),
    })
}

pub(super) fn mentions(
    connection: &Connection,
    query: &MentionQuery,
    progress: Progress,
) -> Result<Look<MentionPage>, StoreError> {
    // One snapshot: the version must be that of the rows.
    let snapshot = Snapshot::of(connection)?;
    let listing = Listing {
        connection: &snapshot,
        units: Units::of(&snapshot, &query.scope)?,
        query,
    };
    let few = listing.few(progress)?;
    let total = if listing.is_narrowed() {
        few.as_ref().map(|few| few.len().try_into().unwrap_or(0))
    } else {
        Some(listing.units.count(query))
    };
    let walked = match few {
        Some(few) => walk_sorted(listing.sorted(few)?, query, progress),
        None if total.is_some_and(|total| total <= progress.skip) => Walked::nothing(progress),
        None => listing.walk(progress)?,
    };
    Ok(Look {
        page: MentionPage {
            version: listing.units.version(),
            counts: listing.units.counts(),
            total,
            mentions: read(&snapshot, &walked.places)?,
            end: walked.end,
            has_more: walked.has_more,
        },
        next: walked.next,
    })
}

pub(super) fn deleted(
    connection: &Connection,
    query: &TombstoneQuery,
    progress: Progress,
) -> Result<Look<TombstonePage>, StoreError> {
    let snapshot = Snapshot::of(connection)?;
    let units = Units::of(&snapshot, &query.scope)?;
    let since = Cursor::after_change(query.since);
    let after = match (query.ascending, progress.after) {
        (true, after) => Some(after.map_or(since, |after| after.max(since))),
        (false, after) => after,
    };
    let ranges = Ranges {
        queries: tombstones(units.are, query.ascending),
        names: units
            .all
            .iter()
            .map(|unit| Name::new(unit.id, ""))
            .collect(),
        ascending: query.ascending,
        after: after.map(place),
        until: None,
        common: Value::Null,
    };
    let mut merge = Merge::new(&snapshot, ranges)?;
    let mut walk = Walk::new(progress, query.limit);
    while let Some(row) = merge.next()? {
        // Downwards, the first one that is too old is the end of what is listed.
        if row.place.0 <= query.since.0 || !walk.take(row.place, merge.visited) {
            break;
        }
    }
    let walked = walk.end();
    let mut tombstones = Vec::with_capacity(walked.places.len());
    for (_, id) in &walked.places {
        tombstones.push(tombstone(&snapshot, *id)?);
    }
    Ok(Look {
        page: TombstonePage {
            tombstones,
            end: walked.end,
            has_more: walked.has_more,
        },
        next: walked.next,
    })
}

/// Private mentions, newest first.
pub(super) fn private(
    connection: &Connection,
    site: Option<SiteId>,
    before: Option<MentionId>,
    limit: usize,
) -> Result<Vec<Mention>, StoreError> {
    let before = before.map_or(i64::MAX, |id| id.0);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(
        "SELECT m.id, m.source, m.target, m.protocols, m.kind, m.url, m.entry, m.received_at,
           m.verified_at, m.is_shown, m.is_private
         FROM mention AS m CROSS JOIN page AS p ON p.id = m.page_id
         WHERE m.is_private AND m.id < ?1 AND (?2 IS NULL OR p.site_id = ?2)
         ORDER BY m.id DESC LIMIT ?3",
    )?;
    let mut rows = statement.query(params![before, site.map(|site| site.0), limit])?;
    let mut mentions = Vec::new();
    while let Some(row) = rows.next()? {
        mentions.push(rows::mention(row)?);
    }
    Ok(mentions)
}

/// One reading of one query.
struct Listing<'a> {
    connection: &'a Connection,
    units: Units,
    query: &'a MentionQuery,
}

impl Listing<'_> {
    /// Whether something is asked for that the counts do not know.
    fn is_narrowed(&self) -> bool {
        self.query.author_domain.is_some()
            || self.query.received_after.is_some()
            || !self.query.is_public()
    }

    /// The numbers of all that pass the filters, in no order that is of use, if they are few and it is
    /// of any use to know them.
    fn few(&self, progress: Progress) -> Result<Option<Vec<i64>>, StoreError> {
        let goes_on = progress.after.is_some() && self.query.order.by == OrderBy::Received;
        if !self.is_narrowed() || goes_on {
            return Ok(None);
        }
        let mut merges = self.by_number(true, None, MAX_SORTED)?;
        let mut few = Vec::new();
        while let Some(((_, id), is_wanted)) = merges.next()? {
            if few.len() == MAX_SORTED || merges.visited() > MAX_VISITED {
                return Ok(None);
            }
            if is_wanted {
                few.push(id);
            }
        }
        Ok(Some(few))
    }

    /// The rows in the order of their numbers, of those with the filters for which that order has an index; about
    /// so many are wanted.
    fn by_number(
        &self,
        ascending: bool,
        after: Option<Cursor>,
        wanted: usize,
    ) -> Result<Merges<'_>, StoreError> {
        let query = self.query;
        let author = query.author_domain.clone();
        let common = author.map_or(Value::Null, Value::Text);
        let low = self.query.received_after.map(|id| id.0);
        let after = after.map(|cursor| cursor.id.0);
        let (after, until) = if ascending {
            (after.max(low), None)
        } else {
            (after, low)
        };
        let after = after.map(|id| (id, id));
        let merge = |queries, names| {
            let common = common.clone();
            let ranges = Ranges {
                queries,
                names,
                ascending,
                after,
                until,
                common,
            };
            Merge::new(self.connection, ranges)
        };
        // What is found by the host, and marked with its page, is to be of a page that is asked for.
        let on_hosts = match self.units.are {
            UnitsAre::Hosts => Wanted::Marked,
            UnitsAre::Pages => Wanted::of(self.units.all.iter().map(|unit| unit.id)),
        };
        let states: BTreeSet<_> = query.states.iter().copied().collect();
        let mut merges = Vec::with_capacity(states.len());
        for state in states {
            merges.push(match (state, &query.author_domain) {
                (MentionState::Shown, None) => {
                    let queries = numbered(self.units.are, ascending);
                    (
                        merge(queries, self.units.ranges(query, wanted))?,
                        Wanted::Marked,
                    )
                }
                (MentionState::Shown, Some(_)) => {
                    let names = self.units.ranges_of_hosts(query);
                    (merge(of_author(ascending), names)?, on_hosts.clone())
                }
                (MentionState::Private | MentionState::Hidden, _) => {
                    let queries = unshown(state == MentionState::Private, ascending);
                    let names = self.units.ranges_of_unshown(query);
                    (merge(queries, names)?, on_hosts.clone())
                }
            });
        }
        Ok(Merges::new(merges))
    }

    /// The places of these mentions, in order.
    fn sorted(&self, numbers: Vec<i64>) -> Result<Vec<Place>, StoreError> {
        let column = match self.query.order.by {
            _ if !self.query.is_public() => None,
            OrderBy::Received => None,
            OrderBy::Published => Some("SELECT published_at FROM mention WHERE id = ?1"),
            OrderBy::Changed => Some("SELECT change FROM mention WHERE id = ?1"),
        };
        let mut places = Vec::with_capacity(numbers.len());
        for id in numbers {
            let key = match column {
                None => id,
                Some(column) => self
                    .connection
                    .prepare_cached(column)?
                    .query_row([id], |row| row.get(0))?,
            };
            places.push((key, id));
        }
        places.sort_unstable();
        if !self.query.order.ascending {
            places.reverse();
        }
        Ok(places)
    }

    /// Goes through the index until there is enough.
    fn walk(&self, progress: Progress) -> Result<Walked, StoreError> {
        let query = self.query;
        let ascending = query.order.ascending;
        let mut walk = Walk::new(progress, query.limit);
        // One more, to see whether there are more.
        let skipped = usize::try_from(progress.skip).unwrap_or(usize::MAX);
        let wanted = query.limit.saturating_add(skipped).saturating_add(1);
        if query.order.by == OrderBy::Received || !query.is_public() {
            let mut merges = self.by_number(ascending, progress.after, wanted)?;
            while let Some((place, is_wanted)) = merges.next()? {
                if !walk.see(place, is_wanted, merges.visited()) {
                    break;
                }
            }
            return Ok(walk.end());
        }
        let ranges = Ranges {
            queries: keyed(
                self.units.are,
                query.order.by,
                ascending,
                query.author_domain.is_some(),
            ),
            names: self.units.ranges(query, wanted),
            ascending,
            after: progress.after.map(place),
            until: None,
            common: query.author_domain.clone().map_or(Value::Null, Value::Text),
        };
        let mut merge = Merge::new(self.connection, ranges)?;
        let low = query.received_after.map_or(i64::MIN, |id| id.0);
        while let Some(row) = merge.next()? {
            // The mark says whether the author is the one who is asked for.
            let passes = row.place.1 > low && row.mark != 0;
            if !walk.see(row.place, passes, merge.visited) {
                break;
            }
        }
        Ok(walk.end())
    }
}

/// The mentions with these numbers, in this order, with the copies of their pictures.
fn read(connection: &Connection, places: &[Place]) -> Result<Vec<Mention>, StoreError> {
    let numbers: Vec<i64> = places.iter().map(|(_, id)| *id).collect();
    let numbers = serde_json::to_string(&numbers).unwrap_or_default();
    let mut statement = connection.prepare_cached(
        "SELECT m.id, m.source, m.target, m.protocols, m.kind, m.url, m.entry, m.received_at,
           m.verified_at, m.is_shown, m.is_private
         FROM json_each(?1) AS n CROSS JOIN mention AS m ON m.id = n.value",
    )?;
    let mut found = statement.query([&numbers])?;
    let mut mentions: Vec<Mention> = Vec::with_capacity(places.len());
    for (_, id) in places {
        let row = found.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
        let mention = rows::mention(row)?;
        // The order of rows is what SQLite does, and nothing that it promises.
        if mention.id.0 != *id {
            return Err(StoreError::Corrupt(format!("mention {id} is out of order")));
        }
        mentions.push(mention);
    }
    media::show(connection, &numbers, &mut mentions)?;
    Ok(mentions)
}

fn place(cursor: Cursor) -> Place {
    (cursor.key, cursor.id.0)
}

fn tombstone(connection: &Connection, id: i64) -> Result<Tombstone, StoreError> {
    let (source, target, change) = connection
        .prepare_cached("SELECT source, target, change FROM tombstone WHERE mention_id = ?1")?
        .query_row(params![id], |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
                row.get(2)?,
            ))
        })
        .optional()?
        .ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    Ok(Tombstone {
        id: MentionId(id),
        source: rows::known(&source)?,
        target: rows::known(&target)?,
        change: ChangeNumber(change),
    })
}
