//! `GET /feed.json`, `.atom`, `.rss`, `.jf2`, `.html`; and `/feed`, in the format that the reader prefers.

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use url::Url;

use super::ask::Ask;
use super::{Feed, write};
use crate::http::Context;
use crate::http::answer;
use crate::http::bodies::{Body, Head, Keep, Question, Rendered};
use crate::http::error::ApiError;
use crate::model::{ChangeNumber, FeedFormat, Timestamp};
use crate::store::{MentionQuery, Scope, Version};

/// `GET /feed.json`.
pub(in crate::http) async fn json(
    request: HttpRequest,
    context: Data<Context>,
) -> Result<HttpResponse, ApiError> {
    serve(FeedFormat::Json, &request, &context).await
}

/// `GET /feed.atom`.
pub(in crate::http) async fn atom(
    request: HttpRequest,
    context: Data<Context>,
) -> Result<HttpResponse, ApiError> {
    serve(FeedFormat::Atom, &request, &context).await
}

/// `GET /feed.rss`.
pub(in crate::http) async fn rss(
    request: HttpRequest,
    context: Data<Context>,
) -> Result<HttpResponse, ApiError> {
    serve(FeedFormat::Rss, &request, &context).await
}

/// `GET /feed.jf2`.
pub(in crate::http) async fn jf2(
    request: HttpRequest,
    context: Data<Context>,
) -> Result<HttpResponse, ApiError> {
    serve(FeedFormat::Jf2, &request, &context).await
}

/// `GET /feed.html`.
pub(in crate::http) async fn html(
    request: HttpRequest,
    context: Data<Context>,
) -> Result<HttpResponse, ApiError> {
    serve(FeedFormat::Html, &request, &context).await
}

/// `GET /feed`: as `Accept` has it, else Atom.
pub(in crate::http) async fn any(
    request: HttpRequest,
    context: Data<Context>,
) -> Result<HttpResponse, ApiError> {
    serve(preferred(&request), &request, &context).await
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
    context: &Context,
) -> Result<HttpResponse, ApiError> {
    let read = async |base: Url| {
        let ask = Ask::parse(request.query_string())?;
        let (first, this) = ask.urls(&base, format);
        let hub = context.options.hub.as_ref();
        Ok(Wanted {
            format,
            hub: hub.filter(|_| ask.is_published()).map(Url::as_str),
            query: ask.query(),
            ask,
            first,
            this,
        })
    };
    let mut answer = context.answer(request, format.path(), read).await?;
    // `/feed` is one of several, as `Accept` has it.
    if request.path() == "/feed" {
        answer
            .headers_mut()
            .append(header::VARY, HeaderValue::from_static("accept"));
    }
    Ok(answer)
}

/// A feed that is asked for.
struct Wanted<'a> {
    format: FeedFormat,
    ask: Ask,
    query: MentionQuery,
    /// The URLs of its first page, and of the one that is asked for.
    first: String,
    this: String,
    /// The `WebSub` hub that tells of its changes.
    hub: Option<&'a str>,
}

impl Question for Wanted<'_> {
    type Error = ApiError;

    fn scope(&self) -> &Scope {
        &self.query.scope
    }

    fn head(&self, version: Version) -> Head {
        let question = [self.this.as_str(), self.hub.unwrap_or_default()];
        let etag = answer::tag(version.number, &question);
        Head::new(Keep::Awhile, &etag, version)
    }

    async fn render(&self, context: &Context) -> Result<Rendered, ApiError> {
        let page = context.store.mentions(&self.query).await?;
        let next = page.next();
        let next = next.map(|cursor| Ask::page(&self.first, Some(cursor.id)));
        let title = self.ask.title();
        let home = self.ask.home();
        let feed = Feed {
            title: &title,
            home: home.as_deref(),
            first: &self.first,
            this: &self.this,
            next: next.as_deref(),
            hub: self.hub,
            // Nothing was ever shown: the beginning of time.
            updated: page
                .version
                .last_change
                .map_or(Timestamp::from_millis(0), ChangeNumber::time),
            mentions: &page.mentions,
        };
        let mut head = self
            .head(page.version)
            .with(header::CONTENT_TYPE, content_type(self.format));
        for (rel, url) in [
            ("self", Some(feed.this)),
            ("hub", feed.hub),
            ("next", feed.next),
        ] {
            if let Some(url) = url {
                head = head.with(header::LINK, &format!("<{url}>; rel=\"{rel}\""));
            }
        }
        if self.format == FeedFormat::Html {
            let policy = crate::http::pages::CONTENT_SECURITY_POLICY;
            head = head.with(header::CONTENT_SECURITY_POLICY, policy);
        }
        Ok(Rendered::Whole(Body::new(head, write(self.format, &feed)?)))
    }
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
