//! What the fuzz targets promise, held against the inputs that are kept in `fuzz/corpus/`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test fails by panicking"
)]
#![allow(
    unreachable_pub,
    reason = "the promises are a library of the fuzz targets as well"
)]

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

#[path = "../fuzz/promises/mod.rs"]
mod promises;

/// A target: its name, and what it promises.
type Target = (&'static str, fn(&[u8]));

const TARGETS: [Target; 7] = [
    ("date", promises::date),
    ("microformats", promises::microformats),
    ("picture", promises::picture),
    ("policy_url", promises::policy_url),
    ("read_source", promises::read_source),
    ("sanitise", promises::sanitise),
    ("xmlrpc", promises::xmlrpc),
];

/// Bytes of all inputs of a target, and of one: a corpus is copied by everybody who clones.
const MAX_CORPUS: usize = 100_000;
const MAX_INPUT: usize = 8 * 1024;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

#[test]
fn every_input_of_the_fuzz_corpora_keeps_the_promises() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let names: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
    for folder in files(&corpora) {
        let name = folder.file_name().unwrap().to_str().unwrap();
        assert!(names.contains(&name), "{name} is no target");
    }
    let mut broken = Vec::new();
    for (name, promise) in TARGETS {
        let inputs = files(&corpora.join(name));
        assert!(inputs.len() >= 20, "{} inputs of {name}", inputs.len());
        let mut bytes = 0;
        for input in inputs {
            let data = fs::read(&input).unwrap();
            assert!(data.len() <= MAX_INPUT, "{} is too long", input.display());
            bytes += data.len();
            if catch_unwind(|| promise(&data)).is_err() {
                broken.push(input.display().to_string());
            }
        }
        assert!(bytes <= MAX_CORPUS, "{bytes} bytes of inputs of {name}");
    }
    assert!(broken.is_empty(), "not kept of:\n{}", broken.join("\n"));
}

#[test]
fn every_target_that_is_fuzzed_is_held_against_its_corpus() {
    let targets = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/targets");
    let fuzzed: Vec<String> = files(&targets)
        .iter()
        .map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let held: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
    assert_eq!(fuzzed, held);
}
