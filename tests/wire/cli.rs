//! The program as an operator runs it.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use crate::support::source_site::{SourcePage, SourceSite};
use crate::support::{form, get, in_time, post};

pub(crate) fn linkback(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_linkback"));
    command
        .args(arguments)
        .current_dir(folder)
        .env_remove("LINKBACK_CONFIG")
        .env_remove("LINKBACK_DATABASE")
        .env_remove("LINKBACK_SITES")
        .stdin(Stdio::null());
    command
}

pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Output {
    linkback(folder, arguments).output().unwrap()
}

pub(crate) fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A program that ends with this value.
pub(crate) struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Running {
    /// Starts it and returns the first line it prints, if it prints any.
    pub(crate) fn start(folder: &Path, arguments: &[&str], reads_a_line: bool) -> (Self, String) {
        let mut child = linkback(folder, arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut running = Self { child, stdout };
        if reads_a_line {
            running.stdout.read_line(&mut line).unwrap();
        }
        (running, line)
    }

    fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Ends it, and returns what it printed after the first line.
    pub(crate) fn end(mut self) -> String {
        self.child.kill().unwrap();
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        rest
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn address(line: &str) -> std::net::SocketAddr {
    let rest = line
        .split("http://")
        .nth(1)
        .unwrap_or_else(|| panic!("{line}"));
    rest.trim().trim_end_matches('/').parse().unwrap()
}

#[test]
fn sites_are_added_listed_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let nothing = run(folder, &["site", "list", "--database", "none.sqlite"]);
    assert!(
        err(&nothing).contains("there is no database none.sqlite"),
        "{}",
        err(&nothing)
    );
    let added = run(
        folder,
        &[
            "site",
            "add",
            "https://a.example",
            "--alias",
            "www.a.example",
        ],
    );
    assert!(added.status.success(), "{}", err(&added));
    assert_eq!(
        out(&run(folder, &["site", "list"])),
        "a.example (also www.a.example)\n"
    );
    let wrong = run(folder, &["site", "add", "ftp://a.example"]);
    assert!(!wrong.status.success());
    assert!(err(&wrong).contains("write it like"), "{}", err(&wrong));
    let unsure = run(folder, &["site", "remove", "a.example"]);
    assert!(err(&unsure).contains("--yes"), "{}", err(&unsure));
    let removed = run(folder, &["site", "remove", "a.example", "--yes"]);
    assert!(removed.status.success(), "{}", err(&removed));
    let unknown = run(folder, &["site", "remove", "a.example", "--yes"]);
    assert!(
        err(&unknown).contains("there is no site"),
        "{}",
        err(&unknown)
    );
}

#[tokio::test]
async fn who_asks_for_it_is_forgotten_once_the_owner_means_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let database = folder.join("linkback.sqlite");
    let store = linkback::store::sqlite::open(&database).unwrap();
    let site = linkback::model::SiteBase::parse("blog.example").unwrap();
    let now = linkback::model::Timestamp::from_millis(1_800_000_000_000);
    let site = store.add_site(&[site], now).await.unwrap();
    let submission = linkback::model::Submission {
        source: linkback::model::SourceUrl::parse("https://ann.example/1").unwrap(),
        target: linkback::model::TargetUrl::parse("https://blog.example/a").unwrap(),
        protocol: linkback::model::Protocol::Webmention,
        vouch: None,
        code: None,
    };
    store.accept(submission, site.id, now).await.unwrap();
    let forget = |more: &[&str]| run(folder, &[&["forget", "ann.example"], more].concat());
    let found = forget(&["--dry-run"]);
    assert_eq!(out(&found), "of ann.example:\n  1 waiting submission\n");
    let unsure = forget(&[]);
    assert!(err(&unsure).contains("--yes"), "{}", err(&unsure));
    assert!(!unsure.status.success());
    let elsewhere = forget(&["--yes", "--site", "https://other.example"]);
    assert!(err(&elsewhere).contains("no site"), "{}", err(&elsewhere));
    let gone = forget(&["--yes", "--vacuum"]);
    let erased = format!("{}erased:\n  1 waiting submission\n", out(&found));
    assert_eq!(out(&gone), erased);
    let again = forget(&["--yes", "--site", "blog.example"]);
    assert_eq!(out(&again), "of ann.example: nothing is known\n");
    let wrong = run(folder, &["forget", "two words"]);
    assert!(
        err(&wrong).contains("neither a page nor a host"),
        "{}",
        err(&wrong)
    );
}

#[test]
fn a_saved_page_is_explained_without_a_fetch() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let page = "<article class=h-entry><a class=u-in-reply-to href='https://ex.com/a'>x</a>\
                <p class=e-content>Yes, <b>do</b>.</p><a class=u-author href=/ann></a></article>";
    std::fs::write(folder.join("page.html"), page).unwrap();
    let source = "https://blog.example/1";
    let explain = |file: &str, target: &str| {
        run(
            folder,
            &["explain", "--json", "--page", file, source, target],
        )
    };
    let told = explain("page.html", "https://ex.com/a");
    assert_eq!(told.status.code(), Some(0), "{}", err(&told));
    let told: serde_json::Value = serde_json::from_str(&out(&told)).unwrap();
    let page = &told["page"];
    let entry = &page["verdict"]["entry"];
    assert_eq!(entry["kind"], "reply");
    assert_eq!(entry["content"]["html"], "<p>Yes, <b>do</b>.</p>");
    assert_eq!(page["author_page"], "https://blog.example/ann");
    let steps = page["trace"].as_array().unwrap();
    let kind = steps.iter().find(|step| step["field"] == "kind").unwrap();
    assert_eq!(kind["rule"], "in-reply-to of the h-entry");
    assert_eq!(kind["element"], "a.u-in-reply-to");
    assert_eq!(told["hops"].as_array().unwrap().len(), 0);
    assert_eq!(
        explain("page.html", "https://ex.com/b").status.code(),
        Some(3)
    );
    let missing = explain("none.html", "https://ex.com/a");
    assert_eq!(missing.status.code(), Some(1));
    assert!(err(&missing).contains("cannot read the saved page none.html"));
}

#[test]
fn check_says_what_is_wrong_and_what_is_likely_not_meant() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let fine = run(folder, &["check"]);
    assert!(fine.status.success(), "{}", err(&fine));
    assert!(out(&fine).contains("no site"), "{}", out(&fine));
    let public = ["check", "--public-url", "https://mentions.example"];
    let unsure = run(folder, &public);
    assert!(
        out(&unsure).contains("http.trusted_proxies"),
        "{}",
        out(&unsure)
    );
    let named = "[http]\ntrusted_proxies = ['127.0.0.1']";
    std::fs::write(folder.join("linkback.toml"), named).unwrap();
    let sure = run(folder, &public);
    assert!(
        !out(&sure).contains("http.trusted_proxies"),
        "{}",
        out(&sure)
    );
    std::fs::write(folder.join("linkback.toml"), "listne = 'x'").unwrap();
    let wrong = run(folder, &["check"]);
    assert!(!wrong.status.success());
    assert!(err(&wrong).contains("listne"), "{}", err(&wrong));
    let example = run(folder, &["check", "--example"]);
    assert!(out(&example).contains("[receive]"));
    let missing = run(folder, &["check", "--config", "none.toml"]);
    assert_eq!(
        err(&missing),
        "linkback: cannot read the configuration file none.toml: \
         No such file or directory (os error 2)\n"
    );
    std::fs::remove_file(folder.join("linkback.toml")).unwrap();
    std::fs::write(folder.join("not-a-database"), "x".repeat(4096)).unwrap();
    let broken = run(folder, &["check", "--database", "not-a-database"]);
    assert!(
        err(&broken).contains("cannot open the database not-a-database"),
        "{}",
        err(&broken)
    );
}

#[test]
fn a_database_that_cannot_be_used_is_left_as_it_is_and_the_operator_told_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let rows = "CREATE TABLE post (title TEXT); INSERT INTO post VALUES ('mine')";
    rusqlite::Connection::open(folder.join("other.sqlite"))
        .and_then(|other| other.execute_batch(rows))
        .unwrap();
    std::fs::write(folder.join("text"), "x".repeat(4096)).unwrap();
    for (database, want) in [
        ("other.sqlite", "it is the database of another program"),
        ("text", "it is not an SQLite database"),
        ("none/t.sqlite", "none must be there"),
    ] {
        let before = std::fs::read(folder.join(database)).ok();
        let refused = run(folder, &["check", "--database", database]);
        assert!(!refused.status.success());
        assert!(err(&refused).contains(want), "{}", err(&refused));
        assert_eq!(std::fs::read(folder.join(database)).ok(), before);
    }
    let nowhere = run(folder, &["serve", "--database", "none/t.sqlite"]);
    let told = err(&nowhere);
    assert!(
        told.contains("there is no folder") && told.contains("none; make it"),
        "{told}"
    );
    let mut there: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    there.sort();
    assert_eq!(there, ["other.sqlite", "text"]);
}

#[test]
fn whatever_a_database_is_called_it_is_a_file_of_that_name() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for name in [":memory:", "file:t.sqlite?mode=memory"] {
        let added = run(folder, &["site", "add", "a.example", "--database", name]);
        assert!(added.status.success(), "{}", err(&added));
        let listed = run(folder, &["site", "list", "--database", name]);
        assert_eq!(out(&listed), "a.example\n", "{name}");
        assert!(folder.join(name).is_file());
    }
}

#[test]
fn help_and_completions_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let help = out(&run(folder.path(), &["--help"]));
    for command in [
        "serve",
        "work",
        "site",
        "block",
        "allow",
        "explain",
        "mf2",
        "check",
        "demo",
        "completions",
    ] {
        assert!(help.contains(command), "{help}");
    }
    for shell in ["bash", "zsh", "fish"] {
        let script = run(folder.path(), &["completions", shell]);
        assert!(out(&script).contains("linkback"), "{shell}");
    }
}

#[test]
fn mf2_prints_the_microformats_of_a_file_or_of_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let page = "<p class=h-card><a class='p-name u-url' rel=me href=/me>Ann</a>";
    std::fs::write(folder.join("page.html"), page).unwrap();
    let json = |output: Output| {
        assert!(output.status.success(), "{}", err(&output));
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()
    };
    let found = json(run(
        folder,
        &["mf2", "--base", "https://a.example", "page.html"],
    ));
    let url = "https://a.example/me";
    assert_eq!(found["items"][0]["properties"]["name"][0], "Ann");
    assert_eq!(found["items"][0]["properties"]["url"][0], url);
    assert_eq!(found["rels"]["me"][0], url);
    assert_eq!(found["rel-urls"][url]["text"], "Ann");

    let piped = linkback(folder, &["mf2"])
        .stdin(std::fs::File::open(folder.join("page.html")).unwrap())
        .output()
        .unwrap();
    let found = json(piped);
    assert_eq!(found["items"][0]["properties"]["url"][0], "/me");

    let missing = run(folder, &["mf2", "none.html"]);
    assert!(err(&missing).contains("none.html"), "{}", err(&missing));
    let wrong = run(folder, &["mf2", "--base", "a.example", "page.html"]);
    assert!(err(&wrong).contains("not a URL"), "{}", err(&wrong));
}

#[actix_web::test]
async fn explain_shows_the_steps_and_its_exit_code_the_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let site = SourceSite::start();
    let target = "https://blog.example/post";
    let source = site.put("/post", SourcePage::linking_to(target));
    let explain = |arguments: Vec<String>| {
        let folder = folder.path().to_owned();
        tokio::task::spawn_blocking(move || {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            run(&folder, &arguments)
        })
    };
    let arguments = |source: &str, more: &[&str]| {
        let all = ["explain", source, target]
            .into_iter()
            .chain(more.iter().copied());
        all.map(str::to_owned).collect::<Vec<_>>()
    };
    let allowed = ["--allow-network", "127.0.0.0/8"];
    let shown = explain(arguments(&source, &allowed)).await.unwrap();
    assert_eq!(shown.status.code(), Some(0), "{}", err(&shown));
    for part in [
        "GET http://127.0.0.1",
        ": 200",
        "verdict: links",
        "A post",
        "something good",
    ] {
        assert!(out(&shown).contains(part), "{part} in {}", out(&shown));
    }
    let json = explain(arguments(&source, &["--json", allowed[0], allowed[1]]))
        .await
        .unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["page"]["verdict"]["entry"]["title"], "A post");
    assert!(!json["page"]["trace"].as_array().unwrap().is_empty());
    let refused = explain(arguments(&source, &[])).await.unwrap();
    assert_eq!(refused.status.code(), Some(3));
    assert!(out(&refused).contains("refused"), "{}", out(&refused));
}

#[actix_web::test]
async fn explain_asks_the_authors_own_page_as_the_worker_does() {
    let folder = tempfile::tempdir().unwrap();
    let site = SourceSite::start();
    let target = "https://ex.com/a";
    let source = site.put(
        "/note",
        SourcePage::html(&format!(
            "<div class=h-entry><p class=e-content>See <a href='{target}'>this</a>.</p><a class=u-author href=/ann></a></div>"
        )),
    );
    let explain = || {
        let folder = folder.path().to_owned();
        let source = source.clone();
        tokio::task::spawn_blocking(move || {
            let network = ["--allow-network", "127.0.0.0/8"];
            let shown = run(
                &folder,
                &["explain", network[0], network[1], &source, target],
            );
            let json = run(
                &folder,
                &["explain", "--json", network[0], network[1], &source, target],
            );
            (
                out(&shown),
                serde_json::from_slice::<serde_json::Value>(&json.stdout).unwrap(),
            )
        })
    };
    let (missing, json) = explain().await.unwrap();
    assert!(missing.contains("the source's word stands"), "{missing}");
    assert_eq!(
        json["page"]["author_page_answer"]["error"]["kind"],
        "not_found"
    );
    site.put(
        "/ann",
        SourcePage::html("<a class='h-card u-url u-uid' href=/ann>Ann Other</a>"),
    );
    let (shown, json) = explain().await.unwrap();
    for part in [
        "author's page",
        "/ann at 127.0.0.1",
        "says whose it is: Ann Other",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    assert_eq!(
        json["page"]["verdict"]["entry"]["author"]["name"],
        "Ann Other"
    );
    assert_eq!(
        json["page"]["author_page_answer"]["author"]["name"],
        "Ann Other"
    );
}

#[actix_web::test]
async fn the_owner_sees_why_and_the_sender_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let serve = ["serve", "--listen", "127.0.0.1:0", "--site", "blog.example"];
    let (_serve, line) = Running::start(folder.path(), &serve, true);
    let address = address(&line);
    let (source, target) = ("http://127.0.0.1/inside", "https://blog.example/post");
    let body = form(&[("source", source), ("target", target)]);
    let content_type = "application/x-www-form-urlencoded";
    let answer = post(address, "/webmention", content_type, body.as_bytes()).await;
    let location = answer.header("location").unwrap().to_owned();
    let path = &location[location.find("/status/").unwrap()..];
    let told = async {
        loop {
            let status = get(address, path, "application/json").await.text();
            if !status.contains("pending") {
                break status;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    let told = in_time("a verdict", told).await;
    assert!(told.contains("source_unreachable"), "{told}");
    assert!(!told.contains("loopback"), "{told}");
    for arguments in [vec!["status", &location], vec!["status", source, target]] {
        let seen = run(folder.path(), &arguments);
        assert!(out(&seen).contains("refused"), "{}", out(&seen));
        assert!(out(&seen).contains("loopback"), "{}", out(&seen));
    }
    let unknown = run(folder.path(), &["status", "https://a.example/", target]);
    assert!(
        err(&unknown).contains("no such submission"),
        "{}",
        err(&unknown)
    );
}

#[actix_web::test]
async fn receiving_and_verifying_may_be_two_processes() {
    let folder = tempfile::tempdir().unwrap();
    let site = SourceSite::start();
    let target = "https://blog.example/post";
    let source = site.put("/post", SourcePage::linking_to(target));
    let serve = [
        "serve",
        "--no-worker",
        "--listen",
        "127.0.0.1:0",
        "--site",
        "blog.example",
    ];
    let (_serve, line) = Running::start(folder.path(), &serve, true);
    let address = address(&line);
    let body = form(&[("source", &source), ("target", target)]);
    let content_type = "application/x-www-form-urlencoded";
    let answer = post(address, "/webmention", content_type, body.as_bytes()).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let path = format!("/api/v1/mentions?{}", form(&[("target", target)]));
    assert_eq!(get(address, &path, "*/*").await.json()["total"], 0);
    let work = ["work", "--allow-network", "127.0.0.0/8"];
    let (_work, _) = Running::start(folder.path(), &work, false);
    let shown = async {
        while get(address, &path, "*/*").await.json()["total"] != 1 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    in_time("verified by the other process", shown).await;
    let status = out(&run(folder.path(), &["status", &source, target]));
    assert!(status.contains("next check  2"), "{status}");
    // Where nobody looks again, no check is promised.
    let settings = "[worker]\nreverify = false\n";
    std::fs::write(folder.path().join("once.toml"), settings).unwrap();
    let asked = ["--config", "once.toml", "status", &source, target];
    let status = out(&run(folder.path(), &asked));
    assert!(status.contains("next check  —"), "{status}");
    // A pingback's answer is exact although the verdict comes from the other process.
    let ping = format!(
        "<?xml version=\"1.0\"?><methodCall><methodName>pingback.ping</methodName><params>\
         <param><value>{}</value></param><param><value>{target}</value></param></params></methodCall>",
        site.put("/silent", SourcePage::html("<p>Nothing."))
    );
    let answer = post(address, "/pingback", "text/xml", ping.as_bytes()).await;
    assert_eq!(answer.fault(), Some(17), "{}", answer.text());
}

#[test]
fn a_first_start_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let (mut running, line) =
        Running::start(folder.path(), &["serve", "--listen", "127.0.0.1:0"], true);
    assert!(line.contains("http://127.0.0.1:"), "{line}");
    let taken = format!("127.0.0.1:{}", address(&line).port());
    let second = run(folder.path(), &["serve", "--listen", &taken]);
    assert!(!second.status.success());
    assert!(
        err(&second).contains("choose another address with --listen"),
        "{}",
        err(&second)
    );
    assert!(running.is_running(), "the first still runs");
    let said = running.end();
    for line in [
        format!("<link rel=\"webmention\" href=\"http://{taken}/webmention\">"),
        format!("<link rel=\"pingback\" href=\"http://{taken}/pingback\">"),
        format!("<script type=\"module\" src=\"http://{taken}/widget.js\"></script>"),
        "<linkback-mentions></linkback-mentions>".to_owned(),
        "linkback site add https://example.com".to_owned(),
    ] {
        let has_it = said.lines().any(|said| said.trim() == line);
        assert!(has_it, "{line} in {said}");
    }
}

#[test]
fn a_start_with_everything_set_says_no_more_than_where() {
    let folder = tempfile::tempdir().unwrap();
    let serve = ["serve", "--listen", "127.0.0.1:0", "--site", "blog.example"];
    let public = ["--public-url", "https://mentions.example"];
    let (running, line) = Running::start(folder.path(), &[&serve[..], &public].concat(), true);
    assert!(line.contains("https://mentions.example/"), "{line}");
    assert_eq!(running.end(), "");
}

#[test]
fn the_demonstration_shows_every_mention() {
    let folder = tempfile::tempdir().unwrap();
    let demo = run(folder.path(), &["demo", "--once"]);
    assert!(demo.status.success(), "{}\n{}", out(&demo), err(&demo));
    for title in [
        "70 EdTech Resources You May Have Missed",
        "How to Maintain a Healthy Work Life Balance",
        "10 Steps to Tweeting",
        "The 10 stages of Twitter",
        "Is technology changing our view of what education should be and do?",
        "10 mentions on 2 pages",
    ] {
        assert!(out(&demo).contains(title), "{title} in {}", out(&demo));
    }
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}
