//! [`ApiError`]: every way to say no, each with a status, a stable code and a sentence.
//!
//! `docs/protocol.md` lists the codes. A 4xx says what to change; a 5xx says nothing of our inside.

use std::time::Duration;
use std::{fmt, io};

use actix_web::body::SizedStream;
use actix_web::http::header::{self, ContentType, HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, Method, StatusCode};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, ResponseError};
use futures_util::{Stream, StreamExt as _, stream};
use serde_json::json;
use tracing::{error, warn};

use super::limit::{Limit, Reached};
use crate::protocol::webmention::Refusal;
use crate::store::StoreError;

/// How long a sender should wait when we are too busy.
const BUSY_RETRY: Duration = Duration::from_secs(5);

/// Readers stay long: one that is turned away comes back after so long.
const READERS_RETRY: Duration = Duration::from_secs(60);

/// How long a sender whose request is not read to its end has for the answer.
const HANG_UP_AFTER: Duration = Duration::from_millis(250);

/// Why a request gets no proper answer.
#[derive(Debug)]
pub(super) enum ApiError {
    /// A submission that breaks the rules. WM §3.2.3: always 400.
    Refused(Refusal),
    /// A parameter of a read request that cannot be.
    Parameter {
        name: String,
        problem: String,
    },
    /// A parameter of webmention.io's API that is missing, or cannot be.
    InvalidInput(&'static str),
    /// A token that is none, or is one no longer.
    WrongToken,
    /// Something that is for a site's owner alone, and no token.
    NoToken,
    /// No such thing.
    NotFound(&'static str),
    MethodNotAllowed {
        method: Method,
        allow: &'static str,
    },
    BodyTooLarge {
        cap: usize,
    },
    BodyTooSlow,
    BodyBroken,
    /// A `Host` header that names no host.
    WrongHost,
    /// Too many submissions of one kind.
    TooMany(Reached),
    /// Too many submissions of everybody.
    Busy,
    /// Too many readers that want to be told of changes.
    TooManyReaders,
    /// Our fault; the details go to the log.
    Internal(Box<dyn std::error::Error>),
}

impl ApiError {
    /// The stable code.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Parameter { .. } => "invalid_parameter",
            Self::InvalidInput(_) => "invalid_input",
            Self::WrongToken => "forbidden",
            Self::NoToken => "token_required",
            Self::NotFound(_) => "not_found",
            Self::MethodNotAllowed { .. } => "method_not_allowed",
            Self::BodyTooLarge { .. } => "body_too_large",
            Self::BodyTooSlow => "body_too_slow",
            Self::BodyBroken => "body_incomplete",
            Self::WrongHost => "invalid_host",
            Self::TooMany(_) => "rate_limit_exceeded",
            Self::Busy => "busy",
            Self::TooManyReaders => "too_many_readers",
            Self::Internal(_) => "internal_error",
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooMany(reached) => Some(reached.retry_after),
            Self::Busy => Some(BUSY_RETRY),
            Self::TooManyReaders => Some(READERS_RETRY),
            Self::Refused(_)
            | Self::Parameter { .. }
            | Self::InvalidInput(_)
            | Self::WrongToken
            | Self::NoToken
            | Self::NotFound(_)
            | Self::MethodNotAllowed { .. }
            | Self::BodyTooLarge { .. }
            | Self::BodyTooSlow
            | Self::BodyBroken
            | Self::WrongHost
            | Self::Internal(_) => None,
        }
    }

    /// Adds what belongs to the answer whatever its body.
    pub(super) fn complete(&self, response: &mut HttpResponse) {
        for (name, value) in self.headers() {
            response.headers_mut().insert(name, value);
        }
        if self.leaves_body_unread() {
            response
                .head_mut()
                .set_connection_type(ConnectionType::Close);
        }
    }

    /// Whether the rest of the request is not wanted: there may be no end to it.
    pub(super) fn leaves_body_unread(&self) -> bool {
        matches!(
            self,
            Self::BodyTooLarge { .. } | Self::BodyTooSlow | Self::BodyBroken | Self::TooMany(_)
        )
    }

    fn headers(&self) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
        let retry_after = self
            .retry_after()
            .map(|wait| (header::RETRY_AFTER, HeaderValue::from(whole_seconds(wait))));
        let allow = match self {
            Self::MethodNotAllowed { allow, .. } => {
                Some((header::ALLOW, HeaderValue::from_static(allow)))
            }
            _ => None,
        };
        // RFC 9110 §15.5.2; RFC 6750 §3 has the words.
        let challenge = match self {
            Self::NoToken => Some(r#"Bearer realm="linkback""#),
            Self::WrongToken => Some(r#"Bearer realm="linkback", error="invalid_token""#),
            _ => None,
        };
        let challenge = challenge.map(|challenge| {
            (
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static(challenge),
            )
        });
        retry_after.into_iter().chain(allow).chain(challenge)
    }

    /// The answer as JSON: what programs get, and browsers where there is no page for it.
    fn json(&self) -> serde_json::Value {
        json!({ "error": self.code(), "error_description": self.to_string() })
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => f.write_str(&refusal.sentence()),
            Self::Parameter { name, problem } => write!(f, "The parameter “{name}” {problem}."),
            Self::InvalidInput(problem) => f.write_str(problem),
            Self::WrongToken => f.write_str("Access token was not valid"),
            Self::NoToken => f.write_str(
                "This is for the owner of the site alone: send one of its tokens as “Authorization: Bearer”; \
                 the command “linkback token add” makes one.",
            ),
            Self::NotFound(what) => write!(f, "There is no such {what}."),
            Self::MethodNotAllowed { method, allow } => {
                write!(f, "{method} is not possible here; use {allow}.")
            }
            Self::BodyTooLarge { cap } => {
                write!(f, "The request is too large: send at most {cap} bytes.")
            }
            Self::BodyTooSlow => f.write_str("The request took too long to arrive."),
            Self::BodyBroken => f.write_str("The request broke off before its end."),
            Self::WrongHost => f.write_str("The Host header names no host."),
            Self::TooMany(reached) => {
                let what = match reached.limit {
                    Limit::Network => "from your network",
                    Limit::Domain => "of pages of the source's domain",
                    Limit::Site => "to the target's site",
                };
                let seconds = whole_seconds(reached.retry_after);
                write!(f, "Too many submissions {what}: wait {seconds} seconds.")
            }
            Self::TooManyReaders => f.write_str(
                "Too many readers are told of changes as they happen: ask for the mentions every now and then instead.",
            ),
            Self::Busy => f.write_str("Too much is waiting at the moment: send it again shortly."),
            Self::Internal(_) => f.write_str("Something went wrong here: send it again later."),
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Refused(_)
            | Self::Parameter { .. }
            | Self::InvalidInput(_)
            | Self::BodyBroken
            | Self::WrongHost => StatusCode::BAD_REQUEST,
            Self::WrongToken | Self::NoToken => StatusCode::UNAUTHORIZED,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::BodyTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy | Self::TooManyReaders => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        match self {
            Self::Internal(source) => error!(%source, "request failed"),
            Self::Busy => warn!("turning submissions away: the store's queue is full"),
            _ => {}
        }
        let mut response = HttpResponse::build(self.status_code());
        let mut response = if self.leaves_body_unread() {
            response
                .content_type(ContentType::json())
                .body(last_words(self.json().to_string()))
        } else {
            response.json(self.json())
        };
        self.complete(&mut response);
        response
    }
}

/// A body after which the connection breaks.
// SECURITY: the server would go on reading a request body that nobody wants, for ever if it has no
// end. An error in the answer's body is the one thing that makes it hang up.
fn last_words(text: String) -> SizedStream<impl Stream<Item = Result<Bytes, io::Error>>> {
    let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
    let words = stream::once(async move { Ok(Bytes::from(text)) });
    let hang_up = stream::once(async {
        // Time for the words to leave.
        tokio::time::sleep(HANG_UP_AFTER).await;
        Err(io::Error::from(io::ErrorKind::ConnectionAborted))
    });
    SizedStream::new(length, Box::pin(words.chain(hang_up)))
}

fn whole_seconds(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u64::MAX)
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::Busy,
            StoreError::NoSuchSite => Self::Refused(Refusal::TargetNotSupported),
            StoreError::LeaseLost
            | StoreError::TooNew { .. }
            | StoreError::Foreign(_)
            | StoreError::Corrupt(_)
            | StoreError::Other(_) => Self::Internal(Box::new(error)),
        }
    }
}
