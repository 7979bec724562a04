//! [`Subject`]: whose traces are to be erased.

use std::fmt;

use url::Url;

use super::{PageKey, Pattern, PatternError, Rules, Ruling, SiteId, SourceUrl, Timestamp};

/// Pages whose traces are to be erased: one, those below a URL, those of a host or of a domain.
#[derive(Debug)]
pub struct Subject(What);

#[derive(Debug)]
enum What {
    Page(PageKey),
    Pages { pattern: Pattern, rules: Box<Rules> },
}

impl Subject {
    /// Reads what [`Pattern::parse`] reads, and the URL of one page with its query.
    ///
    /// # Errors
    /// [`PatternError`] says what is wrong with `text`.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let text = text.trim();
        if text.contains('?') {
            let url = if text.contains("://") {
                SourceUrl::parse(text)
            } else {
                SourceUrl::parse(&format!("https://{text}"))
            };
            let url = url.map_err(PatternError::Url)?;
            return Ok(Self(What::Page(url.page_key())));
        }
        let pattern = Pattern::parse(text.split('#').next().unwrap_or_default())?;
        let rules = Rules::blocking(&pattern);
        Ok(Self(What::Pages {
            pattern,
            rules: Box::new(rules),
        }))
    }

    /// Whether the page at `url` is one of these.
    pub fn covers(&self, url: &Url) -> bool {
        match &self.0 {
            What::Page(key) => PageKey::of(url) == *key,
            What::Pages { rules, .. } => {
                let any = (SiteId(0), Timestamp::from_millis(0));
                rules.of_page(url, any.0, any.1) == Ruling::Blocked
            }
        }
    }

    /// As [`Subject::covers`], of what should be a URL.
    pub fn covers_text(&self, url: &str) -> bool {
        Url::parse(url).is_ok_and(|url| self.covers(&url))
    }

    /// What every text has in it that names one of these pages, in lower case; empty if there is no such
    /// thing.
    pub fn needle(&self) -> &str {
        match &self.0 {
            What::Page(key) => key.authority(),
            What::Pages { pattern, .. } => match pattern {
                Pattern::Domain(host) | Pattern::Host(host) | Pattern::Prefix { host, .. } => host,
                // An address is written in many ways.
                Pattern::Network(_) => "",
            },
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            What::Page(key) => f.write_str(key.as_str()),
            What::Pages { pattern, .. } => write!(f, "{pattern}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_a_page_or_all_below_a_url_or_a_host() {
        for (subject, covered, not_covered) in [
            (
                "https://ann.example/?p=7",
                &["http://ann.example/?p=7#c1"][..],
                &["https://ann.example/", "https://ann.example/?p=8"][..],
            ),
            (
                "https://tilde.example/~ann",
                &["https://tilde.example/~ann/a?b"],
                &["https://tilde.example/~anna"],
            ),
            (
                "ann.example",
                &["https://blog.ann.example/"],
                &["https://joann.example/"],
            ),
            (
                "192.0.2.7",
                &["http://192.0.2.7:81/"],
                &["http://192.0.2.8/"],
            ),
        ] {
            let read = Subject::parse(subject).unwrap();
            for url in covered {
                assert!(read.covers_text(url), "{subject}: {url}");
                assert!(url.contains(read.needle()), "{subject}: {url}");
            }
            for url in not_covered {
                assert!(!read.covers_text(url), "{subject}: {url}");
            }
        }
        assert!(Subject::parse("two words").is_err());
        assert!(Subject::parse("ftp://ann.example/?a").is_err());
    }
}
