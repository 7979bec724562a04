//! `GET /feed.json`, `.atom`, `.rss`, `.jf2`, `.html`; and `/feed`, in the format that the reader prefers.

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use sha2::{Digest as _, Sha256};

use super::ask::Ask;
use super::{Feed, write};
use crate::http::Context;
use crate::http::answer;
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
    parameters: &[(String, String)],
    context: &Context,
) -> Result<HttpResponse, ApiError> {
    let ask = Ask::parse(parameters)?;
    let query = ask.query();
    let (first, this) = ask.urls(&context.base_url(request)?, format);
    let hub = context.options.hub.as_ref().filter(|_| ask.is_published());
    let hub = hub.map(url::Url::as_str);
    let now = context.clock.now();
    let version = context.store.version(&query.scope).await?;
    let tag = etag(version, &this, hub);
    if is_unchanged(request, &tag, version, now) {
        let mut answer = HttpResponse::NotModified();
        return Ok(kept(&mut answer, &tag, version, now).finish());
    }
    let page = context.store.mentions(&query).await?;
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
    let body = write(format, &feed)?;
    let tag = etag(page.version, &this, hub);
    let mut answer = HttpResponse::Ok();
    for (rel, url) in [
        ("self", Some(this.as_str())),
        ("hub", hub),
        ("next", feed.next),
    ] {
        if let Some(url) = url {
            answer.append_header((header::LINK, format!("<{url}>; rel=\"{rel}\"")));
        }
    }
    if format == FeedFormat::Html {
        let policy = crate::http::pages::CONTENT_SECURITY_POLICY;
        answer.insert_header((header::CONTENT_SECURITY_POLICY, policy));
    }
    Ok(kept(&mut answer, &tag, page.version, now)
        .content_type(content_type(format))
        .body(body))
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

/// Headers of an answer that caches may keep.
fn kept<'a>(
    answer: &'a mut HttpResponseBuilder,
    etag: &str,
    version: Version,
    now: Timestamp,
) -> &'a mut HttpResponseBuilder {
    let fresh =
        format!("public, max-age={MAX_AGE}, stale-while-revalidate={STALE_WHILE_REVALIDATE}");
    if let Some(at) = last_modified(version, now) {
        answer.insert_header((header::LAST_MODIFIED, header::HttpDate::from(at)));
    }
    answer
        .insert_header((header::ETAG, etag))
        .insert_header((header::CACHE_CONTROL, fresh))
}

/// The second of the last change, if it is over: another change may follow in one that is not, and who asks
/// by it would never learn of that. RFC 9110 §8.8.2.2.
fn last_modified(version: Version, now: Timestamp) -> Option<std::time::SystemTime> {
    let changed = version.last_change?.time().as_millis().div_euclid(1000);
    let second = u64::try_from(changed).ok()?;
    let is_over = changed < now.as_millis().div_euclid(1000);
    is_over.then(|| std::time::UNIX_EPOCH + std::time::Duration::from_secs(second))
}

/// Whether the reader has it already. RFC 9110 §13.1.3: the date counts only where no tag was sent.
fn is_unchanged(request: &HttpRequest, etag: &str, version: Version, now: Timestamp) -> bool {
    if request.headers().contains_key(header::IF_NONE_MATCH) {
        return answer::is_unchanged(request, etag);
    }
    let asked = request
        .headers()
        .get(header::IF_MODIFIED_SINCE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<header::HttpDate>().ok());
    match (asked, last_modified(version, now)) {
        (Some(asked), Some(changed)) => changed <= std::time::SystemTime::from(asked),
        _ => false,
    }
}
