//! The front page, the files that pages load, and the health check.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, ContentType};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use sha2::{Digest as _, Sha256};

use super::Context;
use super::answer::{self, Form};
use super::error::ApiError;
use super::pages::{HomePage, STYLE_CSS, WIDGET_JS};

/// What this is, and what to paste into a blog's template.
pub(super) async fn home(
    request: HttpRequest,
    context: Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let sites = context.store.sites().await?;
    let base = context.base_url(&request)?;
    answer::page(StatusCode::OK, &HomePage::new(&base, &sites))
}

/// The custom element `<linkback-mentions>`.
pub(super) async fn widget(request: HttpRequest) -> HttpResponse {
    asset(&request, "text/javascript; charset=utf-8", WIDGET_JS)
}

/// The style sheet of our pages.
pub(super) async fn style(request: HttpRequest) -> HttpResponse {
    asset(&request, "text/css; charset=utf-8", STYLE_CSS)
}

/// A file that changes with the program only; its tag is its hash.
fn asset(request: &HttpRequest, content_type: &str, body: &'static str) -> HttpResponse {
    let hash = Sha256::digest(body.as_bytes());
    let start = hash.iter().take(8);
    let etag = start.fold(String::from("W/\""), |tag, byte| format!("{tag}{byte:02x}")) + "\"";
    if answer::is_unchanged(request, &etag) {
        return answer::unchanged(&etag);
    }
    HttpResponse::Ok()
        .content_type(content_type)
        .insert_header((header::ETAG, etag))
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body(body)
}

/// 200 if the store can be read and written.
pub(super) async fn health(context: Data<Context>) -> Result<HttpResponse, ApiError> {
    context.store.check().await?;
    Ok(HttpResponse::Ok()
        .content_type(ContentType::plaintext())
        .body("ok\n"))
}

/// Whatever is not here.
pub(super) async fn not_found(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let error = ApiError::NotFound("page");
    match answer::wanted(&request) {
        Form::Html => answer::error_page(&error),
        Form::Json | Form::Text => Err(error),
    }
}
