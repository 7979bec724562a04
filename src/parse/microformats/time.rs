//! Dates and times in parts. Value class pattern, "date and time parsing".

/// The parts of a time, as far as they are known.
#[derive(Debug, Default)]
struct Parts {
    date: Option<String>,
    /// What stands between date and time, if they came in one.
    gap: Option<String>,
    clock: Option<String>,
    zone: Option<String>,
}

/// Puts a time together: the first date, the first time of day and the first zone count. A time
/// without date is on the day `implied`; without any time there is no value.
pub(super) fn compose<'t>(
    pieces: impl Iterator<Item = &'t str>,
    implied: Option<&str>,
) -> Option<String> {
    let mut parts = Parts::default();
    for piece in pieces {
        parts.add(piece.trim());
    }
    let date = parts.date.as_deref();
    let clock = parts.clock.as_deref();
    let mut out = match (date, clock) {
        (None, None) => return None,
        (Some(date), None) => return Some(date.to_owned()),
        (Some(date), Some(clock)) => {
            format!("{date}{}{clock}", parts.gap.as_deref().unwrap_or(" "))
        }
        (None, Some(clock)) => match implied {
            Some(date) => format!("{date} {clock}"),
            None => clock.to_owned(),
        },
    };
    out.push_str(parts.zone.as_deref().unwrap_or_default());
    Some(out)
}

/// The date that a time begins with.
pub(super) fn date_of(time: &str) -> Option<&str> {
    let (date, rest) = split_date(time.trim())?;
    rest.chars()
        .next()
        .is_none_or(|c| matches!(c, 'T' | 't' | ' '))
        .then_some(date)
}

impl Parts {
    fn add(&mut self, piece: &str) {
        if let Some((date, rest)) = split_date(piece) {
            if rest.is_empty() {
                self.date.get_or_insert_with(|| date.to_owned());
            } else if self.date.is_none() && self.clock.is_none() {
                // Date and time in one stay as they were written.
                let clock = rest.trim_start_matches(['T', 't', ' ']);
                let (gap, _) = rest
                    .split_at_checked(rest.len().saturating_sub(clock.len()))
                    .unwrap_or_default();
                if !gap.is_empty() && split_clock(clock).is_some() {
                    self.date = Some(date.to_owned());
                    self.gap = Some(gap.to_owned());
                    self.clock = Some(clock.to_owned());
                    self.zone.get_or_insert_default();
                }
            }
        } else if let Some((clock, zone)) = split_clock(piece) {
            if self.clock.is_none() {
                self.clock = Some(clock);
                if let Some(zone) = zone {
                    self.zone.get_or_insert(zone);
                }
            }
        } else if let Some(zone) = zone(piece) {
            self.zone.get_or_insert(zone);
        }
    }
}

/// `2012-06-30`, `2012-182` or `2012-06`, and what follows.
fn split_date(text: &str) -> Option<(&str, &str)> {
    for (form, check) in DATES {
        let fits = |head: &str| {
            head.bytes().zip(form.bytes()).all(|(b, of)| match of {
                b'0' => b.is_ascii_digit(),
                of => b == of,
            })
        };
        if let Some((head, rest)) = text.split_at_checked(form.len())
            && fits(head)
            && !rest.starts_with(|c: char| c.is_ascii_digit() || c == '-')
            && check(head)
        {
            return Some((head, rest));
        }
    }
    None
}

type Check = fn(&str) -> bool;

const DATES: [(&str, Check); 3] = [
    ("0000-00-00", |date| {
        within(date.get(5..7), 1, 12) && within(date.get(8..), 1, 31)
    }),
    ("0000-000", |date| within(date.get(5..), 1, 366)),
    ("0000-00", |date| within(date.get(5..), 1, 12)),
];

fn within(number: Option<&str>, min: u16, max: u16) -> bool {
    number
        .and_then(|number| number.parse::<u16>().ok())
        .is_some_and(|number| (min..=max).contains(&number))
}

/// A time of day, brought to `HH:MM[:SS]`, and its zone.
fn split_clock(text: &str) -> Option<(String, Option<String>)> {
    let (hour, mut rest) = digits(text, 2)?;
    let mut fields = Vec::new();
    while let Some((field, after)) = rest.strip_prefix(':').and_then(|rest| digits(rest, 2)) {
        if field.len() != 2 || fields.len() == 2 || !within(Some(field), 0, 60) {
            return None;
        }
        fields.push(field);
        rest = after;
    }
    let mut fraction = "";
    if fields.len() == 2
        && let Some((found, after)) = rest.strip_prefix('.').and_then(|rest| digits(rest, 9))
    {
        fraction = found;
        rest = after;
    }
    let mut hour: u8 = hour.parse().ok()?;
    rest = rest.trim_start();
    let mut is_clock = !fields.is_empty() && hour <= 24;
    if let Some((is_afternoon, after)) = half_of_day(rest) {
        is_clock = (1..=12).contains(&hour);
        hour = match (hour, is_afternoon) {
            (12, false) => 0,
            (12, true) => 12,
            (hour, false) => hour,
            (hour, true) => hour.saturating_add(12),
        };
        rest = after.trim_start();
    }
    if !is_clock {
        return None;
    }
    let zone = if rest.is_empty() {
        None
    } else {
        Some(zone(rest)?)
    };
    let mut clock = format!("{hour:02}:{}", fields.first().unwrap_or(&"00"));
    if let Some(seconds) = fields.get(1) {
        clock.push(':');
        clock.push_str(seconds);
    }
    if !fraction.is_empty() {
        clock.push('.');
        clock.push_str(fraction);
    }
    Some((clock, zone))
}

/// `am`, `p.m.` and the like: whether it is the afternoon, and what follows.
fn half_of_day(text: &str) -> Option<(bool, &str)> {
    let is_afternoon = match text.bytes().next()? {
        b'a' | b'A' => false,
        b'p' | b'P' => true,
        _ => return None,
    };
    let rest = text.get(1..)?;
    let rest = rest.strip_prefix('.').unwrap_or(rest);
    let rest = rest.strip_prefix(['m', 'M'])?;
    Some((is_afternoon, rest.strip_prefix('.').unwrap_or(rest)))
}

/// A zone, without the colon: `Z`, `+02`, `-0800`.
fn zone(text: &str) -> Option<String> {
    if matches!(text, "Z" | "z") {
        return Some("Z".to_owned());
    }
    let sign = text.chars().next().filter(|c| matches!(c, '+' | '-'))?;
    let (hour, rest) = digits(text.get(1..)?, 2)?;
    let minute = rest.strip_prefix(':').unwrap_or(rest);
    let is_minute =
        minute.is_empty() && rest.is_empty() || minute.len() == 2 && within(Some(minute), 0, 59);
    (within(Some(hour), 0, 23) && is_minute).then(|| format!("{sign}{hour:0>2}{minute}"))
}

/// The digits, one to `max`, that a text begins with, and what follows.
fn digits(text: &str, max: usize) -> Option<(&str, &str)> {
    let end = text
        .bytes()
        .take(max)
        .take_while(u8::is_ascii_digit)
        .count();
    text.split_at_checked(end)
        .filter(|(head, _)| !head.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn composed(pieces: &[&str]) -> Option<String> {
        compose(pieces.iter().copied(), Some("2001-02-03"))
    }

    #[test]
    fn parts_are_put_together_in_any_order() {
        for (pieces, expected) in [
            (&["2009-06-26", "07:00:00pm"][..], "2009-06-26 19:00:00"),
            (&["7pm", "2009-06-26"], "2009-06-26 19:00"),
            (&["2009-06-26", "12am"], "2009-06-26 00:00"),
            (&["2009-06-26", "12:30 p.m."], "2009-06-26 12:30"),
            (&["2009-06-26", "19:00", "-08:00"], "2009-06-26 19:00-0800"),
            (&["2009-06-26", "19:00z"], "2009-06-26 19:00Z"),
            (&["2009-06-26", "9:05+2"], "2009-06-26 09:05+02"),
            (&["2009-06-26 19:00-08:00"], "2009-06-26 19:00-08:00"),
            (&["2009-06-26T19:00", "2010-01-01"], "2009-06-26T19:00"),
            (&["22:00"], "2001-02-03 22:00"),
            (&["2013-034"], "2013-034"),
            (&["2013-02", "Z"], "2013-02"),
        ] {
            assert_eq!(composed(pieces).as_deref(), Some(expected), "{pieces:?}");
        }
    }

    #[test]
    fn what_is_no_time_gives_none() {
        for piece in [
            "",
            "x",
            "7",
            "25:00",
            "13pm",
            "2009-13-01",
            "7:0",
            "2009",
            "1:2:3:4",
            "p",
            "ü",
        ] {
            assert_eq!(composed(&[piece]), None, "{piece}");
        }
    }

    #[test]
    fn a_time_without_any_date_stands_alone() {
        assert_eq!(
            compose(["22:00"].into_iter(), None).as_deref(),
            Some("22:00")
        );
        assert_eq!(date_of("2009-06-26T19:00"), Some("2009-06-26"));
        assert_eq!(date_of("2009-06-26x"), None);
    }
}
