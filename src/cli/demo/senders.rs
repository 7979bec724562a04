//! The sending side of the blogs' software: finds the endpoint on the article and calls it.
//!
//! The old blogs do what WordPress does, down to its envelope: `HEAD`, then `GET` if there is no
//! `X-Pingback`, then `pingback.ping`. PB-21…PB-25. The modern ones send webmentions as Linkback itself
//! does where it has somebody to tell. WM §3.1.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use quick_xml::escape::{escape, unescape};
use reqwest::{Response, header};
use url::Url;

use super::Expected;
use crate::fetch::Fetch;
use crate::model::{Protocol, SourceUrl, TargetUrl};
use crate::worker::sender::{self, Unsent};

/// How long a blog waits for an answer: more than the longest that a pingback is kept waiting.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a blog has sent, and what it was told.
#[derive(Debug)]
pub(crate) struct Sent {
    /// The blog's page.
    pub(crate) source: SourceUrl,
    /// How it was told.
    pub(crate) protocol: Protocol,
    /// What came back.
    pub(crate) answer: Answer,
}

/// What a sender was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A pingback's success text.
    Registered(String),
    /// A pingback's fault.
    Fault {
        /// The code, see PB §3.
        code: i32,
        /// The sentence.
        text: String,
    },
    /// A webmention's status.
    Status {
        /// The HTTP status code.
        code: u16,
        /// The status page.
        location: Option<String>,
    },
    /// Nothing that could be understood, and why.
    Nothing(String),
}

impl Answer {
    /// Whether the mention was taken.
    pub(crate) fn is_success(&self) -> bool {
        match self {
            Self::Registered(_) => true,
            Self::Status { code, .. } => (200..300).contains(code),
            Self::Fault { .. } | Self::Nothing(_) => false,
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registered(text) => f.write_str(text),
            Self::Fault { code, text } => write!(f, "fault {code}: {text}"),
            Self::Status {
                code,
                location: Some(location),
            } => write!(f, "{code}, {location}"),
            Self::Status {
                code,
                location: None,
            } => write!(f, "{code}"),
            Self::Nothing(why) => write!(f, "no answer: {why}"),
        }
    }
}

/// Sends all of `mentions`, one after the other; `fetch` must let loopback pass.
pub(super) async fn send_all(mentions: &[Expected], fetch: &dyn Fetch) -> Vec<Sent> {
    let mut all = Vec::with_capacity(mentions.len());
    for mention in mentions {
        let answer = match send(mention, fetch).await {
            Ok(answer) => answer,
            Err(error) => Answer::Nothing(format!("{error:#}")),
        };
        all.push(Sent {
            source: mention.source.clone(),
            protocol: mention.protocol,
            answer,
        });
    }
    all
}

async fn send(mention: &Expected, fetch: &dyn Fetch) -> anyhow::Result<Answer> {
    match mention.protocol {
        Protocol::Pingback => PingbackClient::of(mention)?.ping(mention).await,
        Protocol::Webmention => webmention(mention, fetch).await,
        Protocol::Trackback => anyhow::bail!("no blog of the demonstration sends trackbacks"),
    }
}

async fn webmention(mention: &Expected, fetch: &dyn Fetch) -> anyhow::Result<Answer> {
    match sender::send(fetch, &mention.source, &mention.target).await {
        Ok(taken) => Ok(Answer::Status {
            code: taken.status,
            location: taken.location,
        }),
        Err(Unsent::Refused(code) | Unsent::Busy(code, _)) => Ok(Answer::Status {
            code,
            location: None,
        }),
        Err(error @ (Unsent::NoEndpoint | Unsent::Fetch(_))) => Err(error.into()),
    }
}

#[expect(
    clippy::disallowed_types,
    reason = "the demo's blogs ping the service on loopback; nothing here fetches what a stranger names"
)]
struct PingbackClient(reqwest::Client);

impl PingbackClient {
    /// A client that calls itself what the blog's software would.
    fn of(mention: &Expected) -> anyhow::Result<Self> {
        let blog = mention.source.as_url().origin().ascii_serialization();
        // Loopback needs no TLS, but the HTTP client wants a configuration for it: the smallest
        // there is, which also saves reading the system's certificates.
        let tls = rustls::ClientConfig::builder_with_provider(Arc::new(
            rustls::crypto::ring::default_provider(),
        ))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
        #[expect(
            clippy::disallowed_types,
            reason = "the demo's blogs ping the service on loopback; nothing here fetches what a stranger names"
        )]
        let builder = reqwest::Client::builder();
        let client = builder
            .tls_backend_preconfigured(tls)
            .user_agent(format!("WordPress/3.1.2; {blog}"))
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()?;
        Ok(Self(client))
    }

    async fn ping(&self, mention: &Expected) -> anyhow::Result<Answer> {
        let target = mention.target.as_url();
        let head = self.0.head(target.clone()).send().await?;
        let advertised = match header_text(&head, "x-pingback") {
            Some(url) => url.to_owned(),
            None => pingback_server(&self.page(target).await?)
                .context("the article names no pingback server")?,
        };
        // PB-23: absolute, so there is nothing to resolve it against.
        let endpoint = Url::parse(&advertised)?;
        let answer = self
            .0
            .post(endpoint)
            .header(header::CONTENT_TYPE, "text/xml")
            .body(envelope(&mention.source, &mention.target))
            .send()
            .await?;
        read_method_response(&answer.text().await?)
    }

    async fn page(&self, url: &Url) -> anyhow::Result<String> {
        let answer = self.0.get(url.clone()).send().await?;
        Ok(answer.error_for_status()?.text().await?)
    }
}

fn header_text<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name)?.to_str().ok()
}

/// The address in the first `<link rel="pingback" href="…">`, found as WordPress finds it: by the bytes,
/// without reading the HTML.
fn pingback_server(html: &str) -> Option<String> {
    let (_, rest) = html.split_once("<link rel=\"pingback\" href=\"")?;
    let (url, _) = rest.split_once('"')?;
    Some(unescape(url).ok()?.into_owned())
}

/// The request that WordPress sends, to the byte.
fn envelope(source: &SourceUrl, target: &TargetUrl) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n\
         <methodCall>\n\
         <methodName>pingback.ping</methodName>\n\
         <params>\n\
         <param><value><string>{}</string></value></param>\n\
         <param><value><string>{}</string></value></param>\n\
         </params></methodCall>",
        escape(source.as_str()),
        escape(target.as_str())
    )
}

/// Reads an XML-RPC answer as the small clients of blogs do: by its landmarks.
fn read_method_response(xml: &str) -> anyhow::Result<Answer> {
    let unreadable = || anyhow!("not an answer to a pingback: {xml:.200}");
    let text = between(xml, "<string>", "</string>").ok_or_else(unreadable)?;
    let text = unescape(text)?.into_owned();
    if !xml.contains("<fault>") {
        return Ok(Answer::Registered(text));
    }
    let code = between(xml, "<int>", "</int>")
        .or_else(|| between(xml, "<i4>", "</i4>"))
        .ok_or_else(unreadable)?;
    Ok(Answer::Fault {
        code: code.trim().parse()?,
        text,
    })
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(end).map(|(inner, _)| inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_envelope_is_wordpress_own() {
        let source = SourceUrl::parse("http://old.example/?p=91&a=1").unwrap();
        let target = TargetUrl::parse("http://blog.example/pln/").unwrap();
        assert_eq!(
            envelope(&source, &target),
            "<?xml version=\"1.0\"?>\n<methodCall>\n<methodName>pingback.ping</methodName>\n<params>\n\
             <param><value><string>http://old.example/?p=91&amp;a=1</string></value></param>\n\
             <param><value><string>http://blog.example/pln/</string></value></param>\n\
             </params></methodCall>"
        );
    }

    #[test]
    fn the_server_is_found_as_wordpress_finds_it() {
        let html = "<link rel=\"pingback\" href=\"http://lb.example/p?a&amp;b\">";
        assert_eq!(
            pingback_server(html).as_deref(),
            Some("http://lb.example/p?a&b")
        );
        assert_eq!(
            pingback_server("<link rel=\"webmention\" href=\"/\">"),
            None
        );
    }

    #[test]
    fn success_and_fault_are_told_apart() {
        let ok = "<methodResponse><params><param><value><string>Thank you &amp; all</string></value></param></params></methodResponse>";
        assert_eq!(
            read_method_response(ok).unwrap(),
            Answer::Registered("Thank you & all".to_owned())
        );
        let fault = "<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>17</int></value></member><member><name>faultString</name><value><string>no link</string></value></member></struct></value></fault></methodResponse>";
        let answer = read_method_response(fault).unwrap();
        assert_eq!(answer.to_string(), "fault 17: no link");
        assert!(!answer.is_success());
        assert!(read_method_response("<html>Oops</html>").is_err());
    }
}
