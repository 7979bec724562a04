//! [`TagWatch`]: counts the attributes of a tag that does not end.
//!
//! html5ever compares each attribute of a tag with all before it, and tells nobody until the tag is
//! complete. So while nothing reaches the tree, this much smaller lexer follows the same input. It
//! cannot know at which `<` the unfinished tag began; it follows all that are possible, and those
//! that come to a `>` were not it.

/// Attributes of one tag beyond which the tag is an attack. 1,500 cost about a millisecond.
pub(super) const MAX_ATTRIBUTES: u32 = 1_500;

/// Where in a tag the lexer stands: the tag states of the HTML Standard, §13.2.5.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    TagName,
    BeforeName,
    Name,
    AfterName,
    BeforeValue,
    DoubleQuoted,
    SingleQuoted,
    Unquoted,
}

const STATES: [State; 8] = [
    State::TagName,
    State::BeforeName,
    State::Name,
    State::AfterName,
    State::BeforeValue,
    State::DoubleQuoted,
    State::SingleQuoted,
    State::Unquoted,
];

/// For each state the most attributes that a tag that has come to it may have.
#[derive(Debug, Default)]
pub(super) struct TagWatch {
    attributes: [Option<u32>; STATES.len()],
    after_less_than: bool,
}

impl TagWatch {
    /// Follows `input`. Tags may begin in it only if `may_begin`.
    pub(super) fn feed(&mut self, input: &[u8], may_begin: bool) {
        for &byte in input {
            let mut next = [None; STATES.len()];
            for (state, count) in STATES.into_iter().zip(self.attributes) {
                let Some(count) = count else { continue };
                if let Some((to, begins)) = step(state, byte) {
                    raise(&mut next, to, count.saturating_add(u32::from(begins)));
                }
            }
            if self.after_less_than && byte.is_ascii_alphabetic() {
                raise(&mut next, State::TagName, 0);
            }
            // `</a …` holds attributes as well, as far as the tokenizer is concerned.
            self.after_less_than =
                may_begin && (byte == b'<' || (self.after_less_than && byte == b'/'));
            self.attributes = next;
        }
    }

    /// The most attributes that the unfinished tag may have.
    pub(super) fn most_attributes(&self) -> u32 {
        self.attributes.into_iter().flatten().max().unwrap_or(0)
    }
}

fn raise(counts: &mut [Option<u32>; STATES.len()], state: State, count: u32) {
    for (slot, of) in counts.iter_mut().zip(STATES) {
        if of == state {
            *slot = (*slot).max(Some(count));
        }
    }
}

/// The state after `byte`, and whether an attribute begins with it; nothing if the tag ends.
#[expect(
    clippy::match_same_arms,
    reason = "one arm for each rule of the standard, state by state"
)]
fn step(state: State, byte: u8) -> Option<(State, bool)> {
    let space = matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | b' ');
    let to = match (state, byte) {
        (State::DoubleQuoted, b'"') | (State::SingleQuoted, b'\'') => State::BeforeName,
        (State::DoubleQuoted | State::SingleQuoted, _) => state,
        (_, b'>') => return None,
        (State::BeforeValue, b'"') => State::DoubleQuoted,
        (State::BeforeValue, b'\'') => State::SingleQuoted,
        (State::BeforeValue, _) if space => State::BeforeValue,
        (State::BeforeValue, _) => State::Unquoted,
        (State::Unquoted, _) if space => State::BeforeName,
        (State::Unquoted, _) => State::Unquoted,
        (State::TagName, b'/') => State::BeforeName,
        (State::TagName, _) if space => State::BeforeName,
        (State::TagName, _) => State::TagName,
        (State::Name | State::AfterName, b'=') => State::BeforeValue,
        (State::Name | State::BeforeName | State::AfterName, b'/') => State::BeforeName,
        (State::Name | State::AfterName, _) if space => State::AfterName,
        (State::BeforeName, _) if space => State::BeforeName,
        (State::Name, _) => State::Name,
        (State::BeforeName | State::AfterName, _) => return Some((State::Name, true)),
    };
    Some((to, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(input: &str) -> u32 {
        let mut watch = TagWatch::default();
        watch.feed(input.as_bytes(), true);
        watch.most_attributes()
    }

    #[test]
    fn attributes_of_the_unfinished_tag_are_counted() {
        for (input, want) in [
            ("text", 0),
            ("<a", 0),
            ("<a b", 1),
            ("<a b c=1 d='2' e=\"3\"f", 5),
            ("<a b/c/d", 3),
            ("</a b c", 2),
            ("<a b=c d>", 0),
            ("<a href=\"data:image/png;base64,a/b c/d=", 1),
            ("<a title='<b c d e f>", 1),
            ("x < y z w", 0),
            ("<a =b c", 2),
        ] {
            assert_eq!(attributes(input), want, "{input}");
        }
    }

    #[test]
    fn the_tag_is_followed_whatever_stood_before_it() {
        // A quote before the tag would mislead a lexer that took the first `<` for the beginning.
        let flood = format!("x <b c=\" </script><a {}", "d ".repeat(2000));
        assert!(attributes(&flood) > MAX_ATTRIBUTES);
    }
}
