//! Servers that speak HTTP/2, or nearly.

use super::frames::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, FIRST, GOAWAY, HEADERS, PING, PUSH_PROMISE,
    RST_STREAM, SETTINGS, WINDOW_UPDATE, field, frame, ok,
};
use super::{PAUSE, Row, Step, Wire, drip, flood, send};

const BAD: &str = "bad response: ";
const NO_ANSWER: &str = "timed out: waiting for the answer";
const WHOLE_FETCH: &str = "timed out: the whole fetch";

#[expect(clippy::too_many_lines, reason = "a table is as long as it is")]
pub(super) fn rows() -> Vec<Row> {
    let row = |name, want, steps: Vec<Step>| {
        let settings = send(frame(SETTINGS, 0, 0, &[]));
        Row::new(Wire::Http2, name, want, [vec![settings], steps].concat())
    };
    let bare = |name, want, steps| Row::new(Wire::Http2, name, want, steps);
    let begin = || send(frame(HEADERS, END_HEADERS, FIRST, &ok()));
    let end = || send(frame(DATA, END_STREAM, FIRST, b"<p>hello"));
    let fields = |bytes: usize| field("x-a", &"b".repeat(bytes));
    let large = [ok(), fields(4000).repeat(25)].concat();
    let (start, rest) = large.split_at(16_000);
    let continued: Vec<Step> = rest
        .chunks(16_000)
        .map(|part| send(frame(CONTINUATION, 0, FIRST, part)))
        .collect();
    let ping = frame(PING, 0, 0, b"8 bytes.");
    let settings = frame(SETTINGS, 0, 0, &[0, 4, 0, 1, 0, 0]);
    let promise = [
        &2_u32.to_be_bytes()[..],
        &[0x82, 0x84, 0x86],
        &field(":authority", "x"),
    ]
    .concat();
    // One large entry of the table, and then its number, one byte each, over and over.
    let entry = [vec![0x40], field("x-a", &"b".repeat(3900)).split_off(1)].concat();
    let packed = [vec![0x88], entry, vec![0xbe; 10_000]].concat();
    vec![
        row(
            "HTTP/2 as it should be",
            "page of 8 bytes",
            vec![begin(), end(), Step::Hang],
        ),
        row("HTTP/2, says nothing", NO_ANSWER, vec![Step::Hang]),
        bare("HTTP/2, not even settings", NO_ANSWER, vec![Step::Hang]),
        row("HTTP/2, hangs up", BAD, vec![]),
        row(
            "HTTP/2, stops half way",
            "timed out: reading the body",
            vec![begin(), Step::Hang],
        ),
        row(
            "HTTP/2, hangs up half way",
            BAD,
            vec![begin(), send(frame(DATA, 0, FIRST, b"half"))],
        ),
        row(
            "HTTP/2, a body that ignores the window",
            BAD,
            vec![begin(), flood(frame(DATA, 0, FIRST, &[b'x'; 16_384]))],
        ),
        row(
            "HTTP/2, a body byte by byte",
            WHOLE_FETCH,
            vec![begin(), drip(frame(DATA, 0, FIRST, b"x"))],
        ),
        row(
            "HTTP/2, data that holds nothing, without end",
            BAD,
            vec![begin(), flood(frame(DATA, 0, FIRST, b"").repeat(100))],
        ),
        row(
            "HTTP/2, a body before its head",
            BAD,
            vec![end(), Step::Hang],
        ),
        row(
            "HTTP/2, a body longer than its length",
            BAD,
            vec![
                send(frame(
                    HEADERS,
                    END_HEADERS,
                    FIRST,
                    &[ok(), field("content-length", "5")].concat(),
                )),
                end(),
                Step::Hang,
            ],
        ),
        row(
            "HTTP/2, 100 KB of header fields",
            BAD,
            [
                vec![send(frame(HEADERS, 0, FIRST, start))],
                continued,
                vec![
                    send(frame(CONTINUATION, END_HEADERS, FIRST, &[])),
                    end(),
                    Step::Hang,
                ],
            ]
            .concat(),
        ),
        row(
            "HTTP/2, header fields without end",
            BAD,
            vec![
                send(frame(HEADERS, 0, FIRST, &ok())),
                flood(frame(CONTINUATION, 0, FIRST, &fields(1000))),
            ],
        ),
        row(
            "HTTP/2, empty continuations without end",
            BAD,
            vec![
                send(frame(HEADERS, 0, FIRST, &ok())),
                flood(frame(CONTINUATION, 0, FIRST, &[]).repeat(100)),
            ],
        ),
        row(
            "HTTP/2, a small head that unpacks to 39 MB",
            BAD,
            vec![
                send(frame(HEADERS, END_HEADERS, FIRST, &packed)),
                end(),
                Step::Hang,
            ],
        ),
        row(
            "HTTP/2, settings without end",
            NO_ANSWER,
            vec![flood(settings.repeat(100))],
        ),
        row(
            "HTTP/2, pings without end",
            NO_ANSWER,
            vec![flood(ping.repeat(100))],
        ),
        row(
            "HTTP/2, pings one by one",
            NO_ANSWER,
            vec![Step::Drip(ping, PAUSE)],
        ),
        row(
            "HTTP/2, goodbye at once",
            BAD,
            vec![send(frame(GOAWAY, 0, 0, &[0; 8])), Step::Hang],
        ),
        row(
            "HTTP/2, goodbye for a reason",
            BAD,
            vec![send(frame(GOAWAY, 0, 0, b"\0\0\0\x01\0\0\0\x0b"))],
        ),
        row(
            "HTTP/2, refuses the stream",
            BAD,
            vec![send(frame(RST_STREAM, 0, FIRST, &[0, 0, 0, 7])), Step::Hang],
        ),
        row(
            "HTTP/2, ends the stream half way",
            BAD,
            vec![
                begin(),
                send(frame(RST_STREAM, 0, FIRST, &[0, 0, 0, 2])),
                Step::Hang,
            ],
        ),
        row(
            "HTTP/2, promises what nobody asked for",
            BAD,
            vec![
                send(frame(PUSH_PROMISE, END_HEADERS, FIRST, &promise)),
                begin(),
                end(),
                Step::Hang,
            ],
        ),
        row(
            "HTTP/2, a window that overflows",
            BAD,
            vec![
                send(frame(WINDOW_UPDATE, 0, 0, &[0x7f, 255, 255, 255])),
                begin(),
                end(),
                Step::Hang,
            ],
        ),
        row(
            "HTTP/2, a frame of 16 MB",
            BAD,
            vec![send(b"\xff\xff\xff\x04\0\0\0\0\0"), flood([0; 4096])],
        ),
        row(
            "HTTP/2, a stream that is not ours",
            BAD,
            vec![send(frame(HEADERS, END_HEADERS, 2, &ok())), Step::Hang],
        ),
        bare(
            "HTTP/1.1 where HTTP/2 was agreed on",
            BAD,
            vec![
                send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"),
                Step::Hang,
            ],
        ),
        row(
            "HTTP/2, trailers without end",
            BAD,
            vec![
                begin(),
                send(frame(DATA, 0, FIRST, b"<p>hello")),
                send(frame(HEADERS, END_STREAM, FIRST, &fields(10))),
                flood(frame(CONTINUATION, 0, FIRST, &fields(1000))),
            ],
        ),
    ]
}
