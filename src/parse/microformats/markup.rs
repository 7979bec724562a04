//! The markup of an element's content, fit to leave its page. mf2 parsing, "e-*".

use html5ever::serialize::{HtmlSerializer, SerializeOpts, Serializer, TraversalScope};
use scraper::Node;

use super::page::Page;
use super::text::trim;
use super::walk::{Edge, Walk};
use crate::parse::document::Ref;

/// The inner HTML of `node`, trimmed, addresses made absolute and templates left out. Scripts stay:
/// the specification wants the markup as it is.
pub(super) fn inner_html<'a>(node: Ref<'a>, page: &Page<'a>) -> String {
    let options = SerializeOpts {
        scripting_enabled: false,
        traversal_scope: TraversalScope::ChildrenOnly(
            node.value()
                .as_element()
                .map(|element| element.name.clone()),
        ),
        // The budget can end between a beginning and its end, never the other way round; still,
        // nothing in here may panic.
        create_missing_parent: true,
    };
    let mut out = HtmlSerializer::new(Vec::new(), options);
    for edge in Walk::below(node, page, false) {
        // Writing to memory does not fail.
        let _ = write(&mut out, edge, page);
    }
    let html = String::from_utf8(out.writer).unwrap_or_default();
    trim(&html).to_owned()
}

fn write<S: Serializer>(out: &mut S, edge: Edge<'_>, page: &Page<'_>) -> std::io::Result<()> {
    match edge {
        Edge::Close(node) => match node.value().as_element() {
            Some(element) => out.end_elem(element.name.clone()),
            None => Ok(()),
        },
        Edge::Open(node) => match node.value() {
            Node::Text(text) if page.budget.take(text.len()) => out.write_text(text),
            Node::Comment(comment) if page.budget.take(comment.len()) => out.write_comment(comment),
            Node::Element(element) => {
                let mut attributes = Vec::new();
                for (name, value) in &element.attrs {
                    let cost = value.len().saturating_add(name.local.len());
                    if page.budget.take(cost) {
                        attributes.push((name, page.in_markup(&name.local, value)));
                    }
                }
                out.start_elem(
                    element.name.clone(),
                    attributes.iter().map(|(name, value)| (*name, &**value)),
                )
            }
            _ => Ok(()),
        },
    }
}
