//! The one HTTP client: [`Client`] fetches under the [`Policy`].
//!
//! No other module may name `reqwest::Client` (clippy sees to it): the guard works only if there is
//! no way round it. The library's own redirects, proxies, cookies and referrers are off; redirects
//! are followed here, hop by hop, each checked.
#![expect(
    clippy::disallowed_types,
    reason = "the one place where the HTTP client is built and called"
)]

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::Certificate;
use reqwest::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};
use rustls::pki_types::CertificateDer;
use url::Url;

use super::body::Wanted;
use super::cause::{explain, innermost};
use super::decode::ACCEPTED_CODINGS;
use super::limits::{Limits, MAX_HEADERS};
use super::policy::Policy;
use super::request::Carried;
use super::resolve::{GuardedDns, Ports, Resolver};
use super::response::{header_bytes, is_same_request, next_hop, retry_after};
use super::{
    Answer, Fetch, FetchError, FetchPicture, Fetched, Found, Hop, Posted, body, validators,
};
use crate::model::{Clock, Secret, SourceUrl, Timestamp, Validators};

/// Idle connections kept to one host: a redirect to the same host or a burst of mentions from one
/// site reuses the connection, and no host sees more than that of us.
const IDLE_PER_HOST: usize = 1;

/// How long an idle connection is kept.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);

/// Bytes that a server may send ahead of our reading, over HTTP/2. The library would take megabytes.
const HTTP2_WINDOW_BYTES: u32 = 256 * 1024;

/// How a [`Client`] works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Who may be fetched from.
    pub policy: Policy,
    /// How much a fetch may take.
    pub limits: Limits,
    /// The `User-Agent`, see [`user_agent`].
    pub user_agent: String,
    /// Authorities whose certificates are taken, besides those that the system knows.
    pub extra_roots: Vec<CertificateDer<'static>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            limits: Limits::default(),
            user_agent: user_agent(None),
            extra_roots: Vec::new(),
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
        let policy = Arc::new(options.policy.clone());
        let build = |ports| {
            let dns = GuardedDns {
                policy: Arc::clone(&policy),
                resolver: Arc::clone(resolver),
                ports,
            };
            build_http(dns, &options)
        };
        let public = build(Ports::Public)?;
        let allowed_networks = if policy.allowed_networks.is_empty() {
            None
        } else {
            Some(build(Ports::AllowedNetworksOnly)?)
        };
        Ok(Self {
            policy,
            limits: options.limits,
            clock,
            public,
            allowed_networks,
        })
    }

    pub(super) async fn get(&self, source: &SourceUrl, carried: Carried<'_>) -> Fetched {
        let mut hops = Vec::new();
        let end = self
            .in_time(self.follow(source.as_url(), carried, &mut hops))
            .await;
        let (answer, validators) = match end {
            Ok((answer, validators)) => (Ok(answer), validators),
            Err(error) => (Err(error), None),
        };
        Fetched {
            hops,
            answer,
            validators,
        }
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    // SECURITY: one deadline over all hops and the body. The library's own is for each request.
    pub(super) async fn in_time<T>(
        &self,
        work: impl Future<Output = Result<T, FetchError>>,
    ) -> Result<T, FetchError> {
        tokio::time::timeout(self.limits.total_timeout, work)
            .await
            .unwrap_or(Err(FetchError::Timeout("the whole fetch")))
    }

    async fn follow(
        &self,
        start: &Url,
        carried: Carried<'_>,
        hops: &mut Vec<Hop>,
    ) -> Result<(Answer, Option<Validators>), FetchError> {
        let (url, response) = self.arrive(start, carried, hops).await?;
        match response.status().as_u16() {
            // Of the successes, those that carry the page. A 202 or a 204 is a guard's or a
            // machine's answer: no proof that a link is gone.
            status @ (200 | 203 | 206) => {
                let validators = (status == 200)
                    .then(|| validators::of(&url, response.headers()))
                    .flatten();
                let page = body::read(url, response, carried.wanted, &self.limits).await?;
                Ok((Answer::Page(page), validators))
            }
            304 if carried.known_of(&url).is_some() => Ok((Answer::Unchanged, None)),
            304 => Err(FetchError::BadResponse(
                "304 to a question without conditions".to_owned(),
            )),
            404 => Err(FetchError::NotFound),
            410 => Ok((Answer::Gone, None)),
            status => Err(FetchError::Status {
                status,
                retry_after: retry_after(response.headers(), self.clock.now()),
            }),
        }
    }

    /// The answer at the end of all redirects.
    pub(super) async fn arrive(
        &self,
        start: &Url,
        carried: Carried<'_>,
        hops: &mut Vec<Hop>,
    ) -> Result<(Url, reqwest::Response), FetchError> {
        let mut url = start.clone();
        let mut redirects = 0_usize;
        loop {
            let carried = Carried {
                // What one server said of its page is nothing to ask another one about.
                known: carried.known_of(&url),
                // SECURITY: a token is for whoever gave it, and for nobody that they redirect to.
                token: carried.token.filter(|_| url.origin() == start.origin()),
                ..carried
            };
            let response = self.ask(&url, carried, hops).await?;
            let next = match response.status().as_u16() {
                301 | 302 | 303 | 307 | 308 => next_hop(&url, response.headers())?,
                304 => return Ok((url, response)),
                status @ 300..400 => {
                    return Err(FetchError::Redirect(format!("{status} leads nowhere")));
                }
                _ => return Ok((url, response)),
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
    pub(super) async fn ask(
        &self,
        url: &Url,
        carried: Carried<'_>,
        hops: &mut Vec<Hop>,
    ) -> Result<reqwest::Response, FetchError> {
        // The connection of a redirect is there for the next hop to the same server.
        let may_be_stale = hops
            .last()
            .is_some_and(|last| last.url.origin() == url.origin());
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
        let request = carried.onto(match carried.form {
            Some(_) => http.post(url.clone()),
            None => http.get(url.clone()),
        });
        let again = may_be_stale.then(|| request.try_clone()).flatten();
        let explain = |e| explain(&e, url, "waiting for the answer");
        let response = match (request.send().await.map_err(explain), again) {
            // A server that hangs up after each answer without a word leaves us a dead connection.
            (Err(FetchError::BadResponse(_)), Some(again)) => {
                again.send().await.map_err(explain)?
            }
            (sent, _) => sent?,
        };
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
}

#[async_trait]
impl Fetch for Client {
    async fn fetch(&self, source: &SourceUrl) -> Fetched {
        self.get(source, Carried::default()).await
    }

    async fn fetch_if_changed(&self, source: &SourceUrl, known: &Validators) -> Fetched {
        let carried = Carried {
            known: Some(known),
            ..Carried::default()
        };
        self.get(source, carried).await
    }

    async fn discover(&self, url: &Url) -> Result<Found, FetchError> {
        self.find(url).await
    }

    async fn post(&self, endpoint: &Url, form: &[(&str, &str)]) -> Result<Posted, FetchError> {
        self.send_form(endpoint, form).await
    }

    async fn fetch_with_token(&self, source: &SourceUrl, token: &Secret) -> Fetched {
        self.open(source, token).await
    }
}

#[async_trait]
impl FetchPicture for Client {
    async fn fetch_picture(&self, url: &SourceUrl, known: Option<&Validators>) -> Fetched {
        let carried = Carried {
            wanted: Wanted::Picture,
            known,
            ..Carried::default()
        };
        self.get(url, carried).await
    }
}

fn build_http(dns: GuardedDns, options: &Options) -> Result<reqwest::Client, ClientError> {
    let limits = &options.limits;
    // The TLS library wants its cryptography chosen once for the process. If somebody has chosen
    // before us, that is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(ACCEPTED_CODINGS));
    let roots = options
        .extra_roots
        .iter()
        .map(|root| Certificate::from_der(root))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|e| ClientError(innermost(&e)))?;
    reqwest::Client::builder()
        .user_agent(&options.user_agent)
        .default_headers(headers)
        // SECURITY: these three keep all requests within sight of the policy. A proxy would resolve
        // and dial for us; the library would follow redirects unchecked.
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .dns_resolver(Arc::new(dns))
        .referer(false)
        // One fetch is one request for each hop; what else fails is tried again when the worker says so.
        .retry(reqwest::retry::never())
        .tls_certs_merge(roots)
        .connect_timeout(limits.connect_timeout)
        .read_timeout(limits.read_timeout)
        .pool_max_idle_per_host(IDLE_PER_HOST)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .http1_max_headers(MAX_HEADERS)
        .http2_max_header_list_size(u32::try_from(limits.max_header_bytes).unwrap_or(u32::MAX))
        .http2_initial_stream_window_size(HTTP2_WINDOW_BYTES)
        .http2_initial_connection_window_size(HTTP2_WINDOW_BYTES)
        // SECURITY: a server that neither reads nor hangs up would keep the connection's task, which
        // wants to say goodbye to it, for ever.
        .tcp_user_timeout(limits.read_timeout)
        .http2_keep_alive_interval(limits.read_timeout)
        .http2_keep_alive_timeout(limits.read_timeout)
        .http2_keep_alive_while_idle(true)
        .build()
        .map_err(|e| ClientError(innermost(&e)))
}
