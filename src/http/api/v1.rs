//! `/api/v1`: our own API, for whoever reads mentions, and its description.

use actix_web::http::{Method, header};
use actix_web::middleware::Compress;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};

use super::describe;
use super::json::{CountsJson, DeletedJson, MentionsJson};
use super::parameters::{self, Given};
use super::problem::Problem;
use crate::http::error::ApiError;
use crate::http::{Context, answer};
use crate::model::{ChangeNumber, MentionState};
use crate::store::{OrderBy, Scope, TombstoneQuery, Version};

type Answer = Result<HttpResponse, Problem>;

/// The routes; [`describe::document`] tells of the same.
pub(in crate::http) fn routes(config: &mut ServiceConfig) {
    readable(config, "/api/v1/mentions", mentions);
    readable(config, "/api/v1/counts", counts);
    readable(config, "/api/v1/deleted", deleted);
    readable(config, "/api/v1/openapi.json", openapi);
    readable(config, "/api/v1", page);
}

fn readable<H, R>(config: &mut ServiceConfig, path: &str, handler: H)
where
    H: Fn(HttpRequest, Data<Context>) -> R + Clone + 'static,
    R: Future<Output = Answer> + 'static,
{
    config.service(
        web::resource(path)
            .wrap(Compress::default())
            .route(web::get().to(handler.clone()))
            .route(web::head().to(handler))
            .route(web::method(Method::OPTIONS).to(preflight))
            .default_service(web::to(method_not_allowed)),
    );
}

async fn preflight() -> HttpResponse {
    let mut response = HttpResponse::NoContent();
    answer::allow("GET, HEAD, OPTIONS", &mut response)
        .insert_header((
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "Authorization, Content-Type, Accept, If-None-Match",
        ))
        .finish()
}

async fn method_not_allowed(method: Method) -> Answer {
    let allow = "GET, HEAD, OPTIONS";
    Err(ApiError::MethodNotAllowed { method, allow }.into())
}

/// `GET /api/v1/mentions`.
async fn mentions(request: HttpRequest, context: Data<Context>) -> Answer {
    let given = Given::read(parameters::OF_MENTIONS, &request)?;
    let targets = given.targets()?;
    let is_owner = given.states()? != [MentionState::Shown];
    if is_owner {
        let query = given.query(given.own_scope(&context, &targets).await?)?;
        let page = context.store.mentions(&query).await?;
        let mut response = HttpResponse::Ok();
        answer::secret(&mut response);
        return Ok(response.json(MentionsJson::of_states(&targets, &page)));
    }
    let (scope, is_private) = given.scope(&context, &targets).await?;
    let query = given.query(scope)?;
    let version = context.store.version(&query.scope).await?;
    let tag = |version| tag(&request, &query.scope, version);
    if answer::is_unchanged(&request, &tag(version)) {
        return Ok(begin(HttpResponse::NotModified(), &tag(version), is_private).finish());
    }
    let page = context.store.mentions(&query).await?;
    let mut response = begin(HttpResponse::Ok(), &tag(page.version), is_private);
    Ok(response.json(MentionsJson::new(&targets, query.order.by, &page)))
}

/// `GET /api/v1/counts`.
async fn counts(request: HttpRequest, context: Data<Context>) -> Answer {
    let given = Given::read(parameters::OF_COUNTS, &request)?;
    let targets = given.targets()?;
    let (scope, is_private) = given.scope(&context, &targets).await?;
    let all = context.store.counts(&scope).await?;
    let tag = tag(&request, &scope, all.version);
    if answer::is_unchanged(&request, &tag) {
        return Ok(begin(HttpResponse::NotModified(), &tag, is_private).finish());
    }
    let mut each = Vec::with_capacity(targets.len());
    for target in &targets {
        let counted = context.store.counts(&target.page_key().into()).await?;
        each.push((target.as_str(), counted));
    }
    let mut response = begin(HttpResponse::Ok(), &tag, is_private);
    Ok(response.json(CountsJson::new(&all, &each)))
}

/// `GET /api/v1/deleted`.
async fn deleted(request: HttpRequest, context: Data<Context>) -> Answer {
    let given = Given::read(parameters::OF_DELETED, &request)?;
    let targets = given.targets()?;
    let (scope, is_private) = given.scope(&context, &targets).await?;
    let query = TombstoneQuery {
        scope,
        since: given.since()?.map_or(ChangeNumber(0), ChangeNumber::by),
        ascending: given.ascending()?,
        start: given.start(OrderBy::Changed)?,
        limit: given.limit()?,
    };
    let version = context.store.version(&query.scope).await?;
    let tag = tag(&request, &query.scope, version);
    if answer::is_unchanged(&request, &tag) {
        return Ok(begin(HttpResponse::NotModified(), &tag, is_private).finish());
    }
    let page = context.store.deleted(&query).await?;
    Ok(begin(HttpResponse::Ok(), &tag, is_private).json(DeletedJson::new(&page)))
}

/// `GET /api/v1/openapi.json`.
async fn openapi(request: HttpRequest, context: Data<Context>) -> Answer {
    let base = context.base_url(&request)?;
    let document = describe::document(base.as_str().trim_end_matches('/'));
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .json(document))
}

/// `GET /api/v1`: the description for people.
async fn page(request: HttpRequest, context: Data<Context>) -> Answer {
    let base = context.base_url(&request)?;
    Ok(answer::page(
        actix_web::http::StatusCode::OK,
        &describe::ApiPage::new(base.as_str()),
    )?)
}

/// What was asked and what the answer is made of, as an `ETag`.
fn tag(request: &HttpRequest, scope: &Scope, version: Version) -> String {
    let site = match scope {
        Scope::Site(site) => site.0.to_string(),
        Scope::Pages(_) | Scope::Host { .. } => String::new(),
    };
    answer::tag(
        version.number,
        &[request.path(), request.query_string(), &site],
    )
}

fn begin(mut response: HttpResponseBuilder, tag: &str, is_private: bool) -> HttpResponseBuilder {
    answer::cached(&mut response, tag);
    if is_private {
        answer::private(&mut response);
    }
    response
}
