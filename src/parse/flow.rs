//! [`Flow`]: running text with one link marked in it, white space collapsed as a browser does.

use super::words::{head, is_unwanted, tail};

/// Text kept on each side of the link: far more than any excerpt shows.
const KEPT_BYTES: usize = 8 * 1024;
/// How much text before the link is gathered until it is cut down to that.
const GATHERED_BYTES: usize = 64 * 1024;

/// Running text with a link in it.
#[derive(Debug, Default)]
pub(super) struct Flow {
    before: String,
    linked: String,
    after: String,
    place: Place,
    space_due: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    #[default]
    Before,
    Linked,
    After,
}

impl Flow {
    /// A text with a link in it, from its three parts.
    pub(super) fn of(before: &str, linked: &str, after: &str) -> Self {
        let mut flow = Self::default();
        flow.push(tail(before, KEPT_BYTES));
        flow.begin_link();
        flow.push(head(linked, KEPT_BYTES));
        flow.end_link();
        flow.push(head(after, KEPT_BYTES));
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
                self.space_due = true;
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

    /// A gap: the end of a line or of a block.
    pub(super) fn space(&mut self) {
        self.space_due = true;
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
        if !self.linked.is_empty() && !parted && (self.space_due || self.after.starts_with(' ')) {
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
        if !std::mem::take(&mut self.space_due) {
            return;
        }
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
            part.push(' ');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let flow = Flow::of(before, linked, after);
            assert_eq!((flow.before(), flow.linked(), flow.after()), want);
        }
    }
}
