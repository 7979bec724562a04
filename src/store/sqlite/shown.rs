//! Which of a post's mentions is shown, where it came by several roads (see [`Original`]); and what a
//! transaction changes of what a page shows.
//!
//! [`Original`]: crate::store::original::Original

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{pages, rows};
use crate::model::{ChangeNumber, CountKey, MentionId, TargetUrl, Timestamp};
use crate::store::StoreError;

/// A mention as readers saw it.
#[derive(Clone)]
pub(super) struct Seen {
    pub(super) id: MentionId,
    pub(super) counted_as: CountKey,
    pub(super) source: String,
    pub(super) target: String,
}

impl Seen {
    /// Reads what `id, kind, entry ->> '$.rsvp', source, target` gave, from column `first` on.
    pub(super) fn read(row: &Row<'_>, first: usize) -> Result<Self, StoreError> {
        let column = |n: usize| first.saturating_add(n);
        let answer: Option<String> = row.get(column(2))?;
        Ok(Self {
            id: MentionId(row.get(first)?),
            counted_as: rows::count_key(&row.get::<_, String>(column(1))?, answer.as_deref())?,
            source: row.get(column(3))?,
            target: row.get(column(4))?,
        })
    }
}

/// What a transaction changes of what a page shows.
pub(super) struct Change {
    page_id: i64,
    now: Timestamp,
    /// The number of the change, once there is any that a reader could see.
    number: Option<ChangeNumber>,
    left: Vec<Seen>,
    came: Vec<(MentionId, CountKey)>,
    /// Whether a reader could read something else, or something more or less.
    is_news: bool,
    /// Where the page is, if that is known here.
    url: Option<String>,
}

impl Change {
    /// No change of the page yet.
    pub(super) fn of(page_id: i64, now: Timestamp) -> Self {
        Self {
            page_id,
            now,
            number: None,
            left: Vec::new(),
            came: Vec::new(),
            is_news: false,
            url: None,
        }
    }

    /// There is something to read that was not there before.
    pub(super) fn news(&mut self) {
        self.is_news = true;
    }

    /// The page is there.
    pub(super) fn found_at(&mut self, target: &TargetUrl) {
        let url = target.as_str().split('#').next().unwrap_or_default();
        self.url = Some(url.to_owned());
    }

    /// A mention that was shown is not any more.
    pub(super) fn one_less(&mut self, seen: Seen) {
        self.is_news = true;
        self.left.push(seen);
    }

    /// A mention that was shown as `seen` says something else, and is shown until [`settle`] finds
    /// otherwise.
    ///
    /// [`settle`]: Change::settle
    pub(super) fn one_other(
        &mut self,
        connection: &Connection,
        seen: Seen,
        counted_as: CountKey,
    ) -> Result<(), StoreError> {
        let number = self.number(connection)?;
        connection
            .prepare_cached("UPDATE mention SET change = ?2 WHERE id = ?1")?
            .execute(params![seen.id.0, number.0])?;
        self.came.push((seen.id, counted_as));
        self.left.push(seen);
        Ok(())
    }

    /// Of the mentions of `original` on the page, shows the one that is first, and no other. Three
    /// look-ups, however many they are.
    pub(super) fn settle(
        &mut self,
        connection: &Connection,
        original: &str,
    ) -> Result<(), StoreError> {
        let which = params![self.page_id, original];
        let shown: Option<i64> = connection
            .prepare_cached(
                "SELECT id FROM mention WHERE page_id = ?1 AND original = ?2 AND is_shown",
            )?
            .query_row(which, |row| row.get(0))
            .optional()?;
        let first: Option<i64> = connection
            .prepare_cached(
                "SELECT id FROM mention WHERE page_id = ?1 AND original = ?2 AND NOT is_private
                 ORDER BY is_native DESC, id LIMIT 1",
            )?
            .query_row(which, |row| row.get(0))
            .optional()?;
        if shown != first {
            self.is_news = true;
            if let Some(id) = shown {
                let seen = self.show(connection, id, false)?;
                self.left.push(seen);
            }
            if let Some(id) = first {
                let seen = self.show(connection, id, true)?;
                self.came.push((seen.id, seen.counted_as));
            }
        }
        Ok(())
    }

    fn show(
        &mut self,
        connection: &Connection,
        id: i64,
        is_shown: bool,
    ) -> Result<Seen, StoreError> {
        let number = self.number(connection)?;
        let mut statement = connection.prepare_cached(
            "UPDATE mention SET is_shown = ?2, change = ?3 WHERE id = ?1
             RETURNING id, kind, entry ->> '$.rsvp', source, target",
        )?;
        let mut rows = statement.query(params![id, is_shown, number.0])?;
        let row = rows.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
        Seen::read(row, 0)
    }

    fn number(&mut self, connection: &Connection) -> Result<ChangeNumber, StoreError> {
        match self.number {
            Some(number) => Ok(number),
            None => Ok(*self
                .number
                .insert(pages::next_change(connection, self.now)?)),
        }
    }

    /// Writes down what is different about the page if a reader could see it: its version, how many it
    /// shows, and what is shown no longer.
    pub(super) fn record(mut self, connection: &Connection) -> Result<(), StoreError> {
        if self.left.is_empty() && self.came.is_empty() {
            return Ok(());
        }
        if self.is_news {
            // One that comes while the last is being told is another.
            connection
                .prepare_cached(
                    "UPDATE page SET url = coalesce(?2, url),
                       changed_at = CASE WHEN changed_at IS NULL OR told_at >= changed_at
                         THEN max(?3, coalesce(changed_at, 0) + 1) ELSE changed_at END
                     WHERE id = ?1",
                )?
                .execute(params![self.page_id, self.url, self.now.as_millis()])?;
        }
        let number = self.number(connection)?;
        let host_id = pages::changed(connection, self.page_id, number, |counts| {
            for (_, key) in &self.came {
                counts.add(*key, 1);
            }
            for seen in &self.left {
                counts.add(seen.counted_as, -1);
            }
        })?;
        for (id, _) in &self.came {
            if self.balance(*id) > 0 {
                connection
                    .prepare_cached("DELETE FROM tombstone WHERE mention_id = ?1")?
                    .execute([id.0])?;
            }
        }
        for seen in &self.left {
            if self.balance(seen.id) < 0 {
                connection
                    .prepare_cached(
                        "INSERT OR REPLACE INTO tombstone
                           (mention_id, page_id, host_id, source, target, change)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    )?
                    .execute(params![
                        seen.id.0,
                        self.page_id,
                        host_id,
                        seen.source,
                        seen.target,
                        number.0
                    ])?;
            }
        }
        Ok(())
    }

    /// Whether a mention came (more than zero), left (less), or both.
    fn balance(&self, id: MentionId) -> i64 {
        let came = self.came.iter().filter(|(came, _)| *came == id);
        let left = self.left.iter().filter(|seen| seen.id == id);
        came.fold(0_i64, |sum, _| sum.saturating_add(1))
            .saturating_sub(left.fold(0, |sum, _| sum.saturating_add(1)))
    }
}
