//! Times as pages give them, brought to one of three forms; what is not certain is dropped.

use jiff::civil::{Date, Time};

use crate::model::AuthoredTime;

mod words;

/// A date in the form of mails is not longer.
const MAX_MAIL_FORM_BYTES: usize = 100;
/// No place on earth is further from UTC.
const MAX_OFFSET_HOURS: i8 = 14;

/// Reads a time in whatever form is beyond doubt: as machines write it, as mails have it, and as
/// people do if only one day can be meant.
pub(super) fn any(text: &str) -> Option<AuthoredTime> {
    authored(text)
        .or_else(|| authored_in_mail_form(text))
        .or_else(|| words::written(text))
}

/// Reads `2011-05-15`, `2011-05-15T09:30[:00[.000]]` or the same with `Z`, `+02:00`, `+0200` or
/// `+02`. The offset is kept and none is invented; a date that does not exist is none.
pub fn authored(text: &str) -> Option<AuthoredTime> {
    let text = text.trim();
    let (date, rest) = text.split_at_checked(10)?;
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let (year, month, day) = (i16::try_from(year).ok()?, small(month)?, small(day)?);
    Date::new(year, month, day)
        .ok()
        .filter(|date| date.year() > 0)?;
    let mut out = date.to_owned();
    if rest.is_empty() {
        return Some(AuthoredTime::from_checked(out));
    }
    let rest = rest
        .strip_prefix(['T', 't', ' '])
        .map(|rest| rest.trim_start_matches(' '))?;
    let end = rest
        .find(|c: char| !c.is_ascii_digit() && c != ':')
        .unwrap_or(rest.len());
    let (clock, rest) = rest.split_at_checked(end)?;
    let [hour, minute, second] = match clock.len() {
        5 => {
            let [hour, minute] = numbers(clock, ':', [2, 2])?;
            [hour, minute, 0]
        }
        _ => numbers(clock, ':', [2, 2, 2])?,
    };
    Time::new(small(hour)?, small(minute)?, small(second)?, 0).ok()?;
    out.push_str(&format_clock(hour, minute, second));

    let rest = match rest.strip_prefix(['.', ',']) {
        Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => rest,
    };
    out.push_str(&offset(rest.trim())?);
    Some(AuthoredTime::from_checked(out))
}

fn format_clock(hour: u16, minute: u16, second: u16) -> String {
    format!("T{hour:02}:{minute:02}:{second:02}")
}

/// The offset in the form `+02:00` or `Z`; empty if there is none.
fn offset(text: &str) -> Option<String> {
    if text.is_empty() {
        return Some(String::new());
    }
    if text.eq_ignore_ascii_case("z") {
        return Some("Z".to_owned());
    }
    let sign = text.chars().next().filter(|c| matches!(c, '+' | '-'))?;
    let digits = text.strip_prefix(sign)?;
    let [hours, minutes] = match digits.len() {
        2 => numbers(digits, ':', [2]).map(|[hours]| [hours, 0])?,
        4 => {
            let (hours, minutes) = digits.split_at_checked(2)?;
            let ([hours], [minutes]) = (numbers(hours, ':', [2])?, numbers(minutes, ':', [2])?);
            [hours, minutes]
        }
        _ => numbers(digits, ':', [2, 2])?,
    };
    (small(hours)? <= MAX_OFFSET_HOURS && minutes < 60)
        .then(|| format!("{sign}{hours:02}:{minutes:02}"))
}

/// Numbers of exactly so many digits each, parted by `separator`.
fn numbers<const N: usize>(text: &str, separator: char, digits: [usize; N]) -> Option<[u16; N]> {
    let mut parts = text.split(separator);
    let mut out = [0; N];
    for (slot, digits) in out.iter_mut().zip(digits) {
        let part = parts.next()?;
        if part.len() != digits || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        *slot = part.parse().ok()?;
    }
    parts.next().is_none().then_some(out)
}

fn small(number: u16) -> Option<i8> {
    i8::try_from(number).ok()
}

/// Reads the date of an RSS item (`Sun, 15 May 2011 09:30:00 +0200`).
pub fn authored_in_mail_form(text: &str) -> Option<AuthoredTime> {
    let text = super::words::head(text, MAX_MAIL_FORM_BYTES);
    let parsed = jiff::fmt::rfc2822::parse(text.trim()).ok()?;
    // What no calendar or no place on earth has is none here either.
    authored(&parsed.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_comes_out_in_one_of_three_forms() {
        for (text, want) in [
            ("2011-05-15", Some("2011-05-15")),
            (" 2011-05-15 ", Some("2011-05-15")),
            ("2011-05-15T09:30", Some("2011-05-15T09:30:00")),
            ("2011-05-15 09:30:01", Some("2011-05-15T09:30:01")),
            ("2011-05-15T09:30:00Z", Some("2011-05-15T09:30:00Z")),
            ("2011-05-15t09:30:00.123z", Some("2011-05-15T09:30:00Z")),
            (
                "2011-05-15T09:30:00+02:00",
                Some("2011-05-15T09:30:00+02:00"),
            ),
            (
                "2011-05-15T09:30:00+0200",
                Some("2011-05-15T09:30:00+02:00"),
            ),
            ("2011-05-15T09:30-05", Some("2011-05-15T09:30:00-05:00")),
            (
                "2011-05-15 09:30:00 +0200",
                Some("2011-05-15T09:30:00+02:00"),
            ),
            ("2012-02-29", Some("2012-02-29")),
            ("2011-02-29", None),
            ("2011-13-01", None),
            ("2011-05-15T24:00", None),
            ("2011-05-15T09:61", None),
            ("2011-05-15T09:30:00+25:00", None),
            ("2011-05-15T09:30:00 CEST", None),
            ("2011-05-15T", None),
            ("2011-5-15", None),
            ("20110515", None),
            ("15.05.2011", None),
            ("0000-00-00", None),
            ("yesterday", None),
            ("２０１１-05-15", None),
            ("", None),
        ] {
            let got = authored(text);
            assert_eq!(got.as_ref().map(AuthoredTime::as_str), want, "{text}");
        }
    }

    #[test]
    fn the_date_of_a_feed_keeps_its_offset() {
        let got = authored_in_mail_form("Sun, 15 May 2011 09:30:00 +0200").unwrap();
        assert_eq!(got.as_str(), "2011-05-15T09:30:00+02:00");
        for text in [
            "Sun, 15 May 2011 09:30:00 +2300",
            "15 May 0000 09:30:00 +0000",
        ] {
            assert_eq!(authored_in_mail_form(text), None, "{text}");
        }
    }
}
