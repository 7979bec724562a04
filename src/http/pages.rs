//! The pages that people see: plain view data, and a template for each.
//!
//! No request, no store, no clock: a page is filled from domain values and rendered with
//! [`askama::Template::render`], which escapes every text. What was written by strangers becomes a
//! link only through [`web_href`]. The pages carry no inline style and no script, so that
//! [`CONTENT_SECURITY_POLICY`] can forbid both.

use askama::Template;
use url::Url;

use crate::protocol::webmention::Refusal;

mod feed;
mod home;
mod item;
mod moment;
mod status;
mod texts;
mod thread;

pub(crate) use self::feed::{EmbedFragment, FramePage, Look, MentionsPage, Shown, Wish};
pub(crate) use self::home::HomePage;
#[cfg(test)]
use self::home::endpoint_link;
pub(crate) use self::status::{StatusPage, status_path};
pub(crate) use self::texts::Language;

/// The style sheet of the pages, served at `/style.css`.
pub(crate) const STYLE_CSS: &str = include_str!("assets/style.css");

/// What is sent as `Content-Security-Policy` with every page here.
pub(crate) const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// `GET /webmention`: what the endpoint is for, and a form to use it by hand.
///
/// Also the answer to a browser whose form was refused, with what it sent still in it.
#[derive(Debug, Default, Template)]
#[template(path = "endpoint.html")]
pub(crate) struct EndpointPage<'a> {
    /// What to write into the first field, as the sender gave it.
    pub(crate) source: &'a str,
    /// What to write into the second field, as the sender gave it.
    pub(crate) target: &'a str,
    /// Why the form was refused, as a sentence.
    pub(crate) problem: Option<&'a str>,
    /// The field that the problem is about, if it is about one.
    pub(crate) wrong: Option<Field>,
}

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    /// The sender's own page.
    Source,
    /// The article.
    Target,
}

impl Field {
    /// The field to look at again after this refusal.
    pub(crate) fn of(refusal: &Refusal) -> Option<Self> {
        match refusal {
            Refusal::UnsupportedContentType
            | Refusal::ClientBlocked
            | Refusal::VouchRequired
            | Refusal::VouchUnknown => None,
            Refusal::MissingSource
            | Refusal::RepeatedSource
            | Refusal::InvalidSource(_)
            | Refusal::SourceIsTarget
            | Refusal::SourceBlocked
            | Refusal::SourceIsReceiver
            | Refusal::SelfPing => Some(Self::Source),
            Refusal::MissingTarget
            | Refusal::RepeatedTarget
            | Refusal::InvalidTarget(_)
            | Refusal::TargetNotSupported => Some(Self::Target),
        }
    }
}

impl EndpointPage<'_> {
    /// What is wrong with `field`.
    fn problem_of(&self, field: Field) -> Option<&str> {
        self.problem.filter(|_| self.wrong == Some(field))
    }
}

/// The form of the service at `base` (which ends with `/`), filled in for `target`.
pub(crate) fn form_url(base: &str, target: &str) -> String {
    format!("{base}webmention?target={}", encoded(target))
}

/// A value of a query.
fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The answer to a browser that asked for what is not here, or not in a way we understand.
#[derive(Debug, Template)]
#[template(path = "error.html")]
pub(crate) struct ErrorPage<'a> {
    code: u16,
    /// What is wrong, and what to do about it.
    sentence: &'a str,
}

impl<'a> ErrorPage<'a> {
    /// The page for HTTP status `code`.
    pub(crate) fn new(code: u16, sentence: &'a str) -> Self {
        Self { code, sentence }
    }

    /// The sentence as a heading, which has no full stop.
    fn heading(&self) -> &str {
        self.sentence.strip_suffix('.').unwrap_or(self.sentence)
    }
}

/// `url` if it is an absolute http(s) URL.
// SECURITY: what is stored is http(s) already. This is the second lock: a `javascript:` URL that
// slipped in by whatever way (an import, a bug in the reader) must not become a link.
pub(crate) fn web_href(url: &str) -> Option<&str> {
    let parsed = Url::parse(url).ok()?;
    matches!(parsed.scheme(), "http" | "https").then_some(url)
}

#[cfg(test)]
mod tests;
