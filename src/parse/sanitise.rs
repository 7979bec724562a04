//! Source markup as it may be shown: a short list of elements, no scripts, no styles, no addresses
//! but http(s), no pictures (a reader's browser calls no third party).
//!
//! Two steps, each sound by itself. A walk over the parsed tree (`walk`) asks `allow` what may stay,
//! and `write` writes that anew, with nesting of its own making. Then `guard` looks at what was written
//! and at nothing else: markup that is letter by letter of the form that `write` should give it
//! (`strict`) passes; anything else is parsed once more, by [`ammonia`], which takes out whatever is not
//! on the same list. Tests hold that [`ammonia`] finds nothing to change in what passes.
//!
//! Total, without recursion, linear in the size of the tree; the result is bounded ([`MAX_CONTENT`]),
//! and cleaning it again gives the same.
//!
//! | module | what it knows |
//! |---|---|
//! | `allow` | which elements and attributes stay, which go with all they hold |
//! | `walk` | the way through a page's tree, and the pictures on it |
//! | `write` | markup and text, written as the walk goes |
//! | `emoji` | pictures that are words |
//! | `guard` | the second look |
//! | `strict` | markup that is known to be harmless, letter by letter |

mod allow;
mod emoji;
mod guard;
mod strict;
mod walk;
mod write;

#[cfg(test)]
mod tests;

use url::Url;

use crate::model::{Content, Photo};

use super::document::{Document, Ref};
use super::words::{cut_end, is_unwanted};

pub(super) use self::emoji::is_emoji;
pub use self::write::MAX_CONTENT;

/// What is left of source markup.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cleaned {
    /// What it says; nothing if there is no letter, digit or emoji in it.
    pub content: Option<Content>,
    /// The pictures in it, in their order: they are not in the markup.
    pub pictures: Vec<Photo>,
}

/// The content of an element of a page; links are resolved against `base`.
pub(super) fn element(node: Ref<'_>, base: &Url) -> Cleaned {
    walk::clean(node, base)
}

/// The content of a piece of markup, as JSON and feeds have it; links are resolved against `base`.
///
/// Any text gives a result; parsing is under the same budget as that of pages.
pub fn piece(html: &str, base: &Url) -> Cleaned {
    element(Document::parse(html).root(), base)
}

/// Plain text as it may be shown: no controls, runs of white space collapsed but for the ends of lines,
/// of which two at most follow one another, and cut like [`MAX_CONTENT`] says. None if nothing is left.
pub(super) fn plain(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut ends = 0_usize;
    for line in text.trim().lines() {
        let mut words = line.split_whitespace().peekable();
        if words.peek().is_none() {
            ends = ends.saturating_add(1);
            continue;
        }
        if !out.is_empty() {
            out.push_str(if ends > 0 { "\n\n" } else { "\n" });
        }
        ends = 0;
        for (at, word) in words.enumerate() {
            if at > 0 {
                out.push(' ');
            }
            out.extend(word.chars().filter(|&c| !is_unwanted(c)));
        }
    }
    let out = out.trim();
    (!out.is_empty()).then(|| cut_end(out, MAX_CONTENT).into_owned())
}
