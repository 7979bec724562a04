//! Bodies of HTTP/1.1: endless, broken off, in chunks, compressed.

use std::io::Write as _;

use flate2::{Compress, Compression, FlushCompress};

use super::http::{PNG, row};
use super::{Row, Step, drip, flood, head, send};

const CUT: &str = "part of a page";
const WHOLE_FETCH: &str = "timed out: the whole fetch";
const NO_BODY: &str = "timed out: reading the body";
const BAD: &str = "bad response: ";
const BOMB: &str = "bad response: decompresses to more than 100 times its size";
const BROKEN: &str = "bad response: does not decompress";
const CODING: &str = "bad response: content encoding";
const COMPRESSED: &str = "bad response: still compressed";
const CHUNKED: &str = "Transfer-Encoding: chunked\r\n";

pub(super) fn rows() -> Vec<Row> {
    [bodies(), chunks(), codings()]
        .into_iter()
        .flatten()
        .collect()
}

fn bodies() -> Vec<Row> {
    let long = |name, want, length: &str, body: &str| {
        row(
            name,
            want,
            vec![head(&format!("Content-Length: {length}\r\n")), send(body)],
        )
    };
    let ten = || head("Content-Length: 10\r\n");
    vec![
        row(
            "a body without end",
            CUT,
            vec![head(""), flood([b'x'; 65536])],
        ),
        row(
            "a body of 10 TB",
            CUT,
            vec![
                head("Content-Length: 9999999999999\r\n"),
                flood([b'x'; 65536]),
            ],
        ),
        row(
            "a body byte by byte",
            WHOLE_FETCH,
            vec![head(""), drip("x")],
        ),
        row(
            "a body that does not come",
            NO_BODY,
            vec![ten(), Step::Hang],
        ),
        row(
            "a body that stops half way",
            NO_BODY,
            vec![ten(), send("half"), Step::Hang],
        ),
        row(
            "a body that breaks off half way",
            BAD,
            vec![ten(), send("half"), Step::Reset],
        ),
        row(
            "a connection that breaks after the head",
            BAD,
            vec![ten(), Step::Reset],
        ),
        long("no body at all", "bad response: an empty body", "0", ""),
        long(
            "a body longer than its length",
            "page of 5 bytes",
            "5",
            "hello, and more",
        ),
        long("a body shorter than its length", BAD, "10", "short"),
        long("two lengths", BAD, "1\r\nContent-Length: 2", "xx"),
        long("two lengths in one", BAD, "1, 2", "xx"),
        long(
            "the same length twice",
            "page of 5 bytes",
            "5\r\nContent-Length: 5",
            "hello",
        ),
        long("a negative length", BAD, "-1", "x"),
        long("a length with a sign", BAD, "+5", "hello"),
        long("a length of words", BAD, "many", "x"),
        long(
            "a length that overflows",
            BAD,
            "99999999999999999999999",
            "x",
        ),
        long(
            "the largest length there is",
            BAD,
            "18446744073709551615",
            "x",
        ),
    ]
}

fn chunks() -> Vec<Row> {
    let chunked = |name, want, body: &str| row(name, want, vec![head(CHUNKED), send(body)]);
    let endless = |name, want, start: &str, more: &[u8]| {
        row(name, want, vec![head(CHUNKED), send(start), flood(more)])
    };
    let chunk = [&b"1000\r\n"[..], &[b'x'; 4096], b"\r\n"].concat();
    let both = "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n";
    vec![
        endless("chunks without end", CUT, "", &chunk),
        row(
            "chunks of one byte, one by one",
            WHOLE_FETCH,
            vec![head(CHUNKED), drip("1\r\nx\r\n")],
        ),
        chunked("a chunk size of words", BAD, "zz\r\nx\r\n"),
        chunked(
            "a chunk size that overflows",
            BAD,
            "FFFFFFFFFFFFFFFFF\r\nx\r\n",
        ),
        chunked(
            "the largest chunk there is",
            BAD,
            "FFFFFFFFFFFFFFFF\r\nx\r\n",
        ),
        chunked("a negative chunk", BAD, "-1\r\nx\r\n"),
        chunked(
            "a chunk that is longer than its size",
            BAD,
            "1\r\nhello\r\n0\r\n\r\n",
        ),
        chunked(
            "chunks that end without the last one",
            BAD,
            "5\r\nhello\r\n",
        ),
        row(
            "a chunk size of zeros",
            NO_BODY,
            vec![head(CHUNKED), send([b'0'; 500_000]), Step::Hang],
        ),
        endless("a chunk size without end", BAD, "", &[b'1'; 4096]),
        endless("a chunk extension without end", BAD, "5;", &[b'x'; 4096]),
        endless(
            "trailers without end",
            BAD,
            "5\r\nhello\r\n0\r\n",
            &b"X-A: b\r\n".repeat(500),
        ),
        row(
            "chunks and a length",
            "page of 5 bytes",
            vec![head(both), send("5\r\nhello\r\n0\r\n\r\n")],
        ),
        row(
            "a transfer coding that is no chunks",
            COMPRESSED,
            vec![head("Transfer-Encoding: gzip\r\n"), send(gzip(b"hello"))],
        ),
    ]
}

fn codings() -> Vec<Row> {
    let coded = |name, want, coding: &str, steps: Vec<Step>| {
        let head = head(&format!("Content-Encoding: {coding}\r\n"));
        row(name, want, [vec![head], steps].concat())
    };
    let once = |name, want, coding: &str, body: &[u8]| coded(name, want, coding, vec![send(body)]);
    let words = gzip(&prose());
    let (gzip_start, gzip_more) = endless_gzip();
    let (brotli_start, brotli_more) = endless_brotli();
    let nothing = b"\0\0\0\xff\xff".repeat(1000);
    let gzip_head = &b"\x1f\x8b\x08\0\0\0\0\0\0\x03"[..];
    vec![
        coded(
            "a gzip bomb without end",
            BOMB,
            "gzip",
            vec![send(gzip_start), flood(gzip_more)],
        ),
        coded(
            "a brotli bomb without end",
            "bad response: does not decompress: it asks for too much memory",
            "br",
            vec![send(brotli_start), flood(brotli_more)],
        ),
        once("a small brotli bomb", BOMB, "br", &small_brotli()),
        coded(
            "gzip that holds nothing, without end",
            "bad response: compressed to more than it was",
            "gzip",
            vec![send(gzip_head), flood(nothing)],
        ),
        coded(
            "gzip that holds nothing, bit by bit",
            WHOLE_FETCH,
            "gzip",
            vec![send(gzip_head), drip(b"\0\0\0\xff\xff")],
        ),
        once("gzip in gzip, told once", COMPRESSED, "gzip", &gzip(&words)),
        once(
            "gzip in gzip, told twice",
            CODING,
            "gzip, gzip",
            &gzip(&words),
        ),
        once(
            "gzip in gzip, told on two lines",
            CODING,
            "gzip\r\nContent-Encoding: gzip",
            &gzip(&words),
        ),
        once("gzip, told not", COMPRESSED, "identity", &words),
        once("gzip, told but not done", BROKEN, "gzip", b"<p>hello"),
        once(
            "gzip, broken off",
            BROKEN,
            "gzip",
            &words[..words.len() / 2],
        ),
        once(
            "gzip, and something after it",
            BROKEN,
            "gzip",
            &[&words[..], b"more"].concat(),
        ),
        once("brotli, told but not done", BROKEN, "br", b"<p>hello"),
        once("deflate", CODING, "deflate", b"x"),
        once("zstd", CODING, "zstd", b"x"),
        once(
            "a coding that nobody knows",
            CODING,
            &"x".repeat(10_000),
            b"x",
        ),
        once("a picture in gzip", "unread image/png", "gzip", &gzip(PNG)),
        once(
            "a page in gzip",
            "page of 8 bytes",
            "gzip",
            &gzip(b"<p>hello"),
        ),
    ]
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// 100 KB that do not compress by much.
fn prose() -> Vec<u8> {
    (0_u32..20_000)
        .flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes())
        .collect()
}

/// How a file of zeros begins, compressed, and what can be added again and again: each is 1 MB of them.
fn endless_gzip() -> (Vec<u8>, Vec<u8>) {
    let zeros = vec![0; 1024 * 1024];
    let mut more = Vec::with_capacity(16 * 1024);
    let mut compress = Compress::new(Compression::best(), false);
    compress
        .compress_vec(&zeros, &mut more, FlushCompress::Full)
        .unwrap();
    (b"\x1f\x8b\x08\0\0\0\0\0\0\x03".to_vec(), more)
}

/// 1.5 MB of zeros.
fn small_brotli() -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = brotli::CompressorWriter::new(&mut out, 4096, 5, 24);
    encoder.write_all(&vec![0; 1_500_000]).unwrap();
    drop(encoder);
    out
}

/// The same as an endless gzip, of Brotli.
fn endless_brotli() -> (Vec<u8>, Vec<u8>) {
    let zeros = vec![0; 1024 * 1024];
    let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 24);
    encoder.write_all(&zeros).unwrap();
    encoder.flush().unwrap();
    let start = encoder.get_ref().clone();
    encoder.write_all(&zeros).unwrap();
    encoder.flush().unwrap();
    let more = encoder.get_ref()[start.len()..].to_vec();
    (start, more)
}
