//! The parameters of our own API: the one table that says which there are, what they mean and what a
//! request may give for them. Requests are held against it, and the description is written from it.

use actix_web::HttpRequest;
use actix_web::http::header;
use url::form_urlencoded;

use super::{target, wrong};
use crate::http::Context;
use crate::http::error::ApiError;
use crate::http::webmention_io::moment;
use crate::model::{MentionId, MentionKind, MentionState, SiteBase, SiteId, TargetUrl, domain_of};
use crate::store::{
    Cursor, MentionQuery, Order, OrderBy, Scope, Start, SubmissionQuery, SubmissionsOf, Verdict,
};

pub(super) const DEFAULT_LIMIT: usize = 50;
pub(super) const MAX_LIMIT: usize = 1000;

/// So many pages may be asked for at once.
pub(super) const MAX_TARGETS: usize = 100;

/// What a parameter is.
pub(super) enum Shape {
    /// A URL, any number of times.
    Urls,
    /// A URL.
    Url,
    /// The name of a host.
    Host,
    /// A text of any form.
    Text,
    /// Some of these names, apart by commas, any number of times.
    Names(&'static [&'static str]),
    /// One of these names.
    Name(&'static [&'static str]),
    /// A moment.
    Time,
    /// A number from 1 to [`MAX_LIMIT`].
    Limit,
}

/// A parameter.
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    pub(super) meaning: &'static str,
}

impl Parameter {
    /// The names that may be given, for people.
    pub(super) fn names(&self) -> Option<String> {
        match self.shape {
            Shape::Names(names) | Shape::Name(names) => Some(names.join(", ")),
            Shape::Urls | Shape::Url | Shape::Host | Shape::Text | Shape::Time | Shape::Limit => {
                None
            }
        }
    }
}

/// The names of the kinds.
const KINDS: [&str; MentionKind::ALL.len()] = {
    let mut names = [""; MentionKind::ALL.len()];
    let mut n = 0;
    while n < names.len() {
        #[expect(clippy::indexing_slicing, reason = "a constant: it would not compile")]
        {
            names[n] = MentionKind::ALL[n].as_str();
        }
        n = n.saturating_add(1);
    }
    names
};

/// The names of the states of mentions; the first is what is listed if none is named.
const STATES: [&str; MentionState::ALL.len()] = {
    let [shown, private, hidden] = MentionState::ALL;
    [shown.as_str(), private.as_str(), hidden.as_str()]
};

/// The names of the states of submissions.
const VERDICTS: [&str; 5] = ["pending", "accepted", "rejected", "deleted", "error"];

const TARGET: Parameter = Parameter {
    name: "target",
    shape: Shape::Urls,
    meaning: "The URL of a page that is mentioned; repeat it for more pages, 100 at most. `http` and `https`, a trailing \
              slash and the fragment make no difference.",
};
const DOMAIN: Parameter = Parameter {
    name: "domain",
    shape: Shape::Host,
    meaning: "In place of `target`: all pages on this host, e.g. `example.com`.",
};
const TOKEN: Parameter = Parameter {
    name: "token",
    shape: Shape::Text,
    meaning: "In place of `target` and `domain`: all pages of the site that the token was made for. \
              `Authorization: Bearer` does the same.",
};
const CURSOR: Parameter = Parameter {
    name: "cursor",
    shape: Shape::Text,
    meaning: "Where to go on: `next` or `end` of an earlier answer to the same question.",
};
const LIMIT: Parameter = Parameter {
    name: "limit",
    shape: Shape::Limit,
    meaning: "At most so many. There may be fewer though more follow: `next` tells.",
};
const ORDER: Parameter = Parameter {
    name: "order",
    shape: Shape::Name(&["desc", "asc"]),
    meaning: "Whether the newest come first, or the oldest.",
};

/// Of `mentions`.
pub(super) const OF_MENTIONS: &[Parameter] = &[
    TARGET,
    DOMAIN,
    TOKEN,
    Parameter {
        name: "kind",
        shape: Shape::Names(&KINDS),
        meaning: "Only these kinds.",
    },
    Parameter {
        name: "author_domain",
        shape: Shape::Host,
        meaning: "Only those whose author's page, or else whose own address, is of the registrable domain that this \
                  host belongs to.",
    },
    Parameter {
        name: "since",
        shape: Shape::Time,
        meaning: "Only those received after this time.",
    },
    Parameter {
        name: "state",
        shape: Shape::Names(&STATES),
        meaning: "What everybody is shown, which is what is listed if this is left out; `private`: what was verified with \
                  a code that its sender gave; `hidden`: what tells of a post that another mention of the page is shown \
                  for. All but `shown` is for a site's owner, who sends a token beside `target` or `domain`, too; it \
                  comes in the order `received`, without an `ETag`, and each mention has its `state`.",
    },
    Parameter {
        name: "sort",
        shape: Shape::Name(&["received", "published", "changed"]),
        meaning: "What the order is of: when they were received; when they were published, or else received; when they \
                  last changed. Who follows `received` or `changed` with `order=asc` and `end` as the next `cursor` \
                  misses nothing.",
    },
    ORDER,
    LIMIT,
    CURSOR,
];

/// Of `counts`.
pub(super) const OF_COUNTS: &[Parameter] = &[TARGET, DOMAIN, TOKEN];

/// Of `deleted`.
pub(super) const OF_DELETED: &[Parameter] = &[
    TARGET,
    DOMAIN,
    TOKEN,
    Parameter {
        name: "since",
        shape: Shape::Time,
        meaning: "Only those that went after this time.",
    },
    ORDER,
    LIMIT,
    CURSOR,
];

/// Of `submissions`.
pub(super) const OF_SUBMISSIONS: &[Parameter] = &[
    Parameter {
        name: "token",
        shape: Shape::Text,
        meaning: "A token of the site, which there must be. `Authorization: Bearer` does the same.",
    },
    Parameter {
        name: "state",
        shape: Shape::Names(&VERDICTS),
        meaning: "Only what has come to one of these verdicts; all of them, if this is left out. `pending`, which stands \
                  alone: what waits for its verdict.",
    },
    Parameter {
        name: "target",
        shape: Shape::Url,
        meaning: "Only what was sent to this page. Pages of the listing may then have fewer than `limit`, or none, though \
                  more follow.",
    },
    Parameter {
        name: "since",
        shape: Shape::Time,
        meaning: "Only what was sent, or came to its verdict, after this time.",
    },
    ORDER,
    LIMIT,
    CURSOR,
];

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
        let authorization = request.headers().get(header::AUTHORIZATION);
        let bearer = authorization
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim().to_owned());
        Ok(Self {
            table,
            pairs,
            bearer,
        })
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = self.pairs.iter().filter(move |(known, _)| known == name);
        named.map(|(_, value)| value.as_str())
    }

    fn one(&self, name: &str) -> Option<&str> {
        self.all(name).next()
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
        for name in self.all("state").flat_map(|list| list.split(',')) {
            let problem = || wrong("state", &format!("must be of {}", STATES.join(", ")));
            let state = MentionState::from_name(name.trim()).ok_or_else(problem)?;
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
        let domain = self.one("domain");
        if domain.is_some() && !targets.is_empty() {
            return Err(wrong("domain", "cannot be given beside “target”"));
        }
        if !targets.is_empty() {
            let pages = targets.iter().map(TargetUrl::page_key);
            return Ok((Scope::pages(pages), false));
        }
        if let Some(domain) = domain {
            let base = SiteBase::parse(domain)
                .ok()
                .filter(|base| base.path() == "/")
                .ok_or_else(|| wrong("domain", "is not the name of a host"))?;
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

    pub(super) fn since(&self) -> Result<Option<crate::model::Timestamp>, ApiError> {
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
        for name in self.all("kind").flat_map(|list| list.split(',')) {
            let kind = MentionKind::from_name(name.trim());
            kinds.push(
                kind.ok_or_else(|| wrong("kind", &format!("must be one of {}", KINDS.join(", "))))?,
            );
        }
        Ok((!kinds.is_empty()).then_some(kinds))
    }

    fn author_domain(&self) -> Result<Option<String>, ApiError> {
        let Some(text) = self.one("author_domain") else {
            return Ok(None);
        };
        let base = SiteBase::parse(text).ok().filter(|base| base.path() == "/");
        let base = base.ok_or_else(|| wrong("author_domain", "is not the name of a host"))?;
        let host = match base.authority().rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
            _ => base.authority(),
        };
        Ok(Some(domain_of(host).to_owned()))
    }

    /// Which submissions to `site` are asked for.
    pub(super) fn submissions(&self, site: SiteId) -> Result<SubmissionQuery, ApiError> {
        let names = self.all("state").flat_map(|list| list.split(','));
        let names: Vec<_> = names.map(str::trim).collect();
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
