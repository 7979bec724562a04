//! [`SourceUrl`] and [`TargetUrl`]: absolute http(s) URLs that were checked once, on the way in.

use std::cell::RefCell;
use std::fmt;

use url::{SyntaxViolation, Url};

mod known;

pub use self::known::KnownUrl;

/// The longest URL we take, in bytes: beyond it lie mistakes and attacks, not articles.
pub const MAX_URL_BYTES: usize = 4096;

/// Why a string is not a URL that we can work with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Nothing but white space.
    #[error("it is empty")]
    Empty,
    /// Longer than [`MAX_URL_BYTES`].
    #[error("it is longer than {MAX_URL_BYTES} bytes")]
    TooLong,
    /// Not an absolute URL by the URL Standard, or only so after repair (`http:/host`, `http:\\host`).
    #[error("it is not a valid absolute URL ({0})")]
    Invalid(String),
    /// A scheme other than `http` and `https`.
    #[error("its scheme is “{0}”, only http and https are supported")]
    Scheme(String),
    /// It carries a user name or a password.
    #[error("it carries a user name or password")]
    Userinfo,
}

/// Parses `text` as an absolute http(s) URL. WM §3.2.1: "valid URLs", not strings a browser would repair.
fn parse_http(text: &str) -> Result<Url, UrlError> {
    let text = text.trim_matches(|c: char| c.is_ascii_whitespace());
    if text.is_empty() {
        return Err(UrlError::Empty);
    }
    if text.len() > MAX_URL_BYTES {
        return Err(UrlError::TooLong);
    }
    if text.contains(char::REPLACEMENT_CHARACTER) {
        return Err(UrlError::Invalid("it is not valid UTF-8".to_owned()));
    }
    // To the parser a control character is no worse than a space, which real addresses contain; a
    // NUL has only ever been an attack.
    if text.chars().any(char::is_control) {
        return Err(UrlError::Invalid(
            "it contains a control character".to_owned(),
        ));
    }
    let violation: RefCell<Option<SyntaxViolation>> = RefCell::new(None);
    let note = |v| {
        if is_serious(v) {
            violation.borrow_mut().get_or_insert(v);
        }
    };
    let url = Url::options()
        .syntax_violation_callback(Some(&note))
        .parse(text)
        .map_err(|e| UrlError::Invalid(e.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(UrlError::Scheme(url.scheme().to_owned()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlError::Userinfo);
    }
    if let Some(v) = violation.into_inner() {
        return Err(UrlError::Invalid(v.description().to_owned()));
    }
    if url.port() == Some(0) {
        return Err(UrlError::Invalid("port 0".to_owned()));
    }
    if url.as_str().len() > MAX_URL_BYTES {
        return Err(UrlError::TooLong);
    }
    Ok(url)
}

/// Whether the parser's repair may have turned a slip into some other URL. Spaces, `|` or a lone
/// `%` are no such slips: real article addresses contain them.
fn is_serious(violation: SyntaxViolation) -> bool {
    !matches!(
        violation,
        SyntaxViolation::NonUrlCodePoint | SyntaxViolation::PercentDecode
    )
}

macro_rules! http_url {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Url);

        impl $name {
            /// Parses an absolute http(s) URL without userinfo, of at most [`MAX_URL_BYTES`].
            ///
            /// # Errors
            /// [`UrlError`] says what is wrong with `text`.
            pub fn parse(text: &str) -> Result<Self, UrlError> {
                parse_http(text).map(Self)
            }

            /// Takes back what [`Self::as_str`] gave to be stored, which was looked at before.
            ///
            /// # Errors
            /// It is no http(s) URL at all.
            pub(crate) fn stored(text: &str) -> Result<Self, UrlError> {
                let url = Url::parse(text).map_err(|e| UrlError::Invalid(e.to_string()))?;
                if !matches!(url.scheme(), "http" | "https") {
                    return Err(UrlError::Scheme(url.scheme().to_owned()));
                }
                Ok(Self(url))
            }

            /// The URL in the URL Standard's serialisation.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }

            /// The parsed URL.
            pub fn as_url(&self) -> &Url {
                &self.0
            }

            /// The host, lower-case, without a trailing dot.
            pub fn host(&self) -> &str {
                self.0.host_str().unwrap_or_default().trim_end_matches('.')
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

http_url! {
    /// The page that is said to link.
    SourceUrl
}

http_url! {
    /// The page that is said to be linked to, as the sender wrote it, fragment and all.
    TargetUrl
}

impl SourceUrl {
    /// The page that this source is, see [`PageKey`].
    pub fn page_key(&self) -> PageKey {
        PageKey::of(&self.0)
    }
}

impl TargetUrl {
    /// The page that this target names, see [`PageKey`].
    pub fn page_key(&self) -> PageKey {
        PageKey::of(&self.0)
    }

    /// The host with its port unless that is the scheme's own: what a site answers for.
    pub fn authority(&self) -> String {
        authority(&self.0)
    }
}

/// `host` or `host:port`; the host without a trailing dot, the port only where it is not the default.
pub(super) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// Whether two URLs are on one host and port, whatever their schemes: `https://ex.com` and
/// `http://ex.com`, but not `http://ex.com:8080`.
pub fn same_host(a: &Url, b: &Url) -> bool {
    authority(a) == authority(b)
}

/// What makes two URLs the same page: `http` and `https`, with and without a trailing slash,
/// with whatever fragment, are one. The query counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PageKey(String);

impl PageKey {
    /// The key of a URL.
    pub fn of(url: &Url) -> Self {
        let mut key = authority(url);
        key.push_str(url.path().trim_end_matches('/'));
        if let Some(query) = url.query() {
            key.push('?');
            key.push_str(query);
        }
        Self(key)
    }

    /// Takes what [`PageKey::as_str`] gave: for the store.
    pub fn from_text(key: String) -> Self {
        Self(key)
    }

    /// The key as text: `host[:port]/path[?query]`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host with its port, as [`TargetUrl::authority`] gives it.
    pub fn authority(&self) -> &str {
        self.0.split(['/', '?']).next().unwrap_or_default()
    }

    /// The path without the slashes at its end and without the query; empty for a host's root.
    pub fn path(&self) -> &str {
        let rest = self.0.get(self.authority().len()..).unwrap_or_default();
        rest.split('?').next().unwrap_or_default()
    }
}

/// Whether a source and a target are one and the same page: a page cannot mention itself. WM §3.2.1.
///
/// The fragment does not count, nor does the scheme or a trailing slash.
pub fn same_page(source: &SourceUrl, target: &TargetUrl) -> bool {
    source.page_key() == target.page_key()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_key_has_the_authority_and_the_path_of_its_url() {
        for (url, authority, path) in [
            ("http://EX.com.", "ex.com", ""),
            ("https://ex.com:8443/?a=/b#c", "ex.com:8443", ""),
            ("https://ex.com/~ann/?p=1", "ex.com", "/~ann"),
            ("https://[::1]:81/a/b//?", "[::1]:81", "/a/b"),
        ] {
            let key = TargetUrl::parse(url).unwrap().page_key();
            assert_eq!((key.authority(), key.path()), (authority, path), "{url}");
            assert_eq!(PageKey::from_text(key.as_str().to_owned()), key);
        }
    }

    #[test]
    fn urls_that_a_browser_would_repair_are_refused() {
        for (text, want) in [
            ("", UrlError::Empty),
            ("  \n", UrlError::Empty),
            ("ftp://ex.com/a", UrlError::Scheme("ftp".into())),
            ("javascript:alert(1)", UrlError::Scheme("javascript".into())),
            ("https://u:p@ex.com/", UrlError::Userinfo),
        ] {
            assert_eq!(SourceUrl::parse(text), Err(want), "{text}");
        }
        for text in [
            "/a",
            "//ex.com/a",
            "ex.com/a",
            "jwoijgoisdjlskjegisvjowuehjtkx",
            "http:///a",
            "https:ex.com/a",
            "https:/ex.com/a",
            "https://ex.com\\a",
            "https://ex\n.com/a",
            "http://ex.com:99999/",
            "http://ex.com:0/",
            "http://[fe80::1%25eth0]/",
            "http://a b.com/",
            "http://",
            "http://ex.com/\u{fffd}",
        ] {
            assert!(
                matches!(SourceUrl::parse(text), Err(UrlError::Invalid(_))),
                "{text}: {:?}",
                SourceUrl::parse(text)
            );
        }
        let long = format!("https://ex.com/{}", "a".repeat(MAX_URL_BYTES));
        assert_eq!(SourceUrl::parse(&long), Err(UrlError::TooLong));
    }

    #[test]
    fn urls_that_real_sites_use_are_taken() {
        for (text, want) in [
            (" https://ex.com \n", "https://ex.com/"),
            ("HTTPS://Ex.COM:443/A", "https://ex.com/A"),
            ("https://ex.com/café", "https://ex.com/caf%C3%A9"),
            ("https://ex.com/a|b c", "https://ex.com/a|b%20c"),
            ("https://ex.com/100%", "https://ex.com/100%"),
            ("https://bücher.example/", "https://xn--bcher-kva.example/"),
            ("https://💩.example/", "https://xn--ls8h.example/"),
            ("https://ex.com/a#c5", "https://ex.com/a#c5"),
        ] {
            assert_eq!(TargetUrl::parse(text).unwrap().as_str(), want);
        }
    }

    #[test]
    fn a_page_is_the_same_whatever_its_scheme_slash_and_fragment() {
        let key = |text| TargetUrl::parse(text).unwrap().page_key();
        assert_eq!(key("http://ex.com/a/#c5"), key("https://ex.com./a"));
        assert_ne!(key("https://ex.com/a?x=1"), key("https://ex.com/a"));
        assert_ne!(key("https://ex.com:8443/a"), key("https://ex.com/a"));
        assert_ne!(key("https://ex.com/a"), key("https://ex.com/A"));
    }

    #[test]
    fn a_page_cannot_mention_itself() {
        let same = |s, t| same_page(&SourceUrl::parse(s).unwrap(), &TargetUrl::parse(t).unwrap());
        assert!(same("HTTP://Ex.com/a", "http://ex.com:80/a"));
        assert!(same("https://ex.com/a#one", "https://ex.com/a"));
        assert!(!same("https://ex.com/b", "https://ex.com/a"));
    }
}
