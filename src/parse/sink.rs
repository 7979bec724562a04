//! [`CountingSink`]: builds the tree as `scraper` does, and counts the work while the parser works.
//!
//! html5ever has no limits of its own and is quadratic in nesting depth. It asks its sink about
//! every open element that it looks at, so the sink can tell how much work was done: exactly, and
//! the same on every machine, which a clock cannot. What it is not asked about is reckoned: elements made

use std::borrow::Cow;
use std::cell::{Cell, Ref, RefCell};

use ego_tree::Tree;
use html5ever::tendril::StrTendril;
use html5ever::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::{Attribute, QualName, local_name};
use scraper::{Html, HtmlTreeSink, Node};

/// How `scraper` names a node.
type NodeId = <HtmlTreeSink as TreeSink>::Handle;

/// A node, with the place in which its depth is kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct Handle {
    id: NodeId,
    slot: usize,
}

/// The slot of nodes that can have no children.
const NO_SLOT: usize = usize::MAX;

/// Steps for each attribute that is compared: it is copied and sorted before.
const STEPS_PER_COMPARISON: usize = 8;
/// What an attribute takes beside its value, in bytes.
const ATTRIBUTE_BYTES: usize = 8;

/// Where an element stands, and in what.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    depth: u32,
    /// Its own weight: of formatting its attributes and one more, of other elements nothing.
    own: usize,
    /// The formatting elements from the root to here, and what they weigh together.
    formatting: usize,
    weight: usize,
}

/// A tree sink that counts.
#[derive(Debug)]
pub(super) struct CountingSink {
    inner: HtmlTreeSink,
    /// The place of each element at the time it was last put somewhere.
    places: RefCell<Vec<Place>>,
    deepest: Cell<u32>,
    heaviest: Cell<usize>,
    nodes: Cell<usize>,
    attribute_bytes: Cell<usize>,
    /// Attributes that tags have brought to an element that was there.
    late_attributes: Cell<usize>,
    steps: Cell<usize>,
}

impl CountingSink {
    /// A sink that holds an empty document, which has room for about so many nodes.
    pub(super) fn with_room(nodes: usize) -> Self {
        let mut html = Html::new_document();
        html.tree = Tree::with_capacity(Node::Document, nodes);
        Self {
            inner: HtmlTreeSink::new(html),
            places: RefCell::new(vec![Place::default()]),
            deepest: Cell::new(0),
            heaviest: Cell::new(0),
            nodes: Cell::new(0),
            attribute_bytes: Cell::new(0),
            late_attributes: Cell::new(0),
            steps: Cell::new(0),
        }
    }

    /// The depth of the deepest element so far.
    pub(super) fn deepest(&self) -> u32 {
        self.deepest.get()
    }

    /// The most that formatting elements within one another have weighed so far: a tag may take as much
    /// work as that.
    pub(super) fn heaviest(&self) -> usize {
        self.heaviest.get()
    }

    /// How long the attributes of all elements are together, those made anew included.
    pub(super) fn attribute_bytes(&self) -> usize {
        self.attribute_bytes.get()
    }

    /// How many nodes were made.
    pub(super) fn nodes(&self) -> usize {
        self.nodes.get()
    }

    /// How much the tree builder has done: it grows with every token that reaches it, and with
    /// every open element that it looks at.
    pub(super) fn steps(&self) -> usize {
        self.steps.get()
    }

    fn step(&self, by: usize) {
        self.steps.set(self.steps.get().saturating_add(by));
    }

    fn count_node(&self) {
        self.step(1);
        self.nodes.set(self.nodes.get().saturating_add(1));
    }

    fn place(&self, handle: Handle) -> Place {
        self.places
            .borrow()
            .get(handle.slot)
            .copied()
            .unwrap_or_default()
    }

    /// Notes that `child` now stands at `depth` in what stands at `outer`.
    fn put(&self, child: &NodeOrText<Handle>, outer: Place, depth: u32) {
        match child {
            NodeOrText::AppendNode(handle) => {
                if let Some(place) = self.places.borrow_mut().get_mut(handle.slot) {
                    let is_formatting = usize::from(place.own > 0);
                    *place = Place {
                        depth,
                        own: place.own,
                        formatting: outer.formatting.saturating_add(is_formatting),
                        weight: outer.weight.saturating_add(place.own),
                    };
                    self.deepest.set(self.deepest.get().max(depth));
                    self.heaviest.set(self.heaviest.get().max(place.weight));
                    if place.own > 0 {
                        let copied = outer.formatting.saturating_mul(place.own);
                        let compared = outer.weight.saturating_add(copied);
                        self.step(compared.saturating_mul(STEPS_PER_COMPARISON));
                    }
                }
            }
            // Most texts come in several pieces that become one node.
            NodeOrText::AppendText(_) => self.step(1),
        }
    }
}

/// Whether elements of that name are made anew where they were not closed, and each is compared, attribute
/// by attribute, with those it stands in. HTML Standard, §13.2.4.3.
fn is_formatting(name: &QualName) -> bool {
    matches!(
        name.local,
        local_name!("a")
            | local_name!("b")
            | local_name!("big")
            | local_name!("code")
            | local_name!("em")
            | local_name!("font")
            | local_name!("i")
            | local_name!("nobr")
            | local_name!("s")
            | local_name!("small")
            | local_name!("strike")
            | local_name!("strong")
            | local_name!("tt")
            | local_name!("u")
    )
}

fn unwrapped(child: NodeOrText<Handle>) -> NodeOrText<NodeId> {
    match child {
        NodeOrText::AppendNode(handle) => NodeOrText::AppendNode(handle.id),
        NodeOrText::AppendText(text) => NodeOrText::AppendText(text),
    }
}

impl TreeSink for CountingSink {
    type Handle = Handle;
    type Output = Html;
    type ElemName<'a> = Ref<'a, QualName>;

    fn finish(self) -> Html {
        self.inner.finish()
    }

    fn parse_error(&self, message: Cow<'static, str>) {
        // What the tree builder throws away has reached it all the same. The tokenizer's own
        // errors come from within a tag, and must not hide that the tag never ends.
        if message == "Unexpected token" {
            self.step(1);
        }
    }

    fn get_document(&self) -> Handle {
        Handle {
            id: self.inner.get_document(),
            slot: 0,
        }
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> Ref<'a, QualName> {
        self.step(1);
        self.inner.elem_name(&target.id)
    }

    fn same_node(&self, x: &Handle, y: &Handle) -> bool {
        self.step(1);
        x.id == y.id
    }

    fn create_element(&self, name: QualName, attrs: Vec<Attribute>, flags: ElementFlags) -> Handle {
        self.count_node();
        let bytes = attrs.iter().fold(self.attribute_bytes(), |sum, of| {
            sum.saturating_add(of.value.len())
                .saturating_add(ATTRIBUTE_BYTES)
        });
        self.attribute_bytes.set(bytes);
        let own = if is_formatting(&name) {
            attrs.len().saturating_add(1)
        } else {
            0
        };
        let id = self.inner.create_element(name, attrs, flags);
        let mut places = self.places.borrow_mut();
        let slot = places.len();
        places.push(Place {
            own,
            ..Place::default()
        });
        Handle { id, slot }
    }

    fn create_comment(&self, text: StrTendril) -> Handle {
        self.count_node();
        Handle {
            id: self.inner.create_comment(text),
            slot: NO_SLOT,
        }
    }

    fn create_pi(&self, target: StrTendril, data: StrTendril) -> Handle {
        self.count_node();
        Handle {
            id: self.inner.create_pi(target, data),
            slot: NO_SLOT,
        }
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        let outer = self.place(*parent);
        self.put(&child, outer, outer.depth.saturating_add(1));
        self.inner.append(&parent.id, unwrapped(child));
    }

    fn append_based_on_parent_node(
        &self,
        element: &Handle,
        previous: &Handle,
        child: NodeOrText<Handle>,
    ) {
        let (one, other) = (self.place(*element), self.place(*previous));
        let outer = if one.weight > other.weight {
            one
        } else {
            other
        };
        self.put(&child, outer, one.depth.max(other.depth).saturating_add(1));
        self.inner
            .append_based_on_parent_node(&element.id, &previous.id, unwrapped(child));
    }

    fn append_doctype_to_document(
        &self,
        name: StrTendril,
        public_id: StrTendril,
        system_id: StrTendril,
    ) {
        self.count_node();
        self.inner
            .append_doctype_to_document(name, public_id, system_id);
    }

    fn get_template_contents(&self, target: &Handle) -> Handle {
        Handle {
            id: self.inner.get_template_contents(&target.id),
            slot: target.slot,
        }
    }

    fn set_quirks_mode(&self, mode: QuirksMode) {
        self.inner.set_quirks_mode(mode);
    }

    fn append_before_sibling(&self, sibling: &Handle, new_node: NodeOrText<Handle>) {
        let beside = self.place(*sibling);
        self.put(&new_node, beside, beside.depth);
        self.inner
            .append_before_sibling(&sibling.id, unwrapped(new_node));
    }

    fn add_attrs_if_missing(&self, target: &Handle, attrs: Vec<Attribute>) {
        // Each is put in its place among all others, and `<body>` may come again and again.
        let all = self.late_attributes.get().saturating_add(attrs.len());
        self.late_attributes.set(all);
        self.step(attrs.len().saturating_mul(all).saturating_add(1));
        self.inner.add_attrs_if_missing(&target.id, attrs);
    }

    fn remove_from_parent(&self, target: &Handle) {
        self.step(1);
        self.inner.remove_from_parent(&target.id);
    }

    fn reparent_children(&self, node: &Handle, new_parent: &Handle) {
        // Each child is touched, and one misnested tag can move any number of them.
        let children = self
            .inner
            .0
            .borrow()
            .tree
            .get(node.id)
            .map_or(0, |node| node.children().count());
        self.step(children);
        self.inner.reparent_children(&node.id, &new_parent.id);
    }
}
