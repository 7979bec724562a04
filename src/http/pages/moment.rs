//! Times, written for people and for programs.

use std::time::Duration;

use super::texts::Language;
use crate::model::{AuthoredTime, Timestamp};

/// A check that is due within this time is waited for.
pub(super) const SOON: Duration = Duration::from_secs(10 * 60);

/// A time for people and for programs.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// For the `datetime` attribute.
    pub(super) machine: String,
    /// To be read, in English.
    pub(super) human: String,
}

impl Moment {
    fn new(at: Timestamp, human: &str) -> Self {
        // Out of range only for a time that no clock has shown; the epoch is as good as any then.
        let at = jiff::Timestamp::from_millisecond(at.as_millis()).unwrap_or_default();
        Self {
            machine: at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            human: at.strftime(human).to_string(),
        }
    }

    /// The day alone, in `language`.
    pub(super) fn of_day(at: Timestamp, language: Language) -> Self {
        let day = jiff::Timestamp::from_millisecond(at.as_millis()).unwrap_or_default();
        let day = jiff::tz::TimeZone::UTC.to_datetime(day).date();
        Self {
            human: language.day(day),
            ..Self::from(at)
        }
    }

    /// The author's own day, in `language`: the hour means little to readers elsewhere.
    pub(super) fn authored(at: &AuthoredTime, language: Language) -> Self {
        let text = at.as_str();
        let day = text.get(..10).unwrap_or(text);
        Self {
            machine: text.to_owned(),
            human: match day.parse::<jiff::civil::Date>() {
                Ok(date) => language.day(date),
                Err(_not_a_date) => text.to_owned(),
            },
        }
    }

    /// A time that is still to come at `now`: how long until then if that is soon, else when.
    pub(super) fn to_come(at: Timestamp, now: Timestamp) -> Self {
        let wait = at.since(now);
        let seconds = wait.as_secs();
        let human = match seconds {
            0 => "any moment now".to_owned(),
            1 => "in a second".to_owned(),
            2..90 => format!("in {seconds} seconds"),
            _ if wait <= SOON => format!("in {} minutes", seconds.div_ceil(60)),
            _ => return Self::new(at, "on %-d %B %Y at %H:%M UTC"),
        };
        Self {
            human,
            ..Self::from(at)
        }
    }
}

impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        Self::new(at, "%-d %B %Y, %H:%M:%S UTC")
    }
}
