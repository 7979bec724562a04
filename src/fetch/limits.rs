//! How much a fetch may take: [`Limits`], and the defaults with their reasons. WM §4.2, WM-55.

use std::time::Duration;

/// Redirects followed in one fetch: the number that WM §4.2 suggests. WM-22, WM-54.
pub const MAX_REDIRECTS: usize = 20;

/// Bytes of a body that are kept, after decompression: WM §4.2 suggests 1 MB, and what comes
/// after the first one is comments. WM-55.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// Bytes of a picture that is asked for: a photograph of 20 megapixels has about so many. What is larger is
/// no use, since half a picture is none.
pub const MAX_PICTURE_BYTES: usize = 8 * 1024 * 1024;

/// Bytes of a response's header fields: servers that people use stay below 16 KiB.
pub const MAX_HEADER_BYTES: usize = 64 * 1024;

/// Header fields of a response, in number: bounds the work of one answer together with
/// [`MAX_HEADER_BYTES`].
pub const MAX_HEADERS: usize = 100;

/// Bytes that come out of one byte of a compressed body, where the body is also too large: markup gives
/// five to twenty, and whoever gives more than this wants our memory and not our readers.
pub const MAX_RATIO: usize = 100;

/// Name resolution, TCP and TLS together: two SYN retransmissions fit in. WM-55.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Silence of a server: long enough for a blog that renders a page on demand. WM-55.
pub const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// The whole fetch, all redirects and the body included: what one slow server may cost a worker.
pub const TOTAL_TIMEOUT: Duration = Duration::from_secs(20);

/// How much a fetch may take, each limit with its default above.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// See [`MAX_REDIRECTS`].
    pub max_redirects: usize,
    /// See [`MAX_BODY_BYTES`].
    pub max_body_bytes: usize,
    /// See [`MAX_PICTURE_BYTES`].
    pub max_picture_bytes: usize,
    /// See [`MAX_HEADER_BYTES`].
    pub max_header_bytes: usize,
    /// See [`MAX_RATIO`].
    pub max_ratio: usize,
    /// See [`CONNECT_TIMEOUT`].
    pub connect_timeout: Duration,
    /// See [`READ_TIMEOUT`].
    pub read_timeout: Duration,
    /// See [`TOTAL_TIMEOUT`].
    pub total_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_redirects: MAX_REDIRECTS,
            max_body_bytes: MAX_BODY_BYTES,
            max_picture_bytes: MAX_PICTURE_BYTES,
            max_header_bytes: MAX_HEADER_BYTES,
            max_ratio: MAX_RATIO,
            connect_timeout: CONNECT_TIMEOUT,
            read_timeout: READ_TIMEOUT,
            total_timeout: TOTAL_TIMEOUT,
        }
    }
}
