//! The business rule: one leased submission in, one [`Outcome`] out.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tracing::warn;

use super::authors::Authors;
use super::door::Doorkeeper;
use super::pages::{Found, Need, Pages};
use super::retry::{self, Jitter};
use super::targets::Targets;
use crate::fetch::{Fetch, FetchError};
use crate::model::{
    Failure, FailureKind, Outcome, Page, Reading, TargetUrl, Timestamp, Unreadable, Verdict,
};
use crate::parse;
use crate::store::Leased;

#[cfg(test)]
mod tests;

/// What the verification of a submission depends on besides the submission.
pub(super) struct Circumstances<'a> {
    pub(super) now: Timestamp,
    pub(super) jitter: Jitter,
    /// Whether the target of a mention that is not known yet must exist.
    pub(super) check_targets: bool,
    /// What pages of authors said.
    pub(super) authors: &'a Authors,
    /// How many pages are read at the same time.
    pub(super) readers: &'a Semaphore,
    /// What was fetched lately, and the last fetch that had begun when the submission was claimed.
    pub(super) pages: &'a Pages,
    pub(super) ticket: u64,
    /// What targets' own servers said.
    pub(super) targets: &'a Targets,
    /// Who is turned away.
    pub(super) door: &'a Doorkeeper,
}

/// Verifies one submission. WM §3.2.2.
///
/// # Cancel safety
/// Nothing was changed anywhere if the future is dropped.
pub(super) async fn verify(
    fetch: &dyn Fetch,
    leased: &Leased,
    circumstances: &Circumstances<'_>,
) -> Outcome {
    let door = circumstances.door;
    if let Some(refused) = door.refusal(leased.source.as_url(), leased.site) {
        return refused;
    }
    let attempts = leased.attempts.saturating_add(1);
    // An update may be about anything that has changed on the page.
    let is_new = !leased.known && leased.lease.revision == 1 && leased.attempts == 0;
    let (pages, now) = (circumstances.pages, circumstances.now);
    let mut need = Need {
        since: leased.since,
        ticket: circumstances.ticket,
        may_be_older: is_new,
    };
    let reading = loop {
        let (page, shared) = match pages.get(&leased.source, fetch, now, need).await {
            Ok(Found::Page(page, shared)) => (page, shared),
            Ok(Found::Gone) => return Outcome::Gone,
            Err(error) => return failed(&error, attempts, circumstances),
        };
        if let Some(refused) = door.refusal(&page.url, leased.site) {
            return refused;
        }
        let at = TargetUrl::parse(page.url.as_str());
        if at.is_ok_and(|at| at.page_key() == leased.target.page_key()) {
            // WM-11: the source redirects to the target, which cannot mention itself.
            return Outcome::NoLink {
                near_misses: Vec::new(),
                recheck_at: None,
            };
        }
        let reading = match read(page, leased.target.clone(), circumstances.readers).await {
            Ok(reading) => reading,
            Err(outcome) => return outcome,
        };
        if !shared || matches!(reading.verdict, Verdict::Links(_)) {
            break reading;
        }
        // A page that was fetched before the submission came says nothing against it.
        need.may_be_older = false;
    };
    match reading.verdict {
        Verdict::Links(mut entry) => {
            if circumstances.check_targets
                && !leased.known
                && let Some(outcome) = missing_target(fetch, &leased.target, circumstances).await
            {
                return outcome;
            }
            if let Some(page) = &reading.author_page
                && let Some(own) = circumstances
                    .authors
                    .at(page, fetch, circumstances.now)
                    .await
            {
                let suggested = entry.author.take().unwrap_or_default();
                entry.author = Some(own.or(suggested));
            }
            Outcome::Publish(entry)
        }
        Verdict::NoLink { near_misses } => Outcome::NoLink {
            near_misses,
            // A known mention goes at once (WM-44); of a new one the page may not be out yet.
            recheck_at: if leased.known {
                None
            } else {
                retry::after_no_link(attempts, circumstances.jitter)
                    .map(|wait| circumstances.now.plus(wait))
            },
        },
        Verdict::Gone => Outcome::Gone,
        Verdict::Unreadable(why) => Outcome::Failed {
            failure: unreadable(why),
            retry_at: None,
            not_before: None,
        },
    }
}

/// Reads the page on a thread of the blocking pool: a page may take milliseconds, and a panic in
/// the reader must cost this one verification only.
async fn read(page: Arc<Page>, target: TargetUrl, readers: &Semaphore) -> Result<Reading, Outcome> {
    // Closed by nobody.
    let _turn = readers.acquire().await;
    let reading = tokio::task::spawn_blocking(move || parse::read_source(&page, &target)).await;
    reading.map_err(|error| {
        warn!(%error, "the reader of source pages broke down");
        Outcome::Failed {
            failure: Failure {
                kind: FailureKind::Internal,
                detail: "the reader of source pages broke down; the log says how".to_owned(),
            },
            retry_at: None,
            not_before: None,
        }
    })
}

/// The outcome if the target's own server says that there is no such page.
async fn missing_target(
    fetch: &dyn Fetch,
    target: &TargetUrl,
    circumstances: &Circumstances<'_>,
) -> Option<Outcome> {
    let (targets, now) = (circumstances.targets, circumstances.now);
    let status = targets.denied(target, fetch, now).await?;
    Some(Outcome::Failed {
        failure: Failure {
            kind: FailureKind::TargetNotFound,
            detail: format!("the target answered {status}"),
        },
        retry_at: None,
        not_before: None,
    })
}

fn failed(error: &FetchError, attempts: u32, circumstances: &Circumstances<'_>) -> Outcome {
    Outcome::Failed {
        failure: Failure::from(error),
        retry_at: retry::after_failure(attempts, error, circumstances.jitter)
            .map(|wait| circumstances.now.plus(wait)),
        not_before: retry::asked_for(error).map(|wait| circumstances.now.plus(wait)),
    }
}

fn unreadable(why: Unreadable) -> Failure {
    let (kind, detail) = match why {
        Unreadable::MediaType(name) => (FailureKind::MediaType, name),
        Unreadable::TooLarge => (
            FailureKind::TooLarge,
            "no link in the part within the size cap".to_owned(),
        ),
        Unreadable::TooComplex => (
            FailureKind::TooComplex,
            "no link in the part within the parsing budget".to_owned(),
        ),
        Unreadable::Malformed(what) => (FailureKind::Malformed, what),
    };
    Failure { kind, detail }
}
