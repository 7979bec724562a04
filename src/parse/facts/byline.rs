//! "Posted by Ann Other on May 15, 2011": who a line says wrote the article.

use crate::parse::date;
use crate::parse::words::head;

/// Bytes of a line that are looked at.
const MAX_LINE_BYTES: usize = 400;
/// Words of a name, and its characters.
const MAX_WORDS: usize = 6;
const MAX_CHARS: usize = 60;

/// What stands before a name, longer ones first; in lower case.
const LEADS: [&str; 28] = [
    "originally posted by",
    "geschrieben von",
    "veröffentlicht von",
    "erstellt von",
    "publicado por",
    "escrito por",
    "submitted by",
    "published by",
    "publié par",
    "rédigé par",
    "pubblicato da",
    "scritto da",
    "geplaatst door",
    "geschreven door",
    "written by",
    "posted by",
    "words by",
    "author:",
    "autor:",
    "auteur:",
    "autore:",
    "by:",
    "door",
    "by",
    "von",
    "par",
    "por",
    "av",
];
/// What ends a name, as a word.
const ENDS: [&str; 27] = [
    "on",
    "at",
    "in",
    "am",
    "um",
    "le",
    "el",
    "il",
    "op",
    "den",
    "vor",
    "dans",
    "under",
    "|",
    "·",
    "•",
    "—",
    "–",
    "-",
    "/",
    "»",
    "←",
    "→",
    "last",
    "updated",
    "posted",
    "published",
];
/// What stands where a name could, and is none.
const NO_NAMES: [&str; 10] = [
    "author",
    "about the author",
    "by",
    "posted",
    "share",
    "comments",
    "the author",
    "guest author",
    "anonymous",
    "unknown",
];

/// The name that follows the lead of a line; the lead may stand within the line.
pub(super) fn name_after_lead(line: &str) -> Option<&str> {
    let line = head(line.trim(), MAX_LINE_BYTES);
    let at_start = LEADS
        .iter()
        .find_map(|lead| after(line, lead))
        .and_then(name_at_start)
        .filter(|name| is_written_as_name(name));
    // Within a line only what is hardly ever part of a sentence.
    at_start.or_else(|| {
        line.char_indices()
            .filter(|(_, c)| c.is_whitespace())
            .filter_map(|(at, _)| line.get(at..).map(str::trim_start))
            .find_map(|rest| {
                let rest = ["by", "von", "par", "por"]
                    .iter()
                    .find_map(|lead| after(rest, lead))?;
                rest.chars()
                    .next()
                    .filter(|c| c.is_uppercase())
                    .and_then(|_| name_at_start(rest))
                    .filter(|name| is_name_throughout(name))
            })
    })
}

/// The name in a line of which nothing tells that it has one: where it begins with the lead, or has a date.
pub(super) fn name_in_line(line: &str) -> Option<&str> {
    let leads = LEADS.iter().any(|lead| after(line.trim(), lead).is_some());
    let is_line = leads || date::any(line).is_some();
    let is_one_word = |name: &str| !name.contains(char::is_whitespace);
    name_after_lead(line).filter(|name| is_line && (is_one_word(name) || is_name_throughout(name)))
}

/// The name that a whole text is, with or without a lead.
pub(super) fn name(text: &str) -> Option<&str> {
    let text = head(text.trim(), MAX_LINE_BYTES);
    match LEADS.iter().find_map(|lead| after(text, lead)) {
        Some(rest) => name_at_start(rest),
        None => name_at_start(text),
    }
}

/// Whether a text can be somebody's name.
pub(super) fn is_name(text: &str) -> bool {
    let lower = text.to_lowercase();
    let words = text.split_whitespace().count();
    (1..=MAX_WORDS).contains(&words)
        && text.chars().count() <= MAX_CHARS
        && text.chars().any(char::is_alphabetic)
        && !text.contains("://")
        && !text.contains(['@', '<', '>', '{', '}', '[', ']', '?', '!', '=', '\\'])
        && !NO_NAMES.contains(&lower.as_str())
}

/// Of several words one at least begins with a capital, where the script has any: "by the way" names
/// nobody.
fn is_written_as_name(name: &str) -> bool {
    let mut words = name.split_whitespace();
    let is_lower = |word: &str| word.chars().next().is_some_and(char::is_lowercase);
    words.clone().count() == 1 || !words.all(is_lower)
}

/// What stands within names in lower case.
const PARTICLES: [&str; 27] = [
    "de", "da", "di", "do", "du", "del", "della", "der", "den", "van", "von", "vom", "zu", "zum",
    "la", "le", "el", "al", "bin", "ibn", "y", "e", "und", "and", "et", "och", "&",
];

/// Whether every word of a name begins with a capital, where the script has any, but for particles.
fn is_name_throughout(name: &str) -> bool {
    name.split_whitespace().all(|word| {
        !word.chars().next().is_some_and(char::is_lowercase) || PARTICLES.contains(&word)
    })
}

/// What follows `lead` and a space, letter case ignored.
fn after<'t>(text: &'t str, lead: &str) -> Option<&'t str> {
    let (start, rest) = text.split_at_checked(lead.len())?;
    let is_apart = rest.starts_with(|c: char| c.is_whitespace()) || lead.ends_with(':');
    (is_apart && start.to_lowercase() == lead).then(|| rest.trim_start())
}

/// The words before the first that ends a name.
fn name_at_start(text: &str) -> Option<&str> {
    let mut end = 0_usize;
    let mut at = 0_usize;
    for (count, word) in text.split_inclusive(char::is_whitespace).enumerate() {
        let bare = word.trim_end();
        let lower = bare.to_lowercase();
        let ends = ENDS.contains(&lower.as_str()) || bare.starts_with(|c: char| c.is_ascii_digit());
        if ends && count == 0 && bare == lower {
            return None;
        }
        if ends && (count > 0 || !bare.starts_with(char::is_alphanumeric)) {
            break;
        }
        end = at.saturating_add(bare.len());
        at = at.saturating_add(word.len());
        if bare.ends_with([',', ';', ':', '|', '•', '·', '(']) {
            break;
        }
    }
    let name = text
        .get(..end)?
        .trim_end_matches([',', ';', ':', '|', '•', '·', '('])
        .trim();
    is_name(name).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_who_wrote_when_it_says_by() {
        for (line, want) in [
            ("By Ann Other", Some("Ann Other")),
            ("by Ann Other | May 15, 2011", Some("Ann Other")),
            ("Posted by Ann on May 15, 2011", Some("Ann")),
            ("Posted on May 15, 2011 by Ann Other", Some("Ann Other")),
            ("May 15, 2011 by Ann, in Links", Some("Ann")),
            ("Written by J. R. R. Tolkien", Some("J. R. R. Tolkien")),
            ("von Jo Kammerer am 3. Mai 2011", Some("Jo Kammerer")),
            ("Publié par Zoé le 3 mai 2011", Some("Zoé")),
            ("Por María José | 3 de mayo", Some("María José")),
            (
                "Submitted by admin on Sun, 05/15/2011 - 09:30",
                Some("admin"),
            ),
            ("Author: Ann", Some("Ann")),
            ("by kettle » Fri May 06, 2011 7:12 am", Some("kettle")),
            ("Posted May 15, 2011", None),
            ("Filed under Links. Bookmark by pressing a key", None),
            (
                "by the way, this is not what one would call a byline at all",
                None,
            ),
            (
                "Sie können einen Trackback von Ihrer Website hierher setzen.",
                None,
            ),
            (
                "11.05.2012, 10:22 von Jo van der Berg",
                Some("Jo van der Berg"),
            ),
            ("Bystander", None),
            ("by https://x.example/", None),
            ("by", None),
            ("", None),
        ] {
            assert_eq!(name_after_lead(line), want, "{line}");
        }
    }

    #[test]
    fn a_text_that_is_marked_as_a_name_needs_no_by() {
        for (text, want) in [
            ("Ann Other", Some("Ann Other")),
            ("by Ann Other", Some("Ann Other")),
            ("山田太郎", Some("山田太郎")),
            ("About the author", None),
            (
                "Ann has written for this site since it began in 2003.",
                None,
            ),
            ("ann@example.org", None),
            ("12", None),
            ("", None),
        ] {
            assert_eq!(name(text), want, "{text}");
        }
    }
}
