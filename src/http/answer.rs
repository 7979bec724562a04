//! What the answers have in common: negotiation, bodies, headers.

use std::time::Duration;

use actix_web::http::header::{self, ContentType, HeaderName};
use actix_web::http::{Method, StatusCode};
use actix_web::web::{BytesMut, Payload};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, ResponseError as _};
use futures_util::StreamExt;
use sha2::{Digest as _, Sha256};
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::asker::Asker;
use super::error::ApiError;
use super::pages;
use crate::model::PageVersion;

/// A request body that takes longer than this to arrive is given up: a slow sender holds a connection.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// The form in which a client wants its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Html,
    Json,
    Text,
}

/// What the `Accept` header asks for: of HTML and JSON the one that is preferred, else text.
pub(super) fn wanted(request: &HttpRequest) -> Form {
    let accept = text_header(request, header::ACCEPT).unwrap_or_default();
    let (html, json) = (
        quality(accept, "text/html"),
        quality(accept, "application/json"),
    );
    match (html, json) {
        (Some(html), Some(json)) if html >= json => Form::Html,
        (Some(_), None) => Form::Html,
        (_, Some(_)) => Form::Json,
        (None, None) => Form::Text,
    }
}

/// The quality, in thousandths, that `Accept` gives to this type by name.
pub(super) fn accepts(request: &HttpRequest, media_type: &str) -> Option<u32> {
    quality(text_header(request, header::ACCEPT)?, media_type)
}

/// The quality, in thousandths, that `accept` gives to exactly this type; `None` if it does not name it.
fn quality(accept: &str, media_type: &str) -> Option<u32> {
    accept.split(',').find_map(|item| {
        let mut parts = item.split(';').map(str::trim);
        if !parts.next()?.eq_ignore_ascii_case(media_type) {
            return None;
        }
        let q = parts
            .find_map(|p| p.strip_prefix("q="))
            .and_then(|q| q.parse::<f32>().ok())
            .unwrap_or(1.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to 0..=1000"
        )]
        let thousandths = (q.clamp(0.0, 1.0) * 1000.0) as u32;
        (thousandths > 0).then_some(thousandths)
    })
}

/// The token that the client sends. RFC 6750 §2.1.
pub(super) fn bearer(request: &HttpRequest) -> Option<&str> {
    let (scheme, token) = text_header(request, header::AUTHORIZATION)?.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

/// The type of the request's body, as the client says.
pub(super) fn content_type(request: &HttpRequest) -> Option<&str> {
    text_header(request, header::CONTENT_TYPE)
}

fn text_header(request: &HttpRequest, name: HeaderName) -> Option<&str> {
    request
        .headers()
        .get(name)
        .and_then(|value| value.to_str().ok())
}

/// The root of the host that was asked, as its `Host` says, or a trusted proxy for `asker`; not looked at yet.
pub(super) fn asked_root(request: &HttpRequest, asker: Option<&Asker>) -> String {
    let scheme = asker.and_then(|asker| asker.scheme).unwrap_or("http");
    let host = match (
        asker.and_then(|asker| asker.host.as_deref()),
        request.headers().get(header::HOST),
    ) {
        (Some(host), _) => host,
        (None, Some(host)) => host.to_str().unwrap_or_default(),
        (None, None) => request.app_config().host(),
    };
    [scheme, "://", host, "/"].concat()
}

/// The same as a URL: it goes into those that we write.
pub(super) fn asked_url(request: &HttpRequest, asker: Option<&Asker>) -> Result<Url, ApiError> {
    Url::parse(&asked_root(request, asker))
        .ok()
        // A host and nothing else: no user, no path, no query smuggled in.
        .filter(|url| url.path() == "/" && url.username().is_empty() && url.query().is_none())
        .filter(|url| url.fragment().is_none() && url.password().is_none())
        .ok_or(ApiError::WrongHost)
}

/// Reads a request's body of at most `cap` bytes.
pub(super) async fn read_body(
    request: &HttpRequest,
    mut payload: Payload,
    cap: usize,
) -> Result<BytesMut, ApiError> {
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse::<usize>().ok());
    if announced.is_some_and(|length| length > cap) {
        return Err(ApiError::BodyTooLarge { cap });
    }
    let deadline = Instant::now() + BODY_TIMEOUT;
    let mut body = BytesMut::new();
    loop {
        match timeout_at(deadline, payload.next()).await {
            Err(_elapsed) => return Err(ApiError::BodyTooSlow),
            Ok(None) => return Ok(body),
            Ok(Some(Err(_broken_off))) => return Err(ApiError::BodyBroken),
            Ok(Some(Ok(chunk))) => {
                if body.len().saturating_add(chunk.len()) > cap {
                    return Err(ApiError::BodyTooLarge { cap });
                }
                body.extend_from_slice(&chunk);
            }
        }
    }
}

/// A rendered page.
pub(super) fn page(
    status: StatusCode,
    page: &impl askama::Template,
) -> Result<HttpResponse, ApiError> {
    let body = page
        .render()
        .map_err(|error| ApiError::Internal(Box::new(error)))?;
    Ok(HttpResponse::build(status)
        .content_type(ContentType::html())
        .insert_header((
            header::CONTENT_SECURITY_POLICY,
            pages::CONTENT_SECURITY_POLICY,
        ))
        .body(body))
}

/// The page for an error, with the headers of its plain answer.
pub(super) fn error_page(error: &ApiError) -> Result<HttpResponse, ApiError> {
    let status = error.status_code();
    let sentence = error.to_string();
    let mut response = page(status, &pages::ErrorPage::new(status.as_u16(), &sentence))?;
    error.complete(&mut response);
    Ok(response)
}

/// A tag as it is compared weakly. RFC 9110 §8.8.3.2.
fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

/// Whether the client has this version already.
pub(super) fn is_unchanged(request: &HttpRequest, etag: &str) -> bool {
    request
        .headers()
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|tags| {
            tags.split(',')
                .map(str::trim)
                .any(|tag| tag == "*" || opaque(tag) == opaque(etag))
        })
}

/// The answer to a client that has this version already.
pub(super) fn unchanged(etag: &str) -> HttpResponse {
    cached(&mut HttpResponse::NotModified(), etag).finish()
}

/// The `ETag` of what is answered to this question where what is shown has this version; what another
/// release writes is another answer.
pub(super) fn tag(version: PageVersion, question: &[&str]) -> String {
    let mut hash = Sha256::new();
    for text in [env!("CARGO_PKG_VERSION")].iter().chain(question) {
        hash.update(text.as_bytes());
        hash.update([0]);
    }
    let hash = hash.finalize();
    let start = hash.iter().take(6);
    let hash = start.fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    format!("W/\"{}-{hash}\"", version.0)
}

/// Headers of an answer that may be kept as long as its `ETag` is asked about.
pub(super) fn cached<'a>(
    response: &'a mut HttpResponseBuilder,
    etag: &str,
) -> &'a mut HttpResponseBuilder {
    response
        .insert_header((header::ETAG, etag))
        .insert_header((header::CACHE_CONTROL, "public, no-cache"))
}

/// CORS preflight of what can be read.
pub(super) async fn preflight() -> HttpResponse {
    allow("GET, HEAD, OPTIONS", &mut HttpResponse::NoContent()).finish()
}

/// CORS preflight of what can be read with a token.
pub(super) fn preflight_with_token(methods: &'static str) -> HttpResponse {
    allow(methods, &mut HttpResponse::NoContent())
        .insert_header((
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "Authorization, Content-Type, Accept, If-None-Match",
        ))
        .finish()
}

/// Any method that a read-only resource does not have.
pub(super) async fn method_not_allowed(method: Method) -> Result<HttpResponse, ApiError> {
    Err(ApiError::MethodNotAllowed {
        method,
        allow: "GET, HEAD, OPTIONS",
    })
}

/// The headers that say which methods there are, to people and to browsers.
pub(super) fn allow<'a>(
    methods: &'static str,
    response: &'a mut HttpResponseBuilder,
) -> &'a mut HttpResponseBuilder {
    response
        .insert_header((header::ALLOW, methods))
        .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, methods))
        .insert_header((
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "Content-Type, Accept, If-None-Match",
        ))
        .insert_header((HeaderName::from_static("access-control-max-age"), "86400"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn a_client_gets_the_form_it_prefers() {
        for (accept, want) in [
            ("", Form::Text),
            ("*/*", Form::Text),
            ("application/json, */*;q=0.8", Form::Json),
            ("text/html,application/xhtml+xml,*/*;q=0.8", Form::Html),
            ("text/html;q=0.5, application/json", Form::Json),
            ("application/json;q=0.5, TEXT/HTML", Form::Html),
            ("text/html;q=0, application/json;q=0.1", Form::Json),
        ] {
            let request = TestRequest::default()
                .insert_header((header::ACCEPT, accept))
                .to_http_request();
            assert_eq!(wanted(&request), want, "{accept}");
        }
    }

    #[test]
    fn a_host_header_that_is_none_is_refused() {
        for (given, want) in [
            (
                "mentions.example:8080",
                Some("http://mentions.example:8080/"),
            ),
            ("[::1]:8080", Some("http://[::1]:8080/")),
            ("x\"><script>", None),
            ("user@host", None),
            ("a/b", None),
            ("a?b", None),
            ("", None),
        ] {
            let request = TestRequest::default()
                .insert_header((header::HOST, given))
                .to_http_request();
            let url = asked_url(&request, None).ok().map(String::from);
            assert_eq!(url.as_deref(), want, "{given}");
        }
    }

    #[test]
    fn what_a_trusted_proxy_says_goes_before_the_host_header() {
        let request = TestRequest::default()
            .insert_header((header::HOST, "inner:8080"))
            .to_http_request();
        for (scheme, host, want) in [
            (None, None, Some("http://inner:8080/")),
            (Some("https"), None, Some("https://inner:8080/")),
            (
                Some("https"),
                Some("m.example:443"),
                Some("https://m.example/"),
            ),
            (Some("https"), Some("m.example/a"), None),
        ] {
            let asker = Asker {
                address: [203, 0, 113, 7].into(),
                is_local: false,
                scheme,
                host: host.map(str::to_owned),
            };
            let url = asked_url(&request, Some(&asker)).ok().map(String::from);
            assert_eq!(url.as_deref(), want, "{scheme:?} {host:?}");
        }
    }

    #[test]
    fn an_etag_is_compared_weakly() {
        for (sent, same) in [
            ("W/\"7\"", true),
            ("\"7\"", true),
            ("\"6\", W/\"7\"", true),
            ("*", true),
            ("\"77\"", false),
        ] {
            let request = TestRequest::default()
                .insert_header((header::IF_NONE_MATCH, sent))
                .to_http_request();
            assert_eq!(is_unchanged(&request, "W/\"7\""), same, "{sent}");
        }
    }
}
