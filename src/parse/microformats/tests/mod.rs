//! Tests of the parser, through its front door.

mod hostile;
mod pages;
mod suite;
mod values;

use serde_json::Value as Json;
use url::Url;

use super::{Microformats, parse};

fn base() -> Url {
    Url::parse("https://ex.com/").unwrap()
}

/// What is on a page at `https://ex.com/`.
fn microformats(html: &str) -> Microformats {
    parse(html, &base())
}

/// The same as JSON.
fn microformats_of(html: &str) -> Json {
    Json::from(&microformats(html))
}
