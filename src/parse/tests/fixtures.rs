//! `fixtures/pages/KIND/*`: whole pages, each with all that it must be read as beside it.
//!
//! `UPDATE_FIXTURES=1` rewrites the expectations; the difference is then reviewed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::{page_at, target};
use crate::model::{
    Author, AuthoredTime, CleanHtml, Entry, MentionKind, Reading, Rsvp, SourceUrl, Verdict,
};
use crate::parse::read_source;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/pages")
}

fn author(author: &Author) -> Value {
    said(json!({"name": author.name, "url": author.url, "photo": author.photo}))
}

/// The members that say something.
fn said(value: Value) -> Value {
    let Value::Object(members) = value else {
        return value;
    };
    let says = |value: &Value| !value.is_null() && *value != json!([]);
    Value::Object(
        members
            .into_iter()
            .filter(|(_, value)| says(value))
            .collect(),
    )
}

fn entry(entry: &Entry) -> Value {
    let time = |time: &Option<AuthoredTime>| time.as_ref().map(|t| t.as_str().to_owned());
    said(json!({
        "verdict": "links",
        "kind": entry.kind.as_str(),
        "also": entry.also.iter().map(|kind| kind.as_str()).collect::<Vec<_>>(),
        "rsvp": entry.rsvp.map(Rsvp::as_str),
        "title": entry.title,
        "summary": entry.summary,
        "content": entry.content.as_ref().map(|content| said(json!({
            "html": content.html.as_ref().map(CleanHtml::as_str),
            "text": content.text,
        }))),
        "excerpt": entry.excerpt.as_ref().map(|e| json!([e.before, e.linked, e.after])),
        "author": entry.author.as_ref().map(author),
        "published": time(&entry.published),
        "updated": time(&entry.updated),
        "photos": entry.photos.iter().map(|p| said(json!({"url": p.url, "alt": p.alt}))).collect::<Vec<_>>(),
        "videos": entry.videos,
        "audio": entry.audio,
        "categories": entry.categories,
        "syndication": entry.syndication,
        "location": entry.location.as_ref().map(|place| said(json!({
            "name": place.name, "url": place.url, "coordinates": place.coordinates,
        }))),
        "comments": entry.comments.iter().map(|comment| said(json!({
            "kind": comment.kind.as_str(),
            "author": comment.author.as_ref().map(author),
            "published": time(&comment.published),
            "text": comment.text,
            "url": comment.url,
        }))).collect::<Vec<_>>(),
        "site_name": entry.site_name,
        "site_icon": entry.site_icon,
        "language": entry.language,
        "url": entry.url,
    }))
}

fn as_json(reading: &Reading) -> Value {
    let trace: Vec<String> = reading
        .trace
        .iter()
        .map(|step| format!("{}: {}", step.field, step.rule))
        .collect();
    let mut value = match &reading.verdict {
        Verdict::Links(links) => entry(links),
        Verdict::NoLink { near_misses } => json!({
            "verdict": "no-link",
            "near_misses": near_misses.iter().map(|near| json!([near.url, near.difference])).collect::<Vec<_>>(),
        }),
        Verdict::Gone => json!({"verdict": "gone"}),
        Verdict::Unreadable(why) => json!({"verdict": "unreadable", "why": format!("{why:?}")}),
    };
    if let Some(page) = &reading.author_page {
        value["author_page"] = json!(SourceUrl::as_str(page));
    }
    value["trace"] = json!(trace);
    value
}

/// What a source is by the end of its file's name: what it is served as.
///
/// The longest that fits counts; `NAME.json` alone is an expectation.
const FORMS: [(&str, &str); 8] = [
    (".html", "text/html"),
    (".mf2.json", "application/mf2+json"),
    (".jf2.json", "application/jf2+json"),
    (".as2.json", "application/activity+json"),
    (".feed.json", "application/feed+json"),
    (".atom", "application/atom+xml"),
    (".rss", "application/rss+xml"),
    (".txt", "text/plain; charset=utf-8"),
];
const EXPECTATION: &str = ".json";

/// The address that the head of a page gives as its own: `url: https://…` in the first comment.
fn address(head: &str, stem: &str) -> String {
    let named = head
        .split_once("-->")
        .and_then(|(comment, _)| comment.split_once("url: "));
    named.map_or_else(
        || format!("https://blog.example/2011/05/{stem}"),
        |(_, rest)| rest.split_whitespace().next().unwrap().to_owned(),
    )
}

/// A source, what it is served as, and where it is told how it must be read.
struct Fixture {
    kind: PathBuf,
    stem: String,
    source: PathBuf,
    content_type: &'static str,
    expectation: PathBuf,
}

/// All of them. Every file must be of one.
fn fixtures() -> Vec<Fixture> {
    let mut found = Vec::new();
    for kind in fs::read_dir(folder()).unwrap() {
        let kind = kind.unwrap().path();
        let name = kind.file_name().unwrap().to_str().unwrap();
        assert!(MentionKind::from_name(name).is_some(), "{name} is no kind");
        let names: BTreeSet<String> = fs::read_dir(&kind)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        let mut stems = BTreeSet::new();
        let mut expectations = BTreeSet::new();
        for name in &names {
            let form = FORMS
                .iter()
                .find_map(|(end, of)| Some((name.strip_suffix(end)?, *of)));
            let Some((stem, content_type)) = form else {
                let stem = name.strip_suffix(EXPECTATION);
                expectations.insert(stem.unwrap_or_else(|| panic!("{name} is used by no test")));
                continue;
            };
            assert!(stems.insert(stem), "{stem} has two sources");
            found.push(Fixture {
                stem: stem.to_owned(),
                source: kind.join(name),
                content_type,
                expectation: kind.join(format!("{stem}{EXPECTATION}")),
                kind: kind.clone(),
            });
        }
        let lone = expectations.difference(&stems).next();
        assert_eq!(lone, None, "an expectation in {name} has no source");
    }
    found
}

#[test]
fn every_page_is_read_as_it_is_written_beside_it() {
    let update = std::env::var_os("UPDATE_FIXTURES").is_some();
    let mut wrong = Vec::new();
    let fixtures = fixtures();
    for fixture in &fixtures {
        let stem = &fixture.stem;
        let body = fs::read(&fixture.source).unwrap();
        let head = String::from_utf8_lossy(&body).into_owned();
        assert!(
            fixture.content_type != "text/html" || head.contains("<!-- written for Linkback, CC0"),
            "{stem} does not say where it is from"
        );
        let page = page_at(&address(&head, stem), Some(fixture.content_type), body);
        let wanted = target("https://ex.com/articles/why-we-link");
        let got = as_json(&read_source(&page, &wanted));
        let is_kind = got["kind"]
            .as_str()
            .is_none_or(|of| fixture.kind.ends_with(of));
        assert!(
            is_kind || update,
            "{stem} is in the folder of another kind: {got:#}"
        );
        if update {
            let mut text = serde_json::to_string_pretty(&got).unwrap();
            text.push('\n');
            fs::write(&fixture.expectation, text).unwrap();
            continue;
        }
        let expected = fs::read_to_string(&fixture.expectation)
            .unwrap_or_else(|_| panic!("{stem} has no expectation"));
        let expected: Map<String, Value> = serde_json::from_str(&expected).unwrap();
        if got != Value::Object(expected.clone()) {
            wrong.push(format!(
                "{stem}\n got {got:#}\nwant {:#}",
                Value::Object(expected)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(fixtures.len() >= 100, "{} pages", fixtures.len());
}
