//! How fast what readers ask for is answered, driven by wrk: a feed of 50 mentions from the cache, the answer
//! "not modified", and the feed read from the store, each against a bare actix-web server that does the least
//! which that takes, in turn, in one process, on one machine.
//!
//! `cargo bench --bench serve -- SMALL [LARGE]` with databases that the example `fill` made; wrk must be
//! installed. With a `LARGE` one: also how much more a feed costs where there are so many more mentions.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::indexing_slicing,
    clippy::disallowed_types,
    reason = "a measurement, not a service"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use actix_web::web::Bytes;
use linkback::app::{Role, Service};
use linkback::config::{Config, Flags};
use rusqlite::Connection;
use tempfile::TempDir;

mod bare;

/// The program's own, for both sides.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(3);
const WARM_UP: Duration = Duration::from_secs(1);
const CONNECTIONS: usize = 32;

/// The page with the most mentions in a database of `fill`.
const TARGET: &str = "https://site0.example/0";

/// A running Linkback on `database`, with so many bytes for its answers.
async fn start(folder: &TempDir, database: &Path, cache_bytes: usize) -> Service {
    let file = folder.path().join(format!("cache{cache_bytes}.toml"));
    let settings = format!("[http]\ncache_bytes = {cache_bytes}\n");
    std::fs::write(&file, settings).unwrap();
    let flags = Flags {
        config: Some(file),
        listen: Some("127.0.0.1:0".to_owned()),
        public_url: Some("https://mentions.example".to_owned()),
        database: Some(database.to_owned()),
        ..Flags::default()
    };
    let config = Config::load(&flags).unwrap();
    Service::start(&config, Role::Http).await.unwrap()
}

/// What wrk says of a URL: requests a second.
async fn drive(
    url: String,
    headers: Vec<String>,
    script: Option<PathBuf>,
    duration: Duration,
) -> f64 {
    tokio::task::spawn_blocking(move || {
        let mut wrk = Command::new("wrk");
        wrk.args(["-t1", &format!("-c{CONNECTIONS}")]);
        wrk.arg(format!("-d{}s", duration.as_secs()));
        for header in &headers {
            wrk.args(["-H", header]);
        }
        if let Some(script) = script {
            wrk.arg("-s").arg(script);
        }
        let output = wrk.arg(&url).output().expect("wrk is not installed");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success() && !text.contains("Non-2xx") && !text.contains("Socket errors"),
            "{url}: {text}"
        );
        let rate = text
            .lines()
            .find_map(|line| line.strip_prefix("Requests/sec:"));
        rate.expect("a rate").trim().parse().unwrap()
    })
    .await
    .unwrap()
}

/// What is driven: a server, what of it, and with which headers.
struct Side {
    url: String,
    headers: Vec<String>,
    script: Option<PathBuf>,
}

impl Side {
    fn new(address: SocketAddr, path: &str, headers: &[&str]) -> Self {
        Self {
            url: format!("http://{address}{path}"),
            headers: headers.iter().map(|&header| header.to_owned()).collect(),
            script: None,
        }
    }

    async fn rate(&self, duration: Duration) -> f64 {
        let (url, headers, script) = (&self.url, &self.headers, &self.script);
        drive(url.clone(), headers.clone(), script.clone(), duration).await
    }
}

/// Drives two sides in turn; prints both rates and their ratios.
async fn compare(what: &str, bare: &Side, ours: &Side) {
    let (mut bares, mut rates, mut ratios) = (String::new(), String::new(), Vec::new());
    // Both are warm when the first round begins.
    bare.rate(WARM_UP).await;
    ours.rate(WARM_UP).await;
    for round in 0..ROUNDS {
        // Who was second is first in the next round.
        let (b, o);
        if round % 2 == 0 {
            b = bare.rate(ROUND).await;
            o = ours.rate(ROUND).await;
        } else {
            o = ours.rate(ROUND).await;
            b = bare.rate(ROUND).await;
        }
        write!(bares, " {b:.0}").unwrap();
        write!(rates, " {o:.0}").unwrap();
        ratios.push(o / b);
    }
    let each: Vec<_> = ratios.iter().map(|ratio| format!("{ratio:.2}")).collect();
    ratios.sort_by(f64::total_cmp);
    println!(
        "{what}\n  first {bares}\n  second{rates}\n  ratio second / first {}, median {:.2}",
        each.join(" "),
        ratios[ROUNDS / 2]
    );
}

/// The pages of a database that have 50 mentions and more, the most mentioned ones first.
fn pages(database: &Path) -> Vec<String> {
    let connection = Connection::open(database).unwrap();
    let mut statement = connection
        .prepare("SELECT key, counts FROM page ORDER BY id LIMIT 2000")
        .unwrap();
    let pages = statement
        .query_map([], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        })
        .unwrap();
    let has_50 = |counts: &str| {
        let counts: BTreeMap<String, u64> = serde_json::from_str(counts).unwrap();
        counts.values().sum::<u64>() >= 50
    };
    pages
        .map(Result::unwrap)
        .filter(|(_, counts)| has_50(counts))
        .map(|(key, _)| key)
        .collect()
}

/// A script for wrk that asks for the feeds of pages in turn.
fn in_turn(folder: &TempDir, name: &str, pages: &[String]) -> PathBuf {
    let feeds: Vec<_> = pages
        .iter()
        .map(|page| format!("'/feed.json?target=https://{page}'"))
        .collect();
    let script = format!(
        "local pages = {{{}}}\nlocal n = 0\nrequest = function()\n  n = n % #pages + 1\n  \
         return wrk.format('GET', pages[n])\nend\n",
        feeds.join(",")
    );
    let file = folder.path().join(format!("{name}.lua"));
    std::fs::write(&file, script).unwrap();
    file
}

/// Asks for a URL; the `ETag` and the body.
async fn get(url: &str, coding: &str) -> (String, Bytes) {
    let client = reqwest::Client::new();
    let request = client.get(url).header("Accept-Encoding", coding);
    let answer = request.send().await.unwrap();
    assert!(answer.status().is_success(), "{url}: {}", answer.status());
    let etag = answer
        .headers()
        .get("etag")
        .map(|tag| tag.to_str().unwrap().to_owned());
    (etag.unwrap_or_default(), answer.bytes().await.unwrap())
}

/// Drives two services whose databases differ in size.
async fn compare_sizes(folder: &TempDir, small: (SocketAddr, &Path), large: (SocketAddr, &Path)) {
    let path = format!("/feed.json?target={TARGET}");
    compare(
        "uncached feed, small database and large",
        &Side::new(small.0, &path, &[]),
        &Side::new(large.0, &path, &[]),
    )
    .await;
    let (few, many) = (pages(small.1), pages(large.1));
    let count = few.len().min(many.len());
    let side = |address, name, pages: &[String]| Side {
        script: Some(in_turn(folder, name, &pages[..count])),
        ..Side::new(address, "/", &[])
    };
    compare(
        &format!("the same, {count} pages in turn"),
        &side(small.0, "small", &few),
        &side(large.0, "large", &many),
    )
    .await;
}

/// Drives the bare server and a service that keeps no answers.
async fn compare_uncached(bare: SocketAddr, fresh: SocketAddr) {
    let bare_feed = Side::new(bare, &format!("/feed?target={TARGET}"), &[]);
    let uncached = |path: &str| Side::new(fresh, &format!("{path}=50&target={TARGET}"), &[]);
    compare("uncached feed", &bare_feed, &uncached("/feed.json?limit")).await;
    let sorted = Side::new(bare, &format!("/sorted?target={TARGET}"), &[]);
    compare(
        "uncached feed, bare: no index of its own",
        &sorted,
        &uncached("/feed.json?limit"),
    )
    .await;
    let rows = Side::new(bare, &format!("/rows?target={TARGET}"), &[]);
    for path in [
        "/feed.json?limit",
        "/api/v1/mentions?limit",
        "/api/mentions.jf2?per-page",
    ] {
        compare(
            &format!("uncached {path}=50, bare: rows as they are"),
            &rows,
            &uncached(path),
        )
        .await;
    }
}

#[tokio::main]
async fn main() {
    let databases: Vec<_> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .map(PathBuf::from)
        .collect();
    let [small, large @ ..] = databases.as_slice() else {
        eprintln!(
            "name a database: cargo run --release --example fill -- 10000 --database small.sqlite; \
             cargo bench --bench serve -- $PWD/small.sqlite"
        );
        std::process::exit(2);
    };
    rustls::crypto::ring::default_provider()
        .install_default()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let cached = start(&folder, small, 16 << 20).await;
    let fresh_service = start(&folder, small, 0).await;
    let ours = cached.address().unwrap();
    let fresh = fresh_service.address().unwrap();

    let path = format!("/feed.json?target={TARGET}");
    let url = format!("http://{ours}{path}");
    let (etag, body) = get(&url, "identity").await;
    let (_, packed) = get(&url, "gzip").await;
    let bare = bare::start(&folder, small, body.clone(), packed.clone(), etag.clone());

    // They tell of the same mentions.
    let numbers = async |path: &str| {
        let (_, body) = get(&format!("http://{bare}{path}?target={TARGET}"), "identity").await;
        let told: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let items = told["items"].as_array().unwrap().clone();
        let number =
            |item: &serde_json::Value| item["_rest"].get("id").unwrap_or(&item["id"]).as_i64();
        items.iter().filter_map(number).collect::<Vec<_>>()
    };
    let ours_told: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let items = ours_told["items"].as_array().unwrap();
    let told: Vec<_> = items
        .iter()
        .filter_map(|item| item["_linkback"]["id"].as_i64())
        .collect();
    assert_eq!(told.len(), 50);
    for path in ["/rows", "/feed", "/sorted"] {
        assert_eq!(numbers(path).await, told, "{path}");
    }

    println!(
        "wrk with {CONNECTIONS} connections, {ROUNDS} rounds of {} s, requests/s; first: the bare server; \
         the feed has {} bytes, {} in gzip",
        ROUND.as_secs(),
        body.len(),
        packed.len()
    );
    let match_tag = format!("If-None-Match: {etag}");
    let gzip = "Accept-Encoding: gzip";
    compare(
        "cached feed",
        &Side::new(bare, "/plain", &[]),
        &Side::new(ours, &path, &[]),
    )
    .await;
    compare(
        "cached feed, gzip",
        &Side::new(bare, "/gzip", &[gzip]),
        &Side::new(ours, &path, &[gzip]),
    )
    .await;
    compare(
        "not modified",
        &Side::new(bare, "/unmodified", &[&match_tag]),
        &Side::new(ours, &path, &[&match_tag]),
    )
    .await;
    compare_uncached(bare, fresh).await;
    if let [large] = large {
        let service = start(&folder, large, 0).await;
        let filled = service.address().unwrap();
        compare_sizes(&folder, (fresh, small), (filled, large)).await;
        service.stop().await.unwrap();
    }
    cached.stop().await.unwrap();
    fresh_service.stop().await.unwrap();
}
