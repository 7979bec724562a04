//! Every server of the table of harm, as many at a time as a worker would fetch from.

use std::fs;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use linkback::fetch::client::{Client, Options};
use linkback::fetch::limits::{Limits, MAX_BODY_BYTES};
use linkback::fetch::policy::Policy;
use linkback::fetch::resolve::Resolver;
use linkback::fetch::roots;
use tokio::sync::Semaphore;

use crate::hostile::{Connections, HERE, THERE, Trap, leads_to, root_pem, table, unleash};
use crate::stub_site::{StubSite, ok, redirect};
use crate::support::{FixedClock, Names, came_of, fetch, fetch_with};

/// Fetches at the same time: as many as `worker.concurrency` allows if nothing is configured.
pub(crate) const CONCURRENCY: usize = 32;

/// A client that trusts the authority in a file, and waits as short as a test may, and as long as a busy
/// machine must.
pub(crate) fn impatient(roots: &Path, max_body_bytes: usize) -> Client {
    let options = Options {
        policy: Policy::allowing(vec![
            format!("{HERE}/32").parse().unwrap(),
            format!("{THERE}/32").parse().unwrap(),
        ]),
        limits: Limits {
            connect_timeout: Duration::from_secs(2),
            read_timeout: Duration::from_millis(2500),
            total_timeout: Duration::from_secs(4),
            max_body_bytes,
            ..Limits::default()
        },
        extra_roots: roots::read(roots).unwrap(),
        ..Options::default()
    };
    let resolver: Arc<dyn Resolver> = Arc::new(Names::default());
    Client::new(options, &resolver, Arc::new(FixedClock)).unwrap()
}

/// The same, with the authority of the tests.
fn trusting() -> Client {
    let folder = tempfile::tempdir().unwrap();
    let roots = folder.path().join("ca.pem");
    fs::write(&roots, root_pem()).unwrap();
    impatient(&roots, MAX_BODY_BYTES)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_a_server_does_is_more_than_a_failed_fetch() {
    let trap = Trap::set();
    let open = Arc::<Connections>::default();
    let harms = unleash(table(), &trap, &open);
    assert!(harms.len() >= 100, "{} kinds of harm", harms.len());
    let client = Arc::new(trusting());
    let room = Arc::new(Semaphore::new(CONCURRENCY));
    let fetches: Vec<_> = harms
        .into_iter()
        .map(|harm| {
            let (client, room, url) = (Arc::clone(&client), Arc::clone(&room), harm.url.clone());
            let fetch = tokio::spawn(async move {
                let _place = room.acquire().await.unwrap();
                came_of(fetch_with(&client, &url).await)
            });
            (harm, fetch)
        })
        .collect();
    let mut wrong = Vec::new();
    for (harm, fetch) in fetches {
        let mut came = fetch.await.unwrap();
        if !came.starts_with(harm.want) {
            // On a busy machine a deadline may come before the reason does: once more, without the crowd.
            came = came_of(fetch_with(&client, &harm.url).await);
        }
        let (name, want) = (harm.name, harm.want);
        if !came.starts_with(want) {
            wrong.push(format!("{name}: {came}\n    but should be: {want}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(trap.calls(), 0);
    // A connection that may be used again ends with the client, and every other one by itself.
    drop(client);
    assert_eq!(open.left_after(Duration::from_secs(10)), 0);
}

#[tokio::test]
async fn redirects_lead_from_http_to_https_and_back_and_each_step_is_told() {
    let secure: Arc<OnceLock<String>> = Arc::default();
    let there = Arc::clone(&secure);
    let site = StubSite::serve(move |path| match path {
        "/" => redirect(301, there.get().unwrap()),
        _ => ok("text/html", b"hello"),
    });
    let harm = unleash(
        vec![leads_to(site.url("/end"))],
        &Trap::set(),
        &Arc::default(),
    );
    secure.set(harm[0].url.clone()).unwrap();
    let fetched = fetch_with(&trusting(), &site.url("/")).await;
    let way: Vec<_> = fetched
        .hops
        .iter()
        .map(|hop| (hop.url.to_string(), hop.status))
        .collect();
    let want = [
        (site.url("/"), Some(301)),
        (harm[0].url.clone(), Some(301)),
        (site.url("/end"), Some(200)),
    ];
    assert_eq!(way, want);
    assert!(fetched.has_moved());
    assert_eq!(came_of(fetched), "page of 5 bytes");
}

#[tokio::test]
async fn an_authority_is_trusted_because_the_operator_says_so_and_not_otherwise() {
    let harm = unleash(
        vec![leads_to("/".to_owned())],
        &Trap::set(),
        &Arc::default(),
    );
    let came = came_of(fetch(&harm[0].url).await);
    assert_eq!(
        came,
        "no TLS session: invalid peer certificate: UnknownIssuer"
    );
    let came = came_of(fetch_with(&trusting(), &harm[0].url).await);
    assert_eq!(came, "redirect: in a circle");
}
