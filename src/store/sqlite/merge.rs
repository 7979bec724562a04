//! Many sorted ranges of an index, merged into one: rows of several pages, or of several kinds, in one
//! order, of which only those are read that are wanted.

use std::collections::{BinaryHeap, HashSet, VecDeque};
use std::rc::Rc;

use rusqlite::types::{ToSql, Value};
use rusqlite::{CachedStatement, Connection};

use crate::store::StoreError;

/// A place in the order: what it is the order of, and the number that decides between equals.
pub(super) type Place = (i64, i64);

/// So many rows of a range are read at once at most.
const MOST: usize = 1024;

/// What to merge.
pub(super) struct Ranges {
    /// What gives `key, id, mark` of one range in order; or `id` alone, where that is the key and all are marked.
    pub(super) queries: Queries,
    /// The ranges.
    pub(super) names: Vec<Name>,
    /// Whether the keys grow.
    pub(super) ascending: bool,
    /// The place to begin after.
    pub(super) after: Option<Place>,
    /// In an order of numbers: the number to end before, if it is not the last one, or the first.
    pub(super) until: Option<i64>,
    /// For `?7`.
    pub(super) common: Value,
}

/// A range of the index.
#[derive(Clone, Copy)]
pub(super) struct Name {
    /// The page or the host.
    pub(super) unit: i64,
    pub(super) kind: &'static str,
    /// So many of its rows are read at first; each time more are wanted, twice as many.
    pub(super) ahead: usize,
}

impl Name {
    /// A range of which nobody knows how many of its rows will be wanted.
    pub(super) const fn new(unit: i64, kind: &'static str) -> Self {
        Self {
            unit,
            kind,
            ahead: 16,
        }
    }
}

/// The queries for what comes after a place. In them `?1` is the range's page or host, `?2` its kind,
/// `?3` and `?4` the key and the id to begin after, `?5` how many rows at most, `?6` an id to end before,
/// `?7` whatever all ranges have in common.
//
// Two of them: SQLite does not search for a key and a number at once where the number is the row's own.
pub(super) struct Queries {
    /// The rows with the same key that come later; `None` where no two rows have the same.
    pub(super) same: Option<String>,
    /// The rows with later keys.
    pub(super) later: String,
}

/// A row of the index.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub(super) place: Place,
    /// Whatever the query says of the row.
    pub(super) mark: i64,
}

/// The rows of all ranges, in order.
pub(super) struct Merge<'c> {
    same: Option<CachedStatement<'c>>,
    later: CachedStatement<'c>,
    ranges: Vec<Range>,
    /// The first row of each range, and which it is: the greatest is the next.
    heads: BinaryHeap<(Place, usize)>,
    ascending: bool,
    until: i64,
    common: Value,
    /// How many rows it gave.
    pub(super) visited: usize,
}

/// The rows of several merges in one order, all of which grow or all of which fall.
pub(super) struct Merges<'c>(Vec<(Merge<'c>, Wanted)>);

/// Which rows of a merge are wanted, by what it marks them with.
#[derive(Clone)]
pub(super) enum Wanted {
    /// Those with a mark.
    Marked,
    /// Those that are marked with one of these.
    Of(Rc<HashSet<i64>>),
}

impl Wanted {
    /// Those that are marked with one of `marks`.
    pub(super) fn of(marks: impl Iterator<Item = i64>) -> Self {
        Self::Of(Rc::new(marks.collect()))
    }
}

impl<'c> Merges<'c> {
    pub(super) fn new(merges: Vec<(Merge<'c>, Wanted)>) -> Self {
        Self(merges)
    }

    /// The place of the next row, and whether it is wanted.
    pub(super) fn next(&mut self) -> Result<Option<(Place, bool)>, StoreError> {
        let first = self.0.iter_mut().max_by_key(|(merge, _)| merge.rank());
        let Some((merge, wanted)) = first else {
            return Ok(None);
        };
        Ok(merge.next()?.map(|row| {
            let is_wanted = match wanted {
                Wanted::Marked => row.mark != 0,
                Wanted::Of(marks) => marks.contains(&row.mark),
            };
            (row.place, is_wanted)
        }))
    }

    /// How many rows they gave.
    pub(super) fn visited(&self) -> usize {
        let counts = self.0.iter().map(|(merge, _)| merge.visited);
        counts.fold(0, usize::saturating_add)
    }
}

struct Range {
    name: Name,
    /// The last place that was read.
    at: Place,
    rows: VecDeque<Row>,
    /// How many rows to read the next time; zero when there are no more.
    ahead: usize,
}

impl<'c> Merge<'c> {
    pub(super) fn new(connection: &'c Connection, ranges: Ranges) -> Result<Self, StoreError> {
        let Ranges {
            ascending,
            names,
            common,
            ..
        } = ranges;
        let first = if ascending { i64::MIN } else { i64::MAX };
        let last = if ascending { i64::MAX } else { i64::MIN };
        let at = ranges.after.unwrap_or((first, first));
        let ranges_of = |name: Name| Range {
            name,
            at,
            rows: VecDeque::new(),
            ahead: name.ahead.clamp(1, MOST),
        };
        let mut merge = Self {
            same: match ranges.queries.same {
                Some(query) => Some(connection.prepare_cached(&query)?),
                None => None,
            },
            later: connection.prepare_cached(&ranges.queries.later)?,
            ranges: names.into_iter().map(ranges_of).collect(),
            heads: BinaryHeap::new(),
            ascending,
            until: ranges.until.unwrap_or(last),
            common,
            visited: 0,
        };
        for index in 0..merge.ranges.len() {
            merge.advance(index)?;
        }
        Ok(merge)
    }

    /// The place of the next row, as it is ranked: the greatest is the next.
    fn rank(&self) -> Option<Place> {
        self.heads.peek().map(|(rank, _)| *rank)
    }

    /// The next row.
    pub(super) fn next(&mut self) -> Result<Option<Row>, StoreError> {
        let Some((_, index)) = self.heads.pop() else {
            return Ok(None);
        };
        let row = self
            .ranges
            .get_mut(index)
            .and_then(|range| range.rows.pop_front());
        self.visited = self.visited.saturating_add(1);
        self.advance(index)?;
        Ok(row)
    }

    /// Puts the first row of a range among the heads, reading more of it where need be.
    fn advance(&mut self, index: usize) -> Result<(), StoreError> {
        let Some(range) = self.ranges.get_mut(index) else {
            return Ok(());
        };
        if range.rows.is_empty() && range.ahead > 0 {
            for statement in self.same.iter_mut().chain([&mut self.later]) {
                range.read(statement, self.until, &self.common)?;
            }
            range.ahead = if range.rows.len() < range.ahead {
                0
            } else {
                range.ahead.saturating_mul(2).min(MOST)
            };
            if let Some(last) = range.rows.back() {
                range.at = last.place;
            }
        }
        if let Some(Row { place, .. }) = range.rows.front() {
            let (key, id) = *place;
            // The heap gives the greatest first; to invert all bits is to reverse the order.
            let rank = if self.ascending {
                (!key, !id)
            } else {
                (key, id)
            };
            self.heads.push((rank, index));
        }
        Ok(())
    }
}

impl Range {
    /// Reads rows until there are as many as are wanted, or no more.
    fn read(
        &mut self,
        statement: &mut CachedStatement<'_>,
        until: i64,
        common: &Value,
    ) -> Result<(), StoreError> {
        let limit = self.ahead.saturating_sub(self.rows.len());
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let values: [&dyn ToSql; 7] = [
            &self.name.unit,
            &self.name.kind,
            &self.at.0,
            &self.at.1,
            &limit,
            &until,
            common,
        ];
        // A query need not use the last of them.
        let used = statement.parameter_count();
        for (number, value) in (1..=used).zip(values) {
            statement.raw_bind_parameter(number, value)?;
        }
        let is_by_number = statement.column_count() == 1;
        let mut found = statement.raw_query();
        while let Some(row) = found.next()? {
            let key = row.get(0)?;
            self.rows.push_back(if is_by_number {
                Row {
                    place: (key, key),
                    mark: 1,
                }
            } else {
                Row {
                    place: (key, row.get(1)?),
                    mark: row.get(2)?,
                }
            });
        }
        Ok(())
    }
}
