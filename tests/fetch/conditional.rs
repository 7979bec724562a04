//! Asking again: only for what has changed, and whether the page has moved for good.

use linkback::fetch::limits::Limits;
use linkback::fetch::{Fetch, Fetched};
use linkback::model::{SourceUrl, Validators};
use url::Url;

use crate::stub_site::{StubSite, answer, ok, redirect};
use crate::support::{Names, came_of, client, fetch, only_127_0_0_1};

const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

fn known(url: &str) -> Validators {
    Validators {
        url: Url::parse(url).unwrap(),
        etag: Some("W/\"v1\"".to_owned()),
        last_modified: Some(DATE.to_owned()),
    }
}

async fn fetch_if_changed(url: &str, known: &Validators) -> Fetched {
    let (client, _) = client(only_127_0_0_1(), Limits::default(), Names::default());
    let source = SourceUrl::parse(url).unwrap();
    client.fetch_if_changed(&source, known).await
}

#[tokio::test]
async fn a_page_comes_with_what_its_server_said_of_its_state() {
    let fields = format!("ETag: W/\"v1\"\r\nLast-Modified: {DATE}\r\n");
    let site = StubSite::serve(move |path| match path {
        "/" => redirect(302, "/page"),
        "/page" => answer("200 OK", &fields, b"hello"),
        "/203" => answer("203 Transformed", &fields, b"hello"),
        "/206" => answer("206 Partial Content", &fields, b"hello"),
        _ => ok("text/html", b"hello"),
    });
    let found = fetch(&site.url("/")).await.validators;
    assert_eq!(found, Some(known(&site.url("/page"))));
    for path in ["/203", "/206", "/bare"] {
        assert_eq!(fetch(&site.url(path)).await.validators, None, "{path}");
    }
}

#[tokio::test]
async fn a_page_that_has_not_changed_is_not_sent_again() {
    let site = StubSite::serve(|path| match path {
        "/" => redirect(301, "/page#here"),
        _ => answer("304 Not Modified", "ETag: W/\"v1\"\r\n", b""),
    });
    let known = known(&site.url("/page"));
    let fetched = fetch_if_changed(&site.url("/"), &known).await;
    assert_eq!(fetched.hops[1].status, Some(304));
    assert!(fetched.has_moved());
    assert_eq!(came_of(fetched), "unchanged");
    let requests: Vec<String> = site.requests().iter().map(|r| r.to_lowercase()).collect();
    // The condition is for the page alone, not for what redirects to it.
    assert!(!requests[0].contains("if-none-match"), "{requests:?}");
    assert!(
        requests[1].contains("if-none-match: w/\"v1\"\r\n"),
        "{requests:?}"
    );
    let date = format!("if-modified-since: {}\r\n", DATE.to_lowercase());
    assert!(requests[1].contains(&date), "{requests:?}");
}

#[tokio::test]
async fn a_page_that_has_changed_is_sent_with_its_new_state() {
    let site = StubSite::serve(|_| answer("200 OK", "ETag: \"v2\"\r\n", b"hello"));
    let fetched = fetch_if_changed(&site.url("/"), &known(&site.url("/"))).await;
    let found = fetched.validators.as_ref().unwrap();
    assert_eq!(found.etag.as_deref(), Some("\"v2\""));
    assert_eq!(found.last_modified, None);
    assert_eq!(came_of(fetched), "page of 5 bytes");
}

#[tokio::test]
async fn nobody_is_told_what_another_page_said() {
    let site = StubSite::serve(|_| answer("304 Not Modified", "", b""));
    let elsewhere = known("http://127.0.0.1:1/");
    let came = came_of(fetch_if_changed(&site.url("/"), &elsewhere).await);
    assert_eq!(came, "bad response: 304 to a question without conditions");
    assert!(!site.requests()[0].to_lowercase().contains("if-"));
    let came = came_of(fetch(&site.url("/")).await);
    assert_eq!(came, "bad response: 304 to a question without conditions");
}

#[tokio::test]
async fn a_page_has_moved_if_every_redirect_on_the_way_is_for_good() {
    let site = StubSite::serve(|path| match path {
        "/301" => redirect(301, "/308"),
        "/308" => redirect(308, "/page"),
        "/301-302" => redirect(301, "/302"),
        "/302" => redirect(302, "/page"),
        "/307-301" => redirect(307, "/301"),
        "/301-gone" => redirect(301, "/gone"),
        "/gone" => answer("410 Gone", "", b""),
        _ => ok("text/html", b"hello"),
    });
    for (path, want) in [
        ("/301", true),
        ("/308", true),
        ("/301-302", false),
        ("/302", false),
        ("/307-301", false),
        ("/301-gone", true),
        ("/page", false),
    ] {
        assert_eq!(fetch(&site.url(path)).await.has_moved(), want, "{path}");
    }
}
