//! Rows to values of the model and back: one function per table.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rusqlite::Row;
use rusqlite::types::{FromSqlError, ToSql, ToSqlOutput, ValueRef};
use url::Url;

use crate::model::{
    CountKey, Counts, Failure, FailureKind, KnownUrl, Mention, MentionId, MentionKind,
    MentionState, NearMiss, Pictures, Protocols, Removal, Rsvp, SourceUrl, State, StatusKey,
    TargetUrl, Timestamp, Validators,
};
use crate::store::{Occasion, StoreError, entry};

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
    SourceUrl::stored(text).map_err(|e| StoreError::Corrupt(format!("source: {e}")))
}

pub(super) fn target(text: &str) -> Result<TargetUrl, StoreError> {
    TargetUrl::stored(text).map_err(|e| StoreError::Corrupt(format!("target: {e}")))
}

pub(super) fn known(text: &str) -> Result<KnownUrl, StoreError> {
    KnownUrl::stored(text).map_err(|e| StoreError::Corrupt(format!("URL: {e}")))
}

pub(super) fn protocols(bits: i64) -> Result<Protocols, StoreError> {
    Protocols::from_bits(bits).ok_or_else(|| StoreError::Corrupt(format!("protocols: {bits}")))
}

/// What to ask a server with whether its page has changed, as the columns `page_url, etag, last_modified` have
/// it, of which `first` is the first; `None` where that is NULL.
pub(super) fn validators(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<Validators>> {
    let page_url: Option<String> = row.get(first)?;
    let Some(url) = page_url.and_then(|url| Url::parse(&url).ok()) else {
        return Ok(None);
    };
    Ok(Some(Validators {
        url,
        etag: row.get(first.saturating_add(1))?,
        last_modified: row.get(first.saturating_add(2))?,
    }))
}

/// The same as the values of those columns.
pub(super) fn validator_columns(
    validators: Option<&Validators>,
) -> (Option<&str>, Option<&str>, Option<&str>) {
    (
        validators.map(|all| all.url.as_str()),
        validators.and_then(|all| all.etag.as_deref()),
        validators.and_then(|all| all.last_modified.as_deref()),
    )
}

pub(super) fn occasion(name: &str) -> Result<Occasion, StoreError> {
    Occasion::from_name(name).ok_or_else(|| StoreError::Corrupt(format!("occasion: {name}")))
}

/// Reads a row of `id, source, target, protocols, kind, url, entry, received_at, verified_at, is_shown,
/// is_private`; its pictures are `media::show`'s to fill in.
pub(super) fn mention(row: &Row<'_>) -> Result<Mention, StoreError> {
    let kind = text(row, 4)?;
    let kind =
        MentionKind::from_name(kind).ok_or_else(|| StoreError::Corrupt(format!("kind: {kind}")))?;
    Ok(Mention {
        id: MentionId(row.get(0)?),
        source: known(text(row, 1)?)?,
        target: known(text(row, 2)?)?,
        protocols: protocols(row.get(3)?)?,
        state: if row.get(9)? {
            MentionState::Shown
        } else if row.get(10)? {
            MentionState::Private
        } else {
            MentionState::Hidden
        },
        entry: entry::read(kind, row.get(5)?, text(row, 6)?)
            .map_err(|e| StoreError::Corrupt(format!("entry: {e}")))?,
        pictures: Pictures::default(),
        received_at: Timestamp::from_millis(row.get(7)?),
        verified_at: Timestamp::from_millis(row.get(8)?),
    })
}

/// What a mention of that kind, with that answer, is counted by.
pub(super) fn count_key(kind: &str, answer: Option<&str>) -> Result<CountKey, StoreError> {
    let kind =
        MentionKind::from_name(kind).ok_or_else(|| StoreError::Corrupt(format!("kind: {kind}")))?;
    Ok(CountKey::new(kind, answer.and_then(Rsvp::from_name)))
}

/// Counts as stored: JSON `{"name": number, …}`.
pub(super) fn counts(text: &str) -> Result<Counts, StoreError> {
    let stored: BTreeMap<Cow<'_, str>, i64> =
        serde_json::from_str(text).map_err(|e| StoreError::Corrupt(format!("counts: {e}")))?;
    let mut counts = Counts::default();
    for (name, count) in stored {
        let key = CountKey::from_name(&name)
            .ok_or_else(|| StoreError::Corrupt(format!("counts: {name}")))?;
        counts.add(key, count);
    }
    Ok(counts)
}

pub(super) fn write_counts(counts: &Counts) -> String {
    let stored: BTreeMap<_, _> = counts
        .iter()
        .map(|(key, count)| (key.as_str(), count))
        .collect();
    serde_json::to_string(&stored).unwrap_or_default()
}

/// A column's text, where it lies.
pub(super) fn text<'a>(row: &'a Row<'_>, column: usize) -> rusqlite::Result<&'a str> {
    Ok(row.get_ref(column)?.as_str()?)
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
        // The mention has gone with its page.
        ("accepted", None) => Ok(State::Deleted(Removal::NoLink)),
        ("rejected", _) => Ok(State::Rejected {
            near_misses: near_misses
                .map(parse_near_misses)
                .transpose()?
                .unwrap_or_default(),
        }),
        ("deleted", _) => Ok(match failure {
            None => State::Deleted(Removal::NoLink),
            Some(failure) => State::Deleted(match failure.kind {
                FailureKind::Blocked => Removal::Blocked,
                FailureKind::Gone => Removal::Gone,
                _ => Removal::Dead,
            }),
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
