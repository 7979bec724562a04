//! [`FeedOf`] and [`FeedFormat`]: which feeds of mentions there are, and where.
//!
//! Who serves a feed and who tells a hub that it has changed must name it by the same URL.

use url::Url;
use url::form_urlencoded::Serializer;

use super::PageKey;

/// What the mentions of a feed are of.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FeedOf {
    /// One page.
    Page(PageKey),
    /// All pages on a host: `host` or `host:port`.
    Host(String),
}

impl FeedOf {
    /// The URL of the first page of this feed in `format`, of the service at `base`: its topic. Other
    /// parameters may follow it. One page has one such URL, in whatever form its own address was given.
    pub fn url(&self, base: &Url, format: FeedFormat) -> String {
        let mut url = base.clone();
        url.set_path(format.path());
        let mut query = Serializer::new(String::new());
        match self {
            Self::Page(key) => query.append_pair("target", &format!("https://{}", key.as_str())),
            Self::Host(authority) => query.append_pair("domain", authority),
        };
        url.set_query(Some(&query.finish()));
        url.into()
    }
}

/// A format that feeds are served in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FeedFormat {
    /// JSON Feed 1.1.
    Json,
    /// Atom.
    Atom,
    /// RSS 2.0.
    Rss,
    /// JF2.
    Jf2,
    /// microformats2 in HTML.
    Html,
}

impl FeedFormat {
    /// Every format.
    pub const ALL: [Self; 5] = [Self::Json, Self::Atom, Self::Rss, Self::Jf2, Self::Html];

    /// Those of which a `WebSub` hub is told when they change: the ones that readers subscribe to.
    pub const PUBLISHED: [Self; 3] = [Self::Json, Self::Atom, Self::Rss];

    /// Where it is served.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Json => "/feed.json",
            Self::Atom => "/feed.atom",
            Self::Rss => "/feed.rss",
            Self::Jf2 => "/feed.jf2",
            Self::Html => "/feed.html",
        }
    }

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/feed+json",
            Self::Atom => "application/atom+xml",
            Self::Rss => "application/rss+xml",
            Self::Jf2 => "application/jf2feed+json",
            Self::Html => "text/html",
        }
    }

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON Feed",
            Self::Atom => "Atom",
            Self::Rss => "RSS",
            Self::Jf2 => "JF2",
            Self::Html => "h-feed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TargetUrl;

    #[test]
    fn all_forms_of_a_page_have_one_feed() {
        let base = Url::parse("https://lb.example/").unwrap();
        for form in ["https://ex.com/a/", "http://ex.com/a", "https://ex.com/a#b"] {
            let of = FeedOf::Page(TargetUrl::parse(form).unwrap().page_key());
            assert_eq!(
                of.url(&base, FeedFormat::Atom),
                "https://lb.example/feed.atom?target=https%3A%2F%2Fex.com%2Fa"
            );
        }
        assert_eq!(
            FeedOf::Host("ex.com:8080".to_owned()).url(&base, FeedFormat::Json),
            "https://lb.example/feed.json?domain=ex.com%3A8080"
        );
    }
}
