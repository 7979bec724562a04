//! When to look again: pure functions of how often we looked and what we saw.

use std::time::Duration;

use crate::fetch::FetchError;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// After the n-th failure, wait so long: about three days in all, dense at first, since most
/// outages are restarts.
const AFTER_FAILURE: [Duration; 7] = [
    SECOND.saturating_mul(10),
    MINUTE,
    MINUTE.saturating_mul(10),
    HOUR,
    HOUR.saturating_mul(6),
    HOUR.saturating_mul(24),
    HOUR.saturating_mul(41),
];

/// After the n-th look at a page without the link, wait so long: senders ping before their own
/// page is out, and caches serve the old one for a while.
const AFTER_NO_LINK: [Duration; 2] = [SECOND.saturating_mul(10), MINUTE.saturating_mul(3)];

/// The longest `Retry-After` we obey: a source that asks for more is asked sooner.
const MAX_RETRY_AFTER: Duration = HOUR.saturating_mul(24);

/// A random number in `0.0..1.0`, drawn at the edge: spreads those who failed together.
#[derive(Debug, Clone, Copy)]
pub struct Jitter(pub f64);

impl Jitter {
    /// `wait`, up to a tenth longer.
    pub(super) fn spread(self, wait: Duration) -> Duration {
        wait.saturating_add(wait.mul_f64(0.1 * self.0.clamp(0.0, 1.0)))
    }
}

/// How long to wait after a failed fetch; `None` gives up. `attempts` counts the fetches so far,
/// the failed one included.
pub fn after_failure(attempts: u32, error: &FetchError, jitter: Jitter) -> Option<Duration> {
    if !error.is_transient() {
        return None;
    }
    let scheduled = nth(&AFTER_FAILURE, attempts)?;
    let asked = asked_for(error).unwrap_or_default();
    Some(jitter.spread(scheduled.max(asked)))
}

/// How long the source itself asked to be left alone, within reason.
pub fn asked_for(error: &FetchError) -> Option<Duration> {
    error.retry_after().map(|asked| asked.min(MAX_RETRY_AFTER))
}

/// How long to wait before looking once more for a link that was not there; `None` believes it.
pub fn after_no_link(attempts: u32, jitter: Jitter) -> Option<Duration> {
    nth(&AFTER_NO_LINK, attempts).map(|wait| jitter.spread(wait))
}

/// The wait after the `attempts`-th try that failed, if the schedule has one.
pub(super) fn nth(schedule: &[Duration], attempts: u32) -> Option<Duration> {
    let index = usize::try_from(attempts).ok()?.saturating_sub(1);
    schedule.get(index).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Jitter = Jitter(0.0);

    #[test]
    fn transient_failures_are_retried_for_about_three_days() {
        let waits: Vec<_> = (1..)
            .map_while(|n| after_failure(n, &FetchError::Timeout("read"), NONE))
            .collect();
        assert!(waits.is_sorted());
        assert_eq!(waits[0], Duration::from_secs(10));
        let days = waits.iter().sum::<Duration>().as_secs_f64() / 86_400.0;
        assert!((2.9..3.2).contains(&days), "{days}");
    }

    #[test]
    fn what_will_not_change_is_not_retried() {
        let refused = FetchError::Redirect("loop".into());
        assert_eq!(after_failure(1, &refused, NONE), None);
    }

    #[test]
    fn a_missing_page_is_retried_because_it_may_not_be_out_yet() {
        assert!(after_failure(1, &FetchError::NotFound, NONE).is_some());
        assert!(after_no_link(1, NONE).is_some());
        assert_eq!(after_no_link(3, NONE), None);
    }

    #[test]
    fn the_source_may_ask_for_more_time_within_reason() {
        let ask = |seconds| FetchError::Status {
            status: 503,
            retry_after: Some(Duration::from_secs(seconds)),
        };
        let wait = |seconds| after_failure(1, &ask(seconds), NONE).unwrap().as_secs();
        assert_eq!(wait(1), 10);
        assert_eq!(wait(120), 120);
        assert_eq!(wait(u64::MAX), 86_400);
    }

    #[test]
    fn jitter_only_ever_adds_and_at_most_a_tenth() {
        let with = |j| after_failure(2, &FetchError::NotFound, Jitter(j)).unwrap();
        assert_eq!(with(0.0), Duration::from_secs(60));
        assert_eq!(with(1.0), Duration::from_secs(66));
        assert_eq!(with(9.0), Duration::from_secs(66));
    }
}
