//! Fetching what a stranger named: [`Fetch`] is the door, [`policy`] says who may pass,
//! [`resolve`] turns names into addresses that passed, [`client`] is the only HTTP client there is, and
//! [`limits`] says how much a fetch may take.

use std::net::SocketAddr;
use std::time::Duration;

use async_trait::async_trait;
use url::Url;

use crate::model::{Failure, FailureKind, Page, Secret, SourceUrl, Validators};

mod address;
mod body;
mod cause;
pub mod client;
mod decode;
mod exchange;
pub mod limits;
pub mod policy;
mod request;
pub mod resolve;
mod response;
pub mod roots;
mod sniff;
mod validators;

pub use self::exchange::{Found, Posted};
use self::policy::Refused;
pub use self::validators::MAX_VALIDATOR_BYTES;

/// Fetches source pages under the fetch policy.
#[async_trait]
pub trait Fetch: Send + Sync {
    /// Gets `source` with one GET, following redirects, each hop under the policy.
    ///
    /// # Cancel safety
    /// Dropping the future closes the connection; nothing else remains.
    async fn fetch(&self, source: &SourceUrl) -> Fetched;

    /// As [`Fetch::fetch`], but asks for the page only if it is another than the one that the validators came
    /// with: if it is not, the answer is [`Answer::Unchanged`]. Who cannot ask so fetches the page.
    ///
    /// # Cancel safety
    /// As [`Fetch::fetch`].
    async fn fetch_if_changed(&self, source: &SourceUrl, _known: &Validators) -> Fetched {
        self.fetch(source).await
    }

    /// Asks for the page at `url` to learn which endpoints it names: whatever the status, since 401 is how
    /// a private page answers. Redirects are followed.
    ///
    /// # Errors
    /// [`FetchError`], where no answer came. Who can only fetch pages says so.
    async fn discover(&self, _url: &Url) -> Result<Found, FetchError> {
        Err(fetches_only())
    }

    /// Sends a form to `endpoint`, under the same policy. Redirects are an answer, and not followed.
    ///
    /// # Errors
    /// As [`Fetch::discover`].
    async fn post(&self, _endpoint: &Url, _form: &[(&str, &str)]) -> Result<Posted, FetchError> {
        Err(fetches_only())
    }

    /// As [`Fetch::fetch`], with `Authorization: Bearer` (RFC 6750) on every hop of the same origin.
    async fn fetch_with_token(&self, _source: &SourceUrl, _token: &Secret) -> Fetched {
        Fetched {
            hops: Vec::new(),
            answer: Err(fetches_only()),
            validators: None,
        }
    }
}

fn fetches_only() -> FetchError {
    FetchError::BadResponse("this fetcher reads pages, and no more".to_owned())
}

/// Fetches pictures under the same policy.
#[async_trait]
pub trait FetchPicture: Send + Sync {
    /// Gets a picture, as [`Fetch::fetch`] does a page, or with `known` as [`Fetch::fetch_if_changed`] does. It
    /// is asked for as a picture, may have as many bytes as [`limits::MAX_PICTURE_BYTES`] says, and what does
    /// not begin like a picture of a form that we decode is left unread: the page is then empty, and marked as
    /// truncated, as is one that is too large. What the header says of its type is not believed.
    ///
    /// # Cancel safety
    /// As [`Fetch::fetch`].
    async fn fetch_picture(&self, url: &SourceUrl, known: Option<&Validators>) -> Fetched;
}

/// The way of a fetch and its end.
#[derive(Debug)]
pub struct Fetched {
    /// Every URL that was asked for, in order, the last one being where the way ended.
    pub hops: Vec<Hop>,
    /// The end.
    pub answer: Result<Answer, FetchError>,
    /// What to ask with when the page is verified again; of a page that came with 200 only.
    pub validators: Option<Validators>,
}

impl Fetched {
    /// Whether the way led elsewhere, by permanent redirects (301, 308) alone: then whoever follows may
    /// take the last hop's URL for the source's own from now on. WM-49.
    pub fn has_moved(&self) -> bool {
        self.hops.split_last().is_some_and(|(_, way)| {
            !way.is_empty() && way.iter().all(|hop| matches!(hop.status, Some(301 | 308)))
        })
    }
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
    /// 304: the page is what it was. Given to [`Fetch::fetch_if_changed`] alone.
    Unchanged,
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
    /// Not asked at all: its domain was asked often enough, and may be again after this.
    #[error("not asked yet: its domain is asked often enough")]
    TooOften(Duration),
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
            | Self::BadResponse(_)
            | Self::TooOften(_) => true,
            Self::Redirect(_) => false,
        }
    }

    /// When to come back, by the source's own wish or by ours.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            Self::TooOften(wait) => Some(*wait),
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
            Self::TooOften(_) => FailureKind::Internal,
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
