//! Tests of the whole room, through its front door.

mod authors;
mod entries;
mod exact_match;
mod excerpts;
mod facts;
mod fixtures;
mod hostile;
mod items;
mod pages;
mod tokens;
mod traces;

use url::Url;

use crate::model::{Entry, Page, Reading, TargetUrl, Verdict};

use super::read_source;

/// A page with a body at an address of its own.
fn page_at(url: &str, content_type: Option<&str>, body: impl Into<Vec<u8>>) -> Page {
    Page {
        url: Url::parse(url).unwrap(),
        status: 200,
        content_type: content_type.map(str::to_owned),
        body: body.into(),
        truncated: false,
    }
}

/// An HTML page.
fn html(body: impl Into<Vec<u8>>) -> Page {
    page_at(
        "https://source.example/post",
        Some("text/html; charset=utf-8"),
        body,
    )
}

/// What `body` says about `https://ex.com/a`.
fn read(body: &str) -> Reading {
    read_source(&html(body), &target("https://ex.com/a"))
}

fn target(url: &str) -> TargetUrl {
    TargetUrl::parse(url).unwrap()
}

/// The entry of a page that links to `https://ex.com/a`.
fn entry(body: &str) -> Entry {
    match read(body).verdict {
        Verdict::Links(entry) => *entry,
        other => panic!("{other:?}: {body}"),
    }
}
