//! Mentions as files, for site generators.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::cli::{err, linkback, out};
use crate::support::TestService;
use crate::support::source_site::{SourcePage, SourceSite};

const BLOG: &str = "https://blog.example";

/// Runs the export beside the service, and says what it says.
async fn export(service: &TestService, arguments: &[&str]) -> Result<String, String> {
    let mut command = linkback(service.folder(), &["export", "--database", "t.sqlite"]);
    command.args(["--static", "data/linkback"]).args(arguments);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap());
    let output = output.await.unwrap();
    if output.status.success() {
        assert_eq!(err(&output), "", "nothing but what was done");
        Ok(out(&output))
    } else {
        Err(err(&output))
    }
}

/// The files in a folder, by name.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let files = std::fs::read_dir(folder).unwrap().map(|file| {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, std::fs::read_to_string(path).unwrap_or_default())
    });
    files.collect()
}

#[actix_web::test]
async fn each_page_is_a_file_that_is_written_only_when_it_changes() {
    let site = SourceSite::start();
    let service = TestService::start(&[BLOG, "https://other.example"]).await;
    let targets = [
        "https://blog.example/2026/ten-steps/",
        "https://blog.example/%2e%2e%2f%2e%2e%2fetc",
        "https://other.example/a",
    ];
    let mut sources = Vec::new();
    for (n, target) in targets.iter().enumerate() {
        let source = site.put(&format!("/{n}"), SourcePage::linking_to(target));
        service.webmention(&source, target).await;
        service.await_mentions(target, 1).await;
        sources.push(source);
    }
    let said = export(&service, &[]).await.unwrap();
    assert_eq!(
        said,
        "mentions: 3, pages: 3; files written: 4, removed: 0\n"
    );
    let folder = service.folder().join("data/linkback");
    let pages = files(&folder.join("pages"));
    let index: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join("index.json")).unwrap()).unwrap();
    let name = index["pages"]["blog.example/2026/ten-steps"]
        .as_str()
        .unwrap();
    assert!(name.starts_with("2026-ten-steps-"), "{name}");
    let page: Value = serde_json::from_str(&pages[&format!("{name}.json")]).unwrap();
    assert_eq!(page["page"], "blog.example/2026/ten-steps");
    assert_eq!(page["total"], 1);
    assert_eq!(page["counts"]["mention"], 1);
    // The same as the API says.
    let shown = service.mentions(targets[0]).await;
    assert_eq!(page["mentions"], Value::from(shown));
    assert_eq!(
        export(&service, &[]).await.unwrap(),
        "mentions: 3, pages: 3; files written: 0, removed: 0\n"
    );
    let source = site.put("/more", SourcePage::linking_to(targets[0]));
    service.webmention(&source, targets[0]).await;
    service.await_mentions(targets[0], 2).await;
    site.put("/2", SourcePage::status(410));
    service.webmention(&sources[2], targets[2]).await;
    service.await_mentions(targets[2], 0).await;
    assert_eq!(
        export(&service, &[]).await.unwrap(),
        "mentions: 3, pages: 2; files written: 2, removed: 1\n"
    );
    let now = files(&folder.join("pages"));
    assert_eq!(now.len(), 2);
    let changed: Vec<_> = now
        .iter()
        .filter(|(name, text)| pages[*name] != **text)
        .collect();
    assert_eq!(changed.len(), 1);
    // Newest first, one a line.
    assert_eq!(changed[0].1.matches("\n{\"id\":").count(), 2);
}

#[actix_web::test]
async fn one_site_alone_is_written_and_one_that_is_not_there_is_named() {
    let site = SourceSite::start();
    let service = TestService::start(&[BLOG, "https://other.example"]).await;
    for target in ["https://blog.example/a", "https://other.example/b"] {
        let source = site.put(
            &format!("/{}", target.len()),
            SourcePage::linking_to(target),
        );
        service.webmention(&source, target).await;
        service.await_mentions(target, 1).await;
    }
    let said = export(&service, &["--site", "other.example"])
        .await
        .unwrap();
    assert!(
        said.starts_with("mentions: 1, pages: 1; files written: 2"),
        "{said}"
    );
    let index = service.folder().join("data/linkback/index.json");
    let index = std::fs::read_to_string(index).unwrap();
    assert!(
        index.contains("other.example/b") && !index.contains("blog.example"),
        "{index}"
    );
    let unknown = export(&service, &["--site", "nowhere.example"])
        .await
        .unwrap_err();
    assert!(
        unknown.contains("there is no site nowhere.example"),
        "{unknown}"
    );
}
