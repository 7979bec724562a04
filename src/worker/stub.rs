//! What the tests of several parts fetch from.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;

use crate::fetch::{Fetch, FetchError, Fetched};
use crate::model::SourceUrl;

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
