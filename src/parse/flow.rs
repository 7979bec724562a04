//! [`Flow`]: running text with one link marked in it, white space collapsed as a browser does.
//!
//! Until it is smoothed, a flow knows where its lines and paragraphs end.

use super::words::{head, is_unwanted, list_mark, tail};

/// Stands between two lines. White space never gets into a flow as it is, so neither mark can be text.
const LINE: char = '\n';
/// Stands between two paragraphs.
const PARAGRAPH: char = '\u{2029}';
/// Stands between two cells of a table.
const CELL: char = '\u{2028}';
/// What readers see in its place.
const CELL_SHOWN: &str = " · ";
/// All that parts words.
const GAPS: [char; 4] = [' ', LINE, PARAGRAPH, CELL];

/// Text kept on each side of the link: far more than any excerpt shows.
const KEPT_BYTES: usize = 8 * 1024;
/// How much text before the link is gathered until it is cut down to that.
const GATHERED_BYTES: usize = 64 * 1024;

/// Running text with a link in it.
#[derive(Debug, Default, Clone)]
pub(super) struct Flow {
    before: String,
    linked: String,
    after: String,
    place: Place,
    due: Gap,
}

/// What is to stand before the next word.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    None,
    Space,
    Line,
    Paragraph,
    Cell,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    #[default]
    Before,
    Linked,
    After,
}

impl Flow {
    /// A plain text with a link in it, from its three parts.
    pub(super) fn of(before: &str, linked: &str, after: &str) -> Self {
        let mut flow = Self::default();
        flow.push_lines(tail(before, KEPT_BYTES));
        flow.begin_link();
        flow.push(head(linked, KEPT_BYTES));
        flow.end_link();
        flow.push_lines(head(after, KEPT_BYTES));
        flow
    }

    /// The text before the link.
    pub(super) fn before(&self) -> &str {
        &self.before
    }

    /// The linking words.
    pub(super) fn linked(&self) -> &str {
        &self.linked
    }

    /// The text after the link.
    pub(super) fn after(&self) -> &str {
        &self.after
    }

    /// Whether nothing that follows could be shown any more.
    pub(super) fn is_enough(&self) -> bool {
        self.after.len() > KEPT_BYTES
    }

    /// The text goes on with `text`.
    pub(super) fn push(&mut self, text: &str) {
        for c in text.chars() {
            if c.is_whitespace() {
                self.due = self.due.max(Gap::Space);
            } else if !is_unwanted(c) {
                self.pay_space();
                self.part().push(c);
            }
        }
        if self.place == Place::Before && self.before.len() > GATHERED_BYTES {
            self.before = tail(&self.before, KEPT_BYTES).to_owned();
        }
        if self.place == Place::Linked && self.linked.len() > GATHERED_BYTES {
            self.linked = head(&self.linked, KEPT_BYTES).to_owned();
        }
    }

    /// The text goes on with `text`, in which the ends of lines count.
    pub(super) fn push_lines(&mut self, text: &str) {
        for (at, line) in text.split('\n').enumerate() {
            if at > 0 {
                self.end_line();
            }
            self.push(line);
        }
    }

    /// The end of a line; the end of an empty one is that of a paragraph.
    pub(super) fn end_line(&mut self) {
        self.due = match self.due {
            Gap::None | Gap::Space => Gap::Line,
            due => due.max(Gap::Paragraph),
        };
    }

    /// The end of a paragraph.
    pub(super) fn end_paragraph(&mut self) {
        self.due = self.due.max(Gap::Paragraph);
    }

    /// The end of a table's cell.
    pub(super) fn end_cell(&mut self) {
        self.due = Gap::Cell;
    }

    /// What was said before the link is forgotten.
    pub(super) fn forget_before(&mut self) {
        self.before.clear();
    }

    /// What was said after the link is forgotten.
    pub(super) fn forget_after(&mut self) {
        self.after.clear();
    }

    /// What was said after the link in its paragraph is forgotten, and no more.
    pub(super) fn forget_paragraph_after(&mut self) {
        let len = self.paragraph().1.len();
        self.after.drain(..len);
    }

    /// What was said before the paragraph that holds the link is forgotten.
    pub(super) fn keep_paragraph_before(&mut self) {
        self.before = self.paragraph().0.to_owned();
    }

    /// Whether the link is over.
    pub(super) fn is_after_link(&self) -> bool {
        self.place == Place::After
    }

    /// The parts of the paragraph that holds the link, before it and after it. A line that begins
    /// with a number or a bullet is a paragraph.
    pub(super) fn paragraph(&self) -> (&str, &str) {
        let before = ends(&self.before).last().map_or(0, |(_, next)| next);
        let after = ends(&self.after)
            .next()
            .map_or(self.after.len(), |(at, _)| at);
        (
            self.before.get(before..).unwrap_or_default(),
            self.after.get(..after).unwrap_or_default(),
        )
    }

    /// Leaves nothing but the paragraph that holds the link.
    pub(super) fn keep_paragraph(&mut self) {
        let (before, after) = self.paragraph();
        (self.before, self.after) = (before.to_owned(), after.to_owned());
    }

    /// Leaves the paragraph that holds the link, and what stands next to it if it ends, or begins,
    /// with the link.
    pub(super) fn keep_neighbours(&mut self) {
        let words = |text: &str| text.chars().any(char::is_alphanumeric);
        let (before, after) = self.paragraph();
        let (before, after) = (before.to_owned(), after.to_owned());
        if words(&before) {
            self.before = before;
        } else {
            let rest = self.before.trim_end_matches(GAPS);
            let start = ends(rest).last().map_or(0, |(_, next)| next);
            self.before.drain(..start);
        }
        if words(&after) {
            self.after = after;
        } else {
            let lead = self.after.trim_start_matches(GAPS);
            let from = self.after.len().saturating_sub(lead.len());
            let end = ends(lead).next().map_or(lead.len(), |(at, _)| at);
            self.after.truncate(from.saturating_add(end));
        }
    }

    /// Makes one line of all, and takes a typed number or bullet from its beginning.
    pub(super) fn smooth(&mut self) {
        for part in [&mut self.before, &mut self.linked, &mut self.after] {
            if part.contains([LINE, PARAGRAPH, CELL]) {
                *part = part
                    .replace([LINE, PARAGRAPH], " ")
                    .replace(CELL, CELL_SHOWN);
            }
        }
        if let Some(len) = list_mark(&self.before) {
            self.before.drain(..len);
        }
        if self.before.trim().is_empty() {
            self.before.clear();
        }
    }

    /// What follows is within the link.
    pub(super) fn begin_link(&mut self) {
        self.place = Place::Linked;
    }

    /// What follows is after the link.
    pub(super) fn end_link(&mut self) {
        self.place = Place::After;
    }

    /// Gives a link that shows nothing a name.
    pub(super) fn name_link(&mut self, name: &str) {
        self.linked = super::words::one_line(head(name, KEPT_BYTES));
        // The space before the empty link was taken for that after it.
        let parted = self.before.is_empty() || self.before.ends_with(' ');
        if !self.linked.is_empty()
            && !parted
            && (self.due != Gap::None || self.after.starts_with(' '))
        {
            self.before.push(' ');
        }
    }

    /// Puts `text` before everything else.
    pub(super) fn precede(&mut self, text: &str) {
        let text = super::words::one_line(text);
        let rest = self.before.trim_start();
        self.before = format!("{text} {rest}");
    }

    fn part(&mut self) -> &mut String {
        match self.place {
            Place::Before => &mut self.before,
            Place::Linked => &mut self.linked,
            Place::After => &mut self.after,
        }
    }

    /// White space becomes one space as soon as something follows it. At the edge of a link it
    /// belongs to the text outside.
    fn pay_space(&mut self) {
        let gap = match std::mem::take(&mut self.due) {
            Gap::None => return,
            Gap::Space => ' ',
            Gap::Line => LINE,
            Gap::Paragraph => PARAGRAPH,
            Gap::Cell => CELL,
        };
        let linked_is_empty = self.linked.is_empty();
        let (part, continues) = match self.place {
            Place::Before => (&mut self.before, false),
            Place::Linked if linked_is_empty => (&mut self.before, false),
            Place::Linked => (&mut self.linked, false),
            Place::After => {
                let first = self.before.is_empty() && linked_is_empty;
                (&mut self.after, !first)
            }
        };
        // Only what comes after something may begin with a space.
        let leads = part.is_empty() && !continues;
        if !leads && !part.ends_with(' ') {
            part.push(gap);
        }
    }
}

/// Where paragraphs end in `text`, and where the next begins.
fn ends(text: &str) -> impl Iterator<Item = (usize, usize)> {
    text.match_indices([LINE, PARAGRAPH, CELL])
        .map(|(at, gap)| (at, at.saturating_add(gap.len()), gap))
        .filter(|&(_, next, gap)| gap != "\n" || text.get(next..).and_then(list_mark).is_some())
        .map(|(at, next, _)| (at, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_numbered_line_is_a_paragraph_and_any_other_is_not() {
        let flow = |lines: [&str; 2], linked: &str, rest: [&str; 2]| {
            let mut flow = Flow::default();
            flow.push(lines[0]);
            flow.end_line();
            flow.push(lines[1]);
            flow.begin_link();
            flow.push(linked);
            flow.end_link();
            flow.push(rest[0]);
            flow.end_line();
            flow.push(rest[1]);
            flow.keep_paragraph();
            flow.smooth();
            flow
        };
        let list = flow(["1. One", "2. See "], "two", [" now", "3) Three"]);
        assert_eq!((list.before(), list.after()), ("See ", " now"));
        let verse = flow(["One", "see "], "two", [" now", "then three"]);
        assert_eq!(
            (verse.before(), verse.after()),
            ("One see ", " now then three")
        );
    }

    #[test]
    fn white_space_at_the_edges_of_the_link_stands_outside_it() {
        for (before, linked, after, want) in [
            ("see ", "this", " page", ("see ", "this", " page")),
            ("see", " this ", "page", ("see ", "this", " page")),
            (
                "  see \n",
                "\tthis \n x",
                "  page ",
                ("see ", "this x", " page"),
            ),
            ("(", "this", ")", ("(", "this", ")")),
            (" ", " this", "", ("", "this", "")),
            ("见", "这里", "。", ("见", "这里", "。")),
        ] {
            let mut flow = Flow::of(before, linked, after);
            flow.smooth();
            assert_eq!((flow.before(), flow.linked(), flow.after()), want);
        }
    }
}
