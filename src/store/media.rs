//! [`MediaCache`]: the part of the store that keeps small copies of the pictures that mentions name.
//!
//! Which pictures there are, the store knows by itself: they come with the mentions that name them, and go
//! with the last of these, copy and all. A worker claims those that are due, and says what came of each.

use std::collections::HashSet;
use std::time::Duration;

use async_trait::async_trait;

use super::{Manners, StoreError};
use crate::model::{MediaName, PictureRole, Rendition, SourceUrl, Timestamp, Validators};

/// What a worker asks for.
#[derive(Debug, Clone)]
pub struct PictureRequest {
    /// At most so many pictures, and one of each domain.
    pub limit: usize,
    /// The domains that this worker asks already.
    pub busy: HashSet<String>,
    /// How long the lease lasts.
    pub lease: Duration,
    /// What is owed to each domain.
    pub manners: Manners,
}

/// What a claim brings.
#[derive(Debug, Clone, Default)]
pub struct ClaimedPictures {
    /// The pictures to ask for.
    pub pictures: Vec<LeasedPicture>,
    /// When to claim again, if nothing else happens before.
    pub next_at: Option<Timestamp>,
}

/// The right to ask for one picture until the lease ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PictureLease {
    /// The picture's number.
    pub picture: i64,
    /// The holder.
    pub holder: i64,
}

/// A picture under lease.
#[derive(Debug, Clone)]
pub struct LeasedPicture {
    /// The right to it.
    pub lease: PictureLease,
    /// Where it is.
    pub url: SourceUrl,
    /// What it is shown as.
    pub role: PictureRole,
    /// The domain, as in [`PictureRequest::busy`].
    pub domain: String,
    /// By what its server tells whether it has changed, if it does, and if we have a copy.
    pub validators: Option<Validators>,
    /// How many fetches in a row brought no picture.
    pub failures: u32,
}

/// What came of asking for a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PictureOutcome {
    /// There is a copy.
    Copied {
        /// The copy.
        copy: Rendition,
        /// What to ask with next time.
        validators: Option<Validators>,
    },
    /// The copy that we have is the picture as it is.
    Unchanged,
    /// There is no picture.
    Failed {
        /// Why, in words for the owner.
        failure: String,
        /// Whether the copy that we have is to go.
        is_gone: bool,
        /// The server asks that its domain be left alone until then.
        hold_until: Option<Timestamp>,
    },
}

/// The copies of pictures, and which are wanted.
#[async_trait]
pub trait MediaCache: Send + Sync {
    /// Leases pictures that are due. Two callers never get the same one at the same time; domains take
    /// turns. What [`Manners`] do not allow yet, and what the domain asked for as a source of pages, waits.
    async fn claim_pictures(
        &self,
        request: PictureRequest,
        now: Timestamp,
    ) -> Result<ClaimedPictures, StoreError>;

    /// Records what came of a leased picture, which is due again at `again_at`, and ends the lease. Where
    /// readers will see another copy, or none, the version of each page that shows it grows. Of all copies
    /// the ones that were used least lately go until `max_bytes` are left at most.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] if the lease is not the holder's any more, or nobody names the picture any
    /// more: nothing was changed.
    async fn finish_picture(
        &self,
        lease: PictureLease,
        outcome: PictureOutcome,
        again_at: Timestamp,
        max_bytes: u64,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Removes copies, those first that were used least lately, until `max_bytes` are left at most. Returns
    /// how many went.
    async fn shrink_media(&self, max_bytes: u64, now: Timestamp) -> Result<usize, StoreError>;

    /// The file of that name, which counts as used.
    async fn media(&self, name: MediaName, now: Timestamp) -> Result<Option<Vec<u8>>, StoreError>;

    /// Returns when there may be a picture to claim, at the latest after `within`.
    async fn wait_for_pictures(&self, within: Duration);
}
