//! Connections: refused, silent, slow.

use std::net::TcpListener;

use linkback::fetch::FetchError;
use linkback::fetch::limits::Limits;

use crate::steps::Step;
use crate::stub_site::{StubSite, redirect};
use crate::support::*;

#[tokio::test]
async fn nobody_at_the_port_is_no_connection() {
    let address = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    for scheme in ["http", "https"] {
        let fetched = fetch(&format!("{scheme}://{address}/")).await;
        assert_eq!(fetched.hops[0].address, None);
        let error = error(fetched);
        assert!(matches!(error, FetchError::Connect(_)), "{error:?}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls_gives_no_session() {
    for steps in [
        vec![Step::Send(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())],
        vec![],
        vec![Step::Reset],
    ] {
        let site = StubSite::serve(move |_| steps.clone());
        let error = error(fetch(&format!("https://{}/", site.address())).await);
        assert!(matches!(error, FetchError::Tls(_)), "{error:?}");
    }
}

#[tokio::test]
async fn a_silent_server_is_given_up() {
    let limits = || Limits {
        read_timeout: SOON,
        ..Limits::default()
    };
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf".to_vec();
    for (steps, phase) in [
        (vec![Step::Hang], "waiting for the answer"),
        (
            vec![Step::Send(b"HTTP/1.1 ".to_vec()), Step::Hang],
            "waiting for the answer",
        ),
        (vec![Step::Send(half), Step::Hang], "reading the body"),
    ] {
        let site = StubSite::serve(move |_| steps.clone());
        let fetched = fetch_within(limits(), &site.url("/")).await;
        assert_eq!(error(fetched), FetchError::Timeout(phase));
    }
}

#[tokio::test]
async fn silent_name_servers_and_handshakes_are_given_up() {
    let site = StubSite::serve(|_| vec![Step::Hang]);
    let limits = Limits {
        connect_timeout: SOON,
        ..Limits::default()
    };
    let names = Names::default().with("silent.example", &[]);
    let (client, _) = client(only_127_0_0_1(), limits, names);
    for url in [
        "http://silent.example/".to_owned(),
        format!("https://{}/", site.address()),
    ] {
        let fetched = fetch_with(&client, &url).await;
        assert_eq!(error(fetched), FetchError::Timeout("connecting"), "{url}");
    }
}

#[tokio::test]
async fn a_server_that_drips_is_cut_by_the_total_deadline() {
    let limits = || Limits {
        total_timeout: SOON,
        ..Limits::default()
    };
    let drip = |bytes: &[u8]| Step::Drip(bytes.to_vec(), SOON / 10);
    let head = |headers: &str| Step::Send(format!("HTTP/1.1 200 OK\r\n{headers}").into_bytes());
    for steps in [
        vec![head("X-A: "), drip(b"b")],
        vec![head(""), drip(b"X-A: b\r\n")],
        vec![head("\r\n"), drip(b"x")],
        // Bytes that go on for ever and decompress to nothing: empty deflate blocks.
        vec![
            head("Content-Encoding: gzip\r\n\r\n"),
            Step::Send(b"\x1f\x8b\x08\0\0\0\0\0\0\x03".to_vec()),
            drip(b"\0\0\0\xff\xff"),
        ],
        vec![drip(b"HTTP/1.1 100 Continue\r\n\r\n")],
    ] {
        let site = StubSite::serve(move |_| steps.clone());
        let fetched = fetch_within(limits(), &site.url("/")).await;
        assert_eq!(error(fetched), FetchError::Timeout("the whole fetch"));
    }
}

#[tokio::test]
async fn the_total_deadline_is_over_all_hops_and_the_way_so_far_is_kept() {
    let site = StubSite::serve(|path| match path {
        "/" => redirect(302, "/slow"),
        _ => vec![Step::Hang],
    });
    let limits = Limits {
        total_timeout: 2 * SOON,
        ..Limits::default()
    };
    let fetched = fetch_within(limits, &site.url("/")).await;
    assert_eq!(fetched.hops.len(), 2);
    assert_eq!(fetched.hops[1].url.path(), "/slow");
    assert_eq!(error(fetched), FetchError::Timeout("the whole fetch"));
}
