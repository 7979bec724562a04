//! `GET /api/v1/events`: a page's changes as they happen, as server-sent events (HTML, §9.2).

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::{self, HeaderName};
use actix_web::web::{Bytes, Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream;
use serde_json::json;

use super::Context;
use super::api::{self, Problem};
use super::error::ApiError;
use super::limit;
use super::live::{News, Reader, Told, Turned};
use crate::model::{PageVersion, TargetUrl};

/// So often a connection says something, so that nobody on the way takes it for dead; and so that we learn
/// that a client has gone.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// A client whose connection breaks comes back after so long, in milliseconds.
const COME_BACK_MS: u32 = 5000;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// What is asked for.
struct Wanted {
    target: TargetUrl,
    /// The version that the client has.
    version: Option<PageVersion>,
}

impl Wanted {
    /// Reads `target` and `version`, and the number of the last event that the client has seen.
    fn parse(request: &HttpRequest, parameters: &[(String, String)]) -> Result<Self, ApiError> {
        let (mut target, mut version) = (None, None);
        for (name, value) in parameters {
            match name.as_str() {
                "target" if target.is_none() => target = Some(api::target(value)?),
                "version" if version.is_none() => {
                    let number = value.parse().map_err(|_not_ours| {
                        api::wrong("version", "must be the “version” of an earlier answer")
                    })?;
                    version = Some(PageVersion(number));
                }
                "target" | "version" => {
                    return Err(api::wrong(name, "is given more than once"));
                }
                other => {
                    let name = other.escape_debug().to_string();
                    return Err(api::wrong(
                        &name,
                        "does not exist; there are target and version",
                    ));
                }
            }
        }
        // What a browser says when it comes back is newer than the address it was first given.
        let seen = request.headers().get(LAST_EVENT_ID);
        let seen = seen.and_then(|id| id.to_str().ok()?.parse().ok());
        Ok(Self {
            target: target.ok_or_else(api::no_target)?,
            version: seen.map(PageVersion).or(version),
        })
    }
}

/// Tells of a page's changes until the client goes.
pub(super) async fn watch(
    request: HttpRequest,
    parameters: Query<Vec<(String, String)>>,
    context: Data<Context>,
) -> Result<HttpResponse, Problem> {
    if !context.live.is_on() {
        return Err(ApiError::NotFound("page").into());
    }
    let wanted = Wanted::parse(&request, &parameters)?;
    let asker = context.asker(&request).filter(|asker| !asker.is_local);
    let network = asker.map(|asker| limit::network(asker.address));
    let reader = context
        .live
        .join(wanted.target.page_key(), network)
        .await
        .map_err(|turned| match turned {
            Turned::Full => ApiError::TooManyReaders,
            Turned::Store(error) => error.into(),
        })?;
    let mut first = format!("retry: {COME_BACK_MS}\n\n");
    if wanted.version.is_some_and(|had| had != reader.version) {
        // They come and ask: what was kept may be older than what is known here.
        context.bodies.distrust();
        first.push_str(&event(&(reader.version, News::Changed)));
    }
    let beats = tokio::time::interval_at(tokio::time::Instant::now() + HEARTBEAT, HEARTBEAT);
    let state = (Some(first), reader, beats);
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // What nginx would keep back until there is enough of it.
        .insert_header((ACCEL_BUFFERING, "no"))
        .streaming(stream::unfold(
            state,
            |(first, mut reader, mut beats)| async {
                let text = match first {
                    Some(first) => first,
                    None => next(&mut reader, &mut beats).await?,
                };
                let bytes = Ok::<_, std::convert::Infallible>(Bytes::from(text));
                Some((bytes, (None, reader, beats)))
            },
        )))
}

async fn next(reader: &mut Reader, beats: &mut tokio::time::Interval) -> Option<String> {
    tokio::select! {
        told = reader.next() => told.as_ref().map(event),
        _ = beats.tick() => Some(": still here\n\n".to_owned()),
    }
}

/// One event; its number is the page's version.
fn event((version, news): &Told) -> String {
    let version = version.0;
    let (name, data) = match news {
        News::Mention(json) => ("mention", Arc::clone(json)),
        News::Deleted(id) => ("deleted", json!({ "id": id.0 }).to_string().into()),
        News::Changed => ("changed", json!({ "version": version }).to_string().into()),
    };
    format!("event: {name}\nid: {version}\ndata: {data}\n\n")
}
