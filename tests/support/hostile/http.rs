//! Heads, statuses and types of HTTP/1.1, or nearly of it.

use super::{Row, Step, Wire, drip, flood, send};

const CUT: &str = "part of a page";
const NO_ANSWER: &str = "timed out: waiting for the answer";
const BAD: &str = "bad response: ";

pub(super) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";

pub(super) fn rows() -> Vec<Row> {
    [heads(), statuses(), kinds()]
        .into_iter()
        .flatten()
        .collect()
}

pub(super) fn row(name: &'static str, want: &'static str, steps: Vec<Step>) -> Row {
    Row::new(Wire::Plain, name, want, steps)
}

fn says(name: &'static str, want: &'static str, bytes: impl AsRef<[u8]>) -> Row {
    row(name, want, vec![send(bytes)])
}

fn heads() -> Vec<Row> {
    let ok = || send("HTTP/1.1 200 OK\r\n");
    let many = "X-A: b\r\n".repeat(101);
    let large = format!("X-A: {}\r\n", "b".repeat(4096)).repeat(20);
    let h2_settings = b"\0\0\0\x04\0\0\0\0\0".repeat(3);
    vec![
        row("says nothing", NO_ANSWER, vec![Step::Hang]),
        row("hangs up at once", BAD, vec![]),
        row("breaks the connection at once", BAD, vec![Step::Reset]),
        row(
            "falls silent in its head",
            NO_ANSWER,
            vec![ok(), send("Content-Ty"), Step::Hang],
        ),
        row(
            "breaks off in its head",
            BAD,
            vec![ok(), send("Content-Ty"), Step::Reset],
        ),
        row(
            "writes its first line byte by byte",
            NO_ANSWER,
            vec![send("HTTP/1.1 200 "), drip("O")],
        ),
        row(
            "writes its head byte by byte",
            NO_ANSWER,
            vec![ok(), send("X-A: "), drip("b")],
        ),
        row(
            "writes its head line by line",
            NO_ANSWER,
            vec![ok(), drip("X-A: b\r\n")],
        ),
        row(
            "header fields without end",
            BAD,
            vec![ok(), flood("X-A: b\r\n".repeat(500))],
        ),
        row(
            "a header field without end",
            BAD,
            vec![ok(), send("X-A: "), flood([b'b'; 4096])],
        ),
        row(
            "a name of a header field without end",
            BAD,
            vec![ok(), flood([b'b'; 4096])],
        ),
        row(
            "a reason without end",
            BAD,
            vec![send("HTTP/1.1 200 "), flood([b'O'; 4096])],
        ),
        says(
            "101 header fields",
            BAD,
            format!("HTTP/1.1 200 OK\r\n{many}\r\nx"),
        ),
        says(
            "80 KB of header fields",
            "bad response: header too large",
            format!("HTTP/1.1 200 OK\r\n{large}\r\nx"),
        ),
        says(
            "a header field without a colon",
            BAD,
            "HTTP/1.1 200 OK\r\nno colon\r\n\r\nx",
        ),
        says(
            "a space before the colon",
            BAD,
            "HTTP/1.1 200 OK\r\nX-A : b\r\n\r\nx",
        ),
        says(
            "a NUL in a header field",
            BAD,
            "HTTP/1.1 200 OK\r\nX-A: b\0c\r\n\r\nx",
        ),
        says(
            "a header field on two lines",
            BAD,
            "HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\n\r\nx",
        ),
        says("HTTP/0.9", BAD, "<p>hello"),
        says(
            "ICY",
            BAD,
            "ICY 200 OK\r\nContent-Type: text/html\r\n\r\n<p>hello",
        ),
        says("another protocol", BAD, "SSH-2.0-OpenSSH_9.9\r\n"),
        says("HTTP/3.0", BAD, "HTTP/3.0 200 OK\r\n\r\nx"),
        says("HTTP/2 unasked", BAD, h2_settings),
        says("its own request", BAD, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        says(
            "a page with line feeds alone",
            "page",
            "HTTP/1.1 200 OK\nContent-Length: 1\n\nx",
        ),
    ]
}

fn statuses() -> Vec<Row> {
    let status = |name, want, line: &str| {
        says(
            name,
            want,
            format!("HTTP/1.1 {line}\r\nContent-Length: 5\r\n\r\nhello"),
        )
    };
    let empty = |name, want, line: &str| says(name, want, format!("HTTP/1.1 {line}\r\n\r\n"));
    vec![
        row(
            "100 for ever",
            NO_ANSWER,
            vec![flood("HTTP/1.1 100 Continue\r\n\r\n".repeat(100))],
        ),
        row(
            "103 for ever",
            NO_ANSWER,
            vec![drip("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")],
        ),
        empty(
            "101",
            "the source answered 101",
            "101 Switching Protocols\r\nUpgrade: other\r\nConnection: upgrade",
        ),
        status("202", "the source answered 202", "202 Accepted"),
        empty("204", "the source answered 204", "204 No Content"),
        empty(
            "205",
            "the source answered 205",
            "205 Reset Content\r\nContent-Length: 0",
        ),
        status("206 unasked", CUT, "206 Partial Content"),
        status("226", "the source answered 226", "226 IM Used"),
        status("300", "redirect: 300 leads nowhere", "300 Choices"),
        empty(
            "304 unasked",
            "bad response: 304 to a question",
            "304 Not Modified",
        ),
        status(
            "401",
            "the source answered 401",
            "401 No\r\nWWW-Authenticate: Basic realm=x",
        ),
        status("404", "the source answered 404", "404 Not Found"),
        status(
            "407",
            "the source answered 407",
            "407 No\r\nProxy-Authenticate: Basic realm=x",
        ),
        status("410", "gone", "410 Gone"),
        status(
            "503 for ten thousand years",
            "the source answered 503",
            "503 No\r\nRetry-After: 315360000000",
        ),
        status("999", "the source answered 999", "999 Request denied"),
        status("1000", BAD, "1000 OK"),
        status("99", BAD, "99 OK"),
        status("000", BAD, "000 OK"),
        status("-200", BAD, "-200 OK"),
    ]
}

fn kinds() -> Vec<Row> {
    let typed = |name, want, content_type: &str, body: &[u8]| {
        let head = format!("HTTP/1.1 200 OK\r\n{content_type}\r\n");
        row(name, want, vec![send(head), flood(body)])
    };
    let once = |name, want, content_type: &str, body: &[u8]| {
        let head = format!("HTTP/1.1 200 OK\r\n{content_type}\r\n");
        row(name, want, vec![send(head), send(body)])
    };
    let html = "Content-Type: text/html\r\n";
    let mp4 = b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41\0\0\0\x08free\0\0\0\0";
    vec![
        typed(
            "a picture without end",
            "unread image/png",
            "Content-Type: image/png\r\n",
            PNG,
        ),
        typed(
            "a film without end",
            "unread video/mp4",
            "Content-Type: Video/MP4\r\n",
            mp4,
        ),
        typed(
            "a film without end that says it is a page",
            "unread video/mp4",
            html,
            mp4,
        ),
        typed(
            "a picture without end that says nothing",
            "unread image/png",
            "",
            PNG,
        ),
        typed(
            "a document without end that says it is text",
            "unread application/pdf",
            "Content-Type: text/plain\r\n",
            b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\n",
        ),
        once(
            "a zip that says nothing",
            "unread application/zip",
            "",
            b"PK\x03\x04\x14\0\0\0\x08\0",
        ),
        once("a page that says nothing", "page", "", b"<p>hello"),
        once("a page of NULs", "page", html, &[0; 100]),
        once(
            "a charset that nobody knows",
            "page",
            "Content-Type: text/html; charset=x\r\n",
            b"<p>",
        ),
        once(
            "a wrong charset",
            "page",
            "Content-Type: text/html; charset=utf-16\r\n",
            b"<p>hello",
        ),
        once(
            "a type that is none",
            "page",
            "Content-Type: ;;;/\r\n",
            b"<p>hello",
        ),
        once(
            "a type of 10 KB",
            "page",
            &format!("Content-Type: text/html; a={}\r\n", "b".repeat(10_000)),
            b"<p>hello",
        ),
        once(
            "a type that is not UTF-8",
            "page",
            "Content-Type: text/html; a=\u{e9}\r\n",
            b"<p>hello",
        ),
    ]
}
