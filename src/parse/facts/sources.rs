//! [`Source`]: where a fact is looked for. Each field has one table of them, in the order in which
//! they are asked; [`Sources`] asks them.

use std::borrow::Cow;

use url::Url;

use crate::parse::document::{Ref, attribute, element, has_word, nodes};
use crate::parse::json_ld::{Of, Told};
use crate::parse::survey::{Mark, Prop, Survey, is_site_title, text_of};

use super::dateline;
use super::items::{Items, Voice};
use super::place::{Frame, Place};
use super::spot::{Said, Spot};

/// Nodes within an element in which a link or a time of its own is looked for.
const MAX_HEADING_NODES: usize = 20;

/// Where a fact is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// `<meta>` of that name, whichever attribute names it, in any letter case.
    Meta(&'static str),
    /// That member of the JSON-LD object that describes the page.
    Ld(Of, &'static str),
    /// The same, where it is an address.
    LdLink(Of, &'static str),
    /// That property of the microdata or `RDFa` item which the page is about.
    Item(Prop),
    /// `<title>`.
    PageTitle,
    /// The first `<h1>` that does not lead home, or else the first heading.
    Heading,
    /// What themes mark as the site's name.
    SiteTitle,
    /// `<time pubdate>`.
    Pubdate,
    /// `<time>` in the article or in the page's main part.
    Time,
    /// What themes mark as the date, as a machine reads it.
    DateMark,
    /// What themes mark as the date, as a person reads it; and the line that says who wrote it when.
    DateWords,
    /// A short line by the article's heading.
    Dateline,
    /// `<time>` that themes mark as the last change.
    UpdatedMark,
    /// `a[rel=tag]` in the article.
    RelTag,
    /// `link[rel=image_src]`.
    RelImage,
}

/// By which rule a fact was found, and where.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) rule: Cow<'static, str>,
    pub(super) element: String,
}

/// What is known of a page that facts can be taken from.
#[derive(Debug)]
pub(super) struct Sources<'a, 's> {
    pub(super) survey: &'s Survey<'a>,
    pub(super) ld: &'s Told<'s>,
    pub(super) items: &'s Items<'a>,
    pub(super) frame: &'s Frame<'a>,
    /// Where the page is.
    pub(super) page: &'s Url,
    /// What relative addresses are relative to.
    pub(super) base: &'s Url,
}

impl Source {
    /// How a trace calls it.
    pub(super) fn rule(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Meta(name) => name,
            Self::Ld(Of::Article, key) | Self::LdLink(Of::Article, key) => {
                return Cow::Owned(format!("JSON-LD {key}"));
            }
            Self::Ld(Of::Page, key) | Self::LdLink(Of::Page, key) => {
                return Cow::Owned(format!("JSON-LD {key} of the page"));
            }
            Self::Ld(Of::Site, "name") => "JSON-LD site name",
            Self::Ld(Of::Site, key) | Self::LdLink(Of::Site, key) => {
                return Cow::Owned(format!("JSON-LD {key} of the site"));
            }
            Self::Ld(Of::Publisher, key) | Self::LdLink(Of::Publisher, key) => {
                return Cow::Owned(format!("JSON-LD {key} of the publisher"));
            }
            Self::Item(prop) => return Cow::Owned(format!("itemprop={}", prop.name())),
            Self::PageTitle => "<title>",
            Self::Heading => "heading",
            Self::SiteTitle => "site title in the page",
            Self::Pubdate => "time[pubdate]",
            Self::Time => "<time> in the article",
            Self::DateMark => "date of the article, by its class",
            Self::DateWords => "date of the article, in words",
            Self::Dateline => "line by the heading",
            Self::UpdatedMark => "change of the article, by its class",
            Self::RelTag => "rel=tag",
            Self::RelImage => "rel=image_src",
        })
    }
}

impl<'a> Sources<'a, '_> {
    /// The first value, of the sources in their order, that `read` makes something of.
    pub(super) fn first<T>(
        &self,
        table: &[Source],
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<(T, Step)> {
        table.iter().find_map(|&source| {
            self.said(source).into_iter().find_map(|said| {
                let value = read(&said.text)?;
                let step = Step {
                    rule: source.rule(),
                    element: said.spot.shown(),
                };
                Some((value, step))
            })
        })
    }

    /// What a source says, in document order.
    pub(super) fn said(&self, source: Source) -> Vec<Said<'a>> {
        let survey = self.survey;
        match source {
            Source::Meta(name) => survey
                .metas_of(name)
                .map(|meta| Said {
                    text: Cow::Borrowed(meta.content),
                    spot: Spot::Meta(meta),
                })
                .collect(),
            Source::Ld(of, key) => {
                let texts = self.ld.texts(of, key).into_iter();
                texts
                    .map(|text| Said {
                        text: Cow::Owned(text.value.into_owned()),
                        spot: Spot::Ld(text.path),
                    })
                    .collect()
            }
            Source::LdLink(of, key) => {
                let links = self.ld.links(of, key).into_iter();
                links
                    .map(|link| Said {
                        text: Cow::Owned(link.value.to_owned()),
                        spot: Spot::Ld(link.path),
                    })
                    .collect()
            }
            Source::Item(prop) => self.items.said(prop),
            Source::PageTitle => survey.title.into_iter().map(as_text).collect(),
            Source::Heading => headings(survey, self.page).collect(),
            Source::SiteTitle => survey.marked(Mark::SiteTitle).map(as_text).collect(),
            Source::Pubdate => {
                let times = survey.times.iter().copied();
                let mut marked: Vec<Ref<'a>> = times
                    .filter(|node| {
                        element(*node).is_some_and(|e| attribute(e, "pubdate").is_some())
                    })
                    .collect();
                // Of several, those beside the article are of comments and other articles.
                if marked.len() > 1 {
                    marked.retain(|node| self.is_own(*node));
                }
                if marked.len() > 1 {
                    marked.retain(|node| self.is_within(*node));
                }
                marked.into_iter().map(as_time).collect()
            }
            Source::Time => {
                let times = survey.times.iter().copied();
                times
                    .filter(|node| self.is_within(*node) && !is_update(*node))
                    .map(as_time)
                    .collect()
            }
            Source::DateMark => self
                .own(Mark::Date)
                .into_iter()
                .filter_map(machine_time)
                .collect(),
            Source::DateWords => {
                let marked = [Mark::Date, Mark::Line];
                let nodes = marked.into_iter().flat_map(|mark| self.own(mark));
                nodes.map(as_text).collect()
            }
            Source::Dateline => dateline::lines(self)
                .into_iter()
                .map(|line| match line.spot {
                    Spot::Node(node) => machine_time(node).unwrap_or(line),
                    Spot::Meta(_) | Spot::Property(_) | Spot::Ld(_) => line,
                })
                .collect(),
            Source::UpdatedMark => self
                .own(Mark::Updated)
                .into_iter()
                .filter_map(machine_time)
                .collect(),
            Source::RelTag => survey
                .tags
                .iter()
                .filter(|node| self.is_own(**node))
                .map(|node| as_text(*node))
                .collect(),
            Source::RelImage => survey
                .image_sources
                .iter()
                .filter_map(|&node| {
                    Some(Said {
                        text: Cow::Borrowed(attribute(element(node)?, "href")?),
                        spot: Spot::Node(node),
                    })
                })
                .collect(),
        }
    }

    /// Whether the page as a whole may speak of the words round the link: not of a comment, nor of
    /// one post of several.
    pub(super) fn is_page(&self) -> bool {
        self.items.voice() == Voice::Page && self.frame.comment().is_none()
    }

    /// Whether one post of several speaks, and nothing but its item.
    pub(super) fn is_post(&self) -> bool {
        self.items.voice() == Voice::Post
    }

    /// Whether `source` may speak: of a comment and of one post of several only the item itself.
    pub(super) fn may_speak(&self, source: Source) -> bool {
        let is_own_item = self.items.voice() != Voice::Page && matches!(source, Source::Item(_));
        self.is_page() || is_own_item
    }

    /// What of a table may speak.
    pub(super) fn allowed(&self, table: &[Source]) -> Vec<Source> {
        let table = table.iter().copied();
        table.filter(|source| self.may_speak(*source)).collect()
    }

    /// Whether an element stands in the article or in the page's main part.
    pub(super) fn is_within(&self, node: Ref<'a>) -> bool {
        matches!(self.frame.place(node), Place::Article | Place::Main)
    }

    /// Whether an element stands in nothing beside the article.
    pub(super) fn is_own(&self, node: Ref<'a>) -> bool {
        self.frame.place(node) != Place::Elsewhere
    }

    /// The elements of a mark that are the article's. Where the page marks no article, a lone one.
    pub(super) fn own(&self, mark: Mark) -> Vec<Ref<'a>> {
        let mut within: Vec<Ref<'a>> = Vec::new();
        let mut loose: Vec<Ref<'a>> = Vec::new();
        for node in self.survey.marked(mark) {
            let list = match self.frame.place(node) {
                Place::Article | Place::Main => &mut within,
                Place::Loose => &mut loose,
                Place::Elsewhere => continue,
            };
            // What stands in a marked element is no second one.
            let is_inner = list.last().is_some_and(|last| {
                node.id() == last.id() || node.ancestors().any(|outer| outer.id() == last.id())
            });
            if !is_inner {
                list.push(node);
            }
        }
        if within.is_empty() && loose.len() == 1 {
            return loose;
        }
        within
    }
}

/// The headings that are not the site's name, each with its text; an `<h1>` first, where there is
/// one.
fn headings<'a>(survey: &Survey<'a>, page: &Url) -> impl Iterator<Item = Said<'a>> {
    let mut headings: Vec<Ref<'a>> = survey
        .headings
        .iter()
        .copied()
        .filter(|node| !names_site(*node, page))
        .collect();
    headings.sort_by_key(|node| element(*node).is_none_or(|e| e.name() != "h1"));
    headings
        .into_iter()
        .map(as_text)
        .filter(|said| !said.text.is_empty())
}

/// Whether a heading is the site's name: it leads home, or the theme says so.
pub(super) fn names_site(heading: Ref<'_>, page: &Url) -> bool {
    let near = || {
        nodes(heading)
            .take(MAX_HEADING_NODES)
            .chain(heading.ancestors().take(2))
            .filter_map(element)
    };
    let leads_home = || {
        near()
            .find(|element| element.name() == "a")
            .and_then(|link| attribute(link, "href"))
            .and_then(|href| page.join(href.trim()).ok())
            .is_some_and(|url| {
                url.host_str() == page.host_str() && url.path() == "/" && url.query().is_none()
            })
    };
    near().any(is_site_title) || leads_home()
}

/// What a reader sees of an element.
pub(super) fn as_text(node: Ref<'_>) -> Said<'_> {
    Said {
        text: Cow::Owned(text_of(node)),
        spot: Spot::Node(node),
    }
}

/// The time that a `<time>` gives, else what a reader sees.
fn as_time(node: Ref<'_>) -> Said<'_> {
    let own = element(node);
    let value =
        own.and_then(|own| attribute(own, "datetime").or_else(|| attribute(own, "content")));
    match value {
        Some(value) => Said {
            text: Cow::Borrowed(value),
            spot: Spot::Node(node),
        },
        None => as_text(node),
    }
}

/// The time that a marked element, or one in it, gives to machines.
fn machine_time(node: Ref<'_>) -> Option<Said<'_>> {
    nodes(node).take(MAX_HEADING_NODES).find_map(|node| {
        let own = element(node)?;
        let value = ["datetime", "content"]
            .into_iter()
            .find_map(|name| attribute(own, name))
            .or_else(|| attribute(own, "title").filter(|_| own.name() == "abbr"))?;
        Some(Said {
            text: Cow::Borrowed(value),
            spot: Spot::Node(node),
        })
    })
}

/// Whether a `<time>` is that of a change alone.
fn is_update(node: Ref<'_>) -> bool {
    let Some(own) = element(node) else {
        return false;
    };
    let marked = |mark| {
        let words = attribute(own, "class").unwrap_or_default();
        words
            .split_ascii_whitespace()
            .any(|word| Mark::of(word) == Some(mark))
    };
    (marked(Mark::Updated) && !marked(Mark::Date)) || has_word(own, "itemprop", "dateModified")
}
