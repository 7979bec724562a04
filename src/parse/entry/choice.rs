//! Which of a page's entries speaks of the target.
//!
//! The one that holds the link; of several the one that the page is about, one that says more of the
//! target than that it links, an outer one, the first. A link in what the entry merely shows (the post
//! that it answers, a comment on it) belongs to the entry. A link outside of every entry is the page's.

use url::Url;

use crate::model::{PageKey, SourceUrl};
use crate::parse::document::{Ref, attribute, element, has_word, nodes};
use crate::parse::excerpt;
use crate::parse::microformats::{Origins, explicit};
use crate::parse::survey::Candidate;

use super::kind::kinds;
use super::placed::Items;
use super::subject::Subject;

/// A page with more entries than this is about none of them.
const MAX_SEVERAL: usize = 40;

/// The page that is chosen from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene<'s, 'a> {
    pub(super) items: &'s Items<'s>,
    pub(super) origins: &'s Origins<'a>,
    /// Where the page is, with the fragment that it was asked for.
    pub(super) url: &'s Url,
    /// The page's own name for itself.
    pub(super) canonical: Option<&'s Url>,
    /// The links to the target; at least one.
    pub(super) links: &'s [Candidate<'a>],
}

/// What was chosen.
#[derive(Debug)]
pub(super) struct Choice<'a> {
    /// The entry that holds the link; none if no entry does.
    pub(super) entry: Option<usize>,
    /// The entry that the page is about, if it is about one.
    pub(super) main: Option<usize>,
    /// The link that is shown, of those in the entry.
    pub(super) link: Option<Candidate<'a>>,
    /// Why this one.
    pub(super) rule: String,
}

/// Chooses.
pub(super) fn choose<'a>(scene: &Scene<'_, 'a>, subject: &Subject<'_>) -> Choice<'a> {
    let fragment = fragment(scene);
    let main = main(scene);
    let mut held: Vec<(usize, Candidate<'a>)> = Vec::new();
    for link in scene.links {
        if let Some((entry, _)) = item_round(link.node, scene).and_then(|at| scene.items.owner(at))
        {
            held.push((entry, *link));
        }
    }
    let in_fragment = |entry: usize| {
        let node = origin(entry, scene);
        fragment
            .zip(node)
            .is_some_and(|(part, node)| is_within(node, part) || is_within(part, node))
    };
    let best = held.iter().map(|(entry, _)| *entry).min_by_key(|&entry| {
        let responds = scene
            .items
            .get(entry)
            .is_some_and(|placed| !kinds(placed.item, None, false, subject).kinds.is_empty());
        (
            !in_fragment(entry),
            main != Some(entry),
            !responds,
            !scene.items.is_outermost(entry),
            entry,
        )
    });
    let Some(entry) = best else {
        return Choice {
            entry: None,
            main,
            link: excerpt::best(scene.links),
            rule: "link outside of every entry".to_owned(),
        };
    };
    let links: Vec<Candidate<'a>> = held
        .iter()
        .filter(|(of, _)| *of == entry)
        .map(|(_, link)| *link)
        .collect();
    let several = held.iter().any(|(of, _)| *of != entry);
    let rule = if in_fragment(entry) {
        "the entry that the source's fragment names"
    } else if main == Some(entry) {
        "the page's own entry"
    } else if several {
        "first of the entries that hold the link"
    } else {
        "the entry that holds the link"
    };
    Choice {
        entry: Some(entry),
        main,
        link: excerpt::best(&links),
        rule: rule.to_owned(),
    }
}

/// The element that the source's fragment names.
fn fragment<'a>(scene: &Scene<'_, 'a>) -> Option<Ref<'a>> {
    let wanted = scene.url.fragment().filter(|id| !id.is_empty())?;
    let mut root = scene.links.first()?.node;
    while let Some(parent) = root.parent() {
        root = parent;
    }
    nodes(root).find(|node| {
        node.value()
            .as_element()
            .and_then(|element| attribute(element, "id"))
            .is_some_and(|id| id == wanted)
    })
}

/// The entry that the page is about: the one whose address is the page's, or the only one.
pub(super) fn main(scene: &Scene<'_, '_>) -> Option<usize> {
    let own = PageKey::of(scene.url);
    let canonical = scene.canonical.map(PageKey::of);
    let entries: Vec<usize> = scene
        .items
        .iter()
        .filter(|(at, _)| scene.items.is_entry(*at) && scene.items.is_outermost(*at))
        .map(|(at, _)| at)
        .collect();
    let named = entries.iter().copied().find(|&at| {
        addresses(at, scene).any(|url| {
            let key = PageKey::of(&url);
            // Entries that are parts of a page have a fragment each.
            let is_part = url.fragment().is_some() && url.fragment() != scene.url.fragment();
            !is_part && (key == own || canonical.as_ref() == Some(&key))
        })
    });
    if named.is_some() {
        return named;
    }
    if let Some(numbered) = by_number(&entries, scene) {
        return Some(numbered);
    }
    // A front page with one entry on it is not that entry's page.
    let is_front = scene.url.path() == "/" && scene.url.query().is_none();
    if let Some(titled) = by_heading(&entries, scene).filter(|_| !is_front) {
        return Some(titled);
    }
    let mut nameless = entries
        .iter()
        .copied()
        .filter(|&at| addresses(at, scene).next().is_none());
    match (entries.as_slice(), nameless.next(), nameless.next()) {
        (&[only], None, _) => {
            let is_elsewhere_here = addresses(only, scene).any(|url| {
                url.host_str() == scene.url.host_str() && url.path() != scene.url.path()
            });
            (!is_elsewhere_here).then_some(only)
        }
        // Of a post and its neighbours the neighbours are linked to.
        (_, Some(only), None) if !is_front => Some(only),
        _ => None,
    }
}

/// The entry of the post whose page it is, by the numbers that WordPress writes on both.
fn by_number(entries: &[usize], scene: &Scene<'_, '_>) -> Option<usize> {
    let link = scene.links.first()?.node;
    let body = link
        .ancestors()
        .filter_map(element)
        .find(|element| element.name() == "body")?;
    let number = attribute(body, "class")?
        .split_ascii_whitespace()
        .find_map(|word| {
            let number = word
                .strip_prefix("postid-")
                .or(word.strip_prefix("page-id-"));
            number.filter(|number| number.bytes().all(|b| b.is_ascii_digit()))
        })?;
    let name = format!("post-{number}");
    entries.iter().copied().find(|&at| {
        let own = origin(at, scene).and_then(element);
        own.is_some_and(|own| attribute(own, "id") == Some(&*name) || has_word(own, "class", &name))
    })
}

/// Of several entries the only one with the page's heading in it.
fn by_heading(entries: &[usize], scene: &Scene<'_, '_>) -> Option<usize> {
    let has_heading = |at: &usize| {
        origin(*at, scene).is_some_and(|node| {
            let mut inner = nodes(node).filter_map(element);
            inner.any(|element| element.name() == "h1")
        })
    };
    if entries.len() < 2 || entries.len() > MAX_SEVERAL {
        return None;
    }
    let mut titled = entries.iter().copied().filter(has_heading);
    let first = titled.next()?;
    titled.next().is_none().then_some(first)
}

/// The addresses that the item gives itself.
fn addresses(at: usize, scene: &Scene<'_, '_>) -> impl Iterator<Item = Url> {
    let item = scene.items.get(at).map(|placed| placed.item);
    let values = item.map(|item| {
        let origin = scene.origins.of(item);
        let uids = explicit(item, origin, "uid");
        explicit(item, origin, "url").iter().chain(uids)
    });
    values
        .into_iter()
        .flatten()
        .filter_map(|value| SourceUrl::parse(value.text()).ok())
        .map(|url| url.as_url().clone())
}

/// The innermost item whose element the node is, or stands in.
fn item_round(node: Ref<'_>, scene: &Scene<'_, '_>) -> Option<usize> {
    std::iter::once(node)
        .chain(node.ancestors())
        .filter(|node| node.value().is_element())
        .find_map(|node| scene.origins.number_at(node))
        .and_then(|number| scene.items.numbered(number))
}

/// The element of the item.
fn origin<'a>(at: usize, scene: &Scene<'_, 'a>) -> Option<Ref<'a>> {
    let item = scene.items.get(at)?.item;
    scene.origins.of(item).map(|origin| origin.node)
}

/// Whether `inner` is `outer` or stands in it.
fn is_within(inner: Ref<'_>, outer: Ref<'_>) -> bool {
    std::iter::once(inner)
        .chain(inner.ancestors())
        .any(|node| node.id() == outer.id())
}
