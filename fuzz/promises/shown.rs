//! Texts, addresses and times as a reader may see them.

use linkback::model::AuthoredTime;
use linkback::parse::date::authored;
use unicode_segmentation::UnicodeSegmentation;
use url::Url;

/// The longest address that is shown, in bytes.
const MAX_URL: usize = 4096;

/// No control character, and none that reorders the text round it. `ends` of lines may be allowed.
pub(crate) fn is_clean(text: &str, what: &str, ends: bool) {
    for c in text.chars() {
        let is_reordering = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        let is_end = ends && c == '\n';
        assert!(
            is_end || !(c.is_control() || is_reordering),
            "{what} holds {c:?}: {text:?}"
        );
    }
}

/// Something on one line of at most `max` graphemes and the mark of a cut, without white space round it.
pub(crate) fn is_line(text: &str, max: usize, what: &str) {
    is_clean(text, what, false);
    let collapsed: Vec<&str> = text.split_whitespace().collect();
    assert_eq!(collapsed.join(" "), text, "{what} has idle white space");
    assert!(!text.is_empty(), "{what} is there and empty");
    is_short(text, max, what);
}

/// At most `max` graphemes and the mark of a cut.
pub(crate) fn is_short(text: &str, max: usize, what: &str) {
    // What is far too long need not be taken apart.
    assert!(text.len() <= max * 32 + 3, "{what}: {} bytes", text.len());
    let graphemes = text.graphemes(true).count();
    assert!(graphemes <= max + 1, "{what}: {graphemes} graphemes");
}

/// An absolute http(s) address without user name, as the URL Standard writes it.
pub(crate) fn is_address(text: &str, what: &str) {
    let url = Url::parse(text).unwrap_or_else(|e| panic!("{what}: {e}: {text:?}"));
    assert!(
        matches!(url.scheme(), "http" | "https"),
        "{what} has another scheme: {text:?}"
    );
    assert!(
        url.username().is_empty() && url.password().is_none(),
        "{what} names a user: {text:?}"
    );
    assert_eq!(url.as_str(), text, "{what} is not as it would be written");
    assert!(text.len() <= MAX_URL, "{what}: {} bytes", text.len());
    is_clean(text, what, false);
}

/// One of the three forms, and what the reader of times reads it as again.
pub(crate) fn is_time(time: &AuthoredTime) {
    let text = time.as_str();
    let form: String = text
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    let zone = match form.strip_prefix("0000-00-00") {
        Some("") => "",
        Some(rest) => rest
            .strip_prefix("T00:00:00")
            .unwrap_or_else(|| panic!("no time of day: {text:?}")),
        None => panic!("no date: {text:?}"),
    };
    assert!(
        matches!(zone, "" | "Z" | "+00:00" | "-00:00"),
        "no zone: {text:?}"
    );
    assert_eq!(authored(text).as_ref(), Some(time), "read again");
}
