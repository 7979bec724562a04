//! Servers that send us elsewhere.

use super::{Asked, HERE, Row, Step, THERE, Wire, at, flood, head, send};

const CIRCLE: &str = "redirect: in a circle";
const TOO_MANY: &str = "redirect: more than 20";
const LOOPBACK: &str = "refused: address 127.0.0.2 is not public: loopback";

fn to(location: &str) -> Vec<Step> {
    let head = format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
    vec![send(head)]
}

fn page() -> Vec<Step> {
    vec![head("Content-Length: 5\r\n"), send("hello")]
}

/// `/n` leads to `/n-1`, and `/0` inward.
fn inward_after(asked: &Asked) -> Vec<Step> {
    match asked.path[1..].parse::<usize>() {
        Ok(0) | Err(_) => to(&format!("http://{}/", asked.inward)),
        Ok(n) => to(&format!("/{}", n - 1)),
    }
}

/// What is told when we are sent to `location`, at once.
fn leads(name: &'static str, want: &'static str, location: &'static str) -> Row {
    Row::with(Wire::Plain, name, want, move |_| to(location))
}

#[expect(clippy::too_many_lines, reason = "a table is as long as it is")]
pub(super) fn rows() -> Vec<Row> {
    let with =
        |name, want, answers: fn(&Asked) -> Vec<Step>| Row::with(Wire::Plain, name, want, answers);
    let lines = |name, want, lines: &str| {
        let head = format!("HTTP/1.1 302 Found\r\n{lines}Content-Length: 0\r\n\r\n");
        Row::new(Wire::Plain, name, want, vec![send(head)])
    };
    vec![
        with("redirect to itself", CIRCLE, |asked| to(&asked.path)),
        with("redirect between two paths", CIRCLE, |asked| {
            to(if asked.path == "/" { "/b" } else { "/" })
        }),
        with("redirect between two hosts", CIRCLE, |asked| {
            to(&match asked.path.as_str() {
                "/" => format!("http://{}/there", at(THERE.into(), asked.port)),
                _ => format!("http://{}/", at(HERE.into(), asked.port)),
            })
        }),
        with(
            "redirect for ever, never to the same place",
            TOO_MANY,
            |asked| to(&format!("{}a", asked.path)),
        ),
        with("redirect 21 times", TOO_MANY, |asked| {
            match asked.path[1..].parse::<usize>() {
                Ok(0) | Err(_) => page(),
                Ok(n) => to(&format!("/{}", n - 1)),
            }
        })
        .from("/21"),
        with("redirect inward on the first hop", LOOPBACK, inward_after).from("/0"),
        with("redirect inward on the tenth hop", LOOPBACK, inward_after).from("/9"),
        with("redirect inward on the last hop", LOOPBACK, inward_after).from("/19"),
        with(
            "redirect inward in IPv6 clothes",
            "refused: address ::ffff:127.0.0.2 is not public: loopback",
            |asked| {
                to(&format!(
                    "http://[::ffff:127.0.0.2]:{}/",
                    asked.inward.port()
                ))
            },
        ),
        with("redirect inward as one number", LOOPBACK, |asked| {
            to(&format!("http://2130706434:{}/", asked.inward.port()))
        }),
        leads(
            "redirect to a file",
            "refused: scheme “file”",
            "file:///etc/passwd",
        ),
        leads(
            "redirect to ftp",
            "refused: scheme “ftp”",
            "ftp://127.0.0.1/",
        ),
        leads(
            "redirect to gopher",
            "refused: scheme “gopher”",
            "gopher://127.0.0.1:6379/_INFO",
        ),
        leads(
            "redirect to data",
            "refused: scheme “data”",
            "data:text/html,<a href=x>",
        ),
        leads(
            "redirect to a script",
            "refused: scheme “javascript”",
            "javascript:alert(1)",
        ),
        leads(
            "redirect with a password",
            "refused: user name or password",
            "http://u:p@127.0.0.1/",
        ),
        leads(
            "redirect to a forbidden port",
            "refused: port 22",
            "http://8.8.8.8:22/",
        ),
        leads(
            "redirect to a hidden service",
            "refused: host name",
            "http://hidden.onion/",
        ),
        leads(
            "redirect to half an address",
            "redirect: to what is no URL",
            "http://[::1/",
        ),
        lines(
            "redirect without a Location",
            "redirect: without a Location",
            "",
        ),
        lines(
            "redirect to two places",
            "redirect: to several places",
            "Location: /a\r\nLocation: /b\r\n",
        ),
        lines(
            "redirect to a place of 60 KB",
            "redirect: to a URL that is too long",
            &format!("Location: /{}\r\n", "a".repeat(60_000)),
        ),
        lines(
            "redirect to a place of 64 KB",
            "bad response: header too large",
            &format!("Location: /{}\r\n", "a".repeat(65_536)),
        ),
        lines(
            "redirect to a place of 1 MB",
            "bad response: ",
            &format!("Location: /{}\r\n", "a".repeat(1_000_000)),
        ),
        with("redirect with an endless body", "page", |asked| {
            if asked.path == "/b" {
                page()
            } else {
                let head = "HTTP/1.1 302 Found\r\nLocation: /b\r\n\r\n";
                vec![send(head), flood([b'x'; 65536])]
            }
        }),
    ]
}
