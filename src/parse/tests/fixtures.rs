//! `fixtures/pages/mention/*.html`: whole pages, each with what it must be read as beside it.
//!
//! `UPDATE_FIXTURES=1` rewrites the expectations; the difference is then reviewed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{page_at, target};
use crate::model::{AuthoredTime, Reading, Verdict};
use crate::parse::read_source;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/pages/mention")
}

fn as_json(reading: &Reading) -> Value {
    let trace: Vec<String> = reading
        .trace
        .iter()
        .map(|step| format!("{}: {}", step.field, step.rule))
        .collect();
    let mut value = match &reading.verdict {
        Verdict::Links(entry) => json!({
            "verdict": "links",
            "kind": entry.kind.as_str(),
            "title": entry.title,
            "site_name": entry.site_name,
            "author": entry.author.as_ref().map(|author| json!({"name": author.name, "url": author.url})),
            "published": entry.published.as_ref().map(AuthoredTime::as_str),
            "excerpt": entry.excerpt.as_ref().map(|e| json!([e.before, e.linked, e.after])),
            "language": entry.language,
            "url": entry.url,
        }),
        Verdict::NoLink { near_misses } => json!({
            "verdict": "no-link",
            "near_misses": near_misses.iter().map(|near| json!([near.url, near.difference])).collect::<Vec<_>>(),
        }),
        Verdict::Gone => json!({"verdict": "gone"}),
        Verdict::Unreadable(why) => json!({"verdict": "unreadable", "why": format!("{why:?}")}),
    };
    value["trace"] = json!(trace);
    value
}

#[test]
fn every_page_is_read_as_it_is_written_beside_it() {
    let update = std::env::var_os("UPDATE_FIXTURES").is_some();
    let mut stems: BTreeSet<String> = BTreeSet::new();
    for file in fs::read_dir(folder()).unwrap() {
        let path = file.unwrap().path();
        let extension = path.extension().and_then(|e| e.to_str());
        assert!(
            matches!(extension, Some("html" | "json")),
            "{} is used by no test",
            path.display()
        );
        stems.insert(path.file_stem().unwrap().to_str().unwrap().to_owned());
    }
    assert!(stems.len() >= 33);
    for stem in stems {
        let page_path = folder().join(format!("{stem}.html"));
        let expected_path = folder().join(format!("{stem}.json"));
        let body = fs::read(&page_path).unwrap_or_else(|_| panic!("{stem}.json has no page"));
        let head = String::from_utf8_lossy(&body).into_owned();
        assert!(
            head.contains("<!-- written for Linkback, CC0"),
            "{stem} does not say where it is from"
        );
        let url = format!("https://blog.example/2011/05/{stem}");
        let page = page_at(&url, Some("text/html"), body);
        let got = as_json(&read_source(
            &page,
            &target("https://ex.com/articles/why-we-link"),
        ));
        if update {
            let mut text = serde_json::to_string_pretty(&got).unwrap();
            text.push('\n');
            fs::write(&expected_path, text).unwrap();
            continue;
        }
        let expected = fs::read_to_string(&expected_path)
            .unwrap_or_else(|_| panic!("{stem}.html has no expectation"));
        let expected: Value = serde_json::from_str(&expected).unwrap();
        assert_eq!(got, expected, "{stem}");
    }
}
