//! [`Mention`]: a verified fact, and the [`Entry`] that it shows.

use super::{KnownUrl, MentionKind, Pictures, Protocols, Rsvp, Timestamp};

/// A mention's number: grows with time, fits into 53 bits (so that JavaScript reads it exactly).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MentionId(pub i64);

impl MentionId {
    /// A number that no mention that was received by the end of this millisecond exceeds, and all that
    /// were received later do; but for a clock that was put back.
    pub fn received_by(time: Timestamp) -> Self {
        Self(time.as_millis().saturating_mul(1000).saturating_add(999))
    }
}

/// The version of what is shown: another one than before when anything is different. Zero: nothing was
/// ever shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct PageVersion(pub i64);

/// The number of a change that a reader could see. Changes are numbered in the order in which they
/// happen, whatever they are of; the number is microseconds since 1970, made unique. Zero: before all
/// changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChangeNumber(pub i64);

impl ChangeNumber {
    /// A number that no change that had happened by the end of this millisecond exceeds, and all later
    /// ones do; but for a clock that was put back.
    pub fn by(time: Timestamp) -> Self {
        Self(MentionId::received_by(time).0)
    }

    /// When the change happened, to the millisecond; but for a clock that was put back.
    pub fn time(self) -> Timestamp {
        Timestamp::from_millis(self.0.div_euclid(1000))
    }
}

/// Who wrote the source. All text is plain text; URLs are http(s).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Author {
    /// Their name.
    pub name: Option<String>,
    /// Their page.
    pub url: Option<String>,
    /// Their picture. No reader's browser is sent there: it is for us to fetch.
    pub photo: Option<String>,
}

impl Author {
    /// This author, with what is not known of them taken from `other`: of an author's own page and of
    /// what a source suggests the page is the first.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            name: self.name.or(other.name),
            url: self.url.or(other.url),
            photo: self.photo.or(other.photo),
        }
    }
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

    /// The moment. A time without an offset is taken for one in UTC, a day for its first moment there.
    pub fn moment(&self) -> Option<Timestamp> {
        let at_utc = |local| jiff::tz::TimeZone::UTC.to_timestamp(local).ok();
        let text = self.0.as_str();
        let moment = text
            .parse::<jiff::Timestamp>()
            .ok()
            .or_else(|| at_utc(text.parse::<jiff::civil::DateTime>().ok()?))?;
        Some(Timestamp::from_millis(moment.as_millisecond()))
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

/// Markup that may be shown as it is: a short list of elements, no scripts, no styles, http(s) links only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CleanHtml(String);

impl CleanHtml {
    /// Takes markup that came out of the sanitiser: the reader's and the store's job.
    pub fn from_sanitised(html: String) -> Self {
        Self(html)
    }

    /// The markup.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What an entry says. What is too long is cut, and ends with `…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// With its markup, if it has any.
    pub html: Option<CleanHtml>,
    /// As plain text: paragraphs are parted by empty lines, lines by line ends.
    pub text: String,
}

/// A picture. URLs of pictures, like those of films and sounds, are the source's own: nothing here
/// was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo {
    /// Where it is.
    pub url: String,
    /// What it shows, in words.
    pub alt: Option<String>,
}

/// Where something was written or takes place.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Location {
    /// Its name, or else its address on one line.
    pub name: Option<String>,
    /// Its page.
    pub url: Option<String>,
    /// Latitude and longitude in degrees, WGS 84.
    pub coordinates: Option<(f64, f64)>,
}

/// An answer to the source that the source shows itself: a Salmention's child.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// What it does to the source: reply, like, repost or bookmark.
    pub kind: MentionKind,
    /// Who wrote it.
    pub author: Option<Author>,
    /// When.
    pub published: Option<AuthoredTime>,
    /// What it says, as plain text.
    pub text: Option<String>,
    /// Where it is.
    pub url: Option<String>,
}

/// What a source says, as far as it could be read. All text is plain text, but for
/// [`Content::html`]; URLs are http(s).
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// What it does to the target; of several things the one that leads.
    pub kind: MentionKind,
    /// What else it does to it, in the order of [`MentionKind::ALL`].
    pub also: Vec<MentionKind>,
    /// What it answers, if it is an [`MentionKind::Rsvp`].
    pub rsvp: Option<Rsvp>,
    /// Its title, without the site's name. A note has none: where what is marked as its name is only
    /// how its content begins, this is empty.
    pub title: Option<String>,
    /// What it says in short.
    pub summary: Option<String>,
    /// What it says.
    pub content: Option<Content>,
    /// The words round the link.
    pub excerpt: Option<Excerpt>,
    /// Who wrote it.
    pub author: Option<Author>,
    /// When it was published.
    pub published: Option<AuthoredTime>,
    /// When it was changed last.
    pub updated: Option<AuthoredTime>,
    /// Pictures that belong to it.
    pub photos: Vec<Photo>,
    /// Films that belong to it.
    pub videos: Vec<String>,
    /// Sounds that belong to it.
    pub audio: Vec<String>,
    /// What it is about, in the author's words.
    pub categories: Vec<String>,
    /// Copies of it elsewhere.
    pub syndication: Vec<String>,
    /// Where it was written.
    pub location: Option<Location>,
    /// What others said to it.
    pub comments: Vec<Comment>,
    /// The name of the site it stands on.
    pub site_name: Option<String>,
    /// The icon of that site.
    pub site_icon: Option<String>,
    /// The language of the excerpt or else of the page, a BCP 47 tag.
    pub language: Option<String>,
    /// Where a reader should go: the entry's own permanent address, which of a bridge's copy is that
    /// of the original; else the page's canonical URL if it is on the page's host; else where the
    /// fetch of the source ended, redirects included.
    pub url: String,
}

impl Entry {
    /// What it does to the target, the kind that leads first.
    pub fn kinds(&self) -> impl Iterator<Item = MentionKind> {
        std::iter::once(self.kind).chain(self.also.iter().copied())
    }

    /// The microformats2 properties whose value is the target, each once: none, if it merely links.
    pub fn relations(&self) -> Vec<&'static str> {
        let mut relations = Vec::new();
        for property in self.kinds().filter_map(MentionKind::property) {
            if !relations.contains(&property) {
                relations.push(property);
            }
        }
        relations
    }

    /// An entry of which nothing is known but its kind and where it is.
    pub fn bare(kind: MentionKind, url: String) -> Self {
        Self {
            kind,
            also: Vec::new(),
            rsvp: None,
            title: None,
            summary: None,
            content: None,
            excerpt: None,
            author: None,
            published: None,
            updated: None,
            photos: Vec::new(),
            videos: Vec::new(),
            audio: Vec::new(),
            categories: Vec::new(),
            syndication: Vec::new(),
            location: None,
            comments: Vec::new(),
            site_name: None,
            site_icon: None,
            language: None,
            url,
        }
    }
}

/// Who sees a mention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MentionState {
    /// Everybody.
    Shown,
    /// The owner alone: its source is private.
    Private,
    /// The owner alone: another mention of the same page, which tells of the same post, is shown in its
    /// place.
    Hidden,
}

impl MentionState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Shown, Self::Private, Self::Hidden];

    /// The name in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::Private => "private",
            Self::Hidden => "hidden",
        }
    }

    /// The state of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// A verified mention: `source` links to `target`.
#[derive(Debug, Clone, PartialEq)]
pub struct Mention {
    /// Its number.
    pub id: MentionId,
    /// The page that links.
    pub source: KnownUrl,
    /// The target as the link names it.
    pub target: KnownUrl,
    /// By which protocols it was reported.
    pub protocols: Protocols,
    /// Who sees it.
    pub state: MentionState,
    /// What the source says.
    pub entry: Entry,
    /// The copies of its pictures that we have.
    pub pictures: Pictures,
    /// When it was first verified.
    pub received_at: Timestamp,
    /// When it was last verified.
    pub verified_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authored_time_is_a_moment_in_utc_unless_it_says_otherwise() {
        let seconds = |text: &str| {
            let moment = AuthoredTime::from_checked(text.to_owned()).moment();
            moment.map(|moment| moment.as_millis() / 1000)
        };
        assert_eq!(seconds("2026-05-04T09:30:00-07:00"), Some(1_777_912_200));
        assert_eq!(seconds("2026-05-04T16:30:00Z"), Some(1_777_912_200));
        assert_eq!(seconds("2026-05-04T09:00:00"), Some(1_777_885_200));
        assert_eq!(seconds("2026-05-04"), Some(1_777_852_800));
        assert_eq!(seconds("some day"), None);
    }
}
