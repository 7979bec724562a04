//! The one HTTP client: [`Client`] fetches under the [`Policy`].
//!
//! No other module may name `reqwest::Client` (clippy sees to it): the guard works only if there is
//! no way round it. The library's own redirects, proxies, cookies and referrers are off; redirects
//! are followed here, hop by hop, each checked.
#![expect(
    clippy::disallowed_types,
    reason = "the one place where the HTTP client is built and called"
)]

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue};
use url::Url;

use super::policy::{Limits, MAX_HEADERS, Policy, Refused};
use super::resolve::{GuardedDns, NoAddress, Ports, Resolver};
use super::response::{
    header_bytes, holds_no_links, is_identity, is_same_request, next_hop, retry_after,
};
use super::{Answer, Fetch, FetchError, Fetched, Hop};
use crate::model::{Clock, Page, SourceUrl};

/// What we can read, best first. WM §3.2.2, WM-23. HTML leads by so much that servers with an
/// `ActivityPub` face still show the page.
const ACCEPTED: &str =
    "text/html, application/xhtml+xml;q=0.9, application/json;q=0.8, text/plain;q=0.7, */*;q=0.1";

/// Idle connections kept to one host: a redirect to the same host or a burst of mentions from one
/// site reuses the connection, and no host sees more than that of us.
const IDLE_PER_HOST: usize = 1;

/// How long an idle connection is kept.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);

/// How a [`Client`] works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Who may be fetched from.
    pub policy: Policy,
    /// How much a fetch may take.
    pub limits: Limits,
    /// The `User-Agent`, see [`user_agent`].
    pub user_agent: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            limits: Limits::default(),
            user_agent: user_agent(None),
        }
    }
}

/// Our `User-Agent`: name, version, where to complain, and the word that WM §3.1.2 asks for.
pub fn user_agent(contact: Option<&Url>) -> String {
    let version = env!("CARGO_PKG_VERSION");
    match contact {
        Some(url) => format!("Linkback/{version} (+{url}) Webmention"),
        None => format!("Linkback/{version} Webmention"),
    }
}

/// The HTTP client cannot be set up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no HTTP client (are CA certificates installed?): {0}")]
pub struct ClientError(String);

/// Fetches pages under a [`Policy`] and within [`Limits`].
pub struct Client {
    policy: Arc<Policy>,
    limits: Limits,
    clock: Arc<dyn Clock>,
    /// For ports that the policy passes.
    public: reqwest::Client,
    /// For the other ports, which are dialled in allowed networks only; `None` if there are none.
    allowed_networks: Option<reqwest::Client>,
}

impl Client {
    /// A client that looks names up with `resolver`; `clock` is asked what a `Retry-After` date means.
    ///
    /// # Errors
    /// [`ClientError`], if the system has no certificate authorities, or the user agent is no valid header.
    pub fn new(
        options: Options,
        resolver: &Arc<dyn Resolver>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ClientError> {
        let Options {
            policy,
            limits,
            user_agent,
        } = options;
        let policy = Arc::new(policy);
        let build = |ports| {
            let dns = GuardedDns {
                policy: Arc::clone(&policy),
                resolver: Arc::clone(resolver),
                ports,
            };
            build_http(dns, &limits, &user_agent)
        };
        let public = build(Ports::Public)?;
        let allowed_networks = if policy.allowed_networks.is_empty() {
            None
        } else {
            Some(build(Ports::AllowedNetworksOnly)?)
        };
        Ok(Self {
            policy,
            limits,
            clock,
            public,
            allowed_networks,
        })
    }

    async fn follow(&self, start: &Url, hops: &mut Vec<Hop>) -> Result<Answer, FetchError> {
        let mut url = start.clone();
        let mut redirects = 0_usize;
        loop {
            let response = self.ask(&url, hops).await?;
            let next = match response.status().as_u16() {
                // Of the successes, those that carry the page. A 202 or a 204 is a guard's or a
                // machine's answer: no proof that a link is gone.
                200 | 203 | 206 => return self.read(url, response).await.map(Answer::Page),
                301 | 302 | 303 | 307 | 308 => next_hop(&url, response.headers())?,
                300..400 => {
                    let status = response.status().as_u16();
                    return Err(FetchError::Redirect(format!("{status} leads nowhere")));
                }
                404 => return Err(FetchError::NotFound),
                410 => return Ok(Answer::Gone),
                status => {
                    return Err(FetchError::Status {
                        status,
                        retry_after: retry_after(response.headers(), self.clock.now()),
                    });
                }
            };
            if redirects >= self.limits.max_redirects {
                let limit = self.limits.max_redirects;
                return Err(FetchError::Redirect(format!("more than {limit}")));
            }
            redirects = redirects.saturating_add(1);
            // Without cookies the same question gets the same answer.
            if hops.iter().any(|hop| is_same_request(&hop.url, &next)) {
                return Err(FetchError::Redirect("in a circle".to_owned()));
            }
            url = next;
        }
    }

    /// One request, checked before and after, and noted in `hops`.
    async fn ask(&self, url: &Url, hops: &mut Vec<Hop>) -> Result<reqwest::Response, FetchError> {
        // Noted first: also the hop that is refused, or that the deadline cuts, belongs to the way.
        hops.push(Hop {
            url: url.clone(),
            address: None,
            status: None,
        });
        // SECURITY: on every hop, not only the first. The HTTP library does not ask its resolver about
        // IP literals, so this is the only check they get before they are dialled.
        self.policy.check_url(url).map_err(FetchError::Refused)?;
        let port = url.port_or_known_default().unwrap_or(0);
        let http = match self.policy.check_port(port) {
            Ok(()) => &self.public,
            Err(refused) => self
                .allowed_networks
                .as_ref()
                .ok_or(FetchError::Refused(refused))?,
        };
        let response = http
            .get(url.clone())
            .send()
            .await
            .map_err(|e| explain(&e, url, "waiting for the answer"))?;
        let Some(address) = response.remote_addr() else {
            return Err(FetchError::Connect("to an unknown address".to_owned()));
        };
        if let Some(hop) = hops.last_mut() {
            hop.address = Some(address);
            hop.status = Some(response.status().as_u16());
        }
        // SECURITY: the second lock. It should never close, and if it does, the first one is broken.
        self.policy
            .check_endpoint(address)
            .map_err(FetchError::Refused)?;
        if header_bytes(response.headers()) > self.limits.max_header_bytes {
            return Err(FetchError::BadResponse("header too large".to_owned()));
        }
        Ok(response)
    }

    /// Reads a 2xx answer, as far as it is worth reading.
    async fn read(&self, url: Url, mut response: reqwest::Response) -> Result<Page, FetchError> {
        // What the library has decoded it has also struck from the header.
        if let Some(encoding) = response
            .headers()
            .get_all(CONTENT_ENCODING)
            .iter()
            .find(|value| !is_identity(value))
        {
            let encoding = String::from_utf8_lossy(encoding.as_bytes());
            return Err(FetchError::BadResponse(format!(
                "content encoding “{}”",
                encoding.escape_debug()
            )));
        }
        let content_type = response
            .headers()
            .get(CONTENT_TYPE)
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let status = response.status().as_u16();
        let mut page = Page {
            url,
            status,
            content_type,
            body: Vec::new(),
            // We asked for no range: with 206 we hold a part of the page, whatever its length says.
            truncated: status == 206,
        };
        if page.content_type.as_deref().is_some_and(holds_no_links) {
            // Nobody may conclude from an unread body that the link is not in it.
            page.truncated = true;
            return Ok(page);
        }
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|e| explain(&e, &page.url, "reading the body"))?
        {
            let room = self.limits.max_body_bytes.saturating_sub(page.body.len());
            if let Some(part) = chunk.get(..room).filter(|part| part.len() < chunk.len()) {
                // WM-55: what was read so far is judged. Dropping the response closes the connection.
                page.body.extend_from_slice(part);
                page.truncated = true;
                break;
            }
            page.body.extend_from_slice(&chunk);
        }
        if page.body.is_empty() {
            // A host in trouble, mostly; a page that took its link away still says something.
            return Err(FetchError::BadResponse("an empty body".to_owned()));
        }
        // Compressed twice, or without a word about it: bytes in which no link can be found, and
        // from which nobody may conclude that there is none.
        if page.body.starts_with(&[0x1f, 0x8b]) {
            return Err(FetchError::BadResponse("still compressed".to_owned()));
        }
        Ok(page)
    }
}

#[async_trait]
impl Fetch for Client {
    async fn fetch(&self, source: &SourceUrl) -> Fetched {
        let mut hops = Vec::new();
        // SECURITY: one deadline over all hops and the body. The library's own is for each request.
        let answer = tokio::time::timeout(
            self.limits.total_timeout,
            self.follow(source.as_url(), &mut hops),
        )
        .await
        .unwrap_or(Err(FetchError::Timeout("the whole fetch")));
        Fetched { hops, answer }
    }
}

fn build_http(
    dns: GuardedDns,
    limits: &Limits,
    user_agent: &str,
) -> Result<reqwest::Client, ClientError> {
    // The TLS library wants its cryptography chosen once for the process. If somebody has chosen
    // before us, that is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static(ACCEPTED));
    reqwest::Client::builder()
        .user_agent(user_agent)
        .default_headers(headers)
        // SECURITY: these three keep all requests within sight of the policy. A proxy would resolve
        // and dial for us; the library would follow redirects unchecked.
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .dns_resolver(Arc::new(dns))
        .referer(false)
        .connect_timeout(limits.connect_timeout)
        .read_timeout(limits.read_timeout)
        .pool_max_idle_per_host(IDLE_PER_HOST)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .http1_max_headers(MAX_HEADERS)
        .http2_max_header_list_size(u32::try_from(limits.max_header_bytes).unwrap_or(u32::MAX))
        .build()
        .map_err(|e| ClientError(innermost(&e)))
}

/// Sorts an error of the HTTP library; `phase` names what was waited for once connected.
fn explain(error: &reqwest::Error, url: &Url, phase: &'static str) -> FetchError {
    // Our own resolver's word comes first: the library sees only that there is no connection.
    if let Some(no_address) = causes(error).find_map(|e| e.downcast_ref::<NoAddress>()) {
        return match no_address.clone() {
            NoAddress::Refused(refused) => FetchError::Refused(refused),
            NoAddress::Port => FetchError::Refused(Refused::Port(
                url.port_or_known_default().unwrap_or_default(),
            )),
            NoAddress::Unresolved(why) => FetchError::Dns(why.to_string()),
        };
    }
    if error.is_timeout() {
        return FetchError::Timeout(if error.is_connect() {
            "connecting"
        } else {
            phase
        });
    }
    if let Some(tls) = causes(error).find_map(|e| e.downcast_ref::<rustls::Error>()) {
        return FetchError::Tls(tls.to_string());
    }
    if error.is_connect() {
        // A TCP connection that fails is refused or unreachable; one that breaks was made, and broke
        // in the handshake.
        let broke = causes(error)
            .filter_map(|e| e.downcast_ref::<io::Error>())
            .any(|e| {
                matches!(
                    e.kind(),
                    io::ErrorKind::UnexpectedEof
                        | io::ErrorKind::InvalidData
                        | io::ErrorKind::ConnectionReset
                        | io::ErrorKind::ConnectionAborted
                        | io::ErrorKind::BrokenPipe
                )
            });
        return if broke && url.scheme() == "https" {
            FetchError::Tls(innermost(error))
        } else {
            FetchError::Connect(innermost(error))
        };
    }
    FetchError::BadResponse(innermost(error))
}

/// `error` and what caused it, outermost first.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        // `io::Error::source` skips the very error that it carries.
        match error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}

/// The first cause, in words; it names no URL, which the caller knows better.
fn innermost(error: &reqwest::Error) -> String {
    causes(error)
        .last()
        .map(ToString::to_string)
        .unwrap_or_default()
}
