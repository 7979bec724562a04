//! [`Validators`] in the header fields of answers and requests.

use reqwest::header::{
    ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
};
use url::Url;

use crate::model::Validators;

/// The longest validator that is kept: entity tags that servers make stay below 100 bytes.
pub const MAX_VALIDATOR_BYTES: usize = 256;

/// What the answer from `url` says of the state of its page; `None` if it says nothing that could be asked
/// later.
pub(super) fn of(url: &Url, headers: &HeaderMap) -> Option<Validators> {
    let found = Validators {
        url: url.clone(),
        etag: single(headers, &ETAG).filter(|text| is_entity_tag(text)),
        last_modified: single(headers, &LAST_MODIFIED),
    };
    (found.etag.is_some() || found.last_modified.is_some()).then_some(found)
}

/// The header fields that ask for the page only if it is another by now.
pub(super) fn conditions(known: &Validators) -> HeaderMap {
    let fields = [
        (IF_NONE_MATCH, &known.etag),
        (IF_MODIFIED_SINCE, &known.last_modified),
    ];
    fields
        .into_iter()
        .filter_map(|(name, text)| Some((name, HeaderValue::from_str(text.as_ref()?).ok()?)))
        .collect()
}

/// The value of a field that was sent once and is worth keeping.
fn single(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?.trim();
    let is_kept = !value.is_empty() && value.len() <= MAX_VALIDATOR_BYTES;
    (is_kept && values.next().is_none()).then(|| value.to_owned())
}

/// RFC 9110 §8.8.3. A bare `*` would ask whether there is any page at all, and a list whether it is one
/// of many.
fn is_entity_tag(text: &str) -> bool {
    let opaque = text.strip_prefix("W/").unwrap_or(text);
    opaque
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .is_some_and(|tag| !tag.contains('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(fields: &[(&'static str, &str)]) -> Option<Validators> {
        let headers = fields
            .iter()
            .map(|(name, value)| {
                let name = HeaderName::from_static(name);
                (name, HeaderValue::from_bytes(value.as_bytes()).unwrap())
            })
            .fold(HeaderMap::new(), |mut headers, (name, value)| {
                headers.append(name, value);
                headers
            });
        super::of(&Url::parse("https://ex.com/").unwrap(), &headers)
    }

    #[test]
    fn validators_are_kept_as_they_were_sent_if_they_are_any() {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        let etag = |fields: &[(&'static str, &str)]| of(fields).and_then(|found| found.etag);
        for tag in ["\"a\"", "W/\"a\"", "\"\"", "\"a, b\"", "W/\"123-456;gzip\""] {
            assert_eq!(etag(&[("etag", tag)]).as_deref(), Some(tag));
        }
        let long = format!("\"{}\"", "a".repeat(MAX_VALIDATOR_BYTES));
        for tag in [
            "*",
            "a",
            "\"a",
            "a\"",
            "\"",
            "w/\"a\"",
            "\"a\", \"b\"",
            "",
            "\"é\"",
            &long,
        ] {
            assert_eq!(of(&[("etag", tag)]), None, "{tag}");
        }
        assert_eq!(etag(&[("etag", "\"a\""), ("etag", "\"b\"")]), None);
        let both = of(&[("etag", "*"), ("last-modified", date)]).unwrap();
        assert_eq!(
            (both.etag, both.last_modified.as_deref()),
            (None, Some(date))
        );
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn what_cannot_be_sent_is_not() {
        let mut known = of(&[("etag", "W/\"a\""), ("last-modified", "yesterday")]).unwrap();
        let sent = conditions(&known);
        assert_eq!(sent[IF_NONE_MATCH], "W/\"a\"");
        assert_eq!(sent[IF_MODIFIED_SINCE], "yesterday");
        known.etag = Some("\"a\"\r\nHost: other".to_owned());
        assert!(!conditions(&known).contains_key(IF_NONE_MATCH));
    }
}
