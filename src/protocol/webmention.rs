//! The Webmention request: a form body in, a [`Submission`] or a [`Refusal`] out. WM §3.2, §3.2.1.
//!
//! Whether the target is one of ours is not known here: the caller, which knows the sites, answers
//! [`Refusal::TargetNotSupported`] in the same words.

use url::form_urlencoded;

use crate::model::{Protocol, Secret, SourceUrl, Submission, TargetUrl, UrlError, same_page};

/// The longest form we read, in bytes. Two URLs of the greatest length with every byte
/// percent-encoded make 24 KiB; the rest is room for the extension fields of other senders.
pub const MAX_FORM_BYTES: usize = 64 * 1024;

/// Why a Webmention request is refused. Always the sender's fault, so always status 400 (WM-30,
/// WM-34). [`std::fmt::Display`] is a sentence for people, see [`Refusal::sentence`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The body is of a type other than a form's.
    #[error("The body is not a form: send source and target as application/x-www-form-urlencoded.")]
    UnsupportedContentType,
    /// No `source`, or an empty one.
    #[error("The source is missing: send the URL of the page that links as the field “source”.")]
    MissingSource,
    /// No `target`, or an empty one.
    #[error("The target is missing: send the URL that is linked to as the field “target”.")]
    MissingTarget,
    /// More than one `source`.
    #[error("The source is given more than once: send one source and one target a request.")]
    RepeatedSource,
    /// More than one `target`.
    #[error("The target is given more than once: send one source and one target a request.")]
    RepeatedTarget,
    /// The source is not an absolute http(s) URL. WM-10.
    #[error("The source is not a URL we can fetch: {0}.")]
    InvalidSource(UrlError),
    /// The target is not an absolute http(s) URL. WM-10.
    #[error("The target is not a URL we can accept: {0}.")]
    InvalidTarget(UrlError),
    /// Source and target are the same page. WM-11.
    #[error("The source and the target are the same page: a page cannot mention itself.")]
    SourceIsTarget,
    /// The target is none of ours, or takes no mentions. WM-12; the caller finds this out.
    #[error("The target is not one this server accepts mentions for: check its host and path.")]
    TargetNotSupported,
    /// The sender's network is turned away; the caller finds this out.
    #[error("Mentions from your network are not accepted here.")]
    ClientBlocked,
    /// The source's host is turned away; the caller finds this out.
    #[error("Mentions from the source's host are not accepted here.")]
    SourceBlocked,
    /// The source is a page of this very service: a status page, or a list of mentions, which link
    /// to whatever they are about. The caller finds this out.
    #[error("The source is a page of this server itself: send the page that you wrote.")]
    SourceIsReceiver,
    /// The source is a page of the target's site, which takes no mentions of itself; the caller finds this
    /// out.
    #[error("The source is a page of the target's own site, which takes mentions of others only.")]
    SelfPing,
    /// The site takes mentions of domains that it does not know only if somebody vouches for them; the
    /// caller finds this out.
    #[error(
        "The source's domain is not known here: send, as the field “vouch”, the URL of a page that \
         links to it, on a site that is."
    )]
    VouchRequired,
    /// The vouch is of a domain that is not known either; the caller finds this out.
    #[error(
        "The vouch is not of a site that is known here: send one that has been mentioned here before."
    )]
    VouchUnknown,
}

impl Refusal {
    /// The stable code for programs; `docs/protocol.md` lists them.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnsupportedContentType => "unsupported_content_type",
            Self::MissingSource => "missing_source",
            Self::MissingTarget => "missing_target",
            Self::RepeatedSource => "repeated_source",
            Self::RepeatedTarget => "repeated_target",
            Self::InvalidSource(_) => "invalid_source",
            Self::InvalidTarget(_) => "invalid_target",
            Self::SourceIsTarget => "source_is_target",
            Self::TargetNotSupported => "target_not_supported",
            Self::ClientBlocked => "client_blocked",
            Self::SourceBlocked => "source_blocked",
            Self::SourceIsReceiver => "source_is_receiver",
            Self::SelfPing => "self_ping",
            Self::VouchRequired => "vouch_required",
            Self::VouchUnknown => "vouch_unknown",
        }
    }

    /// The sentence for people: what is wrong, and what to change.
    pub fn sentence(&self) -> String {
        self.to_string()
    }
}

/// Reads a Webmention request from its `Content-Type` and its body.
///
/// The URL's query string is none of this function's business: senders leave the endpoint's own
/// parameters there, and a `source` among them is not a claim (WM-8).
///
/// # Errors
/// [`Refusal`] names the first thing that is wrong, in the order of the form's use: its type,
/// `source`, `target`, then both together.
pub fn read_request(content_type: Option<&str>, body: &[u8]) -> Result<Submission, Refusal> {
    if !is_form(content_type) {
        return Err(Refusal::UnsupportedContentType);
    }
    let (mut source, mut target, mut vouch, mut code) = (None, None, None, None);
    // WM-1: any order, and fields that we do not know are ignored (`source[]` is one of those).
    for (name, value) in form_urlencoded::parse(body) {
        match name.as_ref() {
            "source" if source.is_some() => return Err(Refusal::RepeatedSource),
            "source" => source = Some(value),
            "target" if target.is_some() => return Err(Refusal::RepeatedTarget),
            "target" => target = Some(value),
            // One that is no URL vouches for nobody: whether one is needed is not known here.
            // Whether private sources are taken is not known here. A `realm` would let a token of an earlier
            // mention be used again; none is kept.
            "code" => code = code.or_else(|| Secret::new(&value)),
            "vouch" => vouch = vouch.or_else(|| SourceUrl::parse(&value).ok()),
            _ => {}
        }
    }
    let source = source.ok_or(Refusal::MissingSource)?;
    let source = SourceUrl::parse(&source).map_err(|error| match error {
        UrlError::Empty => Refusal::MissingSource,
        error => Refusal::InvalidSource(error),
    })?;
    let target = target.ok_or(Refusal::MissingTarget)?;
    let target = TargetUrl::parse(&target).map_err(|error| match error {
        UrlError::Empty => Refusal::MissingTarget,
        error => Refusal::InvalidTarget(error),
    })?;
    // WM-11: compared as parsed URLs. Ending at the target by a redirect shows only in the fetch.
    if same_page(&source, &target) {
        return Err(Refusal::SourceIsTarget);
    }
    Ok(Submission {
        source,
        target,
        protocol: Protocol::Webmention,
        vouch,
        code,
    })
}

/// Whether a body of this type can be a form. WM-1: letter case and parameters do not matter; a
/// sender that names no type at all has nothing else to send.
pub(super) fn is_form(content_type: Option<&str>) -> bool {
    let essence = content_type
        .and_then(|text| text.split(';').next())
        .unwrap_or_default()
        .trim();
    essence.is_empty() || essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

#[cfg(test)]
#[path = "webmention_tests.rs"]
mod tests;
