//! `/api/v1`: our own API, for whoever reads mentions, and its description.

use actix_web::http::{Method, header};
use actix_web::middleware::Compress;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Resource};
use serde::Serialize;

use super::describe;
use super::given::Given;
use super::json::{CountsJson, DeletedJson, MentionsJson};
use super::parameters;
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
    answer::preflight_with_token("GET, HEAD, OPTIONS")
}

/// Any method that a resource of the API does not have.
pub(in crate::http) async fn method_not_allowed(method: Method) -> Answer {
    let allow = "GET, HEAD, OPTIONS";
    Err(ApiError::MethodNotAllowed { method, allow }.into())
}

/// `GET /api/v1/mentions`.
async fn mentions(request: HttpRequest, context: Data<Context>) -> Answer {
    let read = async |_base| {
        let given = Given::read(parameters::OF_MENTIONS, &request)?;
        let is_owner = given.states()? != [MentionState::Shown];
        let asked = if is_owner {
            let targets = given.targets()?;
            let scope = given.own_scope(&context, &targets).await?;
            Asked::by_owner(scope, targets)
        } else {
            Asked::by_anybody(&request, &context, &given).await?
        };
        let query = given.query(asked.scope.clone())?;
        Ok(asked.of(What::Mentions(query)))
    };
    context.answer(&request, request.path(), read).await
}

/// `GET /api/v1/counts`.
async fn counts(request: HttpRequest, context: Data<Context>) -> Answer {
    let read = async |_base| {
        let given = Given::read(parameters::OF_COUNTS, &request)?;
        let asked = Asked::by_anybody(&request, &context, &given).await?;
        Ok(asked.of(What::Counts))
    };
    context.answer(&request, request.path(), read).await
}

/// `GET /api/v1/deleted`.
async fn deleted(request: HttpRequest, context: Data<Context>) -> Answer {
    let read = async |_base| {
        let given = Given::read(parameters::OF_DELETED, &request)?;
        let asked = Asked::by_anybody(&request, &context, &given).await?;
        let query = TombstoneQuery {
            scope: asked.scope.clone(),
            since: given.since()?.map_or(ChangeNumber(0), ChangeNumber::by),
            ascending: given.ascending()?,
            start: given.start(OrderBy::Changed)?,
            limit: given.limit()?,
        };
        Ok(asked.of(What::Deleted(query)))
    };
    context.answer(&request, request.path(), read).await
}

/// `GET /api/v1/submissions`.
async fn submissions(request: HttpRequest, context: Data<Context>) -> Answer {
    let read = async |_base| {
        let given = Given::read(parameters::OF_SUBMISSIONS, &request)?;
        let site = given.site(&context).await?;
        let query = given.submissions(site)?;
        let asked = Asked::by_owner(Scope::Site(site), Vec::new());
        Ok(asked.of(What::Submissions(query)))
    };
    context.answer(&request, request.path(), read).await
}

/// Who asks, and of whose mentions.
struct Asked {
    /// The question, letter by letter.
    question: String,
    targets: Vec<TargetUrl>,
    scope: Scope,
    keep: Keep,
}

impl Asked {
    async fn by_anybody(
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

    /// By an owner, also of what is not shown.
    fn by_owner(scope: Scope, targets: Vec<TargetUrl>) -> Self {
        Self {
            question: String::new(),
            targets,
            scope,
            keep: Keep::Nowhere,
        }
    }

    fn of(self, what: What) -> Wanted {
        Wanted { asked: self, what }
    }
}

/// What there is to be asked for.
enum What {
    Mentions(MentionQuery),
    Counts,
    Deleted(TombstoneQuery),
    Submissions(SubmissionQuery),
}

/// What is asked for.
struct Wanted {
    asked: Asked,
    what: What,
}

impl Wanted {
    fn json(&self, version: Version, value: &impl Serialize) -> Result<Rendered, Problem> {
        Ok(Rendered::json(self.head(version), value)?)
    }
}

impl Question for Wanted {
    type Error = Problem;

    fn scope(&self) -> &Scope {
        &self.asked.scope
    }

    fn head(&self, version: Version) -> Head {
        let site = match &self.asked.scope {
            Scope::Site(site) => site.0.to_string(),
            Scope::Pages { .. } | Scope::Host { .. } => String::new(),
        };
        let etag = answer::tag(version.number, &[&self.asked.question, &site]);
        Head::new(self.asked.keep, &etag, version)
    }

    async fn render(&self, context: &Context) -> Result<Rendered, Problem> {
        let (store, asked) = (&context.store, &self.asked);
        match &self.what {
            What::Mentions(query) => {
                let page = store.mentions(query).await?;
                let json = match asked.keep {
                    Keep::Nowhere => MentionsJson::of_states(&asked.targets, &page),
                    _ => MentionsJson::new(&asked.targets, query.order.by, &page),
                };
                self.json(page.version, &json)
            }
            What::Counts => {
                let all = store.counts(&asked.scope).await?;
                let mut each = Vec::with_capacity(asked.targets.len());
                for target in &asked.targets {
                    let counted = store.counts(&target.page_key().into()).await?;
                    each.push((target.as_str(), counted));
                }
                self.json(all.version, &CountsJson::new(&all, &each))
            }
            What::Deleted(query) => {
                // Before they are read: what changes meanwhile is asked for again.
                let version = store.version(&query.scope).await?;
                let page = store.deleted(query).await?;
                self.json(version, &DeletedJson::new(&page))
            }
            What::Submissions(query) => {
                let mut page = store.submissions(query).await?;
                for record in &mut page.submissions {
                    context.tell(&mut record.status);
                }
                self.json(Version::default(), &SubmissionsJson::new(query, &page))
            }
        }
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
