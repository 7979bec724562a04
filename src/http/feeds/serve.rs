//! `GET /feed.json`, `.atom`, `.rss`, `.jf2`, `.html`; and `/feed`, in the format that the reader prefers.

use std::sync::Arc;

use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::ask::Ask;
use super::{Feed, write};
use crate::http::Context;
use crate::http::answer;
use crate::http::bodies::{Body, Known};
use crate::http::error::ApiError;
use crate::model::{ChangeNumber, FeedFormat, Timestamp};
use crate::store::Version;

/// A feed is not asked for again within this time, in seconds: readers come every few minutes at most.
const MAX_AGE: u32 = 60;

/// And may be shown for so long after, in seconds, while a cache asks for it. RFC 5861 §3.
const STALE_WHILE_REVALIDATE: u32 = 600;

/// The parameters of a read request, as they came.
type Parameters = Query<Vec<(String, String)>>;

/// `GET /feed.json`.
pub(in crate::http) async fn json(
    request: HttpRequest,
    parameters: Parameters,
    context: Data<Context>,
) -> Result<HttpResponse, ApiError> {
    serve(FeedFormat::Json, &request, &parameters, &context).await
}

/// `GET /feed.atom`.
pub(in crate::http) async fn atom(
    request: HttpRequest,
    parameters: Parameters,
    context: Data<Context>,
) -> Result<HttpResponse, ApiError> {
    serve(FeedFormat::Atom, &request, &parameters, &context).await
}

/// `GET /feed.rss`.
pub(in crate::http) async fn rss(
    request: HttpRequest,
    parameters: Parameters,
    context: Data<Context>,
) -> Result<HttpResponse, ApiError> {
    serve(FeedFormat::Rss, &request, &parameters, &context).await
}

/// `GET /feed.jf2`.
pub(in crate::http) async fn jf2(
    request: HttpRequest,
    parameters: Parameters,
    context: Data<Context>,
) -> Result<HttpResponse, ApiError> {
    serve(FeedFormat::Jf2, &request, &parameters, &context).await
}

/// `GET /feed.html`.
pub(in crate::http) async fn html(
    request: HttpRequest,
    parameters: Parameters,
    context: Data<Context>,
) -> Result<HttpResponse, ApiError> {
    serve(FeedFormat::Html, &request, &parameters, &context).await
}

/// `GET /feed`: as `Accept` has it, else Atom.
pub(in crate::http) async fn any(
    request: HttpRequest,
    parameters: Parameters,
    context: Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let format = preferred(&request);
    let mut answer = serve(format, &request, &parameters, &context).await?;
    answer
        .headers_mut()
        .append(header::VARY, HeaderValue::from_static("accept"));
    Ok(answer)
}

/// The format whose media type has the greatest quality; of several the first in the order here.
fn preferred(request: &HttpRequest) -> FeedFormat {
    let types: [(FeedFormat, &[&str]); 5] = [
        (FeedFormat::Atom, &["application/atom+xml"]),
        (
            FeedFormat::Json,
            &["application/feed+json", "application/json"],
        ),
        (
            FeedFormat::Rss,
            &["application/rss+xml", "application/xml", "text/xml"],
        ),
        (
            FeedFormat::Jf2,
            &["application/jf2feed+json", "application/jf2+json"],
        ),
        (FeedFormat::Html, &["text/html", "application/mf2+html"]),
    ];
    let mut best = (FeedFormat::Atom, 0);
    for (format, names) in types {
        let quality = names
            .iter()
            .filter_map(|name| answer::accepts(request, name))
            .max()
            .unwrap_or(0);
        if quality > best.1 {
            best = (format, quality);
        }
    }
    best.0
}

async fn serve(
    format: FeedFormat,
    request: &HttpRequest,
    parameters: &Parameters,
    context: &Context,
) -> Result<HttpResponse, ApiError> {
    let base = context.base_url(request)?;
    let question = format!("{base} {} {}", format.path(), request.query_string());
    let now = context.clock.now();
    let (known, ticket) = match context.bodies.find(&question) {
        Known::Good(body) => return Ok(body.answer(request, now)),
        Known::Was(body, version, ticket) => (Some((body, version)), ticket),
        Known::Nothing(ticket) => (None, ticket),
    };
    let ask = Ask::parse(parameters)?;
    if let Some((body, version)) = known {
        let scope = ask.query().scope;
        if context.store.version(&scope).await?.number == version {
            context.bodies.confirm(&question, ticket);
            return Ok(body.answer(request, now));
        }
    }
    let body = Arc::new(render(format, &ask, &base, context).await?);
    context.bodies.keep(question, &body, ticket);
    Ok(body.answer(request, now))
}

/// The feed as it is now.
async fn render(
    format: FeedFormat,
    ask: &Ask,
    base: &Url,
    context: &Context,
) -> Result<Body, ApiError> {
    let (first, this) = ask.urls(base, format);
    let hub = context.options.hub.as_ref().filter(|_| ask.is_published());
    let hub = hub.map(Url::as_str);
    let page = context.store.mentions(&ask.query()).await?;
    let next = page.next().map(|cursor| Ask::page(&first, Some(cursor.id)));
    let title = ask.title();
    let home = ask.home();
    let feed = Feed {
        title: &title,
        home: home.as_deref(),
        first: &first,
        this: &this,
        next: next.as_deref(),
        hub,
        // Nothing was ever shown: the beginning of time.
        updated: page
            .version
            .last_change
            .map_or(Timestamp::from_millis(0), ChangeNumber::time),
        mentions: &page.mentions,
    };
    let etag = etag(page.version, &this, hub);
    let headers = headers(format, &feed);
    Ok(Body::new(
        etag,
        headers,
        page.version,
        write(format, &feed)?,
    ))
}

fn headers(format: FeedFormat, feed: &Feed) -> Vec<(HeaderName, HeaderValue)> {
    let fresh =
        format!("public, max-age={MAX_AGE}, stale-while-revalidate={STALE_WHILE_REVALIDATE}");
    let mut headers = vec![
        (header::CONTENT_TYPE, content_type(format).to_owned()),
        (header::CACHE_CONTROL, fresh),
    ];
    for (rel, url) in [
        ("self", Some(feed.this)),
        ("hub", feed.hub),
        ("next", feed.next),
    ] {
        if let Some(url) = url {
            headers.push((header::LINK, format!("<{url}>; rel=\"{rel}\"")));
        }
    }
    if format == FeedFormat::Html {
        let policy = crate::http::pages::CONTENT_SECURITY_POLICY;
        headers.push((header::CONTENT_SECURITY_POLICY, policy.to_owned()));
    }
    let values = headers.into_iter();
    // URLs are ASCII without a character that a header cannot hold.
    values
        .filter_map(|(name, value)| Some((name, HeaderValue::try_from(value).ok()?)))
        .collect()
}

/// The value of `Content-Type`: XML and HTML say their encoding, JSON has but one.
const fn content_type(format: FeedFormat) -> &'static str {
    match format {
        FeedFormat::Json | FeedFormat::Jf2 => format.media_type(),
        FeedFormat::Atom => "application/atom+xml; charset=utf-8",
        FeedFormat::Rss => "application/rss+xml; charset=utf-8",
        FeedFormat::Html => "text/html; charset=utf-8",
    }
}

/// The `ETag` of a feed at `version`: what is told of it besides the mentions is in it too. Weak: it is sent in
/// several encodings.
fn etag(version: Version, this: &str, hub: Option<&str>) -> String {
    let release = env!("CARGO_PKG_VERSION");
    let hash = Sha256::digest(format!("{this} {}", hub.unwrap_or_default()).as_bytes());
    let hash = hash
        .iter()
        .take(4)
        .fold(0_u32, |hash, byte| hash.wrapping_shl(8) | u32::from(*byte));
    format!("W/\"{release}-{}-{hash:x}\"", version.number.0)
}
