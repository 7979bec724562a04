//! [`Survey`]: one walk over the tree that notes every element somebody will ask for.

use html5ever::local_name;
use scraper::node::Element;

use super::document::{Document, Edge, Edges, Ref, attribute, has_word, nodes};
use super::words::one_line;

mod marks;
mod properties;

pub(super) use self::marks::{Mark, Marked};
pub(super) use self::properties::{Prop, Property};

/// Headings that are looked at: the title is among the first of them.
const MAX_HEADINGS: usize = 12;
/// Times, JSON-LD scripts, author links and marked elements that are looked at, of each kind.
const MAX_OF_A_KIND: usize = 32;
/// `<meta>`s that are looked at: a page that tells more of itself tells nothing to anybody.
const MAX_METAS: usize = 512;
/// Properties in the markup that are looked at.
const MAX_PROPERTIES: usize = 256;
/// Texts of elements are read up to here.
const MAX_TEXT_BYTES: usize = 8 * 1024;

/// Nodes that are looked at for the text of an element.
const MAX_TEXT_NODES: usize = 10_000;

/// What kinds of `<link>` are no evidence that the page mentions its target: they belong to the
/// page's own machinery.
const MACHINERY: [&str; 14] = [
    "alternate",
    "apple-touch-icon",
    "canonical",
    "dns-prefetch",
    "icon",
    "manifest",
    "modulepreload",
    "pingback",
    "preconnect",
    "prefetch",
    "preload",
    "shortlink",
    "stylesheet",
    "webmention",
];

/// An attribute that may hold a link to the target.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate<'a> {
    /// The element.
    pub(super) node: Ref<'a>,
    /// The attribute's name.
    pub(super) attribute: &'static str,
    /// Its value, entities decoded.
    pub(super) value: &'a str,
}

/// A name and what a `<meta>` says under it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Meta<'a> {
    /// The attribute that has the name: `name`, `property`, `itemprop` or `http-equiv`.
    pub(super) attribute: &'static str,
    /// The name.
    pub(super) name: &'a str,
    /// What it says.
    pub(super) content: &'a str,
}

/// What was found in a document, each kind in document order.
#[derive(Debug, Default)]
pub(super) struct Survey<'a> {
    /// Where links may be.
    pub(super) candidates: Vec<Candidate<'a>>,
    /// The values of `<base href>`.
    pub(super) bases: Vec<&'a str>,
    /// What the `<meta>`s say.
    pub(super) metas: Vec<Meta<'a>>,
    /// The content of each `<meta http-equiv=status>`.
    pub(super) statuses: Vec<&'a str>,
    /// `link[rel=canonical]`.
    pub(super) canonicals: Vec<Ref<'a>>,
    /// `link[rel=icon]` and `link[rel=apple-touch-icon]`.
    pub(super) icons: Vec<Ref<'a>>,
    /// The first `<title>` that is not a picture's.
    pub(super) title: Option<Ref<'a>>,
    /// `<h1>` to `<h3>`.
    pub(super) headings: Vec<Ref<'a>>,
    /// `<time>`.
    pub(super) times: Vec<Ref<'a>>,
    /// `a[rel=author]` and `link[rel=author]`.
    pub(super) authors: Vec<Ref<'a>>,
    /// JSON-LD.
    pub(super) json_ld: Vec<&'a str>,
    /// `a[rel=tag]`.
    pub(super) tags: Vec<Ref<'a>>,
    /// `link[rel=image_src]`.
    pub(super) image_sources: Vec<Ref<'a>>,
    /// `<article>`.
    pub(super) articles: Vec<Ref<'a>>,
    /// `<header>`.
    pub(super) headers: Vec<Ref<'a>>,
    /// What class names of themes tell of elements.
    pub(super) marked: Vec<Marked<'a>>,
    /// What microdata and `RDFa` call a property that somebody will ask for.
    pub(super) properties: Vec<Property<'a>>,
    /// `lang` of the root element.
    pub(super) language: Option<&'a str>,
}

impl<'a> Survey<'a> {
    /// Walks the document once.
    pub(super) fn of(document: &'a Document) -> Self {
        let mut survey = Self::default();
        for node in nodes(document.root()) {
            if let Some(element) = node.value().as_element() {
                survey.note(node, element);
            }
        }
        survey
    }

    fn note(&mut self, node: Ref<'a>, element: &'a Element) {
        for (name, value) in &element.attrs {
            match name.local {
                local_name!("class") | local_name!("id") => self.note_words(node, element, value),
                local_name!("itemprop") | local_name!("property") => {
                    self.note_properties(node, value);
                }
                _ => {}
            }
        }
        match element.name() {
            "a" => {
                self.link(node, element, "href");
                if let Some(rel) = attribute(element, "rel") {
                    self.note_rel(node, rel);
                }
            }
            "area" => self.link(node, element, "href"),
            "link" => self.note_link(node, element),
            "img" | "source" => {
                self.link(node, element, "src");
                self.link(node, element, "srcset");
            }
            "video" => {
                self.link(node, element, "src");
                self.link(node, element, "poster");
            }
            "audio" | "track" | "iframe" | "embed" => self.link(node, element, "src"),
            "object" => self.link(node, element, "data"),
            "blockquote" | "q" | "ins" | "del" => self.link(node, element, "cite"),
            // Values of microformats properties.
            "data" | "input" if is_url_property(element) => self.link(node, element, "value"),
            "abbr" if is_url_property(element) => self.link(node, element, "title"),
            "base" => self.bases.extend(attribute(element, "href")),
            "meta" => self.note_meta(element),
            "title" if self.title.is_none() && is_html(element) => self.title = Some(node),
            "h1" | "h2" | "h3" => push(&mut self.headings, node, MAX_HEADINGS),
            "time" => push(&mut self.times, node, MAX_OF_A_KIND),
            "article" => push(&mut self.articles, node, MAX_OF_A_KIND),
            "header" => push(&mut self.headers, node, MAX_OF_A_KIND),
            "address" => self.mark(node, Mark::Address),
            "script" => {
                if attribute(element, "type")
                    .is_some_and(|of| of.trim().eq_ignore_ascii_case("application/ld+json"))
                    && let Some(text) = node.first_child().and_then(|n| n.value().as_text())
                {
                    push(&mut self.json_ld, text, MAX_OF_A_KIND);
                }
            }
            "html" => self.language = attribute(element, "lang").or(self.language),
            _ => {}
        }
    }

    fn note_rel(&mut self, node: Ref<'a>, rel: &str) {
        for word in rel.split_ascii_whitespace() {
            if word.eq_ignore_ascii_case("author") {
                push(&mut self.authors, node, MAX_OF_A_KIND);
            } else if word.eq_ignore_ascii_case("tag") {
                push(&mut self.tags, node, MAX_OF_A_KIND);
            }
        }
    }

    fn note_words(&mut self, node: Ref<'a>, element: &Element, words: &str) {
        if matches!(element.name(), "html" | "body") {
            return;
        }
        for word in words.split_ascii_whitespace() {
            if let Some(mark) = Mark::of(word) {
                self.mark(node, mark);
            }
        }
    }

    fn mark(&mut self, node: Ref<'a>, mark: Mark) {
        let known = self.marked.iter().filter(|of| of.mark == mark);
        if known.count() < MAX_OF_A_KIND {
            self.marked.push(Marked { node, mark });
        }
    }

    fn note_properties(&mut self, node: Ref<'a>, words: &str) {
        for word in words.split_ascii_whitespace() {
            if let Some(prop) = Prop::of(word) {
                push(
                    &mut self.properties,
                    Property { node, prop },
                    MAX_PROPERTIES,
                );
            }
        }
    }

    fn note_link(&mut self, node: Ref<'a>, element: &'a Element) {
        if has_word(element, "rel", "canonical") {
            push(&mut self.canonicals, node, MAX_OF_A_KIND);
        }
        if has_word(element, "rel", "author") {
            push(&mut self.authors, node, MAX_OF_A_KIND);
        }
        if has_word(element, "rel", "image_src") {
            push(&mut self.image_sources, node, MAX_OF_A_KIND);
        }
        if ["icon", "apple-touch-icon"]
            .iter()
            .any(|rel| has_word(element, "rel", rel))
        {
            push(&mut self.icons, node, MAX_OF_A_KIND);
        }
        if !MACHINERY.iter().any(|word| has_word(element, "rel", word)) {
            self.link(node, element, "href");
        }
    }

    fn note_meta(&mut self, element: &'a Element) {
        let Some(content) = attribute(element, "content") else {
            return;
        };
        if attribute(element, "http-equiv")
            .is_some_and(|name| name.trim().eq_ignore_ascii_case("status"))
        {
            self.statuses.push(content);
        }
        for name in ["property", "name", "itemprop", "http-equiv"] {
            if let Some(key) = attribute(element, name) {
                let meta = Meta {
                    attribute: name,
                    name: key.trim(),
                    content,
                };
                push(&mut self.metas, meta, MAX_METAS);
            }
        }
    }

    fn link(&mut self, node: Ref<'a>, element: &'a Element, name: &'static str) {
        // SVG 1 has its links in a namespace; the parser splits the prefix off.
        for (of, value) in &element.attrs {
            if &*of.local == name {
                self.candidates.push(Candidate {
                    node,
                    attribute: name,
                    value,
                });
            }
        }
    }

    /// The `<meta>`s of that name, in any letter case.
    pub(super) fn metas_of(&self, name: &str) -> impl Iterator<Item = Meta<'a>> {
        self.metas
            .iter()
            .filter(move |meta| meta.name.eq_ignore_ascii_case(name))
            .copied()
    }

    /// What the `<meta>`s of that name say.
    pub(super) fn meta(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.metas_of(name).map(|meta| meta.content)
    }

    /// The elements of that mark.
    pub(super) fn marked(&self, mark: Mark) -> impl Iterator<Item = Ref<'a>> {
        self.marked
            .iter()
            .filter(move |marked| marked.mark == mark)
            .map(|marked| marked.node)
    }
}

fn push<T>(list: &mut Vec<T>, item: T, max: usize) {
    if list.len() < max {
        list.push(item);
    }
}

fn is_html(element: &Element) -> bool {
    &*element.name.ns == "http://www.w3.org/1999/xhtml"
}

/// Whether an element is marked as the site's name, not the page's title.
pub(super) fn is_site_title(element: &Element) -> bool {
    ["id", "class"].into_iter().any(|name| {
        attribute(element, name).is_some_and(|words| {
            words
                .split_ascii_whitespace()
                .any(|word| Mark::of(word) == Some(Mark::SiteTitle))
        })
    }) && !matches!(element.name(), "body" | "html")
}

fn is_url_property(element: &Element) -> bool {
    attribute(element, "class").is_some_and(|classes| {
        classes
            .split_ascii_whitespace()
            .any(|class| class.starts_with("u-") || class.starts_with("p-"))
    })
}

/// The text of a short element, on one line.
pub(super) fn text_of(root: Ref<'_>) -> String {
    let mut text = String::new();
    let mut edges = Edges::of(root);
    let mut seen = 0_usize;
    while let Some(edge) = edges.next() {
        let Edge::Open(node) = edge else { continue };
        seen = seen.saturating_add(1);
        if text.len() > MAX_TEXT_BYTES || seen > MAX_TEXT_NODES {
            break;
        }
        if let Some(piece) = node.value().as_text() {
            text.push_str(piece);
        } else if let Some(element) = node.value().as_element() {
            match element.name() {
                "script" | "style" => edges.skip_below(node),
                "br" => text.push(' '),
                _ => {}
            }
        }
    }
    one_line(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_each_kind_no_more_is_noted_than_somebody_may_ask_for() {
        for (unit, most) in [
            ("<p class='byline author date entry-meta updated'>", 32),
            ("<meta name=author content=x>", MAX_METAS),
            ("<i itemprop=name></i>", MAX_PROPERTIES),
            ("<time></time>", 32),
            ("<a rel='tag author' href=x></a>", 64),
            ("<header></header>", 32),
        ] {
            let document = Document::parse(&unit.repeat(5000));
            let survey = Survey::of(&document);
            let noted = survey.metas.len()
                + survey.properties.len()
                + survey.times.len()
                + survey.tags.len()
                + survey.authors.len()
                + survey.headers.len()
                + survey.marked(Mark::Byline).count();
            assert_eq!(noted, most, "{unit}");
            assert!(survey.marked.len() <= 5 * 32, "{unit}");
        }
    }

    #[test]
    fn a_mark_of_the_whole_page_marks_nothing() {
        let document = Document::parse("<body class='author date'><p class=site-title>x");
        let survey = Survey::of(&document);
        assert_eq!(survey.marked.len(), 1);
        assert_eq!(survey.marked(Mark::SiteTitle).count(), 1);
    }
}
