//! `linkback explain` at the door: what the owner's sites and rules say of a mention.

use std::path::Path;

use serde_json::Value;

use crate::cli::{err, linkback, out, run};
use crate::support::source_site::{SourcePage, SourceSite};

const SOURCE: &str = "https://ann.example/1";
const TARGET: &str = "https://blog.example/post";

/// A folder with a page that links to [`TARGET`], and no database.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let page = format!("<p>See <a href='{TARGET}'>this</a>.</p>");
    std::fs::write(folder.path().join("page.html"), page).unwrap();
    folder
}

fn done(folder: &Path, arguments: &[&str]) {
    let output = run(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", err(&output));
}

/// The exit code and what is said of the saved page, as if it were at `source`.
fn explain(folder: &Path, source: &str, target: &str) -> (Option<i32>, String) {
    let output = run(folder, &["explain", "--page", "page.html", source, target]);
    (output.status.code(), out(&output))
}

/// What the door says of the saved page.
fn door(folder: &Path, source: &str, target: &str) -> Value {
    let arguments = ["explain", "--json", "--page", "page.html", source, target];
    let output = run(folder, &arguments);
    let told: Value = serde_json::from_str(&out(&output)).unwrap();
    told["door"].clone()
}

/// The code by which the door refuses, and the status that the sender is answered.
fn refusal(door: &Value) -> Option<(u64, String)> {
    let answers = door["answers"].as_array().unwrap();
    let refused = answers.iter().find(|answer| answer["code"].is_string());
    assert_eq!(door["is_refused"], refused.is_some(), "{door}");
    refused.map(|answer| {
        let code = answer["code"].as_str().unwrap().to_owned();
        (answer["status"].as_u64().unwrap(), code)
    })
}

fn refused(status: u64, code: &str) -> (u64, String) {
    (status, code.to_owned())
}

#[test]
fn explain_without_a_database_goes_by_the_page_says_so_and_makes_none() {
    let folder = folder();
    let folder = folder.path();
    let (code, told) = explain(folder, SOURCE, TARGET);
    assert_eq!(code, Some(0), "{told}");
    let want = "no database at linkback.sqlite: sites and rules were not asked";
    assert!(told.contains(want), "{told}");
    assert!(told.contains("links; as far as the page goes"), "{told}");
    let said = door(folder, SOURCE, TARGET);
    assert_eq!(said["is_asked"], false);
    assert_eq!(refusal(&said), None);
    assert!(!folder.join("linkback.sqlite").exists());
    let (code, told) = explain(folder, "http://blog.example/post/", TARGET);
    assert_eq!(code, Some(3), "{told}");
    assert!(told.contains("400, source_is_target"), "{told}");
}

#[test]
fn explain_refuses_what_is_of_no_site() {
    let folder = folder();
    let folder = folder.path();
    done(folder, &["site", "add", "https://blog.example/post"]);
    let (code, told) = explain(folder, SOURCE, TARGET);
    assert_eq!(code, Some(0), "{told}");
    for part in [
        "blog.example/post is a site here",
        "links; this would be shown\n",
    ] {
        assert!(told.contains(part), "{part} in {told}");
    }
    let page = "<a href='https://blog.example/b'>x</a>";
    std::fs::write(folder.join("page.html"), page).unwrap();
    let other = "https://blog.example/b";
    let (code, told) = explain(folder, SOURCE, other);
    assert_eq!(code, Some(3), "{told}");
    for part in [
        "no site of yours covers the target",
        "400, target_not_supported",
        "verdict: links, but it would be refused at the door",
    ] {
        assert!(told.contains(part), "{part} in {told}");
    }
    assert!(!told.contains("would be shown"), "{told}");
    let want = refused(400, "target_not_supported");
    assert_eq!(refusal(&door(folder, SOURCE, other)), Some(want));
    // What the next start of the service would add counts.
    std::fs::write(folder.join("linkback.toml"), "sites = ['blog.example']").unwrap();
    let (code, told) = explain(folder, SOURCE, other);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("in the configuration"), "{told}");
    let sites = out(&run(folder, &["site", "list"]));
    assert_eq!(sites, "blog.example/post\n", "nothing was written");
}

#[test]
fn explain_refuses_whom_a_rule_turns_away_and_names_the_rule() {
    let folder = folder();
    let folder = folder.path();
    done(folder, &["site", "add", "blog.example"]);
    done(folder, &["site", "add", "other.example"]);
    let block = |more: &[&str]| done(folder, &[&["block", "add"], more].concat());
    block(&["spam.example", "--reason", "sells pills"]);
    block(&["ann.example", "--site", "other.example"]);
    let source = "https://a.spam.example/1";
    let (code, told) = explain(folder, source, TARGET);
    assert_eq!(code, Some(3), "{told}");
    for part in ["spam.example", "sells pills", "400, source_blocked"] {
        assert!(told.contains(part), "{part} in {told}");
    }
    assert!(!told.contains("would be shown"), "{told}");
    // A rule for another site is none for this one.
    assert_eq!(refusal(&door(folder, SOURCE, TARGET)), None);
    let json = door(folder, SOURCE, "https://other.example/");
    assert_eq!(refusal(&json), Some(refused(400, "source_blocked")));
    done(folder, &["allow", "add", "=a.spam.example"]);
    let (code, told) = explain(folder, source, TARGET);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("=a.spam.example"), "{told}");
    let blocked = "[receive]\nblocked_sources = ['ann.example']";
    std::fs::write(folder.join("linkback.toml"), blocked).unwrap();
    let json = door(folder, SOURCE, TARGET);
    assert_eq!(refusal(&json), Some(refused(400, "source_blocked")));
    let rules = out(&run(folder, &["block", "list"]));
    assert!(!rules.contains("in the configuration"), "{rules}");
}

#[test]
fn explain_asks_the_sites_settings() {
    let folder = folder();
    let folder = folder.path();
    done(folder, &["site", "add", "blog.example"]);
    let own = "https://blog.example/other";
    assert_eq!(refusal(&door(folder, own, TARGET)), None);
    done(
        folder,
        &["site", "set", "blog.example", "--self-pings", "refuse"],
    );
    let want = refused(400, "self_ping");
    assert_eq!(refusal(&door(folder, own, TARGET)), Some(want));
    done(
        folder,
        &["site", "set", "blog.example", "--vouch", "unknown"],
    );
    let want = refused(400, "vouch_required");
    assert_eq!(refusal(&door(folder, SOURCE, TARGET)), Some(want));
    done(folder, &["allow", "add", "ann.example"]);
    assert_eq!(refusal(&door(folder, SOURCE, TARGET)), None);
    let ours = "public_url = 'https://ann.example'";
    std::fs::write(folder.join("linkback.toml"), ours).unwrap();
    let want = refused(400, "source_is_receiver");
    assert_eq!(refusal(&door(folder, SOURCE, TARGET)), Some(want));
}

#[actix_web::test]
async fn explain_asks_the_rules_about_where_a_source_leads_to() {
    let folder = folder();
    let (here, there) = (SourceSite::start(), SourceSite::start());
    let end = there.put("/ann/1", SourcePage::linking_to(TARGET));
    let source = here.put("/go", SourcePage::status(302).with_header("location", &end));
    done(folder.path(), &["site", "add", "blog.example"]);
    let explain = || {
        let arguments = ["explain", &source, TARGET, "--allow-network", "127.0.0.0/8"];
        let mut command = linkback(folder.path(), &arguments);
        async move {
            let output = tokio::task::spawn_blocking(move || command.output().unwrap());
            let output = output.await.unwrap();
            (output.status.code(), out(&output))
        }
    };
    let (code, told) = explain().await;
    assert_eq!(code, Some(0), "{told}");
    done(folder.path(), &["block", "add", "http://127.0.0.1/ann"]);
    let (code, told) = explain().await;
    assert_eq!(code, Some(3), "{told}");
    for part in ["127.0.0.1/ann", "201, then source_blocked"] {
        assert!(told.contains(part), "{part} in {told}");
    }
}
