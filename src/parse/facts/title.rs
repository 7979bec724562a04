//! The title, and the name of the site, which pages give in one.

use std::borrow::Cow;

use url::Url;

use crate::parse::json_ld::Of;
use crate::parse::survey::{Prop, text_of};
use crate::parse::title::{Evidence, split};
use crate::parse::words::clean;

use super::sources::{Source, Sources, Step, as_text, names_site};
use super::{Facts, MAX_NAME, MAX_TITLE};

/// Where a title may be, the site's name perhaps with it.
const TITLES: [Source; 13] = [
    Source::Meta("og:title"),
    Source::Meta("twitter:title"),
    Source::PageTitle,
    Source::Ld(Of::Article, "headline"),
    Source::Item(Prop::Headline),
    Source::Meta("citation_title"),
    Source::Meta("parsely-title"),
    Source::Meta("sailthru.title"),
    Source::Meta("dc.title"),
    Source::Meta("dcterms.title"),
    Source::Ld(Of::Article, "name"),
    Source::Item(Prop::Name),
    Source::Heading,
];

/// Titles that are without the site's name: they tell where to part the others.
const BARE_TITLES: [Source; 8] = [
    Source::Ld(Of::Article, "headline"),
    Source::Item(Prop::Headline),
    Source::Meta("citation_title"),
    Source::Meta("parsely-title"),
    Source::Meta("sailthru.title"),
    Source::Ld(Of::Article, "name"),
    Source::Item(Prop::Name),
    Source::Heading,
];

/// The site's name in so many words.
const SITES: [Source; 4] = [
    Source::Meta("og:site_name"),
    Source::Meta("application-name"),
    Source::Ld(Of::Site, "name"),
    Source::Ld(Of::Publisher, "name"),
];

/// The titles of an item that is but one of several on the page.
const ITEM_TITLES: [Source; 2] = [Source::Item(Prop::Headline), Source::Item(Prop::Name)];

/// Whether a name is what many call a part of their site.
fn is_anybodys(name: &str) -> bool {
    matches!(
        name.to_lowercase().as_str(),
        "blog" | "home" | "homepage" | "news" | "articles" | "posts" | "website"
    )
}

impl Facts {
    /// The title without the site's name, and that.
    pub(super) fn find_title(&mut self, sources: &Sources<'_, '_>) {
        let mut site = sources.first(&SITES, |text| {
            let name = clean(text, MAX_NAME).filter(|name| !is_anybodys(name))?;
            // Some give the address of their front page.
            match Url::parse(&name) {
                Ok(url) if url.has_host() => {
                    let host = url.host_str().unwrap_or_default();
                    Some(host.strip_prefix("www.").unwrap_or(host).to_owned())
                }
                _ => Some(name),
            }
        });
        // What the theme marks as the site's name, be it a heading or not.
        let marked = sources.first(&[Source::SiteTitle], |text| clean(text, MAX_NAME));
        let is_front = sources.page.path() == "/" && sources.page.query().is_none();
        let is_site = |text: &String| {
            let name = site.as_ref().map(|(name, _)| name);
            name == Some(text) || sources.page.host_str() == Some(text)
        };
        // What is but the site's name is the title of no page of it, unless there is nothing else.
        let titled = sources
            .first(&TITLES, |text| {
                clean(text, MAX_TITLE).filter(|text| is_front || !is_site(text))
            })
            .or_else(|| sources.first(&TITLES, |text| clean(text, MAX_TITLE)));
        if let Some((full, step)) = titled {
            let bare: Vec<_> = BARE_TITLES
                .iter()
                .flat_map(|source| sources.said(*source))
                .collect();
            let headings = sources.survey.headings.iter().copied();
            let home: Vec<_> = headings
                .filter(|node| names_site(*node, sources.page))
                .map(as_text)
                .filter(|said| !said.text.is_empty())
                .collect();
            let mut evidence = Evidence {
                site_name: site.as_ref().map(|(name, _)| name.as_str()),
                titles: bare.iter().map(|said| &*said.text).collect(),
                names: home
                    .iter()
                    .map(|said| &*said.text)
                    .chain(marked.as_ref().map(|(name, _)| name.as_str()))
                    .collect(),
                url: sources.page,
            };
            let parts = split(&full, &evidence);
            let rule = match parts.site {
                Some(_) => format!("{}, without the site's name ({})", step.rule, parts.rule),
                None => step.rule.to_string(),
            };
            let of_title = |rule: String, element: &str| Step {
                rule: Cow::Owned(rule),
                element: element.to_owned(),
            };
            let mut found = parts.site.map(|name| {
                (
                    name,
                    of_title(format!("{} ({})", step.rule, parts.rule), &step.element),
                )
            });
            if found.is_none()
                && site.is_none()
                && step.rule != Source::PageTitle.rule()
                && let Some(node) = sources.survey.title
                && let Some(page_title) = clean(&text_of(node), MAX_TITLE)
            {
                // `og:title` is the title, so what `<title>` has beyond it is the site.
                evidence.titles = vec![&parts.title];
                let result = split(&page_title, &evidence);
                let rule = format!("<title> ({})", result.rule);
                found = result.site.map(|name| (name, of_title(rule, "title")));
            }
            site = site
                .or_else(|| {
                    let (name, step) = found?;
                    Some((clean(&name, MAX_NAME)?, step))
                })
                // Of the front page it would be said twice.
                .or(marked.filter(|(name, _)| *name != parts.title));
            let mine = sources
                .is_post()
                .then(|| sources.first(&ITEM_TITLES, |text| clean(text, MAX_TITLE)));
            let title = match mine {
                None => Some((parts.title, of_title(rule, &step.element))),
                Some(own) => own,
            };
            if let Some((title, step)) = title {
                self.note("title", step.rule, &step.element, &title);
                self.title = Some(title);
            }
        } else {
            site = site.or(marked);
        }
        if let Some((name, step)) = site {
            self.note("site", step.rule, &step.element, &name);
            self.site_name = Some(name);
        }
    }
}
