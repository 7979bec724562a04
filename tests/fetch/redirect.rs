//! Redirects: how far, where to, and where not. WM-21, WM-22.

use linkback::fetch::limits::MAX_REDIRECTS;

use crate::steps::Step;
use crate::stub_site::{StubSite, answer, ok, redirect};
use crate::support::*;

/// A site whose `/n` is `n` redirects away from a page.
fn stairs() -> StubSite {
    StubSite::serve(|path| match path[1..].parse::<usize>().unwrap() {
        0 => ok("text/html", b"at last"),
        n => redirect(301, &format!("/{}", n - 1)),
    })
}

#[tokio::test]
async fn twenty_redirects_are_followed() {
    let site = stairs();
    let fetched = fetch(&site.url(&format!("/{MAX_REDIRECTS}"))).await;
    assert_eq!(MAX_REDIRECTS, 20);
    assert_eq!(fetched.hops.len(), 21);
    let page = page(fetched);
    assert_eq!(page.url.path(), "/0");
    assert_eq!(page.body, b"at last");
}

#[tokio::test]
async fn the_twenty_first_redirect_is_not_followed() {
    let site = stairs();
    let fetched = fetch(&site.url("/21")).await;
    assert_eq!(fetched.hops.len(), 21);
    assert_redirect(fetched, "more than 20");
    assert_eq!(site.requests().len(), 21);
}

#[tokio::test]
async fn redirects_in_a_circle_end_at_once() {
    let site = StubSite::serve(|path| match path {
        "/a" => redirect(302, "/b"),
        "/b" => redirect(302, "/a#again"),
        _ => redirect(302, "#self"),
    });
    assert_redirect(fetch(&site.url("/a")).await, "in a circle");
    assert_redirect(fetch(&site.url("/self")).await, "in a circle");
    assert_eq!(site.requests().len(), 3);
}

#[tokio::test]
async fn a_redirect_that_leads_nowhere_is_an_error() {
    for (status, headers, why) in [
        ("302 Found", "", "without a Location"),
        ("302 Found", "Location: \r\n", "without a Location"),
        (
            "301 Moved",
            "Location: /a\r\nLocation: /b\r\n",
            "to several places",
        ),
        (
            "302 Found",
            "Location: http://[::1/\r\n",
            "to what is no URL: invalid IPv6 address",
        ),
        (
            "302 Found",
            "Location: http://\r\n",
            "to what is no URL: empty host",
        ),
        (
            "302 Found",
            "Location: http://x:99999/\r\n",
            "to what is no URL: invalid port number",
        ),
        ("300 Choices", "Location: /a\r\n", "300 leads nowhere"),
        ("305 Use Proxy", "Location: /a\r\n", "305 leads nowhere"),
    ] {
        let site = StubSite::serve(move |_| answer(status, headers, b""));
        assert_redirect(fetch(&site.url("/")).await, why);
    }
    let long = redirect(302, &"a".repeat(5000));
    assert_redirect(fetch_from(long).await, "to a URL that is too long");
    let mut latin1 = b"HTTP/1.1 302 Found\r\nLocation: /caf".to_vec();
    latin1.extend_from_slice(b"\xe9\r\n\r\n");
    assert_redirect(
        fetch_from(vec![Step::Send(latin1)]).await,
        "to what is not UTF-8",
    );
}

#[tokio::test]
async fn a_relative_redirect_starts_from_the_current_page_and_keeps_the_fragment() {
    let site = StubSite::serve(|path| match path {
        "/blog/a?x" => redirect(302, "b"),
        "/blog/b" => redirect(307, "?y"),
        "/blog/b?y" => ok("text/html", b"x"),
        _ => answer("500 No", "", b""),
    });
    let page = page(fetch(&site.url("/blog/a?x#c5")).await);
    assert_eq!(page.url.as_str(), site.url("/blog/b?y#c5"));
    assert!(site.requests().iter().all(|request| !request.contains('#')));
}
