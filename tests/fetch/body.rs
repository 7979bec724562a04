//! Bodies: caps, compression, and what breaks off.

use std::io::Write;

use linkback::fetch::FetchError;
use linkback::fetch::limits::{Limits, MAX_BODY_BYTES};

use crate::steps::Step;
use crate::stub_site::{StubSite, answer, ok};
use crate::support::*;

#[tokio::test]
async fn an_endless_body_is_cut_at_the_cap() {
    let chunk = {
        let mut chunk = b"10000\r\n".to_vec();
        chunk.extend_from_slice(&vec![b'x'; 0x10000]);
        chunk.extend_from_slice(b"\r\n");
        chunk
    };
    let head = |headers: &str| Step::Send(format!("HTTP/1.1 200 OK\r\n{headers}\r\n").into_bytes());
    for steps in [
        vec![head(""), Step::Flood(vec![b'x'; 65536])],
        vec![head("Transfer-Encoding: chunked\r\n"), Step::Flood(chunk)],
        vec![
            head("Content-Length: 9999999999999\r\n"),
            Step::Flood(vec![b'x'; 65536]),
        ],
    ] {
        let page = page(fetch_from(steps).await);
        assert_eq!(page.body.len(), MAX_BODY_BYTES);
        assert!(page.truncated);
    }
}

#[tokio::test]
async fn a_body_of_just_the_cap_is_whole() {
    let limits = || Limits {
        max_body_bytes: 100_000,
        ..Limits::default()
    };
    let site = StubSite::serve(|path| ok("text/html", &vec![b'x'; path[1..].parse().unwrap()]));
    let whole = page(fetch_within(limits(), &site.url("/100000")).await);
    assert_eq!((whole.body.len(), whole.truncated), (100_000, false));
    let cut = page(fetch_within(limits(), &site.url("/100001")).await);
    assert_eq!((cut.body.len(), cut.truncated), (100_000, true));
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = brotli::CompressorWriter::new(&mut out, 65536, 2, 22);
    encoder.write_all(bytes).unwrap();
    drop(encoder);
    out
}

fn encoded(encoding: &str, body: &[u8]) -> Vec<Step> {
    let headers = format!("Content-Type: text/html\r\nContent-Encoding: {encoding}\r\n");
    answer("200 OK", &headers, body)
}

#[tokio::test]
async fn compressed_pages_are_read() {
    for (encoding, body) in [
        ("gzip", gzip(b"<p>hello")),
        ("br", brotli(b"<p>hello")),
        ("identity", b"<p>hello".to_vec()),
    ] {
        let page = page(fetch_from(encoded(encoding, &body)).await);
        assert_eq!(page.body, b"<p>hello", "{encoding}");
        assert!(!page.truncated);
    }
}

#[tokio::test]
async fn a_compressed_page_that_is_too_long_is_cut_at_the_cap_after_decompression() {
    let words: Vec<u8> = (0_u32..)
        .flat_map(|n| n.wrapping_mul(2_654_435_761).to_string().into_bytes())
        .take(MAX_BODY_BYTES + 1)
        .collect();
    for (encoding, body) in [("gzip", gzip(&words)), ("br", brotli(&words))] {
        assert!(body.len() < MAX_BODY_BYTES, "{encoding}: {}", body.len());
        let page = page(fetch_from(encoded(encoding, &body)).await);
        assert!(page.body == words[..MAX_BODY_BYTES], "{encoding}");
        assert!(page.truncated);
    }
}

#[tokio::test]
async fn a_bomb_is_a_bad_response() {
    let zeros = vec![0; MAX_BODY_BYTES + MAX_BODY_BYTES / 2];
    for (encoding, bomb) in [("gzip", gzip(&zeros)), ("br", brotli(&zeros))] {
        assert_eq!(
            error(fetch_from(encoded(encoding, &bomb)).await),
            FetchError::BadResponse("decompresses to more than 100 times its size".to_owned()),
            "{encoding}"
        );
    }
}

#[tokio::test]
async fn an_encoding_that_we_do_not_read_is_a_bad_response() {
    let once = gzip(b"<p>hello");
    for (encoding, body) in [
        ("gzip, gzip", gzip(&once)),
        ("br, gzip", gzip(&brotli(b"<p>hello"))),
        ("gzip\r\nContent-Encoding: gzip", gzip(&once)),
        ("identity", once.clone()), // compressed without a word
        ("zstd", b"x".to_vec()),
        ("deflate", b"x".to_vec()),
        ("aes128gcm", b"x".to_vec()),
    ] {
        assert_bad_response(fetch_from(encoded(encoding, &body)).await);
    }
}

#[tokio::test]
async fn a_broken_compressed_body_is_a_bad_response() {
    let whole = gzip(
        &(0..20_000_u32)
            .flat_map(u32::to_le_bytes)
            .collect::<Vec<_>>(),
    );
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0xff;
    for body in [
        &whole[..whole.len() / 2],
        &flipped,
        b"<p>not gzip at all".as_slice(),
    ] {
        assert_bad_response(fetch_from(encoded("gzip", body)).await);
    }
}
