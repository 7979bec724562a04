//! [`Carried`]: what a request carries besides its URL, as the header fields and the body that say so.

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use url::Url;

use super::body::Wanted;
use super::response::is_same_request;
use super::validators;
use crate::model::{Secret, Validators};

/// What we can read, best first. WM §3.2.2, WM-23. HTML leads by so much that servers with an
/// `ActivityPub` face still show the page.
const ACCEPTED: &str =
    "text/html, application/xhtml+xml;q=0.9, application/json;q=0.8, text/plain;q=0.7, */*;q=0.1";

/// What pictures we can decode. SVG is not among them.
const ACCEPTED_PICTURES: &str = "image/webp, image/png, image/jpeg, image/gif;q=0.9";

/// What endpoints answer forms with.
const ACCEPTED_OF_FORMS: &str = "application/json, */*;q=0.1";

/// What a request carries besides its URL.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Carried<'a> {
    /// What it is to bring.
    pub(super) wanted: Wanted,
    /// What to ask with whether the page has changed.
    pub(super) known: Option<&'a Validators>,
    /// What opens the page.
    pub(super) token: Option<&'a Secret>,
    /// A form, which makes it a POST.
    pub(super) form: Option<&'a str>,
}

impl<'a> Carried<'a> {
    /// What is known of the page at `url`.
    pub(super) fn known_of(&self, url: &Url) -> Option<&'a Validators> {
        self.known.filter(|known| is_same_request(&known.url, url))
    }

    pub(super) fn onto(self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        let accepted = match (self.form, self.wanted) {
            (Some(_), _) => ACCEPTED_OF_FORMS,
            (None, Wanted::Page) => ACCEPTED,
            (None, Wanted::Picture) => ACCEPTED_PICTURES,
        };
        let mut request = request
            .header(ACCEPT, accepted)
            .headers(self.known.map(validators::conditions).unwrap_or_default());
        if let Some(token) = self.token
            && let Ok(mut value) = HeaderValue::try_from(format!("Bearer {}", token.expose()))
        {
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        if let Some(form) = self.form {
            request = request
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(form.to_owned());
        }
        request
    }
}
