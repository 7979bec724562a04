//! The Pingback endpoint: XML-RPC over POST. PB §2, §3.
//!
//! The ping is stored first; then the endpoint waits a little for the verdict, so that the answer
//! is exact when the source is quick, and honest ("queued") when it is not.

use actix_web::http::header::{self, ContentType};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use tracing::error;

use super::Context;
use super::answer;
use super::error::ApiError;
use crate::model::{FailureKind, Removal, State, Status, Submission, TargetUrl};
use crate::protocol::pingback::{
    self, Fault, MAX_BODY_BYTES, Request, write_capabilities, write_fault, write_help,
    write_methods, write_pingbacks, write_signature, write_success,
};
use crate::protocol::webmention::Refusal;
use crate::store::{MentionQuery, StoreError};

/// So many sources are listed for one page at most.
const MAX_PINGBACKS: usize = 1000;

/// Answers a call. Faults have status 200, as XML-RPC demands; only what is wrong below XML-RPC (a
/// body beyond the cap, too many calls) has a status of its own.
pub(super) async fn post(
    request: HttpRequest,
    payload: Payload,
    context: Data<Context>,
) -> Result<HttpResponse, ApiError> {
    // Every call counts, also one that turns out to be none: reading it is work.
    context.take_turn(&request)?;
    let body = answer::read_body(&request, payload, MAX_BODY_BYTES).await?;
    let answer = match pingback::read_request(&body) {
        Ok(Request::Ping(submission)) => ping(&request, &context, submission).await?,
        Ok(Request::GetPingbacks(target)) => get_pingbacks(&context, &target).await?,
        Ok(Request::ListMethods) => write_methods(),
        Ok(Request::MethodSignature(method)) => write_signature(method),
        Ok(Request::MethodHelp(method)) => write_help(method),
        Ok(Request::GetCapabilities) => write_capabilities(),
        Err(fault) => write_fault(&fault),
    };
    Ok(HttpResponse::Ok()
        .content_type("text/xml; charset=utf-8")
        .body(answer))
}

/// Any other method.
pub(super) async fn other() -> HttpResponse {
    HttpResponse::MethodNotAllowed()
        .insert_header((header::ALLOW, "POST"))
        .content_type(ContentType::plaintext())
        .body("This is an XML-RPC server for pingbacks: it accepts POST requests only.\n")
}

async fn ping(
    request: &HttpRequest,
    context: &Context,
    mut submission: Submission,
) -> Result<String, ApiError> {
    let site = match context.let_in(request, &mut submission).await {
        Ok(site) => site,
        Err(ApiError::Refused(Refusal::TargetNotSupported)) => {
            return Ok(write_fault(&Fault::TargetNotSupported));
        }
        // A pingback has no field for a vouch.
        Err(ApiError::Refused(_)) => return Ok(write_fault(&Fault::AccessDenied)),
        Err(error) => return Err(error),
    };
    let accepted = match context.accept(&submission, site).await {
        Ok(accepted) => accepted,
        Err(StoreError::Busy) => return Err(ApiError::Busy),
        Err(StoreError::NoSuchSite) => return Ok(write_fault(&Fault::TargetNotSupported)),
        Err(source) => {
            error!(%source, "cannot store a pingback");
            return Ok(write_fault(&Fault::Generic));
        }
    };
    let verdict = context
        .store
        .wait_for_verdict(accepted, context.options.pingback_wait)
        .await?;
    // Submitted again meanwhile and so pending again, it has no verdict either.
    let what_happened = if let Some(status) = verdict.filter(|s| s.state != State::Pending) {
        if let Some(fault) = fault_of_status(&status) {
            return Ok(write_fault(&fault));
        }
        "registered"
    } else {
        let before = context.store.status(accepted.key).await?;
        if before.is_some_and(|s| matches!(s.state, State::Accepted { .. })) {
            return Ok(write_fault(&Fault::AlreadyRegistered));
        }
        "queued for verification"
    };
    let mut text = format!(
        "Pingback from {} to {} {what_happened}.",
        submission.source, submission.target
    );
    // A client that names no host is told no address.
    if let Ok(location) = context.status_url(request, accepted.key) {
        text.extend([" Status: ", &location]);
    }
    Ok(write_success(&text))
}

/// The fault that tells of a verdict, if one does. PB §3.
fn fault_of_status(status: &Status) -> Option<Fault> {
    match &status.state {
        // PB 48: known already; it was fetched all the same, and brought up to date if it could be.
        State::Accepted { .. } if status.was_known => Some(Fault::AlreadyRegistered),
        State::Accepted { .. } | State::Pending => None,
        State::Rejected { .. } | State::Deleted(Removal::NoLink) => Some(Fault::NoLink),
        State::Deleted(Removal::Gone | Removal::Dead) => Some(Fault::SourceNotFound),
        State::Deleted(Removal::Blocked) => Some(Fault::AccessDenied),
        State::Failed(failure) => Some(fault_of(failure.kind)),
    }
}

fn fault_of(kind: FailureKind) -> Fault {
    match kind {
        // SECURITY: what the policy refused looks like what does not exist: no port scanner here.
        FailureKind::Refused
        | FailureKind::Dns
        | FailureKind::Connect
        | FailureKind::Tls
        | FailureKind::Redirect
        | FailureKind::NotFound
        | FailureKind::Gone => Fault::SourceNotFound,
        // A source without readable links is a source without the link.
        FailureKind::MediaType
        | FailureKind::TooLarge
        | FailureKind::TooComplex
        | FailureKind::Malformed => Fault::NoLink,
        FailureKind::TargetNotFound => Fault::TargetNotFound,
        FailureKind::Blocked | FailureKind::Receiver | FailureKind::Token | FailureKind::Vouch => {
            Fault::AccessDenied
        }
        FailureKind::Timeout
        | FailureKind::HttpStatus
        | FailureKind::BadResponse
        | FailureKind::Internal => Fault::Generic,
    }
}

/// `pingback.extensions.getPingbacks`: the sources of a page's mentions, newest first.
async fn get_pingbacks(context: &Context, target: &TargetUrl) -> Result<String, ApiError> {
    if context.store.site_of(target).await?.is_none() {
        return Ok(write_fault(&Fault::TargetNotSupported));
    }
    let query = MentionQuery::newest(target.page_key(), MAX_PINGBACKS);
    let page = context.store.mentions(&query).await?;
    Ok(write_pingbacks(
        page.mentions.iter().map(|mention| mention.source.as_str()),
    ))
}
