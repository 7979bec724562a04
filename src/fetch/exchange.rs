//! What is asked of a server besides a page: which endpoints it names, and to take a form. The same policy
//! holds, and the same limits.

use reqwest::header::{LINK, LOCATION};
use url::Url;

use super::body::Wanted;
use super::client::Client;
use super::limits::Limits;
use super::request::Carried;
use super::response::retry_after;
use super::{FetchError, body};
use crate::model::{Page, Secret, SourceUrl};

/// Bytes of an answer to a form that are read: a token, or a sentence.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// `Link` fields of an answer that are kept; all header fields together are within the limits anyhow.
const MAX_LINKS: usize = 32;

/// What a page's server says of it, whatever the status: endpoints are named by pages that are private, too.
#[derive(Debug, Clone)]
pub struct Found {
    /// Where the redirects ended.
    pub url: Url,
    /// The status there.
    pub status: u16,
    /// The `Link` header fields, as they were sent.
    pub links: Vec<String>,
    /// The body, if it is one that can be read.
    pub page: Option<Page>,
}

/// An answer to a form.
#[derive(Debug, Clone)]
pub struct Posted {
    /// Its status.
    pub status: u16,
    /// Its `Location`, as it was sent: what was made of the form, or where it is to be sent instead.
    pub location: Option<String>,
    /// How long it asks to be left alone.
    pub retry_after: Option<std::time::Duration>,
    /// Its body, cut after 64 KiB; empty if it cannot be read.
    pub body: Vec<u8>,
}

impl Client {
    pub(super) async fn find(&self, url: &Url) -> Result<Found, FetchError> {
        let found = async {
            let mut hops = Vec::new();
            let (url, response) = self.arrive(url, Carried::default(), &mut hops).await?;
            let status = response.status().as_u16();
            let links = response.headers().get_all(LINK).iter().take(MAX_LINKS);
            let links = links
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
                .collect();
            // What a header says is worth having where the body is not.
            let page = body::read(url.clone(), response, Wanted::Page, self.limits())
                .await
                .ok();
            Ok(Found {
                url,
                status,
                links,
                page,
            })
        };
        self.in_time(found).await
    }

    pub(super) async fn send_form(
        &self,
        endpoint: &Url,
        form: &[(&str, &str)],
    ) -> Result<Posted, FetchError> {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let carried = Carried {
            form: Some(&form),
            ..Carried::default()
        };
        let posted = async {
            // SECURITY: no redirect is followed: what the form holds is for this endpoint alone.
            let response = self.ask(endpoint, carried, &mut Vec::new()).await?;
            let (status, now) = (response.status().as_u16(), self.now());
            let retry_after = retry_after(response.headers(), now);
            let location = response.headers().get(LOCATION);
            let location = location.and_then(|url| Some(url.to_str().ok()?.to_owned()));
            let limits = Limits {
                max_body_bytes: MAX_ANSWER_BYTES,
                ..self.limits().clone()
            };
            let read = body::read(endpoint.clone(), response, Wanted::Page, &limits).await;
            Ok(Posted {
                status,
                location,
                retry_after,
                body: read.map(|page| page.body).unwrap_or_default(),
            })
        };
        self.in_time(posted).await
    }

    pub(super) async fn open(&self, source: &SourceUrl, token: &Secret) -> super::Fetched {
        let carried = Carried {
            token: Some(token),
            ..Carried::default()
        };
        self.get(source, carried).await
    }
}
