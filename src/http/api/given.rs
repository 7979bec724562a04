//! [`Given`]: what a request gives for the parameters of its table, and what it asks for with that.

use actix_web::HttpRequest;
use url::form_urlencoded;

use super::parameters::{
    DEFAULT_LIMIT, KINDS, MAX_LIMIT, MAX_TARGETS, Parameter, STATES, Shape, VERDICTS,
};
use super::{target, wrong};
use crate::http::error::ApiError;
use crate::http::webmention_io::moment;
use crate::http::{Context, answer};
use crate::model::{
    MentionId, MentionKind, MentionState, SiteBase, SiteId, TargetUrl, Timestamp, domain_of,
};
use crate::store::{
    Cursor, MentionQuery, Order, OrderBy, Scope, Start, SubmissionQuery, SubmissionsOf, Verdict,
};

/// What a request gives for the parameters of its table.
pub(super) struct Given<'a> {
    table: &'a [Parameter],
    pairs: Vec<(String, String)>,
    bearer: Option<String>,
}

impl<'a> Given<'a> {
    /// Reads the query of a request; refuses what is not in the table, and what is given twice and may
    /// be once.
    pub(super) fn read(table: &'a [Parameter], request: &HttpRequest) -> Result<Self, ApiError> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(request.query_string().as_bytes()) {
            let plain = name.strip_suffix("[]").unwrap_or(&name);
            let known = table.iter().find(|one| one.name == plain);
            let Some(known) = known else {
                let names: Vec<_> = table.iter().map(|one| one.name).collect();
                let problem = format!("does not exist; there are {}", names.join(", "));
                return Err(wrong(&name.escape_debug().to_string(), &problem));
            };
            let may_repeat = matches!(known.shape, Shape::Urls | Shape::Names(_));
            if !may_repeat && pairs.iter().any(|(name, _)| name == known.name) {
                return Err(wrong(known.name, "is given more than once"));
            }
            pairs.push((known.name.to_owned(), value.into_owned()));
        }
        Ok(Self {
            table,
            pairs,
            bearer: answer::bearer(request).map(str::to_owned),
        })
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = self.pairs.iter().filter(move |(known, _)| known == name);
        named.map(|(_, value)| value.as_str())
    }

    fn one(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// What is given in lists, apart by commas.
    fn listed(&self, name: &str) -> impl Iterator<Item = &str> {
        self.all(name)
            .flat_map(|list| list.split(','))
            .map(str::trim)
    }

    /// The name of a host.
    fn host(&self, name: &str) -> Result<Option<SiteBase>, ApiError> {
        let Some(text) = self.one(name) else {
            return Ok(None);
        };
        let base = SiteBase::parse(text).ok().filter(|base| base.path() == "/");
        let base = base.ok_or_else(|| wrong(name, "is not the name of a host"))?;
        Ok(Some(base))
    }

    /// One of the names that the table has for a parameter; the first if none is given.
    fn name(&self, name: &'static str) -> Result<&'static str, ApiError> {
        let names = self.table.iter().find_map(|one| match one.shape {
            Shape::Name(names) if one.name == name => Some(names),
            _ => None,
        });
        let names = names.unwrap_or_default();
        let given = self.one(name);
        let found = match given {
            None => names.first(),
            Some(given) => names.iter().find(|name| **name == given),
        };
        found
            .copied()
            .ok_or_else(|| wrong(name, &format!("must be one of {}", names.join(", "))))
    }

    /// The pages that are named.
    pub(super) fn targets(&self) -> Result<Vec<TargetUrl>, ApiError> {
        let targets = self
            .all("target")
            .map(target)
            .collect::<Result<Vec<_>, _>>()?;
        if targets.len() > MAX_TARGETS {
            let problem = format!("is given more than {MAX_TARGETS} times");
            return Err(wrong("target", &problem));
        }
        Ok(targets)
    }

    /// The states that are asked for.
    pub(super) fn states(&self) -> Result<Vec<MentionState>, ApiError> {
        let mut states = Vec::new();
        for name in self.listed("state") {
            let problem = || wrong("state", &format!("must be of {}", STATES.join(", ")));
            let state = MentionState::from_name(name).ok_or_else(problem)?;
            if !states.contains(&state) {
                states.push(state);
            }
        }
        if states.is_empty() {
            states.push(MentionState::Shown);
        }
        Ok(states)
    }

    /// The site that the token is of, which there must be.
    pub(super) async fn site(&self, context: &Context) -> Result<SiteId, ApiError> {
        let token = self.one("token").or(self.bearer.as_deref());
        let site = context.store.site_of_token(token.ok_or(ApiError::NoToken)?);
        site.await?.ok_or(ApiError::WrongToken)
    }

    /// Of whose mentions everything is asked for, by their owner.
    //
    // SECURITY: what is not shown is listed of this scope. All of it must be of the token's site.
    pub(super) async fn own_scope(
        &self,
        context: &Context,
        targets: &[TargetUrl],
    ) -> Result<Scope, ApiError> {
        let site = self.site(context).await?;
        for target in targets {
            if context.store.site_of(target).await? != Some(site) {
                return Err(wrong(
                    "target",
                    "is no page of the site that the token is of",
                ));
            }
        }
        // A page may be another's by now, or be so in a moment: the store has the last word.
        let own = Some(site);
        Ok(match self.scope(context, targets).await?.0 {
            Scope::Pages { keys, .. } => Scope::Pages { keys, site: own },
            Scope::Host { authority, .. } => {
                let site = own;
                Scope::Host { authority, site }
            }
            Scope::Site(_) => Scope::Site(site),
        })
    }

    /// Whose mentions are asked for, and whether only a token tells that.
    pub(super) async fn scope(
        &self,
        context: &Context,
        targets: &[TargetUrl],
    ) -> Result<(Scope, bool), ApiError> {
        if self.one("domain").is_some() && !targets.is_empty() {
            return Err(wrong("domain", "cannot be given beside “target”"));
        }
        if !targets.is_empty() {
            let pages = targets.iter().map(TargetUrl::page_key);
            return Ok((Scope::pages(pages), false));
        }
        if let Some(base) = self.host("domain")? {
            let authority = base.authority().to_owned();
            let site = None;
            return Ok((Scope::Host { authority, site }, false));
        }
        let site = self.site(context).await.map_err(|error| match error {
            ApiError::NoToken => wrong(
                "target",
                "is missing: give the URL of the page that is mentioned, or a domain, or a token",
            ),
            error => error,
        })?;
        Ok((Scope::Site(site), true))
    }

    pub(super) fn limit(&self) -> Result<usize, ApiError> {
        self.one("limit")
            .map_or(Ok(DEFAULT_LIMIT), |text| super::limit(text, MAX_LIMIT))
    }

    pub(super) fn since(&self) -> Result<Option<Timestamp>, ApiError> {
        let Some(text) = self.one("since") else {
            return Ok(None);
        };
        let problem = "is not a time: write it like 2026-05-04T10:00:05Z or 2026-05-04";
        moment(text)
            .map(Some)
            .ok_or_else(|| wrong("since", problem))
    }

    pub(super) fn ascending(&self) -> Result<bool, ApiError> {
        Ok(self.name("order")? == "asc")
    }

    /// A cursor of a listing in the order of `by`.
    pub(super) fn start(&self, by: OrderBy) -> Result<Start, ApiError> {
        match self.one("cursor") {
            None => Ok(Start::Skip(0)),
            Some(text) => read_cursor(by, text).map(Start::After).ok_or_else(|| {
                let problem =
                    "must be the “next” or “end” of an earlier answer with the same “sort”";
                wrong("cursor", problem)
            }),
        }
    }

    fn kinds(&self) -> Result<Option<Vec<MentionKind>>, ApiError> {
        let mut kinds = Vec::new();
        for name in self.listed("kind") {
            let kind = MentionKind::from_name(name);
            kinds.push(
                kind.ok_or_else(|| wrong("kind", &format!("must be one of {}", KINDS.join(", "))))?,
            );
        }
        Ok((!kinds.is_empty()).then_some(kinds))
    }

    fn author_domain(&self) -> Result<Option<String>, ApiError> {
        let Some(base) = self.host("author_domain")? else {
            return Ok(None);
        };
        let host = match base.authority().rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
            _ => base.authority(),
        };
        Ok(Some(domain_of(host).to_owned()))
    }

    /// Which submissions to `site` are asked for.
    pub(super) fn submissions(&self, site: SiteId) -> Result<SubmissionQuery, ApiError> {
        let names: Vec<_> = self.listed("state").collect();
        let of = match names.as_slice() {
            [] => SubmissionsOf::Judged(Verdict::ALL.to_vec()),
            ["pending"] => SubmissionsOf::Waiting,
            names => {
                let verdicts = names.iter().map(|name| Verdict::from_name(name));
                SubmissionsOf::Judged(verdicts.collect::<Option<_>>().ok_or_else(|| {
                    let [pending, others @ ..] = VERDICTS;
                    let problem = format!("must be {pending}, or of {}", others.join(", "));
                    wrong("state", &problem)
                })?)
            }
        };
        let after = match self.start(OrderBy::Received)? {
            Start::After(cursor) => Some(cursor.key),
            Start::Skip(_) => None,
        };
        let page = self.targets()?.first().map(TargetUrl::page_key);
        Ok(SubmissionQuery {
            site,
            of,
            page,
            since: self.since()?,
            ascending: self.ascending()?,
            after,
            limit: self.limit()?,
        })
    }

    /// All that is asked for in `scope`.
    pub(super) fn query(&self, scope: Scope) -> Result<MentionQuery, ApiError> {
        let by = match self.name("sort")? {
            "published" => OrderBy::Published,
            "changed" => OrderBy::Changed,
            _ => OrderBy::Received,
        };
        let states = self.states()?;
        if by != OrderBy::Received && states.iter().any(|state| *state != MentionState::Shown) {
            let problem = "must be received where “state” asks for more than what is shown";
            return Err(wrong("sort", problem));
        }
        Ok(MentionQuery {
            scope,
            states,
            kinds: self.kinds()?,
            author_domain: self.author_domain()?,
            received_after: self.since()?.map(MentionId::received_by),
            order: Order {
                by,
                ascending: self.ascending()?,
            },
            start: self.start(by)?,
            limit: self.limit()?,
        })
    }
}

/// A place in a listing as text; that of a listing by number is a number.
pub(super) fn write_cursor(by: OrderBy, cursor: Cursor) -> String {
    let Cursor { key, id } = cursor;
    match by {
        OrderBy::Received => id.0.to_string(),
        OrderBy::Published => format!("p{key}.{}", id.0),
        OrderBy::Changed => format!("c{key}.{}", id.0),
    }
}

fn read_cursor(by: OrderBy, text: &str) -> Option<Cursor> {
    let (key, id) = match by {
        OrderBy::Received => (text, text),
        OrderBy::Published => text.strip_prefix('p')?.split_once('.')?,
        OrderBy::Changed => text.strip_prefix('c')?.split_once('.')?,
    };
    Some(Cursor {
        key: key.parse().ok()?,
        id: MentionId(id.parse().ok()?),
    })
}
