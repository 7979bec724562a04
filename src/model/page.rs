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

/// What the server of a page said of its state, to ask later whether it is still so. RFC 9110 §8.8.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validators {
    /// Where the page was, after redirects: only there do these words mean anything.
    pub url: Url,
    /// `ETag`, weak or strong, as it was sent.
    pub etag: Option<String>,
    /// `Last-Modified`, as it was sent.
    pub last_modified: Option<String>,
}
