//! Where the feeds of a page or a host are: for the heads of our pages, and for `Link` headers.

use std::fmt::Write as _;

use url::Url;

use crate::model::{FeedFormat, FeedOf, PageKey};

/// A longer header is not worth what it costs: proxies refuse answers for it.
const MAX_HEADER_BYTES: usize = 3000;

/// A feed that a page is told in.
#[derive(Debug, Clone)]
pub(in crate::http) struct FeedLink {
    /// Where it is.
    pub(in crate::http) href: String,
    /// The media type of its format.
    pub(in crate::http) media_type: &'static str,
    /// What it is.
    pub(in crate::http) title: String,
}

/// The feeds of a page.
pub(in crate::http) fn of_page(base: &Url, page: PageKey) -> Vec<FeedLink> {
    let what = "Mentions".to_owned();
    links(base, &FeedOf::Page(page), &what)
}

/// The feeds of all that is on a host.
pub(in crate::http) fn of_host(base: &Url, authority: &str) -> Vec<FeedLink> {
    let what = format!("Mentions of {authority}");
    links(base, &FeedOf::Host(authority.to_owned()), &what)
}

fn links(base: &Url, of: &FeedOf, what: &str) -> Vec<FeedLink> {
    // The pages themselves are HTML already.
    let others = FeedFormat::ALL
        .into_iter()
        .filter(|format| *format != FeedFormat::Html);
    others
        .map(|format| FeedLink {
            href: of.url(base, format),
            media_type: format.media_type(),
            title: format!("{what} ({})", format.name()),
        })
        .collect()
}

/// The value of a `Link` header (RFC 8288) that names these feeds; `None` if it would be too long.
pub(in crate::http) fn header(links: &[FeedLink]) -> Option<String> {
    let mut value = String::new();
    for link in links {
        if !value.is_empty() {
            value.push_str(", ");
        }
        // Writing to a string does not fail.
        let _ = write!(
            value,
            "<{}>; rel=\"alternate\"; type=\"{}\"",
            link.href, link.media_type
        );
    }
    (!value.is_empty() && value.len() <= MAX_HEADER_BYTES).then_some(value)
}
