//! The walk over a page that finds its items.

use std::collections::BTreeMap;

use scraper::node::Element;

use super::Detail;
use super::classes::{self, Dialect, Prefix, Property};
use super::implied;
use super::item::{Item, Value};
use super::origin::Origins;
use super::page::Page;
use super::property::Holder;
use super::rels::Rels;
use super::time::date_of;
use super::walk::{Edge, Walk};
use crate::parse::document::{Ref, attribute};

/// Items within items. Each takes three levels of JSON, of which many readers allow 128; and what
/// walks over items may recurse.
const MAX_NESTED: usize = 32;

/// No tag of a language is longer. An item copies the one that holds for it.
const MAX_LANG_BYTES: usize = 64;

/// An item whose element has not ended.
struct Open<'a> {
    node: Ref<'a>,
    /// Its place in the page's `origins`.
    number: usize,
    element: &'a Element,
    types: Vec<&'a str>,
    dialect: Dialect,
    /// The properties of the outer item that it is a value of.
    values_of: Vec<Property<'a>>,
    lang: Option<&'a str>,
    properties: BTreeMap<String, Vec<Value>>,
    children: Vec<Item>,
    /// What forbids implied properties.
    has_content: bool,
    has_url: bool,
    has_items: bool,
    /// The first `p-name`.
    name: Option<Value>,
    /// The first `u-url`.
    url: Option<Value>,
    /// The date of the last time that had one.
    date: Option<String>,
}

/// Gathers items along a walk.
pub(super) struct Builder<'p, 'a> {
    page: &'p Page<'a>,
    open: Vec<Open<'a>>,
    items: Vec<Item>,
    origins: Origins<'a>,
    /// The languages that hold, each with the element that says so.
    langs: Vec<(Ref<'a>, &'a str)>,
}

impl<'p, 'a> Builder<'p, 'a> {
    /// Walks the page once, and gathers its links on the way.
    pub(super) fn run(page: &'p Page<'a>, rels: &mut Rels<'a>) -> (Vec<Item>, Origins<'a>) {
        let mut builder = Self {
            page,
            open: Vec::new(),
            items: Vec::new(),
            origins: Origins::default(),
            langs: Vec::new(),
        };
        let mut walk = Walk::below(page.root, page, false);
        while let Some(edge) = walk.next() {
            match edge {
                Edge::Open(node) => {
                    if let Some(element) = node.value().as_element() {
                        rels.add(node, page);
                        if !builder.enter(node, element) {
                            walk.skip_below();
                        }
                    }
                }
                Edge::Close(node) => builder.leave(node),
            }
            walk.set_includes(matches!(builder.dialect(), Dialect::Classic(_)));
        }
        // A walk that was cut leaves items open.
        while let Some(item) = builder.open.pop() {
            builder.close(item);
        }
        (builder.items, builder.origins)
    }

    fn dialect(&self) -> Dialect {
        self.open.last().map_or(Dialect::None, |item| item.dialect)
    }

    /// Whether what is below the element is of interest.
    fn enter(&mut self, node: Ref<'a>, element: &'a Element) -> bool {
        let mut classes = "";
        for (name, value) in &element.attrs {
            match &*name.local {
                "class" if name.prefix.is_none() => classes = value,
                "lang" if name.prefix.is_none() => self.langs.push((node, value)),
                _ => {}
            }
        }
        let within = self.dialect();
        let properties = classes::properties(element, classes, within);
        if let Some((types, dialect)) = classes::root(classes, within) {
            return self.begin(node, element, (types, dialect), properties);
        }
        if !properties.is_empty() {
            self.add(node, element, &properties);
        }
        true
    }

    fn begin(
        &mut self,
        node: Ref<'a>,
        element: &'a Element,
        (types, dialect): (Vec<&'a str>, Dialect),
        values_of: Vec<Property<'a>>,
    ) -> bool {
        if self.open.len() >= MAX_NESTED {
            self.page.budget.leave_out();
            return false;
        }
        if let Some(outer) = self.open.last_mut() {
            outer.has_items = true;
            outer.note(&values_of);
            for property in &values_of {
                self.origins.note(outer.number, property.name, node);
            }
        }
        let is_classic = matches!(dialect, Dialect::Classic(_));
        let number = self.origins.begin(node, is_classic);
        self.open.push(Open {
            node,
            number,
            element,
            types,
            dialect,
            values_of,
            lang: self.lang(),
            properties: BTreeMap::new(),
            children: Vec::new(),
            has_content: false,
            has_url: false,
            has_items: false,
            name: None,
            url: None,
            date: None,
        });
        true
    }

    fn lang(&self) -> Option<&'a str> {
        let (_, lang) = self.langs.last()?;
        // An empty one says that the language is not known (HTML Standard, §3.2.6.2).
        (!lang.trim().is_empty() && lang.len() <= MAX_LANG_BYTES).then_some(*lang)
    }

    fn leave(&mut self, node: Ref<'a>) {
        if let Some(item) = self.open.pop_if(|item| item.node.id() == node.id()) {
            self.close(item);
        }
        self.langs.pop_if(|(of, _)| of.id() == node.id());
    }

    /// Adds the values of an element that is no item.
    fn add(&mut self, node: Ref<'a>, element: &'a Element, properties: &[Property<'a>]) {
        let lang = self.lang();
        let Some(item) = self.open.last_mut() else {
            return;
        };
        item.note(properties);
        for property in properties {
            self.origins.note(item.number, property.name, node);
        }
        let holder = Holder {
            page: self.page,
            node,
            element,
            within: item.dialect,
            inside: item.dialect,
            lang,
        };
        // However many properties there are, the element is read once in each way.
        let mut read: Vec<(Prefix, Value)> = Vec::new();
        for &property in properties {
            let known = read.iter().find(|(prefix, _)| *prefix == property.prefix);
            let value = match known {
                Some((_, value)) if !self.page.budget.take(value.weight()) => return,
                Some((_, value)) => value.clone(),
                None => {
                    let value = holder.value(property.prefix, item.date.as_deref());
                    read.push((property.prefix, value.clone()));
                    value
                }
            };
            item.push(property, value);
        }
    }

    /// An item is complete: it goes to the item it stands in, or among those of the page.
    fn close(&mut self, mut open: Open<'a>) {
        if open.dialect == Dialect::Second {
            open.imply(self.page);
        }
        let mut item = Item {
            types: open.types.iter().map(|of| (*of).to_owned()).collect(),
            properties: open.properties,
            children: open.children,
            value: None,
            // Those of classic items serve to include them, and the suite does not tell them.
            id: attribute(open.element, "id")
                .filter(|id| !id.is_empty() && open.dialect == Dialect::Second)
                .map(str::to_owned),
            lang: open.lang.map(str::to_owned),
            number: Some(open.number),
        };
        let Some(outer) = self.open.last_mut() else {
            self.items.push(item);
            return;
        };
        let holder = Holder {
            page: self.page,
            node: open.node,
            element: open.element,
            within: outer.dialect,
            inside: open.dialect,
            lang: open.lang,
        };
        let Some((&last, others)) = open.values_of.split_last() else {
            outer.children.push(item);
            return;
        };
        let weight = if others.is_empty() { 0 } else { item.weight() };
        let mut read: Vec<(Prefix, Value)> = Vec::new();
        let mut value_of = |prefix: Prefix, date: Option<&str>| {
            // mf2 parsing, "value": the name of a `p-*`, the address of a `u-*`, or else what the
            // element would be without the item.
            let found = match prefix {
                Prefix::Text => open.name.as_ref(),
                Prefix::Url => open.url.as_ref(),
                Prefix::Time | Prefix::Html => None,
            };
            if found.is_none() && self.page.detail == Detail::Outline {
                return Value::Text(String::new());
            }
            let known = read.iter().find(|(of, _)| *of == prefix);
            found
                .or(known.map(|(_, value)| value))
                .cloned()
                .unwrap_or_else(|| {
                    let value = holder.value(prefix, date);
                    read.push((prefix, value.clone()));
                    value
                })
        };
        for &property in others {
            if !self.page.budget.take(weight) {
                break;
            }
            let mut copy = item.clone();
            let value = value_of(property.prefix, outer.date.as_deref());
            if !self.page.budget.take(value.weight()) {
                break;
            }
            copy.value = Some(Box::new(value));
            outer.push(property, Value::Item(Box::new(copy)));
        }
        item.value = Some(Box::new(value_of(last.prefix, outer.date.as_deref())));
        outer.push(last, Value::Item(Box::new(item)));
    }
}

impl<'a> Open<'a> {
    /// Notes what kinds of properties there are.
    fn note(&mut self, properties: &[Property<'a>]) {
        for property in properties {
            match property.prefix {
                Prefix::Text | Prefix::Html => self.has_content = true,
                Prefix::Url => self.has_url = true,
                Prefix::Time => {}
            }
        }
    }

    fn push(&mut self, property: Property<'a>, value: Value) {
        match (property.prefix, property.name) {
            (Prefix::Text, "name") if self.name.is_none() => self.name = value.plain().cloned(),
            (Prefix::Url, "url") if self.url.is_none() => self.url = value.plain().cloned(),
            (Prefix::Time, _) => {
                if let Some(date) = date_of(value.text()) {
                    self.date = Some(date.to_owned());
                }
            }
            _ => {}
        }
        match self.properties.get_mut(property.name) {
            Some(values) => values.push(value),
            None => {
                self.properties
                    .insert(property.name.to_owned(), vec![value]);
            }
        }
    }

    /// mf2 parsing, "parsing for implied properties".
    fn imply(&mut self, page: &Page<'a>) {
        let has = |name: &str| self.properties.contains_key(name);
        let name = (!has("name") && !self.has_content && !self.has_items)
            .then(|| Value::Text(implied::name(self.node, page)));
        let may_link = !self.has_url && !self.has_items;
        let photo = (may_link && !has("photo"))
            .then(|| implied::photo(self.node, page))
            .flatten();
        let url = (may_link && !has("url"))
            .then(|| implied::url(self.node, page))
            .flatten();
        for (prefix, name, value) in [
            (Prefix::Text, "name", name),
            (Prefix::Url, "photo", photo),
            (Prefix::Url, "url", url),
        ] {
            if let Some(value) = value {
                self.push(Property { prefix, name }, value);
            }
        }
    }
}
