//! Which of a post's mentions is shown, where it came by several roads. See [`Original`].
//!
//! [`Original`]: crate::store::original::Original

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{MentionId, Timestamp};
use crate::store::StoreError;

/// What a transaction changed of what a page shows.
#[derive(Default)]
pub(super) struct Change {
    /// How many mentions more, or less, are shown.
    count: i64,
    /// Whether a reader could see any change.
    is_visible: bool,
}

impl Change {
    /// A mention that was shown is not any more.
    pub(super) fn one_less(&mut self) {
        self.count = self.count.saturating_sub(1);
        self.is_visible = true;
    }

    /// A mention that is shown says something else.
    pub(super) fn one_other(&mut self) {
        self.is_visible = true;
    }

    /// Of the mentions of `original` on the page, shows the one that is first, and no other; returns
    /// it. Three look-ups, however many they are.
    pub(super) fn settle(
        &mut self,
        connection: &Connection,
        page_id: i64,
        original: &str,
    ) -> Result<Option<MentionId>, StoreError> {
        let shown = connection
            .prepare_cached(
                "SELECT id FROM mention WHERE page_id = ?1 AND original = ?2 AND is_shown",
            )?
            .query_row(params![page_id, original], |row| row.get(0))
            .optional()?;
        let first = connection
            .prepare_cached(
                "SELECT id FROM mention WHERE page_id = ?1 AND original = ?2 AND NOT is_private
                 ORDER BY is_native DESC, id LIMIT 1",
            )?
            .query_row(params![page_id, original], |row| row.get(0))
            .optional()?;
        if shown != first {
            if let Some(id) = shown {
                show(connection, id, false)?;
                self.one_less();
            }
            if let Some(id) = first {
                show(connection, id, true)?;
                self.count = self.count.saturating_add(1);
                self.is_visible = true;
            }
        }
        Ok(first.map(MentionId))
    }

    /// Writes down what is different about the page: how many it shows, and its version if a reader
    /// could see it. The version is the time if that is later.
    pub(super) fn record(
        self,
        connection: &Connection,
        page_id: i64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if self.is_visible {
            connection
                .prepare_cached(
                    "UPDATE page SET version = max(version + 1, ?2), mention_count = mention_count + ?3
                     WHERE id = ?1",
                )?
                .execute(params![page_id, now.as_millis(), self.count])?;
        }
        Ok(())
    }
}

fn show(connection: &Connection, id: i64, is_shown: bool) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE mention SET is_shown = ?2 WHERE id = ?1")?
        .execute(params![id, is_shown])?;
    Ok(())
}
