//! `GET /api/v1/site.json`: what has changed of a site's mentions since the last time, for those who keep a
//! copy and build from it.
//!
//! Who applies one answer after the other, of each first `deleted`, then `changed`, and asks on with `next`,
//! has what the site shows, however many write meanwhile.

use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::Context;
use super::answer;
use super::api::{self, MentionJson, Problem, wrong};
use super::bodies::{Head, Keep, Question, Rendered};
use super::error::ApiError;
use crate::model::{ChangeNumber, MentionId, SiteBase, SiteId};
use crate::store::{Changes, Cursor, Scope, Store, Tombstone, Version, changes_since};

const DEFAULT_LIMIT: usize = 500;
const MAX_LIMIT: usize = 1000;

/// What a reader asks for.
struct Ask {
    site: SiteBase,
    since: Cursor,
    limit: usize,
}

/// What has changed.
#[derive(Serialize)]
struct ChangesJson<'a> {
    site: String,
    /// The mentions that were shown, and are not any more.
    deleted: Vec<Deleted<'a>>,
    /// The mentions that are new, or say something else.
    changed: Vec<MentionJson<'a>>,
    /// What to ask on with.
    next: String,
    /// Whether there is more already.
    more: bool,
}

#[derive(Serialize)]
struct Deleted<'a> {
    id: i64,
    source: &'a str,
    target: &'a str,
}

impl<'a> ChangesJson<'a> {
    fn new(ask: &Ask, found: &'a Changes) -> Self {
        Self {
            site: ask.site.to_string(),
            deleted: found.deleted.iter().map(Deleted::from).collect(),
            changed: found.changed.iter().map(MentionJson::from).collect(),
            next: text(found.next),
            more: found.has_more,
        }
    }
}

impl<'a> From<&'a Tombstone> for Deleted<'a> {
    fn from(gone: &'a Tombstone) -> Self {
        Self {
            id: gone.id.0,
            source: gone.source.as_str(),
            target: gone.target.as_str(),
        }
    }
}

/// Serves it.
pub(super) async fn changes(
    request: HttpRequest,
    parameters: Query<Vec<(String, String)>>,
    context: Data<Context>,
) -> Result<HttpResponse, Problem> {
    let read = async |_base| {
        let ask = Ask::parse(&parameters)?;
        let site = site_at(context.store.as_ref(), &ask.site).await?;
        let scope = Scope::Site(site);
        Ok(ChangesOf { ask, scope })
    };
    context.answer(&request, request.path(), read).await
}

/// The changes of a site that are asked for.
struct ChangesOf {
    ask: Ask,
    scope: Scope,
}

impl Question for ChangesOf {
    type Error = Problem;

    fn scope(&self) -> &Scope {
        &self.scope
    }

    fn head(&self, version: Version) -> Head {
        Head::new(Keep::Asking, &self.ask.etag(version), version)
    }

    async fn render(&self, context: &Context) -> Result<Rendered, Problem> {
        let Self { ask, scope } = self;
        let store = context.store.as_ref();
        // Before anything is read: of what changes meanwhile, only this much is settled.
        let version = store.version(scope).await?;
        let found = changes_since(store, scope.clone(), ask.since, ask.limit, version).await?;
        Ok(Rendered::json(
            self.head(version),
            &ChangesJson::new(ask, &found),
        )?)
    }
}

impl Ask {
    fn parse(parameters: &[(String, String)]) -> Result<Self, ApiError> {
        let mut site = None;
        let mut since = Cursor::BEGINNING;
        let mut limit = DEFAULT_LIMIT;
        for (name, value) in parameters {
            match name.as_str() {
                "site" if site.is_some() => {
                    return Err(wrong("site", "is given more than once"));
                }
                "site" => {
                    let base = SiteBase::parse(value).map_err(|_not_one| {
                        wrong("site", "is not a site: write it like https://example.com")
                    })?;
                    site = Some(base);
                }
                "since" => {
                    since = cursor(value).ok_or_else(|| {
                        wrong("since", "must be the “next” of an earlier answer, or 0")
                    })?;
                }
                "limit" => {
                    limit = api::limit(value, MAX_LIMIT)?;
                }
                other => {
                    return Err(wrong(
                        &other.escape_debug().to_string(),
                        "does not exist; there are site, since and limit",
                    ));
                }
            }
        }
        let site = site.ok_or_else(|| wrong("site", "is missing: give the address of a site"))?;
        Ok(Self { site, since, limit })
    }

    fn etag(&self, version: Version) -> String {
        let site = self.site.to_string();
        let limit = self.limit.to_string();
        answer::tag(version.number, &[&site, &text(self.since), &limit])
    }
}

/// The site that is served under this address.
async fn site_at(store: &dyn Store, base: &SiteBase) -> Result<SiteId, ApiError> {
    let sites = store.sites().await?;
    let site = sites.iter().find(|site| site.bases.contains(base));
    site.map(|site| site.id)
        .ok_or_else(|| wrong("site", "is none that is served here"))
}

/// `CHANGE` for all of a change, `CHANGE.ID` for a place within one.
fn text(cursor: Cursor) -> String {
    if cursor == Cursor::BEGINNING {
        "0".to_owned()
    } else if cursor.id.0 == i64::MAX {
        cursor.key.to_string()
    } else {
        format!("{}.{}", cursor.key, cursor.id.0)
    }
}

fn cursor(text: &str) -> Option<Cursor> {
    let number = |text: &str| text.parse::<i64>().ok().filter(|number| *number >= 0);
    match text.split_once('.') {
        Some((key, id)) => Some(Cursor {
            key: number(key)?,
            id: MentionId(number(id)?),
        }),
        None => match number(text)? {
            0 => Some(Cursor::BEGINNING),
            key => Some(Cursor::after_change(ChangeNumber(key))),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_the_same_when_it_comes_back() {
        for place in [
            Cursor::BEGINNING,
            Cursor::after_change(ChangeNumber(5)),
            Cursor {
                key: 5,
                id: MentionId(7),
            },
        ] {
            assert_eq!(cursor(&text(place)), Some(place));
        }
        for wrong in [
            "",
            "-1",
            "1.",
            ".1",
            "1.-1",
            "x",
            "1.2.3",
            "99999999999999999999",
        ] {
            assert_eq!(cursor(wrong), None, "{wrong}");
        }
    }
}
