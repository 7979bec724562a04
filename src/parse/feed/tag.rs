//! [`Tag`]: an element of a feed, by its name and those attributes that somebody will ask for.

use crate::parse::words::head;

/// Bytes of a name: longer ones mean nothing to us.
const MAX_NAME_BYTES: usize = 64;

/// What stands in an element.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Form {
    /// Text, as it is.
    Plain,
    /// Text that is HTML, as far as anybody knows: few feeds say so.
    #[default]
    Html,
    /// Elements.
    Markup,
}

/// An element that is open.
#[derive(Debug, Clone, Default)]
pub(super) struct Tag {
    /// The name as it is written.
    pub(super) name: String,
    /// The name without its prefix.
    pub(super) local: String,
    /// What stands in it.
    pub(super) form: Form,
    /// Whether `type` says what stands in it.
    pub(super) is_typed: bool,
    /// `type`.
    pub(super) media_type: Option<String>,
    /// `rel`.
    pub(super) rel: Option<String>,
    /// `href` or `url`.
    pub(super) address: Option<String>,
    /// `label`, or else `term`.
    pub(super) term: Option<String>,
    /// `medium`.
    pub(super) medium: Option<String>,
    /// `xml:lang`.
    pub(super) lang: Option<String>,
    /// Whether `isPermaLink` says no.
    pub(super) is_no_address: bool,
}

impl Tag {
    /// An element of that name, of which no attribute is known yet.
    ///
    /// Namespaces are told by the prefixes that everybody uses for them.
    pub(super) fn named(name: &str) -> Self {
        let name = head(name, MAX_NAME_BYTES);
        let local = name.rsplit_once(':').map_or(name, |(_, local)| local);
        Self {
            name: name.to_owned(),
            local: local.to_owned(),
            ..Self::default()
        }
    }

    /// Takes an attribute, by its name without a prefix.
    pub(super) fn note(&mut self, name: &str, value: &str) {
        let slot = match name {
            "type" => {
                self.is_typed = true;
                self.form = match value.trim() {
                    "text" | "text/plain" => Form::Plain,
                    "xhtml" | "application/xhtml+xml" => Form::Markup,
                    _ => Form::Html,
                };
                &mut self.media_type
            }
            "rel" => &mut self.rel,
            "href" | "url" => &mut self.address,
            "label" => {
                self.term = None;
                &mut self.term
            }
            "term" if self.term.is_none() => &mut self.term,
            "medium" => &mut self.medium,
            "lang" => &mut self.lang,
            "isPermaLink" => {
                self.is_no_address = value.trim().eq_ignore_ascii_case("false");
                return;
            }
            _ => return,
        };
        slot.get_or_insert_with(|| value.trim().to_owned());
    }

    /// Whether it is of the vocabulary of feeds themselves, and not of one of their extensions.
    pub(super) fn is_plain(&self) -> bool {
        self.prefix()
            .is_none_or(|prefix| matches!(prefix, "atom" | "rss" | "a"))
    }

    /// What stands before the colon in its name.
    pub(super) fn prefix(&self) -> Option<&str> {
        self.name.rsplit_once(':').map(|(prefix, _)| prefix)
    }

    /// Whether it is one entry of a feed.
    pub(super) fn is_item(&self) -> bool {
        matches!(self.local.as_str(), "item" | "entry")
    }

    /// Whether it is the feed as a whole.
    pub(super) fn is_channel(&self) -> bool {
        matches!(self.local.as_str(), "channel" | "feed")
    }

    /// Whether it holds what an entry says, in full or in short.
    pub(super) fn is_content(&self) -> bool {
        self.is_text() || self.is_short_text()
    }

    /// Whether it holds what an entry says.
    pub(super) fn is_text(&self) -> bool {
        matches!(self.name.as_str(), "content:encoded" | "encoded")
            || (self.local == "content" && self.is_plain())
    }

    /// Whether it holds what an entry says, perhaps in short.
    pub(super) fn is_short_text(&self) -> bool {
        matches!(self.local.as_str(), "description" | "summary")
            && self.prefix().is_none_or(|prefix| prefix != "media")
    }

    /// What sort of file the address leads to: `image`, `video`, `audio`.
    pub(super) fn medium(&self) -> Option<&str> {
        let named = self.medium.as_deref();
        named.or_else(|| self.media_type.as_deref()?.split('/').next())
    }
}
