//! [`Items`]: the items of a page in one list, each with what it stands in.

use crate::parse::microformats::{Item, Value};

/// Types that are entries: something that somebody said or did.
const ENTRIES: [&str; 8] = [
    "h-entry",
    "h-event",
    "h-review",
    "h-recipe",
    "h-product",
    "h-listing",
    "h-resume",
    "h-cite",
];

/// Properties whose items are not part of what the entry says, but what it speaks of, who speaks, or
/// what others said to it.
const OTHERS: [&str; 31] = [
    "attendee",
    "author",
    "bookmark",
    "bookmark-of",
    "category",
    "checkin",
    "comment",
    "favorite",
    "favorite-of",
    "follow-of",
    "in-reply-to",
    "invitee",
    "item",
    "like",
    "like-of",
    "listen-of",
    "location",
    "mention",
    "organizer",
    "photo",
    "play-of",
    "quotation-of",
    "read-of",
    "reply",
    "repost",
    "repost-of",
    "review",
    "rsvp",
    "syndication",
    "tag-of",
    "watch-of",
];

/// An item and its place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed<'m> {
    pub(super) item: &'m Item,
    /// The item that it stands in, by its place in the list.
    pub(super) parent: Option<usize>,
    /// The property of that item whose value it is; none if it is merely within.
    pub(super) property: Option<&'m str>,
}

/// All items of a page, an item before those within it.
#[derive(Debug)]
pub(super) struct Items<'m>(Vec<Placed<'m>>);

impl<'m> Items<'m> {
    pub(super) fn of(top: &'m [Item]) -> Self {
        let mut list: Vec<Placed<'m>> = Vec::new();
        let mut waiting: Vec<Placed<'m>> = top
            .iter()
            .rev()
            .map(|item| Placed {
                item,
                parent: None,
                property: None,
            })
            .collect();
        while let Some(placed) = waiting.pop() {
            let parent = Some(list.len());
            list.push(placed);
            let within = |property, item| Placed {
                item,
                parent,
                property,
            };
            let children = placed.item.children.iter().rev();
            waiting.extend(children.map(|item| within(None, item)));
            for (name, values) in placed.item.properties.iter().rev() {
                let items = values.iter().rev().filter_map(Value::item);
                waiting.extend(items.map(|item| within(Some(name.as_str()), item)));
            }
        }
        Self(list)
    }

    pub(super) fn get(&self, at: usize) -> Option<Placed<'m>> {
        self.0.get(at).copied()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, Placed<'m>)> + '_ {
        self.0.iter().copied().enumerate()
    }

    /// The item of that number on its page.
    pub(super) fn numbered(&self, number: usize) -> Option<usize> {
        self.0
            .iter()
            .position(|placed| placed.item.number == Some(number))
    }

    /// The item and those it stands in, the nearest first.
    pub(super) fn outwards(&self, at: usize) -> impl Iterator<Item = (usize, Placed<'m>)> + '_ {
        let mut next = Some(at);
        std::iter::from_fn(move || {
            let at = next?;
            let placed = self.get(at)?;
            next = placed.parent;
            Some((at, placed))
        })
    }

    /// Whether the item is an entry in its own right: not what another entry speaks of.
    pub(super) fn is_entry(&self, at: usize) -> bool {
        let Some(placed) = self.get(at) else {
            return false;
        };
        let is_other = placed.property.is_some_and(|name| OTHERS.contains(&name));
        let is_entry = ENTRIES.iter().any(|of| placed.item.is(of));
        // Within an entry a citation is of somebody else's words.
        let is_cited = placed.item.is("h-cite")
            && self
                .outwards(at)
                .skip(1)
                .any(|(_, outer)| ENTRIES.iter().any(|of| outer.item.is(of)));
        is_entry && !is_other && !is_cited
    }

    /// The entry that what stands in `at` belongs to, and by which of its properties, if by any.
    pub(super) fn owner(&self, at: usize) -> Option<(usize, Option<&'m str>)> {
        let mut by = None;
        for (at, placed) in self.outwards(at) {
            if self.is_entry(at) {
                return Some((at, by));
            }
            by = placed.property;
        }
        None
    }

    /// Whether the entry stands in no other entry.
    pub(super) fn is_outermost(&self, at: usize) -> bool {
        self.outwards(at)
            .skip(1)
            .all(|(outer, _)| !self.is_entry(outer))
    }
}
