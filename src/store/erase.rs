//! [`Eraser`]: the part of the store that forgets what is known of somebody, because they ask for it.

use async_trait::async_trait;

use super::StoreError;
use crate::model::{SiteId, Subject, Timestamp};

/// What there is, or was, of a [`Subject`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traces {
    /// Mentions whose source, address or author is the subject's.
    pub mentions: usize,
    /// Mentions of others that show words of the subject's among their comments.
    pub quoting: usize,
    /// Status pages, tombstones among them.
    pub receipts: usize,
    /// Submissions that wait.
    pub submissions: usize,
    /// Domains that are known, for each site.
    pub domains: usize,
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
    /// What there is of `subject`, of one site or of all.
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
