//! A page's mentions as HTML, for pages and readers without scripts: `GET /embed` as a fragment to
//! include, `GET /embed/frame` as a document for a frame, `GET /mentions` as a page of its own.
//!
//! Parameters as in [`super::api`], and how to show them: `lang`, `look`, `level`.

use actix_web::http::header::{self, ContentType};
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};

use super::Context;
use super::api::{self, Wanted};
use super::error::ApiError;
use super::feeds::{self, FeedLink};
use super::pages::{self, EmbedFragment, FramePage, Language, Look, MentionsPage, Shown, Wish};
use crate::store::MentionPage;

/// A fragment may be framed by any page, and may do nothing there but be read.
const FRAGMENT_POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'";

/// A frame may tell the page round it how high it is.
const FRAME_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
     base-uri 'none'; form-action 'none'";

/// As [`pages::CONTENT_SECURITY_POLICY`], with our copies of pictures.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";

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
    let (wish, parameters) = wish(parameters.into_inner())?;
    api::conditional(&request, &parameters, &context, |wanted, page, answer| {
        name_feeds(answer, &feeds::of_page(&base, wanted.target.page_key()));
        let fragment = EmbedFragment::new(shown(base.as_str(), wanted, page, wish));
        html(answer, FRAGMENT_POLICY, &fragment)
    })
    .await
}

/// Serves the document for a frame.
pub(super) async fn frame(
    request: HttpRequest,
    parameters: Parameters,
    context: Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let (wish, parameters) = wish(parameters.into_inner())?;
    api::conditional(&request, &parameters, &context, |wanted, page, answer| {
        let document = FramePage::new(shown("/", wanted, page, wish));
        html(answer, FRAME_POLICY, &document)
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
    let (wish, parameters) = wish(parameters.into_inner())?;
    // The page is the mentions: their heading is its own.
    let wish = Wish { level: 1, ..wish };
    api::conditional(&request, &parameters, &context, |wanted, page, answer| {
        let feeds = feeds::of_page(&base, wanted.target.page_key());
        name_feeds(answer, &feeds);
        let page = MentionsPage::new(shown("/", wanted, page, wish), feeds);
        html(answer, PAGE_POLICY, &page)
    })
    .await
}

/// How to show the mentions, and the parameters that say which.
fn wish(parameters: Vec<(String, String)>) -> Result<(Wish, Vec<(String, String)>), ApiError> {
    let mut wish = Wish::default();
    let mut others = Vec::new();
    for (name, value) in parameters {
        let wrong = |problem: &str| ApiError::Parameter {
            name: name.clone(),
            problem: problem.to_owned(),
        };
        match name.as_str() {
            "lang" => wish.language = Language::of(&value),
            "look" => {
                wish.look = Look::ALL
                    .into_iter()
                    .find(|look| look.as_str() == value)
                    .ok_or_else(|| wrong("must be plain, cards or compact"))?;
            }
            "level" => {
                wish.level = value
                    .parse()
                    .ok()
                    .filter(|level| (1..=6).contains(level))
                    .ok_or_else(|| wrong("must be a number from 1 to 6"))?;
            }
            _ => others.push((name, value)),
        }
    }
    Ok((wish, others))
}

/// What is to be shown of `page`, by a service whose root is `base`.
fn shown<'a>(base: &'a str, wanted: &'a Wanted, page: &'a MentionPage, wish: Wish) -> Shown<'a> {
    Shown {
        target: wanted.target.as_str(),
        mentions: &page.mentions,
        counts: page.counts.clone(),
        more: page
            .next()
            .map(|next| more_url(base, wanted, next.id.0, wish)),
        limit: u64::try_from(wanted.query.limit).unwrap_or(u64::MAX),
        tell: pages::form_url(base, wanted.target.as_str()),
        base,
        wish,
    }
}

/// Names the feeds that tell of the same.
fn name_feeds(answer: &mut HttpResponseBuilder, feeds: &[FeedLink]) {
    if let Some(value) = feeds::link_header(feeds) {
        answer.insert_header((header::LINK, value));
    }
}

/// The page of the mentions that follow.
fn more_url(base: &str, wanted: &Wanted, next: i64, wish: Wish) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("target", wanted.target.as_str())
        .append_pair("limit", &wanted.query.limit.to_string())
        .append_pair("cursor", &next.to_string())
        .append_pair("lang", wish.language.tag())
        .append_pair("look", wish.look.as_str())
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
