//! The text of the files: one mention a line, in the fields of the API.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::http::mention_json;
use crate::model::{Mention, PageKey};

/// A page's file.
pub(super) fn text(page: &PageKey, mentions: &[Mention]) -> String {
    let mut counts = BTreeMap::new();
    for mention in mentions {
        let count: &mut u64 = counts.entry(mention.entry.kind.as_str()).or_default();
        *count = count.saturating_add(1);
    }
    let mut text = String::from("{\n");
    // Writing to a string does not fail.
    let _ = writeln!(text, "\"page\": {},", Value::from(page.as_str()));
    let _ = writeln!(text, "\"total\": {},", mentions.len());
    let _ = writeln!(text, "\"counts\": {},", json!(counts));
    text.push_str("\"mentions\": [");
    for (n, mention) in mentions.iter().enumerate() {
        text.push_str(if n == 0 { "\n" } else { ",\n" });
        text.push_str(&mention_json(mention));
    }
    text.push_str("\n]\n}\n");
    text
}

/// The file that says which page is in which.
pub(super) fn index(files: &BTreeMap<String, String>) -> String {
    let mut text = String::from("{\n\"format\": 1,\n\"pages\": {");
    for (n, (page, file)) in files.iter().enumerate() {
        text.push_str(if n == 0 { "\n" } else { ",\n" });
        let _ = write!(
            text,
            "{}: {}",
            Value::from(page.as_str()),
            Value::from(file.as_str())
        );
    }
    text.push_str("\n}\n}\n");
    text
}
