//! A page's mentions as HTML, for pages and readers without scripts: `GET /embed` as a fragment to
//! include, `GET /mentions` as a page of its own. Parameters as in [`super::api`].

use actix_web::http::header::{self, ContentType};
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template as _;

use super::Context;
use super::answer;
use super::api::Wanted;
use super::error::ApiError;
use super::pages::{self, EmbedFragment, MentionsPage};
use crate::model::Mention;

/// A fragment may be framed by any page, and may do nothing there but be read.
const FRAGMENT_POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'";

/// The parameters of a read request, as they came.
type Parameters = Query<Vec<(String, String)>>;

/// Serves the fragment.
pub(super) async fn fragment(
    request: HttpRequest,
    parameters: Parameters,
    context: Data<Context>,
) -> Result<HttpResponse, ApiError> {
    serve(
        &request,
        &parameters,
        &context,
        FRAGMENT_POLICY,
        |target, mentions, more| EmbedFragment::new(target, mentions, more).render(),
    )
    .await
}

/// Serves the page.
pub(super) async fn page(
    request: HttpRequest,
    parameters: Parameters,
    context: Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let policy = pages::CONTENT_SECURITY_POLICY;
    serve(
        &request,
        &parameters,
        &context,
        policy,
        |target, mentions, more| MentionsPage::new(target, mentions, more).render(),
    )
    .await
}

async fn serve(
    request: &HttpRequest,
    parameters: &[(String, String)],
    context: &Context,
    policy: &'static str,
    render: impl Fn(&str, &[Mention], Option<String>) -> askama::Result<String>,
) -> Result<HttpResponse, ApiError> {
    let wanted = Wanted::parse(parameters)?;
    let key = wanted.target.page_key();
    let etag = wanted.etag(context.store.page_version(&key).await?.0);
    if answer::is_unchanged(request, &etag) {
        return Ok(answer::unchanged(&etag));
    }
    let page = context.store.mentions(&key, wanted.query).await?;
    let more = page.next.map(|next| more_url(&wanted, next.0));
    let body = render(wanted.target.as_str(), &page.mentions, more)
        .map_err(|error| ApiError::Internal(Box::new(error)))?;
    Ok(
        answer::cached(&mut HttpResponse::Ok(), &wanted.etag(page.version.0))
            .content_type(ContentType::html())
            .insert_header((header::CONTENT_SECURITY_POLICY, policy))
            .body(body),
    )
}

/// What goes on where this answer ends, relative to it.
fn more_url(wanted: &Wanted, next: i64) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("target", wanted.target.as_str())
        .append_pair("limit", &wanted.query.limit.to_string())
        .append_pair("cursor", &next.to_string())
        .finish();
    format!("?{query}")
}
