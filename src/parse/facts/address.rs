//! The page's own address, and that of a part of it.

use std::borrow::Cow;

use url::Url;

use crate::parse::document::{Ref, attribute, element, selector};
use crate::parse::json_ld::Of;
use crate::parse::survey::{Prop, Survey};

use super::items::Voice;
use super::sources::{Source, Sources, Step};
use super::spot::Spot;
use super::{Facts, web_address};

/// The address that a page gives as its own, and how it was found.
#[derive(Debug)]
pub(in crate::parse) struct Canonical {
    pub(in crate::parse) url: Url,
    step: Step,
}

/// The address in the page's head: that of its canonical link, or else OpenGraph's.
pub(in crate::parse) fn canonical(
    survey: &Survey<'_>,
    page: &Url,
    base: &Url,
) -> Option<Canonical> {
    let link = survey.canonicals.iter().find_map(|&node| {
        let url = own_address(base, attribute(element(node)?, "href")?, page)?;
        Some((url, Cow::Borrowed("rel=canonical"), selector(node)))
    });
    let (url, rule, element) = link.or_else(|| {
        survey.metas_of("og:url").find_map(|meta| {
            let url = own_address(base, meta.content, page)?;
            let rule = Source::Meta("og:url").rule();
            Some((url, rule, Spot::Meta(meta).shown()))
        })
    })?;
    let step = Step { rule, element };
    Some(Canonical { url, step })
}

impl Facts {
    /// The address of the page, or of the item that speaks in its place.
    pub(super) fn find_url(&mut self, sources: &Sources<'_, '_>, canonical: Option<Canonical>) {
        let found = if sources.items.voice() == Voice::Page {
            let canonical = canonical.map(|Canonical { url, step }| (url, step));
            canonical.or_else(|| {
                let table = [Source::LdLink(Of::Article, "url")];
                sources.first(&table, |href| own_address(sources.base, href, sources.page))
            })
        } else {
            sources
                .first(&[Source::Item(Prop::Url)], |href| {
                    own_address(sources.base, href, sources.page)
                })
                .or_else(|| fragment(sources.items.node()?, sources.page))
        };
        if let Some((url, step)) = found {
            self.note("url", step.rule, &step.element, url.as_str());
            self.url = Some(url.into());
        }
    }
}

/// The address of an element on its page.
fn fragment(node: Ref<'_>, page: &Url) -> Option<(Url, Step)> {
    let id = attribute(element(node)?, "id").filter(|id| !id.is_empty())?;
    let mut url = page.clone();
    url.set_fragment(Some(id));
    let step = Step {
        rule: Cow::Borrowed("id of the item"),
        element: selector(node),
    };
    Some((url, step))
}

/// An address counts only on the page's own host: else any page could send readers elsewhere under
/// its name.
fn own_address(base: &Url, href: &str, page: &Url) -> Option<Url> {
    web_address(base, href)
        .filter(|url| (url.host_str(), url.port()) == (page.host_str(), page.port()))
}
