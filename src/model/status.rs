//! [`Status`]: what became of a submission so far.

use std::fmt;

use super::{Failure, MentionId, NearMiss, Protocols, SourceUrl, TargetUrl, Timestamp};

/// The name of a submission's status page: a keyed hash of source and target, which nobody can
/// guess who has not submitted that very pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StatusKey([u8; 16]);

impl StatusKey {
    /// The key of these bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes, as stored.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Reads what [`fmt::Display`] writes: 32 lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 32 || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
        u128::from_str_radix(text, 16)
            .ok()
            .map(|n| Self(n.to_be_bytes()))
    }
}

impl fmt::Display for StatusKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// Why a mention was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Removal {
    /// The source does not link to the target any more.
    NoLink,
    /// The source says that it is gone.
    Gone,
    /// The source has not answered for as long as the owner was ready to wait.
    Dead,
    /// The owner turns its source away, and had removed what was shown of it.
    Blocked,
}

/// Where a submission stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Not looked at yet.
    Pending,
    /// Verified and shown.
    Accepted {
        /// The mention.
        id: MentionId,
        /// Why the last verification came to no answer, if it did not: the mention stays. WM-47.
        last_failure: Option<Failure>,
    },
    /// The source was read and does not link to the target.
    Rejected {
        /// What the sender may have meant.
        near_misses: Vec<NearMiss>,
    },
    /// It was shown once, and is not any more. This stays so until the source links again.
    Deleted(Removal),
    /// The source could not be judged.
    Failed(Failure),
}

impl State {
    /// The name in the store and in JSON.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted { .. } => "accepted",
            Self::Rejected { .. } => "rejected",
            Self::Deleted(_) => "deleted",
            Self::Failed(_) => "error",
        }
    }
}

/// What became of a submission so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Its name.
    pub key: StatusKey,
    /// The claimed source.
    pub source: SourceUrl,
    /// The claimed target.
    pub target: TargetUrl,
    /// By which protocols it came.
    pub protocols: Protocols,
    /// Whether it is of a private source, whose mention the owner alone is shown.
    pub is_private: bool,
    /// What the last verification said.
    pub state: State,
    /// Whether the mention was already shown before the last verification.
    pub was_known: bool,
    /// When the last verification ended; `None` if there was none yet.
    pub checked_at: Option<Timestamp>,
    /// When the next one is due; `None` if none is.
    pub next_check_at: Option<Timestamp>,
}

impl Status {
    /// For where nobody looks at known mentions again: the check that one has a date for does not come.
    pub fn drop_recheck(&mut self) {
        if matches!(self.state, State::Accepted { .. }) {
            self.next_check_at = None;
        }
    }
}
