//! webmention.io's words for what we have words of our own for: kinds, URLs, times.

use std::borrow::Cow;

use crate::model::{AuthoredTime, Mention, MentionKind, Protocol, Timestamp};

/// What it has no word for is a mention to it.
const MENTIONS: [MentionKind; 8] = [
    MentionKind::Mention,
    MentionKind::Quotation,
    MentionKind::Invite,
    MentionKind::PersonTag,
    MentionKind::Listen,
    MentionKind::Read,
    MentionKind::Watch,
    MentionKind::Play,
];

/// Its `wm-property` for a kind.
pub(super) const fn property(kind: MentionKind) -> &'static str {
    match kind {
        MentionKind::Rsvp => "rsvp",
        MentionKind::Repost => "repost-of",
        MentionKind::Like => "like-of",
        MentionKind::Reaction | MentionKind::Reply => "in-reply-to",
        MentionKind::Bookmark => "bookmark-of",
        MentionKind::Quotation
        | MentionKind::Invite
        | MentionKind::PersonTag
        | MentionKind::Listen
        | MentionKind::Read
        | MentionKind::Watch
        | MentionKind::Play
        | MentionKind::Mention => "mention-of",
    }
}

/// Its `activity.type` for a kind.
pub(super) const fn activity(kind: MentionKind) -> &'static str {
    match kind {
        MentionKind::Rsvp => "rsvp",
        MentionKind::Repost => "repost",
        MentionKind::Like => "like",
        MentionKind::Reaction | MentionKind::Reply => "reply",
        MentionKind::Bookmark => "bookmark",
        MentionKind::Invite => "invite",
        MentionKind::Quotation
        | MentionKind::PersonTag
        | MentionKind::Listen
        | MentionKind::Read
        | MentionKind::Watch
        | MentionKind::Play
        | MentionKind::Mention => "link",
    }
}

/// The kinds that a `wm-property` asks for: a property, or a type's bare name. Those that it does not know
/// go by our names.
pub(super) fn kinds(asked: &str) -> Vec<MentionKind> {
    let name = asked.strip_prefix("in-").unwrap_or(asked);
    let name = name
        .strip_suffix("-to")
        .or_else(|| name.strip_suffix("-of"))
        .unwrap_or(name);
    match name {
        "reply" => vec![MentionKind::Reply, MentionKind::Reaction],
        "mention" | "link" => MENTIONS.to_vec(),
        other => MentionKind::from_name(other).into_iter().collect(),
    }
}

/// What the source does to the target, in words.
pub(super) fn verb(mention: &Mention) -> String {
    match property(mention.entry.kind) {
        "repost-of" => "reposted".to_owned(),
        "like-of" => "liked".to_owned(),
        "in-reply-to" => "replied to".to_owned(),
        "bookmark-of" => "bookmarked".to_owned(),
        "rsvp" => match mention.entry.rsvp {
            Some(answer) => format!("RSVPed “{}” to", answer.as_str()),
            None => "RSVPed to".to_owned(),
        },
        _ => "mentioned".to_owned(),
    }
}

/// By what it came: of several protocols the first.
pub(super) fn protocol(mention: &Mention) -> &'static str {
    mention
        .protocols
        .iter()
        .next()
        .map_or("webmention", Protocol::as_str)
}

/// The target without its fragment, and the fragment.
pub(super) fn target(mention: &Mention) -> (&str, Option<&str>) {
    match mention.target.as_str().split_once('#') {
        Some((page, fragment)) => (page, Some(fragment).filter(|name| !name.is_empty())),
        None => (mention.target.as_str(), None),
    }
}

/// A URL that may stand in an attribute as it is: clients put it there.
// SECURITY: URLs that the URL Standard serialised hold none of these but the apostrophe. What a store
// holds was serialised so; this is the second lock.
pub(super) fn attribute(url: &str) -> Cow<'_, str> {
    const ENCODED: [(char, &str); 6] = [
        ('"', "%22"),
        ('\'', "%27"),
        ('<', "%3C"),
        ('>', "%3E"),
        (' ', "%20"),
        ('`', "%60"),
    ];
    if !url.contains(ENCODED.map(|(c, _)| c)) {
        return Cow::Borrowed(url);
    }
    let encoded = |c: char| ENCODED.iter().find(|(plain, _)| *plain == c);
    let mut safe = String::with_capacity(url.len());
    for c in url.chars() {
        match encoded(c) {
            Some((_, code)) => safe.push_str(code),
            None => safe.push(c),
        }
    }
    Cow::Owned(safe)
}

/// A moment, to the second, with `Z`.
pub(super) fn utc(time: Timestamp) -> String {
    format(time, "%Y-%m-%dT%H:%M:%SZ")
}

/// A moment, to the second, with an offset.
pub(super) fn with_offset(time: Timestamp) -> String {
    format(time, "%Y-%m-%dT%H:%M:%S+00:00")
}

/// A day.
pub(super) fn day(time: Timestamp) -> String {
    format(time, "%Y-%m-%d")
}

fn format(time: Timestamp, form: &str) -> String {
    jiff::Timestamp::from_millisecond(time.as_millis())
        .unwrap_or_default()
        .strftime(form)
        .to_string()
}

/// A time as its source gave it, with the time of day, and the offset if there was one.
pub(super) fn local(time: &AuthoredTime) -> String {
    let text = time.as_str();
    match text.strip_suffix('Z') {
        Some(utc) => format!("{utc}+00:00"),
        None if !text.contains('T') => format!("{text}T00:00:00"),
        None => text.to_owned(),
    }
}

/// The same, in UTC where the source gave no offset.
pub(super) fn absolute(time: &AuthoredTime) -> String {
    let local = local(time);
    let has_offset = local
        .split_once('T')
        .is_some_and(|(_, clock)| clock.contains(['+', '-']));
    if has_offset {
        local
    } else {
        format!("{local}+00:00")
    }
}

/// Text in XML or HTML, in elements and attributes; what XML does not allow is left out.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\t' | '\n' | '\r' => safe.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_gives_the_kinds_that_are_told_as_it() {
        for kind in MentionKind::ALL {
            assert!(kinds(property(kind)).contains(&kind), "{kind:?}");
            // A bare name is a type's, or ours.
            assert!(kinds(kind.as_str()).contains(&kind), "{kind:?}");
        }
        assert_eq!(kinds("in-reply-to"), kinds("reply"));
        assert_eq!(kinds("listen-of"), [MentionKind::Listen]);
        assert_eq!(kinds("follow-of"), []);
    }

    #[test]
    fn times_are_told_as_they_were_given_and_in_utc() {
        for (given, want, in_utc) in [
            (
                "2026-05-04",
                "2026-05-04T00:00:00",
                "2026-05-04T00:00:00+00:00",
            ),
            (
                "2026-05-04T09:00:00",
                "2026-05-04T09:00:00",
                "2026-05-04T09:00:00+00:00",
            ),
            (
                "2026-05-04T09:00:00Z",
                "2026-05-04T09:00:00+00:00",
                "2026-05-04T09:00:00+00:00",
            ),
            (
                "2026-05-04T09:00:00-07:00",
                "2026-05-04T09:00:00-07:00",
                "2026-05-04T09:00:00-07:00",
            ),
        ] {
            let time = AuthoredTime::from_checked(given.to_owned());
            assert_eq!(
                (local(&time).as_str(), absolute(&time).as_str()),
                (want, in_utc)
            );
        }
    }

    #[test]
    fn nothing_leaves_an_attribute() {
        assert_eq!(
            attribute("https://a.example/x?y=1&z"),
            "https://a.example/x?y=1&z"
        );
        assert_eq!(
            attribute("https://a.example/it's\"<b> `"),
            "https://a.example/it%27s%22%3Cb%3E%20%60"
        );
        assert_eq!(
            escaped("a\u{0}<b class=\"c\">&'"),
            "a&lt;b class=&quot;c&quot;&gt;&amp;&#39;"
        );
    }
}
