//! Reads a page's microformats as what they say of the target: which entry, what it does to the
//! target, who wrote it, and all it says.
//!
//! | module | what it knows |
//! |---|---|
//! | `placed` | the items of a page and what each stands in |
//! | `subject` | whether a property names the target |
//! | `choice` | which entry is meant |
//! | `kind` | what it does to the target |
//! | `authorship` | who wrote it |
//! | `fields`, `location`, `comments` | what it says |

mod authorship;
mod choice;
mod comments;
mod fields;
mod kind;
mod location;
mod placed;
mod subject;

use url::Url;

use crate::model::{
    Author, AuthoredTime, Comment, Content, Location, MAX_URL_BYTES, MentionKind, Photo, Rsvp,
    SourceUrl, Trace,
};

use super::document::{element, has_word, selector};
use super::facts::{trace, trace_at};
use super::microformats::{Item, Microformats, Origins, Value};
use super::survey::Candidate;

use self::authorship::{Authorship, Place};
use self::choice::{Choice, Scene};
use self::fields::Fields;
pub(super) use self::fields::begins_with;
use self::placed::Items;
pub(super) use self::subject::Subject;

/// A page whose microformats are known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marked<'p, 'a> {
    pub(super) found: &'p Microformats,
    /// Where its items are.
    pub(super) origins: &'p Origins<'a>,
    /// Where the page is, with the fragment that it was asked for.
    pub(super) url: &'p Url,
    /// The page's own name for itself.
    pub(super) canonical: Option<&'p Url>,
}

/// Whose words they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// The page is about the entry: what the page says of itself it says of the entry.
    Main,
    /// The entry is one of several on its page.
    OneOfMany,
    /// The link is in no entry. What is told is of the entry that the page is about, if of any, but
    /// for its content and its kind.
    Outside,
}

/// What the microformats of a page tell of the mention.
#[derive(Debug)]
pub(super) struct Told<'a> {
    pub(super) standing: Standing,
    /// The link that is shown.
    pub(super) link: Option<Candidate<'a>>,
    /// What the entry does, the kind that leads first; [`MentionKind::Mention`] alone if it merely
    /// links.
    pub(super) kinds: Vec<MentionKind>,
    pub(super) rsvp: Option<Rsvp>,
    pub(super) title: Option<String>,
    /// Whether the page's title may stand for the missing title: not if the entry is known to have
    /// none.
    pub(super) wants_title: bool,
    pub(super) summary: Option<String>,
    pub(super) content: Option<Content>,
    pub(super) author: Option<Author>,
    pub(super) author_page: Option<SourceUrl>,
    pub(super) published: Option<AuthoredTime>,
    pub(super) updated: Option<AuthoredTime>,
    /// Those that are named as such, or else those in the content.
    pub(super) photos: Vec<Photo>,
    pub(super) videos: Vec<String>,
    pub(super) audio: Vec<String>,
    pub(super) categories: Vec<String>,
    pub(super) syndication: Vec<String>,
    pub(super) location: Option<Location>,
    pub(super) comments: Vec<Comment>,
    pub(super) url: Option<String>,
    /// The language that a document without a tree names for the entry.
    pub(super) language: Option<String>,
    /// How all that was found.
    pub(super) trace: Vec<Trace>,
}

impl Told<'_> {
    /// What the entry does before all else.
    pub(super) fn kind(&self) -> MentionKind {
        self.kinds.first().copied().unwrap_or(MentionKind::Mention)
    }

    /// Whether what the page says of itself may stand for the content that is missing.
    pub(super) fn wants_content(&self) -> bool {
        self.content.is_none()
            && self.standing != Standing::OneOfMany
            && self.kind() == MentionKind::Mention
    }

    /// Takes back who wrote what and when: the link is in a comment, which says that for itself.
    pub(super) fn leave_to_comment(&mut self) {
        self.author = None;
        self.author_page = None;
        self.published = None;
        self.updated = None;
        self.trace
            .retain(|step| !matches!(step.field, "author" | "published" | "updated"));
    }

    /// Whether the text merely repeats how the content begins.
    pub(super) fn repeats_content(&self, text: &str) -> bool {
        self.content
            .as_ref()
            .is_some_and(|content| begins_with(&content.text, text))
    }
}

/// What `page` tells of the target, to which the `links` lead; there is at least one.
pub(super) fn read<'a>(
    page: &Marked<'_, 'a>,
    links: &[Candidate<'a>],
    subject: &Subject<'_>,
) -> Told<'a> {
    let items = Items::of(&page.found.items);
    let choice = choice::choose(
        &Scene {
            items: &items,
            origins: page.origins,
            url: page.url,
            canonical: page.canonical,
            links,
        },
        subject,
    );
    let place = Place {
        found: page.found,
        items: &items,
        url: page.url,
        base: subject.base(),
    };
    let standing = match choice.entry {
        None => Standing::Outside,
        entry if entry == choice.main => Standing::Main,
        Some(_) => Standing::OneOfMany,
    };
    let mut told = Told::new(standing, choice.link);
    if items.iter().any(|(at, _)| items.is_entry(at)) {
        let mut step = trace("entry", choice.rule.as_str(), "");
        let node = choice
            .entry
            .and_then(|at| page.origins.of(items.get(at)?.item))
            .map(|origin| origin.node);
        step.element = node.map(selector);
        told.trace.push(step);
    }
    let answers = linked_as_reply(&choice);
    match choice
        .entry
        .or(choice.main)
        .and_then(|at| Some((at, items.get(at)?.item)))
    {
        Some((at, item)) => {
            told.take(item, page, subject, answers);
            let is_own = standing != Standing::OneOfMany;
            let found = authorship::authorship(at, is_own, &place);
            told.take_author(found, page.origins);
        }
        None => told.take_author(authorship::of_page(&place), page.origins),
    }
    if told.kinds.is_empty() && answers {
        told.kinds.push(MentionKind::Reply);
    }
    told
}

/// What a document without a tree, JSON say, tells of the target: the `found` items, of which the
/// interpreter is told by `links` which markup links to the target.
pub(super) fn read_items(
    found: &Microformats,
    url: &Url,
    subject: &Subject<'_>,
    links: &dyn Fn(&str) -> bool,
) -> Told<'static> {
    let items = Items::of(&found.items);
    let entries: Vec<usize> = items
        .iter()
        .map(|(at, _)| at)
        .filter(|&at| items.is_entry(at))
        .collect();
    let chosen = entries.iter().copied().min_by_key(|&at| {
        let Some(placed) = items.get(at) else {
            return (true, true, true, at);
        };
        let says = placed
            .item
            .properties
            .values()
            .flatten()
            .any(|value| match value {
                Value::Html(html) => links(&html.html),
                value => subject.is_named_by(value),
            });
        let responds = !kind::kinds(placed.item, None, false, subject)
            .kinds
            .is_empty();
        (!says, !responds, !items.is_outermost(at), at)
    });
    let standing = match (chosen, entries.as_slice()) {
        (None, _) => Standing::Outside,
        (Some(_), [_]) => Standing::Main,
        (Some(_), _) => Standing::OneOfMany,
    };
    let origins = Origins::default();
    let page = Marked {
        found,
        origins: &origins,
        url,
        canonical: None,
    };
    let mut told = Told::new(standing, None);
    if let Some((at, item)) = chosen.and_then(|at| Some((at, items.get(at)?.item))) {
        told.take(item, &page, subject, false);
        let place = Place {
            found,
            items: &items,
            url,
            base: subject.base(),
        };
        told.take_author(authorship::authorship(at, true, &place), &origins);
        let of_content = item.all("content").iter().find_map(|value| match value {
            Value::Html(html) => html.lang.clone(),
            _ => None,
        });
        told.language = of_content.or_else(|| {
            let mut round = items.outwards(at);
            round.find_map(|(_, placed)| placed.item.lang.clone())
        });
    }
    told
}

/// Whether the link itself says that it leads to what is answered.
fn linked_as_reply(choice: &Choice<'_>) -> bool {
    choice
        .link
        .and_then(|link| element(link.node))
        .is_some_and(|link| has_word(link, "rel", "in-reply-to"))
}

impl<'a> Told<'a> {
    fn new(standing: Standing, link: Option<Candidate<'a>>) -> Self {
        Self {
            standing,
            link,
            kinds: Vec::new(),
            rsvp: None,
            title: None,
            wants_title: true,
            summary: None,
            content: None,
            author: None,
            author_page: None,
            published: None,
            updated: None,
            photos: Vec::new(),
            videos: Vec::new(),
            audio: Vec::new(),
            categories: Vec::new(),
            syndication: Vec::new(),
            location: None,
            comments: Vec::new(),
            url: None,
            language: None,
            trace: Vec::new(),
        }
    }

    fn take(
        &mut self,
        item: &Item,
        page: &Marked<'_, 'a>,
        subject: &Subject<'_>,
        linked_as_reply: bool,
    ) {
        let origin = page.origins.of(item);
        let mut fields = Fields {
            item,
            origin,
            base: subject.base(),
            steps: Vec::new(),
        };
        if self.standing == Standing::Outside {
            (self.title, _) = fields.title(&fields::Said::default());
            self.published = fields.published();
            self.updated = fields.updated();
            self.trace.append(&mut fields.steps);
            return;
        }
        let said = fields.said();
        let (title, is_named) = fields.title(&said);
        let text = said.content.as_ref().map(|content| content.text.as_str());
        let found = kind::kinds(item, text.or(title.as_deref()), linked_as_reply, subject);
        for (kind, property) in &found.kinds {
            fields.note("kind", property, kind.as_str());
        }
        self.kinds = found.kinds.into_iter().map(|(kind, _)| kind).collect();
        self.kinds
            .sort_by_key(|kind| MentionKind::ALL.iter().position(|of| of == kind));
        self.rsvp = found.rsvp;
        // A note has no title. The classes of old themes leave much out, titles among it.
        let is_classic = origin.is_some_and(|origin| origin.classic);
        let is_mute = !is_named && said.content.is_none() && self.kind() == MentionKind::Mention;
        self.wants_title = title.is_none() && ((is_classic && !is_named) || is_mute);
        self.title = title;
        self.summary = fields.summary();
        self.published = fields.published();
        self.updated = fields.updated();
        self.photos = fields.photos();
        self.videos = fields.videos();
        self.audio = fields.audio();
        self.categories = fields.categories();
        self.syndication = fields.syndication();
        self.location = fields.location();
        self.comments = comments::comments(item, page.origins, subject.base());
        let url = fields.url(page.url);
        self.url = url.map(String::from).or_else(|| {
            let id = item
                .id
                .as_deref()
                .filter(|_| self.standing == Standing::OneOfMany)?;
            let mut url = page.url.clone();
            url.set_fragment(Some(id));
            (url.as_str().len() <= MAX_URL_BYTES).then(|| url.into())
        });
        if self.photos.is_empty() {
            self.photos = said.pictures;
        }
        self.content = said.content;
        self.trace.append(&mut fields.steps);
    }

    fn take_author(&mut self, found: Authorship<'_>, origins: &Origins<'_>) {
        let Some(author) = found.author else { return };
        let element = match (found.item, found.item.and_then(|item| origins.of(item))) {
            (_, Some(origin)) => {
                let property = origin.all("author").next();
                selector(property.unwrap_or(origin.node))
            }
            (Some(_), None) => "properties.author".to_owned(),
            (None, None) => "[rel~=\"author\"]".to_owned(),
        };
        let shown = author.name.as_deref().or(author.url.as_deref());
        let shown = shown.unwrap_or_default();
        self.trace
            .push(trace_at("author", found.rule, &element, shown));
        self.author = Some(author);
        self.author_page = found.page;
    }
}
