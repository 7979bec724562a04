//! Links that say how they are meant. mf2 parsing, "parse a hyperlink element for rel microformats".

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::Detail;
use super::classes::words;
use super::item::RelUrl;
use super::page::Page;
use super::text::{Pictures, text};
use crate::parse::document::{Ref, attribute};

/// The relations that an outline keeps.
const AUTHORS: [&str; 2] = ["author", "me"];

/// The links of a page, while they are gathered.
#[derive(Debug, Default)]
pub(super) struct Rels<'a> {
    by_rel: BTreeMap<&'a str, Vec<String>>,
    seen: HashSet<(&'a str, String)>,
    by_url: BTreeMap<String, (BTreeSet<&'a str>, RelUrl)>,
}

impl<'a> Rels<'a> {
    /// Adds the link at `node`, if it is one.
    pub(super) fn add(&mut self, node: Ref<'a>, page: &Page<'a>) {
        let Some(element) = node.value().as_element() else {
            return;
        };
        if !matches!(element.name(), "a" | "area" | "link") {
            return;
        }
        let (Some(rel), Some(href)) = (attribute(element, "rel"), attribute(element, "href"))
        else {
            return;
        };
        let is_outline = page.detail == Detail::Outline;
        let is_kept = |word: &str| !is_outline || AUTHORS.contains(&word);
        if !words(rel).any(is_kept) {
            return;
        }
        let url = page.absolute(href);
        if page.budget.is_spent() {
            return;
        }
        let mut kept: Vec<&str> = Vec::new();
        for rel in words(rel) {
            let cost = url.len().saturating_mul(2).saturating_add(rel.len());
            if !page.budget.take(cost) {
                break;
            }
            kept.push(rel);
            if self.seen.insert((rel, url.clone())) {
                self.by_rel.entry(rel).or_default().push(url.clone());
            }
        }
        if kept.is_empty() {
            return;
        }
        let (all, about) = self.by_url.entry(url).or_insert_with(|| {
            let about = RelUrl {
                // The suite does not trim it.
                text: if is_outline {
                    String::new()
                } else {
                    text(node, page, Pictures::Alt, false)
                },
                ..RelUrl::default()
            };
            (BTreeSet::new(), about)
        });
        all.extend(kept);
        for (name, slot) in [
            ("media", &mut about.media),
            ("hreflang", &mut about.hreflang),
            ("title", &mut about.title),
            ("type", &mut about.mime),
        ] {
            if slot.is_none() {
                *slot = attribute(element, name).map(str::to_owned);
            }
        }
    }

    /// What was gathered, by relation and by address.
    pub(super) fn finish(self) -> (BTreeMap<String, Vec<String>>, BTreeMap<String, RelUrl>) {
        let rels = self
            .by_rel
            .into_iter()
            .map(|(rel, urls)| (rel.to_owned(), urls))
            .collect();
        let urls = self
            .by_url
            .into_iter()
            .map(|(url, (rels, about))| {
                let rels = rels.into_iter().map(str::to_owned).collect();
                (url, RelUrl { rels, ..about })
            })
            .collect();
        (rels, urls)
    }
}
