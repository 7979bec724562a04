//! Tells a page's title and its site's name apart: `<title>` usually holds both.
//!
//! It is split only where other evidence says which side is the site.

use url::Url;

/// What stands between title and site name. A hyphen or a colon is as often part of a title, so it
/// needs evidence where the others may be judged by length.
const SEPARATORS: [(&str, bool); 14] = [
    (" — ", true),
    (" – ", true),
    (" | ", true),
    (" » ", true),
    (" « ", true),
    (" › ", true),
    (" :: ", true),
    (" · ", true),
    (" • ", true),
    (" ~ ", true),
    ("｜", true),
    (" - ", false),
    (" -- ", true),
    (": ", false),
];

/// A site's name is shorter than this, in characters, if nothing but its length speaks for it.
const MAX_GUESSED_NAME: usize = 40;

/// What WordPress put between the site and the post in its titles until 2008.
const ARCHIVE: [&str; 4] = ["blog archive", "blog-archiv", "archive", "archives"];

/// What else the page says about its title and its site.
#[derive(Debug)]
pub(super) struct Evidence<'a> {
    /// The site's name in so many words: `og:site_name` and the like.
    pub(super) site_name: Option<&'a str>,
    /// Titles without a site name, most likely: `og:title`, the headings within the article.
    pub(super) titles: Vec<&'a str>,
    /// Names of the site, most likely: headings that link to the front page.
    pub(super) names: Vec<&'a str>,
    /// Where the page is.
    pub(super) url: &'a Url,
}

/// A title and a site's name, and how they were told apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Split {
    /// The title.
    pub(super) title: String,
    /// The site's name.
    pub(super) site: Option<String>,
    /// By which evidence.
    pub(super) rule: &'static str,
}

/// Splits `full`, a text on one line.
pub(super) fn split(full: &str, evidence: &Evidence<'_>) -> Split {
    by_name(full, evidence)
        .or_else(|| {
            // What stands over the text in full is the title in full.
            let is_heading = evidence.titles.iter().any(|title| same(title, full));
            if is_heading {
                None
            } else {
                in_brackets(full, evidence).or_else(|| by_parts(full, evidence))
            }
        })
        .unwrap_or_else(|| Split {
            title: full.to_owned(),
            site: None,
            rule: "whole",
        })
}

/// One side is a name that the page gives elsewhere, whatever separators it may hold itself.
fn by_name(full: &str, evidence: &Evidence<'_>) -> Option<Split> {
    let named = evidence
        .site_name
        .iter()
        .map(|name| (*name, "og:site_name"));
    let linked = evidence
        .names
        .iter()
        .map(|name| (*name, "heading that links home"));
    for (name, rule) in named.chain(linked) {
        for (separator, _) in SEPARATORS {
            let mark = separator.trim();
            let before = strip_suffix(full, name)
                .and_then(|rest| rest.trim_end().strip_suffix(mark))
                .filter(|rest| rest.ends_with(' ') || matches!(mark, ":" | "｜"));
            let after = strip_prefix(full, name)
                .and_then(|rest| rest.trim_start().strip_prefix(mark))
                .filter(|rest| rest.starts_with(' ') || mark == "｜");
            if let Some(title) = before.or(after).map(without_archive)
                && !title.is_empty()
            {
                return Some(Split {
                    title: title.to_owned(),
                    site: Some(name.to_owned()),
                    rule,
                });
            }
        }
    }
    None
}

/// `Title [Site]`, as wikis have it, where the page shows the site's name by itself, too.
fn in_brackets(full: &str, evidence: &Evidence<'_>) -> Option<Split> {
    let (title, site) = full.strip_suffix(']')?.rsplit_once(" [")?;
    let mut shown = evidence
        .site_name
        .iter()
        .chain(&evidence.names)
        .chain(&evidence.titles);
    let is_site = shown.any(|name| same(name, site)) || is_of_host(site, evidence.url);
    (is_site && !title.trim().is_empty()).then(|| Split {
        title: title.trim().to_owned(),
        site: Some(site.to_owned()),
        rule: "brackets",
    })
}

fn by_parts(full: &str, evidence: &Evidence<'_>) -> Option<Split> {
    let is_site = evidence.site_name.is_some_and(|name| same(name, full));
    for (separator, by_length) in SEPARATORS {
        let parts: Vec<&str> = full.split(separator).map(str::trim).collect();
        let (Some(first), Some(last), true) = (parts.first(), parts.last(), parts.len() > 1) else {
            continue;
        };
        let before_last = full.rsplit_once(separator).map_or(full, |(title, _)| title);
        let after_first = full.split_once(separator).map_or(full, |(_, title)| title);
        let is_title = |part: &str| evidence.titles.iter().any(|title| same(title, part));
        let (title, site, rule) =
            if parts.len() > 2 && parts.get(1).is_some_and(|part| is_archive(part)) {
                (*last, *first, "site » archive » title")
            } else if is_of_host(last, evidence.url) {
                (before_last, *last, "host")
            } else if is_of_host(first, evidence.url) {
                (after_first, *first, "host")
            } else if is_title(before_last) || is_title(first) {
                (
                    if is_title(before_last) {
                        before_last
                    } else {
                        first
                    },
                    *last,
                    "heading",
                )
            } else if is_title(after_first) || is_title(last) {
                (
                    if is_title(after_first) {
                        after_first
                    } else {
                        last
                    },
                    *first,
                    "heading",
                )
            } else if by_length
                && (looks_like_name(last, before_last)
                    // Nobody puts that one into a title.
                    || separator == " | " && parts.len() == 2 && is_name(last) && !is_site)
            {
                (before_last, *last, "shorter last part")
            } else {
                continue;
            };
        let title = without_archive(title);
        if !title.is_empty() && !site.is_empty() {
            return Some(Split {
                title: title.to_owned(),
                site: Some(site.to_owned()),
                rule,
            });
        }
    }
    None
}

fn is_archive(part: &str) -> bool {
    ARCHIVE.contains(&part.to_lowercase().as_str())
}

/// `Blog Archive » Title` as the title.
fn without_archive(title: &str) -> &str {
    let title = title.trim();
    for (separator, _) in SEPARATORS {
        if let Some((first, rest)) = title.split_once(separator)
            && is_archive(first.trim())
        {
            return rest.trim();
        }
    }
    title
}

/// Short, and shorter than what would be left as the title, and not a sentence.
fn looks_like_name(part: &str, title: &str) -> bool {
    let (part_len, title_len) = (part.chars().count(), title.chars().count());
    is_name(part) && part_len.saturating_mul(4) <= title_len.saturating_mul(3)
}

/// Short, and not a sentence.
fn is_name(part: &str) -> bool {
    part.chars().count() <= MAX_GUESSED_NAME
        && !part.ends_with(['?', '!', '.', '…', ':', ','])
        && part.chars().any(char::is_alphabetic)
}

/// `The Example Blog` is of `example.com`, and `batttuk` of `batttuk.wordpress.com`.
fn is_of_host(part: &str, url: &Url) -> bool {
    let squashed = squash(part);
    let host = url.host_str().unwrap_or_default();
    let host = host.strip_prefix("www.").unwrap_or(host);
    if squashed.chars().count() < 3 {
        return false;
    }
    if squash(host) == squashed {
        return true;
    }
    // The last label is the country's or the trade's.
    let labels: Vec<&str> = host.split('.').collect();
    let labels = labels.split_last().map_or(&[][..], |(_, labels)| labels);
    let without_article = squashed.strip_prefix("the").unwrap_or(&squashed);
    labels.iter().any(|label| {
        let label = squash(label);
        label == squashed
            || (label.len() >= 4
                && (label == without_article || label == format!("{without_article}blog")))
    })
}

/// Letters and digits in lower case.
fn squash(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn same(a: &str, b: &str) -> bool {
    let a = squash(a);
    !a.is_empty() && a == squash(b)
}

/// `text` without `suffix`, letter case ignored.
fn strip_suffix<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let at = text.len().checked_sub(suffix.len())?;
    let (head, tail) = text.split_at_checked(at)?;
    (!suffix.is_empty() && tail.to_lowercase() == suffix.to_lowercase()).then_some(head)
}

/// `text` without `prefix`, letter case ignored.
fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, tail) = text.split_at_checked(prefix.len())?;
    (!prefix.is_empty() && head.to_lowercase() == prefix.to_lowercase()).then_some(tail)
}

#[cfg(test)]
mod tests;
