//! [`UnderWay`]: what a worker is verifying, with the leases of each batch.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::{Id, JoinError, JoinSet};
use tracing::error;

use super::verifier::Verifier;
use crate::store::{Batch, Lease};

/// The leases of a batch that are still needed.
#[derive(Debug, Default)]
pub(super) struct Leases(Mutex<HashSet<Lease>>);

impl Leases {
    /// The outcome of this one is recorded, or never will be.
    pub(super) fn done(&self, lease: &Lease) {
        self.lock().remove(lease);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashSet<Lease>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A batch that is being verified.
struct Held {
    domain: String,
    leases: Arc<Leases>,
}

/// The batches under way.
#[derive(Default)]
pub(super) struct UnderWay {
    tasks: JoinSet<()>,
    held: HashMap<Id, Held>,
}

impl UnderWay {
    pub(super) fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.tasks.len()
    }

    /// How many there are of each domain.
    pub(super) fn busy(&self) -> HashMap<String, usize> {
        let mut busy: HashMap<String, usize> = HashMap::new();
        for held in self.held.values() {
            let n = busy.entry(held.domain.clone()).or_default();
            *n = n.saturating_add(1);
        }
        busy
    }

    /// The leases that are still needed.
    pub(super) fn leases(&self) -> Vec<Lease> {
        let held = self.held.values();
        held.flat_map(|held| held.leases.lock().iter().copied().collect::<Vec<_>>())
            .collect()
    }

    /// Sets a task to a batch.
    pub(super) fn begin(&mut self, verifier: &Arc<Verifier>, batch: Batch) {
        let leases = batch.leased.iter().map(|leased| leased.lease).collect();
        let leases = Arc::new(Leases(Mutex::new(leases)));
        let verifier = Arc::clone(verifier);
        let held = Held {
            domain: batch.domain,
            leases: Arc::clone(&leases),
        };
        let task = self
            .tasks
            .spawn(async move { verifier.verify(batch.leased, &leases).await });
        self.held.insert(task.id(), held);
    }

    /// Waits for a batch to end, whether it comes back or breaks down. Never, if there is none.
    ///
    /// # Cancel safety
    /// Nothing is missed if the future is dropped.
    pub(super) async fn one_ends(&mut self) {
        match self.tasks.join_next_with_id().await {
            Some(done) => self.ended(done),
            None => std::future::pending().await,
        }
    }

    fn ended(&mut self, done: Result<(Id, ()), JoinError>) {
        let id = match done {
            Ok((id, ())) => id,
            Err(error) => {
                if error.is_panic() {
                    error!(%error, "a verification broke down; it will be repeated when its lease ends");
                }
                error.id()
            }
        };
        self.held.remove(&id);
    }

    /// Breaks off what is under way; its leases are still here.
    pub(super) async fn stop(&mut self) {
        self.tasks.shutdown().await;
    }
}
