//! What blogs show mentions of webmention.io with, as it is published, against our service: nothing is
//! changed in it but the name of the host. It is installed from npm into a temporary folder; where there is
//! no npm, no network or no browser, the test says so and passes. `openapi`: what judges our own API.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    reason = "a test fails by panicking"
)]

#[path = "../support/mod.rs"]
mod support;

mod openapi;

use std::path::Path;
use std::process::Command;

use linkback::model::{Clock as _, SiteBase, SystemClock};
use serde_json::Value;
use support::source_site::{SourcePage, SourceSite};
use support::{TestService, browser, form, get};

const TARGET: &str = "https://blog.example/post/";

/// More than the clients ask for at a time.
const COUNT: usize = 1203;

/// Installs packages into `folder`, without running anything of theirs; `false`, said aloud, where that
/// cannot be done here.
fn install(folder: &Path, packages: &[&str]) -> bool {
    std::fs::write(folder.join("package.json"), "{\"private\": true}").unwrap();
    let npm = Command::new("npm")
        .args([
            "install",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--fetch-retries=1",
        ])
        .args(packages)
        .current_dir(folder)
        .output();
    match npm {
        Ok(output) if output.status.success() => true,
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let packages = packages.join(", ");
            eprintln!("skipped: npm cannot install {packages} here: {said}");
            false
        }
        Err(error) => {
            eprintln!("skipped: there is no npm here: {error}");
            false
        }
    }
}

/// Changes the host in a file of a package, and nothing else.
fn change_host(file: &Path, base: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    assert!(
        text.contains("https://webmention.io/"),
        "{}",
        file.display()
    );
    std::fs::write(
        file,
        text.replace("https://webmention.io/", &format!("{base}/")),
    )
    .unwrap();
}

#[actix_web::test]
async fn eleventy_plugins_find_all_mentions() {
    let folder = tempfile::tempdir().unwrap();
    let packages = [
        "@chrisburnell/eleventy-cache-webmentions@2.3.5",
        "eleventy-plugin-webmentions@2.1.0",
    ];
    if !install(folder.path(), &packages) {
        return;
    }
    let service = TestService::start_filled(TARGET, COUNT).await;
    let base = format!("http://{}", service.address);
    let site = SiteBase::parse("blog.example").unwrap();
    let token = service
        .store()
        .add_token(&site, "", SystemClock.now())
        .await;
    let plugin = "node_modules/eleventy-plugin-webmentions/webmentions.js";
    change_host(&folder.path().join(plugin), &base);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/eleventy.cjs");
    let mut node = Command::new("node");
    node.arg(script)
        .current_dir(folder.path())
        .env("BASE", &base)
        .env("TOKEN", token.unwrap().unwrap())
        .env("DOMAIN", "blog.example")
        .env("TARGET", TARGET);
    // The service answers on this very runtime.
    let output = actix_web::web::block(move || node.output())
        .await
        .unwrap()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    for (way, like, reply) in [
        ("jf2", "like-of", "in-reply-to"),
        ("whole", "like-of", "in-reply-to"),
        ("json", "like", "reply"),
    ] {
        let found = &found[way];
        for number in ["all", "ofPage", "again"] {
            assert_eq!(found[number], COUNT, "{way}: {found:#}\n{said}");
        }
        assert_eq!(found["kinds"][like], COUNT / 3, "{way}: {found:#}");
        assert_eq!(found["kinds"][reply], COUNT / 3, "{way}: {found:#}");
        assert!(
            found["content"].as_str().unwrap().starts_with("Words "),
            "{way}: {found:#}"
        );
        assert!(
            found["source"].as_str().unwrap().starts_with("https://s"),
            "{way}: {found:#}"
        );
    }
    assert_eq!(found["plugin"]["all"], COUNT, "{found:#}\n{said}");
    let content = found["plugin"]["content"].as_str().unwrap();
    assert!(content.starts_with("<p>Words "), "{content}");
}

#[actix_web::test]
async fn webmention_js_shows_mentions_in_a_browser() {
    let Some(browser) = browser::find() else {
        eprintln!("skipped: there is no chromium here");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    if !install(folder.path(), &["webmention.js@0.5.5"]) {
        return;
    }
    let service = TestService::start_filled(TARGET, 20).await;
    let file = folder
        .path()
        .join("node_modules/webmention.js/static/webmention.js");
    change_host(&file, &format!("http://{}", service.address));
    let blog = SourceSite::start();
    let mut script = SourcePage::html(&std::fs::read_to_string(&file).unwrap());
    script.content_type = "text/javascript".to_owned();
    blog.put("/webmention.js", script);
    let page = blog.put(
        "/post",
        SourcePage::html(&format!(
            "<!doctype html><title>A post</title><div id=webmentions></div>\
             <script src=/webmention.js data-page-url=\"{TARGET}\" async></script>"
        )),
    );
    let dom = browser::dom(browser, &page).await;
    assert_eq!(dom.matches("class=\"reaction\"").count(), 20, "{dom}");
    // The words of a reply, who liked, and where they lead.
    assert!(dom.contains("Words 4"), "{dom}");
    assert!(dom.contains("Author 3"), "{dom}");
    assert!(dom.contains("href=\"https://s3.example/post\""), "{dom}");
}

/// How jekyll-webmention_io asks: with raw brackets, for 9,999, since the last number it knows.
#[actix_web::test]
async fn a_poller_with_since_id_sees_each_mention_once() {
    let service = TestService::start_filled(TARGET, 30).await;
    let (site, other) = (SourceSite::start(), "https://blog.example/other/");
    let mut seen = Vec::new();
    let mut last = 0;
    for round in 0..4 {
        let since = if last == 0 {
            String::new()
        } else {
            format!("&since_id={last}")
        };
        let path = format!(
            "/api/mentions?target[]={TARGET}&target[]={other}{since}&sort-by=published&perPage=9999"
        );
        let answer = get(service.address, &path, "*/*").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        for link in answer.json()["links"].as_array().unwrap() {
            assert!(link["data"].is_object() && link["verified_date"].is_string());
            assert!(link["activity"]["sentence_html"].is_string());
            let id = link["id"].as_u64().unwrap();
            last = last.max(id);
            seen.push(id);
        }
        assert_eq!(seen.len(), 30 + round * 2);
        for (n, target) in [(0, TARGET), (1, other)] {
            let page = SourcePage::linking_to(target);
            let source = site.put(&format!("/{round}/{n}"), page);
            assert_eq!(service.webmention(&source, target).await.status, 201);
        }
        let counts = async || {
            let query = form(&[("target[]", TARGET), ("target[]", other)]);
            let answer = service.get(&format!("/api/count?{query}")).await.json();
            answer["count"].as_u64().unwrap()
        };
        support::in_time("the mentions", async {
            while counts().await < 32 + 2 * round as u64 {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        })
        .await;
    }
    let count = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), count);
}
