//! The mentions of an article, as a fragment, in a frame, and as a page.

use askama::Template;

use super::item::{Item, Says};
use super::texts::Language;
use super::thread::{Threads, Turn, open_at_end};
use crate::http::feeds::FeedLink;
use crate::model::{CountKey, Counts, Mention, MentionKind, Rsvp};

/// So many faces of a pile are in sight; the others unfold.
const FACES: usize = 12;

/// What a page of mentions is made from.
#[derive(Debug)]
pub(crate) struct Shown<'a> {
    /// The article.
    pub(crate) target: &'a str,
    /// Its mentions.
    pub(crate) mentions: &'a [Mention],
    /// How many it has altogether, by kind.
    pub(crate) counts: Counts,
    /// Where the next ones are.
    pub(crate) more: Option<String>,
    /// How many a page of them has.
    pub(crate) limit: u64,
    /// Where to tell of one that is missing.
    pub(crate) tell: String,
    /// The root of the service, which files are loaded from.
    pub(crate) base: &'a str,
    /// How they are to be shown.
    pub(crate) wish: Wish,
}

/// How mentions are to be shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wish {
    /// The language of what we say.
    pub(crate) language: Language,
    /// The look.
    pub(crate) look: Look,
    /// The level of the first heading, 1 to 6.
    pub(crate) level: u8,
}

impl Default for Wish {
    fn default() -> Self {
        Self {
            language: Language::En,
            look: Look::Plain,
            level: 2,
        }
    }
}

/// The ready looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    Plain,
    Cards,
    Compact,
}

impl Look {
    /// Every look.
    pub(crate) const ALL: [Self; 3] = [Self::Plain, Self::Cards, Self::Compact];

    /// Its name, which is also its class.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Cards => "cards",
            Self::Compact => "compact",
        }
    }
}

/// The mentions of an article, as an `h-feed` of `h-cite`s.
#[derive(Debug)]
struct Feed<'a> {
    language: Language,
    look: &'static str,
    level: u8,
    target: &'a str,
    base: &'a str,
    title: String,
    piles: Vec<Pile<'a>>,
    rsvps: Vec<Pile<'a>>,
    talk: String,
    turns: Vec<Turn<'a>>,
    pages: String,
    cards: Vec<Item<'a>>,
    /// Where the next mentions are.
    more: Option<String>,
    next: String,
    /// Where to tell of one that is missing.
    tell: String,
}

/// Faces under a count.
#[derive(Debug)]
struct Pile<'a> {
    /// How many steps its heading is below the first.
    depth: u8,
    label: String,
    in_sight: Vec<Item<'a>>,
    others: Vec<Item<'a>>,
    others_label: String,
}

/// `GET /embed?target=…`: the mentions of an article as a fragment, for a page to include.
#[derive(Debug, Template)]
#[template(path = "embed.html")]
pub(crate) struct EmbedFragment<'a> {
    feed: Feed<'a>,
}

/// `GET /embed/frame?target=…`: the same as a document that fills a frame.
#[derive(Debug, Template)]
#[template(path = "frame.html")]
pub(crate) struct FramePage<'a> {
    feed: Feed<'a>,
}

/// `GET /mentions?target=…`: the same as a page of its own, for readers without scripts.
#[derive(Debug, Template)]
#[template(path = "mentions.html")]
pub(crate) struct MentionsPage<'a> {
    feed: Feed<'a>,
    feeds: Vec<FeedLink>,
}

impl<'a> Feed<'a> {
    fn new(shown: Shown<'a>) -> Self {
        let Wish {
            language,
            look,
            level,
        } = shown.wish;
        let mentions = shown.mentions;
        let counts = &shown.counts;
        let threads = Threads::of(mentions);
        let of = |kind| mentions.iter().filter(move |one| one.entry.kind == kind);
        let pile = |name: &str, n, depth, list: Vec<&'a Mention>| {
            let label = || language.count(name, n);
            (!list.is_empty()).then(|| Pile::new(label(), depth, &list, language))
        };
        let tops = || mentions.iter().filter(|one| threads.is_top(one));
        let turns = threads.turns(tops().filter(|one| is_turn(one)), language);
        let (cards, below): (Vec<_>, Vec<_>) = mentions
            .iter()
            .filter(|one| is_card(one.entry.kind))
            .partition(|one| threads.is_top(one));
        let below = u64::try_from(below.len()).unwrap_or(u64::MAX);
        let pages = counts.of(is_card).saturating_sub(below);
        Self {
            language,
            look: look.as_str(),
            level,
            target: shown.target,
            base: shown.base,
            title: match counts.total() {
                0 => language.say("title").to_owned(),
                total => language.count("mentions", total),
            },
            piles: PILES
                .into_iter()
                .filter_map(|kind| {
                    let n = counts.of(|one| one == kind);
                    pile(kind.as_str(), n, 1, of(kind).collect())
                })
                .collect(),
            rsvps: ANSWERS
                .into_iter()
                .filter_map(|answer| {
                    let answers =
                        of(MentionKind::Rsvp).filter(|one| one.entry.rsvp == Some(answer));
                    let n = counts.get(CountKey::new(MentionKind::Rsvp, Some(answer)));
                    pile(answer.as_str(), n, 2, answers.collect())
                })
                .collect(),
            talk: language.count("reply", counts.of(|kind| kind == MentionKind::Reply)),
            turns,
            pages: language.count("mention", pages),
            cards: cards
                .into_iter()
                .map(|one| Item::page(one, language))
                .collect(),
            more: shown.more,
            next: language.count("next", shown.limit),
            tell: shown.tell,
        }
    }

    /// The level of a heading that many steps below the first.
    fn below(&self, steps: u8) -> u8 {
        self.level.saturating_add(steps).min(6)
    }

    fn is_empty(&self) -> bool {
        self.piles.is_empty()
            && self.rsvps.is_empty()
            && self.turns.is_empty()
            && self.cards.is_empty()
    }

    /// How many lists are open after the last turn.
    fn open(&self) -> usize {
        open_at_end(&self.turns)
    }
}

/// The kinds that are shown as faces, and the answers to an invitation, in their order.
const PILES: [MentionKind; 4] = [
    MentionKind::Like,
    MentionKind::Repost,
    MentionKind::Bookmark,
    MentionKind::Reaction,
];
const ANSWERS: [Rsvp; 4] = [Rsvp::Yes, Rsvp::Maybe, Rsvp::Interested, Rsvp::No];

/// Whether a mention speaks in the conversation: also who answers an invitation and says more than yes.
fn is_turn(mention: &Mention) -> bool {
    let entry = &mention.entry;
    let content = entry.content.as_ref().map(|content| content.text.trim());
    entry.kind == MentionKind::Reply
        || (entry.kind == MentionKind::Rsvp
            && (entry.rsvp.is_none() || content.is_some_and(|text| !text.is_empty())))
}

/// Whether mentions of this kind are shown as pages that link here.
fn is_card(kind: MentionKind) -> bool {
    !PILES.contains(&kind) && kind != MentionKind::Reply && kind != MentionKind::Rsvp
}

impl<'a> Pile<'a> {
    fn new(label: String, depth: u8, mentions: &[&'a Mention], language: Language) -> Self {
        let mut in_sight: Vec<_> = mentions.iter().map(|one| Item::of(one, language)).collect();
        // One that is left over is shown as well: to say so would take as much room.
        let others = if in_sight.len() > FACES.saturating_add(1) {
            in_sight.split_off(FACES)
        } else {
            Vec::new()
        };
        let left = u64::try_from(others.len()).unwrap_or(u64::MAX);
        Self {
            depth,
            label,
            in_sight,
            others_label: language.count("others", left),
            others,
        }
    }
}

impl<'a> EmbedFragment<'a> {
    /// The fragment that shows `shown`, whose links must be absolute.
    pub(crate) fn new(shown: Shown<'a>) -> Self {
        Self {
            feed: Feed::new(shown),
        }
    }
}

impl<'a> FramePage<'a> {
    /// The document that shows `shown`.
    pub(crate) fn new(shown: Shown<'a>) -> Self {
        Self {
            feed: Feed::new(shown),
        }
    }
}

impl<'a> MentionsPage<'a> {
    /// The page that shows `shown`, and names the feeds that tell of the same.
    pub(crate) fn new(shown: Shown<'a>, feeds: Vec<FeedLink>) -> Self {
        Self {
            feed: Feed::new(shown),
            feeds,
        }
    }
}
