//! [`Mention`]: a verified fact, and the [`Entry`] that it shows.

use super::{Protocols, SourceUrl, TargetUrl, Timestamp};

/// A mention's number: grows with time, fits into 53 bits (so that JavaScript reads it exactly).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MentionId(pub i64);

/// A page's version: grows with each change that a reader could see. Zero: nothing was ever shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PageVersion(pub i64);

/// What a source does to a target, beyond linking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MentionKind {
    /// It answers.
    Reply,
    /// It likes.
    Like,
    /// It reposts.
    Repost,
    /// It bookmarks.
    Bookmark,
    /// It says whether its author comes.
    Rsvp,
    /// It links, and no more is known.
    Mention,
}

impl MentionKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Reply,
        Self::Like,
        Self::Repost,
        Self::Bookmark,
        Self::Rsvp,
        Self::Mention,
    ];

    /// The name in the store and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Like => "like",
            Self::Repost => "repost",
            Self::Bookmark => "bookmark",
            Self::Rsvp => "rsvp",
            Self::Mention => "mention",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// Who wrote the source. All text is plain text; URLs are http(s).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Author {
    /// Their name.
    pub name: Option<String>,
    /// Their page.
    pub url: Option<String>,
}

/// A time as a page gave it: `2011-05-15`, `2011-05-15T09:30:00` or `2011-05-15T09:30:00+02:00`
/// (`Z` for UTC). The offset is kept, and none is invented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthoredTime(String);

impl AuthoredTime {
    /// Takes a text that is already of one of the three forms: the reader's and the store's job.
    pub fn from_checked(text: String) -> Self {
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The words round the link, as plain text, cut at word boundaries.
///
/// The parts are shown one after the other as they are: white space between them is theirs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Excerpt {
    /// The text before the linking words; begins with `…` if more came before.
    pub before: String,
    /// The linking words.
    pub linked: String,
    /// The text after the linking words; ends with `…` if more follows.
    pub after: String,
}

/// What a source says, as far as it could be read. All text is plain text; URLs are http(s).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it does to the target.
    pub kind: MentionKind,
    /// Its title, without the site's name.
    pub title: Option<String>,
    /// The name of the site it stands on.
    pub site_name: Option<String>,
    /// Who wrote it.
    pub author: Option<Author>,
    /// When it was published.
    pub published: Option<AuthoredTime>,
    /// The words round the link.
    pub excerpt: Option<Excerpt>,
    /// The language of the excerpt or else of the page, a BCP 47 tag.
    pub language: Option<String>,
    /// Where a reader should go: the page's own canonical URL if it is on the page's host, else where
    /// the fetch of the source ended, redirects included.
    pub url: String,
}

/// A verified mention: `source` links to `target`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// Its number.
    pub id: MentionId,
    /// The page that links.
    pub source: SourceUrl,
    /// The target as the link names it.
    pub target: TargetUrl,
    /// By which protocols it was reported.
    pub protocols: Protocols,
    /// What the source says.
    pub entry: Entry,
    /// When it was first verified.
    pub received_at: Timestamp,
    /// When it was last verified.
    pub verified_at: Timestamp,
}
