//! `GET /media/{name}`: the small copies of pictures that mentions name.
//!
//! A name says what the file holds, so that it may be kept for ever. Each file was written by us, and is
//! served so that a browser can do nothing with it but show it.

use actix_web::http::header::{self, HeaderName};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};

use super::Context;
use super::answer;
use super::error::ApiError;
use crate::model::{Cached, MediaName};

/// A year, the longest that caches know.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Where a copy is served.
pub(super) fn path(copy: &Cached) -> String {
    format!("/media/{}", copy.name)
}

/// Serves a copy.
pub(super) async fn get(
    request: HttpRequest,
    name: Path<String>,
    context: Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let unknown = || ApiError::NotFound("picture; it may have been removed with what showed it");
    let name = MediaName::parse(&name).ok_or_else(unknown)?;
    let found = context.store.media(name, context.clock.now()).await?;
    let file = found.ok_or_else(unknown)?;
    let etag = format!("\"{name}\"");
    if answer::is_unchanged(&request, &etag) {
        return Ok(for_ever(&mut HttpResponse::NotModified(), &etag).finish());
    }
    Ok(for_ever(&mut HttpResponse::Ok(), &etag)
        .content_type(name.form.essence())
        .body(file))
}

fn for_ever<'a>(response: &'a mut HttpResponseBuilder, etag: &str) -> &'a mut HttpResponseBuilder {
    response
        .insert_header((header::ETAG, etag))
        .insert_header((header::CACHE_CONTROL, FOR_EVER))
        // SECURITY: should one of these ever be taken for a document, it is one that may do nothing.
        .insert_header((
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; sandbox",
        ))
        // Pages of any site may show it, those that shut themselves off too.
        .insert_header((
            HeaderName::from_static("cross-origin-resource-policy"),
            "cross-origin",
        ))
}
