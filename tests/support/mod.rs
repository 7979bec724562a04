//! What the tests on the wire share: the service in this process or in one of its own, the sites
//! of the senders, and an HTTP client that sends exactly the bytes it is given.

#![allow(dead_code, reason = "each test crate uses its own part of this")]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use linkback::app::{Role, Service};
use linkback::config::{Config, Flags};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

pub(crate) mod app_site;
pub(crate) mod browser;
pub(crate) mod mentions;
pub(crate) mod shared;
pub(crate) mod source_site;
pub(crate) mod tab;
pub(crate) mod xmlrpc;

/// How long anything in a test may take before it counts as hanging.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The service, in this process, with a database of its own.
pub(crate) struct TestService {
    pub(crate) address: SocketAddr,
    service: Option<Service>,
    folder: TempDir,
}

impl TestService {
    /// Starts the service for `sites`; it may fetch from loopback addresses.
    pub(crate) async fn start(sites: &[&str]) -> Self {
        Self::start_with(sites, |_| {}).await
    }

    /// As [`TestService::start`] for the site of `target`, of which so many mentions are stored.
    pub(crate) async fn start_filled(target: &str, count: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = linkback::store::sqlite::open(&folder.path().join("t.sqlite")).unwrap();
        let site = url::Url::parse(target)
            .unwrap()
            .origin()
            .ascii_serialization();
        let base = linkback::model::SiteBase::parse(&site).unwrap();
        let now = linkback::model::Clock::now(&linkback::model::SystemClock);
        store.add_site(&[base], now).await.unwrap();
        mentions::store(store.as_ref(), target, 0..count).await;
        drop(store);
        Self::start_in(folder, &[&site], Role::Everything, |_| {}).await
    }

    /// As [`TestService::start_with`], but that it verifies nothing: a test stores mentions itself.
    pub(crate) async fn start_serving(sites: &[&str], change: impl FnOnce(&mut Config)) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), sites, Role::Http, change).await
    }

    /// As [`TestService::start`], with the configuration changed by `change`.
    pub(crate) async fn start_with(sites: &[&str], change: impl FnOnce(&mut Config)) -> Self {
        Self::start_in(
            tempfile::tempdir().unwrap(),
            sites,
            Role::Everything,
            change,
        )
        .await
    }

    async fn start_in(
        folder: TempDir,
        sites: &[&str],
        role: Role,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let mut config = Config::load(&flags(folder.path().join("t.sqlite"), sites)).unwrap();
        // All the sites of a test are on one host.
        config.worker.manners = linkback::worker::Manners::default();
        change(&mut config);
        let service = Service::start(&config, role).await.unwrap();
        Self {
            address: service.address().unwrap(),
            service: Some(service),
            folder,
        }
    }

    /// A service that was started already, with its database in `folder`.
    pub(crate) fn around(service: Service, folder: TempDir) -> Self {
        Self {
            address: service.address().unwrap(),
            service: Some(service),
            folder,
        }
    }

    /// The store that the service works on.
    pub(crate) fn store(&self) -> &std::sync::Arc<dyn linkback::store::Store> {
        self.service.as_ref().expect("it runs").store()
    }

    /// Stops the service as an operator would.
    pub(crate) async fn stop(mut self) {
        if let Some(service) = self.service.take() {
            service.stop().await.unwrap();
        }
    }

    /// The same, and gives its database back.
    pub(crate) async fn stop_keeping(mut self) -> TempDir {
        if let Some(service) = self.service.take() {
            service.stop().await.unwrap();
        }
        self.folder
    }

    /// The service's database, as another process would open it.
    pub(crate) fn open_store(&self) -> std::sync::Arc<dyn linkback::store::Store> {
        linkback::store::sqlite::open(&self.folder.path().join("t.sqlite")).unwrap()
    }

    /// The folder of its database, `t.sqlite`.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// `GET` of a path with `Accept: application/json`.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        get(self.address, path, "application/json").await
    }

    /// Asks again for what had this `ETag`.
    pub(crate) async fn get_again(&self, path: &str, etag: &str) -> Answer {
        let address = self.address;
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nIf-None-Match: {etag}\r\nConnection: close\r\n\r\n"
        );
        send(address, request.as_bytes()).await
    }

    /// Sends a webmention.
    pub(crate) async fn webmention(&self, source: &str, target: &str) -> Answer {
        let body = form(&[("source", source), ("target", target)]);
        post(
            self.address,
            "/webmention",
            "application/x-www-form-urlencoded",
            body.as_bytes(),
        )
        .await
    }

    /// Sends an XML-RPC body to the pingback endpoint.
    pub(crate) async fn xmlrpc(&self, body: &[u8]) -> Answer {
        post(self.address, "/pingback", "text/xml", body).await
    }

    /// The mentions of a page, as the API shows them.
    pub(crate) async fn mentions(&self, target: &str) -> Vec<serde_json::Value> {
        let path = format!("/api/v1/mentions?{}", form(&[("target", target)]));
        let answer = self.get(&path).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["mentions"].as_array().unwrap().clone()
    }

    /// Waits until the page has `count` mentions, and returns them.
    pub(crate) async fn await_mentions(
        &self,
        target: &str,
        count: usize,
    ) -> Vec<serde_json::Value> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let mentions = self.mentions(target).await;
            if mentions.len() == count {
                return mentions;
            }
            assert!(Instant::now() < deadline, "has {mentions:#?}");
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits until the status page that `answer` names tells of a verdict, and returns it.
    pub(crate) async fn await_status(&self, answer: &Answer) -> serde_json::Value {
        let location = answer.header("location").expect("a Location");
        let path = &location[location.find("/status/").unwrap()..];
        let deadline = Instant::now() + PATIENCE;
        loop {
            let status = self.get(path).await.json();
            if status["status"] != "pending" {
                return status;
            }
            assert!(Instant::now() < deadline, "still {status:#?}");
            sleep(Duration::from_millis(10)).await;
        }
    }
}

/// What `future` comes to, within our patience; `what` says what is waited for.
pub(crate) async fn in_time<T>(what: &str, future: impl Future<Output = T>) -> T {
    let waited = timeout(PATIENCE, future).await;
    waited.unwrap_or_else(|_| panic!("waited too long: {what}"))
}

/// Flags for a service on a free port that may fetch from loopback addresses.
pub(crate) fn flags(database: PathBuf, sites: &[&str]) -> Flags {
    Flags {
        // Never the file of whoever runs the tests.
        config: None,
        listen: Some("127.0.0.1:0".to_owned()),
        database: Some(database),
        sites: sites.iter().map(|site| (*site).to_owned()).collect(),
        allow_networks: vec!["127.0.0.0/8".to_owned()],
        ..Flags::default()
    }
}

/// An HTTP answer, as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// A header's value; the name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    /// The fault code of an XML-RPC answer, `None` if it is a success.
    pub(crate) fn fault(&self) -> Option<i32> {
        assert_eq!(self.status, 200, "{}", self.text());
        let text = self.text();
        assert!(text.starts_with("<?xml"), "{text}");
        if !text.contains("<fault>") {
            assert!(
                text.contains("<string>") || text.contains("<array>"),
                "{text}"
            );
            return None;
        }
        let code = text.split("<int>").nth(1).unwrap();
        Some(code.split("</int>").next().unwrap().parse().unwrap())
    }
}

/// An `application/x-www-form-urlencoded` text of these fields.
pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

pub(crate) async fn get(address: SocketAddr, path: &str, accept: &str) -> Answer {
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept: {accept}\r\nConnection: close\r\n\r\n"
    );
    send(address, request.as_bytes()).await
}

pub(crate) async fn post(
    address: SocketAddr,
    path: &str,
    content_type: &str,
    body: &[u8],
) -> Answer {
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: {content_type}\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )
    .into_bytes();
    request.extend_from_slice(body);
    send(address, &request).await
}

/// Sends exactly these bytes and reads the answer to the connection's end. A server that answers
/// without reading everything, and hangs up, is no failure.
pub(crate) async fn send(address: SocketAddr, request: &[u8]) -> Answer {
    try_send(address, request).await.expect("an answer")
}

/// As [`send`]; `None` if the connection ends without an answer.
pub(crate) async fn try_send(address: SocketAddr, request: &[u8]) -> Option<Answer> {
    let exchange = async {
        let mut stream = TcpStream::connect(address).await.ok()?;
        let _ = stream.write_all(request).await;
        let mut answer = Vec::new();
        let mut buffer = vec![0; 16 * 1024];
        while !is_complete(&answer) {
            match stream.read(&mut buffer).await {
                Ok(0) | Err(_) => break,
                Ok(n) => answer.extend_from_slice(&buffer[..n]),
            }
        }
        parse(&answer)
    };
    in_time("an answer", exchange).await
}

/// Whether an answer with a `Content-Length` is all there.
fn is_complete(bytes: &[u8]) -> bool {
    parse(bytes).is_some_and(|answer| {
        answer
            .header("content-length")
            .is_some_and(|length| length.parse() == Ok(answer.body.len()))
    })
}

fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|w| w == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let mut body = bytes[end + 4..].to_vec();
    if headers
        .iter()
        .any(|(n, v)| n == "transfer-encoding" && v.contains("chunked"))
    {
        body = dechunk(&body);
    }
    Some(Answer {
        status,
        headers,
        body,
    })
}

fn dechunk(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = bytes.windows(2).position(|w| w == b"\r\n") {
        let size = String::from_utf8_lossy(&bytes[..end]);
        let Ok(size) = usize::from_str_radix(size.trim(), 16) else {
            break;
        };
        let rest = &bytes[end + 2..];
        if size == 0 || rest.len() < size + 2 {
            break;
        }
        body.extend_from_slice(&rest[..size]);
        bytes = &rest[size + 2..];
    }
    body
}
