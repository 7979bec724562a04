//! The words of the domain, as plain values: no IO, no async, no SQL, no wire formats.
//!
//! | word | meaning |
//! |---|---|
//! | [`Site`] | an owner's site: the hosts (and paths) it answers for |
//! | [`SourceUrl`] | the page that links |
//! | [`TargetUrl`] | the article that is linked to |
//! | [`Rule`] | who is turned away at the door, and who never is |
//! | [`Submission`] | an untrusted claim that a source links to a target |
//! | [`Page`] | what a fetch brought back |
//! | [`Verdict`] | what the page says about the target |
//! | [`Outcome`] | what we do about it |
//! | [`Status`] | what became of a submission so far |
//! | [`Mention`] | a verified fact: this source links to that target, and says this |
//! | [`FeedOf`] | what the mentions of a feed are of |
//! | [`Counts`] | how many mentions there are of each kind |
//! | [`Rendition`] | a small copy of a picture that a mention names, made by us |
//! | [`Pace`] | so many in a time, and no more |

mod clock;
mod counts;
mod domain;
mod door;
mod feed;
mod kind;
mod mention;
mod outcome;
mod pace;
mod page;
mod picture;
mod rule;
mod secret;
mod site;
mod status;
mod subject;
mod submission;
mod url;
mod verdict;

pub use self::clock::{Clock, SystemClock, Timestamp};
pub use self::counts::{CountKey, Counts};
pub use self::domain::{domain_of, registrable_domain};
pub use self::door::{Door, SiteSettings};
pub use self::feed::{FeedFormat, FeedOf};
pub use self::kind::{MentionKind, Rsvp};
pub use self::mention::{
    Author, AuthoredTime, ChangeNumber, CleanHtml, Comment, Content, Entry, Excerpt, Location,
    Mention, MentionId, MentionState, PageVersion, Photo,
};
pub use self::outcome::{Failure, FailureKind, NextCheck, Outcome, Publication};
pub use self::pace::{Pace, Paces, SharedPaces};
pub use self::page::{Page, Validators};
pub use self::picture::{
    Cached, MAX_COMMENTERS, MAX_PHOTOS, MediaName, MediaType, PictureRole, Pictures, Rendition,
    pictures_of,
};
pub use self::rule::{Action, Pattern, PatternError, Rule, Rules, Ruling, canonical_network};
pub use self::secret::{MAX_SECRET_BYTES, Secret};
pub use self::site::{Site, SiteBase, SiteError, SiteId};
pub use self::status::{Removal, State, Status, StatusKey};
pub use self::subject::Subject;
pub use self::submission::{Protocol, Protocols, Submission};
pub use self::url::{
    KnownUrl, MAX_URL_BYTES, PageKey, SourceUrl, TargetUrl, UrlError, same_host, same_page,
};
pub use self::verdict::{NearMiss, Reading, Trace, Unreadable, Verdict};
