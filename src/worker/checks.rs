//! Puts the checks of known mentions into the queue, a few at a time.

use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior, interval};
use tracing::{debug, warn};

use crate::model::Clock;
use crate::store::Store;

/// How often checks are put into the queue.
const EVERY: Duration = Duration::from_secs(10);

/// How many of these there are in a minute.
const A_MINUTE: u64 = 6;

/// The budget of checks.
#[derive(Debug)]
pub(super) struct Checks {
    per_minute: u64,
    turns: u64,
}

impl Checks {
    /// So many a minute; none for 0.
    pub(super) fn new(per_minute: u32) -> Self {
        Self {
            per_minute: u64::from(per_minute),
            turns: 0,
        }
    }

    /// When it is time for more.
    pub(super) fn ticks() -> Interval {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks
    }

    /// How many may be put there now.
    fn turn(&mut self) -> usize {
        let so_far = |turns: u64| self.per_minute.saturating_mul(turns) / A_MINUTE;
        let before = so_far(self.turns);
        self.turns = self.turns.saturating_add(1);
        usize::try_from(so_far(self.turns).saturating_sub(before)).unwrap_or(usize::MAX)
    }

    /// Puts there as many as may be.
    pub(super) async fn enqueue(&mut self, store: &dyn Store, clock: &dyn Clock) {
        let limit = self.turn();
        if limit == 0 {
            return;
        }
        match store.enqueue_checks(limit, clock.now()).await {
            Ok(0) => {}
            Ok(count) => debug!(count, "checking mentions that are due for it"),
            Err(error) => warn!(%error, "cannot queue checks of mentions"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_has_as_many_checks_as_are_allowed() {
        for per_minute in [0, 1, 5, 60, 1000] {
            let mut checks = Checks::new(per_minute);
            for _ in 0..3 {
                let sum: usize = (0..A_MINUTE).map(|_| checks.turn()).sum();
                assert_eq!(sum, usize::try_from(per_minute).unwrap());
            }
        }
    }
}
