//! The queries that go through rows in an order, one for each index.

use super::units::UnitsAre;
use crate::store::OrderBy;
use crate::store::sqlite::merge::Queries;

/// The column and the names of the indexes of an order.
pub(super) const fn column(by: OrderBy) -> (&'static str, &'static str) {
    match by {
        OrderBy::Received => ("id", ""),
        OrderBy::Published => ("published_at", "_published"),
        OrderBy::Changed => ("change", "_change"),
    }
}

pub(super) const fn unit_of(are: UnitsAre) -> &'static str {
    match are {
        UnitsAre::Pages => "page",
        UnitsAre::Hosts => "host",
    }
}

const fn direction(ascending: bool) -> (&'static str, &'static str, &'static str) {
    if ascending {
        (">", "<", "ASC")
    } else {
        ("<", ">", "DESC")
    }
}

/// Mentions of one kind of a page or host, by number.
pub(super) fn numbered(are: UnitsAre, ascending: bool) -> Queries {
    let unit = unit_of(are);
    let (after, before, order) = direction(ascending);
    Queries {
        same: None,
        later: format!(
            "SELECT id FROM mention INDEXED BY mention_{unit}
             WHERE {unit}_id = ?1 AND kind = ?2 AND is_shown AND id {after} ?4 AND id {before} ?6
             ORDER BY id {order} LIMIT ?5"
        ),
    }
}

/// Mentions of one kind and author on a host, by number; the mark is the page.
pub(super) fn of_author(ascending: bool) -> Queries {
    let (after, before, order) = direction(ascending);
    Queries {
        same: None,
        later: format!(
            "SELECT id, id, page_id FROM mention INDEXED BY mention_author
             WHERE host_id = ?1 AND author_domain = ?7 AND kind = ?2 AND is_shown
               AND id {after} ?4 AND id {before} ?6
             ORDER BY id {order} LIMIT ?5"
        ),
    }
}

/// Mentions of one kind on a host that are not shown, private ones or the others, by number; the mark is the
/// page, or 0 where they are of another author than is asked for.
pub(super) fn unshown(is_private: bool, ascending: bool) -> Queries {
    let is_private = u8::from(is_private);
    let (after, before, order) = direction(ascending);
    Queries {
        same: None,
        later: format!(
            "SELECT id, id, iif(?7 IS NULL OR author_domain = ?7, page_id, 0)
             FROM mention INDEXED BY mention_unshown
             WHERE host_id = ?1 AND is_private = {is_private} AND kind = ?2 AND NOT is_shown
               AND id {after} ?4 AND id {before} ?6
             ORDER BY id {order} LIMIT ?5"
        ),
    }
}

/// Mentions of one kind of a page or host, in another order; the mark is whether they are of the author.
pub(super) fn keyed(are: UnitsAre, by: OrderBy, ascending: bool, is_by_author: bool) -> Queries {
    let unit = unit_of(are);
    let (key, index) = column(by);
    let (after, _, order) = direction(ascending);
    let mark = if is_by_author {
        "author_domain = ?7"
    } else {
        "1"
    };
    let what = format!(
        "SELECT {key}, id, {mark} FROM mention INDEXED BY mention_{unit}{index}
         WHERE {unit}_id = ?1 AND kind = ?2 AND is_shown"
    );
    Queries {
        same: Some(format!(
            "{what} AND {key} = ?3 AND id {after} ?4 ORDER BY id {order} LIMIT ?5"
        )),
        later: format!("{what} AND {key} {after} ?3 ORDER BY {key} {order}, id {order} LIMIT ?5"),
    }
}

/// Tombstones of a page or host, by change.
pub(super) fn tombstones(are: UnitsAre, ascending: bool) -> Queries {
    let unit = unit_of(are);
    let (after, _, order) = direction(ascending);
    let what = format!(
        "SELECT change, mention_id, 1 FROM tombstone INDEXED BY tombstone_{unit}
         WHERE {unit}_id = ?1"
    );
    Queries {
        same: Some(format!(
            "{what} AND change = ?3 AND mention_id {after} ?4 ORDER BY mention_id {order} LIMIT ?5"
        )),
        later: format!(
            "{what} AND change {after} ?3 ORDER BY change {order}, mention_id {order} LIMIT ?5"
        ),
    }
}
