//! The rooms of the crate know only those below them: what each folder names with `crate::` is held
//! against the table in the crate's documentation.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// Which rooms a room may name besides itself. `app` and `cli` may name all.
const MAY_USE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("protocol", &["model"]),
    ("parse", &["model"]),
    ("picture", &["model"]),
    ("fetch", &["model"]),
    ("store", &["model"]),
    ("worker", &["model", "parse", "picture", "fetch", "store"]),
    ("http", &["model", "protocol", "store"]),
    ("config", &["model", "worker"]),
];

/// Crates that only one room may name: the others meet them through its trait.
const OWNED_CRATES: &[(&str, &str)] = &[
    ("rusqlite", "store"),
    ("hickory_resolver", "fetch"),
    ("image", "picture"),
    ("html5ever", "parse"),
    ("psl", "model"),
    ("scraper", "parse"),
    ("quick_xml", "protocol parse http cli"),
];

#[test]
fn rooms_know_only_those_below_them() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for file in rust_files(&src) {
        let room = room_of(&src, &file);
        let text = fs::read_to_string(&file).unwrap();
        let allowed = MAY_USE.iter().find(|(name, _)| *name == room);
        for (number, line) in text.lines().enumerate() {
            // Documentation may point anywhere.
            if line.trim_start().starts_with("//") {
                continue;
            }
            for used in line.split("crate::").skip(1) {
                let used: String = used
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                let known =
                    used == room || allowed.is_none_or(|(_, may)| may.contains(&used.as_str()));
                if !known {
                    wrong.push(format!(
                        "{}:{}: {room} must not know {used}",
                        file.display(),
                        number + 1
                    ));
                }
            }
            for (owned, owners) in OWNED_CRATES {
                let names = line.contains(&format!("{owned}::"));
                if names && !owners.split(' ').any(|owner| owner == room) {
                    wrong.push(format!(
                        "{}:{}: only {owners} may name {owned}",
                        file.display(),
                        number + 1
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_room_is_in_the_table() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for file in rust_files(&src) {
        let room = room_of(&src, &file);
        let listed = MAY_USE.iter().any(|(name, _)| *name == room);
        let free = ["app", "cli", "lib", "main"].contains(&room.as_str());
        assert!(listed || free, "{room} is in no table");
    }
}

/// The folder below `src`, or the name of a file that stands in `src` itself.
fn room_of(src: &Path, file: &Path) -> String {
    let inside = file.strip_prefix(src).unwrap();
    let first = inside.components().next().unwrap();
    Path::new(first.as_os_str())
        .file_stem()
        .unwrap()
        .to_string_lossy()
        .into_owned()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files
}
