use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

use super::*;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn proxies(write_forwarded: bool) -> Proxies {
    Proxies {
        trusted: ["127.0.0.1/32", "10.0.0.0/8", "2001:db8:1::/48"]
            .map(|network| network.parse().unwrap())
            .into(),
        write_forwarded,
    }
}

fn headers(lines: &[(&'static str, &[u8])]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(
            HeaderName::from_static(name),
            HeaderValue::from_bytes(value).unwrap(),
        );
    }
    headers
}

/// Who is behind `peer`, by the lines of one header.
fn behind(peer: &str, name: &'static str, lines: &[&str]) -> Asker {
    let lines: Vec<_> = lines.iter().map(|line| (name, line.as_bytes())).collect();
    proxies(name == "forwarded").asker_behind(ip(peer), &headers(&lines))
}

#[test]
fn x_forwarded_for_is_read_from_the_right_up_to_the_first_who_is_no_proxy_of_ours() {
    for (lines, want) in [
        (&["203.0.113.7"][..], "203.0.113.7"),
        (&[" 203.0.113.7 "], "203.0.113.7"),
        // What the client itself sent stands to the left of what the proxy saw.
        (&["1.1.1.1, 203.0.113.7"], "203.0.113.7"),
        (&["1.1.1.1", "203.0.113.7"], "203.0.113.7"),
        (&["203.0.113.7", "10.1.2.3"], "203.0.113.7"),
        (&["1.1.1.1,203.0.113.7,10.1.2.3,10.9.9.9"], "203.0.113.7"),
        (&["2001:db8::7"], "2001:db8::7"),
        (&["[2001:db8::7]:4711, [2001:db8:1::5]:80"], "2001:db8::7"),
        (&["\"[2001:db8::7]:4711\""], "2001:db8::7"),
        (&["203.0.113.7:4711"], "203.0.113.7"),
        (&["::ffff:203.0.113.7"], "203.0.113.7"),
        // Everybody is a proxy: the first of them asks.
        (&["10.3.3.3, 10.1.2.3"], "10.3.3.3"),
        // Nobody known is behind the nearest proxy.
        (&[], "127.0.0.1"),
        (&[""], "127.0.0.1"),
        (&["unknown"], "127.0.0.1"),
        (&["1.1.1.1, unknown"], "127.0.0.1"),
        (&["1.1.1.1, unknown, 10.1.2.3"], "10.1.2.3"),
        (&["1.1.1.1, _hidden, 10.1.2.3"], "10.1.2.3"),
        (&["1.1.1.1, , 10.1.2.3"], "10.1.2.3"),
        (&["1.1.1.1, 999.1.1.1"], "127.0.0.1"),
        (&["1.1.1.1, fe80::1%eth0"], "127.0.0.1"),
        (&["1.1.1.1, [::1, 203.0.113.7"], "203.0.113.7"),
        // An open quotation mark of the client's swallows nothing.
        (&["\"1.1.1.1, 203.0.113.7"], "203.0.113.7"),
        (&["\\\"1.1.1.1\", 203.0.113.7"], "203.0.113.7"),
    ] {
        let asker = behind("127.0.0.1", "x-forwarded-for", lines);
        assert_eq!(asker.address, ip(want), "{lines:?}");
        assert!(!asker.is_local);
    }
}

#[test]
fn bytes_that_are_no_text_hide_nobody() {
    let lines = headers(&[("x-forwarded-for", b"\xff\xfe, 203.0.113.7")]);
    let asker = proxies(false).asker_behind(ip("127.0.0.1"), &lines);
    assert_eq!(asker.address, ip("203.0.113.7"));
}

#[test]
fn forwarded_is_read_as_rfc_7239_has_it() {
    for (lines, want, scheme, host) in [
        (&["for=203.0.113.7"][..], "203.0.113.7", None, None),
        (
            &["For=\"203.0.113.7:_port\";Proto=HTTPS;by=10.0.0.1;host=m.example"],
            "203.0.113.7",
            Some("https"),
            Some("m.example"),
        ),
        (
            &["for=\"[2001:db8:cafe::17]:4711\""],
            "2001:db8:cafe::17",
            None,
            None,
        ),
        (
            &[
                "for=1.1.1.1;proto=http, for=203.0.113.7;proto=https;host=m.example:8443, for=10.1.2.3;proto=http;host=inner",
            ],
            "203.0.113.7",
            Some("https"),
            Some("m.example:8443"),
        ),
        (
            &["for=1.1.1.1", "for=203.0.113.7", "for=10.1.2.3"],
            "203.0.113.7",
            None,
            None,
        ),
        // Commas and semicolons within quotation marks part nothing.
        (
            &["for=203.0.113.7;host=\"a,for=9.9.9.9;b\""],
            "203.0.113.7",
            None,
            Some("a,for=9.9.9.9;b"),
        ),
        (
            &[r#"for=203.0.113.7;host="a\",for=9.9.9.9""#],
            "203.0.113.7",
            None,
            Some("a\",for=9.9.9.9"),
        ),
        (&["for=\", for=203.0.113.7"], "203.0.113.7", None, None),
        (
            &["for=unknown;proto=https"],
            "127.0.0.1",
            Some("https"),
            None,
        ),
        (&["for=1.1.1.1, for=_secret"], "127.0.0.1", None, None),
        (
            &["for=1.1.1.1, proto=https"],
            "127.0.0.1",
            Some("https"),
            None,
        ),
        (&["for=1.1.1.1, nonsense"], "127.0.0.1", None, None),
        (&["for=203.0.113.7;proto=gopher"], "203.0.113.7", None, None),
    ] {
        let asker = behind("127.0.0.1", "forwarded", lines);
        assert_eq!(asker.address, ip(want), "{lines:?}");
        assert_eq!(asker.scheme, scheme, "{lines:?}");
        assert_eq!(asker.host.as_deref(), host, "{lines:?}");
    }
}

#[test]
fn nobody_is_believed_who_is_no_proxy_of_ours() {
    for peer in ["198.51.100.9", "127.0.0.2", "::1", "2001:db8:2::1"] {
        for name in ["x-forwarded-for", "forwarded"] {
            let said = "for=1.1.1.1;proto=https;host=x.example";
            let text = if name == "forwarded" { said } else { "1.1.1.1" };
            let want = Asker {
                address: ip(peer),
                is_local: ip(peer).is_loopback(),
                scheme: None,
                host: None,
            };
            assert_eq!(behind(peer, name, &[text]), want, "{peer} {name}");
        }
    }
    let mapped = behind("::ffff:127.0.0.1", "x-forwarded-for", &["203.0.113.7"]);
    assert_eq!(mapped.address, ip("203.0.113.7"));
}

#[test]
fn the_header_that_the_proxies_do_not_write_is_not_read() {
    let both = headers(&[
        ("x-forwarded-for", b"203.0.113.7"),
        ("x-forwarded-proto", b"http, https"),
        ("forwarded", b"for=1.1.1.1;proto=http;host=evil.example"),
    ]);
    let asker = proxies(false).asker_behind(ip("127.0.0.1"), &both);
    assert_eq!(asker.address, ip("203.0.113.7"));
    assert_eq!((asker.scheme, asker.host), (Some("https"), None));
    let asker = proxies(true).asker_behind(ip("127.0.0.1"), &both);
    assert_eq!(asker.address, ip("1.1.1.1"));
    assert_eq!(asker.host.as_deref(), Some("evil.example"));
}

#[test]
fn absurd_lengths_cost_no_more_than_their_length() {
    let long = "10.0.0.1, ".repeat(100_000);
    let asker = behind("127.0.0.1", "x-forwarded-for", &["203.0.113.7", &long]);
    assert_eq!(asker.address, ip("127.0.0.1"), "the last element is empty");
    let long = format!("203.0.113.7{}", ", 10.0.0.1".repeat(100_000));
    let asker = behind("127.0.0.1", "x-forwarded-for", &[&long]);
    assert_eq!(asker.address, ip("10.0.0.1"), "so far and no farther");
    for filler in ["\"", "\\", "\\\"", ";", "for=", "[", "\";"] {
        let line = format!("{}, for=203.0.113.7", filler.repeat(200_000));
        let asker = behind("127.0.0.1", "forwarded", &[&line]);
        assert_eq!(asker.address, ip("203.0.113.7"), "{filler}");
    }
}
