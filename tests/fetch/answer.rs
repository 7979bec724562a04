//! Answers: pages, statuses, and what is not read.

use std::time::Duration;

use linkback::fetch::{Answer, FetchError};

use crate::steps::Step;
use crate::stub_site::{StubSite, answer, ok};
use crate::support::*;

#[tokio::test]
async fn a_page_comes_with_its_type_and_the_way_to_it() {
    let site = StubSite::serve(|_| ok("text/html; charset=utf-8", b"<p>hello"));
    let fetched = fetch(&site.url("/a")).await;
    assert_eq!(fetched.hops.len(), 1);
    assert_eq!(fetched.hops[0].status, Some(200));
    let page = page(fetched);
    assert_eq!(page.url.as_str(), site.url("/a"));
    assert_eq!(page.status, 200);
    assert_eq!(
        page.content_type.as_deref(),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(page.body, b"<p>hello");
    assert!(!page.truncated);
}

#[tokio::test]
async fn a_status_that_is_no_success_is_no_page() {
    let status = |status, seconds: Option<u64>| FetchError::Status {
        status,
        retry_after: seconds.map(Duration::from_secs),
    };
    for (line, headers, want) in [
        ("404 Not Found", "", FetchError::NotFound),
        ("401 Unauthorized", "", status(401, None)),
        ("403 Forbidden", "", status(403, None)),
        ("500 Oops", "", status(500, None)),
        (
            "429 Slow Down",
            "Retry-After: 90\r\n",
            status(429, Some(90)),
        ),
        (
            "503 Busy",
            "Retry-After: Sun, 06 Nov 1994 08:50:37 GMT\r\n",
            status(503, Some(60)),
        ),
        ("503 Busy", "Retry-After: tomorrow\r\n", status(503, None)),
    ] {
        let fetched = fetch_from(answer(line, headers, b"<a href=x>")).await;
        let error = error(fetched);
        assert!(error.is_transient());
        assert_eq!(error, want);
    }
}

#[tokio::test]
async fn gone_is_an_answer() {
    let fetched = fetch_from(answer("410 Gone", "", b"")).await;
    assert!(matches!(fetched.answer, Ok(Answer::Gone)), "{fetched:?}");
}

#[tokio::test]
async fn a_body_that_cannot_hold_links_is_not_read() {
    for content_type in [
        "image/png",
        "Video/MP4; codecs=x",
        "application/octet-stream",
    ] {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\n\r\n");
        let flood = vec![Step::Send(head.into_bytes()), Step::Flood(vec![0; 65536])];
        let page = page(fetch_from(flood).await);
        assert_eq!(page.content_type.as_deref(), Some(content_type));
        assert_eq!(page.body, b"");
        assert!(
            page.truncated,
            "an unread body is no proof that there is no link"
        );
    }
}

#[tokio::test]
async fn a_part_of_a_page_does_not_pass_for_the_whole() {
    let page = page(fetch_from(answer("206 Partial Content", "", b"<p>")).await);
    assert!(page.truncated);
}
