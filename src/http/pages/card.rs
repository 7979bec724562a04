//! One mention as it is shown: who does what, or the title of a page, and what is said.

use url::Position;

use super::moment::Moment;
use super::web_href;
use crate::model::{Entry, Excerpt, Mention, MentionKind, Rsvp};

/// One mention, as it is shown. Nothing in it makes a browser ask anybody for anything: pictures,
/// films and icons are in the JSON only.
#[derive(Debug)]
pub(super) struct Card<'a> {
    pub(super) id: i64,
    /// Where the heading leads.
    pub(super) url: &'a str,
    pub(super) heading: Heading<'a>,
    /// The site's name; its host if there is not even an author to name.
    pub(super) site: Option<&'a str>,
    pub(super) author_name: Option<&'a str>,
    pub(super) author_url: Option<&'a str>,
    pub(super) published: Option<Moment>,
    pub(super) received: Moment,
    pub(super) says: Option<Says<'a>>,
    pub(super) language: Option<&'a str>,
    /// The classes of the properties whose value is the target: what the entry is to it.
    pub(super) relations: Vec<&'static str>,
    pub(super) target: &'a str,
}

/// What stands over a card.
#[derive(Debug)]
pub(super) enum Heading<'a> {
    /// The title of a page, or else its address.
    Title(&'a str),
    /// What somebody does.
    Deed(Deed<'a>),
}

/// What somebody does: words to follow their name.
#[derive(Debug)]
pub(super) struct Deed<'a> {
    pub(super) words: &'static str,
    /// The answer to an invitation that the words stand for.
    pub(super) rsvp: Option<&'static str>,
    /// With what they react.
    pub(super) reaction: Option<&'a str>,
}

/// What is said, as text.
#[derive(Debug)]
pub(super) enum Says<'a> {
    Content(&'a str),
    Summary(&'a str),
    Excerpt(&'a Excerpt),
}

impl<'a> From<&'a Mention> for Card<'a> {
    fn from(mention: &'a Mention) -> Self {
        let entry = &mention.entry;
        let author = entry.author.as_ref();
        let author_name = author.and_then(|a| said(a.name.as_deref()));
        let source = mention.source.as_url();
        let host = || &source[Position::BeforeHost..Position::AfterPort];
        let url = web_href(&entry.url).unwrap_or(source.as_str());
        Self {
            id: mention.id.0,
            url,
            heading: Heading::of(entry, author_name.is_some(), url),
            site: said(entry.site_name.as_deref()).or_else(|| author_name.is_none().then(host)),
            author_name,
            author_url: author.and_then(|a| a.url.as_deref().and_then(web_href)),
            published: entry.published.as_ref().map(Moment::from),
            received: Moment::day_of(mention.received_at),
            says: Says::of(entry),
            language: said(entry.language.as_deref()),
            relations: relations(entry),
            target: mention.target.as_str(),
        }
    }
}

impl Card<'_> {
    /// The language of the heading, where its words are the source's.
    pub(super) fn title_language(&self) -> Option<&str> {
        self.language
            .filter(|_| matches!(self.heading, Heading::Title(_)))
    }

    /// The site, where the byline names it: over a deed without an author it is named already.
    pub(super) fn byline_site(&self) -> Option<&str> {
        let is_named = matches!(self.heading, Heading::Deed(_)) && self.author_name.is_none();
        self.site.filter(|_| !is_named)
    }

    /// The author, where the byline names them.
    pub(super) fn byline_has_author(&self) -> bool {
        matches!(self.heading, Heading::Title(_)) && self.author_name.is_some()
    }
}

impl<'a> Heading<'a> {
    fn of(entry: &'a Entry, has_author: bool, url: &'a str) -> Self {
        let title = said(entry.title.as_deref());
        match (entry.kind, title) {
            (MentionKind::Mention, Some(title)) => Self::Title(title),
            (MentionKind::Mention, None) if !has_author => Self::Title(without_scheme(url)),
            _ => Self::Deed(Deed::of(entry)),
        }
    }
}

impl<'a> Deed<'a> {
    fn of(entry: &'a Entry) -> Self {
        let rsvp = entry.rsvp.filter(|_| entry.kind == MentionKind::Rsvp);
        let content = entry.content.as_ref();
        Self {
            words: rsvp.map_or_else(|| deed_words(entry.kind), rsvp_words),
            rsvp: rsvp.map(Rsvp::as_str),
            reaction: content
                .and_then(|content| said(Some(&content.text)))
                .filter(|_| entry.kind == MentionKind::Reaction),
        }
    }
}

impl<'a> Says<'a> {
    /// What a card shows of what is said: of an answer and the like its own words, else the words
    /// round the link. The text of a like or a repost is its maker's filler or the article itself.
    fn of(entry: &'a Entry) -> Option<Self> {
        let excerpt = || entry.excerpt.as_ref().map(Self::Excerpt);
        let own = || {
            let content = entry.content.as_ref().map(|content| content.text.as_str());
            let summary = || said(entry.summary.as_deref()).map(Self::Summary);
            said(content).map(Self::Content).or_else(summary)
        };
        match entry.kind {
            MentionKind::Like | MentionKind::Repost | MentionKind::Reaction => None,
            MentionKind::Mention | MentionKind::Quotation => excerpt(),
            MentionKind::Rsvp
            | MentionKind::Reply
            | MentionKind::Bookmark
            | MentionKind::Invite
            | MentionKind::PersonTag
            | MentionKind::Listen
            | MentionKind::Read
            | MentionKind::Watch
            | MentionKind::Play => own().or_else(excerpt),
        }
    }
}

/// What somebody does, after their name. The widget says the same.
pub(super) fn deed_words(kind: MentionKind) -> &'static str {
    match kind {
        MentionKind::Rsvp => "answered the invitation",
        MentionKind::Repost => "reposted this",
        MentionKind::Like => "likes this",
        MentionKind::Reaction => "reacted",
        MentionKind::Reply => "replied",
        MentionKind::Quotation => "quoted this",
        MentionKind::Bookmark => "bookmarked this",
        MentionKind::Invite => "sent an invitation",
        MentionKind::PersonTag => "tagged this page",
        MentionKind::Listen => "listened to this",
        MentionKind::Read => "read this",
        MentionKind::Watch => "watched this",
        MentionKind::Play => "played this",
        MentionKind::Mention => "mentions this",
    }
}

/// What somebody answers to an invitation, after their name. The widget says the same.
pub(super) fn rsvp_words(answer: Rsvp) -> &'static str {
    match answer {
        Rsvp::Yes => "is coming",
        Rsvp::No => "is not coming",
        Rsvp::Maybe => "may come",
        Rsvp::Interested => "is interested",
    }
}

/// The microformats2 classes of what an entry is to its target, each once.
fn relations(entry: &Entry) -> Vec<&'static str> {
    let mut classes = Vec::new();
    for kind in std::iter::once(&entry.kind).chain(&entry.also) {
        if let Some(class) = relation(*kind).filter(|class| !classes.contains(class)) {
            classes.push(class);
        }
    }
    classes
}

fn relation(kind: MentionKind) -> Option<&'static str> {
    match kind {
        MentionKind::Rsvp | MentionKind::Reaction | MentionKind::Reply => Some("u-in-reply-to"),
        MentionKind::Repost => Some("u-repost-of"),
        MentionKind::Like => Some("u-like-of"),
        MentionKind::Quotation => Some("u-quotation-of"),
        MentionKind::Bookmark => Some("u-bookmark-of"),
        MentionKind::Invite => Some("u-invitee"),
        MentionKind::PersonTag => Some("u-category"),
        MentionKind::Listen => Some("u-listen-of"),
        MentionKind::Read => Some("u-read-of"),
        MentionKind::Watch => Some("u-watch-of"),
        MentionKind::Play => Some("u-play-of"),
        MentionKind::Mention => None,
    }
}

/// A text, unless it is blank.
fn said(text: Option<&str>) -> Option<&str> {
    text.filter(|t| !t.trim().is_empty())
}

fn without_scheme(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_scheme, rest)| rest)
}
