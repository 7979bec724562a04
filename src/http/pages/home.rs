//! The front page: what this server is, and what a blog puts into its template.

use askama::Template;
use url::Url;

use crate::http::feeds::{self, FeedLink};
use crate::model::Site;

/// Feeds of so many sites are named on the front page: a feed reader shows them all to choose from.
const MAX_FEEDS: usize = 10;

/// `GET /`: what this server is, and what a blog puts into its template.
#[derive(Debug, Template)]
#[template(path = "home.html")]
pub(crate) struct HomePage {
    pub(super) served: String,
    pub(super) webmention_link: String,
    pub(super) pingback_link: String,
    pub(super) link_header: String,
    pub(super) pingback_header: String,
    widget: String,
    /// The fragment's address, up to the article's.
    embed: String,
    /// Feeds of all the mentions of a site.
    feeds: Vec<FeedLink>,
}

impl HomePage {
    /// The page of the service at `base`, which serves `sites`.
    pub(crate) fn new(base: &Url, sites: &[Site]) -> Self {
        let at = |path: &str| format!("{}/{path}", base.as_str().trim_end_matches('/'));
        let (webmention, pingback) = (at("webmention"), at("pingback"));
        Self {
            served: match sites {
                [] => "no site yet".to_owned(),
                [only] => match only.bases.first() {
                    Some(base) => base.to_string(),
                    None => "one site".to_owned(),
                },
                many => format!("{} sites", many.len()),
            },
            webmention_link: endpoint_link("webmention", &webmention),
            pingback_link: endpoint_link("pingback", &pingback),
            link_header: format!("Link: <{webmention}>; rel=\"webmention\""),
            pingback_header: format!("X-Pingback: {pingback}"),
            widget: widget_markup(&at("widget.js"), &at("mentions"), "ARTICLE-URL"),
            embed: format!("{}?target=", at("embed")),
            feeds: sites
                .iter()
                .filter_map(|site| site.bases.first())
                .take(MAX_FEEDS)
                .flat_map(|site| feeds::of_host(base, site.authority()))
                .collect(),
        }
    }
}

/// The element that advertises an endpoint, in the one form that Pingback's clients look for.
///
/// PB-21: these bytes and no others. PB-22: four entities are the only ones they expand; of those
/// `&lt;`, `&gt;` and `&quot;` cannot occur, since a serialised URL has none of these characters
/// unescaped where it has a host, and they are written all the same should that ever change.
pub(crate) fn endpoint_link(rel: &str, endpoint: &str) -> String {
    format!("<link rel=\"{rel}\" href=\"{}\">", four_entities(endpoint))
}

/// What shows the mentions in an article: `target` is the article's address, percent-encoded.
pub(crate) fn widget_markup(script: &str, mentions: &str, target: &str) -> String {
    let (script, mentions) = (four_entities(script), four_entities(mentions));
    format!(
        "<linkback-mentions></linkback-mentions>\n\
         <script type=\"module\" src=\"{script}\"></script>\n\
         <noscript><a href=\"{mentions}?target={target}\">Mentions of this article</a></noscript>"
    )
}

fn four_entities(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
