//! A walk along a listing, from where it begins until there is enough, or enough for now.

use super::{MAX_VISITED, place};
use crate::model::MentionId;
use crate::store::sqlite::merge::Place;
use crate::store::{Cursor, MentionQuery, Start};

/// How far a listing has come that takes more than one look.
#[derive(Clone, Copy)]
pub(in crate::store::sqlite) struct Progress {
    pub(super) after: Option<Cursor>,
    /// So many are to be passed over still.
    pub(super) skip: u64,
}

impl From<Start> for Progress {
    fn from(start: Start) -> Self {
        match start {
            Start::Skip(skip) => Self { after: None, skip },
            Start::After(cursor) => Self {
                after: Some(cursor),
                skip: 0,
            },
        }
    }
}

/// What a look brought.
pub(in crate::store::sqlite) struct Look<T> {
    pub(in crate::store::sqlite) page: T,
    /// Set if it has not come to its beginning yet: go on there.
    pub(in crate::store::sqlite) next: Option<Progress>,
}

/// What was found on the way.
pub(super) struct Walked {
    pub(super) places: Vec<Place>,
    pub(super) end: Option<Cursor>,
    pub(super) has_more: bool,
    pub(super) next: Option<Progress>,
}

impl Walked {
    pub(super) fn nothing(progress: Progress) -> Self {
        Self {
            places: Vec::new(),
            end: progress.after,
            has_more: false,
            next: None,
        }
    }
}

/// A walk along a listing, that takes what it came for and stops.
pub(super) struct Walk {
    limit: usize,
    skip: u64,
    last: Option<Place>,
    places: Vec<Place>,
    has_more: bool,
    is_tired: bool,
}

impl Walk {
    pub(super) fn new(progress: Progress, limit: usize) -> Self {
        Self {
            limit,
            skip: progress.skip,
            last: progress.after.map(place),
            places: Vec::new(),
            has_more: false,
            is_tired: false,
        }
    }

    /// Sees one that is asked for; `false`: go no further.
    pub(super) fn take(&mut self, at: Place, visited: usize) -> bool {
        self.see(at, true, visited)
    }

    /// Sees one, wanted or not, of so many; `false`: go no further.
    pub(super) fn see(&mut self, at: Place, is_wanted: bool, visited: usize) -> bool {
        if is_wanted && self.skip == 0 {
            if self.places.len() >= self.limit {
                self.has_more = true;
                return false;
            }
            self.places.push(at);
        } else if is_wanted {
            self.skip = self.skip.saturating_sub(1);
        }
        self.last = Some(at);
        if visited >= MAX_VISITED && self.places.len() < self.limit {
            self.has_more = true;
            self.is_tired = true;
            return false;
        }
        true
    }

    pub(super) fn end(self) -> Walked {
        let end = self.last.map(|(key, id)| Cursor {
            key,
            id: MentionId(id),
        });
        let goes_on = self.is_tired && self.places.is_empty();
        Walked {
            next: goes_on.then_some(Progress {
                after: end,
                skip: self.skip,
            }),
            places: self.places,
            end,
            has_more: self.has_more,
        }
    }
}

/// The part of a sorted listing that is asked for.
pub(super) fn walk_sorted(places: Vec<Place>, query: &MentionQuery, progress: Progress) -> Walked {
    let mut walk = Walk::new(progress, query.limit);
    let after = progress.after.map(place);
    for at in places {
        let is_before = after.is_some_and(|after| {
            if query.order.ascending {
                at <= after
            } else {
                at >= after
            }
        });
        if !is_before && !walk.take(at, 0) {
            break;
        }
    }
    walk.end()
}
