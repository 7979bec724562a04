//! What an owner asks the store of submissions for: what was sent to the site, and what came of it.

use crate::model::{PageKey, SiteId, Status, Timestamp};

/// What the last verification of a submission came to, as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// It is a mention.
    Accepted,
    /// The source does not link to the target.
    Rejected,
    /// It was a mention once.
    Deleted,
    /// The source could not be judged.
    Error,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 4] = [Self::Accepted, Self::Rejected, Self::Deleted, Self::Error];

    /// The name in the store and in JSON, as [`crate::model::State::as_str`] has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Deleted => "deleted",
            Self::Error => "error",
        }
    }

    /// The verdict of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == name)
    }
}

/// Which submissions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubmissionsOf {
    /// Those that wait for their first verdict since they were last sent. They are in the order of the queue,
    /// whose numbers are used again: a listing of them shows a moment.
    Waiting,
    /// Those with one of these verdicts. Their numbers grow when they are sent again or come to another
    /// verdict: who follows them upwards misses nothing.
    Judged(Vec<Verdict>),
}

/// Which submissions to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubmissionQuery {
    /// To this site.
    pub site: SiteId,
    /// Which.
    pub of: SubmissionsOf,
    /// Only those to this page.
    pub page: Option<PageKey>,
    /// Only those that were sent, or came to their verdict, after this time.
    pub since: Option<Timestamp>,
    /// Whether the oldest come first.
    pub ascending: bool,
    /// After the one with this number.
    pub after: Option<i64>,
    /// At most so many.
    pub limit: usize,
}

/// A submission as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubmissionRecord {
    /// Its place in the listing.
    pub number: i64,
    /// When it was last sent.
    pub received_at: Timestamp,
    /// Where it stands.
    pub status: Status,
}

/// Some of the submissions that were asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubmissionPage {
    /// The submissions, in order. They may be fewer than the limit, or none, though more follow: where
    /// the store had to pass over many that were not asked for.
    pub submissions: Vec<SubmissionRecord>,
    /// The number of the last one that was looked at.
    pub end: Option<i64>,
    /// Whether more follow.
    pub has_more: bool,
}
