//! The TrackBack endpoint: off unless switched on (`receive.trackback`).
//!
//! Answers have status 200 and say in XML what is wrong; only what is wrong below the protocol (a body
//! beyond the cap, too many pings) has a status of its own. A ping that is taken is not shown before its
//! source was seen to link.

use actix_web::http::header::{self, ContentType};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::Context;
use super::answer;
use super::error::ApiError;
use crate::protocol::trackback::{
    MAX_FORM_BYTES, Refusal, read_request, write_failure, write_success,
};
use crate::protocol::webmention;

/// Takes a ping: on disk once this answers that there was no error.
pub(super) async fn post(
    request: HttpRequest,
    payload: Payload,
    context: Data<Context>,
) -> Result<HttpResponse, ApiError> {
    if !context.options.trackback {
        return Err(ApiError::NotFound("page"));
    }
    context.take_turn(&request)?;
    let body = answer::read_body(&request, payload, MAX_FORM_BYTES).await?;
    let answer = match take(&request, &body, &context).await? {
        Ok(()) => write_success(),
        Err(refusal) => write_failure(&refusal.to_string()),
    };
    Ok(HttpResponse::Ok()
        .content_type("text/xml; charset=utf-8")
        .body(answer))
}

/// Any other method.
pub(super) async fn other(context: Data<Context>) -> Result<HttpResponse, ApiError> {
    if !context.options.trackback {
        return Err(ApiError::NotFound("page"));
    }
    Ok(HttpResponse::MethodNotAllowed()
        .insert_header((header::ALLOW, "POST"))
        .content_type(ContentType::plaintext())
        .body("This is a TrackBack endpoint: it accepts POST requests only.\n"))
}

async fn take(
    request: &HttpRequest,
    body: &[u8],
    context: &Context,
) -> Result<Result<(), Refusal>, ApiError> {
    let mut submission =
        match read_request(request.query_string(), answer::content_type(request), body) {
            Ok(submission) => submission,
            Err(refusal) => return Ok(Err(refusal)),
        };
    let site = match context.let_in(request, &mut submission).await {
        Ok(site) => site,
        Err(ApiError::Refused(webmention::Refusal::TargetNotSupported)) => {
            return Ok(Err(Refusal::TargetNotSupported));
        }
        // A TrackBack ping has no field for a vouch.
        Err(ApiError::Refused(_)) => return Ok(Err(Refusal::SourceBlocked)),
        Err(error) => return Err(error),
    };
    context.accept(&submission, site).await?;
    Ok(Ok(()))
}
