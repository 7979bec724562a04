//! Dates as people write them, if only one day can be meant: the month by its name, the year first,
//! or two numbers of which one is no month, or the day first with dots.

use jiff::civil::Date;

use crate::model::AuthoredTime;
use crate::parse::words::head;

/// Bytes of a text that are looked at.
const MAX_BYTES: usize = 300;
/// Nobody wrote on the web before; a number further on is no year.
const YEARS: std::ops::RangeInclusive<i16> = 1990..=2099;

/// The names of the months in languages that use no other digits, with what is short for them.
const MONTHS: [&[&str]; 12] = [
    &[
        "january", "jan", "januar", "jänner", "janvier", "janv", "enero", "ene", "gennaio", "gen",
        "janeiro", "januari",
    ],
    &[
        "february",
        "feb",
        "februar",
        "februari",
        "février",
        "févr",
        "fév",
        "febrero",
        "febbraio",
        "fevereiro",
        "fev",
    ],
    &[
        "march", "mar", "märz", "mär", "mars", "marzo", "março", "maart", "mrt", "marts",
    ],
    &["april", "apr", "avril", "avr", "abril", "abr", "aprile"],
    &["may", "mai", "mayo", "maggio", "mag", "maio", "mei", "maj"],
    &[
        "june", "jun", "juni", "juin", "junio", "giugno", "giu", "junho",
    ],
    &[
        "july", "jul", "juli", "juillet", "juil", "julio", "luglio", "lug", "julho",
    ],
    &[
        "august", "aug", "août", "agosto", "ago", "augustus", "augusti",
    ],
    &[
        "september",
        "sep",
        "sept",
        "septembre",
        "septiembre",
        "settembre",
        "set",
        "setembro",
    ],
    &[
        "october", "oct", "oktober", "okt", "octobre", "octubre", "ottobre", "ott", "outubro",
        "out",
    ],
    &["november", "nov", "novembre", "noviembre", "novembro"],
    &[
        "december",
        "dec",
        "dezember",
        "dez",
        "décembre",
        "déc",
        "diciembre",
        "dic",
        "dicembre",
        "dezembro",
        "desember",
    ],
];
/// What may stand between the parts of a date.
const FILLERS: [&str; 5] = ["of", "de", "del", "the", "le"];
/// What begins a text on a change, not on the publication.
const CHANGES: [&str; 8] = [
    "updated",
    "last",
    "modified",
    "edited",
    "aktualisiert",
    "mis",
    "actualizado",
    "aggiornato",
];

/// A part of a date.
#[derive(Debug, Clone, Copy)]
enum Part {
    Month(i8),
    Number(i16),
}

/// The first date in a short text.
pub(super) fn written(text: &str) -> Option<AuthoredTime> {
    let text = head(text.trim(), MAX_BYTES).to_lowercase();
    if CHANGES.iter().any(|word| text.starts_with(word)) {
        return None;
    }
    in_east_asian(&text)
        .or_else(|| text.split_whitespace().find_map(in_numbers))
        .or_else(|| in_words(&text))
}

/// The day, if there is one and it is within the time of the web.
fn day(year: i16, month: i8, day: i8) -> Option<AuthoredTime> {
    let date = Date::new(year, month, day).ok()?;
    YEARS
        .contains(&year)
        .then(|| AuthoredTime::from_checked(date.to_string()))
}

/// `2011年5月15日`, `2011년 5월 15일`.
fn in_east_asian(text: &str) -> Option<AuthoredTime> {
    let (before, rest) = text.split_once(['年', '년'])?;
    let digits = before.bytes().rev().take_while(u8::is_ascii_digit).count();
    let year = before.get(before.len().checked_sub(digits)?..)?;
    let (month, rest) = rest.split_once(['月', '월'])?;
    let (date, _) = rest.split_once(['日', '일'])?;
    day(
        year.parse().ok()?,
        month.trim().parse().ok()?,
        date.trim().parse().ok()?,
    )
}

/// `2011/05/15`, `2011.5.15`, and, as no month is a thirteenth, `15.05.2011` and `05/15/2011`.
fn in_numbers(word: &str) -> Option<AuthoredTime> {
    let word = word.trim_matches(|c: char| !c.is_ascii_digit());
    let separator = word.chars().find(|c| !c.is_ascii_digit())?;
    if !matches!(separator, '/' | '.' | '-') {
        return None;
    }
    let mut parts = word.split(separator);
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    let is_number = |part: &str| part.len() <= 4 && part.bytes().all(|b| b.is_ascii_digit());
    if parts.next().is_some() || ![first, second, third].into_iter().all(is_number) {
        return None;
    }
    if first.len() == 4 {
        return day(
            first.parse().ok()?,
            second.parse().ok()?,
            third.parse().ok()?,
        );
    }
    let (a, b): (i8, i8) = (first.parse().ok()?, second.parse().ok()?);
    let year = third.parse().ok().filter(|_| third.len() == 4)?;
    match (a > 12, b > 12) {
        (true, false) => day(year, b, a),
        (false, true) => day(year, a, b),
        // The fourth of the fourth is one day in either order; and who writes dots puts the day first.
        (false, false) if a == b || separator == '.' => day(year, b, a),
        _ => None,
    }
}

/// `May 15th, 2011`, `15. Mai 2011`, `15 de mayo de 2011`, `2011 May 15`.
fn in_words(text: &str) -> Option<AuthoredTime> {
    let parts: Vec<Option<Part>> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && !FILLERS.contains(word))
        .map(part)
        .collect();
    parts.windows(3).find_map(|window| match window {
        [
            Some(Part::Month(month)),
            Some(Part::Number(date)),
            Some(Part::Number(year)),
        ]
        | [
            Some(Part::Number(date)),
            Some(Part::Month(month)),
            Some(Part::Number(year)),
        ] if *date <= 31 => day(*year, *month, i8::try_from(*date).ok()?),
        [
            Some(Part::Number(year)),
            Some(Part::Month(month)),
            Some(Part::Number(date)),
        ] => day(*year, *month, i8::try_from(*date).ok()?),
        _ => None,
    })
}

fn part(word: &str) -> Option<Part> {
    if let Some(month) = MONTHS.iter().position(|names| names.contains(&word)) {
        return Some(Part::Month(i8::try_from(month).ok()?.checked_add(1)?));
    }
    let number = ["st", "nd", "rd", "th", "er", "º"]
        .iter()
        .find_map(|ending| word.strip_suffix(ending))
        .unwrap_or(word);
    let is_number = number.len() <= 4 && number.bytes().all(|b| b.is_ascii_digit());
    is_number
        .then(|| number.parse().ok())
        .flatten()
        .map(Part::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_in_words_is_read_where_only_one_day_can_be_meant() {
        for (text, want) in [
            ("May 15, 2011", Some("2011-05-15")),
            (
                "Posted on Sunday, May 15th, 2011 at 9:30 pm by Ann",
                Some("2011-05-15"),
            ),
            ("Fri May 06, 2011 7:12 am", Some("2011-05-06")),
            ("15 May 2011", Some("2011-05-15")),
            ("15. März 2011", Some("2011-03-15")),
            ("le 1er août 2011", Some("2011-08-01")),
            ("15 de mayo de 2011", Some("2011-05-15")),
            ("1 of December, 1999", Some("1999-12-01")),
            ("2011年5月15日 (日)", Some("2011-05-15")),
            ("2011년 5월 15일", Some("2011-05-15")),
            ("2011/05/15", Some("2011-05-15")),
            ("2011.5.15", Some("2011-05-15")),
            ("(2011-05-15)", Some("2011-05-15")),
            ("15.05.2011", Some("2011-05-15")),
            ("05/15/2011 - 09:30", Some("2011-05-15")),
            ("04/04/2011", Some("2011-04-04")),
            ("05/06/2011", None),
            ("5.6.2011", Some("2011-06-05")),
            ("12.13.2011", Some("2011-12-13")),
            ("15/05/11", None),
            ("May 2011", None),
            ("May 15", None),
            ("31 February 2011", None),
            ("May 15, 1011", None),
            ("Updated May 15, 2011", None),
            ("3 comments", None),
            ("yesterday", None),
            ("年月日", None),
            ("", None),
        ] {
            let got = written(text);
            assert_eq!(got.as_ref().map(AuthoredTime::as_str), want, "{text}");
        }
    }
}
