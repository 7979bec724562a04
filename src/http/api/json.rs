//! The JSON of our own API's answers, but for the mentions themselves.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::given::write_cursor;
use super::mention::{MentionJson, rfc3339};
use crate::model::{Counts, TargetUrl};
use crate::store::{MentionPage, OrderBy, ScopeCounts, Tombstone, TombstonePage};

/// Some of the mentions that were asked for.
#[derive(Serialize, ToSchema)]
pub(super) struct MentionsJson<'a> {
    /// The page that was asked for, if it was one alone.
    target: Option<&'a str>,
    /// Another number than before when anything has changed.
    version: i64,
    /// How many there are altogether; `null` where a filter leaves too many to count.
    total: Option<u64>,
    /// How many are shown of each kind on the pages that were asked for, whatever `kind`, `author_domain`, `since`
    /// and `state` leave.
    counts: KindsJson,
    /// The mentions, in order.
    mentions: Vec<MentionJson<'a>>,
    /// The `cursor` of those that follow; `null` if none do.
    next: Option<String>,
    /// The `cursor` of what comes after these at any time to come; `null` if there was nothing yet.
    end: Option<String>,
}

impl<'a> MentionsJson<'a> {
    /// What is answered to a reader who asked for mentions of `targets` in the order of `by`.
    pub(super) fn new(targets: &'a [TargetUrl], by: OrderBy, page: &'a MentionPage) -> Self {
        let cursor = |place| write_cursor(by, place);
        Self {
            target: match targets {
                [target] => Some(target.as_str()),
                _ => None,
            },
            version: page.version.number.0,
            total: page.total,
            counts: KindsJson::from(&page.counts),
            mentions: page.mentions.iter().map(MentionJson::from).collect(),
            next: page.next().map(cursor),
            end: page.end.map(cursor),
        }
    }

    /// What is answered to the owner who asked for mentions of `targets` in several states.
    pub(super) fn of_states(targets: &'a [TargetUrl], page: &'a MentionPage) -> Self {
        let mut answer = Self::new(targets, OrderBy::Received, page);
        for (written, mention) in answer.mentions.iter_mut().zip(&page.mentions) {
            written.state = Some(mention.state.as_str());
        }
        answer
    }
}

/// How many mentions there are, by kind.
#[derive(Serialize, ToSchema)]
struct KindsJson {
    /// How many there are altogether.
    total: u64,
    /// How many there are of each kind that there are any of; RSVPs by their answers: `rsvp-yes`.
    kinds: BTreeMap<&'static str, u64>,
}

impl From<&Counts> for KindsJson {
    fn from(counts: &Counts) -> Self {
        Self {
            total: counts.total(),
            kinds: kinds(counts),
        }
    }
}

fn kinds(counts: &Counts) -> BTreeMap<&'static str, u64> {
    counts.iter().map(|(key, n)| (key.as_str(), n)).collect()
}

/// How many mentions there are.
#[derive(Serialize, ToSchema)]
pub(super) struct CountsJson<'a> {
    /// Another number than before when anything has changed.
    version: i64,
    /// How many there are altogether.
    total: u64,
    /// How many there are of each kind that there are any of; RSVPs by their answers: `rsvp-yes`.
    kinds: BTreeMap<&'static str, u64>,
    /// The same of each page that was named, in the order in which they were.
    targets: Vec<TargetCountsJson<'a>>,
}

/// How many mentions a page has.
#[derive(Serialize, ToSchema)]
struct TargetCountsJson<'a> {
    /// The page, as it was asked for.
    target: &'a str,
    /// How many there are altogether.
    total: u64,
    /// How many there are of each kind.
    kinds: BTreeMap<&'static str, u64>,
}

impl<'a> CountsJson<'a> {
    /// What is answered of all that was asked for, and of each page.
    pub(super) fn new(all: &ScopeCounts, each: &[(&'a str, ScopeCounts)]) -> Self {
        let of_target = |(target, counted): &(&'a str, ScopeCounts)| TargetCountsJson {
            target,
            total: counted.counts.total(),
            kinds: kinds(&counted.counts),
        };
        Self {
            version: all.version.number.0,
            total: all.counts.total(),
            kinds: kinds(&all.counts),
            targets: each.iter().map(of_target).collect(),
        }
    }
}

/// What was shown and is not any more.
#[derive(Serialize, ToSchema)]
pub(super) struct DeletedJson<'a> {
    /// The mentions that went, in order.
    deleted: Vec<TombstoneJson<'a>>,
    /// The `cursor` of those that follow; `null` if none do.
    next: Option<String>,
    /// The `cursor` of what comes after these at any time to come; `null` if there was nothing yet.
    end: Option<String>,
}

/// A mention that went.
#[derive(Serialize, ToSchema)]
struct TombstoneJson<'a> {
    /// The number it had.
    id: i64,
    /// Where it was found.
    source: &'a str,
    /// The page, as the link named it.
    target: &'a str,
    /// When it went.
    deleted: String,
}

impl<'a> DeletedJson<'a> {
    /// What is answered of `page`.
    pub(super) fn new(page: &'a TombstonePage) -> Self {
        let cursor = |place| write_cursor(OrderBy::Changed, place);
        let tombstone = |one: &'a Tombstone| TombstoneJson {
            id: one.id.0,
            source: one.source.as_str(),
            target: one.target.as_str(),
            deleted: rfc3339(one.change.time()),
        };
        Self {
            deleted: page.tombstones.iter().map(tombstone).collect(),
            next: page.end.filter(|_| page.has_more).map(cursor),
            end: page.end.map(cursor),
        }
    }
}
