//! `GET /api/v1/mentions`: a page's mentions as JSON.

use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use serde::Serialize;

use super::Context;
use super::answer;
use super::error::ApiError;
use crate::model::{AuthoredTime, Mention, MentionId, Protocol, TargetUrl, Timestamp};
use crate::store::{MentionPage, MentionQuery};

const DEFAULT_LIMIT: usize = 50;
const MAX_LIMIT: usize = 1000;

/// A page's mentions.
#[derive(Serialize)]
struct MentionsJson<'a> {
    target: &'a str,
    version: i64,
    total: u64,
    mentions: Vec<MentionJson<'a>>,
    next: Option<String>,
}

#[derive(Serialize)]
struct MentionJson<'a> {
    id: i64,
    kind: &'static str,
    source: &'a str,
    target: &'a str,
    url: &'a str,
    title: Option<&'a str>,
    site_name: Option<&'a str>,
    author: Option<AuthorJson<'a>>,
    published: Option<&'a str>,
    received: String,
    verified: String,
    language: Option<&'a str>,
    excerpt: Option<ExcerptJson<'a>>,
    protocols: Vec<&'static str>,
}

#[derive(Serialize)]
struct AuthorJson<'a> {
    name: Option<&'a str>,
    url: Option<&'a str>,
}

#[derive(Serialize)]
struct ExcerptJson<'a> {
    before: &'a str,
    linked: &'a str,
    after: &'a str,
}

/// What a reader asks for.
pub(super) struct Wanted {
    pub(super) target: TargetUrl,
    pub(super) query: MentionQuery,
}

impl Wanted {
    /// Reads `target`, `limit` and `cursor`; refuses anything else, since a misspelt parameter is
    /// better named than ignored.
    pub(super) fn parse(parameters: &[(String, String)]) -> Result<Self, ApiError> {
        let mut target = None;
        let mut query = MentionQuery {
            limit: DEFAULT_LIMIT,
            before: None,
        };
        for (name, value) in parameters {
            match name.as_str() {
                "target" if target.is_some() => {
                    return Err(wrong("target", "is given more than once"));
                }
                "target" => {
                    let parsed = TargetUrl::parse(value)
                        .map_err(|e| wrong("target", &format!("is not a URL: {e}")))?;
                    target = Some(parsed);
                }
                "limit" => {
                    query.limit = value
                        .parse()
                        .ok()
                        .filter(|n| (1..=MAX_LIMIT).contains(n))
                        .ok_or_else(|| {
                            wrong("limit", &format!("must be a number from 1 to {MAX_LIMIT}"))
                        })?;
                }
                "cursor" => {
                    let id = value.parse().map_err(|_not_ours| {
                        wrong("cursor", "must be the “next” of an earlier answer")
                    })?;
                    query.before = Some(MentionId(id));
                }
                other => {
                    return Err(wrong(
                        &other.escape_debug().to_string(),
                        "does not exist; there are target, limit and cursor",
                    ));
                }
            }
        }
        let target = target.ok_or_else(|| {
            wrong(
                "target",
                "is missing: give the URL of the page that is mentioned",
            )
        })?;
        Ok(Self { target, query })
    }

    /// The `ETag` of this selection of a page at `version`; what another release writes is another answer.
    pub(super) fn etag(&self, version: i64) -> String {
        let release = env!("CARGO_PKG_VERSION");
        let before = self.query.before.map_or(0, |id| id.0);
        format!("W/\"{release}-{version}-{}-{before}\"", self.query.limit)
    }
}

fn wrong(name: &str, problem: &str) -> ApiError {
    ApiError::Parameter {
        name: name.to_owned(),
        problem: problem.to_owned(),
    }
}

/// Serves a page's mentions, newest first. An unknown page is one without mentions.
pub(super) async fn mentions(
    request: HttpRequest,
    parameters: Query<Vec<(String, String)>>,
    context: Data<Context>,
) -> Result<HttpResponse, ApiError> {
    conditional(&request, &parameters, &context, |wanted, page, answer| {
        Ok(answer.json(json(&wanted.target, page)))
    })
    .await
}

/// Answers a read request with what `write` makes of the page's mentions, unless the client has
/// this version of them already.
pub(super) async fn conditional(
    request: &HttpRequest,
    parameters: &[(String, String)],
    context: &Context,
    write: impl FnOnce(
        &Wanted,
        &MentionPage,
        &mut HttpResponseBuilder,
    ) -> Result<HttpResponse, ApiError>,
) -> Result<HttpResponse, ApiError> {
    let wanted = Wanted::parse(parameters)?;
    let key = wanted.target.page_key();
    let etag = wanted.etag(context.store.page_version(&key).await?.0);
    if answer::is_unchanged(request, &etag) {
        return Ok(answer::unchanged(&etag));
    }
    let page = context.store.mentions(&key, wanted.query).await?;
    let etag = wanted.etag(page.version.0);
    write(
        &wanted,
        &page,
        answer::cached(&mut HttpResponse::Ok(), &etag),
    )
}

fn json<'a>(target: &'a TargetUrl, page: &'a MentionPage) -> MentionsJson<'a> {
    MentionsJson {
        target: target.as_str(),
        version: page.version.0,
        total: page.total,
        mentions: page.mentions.iter().map(mention_json).collect(),
        next: page.next.map(|id| id.0.to_string()),
    }
}

fn mention_json(mention: &Mention) -> MentionJson<'_> {
    let entry = &mention.entry;
    MentionJson {
        id: mention.id.0,
        kind: entry.kind.as_str(),
        source: mention.source.as_str(),
        target: mention.target.as_str(),
        url: &entry.url,
        title: entry.title.as_deref(),
        site_name: entry.site_name.as_deref(),
        author: entry.author.as_ref().map(|author| AuthorJson {
            name: author.name.as_deref(),
            url: author.url.as_deref(),
        }),
        published: entry.published.as_ref().map(AuthoredTime::as_str),
        received: rfc3339(mention.received_at),
        verified: rfc3339(mention.verified_at),
        language: entry.language.as_deref(),
        excerpt: entry.excerpt.as_ref().map(|excerpt| ExcerptJson {
            before: &excerpt.before,
            linked: &excerpt.linked,
            after: &excerpt.after,
        }),
        protocols: mention.protocols.iter().map(Protocol::as_str).collect(),
    }
}

/// A moment as RFC 3339 in UTC.
pub(super) fn rfc3339(time: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(time.as_millis())
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(parameters: &[(&str, &str)]) -> Result<Wanted, String> {
        let parameters: Vec<_> = parameters
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect();
        Wanted::parse(&parameters).map_err(|e| e.to_string())
    }

    #[test]
    fn a_wrong_parameter_is_named() {
        let target = ("target", "https://ex.com/");
        for (parameters, want) in [
            (vec![], "“target” is missing"),
            (vec![("target", "/a")], "“target” is not a URL"),
            (vec![target, target], "“target” is given more than once"),
            (vec![target, ("limit", "0")], "“limit” must be a number"),
            (vec![target, ("limit", "1001")], "“limit” must be a number"),
            (vec![target, ("cursor", "x")], "“cursor” must be"),
            (vec![target, ("per-page", "5")], "“per-page” does not exist"),
        ] {
            let error = parse(&parameters).err().unwrap();
            assert!(error.contains(want), "{error}");
        }
    }

    #[test]
    fn times_are_rfc_3339_in_utc() {
        let time = Timestamp::from_millis(1_795_433_775_123);
        assert_eq!(rfc3339(time), "2026-11-23T11:36:15.123Z");
    }
}
