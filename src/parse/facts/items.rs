//! Microdata and `RDFa`: which item of the page speaks, and what its properties are.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use ego_tree::NodeId;
use scraper::node::Element;

use crate::parse::document::{Ref, attribute, element};
use crate::parse::json_ld::is_article;
use crate::parse::survey::{Prop, Survey, text_of};

use super::spot::{Said, Spot};

/// Whose words the link stands in, as far as items tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Voice {
    /// The page's.
    Page,
    /// That of one post of several on the page.
    Post,
    /// That of a comment on what the page is about.
    Comment,
}

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Article,
    Comment,
}

/// Somebody who is named as the author.
#[derive(Debug, Default)]
pub(super) struct Agent<'a> {
    pub(super) name: Option<Cow<'a, str>>,
    pub(super) url: Option<Cow<'a, str>>,
    pub(super) image: Option<Cow<'a, str>>,
}

/// A property with the item it is of.
#[derive(Debug)]
struct Placed<'a> {
    prop: Prop,
    node: Ref<'a>,
    /// The element of the item; none of a property that is in no item.
    item: Option<NodeId>,
}

/// What speaks.
#[derive(Debug, Clone, Copy)]
enum Own<'a> {
    /// The item of that element.
    Item(Ref<'a>),
    /// Properties that are in no item.
    Loose,
    /// Nothing: of several articles none is meant.
    Nothing,
}

/// The items of a page, of which one speaks.
#[derive(Debug)]
pub(super) struct Items<'a> {
    placed: Vec<Placed<'a>>,
    own: Own<'a>,
    voice: Voice,
}

impl<'a> Items<'a> {
    /// Chooses the item that holds `link`, or else the only article of the page.
    pub(super) fn of(survey: &Survey<'a>, link: Ref<'a>) -> Self {
        let mut items: HashMap<NodeId, Ref<'a>> = HashMap::new();
        let mut placed = Vec::new();
        for property in &survey.properties {
            let item = item_of(property.node);
            if let Some(item) = item {
                items.insert(item.id(), item);
            }
            let is_account = property.prop == Prop::Name
                && element(property.node).is_some_and(|e| types(e).any(is_account));
            placed.push(Placed {
                prop: if is_account {
                    Prop::Author
                } else {
                    property.prop
                },
                node: property.node,
                item: item.map(|item| item.id()),
            });
        }
        let around = link
            .ancestors()
            .find_map(|node| Some((node, kind(element(node)?)?)));
        let articles = || {
            let kind = |item: &Ref<'a>| element(*item).and_then(kind) == Some(Kind::Article);
            items.values().copied().filter(kind)
        };
        let (own, voice) = match around {
            Some((node, Kind::Comment)) => (Own::Item(node), Voice::Comment),
            Some((node, Kind::Article)) => {
                let outer: HashSet<NodeId> = node.ancestors().map(|outer| outer.id()).collect();
                let is_apart = |item: Ref<'a>| {
                    item.id() != node.id()
                        && !outer.contains(&item.id())
                        && !item.ancestors().any(|outer| outer.id() == node.id())
                };
                let voice = if articles().any(is_apart) {
                    Voice::Post
                } else {
                    Voice::Page
                };
                (Own::Item(node), voice)
            }
            None => {
                let mut all = articles();
                let own = match (all.next(), all.next()) {
                    (None, _) => Own::Loose,
                    (Some(only), None) => Own::Item(only),
                    (Some(_), Some(_)) => Own::Nothing,
                };
                (own, Voice::Page)
            }
        };
        Self { placed, own, voice }
    }

    /// Whose words the link stands in.
    pub(super) fn voice(&self) -> Voice {
        self.voice
    }

    /// The element of the item that speaks.
    pub(super) fn node(&self) -> Option<Ref<'a>> {
        match self.own {
            Own::Item(node) => Some(node),
            Own::Loose | Own::Nothing => None,
        }
    }

    /// The elements of a property of the item that speaks.
    pub(super) fn nodes(&self, prop: Prop) -> impl Iterator<Item = Ref<'a>> {
        let own = match self.own {
            Own::Item(node) => Some(Some(node.id())),
            Own::Loose => Some(None),
            Own::Nothing => None,
        };
        self.placed
            .iter()
            .filter(move |placed| placed.prop == prop && Some(placed.item) == own)
            .map(|placed| placed.node)
    }

    /// The first value of a property of the item at `item`.
    fn within(&self, item: NodeId, prop: Prop) -> Option<Cow<'a, str>> {
        self.placed
            .iter()
            .filter(|placed| placed.prop == prop && placed.item == Some(item))
            .find_map(|placed| value(placed.node, prop))
    }

    /// The values of a property of the item that speaks.
    pub(super) fn said(&self, prop: Prop) -> Vec<Said<'a>> {
        self.nodes(prop)
            .filter_map(|node| {
                let inner = || {
                    is_item(element(node)?)
                        .then(|| {
                            [Prop::Url, Prop::Name]
                                .into_iter()
                                .find_map(|prop| self.within(node.id(), prop))
                        })
                        .flatten()
                };
                Some(Said {
                    text: inner().or_else(|| value(node, prop))?,
                    spot: Spot::Property(node),
                })
            })
            .collect()
    }

    /// Whom `node` names as the author.
    pub(super) fn agent(&self, node: Ref<'a>) -> Agent<'a> {
        let own = element(node);
        let link = || {
            let href = attribute(own?, "href")?;
            Some(Cow::Borrowed(href))
        };
        if own.is_some_and(is_item) {
            let of = |prop| self.within(node.id(), prop);
            return Agent {
                name: of(Prop::Name).or_else(|| Some(Cow::Owned(text_of(node)))),
                url: of(Prop::Url).or_else(link),
                image: of(Prop::Image),
            };
        }
        Agent {
            name: value(node, Prop::Author),
            url: link(),
            image: None,
        }
    }
}

/// Whether an element begins an item.
fn is_item(element: &Element) -> bool {
    attribute(element, "itemscope").is_some() || attribute(element, "typeof").is_some()
}

/// The item that a property of `node` is of.
fn item_of(node: Ref<'_>) -> Option<Ref<'_>> {
    node.ancestors()
        .find(|outer| element(*outer).is_some_and(is_item))
}

/// The types of an item, without their vocabulary.
fn types(element: &Element) -> impl Iterator<Item = &str> {
    ["itemtype", "typeof"]
        .into_iter()
        .filter_map(|name| attribute(element, name))
        .flat_map(str::split_ascii_whitespace)
        .map(|of| of.rsplit_once(['/', ':', '#']).map_or(of, |(_, name)| name))
}

fn is_account(of: &str) -> bool {
    matches!(of, "Person" | "UserAccount")
}

fn kind(element: &Element) -> Option<Kind> {
    if types(element).any(|of| matches!(of, "Comment" | "Answer" | "UserComments")) {
        return Some(Kind::Comment);
    }
    types(element)
        .any(|of| is_article(of) || matches!(of, "Item" | "Post"))
        .then_some(Kind::Article)
}

/// What a property says: of addresses and times not what a reader sees.
fn value(node: Ref<'_>, prop: Prop) -> Option<Cow<'_, str>> {
    let own = element(node)?;
    let names: &[&str] = match prop {
        Prop::Image | Prop::Url => &["content", "src", "href", "data"],
        Prop::Published | Prop::Created | Prop::Modified => &["content", "datetime", "title"],
        // The address of a tag's page, say, is not its name.
        _ => &["content"],
    };
    let attribute = names.iter().find_map(|name| attribute(own, name));
    if let Some(value) = attribute {
        return Some(Cow::Borrowed(value));
    }
    let is_text = !matches!(prop, Prop::Image | Prop::Body);
    is_text.then(|| Cow::Owned(text_of(node)))
}
