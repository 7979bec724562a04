//! The page that says what became of a submission.

use askama::Template;

use super::encoded;
use super::moment::{Moment, SOON};
use crate::http::status::failure_words;
use crate::model::{
    Failure, MentionId, NearMiss, Protocol, Protocols, Removal, State, Status, StatusKey,
    Submission, Timestamp,
};

/// `GET /status/KEY`, and the answer to a browser's `POST /webmention`: what became of a submission.
#[derive(Debug, Template)]
#[template(path = "status.html")]
pub(crate) struct StatusPage<'a> {
    /// Where this page stands for good.
    path: String,
    /// Whether that is somewhere else than where it is shown.
    elsewhere: bool,
    state: &'static str,
    heading: &'static str,
    sentence: &'static str,
    source: &'a str,
    target: &'a str,
    protocols: String,
    checked: Option<Moment>,
    next_check: Option<NextCheck>,
    near_misses: &'a [NearMiss],
    /// Where the mention is shown.
    shown_at: Option<String>,
    /// After how many seconds the page is worth looking at again.
    refresh: Option<u64>,
}

/// When a submission is looked at once more, and what that is good for.
#[derive(Debug)]
struct NextCheck {
    at: Moment,
    /// What may have changed until then.
    reason: &'static str,
}

/// How often a page renews itself: until there is a verdict, and until the verdict may change.
const REFRESH_PENDING: u64 = 2;
const REFRESH_CHECK: u64 = 10;

impl<'a> StatusPage<'a> {
    /// The page as it is to be read at `now`.
    pub(crate) fn new(status: &'a Status, now: Timestamp) -> Self {
        let (heading, sentence) = verdict_words(status);
        let next = status
            .next_check_at
            .filter(|_| status.state != State::Pending);
        Self {
            path: status_path(status.key),
            elsewhere: false,
            state: status.state.as_str(),
            heading,
            sentence,
            source: status.source.as_str(),
            target: status.target.as_str(),
            protocols: protocol_names(status.protocols),
            checked: status.checked_at.map(Moment::from),
            next_check: next.map(|at| NextCheck {
                at: Moment::to_come(at, now),
                reason: match &status.state {
                    State::Rejected { .. } => ", in case it was not out yet",
                    State::Pending
                    | State::Accepted { .. }
                    | State::Deleted(_)
                    | State::Failed(_) => "",
                },
            }),
            near_misses: match &status.state {
                State::Rejected { near_misses } => near_misses,
                State::Pending | State::Accepted { .. } | State::Deleted(_) | State::Failed(_) => {
                    &[]
                }
            },
            shown_at: match &status.state {
                State::Accepted { .. } if status.is_private => None,
                State::Accepted { id, .. } => Some(shown_at(status.target.as_str(), *id)),
                State::Pending | State::Rejected { .. } | State::Deleted(_) | State::Failed(_) => {
                    None
                }
            },
            refresh: match next {
                _ if status.state == State::Pending => Some(REFRESH_PENDING),
                // What is shown mostly stays as it is.
                _ if matches!(status.state, State::Accepted { .. }) => None,
                Some(at) if at.since(now) <= SOON => Some(REFRESH_CHECK),
                _ => None,
            },
        }
    }

    /// The page of a submission that was accepted this very moment.
    pub(crate) fn queued(key: StatusKey, submission: &'a Submission) -> Self {
        Self {
            path: status_path(key),
            elsewhere: true,
            state: State::Pending.as_str(),
            heading: PENDING.0,
            sentence: PENDING.1,
            source: submission.source.as_str(),
            target: submission.target.as_str(),
            protocols: submission.protocol.as_str().to_owned(),
            checked: None,
            next_check: None,
            near_misses: &[],
            shown_at: None,
            refresh: Some(REFRESH_PENDING),
        }
    }
}

/// Where the page of `target`'s mentions shows this one.
fn shown_at(target: &str, id: MentionId) -> String {
    format!("/mentions?target={}#mention-{}", encoded(target), id.0)
}

/// The path of a submission's status page.
pub(crate) fn status_path(key: StatusKey) -> String {
    format!("/status/{key}")
}

const PENDING: (&str, &str) = (
    "Waiting to be checked",
    "Your page will be fetched in a moment, to see whether it links to the article.",
);

/// The heading and the sentence that say where a submission stands.
fn verdict_words(status: &Status) -> (&'static str, &'static str) {
    match &status.state {
        State::Pending => PENDING,
        State::Accepted {
            last_failure: Some(_),
            ..
        } => (
            "The mention stays",
            "Your page could not be checked this time. What it said when it could is still listed.",
        ),
        State::Accepted { .. } if status.is_private => (
            "The mention is kept private",
            "Your page links to the article. The mention is shown to the owner of the site alone.",
        ),
        State::Accepted { .. } if status.was_known => (
            "Checked again",
            "Your page still links to the article. What is shown of it was brought up to date.",
        ),
        State::Accepted { .. } => (
            "The mention is published",
            "Your page links to the article, and is listed among its mentions.",
        ),
        State::Rejected { .. } => (
            "No link was found",
            "Your page was read, and it does not link to the article.",
        ),
        State::Deleted(Removal::NoLink) => (
            "The mention was removed",
            "It was listed once. Since then the link has gone from your page.",
        ),
        State::Deleted(Removal::Gone) => (
            "The mention was removed",
            "It was listed once. Since then your page says that it is gone.",
        ),
        State::Deleted(Removal::Dead) => (
            "The mention was removed",
            "It was listed once. Since then your page has not been there for a long time.",
        ),
        State::Deleted(Removal::Blocked) => (
            "The mention was removed",
            "It was listed once. The owner of the site has removed it, and takes no more mentions from \
             your page's host.",
        ),
        State::Failed(Failure { kind, .. }) => {
            ("Your page could not be checked", failure_words(*kind).1)
        }
    }
}

fn protocol_names(protocols: Protocols) -> String {
    let names: Vec<_> = protocols.iter().map(Protocol::as_str).collect();
    names.join(", ")
}
