//! What others said to an entry, as far as the entry shows it: the children that a Salmention brings.

use url::Url;

use crate::model::{Comment, MentionKind};
use crate::parse::author::from_card;
use crate::parse::facts::web_address;
use crate::parse::microformats::{Item, Origins, Value};
use crate::parse::words::clean;
use crate::parse::{date, sanitise};

/// Responses that are kept of one entry.
const MAX_COMMENTS: usize = 100;
/// Graphemes of a name.
const MAX_NAME: usize = 200;

/// Properties that hold responses.
const KINDS: [(&str, MentionKind); 6] = [
    ("comment", MentionKind::Reply),
    ("reply", MentionKind::Reply),
    ("like", MentionKind::Like),
    ("favorite", MentionKind::Like),
    ("repost", MentionKind::Repost),
    ("bookmark", MentionKind::Bookmark),
];

/// The responses in `item`.
pub(super) fn comments(item: &Item, origins: &Origins<'_>, base: &Url) -> Vec<Comment> {
    KINDS
        .iter()
        .flat_map(|(name, kind)| {
            item.all(name)
                .iter()
                .filter_map(Value::item)
                .filter_map(|response| comment(response, *kind, origins, base))
        })
        .take(MAX_COMMENTS)
        .collect()
}

fn comment(item: &Item, kind: MentionKind, origins: &Origins<'_>, base: &Url) -> Option<Comment> {
    let text = || {
        let node = origins
            .of(item)
            .and_then(|origin| origin.all("content").next());
        let content = node.and_then(|node| sanitise::element(node, base).content);
        content.map(|content| content.text).or_else(|| {
            ["content", "summary", "name"]
                .iter()
                .flat_map(|name| item.all(name))
                .find_map(|value| sanitise::plain(value.text()))
        })
    };
    // A mere card is of somebody who liked it, say.
    let is_card = item.is("h-card");
    let author = if is_card {
        from_card(item, base)
    } else {
        item.all("author").iter().find_map(|value| match value {
            Value::Item(card) => from_card(card, base),
            value => Some(crate::model::Author {
                name: Some(clean(value.text(), MAX_NAME).filter(|name| !name.contains("://"))?),
                ..crate::model::Author::default()
            }),
        })
    };
    let comment = Comment {
        kind,
        author,
        published: item
            .all("published")
            .iter()
            .find_map(|value| date::authored(value.text())),
        text: if is_card || kind != MentionKind::Reply {
            None
        } else {
            text()
        },
        url: item
            .all("url")
            .iter()
            .find_map(|url| web_address(base, url.text()))
            .filter(|_| !is_card)
            .map(String::from),
    };
    let says_something =
        comment.author.is_some() || comment.text.is_some() || comment.url.is_some();
    says_something.then_some(comment)
}
