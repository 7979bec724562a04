//! Servers behind `https:` that speak TLS badly, or not at all.

use super::{Identity, Row, Step, Wire, drip, flood, head, send};

const NO_SESSION: &str = "no TLS session: ";
const NOBODY: &str = "timed out: connecting";

/// No harm: a server that leads elsewhere, over TLS.
pub(crate) fn leads_to(location: String) -> Row {
    Row::with(
        Wire::Tls(Identity::Good),
        "leads elsewhere",
        "",
        move |_| {
            let head =
                format!("HTTP/1.1 301 Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
            vec![send(head)]
        },
    )
}

pub(super) fn rows() -> Vec<Row> {
    let page = || vec![head("Content-Length: 8\r\n"), send("<p>hello")];
    let is = |name, want, identity| Row::new(Wire::Tls(identity), name, want, page());
    let tls = |name, want, steps| Row::new(Wire::Tls(Identity::Good), name, want, steps);
    let bare = |name, want, steps| Row::new(Wire::NoTls, name, want, steps);
    // A handshake record that says TLS 1.0, and in it the greeting of a server that speaks nothing newer.
    let mut old = b"\x16\x03\x01\x00\x2a\x02\x00\x00\x26\x03\x01".to_vec();
    old.extend_from_slice(&[7; 32]);
    old.extend_from_slice(b"\0\0\x2f\0");
    vec![
        is("TLS as it should be", "page of 8 bytes", Identity::Good),
        is(
            "a certificate of long ago",
            "no TLS session: invalid peer certificate: certificate expired",
            Identity::Expired,
        ),
        is(
            "a certificate of the future",
            "no TLS session: invalid peer certificate: certificate not valid yet",
            Identity::NotYetValid,
        ),
        is(
            "a certificate of somebody else",
            "no TLS session: invalid peer certificate: certificate not valid for name",
            Identity::OtherName,
        ),
        is(
            "a certificate of nobody",
            "no TLS session: invalid peer certificate: UnknownIssuer",
            Identity::UnknownAuthority,
        ),
        is("a certificate of its own", NO_SESSION, Identity::SelfSigned),
        tls(
            "over TLS, says nothing",
            "timed out: waiting for the answer",
            vec![Step::Hang],
        ),
        tls(
            "over TLS, a body without end",
            "part of a page",
            vec![head(""), flood([b'x'; 16384])],
        ),
        tls(
            "over TLS, a body byte by byte",
            "timed out: the whole fetch",
            vec![head(""), drip("x")],
        ),
        tls(
            "over TLS, a body that breaks off without a goodbye",
            "bad response: ",
            vec![head(""), send("half a page"), Step::Reset],
        ),
        bare("no handshake", NOBODY, vec![Step::Hang]),
        bare("breaks the handshake", NO_SESSION, vec![Step::Reset]),
        bare("hangs up in the handshake", NO_SESSION, vec![]),
        bare(
            "HTTP where TLS should be",
            NO_SESSION,
            vec![send("HTTP/1.1 400 Bad Request\r\n\r\n")],
        ),
        bare(
            "noise where TLS should be",
            NO_SESSION,
            vec![flood([0xa5; 4096])],
        ),
        bare("nothing newer than TLS 1.0", NO_SESSION, vec![send(old)]),
        bare(
            "an alert: no such version",
            NO_SESSION,
            vec![send(b"\x15\x03\x01\0\x02\x02\x46")],
        ),
        bare(
            "warnings without end",
            NO_SESSION,
            vec![flood(b"\x15\x03\x03\0\x02\x01\x5a".repeat(100))],
        ),
        bare(
            "empty records without end",
            NO_SESSION,
            vec![flood(b"\x16\x03\x03\0\0".repeat(100))],
        ),
        bare(
            "a handshake message without end",
            NO_SESSION,
            vec![
                send(b"\x16\x03\x03\x40\0\x02\xff\xff\xff"),
                flood([0; 4096]),
            ],
        ),
        bare(
            "a handshake byte by byte",
            NOBODY,
            vec![send(b"\x16\x03\x03\x40\0\x02\0\x3f\xff"), drip(b"\0")],
        ),
    ]
}
