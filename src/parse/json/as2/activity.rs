//! Activities: what somebody does with an object, as the entry that says so on a page.

use serde_json::Value;

use super::super::value::{MAX_DEPTH, Object, add, add_text, item_of, list, text};
use super::{is_a, link, object};
use crate::parse::microformats::{Item, Value as Mf2};

/// What an activity is to its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    /// It brings it: the object is what is to be read.
    Publish,
    /// It likes it.
    Like,
    /// It shares it.
    Repost,
    /// It answers an invitation.
    Answer(&'static str),
    /// It takes something back or is about the machinery.
    Other,
}

/// The activities of the vocabulary that are met.
const DEEDS: [(&str, Deed); 22] = [
    ("Create", Deed::Publish),
    ("Update", Deed::Publish),
    ("Like", Deed::Like),
    ("EmojiReact", Deed::Like),
    ("Announce", Deed::Repost),
    ("Accept", Deed::Answer("yes")),
    ("Join", Deed::Answer("yes")),
    ("Reject", Deed::Answer("no")),
    ("Leave", Deed::Answer("no")),
    ("TentativeAccept", Deed::Answer("maybe")),
    ("TentativeReject", Deed::Answer("maybe")),
    ("Add", Deed::Other),
    ("Block", Deed::Other),
    ("Delete", Deed::Other),
    ("Dislike", Deed::Other),
    ("Flag", Deed::Other),
    ("Follow", Deed::Other),
    ("Ignore", Deed::Other),
    ("Move", Deed::Other),
    ("Remove", Deed::Other),
    ("Undo", Deed::Other),
    ("View", Deed::Other),
];

/// Whether the object is an activity.
pub(super) fn is(object: &Object) -> bool {
    deed(object).is_some()
}

fn deed(object: &Object) -> Option<Deed> {
    DEEDS
        .iter()
        .find(|(name, _)| is_a(object, name))
        .map(|(_, deed)| *deed)
}

/// The entry that an activity amounts to.
pub(super) fn item(activity: &Object, depth: usize) -> Option<Item> {
    let below = depth.saturating_add(1);
    if below >= MAX_DEPTH {
        return None;
    }
    let deed = deed(activity)?;
    if deed == Deed::Publish {
        let inner = list(activity.get("object")).first()?.as_object()?;
        let mut item = super::item(inner, below)?;
        let nobody = item.first("author").is_none();
        if nobody && !item.is("h-card") {
            object::add_authors(&mut item, activity);
        }
        return Some(item);
    }
    let mut item = item_of("h-entry");
    object::add_authors(&mut item, activity);
    add_text(&mut item, "published", text(activity, "published"));
    add_text(&mut item, "url", link::page(activity));
    add_text(&mut item, "uid", text(activity, "id"));
    match deed {
        Deed::Like => match reaction(activity) {
            Some(emoji) => {
                add_objects(&mut item, "in-reply-to", activity.get("object"), below);
                add_text(&mut item, "content", Some(emoji));
            }
            None => add_objects(&mut item, "like-of", activity.get("object"), below),
        },
        Deed::Repost => add_objects(&mut item, "repost-of", activity.get("object"), below),
        Deed::Answer(answer) => {
            let event = event(activity.get("object"))?;
            add_objects(&mut item, "in-reply-to", Some(event), below);
            add_text(&mut item, "rsvp", Some(answer));
        }
        Deed::Publish | Deed::Other => return None,
    }
    Some(item)
}

/// The emoji that a like is made with. One that is only a name (`:blobcat:`) is a picture that the
/// text would not show: it stays a like.
fn reaction(activity: &Object) -> Option<&str> {
    ["content", "_misskey_reaction"]
        .into_iter()
        .find_map(|key| text(activity, key))
        .map(str::trim)
        .filter(|emoji| !emoji.starts_with(':'))
}

/// What is accepted: the event itself, or that of an invitation. To accept a follower is no answer.
fn event(object: Option<&Value>) -> Option<&Value> {
    let value = list(object).first()?;
    match value.as_object() {
        Some(activity) if is_a(activity, "Follow") => None,
        Some(activity) if is_a(activity, "Invite") || is(activity) => {
            list(activity.get("object")).first()
        }
        _ => Some(value),
    }
}

fn add_objects(item: &mut Item, property: &str, value: Option<&Value>, depth: usize) {
    for value in list(value) {
        if let Some(cited) = object::cited(value, depth) {
            add(item, property, cited);
        } else if let Some(href) = link::first(Some(value)) {
            add(item, property, Mf2::Text(href.to_owned()));
        }
    }
}
