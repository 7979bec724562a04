//! [`Ask`]: which feed is asked for, and which page of it.

use std::fmt::Write as _;

use url::{Url, form_urlencoded};

use super::item::short;
use crate::http::api::{self, target, wrong};
use crate::http::error::ApiError;
use crate::model::{FeedFormat, FeedOf, MentionId, SiteBase, TargetUrl};
use crate::store::{Cursor, MentionQuery, Scope, Start};

/// Mentions on one page of a feed: as many as readers show at once, and how many there may be.
const DEFAULT_LIMIT: usize = 50;
const MAX_LIMIT: usize = 500;

/// Pages that one feed is of.
const MAX_TARGETS: usize = 100;

/// What a reader asks for.
#[derive(Debug)]
pub(super) struct Ask {
    of: Subject,
    limit: usize,
    before: Option<MentionId>,
}

#[derive(Debug)]
enum Subject {
    Pages(Vec<TargetUrl>),
    Host(String),
}

impl Ask {
    /// Reads `target` (once or several times) or `domain`, `limit` and `cursor`. A parameter that is not
    /// known is refused: it is better named than ignored.
    pub(super) fn parse(query: &str) -> Result<Self, ApiError> {
        let mut targets = Vec::new();
        let mut host = None;
        let mut limit = DEFAULT_LIMIT;
        let mut before = None;
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "target" if targets.len() >= MAX_TARGETS => {
                    return Err(wrong(
                        "target",
                        &format!("is given more than {MAX_TARGETS} times"),
                    ));
                }
                "target" => targets.push(target(&value)?),
                "domain" if host.is_some() => {
                    return Err(wrong("domain", "is given more than once"));
                }
                "domain" => host = Some(domain(&value)?),
                "limit" => {
                    limit = api::limit(&value, MAX_LIMIT)?;
                }
                "cursor" => {
                    let id = value.parse().map_err(|_not_ours| {
                        wrong("cursor", "must be that of the next page which a feed names")
                    })?;
                    before = Some(MentionId(id));
                }
                other => {
                    return Err(wrong(
                        &other.escape_debug().to_string(),
                        "does not exist; there are target, domain, limit and cursor",
                    ));
                }
            }
        }
        let of = match (host, targets.is_empty()) {
            (Some(_), false) => {
                return Err(wrong("domain", "and “target” exclude each other: give one"));
            }
            (Some(host), true) => Subject::Host(host),
            (None, false) => Subject::Pages(targets),
            (None, true) => {
                return Err(wrong(
                    "target",
                    "is missing: give the URL of a page, or a “domain”",
                ));
            }
        };
        Ok(Self { of, limit, before })
    }

    /// What to ask the store for.
    pub(super) fn query(&self) -> MentionQuery {
        let scope = match &self.of {
            Subject::Pages(targets) => Scope::pages(targets.iter().map(TargetUrl::page_key)),
            Subject::Host(authority) => Scope::Host {
                authority: authority.clone(),
                site: None,
            },
        };
        let start = self
            .before
            .map_or(Start::Skip(0), |id| Start::After(Cursor { key: id.0, id }));
        MentionQuery {
            start,
            ..MentionQuery::newest(scope, self.limit)
        }
    }

    /// What the feed is, in English.
    pub(super) fn title(&self) -> String {
        match &self.of {
            Subject::Pages(targets) => match targets.as_slice() {
                [target] => format!("Mentions of {}", short(target.as_url())),
                many => format!("Mentions of {} pages", many.len()),
            },
            Subject::Host(authority) => format!("Mentions of {authority}"),
        }
    }

    /// The page, or the host's first one, that the mentions are of.
    pub(super) fn home(&self) -> Option<String> {
        match &self.of {
            Subject::Pages(targets) => match targets.as_slice() {
                [target] => Some(target.as_str().to_owned()),
                _ => None,
            },
            Subject::Host(authority) => Some(format!("https://{authority}/")),
        }
    }

    /// Whether a hub is told of changes: of the first page of a feed in its usual length.
    pub(super) fn is_published(&self) -> bool {
        let is_usual = self.limit == DEFAULT_LIMIT && self.before.is_none();
        is_usual && self.topic().is_some()
    }

    /// The feed's first page, and this one.
    pub(super) fn urls(&self, base: &Url, format: FeedFormat) -> (String, String) {
        let first = self.first(base, format);
        let this = Self::page(&first, self.before);
        (first, this)
    }

    /// The page of a feed that begins after that mention.
    pub(super) fn page(first: &str, before: Option<MentionId>) -> String {
        before.map_or_else(|| first.to_owned(), |id| format!("{first}&cursor={}", id.0))
    }

    fn topic(&self) -> Option<FeedOf> {
        match &self.of {
            Subject::Pages(targets) => match targets.as_slice() {
                [target] => Some(FeedOf::Page(target.page_key())),
                _ => None,
            },
            Subject::Host(authority) => Some(FeedOf::Host(authority.clone())),
        }
    }

    fn first(&self, base: &Url, format: FeedFormat) -> String {
        let mut first = match (self.topic(), &self.of) {
            (Some(topic), _) => topic.url(base, format),
            (None, Subject::Host(_)) => String::new(),
            (None, Subject::Pages(targets)) => {
                let mut url = base.clone();
                url.set_path(format.path());
                url.query_pairs_mut()
                    .extend_pairs(targets.iter().map(|target| ("target", target.as_str())));
                url.into()
            }
        };
        if self.limit != DEFAULT_LIMIT {
            // Writing to a string does not fail.
            let _ = write!(first, "&limit={}", self.limit);
        }
        first
    }
}

/// A host, as people write it: `example.com`, `example.com:8080` or `https://example.com/`.
fn domain(text: &str) -> Result<String, ApiError> {
    let base = SiteBase::parse(text)
        .map_err(|_not_one| wrong("domain", "is not a host: write it like example.com"))?;
    if base.path() == "/" {
        Ok(base.authority().to_owned())
    } else {
        Err(wrong("domain", "has a path: give the host alone"))
    }
}
