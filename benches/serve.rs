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

use std::cell::RefCell;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use actix_web::http::header;
use actix_web::web::{self, Bytes, Data, Query};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use linkback::app::{Role, Service};
use linkback::config::{Config, Flags};
use rusqlite::Connection;
use tempfile::TempDir;

const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(3);
const CONNECTIONS: usize = 32;

/// The page with the most mentions in a database of `fill`.
const TARGET: &str = "https://site0.example/0";

/// What the bare server answers with.
struct Fixed {
    plain: Bytes,
    gzip: Bytes,
    etag: String,
    database: PathBuf,
}

/// An answer of fixed bytes.
async fn plain(fixed: Data<Fixed>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/feed+json")
        .body(fixed.plain.clone())
}

/// The same, compressed beforehand.
async fn gzip(fixed: Data<Fixed>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/feed+json")
        .insert_header((header::CONTENT_ENCODING, "gzip"))
        .body(fixed.gzip.clone())
}

/// "Not modified", to who has this version.
async fn unmodified(request: HttpRequest, fixed: Data<Fixed>) -> HttpResponse {
    let tag = request.headers().get(header::IF_NONE_MATCH);
    if tag.is_some_and(|tag| tag.as_bytes() == fixed.etag.as_bytes()) {
        return HttpResponse::NotModified()
            .insert_header((header::ETAG, fixed.etag.as_str()))
            .finish();
    }
    HttpResponse::Ok().body(fixed.plain.clone())
}

thread_local! {
    static CONNECTION: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

/// A copy of a database, with an index that is made for the one statement of the bare server.
fn copy(folder: &TempDir, database: &Path) -> PathBuf {
    let path = folder.path().join("bare.sqlite");
    std::fs::copy(database, &path).unwrap();
    Connection::open(&path)
        .unwrap()
        .execute_batch("CREATE INDEX bare ON mention (page_id, id) WHERE is_shown;")
        .unwrap();
    path
}

/// The newest mentions of a page, by a statement that is prepared once for each thread.
async fn rows(query: Query<Vec<(String, String)>>, fixed: Data<Fixed>) -> HttpResponse {
    let target = query.iter().find(|(name, _)| name == "target");
    let key = target.map(|(_, url)| url.trim_start_matches("https://").to_owned());
    let found = CONNECTION.with_borrow_mut(|connection| {
        let connection = connection.get_or_insert_with(|| open(&fixed.database));
        newest(connection, &key.unwrap_or_default())
    });
    match found {
        Ok(found) => HttpResponse::Ok()
            .content_type("application/json")
            .body(found),
        Err(_none) => HttpResponse::NotFound().finish(),
    }
}

fn open(path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection
        .execute_batch("PRAGMA cache_size = -16384; PRAGMA query_only = ON;")
        .unwrap();
    connection
}

/// The newest mentions of a page as JSON. Their words are JSON already, and are passed on unread.
fn newest(connection: &Connection, key: &str) -> rusqlite::Result<String> {
    let (page, version) = connection
        .prepare_cached("SELECT id, version FROM page WHERE key = ?1")?
        .query_row([key], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
        })?;
    let mut statement = connection.prepare_cached(
        "SELECT id, source, target, kind, url, entry, received_at, verified_at
         FROM mention INDEXED BY bare WHERE page_id = ?1 AND is_shown ORDER BY id DESC LIMIT 50",
    )?;
    let mut rows = statement.query([page])?;
    let mut json = format!(r#"{{"version":{version},"items":["#);
    while let Some(row) = rows.next()? {
        let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
        let quoted =
            |column| Ok::<_, rusqlite::Error>(serde_json::to_string(text(column)?).unwrap());
        let (id, received, verified): (i64, i64, i64) = (row.get(0)?, row.get(6)?, row.get(7)?);
        write!(
            json,
            r#"{{"id":{id},"source":{},"target":{},"kind":{},"url":{},"entry":{},"received_at":{received},"verified_at":{verified}}},"#,
            quoted(1)?,
            quoted(2)?,
            quoted(3)?,
            quoted(4)?,
            text(5)?,
        )
        .unwrap();
    }
    json.truncate(json.trim_end_matches(',').len());
    json.push_str("]}");
    Ok(json)
}

/// A running Linkback on `database`, with so many bytes for its answers.
async fn start(folder: &TempDir, database: &Path, cache_bytes: usize) -> Service {
    let file = folder.path().join(format!("cache{cache_bytes}.toml"));
    std::fs::write(&file, format!("[http]\ncache_bytes = {cache_bytes}\n")).unwrap();
    let flags = Flags {
        config: Some(file),
        listen: Some("127.0.0.1:0".to_owned()),
        database: Some(database.to_owned()),
        ..Flags::default()
    };
    let config = Config::load(&flags).unwrap();
    Service::start(&config, Role::Http).await.unwrap()
}

/// What wrk says of a URL: requests a second.
async fn drive(url: String, headers: Vec<String>, script: Option<PathBuf>) -> f64 {
    tokio::task::spawn_blocking(move || {
        let mut wrk = Command::new("wrk");
        wrk.args(["-t1", &format!("-c{CONNECTIONS}")]);
        wrk.arg(format!("-d{}s", ROUND.as_secs()));
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

    async fn rate(&self) -> f64 {
        drive(self.url.clone(), self.headers.clone(), self.script.clone()).await
    }
}

/// Drives two sides in turn; prints both rates and their ratios.
async fn compare(what: &str, bare: &Side, ours: &Side) {
    let (mut bares, mut rates, mut ratios) = (String::new(), String::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (b, o) = (bare.rate().await, ours.rate().await);
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

/// A script for wrk that asks for the pages in turn that have 50 mentions and more, a thousand at most.
fn many_pages(folder: &TempDir, database: &Path, name: &str, path: &str) -> (PathBuf, usize) {
    let connection = open(database);
    let mut statement = connection
        .prepare("SELECT key, counts FROM page ORDER BY id LIMIT 2000")
        .unwrap();
    let pages = statement
        .query_map([], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        })
        .unwrap();
    let keys: Vec<_> = pages
        .map(Result::unwrap)
        .filter(|(_, counts)| {
            let counts: serde_json::Map<String, serde_json::Value> =
                serde_json::from_str(counts).unwrap();
            counts
                .values()
                .filter_map(serde_json::Value::as_u64)
                .sum::<u64>()
                >= 50
        })
        .map(|(key, _)| format!("'{path}?target=https://{key}'"))
        .take(1000)
        .collect();
    let script = format!(
        "local pages = {{{}}}\nlocal n = 0\nrequest = function()\n  n = n % #pages + 1\n  \
         return wrk.format('GET', pages[n])\nend\n",
        keys.join(",")
    );
    let file = folder.path().join(format!("{name}.lua"));
    std::fs::write(&file, script).unwrap();
    (file, keys.len())
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
    let uncached = start(&folder, small, 0).await;
    let ours = cached.address().unwrap();
    let fresh = uncached.address().unwrap();

    let path = format!("/feed.json?target={TARGET}");
    let url = format!("http://{ours}{path}");
    let (etag, body) = get(&url, "identity").await;
    let (_, packed) = get(&url, "gzip").await;
    let fixed = Data::new(Fixed {
        plain: body.clone(),
        gzip: packed.clone(),
        etag: etag.clone(),
        database: copy(&folder, small),
    });
    let server = HttpServer::new(move || {
        App::new()
            .app_data(fixed.clone())
            .route("/plain", web::get().to(plain))
            .route("/gzip", web::get().to(gzip))
            .route("/unmodified", web::get().to(unmodified))
            .route("/rows", web::get().to(rows))
    })
    .bind("127.0.0.1:0")
    .unwrap();
    let bare = server.addrs()[0];
    tokio::spawn(server.run());

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
    let least = Side::new(bare, &format!("/rows?target={TARGET}"), &[]);
    for path in [
        "/feed.json?limit",
        "/api/v1/mentions?limit",
        "/api/mentions.jf2?per-page",
    ] {
        let ours = Side::new(fresh, &format!("{path}=50&target={TARGET}"), &[]);
        compare(&format!("uncached {path}=50"), &least, &ours).await;
    }
    if let [large] = large {
        let service = start(&folder, large, 0).await;
        let filled = service.address().unwrap();
        compare(
            "uncached /feed.json, small database and large",
            &Side::new(fresh, &path, &[]),
            &Side::new(filled, &path, &[]),
        )
        .await;
        let mut sides = [Side::new(fresh, "/", &[]), Side::new(filled, "/", &[])];
        for (side, (name, database)) in sides.iter_mut().zip([("small", small), ("large", large)]) {
            let (script, pages) = many_pages(&folder, database, name, "/feed.json");
            println!("{name}: {pages} pages have 50 mentions");
            side.script = Some(script);
        }
        let [small, large] = sides;
        compare("the same, page after page", &small, &large).await;
        service.stop().await.unwrap();
    }
    cached.stop().await.unwrap();
    uncached.stop().await.unwrap();
}
