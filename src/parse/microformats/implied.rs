//! Properties that an item has without naming them. mf2 parsing, "parsing for implied properties".

use scraper::node::Element;

use super::classes::{self, Dialect};
use super::item::Value;
use super::page::Page;
use super::property::picture;
use super::text::{Pictures, trim, trimmed};
use crate::parse::document::{Ref, attribute, element, is_inert};

/// The name of the item at `node`.
pub(super) fn name<'a>(node: Ref<'a>, page: &Page<'a>) -> String {
    let own = element(node).and_then(|of| match of.name() {
        // A picture has no other text than its description.
        "img" | "area" => Some(attribute(of, "alt").unwrap_or_default()),
        "abbr" => attribute(of, "title"),
        _ => None,
    });
    let described = |of: &'a Element| {
        let value = match of.name() {
            "img" | "area" => attribute(of, "alt"),
            "abbr" => attribute(of, "title"),
            _ => None,
        };
        value.filter(|value| !value.is_empty())
    };
    let child = only_child(node);
    let found = own
        .or_else(|| described(element(child?)?))
        .or_else(|| described(element(only_child(child?)?)?));
    match found {
        Some(found) if page.budget.take(found.len()) => trim(found).to_owned(),
        _ => trimmed(node, page, Pictures::Alt, false),
    }
}

/// The picture of the item at `node`.
pub(super) fn photo<'a>(node: Ref<'a>, page: &Page<'a>) -> Option<Value> {
    let of = |element: &Element| match element.name() {
        "img" => attribute(element, "src").map(|src| picture(page, element, src)),
        "object" => attribute(element, "data").map(|data| Value::Url(page.absolute(data))),
        _ => None,
    };
    found_at(node, ["img", "object"], of)
}

/// The address of the item at `node`.
pub(super) fn url<'a>(node: Ref<'a>, page: &Page<'a>) -> Option<Value> {
    let of = |element: &Element| match element.name() {
        "a" | "area" => attribute(element, "href").map(|href| Value::Url(page.absolute(href))),
        _ => None,
    };
    found_at(node, ["a", "area"], of)
}

/// The item's own value, or that of the only one of its kind among its children, or among the
/// children of its only child.
fn found_at(
    node: Ref<'_>,
    kinds: [&str; 2],
    of: impl Fn(&Element) -> Option<Value>,
) -> Option<Value> {
    let among = |parent| {
        kinds
            .iter()
            .find_map(|kind| of(element(only_of_type(parent, kind)?)?))
    };
    of(element(node)?)
        .or_else(|| among(node))
        .or_else(|| among(only_child(node)?))
}

/// `:only-child:not[.h-*]`
fn only_child(node: Ref<'_>) -> Option<Ref<'_>> {
    only(elements(node))
}

/// `>kind:only-of-type:not[.h-*]`
fn only_of_type<'a>(node: Ref<'a>, kind: &str) -> Option<Ref<'a>> {
    only(elements(node).filter(|child| element(*child).is_some_and(|of| of.name() == kind)))
}

fn only<'a>(mut nodes: impl Iterator<Item = Ref<'a>>) -> Option<Ref<'a>> {
    let first = nodes.next()?;
    let is_only = nodes.next().is_none();
    let is_item = element(first).is_some_and(|of| classes::begins_item(of, Dialect::None));
    (is_only && !is_item).then_some(first)
}

fn elements(node: Ref<'_>) -> impl Iterator<Item = Ref<'_>> {
    node.children()
        .filter(|child| child.value().is_element() && !is_inert(child.value()))
}
