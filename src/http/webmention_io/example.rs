//! Made-up mentions of every shape, for whoever writes a client: `/api/example/mentions.jf2`.

use actix_web::http::header;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Map, Value, json};

use super::forms::{Callback, json_of};
use super::query::Asked;
use super::{read, words};
use crate::http::Context;
use crate::http::error::ApiError;

/// The entries but for their targets, as JSON; in the order of their numbers.
const ENTRIES: &str = include_str!("example.json");

const TARGET: &str = "https://example.com/post";

/// The entries that are asked for, oldest first, or in the order that a seed gives.
fn entries(asked: &Asked) -> Vec<Value> {
    let target = asked.targets.first().map_or(TARGET, String::as_str);
    let mut entries: Vec<Map<String, Value>> = serde_json::from_str(ENTRIES).unwrap_or_default();
    for entry in &mut entries {
        let property = entry.get("wm-property").and_then(Value::as_str);
        let property = match property {
            Some("rsvp") | None => "in-reply-to",
            Some(other) => other,
        };
        let property = property.to_owned();
        for name in [property.as_str(), "wm-target"] {
            entry.insert(name.to_owned(), target.into());
        }
    }
    if let Some(seed) = asked
        .seed
        .as_ref()
        .and_then(|seed| seed.parse::<u32>().ok())
    {
        // Another order for each seed, and always the same for one.
        let rank = |entry: &Map<String, Value>| {
            let id = entry
                .get("wm-id")
                .and_then(Value::as_u64)
                .unwrap_or_default();
            let mixed = id
                .wrapping_add(seed.into())
                .wrapping_mul(0x9e37_79b9_7f4a_7c15);
            mixed ^ (mixed >> 29)
        };
        entries.sort_by_key(rank);
    }
    if let Some(kinds) = asked.kinds() {
        entries.retain(|entry| {
            let property = entry.get("wm-property").and_then(Value::as_str);
            kinds
                .iter()
                .any(|kind| Some(words::property(*kind)) == property)
        });
    }
    if !asked.ascending() {
        entries.reverse();
    }
    entries.into_iter().map(Value::from).collect()
}

/// `GET /api/example/mentions.jf2`.
pub(super) async fn mentions(
    request: HttpRequest,
    payload: Payload,
    _context: Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let asked = read(&request, payload).await?;
    let all = entries(&asked);
    let skip = usize::try_from(asked.skip()).unwrap_or(usize::MAX);
    let total = all.len();
    let children: Vec<_> = all.into_iter().skip(skip).take(asked.per_page()).collect();
    let paging = json!({
        "per-page": asked.per_page(),
        "page": asked.page(),
        "total": total,
        "total-pages": total.div_ceil(asked.per_page().max(1)),
    });
    let feed = json!({
        "type": "feed", "name": "Webmentions", "children": children, "paging": paging,
    });
    Ok(answer(asked, &feed))
}

/// `GET /api/example/count`.
pub(super) async fn count(
    request: HttpRequest,
    payload: Payload,
    _context: Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let asked = read(&request, payload).await?;
    let mut types = std::collections::BTreeMap::<String, u64>::new();
    let all = entries(&asked);
    for entry in &all {
        let text = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default();
        let name = match text("wm-property") {
            "rsvp" => format!("rsvp-{}", text("rsvp")),
            "in-reply-to" => "reply".to_owned(),
            other => other.trim_end_matches("-of").to_owned(),
        };
        let sum = types.entry(name).or_default();
        *sum = sum.saturating_add(1);
    }
    let counts = json!({ "count": all.len(), "type": types });
    Ok(answer(asked, &counts))
}

fn answer(asked: Asked, value: &Value) -> HttpResponse {
    let callback = Callback(asked.jsonp);
    let mut body = String::new();
    callback.wrap(&mut body, |body| body.push_str(&json_of(value)));
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, callback.content_type()))
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body(body)
}
