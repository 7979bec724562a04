//! [`Document`]: a page's tree, parsed once and shared by everything that reads it.
//!
//! The parser works under a budget that knows no clock: the same page is always cut at the same
//! place. What was read before the cut counts.

use std::ops::Deref;

use html5ever::local_name;
use scraper::node::Element;
use scraper::{ElementRef, Html, Node};

use super::flood::{MAX_ATTRIBUTES, TagWatch};
use super::sink::CountingSink;
use super::tokens::Reader;

/// Elements within elements. Real pages stay below 100; html5ever walks up all of them for many tags.
const MAX_DEPTH: u32 = 512;
/// Nodes beyond one for every two bytes. Misnested formatting can make a node out of every element
/// that is open, at each tag.
const SPARE_NODES: usize = 10_000;
/// Steps of the tree builder for each byte; ordinary pages need one or two.
const STEPS_PER_BYTE: usize = 64;
/// Steps that are free, so that short pages are not judged by their first tags.
const SPARE_STEPS: usize = 1_000_000;
/// Bytes of attributes for each byte: written out, the shortest takes two and counts as eight.
const ATTRIBUTE_BYTES_PER_BYTE: usize = 4;
/// Bytes of attributes beyond that: unclosed formatting is made anew in each paragraph, with all it has.
const SPARE_ATTRIBUTE_BYTES: usize = 1 << 20;
/// How much the parser is fed before the budget is looked at.
const BITE_BYTES: usize = 4096;
/// The same where elements are already nested so deep that one tag can do much.
const SMALL_BITE_BYTES: usize = 512;
/// Where that begins.
const DEEP: u32 = 64;
/// How much of a page makes a node, text or element, on average or less.
const BYTES_PER_NODE: usize = 24;
/// Nodes for which there is room from the start, whatever the length.
const MAX_ROOM: usize = 1 << 16;
/// The same where one tag makes so much formatting anew that no page of people has it.
const SMALLEST_BITE_BYTES: usize = 32;
/// Where that begins, in formatting elements within one another and their attributes.
const HEAVY: usize = 1024;

/// Classes that a selector shows, and the length of the longest.
const MAX_SHOWN_CLASSES: usize = 3;
const MAX_SHOWN_NAME: usize = 40;

/// An element's node, or any other.
pub(super) type Ref<'a> = <ElementRef<'a> as Deref>::Target;

/// A parsed HTML document.
#[derive(Debug)]
pub(super) struct Document {
    html: Html,
    bytes: usize,
    complete: bool,
}

impl Document {
    /// Parses `text` as far as the budget goes.
    pub(super) fn parse(text: &str) -> Self {
        let document = Self::read(Reader::new(text, CountingSink::with_room(nodes_of(text))));
        // Of all that a fuzzer comes up with, both ways make the same tree.
        #[cfg(fuzzing)]
        document.assert_same(&Self::parse_plainly(text));
        document
    }

    /// The same with nothing but the tokenizer.
    #[cfg(any(test, fuzzing))]
    pub(super) fn parse_plainly(text: &str) -> Self {
        let mut reader = Reader::new(text, CountingSink::with_room(nodes_of(text)));
        reader.plain = true;
        Self::read(reader)
    }

    /// Panics if the trees differ. What is cut is cut at the end of a piece, and the pieces may differ.
    #[cfg(any(test, fuzzing))]
    pub(super) fn assert_same(&self, other: &Self) {
        if self.complete && other.complete {
            assert_eq!(self.html, other.html, "two ways to read a text differ");
        }
    }

    fn read(mut reader: Reader<'_>) -> Self {
        let mut last_bite = "";
        let mut watch: Option<(TagWatch, bool)> = None;
        while !reader.rest().is_empty() {
            let sink = reader.sink();
            let size = match (sink.deepest(), sink.heaviest()) {
                (_, HEAVY..) => SMALLEST_BITE_BYTES,
                (DEEP.., _) => SMALL_BITE_BYTES,
                _ => BITE_BYTES,
            };
            let steps_before = sink.steps();
            let bite = reader.bite(size);

            let sink = reader.sink();
            if reader.is_between() {
                watch = None;
                last_bite = "";
            } else if sink.steps() == steps_before {
                // The tag, if it is one, began in the last bite that brought anything, or with this one.
                let (tag, begun) = watch.get_or_insert_with(|| {
                    let mut tag = TagWatch::default();
                    tag.feed(last_bite.as_bytes(), true);
                    (tag, false)
                });
                tag.feed(bite.as_bytes(), !*begun);
                *begun = true;
            } else {
                watch = None;
                last_bite = bite;
            }
            let attributes = watch.as_ref().map_or(0, |(tag, _)| tag.most_attributes());
            let fed = reader.read();
            if sink.deepest() > MAX_DEPTH
                || sink.nodes() > (fed / 2).saturating_add(SPARE_NODES)
                || sink.steps()
                    > fed
                        .saturating_mul(STEPS_PER_BYTE)
                        .saturating_add(SPARE_STEPS)
                || sink.attribute_bytes()
                    > fed
                        .saturating_mul(ATTRIBUTE_BYTES_PER_BYTE)
                        .saturating_add(SPARE_ATTRIBUTE_BYTES)
                || attributes > MAX_ATTRIBUTES
            {
                break;
            }
        }
        let complete = reader.is_at_end();
        let bytes = reader.read();
        Self {
            html: reader.finish(),
            bytes,
            complete,
        }
    }

    /// Whether the whole text was read: if not, what was not found may still be there.
    pub(super) fn complete(&self) -> bool {
        self.complete
    }

    /// How long the text was that was read.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The node that holds all others.
    pub(super) fn root(&self) -> Ref<'_> {
        self.html.tree.root()
    }
}

/// How many nodes pages of that length have.
fn nodes_of(text: &str) -> usize {
    (text.len() / BYTES_PER_NODE).min(MAX_ROOM)
}

/// Whether the node's content is not part of the page: a template is only a mould for script.
pub(super) fn is_inert(node: &Node) -> bool {
    node.as_element()
        .is_some_and(|e| e.name.local == local_name!("template"))
}

/// The element of a node.
pub(super) fn element(node: Ref<'_>) -> Option<&Element> {
    node.value().as_element()
}

/// The value of an attribute without prefix.
pub(super) fn attribute<'a>(element: &'a Element, name: &str) -> Option<&'a str> {
    element
        .attrs
        .iter()
        .find(|(of, _)| &*of.local == name && of.prefix.is_none())
        .map(|(_, value)| &**value)
}

/// The element as a person would point to it: its name, its id or up to three of its classes.
pub(super) fn selector(node: Ref<'_>) -> String {
    let Some(element) = element(node) else {
        return String::new();
    };
    let name = Some(element.name()).filter(|name| is_plain(name));
    let mut selector = name.unwrap_or("*").to_owned();
    if let Some(id) = attribute(element, "id").filter(|id| is_plain(id)) {
        selector.push('#');
        selector.push_str(id);
    }
    let classes = attribute(element, "class").unwrap_or_default();
    let plain = classes
        .split_ascii_whitespace()
        .filter(|class| is_plain(class));
    for class in plain.take(MAX_SHOWN_CLASSES) {
        selector.push('.');
        selector.push_str(class);
    }
    selector
}

/// Whether a name can stand in a selector as it is, and on a line.
fn is_plain(name: &str) -> bool {
    let is_part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    (1..=MAX_SHOWN_NAME).contains(&name.len()) && name.bytes().all(is_part)
}

/// Whether the attribute `name` holds `word`, in any letter case, among words parted by white space.
pub(super) fn has_word(element: &Element, name: &str, word: &str) -> bool {
    attribute(element, name).is_some_and(|value| {
        value
            .split_ascii_whitespace()
            .any(|each| each.eq_ignore_ascii_case(word))
    })
}

/// The beginning or the end of a node.
#[derive(Debug, Clone, Copy)]
pub(super) enum Edge<'a> {
    /// The node begins.
    Open(Ref<'a>),
    /// The node ends; not told of nodes that can have no children.
    Close(Ref<'a>),
}

/// Walks a subtree in document order without recursion, leaving out inert content.
pub(super) struct Edges<'a> {
    root: Ref<'a>,
    next: Option<Edge<'a>>,
}

impl<'a> Edges<'a> {
    /// A walk through `root` and all below it.
    pub(super) fn of(root: Ref<'a>) -> Self {
        Self {
            root,
            next: Some(Edge::Open(root)),
        }
    }

    /// Leaves out what is below `node`, which was the last to be opened.
    pub(super) fn skip_below(&mut self, node: Ref<'a>) {
        self.next = self.after(node);
    }

    fn after(&self, node: Ref<'a>) -> Option<Edge<'a>> {
        if node.id() == self.root.id() {
            return None;
        }
        node.next_sibling()
            .map(Edge::Open)
            .or_else(|| node.parent().map(Edge::Close))
    }
}

impl<'a> Iterator for Edges<'a> {
    type Item = Edge<'a>;

    fn next(&mut self) -> Option<Edge<'a>> {
        let edge = self.next.take()?;
        self.next = match edge {
            Edge::Open(node) if is_inert(node.value()) => self.after(node),
            Edge::Open(node) => match node.first_child() {
                Some(child) => Some(Edge::Open(child)),
                None => self.after(node),
            },
            Edge::Close(node) => self.after(node),
        };
        Some(edge)
    }
}

/// The nodes of a subtree in document order.
pub(super) fn nodes(root: Ref<'_>) -> impl Iterator<Item = Ref<'_>> {
    Edges::of(root).filter_map(|edge| match edge {
        Edge::Open(node) => Some(node),
        Edge::Close(_) => None,
    })
}
