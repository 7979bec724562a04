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

/// What a server gave with a page so that it can be asked whether the page has changed. RFC 9110 §8.8.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Validators {
    /// The `ETag` header, as sent.
    pub etag: Option<String>,
    /// The `Last-Modified` header, as sent.
    pub last_modified: Option<String>,
}

impl Validators {
    /// Whether there is nothing to ask by.
    pub fn is_empty(&self) -> bool {
        self.etag.is_none() && self.last_modified.is_none()
    }
}
