//! webmention.io's API: what scripts, plugins and feed readers ask that service they may ask us, at
//! another host and nothing else changed. `docs/webmention-io.md` tells what is the same, and what is not.

use actix_web::http::header;
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Compress;
use actix_web::web::{self, Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};

use self::forms::{Atom, Callback, Html, Jf2, Links, Paging, count_json, json_of};
use self::query::Asked;
use self::stream::Listing;
use super::error::ApiError;
use super::{Context, answer};
use crate::model::{ChangeNumber, Timestamp};
use crate::store::{Order, OrderBy, Scope, Start, TombstoneQuery, Version};

mod entry;
mod example;
mod forms;
mod link;
mod query;
mod stream;
#[cfg(test)]
mod tests;
mod words;

pub(super) use self::query::moment;

/// A form in the body may be so long.
const MAX_FORM: usize = 64 * 1024;

/// A framed page may load nothing, and may not be made to do anything.
const HTML_POLICY: &str =
    "default-src 'none'; style-src 'self'; form-action 'none'; base-uri 'none'";

const NO_SCOPE: &str = "Either a token or a target URL is required";
const NO_TARGET: &str = "A target URI is required";

/// The routes.
pub(super) fn routes(config: &mut ServiceConfig) {
    for list in ["mentions", "links"] {
        for (end, form) in [
            ("", ListForm::Json),
            (".json", ListForm::Json),
            (".jf2", ListForm::Jf2),
            (".html", ListForm::Html),
            (".atom", ListForm::Atom),
        ] {
            let path = format!("/api/{list}{end}");
            readable(config, &path, move |request, payload, context| {
                mentions(form, request, payload, context)
            });
        }
    }
    for path in ["/api/count", "/api/count.json"] {
        readable(config, path, count);
    }
    for path in ["/api/deleted", "/api/deleted.jf2", "/api/deleted.json"] {
        readable(config, path, deleted);
    }
    for path in ["/api/export", "/api/export.jf2", "/api/export.json"] {
        readable(config, path, export);
    }
    for path in ["/api/example/mentions", "/api/example/mentions.jf2"] {
        readable(config, path, example::mentions);
    }
    for path in ["/api/example/count", "/api/example/count.json"] {
        readable(config, path, example::count);
    }
}

/// A resource that is read by `GET`, or by `POST` with the parameters in a form.
fn readable<H, R>(config: &mut ServiceConfig, path: &str, handler: H)
where
    H: Fn(HttpRequest, Payload, Data<Context>) -> R + Clone + 'static,
    R: Future<Output = Result<HttpResponse, ApiError>> + 'static,
{
    config.service(
        web::resource(path)
            .wrap(Compress::default())
            .route(web::get().to(handler.clone()))
            .route(web::head().to(handler.clone()))
            .route(web::post().to(handler))
            .route(web::method(Method::OPTIONS).to(preflight))
            .default_service(web::to(method_not_allowed)),
    );
}

const METHODS: &str = "GET, HEAD, POST, OPTIONS";

async fn preflight() -> HttpResponse {
    let mut response = HttpResponse::NoContent();
    answer::allow(METHODS, &mut response)
        .insert_header((
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "Authorization, Content-Type, Accept",
        ))
        .finish()
}

async fn method_not_allowed(method: Method) -> Result<HttpResponse, ApiError> {
    let allow = METHODS;
    Err(ApiError::MethodNotAllowed { method, allow })
}

/// The forms in which mentions are listed.
#[derive(Clone, Copy)]
enum ListForm {
    Json,
    Jf2,
    Html,
    Atom,
}

impl ListForm {
    fn content_type(self, callback: &Callback) -> &'static str {
        match self {
            Self::Json | Self::Jf2 => callback.content_type(),
            Self::Html => "text/html;charset=UTF-8",
            Self::Atom => "application/atom+xml;charset=UTF-8",
        }
    }
}

/// Reads the parameters, wherever they are.
async fn read(request: &HttpRequest, payload: Payload) -> Result<Asked, ApiError> {
    if request.method() == Method::POST {
        let body = answer::read_body(request, payload, MAX_FORM).await?;
        Asked::read(request, &body)
    } else {
        Asked::read(request, b"")
    }
}

/// `GET /api/mentions` and its kin.
async fn mentions(
    form: ListForm,
    request: HttpRequest,
    payload: Payload,
    context: Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let asked = read(&request, payload).await?;
    let scope = asked.scope(&context, NO_SCOPE).await?;
    let version = context.store.version(&scope).await?;
    let mut response = match begin(&request, &asked, version) {
        Begun::Unchanged(unchanged) => return Ok(unchanged),
        Begun::Changed(response) => response,
    };
    let callback = Callback(asked.jsonp.clone());
    response.insert_header((header::CONTENT_TYPE, form.content_type(&callback)));
    let (paging, query) = (
        Paging {
            per_page: asked.per_page(),
            page: asked.page(),
        },
        asked.query(scope),
    );
    let store = std::sync::Arc::clone(&context.store);
    let root = context.base_url(&request)?;
    let base = root.to_string();
    Ok(match form {
        ListForm::Jf2 => {
            let form = Jf2 {
                base,
                callback,
                paging: Some(paging),
                separator: ",",
            };
            let listing = Listing::new(store, query, form).of_fragment(asked.fragment());
            listing
                .by_answer(asked.by_answer())
                .answer(&mut response)
                .await?
        }
        ListForm::Json => {
            let form = Links {
                base,
                callback,
                paging,
            };
            let listing = Listing::new(store, query, form).of_fragment(asked.fragment());
            listing
                .by_answer(asked.by_answer())
                .answer(&mut response)
                .await?
        }
        ListForm::Html => {
            response.insert_header((header::CONTENT_SECURITY_POLICY, HTML_POLICY));
            let listing = Listing::new(store, query, Html { base }).of_fragment(asked.fragment());
            listing.answer(&mut response).await?
        }
        ListForm::Atom => {
            let mut url = root;
            url.set_path(request.path());
            let public: Vec<_> = asked.targets.iter().map(|url| ("target[]", url)).collect();
            if !public.is_empty() {
                url.query_pairs_mut().extend_pairs(public);
            }
            let updated = version.last_change.map(ChangeNumber::time);
            let form = Atom {
                base,
                url: url.into(),
                updated: updated.unwrap_or_else(|| context.clock.now()),
            };
            let listing = Listing::new(store, query, form).of_fragment(asked.fragment());
            listing.answer(&mut response).await?
        }
    })
}

/// `GET /api/count`.
async fn count(
    request: HttpRequest,
    payload: Payload,
    context: Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let asked = read(&request, payload).await?;
    let scope = asked.scope(&context, NO_TARGET).await?;
    let counted = context.store.counts(&scope).await?;
    let response = match begin(&request, &asked, counted.version) {
        Begun::Unchanged(unchanged) => return Ok(unchanged),
        Begun::Changed(response) => response,
    };
    Ok(json(response, &asked, &count_json(&counted.counts)))
}

/// `GET /api/deleted`: what is shown no longer.
async fn deleted(
    request: HttpRequest,
    payload: Payload,
    context: Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let asked = read(&request, payload).await?;
    let scope = asked.scope(&context, NO_SCOPE).await?;
    let version = context.store.version(&scope).await?;
    let mut response = match begin(&request, &asked, version) {
        Begun::Unchanged(unchanged) => return Ok(unchanged),
        Begun::Changed(response) => response,
    };
    // A time is that of all changes in its millisecond.
    let since = asked.since().map(ChangeNumber::by);
    let since = since.max(asked.since_id().map(ChangeNumber));
    let mut query = TombstoneQuery {
        scope,
        since: since.unwrap_or(ChangeNumber(0)),
        ascending: asked.ascending(),
        start: Start::Skip(asked.skip()),
        limit: 0,
    };
    let callback = Callback(asked.jsonp.clone());
    let mut body = String::new();
    callback.begin(&mut body);
    body.push_str(r#"{"type":"feed","name":"Deleted webmentions","children":["#);
    let mut left = asked.per_page();
    let mut separator = "";
    while left > 0 {
        query.limit = left.min(1000);
        let page = context.store.deleted(&query).await?;
        for tombstone in &page.tombstones {
            body.push_str(separator);
            body.push_str(&json_of(&serde_json::json!({
                "wm-id": tombstone.id.0,
                "wm-source": words::attribute(tombstone.source.as_str()),
                "wm-target": tombstone.target.as_str(),
                "wm-deleted": words::utc(tombstone.change.time()),
                "wm-deletion-id": tombstone.change.0,
            })));
            separator = ",";
        }
        left = left.saturating_sub(page.tombstones.len());
        match page.end.filter(|_| page.has_more) {
            Some(end) => query.start = Start::After(end),
            None => break,
        }
    }
    body.push_str("]}");
    callback.end(&mut body);
    response.insert_header((header::CONTENT_TYPE, callback.content_type()));
    Ok(response.body(body))
}

/// `GET /api/export`: all of a site, oldest first, one mention a line.
async fn export(
    request: HttpRequest,
    payload: Payload,
    context: Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let mut asked = read(&request, payload).await?;
    // It is of a site.
    asked.targets.clear();
    let scope = asked.scope(&context, NO_TOKEN).await?;
    let version = context.store.version(&scope).await?;
    let mut response = match begin(&request, &asked, version) {
        Begun::Unchanged(unchanged) => return Ok(unchanged),
        Begun::Changed(response) => response,
    };
    let name = file_name(&context, &scope, context.clock.now()).await?;
    let mut query = asked.query(scope);
    query.order = Order {
        by: OrderBy::Received,
        ascending: true,
    };
    (query.start, query.limit) = (Start::Skip(0), usize::MAX);
    let form = Jf2 {
        base: context.base_url(&request)?.into(),
        callback: Callback(None),
        paging: None,
        separator: ",\n",
    };
    response
        .insert_header((header::CONTENT_TYPE, form.callback.content_type()))
        .insert_header((
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ));
    let store = std::sync::Arc::clone(&context.store);
    Ok(Listing::new(store, query, form)
        .answer(&mut response)
        .await?)
}

const NO_TOKEN: &str = "A token is required";

/// The name of the file that an export is to be kept in.
async fn file_name(context: &Context, scope: &Scope, now: Timestamp) -> Result<String, ApiError> {
    let host = match scope {
        Scope::Host { authority, .. } => authority.clone(),
        Scope::Site(site) => {
            let sites = context.store.sites().await?;
            let site = sites.iter().find(|known| known.id == *site);
            let base = site.and_then(|site| site.bases.first());
            base.map(|base| base.authority().to_owned())
                .unwrap_or_default()
        }
        Scope::Pages(_) => String::new(),
    };
    let host: String = host
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '.' {
                c
            } else {
                '-'
            }
        })
        .collect();
    Ok(format!("webmentions-{host}-{}.jf2.json", words::day(now)))
}

/// An answer that is about to be written, unless the client has it already.
enum Begun {
    Unchanged(HttpResponse),
    Changed(HttpResponseBuilder),
}

fn begin(request: &HttpRequest, asked: &Asked, version: Version) -> Begun {
    let etag = answer::tag(version.number, &[request.path(), &format!("{asked:?}")]);
    let is_unchanged = request.method() != Method::POST && answer::is_unchanged(request, &etag);
    let mut response = if is_unchanged {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    answer::cached(&mut response, &etag);
    if asked.is_by_token() {
        answer::private(&mut response);
    }
    if is_unchanged {
        Begun::Unchanged(response.finish())
    } else {
        Begun::Changed(response)
    }
}

/// An answer that is one JSON value.
fn json(
    mut response: HttpResponseBuilder,
    asked: &Asked,
    value: &impl serde::Serialize,
) -> HttpResponse {
    let callback = Callback(asked.jsonp.clone());
    let mut body = String::new();
    callback.begin(&mut body);
    body.push_str(&json_of(value));
    callback.end(&mut body);
    response
        .status(StatusCode::OK)
        .insert_header((header::CONTENT_TYPE, callback.content_type()))
        .body(body)
}
