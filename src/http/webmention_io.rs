//! webmention.io's API: what scripts, plugins and feed readers ask that service they may ask us, at
//! another host and nothing else changed. `docs/webmention-io.md` tells what is the same, and what is not.

use actix_web::http::Method;
use actix_web::middleware::Compress;
use actix_web::web::{self, Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use self::answers::{ListForm, Wanted, What};
use self::query::Asked;
use super::error::ApiError;
use super::{Context, answer};

mod answers;
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
            of_mentions(config, &path, What::Mentions(form));
        }
    }
    for path in ["/api/count", "/api/count.json"] {
        of_mentions(config, path, What::Count);
    }
    for path in ["/api/deleted", "/api/deleted.jf2", "/api/deleted.json"] {
        of_mentions(config, path, What::Deleted);
    }
    for path in ["/api/export", "/api/export.jf2", "/api/export.json"] {
        of_mentions(config, path, What::Export);
    }
    for path in ["/api/example/mentions", "/api/example/mentions.jf2"] {
        readable(config, path, example::mentions);
    }
    for path in ["/api/example/count", "/api/example/count.json"] {
        readable(config, path, example::count);
    }
}

fn of_mentions(config: &mut ServiceConfig, path: &str, what: What) {
    readable(config, path, move |request, payload, context| {
        serve(what, request, payload, context)
    });
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
    answer::preflight_with_token(METHODS)
}

async fn method_not_allowed(method: Method) -> Result<HttpResponse, ApiError> {
    let allow = METHODS;
    Err(ApiError::MethodNotAllowed { method, allow })
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

/// Answers with what is asked for of the mentions there are.
async fn serve(
    what: What,
    request: HttpRequest,
    payload: Payload,
    context: Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let read = async |base| {
        let asked = read(&request, payload).await?;
        Wanted::new(what, asked, request.path(), base, &context).await
    };
    context.answer(&request, request.path(), read).await
}
