//! What the documents say of files, tests, links and codes is so.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Where a path in a document begins if it is one of the project's.
const FOLDERS: [&str; 7] = [
    "src/",
    "tests/",
    "docs/",
    "fixtures/",
    "benches/",
    "fuzz/",
    ".ci/",
];

fn text(path: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// The documents, by their paths.
fn documents() -> Vec<String> {
    let mut documents: Vec<String> = ["README.md", "SECURITY.md", "fixtures/README.md"]
        .map(str::to_owned)
        .into();
    for entry in fs::read_dir(Path::new(ROOT).join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if Path::new(&name).extension().is_some_and(|e| e == "md") {
            documents.push(format!("docs/{name}"));
        }
    }
    documents.sort();
    assert!(documents.len() >= 6, "{documents:?}");
    documents
}

/// What stands between backticks in a line.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// The cells of a table's row.
fn cells(line: &str) -> Option<Vec<&str>> {
    let row = line.strip_prefix('|')?.strip_suffix('|')?;
    Some(row.split('|').map(str::trim).collect())
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// Adds to `wrong` the paths in `part` that do not exist, and the tests that are not in the file
/// named before them. With `strict`, nothing else may stand there.
fn check_part(part: &str, strict: bool, place: &str, wrong: &mut Vec<String>) -> usize {
    let mut file: Option<&str> = None;
    let mut tests: usize = 0;
    for word in quoted(part) {
        if FOLDERS.iter().any(|folder| word.starts_with(folder)) {
            let path = Path::new(ROOT).join(word);
            if !path.exists() {
                wrong.push(format!("{place}: there is no {word}"));
            } else if strict && !path.is_file() {
                wrong.push(format!(
                    "{place}: {word} is a folder, name a file and its tests"
                ));
            } else if path.is_file() {
                file = Some(word);
            }
        } else if is_name(word) && (strict || word.matches('_').count() >= 3) {
            match file {
                Some(file) if text(file).contains(&format!("fn {word}(")) => {
                    tests = tests.saturating_add(1);
                }
                Some(file) => wrong.push(format!("{place}: {file} has no {word}")),
                None if strict => wrong.push(format!("{place}: no file is named for {word}")),
                None => {}
            }
        } else if strict {
            wrong.push(format!("{place}: “{word}” is neither a file nor a test"));
        }
    }
    tests
}

#[test]
fn the_files_and_tests_that_documents_name_exist() {
    let (mut wrong, mut tests) = (Vec::new(), 0_usize);
    for document in documents() {
        // In a table: the column of the tests, if it has one.
        let mut test_column: Option<Option<usize>> = None;
        for (number, line) in text(&document).lines().enumerate() {
            let place = format!("{document}:{}", number.saturating_add(1));
            check_part(line, false, &place, &mut wrong);
            let Some(cells) = cells(line) else {
                test_column = None;
                continue;
            };
            // The first row of a table names its columns.
            let Some(column) = test_column else {
                test_column = Some(cells.iter().position(|cell| *cell == "Test"));
                continue;
            };
            let Some(column) = column else { continue };
            let found = if let Some(cell) = cells.get(column) {
                check_part(cell, true, &place, &mut wrong)
            } else {
                wrong.push(format!("{place}: the row is too short"));
                0
            };
            tests = tests.saturating_add(found);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tests > 60, "only {tests} tests were found in the tables");
}

/// The name of a heading in a link, as forges make it.
fn anchor(heading: &str) -> String {
    heading
        .trim_start_matches('#')
        .trim()
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[test]
fn the_links_between_documents_lead_somewhere() {
    let (mut wrong, mut links) = (Vec::new(), 0_usize);
    for document in documents() {
        let own = text(&document);
        let folder = Path::new(&document).parent().unwrap().to_owned();
        for target in own.split("](").skip(1) {
            let target = target.split(')').next().unwrap();
            if target.contains("://") {
                continue;
            }
            links = links.saturating_add(1);
            let (path, heading) = target.split_once('#').unwrap_or((target, ""));
            let path = if path.is_empty() {
                PathBuf::from(&document)
            } else {
                folder.join(path)
            };
            if !Path::new(ROOT).join(&path).exists() {
                wrong.push(format!("{document}: {target} leads nowhere"));
            } else if !heading.is_empty() {
                let there = text(path.to_str().unwrap());
                let mut headings = there.lines().filter(|line| line.starts_with('#'));
                if !headings.any(|line| anchor(line) == heading) {
                    wrong.push(format!("{document}: {target}: no such heading"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(links > 8, "only {links} links");
}

/// The codes in the body of a function of a source file: its string literals that look like one.
fn codes_in(file: &str, function: &str) -> BTreeSet<String> {
    let source = text(file);
    let start = source
        .find(&format!("fn {function}("))
        .unwrap_or_else(|| panic!("{file} has no {function}"));
    let (_, rest) = source.split_at(start);
    // Up to the next function; comments hold no literals.
    let body = rest.split("\n    pub").next().unwrap();
    let body = body.split("\n}").next().unwrap();
    let body = body.split("\n    fn ").next().unwrap();
    let codes: BTreeSet<String> = body
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.split('"').skip(1).step_by(2))
        .filter(|literal| is_name(literal))
        .map(str::to_owned)
        .collect();
    assert!(!codes.is_empty(), "{file}: {function}");
    codes
}

/// The codes in the first column of the table under a heading of `docs/protocol.md`.
fn codes_under(heading: &str) -> BTreeSet<String> {
    let document = text("docs/protocol.md");
    let section = document.split(&format!("\n{heading}\n")).nth(1).unwrap();
    let section = section.split("\n#").next().unwrap();
    section
        .lines()
        .filter_map(cells)
        .filter_map(|cells| {
            Some(
                cells
                    .first()?
                    .strip_prefix('`')?
                    .strip_suffix('`')?
                    .to_owned(),
            )
        })
        .collect()
}

#[test]
fn every_code_is_documented_and_every_documented_code_exists() {
    let errors = [
        codes_in("src/http/error.rs", "code"),
        codes_in("src/protocol/webmention.rs", "code"),
    ];
    let statuses = [
        codes_in("src/http/status.rs", "explanation"),
        codes_in("src/http/status.rs", "failure_words"),
    ];
    for (heading, given) in [
        ("### Error codes", errors),
        ("### Codes of the status page", statuses),
    ] {
        let given: BTreeSet<String> = given.into_iter().flatten().collect();
        assert_eq!(codes_under(heading), given, "{heading}");
    }
}
