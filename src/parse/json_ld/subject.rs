//! Which of the objects is the page, and what it says of itself.

use std::borrow::Cow;

use serde_json::{Map, Value};
use url::Url;

use crate::model::PageKey;

use super::objects::{Object, Objects};
use super::{Agent, Member, Of, list, types, word};

/// Types of what is to be read, seen or heard on a page.
const ARTICLES: [&str; 25] = [
    "Article",
    "NewsArticle",
    "BlogPosting",
    "TechArticle",
    "ScholarlyArticle",
    "OpinionNewsArticle",
    "AnalysisNewsArticle",
    "ReportageNewsArticle",
    "ReviewNewsArticle",
    "BackgroundNewsArticle",
    "AdvertiserContentArticle",
    "SocialMediaPosting",
    "LiveBlogPosting",
    "DiscussionForumPosting",
    "Comment",
    "Answer",
    "Question",
    "Review",
    "Recipe",
    "Report",
    "HowTo",
    "VideoObject",
    "PodcastEpisode",
    "CreativeWork",
    "APIReference",
];
/// Types of organisations that write or publish.
const ORGANIZATIONS: [&str; 5] = [
    "Organization",
    "NewsMediaOrganization",
    "Corporation",
    "EducationalOrganization",
    "LocalBusiness",
];
/// An address longer than this is compared with nothing.
const MAX_ADDRESS_BYTES: usize = 4096;
/// Objects whose addresses are looked at.
const MAX_COMPARED: usize = 100;

/// How well an object's addresses fit the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// It has the page's address.
    Same,
    /// It has none.
    Unknown,
    /// It has another.
    Other,
}

/// A chosen object: one of the list, or a member of it.
#[derive(Debug, Clone, Copy)]
struct Chosen<'v> {
    members: &'v Map<String, Value>,
    at: usize,
    /// The member of the object at `at` that it is, if it is not that itself.
    through: Option<&'static str>,
}

/// What the scripts tell of the page.
#[derive(Debug, Default)]
pub(in crate::parse) struct Told<'v> {
    article: Option<Chosen<'v>>,
    page: Option<Chosen<'v>>,
    site: Option<Chosen<'v>>,
    publisher: Option<Chosen<'v>>,
    is_certain: bool,
    objects: Objects<'v>,
}

impl<'v> Told<'v> {
    /// Chooses among the objects of `values`; `keys` are the page's own addresses.
    pub(in crate::parse) fn of(values: &'v [Value], base: &Url, keys: &[PageKey]) -> Self {
        let objects = Objects::of(values);
        let fit = |object: &Object<'v>| fit(object.members, base, keys);
        let alone = || {
            objects
                .iter()
                .filter(|(_, object)| object.stands_alone)
                .take(MAX_COMPARED)
        };
        let articles: Vec<(Fit, usize)> = alone()
            .filter(|(_, object)| types(object.members).any(is_article))
            .map(|(at, object)| (fit(object), at))
            .collect();
        let article = articles.iter().min().copied().filter(|(fit, _)| {
            // Of several articles none of which is here, the page is about none.
            *fit != Fit::Other || articles.len() == 1
        });
        let is_certain = article.is_some_and(|(fit, _)| {
            fit == Fit::Same || (fit == Fit::Unknown && articles.len() == 1)
        });
        let page = alone()
            .filter(|(_, object)| types(object.members).any(|of| of.ends_with("Page")))
            .map(|(at, object)| (fit(object), at))
            .min()
            .filter(|(fit, _)| *fit != Fit::Other);
        let site = alone().find(|(_, object)| is_site(object.members));

        let chosen = |at: usize| {
            let members = objects.get(at)?.members;
            let through = None;
            Some(Chosen {
                members,
                at,
                through,
            })
        };
        let article = article.and_then(|(_, at)| chosen(at));
        let page = page.and_then(|(_, at)| chosen(at));
        let member = |of: Option<Chosen<'v>>, key: &'static str| {
            let of = of?;
            let value = list(of.members.get(key)).next()?;
            Some(Chosen {
                members: objects.resolve(value)?,
                at: of.at,
                through: Some(key),
            })
        };
        let site = site.and_then(|(at, _)| chosen(at)).or_else(|| {
            [article, page]
                .into_iter()
                .filter_map(|of| member(of, "isPartOf"))
                .find(|part| is_site(part.members))
        });
        let publisher = [article, page, site]
            .into_iter()
            .find_map(|of| member(of, "publisher"));
        Self {
            article,
            page,
            site,
            publisher,
            is_certain,
            objects,
        }
    }

    /// Whether the article is certainly the page, and not one of what the page lists.
    pub(in crate::parse) fn is_certain(&self) -> bool {
        self.is_certain
    }

    fn chosen(&self, of: Of) -> Option<Chosen<'v>> {
        match of {
            Of::Article => self.article,
            Of::Page => self.page,
            Of::Site => self.site,
            Of::Publisher => self.publisher,
        }
    }

    /// The values of a member, references resolved.
    fn values<T>(
        &self,
        of: Of,
        key: &str,
        read: impl Fn(&Self, &'v Value) -> Option<T>,
    ) -> Vec<Member<T>> {
        let Some(chosen) = self.chosen(of) else {
            return Vec::new();
        };
        list(chosen.members.get(key))
            .filter_map(|value| {
                let value = read(self, value)?;
                let key = match chosen.through {
                    Some(through) => Cow::Owned(format!("{through}.{key}")),
                    None => Cow::Borrowed(key),
                };
                let path = self.objects.path(chosen.at, &key);
                Some(Member { value, path })
            })
            .collect()
    }

    /// The texts of a member.
    pub(in crate::parse) fn texts(&self, of: Of, key: &str) -> Vec<Member<Cow<'v, str>>> {
        self.values(of, key, |told, value| {
            word(value).or_else(|| {
                let meant = told.objects.resolve(value)?;
                meant.get("name").and_then(word)
            })
        })
    }

    /// The addresses of a member.
    pub(in crate::parse) fn links(&self, of: Of, key: &str) -> Vec<Member<&'v str>> {
        self.values(of, key, Self::address)
    }

    /// The people and organisations that a member names.
    pub(in crate::parse) fn agents(&self, of: Of, key: &str) -> Vec<Member<Agent<'v>>> {
        self.values(of, key, |told, value| {
            if let Some(name) = value.as_str() {
                return Some(Agent {
                    name: word(value),
                    url: Some(name).filter(|name| name.contains("://")),
                    ..Agent::default()
                });
            }
            let meant = told.objects.resolve(value)?;
            let address = |key: &str| list(meant.get(key)).find_map(|value| told.address(value));
            Some(Agent {
                name: list(meant.get("name")).find_map(word),
                url: address("url"),
                image: address("image"),
                is_organization: types(meant).any(|of| ORGANIZATIONS.contains(&of)),
            })
        })
    }

    /// The address that a value is or, as an object, has; its identifier is none.
    fn address(&self, value: &'v Value) -> Option<&'v str> {
        value.as_str().or_else(|| {
            let meant = self.objects.resolve(value)?;
            ["url", "contentUrl"]
                .into_iter()
                .flat_map(|key| list(meant.get(key)))
                .find_map(Value::as_str)
        })
    }
}

/// Whether a type is of what is to be read, seen or heard.
pub(in crate::parse) fn is_article(of: &str) -> bool {
    ARTICLES.contains(&of)
}

fn is_site(members: &Map<String, Value>) -> bool {
    types(members).any(|of| matches!(of, "WebSite" | "Blog" | "Periodical"))
}

fn fit(members: &Map<String, Value>, base: &Url, keys: &[PageKey]) -> Fit {
    let addresses = ["mainEntityOfPage", "url", "@id"]
        .into_iter()
        .flat_map(|key| list(members.get(key)).take(4))
        .filter_map(|value| {
            let object = || value.as_object();
            let named = || object()?.get("@id").or_else(|| object()?.get("url"));
            value.as_str().or_else(|| named()?.as_str())
        })
        // Others are names of nodes in the graph.
        .filter(|address| address.contains("://") || address.starts_with(['/', '#']))
        .filter(|address| address.len() <= MAX_ADDRESS_BYTES)
        .filter_map(|address| base.join(address.trim()).ok())
        .filter(|url| matches!(url.scheme(), "http" | "https"));
    let mut fit = Fit::Unknown;
    for url in addresses {
        if keys.contains(&PageKey::of(&url)) {
            return Fit::Same;
        }
        fit = Fit::Other;
    }
    fit
}
