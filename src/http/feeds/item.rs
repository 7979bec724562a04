//! [`Item`]: one mention as feeds tell it, before it is said in which format.

use std::borrow::Cow;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};
use url::{Position, Url};
use uuid::Uuid;

use crate::http::api::rfc3339;
use crate::model::{AuthoredTime, CleanHtml, Entry, Mention, MentionKind, Timestamp};

/// The longest language tag that is passed on, in bytes: RFC 5646 §4.4.1 asks for room for 35.
const MAX_LANGUAGE: usize = 64;

/// One mention as feeds tell it. All text is plain but for [`Words::Html`], all URLs are http(s).
#[derive(Debug)]
pub(super) struct Item<'a> {
    pub(super) mention: &'a Mention,
    /// A `urn:uuid:`, the same in every format, at every time and whatever we are called.
    pub(super) id: String,
    /// Where a reader should go.
    pub(super) url: Cow<'a, str>,
    /// Its own title.
    pub(super) title: Option<&'a str>,
    /// Who wrote it, or else the site that it stands on.
    pub(super) author: &'a str,
    pub(super) author_url: Option<Cow<'a, str>>,
    /// The language of its words, a tag that is well formed.
    pub(super) language: Option<&'a str>,
    /// When it was published, or else received; never after `updated`.
    pub(super) published: Moment<'a>,
    /// When what is told here was last different: RFC 4287 §4.2.15.
    pub(super) updated: Timestamp,
    /// What it says in short, or else the words round the link.
    pub(super) summary: Option<Cow<'a, str>>,
    /// What it says.
    pub(super) words: Option<Words<'a>>,
}

/// What is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words<'a> {
    /// Markup that came out of the sanitiser.
    Html(&'a str),
    /// Plain text.
    Text(&'a str),
}

/// A time that is to be told as its author wrote it, where that is a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment<'a> {
    pub(super) at: Timestamp,
    /// The author's own words for it, if they are RFC 3339.
    pub(super) text: Option<&'a str>,
}

impl Moment<'_> {
    /// As RFC 3339, with the author's own offset where they gave one.
    pub(super) fn rfc3339(self) -> String {
        self.text.map_or_else(|| rfc3339(self.at), str::to_owned)
    }
}

impl<'a> Item<'a> {
    /// What is told of `mention`.
    pub(super) fn of(mention: &'a Mention) -> Self {
        let entry = &mention.entry;
        let author = entry.author.as_ref();
        let published = published(mention);
        let url = web_url(&entry.url).unwrap_or_else(|| uri(mention.source.as_str()));
        Self {
            id: id(mention),
            url,
            title: said(entry.title.as_deref()),
            author: author
                .and_then(|author| said(author.name.as_deref()))
                .or_else(|| said(entry.site_name.as_deref()))
                .unwrap_or_else(|| mention.source.host()),
            author_url: author.and_then(|author| author.url.as_deref().and_then(web_url)),
            language: entry.language.as_deref().filter(|tag| is_language(tag)),
            published,
            updated: updated(mention, published.at),
            summary: summary(entry),
            words: words(entry),
            mention,
        }
    }

    /// A title in any case: where it has none of its own, what it is and by whom.
    pub(super) fn heading(&self) -> Cow<'a, str> {
        match self.title {
            Some(title) => Cow::Borrowed(title),
            None => Cow::Owned(format!("{} by {}", noun(self.mention), self.author)),
        }
    }

    /// The properties whose value is the target: those of microformats2, or for what merely links the one
    /// that readers of webmention.io's feeds know.
    pub(super) fn relations(&self) -> Vec<&'static str> {
        let mut relations = self.mention.entry.relations();
        if relations.is_empty() {
            relations.push("mention-of");
        }
        relations
    }

    /// Whether it is said to the target, and not only about it. RFC 4685 §3.
    pub(super) fn is_response(&self) -> bool {
        self.relations().contains(&"in-reply-to")
    }
}

/// The identity of a mention in feeds: its number, and the host it is a mention on; so two services with
/// equal numbers do not meet in one reader.
fn id(mention: &Mention) -> String {
    let (host, port) = mention.target.host_and_port();
    let hash = Sha256::new()
        .chain_update("linkback ")
        .chain_update(host)
        .chain_update(port)
        .chain_update(" ")
        .chain_update(mention.id.0.to_string())
        .finalize();
    let bytes = hash.first_chunk().copied().unwrap_or_default();
    // RFC 9562 §5.8: version 8, a hash of our own choice.
    let id = Uuid::new_v8(bytes).urn();
    id.encode_lower(&mut Uuid::encode_buffer()).to_owned()
}

/// When it was published. A time after we looked is a mistake or a trick to stay on top.
fn published(mention: &Mention) -> Moment<'_> {
    let authored = mention.entry.published.as_ref();
    let moment = authored.and_then(AuthoredTime::moment);
    match (authored, moment) {
        (Some(authored), Some(at)) if at <= mention.verified_at && is_told(at) => Moment {
            at,
            text: is_moment(authored.as_str()).then(|| authored.as_str()),
        },
        (_, Some(at)) if at > mention.verified_at => Moment {
            at: mention.verified_at,
            text: None,
        },
        _ => Moment {
            at: mention.received_at,
            text: None,
        },
    }
}

/// When what is told was last different: what came today is new today, whatever its own date.
fn updated(mention: &Mention, published: Timestamp) -> Timestamp {
    let authored = mention.entry.updated.as_ref();
    let authored = authored.and_then(AuthoredTime::moment);
    let authored = authored.map_or(published, |at| at.min(mention.verified_at));
    mention.received_at.max(published).max(authored)
}

/// Whether feeds can tell of that time: RFC 3339 has years of four digits, and RFC 5322 of 1900 and later.
fn is_told(at: Timestamp) -> bool {
    const FROM_1900: i64 = -2_208_988_800_000;
    at.as_millis() >= FROM_1900
}

/// Whether a time has an offset, without which RFC 3339 knows none.
fn is_moment(text: &str) -> bool {
    text.parse::<jiff::Timestamp>().is_ok()
}

fn words(entry: &Entry) -> Option<Words<'_>> {
    let content = entry.content.as_ref()?;
    let html = content.html.as_ref().map(CleanHtml::as_str);
    html.filter(|html| !html.trim().is_empty())
        .map(Words::Html)
        .or_else(|| said(Some(&content.text)).map(Words::Text))
}

/// Its own summary, or the words round the link, which are in what an answer says anyway.
fn summary(entry: &Entry) -> Option<Cow<'_, str>> {
    let own = said(entry.summary.as_deref()).map(Cow::Borrowed);
    own.or_else(|| {
        let is_about = matches!(entry.kind, MentionKind::Mention | MentionKind::Quotation);
        let excerpt = entry.excerpt.as_ref()?;
        if entry.content.is_some() && !is_about {
            return None;
        }
        let text = format!("{}{}{}", excerpt.before, excerpt.linked, excerpt.after);
        said(Some(&text)).is_some().then_some(Cow::Owned(text))
    })
}

/// What a mention is, as the beginning of a title.
fn noun(mention: &Mention) -> &'static str {
    match mention.entry.kind {
        MentionKind::Rsvp => "RSVP",
        MentionKind::Repost => "Repost",
        MentionKind::Like => "Like",
        MentionKind::Reaction => "Reaction",
        MentionKind::Reply => "Reply",
        MentionKind::Quotation => "Quotation",
        MentionKind::Bookmark => "Bookmark",
        MentionKind::Invite => "Invitation",
        MentionKind::PersonTag => "Tag",
        MentionKind::Listen => "Listen",
        MentionKind::Read => "Read",
        MentionKind::Watch => "Watch",
        MentionKind::Play => "Play",
        MentionKind::Mention => "Mention",
    }
}

/// Whether this is a language tag by its form. RFC 5646 §2.1.
fn is_language(tag: &str) -> bool {
    let part = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let is_alphabetic = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphabetic());
    tag.len() <= MAX_LANGUAGE
        && tag.split('-').all(part)
        && tag.split('-').next().is_some_and(is_alphabetic)
}

/// An absolute http(s) URL, without a character that would end it early.
// SECURITY: what is stored is http(s) already. This is the second lock, as in our pages.
fn web_url(url: &str) -> Option<Cow<'_, str>> {
    if is_plain(url) {
        return Some(Cow::Borrowed(url));
    }
    let url = Url::parse(url).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| Cow::Owned(uri(url.as_str()).into_owned()))
}

/// Whether this is an http(s) URL like most: without a character that means anything to any of the formats, or that
/// has no place in a URL.
fn is_plain(url: &str) -> bool {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        rest.starts_with(|c: char| c.is_ascii_alphanumeric()) && rest.bytes().all(is_plain_byte)
    })
}

const fn is_plain_byte(byte: u8) -> bool {
    matches!(
        byte,
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' | b'~' | b'/' | b'?' | b'!' | b'$' | b'&'
            | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'='
    )
}

/// A URL as RFC 3986 has it, for formats that take no other: the URL Standard leaves some characters as they are
/// in paths, queries and fragments that this one has no place for. It leads to the same page.
pub(in crate::http) fn uri(url: &str) -> Cow<'_, str> {
    if is_plain(url) {
        return Cow::Borrowed(url);
    }
    // The brackets of an address of IPv6 stay.
    let authority = url.find("://").map_or(0, |at| at.saturating_add(3));
    let path = url
        .get(authority..)
        .and_then(|rest| rest.find('/'))
        .map_or(url.len(), |at| at.saturating_add(authority));
    let (before, rest) = url.split_at_checked(path).unwrap_or((url, ""));
    let is_escape = |at: usize| {
        let digits = rest
            .as_bytes()
            .get(at.saturating_add(1)..at.saturating_add(3));
        digits.is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit))
    };
    let mut fragments: usize = 0;
    let mut written = String::new();
    let mut is_changed = false;
    for (at, c) in rest.char_indices() {
        let stays = match c {
            '%' => is_escape(at),
            '#' => {
                fragments = fragments.saturating_add(1);
                fragments == 1
            }
            c => !r#"[]|^\{}`"<> "#.contains(c),
        };
        if stays {
            written.push(c);
        } else {
            is_changed = true;
            // Writing to a string does not fail.
            let _ = write!(written, "%{:02X}", u32::from(c));
        }
    }
    if is_changed {
        Cow::Owned(format!("{before}{written}"))
    } else {
        Cow::Borrowed(url)
    }
}

/// A text, unless it is blank.
fn said(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.trim().is_empty())
}

/// A URL without its scheme, as titles name it.
pub(super) fn short(url: &Url) -> &str {
    let short = &url[Position::BeforeHost..Position::AfterQuery];
    short.strip_suffix('/').unwrap_or(short)
}
