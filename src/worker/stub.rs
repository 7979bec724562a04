//! What the tests of several parts fetch from, and for.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;

use crate::fetch::{Fetch, FetchError, Fetched};
use crate::model::{Protocol, Protocols, SiteId, SourceUrl, StatusKey, TargetUrl, Timestamp};
use crate::store::{Lease, Leased, Occasion};

/// A new webmention under lease, which came at `since`.
pub(super) fn leased(source: &str, target: &str, since: Timestamp) -> Leased {
    Leased {
        lease: Lease {
            key: StatusKey::from_bytes([0; 16]),
            holder: 0,
            revision: 1,
        },
        source: SourceUrl::parse(source).unwrap(),
        target: TargetUrl::parse(target).unwrap(),
        site: SiteId(1),
        vouch: None,
        code: None,
        protocols: Protocols::only(Protocol::Webmention),
        attempts: 0,
        since,
        occasion: Occasion::Sent,
        known: None,
    }
}

/// A server that has no page, and counts who asks.
#[derive(Default)]
pub(super) struct NothingThere(AtomicUsize);

impl NothingThere {
    /// How many have asked.
    pub(super) fn asked(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Fetch for NothingThere {
    async fn fetch(&self, _source: &SourceUrl) -> Fetched {
        self.0.fetch_add(1, Ordering::SeqCst);
        Fetched {
            hops: Vec::new(),
            answer: Err(FetchError::NotFound),
            validators: None,
        }
    }
}
