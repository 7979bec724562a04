//! The status page of a submission: what its sender may know.

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::answer::{self, Form};
use super::error::ApiError;
use super::pages::StatusPage;
use super::{Context, api};
use crate::model::{FailureKind, Protocol, Removal, State, Status, StatusKey};

/// A submission as JSON.
#[derive(Serialize)]
struct StatusJson<'a> {
    status: &'static str,
    /// The owner alone is shown the mention.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    private: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_description: Option<&'static str>,
    source: &'a str,
    target: &'a str,
    protocols: Vec<&'static str>,
    checked_at: Option<String>,
    next_check_at: Option<String>,
    /// Why the last check of an accepted mention came to no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    near_misses: Vec<NearMissJson<'a>>,
}

#[derive(Serialize)]
struct NearMissJson<'a> {
    url: &'a str,
    difference: &'a str,
}

/// Shows where a submission stands: JSON, or a page for `Accept: text/html`.
pub(super) async fn get(
    request: HttpRequest,
    key: Path<String>,
    context: Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let form = answer::wanted(&request);
    let status = match StatusKey::parse(&key) {
        Some(key) => context.store.status(key).await?,
        None => None,
    };
    let Some(mut status) = status else {
        let error = ApiError::NotFound("submission; it may have been forgotten");
        return match form {
            Form::Html => answer::error_page(&error),
            Form::Json | Form::Text => Err(error),
        };
    };
    context.tell(&mut status);
    let mut response = match form {
        Form::Html => {
            let page = StatusPage::new(&status, context.clock.now());
            answer::page(StatusCode::OK, &page)?
        }
        Form::Json | Form::Text => HttpResponse::Ok().json(json(&status)),
    };
    let headers = response.headers_mut();
    headers.insert(
        header::CACHE_CONTROL,
        header::HeaderValue::from_static("no-store"),
    );
    headers.insert(
        header::HeaderName::from_static("x-robots-tag"),
        header::HeaderValue::from_static("noindex"),
    );
    Ok(response)
}

fn json(status: &Status) -> StatusJson<'_> {
    let (error, error_description) = explanation(&status.state).unzip();
    StatusJson {
        status: status.state.as_str(),
        private: status.is_private,
        error,
        error_description,
        source: status.source.as_str(),
        target: status.target.as_str(),
        protocols: status.protocols.iter().map(Protocol::as_str).collect(),
        checked_at: status.checked_at.map(api::rfc3339),
        next_check_at: status.next_check_at.map(api::rfc3339),
        last_error: last_error(&status.state),
        near_misses: match &status.state {
            State::Rejected { near_misses } => near_misses
                .iter()
                .map(|miss| NearMissJson {
                    url: &miss.url,
                    difference: &miss.difference,
                })
                .collect(),
            State::Pending | State::Accepted { .. } | State::Deleted(_) | State::Failed(_) => {
                Vec::new()
            }
        },
    }
}

fn last_error(state: &State) -> Option<&'static str> {
    match state {
        State::Accepted { last_failure, .. } => {
            last_failure.as_ref().map(|f| failure_words(f.kind).0)
        }
        State::Pending | State::Rejected { .. } | State::Deleted(_) | State::Failed(_) => None,
    }
}

/// Why a submission is not shown: a stable code and a sentence.
pub(super) fn explanation(state: &State) -> Option<(&'static str, &'static str)> {
    match state {
        State::Pending | State::Accepted { .. } => None,
        State::Rejected { .. } => Some((
            "no_link_found",
            "The source was read and holds no link to exactly this target.",
        )),
        State::Deleted(Removal::NoLink) => Some((
            "no_link_found",
            "The source does not link to the target any more; the mention was removed.",
        )),
        State::Deleted(Removal::Gone) => Some((
            "source_gone",
            "The source says that it is gone; the mention was erased.",
        )),
        State::Deleted(Removal::Dead) => Some((
            "source_not_found",
            "The source has not been there for a long time; the mention was removed.",
        )),
        State::Deleted(Removal::Blocked) => Some((
            "source_blocked",
            "Mentions from the source's host are not accepted here any more; the mention was removed.",
        )),
        State::Failed(failure) => Some(failure_words(failure.kind)),
    }
}

/// What a stranger is told of a failure: coarse on purpose.
pub(crate) fn failure_words(kind: FailureKind) -> (&'static str, &'static str) {
    match kind {
        FailureKind::NotFound => ("source_not_found", "The source answered 404."),
        FailureKind::Gone => ("source_gone", "The source answered 410: it is gone."),
        // SECURITY: one answer for what policy refuses and what cannot be reached; finer ones
        // would let anybody scan the network that we stand in.
        FailureKind::Refused | FailureKind::Dns | FailureKind::Connect | FailureKind::Tls => {
            ("source_unreachable", "The source could not be reached.")
        }
        FailureKind::Timeout => ("source_timeout", "The source took too long to answer."),
        FailureKind::Redirect => (
            "too_many_redirects",
            "The source redirects too often, or to nowhere.",
        ),
        FailureKind::HttpStatus | FailureKind::BadResponse => {
            ("source_error", "The source answered with an error.")
        }
        FailureKind::MediaType => (
            "unsupported_media_type",
            "The source is not a document that can be searched for links.",
        ),
        FailureKind::TooLarge | FailureKind::TooComplex => (
            "source_too_large",
            "The source is too large, and no link was found in the part that was read.",
        ),
        FailureKind::Malformed => ("invalid_content", "The source is not what it claims to be."),
        FailureKind::TargetNotFound => ("target_not_found", "The target does not exist."),
        FailureKind::Blocked => (
            "source_blocked",
            "Mentions from the source's host are not accepted here.",
        ),
        FailureKind::Receiver => (
            "source_is_receiver",
            "The source leads to a page of this server itself: send the page that you wrote.",
        ),
        FailureKind::Token => (
            "token_failed",
            "The source is private, and gave no token that opens it: it names no token endpoint on its \
             host, or the code is not taken there.",
        ),
        FailureKind::Vouch => (
            "vouch_failed",
            "The vouch could not be read, or does not link to the source's domain without “nofollow”.",
        ),
        FailureKind::Internal => ("internal_error", "Something went wrong here."),
    }
}
