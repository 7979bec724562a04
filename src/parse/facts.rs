//! What a page says of itself, whatever it links to: title, site, author, date, address, language.
//!
//! Each fact is taken from the first source in a fixed order that gives one; the order is the
//! order in the code. Microformats, where a page has them, stand before all of these: see `merge`.

use url::Url;

use crate::model::{Author, AuthoredTime, Photo, Trace};

use super::document::{Ref, attribute, element};
use super::json_ld;
use super::survey::{Survey, text_of};
use super::title::{Evidence, split};
use super::words::clean;
use super::{date, link};

/// Graphemes of a title.
pub(super) const MAX_TITLE: usize = 300;
/// Graphemes of a name.
pub(super) const MAX_NAME: usize = 200;
/// Graphemes of a summary.
const MAX_SUMMARY: usize = 1000;
/// Categories that are kept.
const MAX_CATEGORIES: usize = 32;
/// An icon of more pixels to a side is no better.
const MAX_ICON: u32 = 192;
/// Bytes of an address that we show.
const MAX_URL: usize = 4096;
/// What a trace shows of a value.
const MAX_FOUND: usize = 120;

/// The facts, with the way they were found.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// The title without the site's name.
    pub(super) title: Option<String>,
    /// The site's name.
    pub(super) site_name: Option<String>,
    /// The author.
    pub(super) author: Option<Author>,
    /// When it was published.
    pub(super) published: Option<AuthoredTime>,
    /// The page's own address.
    pub(super) url: Option<String>,
    /// When it was changed.
    pub(super) updated: Option<AuthoredTime>,
    /// What it says in short.
    pub(super) summary: Option<String>,
    /// The picture that stands for it.
    pub(super) photo: Option<Photo>,
    /// The icon of the site.
    pub(super) site_icon: Option<String>,
    /// What it is about.
    pub(super) categories: Vec<String>,
    /// How each was found.
    pub(super) trace: Vec<Trace>,
}

/// Reads the facts of a surveyed page.
pub(super) fn facts(survey: &Survey<'_>, page: &Url, matcher: &link::Matcher<'_>) -> Facts {
    let json_ld = json_ld::facts(&survey.json_ld);
    let mut facts = Facts::default();
    facts.find_title(survey, page, &json_ld);
    facts.find_author(survey, matcher.base(), &json_ld);
    facts.find_date(survey, &json_ld);
    facts.find_url(survey, page, matcher.base());
    facts.find_picture(survey, matcher.base());
    facts.find_more(survey);
    facts
}

/// One step of a reading. What it found is shown on a terminal: on one line, without controls.
pub(super) fn trace(field: &'static str, rule: impl Into<String>, found: &str) -> Trace {
    Trace {
        field,
        rule: rule.into(),
        element: None,
        found: clean(found, MAX_FOUND).unwrap_or_default(),
    }
}

/// The address, if it is an http(s) URL that may be shown.
pub(super) fn web_address(base: &Url, text: &str) -> Option<Url> {
    let url = base.join(text.trim()).ok()?;
    let shown = matches!(url.scheme(), "http" | "https")
        && url.username().is_empty()
        && url.password().is_none()
        && url.as_str().len() <= MAX_URL;
    shown.then_some(url)
}

/// The first of the named `<meta>`s that has a content, and its name.
fn first_meta(
    survey: &Survey<'_>,
    names: &[&'static str],
    max: usize,
) -> Option<(&'static str, String)> {
    names.iter().find_map(|&name| {
        let content = survey.meta(name).find_map(|content| clean(content, max))?;
        Some((name, content))
    })
}

fn looks_like_address(text: &str) -> bool {
    text.contains("://") || text.starts_with('/') || text.starts_with("www.")
}

impl Facts {
    fn note(&mut self, field: &'static str, rule: impl Into<String>, found: &str) {
        self.trace.push(trace(field, rule, found));
    }

    fn find_title(&mut self, survey: &Survey<'_>, page: &Url, json_ld: &json_ld::Facts) {
        let named =
            first_meta(survey, &["og:site_name", "application-name"], MAX_NAME).or_else(|| {
                let name = clean(json_ld.site.as_deref()?, MAX_NAME)?;
                Some(("JSON-LD site name", name))
            });
        let page_title = survey
            .title
            .and_then(|node| clean(&text_of(node), MAX_TITLE));
        let (home, headings): (Vec<_>, Vec<_>) = survey
            .headings
            .iter()
            .map(|&node| (node, text_of(node)))
            .filter(|(_, text)| !text.is_empty())
            .partition(|(node, _)| leads_home(*node, page) || is_site_title(*node));
        // What the theme marks as the site's name, be it a heading or not.
        let marked = survey
            .site_titles
            .iter()
            .find_map(|&node| clean(&text_of(node), MAX_NAME));
        // The first heading of the page: an h1, or else whatever comes first.
        let heading = headings
            .iter()
            .find(|(node, _)| element(*node).is_some_and(|e| e.name() == "h1"))
            .or(headings.first())
            .and_then(|(_, text)| clean(text, MAX_TITLE));
        let meta = first_meta(survey, &["og:title", "twitter:title"], MAX_TITLE);
        let headline = json_ld
            .headline
            .as_deref()
            .and_then(|text| clean(text, MAX_TITLE));

        let candidates = meta
            .clone()
            .into_iter()
            .chain(page_title.clone().map(|text| ("<title>", text)))
            .chain(headline.clone().map(|text| ("JSON-LD headline", text)))
            .chain(heading.map(|text| ("heading", text)));
        let candidates: Vec<_> = candidates.collect();
        let Some((source, full)) = candidates.first() else {
            let named = named.or_else(|| Some(("site title in the page", marked?)));
            if let Some((rule, name)) = named {
                self.note("site", rule, &name);
                self.site_name = Some(name);
            }
            return;
        };
        let mut evidence = Evidence {
            site_name: named.as_ref().map(|(_, name)| name.as_str()),
            titles: headings.iter().map(|(_, text)| text.as_str()).collect(),
            names: home.iter().map(|(_, text)| text.as_str()).collect(),
            url: page,
        };
        evidence.titles.extend(headline.as_deref());
        evidence.names.extend(marked.as_deref());
        let result = split(full, &evidence);
        let rule = match result.site {
            Some(_) => format!("{source}, without the site's name ({})", result.rule),
            None => (*source).to_owned(),
        };
        self.note("title", rule, &result.title);

        let mut site = named.clone().map(|(rule, name)| (rule.to_owned(), name));
        if site.is_none() {
            site = result
                .site
                .map(|name| (format!("{source} ({})", result.rule), name));
        }
        if site.is_none()
            && let Some(page_title) = &page_title
            && *source != "<title>"
        {
            // `og:title` is the title, so what `<title>` has beyond it is the site.
            evidence.titles.push(&result.title);
            let result = split(page_title, &evidence);
            site = result
                .site
                .map(|name| (format!("<title> ({})", result.rule), name));
        }
        if site.is_none() {
            // Of the front page it would be said twice.
            site = marked
                .filter(|name| *name != result.title)
                .map(|name| ("site title in the page".to_owned(), name));
        }
        if let Some((rule, name)) =
            site.and_then(|(rule, name)| Some((rule, clean(&name, MAX_NAME)?)))
        {
            self.note("site", rule, &name);
            self.site_name = Some(name);
        }
        self.title = Some(result.title);
    }

    fn find_author(&mut self, survey: &Survey<'_>, base: &Url, json_ld: &json_ld::Facts) {
        let name_of = |text: &str| {
            let text = text.trim();
            let text = text
                .get(..3)
                .filter(|by| by.eq_ignore_ascii_case("by "))
                .and_then(|_| text.get(3..))
                .unwrap_or(text);
            clean(text, MAX_NAME).filter(|name| !looks_like_address(name))
        };
        let link = survey.authors.iter().find_map(|&node| {
            let url = web_address(base, attribute(element(node)?, "href")?);
            Some((name_of(&text_of(node)), url.map(String::from)))
        });
        let named = ["author", "article:author", "dc.creator", "dcterms.creator"]
            .into_iter()
            .find_map(|meta| Some((format!("meta {meta}"), survey.meta(meta).find_map(name_of)?)))
            .or_else(|| {
                Some((
                    "JSON-LD author".to_owned(),
                    name_of(json_ld.author.as_deref()?)?,
                ))
            })
            .or_else(|| Some(("rel=author".to_owned(), link.as_ref()?.0.clone()?)));
        // The address of a rel=author belongs to that author only if it says no other name.
        let link_url = link.and_then(|(link_name, url)| match (&named, link_name) {
            (Some((_, name)), Some(link_name)) if *name != link_name => None,
            _ => url,
        });
        let url = link_url.or_else(|| {
            let same = named.as_ref().is_some_and(|(_, name)| {
                json_ld.author.as_deref().and_then(name_of).as_ref() == Some(name)
            });
            let url = json_ld.author_url.as_deref().filter(|_| same)?;
            web_address(base, url).map(String::from)
        });
        if named.is_none() && url.is_none() {
            return;
        }
        let rule = named
            .as_ref()
            .map_or("rel=author", |(rule, _)| rule.as_str())
            .to_owned();
        let name = named.as_ref().map(|(_, name)| name.clone());
        self.note(
            "author",
            rule,
            name.as_deref().or(url.as_deref()).unwrap_or_default(),
        );
        self.author = Some(Author {
            name,
            url,
            photo: None,
        });
    }

    fn find_date(&mut self, survey: &Survey<'_>, json_ld: &json_ld::Facts) {
        let meta = |name| survey.meta(name).find_map(date::authored);
        let time = |is_it: &dyn Fn(Ref<'_>) -> bool| {
            survey
                .times
                .iter()
                .filter(|node| is_it(**node))
                .find_map(|&node| {
                    let element = element(node)?;
                    let value =
                        attribute(element, "datetime").or_else(|| attribute(element, "content"));
                    value.map_or_else(|| date::authored(&text_of(node)), date::authored)
                })
        };
        let has =
            |node: Ref<'_>, name: &str| element(node).is_some_and(|e| attribute(e, name).is_some());
        let found = ["article:published_time", "og:article:published_time"]
            .into_iter()
            .find_map(|name| Some((name, meta(name)?)))
            .or_else(|| {
                let time = date::authored(json_ld.published.as_deref()?)?;
                Some(("JSON-LD datePublished", time))
            })
            .or_else(|| {
                [
                    "date",
                    "dc.date",
                    "dc.date.issued",
                    "dcterms.issued",
                    "datePublished",
                ]
                .into_iter()
                .find_map(|name| Some((name, meta(name)?)))
            })
            .or_else(|| {
                let is_it = |node: Ref<'_>| {
                    element(node)
                        .is_some_and(|e| super::document::has_word(e, "itemprop", "datePublished"))
                };
                Some(("itemprop=datePublished", time(&is_it)?))
            })
            .or_else(|| Some(("time[pubdate]", time(&|node| has(node, "pubdate"))?)))
            .or_else(|| Some(("<time> in the article", time(&|node| is_of_article(node))?)));
        if let Some((rule, time)) = found {
            self.note("published", rule, time.as_str());
            self.published = Some(time);
        }
    }

    /// The picture that a page has made for links to it, and its site's icon.
    fn find_picture(&mut self, survey: &Survey<'_>, base: &Url) {
        let image = ["og:image:secure_url", "og:image", "twitter:image"]
            .into_iter()
            .find_map(|name| {
                Some((
                    name,
                    survey.meta(name).find_map(|url| web_address(base, url))?,
                ))
            });
        if let Some((rule, url)) = image {
            self.note("photo", rule, url.as_str());
            let alt = ["og:image:alt", "twitter:image:alt"]
                .into_iter()
                .find_map(|name| survey.meta(name).find_map(|alt| clean(alt, MAX_TITLE)));
            self.photo = Some(Photo {
                url: url.into(),
                alt,
            });
        }
        // The largest that is no larger than it needs to be; touch icons are large enough.
        let icons = survey.icons.iter().filter_map(|&node| {
            let icon = element(node)?;
            let url = web_address(base, attribute(icon, "href")?)?;
            let sizes = attribute(icon, "sizes").unwrap_or_default();
            let width: u32 = sizes.split(['x', 'X', ' ']).next()?.parse().unwrap_or(0);
            Some((width.min(MAX_ICON), url))
        });
        let best = icons.reduce(|best, icon| if icon.0 > best.0 { icon } else { best });
        if let Some((_, url)) = best {
            self.note("icon", "link rel=icon", url.as_str());
            self.site_icon = Some(url.into());
        }
    }

    fn find_more(&mut self, survey: &Survey<'_>) {
        let names = ["og:description", "twitter:description", "description"];
        if let Some((rule, text)) = first_meta(survey, &names, MAX_SUMMARY) {
            self.note("summary", rule, &text);
            self.summary = Some(text);
        }
        let updated = ["article:modified_time", "og:updated_time", "dateModified"]
            .into_iter()
            .find_map(|name| Some((name, survey.meta(name).find_map(date::authored)?)));
        if let Some((rule, time)) = updated {
            self.note("updated", rule, time.as_str());
            self.updated = Some(time);
        }
        for tag in survey.meta("article:tag").take(MAX_CATEGORIES) {
            if let Some(tag) = clean(tag, MAX_NAME).filter(|tag| !self.categories.contains(tag)) {
                self.categories.push(tag);
            }
        }
        if !self.categories.is_empty() {
            let all = self.categories.join(", ");
            self.note("categories", "article:tag", &all);
        }
    }

    /// The canonical address counts only on the page's own host: else any page could send readers
    /// elsewhere under its name.
    fn find_url(&mut self, survey: &Survey<'_>, page: &Url, base: &Url) {
        let canonical = survey
            .canonicals
            .iter()
            .map(|href| ("rel=canonical", *href));
        let og = survey.meta("og:url").map(|href| ("og:url", href));
        let found = canonical.chain(og).find_map(|(rule, href)| {
            let url = web_address(base, href)?;
            let is_own = (url.host_str(), url.port()) == (page.host_str(), page.port());
            is_own.then_some((rule, url))
        });
        if let Some((rule, url)) = found {
            self.note("url", rule, url.as_str());
            self.url = Some(url.into());
        }
    }
}

/// Whether a heading is, or holds or stands in, what the theme marks as the site's name.
fn is_site_title(heading: Ref<'_>) -> bool {
    super::document::nodes(heading)
        .take(20)
        .chain(heading.ancestors().take(2))
        .filter_map(element)
        .any(super::survey::is_site_title)
}

/// Whether a heading is a link to the site's front page, as many sites have their name.
fn leads_home(heading: Ref<'_>, page: &Url) -> bool {
    let link = super::document::nodes(heading)
        .take(20)
        .chain(heading.ancestors().take(2))
        .filter_map(element)
        .find(|element| element.name() == "a");
    link.and_then(|link| attribute(link, "href"))
        .and_then(|href| page.join(href.trim()).ok())
        .is_some_and(|url| {
            url.host_str() == page.host_str() && url.path() == "/" && url.query().is_none()
        })
}

/// Whether a `<time>` is the article's own, and not that of a comment on it.
fn is_of_article(node: Ref<'_>) -> bool {
    let is_comments = |name: &str| name.to_ascii_lowercase().contains("comment");
    let mut ancestors = node.ancestors().filter_map(element);
    let within = ancestors.find_map(|element| match element.name() {
        "article" | "main" => Some(true),
        "aside" | "nav" | "footer" | "blockquote" => Some(false),
        _ if attribute(element, "id").is_some_and(is_comments)
            || attribute(element, "class").is_some_and(is_comments) =>
        {
            Some(false)
        }
        _ => None,
    });
    within.unwrap_or(false)
}

/// The language at `node`: the nearest `lang` (which may be empty: unknown), else the page's.
pub(super) fn language(node: Ref<'_>, survey: &Survey<'_>) -> Option<(&'static str, String)> {
    // Pages written as XHTML and sent as HTML may have the second alone; the parser keeps its colon.
    let nearest = std::iter::once(node)
        .chain(node.ancestors())
        .filter_map(element)
        .find_map(|e| {
            ["lang", "xml:lang"]
                .into_iter()
                .find_map(|name| Some((name, attribute(e, name)?)))
        });
    if let Some((name, lang)) = nearest {
        return tag(lang).map(|lang| (name, lang));
    }
    page_language(survey)
}

/// The language of the page as a whole.
fn page_language(survey: &Survey<'_>) -> Option<(&'static str, String)> {
    survey
        .language
        .and_then(tag)
        .map(|lang| ("html lang", lang))
        .or_else(|| {
            // HTML Standard, §4.2.5.3: of several languages none is the page's.
            let name = "content-language";
            Some((name, survey.meta(name).find_map(tag)?))
        })
        .or_else(|| Some(("og:locale", survey.meta("og:locale").find_map(tag)?)))
}

/// A BCP 47 tag, as far as one can tell without the registry; `de_DE` becomes `de-DE`.
pub(super) fn tag(text: &str) -> Option<String> {
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
