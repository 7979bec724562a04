//! What the article is about: in short, in keywords, and, where the page gives it to machines, in
//! full.

use crate::model::Content;
use crate::parse::document::Ref;
use crate::parse::json_ld::Of;
use crate::parse::sanitise;
use crate::parse::survey::Prop;
use crate::parse::words::{clean, head, one_line};

use super::sources::{Source, Sources};
use super::spot::Spot;
use super::{Facts, MAX_NAME};

/// Graphemes of a summary.
const MAX_SUMMARY: usize = 1000;
/// Categories that are kept.
const MAX_CATEGORIES: usize = 32;
/// Bytes of a list of keywords that are looked at.
const MAX_LIST_BYTES: usize = 4096;
/// Bytes of a content that a step of the reading looks at.
const MAX_SHOWN_BYTES: usize = 1000;

/// What it says in short.
const SUMMARIES: [Source; 10] = [
    Source::Meta("og:description"),
    Source::Meta("twitter:description"),
    Source::Ld(Of::Article, "description"),
    Source::Item(Prop::Description),
    Source::Meta("description"),
    Source::Meta("sailthru.description"),
    Source::Meta("dc.description"),
    Source::Meta("dcterms.abstract"),
    Source::Meta("citation_abstract"),
    Source::Ld(Of::Page, "description"),
];

/// What it is about; all that the first of them says counts. A section is better than nothing, and
/// `<meta name=keywords>` is for search engines.
const CATEGORIES: [Source; 12] = [
    Source::Meta("article:tag"),
    Source::Ld(Of::Article, "keywords"),
    Source::Item(Prop::Keywords),
    Source::Meta("parsely-tags"),
    Source::Meta("sailthru.tags"),
    Source::Meta("citation_keywords"),
    Source::Meta("dc.subject"),
    Source::Meta("news_keywords"),
    Source::RelTag,
    Source::Meta("article:section"),
    Source::Ld(Of::Article, "articleSection"),
    Source::Item(Prop::Section),
];

/// The text itself, where it is given as a text.
const TEXTS: [Source; 2] = [
    Source::Ld(Of::Article, "articleBody"),
    Source::Ld(Of::Article, "text"),
];

impl Facts {
    pub(super) fn find_summary(&mut self, sources: &Sources<'_, '_>) {
        let table = sources.allowed(&SUMMARIES);
        if let Some((text, step)) = sources.first(&table, |text| clean(text, MAX_SUMMARY)) {
            self.note("summary", step.rule, &step.element, &text);
            self.summary = Some(text);
        }
    }

    pub(super) fn find_categories(&mut self, sources: &Sources<'_, '_>) {
        for source in sources.allowed(&CATEGORIES) {
            let said = sources.said(source);
            for one in said.iter().take(MAX_CATEGORIES) {
                let is_one = source == Source::Meta("article:tag") || source == Source::RelTag;
                let separators: &[char] = if is_one { &[] } else { &[',', ';'] };
                for word in head(&one.text, MAX_LIST_BYTES).split(separators) {
                    let word = clean(word.trim().trim_start_matches('#'), MAX_NAME);
                    self.categories
                        .extend(word.filter(|word| !self.categories.contains(word)));
                    if self.categories.len() >= MAX_CATEGORIES {
                        break;
                    }
                }
            }
            if let Some(first) = said.first().filter(|_| !self.categories.is_empty()) {
                self.categories.truncate(MAX_CATEGORIES);
                let all = self.categories.join(", ");
                self.note("categories", source.rule(), &first.spot.shown(), &all);
                return;
            }
        }
    }

    /// The text, of a page that is certainly about this one article: of microdata the element that
    /// holds `link`, of JSON-LD what the article says.
    pub(super) fn find_content<'a>(&mut self, sources: &Sources<'a, '_>, link: Ref<'a>) {
        let body = sources
            .items
            .nodes(Prop::Body)
            .find(|node| link.ancestors().any(|outer| outer.id() == node.id()));
        if let Some(node) = body {
            if let Some(content) = sanitise::element(node, sources.base).content {
                let shown = one_line(head(&content.text, MAX_SHOWN_BYTES));
                let rule = Source::Item(Prop::Body).rule();
                self.note("content", rule, &Spot::Property(node).shown(), &shown);
                self.content = Some(content);
            }
            return;
        }
        if !(sources.is_page() && sources.ld.is_certain() && sources.is_own(link)) {
            return;
        }
        if let Some((text, step)) = sources.first(&TEXTS, sanitise::plain) {
            let shown = one_line(head(&text, MAX_SHOWN_BYTES));
            self.note("content", step.rule, &step.element, &shown);
            self.content = Some(Content { html: None, text });
        }
    }
}
