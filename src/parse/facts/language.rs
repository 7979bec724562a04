//! The language of a page, and of a place on it.

use std::borrow::Cow;

use crate::model::Trace;
use crate::parse::document::{Ref, attribute, element, selector};
use crate::parse::json_ld::Of;

use super::sources::{Source, Sources, Step};
use super::{Facts, trace_at};

/// The language of the page as a whole, where its `<html>` has none. HTML Standard, §4.2.5.3: of
/// several languages none is the page's. Many sites leave `og:locale` as it came.
const LANGUAGES: [Source; 5] = [
    Source::Meta("content-language"),
    Source::Ld(Of::Article, "inLanguage"),
    Source::Meta("dc.language"),
    Source::Ld(Of::Page, "inLanguage"),
    Source::Meta("og:locale"),
];

impl Facts {
    pub(super) fn find_language(&mut self, sources: &Sources<'_, '_>) {
        let of_root = sources.survey.language.and_then(tag).map(|language| {
            let step = Step {
                rule: Cow::Borrowed("html lang"),
                element: "html".to_owned(),
            };
            (language, step)
        });
        let found = of_root.or_else(|| sources.first(&LANGUAGES, tag));
        self.language = found.map(|(language, step)| {
            let step = trace_at("language", step.rule, step.element, &language);
            (step, language)
        });
    }
}

/// The language at `node`: the nearest `lang` (which may be empty: unknown), else the page's.
pub(in crate::parse) fn language(node: Ref<'_>, facts: &Facts) -> Option<(Trace, String)> {
    // Pages written as XHTML and sent as HTML may have the second alone; the parser keeps its colon.
    let nearest = std::iter::once(node)
        .chain(node.ancestors())
        .find_map(|node| {
            let own = element(node)?;
            let named = ["lang", "xml:lang"]
                .into_iter()
                .find_map(|name| Some((name, attribute(own, name)?)))?;
            Some((node, named))
        });
    if let Some((node, (name, lang))) = nearest {
        let lang = tag(lang)?;
        return Some((trace_at("language", name, selector(node), &lang), lang));
    }
    facts.language.clone()
}

/// A BCP 47 tag, as far as one can tell without the registry; `de_DE` becomes `de-DE`.
pub(in crate::parse) fn tag(text: &str) -> Option<String> {
    let tag = text.trim().replace('_', "-");
    let mut parts = tag.split('-');
    let first = parts.next().is_some_and(|part| {
        (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphabetic())
    });
    let rest = parts.all(|part| {
        (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    });
    (first && rest && tag.len() <= 35).then_some(tag)
}
