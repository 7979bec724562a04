//! [`MentionKind`]: what a source does to a target, and [`Rsvp`]: what it answers to an invitation.

/// What a source does to a target, beyond linking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MentionKind {
    /// It says whether its author comes (`rsvp`).
    Rsvp,
    /// It reposts (`repost-of`).
    Repost,
    /// It likes (`like-of`).
    Like,
    /// It answers with a single emoji.
    Reaction,
    /// It answers (`in-reply-to`).
    Reply,
    /// It quotes (`quotation-of`).
    Quotation,
    /// It bookmarks (`bookmark-of`).
    Bookmark,
    /// It invites the target's owner to an event (`invitee`).
    Invite,
    /// It names the target's owner as someone it is about or who is in the picture.
    PersonTag,
    /// It was listened to (`listen-of`).
    Listen,
    /// It was read (`read-of`).
    Read,
    /// It was watched (`watch-of`).
    Watch,
    /// It was played (`play-of`).
    Play,
    /// It links, and no more is known.
    Mention,
}

impl MentionKind {
    /// Every kind. Of several that a source is, the first in this order leads.
    pub const ALL: [Self; 14] = [
        Self::Rsvp,
        Self::Repost,
        Self::Like,
        Self::Reaction,
        Self::Reply,
        Self::Quotation,
        Self::Bookmark,
        Self::Invite,
        Self::PersonTag,
        Self::Listen,
        Self::Read,
        Self::Watch,
        Self::Play,
        Self::Mention,
    ];

    /// The name in the store and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rsvp => "rsvp",
            Self::Repost => "repost",
            Self::Like => "like",
            Self::Reaction => "reaction",
            Self::Reply => "reply",
            Self::Quotation => "quotation",
            Self::Bookmark => "bookmark",
            Self::Invite => "invite",
            Self::PersonTag => "person-tag",
            Self::Listen => "listen",
            Self::Read => "read",
            Self::Watch => "watch",
            Self::Play => "play",
            Self::Mention => "mention",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The microformats2 property of the source's entry whose value is the target; `None` for what merely
    /// links. A person's tag is a `category`, and what answers in other ways than in words answers, too.
    pub const fn property(self) -> Option<&'static str> {
        match self {
            Self::Rsvp | Self::Reaction | Self::Reply => Some("in-reply-to"),
            Self::Repost => Some("repost-of"),
            Self::Like => Some("like-of"),
            Self::Quotation => Some("quotation-of"),
            Self::Bookmark => Some("bookmark-of"),
            Self::Invite => Some("invitee"),
            Self::PersonTag => Some("category"),
            Self::Listen => Some("listen-of"),
            Self::Read => Some("read-of"),
            Self::Watch => Some("watch-of"),
            Self::Play => Some("play-of"),
            Self::Mention => None,
        }
    }
}

/// Whether somebody comes to an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rsvp {
    /// They come.
    Yes,
    /// They do not.
    No,
    /// They may.
    Maybe,
    /// They want to be told more.
    Interested,
}

impl Rsvp {
    /// Every answer.
    pub const ALL: [Self; 4] = [Self::Yes, Self::No, Self::Maybe, Self::Interested];

    /// The name in the store and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Maybe => "maybe",
            Self::Interested => "interested",
        }
    }

    /// The answer of that name, in any letter case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|answer| answer.as_str().eq_ignore_ascii_case(name))
    }
}
