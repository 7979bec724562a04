//! Rows to values of the model and back: one function per table.

use rusqlite::Row;
use rusqlite::types::{FromSqlError, ToSql, ToSqlOutput, ValueRef};

use crate::model::{
    Author, AuthoredTime, Entry, Excerpt, Failure, FailureKind, Mention, MentionId, MentionKind,
    NearMiss, Protocols, SourceUrl, State, StatusKey, TargetUrl, Timestamp,
};
use crate::store::StoreError;

impl ToSql for StatusKey {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(self.as_bytes())))
    }
}

impl rusqlite::types::FromSql for StatusKey {
    fn column_result(value: ValueRef<'_>) -> Result<Self, FromSqlError> {
        let bytes = value.as_blob()?;
        <[u8; 16]>::try_from(bytes)
            .map(Self::from_bytes)
            .map_err(|_length| FromSqlError::InvalidBlobSize {
                expected_size: 16,
                blob_size: bytes.len(),
            })
    }
}

pub(super) fn source(text: &str) -> Result<SourceUrl, StoreError> {
    SourceUrl::parse(text).map_err(|e| StoreError::Corrupt(format!("source: {e}")))
}

pub(super) fn target(text: &str) -> Result<TargetUrl, StoreError> {
    TargetUrl::parse(text).map_err(|e| StoreError::Corrupt(format!("target: {e}")))
}

pub(super) fn protocols(bits: i64) -> Result<Protocols, StoreError> {
    Protocols::from_bits(bits).ok_or_else(|| StoreError::Corrupt(format!("protocols: {bits}")))
}

/// Reads a row of `id, source, target, protocols, kind, url, title, site_name, author_name,
/// author_url, published, language, excerpt_before, excerpt_linked, excerpt_after, received_at,
/// verified_at`.
pub(super) fn mention(row: &Row<'_>) -> Result<Mention, StoreError> {
    let kind: String = row.get(4)?;
    let author = Author {
        name: row.get(8)?,
        url: row.get(9)?,
        photo: None,
    };
    let excerpt = match (row.get(12)?, row.get(13)?, row.get(14)?) {
        (Some(before), Some(linked), Some(after)) => Some(Excerpt {
            before,
            linked,
            after,
        }),
        _ => None,
    };
    Ok(Mention {
        id: MentionId(row.get(0)?),
        source: source(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?)?,
        target: target(row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?)?,
        protocols: protocols(row.get(3)?)?,
        entry: Entry {
            title: row.get(6)?,
            site_name: row.get(7)?,
            author: (author != Author::default()).then_some(author),
            published: row
                .get::<_, Option<String>>(10)?
                .map(AuthoredTime::from_checked),
            language: row.get(11)?,
            excerpt,
            ..Entry::bare(
                MentionKind::from_name(&kind)
                    .ok_or_else(|| StoreError::Corrupt(format!("kind: {kind}")))?,
                row.get(5)?,
            )
        },
        received_at: Timestamp::from_millis(row.get(15)?),
        verified_at: Timestamp::from_millis(row.get(16)?),
    })
}

/// The state that a receipt's columns tell of.
pub(super) fn state(
    name: &str,
    mention_id: Option<i64>,
    failure: Option<Failure>,
    near_misses: Option<&str>,
) -> Result<State, StoreError> {
    match (name, mention_id) {
        ("accepted", Some(id)) => Ok(State::Accepted {
            id: MentionId(id),
            last_failure: failure,
        }),
        // The mention has gone under another form of the same target.
        ("accepted", None) => Ok(State::Deleted { gone: false }),
        ("rejected", _) => Ok(State::Rejected {
            near_misses: near_misses
                .map(parse_near_misses)
                .transpose()?
                .unwrap_or_default(),
        }),
        ("deleted", _) => Ok(State::Deleted {
            gone: failure.is_some_and(|failure| failure.kind == FailureKind::Gone),
        }),
        ("error", _) => failure
            .map(State::Failed)
            .ok_or_else(|| StoreError::Corrupt("an error without a failure".to_owned())),
        (other, _) => Err(StoreError::Corrupt(format!("state: {other}"))),
    }
}

/// A failure's columns; `None` where there was none.
pub(super) fn failure(
    kind: Option<&str>,
    detail: Option<String>,
) -> Result<Option<Failure>, StoreError> {
    let Some(name) = kind else {
        return Ok(None);
    };
    let kind = FailureKind::from_name(name)
        .ok_or_else(|| StoreError::Corrupt(format!("failure: {name}")))?;
    let detail = detail.unwrap_or_default();
    Ok(Some(Failure { kind, detail }))
}

/// Near misses as stored: JSON `[[url, difference], …]`.
pub(super) fn write_near_misses(near_misses: &[NearMiss]) -> String {
    let pairs: Vec<_> = near_misses
        .iter()
        .map(|miss| (&miss.url, &miss.difference))
        .collect();
    serde_json::to_string(&pairs).unwrap_or_default()
}

fn parse_near_misses(text: &str) -> Result<Vec<NearMiss>, StoreError> {
    let pairs: Vec<(String, String)> =
        serde_json::from_str(text).map_err(|e| StoreError::Corrupt(format!("near misses: {e}")))?;
    Ok(pairs
        .into_iter()
        .map(|(url, difference)| NearMiss { url, difference })
        .collect())
}
