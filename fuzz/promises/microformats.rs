//! Target `microformats`: the parser by itself, all of its details.

use linkback::parse::microformats::{Item, Microformats, Value, parse_bytes};
use serde_json::Value as Json;
use url::Url;

/// Items within items, an item of a property's value not counted twice.
const MAX_DEPTH: usize = 34;
/// Elements that a page may have beyond one for every two bytes.
const SPARE_ELEMENTS: usize = 10_000;
/// How often a byte of the page may be read or copied, and what is free: the parser's own budget.
const TIMES: usize = 16;
const SPARE: usize = 1 << 20;

/// Any bytes give microformats; there are no more of them than the budget allows, they are of the form
/// that is promised, and their JSON is read as what it was written as.
pub fn microformats(data: &[u8]) {
    let base = Url::parse("https://blog.example/2011/05/post").unwrap();
    let found = parse_bytes(data, None, &base);
    assert!(found.items.len() <= data.len() / 2 + SPARE_ELEMENTS);
    let mut values = 0;
    for item in &found.items {
        assert!(item.value.is_none(), "an outermost item has a value");
        is_item(item, MAX_DEPTH, &mut values);
    }
    assert!(values <= data.len() * TIMES + SPARE, "{values} values");
    are_rels(&found);

    let json = Json::from(&found);
    let text = serde_json::to_string(&json).unwrap();
    let again: Json = serde_json::from_str(&text).unwrap();
    assert_eq!(again, json);
    assert_eq!(
        json["items"].as_array().map(Vec::len),
        Some(found.items.len())
    );
}

fn is_item(item: &Item, depth: usize, values: &mut usize) {
    assert!(depth > 0, "nested too deep");
    assert!(!item.types.is_empty(), "an item without type");
    assert!(item.types.is_sorted_by(|a, b| a < b), "{:?}", item.types);
    for kind in &item.types {
        let name = kind
            .strip_prefix("h-")
            .unwrap_or_else(|| panic!("type {kind:?}"));
        is_name(name);
    }
    for (name, of) in &item.properties {
        is_name(name);
        assert!(!of.is_empty(), "{name} without a value");
        for value in of {
            is_value(value, depth, values);
        }
    }
    for child in &item.children {
        assert!(child.value.is_none(), "a child has a value");
        *values += 1;
        is_item(child, depth - 1, values);
    }
    assert_ne!(item.id.as_deref(), Some(""));
}

fn is_value(value: &Value, depth: usize, values: &mut usize) {
    *values += 1;
    if let Value::Item(item) = value {
        let plain = item.value.as_deref();
        assert!(!matches!(plain, Some(Value::Item(_))), "a value of a value");
        is_item(item, depth - 1, values);
    }
}

/// mf2 parsing: lower-case letters and digits, parted by hyphens.
fn is_name(name: &str) {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    assert!(!name.is_empty() && name.bytes().all(fits), "name {name:?}");
}

fn are_rels(found: &Microformats) {
    for (rel, urls) in &found.rels {
        assert!(!rel.is_empty() && !rel.contains(|c: char| c.is_ascii_whitespace()));
        for url in urls {
            let about = &found.rel_urls[url];
            assert!(about.rels.binary_search(rel).is_ok(), "{url} is not {rel}");
        }
    }
    for (url, about) in &found.rel_urls {
        assert!(about.rels.is_sorted_by(|a, b| a < b), "{:?}", about.rels);
        assert!(!about.rels.is_empty(), "{url} has no rel");
        assert!(about.rels.iter().all(|rel| found.rels[rel].contains(url)));
    }
}
