//! [`Secret`]: a word that opens a door, and that nobody writes down by accident.

use std::fmt;

/// The longest code or token that is taken, in bytes: those in use stay below 2 KiB.
pub const MAX_SECRET_BYTES: usize = 4096;

/// A code or a token. It has no [`fmt::Display`], and its [`fmt::Debug`] does not show it: whoever means to
/// use it says [`Secret::expose`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(Box<str>);

impl Secret {
    /// Takes visible ASCII of at most [`MAX_SECRET_BYTES`], as RFC 6749 (appendix A) allows for codes and
    /// tokens; `None` for anything else.
    pub fn new(text: &str) -> Option<Self> {
        let is_one = (1..=MAX_SECRET_BYTES).contains(&text.len())
            && text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
        is_one.then(|| Self(text.into()))
    }

    /// The word itself: for the wire and the store, never for a log or an answer.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_visible_ascii_and_is_not_shown_to_whoever_looks() {
        for wrong in ["", "a\nb", "é", "a\0", &"a".repeat(MAX_SECRET_BYTES + 1)] {
            assert_eq!(Secret::new(wrong), None, "{wrong:?}");
        }
        let secret = Secret::new("open sesame").unwrap();
        assert_eq!(secret.expose(), "open sesame");
        assert!(!format!("{secret:?}").contains("sesame"));
    }
}
