//! Near misses: links to the target's own site that are not the target, and how they differ.

use std::collections::HashSet;

use url::Url;

use crate::model::NearMiss;

/// Near misses that are told.
const MAX_NEAR_MISSES: usize = 10;

/// Query parameters that say how a reader came, not what is shown.
const TRACKING: [&str; 12] = [
    "_ga", "dclid", "fbclid", "gclid", "gbraid", "igshid", "mc_cid", "mc_eid", "msclkid", "ref",
    "wbraid", "yclid",
];

/// The host without `www.`.
pub(super) fn bare_host(url: &Url) -> &str {
    let host = url.host_str().unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(host)
}

/// Whether `url` is an http(s) URL on the target's host, `www.` ignored. Where the host is an
/// address, the port tells sites apart.
pub(super) fn is_near_host(url: &Url, target: &Url) -> bool {
    let is_named = matches!(target.host(), Some(url::Host::Domain(_)));
    matches!(url.scheme(), "http" | "https")
        && bare_host(url) == bare_host(target)
        && (is_named || url.port() == target.port())
}

/// The closest of the links, each once.
pub(super) fn near_misses(links: &[Url], target: &Url) -> Vec<NearMiss> {
    let mut seen = HashSet::new();
    let mut ranked: Vec<(usize, &Url, String)> = links
        .iter()
        .filter(|link| seen.insert(link.as_str()))
        .filter_map(|link| {
            let (distance, difference) = difference(link, target)?;
            Some((distance, link, difference))
        })
        .collect();
    // A stable sort: of equally close links the first on the page comes first.
    ranked.sort_by_key(|(distance, ..)| *distance);
    ranked
        .into_iter()
        .take(MAX_NEAR_MISSES)
        .map(|(_, link, difference)| NearMiss {
            url: link.as_str().to_owned(),
            difference,
        })
        .collect()
}

/// How far `link` is from the target, and in what; nothing if it is the target.
fn difference(link: &Url, target: &Url) -> Option<(usize, String)> {
    const ANOTHER_PAGE: usize = 1000;
    let mut parts: Vec<String> = Vec::new();
    let mut distance: usize = 0;
    let mut differs = |weight: usize, text: String| {
        distance = distance.saturating_add(weight);
        parts.push(text);
    };
    if link.scheme() != target.scheme() {
        let (is, not) = (link.scheme(), target.scheme());
        differs(10, format!("its scheme is {is}, not {not}"));
    }
    match (has_www(link), has_www(target)) {
        (true, false) => differs(10, "its host begins with www.".to_owned()),
        (false, true) => differs(10, "its host lacks www.".to_owned()),
        _ => {}
    }
    if link.port_or_known_default() != target.port_or_known_default()
        && (link.port().is_some() || target.port().is_some())
    {
        differs(30, "its port differs".to_owned());
    }
    match path_difference(link.path(), target.path()) {
        PathDifference::None => {}
        PathDifference::Some(weight, text) => differs(weight, text.to_owned()),
        PathDifference::AnotherPage => {
            let text = "it is another page of the same site".to_owned();
            return Some((ANOTHER_PAGE, sentence(&[text])));
        }
    }
    if link.query() != target.query() {
        let (weight, text) = query_difference(link, target);
        differs(weight, text);
    }
    match (link.fragment(), target.fragment()) {
        (Some(fragment), None) => differs(5, format!("it has the fragment #{fragment}")),
        (None, Some(fragment)) => differs(5, format!("it lacks the fragment #{fragment}")),
        (Some(is), Some(not)) if is != not => {
            differs(5, format!("its fragment is #{is}, not #{not}"));
        }
        _ => {}
    }
    (distance > 0).then(|| (distance, sentence(&parts)))
}

fn sentence(parts: &[String]) -> String {
    let mut text = parts
        .iter()
        .enumerate()
        .fold(String::new(), |mut all, (i, part)| {
            if i > 0 {
                all.push_str("; ");
            }
            all.push_str(part);
            all
        });
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    if !text.ends_with('.') {
        text.push('.');
    }
    text
}

fn has_www(url: &Url) -> bool {
    url.host_str().is_some_and(|host| host.starts_with("www."))
}

enum PathDifference {
    None,
    Some(usize, &'static str),
    AnotherPage,
}

fn path_difference(link: &str, target: &str) -> PathDifference {
    if link == target {
        return PathDifference::None;
    }
    let (bare, wanted) = (link.trim_end_matches('/'), target.trim_end_matches('/'));
    if bare == wanted {
        return if link.len() > target.len() {
            PathDifference::Some(5, "it has a trailing slash")
        } else {
            PathDifference::Some(5, "it lacks the trailing slash")
        };
    }
    if decoded(bare) == decoded(wanted) {
        return PathDifference::Some(8, "it is percent-encoded in another way");
    }
    if bare.to_lowercase() == wanted.to_lowercase() {
        return PathDifference::Some(15, "it is written with other upper and lower case letters");
    }
    PathDifference::AnotherPage
}

fn decoded(path: &str) -> Vec<u8> {
    // The query parser decodes percent signs; `+` would become a space, so it is hidden from it.
    let hidden = path
        .replace('+', "%2B")
        .replace('&', "%26")
        .replace('=', "%3D");
    url::form_urlencoded::parse(hidden.as_bytes())
        .flat_map(|(key, _)| key.into_owned().into_bytes())
        .collect()
}

fn query_difference(link: &Url, target: &Url) -> (usize, String) {
    let is_tracking = |key: &str| {
        key.starts_with("utm_") || TRACKING.contains(&key.to_ascii_lowercase().as_str())
    };
    let (mut tracking, mut rest) = (Vec::new(), Vec::new());
    for pair in link.query().unwrap_or_default().split('&') {
        let key = pair.split('=').next().unwrap_or(pair);
        if is_tracking(key) {
            tracking.push(key);
        } else {
            rest.push(pair);
        }
    }
    if !tracking.is_empty() && rest.join("&") == target.query().unwrap_or_default() {
        let names = tracking.join(", ");
        return (10, format!("it has tracking parameters ({names})"));
    }
    match (link.query(), target.query()) {
        (Some(""), None) => (5, "it ends with a question mark".to_owned()),
        (Some(query), None) => (40, format!("it has the query ?{query}")),
        (None, Some(query)) => (40, format!("it lacks the query ?{query}")),
        _ => (40, "its query differs".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_difference_is_told() {
        for (target, link, want) in [
            (
                "https://ex.com/a",
                "https://ex.com/a/",
                "It has a trailing slash.",
            ),
            (
                "https://ex.com/a/",
                "https://ex.com/a",
                "It lacks the trailing slash.",
            ),
            (
                "https://ex.com/a",
                "http://ex.com/a",
                "Its scheme is http, not https.",
            ),
            (
                "https://ex.com/a",
                "https://www.ex.com/a",
                "Its host begins with www.",
            ),
            (
                "https://ex.com/a",
                "https://ex.com/a?utm_source=x&utm_medium=y",
                "It has tracking parameters (utm_source, utm_medium).",
            ),
            (
                "https://ex.com/a?p=1",
                "https://ex.com/a?p=1&fbclid=z",
                "It has tracking parameters (fbclid).",
            ),
            (
                "https://ex.com/a",
                "https://ex.com/a?",
                "It ends with a question mark.",
            ),
            (
                "https://ex.com/a",
                "https://ex.com/a?p=2",
                "It has the query ?p=2.",
            ),
            (
                "https://ex.com/a?p=1",
                "https://ex.com/a?p=2",
                "Its query differs.",
            ),
            (
                "https://ex.com/a",
                "https://ex.com/a#c5",
                "It has the fragment #c5.",
            ),
            (
                "https://ex.com/a#c5",
                "https://ex.com/a",
                "It lacks the fragment #c5.",
            ),
            (
                "https://ex.com/a",
                "https://ex.com/A",
                "It is written with other upper and lower case letters.",
            ),
            (
                "https://ex.com/caf%C3%A9",
                "https://ex.com/caf%c3%a9",
                "It is percent-encoded in another way.",
            ),
            (
                "https://ex.com/~u",
                "https://ex.com/%7Eu",
                "It is percent-encoded in another way.",
            ),
            (
                "https://ex.com/a",
                "http://www.ex.com/a/",
                "Its scheme is http, not https; its host begins with www.; it has a trailing slash.",
            ),
            (
                "https://ex.com/a",
                "https://ex.com/abc",
                "It is another page of the same site.",
            ),
            (
                "https://ex.com/a",
                "https://ex.com:8443/a",
                "Its port differs.",
            ),
        ] {
            let (link, target) = (Url::parse(link).unwrap(), Url::parse(target).unwrap());
            assert_eq!(difference(&link, &target).unwrap().1, want, "{link}");
        }
    }

    #[test]
    fn the_closest_come_first_and_each_once() {
        let target = Url::parse("https://ex.com/a").unwrap();
        let links: Vec<Url> = [
            "https://ex.com/",
            "https://ex.com/a?x=1",
            "https://ex.com/a/",
            "https://ex.com/",
        ]
        .into_iter()
        .map(|link| Url::parse(link).unwrap())
        .collect();
        let urls: Vec<String> = near_misses(&links, &target)
            .into_iter()
            .map(|near| near.url)
            .collect();
        assert_eq!(
            urls,
            [
                "https://ex.com/a/",
                "https://ex.com/a?x=1",
                "https://ex.com/"
            ]
        );
    }
}
