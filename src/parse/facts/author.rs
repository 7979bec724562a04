//! Who wrote the article.

use std::borrow::Cow;

use url::Url;

use crate::model::Author;
use crate::parse::document::{Ref, attribute, element, nodes};
use crate::parse::json_ld::Of;
use crate::parse::survey::{Mark, Prop, text_of};
use crate::parse::words::clean;

use super::sources::{Source, Sources};
use super::spot::Spot;
use super::{Facts, MAX_NAME, byline, dateline, web_address};

/// Who may be named, in the order in which they are believed. What is said of the article stands
/// before what is said of the page, what machines are told before what readers are, and who merely
/// publishes it comes last.
const AUTHORS: [By; 19] = [
    By::Ld(Of::Article, "author", Whom::Person),
    By::Item,
    By::Meta("article:author"),
    By::Meta("author"),
    By::Meta("parsely-author"),
    By::Meta("sailthru.author"),
    By::Meta("citation_author"),
    By::Meta("dc.creator"),
    By::Meta("dcterms.creator"),
    By::Ld(Of::Article, "creator", Whom::Person),
    By::RelAuthor,
    By::Marked(Mark::Byline),
    By::Marked(Mark::Address),
    By::Line,
    By::Header,
    By::Ld(Of::Page, "author", Whom::Person),
    By::Ld(Of::Article, "author", Whom::Organization),
    By::Ld(Of::Page, "author", Whom::Organization),
    By::Meta("twitter:creator"),
];

/// Elements of a header that are looked at.
const MAX_HEADER_NODES: usize = 60;
/// Elements of a byline in which the link to its author is looked for.
const MAX_BYLINE_NODES: usize = 30;

/// Where an author is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// `<meta>` of that name.
    Meta(&'static str),
    /// That member of JSON-LD.
    Ld(Of, &'static str, Whom),
    /// Microdata and `RDFa`.
    Item,
    /// `a[rel=author]`, `link[rel=author]`.
    RelAuthor,
    /// What themes mark as the author's name.
    Marked(Mark),
    /// A line on the article that has a "by" in it.
    Line,
    /// A "by" at the beginning of a line in the article's header.
    Header,
    /// The same of a line by the article's heading, where nothing else names anybody.
    Dateline,
}

/// What an author is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whom {
    Person,
    Organization,
}

/// Somebody who is named.
#[derive(Debug)]
struct Person<'a> {
    name: Option<String>,
    url: Option<String>,
    photo: Option<String>,
    rule: Cow<'static, str>,
    spot: Spot<'a>,
}

impl Facts {
    /// The first who is named; their address and picture from whoever has the same name.
    pub(super) fn find_author(&mut self, sources: &Sources<'_, '_>) {
        let mut people: Vec<Person<'_>> = AUTHORS
            .iter()
            .filter(|by| match by {
                By::Item => sources.may_speak(Source::Item(Prop::Author)),
                _ => sources.is_page(),
            })
            .flat_map(|by| by.people(sources))
            .collect();
        if sources.is_page() && people.iter().all(|person| person.name.is_none()) {
            people.extend(By::Dateline.people(sources));
        }
        let named = people.iter().find(|person| person.name.is_some());
        let Some(first) = named.or_else(|| people.iter().find(|person| person.url.is_some()))
        else {
            return;
        };
        let key = first.name.as_deref().map(str::to_lowercase);
        // A link to the author that names nobody is to that author.
        let same: Vec<&Person<'_>> = std::iter::once(first)
            .chain(people.iter().filter(|other| {
                let name = other.name.as_deref().map(str::to_lowercase);
                name.is_none() || name == key
            }))
            .collect();
        let url = same.iter().find(|person| person.url.is_some());
        let photo = same.iter().find_map(|person| person.photo.clone());
        let shown = first.name.as_deref().or(first.url.as_deref());
        self.note(
            "author",
            first.rule.clone(),
            &first.spot.shown(),
            shown.unwrap_or_default(),
        );
        let author = Author {
            name: first.name.clone(),
            url: url.and_then(|person| person.url.clone()),
            photo,
        };
        if let Some(other) = url.filter(|_| first.url.is_none() && first.name.is_some()) {
            let rule = format!("{}, the address", other.rule);
            let address = author.url.as_deref().unwrap_or_default();
            self.note("author", rule, &other.spot.shown(), address);
        }
        self.author = Some(author);
    }
}

impl By {
    fn people<'a>(self, sources: &Sources<'a, '_>) -> Vec<Person<'a>> {
        match self {
            Self::Meta(name) => sources
                .survey
                .metas_of(name)
                .filter(|meta| name != "twitter:creator" || !names_site(sources, meta.content))
                .filter_map(|meta| {
                    Some(Person {
                        name: Some(given(meta.content)?),
                        url: None,
                        photo: None,
                        rule: Cow::Owned(format!("meta {name}")),
                        spot: Spot::Meta(meta),
                    })
                })
                .collect(),
            Self::Ld(of, key, whom) => {
                let agents = sources.ld.agents(of, key).into_iter();
                agents
                    .filter(|agent| agent.value.is_organization == (whom == Whom::Organization))
                    .map(|agent| Person {
                        name: agent.value.name.as_deref().and_then(given),
                        url: agent.value.url.and_then(|url| address(sources.base, url)),
                        photo: agent.value.image.and_then(|url| address(sources.base, url)),
                        rule: Source::Ld(of, key).rule(),
                        spot: Spot::Ld(agent.path),
                    })
                    .collect()
            }
            Self::Item => sources
                .items
                .nodes(Prop::Author)
                .map(|node| {
                    let agent = sources.items.agent(node);
                    Person {
                        name: agent.name.as_deref().and_then(given),
                        url: agent.url.and_then(|url| address(sources.base, &url)),
                        photo: agent.image.and_then(|url| address(sources.base, &url)),
                        rule: Source::Item(Prop::Author).rule(),
                        spot: Spot::Property(node),
                    }
                })
                .collect(),
            Self::RelAuthor => rel_authors(sources),
            Self::Marked(mark) => marked(sources, mark),
            Self::Line => sources
                .own(Mark::Line)
                .into_iter()
                .filter_map(|node| {
                    let text = text_of(node);
                    let name = byline::name_after_lead(&text)?;
                    Some(linked(sources, node, name, "line on the article"))
                })
                .collect(),
            Self::Header => headers(sources),
            Self::Dateline => {
                let lines = dateline::lines(sources).into_iter();
                lines
                    .filter_map(|line| {
                        let Spot::Node(node) = line.spot else {
                            return None;
                        };
                        let name = byline::name_in_line(&line.text)?;
                        Some(linked(sources, node, name, "line by the heading"))
                    })
                    .take(1)
                    .collect()
            }
        }
    }
}

/// Whether an account is the site's own, and nobody's who writes there.
fn names_site(sources: &Sources<'_, '_>, account: &str) -> bool {
    let mut sites = sources.survey.metas_of("twitter:site");
    sites.any(|site| site.content.trim().eq_ignore_ascii_case(account.trim()))
}

/// What publishing systems call whoever has not said a name.
const NOBODY: [&str; 3] = ["super user", "administrator", "webmaster"];

/// A name as it is given to machines.
fn given(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text
        .get(..3)
        .filter(|by| by.eq_ignore_ascii_case("by "))
        .and_then(|_| text.get(3..))
        .unwrap_or(text);
    clean(text, MAX_NAME)
        .filter(|name| !looks_like_address(name) && !NOBODY.contains(&&*name.to_lowercase()))
}

fn looks_like_address(text: &str) -> bool {
    text.contains("://") || text.starts_with('/') || text.starts_with("www.")
}

fn address(base: &Url, text: &str) -> Option<String> {
    let is_said = !text.trim().is_empty();
    web_address(base, text)
        .filter(|_| is_said)
        .map(String::from)
}

/// Those in the article; else the only one of the page.
fn rel_authors<'a>(sources: &Sources<'a, '_>) -> Vec<Person<'a>> {
    let all = &sources.survey.authors;
    let is_only = all.len() == 1;
    all.iter()
        .copied()
        .filter(|&node| {
            let is_link = element(node).is_some_and(|element| element.name() == "link");
            is_link || is_only || sources.is_own(node)
        })
        .filter_map(|node| {
            let href = attribute(element(node)?, "href")?;
            Some(Person {
                name: given(&text_of(node)),
                url: address(sources.base, href),
                photo: None,
                rule: Cow::Borrowed("rel=author"),
                spot: Spot::Node(node),
            })
        })
        .collect()
}

fn marked<'a>(sources: &Sources<'a, '_>, mark: Mark) -> Vec<Person<'a>> {
    let is_address = mark == Mark::Address;
    let rule = if is_address {
        "<address> of the article"
    } else {
        "byline"
    };
    sources
        .own(mark)
        .into_iter()
        // On a page that marks no article an address may be anybody's.
        .filter(|node| !is_address || sources.is_within(*node))
        .filter_map(|node| {
            let text = text_of(node);
            let name = byline::name_after_lead(&text).or_else(|| byline::name(&text))?;
            Some(linked(sources, node, name, rule))
        })
        .collect()
}

/// The person of that name, with the address that a link of the name within `node` has.
fn linked<'a>(
    sources: &Sources<'a, '_>,
    node: Ref<'a>,
    name: &str,
    rule: &'static str,
) -> Person<'a> {
    let is_link = |node: &Ref<'a>| element(*node).is_some_and(|e| e.name() == "a");
    let link = nodes(node)
        .take(MAX_BYLINE_NODES)
        .chain(node.ancestors().take(2))
        .filter(is_link)
        .find(|link| text_of(*link) == name);
    let url = link.and_then(|link| {
        let href = attribute(element(link)?, "href")?;
        address(sources.base, href)
    });
    Person {
        name: clean(name, MAX_NAME),
        url,
        photo: None,
        rule: Cow::Borrowed(rule),
        spot: Spot::Node(link.unwrap_or(node)),
    }
}

/// Lines of the article's header, or of the one that stands before it, that begin with a "by".
fn headers<'a>(sources: &Sources<'a, '_>) -> Vec<Person<'a>> {
    let headers = sources.survey.headers.iter().copied();
    headers
        .filter(|header| sources.is_within(*header))
        .flat_map(|header| nodes(header).take(MAX_HEADER_NODES))
        .filter(|node| {
            element(*node)
                .is_some_and(|e| matches!(e.name(), "p" | "div" | "span" | "small" | "li"))
        })
        .filter_map(|node| {
            let text = text_of(node);
            let name = byline::name_after_lead(&text)?;
            Some(linked(sources, node, name, "header of the article"))
        })
        .take(1)
        .collect()
}
