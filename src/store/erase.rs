//! [`Eraser`]: the part of the store that forgets what is known of somebody, because they ask for it.

use async_trait::async_trait;

use super::StoreError;
use crate::model::{SiteId, Subject, Timestamp};

/// What there is, or was, of a [`Subject`]: all that is erased with it, each row counted once. What the database
/// makes and takes away by itself along with these (copies of pictures, counts, versions) is not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traces {
    /// Mentions whose source, address or author is the subject's.
    pub mentions: usize,
    /// Mentions of others that show words of the subject's among their comments.
    pub quoting: usize,
    /// Status pages of what was submitted from there, or led to one of the mentions.
    pub receipts: usize,
    /// Status pages of others whose words name a page of the subject's: the words go.
    pub naming: usize,
    /// Submissions that wait, or are being verified.
    pub submissions: usize,
    /// Entries in the lists of mentions that are shown no longer.
    pub tombstones: usize,
    /// Webmentions to the subject's pages that are to be sent, or were within a day.
    pub pings: usize,
    /// Pictures, wherever they are, that are named by these mentions and comments alone.
    pub pictures: usize,
    /// Domains that are known, for each site.
    pub domains: usize,
    /// Domains whose turn to be asked for pages is remembered, where nothing of others waits for it.
    pub lanes: usize,
    /// Domains whose turn to be asked for pictures is remembered, where others name none.
    pub picture_lanes: usize,
}

impl Traces {
    /// Whether there is nothing.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// Finds and erases the traces of a subject. Rules to block or allow are the owner's own words, and stay.
#[async_trait]
pub trait Eraser: Send + Sync {
    /// What there is of `subject`, of one site or of all: what [`forget`](Self::forget) would erase now. The turns
    /// of domains are of no site, and are counted and erased for all sites alone.
    async fn traces(&self, subject: &Subject, site: Option<SiteId>) -> Result<Traces, StoreError>;

    /// Erases it, tombstones included: no table holds a word of it afterwards. Verifications under way
    /// come to nothing. Returns what there was.
    ///
    /// # Cancel safety
    /// Parts may be erased already if the future is dropped; asking again erases the rest.
    async fn forget(
        &self,
        subject: &Subject,
        site: Option<SiteId>,
        now: Timestamp,
    ) -> Result<Traces, StoreError>;

    /// Takes what was erased out of the database's log as well, and, with `rewrite`, out of the parts of
    /// its file that are not in use: the file is written anew, which takes as much room again meanwhile
    /// and keeps writers waiting. `false` if others were reading, so that the log is not empty yet.
    async fn scrub(&self, rewrite: bool) -> Result<bool, StoreError>;
}
