//! [`Outcome`]: what the worker tells the store after a verification.

use url::Url;

use super::{Entry, NearMiss, SourceUrl, Timestamp, Validators};

/// What we do about a submission. Whether the mention was known before is the store's to say.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The source links to the target: publish the mention, or update it. WM §3.2.4.
    Publish(Box<Publication>),
    /// The source says that nothing has changed since it was found to link (304).
    Unchanged(NextCheck),
    /// The source was read and does not link: a known mention goes, an unknown one is rejected.
    NoLink {
        /// Where the source has moved to for good, if it has.
        moved_to: Option<SourceUrl>,
        /// What the sender may have meant.
        near_misses: Vec<NearMiss>,
        /// When to look once more, in case the page was not out yet or is not itself for a while: a
        /// known mention stays until then.
        recheck_at: Option<Timestamp>,
    },
    /// The source says 410 Gone: every mention of it is erased.
    Gone {
        /// Where the source has moved to for good, if it has.
        moved_to: Option<SourceUrl>,
    },
    /// The source has failed for so long that the owner wants its mention removed.
    Dead(Failure),
    /// Nothing definite was learnt: what is known stays as it is. WM-46, WM-47.
    Failed {
        /// What went wrong.
        failure: Failure,
        /// When to try again; `None` gives up.
        retry_at: Option<Timestamp>,
        /// Before when the source asked not to be asked again, however often the claim is repeated.
        not_before: Option<Timestamp>,
    },
}

/// A source that links, and what is to be known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Publication {
    /// Where the source has moved to for good, if it has: it is asked there from now on. WM-49.
    pub moved_to: Option<SourceUrl>,
    /// Where the page was, after all redirects.
    pub ended_at: Url,
    /// What it says.
    pub entry: Entry,
    /// By what its server tells whether it has changed, if it does.
    pub validators: Option<Validators>,
    /// When to ask it again.
    pub next_check: NextCheck,
}

/// When a mention that is in order is looked after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextCheck {
    /// The moment; later ones do, too.
    pub at: Timestamp,
    /// How many checks on the schedule there were since its sender last spoke of it.
    pub checks: u32,
}

/// Why a verification came to no definite answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The class, with a stable name.
    pub kind: FailureKind,
    /// The details, for the site's owner alone: a stranger could map a network with them.
    pub detail: String,
}

/// The classes of failure, named as `linkback explain` and the store name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// The fetch policy refused the URL or the address.
    Refused,
    /// The host name does not resolve.
    Dns,
    /// No connection.
    Connect,
    /// No TLS session.
    Tls,
    /// Too slow.
    Timeout,
    /// Too many redirects, or one that leads nowhere.
    Redirect,
    /// The source answered 404.
    NotFound,
    /// The source says that it is gone, and was never known to link.
    Gone,
    /// The source answered with another status that is not a success.
    HttpStatus,
    /// The answer was no valid HTTP, or an encoding we do not read.
    BadResponse,
    /// A media type that holds no links.
    MediaType,
    /// Longer than the cap, without the link in the part that was read.
    TooLarge,
    /// More parsing work than the budget, without the link in the part that was read.
    TooComplex,
    /// The body is not what it says it is.
    Malformed,
    /// The target does not exist, says its own server.
    TargetNotFound,
    /// The owner turns the source away, or what it redirects to.
    Blocked,
    /// The source redirects to a page of this very service.
    Receiver,
    /// The source is private, and no token that opens it was to be had.
    Token,
    /// The page that should vouch for the source does not.
    Vouch,
    /// Our own fault: a panic in the reader, say.
    Internal,
}

impl FailureKind {
    /// Every kind.
    pub const ALL: [Self; 20] = [
        Self::Refused,
        Self::Dns,
        Self::Connect,
        Self::Tls,
        Self::Timeout,
        Self::Redirect,
        Self::NotFound,
        Self::Gone,
        Self::HttpStatus,
        Self::BadResponse,
        Self::MediaType,
        Self::TooLarge,
        Self::TooComplex,
        Self::Malformed,
        Self::TargetNotFound,
        Self::Blocked,
        Self::Receiver,
        Self::Token,
        Self::Vouch,
        Self::Internal,
    ];

    /// The name in the store and in logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Redirect => "redirect",
            Self::NotFound => "not_found",
            Self::Gone => "gone",
            Self::HttpStatus => "http_status",
            Self::BadResponse => "bad_response",
            Self::MediaType => "media_type",
            Self::TooLarge => "too_large",
            Self::TooComplex => "too_complex",
            Self::Malformed => "malformed",
            Self::TargetNotFound => "target_not_found",
            Self::Blocked => "blocked",
            Self::Receiver => "receiver",
            Self::Token => "token",
            Self::Vouch => "vouch",
            Self::Internal => "internal",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}
