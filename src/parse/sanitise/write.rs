//! Markup and text, written as the walk goes: every element is opened and closed here, so that what
//! is written nests as HTML has it whatever the page did.
//!
//! Text stands in a paragraph, a heading or an item, which is begun where there is none. A block within
//! a line is not written; its edges are breaks.

mod words;

use ego_tree::NodeId;
use scraper::node::Element;
use url::Url;

use crate::parse::document::attribute;

use super::allow::{Kind, REL, attributes, link, push_attribute};

/// Characters of text that are kept, the gap between two words or paragraphs counted as one; what is
/// longer ends with `…`.
pub const MAX_CONTENT: usize = 10_000;
/// Elements within elements.
const MAX_DEPTH: usize = 24;
/// Bytes of markup: links may be long.
const MAX_MARKUP: usize = 8 * MAX_CONTENT;
/// Bytes of text for which there is room at once: a short comment.
const ROOM: usize = 256;

/// What parts two pieces of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
enum Gap {
    #[default]
    None,
    Space,
    Line,
    Paragraph,
}

impl Gap {
    /// The same and one break more.
    fn with_break(self) -> Self {
        match self {
            Self::None | Self::Space => Self::Line,
            Self::Line | Self::Paragraph => Self::Paragraph,
        }
    }
}

/// An element that is open.
struct Open {
    name: &'static str,
    kind: Kind,
    /// Its node; none if the page has no such element.
    of: Option<NodeId>,
    /// How long the markup was before it began, and after.
    start: usize,
    inner: usize,
    /// How long the text was.
    text: usize,
}

/// Writes markup and text.
pub(super) struct Writer {
    html: String,
    text: String,
    open: Vec<Open>,
    /// What comes before the next words, in the text.
    gap: Gap,
    /// The same in the markup, where edges of blocks need nothing.
    html_gap: Gap,
    /// Ends of lines of preformatted text since its last word.
    line_ends: usize,
    /// Whether a space stands before the elements that begin here.
    spaced: bool,
    chars: usize,
    full: bool,
}

impl Default for Writer {
    fn default() -> Self {
        Self {
            html: String::with_capacity(2 * ROOM),
            text: String::with_capacity(ROOM),
            open: Vec::with_capacity(MAX_DEPTH),
            gap: Gap::default(),
            html_gap: Gap::default(),
            spaced: false,
            chars: 0,
            line_ends: 0,
            full: false,
        }
    }
}

impl Writer {
    /// Whether no more is taken.
    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// A space.
    pub(super) fn space(&mut self) {
        self.widen(Gap::Space);
    }

    /// A line's end.
    pub(super) fn end_line(&mut self) {
        self.widen(Gap::Line);
    }

    /// A paragraph's end.
    pub(super) fn end_paragraph(&mut self) {
        self.close_implied();
        self.widen(Gap::Paragraph);
    }

    fn widen(&mut self, gap: Gap) {
        self.gap = self.gap.max(gap);
        self.html_gap = self.html_gap.max(gap);
    }

    /// Writes what parts the next words from those before.
    fn flush(&mut self) {
        self.flush_html();
        if !self.text.is_empty() {
            self.text.push_str(match self.gap {
                Gap::None => "",
                Gap::Space if self.text.ends_with('\n') => "",
                Gap::Space => " ",
                Gap::Line => "\n",
                Gap::Paragraph => "\n\n",
            });
        }
        self.gap = Gap::None;
    }

    fn flush_html(&mut self) {
        let is_start = self
            .open
            .iter()
            .rev()
            .find(|open| open.kind != Kind::Inline)
            .is_none_or(|block| block.text == self.text.len());
        if !is_start {
            match self.html_gap {
                Gap::Space if !self.spaced => self.html.push(' '),
                Gap::Line => self.html.push_str("<br>"),
                Gap::Paragraph => self.html.push_str("<br><br>"),
                Gap::None | Gap::Space => {}
            }
        }
        self.html_gap = Gap::None;
    }

    /// Begins a paragraph or an item if text would stand in none.
    fn begin_text(&mut self) {
        if let Some((name, kind)) = self.implied() {
            self.push_open(name, kind, None, "");
        }
    }

    /// What text would have to stand in here.
    fn implied(&self) -> Option<(&'static str, Kind)> {
        let Some(open) = self.open.last() else {
            return Some(("p", Kind::Leaf));
        };
        match (open.kind, open.name) {
            (Kind::Holder, _) => Some(("p", Kind::Leaf)),
            (Kind::List, "dl") => Some(("dd", Kind::Item(&["dl"]))),
            (Kind::List, _) => Some(("li", Kind::Item(&["ol", "ul"]))),
            _ => None,
        }
    }

    /// Ends what was begun for text alone.
    fn close_implied(&mut self) {
        while self.open.last().is_some_and(|open| open.of.is_none()) {
            self.close_last();
        }
    }

    /// An element of the page that may stay; where it cannot stand, its content stays alone.
    pub(super) fn open(
        &mut self,
        name: &'static str,
        kind: Kind,
        (node, element): (NodeId, &Element),
        base: &Url,
    ) {
        match kind {
            Kind::Void => self.void(name),
            Kind::Inline => self.inline(name, node, element, base),
            Kind::Item(_) if self.open.iter().all(|open| open.kind != Kind::List) => {
                self.end_line();
            }
            Kind::Leaf | Kind::Holder | Kind::List | Kind::Item(_) => {
                self.close_implied_before(kind);
                let fits = self
                    .open
                    .last()
                    .map_or(!matches!(kind, Kind::Item(_)), |outer| {
                        match (kind, outer.kind) {
                            (Kind::Item(lists), Kind::List) => lists.contains(&outer.name),
                            (Kind::Item(_), _) => false,
                            (_, Kind::Holder | Kind::Item(_)) => true,
                            _ => false,
                        }
                    });
                let gap = if matches!(kind, Kind::Item(_)) {
                    Gap::Line
                } else {
                    Gap::Paragraph
                };
                self.gap = self.gap.max(gap);
                if fits && self.open.len() < MAX_DEPTH {
                    self.push_open(name, kind, Some(node), &attributes(name, element));
                    self.html_gap = Gap::None;
                } else {
                    self.html_gap = self.html_gap.max(gap);
                }
            }
        }
    }

    /// A block ends the paragraph that was begun for the text before it; an item that was begun for text
    /// in a list ends with the next item.
    fn close_implied_before(&mut self, kind: Kind) {
        while let Some(last) = self.open.last() {
            let is_text_in_list = matches!(last.kind, Kind::Item(_));
            if last.of.is_some() || (is_text_in_list && !matches!(kind, Kind::Item(_))) {
                return;
            }
            self.close_last();
        }
    }

    fn void(&mut self, name: &'static str) {
        match name {
            "br" => {
                // A block's edge parts text, and is none of the breaks in the markup.
                self.gap = self.gap.with_break();
                self.html_gap = self.html_gap.with_break();
            }
            "hr" => {
                self.close_implied();
                let stands = self
                    .open
                    .last()
                    .is_none_or(|open| matches!(open.kind, Kind::Holder | Kind::Item(_)));
                if stands && !self.html.is_empty() && !self.html.ends_with("<hr>") {
                    self.html.push_str("<hr>");
                    self.html_gap = Gap::None;
                }
                self.gap = self.gap.max(Gap::Paragraph);
            }
            // A place where a long word may be broken.
            _ => {
                if self.gap == Gap::None
                    && self
                        .open
                        .last()
                        .is_some_and(|open| open.inner < self.html.len())
                {
                    self.html.push_str("<wbr>");
                }
            }
        }
    }

    fn inline(&mut self, name: &'static str, node: NodeId, element: &Element, base: &Url) {
        let is_open = |of: &str| self.open.iter().any(|open| open.name == of);
        // Within itself it says nothing more, and parsers make something else of it.
        let implied = usize::from(self.implied().is_some());
        let fits = !is_open(name)
            && self.open.len().saturating_add(implied) < MAX_DEPTH
            && (!matches!(name, "rt" | "rp")
                || (is_open("ruby") && !is_open("rt") && !is_open("rp")))
            && !is_open("pre");
        let extra = match name {
            "a" => {
                let Some(url) = attribute(element, "href").and_then(|href| link(base, href)) else {
                    return;
                };
                let mut extra = String::new();
                push_attribute(&mut extra, "href", url.as_str());
                extra.push_str(&attributes(name, element));
                push_attribute(&mut extra, "rel", REL);
                extra
            }
            _ => attributes(name, element),
        };
        if !fits {
            return;
        }
        self.begin_text();
        if self.html_gap == Gap::Space {
            self.flush_html();
            self.spaced = true;
        }
        self.push_open(name, Kind::Inline, Some(node), &extra);
    }

    fn push_open(&mut self, name: &'static str, kind: Kind, of: Option<NodeId>, attributes: &str) {
        let start = self.html.len();
        self.html.push('<');
        self.html.push_str(name);
        self.html.push_str(attributes);
        self.html.push('>');
        self.open.push(Open {
            name,
            kind,
            of,
            start,
            inner: self.html.len(),
            text: self.text.len(),
        });
        if kind != Kind::Inline {
            self.html_gap = Gap::None;
            self.line_ends = 0;
        }
    }

    /// The end of an element of the page; whether it was written.
    pub(super) fn close(&mut self, node: NodeId) -> bool {
        let Some(at) = self.open.iter().rposition(|open| open.of == Some(node)) else {
            return false;
        };
        let gap = match self.open.get(at).map(|open| open.kind) {
            Some(Kind::Item(_)) => Gap::Line,
            Some(Kind::Inline | Kind::Void) | None => Gap::None,
            Some(_) => Gap::Paragraph,
        };
        while self.open.len() > at {
            self.close_last();
        }
        self.gap = self.gap.max(gap);
        true
    }

    fn close_last(&mut self) {
        let Some(open) = self.open.pop() else { return };
        if open.kind != Kind::Inline {
            self.html_gap = Gap::None;
            // White space counts within `pre`, and so do breaks before it, but nothing follows.
            let mut rest = self.html.trim_end();
            while let Some(shorter) = rest.strip_suffix("<br>") {
                rest = shorter.trim_end();
            }
            let end = rest.len();
            self.html.truncate(end.max(open.inner));
        }
        if self.html.len() == open.inner {
            self.html.truncate(open.start);
            // The space that was written for it is still to come.
            if self.spaced && self.html.ends_with(' ') {
                self.html.pop();
                self.html_gap = self.html_gap.max(Gap::Space);
                self.spaced = false;
            }
            return;
        }
        self.html.push_str("</");
        self.html.push_str(open.name);
        self.html.push('>');
    }

    /// The markup, if it says more than one paragraph of text does, and the text.
    pub(super) fn finish(mut self) -> (Option<String>, String) {
        while !self.open.is_empty() {
            self.close_last();
        }
        let inner = self
            .html
            .strip_prefix("<p>")
            .and_then(|html| html.strip_suffix("</p>"))
            .unwrap_or(&self.html);
        let is_plain = !inner.contains('<');
        let text = self.text.trim_end().to_owned();
        ((!is_plain).then_some(self.html), text)
    }
}
