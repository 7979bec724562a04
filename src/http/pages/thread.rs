//! The conversation: which mentions answer which. As the widget does it in `assets/widget/mentions.js`.

use std::collections::{HashMap, HashSet};

use super::item::Item;
use super::texts::Language;
use crate::model::{Comment, Mention, MentionId, MentionKind, Pictures};

/// Replies to replies are indented so often; those below them no further.
const DEEPEST: usize = 4;

/// An entry of the conversation, in the order of reading.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    pub(super) item: Item<'a>,
    /// Whether a list of answers begins before it.
    pub(super) opens: bool,
    /// How many lists of answers end before it.
    pub(super) closes: usize,
    depth: usize,
}

/// What stands below a mention: another mention, or what only its page shows.
enum Answer<'a> {
    Known(&'a Mention),
    Shown(&'a Comment, &'a Pictures),
}

/// Which mentions stand below others.
///
/// What one's page shows as a comment, and was reported here as well, stands below it. Only what came
/// later does, so that nothing is below itself.
pub(super) struct Threads<'a> {
    nested: HashSet<MentionId>,
    below: HashMap<MentionId, Vec<Answer<'a>>>,
}

impl<'a> Threads<'a> {
    pub(super) fn of(mentions: &'a [Mention]) -> Self {
        let known: HashMap<&str, &Mention> = mentions
            .iter()
            .map(|mention| (mention.entry.url.as_str(), mention))
            .collect();
        let mut nested = HashSet::new();
        let mut below = HashMap::new();
        for mention in mentions {
            let mut answers = Vec::new();
            for comment in &mention.entry.comments {
                let own = comment.url.as_deref().and_then(|url| known.get(url));
                if own.is_some_and(|own| own.id <= mention.id || !nested.insert(own.id)) {
                    continue;
                }
                if comment.kind == MentionKind::Reply {
                    answers.push(
                        own.map_or(Answer::Shown(comment, &mention.pictures), |own| {
                            Answer::Known(own)
                        }),
                    );
                }
            }
            below.insert(mention.id, answers);
        }
        Self { nested, below }
    }

    /// Whether a mention stands in its own right.
    pub(super) fn is_top(&self, mention: &Mention) -> bool {
        !self.nested.contains(&mention.id)
    }

    /// The conversation that begins with these mentions.
    pub(super) fn turns(
        &self,
        tops: impl DoubleEndedIterator<Item = &'a Mention>,
        language: Language,
    ) -> Vec<Turn<'a>> {
        let mut turns: Vec<Turn<'a>> = Vec::new();
        // Not by recursion: a thread may be as deep as there are mentions.
        let mut waiting: Vec<(Answer<'_>, Option<String>, usize)> = tops
            .rev()
            .map(|top| (Answer::Known(top), None, 0))
            .collect();
        while let Some((answer, to, depth)) = waiting.pop() {
            let (item, id) = match answer {
                Answer::Known(mention) => (
                    Item::turn(mention, to.as_deref(), language),
                    Some(mention.id),
                ),
                Answer::Shown(comment, pictures) => (
                    Item::comment(comment, pictures, to.as_deref(), language),
                    None,
                ),
            };
            let below = id
                .and_then(|id| self.below.get(&id))
                .map_or(&[][..], Vec::as_slice);
            let next = depth.saturating_add(1).min(DEEPEST);
            for answer in below.iter().rev() {
                let answer = match answer {
                    Answer::Known(mention) => Answer::Known(mention),
                    Answer::Shown(comment, pictures) => Answer::Shown(comment, pictures),
                };
                waiting.push((answer, Some(item.name.clone()), next));
            }
            let before = turns.last().map_or(0, |turn| turn.depth);
            turns.push(Turn {
                item,
                opens: depth > before,
                closes: before.saturating_sub(depth),
                depth,
            });
        }
        turns
    }
}

/// How many lists of answers are open after the last of `turns`.
pub(super) fn open_at_end(turns: &[Turn<'_>]) -> usize {
    turns.last().map_or(0, |turn| turn.depth)
}
