//! What a mention does to its target, in the classes of microformats2.

use crate::model::{Entry, MentionKind};

/// The microformats2 classes of what an entry is to its target, each once.
pub(super) fn relations(entry: &Entry) -> Vec<&'static str> {
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
