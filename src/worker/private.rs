//! [`Tokens`]: private sources, opened with the code that their sender gave. indieweb.org/Private-Webmention
//!
//! The source names a token endpoint, on whatever host; that gives a token for the code, and the token opens
//! the source. Nothing of it is shared: the page judges the one submission that brought the code, and the
//! token stays in memory, for the tries of that submission that may follow within minutes.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use url::Url;

use super::MAX_DOMAINS;
use super::pages::{Got, GotAnswer};
use super::reading::endpoint;
use crate::fetch::{Answer, Fetch, FetchError};
use crate::model::{
    Failure, FailureKind, Pace, Secret, SharedPaces, SourceUrl, StatusKey, Timestamp, domain_of,
    same_host,
};
use crate::store::Leased;

/// The relations that name a token endpoint: today's, and the one of earlier senders.
const RELATIONS: [&str; 2] = ["token_endpoint", "oauth2-token"];

/// How long a token is kept for further tries, whatever its own life: they come 10 s and a minute later.
const KEEP: Duration = Duration::from_secs(600);

/// So many tokens are kept; of more, none.
const MAX_TOKENS: usize = 1000;

/// How often a private source is tried: codes live for minutes.
pub(super) const MAX_ATTEMPTS: u32 = 3;

/// Why a private source was not read.
#[derive(Debug)]
pub(super) enum Closed {
    /// A server did not answer as it should.
    Fetch(FetchError),
    /// No token was to be had, and none will be for this code.
    Token(&'static str),
}

impl From<FetchError> for Closed {
    fn from(error: FetchError) -> Self {
        Self::Fetch(error)
    }
}

impl Closed {
    /// What the receipt says if no token was to be had; the error, if it was something else.
    pub(super) fn failure(self) -> Result<Failure, FetchError> {
        match self {
            Self::Fetch(error) => Err(error),
            Self::Token(why) => Ok(Failure {
                kind: FailureKind::Token,
                detail: why.to_owned(),
            }),
        }
    }
}

/// Tokens that may be needed once more, and how often token endpoints were asked, in this process.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    kept: Mutex<HashMap<StatusKey, Kept>>,
    /// Sources choose which endpoint is asked.
    paces: SharedPaces<String>,
}

#[derive(Debug, Clone)]
struct Kept {
    token: Secret,
    /// Where the source was.
    at: SourceUrl,
    since: Timestamp,
}

impl Tokens {
    /// Endpoints of one domain are asked at this pace; `None` sets no limit.
    pub(super) fn new(pace: Option<Pace>) -> Self {
        Self {
            kept: Mutex::default(),
            paces: SharedPaces::new(pace, MAX_DOMAINS),
        }
    }

    /// What the source of a submission says to whoever has its `code`.
    pub(super) async fn open(
        &self,
        leased: &Leased,
        code: &Secret,
        fetch: &dyn Fetch,
        now: Timestamp,
    ) -> Result<Got, Closed> {
        let key = leased.lease.key;
        let Kept { token, at, .. } = match self.kept(key, now) {
            Some(kept) => kept,
            None => match self.token(&leased.source, code, fetch, now).await? {
                Some((token, at)) => self.keep(key, token, at, now),
                None => return Ok(got(GotAnswer::Gone)),
            },
        };
        let answer = fetch.fetch_with_token(&at, &token).await.answer;
        if answer.is_ok() {
            self.lock().remove(&key);
        }
        match answer? {
            Answer::Page(page) => Ok(got(GotAnswer::Page(page.into()))),
            Answer::Gone => Ok(got(GotAnswer::Gone)),
            Answer::Unchanged => Err(FetchError::BadResponse("304 unasked".to_owned()).into()),
        }
    }

    /// The token for `code`, and where it opens the source; `None` if the source is gone for everybody.
    async fn token(
        &self,
        source: &SourceUrl,
        code: &Secret,
        fetch: &dyn Fetch,
        now: Timestamp,
    ) -> Result<Option<(Secret, SourceUrl)>, Closed> {
        let found = fetch.discover(source.as_url()).await?;
        if found.status == 410 {
            return Ok(None);
        }
        // SECURITY: the code is for the source's own host to be had back, not for whoever it redirects to.
        if !same_host(source.as_url(), &found.url) {
            return Err(Closed::Token("it redirects to another host"));
        }
        let at = SourceUrl::parse(found.url.as_str());
        let at = at.map_err(|_not_one| Closed::Token("it redirects to what is no URL"))?;
        let status = found.status;
        let Some(endpoint) = endpoint(found, &RELATIONS).await else {
            if status >= 500 || status == 429 {
                let retry_after = None;
                return Err(FetchError::Status {
                    status,
                    retry_after,
                }
                .into());
            }
            return Err(Closed::Token("it names no token endpoint"));
        };
        self.take_turn(&endpoint, now)?;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.expose()),
        ];
        let posted = fetch.post(&endpoint, &form).await?;
        match posted.status {
            200..300 => {}
            status if status >= 500 || status == 429 => {
                let retry_after = posted.retry_after;
                return Err(FetchError::Status {
                    status,
                    retry_after,
                }
                .into());
            }
            _ => return Err(Closed::Token("its token endpoint does not take the code")),
        }
        match read_token(&posted.body) {
            Some(token) => Ok(Some((token, at))),
            None => Err(Closed::Token("its token endpoint gave no bearer token")),
        }
    }

    fn take_turn(&self, endpoint: &Url, now: Timestamp) -> Result<(), FetchError> {
        let domain = domain_of(endpoint.host_str().unwrap_or_default());
        self.paces.take(domain, now).map_err(FetchError::TooOften)
    }

    fn kept(&self, key: StatusKey, now: Timestamp) -> Option<Kept> {
        let kept = self.lock();
        kept.get(&key).filter(|kept| kept.is_young(now)).cloned()
    }

    fn keep(&self, key: StatusKey, token: Secret, at: SourceUrl, since: Timestamp) -> Kept {
        let one = Kept { token, at, since };
        let mut kept = self.lock();
        kept.retain(|_, kept| kept.is_young(since));
        if kept.len() < MAX_TOKENS {
            kept.insert(key, one.clone());
        }
        one
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<StatusKey, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn is_young(&self, now: Timestamp) -> bool {
        now.since(self.since) < KEEP && self.since.since(now) < KEEP
    }
}

fn got(answer: GotAnswer) -> Got {
    Got {
        answer,
        // Nobody asks there again.
        moved_to: None,
        validators: None,
        is_older: false,
    }
}

/// An answer of a token endpoint. RFC 6749 §5.1.
#[derive(Deserialize)]
struct TokenJson {
    access_token: String,
    token_type: Option<String>,
}

fn read_token(body: &[u8]) -> Option<Secret> {
    let answer: TokenJson = serde_json::from_slice(body).ok()?;
    let is_bearer = |of: &String| of.eq_ignore_ascii_case("bearer");
    if !answer.token_type.as_ref().is_none_or(is_bearer) {
        return None;
    }
    // It is to fit a header field.
    Secret::new(&answer.access_token).filter(|token| !token.expose().contains(' '))
}

#[cfg(test)]
mod tests;
