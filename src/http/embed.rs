//! A page's mentions as HTML, for pages and readers without scripts: `GET /embed` as a fragment to
//! include, `GET /mentions` as a page of its own. Parameters as in [`super::api`].

use actix_web::http::header::{self, ContentType};
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};

use super::Context;
use super::api::{self, Wanted};
use super::error::ApiError;
use super::feeds::{self, FeedLink};
use super::pages::{self, EmbedFragment, MentionsPage, Shown};
use crate::store::MentionPage;

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
    // It becomes part of another site's page: what it links to has to be absolute.
    let base = context.base_url(&request)?;
    api::conditional(&request, &parameters, &context, |wanted, page, answer| {
        name_feeds(answer, &feeds::of_page(&base, wanted.target.page_key()));
        let fragment = EmbedFragment::new(shown(base.as_str(), wanted, page));
        html(answer, FRAGMENT_POLICY, &fragment)
    })
    .await
}

/// Serves the page.
pub(super) async fn page(
    request: HttpRequest,
    parameters: Parameters,
    context: Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let base = context.base_url(&request)?;
    api::conditional(&request, &parameters, &context, |wanted, page, answer| {
        let feeds = feeds::of_page(&base, wanted.target.page_key());
        name_feeds(answer, &feeds);
        let page = MentionsPage::new(shown("/", wanted, page), feeds);
        html(answer, pages::CONTENT_SECURITY_POLICY, &page)
    })
    .await
}

/// What is to be shown of `page`, by a service whose root is `base`.
fn shown<'a>(base: &str, wanted: &'a Wanted, page: &'a MentionPage) -> Shown<'a> {
    Shown {
        target: wanted.target.as_str(),
        mentions: &page.mentions,
        more: page.next().map(|next| more_url(base, wanted, next.id.0)),
        tell: pages::form_url(base, wanted.target.as_str()),
    }
}

/// Names the feeds that tell of the same.
fn name_feeds(answer: &mut HttpResponseBuilder, feeds: &[FeedLink]) {
    if let Some(value) = feeds::link_header(feeds) {
        answer.insert_header((header::LINK, value));
    }
}

/// The page of the mentions that follow.
fn more_url(base: &str, wanted: &Wanted, next: i64) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("target", wanted.target.as_str())
        .append_pair("limit", &wanted.query.limit.to_string())
        .append_pair("cursor", &next.to_string())
        .finish();
    format!("{base}mentions?{query}")
}

fn html(
    answer: &mut HttpResponseBuilder,
    policy: &'static str,
    template: &impl askama::Template,
) -> Result<HttpResponse, ApiError> {
    let body = template
        .render()
        .map_err(|error| ApiError::Internal(Box::new(error)))?;
    Ok(answer
        .content_type(ContentType::html())
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .body(body))
}
