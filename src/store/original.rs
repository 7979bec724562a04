//! [`Original`]: by what two mentions are known to be one post that came by two roads.

use url::Url;

use crate::model::{Entry, SourceUrl};

/// The post that a source tells of.
///
/// A bridge publishes a silo's post on a page of its own, which says where the original is; two
/// bridges, or a bridge and the silo itself, may so tell of one post. Mentions of one target whose
/// originals have the same key are shown once: a native one before the others, else the one that
/// was received first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Original {
    /// Its address as [`crate::model::PageKey`] has it, and the fragment. The fragment counts: bridges
    /// name a like by the address of what is liked and a fragment for who likes it.
    pub(super) key: String,
    /// Whether the source stands on the original's own host.
    pub(super) is_native: bool,
}

impl Original {
    /// What `source` tells of, whose page was found at `ended_at` and says `entry`.
    ///
    /// A page speaks for the host that it was found on. Where `source` redirects to another's page, and it
    /// may do so for anybody who asks, that page has no say in what is on the host of `source`.
    pub(super) fn of(source: &SourceUrl, ended_at: &Url, entry: &Entry) -> Self {
        // A site whose pages all name its front page as their address says nothing of a post.
        let named = SourceUrl::parse(&entry.url).ok();
        let original = named.as_ref().filter(|url| !is_front_page(url));
        let original = original.unwrap_or(source);
        Self {
            key: key_of(original),
            is_native: original.host() == source.host()
                && ended_at.host_str() == Some(source.host()),
        }
    }

    /// The page that `source` is, whatever its addresses: what it calls its own address is believed on
    /// its own host only, or any page could speak for any other.
    pub(super) fn source_key(&self, source: &SourceUrl) -> String {
        if self.is_native {
            self.key.clone()
        } else {
            key_of(source)
        }
    }
}

/// An address as [`crate::model::PageKey`] has it, and the fragment.
pub(super) fn key_of(url: &SourceUrl) -> String {
    let mut key = url.page_key().as_str().to_owned();
    if let Some(fragment) = url.as_url().fragment() {
        key.push('#');
        key.push_str(fragment);
    }
    key
}

fn is_front_page(url: &SourceUrl) -> bool {
    let url = url.as_url();
    url.path() == "/" && url.query().is_none() && url.fragment().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::MentionKind;

    fn original(source: &str, url: &str) -> Original {
        redirected(source, source, url)
    }

    fn redirected(source: &str, ended_at: &str, url: &str) -> Original {
        let entry = Entry::bare(MentionKind::Like, url.to_owned());
        let source = SourceUrl::parse(source).unwrap();
        Original::of(&source, &ended_at.parse().unwrap(), &entry)
    }

    #[test]
    fn a_page_speaks_for_no_host_that_only_redirects_to_it() {
        let leads_away = "https://ann.example/out?to=evil";
        let evil = "https://evil.example/";
        let page = redirected(leads_away, evil, "https://ann.example/post");
        assert!(!page.is_native);
        let source = SourceUrl::parse(leads_away).unwrap();
        assert_eq!(page.source_key(&source), "ann.example/out?to=evil");
        assert!(
            redirected(
                leads_away,
                "https://ann.example/x",
                "https://ann.example/post"
            )
            .is_native
        );
    }

    #[test]
    fn an_original_is_the_same_whatever_its_scheme_and_slash() {
        let bridged = original("https://bridge.example/1", "https://silo.example/ann/1");
        assert_eq!(bridged.key, "silo.example/ann/1");
        assert!(!bridged.is_native);
        let native = original("https://silo.example/x", "http://silo.example/ann/1/");
        assert_eq!(native.key, bridged.key);
        assert!(native.is_native);
    }

    #[test]
    fn likes_of_one_post_are_told_apart_by_their_fragments() {
        let like = |who| {
            let url = format!("https://silo.example/ann/1#liked-by-{who}");
            original("https://bridge.example/like", &url).key
        };
        assert_ne!(like("bob"), like("eve"));
    }

    #[test]
    fn a_front_page_is_nobodys_original_but_its_own() {
        let page = original("https://ann.example/2011/05/", "https://ann.example/");
        assert_eq!(page.key, "ann.example/2011/05");
        assert!(page.is_native);
        let bridged = original("https://bridge.example/1", "https://ann.example");
        assert_eq!(bridged.key, "bridge.example/1");
        let front = original("https://ann.example/", "https://ann.example/");
        assert_eq!(front.key, "ann.example");
    }

    #[test]
    fn an_address_that_is_none_leaves_the_source_its_own() {
        let page = original("https://ann.example/1", "javascript:alert(1)");
        assert_eq!(page.key, "ann.example/1");
        assert!(page.is_native);
    }
}
