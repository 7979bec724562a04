//! [`Page`]: the tree, and what is asked of it as a whole.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};

use super::Detail;
use super::address::Addresses;
use super::budget::Budget;
use super::text::Space;
use crate::parse::document::{Document, Ref, attribute, element, nodes};
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
    /// The first element of each `id`. Only what classic microformats include is asked for by it.
    ids: OnceCell<HashMap<&'a str, Ref<'a>>>,
}

impl<'a> Page<'a> {
    /// A document whose `<base href>`s are `bases`, in document order.
    pub(super) fn of(
        document: &'a Document,
        mut addresses: Addresses,
        bases: &[&str],
        space: Space,
        detail: Detail,
    ) -> Self {
        // The first that says where pages are counts.
        bases.iter().any(|base| addresses.rebase(base));
        Self {
            root: document.root(),
            addresses,
            budget: Budget::for_page(document.bytes()),
            space,
            detail,
            ids: OnceCell::new(),
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
        let ids = self.ids.get_or_init(|| {
            let mut ids = HashMap::new();
            for node in nodes(self.root) {
                if let Some(id) = element(node).and_then(|element| attribute(element, "id")) {
                    ids.entry(id).or_insert(node);
                }
            }
            ids
        });
        ids.get(id).copied()
    }
}
