//! TrackBack 1.2: a form in, a [`Submission`] or a [`Refusal`] out, and the XML of the answer.
//!
//! What killed TrackBack was that receivers showed whatever a sender wrote. So a ping is a claim like any
//! other here: its `url` is a source that must link to the target, and the `title`, `excerpt` and
//! `blog_name` of the form are not even read; the source itself says better what it is.

use std::borrow::Cow;

use quick_xml::escape::escape;
use url::form_urlencoded;

use crate::model::{Protocol, SourceUrl, Submission, TargetUrl, UrlError, same_page};

use super::webmention::is_form;

/// The longest form we read, in bytes: an excerpt may come with it, which nobody reads.
pub const MAX_FORM_BYTES: usize = 64 * 1024;

/// Why a ping is refused: the `message` of its answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The body is of a type other than a form's.
    #[error("The body is not a form: send it as application/x-www-form-urlencoded.")]
    UnsupportedContentType,
    /// No `url`, or an empty one.
    #[error("The url is missing: send the address of the page that links.")]
    MissingUrl,
    /// More than one `url`.
    #[error("The url is given more than once.")]
    RepeatedUrl,
    /// The `url` is not an absolute http(s) URL.
    #[error("The url is not one we can fetch: {0}.")]
    InvalidUrl(UrlError),
    /// The endpoint's own query names no page.
    #[error("The address of this endpoint names no page: its query needs “target”, {0}.")]
    InvalidTarget(String),
    /// Source and target are the same page.
    #[error("A page cannot mention itself.")]
    SourceIsTarget,
    /// The target is none of ours; the caller finds this out.
    #[error("This server does not accept mentions for that page.")]
    TargetNotSupported,
    /// The source is turned away; the caller finds this out.
    #[error("Mentions from that url are not accepted here.")]
    SourceBlocked,
}

/// Reads a ping of the page that the endpoint's `query` names as `target`: each page has a TrackBack
/// address of its own.
///
/// # Errors
/// [`Refusal`] names the first thing that is wrong.
pub fn read_request(
    query: &str,
    content_type: Option<&str>,
    body: &[u8],
) -> Result<Submission, Refusal> {
    let target = form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "target")
        .map_or(Cow::Borrowed(""), |(_, value)| value);
    let target =
        TargetUrl::parse(&target).map_err(|error| Refusal::InvalidTarget(error.to_string()))?;
    if !is_form(content_type) {
        return Err(Refusal::UnsupportedContentType);
    }
    // Of a form in some other charset the address, which is ASCII, is read all the same.
    let mut urls = form_urlencoded::parse(body)
        .filter(|(name, _)| name == "url")
        .map(|(_, value)| value);
    let url = urls.next().ok_or(Refusal::MissingUrl)?;
    if urls.next().is_some() {
        return Err(Refusal::RepeatedUrl);
    }
    let source = SourceUrl::parse(&url).map_err(|error| match error {
        UrlError::Empty => Refusal::MissingUrl,
        error => Refusal::InvalidUrl(error),
    })?;
    if same_page(&source, &target) {
        return Err(Refusal::SourceIsTarget);
    }
    Ok(Submission {
        source,
        target,
        protocol: Protocol::Trackback,
        vouch: None,
        code: None,
    })
}

/// The answer to a ping that was taken.
pub fn write_success() -> String {
    answer("<error>0</error>")
}

/// The answer to one that was not, and why. Its status is 200 all the same.
pub fn write_failure(why: &str) -> String {
    let why: String = why.chars().filter(|c| !c.is_control()).collect();
    answer(&format!(
        "<error>1</error><message>{}</message>",
        escape(why.as_str())
    ))
}

fn answer(inner: &str) -> String {
    format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<response>{inner}</response>\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUERY: &str = "target=https%3A%2F%2Fblog.example%2Fpost";

    fn read(query: &str, body: &str) -> Result<Submission, Refusal> {
        let kind = "application/x-www-form-urlencoded; charset=utf-8";
        read_request(query, Some(kind), body.as_bytes())
    }

    #[test]
    fn a_ping_is_a_claim_of_its_url_and_nothing_else() {
        for body in [
            "url=http://s.example/a",
            "title=Buy&url=http%3A%2F%2Fs.example%2Fa&excerpt=%E4&blog_name=X",
            "URL=x&url=http://s.example/a",
        ] {
            let submission = read(QUERY, body).unwrap();
            assert_eq!(submission.source.as_str(), "http://s.example/a");
            assert_eq!(submission.target.as_str(), "https://blog.example/post");
            assert_eq!(submission.protocol, Protocol::Trackback);
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (query, body, want) in [
            (QUERY, "title=x", Refusal::MissingUrl),
            (QUERY, "url=", Refusal::MissingUrl),
            (
                QUERY,
                "url=http://a.example/&url=http://b.example/",
                Refusal::RepeatedUrl,
            ),
            (
                QUERY,
                "url=ftp://a.example/",
                Refusal::InvalidUrl(UrlError::Scheme("ftp".to_owned())),
            ),
            (
                QUERY,
                "url=https://blog.example/post%23c",
                Refusal::SourceIsTarget,
            ),
            (
                "",
                "url=http://a.example/",
                Refusal::InvalidTarget(UrlError::Empty.to_string()),
            ),
        ] {
            assert_eq!(read(query, body), Err(want), "{query} {body}");
        }
        let multipart = read_request(QUERY, Some("multipart/form-data"), b"url=http://a.example/");
        assert_eq!(multipart, Err(Refusal::UnsupportedContentType));
    }

    #[test]
    fn the_answer_is_well_formed_whatever_it_says() {
        assert_eq!(
            write_success(),
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<response><error>0</error></response>\n"
        );
        assert!(write_failure("a <b> & \u{0}c").contains("<message>a &lt;b&gt; &amp; c</message>"));
    }
}
