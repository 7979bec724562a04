//! [`Verdict`]: what a fetched page says about a target.

use super::{Entry, SourceUrl};

/// What the page says about the target.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// It links to it, and says this.
    Links(Box<Entry>),
    /// The whole page was read and holds no link to it. WM §3.2.4: a known mention is removed.
    NoLink {
        /// Links that were found and that the sender may have meant.
        near_misses: Vec<NearMiss>,
    },
    /// The page says of itself that it is gone (`<meta http-equiv="status" content="410 …">`).
    Gone,
    /// Nobody can tell: not a type we read, or not read to its end. Never a reason to remove.
    Unreadable(Unreadable),
}

/// Why a page could not be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// A media type that holds no links we can read, by name.
    MediaType(String),
    /// The page is longer than the cap, and the part within it has no link.
    TooLarge,
    /// The page asks for more parsing work than the budget, and the part within it has no link.
    TooComplex,
    /// The page claims a type that its bytes are not (broken JSON, say).
    Malformed(String),
}

/// A link that is not to the target, but close to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss {
    /// The link, absolute.
    pub url: String,
    /// How it differs, as a sentence for the sender.
    pub difference: String,
}

/// A verdict with the way it was reached.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The verdict.
    pub verdict: Verdict,
    /// The page that says who wrote the entry, where only another page does: whoever can fetch should,
    /// and hand it to [`read_author`](crate::parse::read_author). mf2 authorship, 7. Without it the entry
    /// has the author that the page itself suggests, if any.
    pub author_page: Option<SourceUrl>,
    /// Which rule found what, where; in the order of the reading.
    pub trace: Vec<Trace>,
}

impl Reading {
    /// A verdict that needs no other page.
    pub fn of(verdict: Verdict, trace: Vec<Trace>) -> Self {
        Self {
            verdict,
            author_page: None,
            trace,
        }
    }
}

/// One step of a reading, for `linkback explain`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// What was looked for: `link`, `title`, `author`, `published`, …
    pub field: &'static str,
    /// The rule that found it, e.g. `og:title`, `<title> before the site's name`.
    pub rule: String,
    /// The element it was found in, as a selector that a person would write: `a.u-url`, `time.dt-published`,
    /// `meta[property="og:title"]`. None where it is not from an element (of JSON, the key).
    pub element: Option<String>,
    /// What it found, shortened.
    pub found: String,
}
