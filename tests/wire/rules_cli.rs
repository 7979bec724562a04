//! Rules and sites' settings as an operator writes them.

use std::process::Stdio;

use crate::cli::{Running, address, err, linkback, out, run};
use crate::support::{form, in_time, post};

#[test]
fn rules_are_added_listed_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert!(run(folder, &["site", "add", "a.example"]).status.success());
    assert_eq!(
        out(&run(folder, &["block", "list"])),
        "There are no rules to block.\n"
    );
    for arguments in [
        &[
            "block",
            "add",
            "Spam.example",
            "--reason",
            "casino",
            "--days",
            "30",
        ][..],
        &[
            "block",
            "add",
            "https://tilde.example/~ann/",
            "--site",
            "a.example",
        ],
        &["allow", "add", "good.spam.example"],
        &["block", "add", "192.0.2.7/24", "--purge"],
    ] {
        let added = run(folder, arguments);
        assert!(added.status.success(), "{arguments:?}: {}", err(&added));
    }
    let listed = out(&run(folder, &["block", "list"]));
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!(lines.len(), 3, "{listed}");
    assert!(lines[0].starts_with("spam.example (since 2"), "{listed}");
    assert!(lines[0].contains(", until 2"), "{listed}");
    assert!(lines[0].ends_with(", casino)"), "{listed}");
    assert!(lines[1].starts_with("tilde.example/~ann ("), "{listed}");
    assert!(lines[1].ends_with(", for a.example)"), "{listed}");
    assert!(lines[2].starts_with("192.0.2.0/24 ("), "{listed}");
    let listed = out(&run(folder, &["block", "list", "--site", "a.example"]));
    assert_eq!(listed.lines().count(), 1, "{listed}");
    let listed = out(&run(folder, &["allow", "list"]));
    assert!(listed.starts_with("good.spam.example ("), "{listed}");
    let again = run(folder, &["block", "add", "spam.example"]);
    assert_eq!(out(&again), "block spam.example (changed)\n");
    let removed = run(folder, &["block", "remove", "SPAM.example"]);
    assert_eq!(out(&removed), "removed spam.example\n");
    for (arguments, said) in [
        (
            &["block", "remove", "spam.example"][..],
            "there is no rule to block spam.example",
        ),
        (
            &["block", "remove", "tilde.example/~ann"],
            "there is no rule to block",
        ),
        (
            &["block", "add", "spam.example:81"],
            "“spam.example:81” is no rule: it has a port",
        ),
        (
            &["block", "add", "x.example", "--site", "b.example"],
            "there is no site b.example",
        ),
        (&["block", "add", "x.example", "--days", "0"], "--days"),
        (&["block", "import", "none.txt"], "cannot open none.txt"),
    ] {
        let wrong = run(folder, arguments);
        assert!(!wrong.status.success(), "{arguments:?}");
        assert!(err(&wrong).contains(said), "{arguments:?}: {}", err(&wrong));
    }
}

#[test]
fn a_rule_of_the_configuration_is_removed_there() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let file = "sites = ['a.example']\n[receive]\nblocked_sources = ['spam.example']\n";
    std::fs::write(folder.join("linkback.toml"), file).unwrap();
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    Running::start(folder, &serve, true).0.end();
    let listed = out(&run(folder, &["block", "list"]));
    assert!(listed.contains("spam.example (since "), "{listed}");
    assert!(listed.contains(", in the configuration)"), "{listed}");
    let wrong = run(folder, &["block", "remove", "spam.example"]);
    assert!(
        err(&wrong).contains("receive.blocked_sources"),
        "{}",
        err(&wrong)
    );
    std::fs::write(folder.join("linkback.toml"), "").unwrap();
    Running::start(folder, &serve, true).0.end();
    assert_eq!(
        out(&run(folder, &["block", "list"])),
        "There are no rules to block.\n"
    );
}

#[test]
fn what_a_site_takes_is_set_and_listed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert!(run(folder, &["site", "add", "a.example"]).status.success());
    let set = run(
        folder,
        &["site", "set", "https://a.example", "--vouch", "unknown"],
    );
    assert_eq!(out(&set), "a.example, needs vouches\n");
    let set = run(
        folder,
        &["site", "set", "a.example", "--self-pings", "refuse"],
    );
    assert_eq!(out(&set), "a.example, needs vouches, refuses self-pings\n");
    assert_eq!(out(&run(folder, &["site", "list"])), out(&set));
    let set = run(folder, &["site", "set", "a.example", "--vouch", "off"]);
    assert_eq!(out(&set), "a.example, refuses self-pings\n");
    let wrong = run(folder, &["site", "set", "b.example", "--vouch", "off"]);
    assert!(
        err(&wrong).contains("there is no site b.example"),
        "{}",
        err(&wrong)
    );
}

#[actix_web::test]
async fn a_list_of_a_hundred_thousand_lines_is_imported_while_the_service_runs() {
    use std::fmt::Write as _;

    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let serve = ["serve", "--listen", "127.0.0.1:0", "--site", "a.example"];
    let (running, line) = Running::start(folder, &serve, true);
    let service = address(&line);
    let mut list = String::from("# all that is bad\n||adblock.example^\ncom\n");
    for n in 0..100_000 {
        writeln!(list, "0.0.0.0 host-{n}.example").unwrap();
    }
    list.push_str("spam-0.example\n\u{feff}\nspam-0.example\n198.51.100.0/24\n");
    std::fs::write(folder.join("list.txt"), list).unwrap();
    let importing = linkback(
        folder,
        &["block", "import", "list.txt", "--reason", "a list"],
    )
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();
    let imported = importing.wait_with_output().unwrap();
    assert!(imported.status.success(), "{}", err(&imported));
    let said = out(&imported);
    assert!(
        said.contains("line 2: skipped “||adblock.example^”: it is no host name\n"),
        "{said}"
    );
    assert!(said.contains("line 3: skipped “com”"), "{said}");
    assert!(
        said.ends_with("100002 rules added, 1 known already, 2 lines skipped\n"),
        "{said}"
    );
    assert!(
        err(&imported).contains("100000 lines read"),
        "{}",
        err(&imported)
    );
    let claim = |source: &str| form(&[("source", source), ("target", "https://a.example/x")]);
    let kind = "application/x-www-form-urlencoded";
    for (source, status) in [
        ("https://host-99999.example/", 400),
        ("https://a.spam-0.example/", 400),
        ("http://198.51.100.7/", 400),
        ("https://www.host-99999.example/", 201),
    ] {
        in_time(source, async {
            let body = claim(source);
            while post(service, "/webmention", kind, body.as_bytes())
                .await
                .status
                != status
            {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        })
        .await;
    }
    running.end();
}
