//! The front page and the health check.

use actix_web::http::StatusCode;
use actix_web::http::header::ContentType;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, ResponseError as _};

use super::Context;
use super::answer::{self, Form};
use super::api::Problem;
use super::error::ApiError;
use super::pages::HomePage;

/// What this is, and what to paste into a blog's template.
pub(super) async fn home(
    request: HttpRequest,
    context: Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let sites = context.store.sites().await?;
    let base = context.base_url(&request)?;
    answer::page(StatusCode::OK, &HomePage::new(&base, &sites))
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
        Form::Json | Form::Text if request.path().starts_with("/api/v1/") => {
            Ok(Problem::from(error).error_response())
        }
        Form::Json | Form::Text => Err(error),
    }
}
