//! [`Page`]: the tree, and what is asked of it as a whole.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use super::Detail;
use super::address::Addresses;
use super::budget::Budget;
use super::text::Space;
use crate::parse::document::{Document, Ref, attribute, nodes};
use crate::parse::srcset::candidates;

/// A document that microformats are read from.
#[derive(Debug)]
pub(super) struct Page<'a> {
    /// The node that holds all others.
    pub(super) root: Ref<'a>,
    addresses: Addresses,
    /// What is left to spend.
    pub(super) budget: Budget,
    /// What becomes of white space in texts.
    pub(super) space: Space,
    /// How much is read.
    pub(super) detail: Detail,
    ids: HashMap<&'a str, Ref<'a>>,
}

impl<'a> Page<'a> {
    /// Walks the document once.
    pub(super) fn of(
        document: &'a Document,
        mut addresses: Addresses,
        space: Space,
        detail: Detail,
    ) -> Self {
        let mut ids = HashMap::new();
        let mut is_based = false;
        let mut bytes = 0_usize;
        for node in nodes(document.root()) {
            if let Some(text) = node.value().as_text() {
                bytes = bytes.saturating_add(text.len());
            } else if let Some(element) = node.value().as_element() {
                bytes = element
                    .attrs
                    .iter()
                    .fold(bytes.saturating_add(8), |sum, (_, value)| {
                        sum.saturating_add(value.len()).saturating_add(8)
                    });
                if let Some(id) = attribute(element, "id") {
                    ids.entry(id).or_insert(node);
                }
                if element.name() == "base"
                    && !is_based
                    && let Some(href) = attribute(element, "href")
                {
                    is_based = addresses.rebase(href);
                }
            }
        }
        Self {
            root: document.root(),
            addresses,
            budget: Budget::for_page(bytes),
            space,
            detail,
            ids,
        }
    }

    /// `link`, absolute; empty when the budget is spent: a page whose base is long can ask for much
    /// by many short links.
    pub(super) fn absolute(&self, link: &str) -> String {
        if self.budget.take(self.addresses.cost(link)) {
            self.addresses.absolute(link)
        } else {
            String::new()
        }
    }

    /// The candidates of a `srcset`, by descriptor; one without is `1x`. The first of each counts.
    pub(super) fn srcset(&self, text: &str) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        for (link, descriptor) in candidates(text) {
            let key = if descriptor.is_empty() {
                "1x"
            } else {
                descriptor
            };
            found
                .entry(key.to_owned())
                .or_insert_with(|| self.absolute(link));
        }
        found
    }

    /// The value of an attribute as it should be in markup that leaves its page.
    pub(super) fn in_markup<'v>(&self, name: &str, value: &'v str) -> Cow<'v, str> {
        match name {
            "href" | "src" | "poster" | "data" | "cite" | "action" | "formaction"
            | "background" | "longdesc" => Cow::Owned(self.absolute(value)),
            "srcset" => {
                let all: Vec<String> = candidates(value)
                    .map(|(link, descriptor)| {
                        let link = self.absolute(link);
                        if descriptor.is_empty() {
                            link
                        } else {
                            format!("{link} {descriptor}")
                        }
                    })
                    .collect();
                Cow::Owned(all.join(", "))
            }
            _ => Cow::Borrowed(value),
        }
    }

    /// The first element of that `id`.
    pub(super) fn by_id(&self, id: &str) -> Option<Ref<'a>> {
        self.ids.get(id).copied()
    }
}
