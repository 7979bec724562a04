//! Every server of the table of harm, all at once.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use linkback::fetch::client::{Client, Options};
use linkback::fetch::limits::{Limits, MAX_BODY_BYTES};
use linkback::fetch::policy::Policy;
use linkback::fetch::resolve::Resolver;
use linkback::fetch::roots;

use crate::hostile::{HERE, THERE, Trap, root_pem, table, unleash};
use crate::support::{FixedClock, Names, came_of, fetch_with};

/// A client that trusts the authority in a file, and waits as short as a test may, and as long as a busy
/// machine must.
pub(crate) fn impatient(roots: &Path, max_body_bytes: usize) -> Client {
    let options = Options {
        policy: Policy::allowing(vec![
            format!("{HERE}/32").parse().unwrap(),
            format!("{THERE}/32").parse().unwrap(),
        ]),
        limits: Limits {
            connect_timeout: Duration::from_secs(1),
            read_timeout: Duration::from_millis(1500),
            total_timeout: Duration::from_secs(3),
            max_body_bytes,
            ..Limits::default()
        },
        extra_roots: roots::read(roots).unwrap(),
        ..Options::default()
    };
    let resolver: Arc<dyn Resolver> = Arc::new(Names::default());
    Client::new(options, &resolver, Arc::new(FixedClock)).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_a_server_does_is_more_than_a_failed_fetch() {
    let trap = Trap::set();
    let harms = unleash(table(), &trap);
    assert!(harms.len() >= 100, "{} kinds of harm", harms.len());
    let folder = tempfile::tempdir().unwrap();
    let roots = folder.path().join("ca.pem");
    fs::write(&roots, root_pem()).unwrap();
    let client = Arc::new(impatient(&roots, MAX_BODY_BYTES));
    let fetches: Vec<_> = harms
        .into_iter()
        .map(|harm| {
            let client = Arc::clone(&client);
            let fetch = tokio::spawn(async move { came_of(fetch_with(&client, &harm.url).await) });
            (harm.name, harm.want, fetch)
        })
        .collect();
    let mut wrong = Vec::new();
    for (name, want, fetch) in fetches {
        let came = fetch.await.unwrap();
        if !came.starts_with(want) {
            wrong.push(format!("{name}: {came}\n    but should be: {want}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(trap.calls(), 0);
}
