//! Following what a scope shows: what has changed since a place in the order of changes, and where to go on.

use super::{
    Cursor, MentionPage, MentionQuery, Order, OrderBy, Scope, Start, Store, StoreError, Tombstone,
    TombstonePage, TombstoneQuery, Version,
};
use crate::model::{ChangeNumber, Mention, MentionId};

impl Cursor {
    /// The place before all changes.
    pub const BEGINNING: Self = Self {
        key: 0,
        id: MentionId(0),
    };
}

/// What has changed: of a copy take away what was deleted, then add what was changed.
#[derive(Debug, Clone)]
pub struct Changes {
    /// The mentions that were shown, and are not any more.
    pub deleted: Vec<Tombstone>,
    /// The mentions that are new, or say something else.
    pub changed: Vec<Mention>,
    /// Where to go on. Up to here nothing is missing; what was told beyond it is told once more.
    pub next: Cursor,
    /// Whether there is more already.
    pub has_more: bool,
}

/// What has changed in `scope` after `since`, at least up to `version` or to `limit` of each kind of change.
/// The version must have been read before: of what changes meanwhile, only that much is settled.
///
/// # Errors
/// As the store's.
pub async fn changes_since(
    store: &dyn Store,
    scope: Scope,
    since: Cursor,
    limit: usize,
    version: Version,
) -> Result<Changes, StoreError> {
    // What has gone first: what is back by the time that the mentions are read is among these.
    let gone = TombstoneQuery {
        scope: scope.clone(),
        since: ChangeNumber(0),
        ascending: true,
        start: Start::After(since),
        limit,
    };
    let gone = store.deleted(&gone).await?;
    let query = MentionQuery {
        order: Order {
            by: OrderBy::Changed,
            ascending: true,
        },
        start: Start::After(since),
        ..MentionQuery::newest(scope, limit)
    };
    let page = store.mentions(&query).await?;
    Ok(Changes {
        next: next(since, version, &gone, &page),
        has_more: gone.has_more || page.has_more,
        deleted: gone.tombstones,
        changed: page.mentions,
    })
}

/// Up to where both lists are complete.
fn next(since: Cursor, version: Version, gone: &TombstonePage, page: &MentionPage) -> Cursor {
    let settled = version
        .last_change
        .map_or(Cursor::BEGINNING, Cursor::after_change);
    let ends = [
        gone.end.filter(|_| gone.has_more),
        page.next(),
        Some(settled),
    ];
    let first = ends.into_iter().flatten().min().unwrap_or(settled);
    // A clock that was put back, or a site whose last page went: never back to what was told.
    first.max(since)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Counts;

    #[test]
    fn no_place_is_passed_that_one_of_the_lists_has_not_come_to() {
        let at = |key, id| Cursor {
            key,
            id: MentionId(id),
        };
        let gone = |end: Option<Cursor>| TombstonePage {
            tombstones: Vec::new(),
            has_more: end.is_some(),
            end,
        };
        let page = |end: Option<Cursor>| MentionPage {
            version: Version::default(),
            counts: Counts::default(),
            total: None,
            mentions: Vec::new(),
            has_more: end.is_some(),
            end,
        };
        let version = Version {
            last_change: Some(ChangeNumber(9)),
            ..Version::default()
        };
        let all = Cursor::after_change(ChangeNumber(9));
        for (tombstones, mentions, want) in [
            (None, None, all),
            (Some(at(5, 1)), None, at(5, 1)),
            (Some(at(5, 1)), Some(at(4, 2)), at(4, 2)),
            // What was read beyond the version may not be all that there is.
            (None, Some(at(12, 1)), all),
        ] {
            let (gone, page) = (gone(tombstones), page(mentions));
            assert_eq!(next(Cursor::BEGINNING, version, &gone, &page), want);
        }
        let told = Cursor::after_change(ChangeNumber(20));
        assert_eq!(next(told, version, &gone(None), &page(None)), told);
    }
}
