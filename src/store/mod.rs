//! [`Store`]: the one thing that the http and worker roles share. No SQL here.
//!
//! Each method is one transaction and speaks in steps of the trade. What a method returns has
//! happened: [`Store::accept`] comes back when the submission is on disk.

use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;

use crate::model::{
    Mention, MentionId, Outcome, Pace, Protocols, Secret, Site, SiteBase, SiteId, SourceUrl,
    Status, StatusKey, Submission, TargetUrl, Timestamp, Validators,
};

#[cfg(test)]
mod contract;
mod door;
mod entry;
mod erase;
mod following;
mod listing;
mod media;
mod original;
pub mod sqlite;
mod submissions;
mod telling;
mod token;
mod upstream;

pub use self::door::{Admission, DOOR_HOLDS_FOR, DoorBook, admission, may_vouch};
pub use self::erase::{Eraser, Traces};
pub use self::following::{Changes, changes_since};
pub use self::listing::{
    Cursor, MentionPage, MentionQuery, Order, OrderBy, Scope, ScopeCounts, Start, Tombstone,
    TombstonePage, TombstoneQuery, Version,
};
pub use self::media::{
    ClaimedPictures, LeasedPicture, MediaCache, PictureLease, PictureOutcome, PictureRequest,
};
pub use self::submissions::{
    SubmissionPage, SubmissionQuery, SubmissionRecord, SubmissionsOf, Verdict,
};
pub use self::telling::TellingBook;
pub use self::token::{Token, TokenBook};

pub use self::upstream::{ChangedPage, Ping, TellTerms, Upstream};

/// Why a store could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// More work waits than the store takes in; come back in a moment.
    #[error("the store is busy")]
    Busy,
    /// The site of the submission has been removed.
    #[error("there is no such site")]
    NoSuchSite,
    /// The lease ran out and someone else has, or has had, the submission.
    #[error("the lease is lost")]
    LeaseLost,
    /// The store was made by a newer version of this program.
    #[error(
        "the database has schema version {found}, this program knows versions up to {known}; run the newer \
         program that wrote it"
    )]
    TooNew {
        /// The version found.
        found: i64,
        /// The newest version this program knows.
        known: i64,
    },
    /// The file is a database, but of another program, or of this one before its first release.
    #[error("{0}; name another file, which is made if it does not exist")]
    Foreign(String),
    /// A row holds what this program never writes.
    #[error("corrupt row: {0}")]
    Corrupt(String),
    /// Anything else: the disk, mostly.
    #[error(transparent)]
    Other(Box<dyn std::error::Error + Send + Sync>),
}

/// An accepted submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// The name of its status page.
    pub key: StatusKey,
    /// Which repetition of the same source and target this is, while the first still waits.
    pub revision: i64,
}

/// How long a page that was fetched may speak for submissions that were accepted before that.
pub const PAGE_SPEAKS_FOR: Duration = Duration::from_secs(60);

/// What a worker asks for.
#[derive(Debug, Clone)]
pub struct ClaimRequest {
    /// At most so many pages.
    pub limit: usize,
    /// At most so many of one domain, those in `busy` included.
    pub per_host: usize,
    /// How many this worker has under way already, by the domain of the source.
    pub busy: HashMap<String, usize>,
    /// How long the lease lasts unless renewed.
    pub lease: Duration,
    /// What is owed to each domain.
    pub manners: Manners,
}

/// How often a domain may be asked, whoever submits what; the default sets no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Manners {
    /// From one fetch to the next of the same domain, at least.
    pub interval: Duration,
    /// Fetches an hour of sources that are equal but for query and fragment; 0: no limit.
    pub page_per_hour: u32,
    /// Fetches an hour of one domain; 0: no limit.
    pub domain_per_hour: u32,
}

impl Manners {
    /// What is known to have linked to us, page or domain, may be fetched so many times as often.
    pub const KNOWN: u32 = 10;

    /// The pace for a page.
    pub fn of_page(&self, is_known: bool) -> Option<Pace> {
        Self::hourly(self.page_per_hour, is_known)
    }

    /// The pace for a domain.
    pub fn of_domain(&self, is_known: bool) -> Option<Pace> {
        Self::hourly(self.domain_per_hour, is_known)
    }

    fn hourly(count: u32, is_known: bool) -> Option<Pace> {
        Pace::hourly(count.saturating_mul(if is_known { Self::KNOWN } else { 1 }))
    }
}

/// What a claim brings.
#[derive(Debug, Clone, Default)]
pub struct Claimed {
    /// The submissions to verify.
    pub batches: Vec<Batch>,
    /// When to claim again, if nothing else happens before.
    pub next_at: Option<Timestamp>,
}

/// Submissions of one source: one fetch is enough for all of them.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The domain of the source, as in [`ClaimRequest::busy`].
    pub domain: String,
    /// The submissions; never empty.
    pub leased: Vec<Leased>,
}

/// The right to verify one submission until the lease ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lease {
    /// The submission.
    pub key: StatusKey,
    /// The holder.
    pub holder: i64,
    /// The submission's revision when it was claimed.
    pub revision: i64,
}

/// A submission under lease.
#[derive(Debug, Clone)]
pub struct Leased {
    /// The right to it.
    pub lease: Lease,
    /// The claimed source.
    pub source: SourceUrl,
    /// The claimed target.
    pub target: TargetUrl,
    /// The site that the target is a page of.
    pub site: SiteId,
    /// The page that vouches for the source, where the sender named one.
    pub vouch: Option<SourceUrl>,
    /// What opens the source, if it is private.
    pub code: Option<Secret>,
    /// By which protocols it came.
    pub protocols: Protocols,
    /// How often its verification was started before.
    pub attempts: u32,
    /// What the source said before this proves nothing against the claim: it was submitted, or was
    /// to be looked at again, then.
    pub since: Timestamp,
    /// Why the source is asked.
    pub occasion: Occasion,
    /// How the mention stands, if this source and target are known as one already.
    pub known: Option<Known>,
}

/// Why a source is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Occasion {
    /// Somebody submitted it.
    Sent,
    /// Somebody submitted it for another target: what it says of this one may have changed, too.
    OtherTarget,
    /// Nobody did: a known mention is looked after.
    Schedule,
}

impl Occasion {
    /// Every occasion.
    pub const ALL: [Self; 3] = [Self::Sent, Self::OtherTarget, Self::Schedule];

    /// The name in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::OtherTarget => "other-target",
            Self::Schedule => "schedule",
        }
    }

    /// The occasion of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == name)
    }
}

/// How a known mention stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    /// By what its source's server tells whether it has changed, if it does.
    pub validators: Option<Validators>,
    /// How many checks on the schedule there were since its sender last spoke of it.
    pub checks: u32,
    /// How many checks came to no answer since the last one that did.
    pub failures: u32,
    /// When the first of these was.
    pub failing_since: Option<Timestamp>,
    /// When a check found no link, if none has found one since.
    pub doubted_at: Option<Timestamp>,
}

/// What [`Store::finish`] made of an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finished {
    /// A mention is known that was not before. It is shown unless the same post is shown already, as
    /// another source told of it.
    Added(MentionId),
    /// A mention was verified again.
    Updated(MentionId),
    /// A mention was removed.
    Removed,
    /// Nothing that is shown has changed.
    Noted,
}

/// The store of sites, submissions and mentions.
#[async_trait]
pub trait Store:
    DoorBook + Eraser + MediaCache + TellingBook + TokenBook + Upstream + Send + Sync
{
    /// The site that `target` is a page of.
    async fn site_of(&self, target: &TargetUrl) -> Result<Option<SiteId>, StoreError>;

    /// All sites, oldest first.
    async fn sites(&self) -> Result<Vec<Site>, StoreError>;

    /// Adds a site under `bases`, or returns the one that has the first of them already, with the
    /// missing bases added.
    async fn add_site(&self, bases: &[SiteBase], now: Timestamp) -> Result<Site, StoreError>;

    /// Removes the site with `base` and everything about it; `false` if there is none.
    async fn remove_site(&self, base: &SiteBase) -> Result<bool, StoreError>;

    /// Queues a submission, or the same source and target (and code) again. It is on disk when this returns.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when too many wait, [`StoreError::NoSuchSite`] when the site is gone:
    /// nothing was stored.
    ///
    /// # Cancel safety
    /// The submission may be stored even if the future is dropped.
    async fn accept(
        &self,
        submission: Submission,
        site: SiteId,
        now: Timestamp,
    ) -> Result<Accepted, StoreError>;

    /// Leases due submissions. Two callers never get the same one at the same time.
    ///
    /// Domains take turns, however much waits in each; within one, a fresh submission goes before
    /// those that are looked at again. What [`Manners`] do not allow yet stays, and is due later.
    async fn claim(&self, request: ClaimRequest, now: Timestamp) -> Result<Claimed, StoreError>;

    /// Makes leases last for `lease` from `now`; those lost already stay lost.
    async fn renew(
        &self,
        leases: &[Lease],
        lease: Duration,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Gives leases back unused: the submissions are due at once.
    async fn release(&self, leases: &[Lease], now: Timestamp) -> Result<(), StoreError>;

    /// Records what came of a leased submission and ends the lease.
    ///
    /// What was submitted with a code is a private mention: it is never shown, and has nothing to do with a
    /// public one of the same source, whichever was first.
    ///
    /// All addresses of one page are one source: what leads there by permanent redirects, or is called
    /// by the page's own address on its own host, updates the same mention. Only who stands for the
    /// mention's own address can take it away. When a sender has spoken of a known source, its other
    /// mentions are queued to be checked.
    ///
    /// Of the mentions of one target that tell of the same post (those whose `entry.url` is the same
    /// but for scheme and trailing slash), one is shown and counted: one whose source is on the host
    /// of that address before others, else the one that was received first. When it goes, the next
    /// takes its place.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] if the lease is not the holder's any more: nothing was changed.
    async fn finish(
        &self,
        lease: Lease,
        outcome: Outcome,
        now: Timestamp,
    ) -> Result<Finished, StoreError>;

    /// Queues checks of mentions that are due for one, the longest overdue first, so that at most
    /// `limit` wait; none while submissions are due. Returns how many.
    async fn enqueue_checks(&self, limit: usize, now: Timestamp) -> Result<usize, StoreError>;

    /// Where the submission of that name stands.
    async fn status(&self, key: StatusKey) -> Result<Option<Status>, StoreError>;

    /// Where the submission of that source and target stands.
    async fn status_of(
        &self,
        source: &SourceUrl,
        target: &TargetUrl,
    ) -> Result<Option<Status>, StoreError>;

    /// Waits until a verification that began after `accepted` has ended, at most for `within`.
    /// `None` if it has not by then.
    async fn wait_for_verdict(
        &self,
        accepted: Accepted,
        within: Duration,
    ) -> Result<Option<Status>, StoreError>;

    /// Returns when there may be something to claim, at the latest after `within`.
    async fn wait_for_work(&self, within: Duration);

    /// Is told when this process changes what a page shows. What other processes change shows in
    /// [`Store::version`] alone.
    fn changes(&self) -> watch::Receiver<()>;

    /// The version of what `scope` shows.
    async fn version(&self, scope: &Scope) -> Result<Version, StoreError>;

    /// How many mentions of each kind `scope` shows. Nobody counts them: it costs the same however
    /// many there are.
    async fn counts(&self, scope: &Scope) -> Result<ScopeCounts, StoreError>;

    /// Some of the mentions that are shown. Version and mentions are of one moment, and what it costs
    /// depends on how many are asked for, not on how many there are. A long listing is read in parts,
    /// by cursor: nothing is held in between.
    async fn mentions(&self, query: &MentionQuery) -> Result<MentionPage, StoreError>;

    /// Some of the mentions that were shown and are not any more.
    async fn deleted(&self, query: &TombstoneQuery) -> Result<TombstonePage, StoreError>;

    /// Some private mentions, of one site or of all, newest first, those with smaller numbers
    /// than `before`: for their owner alone. No other method tells of them, but by the names of their status
    /// pages.
    async fn private_mentions(
        &self,
        site: Option<SiteId>,
        before: Option<MentionId>,
        limit: usize,
    ) -> Result<Vec<Mention>, StoreError>;

    /// Some of what was sent to a site, and what came of it: for its owner alone.
    async fn submissions(&self, query: &SubmissionQuery) -> Result<SubmissionPage, StoreError>;

    /// Forgets the receipts of submissions that came to nothing and were last checked before
    /// `before`; at most `limit` of them. Returns how many.
    async fn prune(&self, before: Timestamp, limit: usize) -> Result<usize, StoreError>;

    /// Checks that the store can be read and written.
    async fn check(&self) -> Result<(), StoreError>;
}
