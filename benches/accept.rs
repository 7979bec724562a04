//! How fast submissions are accepted: Linkback's endpoint against a bare actix-web handler that
//! does the least a durable receiver must (read the form, parse two URLs, hash the pair, insert the
//! same row into the same table in a group-committed transaction with `synchronous=FULL`), in turn,
//! in one process, on one machine. It knows no sites, no status pages, no limits and no log.
//!
//! `cargo bench --bench accept` prints both rates and their ratio, round by round.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::arithmetic_side_effects,
    clippy::cast_precision_loss,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a measurement, not a service"
)]

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use actix_web::{App, HttpResponse, HttpServer, web};
use linkback::app::{Role, Service};
use linkback::config::{Config, Flags};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use url::Url;

const CONNECTIONS: usize = 64;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(3);

/// Each submission of the whole run has a source of its own.
static NEXT: AtomicU64 = AtomicU64::new(0);

struct Insert {
    key: Vec<u8>,
    source: Url,
    target: Url,
    done: oneshot::Sender<()>,
}

/// The bare receiver's writer: whatever waits, in one transaction.
fn write(path: &Path, waiting: &Receiver<Insert>) {
    let mut connection = rusqlite::Connection::open(path).unwrap();
    connection
        .execute_batch(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000;",
        )
        .unwrap();
    connection
        .execute_batch(include_str!("../schema.sql"))
        .unwrap();
    connection
        .execute_batch("PRAGMA foreign_keys=OFF; INSERT INTO site (id, created_at) VALUES (1, 0);")
        .unwrap();
    while let Ok(first) = waiting.recv() {
        let mut batch = vec![first];
        batch.extend(waiting.try_iter().take(511));
        let tx = connection.transaction().unwrap();
        for one in &batch {
            tx.prepare_cached(
                "INSERT INTO submission (key, site_id, source, target, host, protocols,
                   received_at, due_at)
                 VALUES (?1, 1, ?2, ?3, ?4, 1, ?5, ?5)
                 ON CONFLICT (key) DO UPDATE SET revision = revision + 1 RETURNING revision",
            )
            .unwrap()
            .query_row(
                rusqlite::params![
                    &one.key[..16],
                    one.source.as_str(),
                    one.target.as_str(),
                    one.source.host_str(),
                    1_800_000_000_000_i64,
                ],
                |row| row.get::<_, i64>(0),
            )
            .unwrap();
        }
        tx.commit().unwrap();
        for one in batch {
            let _ = one.done.send(());
        }
    }
}

async fn bare(
    form: web::Form<Vec<(String, String)>>,
    queue: web::Data<SyncSender<Insert>>,
) -> HttpResponse {
    let field = |name: &str| {
        form.iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    };
    let (Some(Ok(source)), Some(Ok(target))) = (
        field("source").map(Url::parse),
        field("target").map(Url::parse),
    ) else {
        return HttpResponse::BadRequest().finish();
    };
    let (done, stored) = oneshot::channel();
    let key = Sha256::new()
        .chain_update(source.as_str())
        .chain_update("\n")
        .chain_update(target.as_str())
        .finalize()
        .to_vec();
    let insert = Insert {
        key,
        source,
        target,
        done,
    };
    if queue.try_send(insert).is_err() || stored.await.is_err() {
        return HttpResponse::ServiceUnavailable().finish();
    }
    HttpResponse::Created()
        .insert_header(("Location", "http://127.0.0.1/status/0123456789abcdef"))
        .body("accepted\n")
}

/// One client: sends submissions over one connection until the time is up; the latencies.
async fn client(address: SocketAddr, until: Instant) -> Vec<Duration> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut latencies = Vec::new();
    let mut buffer = vec![0; 8192];
    while Instant::now() < until {
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let body = format!(
            "source=https%3A%2F%2Fblog{}.example%2F2026%2F11%2Fa-post-about-something-{n}%2F\
             &target=https%3A%2F%2Fexample.com%2Farticles%2F{}",
            n % 1000,
            n % 100
        );
        let request = format!(
            "POST /webmention HTTP/1.1\r\nHost: {address}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let begun = Instant::now();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut length = 0;
        loop {
            let read = stream.read(&mut buffer[length..]).await.unwrap();
            assert!(read > 0, "the server hung up");
            length += read;
            let text = std::str::from_utf8(&buffer[..length]).unwrap();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let lower = head.to_ascii_lowercase();
                let expected: usize = lower
                    .split("content-length: ")
                    .nth(1)
                    .and_then(|rest| rest.split("\r\n").next())
                    .and_then(|digits| digits.parse().ok())
                    .unwrap_or(0);
                if body.len() >= expected {
                    assert!(head.starts_with("HTTP/1.1 201"), "{text}");
                    break;
                }
            }
        }
        latencies.push(begun.elapsed());
    }
    latencies
}

/// Submissions a second, and the latencies' median and 99th percentile in milliseconds.
async fn measure(address: SocketAddr, duration: Duration) -> (f64, f64, f64) {
    let begun = Instant::now();
    let until = begun + duration;
    let clients: Vec<_> = (0..CONNECTIONS)
        .map(|_| tokio::spawn(client(address, until)))
        .collect();
    let mut latencies = Vec::new();
    for client in clients {
        latencies.extend(client.await.unwrap());
    }
    let rate = latencies.len() as f64 / begun.elapsed().as_secs_f64();
    latencies.sort_unstable();
    let at = |part: usize| latencies[latencies.len() * part / 100].as_secs_f64() * 1e3;
    (rate, at(50), at(99))
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();

    let (queue, waiting) = sync_channel(4096);
    let path = folder.path().join("bare.sqlite");
    std::thread::spawn(move || write(&path, &waiting));
    let queue = web::Data::from(Arc::new(queue));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(queue.clone())
            .route("/webmention", web::post().to(bare))
    })
    .workers(2)
    .bind("127.0.0.1:0")
    .unwrap();
    let bare = server.addrs()[0];
    tokio::spawn(server.run());

    let flags = Flags {
        listen: Some("127.0.0.1:0".to_owned()),
        database: Some(folder.path().join("linkback.sqlite")),
        sites: vec!["https://example.com".to_owned()],
        ..Flags::default()
    };
    let config = Config::load(&flags).unwrap();
    let service = Service::start(&config, Role::Http).await.unwrap();
    let ours = service.address().unwrap();

    println!(
        "{CONNECTIONS} connections, {} s a round; submissions/s (p50, p99 ms)",
        ROUND.as_secs()
    );
    let warm_up = Duration::from_secs(1);
    measure(bare, warm_up).await;
    measure(ours, warm_up).await;
    let mut ratios = Vec::new();
    for round in 1..=ROUNDS {
        let (b, b50, b99) = measure(bare, ROUND).await;
        let (o, o50, o99) = measure(ours, ROUND).await;
        println!(
            "round {round}: bare {b:.0} ({b50:.1}, {b99:.1})  linkback {o:.0} ({o50:.1}, {o99:.1})  ratio {:.2}",
            o / b
        );
        ratios.push(o / b);
    }
    ratios.sort_by(f64::total_cmp);
    println!(
        "accept: median ratio linkback / bare {:.2}",
        ratios[ROUNDS / 2]
    );
    service.stop().await.unwrap();
}
