//! [`KnownUrl`]: a URL that comes back from the store.

use std::fmt;

use super::{PageKey, SourceUrl, TargetUrl, UrlError};

/// An http(s) URL that was a [`SourceUrl`] or a [`TargetUrl`] when it was stored, as it is told to readers: its
/// text, of which no more is taken apart than is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KnownUrl(String);

impl KnownUrl {
    /// Takes back what [`SourceUrl::as_str`] or [`TargetUrl::as_str`] gave to be stored.
    ///
    /// # Errors
    /// It is no http(s) URL at all.
    pub(crate) fn stored(text: &str) -> Result<Self, UrlError> {
        let known = Self(text.to_owned());
        if known.parts().0.is_empty() {
            return Err(UrlError::Invalid("it is not http or https".to_owned()));
        }
        Ok(known)
    }

    /// The URL in the URL Standard's serialisation.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host, lower-case, without a trailing dot.
    pub fn host(&self) -> &str {
        self.host_and_port().0
    }

    /// The host with its port unless that is the scheme's own: what a site answers for.
    pub fn authority(&self) -> String {
        let (host, port) = self.host_and_port();
        let mut authority = host.to_owned();
        authority.push_str(port);
        authority
    }

    /// The path.
    pub fn path(&self) -> &str {
        let rest = self.parts().1;
        rest.split(['?', '#']).next().unwrap_or_default()
    }

    /// The page that this URL names, see [`PageKey`].
    pub fn page_key(&self) -> PageKey {
        let rest = self.parts().1;
        let (path, rest) = rest.split_at(self.path().len());
        let mut key = self.authority();
        key.push_str(path.trim_end_matches('/'));
        key.push_str(rest.split('#').next().unwrap_or_default());
        PageKey::from_text(key)
    }

    /// The host without a trailing dot; and the port with its colon, or nothing where it is the scheme's own.
    pub fn host_and_port(&self) -> (&str, &str) {
        let authority = self.parts().0;
        let colon = authority.bytes().rposition(|byte| byte == b':');
        let port = colon
            .and_then(|at| authority.split_at_checked(at))
            // The colons of an address of IPv6 are followed by its bracket.
            .filter(|(_, port)| !port.ends_with(']'));
        let (host, port) = port.unwrap_or((authority, ""));
        (host.trim_end_matches('.'), port)
    }

    /// The authority, and what comes after it; both empty where this is no http(s) URL.
    //
    // So simple only because the URL Standard's serialisation has one form: `http://` or `https://`, the
    // authority without a user, and a path that is never empty.
    fn parts(&self) -> (&str, &str) {
        let rest = self
            .0
            .strip_prefix("https://")
            .or_else(|| self.0.strip_prefix("http://"))
            .unwrap_or_default();
        let path = rest.bytes().position(|byte| byte == b'/');
        rest.split_at_checked(path.unwrap_or(0)).unwrap_or_default()
    }
}

impl fmt::Display for KnownUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<&SourceUrl> for KnownUrl {
    fn from(url: &SourceUrl) -> Self {
        Self(url.as_str().to_owned())
    }
}

impl From<&TargetUrl> for KnownUrl {
    fn from(url: &TargetUrl) -> Self {
        Self(url.as_str().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_url_has_the_parts_that_it_had_when_it_was_parsed() {
        for url in [
            "http://EX.com.",
            "https://ex.com.:8443?a=/b#c",
            "https://ex.com/~ann/?p=1?q#a/b?c#d",
            "https://ex.com/a/b//#",
            "https://ex.com//?",
            "https://[::1]:81/a:b/@c",
            "http://[2001:db8::]/",
            "http://127.0.0.1:8080/%23?%3f",
            "https://bücher.example/Straße?ö#ü",
        ] {
            let url = TargetUrl::parse(url).unwrap();
            let known = KnownUrl::stored(url.as_str()).unwrap();
            assert_eq!(known, KnownUrl::from(&url));
            assert_eq!(
                (
                    known.host(),
                    known.authority(),
                    known.path(),
                    known.page_key()
                ),
                (
                    url.host(),
                    url.authority(),
                    url.as_url().path(),
                    url.page_key()
                ),
                "{url}"
            );
        }
        for text in [
            "",
            "ex.com/a",
            "ftp://ex.com/",
            "https://",
            "https:///a",
            "javascript:alert(1)//",
        ] {
            assert!(KnownUrl::stored(text).is_err(), "{text}");
        }
    }
}
