//! Who waits for a verdict, and is woken when it is in.

use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::{SqliteStore, lock, status};
use crate::model::{Status, StatusKey};
use crate::store::{Accepted, Lease, StoreError};

/// How often a waiting pingback looks for a verdict that another process may have stored.
const VERDICT_POLL: Duration = Duration::from_millis(100);

/// Someone who waits for a verdict.
pub(super) struct Waiting {
    revision: i64,
    tell: oneshot::Sender<()>,
}

/// Takes whoever waited for `key`, and waits no more, off the list.
struct LeavesOnDrop<'a> {
    store: &'a SqliteStore,
    key: StatusKey,
}

impl Drop for LeavesOnDrop<'_> {
    fn drop(&mut self) {
        let mut waiting = lock(&self.store.waiting);
        if let Some(all) = waiting.get_mut(&self.key) {
            all.retain(|w| !w.tell.is_closed());
            if all.is_empty() {
                waiting.remove(&self.key);
            }
        }
    }
}

impl SqliteStore {
    /// What [`Store::wait_for_verdict`](crate::store::Store::wait_for_verdict) does.
    pub(super) async fn await_verdict(
        &self,
        accepted: Accepted,
        within: Duration,
    ) -> Result<Option<Status>, StoreError> {
        let deadline = Instant::now() + within;
        // Before the channel, and so dropped after it; also where the future is dropped half-way
        // because the sender has hung up.
        let _leaves = LeavesOnDrop {
            store: self,
            key: accepted.key,
        };
        let (tell, mut told) = oneshot::channel();
        lock(&self.waiting)
            .entry(accepted.key)
            .or_default()
            .push(Waiting {
                revision: accepted.revision,
                tell,
            });
        let in_time = loop {
            // The verdict may have come between the acceptance and the lines above, or may come
            // from another process: look as well as listen.
            if self.read(|c| status::has_verdict(c, accepted))? {
                break true;
            }
            let look_again = (Instant::now() + VERDICT_POLL).min(deadline);
            if tokio::time::timeout_at(look_again, &mut told).await.is_ok() {
                break true;
            }
            if Instant::now() >= deadline {
                break false;
            }
        };
        if in_time {
            self.read(|c| status::status(c, accepted.key))
        } else {
            Ok(None)
        }
    }

    /// Wakes who waits for the verdict that this lease was for.
    pub(super) fn tell_verdict(&self, lease: Lease) {
        let mut waiting = lock(&self.waiting);
        let Some(all) = waiting.remove(&lease.key) else {
            return;
        };
        let (told, later): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|w| w.revision <= lease.revision);
        if !later.is_empty() {
            waiting.insert(lease.key, later);
        }
        drop(waiting);
        for one in told {
            // Whoever has stopped waiting needs no word.
            let _ = one.tell.send(());
        }
    }
}
