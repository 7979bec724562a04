//! When to look after known mentions: pure functions of how they stood and what was seen.

use std::time::Duration;

use super::retry::{Jitter, asked_for};
use crate::fetch::FetchError;
use crate::model::{FailureKind, NextCheck, Timestamp};
use crate::store::Known;

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// After the sender has spoken of a mention and after each check, wait so long; the last wait repeats.
const AFTER_CHECK: [Duration; 4] = [
    DAY,
    DAY.saturating_mul(7),
    DAY.saturating_mul(30),
    DAY.saturating_mul(91),
];

/// After the n-th check in a row that came to no answer, wait so long; then go on as after a check.
const AFTER_FAILURE: [Duration; 3] = [HOUR, HOUR.saturating_mul(6), DAY];

/// When a check that nobody asked for finds no link, it looks again after so long before it believes that:
/// a guard's page, a consent form and a host's own page in bad times answer 200 as well. WM-44.
const SECOND_LOOK: Duration = DAY;

/// Two looks closer together than this are one.
const APART: Duration = HOUR.saturating_mul(12);

/// When to look after a mention again that its sender has just spoken of (`known` is none), or that a
/// check found in order.
pub(super) fn next_check(known: Option<&Known>, now: Timestamp, jitter: Jitter) -> NextCheck {
    let checks = known.map_or(0, |known| known.checks.saturating_add(1));
    NextCheck {
        at: now.plus(jitter.spread(rung(checks))),
        checks,
    }
}

/// When to look again after a check came to no answer.
pub(super) fn after_failure(
    known: &Known,
    error: &FetchError,
    now: Timestamp,
    jitter: Jitter,
) -> Timestamp {
    if !error.is_transient() {
        return after_unreadable(known, now, jitter);
    }
    let failures = usize::try_from(known.failures).unwrap_or(usize::MAX);
    let wait = AFTER_FAILURE.get(failures).copied().unwrap_or_else(|| {
        // The last of those waits was a day, as the first of the others is.
        let on_schedule = failures
            .saturating_sub(AFTER_FAILURE.len())
            .saturating_add(1);
        let on_schedule = u32::try_from(on_schedule).unwrap_or(u32::MAX);
        rung(known.checks.saturating_add(on_schedule))
    });
    let asked = asked_for(error).unwrap_or_default();
    now.plus(jitter.spread(wait.max(asked)))
}

/// When to look again at what could not be read.
pub(super) fn after_unreadable(known: &Known, now: Timestamp, jitter: Jitter) -> Timestamp {
    now.plus(jitter.spread(rung(known.checks.saturating_add(known.failures))))
}

/// When to look again after a check found no link; `None` believes it.
pub(super) fn after_no_link(known: &Known, now: Timestamp, jitter: Jitter) -> Option<Timestamp> {
    match known.doubted_at {
        Some(since) if now.since(since) >= APART => None,
        _ => Some(now.plus(jitter.spread(SECOND_LOOK))),
    }
}

/// Whether a source that fails like this has been dead for `patience`: no page, or no such host, at each
/// check.
pub(super) fn is_dead(
    known: &Known,
    kind: FailureKind,
    now: Timestamp,
    patience: Option<Duration>,
) -> bool {
    let is_absent = matches!(kind, FailureKind::NotFound | FailureKind::Dns);
    match (patience, known.failing_since) {
        (Some(patience), Some(since)) => is_absent && now.since(since) >= patience,
        _ => false,
    }
}

fn rung(checks: u32) -> Duration {
    let last = AFTER_CHECK.len().saturating_sub(1);
    let index = usize::try_from(checks).unwrap_or(last).min(last);
    AFTER_CHECK.get(index).copied().unwrap_or(DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Jitter = Jitter(0.0);
    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn hours(at: Timestamp) -> u64 {
        at.since(NOW).as_secs() / 3600
    }

    #[test]
    fn checks_come_after_a_day_a_week_a_month_and_then_every_quarter() {
        let mut known = None;
        let mut waits = Vec::new();
        for _ in 0..6 {
            let next = next_check(known.as_ref(), NOW, NONE);
            waits.push(hours(next.at));
            known = Some(Known {
                checks: next.checks,
                ..Known::default()
            });
        }
        assert_eq!(waits, [24, 7 * 24, 30 * 24, 91 * 24, 91 * 24, 91 * 24]);
    }

    #[test]
    fn jitter_only_ever_adds_and_at_most_a_tenth() {
        assert_eq!(hours(next_check(None, NOW, Jitter(1.0)).at), 26);
    }

    #[test]
    fn a_source_that_fails_is_asked_a_few_times_and_then_on_schedule() {
        let timeout = FetchError::Timeout("read");
        let wait = |failures| {
            let known = Known {
                failures,
                ..Known::default()
            };
            hours(after_failure(&known, &timeout, NOW, NONE))
        };
        let waits: Vec<_> = (0..7).map(wait).collect();
        assert_eq!(waits, [1, 6, 24, 7 * 24, 30 * 24, 91 * 24, 91 * 24]);
    }

    #[test]
    fn what_will_not_pass_is_asked_on_schedule_only() {
        let circle = FetchError::Redirect("in a circle".into());
        for (failures, want) in [(0, 24), (1, 7 * 24), (9, 91 * 24)] {
            let known = Known {
                failures,
                ..Known::default()
            };
            assert_eq!(hours(after_failure(&known, &circle, NOW, NONE)), want);
            assert_eq!(hours(after_unreadable(&known, NOW, NONE)), want);
        }
    }

    #[test]
    fn the_source_may_ask_for_more_time_within_reason() {
        let ask = |seconds| FetchError::Status {
            status: 503,
            retry_after: Some(Duration::from_secs(seconds)),
        };
        let known = Known::default();
        let wait = |seconds| hours(after_failure(&known, &ask(seconds), NOW, NONE));
        assert_eq!(wait(60), 1);
        assert_eq!(wait(43_200), 12);
        assert_eq!(wait(u64::MAX), 24);
    }

    #[test]
    fn a_missing_link_is_believed_at_a_second_look_that_is_not_the_first_one_again() {
        let doubted = |hours| Known {
            doubted_at: Some(NOW.before(HOUR.saturating_mul(hours))),
            ..Known::default()
        };
        let first = after_no_link(&Known::default(), NOW, NONE).unwrap();
        assert_eq!(hours(first), 24);
        assert!(after_no_link(&doubted(1), NOW, NONE).is_some());
        assert_eq!(after_no_link(&doubted(24), NOW, NONE), None);
    }

    #[test]
    fn a_source_is_dead_only_where_the_owner_says_so_and_it_was_away_all_the_time() {
        let since = |days: u64| Known {
            failing_since: Some(NOW.before(DAY.saturating_mul(u32::try_from(days).unwrap()))),
            ..Known::default()
        };
        let year = Some(DAY.saturating_mul(365));
        let away = FailureKind::NotFound;
        assert!(is_dead(&since(366), away, NOW, year));
        assert!(is_dead(&since(366), FailureKind::Dns, NOW, year));
        assert!(!is_dead(&since(364), away, NOW, year));
        assert!(!is_dead(&since(366), away, NOW, None));
        assert!(!is_dead(&since(366), FailureKind::Timeout, NOW, year));
        assert!(!is_dead(&Known::default(), away, NOW, year));
    }
}
