//! [`Reader`]: a page's text, token by token, into the tree builder.
//!
//! html5ever's tokenizer looks at each character by itself and copies most of them: of the time that a
//! tree takes it needs two thirds. But nearly all markup is plain: whole tags with quoted attributes, and
//! text. So [`simple`](super::simple) reads those, and hands the tree builder pieces that share the page's
//! own buffer. Whatever is not beyond doubt (comments, scripts, titles, references that do not end, tags
//! that do not, a NUL) goes through the tokenizer, up to the end of the next tag, comment or doctype at
//! which it stands between two tokens again. A test holds that both ways lead to one tree.

use std::cell::Cell;

use html5ever::TokenizerResult;
use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts, TreeSink};
use scraper::Html;

use super::simple::{Names, simple};
use super::sink::{CountingSink, Handle};

/// What the buffer that is shared can hold, in bytes. What is longer is cut.
const MAX_BYTES: usize = 1 << 30;

/// The tree builder, and what the tokenizer told it last.
struct Watched {
    builder: TreeBuilder<Handle, CountingSink>,
    /// Whether that was a tag, a comment or a doctype, which end with `>`.
    ended: Cell<bool>,
    /// Whether what follows is no markup but for the one end tag.
    raw: Cell<bool>,
}

impl TokenSink for Watched {
    type Handle = Handle;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<Handle> {
        let is_tag = matches!(token, Token::TagToken(_));
        let ended = is_tag || matches!(token, Token::CommentToken(_) | Token::DoctypeToken(_));
        let result = self.builder.process_token(token, line);
        if is_tag {
            self.raw.set(matches!(
                result,
                TokenSinkResult::RawData(_) | TokenSinkResult::Plaintext
            ));
        }
        self.ended.set(ended);
        result
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder
            .adjusted_current_node_present_but_not_in_html_namespace()
    }
}

/// Reads a text.
pub(super) struct Reader<'t> {
    text: &'t str,
    /// Whether there was more.
    is_cut: bool,
    /// The same, of which the tree keeps pieces.
    whole: StrTendril,
    at: usize,
    tokenizer: Tokenizer<Watched>,
    queue: BufferQueue,
    /// Whether the tokenizer stands between two tokens, where no raw text is.
    between: bool,
    names: Names,
    /// Whether all goes through the tokenizer.
    #[cfg(any(test, fuzzing))]
    pub(super) plain: bool,
}

impl<'t> Reader<'t> {
    /// Begins to read `text` into `sink`. Scripting is off: what stands in `noscript` counts.
    pub(super) fn new(text: &'t str, sink: CountingSink) -> Self {
        let options = TreeBuilderOpts {
            scripting_enabled: false,
            ..TreeBuilderOpts::default()
        };
        let watched = Watched {
            builder: TreeBuilder::new(sink, options),
            ended: Cell::new(false),
            raw: Cell::new(false),
        };
        let options = TokenizerOpts {
            // The tokenizer would take one off each piece that it is given.
            discard_bom: false,
            ..TokenizerOpts::default()
        };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let (text, after) = split_at(text, MAX_BYTES);
        Self {
            text,
            is_cut: !after.is_empty(),
            whole: StrTendril::from(text),
            at: 0,
            tokenizer: Tokenizer::new(watched, options),
            queue: BufferQueue::default(),
            between: true,
            names: Names::default(),
            #[cfg(any(test, fuzzing))]
            plain: false,
        }
    }

    /// Where the tree is built.
    pub(super) fn sink(&self) -> &CountingSink {
        &self.tokenizer.sink.builder.sink
    }

    /// How many bytes were read.
    pub(super) fn read(&self) -> usize {
        self.at
    }

    /// What there is still to read.
    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Whether no token was left unfinished.
    pub(super) fn is_between(&self) -> bool {
        self.between
    }

    /// Whether the whole text was read.
    pub(super) fn is_at_end(&self) -> bool {
        self.rest().is_empty() && !self.is_cut
    }

    /// Reads on: about `size` bytes of what is simple, or one piece, not longer, of what is not. What was
    /// read.
    pub(super) fn bite(&mut self, size: usize) -> &'t str {
        let start = self.at;
        #[cfg(any(test, fuzzing))]
        let may_be_simple = self.between && !self.plain;
        #[cfg(not(any(test, fuzzing)))]
        let may_be_simple = self.between;
        if may_be_simple {
            let end = start.saturating_add(size);
            while self.at < end
                && let Some((token, after)) =
                    simple(self.text, self.at, &self.whole, &mut self.names)
            {
                // Of the tokens that are simple none changes what the next are.
                let _ = self.tokenizer.sink.builder.process_token(token, 1);
                self.at = after;
            }
        }
        if self.at == start {
            self.hard_bite(size);
        }
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn hard_bite(&mut self, size: usize) {
        let (most, _) = split_at(self.rest(), size);
        let is_raw = !self.between && self.tokenizer.sink.raw.get();
        // Within raw text nothing is of interest before its end tag.
        let before = if is_raw {
            most.find("</").unwrap_or(most.len())
        } else {
            0
        };
        let end = if before == 0 { most.find('>') } else { None };
        let len = match end {
            Some(end) => end.saturating_add(1),
            None if before > 0 => before,
            None => most.len(),
        };
        let after = self.at.saturating_add(len);
        self.queue
            .push_back(piece(self.text, &self.whole, self.at, after));
        self.at = after;
        self.tokenizer.sink.ended.set(false);
        // Scripts and what the page says of its charset are nothing to us.
        while !matches!(self.tokenizer.feed(&self.queue), TokenizerResult::Done) {}
        // The piece has one `>`, at its end: a token that came to its end did so there.
        let watched = &self.tokenizer.sink;
        self.between = end.is_some() && watched.ended.get() && !watched.raw.get();
    }

    /// Ends the text here: the tree.
    pub(super) fn finish(self) -> Html {
        self.tokenizer.end();
        self.tokenizer.sink.builder.sink.finish()
    }
}

/// A piece of the page's own buffer.
pub(super) fn piece(text: &str, whole: &StrTendril, from: usize, to: usize) -> StrTendril {
    let range = u32::try_from(from)
        .ok()
        .zip(to.checked_sub(from).and_then(|len| u32::try_from(len).ok()));
    range
        .and_then(|(from, len)| whole.try_subtendril(from, len).ok())
        .unwrap_or_else(|| StrTendril::from(text.get(from..to).unwrap_or_default()))
}

/// Splits `text` after about `size` bytes, at a character.
fn split_at(text: &str, size: usize) -> (&str, &str) {
    let mut at = size.min(text.len());
    while !text.is_char_boundary(at) {
        at = at.saturating_add(1);
    }
    text.split_at_checked(at).unwrap_or((text, ""))
}
