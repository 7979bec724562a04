//! What the headers of an answer say: where it leads, how long to wait, whether it is worth reading.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use url::Url;

use super::FetchError;
use crate::model::{MAX_URL_BYTES, Timestamp};

/// Where a redirect leads: `Location` against the current URL, which also lends its fragment to a
/// `Location` without one. RFC 9110 §10.2.2, WM-21.
pub(super) fn next_hop(current: &Url, headers: &HeaderMap) -> Result<Url, FetchError> {
    let broken = |why: &str| FetchError::Redirect(why.to_owned());
    let mut locations = headers.get_all(LOCATION).iter();
    let location = locations
        .next()
        .ok_or_else(|| broken("without a Location"))?;
    if locations.any(|other| other != location) {
        return Err(broken("to several places"));
    }
    let location = std::str::from_utf8(location.as_bytes())
        .map_err(|_not_utf8| broken("to what is not UTF-8"))?;
    if location.is_empty() {
        return Err(broken("without a Location"));
    }
    let mut next = current
        .join(location)
        .map_err(|e| FetchError::Redirect(format!("to what is no URL: {e}")))?;
    if next.fragment().is_none() {
        next.set_fragment(current.fragment());
    }
    if next.as_str().len() > MAX_URL_BYTES {
        return Err(broken("to a URL that is too long"));
    }
    Ok(next)
}

/// Whether two URLs make the same request: the fragment is not sent.
pub(super) fn is_same_request(a: &Url, b: &Url) -> bool {
    fn sent(url: &Url) -> &str {
        url.as_str()
            .split_once('#')
            .map_or(url.as_str(), |(sent, _)| sent)
    }
    sent(a) == sent(b)
}

pub(super) fn header_bytes(headers: &HeaderMap) -> usize {
    let of = |(name, value): (&HeaderName, &HeaderValue)| {
        name.as_str().len().saturating_add(value.len())
    };
    headers.iter().map(of).fold(0, usize::saturating_add)
}

/// Whether a media type says that its body is nothing we could find a link in.
pub(super) fn holds_no_links(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    match essence.split_once('/') {
        Some(("audio" | "font" | "haptics" | "image" | "model" | "video", _)) => true,
        Some(("application", subtype)) => {
            subtype.ends_with("+zip")
                || matches!(
                    subtype,
                    "gzip"
                        | "java-archive"
                        | "octet-stream"
                        | "pdf"
                        | "vnd.rar"
                        | "wasm"
                        | "x-7z-compressed"
                        | "x-bzip2"
                        | "x-gzip"
                        | "x-rar-compressed"
                        | "x-tar"
                        | "x-xz"
                        | "zip"
                        | "zstd"
                )
        }
        Some(_) | None => false,
    }
}

/// What `Retry-After` asks for: seconds, or a date in one of the three forms of RFC 9110 §5.6.7.
pub(super) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    const DATES: [&str; 3] = [
        "%a, %d %b %Y %H:%M:%S GMT",
        "%A, %d-%b-%y %H:%M:%S GMT",
        "%a %b %e %H:%M:%S %Y",
    ];
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = DATES
        .iter()
        .find_map(|form| jiff::civil::DateTime::strptime(form, value).ok())?;
    let date = jiff::tz::TimeZone::UTC.to_timestamp(date).ok()?;
    let date = Timestamp::from_millis(date.as_millisecond());
    Some(date.since(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_leads_from_the_current_url_and_keeps_its_fragment() {
        let current = Url::parse("https://ex.com/blog/a?x=1#c5").unwrap();
        for (location, want) in [
            ("/b", "https://ex.com/b#c5"),
            ("b", "https://ex.com/blog/b#c5"),
            ("?y", "https://ex.com/blog/a?y#c5"),
            ("//other.ex/b", "https://other.ex/b#c5"),
            ("http://other.ex/b#own", "http://other.ex/b#own"),
            ("/b#", "https://ex.com/b#"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(LOCATION, HeaderValue::from_static(location));
            assert_eq!(next_hop(&current, &headers).unwrap().as_str(), want);
        }
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_in_all_three_date_forms() {
        let now = Timestamp::from_millis(784_111_777_000); // 1994-11-06 08:49:37 UTC
        for (value, want) in [
            ("120", Some(120)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("Sunday, 06-Nov-94 08:50:37 GMT", Some(60)),
            ("Sun Nov  6 08:50:37 1994", Some(60)),
            ("Sun, 06 Nov 1994 08:49:00 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_static(value));
            let want = want.map(Duration::from_secs);
            assert_eq!(retry_after(&headers, now), want, "{value}");
        }
    }

    #[test]
    fn types_without_links_are_told_from_those_with() {
        for (content_type, want) in [
            ("text/html; charset=utf-8", false),
            ("application/json", false),
            ("application/xhtml+xml", false),
            ("", false),
            ("nonsense", false),
            ("IMAGE/PNG", true),
            ("video/mp4; codecs=x", true),
            ("application/zip", true),
            ("application/epub+zip", true),
            ("application/octet-stream", true),
        ] {
            assert_eq!(holds_no_links(content_type), want, "{content_type}");
        }
    }
}
