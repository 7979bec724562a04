//! Which mention a submission is of, and which are of one source.

use rusqlite::{Connection, OptionalExtension, params};

use super::finish::Queued;
use crate::model::{MentionId, SourceUrl, StatusKey};
use crate::store::StoreError;
use crate::store::original::key_of;

/// A mention's row, as far as its identity goes.
pub(super) struct Row {
    pub(super) id: MentionId,
    pub(super) source: String,
    pub(super) source_key: String,
    pub(super) target: String,
}

fn row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    Ok(Row {
        id: MentionId(row.get(0)?),
        source: row.get(1)?,
        source_key: row.get(2)?,
        target: row.get(3)?,
    })
}

/// The mention that a submission, whose status page is `key`, may be of: the one that this pair of
/// addresses last told of, else the one of that very page. A private submission is never of a public one, and
/// of no other's unless it is proven that it opens the source.
pub(super) fn known(
    connection: &Connection,
    key: StatusKey,
    queued: &Queued,
    is_proven: bool,
) -> Result<Option<Row>, StoreError> {
    let told = connection
        .prepare_cached(
            "SELECT m.id, m.source, m.source_key, m.target
             FROM receipt AS r JOIN mention AS m ON m.id = r.mention_id WHERE r.key = ?1",
        )?
        .query_row([key], row)
        .optional()?;
    if told.is_some() || !is_proven {
        return Ok(told);
    }
    Ok(connection
        .prepare_cached(
            "SELECT m.id, m.source, m.source_key, m.target
             FROM mention AS m JOIN page AS p ON p.id = m.page_id
             WHERE p.key = ?1 AND m.source_key = ?2 AND m.is_private = ?3",
        )?
        .query_row(
            params![
                queued.target.page_key().as_str(),
                key_of(&queued.source),
                queued.is_private
            ],
            row,
        )
        .optional()?)
}

/// The mentions of the page `source_key` for which `source` stands, whatever their targets. What is gone for
/// all is gone for those with a token; what these are told is nothing to the public ones.
pub(super) fn of_source(
    connection: &Connection,
    source: &SourceUrl,
    source_key: &str,
    queued: &Queued,
    limit: usize,
) -> Result<Vec<MentionId>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(
        "SELECT id FROM mention WHERE source_key = ?1 AND (source = ?2 OR ?1 = ?3)
           AND (is_private OR NOT ?5) LIMIT ?4",
    )?;
    let which = params![
        source_key,
        source.as_str(),
        key_of(source),
        limit,
        queued.is_private
    ];
    let found = statement.query_map(which, |row| row.get(0))?;
    Ok(found
        .map(|id| id.map(MentionId))
        .collect::<Result<_, _>>()?)
}
