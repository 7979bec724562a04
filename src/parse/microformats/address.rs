//! Addresses as pages write them, made absolute. mf2 parsing, "normalized absolute URL".

use url::Url;

/// What the links of a page are resolved against.
#[derive(Debug, Clone)]
pub(super) struct Addresses {
    base: Url,
    /// What an empty link means: the base, in the form in which it was given.
    itself: String,
}

impl Addresses {
    /// The links of the page at `base`, an empty one being `itself`.
    pub(super) fn new(base: &Url, itself: &str) -> Self {
        Self {
            base: base.clone(),
            itself: itself.to_owned(),
        }
    }

    /// The page says by `<base href>` where its links start from (HTML Standard, §4.2.3). Whether
    /// that is a place where pages are: as for links, the first that is counts.
    pub(super) fn rebase(&mut self, href: &str) -> bool {
        let Ok(base) = self.base.join(href) else {
            return false;
        };
        let is_place = matches!(base.scheme(), "http" | "https");
        if is_place {
            base.as_str().clone_into(&mut self.itself);
            self.base = base;
        }
        is_place
    }

    /// `link`, absolute. What is absolute already stays as it was written (without the white space
    /// round it), and what cannot be resolved likewise.
    pub(super) fn absolute(&self, link: &str) -> String {
        let link = link.trim_matches(|c: char| c.is_ascii_control() || c == ' ');
        if link.is_empty() {
            return self.itself.clone();
        }
        // Absolute, and thus kept whatever the parser thinks of it. Most links are.
        let is_absolute = link.starts_with("https://") || link.starts_with("http://");
        if is_absolute && !link.bytes().any(|b| b.is_ascii_control()) {
            return link.to_owned();
        }
        match Url::parse(link) {
            // SECURITY: what parsers of URLs skip within one must not reach those who compare text:
            // `java\nscript:` is a scheme, too.
            Ok(url) if link.contains(|c: char| c.is_ascii_control()) => url.into(),
            Ok(_) => link.to_owned(),
            Err(_) => self
                .base
                .join(link)
                .map_or_else(|_| link.to_owned(), Into::into),
        }
    }

    /// About how many bytes it takes to resolve `link`.
    pub(super) fn cost(&self, link: &str) -> usize {
        self.base.as_str().len().saturating_add(link.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses() -> Addresses {
        Addresses::new(
            &Url::parse("https://ex.com/a/b").unwrap(),
            "https://ex.com/a/b",
        )
    }

    #[test]
    fn links_are_resolved_and_absolute_ones_kept() {
        let addresses = addresses();
        assert_eq!(addresses.absolute("c d"), "https://ex.com/a/c%20d");
        assert_eq!(addresses.absolute(" http://ex.org "), "http://ex.org");
        assert_eq!(addresses.absolute("geo:51.5;-0.08"), "geo:51.5;-0.08");
        assert_eq!(addresses.absolute(""), "https://ex.com/a/b");
        assert_eq!(addresses.absolute("http://["), "http://[");
        assert_eq!(addresses.absolute("https://"), "https://");
        assert_eq!(addresses.absolute("https://ex.org/\n"), "https://ex.org/");
    }

    #[test]
    fn controls_do_not_hide_a_scheme() {
        assert_eq!(addresses().absolute("java\nscript:x"), "javascript:x");
    }

    #[test]
    fn a_base_of_another_scheme_is_none() {
        let mut addresses = addresses();
        assert!(!addresses.rebase("data:text/html,x"));
        assert_eq!(addresses.absolute("c"), "https://ex.com/a/c");
        assert!(addresses.rebase("/z/"));
        assert_eq!(addresses.absolute("c"), "https://ex.com/z/c");
        assert_eq!(addresses.absolute(""), "https://ex.com/z/");
    }
}
