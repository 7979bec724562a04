//! What is not HTTP, or not enough of it.

use linkback::fetch::FetchError;

use crate::steps::Step;
use crate::stub_site::answer;
use crate::support::*;

#[tokio::test]
async fn endless_headers_are_a_bad_response() {
    let head = || Step::Send(b"HTTP/1.1 200 OK\r\n".to_vec());
    assert_bad_response(fetch_from(vec![head(), Step::Flood(b"X-A: b\r\n".to_vec())]).await);
    assert_bad_response(fetch_from(vec![head(), Step::Flood(vec![b'a'; 4096])]).await);
    let many = "X-A: b\r\n".repeat(101);
    assert_bad_response(fetch_from(answer("200 OK", &many, b"x")).await);
    let large = format!("X-A: {}\r\n", "b".repeat(4096)).repeat(20);
    assert_eq!(
        error(fetch_from(answer("200 OK", &large, b"x")).await),
        FetchError::BadResponse("header too large".to_owned())
    );
}

#[tokio::test]
async fn what_is_not_http_is_a_bad_response() {
    for bytes in [
        "",
        "<p>HTTP/0.9",
        "SSH-2.0-OpenSSH_9.9\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n",
        "HTTP/1.1 200 OK\r\nContent-Le",
    ] {
        let fetched = fetch_from(vec![Step::Send(bytes.into())]).await;
        assert!(
            matches!(fetched.answer, Err(FetchError::BadResponse(_))),
            "{bytes:?}: {fetched:?}"
        );
    }
}

#[tokio::test]
async fn a_body_ends_where_its_length_says() {
    let bytes = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole, and then some";
    assert_eq!(
        page(fetch_from(vec![Step::Send(bytes.into())]).await).body,
        b"whole"
    );
}

#[tokio::test]
async fn a_connection_that_breaks_is_an_error_in_every_phase() {
    for before in [
        "",
        "HTTP/1.1 200 OK\r\nContent-",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    ] {
        assert_bad_response(fetch_from(vec![Step::Send(before.into()), Step::Reset]).await);
    }
}
