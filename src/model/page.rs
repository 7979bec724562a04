//! [`Page`]: what a fetch brought back, before anyone has looked into it.

use url::Url;

/// The answer of a source's server, within the caps of the fetch policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Where the answer came from: the last hop after redirects.
    pub url: Url,
    /// The HTTP status of the last hop; the parser is given 2xx pages.
    pub status: u16,
    /// The `Content-Type` header as sent, if any.
    pub content_type: Option<String>,
    /// The body, decompressed.
    pub body: Vec<u8>,
    /// Whether the body went on past the cap, or was left unread for its media type: what is missing
    /// must not count as "no link".
    pub truncated: bool,
}
