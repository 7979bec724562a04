//! Nothing acknowledged is lost: the real program is killed without warning, again and again, and
//! whatever it has answered 201 to is verified and shown after a restart.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use linkback::model::{SourceUrl, State, TargetUrl};
use tokio::time::{Instant, sleep};

use crate::support::source_site::{SourcePage, SourceSite};
use crate::support::{PATIENCE, form, get, try_send};

const TARGET: &str = "https://blog.example/post";

/// So often the program is killed, in all.
const ROUNDS: usize = 24;

/// So many of these tests run beside each other, each with a program and a database of its own.
const LANES: usize = 4;

/// The program, in a process of its own; it is killed with this value.
struct Program {
    child: Child,
    address: SocketAddr,
}

impl Program {
    fn start(database: &Path) -> Self {
        // All the sources are on one host.
        let settings = database.with_file_name("linkback.toml");
        std::fs::write(settings, "worker.host_interval_ms = 0\n").unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_linkback"))
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--site",
                "https://blog.example",
            ])
            .args(["--allow-network", "127.0.0.0/8", "--log", "error"])
            .args(["--lease-ms", "1000"])
            .arg("--database")
            .arg(database)
            .current_dir(database.parent().unwrap())
            .stdout(Stdio::piped())
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line
            .split("http://")
            .nth(1)
            .and_then(|rest| rest.trim().trim_end_matches('/').parse().ok())
            .unwrap_or_else(|| panic!("no address in {line:?}"));
        Self { child, address }
    }

    /// SIGKILL: no handler runs, nothing is flushed.
    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a webmention; whether it was acknowledged.
async fn submit(address: SocketAddr, source: &str) -> bool {
    let body = form(&[("source", source), ("target", TARGET)]);
    let request = format!(
        "POST /webmention HTTP/1.1\r\nHost: {address}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    );
    try_send(address, request.as_bytes())
        .await
        .is_some_and(|answer| answer.status == 201)
}

async fn shown(address: SocketAddr) -> Vec<String> {
    let path = format!(
        "/api/v1/mentions?{}",
        form(&[("target", TARGET), ("limit", "1000")])
    );
    let answer = get(address, &path, "application/json").await.json();
    let mentions = answer["mentions"].as_array().unwrap();
    mentions
        .iter()
        .map(|m| m["source"].as_str().unwrap().to_owned())
        .collect()
}

/// How many of `sources`, all of them acknowledged, were without a verdict when the program was
/// killed. Asked of a copy: the program itself is to find the files as it left them.
async fn count_unverified(database: &Path, sources: &[String]) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.sqlite");
    for suffix in ["", "-wal"] {
        let from = format!("{}{suffix}", database.display());
        let to = format!("{}{suffix}", copy.display());
        std::fs::copy(from, to).unwrap();
    }
    let store = linkback::store::sqlite::open(&copy).unwrap();
    let target = TargetUrl::parse(TARGET).unwrap();
    let mut count = 0;
    for source in sources {
        let known = SourceUrl::parse(source).unwrap();
        let status = store.status_of(&known, &target).await.unwrap();
        let status = status.unwrap_or_else(|| panic!("acknowledged and not on disk: {source}"));
        count += usize::from(status.state == State::Pending);
    }
    count
}

/// Kills the program again and again; how many submissions were acknowledged and not yet verified
/// then, all of which must be shown in the end.
async fn lane(number: usize) -> usize {
    let site = SourceSite::start();
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("linkback.sqlite");
    let mut acknowledged: Vec<String> = Vec::new();
    let mut unverified = 0;
    for round in 0..ROUNDS / LANES {
        let mut program = Program::start(&database);
        let address = program.address;
        let sources: Vec<String> = (0..12)
            .map(|n| {
                let page = SourcePage::linking_to(TARGET).after(Duration::from_millis(n * 7));
                site.put(&format!("/{round}/{n}"), page)
            })
            .collect();
        let submissions = sources.into_iter().map(|source| async move {
            let taken = submit(address, &source).await;
            (source, taken)
        });
        let submissions = tokio::spawn(futures_util::future::join_all(submissions));
        // Somewhere between the first request and the last verdict.
        let moment = u64::from(getrandom::u32().unwrap()) % 120;
        sleep(Duration::from_millis(moment)).await;
        program.kill();
        let results = submissions.await.unwrap();
        let taken = results.into_iter().filter(|(_, taken)| *taken);
        let taken: Vec<String> = taken.map(|(source, _)| source).collect();
        unverified += count_unverified(&database, &taken).await;
        acknowledged.extend(taken);
    }
    let program = Program::start(&database);
    let deadline = Instant::now() + PATIENCE;
    loop {
        let shown = shown(program.address).await;
        let missing: Vec<_> = acknowledged.iter().filter(|s| !shown.contains(s)).collect();
        if missing.is_empty() {
            break;
        }
        assert!(
            Instant::now() < deadline,
            "lane {number}: of {} acknowledged, lost {missing:?}",
            acknowledged.len()
        );
        sleep(Duration::from_millis(50)).await;
    }
    unverified
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_being_killed_at_any_moment() {
    let lanes: Vec<_> = (0..LANES).map(|n| tokio::spawn(lane(n))).collect();
    let mut unverified = 0;
    for lane in lanes {
        unverified += lane.await.unwrap();
    }
    // Else nothing was at stake in any of the rounds.
    assert!(unverified > 0, "killed too early or too late each time");
    eprintln!("{unverified} were acknowledged and not yet verified when the program was killed");
}
