//! Pictures: asked for as such, with a cap of their own, and left unread where they are none.

use linkback::fetch::limits::Limits;
use linkback::fetch::{FetchPicture as _, Fetched};
use linkback::model::SourceUrl;

use crate::steps::Step;
use crate::stub_site::{StubSite, ok, redirect};
use crate::support::*;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";

async fn fetch_picture(url: &str) -> Fetched {
    let limits = Limits {
        max_body_bytes: 10,
        max_picture_bytes: 1000,
        ..Limits::default()
    };
    let (client, _) = client(only_127_0_0_1(), limits, Names::default());
    let url = SourceUrl::parse(url).unwrap();
    client.fetch_picture(&url, None).await
}

async fn came_of_picture(steps: Vec<Step>) -> String {
    let site = StubSite::serve(move |_| steps.clone());
    came_of(fetch_picture(&site.url("/")).await)
}

#[tokio::test]
async fn a_picture_is_asked_for_as_one() {
    let site = StubSite::serve(|_| ok("image/png", PNG));
    let page = page(fetch_picture(&site.url("/face")).await);
    assert_eq!(page.body, PNG);
    let request = site.requests().remove(0).to_lowercase();
    assert!(
        request.contains("accept: image/webp, image/png"),
        "{request}"
    );
    assert_eq!(request.matches("accept: ").count(), 1);
    assert!(!request.contains("text/html") && !request.contains("svg"));
}

#[tokio::test]
async fn what_a_picture_is_its_first_bytes_say_and_its_type_does_not() {
    let html = b"<!DOCTYPE html><title>This is no picture, whatever it is called</title>";
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    for (content_type, body, want) in [
        ("image/jpeg", PNG, format!("page of {} bytes", PNG.len())),
        ("text/html", PNG, format!("page of {} bytes", PNG.len())),
        ("image/png", &html[..], "unread image/png".to_owned()),
        ("image/svg+xml", &svg[..], "unread image/svg+xml".to_owned()),
        ("image/png", b"x", "unread image/png".to_owned()),
        ("image/png", b"", "bad response: an empty body".to_owned()),
    ] {
        assert_eq!(came_of_picture(ok(content_type, body)).await, want);
    }
}

#[tokio::test]
async fn half_a_picture_is_none_and_what_is_too_large_is_not_read() {
    let large = [PNG, &[7; 1000][..]].concat();
    // Its length is announced.
    assert_eq!(
        came_of_picture(ok("image/png", &large)).await,
        "unread image/png"
    );
    // It is not.
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n".to_vec();
    let endless = vec![
        Step::Send(head),
        Step::Send(PNG.to_vec()),
        Step::Flood(vec![7; 1000]),
    ];
    assert_eq!(
        came_of_picture(endless).await,
        "part of a page of 1000 bytes"
    );
    // It breaks off.
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n".to_vec();
    let cut = vec![Step::Send(head), Step::Send(PNG.to_vec())];
    let came_of = came_of_picture(cut).await;
    assert!(came_of.starts_with("bad response: "), "{came_of}");
}

#[tokio::test]
async fn a_picture_that_leads_inward_is_refused_and_nobody_is_called() {
    let (_, trap) = StubSite::with_trap(|_| ok("image/png", PNG));
    let location = trap.url("/secret.png");
    let site = StubSite::serve(move |_| redirect(302, &location));
    let error = error(fetch_picture(&site.url("/face")).await);
    assert_eq!(reason(&error), "Loopback");
    assert_eq!((site.requests().len(), trap.requests().len()), (1, 0));
}
