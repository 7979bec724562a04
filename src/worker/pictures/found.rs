//! [`Found`]: what was found where a picture should be, and what follows from it. Pure.

use std::time::Duration;

use crate::fetch::FetchError;
use crate::model::{Page, Rendition, Timestamp, Validators};
use crate::picture::Unusable;
use crate::store::PictureOutcome;
use crate::worker::retry::{self, Jitter};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// A picture that we have is looked at again after so long.
const REFRESH: Duration = DAY.saturating_mul(30);

/// After the n-th fetch in a row that failed, wait so long; the last wait repeats.
const AFTER_FAILURE: [Duration; 5] = [
    HOUR,
    HOUR.saturating_mul(6),
    DAY,
    DAY.saturating_mul(7),
    REFRESH,
];

/// The same where there was an answer, and it was no picture.
const AFTER_NO_PICTURE: [Duration; 3] = [DAY, DAY.saturating_mul(7), REFRESH];

/// So many answers in a row that are no picture, over a week, take away the copy that we have.
const BELIEVED: u32 = 3;

/// What was found where a picture should be.
#[derive(Debug)]
pub(super) enum Found {
    Copy(Rendition, Option<Validators>),
    Unchanged,
    /// The server says that it is gone (410).
    Gone,
    /// Something else, or a picture that we do not decode.
    NoPicture(String),
    /// No answer.
    Nothing(FetchError),
}

/// Why the fetcher did not read what came.
pub(super) fn unread(page: &Page) -> String {
    if page.body.is_empty() {
        match page.content_type.as_deref() {
            Some("image/jpeg" | "image/png" | "image/gif" | "image/webp") => {
                "too many bytes".to_owned()
            }
            Some(other) => format!("{}: {other}", Unusable::Form),
            None => Unusable::Form.to_string(),
        }
    } else {
        "too many bytes".to_owned()
    }
}

/// What to keep of it, and when to ask again. Pure.
pub(super) fn conclude(
    found: Found,
    failures: u32,
    now: Timestamp,
    jitter: Jitter,
) -> (PictureOutcome, Timestamp) {
    let failed = |failure: String, is_gone: bool, waits: &[Duration], asked: Option<Duration>| {
        let wait = nth_or_last(waits, failures).max(asked.unwrap_or_default());
        let outcome = PictureOutcome::Failed {
            failure,
            is_gone,
            hold_until: asked.map(|asked| now.plus(asked)),
        };
        (outcome, now.plus(jitter.spread(wait)))
    };
    let is_believed = failures.saturating_add(1) >= BELIEVED;
    match found {
        Found::Copy(copy, validators) => (
            PictureOutcome::Copied { copy, validators },
            now.plus(jitter.spread(REFRESH)),
        ),
        Found::Unchanged => (PictureOutcome::Unchanged, now.plus(jitter.spread(REFRESH))),
        Found::Gone => {
            let failure = "the server says that it is gone (410)".to_owned();
            failed(failure, true, &[REFRESH], None)
        }
        Found::NoPicture(why) => failed(why, is_believed, &AFTER_NO_PICTURE, None),
        Found::Nothing(error @ FetchError::NotFound) => {
            failed(error.to_string(), is_believed, &AFTER_NO_PICTURE, None)
        }
        Found::Nothing(error) => {
            let asked = retry::asked_for(&error);
            failed(error.to_string(), false, &AFTER_FAILURE, asked)
        }
    }
}

fn nth_or_last(waits: &[Duration], failures: u32) -> Duration {
    let last = waits.len().saturating_sub(1);
    let index = usize::try_from(failures).unwrap_or(last).min(last);
    waits.get(index).copied().unwrap_or(REFRESH)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Jitter = Jitter(0.0);
    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    /// When it is asked for again, in hours, and whether the copy goes.
    fn after(found: Found, failures: u32) -> (u64, Option<bool>) {
        let (outcome, at) = conclude(found, failures, NOW, NONE);
        let is_gone = match outcome {
            PictureOutcome::Failed { is_gone, .. } => Some(is_gone),
            PictureOutcome::Copied { .. } | PictureOutcome::Unchanged => None,
        };
        (at.since(NOW).as_secs() / 3600, is_gone)
    }

    #[test]
    fn a_picture_that_does_not_come_is_asked_for_ever_more_rarely() {
        let timeout = || Found::Nothing(FetchError::Timeout("reading the body"));
        let waits: Vec<_> = (0..7).map(|n| after(timeout(), n)).collect();
        let hours = [1, 6, 24, 7 * 24, 30 * 24, 30 * 24, 30 * 24];
        assert_eq!(waits, hours.map(|hours| (hours, Some(false))));
    }

    #[test]
    fn a_copy_goes_at_410_and_at_the_third_answer_that_is_no_picture() {
        assert_eq!(after(Found::Gone, 0), (30 * 24, Some(true)));
        for found in [
            || Found::Nothing(FetchError::NotFound),
            || Found::NoPicture("neither".to_owned()),
        ] {
            assert_eq!(after(found(), 0), (24, Some(false)));
            assert_eq!(after(found(), 1), (7 * 24, Some(false)));
            assert_eq!(after(found(), 2), (30 * 24, Some(true)));
            assert_eq!(after(found(), u32::MAX), (30 * 24, Some(true)));
        }
    }

    #[test]
    fn what_we_have_is_looked_at_again_in_a_month() {
        assert_eq!(after(Found::Unchanged, 5), (30 * 24, None));
    }

    #[test]
    fn a_server_that_asks_for_time_is_given_it_within_reason() {
        let ask = |seconds| {
            Found::Nothing(FetchError::Status {
                status: 429,
                retry_after: Some(Duration::from_secs(seconds)),
            })
        };
        let (outcome, at) = conclude(ask(7200), 0, NOW, NONE);
        let until = NOW.plus(Duration::from_secs(7200));
        assert_eq!(at, until);
        assert!(
            matches!(outcome, PictureOutcome::Failed { hold_until: Some(at), .. } if at == until)
        );
        assert_eq!(after(ask(u64::MAX), 0), (24, Some(false)));
    }
}
