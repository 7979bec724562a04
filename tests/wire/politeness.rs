//! What a flood of submissions costs the hosts that it names, and those that it does not. Each test
//! prints its figures (`cargo test --test wire politeness -- --nocapture`).
#![expect(
    clippy::print_stdout,
    reason = "the figures are what these tests are for"
)]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::{HttpResponse, web};
use linkback::model::{SourceUrl, State, Status, TargetUrl};
use linkback::worker::Options;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Barrier;
use tokio::time::{Instant, sleep};

use crate::support::app_site::AppSite;
use crate::support::source_site::{SourcePage, SourceSite};
use crate::support::{PATIENCE, TestService, form, in_time};

const BLOG: &str = "https://blog.example";

/// A flood.
const MANY: usize = 10_000;
const CONNECTIONS: usize = 50;

/// Sends webmentions over a few connections, as fast as they are taken; each must be acknowledged.
async fn send_all(address: SocketAddr, pairs: &[(String, String)]) {
    let connections = pairs
        .chunks(pairs.len().div_ceil(CONNECTIONS))
        .map(|some| async move {
            let (mut from, mut to) = TcpStream::connect(address).await.unwrap().into_split();
            let requests: Vec<String> = some
                .iter()
                .map(|(source, target)| {
                    let body = form(&[("source", source), ("target", target)]);
                    let length = body.len();
                    format!(
                        "POST /webmention HTTP/1.1\r\nHost: {address}\r\n\
                     Content-Type: application/x-www-form-urlencoded\r\n\
                     Content-Length: {length}\r\n\r\n{body}"
                    )
                })
                .collect();
            let requests = requests.concat();
            let send = async { to.write_all(requests.as_bytes()).await.unwrap() };
            let read = async {
                let (mut text, mut buffer) = (String::new(), vec![0; 64 * 1024]);
                while text.matches("HTTP/1.1 201").count() < some.len() {
                    let count = from.read(&mut buffer).await.unwrap();
                    assert!(count > 0, "the service hung up");
                    text += &String::from_utf8_lossy(&buffer[..count]);
                }
            };
            tokio::join!(send, read);
        });
    futures_util::future::join_all(connections).await;
}

async fn status(service: &TestService, (source, target): &(String, String)) -> Status {
    let source = SourceUrl::parse(source).unwrap();
    let target = TargetUrl::parse(target).unwrap();
    let status = service.store().status_of(&source, &target).await.unwrap();
    status.expect("acknowledged and not stored")
}

/// Waits until `settled` holds for each of the pairs.
async fn await_all(
    service: &TestService,
    pairs: &[(String, String)],
    settled: impl Fn(&Status) -> bool,
) {
    let deadline = Instant::now() + PATIENCE * 3;
    for pair in pairs {
        while !settled(&status(service, pair).await) {
            assert!(Instant::now() < deadline, "{pair:?} is not settled");
            sleep(Duration::from_millis(20)).await;
        }
    }
}

/// A service with the default limits on what is fetched, in all but the pause between two fetches,
/// which makes a budget no larger.
async fn service() -> (TestService, u32) {
    let manners = linkback::worker::Manners {
        interval: Duration::ZERO,
        ..Options::default().manners
    };
    let change = |config: &mut linkback::config::Config| config.worker.manners = manners;
    let service = TestService::start_with(&[BLOG], change).await;
    (service, manners.page_per_hour)
}

#[actix_web::test]
async fn ten_thousand_submissions_of_one_source_are_a_few_fetches() {
    let (service, budget) = service().await;
    let site = SourceSite::start();
    let source = site.put("/post", SourcePage::linking_to("https://blog.example/0"));
    let pairs: Vec<_> = (0..MANY)
        .map(|n| (source.clone(), format!("{BLOG}/{n}")))
        .collect();
    send_all(service.address, &pairs).await;
    await_all(&service, &pairs, |status| status.state != State::Pending).await;
    let fetches = site.requests();
    println!("{MANY} submissions of one source: {fetches} fetches (budget {budget} an hour)");
    assert!(fetches <= budget as usize);
    let linked = status(&service, &pairs[0]).await.state;
    assert!(matches!(linked, State::Accepted { .. }), "{linked:?}");
    let unlinked = status(&service, &pairs[MANY - 1]).await.state;
    assert!(matches!(unlinked, State::Rejected { .. }), "{unlinked:?}");
    service.stop().await;
}

#[actix_web::test]
async fn ten_thousand_queries_of_one_page_are_no_more_fetches_than_its_allowance() {
    let (service, budget) = service().await;
    let site = SourceSite::start();
    let pairs: Vec<_> = (0..MANY)
        .map(|n| (format!("{}/post?n={n}", site.url), format!("{BLOG}/a")))
        .collect();
    send_all(service.address, &pairs).await;
    // Each has been looked at, or has its place in time: nothing is due that could be fetched now.
    let now = linkback::model::Clock::now(&linkback::model::SystemClock);
    let later = now.plus(Duration::from_secs(60));
    await_all(&service, &pairs, |status| {
        status.state != State::Pending || status.next_check_at > Some(later)
    })
    .await;
    let fetches = site.requests();
    println!(
        "{MANY} submissions of one page with as many queries: {fetches} fetches (budget {budget} an hour)"
    );
    assert!(fetches > 0 && fetches <= budget as usize);
    service.stop().await;
}

/// Sources on addresses of their own that answer only when so many are asked at the same time.
struct InStep {
    site: AppSite,
    rounds: Arc<AtomicUsize>,
}

impl InStep {
    fn start(width: usize) -> Self {
        let (barrier, rounds) = (Arc::new(Barrier::new(width)), Arc::<AtomicUsize>::default());
        let shared = web::Data::new((barrier, Arc::clone(&rounds)));
        let site = AppSite::start(Ipv4Addr::UNSPECIFIED, move |routes| {
            routes.app_data(shared.clone()).default_service(web::to(
                async |shared: web::Data<(Arc<Barrier>, Arc<AtomicUsize>)>| {
                    if shared.0.wait().await.is_leader() {
                        shared.1.fetch_add(1, Ordering::SeqCst);
                    }
                    HttpResponse::Ok()
                        .content_type("text/html")
                        .body("<a href='https://blog.example/a'>this</a>")
                },
            ));
        });
        Self { site, rounds }
    }

    /// A source on the `n`-th address.
    fn source(&self, n: usize) -> String {
        format!("http://127.0.1.{}:{}/post", n + 1, self.site.address.port())
    }
}

/// Verifies sources of 48 hosts, and says in how many rounds; each round is as long as a source takes
/// to answer. If `width` of them are never asked at the same time, this never ends.
async fn rounds(width: usize, hostile: Option<SocketAddr>) -> usize {
    let service = TestService::start_with(&[BLOG], |config| {
        config.worker = Options {
            concurrency: 8,
            drain: Duration::ZERO,
            ..Options::default()
        };
    })
    .await;
    let target = format!("{BLOG}/a");
    if let Some(hostile) = hostile {
        let flood: Vec<_> = (0..1000)
            .map(|n| (format!("http://{hostile}/{n}"), target.clone()))
            .collect();
        send_all(service.address, &flood).await;
    }
    let sources = InStep::start(width);
    let pairs: Vec<_> = (0..48)
        .map(|n| (sources.source(n), target.clone()))
        .collect();
    send_all(service.address, &pairs).await;
    in_time("all are verified", async {
        for pair in &pairs {
            while !matches!(status(&service, pair).await.state, State::Accepted { .. }) {
                sleep(Duration::from_millis(20)).await;
            }
        }
    })
    .await;
    service.stop().await;
    sources.rounds.load(Ordering::SeqCst)
}

#[actix_web::test]
async fn a_host_that_never_answers_leaves_the_others_most_of_their_speed() {
    // It takes connections, and says nothing.
    let hostile = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = hostile.local_addr().unwrap();
    let alone = rounds(8, None).await;
    let beside = rounds(6, Some(address)).await;
    println!(
        "48 other hosts: {alone} rounds of 8 at once; {beside} rounds of 6 beside a host that holds its connections"
    );
    assert!(beside <= 2 * alone, "{alone} and {beside}");
}
