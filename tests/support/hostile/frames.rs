//! Frames of HTTP/2, RFC 9113 §4, made by hand: the libraries would not make bad ones.

use std::io::{Read, Write};

/// The client's words before its first frame.
const PREFACE_BYTES: usize = 24;

pub(super) const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
pub(super) const RST_STREAM: u8 = 3;
pub(super) const SETTINGS: u8 = 4;
pub(super) const PUSH_PROMISE: u8 = 5;
pub(super) const PING: u8 = 6;
pub(super) const GOAWAY: u8 = 7;
pub(super) const WINDOW_UPDATE: u8 = 8;
pub(super) const CONTINUATION: u8 = 9;

pub(super) const END_STREAM: u8 = 1;
pub(super) const END_HEADERS: u8 = 4;

/// The stream of the client's first request.
pub(super) const FIRST: u32 = 1;

pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend_from_slice(&[kind, flags]);
    frame.extend_from_slice(&stream.to_be_bytes());
    frame.extend_from_slice(payload);
    frame
}

/// A header field that goes into no table. RFC 7541 §6.2.2.
pub(super) fn field(name: &str, value: &str) -> Vec<u8> {
    let mut field = vec![0];
    for text in [name, value] {
        field.extend(length(text.len()));
        field.extend_from_slice(text.as_bytes());
    }
    field
}

/// A length with a prefix of seven bits. RFC 7541 §5.1.
fn length(mut length: usize) -> Vec<u8> {
    if length < 127 {
        return vec![u8::try_from(length).unwrap()];
    }
    let mut bytes = vec![127];
    length -= 127;
    while length >= 128 {
        bytes.push(u8::try_from(length % 128).unwrap() | 128);
        length /= 128;
    }
    bytes.push(u8::try_from(length).unwrap());
    bytes
}

/// `:status: 200` and the type of a page.
pub(super) fn ok() -> Vec<u8> {
    [vec![0x88], field("content-type", "text/html")].concat()
}

/// Reads up to the end of the client's first request. Its settings are left without an answer.
pub(super) fn read_request<S: Read + Write>(stream: &mut S) {
    let mut preface = [0; PREFACE_BYTES];
    if stream.read_exact(&mut preface).is_err() {
        return;
    }
    let mut head = [0; 9];
    while stream.read_exact(&mut head).is_ok() {
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        if stream.read_exact(&mut payload).is_err() || head[3] == HEADERS {
            return;
        }
    }
}
