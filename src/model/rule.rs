//! [`Rule`]: who is turned away, and who never is.

use std::fmt;

use super::{SiteId, Timestamp};

mod index;
mod pattern;

pub use self::index::{Rules, Ruling};
pub use self::pattern::{Pattern, PatternError, canonical_network};

/// What a rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Turns away.
    Block,
    /// Lets in, whatever is blocked.
    Allow,
}

impl Action {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Block, Self::Allow];

    /// The name in the store and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Allow => "allow",
        }
    }

    /// The action of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == name)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A rule of the owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// What it does.
    pub action: Action,
    /// To whom.
    pub pattern: Pattern,
    /// For mentions of this site alone; `None`: of all.
    pub site: Option<SiteId>,
    /// Why, for the owner's own memory; may be empty.
    pub reason: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it holds no more.
    pub expires_at: Option<Timestamp>,
    /// Whether it stands in the configuration file: made anew at each start.
    pub is_configured: bool,
}
