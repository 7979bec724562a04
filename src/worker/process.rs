//! The business rule: one leased submission in, one [`Outcome`] out.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use url::Url;

use super::authors::Authors;
use super::door::Doorkeeper;
use super::pages::{Got, GotAnswer, Need, Pages};
use super::private::{self, Tokens};
use super::reading;
use super::retry::{self, Jitter};
use super::schedule;
use super::targets::Targets;
use super::vouches::Vouches;
use crate::fetch::{Fetch, FetchError};
use crate::model::{
    Failure, FailureKind, NextCheck, Outcome, Page, Publication, Reading, TargetUrl, Timestamp,
    Unreadable, Verdict, same_host,
};
use crate::parse;
use crate::store::{Known, Leased, Occasion};

#[cfg(test)]
mod life;
#[cfg(test)]
mod tests;

/// What the verification of a submission depends on besides the submission.
pub(super) struct Circumstances<'a> {
    pub(super) now: Timestamp,
    pub(super) jitter: Jitter,
    /// This very service, where its address is known: its pages link to what they are about.
    pub(super) receiver: Option<&'a Url>,
    /// Whether the target of a mention that is not known yet must exist.
    pub(super) check_targets: bool,
    /// How long a source may be away before its mentions are removed; `None`: for ever.
    pub(super) patience: Option<Duration>,
    /// What pages of authors said.
    pub(super) authors: &'a Authors,
    /// How many pages are read at the same time.
    pub(super) readers: &'a Semaphore,
    /// What was fetched lately, and the last fetch that had begun when the submission was claimed.
    pub(super) pages: &'a Pages,
    pub(super) ticket: u64,
    /// What targets' own servers said.
    pub(super) targets: &'a Targets,
    /// Pages that vouch for sources.
    pub(super) vouches: &'a Vouches,
    /// What opens private sources.
    pub(super) tokens: &'a Tokens,
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
    match look(fetch, leased, circumstances).await {
        Ok(seen) => judge(seen, fetch, leased, circumstances).await,
        Err(outcome) => outcome,
    }
}

/// A source page that may be judged.
struct Seen {
    /// What it says.
    reading: Reading,
    /// How it came.
    got: Got,
    /// Where it was, redirects included.
    ended_at: Url,
}

/// Reads the source; the outcome, where there is no page to judge.
async fn look(
    fetch: &dyn Fetch,
    leased: &Leased,
    circumstances: &Circumstances<'_>,
) -> Result<Seen, Outcome> {
    let door = circumstances.door;
    if let Some(refused) = door.refusal(leased.source.as_url(), leased.site) {
        return Err(refused);
    }
    let mut need = need(leased, circumstances);
    loop {
        let got = got(fetch, leased, need, circumstances).await?;
        let page = match &got.answer {
            GotAnswer::Page(page) => Arc::clone(page),
            GotAnswer::Unchanged => {
                return Err(Outcome::Unchanged(next_check(leased, circumstances)));
            }
            GotAnswer::Gone => {
                return Err(Outcome::Gone {
                    moved_to: got.moved_to,
                });
            }
        };
        if let Some(outcome) = led_astray(&page.url, leased, circumstances) {
            return Err(outcome);
        }
        let ended_at = page.url.clone();
        let reading = read(page, leased.target.clone(), circumstances.readers)
            .await
            .map_err(|failure| unjudged(failure, leased, circumstances))?;
        if !got.is_older || matches!(reading.verdict, Verdict::Links(_)) {
            return Ok(Seen {
                reading,
                got,
                ended_at,
            });
        }
        // A page that was fetched before the submission came says nothing against it.
        need.may_be_older = false;
        need.unless = None;
    }
}

/// The outcome if the source led to a page at `url` that cannot speak for it.
fn led_astray(url: &Url, leased: &Leased, circumstances: &Circumstances<'_>) -> Option<Outcome> {
    if let Some(refused) = circumstances.door.refusal(url, leased.site) {
        return Some(refused);
    }
    let receiver = circumstances.receiver;
    if receiver.is_some_and(|receiver| same_host(receiver, url)) {
        return Some(leads_to_us(url));
    }
    let at = TargetUrl::parse(url.as_str());
    let is_target = at.is_ok_and(|at| at.page_key() == leased.target.page_key());
    // WM-11: the source redirects to the target, which cannot mention itself.
    is_target.then(|| Outcome::NoLink {
        moved_to: None,
        near_misses: Vec::new(),
        recheck_at: second_look(leased, circumstances),
    })
}

/// What follows from what the page says.
async fn judge(
    seen: Seen,
    fetch: &dyn Fetch,
    leased: &Leased,
    circumstances: &Circumstances<'_>,
) -> Outcome {
    let Seen {
        reading,
        got,
        ended_at,
    } = seen;
    let (now, moved_to) = (circumstances.now, got.moved_to);
    match reading.verdict {
        Verdict::Links(mut entry) => {
            if circumstances.check_targets
                && leased.known.is_none()
                && let Some(outcome) = missing_target(fetch, &leased.target, circumstances).await
            {
                return outcome;
            }
            if let Some(page) = &reading.author_page
                && let Some(own) = circumstances.authors.at(page, fetch, now).await
            {
                let suggested = entry.author.take().unwrap_or_default();
                entry.author = Some(own.or(suggested));
            }
            Outcome::Publish(Box::new(Publication {
                moved_to,
                ended_at,
                entry: *entry,
                validators: got.validators,
                next_check: next_check(leased, circumstances),
            }))
        }
        Verdict::NoLink { near_misses } => Outcome::NoLink {
            moved_to,
            near_misses,
            recheck_at: match leased.known {
                Some(_) => second_look(leased, circumstances),
                // The page may not be out yet.
                None => {
                    retry::after_no_link(leased.attempts.saturating_add(1), circumstances.jitter)
                        .map(|wait| now.plus(wait))
                }
            },
        },
        Verdict::Gone => Outcome::Gone { moved_to },
        Verdict::Unreadable(why) => unjudged(unreadable(why), leased, circumstances),
    }
}

/// What the source answers. What a private one says to whoever has its code is shared with nobody.
async fn got(
    fetch: &dyn Fetch,
    leased: &Leased,
    need: Need<'_>,
    circumstances: &Circumstances<'_>,
) -> Result<Got, Outcome> {
    let now = circumstances.now;
    let Some(code) = &leased.code else {
        let got = circumstances.pages.get(&leased.source, fetch, now, need);
        return got
            .await
            .map_err(|error| failed(&error, leased, circumstances));
    };
    let opened = circumstances.tokens.open(leased, code, fetch, now).await;
    opened.map_err(|closed| match closed.failure() {
        Ok(failure) => unjudged(failure, leased, circumstances),
        Err(error) => failed(&error, leased, circumstances),
    })
}

/// A list of mentions links to whatever it is about.
fn leads_to_us(url: &Url) -> Outcome {
    Outcome::Failed {
        failure: Failure {
            kind: FailureKind::Receiver,
            detail: format!("it leads to {url}, a page of this service"),
        },
        retry_at: None,
        not_before: None,
    }
}

/// What the submission may be judged by. A page that was fetched before it came may speak for a new one,
/// not where its sender speaks of an update, which may be about anything on it; that of an update of
/// another target is the page that the update brought. Whether nothing has changed is asked only where
/// nobody said so.
fn need<'a>(leased: &'a Leased, circumstances: &Circumstances<'_>) -> Need<'a> {
    let (may_be_older, unless) = match (leased.occasion, &leased.known) {
        (Occasion::Sent, known) => {
            let is_new = known.is_none() && leased.lease.revision == 1 && leased.attempts == 0;
            (is_new, None)
        }
        (Occasion::OtherTarget, _) => (true, None),
        (Occasion::Schedule, known) => (
            false,
            known.as_ref().and_then(|known| known.validators.as_ref()),
        ),
    };
    Need {
        since: leased.since,
        ticket: circumstances.ticket,
        may_be_older,
        unless,
    }
}

fn next_check(leased: &Leased, circumstances: &Circumstances<'_>) -> NextCheck {
    schedule::next_check(check(leased), circumstances.now, circumstances.jitter)
}

/// When to look once more at a known mention whose link is not there. Its sender's word is believed at
/// once (WM-44); where nobody said that anything has changed, the page may not be itself.
fn second_look(leased: &Leased, circumstances: &Circumstances<'_>) -> Option<Timestamp> {
    match (leased.occasion, &leased.known) {
        (Occasion::Schedule, Some(known)) => {
            schedule::after_no_link(known, circumstances.now, circumstances.jitter)
        }
        _ => None,
    }
}

/// What the page says about the target.
async fn read(page: Arc<Page>, target: TargetUrl, readers: &Semaphore) -> Result<Reading, Failure> {
    // Closed by nobody.
    let _turn = readers.acquire().await;
    let read = move || parse::read_source(&page, &target);
    let reading = reading::apart("source pages", read).await;
    reading.ok_or_else(|| Failure {
        kind: FailureKind::Internal,
        detail: "the reader of source pages broke down; the log says how".to_owned(),
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

fn failed(error: &FetchError, leased: &Leased, circumstances: &Circumstances<'_>) -> Outcome {
    let Circumstances { now, jitter, .. } = *circumstances;
    let failure = Failure::from(error);
    let retry_at = match check(leased) {
        Some(known) if schedule::is_dead(known, failure.kind, now, circumstances.patience) => {
            return Outcome::Dead(failure);
        }
        Some(known) => Some(schedule::after_failure(known, error, now, jitter)),
        None => retry::after_failure(leased.attempts.saturating_add(1), error, jitter)
            .filter(|_| {
                leased.code.is_none() || leased.attempts.saturating_add(1) < private::MAX_ATTEMPTS
            })
            .map(|wait| now.plus(wait)),
    };
    Outcome::Failed {
        failure,
        retry_at,
        not_before: retry::asked_for(error).map(|wait| now.plus(wait)),
    }
}

/// The source answered, and nobody can tell what: asking again soon would be in vain.
fn unjudged(failure: Failure, leased: &Leased, circumstances: &Circumstances<'_>) -> Outcome {
    let Circumstances { now, jitter, .. } = *circumstances;
    Outcome::Failed {
        failure,
        retry_at: check(leased).map(|known| schedule::after_unreadable(known, now, jitter)),
        not_before: None,
    }
}

/// The known mention, where this is a check of it that nobody has sent.
fn check(leased: &Leased) -> Option<&Known> {
    leased
        .known
        .as_ref()
        .filter(|_| leased.occasion != Occasion::Sent)
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
