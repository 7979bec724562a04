//! The conformance suite of microformats2: each page is read and compared with its JSON.
//!
//! The suite is not part of this repository. It is looked for in `microformats-tests` in the folder
//! that `LINKBACK_SHARED` names, or else in `../shared`.
//!
//! What is compared is what the suite has: `lang` is dropped on both sides, as its JSON comes from
//! before the specification had it. Objects are compared without order, arrays with it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use url::Url;

use super::super::{Microformats, Options, parse, parse_with};
use super::pages::{CLASSIC, UNIT};

/// "Else use the parsed property value per p-*,u-*,dt-* parsing respectively" (mf2 parsing, value of
/// a nested item). A `u-*` is resolved, as `nested/nested-microformat` wants it of the very same
/// markup (`h-test-as-u`); the page itself says that no parser does what it wants.
const NOT_RESOLVED: &str = "the value of a u-* item without u-url is an address, not text";
/// Value class pattern: the colon of a zone is dropped. `h-event/concatenate`, `h-event/time` and
/// `hcalendar/time` of the classic suite want it so; this one wants it kept.
const COLON_KEPT: &str = "-08:00 becomes -0800 in the classic suite";

/// Where we differ from the unit tests: the file, the item's type, the property, and why.
const DIFFERENCES: [(&str, &str, &str, &str); 4] = [
    (
        "nested/nested-microformat-mistyped",
        "h-test-as-u-with-p-url",
        "test",
        NOT_RESOLVED,
    ),
    (
        "nested/nested-microformat-mistyped",
        "h-test-as-u-with-dt-url",
        "test",
        NOT_RESOLVED,
    ),
    (
        "nested/nested-microformat-mistyped",
        "h-test-as-u-with-e-url",
        "test",
        NOT_RESOLVED,
    ),
    (
        "value/value-dt",
        "h-test-acceptable",
        "2-with-tz",
        COLON_KEPT,
    ),
];

fn suite() -> Option<PathBuf> {
    let shared = std::env::var_os("LINKBACK_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    let suite = shared.join("microformats-tests");
    if suite.is_dir() {
        return Some(suite);
    }
    #[expect(clippy::print_stdout, reason = "who runs the tests has to know")]
    {
        println!("skipped: no conformance suite in {}", suite.display());
    }
    None
}

fn page(folder: &Path, name: &str) -> (String, Json) {
    let read = |extension: &str| {
        let path = folder.join(format!("{name}.{extension}"));
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let mut expected = serde_json::from_str(&read("json")).unwrap();
    drop_lang(&mut expected);
    (read("html"), expected)
}

fn drop_lang(json: &mut Json) {
    match json {
        Json::Object(members) => {
            members.remove("lang");
            members.values_mut().for_each(drop_lang);
        }
        Json::Array(items) => items.iter_mut().for_each(drop_lang),
        _ => {}
    }
}

/// The names of the pages in a folder of the suite.
fn names_in(folder: &Path) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for format in fs::read_dir(folder).unwrap() {
        let format = format.unwrap().path();
        if !format.is_dir() {
            continue;
        }
        for file in fs::read_dir(&format).unwrap() {
            let file = file.unwrap().path();
            if file.extension().is_some_and(|of| of == "json") {
                let name = file.with_extension("");
                let name = name.strip_prefix(folder).unwrap();
                names.insert(name.to_str().unwrap().to_owned());
            }
        }
    }
    names
}

fn listed(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

#[test]
fn every_page_of_the_classic_suite_is_equal_to_its_json() {
    let Some(suite) = suite() else { return };
    let base = Url::parse("http://example.com").unwrap();
    let mut wrong = Vec::new();
    for (folder, names) in CLASSIC {
        let folder = suite.join(folder);
        assert_eq!(listed(names), names_in(&folder), "{}", folder.display());
        for name in names {
            let (html, expected) = page(&folder, name);
            let mut found = Json::from(&parse(&html, &base));
            drop_lang(&mut found);
            if found != expected {
                wrong.push(format!("{name}\n  found    {found}\n  expected {expected}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differ\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// The suite's base is `http://example.test`, and an empty link shall give exactly that, while the
/// classic pages want `http://example.com/` of a base of the same form. So here the page is said to
/// be known by what is written: "the details of expected normalization are undefined" (its README).
#[test]
fn unit_pages_differ_only_where_it_is_known_why() {
    let Some(suite) = suite() else { return };
    let written = "http://example.test";
    let base = Url::parse(written).unwrap();
    let options = Options {
        itself: Some(written.to_owned()),
        ..Options::default()
    };
    let score = Score::of(&suite, |html| parse_with(html, &base, &options));
    let known: Vec<_> = DIFFERENCES
        .iter()
        .map(|(file, kind, property, why)| {
            assert!(!why.is_empty());
            format!("{file} {kind} {property}")
        })
        .collect();
    assert_eq!(score.differing(), known, "{:#?}", score.differences);
    assert_eq!((score.equal.len(), score.properties.len()), (17, 901));
}

/// Without that the empty links differ, too, by the slash of the root, and nothing else.
#[test]
fn without_options_unit_pages_differ_in_the_slash_of_the_root_only() {
    let Some(suite) = suite() else { return };
    let base = Url::parse("http://example.test").unwrap();
    let score = Score::of(&suite, |html| parse(html, &base));
    let known: BTreeSet<_> = DIFFERENCES
        .iter()
        .map(|(file, kind, property, _)| format!("{file} {kind} {property}"))
        .collect();
    for (what, ours, theirs) in &score.differences {
        let same = ours.replace("http://example.test/\"", "http://example.test\"") == *theirs;
        assert!(same || known.contains(what), "{what}: {ours} {theirs}");
    }
    assert_eq!((score.equal.len(), score.differences.len()), (13, 64));
}

/// How the unit pages fare.
#[derive(Default)]
struct Score {
    equal: Vec<&'static str>,
    /// The names of the properties that are expected.
    properties: Vec<String>,
    /// The place of each that is not as expected, what was found, and what was expected.
    differences: Vec<(String, String, String)>,
}

impl Score {
    fn of(suite: &Path, parse: impl Fn(&str) -> Microformats) -> Self {
        let folder = suite.join("microformats-v2-unit");
        assert_eq!(listed(&UNIT), names_in(&folder));
        let mut score = Self::default();
        for name in UNIT {
            let (html, expected) = page(&folder, name);
            let mut found = Json::from(&parse(&html));
            drop_lang(&mut found);
            let before = score.differences.len();
            score.compare(name, &found["items"], &expected["items"]);
            let is_equal = before == score.differences.len();
            assert_eq!(found == expected, is_equal, "{name}: {found}");
            if is_equal {
                score.equal.push(name);
            }
        }
        score
    }

    fn differing(&self) -> Vec<String> {
        self.differences
            .iter()
            .map(|(what, _, _)| what.clone())
            .collect()
    }

    /// Compares items by their place, and counts the expected properties.
    fn compare(&mut self, name: &str, found: &Json, expected: &Json) {
        let (found, expected) = (found.as_array().unwrap(), expected.as_array().unwrap());
        let kinds = |items: &[Json]| {
            items
                .iter()
                .map(|item| item["type"].clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(kinds(found), kinds(expected), "{name}");
        for (found, expected) in found.iter().zip(expected) {
            let (ours, theirs) = (
                found["properties"].as_object().unwrap(),
                expected["properties"].as_object().unwrap(),
            );
            self.properties.extend(theirs.keys().cloned());
            let all: BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
            for property in all {
                let (ours, theirs) = (ours.get(property), theirs.get(property));
                if ours != theirs {
                    self.differences.push((
                        format!(
                            "{name} {} {property}",
                            expected["type"][0].as_str().unwrap()
                        ),
                        json(ours),
                        json(theirs),
                    ));
                }
            }
            if found.get("children").is_some() && expected.get("children").is_some() {
                self.compare(name, &found["children"], &expected["children"]);
            } else {
                assert_eq!(found.get("children"), expected.get("children"), "{name}");
            }
        }
    }
}

fn json(value: Option<&Json>) -> String {
    value.map(Json::to_string).unwrap_or_default()
}
