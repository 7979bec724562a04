//! Hostile fetches: what a stranger's server, or a stranger's name, can do to us. WM §4.2, WM §4.5.
//!
//! “Public” is 127.0.0.1 here, by an explicit policy; every other address is as forbidden as always.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a helper that cannot do its part fails the test"
)]

#[path = "support/stub_site.rs"]
mod stub_site;

use std::collections::HashMap;
use std::io::Write;
use std::net::{IpAddr, TcpListener};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use linkback::fetch::client::{Client, Options, user_agent};
use linkback::fetch::policy::{AddrClass, Limits, MAX_BODY_BYTES, MAX_REDIRECTS, Policy, Refused};
use linkback::fetch::resolve::{Resolver, Unresolved};
use linkback::fetch::{Answer, Fetch, FetchError, Fetched};
use linkback::model::{Clock, Page, SourceUrl, Timestamp};

use stub_site::{Step, StubSite, answer, ips, ok, redirect};

/// Short enough for a test to wait for.
const SOON: Duration = Duration::from_millis(300);

/// Name servers that say what they are told: for each name its answers, one a look-up, the last one
/// for ever. No answers at all: silence.
#[derive(Default)]
struct Names {
    answers: HashMap<&'static str, Vec<Vec<IpAddr>>>,
    lookups: Mutex<Vec<String>>,
}

impl Names {
    fn with(mut self, name: &'static str, answers: &[&[&str]]) -> Self {
        self.answers
            .insert(name, answers.iter().map(|answer| ips(answer)).collect());
        self
    }

    fn lookups(&self, name: &str) -> usize {
        let lookups = self.lookups.lock().unwrap();
        lookups
            .iter()
            .filter(|looked_up| *looked_up == name)
            .count()
    }
}

#[async_trait]
impl Resolver for Names {
    async fn resolve(&self, host: &str) -> Result<Vec<IpAddr>, Unresolved> {
        let nth = self.lookups(host);
        self.lookups.lock().unwrap().push(host.to_owned());
        match self.answers.get(host) {
            None => Err(Unresolved("no such name".to_owned())),
            Some(answers) if answers.is_empty() => std::future::pending().await,
            Some(answers) => Ok(answers[nth.min(answers.len() - 1)].clone()),
        }
    }
}

struct FixedClock;

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(784_111_777_000) // Sun, 06 Nov 1994 08:49:37 GMT
    }
}

fn only_127_0_0_1() -> Policy {
    Policy::allowing(vec!["127.0.0.1/32".parse().unwrap()])
}

fn client(policy: Policy, limits: Limits, names: Names) -> (Client, Arc<Names>) {
    let options = Options {
        policy,
        limits,
        ..Options::default()
    };
    let names = Arc::new(names);
    let resolver: Arc<dyn Resolver> = Arc::<Names>::clone(&names);
    let client = Client::new(options, &resolver, Arc::new(FixedClock)).unwrap();
    (client, names)
}

async fn fetch_with(client: &Client, url: &str) -> Fetched {
    client.fetch(&SourceUrl::parse(url).unwrap()).await
}

async fn fetch(url: &str) -> Fetched {
    let (client, _) = client(only_127_0_0_1(), Limits::default(), Names::default());
    fetch_with(&client, url).await
}

async fn fetch_within(limits: Limits, url: &str) -> Fetched {
    let (client, _) = client(only_127_0_0_1(), limits, Names::default());
    fetch_with(&client, url).await
}

/// Fetches `/` of a site that answers everything with `steps`.
async fn fetch_from(steps: Vec<Step>) -> Fetched {
    let site = StubSite::serve(move |_| steps.clone());
    fetch(&site.url("/")).await
}

#[track_caller]
fn page(fetched: Fetched) -> Page {
    match fetched.answer {
        Ok(Answer::Page(page)) => page,
        Ok(Answer::Gone) | Err(_) => panic!("no page: {fetched:?}"),
    }
}

#[track_caller]
fn error(fetched: Fetched) -> FetchError {
    match fetched.answer {
        Err(error) => error,
        Ok(_) => panic!("no error: {fetched:?}"),
    }
}

#[track_caller]
fn assert_bad_response(fetched: Fetched) {
    let error = error(fetched);
    assert!(matches!(error, FetchError::BadResponse(_)), "{error:?}");
    assert!(error.is_transient());
}

#[track_caller]
fn assert_redirect(fetched: Fetched, why: &str) {
    assert_eq!(error(fetched), FetchError::Redirect(why.to_owned()));
}

/// The name of the reason of a refusal.
fn reason(error: &FetchError) -> String {
    match error {
        FetchError::Refused(Refused::NotPublic { class, .. }) => format!("{class:?}"),
        FetchError::Refused(Refused::Port(port)) => format!("port {port}"),
        FetchError::Refused(Refused::Name(_)) => "name".to_owned(),
        FetchError::Refused(Refused::Scheme(scheme)) => format!("scheme {scheme}"),
        FetchError::Refused(Refused::Userinfo) => "userinfo".to_owned(),
        other => format!("not refused: {other}"),
    }
}

#[tokio::test]
async fn redirect_inward_is_refused_in_every_spelling_and_nobody_is_called() {
    // `/n` redirects to the nth of these; raw, for a URL parser would mend the spelling.
    let locations: Arc<OnceLock<Vec<String>>> = Arc::default();
    let served = Arc::clone(&locations);
    let statuses = [301, 302, 303, 307, 308];
    let (site, trap) = StubSite::with_trap(move |path| {
        let n: usize = path[1..].parse().unwrap();
        redirect(statuses[n % statuses.len()], &served.get().unwrap()[n])
    });
    let port = site.address().port();
    let names = || {
        Names::default()
            .with("localhost", &[&["127.0.0.2", "::1"]])
            .with("inward.example", &[&["10.0.0.1"]])
            .with("trap.example", &[&["127.0.0.2"]])
            .with("mapped.example", &[&["::ffff:127.0.0.2"]])
            .with("nat64.example", &[&["64:ff9b::7f00:2"]])
            .with("metadata.internal", &[&["169.254.169.254"]])
            .with("outward.example", &[&["8.8.8.8"]])
    };
    let cases = [
        (format!("http://127.0.0.2:{port}/"), "Loopback"),
        (format!("//127.0.0.2:{port}/"), "Loopback"),
        (format!("http://127.2:{port}/"), "Loopback"),
        (format!("http://2130706434:{port}/"), "Loopback"),
        (format!("http://0x7f.2:{port}/"), "Loopback"),
        (format!("http://0177.0.0.2:{port}/"), "Loopback"),
        (format!("http://127.0.0.2.:{port}/"), "Loopback"),
        (format!("https://127.0.0.2:{port}/"), "Loopback"),
        (format!("HTTP://127.0.0.2:{port}/"), "Loopback"),
        (format!("http:\\\\127.0.0.2:{port}\\"), "Loopback"),
        (format!("http://[::1]:{port}/"), "Loopback"),
        (format!("http://[::ffff:127.0.0.2]:{port}/"), "Loopback"),
        (format!("http://[::127.0.0.2]:{port}/"), "V4Compatible"),
        (format!("http://[64:ff9b::7f00:2]:{port}/"), "Loopback"),
        (format!("http://[2002:7f00:2::]:{port}/"), "SixToFour"),
        (format!("http://0:{port}/"), "ThisNetwork"),
        ("http://169.254.169.254/latest".into(), "LinkLocal"),
        ("http://10.0.0.1/".into(), "Private"),
        (format!("http://localhost:{port}/"), "Loopback"),
        (format!("http://trap.example:{port}/"), "Loopback"),
        (format!("http://mapped.example:{port}/"), "Loopback"),
        (format!("http://nat64.example:{port}/"), "Loopback"),
        ("http://inward.example/".into(), "Private"),
        ("https://inward.example/".into(), "Private"),
        ("http://metadata.internal/".into(), "LinkLocal"),
        ("http://hidden.onion/".into(), "name"),
        ("http://8.8.8.8:22/".into(), "port 22"),
        ("http://outward.example:22/".into(), "port 22"),
        (format!("http://u:p@127.0.0.1:{port}/"), "userinfo"),
        (format!("ftp://127.0.0.2:{port}/"), "scheme ftp"),
        (format!("gopher://127.0.0.2:{port}/_x"), "scheme gopher"),
        ("file:///etc/passwd".into(), "scheme file"),
        ("data:text/html,x".into(), "scheme data"),
        ("javascript:alert(1)".into(), "scheme javascript"),
    ];
    locations
        .set(cases.iter().map(|(location, _)| location.clone()).collect())
        .unwrap();
    for (n, (location, want)) in cases.into_iter().enumerate() {
        let (client, _) = client(only_127_0_0_1(), Limits::default(), names());
        let status = statuses[n % statuses.len()];
        let fetched = fetch_with(&client, &site.url(&format!("/{n}"))).await;
        assert_eq!(fetched.hops.len(), 2, "{location}: {fetched:?}");
        assert_eq!(fetched.hops[0].status, Some(status), "{location}");
        assert_eq!(fetched.hops[0].address, Some(site.address()), "{location}");
        assert_eq!(fetched.hops[1].address, None, "{location}");
        let error = error(fetched);
        assert_eq!(reason(&error), want, "{location}");
    }
    assert_eq!(trap.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn the_strict_policy_refuses_the_loopback_before_anything_is_sent() {
    let site = StubSite::serve(|_| ok("text/html", b"x"));
    let names = Names::default().with("inward.example", &[&["127.0.0.1", "::1"]]);
    let (client, names) = client(Policy::default(), Limits::default(), names);
    for (url, want) in [
        (site.url("/"), "Loopback".to_owned()),
        (site.url_as("localhost", "/"), "name".to_owned()),
        (
            site.url_as("inward.example", "/"),
            format!("port {}", site.address().port()),
        ),
        ("http://inward.example/".to_owned(), "Loopback".to_owned()),
        ("https://inward.example/".to_owned(), "Loopback".to_owned()),
    ] {
        assert_eq!(
            reason(&error(fetch_with(&client, &url).await)),
            want,
            "{url}"
        );
    }
    assert_eq!(names.lookups("localhost"), 0);
    assert_eq!(site.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn a_name_that_changes_between_hops_is_looked_up_and_judged_again() {
    let (site, trap) = StubSite::with_trap(|path| match path {
        "/" => redirect(302, "/again"),
        _ => ok("text/html", b"x"),
    });
    let names = Names::default().with("flip.example", &[&["127.0.0.1"], &["127.0.0.2"]]);
    let (client, names) = client(only_127_0_0_1(), Limits::default(), names);
    let fetched = fetch_with(&client, &site.url_as("flip.example", "/")).await;
    assert_eq!(fetched.hops[0].address, Some(site.address()));
    assert_eq!(fetched.hops[1].address, None);
    assert_eq!(
        error(fetched),
        FetchError::Refused(Refused::NotPublic {
            address: trap.address().ip(),
            class: AddrClass::Loopback
        })
    );
    assert_eq!(names.lookups("flip.example"), 2);
    assert_eq!(trap.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn the_address_that_was_judged_is_the_one_that_is_dialled() {
    let (site, trap) = StubSite::with_trap(|_| ok("text/html", b"x"));
    let names = Names::default().with("flip.example", &[&["127.0.0.1"], &["127.0.0.2"]]);
    let (client, names) = client(only_127_0_0_1(), Limits::default(), names);
    let fetched = fetch_with(&client, &site.url_as("flip.example", "/")).await;
    assert_eq!(fetched.hops[0].address, Some(site.address()));
    page(fetched);
    assert_eq!(names.lookups("flip.example"), 1);
    assert_eq!(trap.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn forbidden_addresses_of_a_name_are_passed_over() {
    let (site, trap) = StubSite::with_trap(|_| ok("text/html", b"x"));
    let names = Names::default().with("both.example", &[&["127.0.0.2", "::1", "127.0.0.1"]]);
    let (client, _) = client(only_127_0_0_1(), Limits::default(), names);
    let fetched = fetch_with(&client, &site.url_as("both.example", "/")).await;
    assert_eq!(fetched.hops[0].address, Some(site.address()));
    page(fetched);
    assert_eq!(trap.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn a_name_without_addresses_does_not_resolve() {
    let names = Names::default().with("empty.example", &[&[]]);
    let (client, _) = client(only_127_0_0_1(), Limits::default(), names);
    for (url, want) in [
        ("http://nowhere.example/", "no such name"),
        ("https://nowhere.example/", "no such name"),
        ("http://empty.example/", "no address"),
    ] {
        let error = error(fetch_with(&client, url).await);
        assert_eq!(error, FetchError::Dns(want.to_owned()), "{url}");
        assert!(error.is_transient());
    }
}

#[tokio::test]
async fn a_request_says_who_asks_and_nothing_that_others_told_us() {
    let site = StubSite::serve(|path| match path {
        "/" => answer(
            "302 Found",
            "Location: /b\r\nSet-Cookie: tracked=1\r\nWWW-Authenticate: Basic realm=x\r\n",
            b"",
        ),
        _ => ok("text/html", b"x"),
    });
    page(fetch(&site.url("/")).await);
    let requests = site.requests();
    assert_eq!(requests.len(), 2);
    for request in requests {
        let request = request.to_ascii_lowercase();
        let agent = format!("user-agent: {}\r\n", user_agent(None)).to_ascii_lowercase();
        assert!(request.contains(&agent), "{request}");
        assert!(agent.contains("webmention"));
        assert!(request.contains("accept: text/html, "), "{request}");
        for absent in ["cookie:", "referer:", "authorization:", "origin:"] {
            assert!(!request.contains(absent), "{request}");
        }
    }
}

/// Not a test: the part of the next one that runs with a proxy in its environment.
#[tokio::test]
#[ignore = "run by a_proxy_in_the_environment_is_ignored"]
async fn fetch_under_a_proxy() {
    let url = std::env::var("LINKBACK_TEST_URL").unwrap();
    assert_eq!(page(fetch(&url).await).body, b"direct");
}

#[test]
fn a_proxy_in_the_environment_is_ignored() {
    let site = StubSite::serve(|_| ok("text/html", b"direct"));
    let proxy = StubSite::serve(|_| ok("text/html", b"by proxy"));
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "fetch_under_a_proxy", "--ignored"]);
    for name in [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "all_proxy",
    ] {
        child.env(name, proxy.url(""));
    }
    child.env_remove("NO_PROXY").env_remove("no_proxy");
    let output = child
        .env("LINKBACK_TEST_URL", site.url("/"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(site.requests().len(), 1);
    assert_eq!(proxy.requests(), Vec::<String>::new());
}

/// A site whose `/n` is `n` redirects away from a page.
fn stairs() -> StubSite {
    StubSite::serve(|path| match path[1..].parse::<usize>().unwrap() {
        0 => ok("text/html", b"at last"),
        n => redirect(301, &format!("/{}", n - 1)),
    })
}

#[tokio::test]
async fn twenty_redirects_are_followed() {
    let site = stairs();
    let fetched = fetch(&site.url(&format!("/{MAX_REDIRECTS}"))).await;
    assert_eq!(MAX_REDIRECTS, 20);
    assert_eq!(fetched.hops.len(), 21);
    let page = page(fetched);
    assert_eq!(page.url.path(), "/0");
    assert_eq!(page.body, b"at last");
}

#[tokio::test]
async fn the_twenty_first_redirect_is_not_followed() {
    let site = stairs();
    let fetched = fetch(&site.url("/21")).await;
    assert_eq!(fetched.hops.len(), 21);
    assert_redirect(fetched, "more than 20");
    assert_eq!(site.requests().len(), 21);
}

#[tokio::test]
async fn redirects_in_a_circle_end_at_once() {
    let site = StubSite::serve(|path| match path {
        "/a" => redirect(302, "/b"),
        "/b" => redirect(302, "/a#again"),
        _ => redirect(302, "#self"),
    });
    assert_redirect(fetch(&site.url("/a")).await, "in a circle");
    assert_redirect(fetch(&site.url("/self")).await, "in a circle");
    assert_eq!(site.requests().len(), 3);
}

#[tokio::test]
async fn a_redirect_that_leads_nowhere_is_an_error() {
    for (status, headers, why) in [
        ("302 Found", "", "without a Location"),
        ("302 Found", "Location: \r\n", "without a Location"),
        (
            "301 Moved",
            "Location: /a\r\nLocation: /b\r\n",
            "to several places",
        ),
        (
            "302 Found",
            "Location: http://[::1/\r\n",
            "to what is no URL: invalid IPv6 address",
        ),
        (
            "302 Found",
            "Location: http://\r\n",
            "to what is no URL: empty host",
        ),
        (
            "302 Found",
            "Location: http://x:99999/\r\n",
            "to what is no URL: invalid port number",
        ),
        ("300 Choices", "Location: /a\r\n", "300 leads nowhere"),
        ("304 Not Modified", "", "304 leads nowhere"),
        ("305 Use Proxy", "Location: /a\r\n", "305 leads nowhere"),
    ] {
        let site = StubSite::serve(move |_| answer(status, headers, b""));
        assert_redirect(fetch(&site.url("/")).await, why);
    }
    let long = redirect(302, &"a".repeat(5000));
    assert_redirect(fetch_from(long).await, "to a URL that is too long");
    let mut latin1 = b"HTTP/1.1 302 Found\r\nLocation: /caf".to_vec();
    latin1.extend_from_slice(b"\xe9\r\n\r\n");
    assert_redirect(
        fetch_from(vec![Step::Send(latin1)]).await,
        "to what is not UTF-8",
    );
}

#[tokio::test]
async fn a_relative_redirect_starts_from_the_current_page_and_keeps_the_fragment() {
    let site = StubSite::serve(|path| match path {
        "/blog/a?x" => redirect(302, "b"),
        "/blog/b" => redirect(307, "?y"),
        "/blog/b?y" => ok("text/html", b"x"),
        _ => answer("500 No", "", b""),
    });
    let page = page(fetch(&site.url("/blog/a?x#c5")).await);
    assert_eq!(page.url.as_str(), site.url("/blog/b?y#c5"));
    assert!(site.requests().iter().all(|request| !request.contains('#')));
}

#[tokio::test]
async fn a_page_comes_with_its_type_and_the_way_to_it() {
    let site = StubSite::serve(|_| ok("text/html; charset=utf-8", b"<p>hello"));
    let fetched = fetch(&site.url("/a")).await;
    assert_eq!(fetched.hops.len(), 1);
    assert_eq!(fetched.hops[0].status, Some(200));
    let page = page(fetched);
    assert_eq!(page.url.as_str(), site.url("/a"));
    assert_eq!(page.status, 200);
    assert_eq!(
        page.content_type.as_deref(),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(page.body, b"<p>hello");
    assert!(!page.truncated);
}

#[tokio::test]
async fn a_status_that_is_no_success_is_no_page() {
    let status = |status, seconds: Option<u64>| FetchError::Status {
        status,
        retry_after: seconds.map(Duration::from_secs),
    };
    for (line, headers, want) in [
        ("404 Not Found", "", FetchError::NotFound),
        ("401 Unauthorized", "", status(401, None)),
        ("403 Forbidden", "", status(403, None)),
        ("500 Oops", "", status(500, None)),
        (
            "429 Slow Down",
            "Retry-After: 90\r\n",
            status(429, Some(90)),
        ),
        (
            "503 Busy",
            "Retry-After: Sun, 06 Nov 1994 08:50:37 GMT\r\n",
            status(503, Some(60)),
        ),
        ("503 Busy", "Retry-After: tomorrow\r\n", status(503, None)),
    ] {
        let fetched = fetch_from(answer(line, headers, b"<a href=x>")).await;
        let error = error(fetched);
        assert!(error.is_transient());
        assert_eq!(error, want);
    }
}

#[tokio::test]
async fn gone_is_an_answer() {
    let fetched = fetch_from(answer("410 Gone", "", b"")).await;
    assert!(matches!(fetched.answer, Ok(Answer::Gone)), "{fetched:?}");
}

#[tokio::test]
async fn a_body_that_cannot_hold_links_is_not_read() {
    for content_type in [
        "image/png",
        "Video/MP4; codecs=x",
        "application/octet-stream",
    ] {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\n\r\n");
        let flood = vec![Step::Send(head.into_bytes()), Step::Flood(vec![0; 65536])];
        let page = page(fetch_from(flood).await);
        assert_eq!(page.content_type.as_deref(), Some(content_type));
        assert_eq!(page.body, b"");
        assert!(
            page.truncated,
            "an unread body is no proof that there is no link"
        );
    }
}

#[tokio::test]
async fn a_part_of_a_page_does_not_pass_for_the_whole() {
    let page = page(fetch_from(answer("206 Partial Content", "", b"<p>")).await);
    assert!(page.truncated);
}

#[tokio::test]
async fn an_endless_body_is_cut_at_the_cap() {
    let chunk = {
        let mut chunk = b"10000\r\n".to_vec();
        chunk.extend_from_slice(&vec![b'x'; 0x10000]);
        chunk.extend_from_slice(b"\r\n");
        chunk
    };
    let head = |headers: &str| Step::Send(format!("HTTP/1.1 200 OK\r\n{headers}\r\n").into_bytes());
    for steps in [
        vec![head(""), Step::Flood(vec![b'x'; 65536])],
        vec![head("Transfer-Encoding: chunked\r\n"), Step::Flood(chunk)],
        vec![
            head("Content-Length: 9999999999999\r\n"),
            Step::Flood(vec![b'x'; 65536]),
        ],
    ] {
        let page = page(fetch_from(steps).await);
        assert_eq!(page.body.len(), MAX_BODY_BYTES);
        assert!(page.truncated);
    }
}

#[tokio::test]
async fn a_body_of_just_the_cap_is_whole() {
    let limits = || Limits {
        max_body_bytes: 100_000,
        ..Limits::default()
    };
    let site = StubSite::serve(|path| ok("text/html", &vec![b'x'; path[1..].parse().unwrap()]));
    let whole = page(fetch_within(limits(), &site.url("/100000")).await);
    assert_eq!((whole.body.len(), whole.truncated), (100_000, false));
    let cut = page(fetch_within(limits(), &site.url("/100001")).await);
    assert_eq!((cut.body.len(), cut.truncated), (100_000, true));
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = brotli::CompressorWriter::new(&mut out, 65536, 2, 22);
    encoder.write_all(bytes).unwrap();
    drop(encoder);
    out
}

fn encoded(encoding: &str, body: &[u8]) -> Vec<Step> {
    let headers = format!("Content-Type: text/html\r\nContent-Encoding: {encoding}\r\n");
    answer("200 OK", &headers, body)
}

#[tokio::test]
async fn compressed_pages_are_read() {
    for (encoding, body) in [
        ("gzip", gzip(b"<p>hello")),
        ("br", brotli(b"<p>hello")),
        ("identity", b"<p>hello".to_vec()),
    ] {
        let page = page(fetch_from(encoded(encoding, &body)).await);
        assert_eq!(page.body, b"<p>hello", "{encoding}");
        assert!(!page.truncated);
    }
}

#[tokio::test]
async fn a_bomb_is_cut_at_the_cap_after_decompression() {
    let zeros = vec![0; 16 * MAX_BODY_BYTES];
    for (encoding, bomb) in [("gzip", gzip(&zeros)), ("br", brotli(&zeros))] {
        assert!(
            bomb.len() < MAX_BODY_BYTES / 8,
            "{encoding}: {}",
            bomb.len()
        );
        let page = page(fetch_from(encoded(encoding, &bomb)).await);
        assert_eq!(page.body.len(), MAX_BODY_BYTES, "{encoding}");
        assert!(page.truncated);
    }
}

#[tokio::test]
async fn an_encoding_that_we_do_not_read_is_a_bad_response() {
    let once = gzip(b"<p>hello");
    for (encoding, body) in [
        ("gzip, gzip", gzip(&once)),
        ("br, gzip", gzip(&brotli(b"<p>hello"))),
        ("gzip\r\nContent-Encoding: gzip", gzip(&once)),
        ("identity", once.clone()), // compressed without a word
        ("zstd", b"x".to_vec()),
        ("deflate", b"x".to_vec()),
        ("aes128gcm", b"x".to_vec()),
    ] {
        assert_bad_response(fetch_from(encoded(encoding, &body)).await);
    }
}

#[tokio::test]
async fn a_broken_compressed_body_is_a_bad_response() {
    let whole = gzip(
        &(0..20_000_u32)
            .flat_map(u32::to_le_bytes)
            .collect::<Vec<_>>(),
    );
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0xff;
    for body in [
        &whole[..whole.len() / 2],
        &flipped,
        b"<p>not gzip at all".as_slice(),
    ] {
        assert_bad_response(fetch_from(encoded("gzip", body)).await);
    }
}

#[tokio::test]
async fn endless_headers_are_a_bad_response() {
    let head = || Step::Send(b"HTTP/1.1 200 OK\r\n".to_vec());
    assert_bad_response(fetch_from(vec![head(), Step::Flood(b"X-A: b\r\n".to_vec())]).await);
    assert_bad_response(fetch_from(vec![head(), Step::Flood(vec![b'a'; 4096])]).await);
    let many = "X-A: b\r\n".repeat(101);
    assert_bad_response(fetch_from(answer("200 OK", &many, b"x")).await);
    let large = format!("X-A: {}\r\n", "b".repeat(4096)).repeat(20);
    assert_eq!(
        error(fetch_from(answer("200 OK", &large, b"x")).await),
        FetchError::BadResponse("header too large".to_owned())
    );
}

#[tokio::test]
async fn what_is_not_http_is_a_bad_response() {
    for bytes in [
        "",
        "<p>HTTP/0.9",
        "SSH-2.0-OpenSSH_9.9\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n",
        "HTTP/1.1 200 OK\r\nContent-Le",
    ] {
        let fetched = fetch_from(vec![Step::Send(bytes.into())]).await;
        assert!(
            matches!(fetched.answer, Err(FetchError::BadResponse(_))),
            "{bytes:?}: {fetched:?}"
        );
    }
}

#[tokio::test]
async fn a_body_ends_where_its_length_says() {
    let bytes = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole, and then some";
    assert_eq!(
        page(fetch_from(vec![Step::Send(bytes.into())]).await).body,
        b"whole"
    );
}

#[tokio::test]
async fn a_connection_that_breaks_is_an_error_in_every_phase() {
    for before in [
        "",
        "HTTP/1.1 200 OK\r\nContent-",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    ] {
        assert_bad_response(fetch_from(vec![Step::Send(before.into()), Step::Reset]).await);
    }
}

#[tokio::test]
async fn nobody_at_the_port_is_no_connection() {
    let address = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    for scheme in ["http", "https"] {
        let fetched = fetch(&format!("{scheme}://{address}/")).await;
        assert_eq!(fetched.hops[0].address, None);
        let error = error(fetched);
        assert!(matches!(error, FetchError::Connect(_)), "{error:?}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls_gives_no_session() {
    for steps in [
        vec![Step::Send(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())],
        vec![],
        vec![Step::Reset],
    ] {
        let site = StubSite::serve(move |_| steps.clone());
        let error = error(fetch(&format!("https://{}/", site.address())).await);
        assert!(matches!(error, FetchError::Tls(_)), "{error:?}");
    }
}

#[tokio::test]
async fn a_silent_server_is_given_up() {
    let limits = || Limits {
        read_timeout: SOON,
        ..Limits::default()
    };
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf".to_vec();
    for (steps, phase) in [
        (vec![Step::Hang], "waiting for the answer"),
        (
            vec![Step::Send(b"HTTP/1.1 ".to_vec()), Step::Hang],
            "waiting for the answer",
        ),
        (vec![Step::Send(half), Step::Hang], "reading the body"),
    ] {
        let site = StubSite::serve(move |_| steps.clone());
        let fetched = fetch_within(limits(), &site.url("/")).await;
        assert_eq!(error(fetched), FetchError::Timeout(phase));
    }
}

#[tokio::test]
async fn silent_name_servers_and_handshakes_are_given_up() {
    let site = StubSite::serve(|_| vec![Step::Hang]);
    let limits = Limits {
        connect_timeout: SOON,
        ..Limits::default()
    };
    let names = Names::default().with("silent.example", &[]);
    let (client, _) = client(only_127_0_0_1(), limits, names);
    for url in [
        "http://silent.example/".to_owned(),
        format!("https://{}/", site.address()),
    ] {
        let fetched = fetch_with(&client, &url).await;
        assert_eq!(error(fetched), FetchError::Timeout("connecting"), "{url}");
    }
}

#[tokio::test]
async fn a_server_that_drips_is_cut_by_the_total_deadline() {
    let limits = || Limits {
        total_timeout: SOON,
        ..Limits::default()
    };
    let drip = |bytes: &[u8]| Step::Drip(bytes.to_vec(), SOON / 10);
    let head = |headers: &str| Step::Send(format!("HTTP/1.1 200 OK\r\n{headers}").into_bytes());
    for steps in [
        vec![head("X-A: "), drip(b"b")],
        vec![head(""), drip(b"X-A: b\r\n")],
        vec![head("\r\n"), drip(b"x")],
        // Bytes that go on for ever and decompress to nothing: empty deflate blocks.
        vec![
            head("Content-Encoding: gzip\r\n\r\n"),
            Step::Send(b"\x1f\x8b\x08\0\0\0\0\0\0\x03".to_vec()),
            drip(b"\0\0\0\xff\xff"),
        ],
        vec![drip(b"HTTP/1.1 100 Continue\r\n\r\n")],
    ] {
        let site = StubSite::serve(move |_| steps.clone());
        let fetched = fetch_within(limits(), &site.url("/")).await;
        assert_eq!(error(fetched), FetchError::Timeout("the whole fetch"));
    }
}

#[tokio::test]
async fn the_total_deadline_is_over_all_hops_and_the_way_so_far_is_kept() {
    let site = StubSite::serve(|path| match path {
        "/" => redirect(302, "/slow"),
        _ => vec![Step::Hang],
    });
    let limits = Limits {
        total_timeout: 2 * SOON,
        ..Limits::default()
    };
    let fetched = fetch_within(limits, &site.url("/")).await;
    assert_eq!(fetched.hops.len(), 2);
    assert_eq!(fetched.hops[1].url.path(), "/slow");
    assert_eq!(error(fetched), FetchError::Timeout("the whole fetch"));
}
