//! A page's mentions as HTML, for pages and readers without scripts: `GET /embed` as a fragment to
//! include, `GET /embed/frame` as a document for a frame, `GET /mentions` as a page of its own.
//!
//! Parameters as in [`super::api`], and how to show them: `lang`, `look`, `level`.

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, ResponseError as _};
use url::{Url, form_urlencoded};

use super::api::Wanted;
use super::bodies::{Body, Head, Keep, Question, Rendered};
use super::error::ApiError;
use super::pages::{self, EmbedFragment, FramePage, Language, Look, MentionsPage, Shown, Wish};
use super::{Context, answer, feeds};
use crate::store::{MentionPage, Scope, Version};

/// A fragment may be framed by any page, and may do nothing there but be read.
const FRAGMENT_POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'";

/// A frame may tell the page round it how high it is.
const FRAME_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
     base-uri 'none'; form-action 'none'";

/// As [`pages::CONTENT_SECURITY_POLICY`], with our copies of pictures.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";

/// Serves the fragment.
pub(super) async fn fragment(
    request: HttpRequest,
    context: Data<Context>,
) -> Result<HttpResponse, ApiError> {
    serve(Form::Fragment, &request, &context).await
}

/// Serves the document for a frame.
pub(super) async fn frame(
    request: HttpRequest,
    context: Data<Context>,
) -> Result<HttpResponse, ApiError> {
    serve(Form::Frame, &request, &context).await
}

/// Serves the page.
pub(super) async fn page(
    request: HttpRequest,
    context: Data<Context>,
) -> Result<HttpResponse, ApiError> {
    match serve(Form::Page, &request, &context).await {
        // What is our fault is logged on its way.
        Err(error)
            if error.status_code().is_client_error()
                && answer::wanted(&request) == answer::Form::Html =>
        {
            answer::error_page(&error)
        }
        answer => answer,
    }
}

async fn serve(
    form: Form,
    request: &HttpRequest,
    context: &Context,
) -> Result<HttpResponse, ApiError> {
    let read = async |base| {
        let parameters = form_urlencoded::parse(request.query_string().as_bytes());
        let (wish, parameters) = wish(parameters.into_owned().collect())?;
        Ok(Mentions {
            form,
            base,
            question: request.query_string(),
            wish,
            wanted: Wanted::parse(&parameters)?,
        })
    };
    context.answer(request, request.path(), read).await
}

/// As what the mentions are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Fragment,
    Frame,
    Page,
}

/// A page's mentions, as they are to be shown.
struct Mentions<'a> {
    form: Form,
    base: Url,
    /// What was asked, letter by letter.
    question: &'a str,
    wish: Wish,
    wanted: Wanted,
}

impl Question for Mentions<'_> {
    type Error = ApiError;

    fn scope(&self) -> &Scope {
        &self.wanted.query.scope
    }

    fn head(&self, version: Version) -> Head {
        let form = format!("{:?}", self.form);
        let question = [self.base.as_str(), &form, self.question];
        Head::new(
            Keep::Asking,
            &answer::tag(version.number, &question),
            version,
        )
    }

    async fn render(&self, context: &Context) -> Result<Rendered, ApiError> {
        let (wanted, wish) = (&self.wanted, self.wish);
        let page = context.store.mentions(&wanted.query).await?;
        let feeds = feeds::of_page(&self.base, wanted.target.page_key());
        let links = feeds::link_header(&feeds).filter(|_| self.form != Form::Frame);
        let (policy, body) = match self.form {
            // It becomes part of another site's page: what it links to has to be absolute.
            Form::Fragment => (
                FRAGMENT_POLICY,
                html(&EmbedFragment::new(shown(
                    self.base.as_str(),
                    wanted,
                    &page,
                    wish,
                ))),
            ),
            Form::Frame => (
                FRAME_POLICY,
                html(&FramePage::new(shown("/", wanted, &page, wish))),
            ),
            Form::Page => {
                // The page is the mentions: their heading is its own.
                let wish = Wish { level: 1, ..wish };
                let shown = shown("/", wanted, &page, wish);
                (PAGE_POLICY, html(&MentionsPage::new(shown, feeds)))
            }
        };
        let mut head = self
            .head(page.version)
            .with(header::CONTENT_TYPE, "text/html; charset=utf-8")
            .with(header::CONTENT_SECURITY_POLICY, policy);
        if let Some(links) = links {
            head = head.with(header::LINK, &links);
        }
        Ok(Rendered::Whole(Body::new(head, body?.into_bytes())))
    }
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

/// The page of the mentions that follow.
fn more_url(base: &str, wanted: &Wanted, next: i64, wish: Wish) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("target", wanted.target.as_str())
        .append_pair("limit", &wanted.query.limit.to_string())
        .append_pair("cursor", &next.to_string())
        .append_pair("lang", wish.language.tag())
        .append_pair("look", wish.look.as_str())
        .finish();
    format!("{base}mentions?{query}")
}

fn html(template: &impl askama::Template) -> Result<String, ApiError> {
    template
        .render()
        .map_err(|error| ApiError::Internal(Box::new(error)))
}
