//! What the elements of a page are for: text, its frame, or what is said about it.

use scraper::node::Element;

use crate::parse::document::{Edge, Edges, Ref, attribute, element, has_word};
use crate::parse::sanitise::is_emoji;

/// What stands with less than this beside it is not part of a sentence.
const MIN_CHARS: usize = 20;
/// How many nodes are looked at to find that out.
const MAX_STEPS: usize = 60;
/// How much of each text is looked at.
const MAX_CHARS: usize = 200;
/// How far up the text of an entry is looked for.
const MAX_ANCESTORS: usize = 16;

/// Classes of what belongs to the page, not to the text: bylines, tools, marks of wikis.
const FRAME: [&str; 24] = [
    "author-box",
    "byline",
    "entry-footer",
    "entry-meta",
    "headline_meta",
    "mw-cite-backlink",
    "mw-editsection",
    "post-footer",
    "post-info",
    "post-meta",
    "post-tags",
    "posted-by",
    "posted-on",
    "postmeta",
    "postmetadata",
    "screen-reader-text",
    "share",
    "sharedaddy",
    "signature",
    "social-share",
    "sr-only",
    "toc",
    "visually-hidden",
    "visuallyhidden",
];
/// Classes of an entry's own author, date, addresses and tags.
const PROPERTIES: [&str; 10] = [
    "author",
    "dt-published",
    "dt-updated",
    "p-author",
    "p-category",
    "permalink",
    "published",
    "u-syndication",
    "u-uid",
    "u-url",
];
/// Classes of pictures that are words.
const WORDS: [&str; 4] = ["emoji", "wp-smiley", "custom-emoji", "emojione"];
/// Classes of an entry's text.
const CONTENT: [&str; 7] = [
    "article-body",
    "articlebody",
    "e-content",
    "entry-content",
    "p-content",
    "post-body",
    "post-content",
];
/// Classes of an entry.
const ENTRIES: [&str; 3] = ["h-entry", "h-event", "hentry"];
/// Classes of what an entry speaks of.
const NESTED: [&str; 4] = ["h-cite", "h-event", "h-item", "h-product"];
/// Classes and ids of what stands beside the text.
const MARGINS: [&str; 17] = [
    "blogroll",
    "colophon",
    "comment-list",
    "commentlist",
    "comments",
    "footer",
    "linkcat",
    "masthead",
    "menu",
    "navbar",
    "navigation",
    "related-posts",
    "secondary",
    "side-bar",
    "sidebar",
    "site-footer",
    "widget-area",
];

/// The element's name.
pub(super) fn name(node: Ref<'_>) -> &str {
    element(node).map_or("?", Element::name)
}

/// Whether the attribute `of` holds one of `words`.
fn has_any(element: &Element, of: &str, words: &[&str]) -> bool {
    attribute(element, of).is_some_and(|value| {
        value
            .split_ascii_whitespace()
            .any(|each| words.iter().any(|word| each.eq_ignore_ascii_case(word)))
    })
}

/// Whether the element has one of these classes.
pub(super) fn has_class(element: &Element, classes: &[&str]) -> bool {
    has_any(element, "class", classes)
}

/// Blocks that hold a whole text: beyond them is the page.
pub(super) fn is_whole(node: Ref<'_>) -> bool {
    matches!(name(node), "article" | "main" | "body" | "html")
        || element(node).is_some_and(|e| has_class(e, &ENTRIES))
}

/// Whether it is the text of an entry.
pub(super) fn is_content(element: &Element) -> bool {
    has_class(element, &CONTENT) || attribute(element, "itemprop") == Some("articleBody")
}

/// Whether it stands beside the text: a menu, a sidebar, the page's foot.
pub(super) fn is_margin(node: Ref<'_>) -> bool {
    let Some(element) = element(node) else {
        return false;
    };
    match element.name() {
        "nav" | "aside" => return true,
        // That of a quotation says where it is from.
        "footer" => return node.parent().is_none_or(|of| name(of) != "blockquote"),
        // Themes say there what the page has, not what it is.
        "body" | "html" => return false,
        _ => {}
    }
    matches!(
        attribute(element, "role"),
        Some("navigation" | "complementary" | "contentinfo")
    ) || has_any(element, "class", &MARGINS)
        || has_any(element, "id", &MARGINS)
        || attribute(element, "class").is_some_and(|classes| {
            classes
                .split_ascii_whitespace()
                .any(|class| class.starts_with("widget_"))
        })
}

/// A heading.
pub(super) fn is_heading(node: Ref<'_>) -> bool {
    matches!(name(node), "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

/// A list.
pub(super) fn is_list(node: Ref<'_>) -> bool {
    matches!(name(node), "ul" | "ol" | "menu" | "dl")
}

/// Elements that show something else than the text in them.
pub(super) fn has_text(element: &Element) -> bool {
    !matches!(
        element.name(),
        "img" | "area" | "embed" | "iframe" | "source" | "track" | "video" | "audio" | "object"
    )
}

/// What a picture says that stands for a word.
pub(super) fn spoken(element: &Element) -> Option<&str> {
    let alt = attribute(element, "alt")?;
    (has_class(element, &WORDS) || is_emoji(alt)).then_some(alt)
}

/// Whether the element is the mark of a note at the foot of the text.
fn is_note_mark(node: Ref<'_>) -> bool {
    let mut inner = node.children().filter(|child| {
        child
            .value()
            .as_text()
            .is_none_or(|text| !text.trim().is_empty())
    });
    let (Some(link), None) = (inner.next(), inner.next()) else {
        return false;
    };
    name(node) == "sup"
        && element(link).is_some_and(|e| {
            e.name() == "a" && attribute(e, "href").is_some_and(|href| href.starts_with('#'))
        })
}

/// Elements that no reader reads as text.
pub(super) fn is_unread(element: &Element) -> bool {
    matches!(
        element.name(),
        "script"
            | "style"
            | "template"
            | "textarea"
            | "select"
            | "button"
            | "iframe"
            | "object"
            | "video"
            | "audio"
            | "svg"
            | "math"
            | "head"
            | "title"
            | "rp"
            | "rt"
            | "noembed"
            | "noframes"
    ) || is_hidden(element)
}

/// Elements that no reader sees.
pub(in crate::parse) fn is_hidden(element: &Element) -> bool {
    attribute(element, "hidden").is_some()
        || attribute(element, "style").is_some_and(|style| {
            let style: String = style.chars().filter(|c| !c.is_whitespace()).collect();
            style.to_ascii_lowercase().contains("display:none")
        })
}

/// Whether `node` is not part of the text round a link that is neither in it nor round it: the
/// frame of the text, or its author and date where they are no part of a sentence.
pub(super) fn is_frame(node: Ref<'_>) -> bool {
    let Some(element) = element(node) else {
        return false;
    };
    if matches!(element.name(), "header" | "footer" | "nav" | "aside")
        || has_class(element, &FRAME)
        || is_note_mark(node)
    {
        return true;
    }
    if is_block(node) {
        let is_card = is_property(element) || has_class(element, &["h-card", "vcard"]);
        return (is_card && !is_content(element)) || is_about_only(node);
    }
    if !is_about(element) {
        return false;
    }
    let Some(block) = node.ancestors().find(|&node| is_block(node)) else {
        return true;
    };
    if is_of_another(block) {
        return false;
    }
    let in_prose = matches!(
        name(block),
        "p" | "blockquote" | "figcaption" | "dd" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6"
    ) || block
        .ancestors()
        .take(MAX_ANCESTORS)
        .take_while(|&node| !is_whole(node))
        .chain([block])
        .filter_map(self::element)
        .any(is_content);
    if in_prose && has_class(element, &["h-card"]) && !is_property(element) {
        // Somebody whom the sentence is about, be it short.
        return count(block).0 == 0;
    }
    (is_property(element) && !in_prose) || !says_more(block)
}

/// Whether what stands in `block` is told of somebody else's words: who wrote what is quoted.
fn is_of_another(block: Ref<'_>) -> bool {
    std::iter::once(block)
        .chain(block.ancestors().take(MAX_ANCESTORS))
        .take_while(|&node| !is_whole(node))
        .filter_map(element)
        .any(|e| {
            e.name() == "blockquote"
                || (has_class(e, &["h-cite"])
                    && attribute(e, "class").is_some_and(|classes| {
                        classes
                            .split_ascii_whitespace()
                            .any(|of| of.ends_with("-of"))
                    }))
        })
}

/// An entry's own author, date or address.
fn is_property(element: &Element) -> bool {
    has_class(element, &PROPERTIES)
        || has_word(element, "rel", "author")
        || has_word(element, "rel", "bookmark")
}

/// A name or a date, of the entry or of somebody it speaks of.
fn is_about(element: &Element) -> bool {
    element.name() == "time" || is_property(element) || has_class(element, &["h-card", "vcard"])
}

/// Whether a block names an author or a date, and says next to nothing else.
fn is_about_only(block: Ref<'_>) -> bool {
    let (chars, names) = count(block);
    names && chars < MIN_CHARS
}

/// Whether a block says something beside the authors and dates in it.
fn says_more(block: Ref<'_>) -> bool {
    count(block).0 >= MIN_CHARS
}

/// Whether `node` tells of something else that `block` speaks of, and not of the entry.
fn is_of_nested(node: Ref<'_>, block: Ref<'_>) -> bool {
    node.ancestors()
        .take(MAX_ANCESTORS)
        .take_while(|outer| outer.id() != block.id())
        .filter_map(element)
        .any(|e| has_class(e, &NESTED))
}

/// The letters of a block beyond the authors and dates in it, as far as they matter, and whether
/// there are any of these.
fn count(block: Ref<'_>) -> (usize, bool) {
    let mut chars = 0_usize;
    let mut names = false;
    let mut edges = Edges::of(block);
    for step in 0.. {
        let Some(edge) = edges.next() else { break };
        if step > MAX_STEPS {
            // So much that there is surely something in it.
            return (MIN_CHARS, names);
        }
        let Edge::Open(node) = edge else { continue };
        if let Some(text) = node.value().as_text() {
            let letters = text.chars().take(MAX_CHARS).filter(|c| c.is_alphanumeric());
            chars = chars.saturating_add(letters.take(MIN_CHARS).count());
        } else if let Some(element) = element(node).filter(|_| node.id() != block.id()) {
            let about = is_about(element) && !is_content(element) && !is_of_nested(node, block);
            names |= about;
            if about || is_unread(element) {
                edges.skip_below(node);
            }
        }
        if chars >= MIN_CHARS {
            break;
        }
    }
    (chars, names)
}

/// Elements that begin on a line of their own.
pub(in crate::parse) fn is_block(node: Ref<'_>) -> bool {
    matches!(
        name(node),
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "caption"
            | "center"
            | "dd"
            | "details"
            | "dialog"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hgroup"
            | "html"
            | "legend"
            | "li"
            | "main"
            | "menu"
            | "nav"
            | "ol"
            | "p"
            | "pre"
            | "search"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "ul"
    )
}
