//! [`Survey`]: one walk over the tree that notes every element somebody will ask for.

use scraper::node::Element;

use super::document::{Document, Edge, Edges, Ref, attribute, has_word, nodes};
use super::words::one_line;

/// Headings that are looked at: the title is among the first of them.
const MAX_HEADINGS: usize = 12;
/// Times, JSON-LD scripts and author links that are looked at.
const MAX_OF_A_KIND: usize = 32;
/// Texts of elements are read up to here.
const MAX_TEXT_BYTES: usize = 8 * 1024;

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

/// What was found in a document, each kind in document order.
#[derive(Debug, Default)]
pub(super) struct Survey<'a> {
    /// Where links may be.
    pub(super) candidates: Vec<Candidate<'a>>,
    /// The values of `<base href>`.
    pub(super) bases: Vec<&'a str>,
    /// `name`, `property`, `itemprop` or `http-equiv` of each `<meta>`, with its content.
    pub(super) metas: Vec<(&'a str, &'a str)>,
    /// The content of each `<meta http-equiv=status>`.
    pub(super) statuses: Vec<&'a str>,
    /// The `href` of each `<link rel=canonical>`.
    pub(super) canonicals: Vec<&'a str>,
    /// `link[rel=icon]` and `link[rel=apple-touch-icon]`.
    pub(super) icons: Vec<Ref<'a>>,
    /// The first `<title>` that is not a picture's.
    pub(super) title: Option<Ref<'a>>,
    /// `<h1>` to `<h3>`.
    pub(super) headings: Vec<Ref<'a>>,
    /// `<time>`, and what has `itemprop=datePublished`.
    pub(super) times: Vec<Ref<'a>>,
    /// `a[rel=author]` and `link[rel=author]`.
    pub(super) authors: Vec<Ref<'a>>,
    /// JSON-LD.
    pub(super) json_ld: Vec<&'a str>,
    /// What WordPress themes and their kin mark as the site's name.
    pub(super) site_titles: Vec<Ref<'a>>,
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
        if is_site_title(element) {
            push(&mut self.site_titles, node, MAX_OF_A_KIND);
        }
        match element.name() {
            "a" => {
                self.link(node, element, "href");
                if has_word(element, "rel", "author") {
                    push(&mut self.authors, node, MAX_OF_A_KIND);
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
            "script" => {
                if attribute(element, "type")
                    .is_some_and(|of| of.trim().eq_ignore_ascii_case("application/ld+json"))
                    && let Some(text) = node.first_child().and_then(|n| n.value().as_text())
                {
                    push(&mut self.json_ld, text, MAX_OF_A_KIND);
                }
            }
            "html" => self.language = attribute(element, "lang").or(self.language),
            _ => {
                if has_word(element, "itemprop", "datePublished") {
                    push(&mut self.times, node, MAX_OF_A_KIND);
                }
            }
        }
    }

    fn note_link(&mut self, node: Ref<'a>, element: &'a Element) {
        if has_word(element, "rel", "canonical") {
            self.canonicals.extend(attribute(element, "href"));
        }
        if has_word(element, "rel", "author") {
            push(&mut self.authors, node, MAX_OF_A_KIND);
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
                self.metas.push((key.trim(), content));
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

    /// The contents of the `<meta>`s of that name, in any letter case.
    pub(super) fn meta(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.metas
            .iter()
            .filter(move |(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, content)| *content)
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
            words.split_ascii_whitespace().any(|word| {
                matches!(
                    word,
                    "site-title" | "blog-title" | "site-name" | "blogname" | "wp-block-site-title"
                )
            })
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
    while let Some(edge) = edges.next() {
        let Edge::Open(node) = edge else { continue };
        if text.len() > MAX_TEXT_BYTES {
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
