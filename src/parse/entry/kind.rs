//! What an entry does to the target. The W3C's Response Type Algorithm (Post Type Discovery, §4),
//! extended by what people use beside it, and always asking whether a property names *this* target:
//! who likes B and links to A in the text mentions A.

use crate::model::{MentionKind, Rsvp};
use crate::parse::microformats::{Item, Value};
use crate::parse::sanitise::is_emoji;

use super::subject::Subject;

/// Properties by the kind that they make, the kinds in the order in which they lead.
///
/// Some are names that were in use before (`like`, `reply-to`). They count as such only with a plain
/// address: an item under `like` is what the entry shows of others' likes.
const KINDS: [(MentionKind, &[&str], &[&str]); 11] = [
    (
        MentionKind::Repost,
        &["repost-of", "share-of"],
        &["repost", "share"],
    ),
    (
        MentionKind::Like,
        &["like-of", "favorite-of"],
        &["like", "favorite"],
    ),
    (
        MentionKind::Reply,
        &["in-reply-to", "reply-to", "reply-of"],
        &["reply"],
    ),
    (MentionKind::Quotation, &["quotation-of", "quote-of"], &[]),
    (MentionKind::Bookmark, &["bookmark-of"], &["bookmark"]),
    (MentionKind::Invite, &["invitee"], &[]),
    (MentionKind::PersonTag, &[], &[]),
    (MentionKind::Listen, &["listen-of"], &[]),
    (MentionKind::Read, &["read-of"], &[]),
    (MentionKind::Watch, &["watch-of"], &[]),
    (MentionKind::Play, &["play-of"], &[]),
];

/// What an entry does, the kind that leads first; nothing if it merely links.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Kinds {
    /// Each with the property that says so.
    pub(super) kinds: Vec<(MentionKind, String)>,
    /// The answer to an invitation.
    pub(super) rsvp: Option<Rsvp>,
}

/// What `item`, which says `text`, does to the subject; `linked_as_reply`: a link to it in the entry
/// has `rel=in-reply-to`.
pub(super) fn kinds(
    item: &Item,
    text: Option<&str>,
    linked_as_reply: bool,
    subject: &Subject<'_>,
) -> Kinds {
    let mut found = Kinds::default();
    let answers = KINDS
        .iter()
        .filter(|(kind, ..)| *kind == MentionKind::Reply)
        .find_map(|(_, names, old)| naming(item, names, old, subject))
        .or_else(|| linked_as_reply.then(|| "rel=in-reply-to".to_owned()));
    found.rsvp = item
        .all("rsvp")
        .iter()
        .find_map(|value| Rsvp::from_name(&value.display()))
        .filter(|_| answers.is_some() || item.all("in-reply-to").is_empty());
    if found.rsvp.is_some() {
        found.kinds.push((MentionKind::Rsvp, "p-rsvp".to_owned()));
    }
    for (kind, names, old) in KINDS {
        let by = match kind {
            MentionKind::Reply => answers.clone(),
            MentionKind::PersonTag => is_tagged(item, subject).then(|| "category".to_owned()),
            _ => naming(item, names, old, subject),
        };
        let Some(by) = by else { continue };
        let kind = match kind {
            MentionKind::Reply if found.rsvp.is_some() => continue,
            MentionKind::Reply if text.is_some_and(is_emoji) => MentionKind::Reaction,
            kind => kind,
        };
        found.kinds.push((kind, by));
    }
    found
}

/// The property that names the subject.
fn naming(item: &Item, names: &[&str], old: &[&str], subject: &Subject<'_>) -> Option<String> {
    names
        .iter()
        .find(|name| subject.is_in(item, name))
        .or_else(|| {
            old.iter().find(|name| {
                item.all(name)
                    .iter()
                    .any(|value| value.item().is_none() && subject.is_named_by(value))
            })
        })
        .map(|name| (*name).to_owned())
}

/// Whether somebody whose page is the subject is tagged.
fn is_tagged(item: &Item, subject: &Subject<'_>) -> bool {
    item.all("category")
        .iter()
        .filter_map(Value::item)
        .any(|card| subject.is_of(card))
}
