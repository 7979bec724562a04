//! [`Upstream`]: the part of the store that knows whom to tell that a page's mentions have changed.
//! indieweb.org/Salmention

use std::time::Duration;

use async_trait::async_trait;

use super::StoreError;
use crate::model::{SourceUrl, TargetUrl, Timestamp};

/// How soon, and how often, others are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TellTerms {
    /// From the first change to the telling: what comes meanwhile is told with it.
    pub delay: Duration,
    /// From one telling of the same to the same to the next, at least.
    pub interval: Duration,
}

/// A page of the owner's whose mentions have changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedPage {
    /// Its number in the store.
    pub id: i64,
    /// Where it is, as the last link named it.
    pub url: TargetUrl,
    /// When the first change was that nobody was told of.
    pub changed_at: Timestamp,
}

/// A webmention that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ping {
    /// Its number in the store.
    pub id: i64,
    /// The owner's page.
    pub source: SourceUrl,
    /// What it answers.
    pub target: TargetUrl,
    /// How often it was tried, this time included.
    pub attempts: u32,
}

/// Whom to tell. What is here survives a restart; a change that nobody was told of for a day is told no more.
#[async_trait]
pub trait Upstream: Send + Sync {
    /// Pages whose mentions have changed so that a reader could read something else, or something more or
    /// less. Each is given out once in [`TellTerms::interval`], until [`Upstream::plan_pings`].
    async fn changed_pages(
        &self,
        terms: TellTerms,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<ChangedPage>, StoreError>;

    /// Writes down who is to be told of the changes of `page` that there were when it was given out: each
    /// pair once in [`TellTerms::interval`].
    async fn plan_pings(
        &self,
        page: ChangedPage,
        pings: Vec<(SourceUrl, TargetUrl)>,
        terms: TellTerms,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Webmentions that are due; each is given out again after `lease` unless it has ended.
    async fn due_pings(
        &self,
        limit: usize,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Vec<Ping>, StoreError>;

    /// It was sent, or is not to be; or is to be tried again at `again_at`.
    async fn ping_ended(
        &self,
        ping: i64,
        again_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), StoreError>;
}
