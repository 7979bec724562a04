//! Sending a webmention: finding the target's endpoint, and telling it. WM §3.1.

use std::time::Duration;

use super::reading::endpoint;
use crate::fetch::{Fetch, FetchError};
use crate::model::{SourceUrl, TargetUrl};

/// A webmention was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The status that says so: 201 where there is a status page, else 200 or 202. WM §3.1.3.
    pub status: u16,
    /// The status page, as the endpoint sent it.
    pub location: Option<String>,
}

/// Why a webmention was not taken.
#[derive(Debug, thiserror::Error)]
pub enum Unsent {
    /// The target names no endpoint, or could not be read for good.
    #[error("the target names no endpoint")]
    NoEndpoint,
    /// The endpoint does not take it.
    #[error("the endpoint answered {0}")]
    Refused(u16),
    /// It may be taken later.
    #[error("the endpoint answered {0}")]
    Busy(u16, Option<Duration>),
    /// Nobody answered.
    #[error(transparent)]
    Fetch(#[from] FetchError),
}

impl Unsent {
    /// Whether trying again may help.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::NoEndpoint | Self::Refused(_) => false,
            Self::Busy(..) => true,
            Self::Fetch(error) => error.is_transient(),
        }
    }
}

/// Tells the server of `target` that `source` links to it. WM §3.1.2, §3.1.3.
///
/// # Errors
/// [`Unsent`] says why that came to nothing.
///
/// # Cancel safety
/// The webmention may have been sent even if the future is dropped.
pub async fn send(
    fetch: &dyn Fetch,
    source: &SourceUrl,
    target: &TargetUrl,
) -> Result<Taken, Unsent> {
    let found = fetch.discover(target.as_url()).await?;
    let status = found.status;
    let Some(endpoint) = endpoint(found, &["webmention"]).await else {
        return Err(match status {
            500.. | 429 => Unsent::Busy(status, None),
            _ => Unsent::NoEndpoint,
        });
    };
    let form = [("source", source.as_str()), ("target", target.as_str())];
    let posted = fetch.post(&endpoint, &form).await?;
    match posted.status {
        status @ 200..300 => Ok(Taken {
            status,
            location: posted.location,
        }),
        status @ (429 | 500..) => Err(Unsent::Busy(status, posted.retry_after)),
        status => Err(Unsent::Refused(status)),
    }
}
