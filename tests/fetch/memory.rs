//! What the whole table of harm costs in memory, as many at a time as a worker would fetch from: measured in a process that does nothing but
//! fetch, by the kernel's own count.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::{env, fs};

use linkback::fetch::Fetch as _;
use linkback::model::SourceUrl;
use tokio::sync::Semaphore;

use crate::harm::{CONCURRENCY, impatient};
use crate::hostile::{Trap, root_pem, table, unleash};

/// What the fetches may take beyond what an idle client takes.
const MAX_GROWTH_KB: u64 = 8 * 1024;

/// Bytes of a page that are kept: less than elsewhere, for the pages of so many servers that would send
/// without end are a budget of their own (fetches at the same time, by the cap), and not what is measured.
const MAX_PAGE_BYTES: usize = 256 * 1024;

/// Rows whose servers do no harm: the idle client has seen each protocol once.
const WARM_UP: [&str; 3] = [
    "a page in gzip",
    "TLS as it should be",
    "HTTP/2 as it should be",
];

const URLS: &str = "LINKBACK_TEST_URLS";
const ROOTS: &str = "LINKBACK_TEST_ROOTS";

/// A line of `/proc/self/status`, in KB.
fn memory(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Not a test: the process that is measured by the one below.
#[test]
#[ignore = "run by harmful_servers_cost_little_memory_beyond_their_pages"]
fn fetch_from_all() {
    let urls = env::var(URLS).unwrap();
    let urls: Vec<SourceUrl> = urls
        .lines()
        .map(|url| SourceUrl::parse(url).unwrap())
        .collect();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let client = Arc::new(impatient(
            Path::new(&env::var(ROOTS).unwrap()),
            MAX_PAGE_BYTES,
        ));
        for url in &urls[..WARM_UP.len()] {
            client.fetch(url).await.answer.unwrap();
        }
        let idle = memory("VmRSS:");
        // The peak is counted from now on. Where that cannot be asked for, it is counted from the start.
        let _ = fs::write("/proc/self/clear_refs", "5");
        let room = Arc::new(Semaphore::new(CONCURRENCY));
        let fetches: Vec<_> = urls
            .iter()
            .map(|url| {
                let (client, room, url) = (Arc::clone(&client), Arc::clone(&room), url.clone());
                tokio::spawn(async move {
                    let _place = room.acquire().await.unwrap();
                    // What comes of it is dropped at once, as the worker drops a page that it has read.
                    drop(client.fetch(&url).await);
                })
            })
            .collect();
        for fetch in fetches {
            fetch.await.unwrap();
        }
        let peak = memory("VmHWM:");
        println!("idle {idle} KB, peak {peak} KB, {} fetches", urls.len());
        assert!(
            peak <= idle + MAX_GROWTH_KB,
            "idle {idle} KB, peak {peak} KB"
        );
    });
}

#[test]
fn harmful_servers_cost_little_memory_beyond_their_pages() {
    let trap = Trap::set();
    let harms = unleash(table(), &trap, &Arc::default());
    let (first, others): (Vec<_>, Vec<_>) =
        harms.iter().partition(|harm| WARM_UP.contains(&harm.name));
    assert_eq!(first.len(), WARM_UP.len());
    let urls: Vec<&str> = first
        .iter()
        .chain(&others)
        .map(|harm| harm.url.as_str())
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let roots = folder.path().join("ca.pem");
    fs::write(&roots, root_pem()).unwrap();
    // How much overlaps is up to the scheduler; what grows without bound does so every time.
    let mut said = String::new();
    let is_little = (0..3).any(|_| {
        let output = Command::new(env::current_exe().unwrap())
            .args([
                "--exact",
                "memory::fetch_from_all",
                "--ignored",
                "--nocapture",
            ])
            .env(URLS, urls.join("\n"))
            .env(ROOTS, &roots)
            .output()
            .unwrap();
        said += &String::from_utf8_lossy(&output.stdout);
        said += &String::from_utf8_lossy(&output.stderr);
        output.status.success()
    });
    assert!(is_little && said.contains("1 passed"), "{said}");
    println!("{said}");
    assert_eq!(trap.calls(), 0);
}
