//! The JSON of what was sent to a site and what came of it: for its owner.

use serde::Serialize;
use utoipa::ToSchema;

use super::mention::rfc3339;
use crate::http::pages;
use crate::http::status::{explanation, failure_words};
use crate::model::{Failure, Protocol, State};
use crate::store::{SubmissionPage, SubmissionQuery, SubmissionRecord, SubmissionsOf};

/// Some of the submissions that were asked for.
#[derive(Serialize, ToSchema)]
pub(super) struct SubmissionsJson<'a> {
    /// The submissions, in order.
    submissions: Vec<SubmissionJson<'a>>,
    /// The `cursor` of those that follow; `null` if none do.
    next: Option<String>,
    /// The `cursor` of what comes after these at any time to come; `null` if there was nothing yet, and for what is
    /// `pending`.
    end: Option<String>,
}

/// What was sent, and what came of it.
#[derive(Serialize, ToSchema)]
struct SubmissionJson<'a> {
    /// `pending`, `accepted`, `rejected`, `deleted` or `error`.
    state: &'static str,
    /// Why it is not shown, or why its last check came to no answer: a code that stays the same.
    error: Option<&'static str>,
    /// The same in words.
    error_description: Option<&'static str>,
    /// The details, which its sender is not told.
    detail: Option<&'a str>,
    /// The page that is said to link, as it was sent.
    source: &'a str,
    /// The page that it is said to link to, as it was sent.
    target: &'a str,
    /// By which protocols it came.
    protocols: Vec<&'static str>,
    /// Whether the owner alone is shown what came of it.
    private: bool,
    /// When it was last sent.
    received: String,
    /// When its last verification ended.
    checked: Option<String>,
    /// When the next one is due, if it waits for one.
    next_check: Option<String>,
    /// The number of the mention, if it is one.
    mention: Option<i64>,
    /// The path of the page that tells its sender; none where that is a secret.
    status: Option<String>,
}

impl<'a> SubmissionsJson<'a> {
    /// What is answered of `page`.
    pub(super) fn new(query: &SubmissionQuery, page: &'a SubmissionPage) -> Self {
        let cursor = |number: i64| number.to_string();
        let can_be_followed = query.of != SubmissionsOf::Waiting;
        Self {
            submissions: page.submissions.iter().map(SubmissionJson::from).collect(),
            next: page.end.filter(|_| page.has_more).map(cursor),
            end: page.end.filter(|_| can_be_followed).map(cursor),
        }
    }
}

impl<'a> From<&'a SubmissionRecord> for SubmissionJson<'a> {
    fn from(record: &'a SubmissionRecord) -> Self {
        let status = &record.status;
        let (mention, failure): (_, Option<&Failure>) = match &status.state {
            State::Accepted { id, last_failure } => (Some(id.0), last_failure.as_ref()),
            State::Failed(failure) => (None, Some(failure)),
            State::Pending | State::Rejected { .. } | State::Deleted(_) => (None, None),
        };
        let words = explanation(&status.state).or(failure.map(|one| failure_words(one.kind)));
        let (error, error_description) = words.unzip();
        Self {
            state: status.state.as_str(),
            error,
            error_description,
            detail: failure.map(|failure| failure.detail.as_str()),
            source: status.source.as_str(),
            target: status.target.as_str(),
            protocols: status.protocols.iter().map(Protocol::as_str).collect(),
            private: status.is_private,
            received: rfc3339(record.received_at),
            checked: status.checked_at.map(rfc3339),
            next_check: status.next_check_at.map(rfc3339),
            mention,
            // SECURITY: who knows the name of a private submission's page is taken for its sender.
            status: (!status.is_private).then(|| pages::status_path(status.key)),
        }
    }
}
