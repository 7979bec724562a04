//! `/api/v1`: our own API, for whoever reads mentions, and its description.

use actix_web::http::{Method, header};
use actix_web::middleware::Compress;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Resource};
use serde::Serialize;

use super::describe;
use super::json::{CountsJson, DeletedJson, MentionsJson};
use super::parameters::{self, Given};
use super::problem::Problem;
use super::submissions::SubmissionsJson;
use crate::http::bodies::{Head, Keep, Question, Rendered};
use crate::http::error::ApiError;
use crate::http::{Context, answer};
use crate::model::{ChangeNumber, MentionState, TargetUrl};
use crate::store::{MentionQuery, OrderBy, Scope, SubmissionQuery, TombstoneQuery, Version};

type Answer = Result<HttpResponse, Problem>;

/// The routes; [`describe::document`] tells of the same.
pub(in crate::http) fn routes(config: &mut ServiceConfig) {
    readable(config, "/api/v1/mentions", mentions);
    readable(config, "/api/v1/counts", counts);
    readable(config, "/api/v1/deleted", deleted);
    readable(config, "/api/v1/submissions", submissions);
    packed(config, "/api/v1/openapi.json", openapi);
    packed(config, "/api/v1", page);
}

fn readable<H, R>(config: &mut ServiceConfig, path: &str, handler: H)
where
    H: Fn(HttpRequest, Data<Context>) -> R + Clone + 'static,
    R: Future<Output = Answer> + 'static,
{
    config.service(resource(path, handler));
}

/// As [`readable`], of answers that do not come compressed.
fn packed<H, R>(config: &mut ServiceConfig, path: &str, handler: H)
where
    H: Fn(HttpRequest, Data<Context>) -> R + Clone + 'static,
    R: Future<Output = Answer> + 'static,
{
    config.service(resource(path, handler).wrap(Compress::default()));
}

fn resource<H, R>(path: &str, handler: H) -> Resource
where
    H: Fn(HttpRequest, Data<Context>) -> R + Clone + 'static,
    R: Future<Output = Answer> + 'static,
{
    web::resource(path)
        .route(web::get().to(handler.clone()))
        .route(web::head().to(handler))
        .route(web::method(Method::OPTIONS).to(preflight))
        .default_service(web::to(method_not_allowed))
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
    let read = async |_base| {
        let given = Given::read(parameters::OF_MENTIONS, &request)?;
        let is_owner = given.states()? != [MentionState::Shown];
        let asked = if is_owner {
            Asked::by_owner(&context, &given).await?
        } else {
            Asked::read(&request, &context, &given).await?
        };
        let query = given.query(asked.scope.clone())?;
        Ok(Mentions { asked, query })
    };
    context.answer(&request, request.path(), read).await
}

/// `GET /api/v1/counts`.
async fn counts(request: HttpRequest, context: Data<Context>) -> Answer {
    let read = async |_base| {
        let given = Given::read(parameters::OF_COUNTS, &request)?;
        Ok(Counts(Asked::read(&request, &context, &given).await?))
    };
    context.answer(&request, request.path(), read).await
}

/// `GET /api/v1/deleted`.
async fn deleted(request: HttpRequest, context: Data<Context>) -> Answer {
    let read = async |_base| {
        let given = Given::read(parameters::OF_DELETED, &request)?;
        let asked = Asked::read(&request, &context, &given).await?;
        let query = TombstoneQuery {
            scope: asked.scope.clone(),
            since: given.since()?.map_or(ChangeNumber(0), ChangeNumber::by),
            ascending: given.ascending()?,
            start: given.start(OrderBy::Changed)?,
            limit: given.limit()?,
        };
        Ok(Deleted { asked, query })
    };
    context.answer(&request, request.path(), read).await
}

/// `GET /api/v1/submissions`.
async fn submissions(request: HttpRequest, context: Data<Context>) -> Answer {
    let read = async |_base| {
        let given = Given::read(parameters::OF_SUBMISSIONS, &request)?;
        let site = given.site(&context).await?;
        Ok::<_, Problem>(Submissions {
            site: Scope::Site(site),
            query: given.submissions(site)?,
        })
    };
    context.answer(&request, request.path(), read).await
}

/// What is asked, of whose mentions.
struct Asked {
    /// The question, letter by letter.
    question: String,
    targets: Vec<TargetUrl>,
    scope: Scope,
    keep: Keep,
}

impl Asked {
    async fn read(
        request: &HttpRequest,
        context: &Context,
        given: &Given<'_>,
    ) -> Result<Self, Problem> {
        let targets = given.targets()?;
        let (scope, is_private) = given.scope(context, &targets).await?;
        Ok(Self {
            question: format!("{}?{}", request.path(), request.query_string()),
            targets,
            scope,
            keep: if is_private {
                Keep::Private
            } else {
                Keep::Asking
            },
        })
    }

    /// What an owner asks, also of what is not shown.
    async fn by_owner(context: &Context, given: &Given<'_>) -> Result<Self, Problem> {
        let targets = given.targets()?;
        Ok(Self {
            question: String::new(),
            scope: given.own_scope(context, &targets).await?,
            targets,
            keep: Keep::Nowhere,
        })
    }

    fn head(&self, version: Version) -> Head {
        let site = match &self.scope {
            Scope::Site(site) => site.0.to_string(),
            Scope::Pages { .. } | Scope::Host { .. } => String::new(),
        };
        let etag = answer::tag(version.number, &[&self.question, &site]);
        Head::new(self.keep, &etag, version)
    }

    fn answer(&self, version: Version, value: &impl Serialize) -> Result<Rendered, Problem> {
        Ok(Rendered::json(self.head(version), value)?)
    }
}

struct Mentions {
    asked: Asked,
    query: MentionQuery,
}

impl Question for Mentions {
    type Error = Problem;

    fn scope(&self) -> &Scope {
        &self.query.scope
    }

    fn head(&self, version: Version) -> Head {
        self.asked.head(version)
    }

    async fn render(&self, context: &Context) -> Result<Rendered, Problem> {
        let page = context.store.mentions(&self.query).await?;
        let targets = &self.asked.targets;
        let json = match self.asked.keep {
            Keep::Nowhere => MentionsJson::of_states(targets, &page),
            _ => MentionsJson::new(targets, self.query.order.by, &page),
        };
        self.asked.answer(page.version, &json)
    }
}

struct Counts(Asked);

impl Question for Counts {
    type Error = Problem;

    fn scope(&self) -> &Scope {
        &self.0.scope
    }

    fn head(&self, version: Version) -> Head {
        self.0.head(version)
    }

    async fn render(&self, context: &Context) -> Result<Rendered, Problem> {
        let Self(asked) = self;
        let all = context.store.counts(&asked.scope).await?;
        let mut each = Vec::with_capacity(asked.targets.len());
        for target in &asked.targets {
            let counted = context.store.counts(&target.page_key().into()).await?;
            each.push((target.as_str(), counted));
        }
        asked.answer(all.version, &CountsJson::new(&all, &each))
    }
}

struct Deleted {
    asked: Asked,
    query: TombstoneQuery,
}

impl Question for Deleted {
    type Error = Problem;

    fn scope(&self) -> &Scope {
        &self.query.scope
    }

    fn head(&self, version: Version) -> Head {
        self.asked.head(version)
    }

    async fn render(&self, context: &Context) -> Result<Rendered, Problem> {
        // Before they are read: what changes meanwhile is asked for again.
        let version = context.store.version(&self.query.scope).await?;
        let page = context.store.deleted(&self.query).await?;
        self.asked.answer(version, &DeletedJson::new(&page))
    }
}

struct Submissions {
    site: Scope,
    query: SubmissionQuery,
}

impl Question for Submissions {
    type Error = Problem;

    fn scope(&self) -> &Scope {
        &self.site
    }

    fn head(&self, version: Version) -> Head {
        Head::new(Keep::Nowhere, "", version)
    }

    async fn render(&self, context: &Context) -> Result<Rendered, Problem> {
        let page = context.store.submissions(&self.query).await?;
        let head = self.head(Version::default());
        Ok(Rendered::json(
            head,
            &SubmissionsJson::new(&self.query, &page),
        )?)
    }
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
