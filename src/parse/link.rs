//! Does the page link to the target? WM §3.2.2: an exact match, decided on parsed URLs.
//!
//! Two addresses are the same if the URL Standard serialises them the same, query and fragment
//! included. Nothing else is a match (WM-25); what comes close is told to the sender, see `near`.

use std::borrow::Cow;

use url::Url;

use super::near::{bare_host, is_near_host};
use super::srcset;
use super::survey::{Candidate, Survey};

/// Matching links that are kept, to choose the one that is shown.
const MAX_MATCHES: usize = 64;
/// Links to the target's host that are looked at as near misses.
const MAX_NEAR: usize = 4096;
/// An address longer than this is none that could be the target, which is shorter.
const MAX_LINK_BYTES: usize = 64 * 1024;

/// Resolves links against a base and compares them with the target.
#[derive(Debug)]
pub(super) struct Matcher<'t> {
    target: &'t Url,
    base: Url,
    base_is_near: bool,
}

impl<'t> Matcher<'t> {
    /// A matcher for links on a page at `page`, of which `bases` are the values of `<base href>`:
    /// the first that is a valid http(s) URL counts.
    pub(super) fn new(target: &'t Url, page: &Url, bases: &[&str]) -> Self {
        let base = bases
            .iter()
            .filter_map(|base| page.join(base).ok())
            .find(|base| matches!(base.scheme(), "http" | "https"))
            .unwrap_or_else(|| page.clone());
        Self {
            base_is_near: is_near_host(&base, target),
            target,
            base,
        }
    }

    /// What relative links are relative to.
    pub(super) fn base(&self) -> &Url {
        &self.base
    }

    /// The target.
    pub(super) fn target(&self) -> &'t Url {
        self.target
    }

    /// The URL that `link` means, if it could lead to the target's host.
    pub(super) fn resolve(&self, link: &str) -> Option<Url> {
        // The URL parser strips these itself; the look at the host must not stumble over them.
        let link = link.trim_matches(|c: char| c <= ' ');
        if link.len() > MAX_LINK_BYTES || !self.may_lead_there(link) {
            return None;
        }
        let url = self.base.join(link).ok()?;
        is_near_host(&url, self.target).then_some(url)
    }

    /// A look at the beginning of a link, much cheaper than parsing it. Only a certain "no" is a no.
    fn may_lead_there(&self, link: &str) -> bool {
        let Some(rest) = after_scheme(link) else {
            // A scheme is letters before a colon that comes before anything else of meaning.
            let head = link.split(['/', '?', '#', '\\']).next().unwrap_or(link);
            let plain_relative = !head.contains(':') && !head.contains(['\t', '\n', '\r']);
            let names_host = link.starts_with(['/', '\\'])
                && link
                    .chars()
                    .nth(1)
                    .is_some_and(|c| matches!(c, '/' | '\\' | '\t' | '\n' | '\r'));
            return self.base_is_near || names_host || !plain_relative;
        };
        let host = rest
            .split(['/', '?', '#', ':'])
            .next()
            .unwrap_or(rest)
            .as_bytes();
        // Such a host is its own serialisation, unless its last label makes it an IPv4 address.
        let plain = host
            .iter()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-'));
        let numeric = host
            .rsplit(|&b| b == b'.')
            .next()
            .and_then(|label| label.first())
            .is_none_or(u8::is_ascii_digit);
        if !plain || numeric {
            return true;
        }
        let wanted = bare_host(self.target);
        let host = host.strip_prefix(b"www.").unwrap_or(host);
        host == wanted.as_bytes()
    }
}

/// What follows `http://` or `https://`.
fn after_scheme(link: &str) -> Option<&str> {
    ["https://", "http://"].into_iter().find_map(|scheme| {
        let (head, rest) = link.split_at_checked(scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then_some(rest)
    })
}

/// The links of a document to the target, or else near it.
#[derive(Debug, Default)]
pub(super) struct Links<'a> {
    /// Those to the target, in document order.
    pub(super) matches: Vec<Candidate<'a>>,
    /// Links to the target's host, in document order; complete only if there is no match.
    pub(super) near: Vec<Url>,
}

impl<'a> Links<'a> {
    /// Looks at every candidate of a survey.
    pub(super) fn find(survey: &Survey<'a>, matcher: &Matcher<'_>) -> Self {
        let mut links = Self::default();
        for candidate in &survey.candidates {
            if candidate.attribute == "srcset" {
                for (link, _descriptor) in srcset::candidates(candidate.value) {
                    links.look(candidate, link, matcher);
                }
            } else {
                links.look(candidate, candidate.value, matcher);
            }
            if links.matches.len() >= MAX_MATCHES {
                break;
            }
        }
        links
    }

    fn look(&mut self, candidate: &Candidate<'a>, link: &str, matcher: &Matcher<'_>) {
        let Some(url) = matcher.resolve(link) else {
            return;
        };
        if url.as_str() == matcher.target().as_str() {
            self.matches.push(*candidate);
        } else if self.matches.is_empty() && self.near.len() < MAX_NEAR {
            self.near.push(url);
        }
    }
}

/// A link as it is written, for a trace.
pub(super) fn shown(candidate: &Candidate<'_>) -> String {
    let name = candidate
        .node
        .value()
        .as_element()
        .map_or("?", |element| element.name());
    let value: Cow<'_, str> = super::words::cut_end(candidate.value.trim(), 120);
    format!("<{name} {}=\"{value}\">", candidate.attribute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cheap_look_agrees_with_the_parser() {
        let target = Url::parse("https://ex.com/a").unwrap();
        let far = Url::parse("https://far.example/x/").unwrap();
        let matcher = Matcher::new(&target, &far, &[]);
        for link in [
            "https://ex.com/a",
            "HTTPS://EX.com/a",
            "ht\ntps://ex.com/a",
            "https:\\\\ex.com\\a",
            "https:/\t/ex.com/a",
            "https:ex.com/a/../a/../../a",
            "//ex.com/a",
            "/\\ex.com/a",
            "/\n/ex.com/a",
            "\t//ex.com/a",
            "https://e\nx.com/a",
            "https://%65x.com/a",
            "https://ｅx.com/a",
            "https://ex.com:443/a",
            "https:///ex.com/a",
        ] {
            let by_parser = far.join(link).is_ok_and(|url| url == target);
            assert_eq!(
                matcher.resolve(link) == Some(target.clone()),
                by_parser,
                "{link:?}"
            );
        }
        let number = Url::parse("http://1.2.3.4/").unwrap();
        let found = Matcher::new(&number, &far, &[]).resolve("http://0x1020304/");
        assert_eq!(found, Some(number));
    }
}
