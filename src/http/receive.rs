//! The Webmention endpoint. WM §3.2; the answers are in the response matrix of `docs/protocol.md`.

use actix_web::http::Method;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, ContentType};
use actix_web::web::{BytesMut, Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;
use tracing::info;

use super::answer::{self, Form};
use super::error::ApiError;
use super::{Context, pages};
use crate::model::{SiteId, SourceUrl, Submission};
use crate::protocol::webmention::{self, MAX_FORM_BYTES, Refusal};
use crate::store::{Accepted, StoreError};

const METHODS: &str = "GET, HEAD, POST, OPTIONS";

/// Takes a submission: 201 with the status page's `Location` once it is on disk. WM-4.
pub(super) async fn post(
    request: HttpRequest,
    payload: Payload,
    context: Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let for_people = answer::wanted(&request) == Form::Html;
    let body = match take(&request, payload, &context).await {
        Err(error) if for_people && !error.leaves_body_unread() => {
            return answer::error_page(&error);
        }
        taken => taken?,
    };
    match submit(&request, &body, &context).await {
        Ok((submission, accepted)) => created(&request, &context, &submission, accepted),
        Err(ApiError::Refused(refusal)) if for_people => form_again(&body, &refusal),
        Err(error) if for_people => answer::error_page(&error),
        Err(error) => Err(error),
    }
}

/// The body, if this client may send one more.
async fn take(
    request: &HttpRequest,
    payload: Payload,
    context: &Context,
) -> Result<BytesMut, ApiError> {
    context.take_turn(request)?;
    answer::read_body(request, payload, MAX_FORM_BYTES).await
}

async fn submit(
    request: &HttpRequest,
    body: &[u8],
    context: &Context,
) -> Result<(Submission, Accepted), ApiError> {
    let mut submission = webmention::read_request(answer::content_type(request), body)?;
    // Before anything is stored: without a host, the answer could not name the status page.
    context.base_url(request)?;
    let site = context.let_in(request, &mut submission).await?;
    let accepted = context.accept(&submission, site).await?;
    Ok((submission, accepted))
}

fn created(
    request: &HttpRequest,
    context: &Context,
    submission: &Submission,
    accepted: Accepted,
) -> Result<HttpResponse, ApiError> {
    let location = context.status_url(request, accepted.key)?;
    let mut response = match answer::wanted(request) {
        Form::Html => {
            let page = pages::StatusPage::queued(accepted.key, submission);
            answer::page(StatusCode::CREATED, &page)?
        }
        Form::Json => HttpResponse::Created().json(json!({
            "status": "pending",
            "source": submission.source.as_str(),
            "target": submission.target.as_str(),
            "location": location,
        })),
        Form::Text => HttpResponse::Created()
            .content_type(ContentType::plaintext())
            .body(format!(
                "The webmention was accepted and will be verified. Its status: {location}\n"
            )),
    };
    if let Ok(location) = location.parse() {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// The form with what was sent and what is wrong with it.
fn form_again(body: &[u8], refusal: &Refusal) -> Result<HttpResponse, ApiError> {
    let page = pages::EndpointPage {
        source: &field(body, "source"),
        target: &field(body, "target"),
        problem: Some(&refusal.sentence()),
        wrong: pages::Field::of(refusal),
    };
    answer::page(StatusCode::BAD_REQUEST, &page)
}

/// The first field of that name, to be shown again as it was given; empty if there is none.
fn field(form: &[u8], wanted: &str) -> String {
    url::form_urlencoded::parse(form)
        .find(|(name, _)| name == wanted)
        .map_or_else(String::new, |(_, value)| value.into_owned())
}

/// The endpoint as people see it: what it is, and a form, for the `target` that the query may name.
pub(super) async fn form(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let page = pages::EndpointPage {
        target: &field(request.query_string().as_bytes(), "target"),
        ..pages::EndpointPage::default()
    };
    answer::page(StatusCode::OK, &page)
}

/// CORS preflight: a page's own script may post.
pub(super) async fn options() -> HttpResponse {
    answer::allow(METHODS, &mut HttpResponse::NoContent()).finish()
}

/// Any other method.
pub(super) async fn other(method: Method) -> Result<HttpResponse, ApiError> {
    Err(ApiError::MethodNotAllowed {
        method,
        allow: METHODS,
    })
}

impl Context {
    /// Stores a submission that was let in for `site`. It is on disk when this returns.
    pub(super) async fn accept(
        &self,
        submission: &Submission,
        site: SiteId,
    ) -> Result<Accepted, StoreError> {
        let now = self.clock.now();
        let accepted = self.store.accept(submission.clone(), site, now).await?;
        info!(
            submission.key = %accepted.key,
            mention.source = %submission.source,
            mention.target = %submission.target,
            "{} accepted",
            submission.protocol.as_str(),
        );
        Ok(accepted)
    }

    /// Counts a submission of this request's client, if it has one left.
    pub(super) fn take_turn(&self, request: &HttpRequest) -> Result<(), ApiError> {
        let Some(asker) = self.asker(request) else {
            return Ok(());
        };
        self.limits
            .take_network(&asker, self.clock.now())
            .map_err(ApiError::TooMany)
    }

    /// Counts a submission that is in order, for its source's domain and its target's site.
    pub(super) fn take_claim(
        &self,
        request: &HttpRequest,
        source: &SourceUrl,
        site: SiteId,
    ) -> Result<(), ApiError> {
        let Some(asker) = self.asker(request) else {
            return Ok(());
        };
        self.limits
            .take_claim(&asker, source, site, self.clock.now())
            .map_err(ApiError::TooMany)
    }
}
