//! [`Doorkeeper`]: what the door could not know: where a source leads to, and whether its vouch is true.

use std::sync::Arc;
use std::time::Duration;

use tracing::warn;
use url::Url;

use super::pages::GotAnswer;
use super::process::Circumstances;
use super::reading;
use super::retry::{self, Jitter};
use crate::fetch::{Fetch, FetchError};
use crate::model::{
    Door, Failure, FailureKind, Outcome, PageKey, Ruling, SiteId, SourceUrl, Timestamp,
    registrable_domain,
};
use crate::parse;
use crate::store::{Admission, Leased, Store, StoreError, admission, may_vouch};

/// After the store has refused to say what the owner wants, wait so long before verifying again.
const WITHOUT_RULES: Duration = Duration::from_secs(60);

/// The owner's will about one submission.
#[derive(Debug)]
pub(super) struct Doorkeeper {
    door: Arc<Door>,
    now: Timestamp,
}

impl Doorkeeper {
    /// A keeper of `door` at the time `now`.
    pub(super) fn new(door: Arc<Door>, now: Timestamp) -> Self {
        Self { door, now }
    }

    /// Asks the store for the rules as they are now.
    ///
    /// # Errors
    /// The outcome if the store does not say: nothing is let in unlooked-at.
    pub(super) async fn ask(store: &dyn Store, now: Timestamp) -> Result<Self, Outcome> {
        match store.door().await {
            Ok(door) => Ok(Self::new(door, now)),
            Err(error) => Err(unknown(&error, now)),
        }
    }

    /// The outcome if pages at `url`, the source or where it redirects to, are turned away.
    pub(super) fn refusal(&self, url: &Url, site: SiteId) -> Option<Outcome> {
        let is_blocked = self.door.rules.of_page(url, site, self.now) == Ruling::Blocked;
        is_blocked.then(|| failed(FailureKind::Blocked, format!("{url} is blocked"), None))
    }

    /// `outcome`, unless it would publish what a vouch was needed for, and the vouch is not true.
    pub(super) async fn checked(
        &self,
        outcome: Outcome,
        leased: &Leased,
        store: &dyn Store,
        fetch: &dyn Fetch,
        circumstances: &Circumstances<'_>,
    ) -> Outcome {
        let Outcome::Publish(publication) = &outcome else {
            return outcome;
        };
        match self.arrival(&publication.ended_at, leased, store).await {
            Ok(None) => {}
            Ok(Some(refused)) => return refused,
            Err(error) => return unknown(&error, self.now),
        }
        let (Some(vouch), None) = (&leased.vouch, &leased.known) else {
            return outcome;
        };
        match self.is_free(leased, store).await {
            Ok(true) => return outcome,
            Ok(false) => {}
            Err(error) => return unknown(&error, self.now),
        }
        let Circumstances {
            vouches,
            pages,
            ticket,
            jitter,
            ..
        } = *circumstances;
        let got = vouches
            .page(vouch, leased, (pages, ticket), fetch, self.now)
            .await;
        let page = match got.map(|got| got.answer) {
            Ok(GotAnswer::Page(page)) => page,
            // Nobody has asked for it on a condition.
            Ok(GotAnswer::Gone | GotAnswer::Unchanged) => {
                return failed(FailureKind::Vouch, format!("{vouch} is gone"), None);
            }
            Err(error) => return self.unread(vouch, &error, leased, jitter),
        };
        // It may redirect: whose word it is shows where it ends.
        match may_vouch(store, &self.door, &page.url, leased.site, self.now).await {
            Ok(true) => {}
            Ok(false) => {
                let detail = format!("{vouch} leads to {}, which is not known", page.url);
                return failed(FailureKind::Vouch, detail, None);
            }
            Err(error) => return unknown(&error, self.now),
        }
        let source = leased.source.as_url().clone();
        let does_vouch = reading::apart("vouches", move || parse::vouches(&page, &source));
        if does_vouch.await.unwrap_or(false) {
            return outcome;
        }
        let detail = format!("{vouch} does not link to the source's domain");
        failed(FailureKind::Vouch, detail, None)
    }

    /// The outcome if the source leads to where it could not have been sent from: who is known may still
    /// lead to anybody.
    async fn arrival(
        &self,
        url: &Url,
        leased: &Leased,
        store: &dyn Store,
    ) -> Result<Option<Outcome>, StoreError> {
        if PageKey::of(url) == leased.source.page_key() {
            return Ok(None);
        }
        let (kind, detail) = match admission(store, &self.door, url, leased.site, self.now).await? {
            Admission::Free => return Ok(None),
            Admission::WithVouch if leased.vouch.is_some() || leased.known.is_some() => {
                return Ok(None);
            }
            Admission::WithVouch => (
                FailureKind::Vouch,
                format!("it leads to {url}, which is not known and has no vouch"),
            ),
            Admission::SelfPing => (
                FailureKind::Blocked,
                format!("it leads to {url}, a page of the site itself"),
            ),
            Admission::Blocked => (FailureKind::Blocked, format!("{url} is blocked")),
        };
        Ok(Some(failed(kind, detail, None)))
    }

    /// Whether the source needs no vouch (any more).
    async fn is_free(&self, leased: &Leased, store: &dyn Store) -> Result<bool, StoreError> {
        let (url, site) = (leased.source.as_url(), leased.site);
        Ok(!self.door.settings_of(site).needs_vouch
            || self.door.rules.of_page(url, site, self.now) == Ruling::Allowed
            || store.knows_domain(site, registrable_domain(url)).await?)
    }

    fn unread(
        &self,
        vouch: &SourceUrl,
        error: &FetchError,
        leased: &Leased,
        jitter: Jitter,
    ) -> Outcome {
        let attempts = leased.attempts.saturating_add(1);
        let retry_at =
            retry::after_failure(attempts, error, jitter).map(|wait| self.now.plus(wait));
        failed(FailureKind::Vouch, format!("{vouch}: {error}"), retry_at)
    }
}

fn unknown(error: &StoreError, now: Timestamp) -> Outcome {
    warn!(%error, "cannot read the rules; verifying later");
    let detail = "the rules could not be read; the log says why".to_owned();
    failed(FailureKind::Internal, detail, Some(now.plus(WITHOUT_RULES)))
}

fn failed(kind: FailureKind, detail: String, retry_at: Option<Timestamp>) -> Outcome {
    Outcome::Failed {
        failure: Failure { kind, detail },
        retry_at,
        not_before: None,
    }
}
