//! [`Site`]: the owners' sites, and which targets are theirs.

use std::fmt;

use url::Url;

use super::Timestamp;
use super::url::{TargetUrl, authority};

/// A site's number in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SiteId(pub i64);

/// A site we accept mentions for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Its number.
    pub id: SiteId,
    /// Where it lives; the first is the one it was added under, the others are aliases.
    pub bases: Vec<SiteBase>,
    /// When it was added.
    pub created_at: Timestamp,
}

/// One address under which a site's pages live: a host (with port unless it is the default) and a
/// path that all of its pages start with. `http` and `https` are not told apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SiteBase {
    authority: String,
    path: String,
}

/// Why a string does not name a site.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SiteError {
    /// Not an address of the form `https://example.com` or `example.com`.
    #[error("“{0}” is not a site: write it like https://example.com or example.com/blog")]
    Invalid(String),
}

impl SiteBase {
    /// Parses `https://example.com`, `http://127.0.0.1:9000`, `example.com` or `https://tilde.example/~ann/`.
    ///
    /// # Errors
    /// [`SiteError::Invalid`] if it is none of these.
    pub fn parse(text: &str) -> Result<Self, SiteError> {
        let invalid = || SiteError::Invalid(text.to_owned());
        let trimmed = text.trim();
        let url = if trimmed.contains("://") {
            TargetUrl::parse(trimmed)
        } else {
            TargetUrl::parse(&format!("https://{trimmed}"))
        };
        let url = url.map_err(|_not_a_url| invalid())?;
        let url: &Url = url.as_url();
        if url.query().is_some() || url.fragment().is_some() {
            return Err(invalid());
        }
        let mut path = url.path().to_owned();
        if !path.ends_with('/') {
            path.push('/');
        }
        Ok(Self {
            authority: authority(url),
            path,
        })
    }

    /// Puts together what [`SiteBase::authority`] and [`SiteBase::path`] gave: for the store.
    pub fn from_parts(authority: String, path: String) -> Self {
        Self { authority, path }
    }

    /// `host` or `host:port`.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The path its pages start with; begins and ends with `/`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether `target` is a page under this base.
    pub fn covers(&self, target: &TargetUrl) -> bool {
        target.authority() == self.authority && self.covers_path(target.as_url().path())
    }

    /// Whether a page at `path` of this base's host is under this base.
    pub fn covers_path(&self, path: &str) -> bool {
        path.starts_with(&self.path) || self.path.trim_end_matches('/') == path
    }
}

impl fmt::Display for SiteBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.authority, self.path.trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_covers_its_own_pages_and_no_others() {
        let covers = |base, target| {
            SiteBase::parse(base)
                .unwrap()
                .covers(&TargetUrl::parse(target).unwrap())
        };
        assert!(covers("https://ex.com", "http://EX.com./a?b#c"));
        assert!(covers("ex.com", "https://ex.com"));
        assert!(covers("http://127.0.0.1:9000", "http://127.0.0.1:9000/x"));
        assert!(covers("https://tilde.ex/~ann", "https://tilde.ex/~ann"));
        assert!(covers(
            "https://tilde.ex/~ann",
            "https://tilde.ex/~ann/post"
        ));
        assert!(!covers(
            "https://tilde.ex/~ann",
            "https://tilde.ex/~anna/post"
        ));
        assert!(!covers("https://ex.com", "https://ex.com.evil.example/a"));
        assert!(!covers("https://ex.com", "https://notex.com/a"));
        assert!(!covers("https://ex.com", "https://www.ex.com/a"));
        assert!(!covers("https://ex.com", "https://ex.com:8443/a"));
    }

    #[test]
    fn what_is_not_a_site_is_refused() {
        for text in [
            "",
            "ftp://ex.com",
            "https://ex.com/?a",
            "https://u@ex.com",
            "/blog",
        ] {
            assert!(SiteBase::parse(text).is_err(), "{text}");
        }
    }
}
