//! Fetching what a stranger named: [`Fetch`] is the door, [`policy`] says who may pass,
//! [`resolve`] turns names into addresses that passed, [`client`] is the only HTTP client there is.

use std::net::SocketAddr;
use std::time::Duration;

use async_trait::async_trait;
use url::Url;

use crate::model::{Failure, FailureKind, Page, SourceUrl};

pub mod client;
pub mod policy;
pub mod resolve;
mod response;

use self::policy::Refused;

/// Fetches source pages under the fetch policy.
#[async_trait]
pub trait Fetch: Send + Sync {
    /// Gets `source` with one GET, following redirects, each hop under the policy.
    ///
    /// # Cancel safety
    /// Dropping the future closes the connection; nothing else remains.
    async fn fetch(&self, source: &SourceUrl) -> Fetched;
}

/// The way of a fetch and its end.
#[derive(Debug)]
pub struct Fetched {
    /// Every URL that was asked for, in order, the last one being where the way ended.
    pub hops: Vec<Hop>,
    /// The end.
    pub answer: Result<Answer, FetchError>,
}

/// One request of a fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// What was asked for.
    pub url: Url,
    /// The address that was dialled, if it came to that.
    pub address: Option<SocketAddr>,
    /// The HTTP status that came back, if one did.
    pub status: Option<u16>,
}

/// A definite answer of the source's server.
#[derive(Debug)]
pub enum Answer {
    /// A 2xx answer. The body is left unread (empty, and marked as truncated) where the media type
    /// says that it holds no links.
    Page(Page),
    /// 410: an answer, not an error. WM §3.2.4.
    Gone,
}

/// Why there is no answer to judge.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The policy refused the URL, or every address of its host.
    #[error("refused: {0}")]
    Refused(Refused),
    /// The host name does not resolve.
    #[error("host name does not resolve: {0}")]
    Dns(String),
    /// No connection to any permitted address.
    #[error("no connection: {0}")]
    Connect(String),
    /// The TLS handshake failed.
    #[error("no TLS session: {0}")]
    Tls(String),
    /// A deadline passed.
    #[error("timed out: {0}")]
    Timeout(&'static str),
    /// A redirect beyond the limit, without a `Location`, or to what is no URL.
    #[error("redirect: {0}")]
    Redirect(String),
    /// 404.
    #[error("the source answered 404")]
    NotFound,
    /// A status that is neither success, redirect, 404 nor 410.
    #[error("the source answered {status}")]
    Status {
        /// The status.
        status: u16,
        /// What `Retry-After` asked for, if anything.
        retry_after: Option<Duration>,
    },
    /// Not HTTP, a broken body, or a content encoding that we do not read.
    #[error("bad response: {0}")]
    BadResponse(String),
}

impl FetchError {
    /// Whether the same request may well succeed later. A 404 may: it may not be out yet.
    // SECURITY: what the policy refuses is tried again just like what does not answer, at no cost to
    // anybody. A status page that moved for the one and not for the other would tell a stranger
    // which names resolve inward.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Refused(_)
            | Self::Dns(_)
            | Self::Connect(_)
            | Self::Tls(_)
            | Self::Timeout(_)
            | Self::NotFound
            | Self::Status { .. }
            | Self::BadResponse(_) => true,
            Self::Redirect(_) => false,
        }
    }

    /// The source's own wish when to come back.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            Self::Refused(_)
            | Self::Dns(_)
            | Self::Connect(_)
            | Self::Tls(_)
            | Self::Timeout(_)
            | Self::Redirect(_)
            | Self::NotFound
            | Self::BadResponse(_) => None,
        }
    }

    /// The class of this error.
    pub fn kind(&self) -> FailureKind {
        match self {
            Self::Refused(_) => FailureKind::Refused,
            Self::Dns(_) => FailureKind::Dns,
            Self::Connect(_) => FailureKind::Connect,
            Self::Tls(_) => FailureKind::Tls,
            Self::Timeout(_) => FailureKind::Timeout,
            Self::Redirect(_) => FailureKind::Redirect,
            Self::NotFound => FailureKind::NotFound,
            Self::Status { .. } => FailureKind::HttpStatus,
            Self::BadResponse(_) => FailureKind::BadResponse,
        }
    }
}

impl From<&FetchError> for Failure {
    fn from(error: &FetchError) -> Self {
        Self {
            kind: error.kind(),
            detail: error.to_string(),
        }
    }
}
