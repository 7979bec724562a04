//! Requests by the table, and the corner cases that senders and attackers have shown.

use super::*;

const FORM: &str = "application/x-www-form-urlencoded";

fn code(content_type: Option<&str>, body: &[u8]) -> &'static str {
    match read_request(content_type, body) {
        Ok(_) => "ok",
        Err(refusal) => refusal.code(),
    }
}

/// A form with these values, encoded as a browser does.
fn form(source: &str, target: &str) -> Vec<u8> {
    form_urlencoded::Serializer::new(String::new())
        .append_pair("source", source)
        .append_pair("target", target)
        .finish()
        .into_bytes()
}

#[test]
fn a_form_is_read_whatever_its_order_encoding_and_extra_fields() {
    let want = Submission {
        source: crate::model::SourceUrl::parse("https://blog.example/post?a=1&b=2").unwrap(),
        target: crate::model::TargetUrl::parse("https://me.example/an%20article#c5").unwrap(),
        protocol: Protocol::Webmention,
        vouch: None,
        code: None,
    };
    let bodies: &[&str] = &[
        "source=https%3A%2F%2Fblog.example%2Fpost%3Fa%3D1%26b%3D2&target=https%3A%2F%2Fme.example%2Fan%20article%23c5",
        "target=https%3a%2f%2fme.example%2fan+article%23c5&source=https%3a%2f%2fblog.example%2fpost%3fa%3d1%26b%3d2",
        "vouch=x&source=https://blog.example/post?a%3D1%26b=2&code&target=https://me.example/an+article%23c5&=&&",
        "source[]=no&source=+https%3A%2F%2Fblog.example%2Fpost%3Fa%3D1%26b%3D2%0A&target=https%3A%2F%2Fme.example%2Fan%2520article%23c5",
        "s%6Furce=https://blog.example/post?a%3D1%26b%3D2&target=https://me.example/an%20article#c5",
    ];
    for body in bodies {
        assert_eq!(
            read_request(Some(FORM), body.as_bytes()).as_ref(),
            Ok(&want),
            "{body}"
        );
    }
}

#[test]
fn the_content_type_is_read_leniently_but_must_not_be_another() {
    let body = form("https://a.example/1", "https://b.example/2");
    for (content_type, want) in [
        (None, "ok"),
        (Some(""), "ok"),
        (Some(FORM), "ok"),
        (Some("Application/X-WWW-Form-URLencoded"), "ok"),
        (
            Some("application/x-www-form-urlencoded; charset=UTF-8"),
            "ok",
        ),
        (
            Some(" application/x-www-form-urlencoded ;CHARSET=utf-8"),
            "ok",
        ),
        (Some("application/x-www-form-urlencoded;"), "ok"),
        (
            Some("multipart/form-data; boundary=x"),
            "unsupported_content_type",
        ),
        (Some("application/json"), "unsupported_content_type"),
        (Some("text/xml"), "unsupported_content_type"),
        (Some("text/plain"), "unsupported_content_type"),
        (Some("*/*"), "unsupported_content_type"),
        (Some("x-www-form-urlencoded"), "unsupported_content_type"),
        (
            Some("application/x-www-form-urlencoded2"),
            "unsupported_content_type",
        ),
    ] {
        assert_eq!(code(content_type, &body), want, "{content_type:?}");
    }
}

#[test]
fn fields_that_are_missing_or_repeated_are_named() {
    for (body, want) in [
        ("", "missing_source"),
        ("&&&", "missing_source"),
        ("=", "missing_source"),
        ("target=https://b.example/", "missing_source"),
        ("source=&target=https://b.example/", "missing_source"),
        ("source=+%0A&target=https://b.example/", "missing_source"),
        ("source&target=https://b.example/", "missing_source"),
        (
            "Source=https://a.example/&target=https://b.example/",
            "missing_source",
        ),
        (
            "source[]=https://a.example/&target=https://b.example/",
            "missing_source",
        ),
        ("source=https://a.example/", "missing_target"),
        ("source=https://a.example/&target=", "missing_target"),
        (
            "source=https://a.example/&target[0]=https://b.example/",
            "missing_target",
        ),
        (
            "source=https://a.example/&source=https://a.example/&target=https://b.example/",
            "repeated_source",
        ),
        (
            "source=&source=https://a.example/&target=https://b.example/",
            "repeated_source",
        ),
        (
            "source=https://a.example/&target=https://b.example/&target=https://b.example/2",
            "repeated_target",
        ),
        (
            r#"{"source":"https://a.example/","target":"https://b.example/"}"#,
            "missing_source",
        ),
        ("<?xml version=\"1.0\"?><methodCall/>", "missing_source"),
    ] {
        assert_eq!(code(Some(FORM), body.as_bytes()), want, "{body}");
    }
}

/// Strings that are no source and no target (WM-10), whichever of the two they are sent as.
#[test]
fn what_is_not_an_absolute_http_url_is_refused_as_source_and_as_target() {
    let long = format!("https://ex.example/{}", "a".repeat(5000));
    for text in [
        "/relative",
        "//host.example/x",
        "ex.example/a",
        "jwoijgoisdjlskjegisvjowuehjtkx",
        "mailto:me@ex.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://ex.example/a",
        "file:///etc/passwd",
        "gopher://ex.example/",
        "https://u:p@ex.example/",
        "https://u@ex.example/",
        "http:///a",
        "https:ex.example/a",
        "https:/ex.example/a",
        "https:\\\\ex.example\\a",
        "https://",
        "https://ex.example:0/",
        "https://ex.example:99999/",
        "http://[fe80::1%25eth0]/",
        "https://ex.example/\0",
        "https://ex\0.example/",
        "https://ex.example/a\u{7f}b",
        "https://ex.example/a\tb",
        "https://ex.example/a\r\nX-Header: 1",
        "https://ex.example/\u{fffd}",
        &long,
    ] {
        let as_source = form(text, "https://me.example/a");
        assert_eq!(code(Some(FORM), &as_source), "invalid_source", "{text:?}");
        let as_target = form("https://blog.example/a", text);
        assert_eq!(code(Some(FORM), &as_target), "invalid_target", "{text:?}");
    }
    let latin1 = b"source=https://ex.example/caf%E9&target=https://me.example/";
    assert_eq!(code(Some(FORM), latin1), "invalid_source");
}

#[test]
fn odd_urls_that_exist_are_accepted() {
    for text in [
        "https://ex.example./a",
        "https://ex.example/%7Euser/%C3%A9",
        "https://ex.example/café?q=ü|x",
        "https://💩.example/",
        "https://[2001:db8::1]:8443/a",
        "HTTP://EX.example:80",
        "https://ex.example/100%",
        "https://ex.example/?url=https://me.example/a",
    ] {
        let body = form(text, "https://me.example/a");
        assert_eq!(code(Some(FORM), &body), "ok", "{text}");
        let body = form("https://blog.example/a", text);
        assert_eq!(code(Some(FORM), &body), "ok", "{text}");
    }
}

#[test]
fn a_page_that_mentions_itself_is_refused() {
    for (source, target) in [
        ("https://me.example/a", "https://me.example/a"),
        ("HTTP://Me.example/a", "http://me.example:80/a"),
        ("https://me.example/a#top", "https://me.example/a#c5"),
        ("http://me.example/a", "https://me.example/a/"),
        ("https://me.example/x/../a", "https://me.example./a"),
        ("https://me.example", "https://me.example/"),
    ] {
        assert_eq!(
            code(None, &form(source, target)),
            "source_is_target",
            "{source}"
        );
    }
    // A site may well mention itself.
    assert_eq!(
        code(None, &form("https://me.example/b", "https://me.example/a")),
        "ok"
    );
    assert_eq!(
        code(
            None,
            &form("https://me.example/?p=1", "https://me.example/?p=2")
        ),
        "ok"
    );
}

#[test]
fn sentences_name_the_input_and_what_to_change() {
    let sentence = |body: &[u8]| read_request(None, body).unwrap_err().sentence();
    assert_eq!(
        sentence(&form("https://u:p@a.example/", "https://b.example/")),
        "The source is not a URL we can fetch: it carries a user name or password."
    );
    assert_eq!(
        sentence(&form("https://a.example/", "ftp://b.example/")),
        "The target is not a URL we can accept: its scheme is “ftp”, only http and https are supported."
    );
}

#[test]
fn every_code_is_in_the_documentation_and_every_sentence_is_one() {
    let document = include_str!("../../docs/protocol.md");
    for refusal in [
        Refusal::UnsupportedContentType,
        Refusal::MissingSource,
        Refusal::MissingTarget,
        Refusal::RepeatedSource,
        Refusal::RepeatedTarget,
        Refusal::InvalidSource(UrlError::Userinfo),
        Refusal::InvalidTarget(UrlError::TooLong),
        Refusal::SourceIsTarget,
        Refusal::TargetNotSupported,
        Refusal::SelfPing,
        Refusal::VouchRequired,
        Refusal::VouchUnknown,
    ] {
        let code = refusal.code();
        assert!(document.contains(&format!("| `{code}` |")), "{code}");
        let sentence = refusal.sentence();
        assert!(
            sentence.starts_with("The ") && sentence.ends_with('.'),
            "{sentence}"
        );
    }
}

#[test]
fn a_code_is_taken_as_it_is_and_a_realm_is_nothing_to_us() {
    let code = |more: &str| {
        let body = format!("source=https://s.example/&target=https://t.example/{more}");
        let submission = read_request(None, body.as_bytes()).unwrap();
        submission.code.map(|code| code.expose().to_owned())
    };
    assert_eq!(code(""), None);
    assert_eq!(code("&realm=friends"), None);
    assert_eq!(code("&code="), None);
    assert_eq!(code("&code=a%0Ab"), None);
    assert_eq!(
        code("&code=a%2Bb%3D&realm=x&code=c").as_deref(),
        Some("a+b=")
    );
}

#[test]
fn the_first_vouch_that_is_a_url_is_kept_and_no_other_is_a_mistake() {
    for (fields, want) in [
        ("&vouch=https://v.example/a", Some("https://v.example/a")),
        (
            "&vouch=&vouch=x&vouch=https%3A%2F%2Fv.example%2F&vouch=https://w.example/",
            Some("https://v.example/"),
        ),
        ("&vouch=javascript:alert(1)", None),
        ("&vouch", None),
        ("", None),
    ] {
        let body = form("https://blog.example/post", "https://me.example/a");
        let body = [body, fields.as_bytes().to_vec()].concat();
        let submission = read_request(None, &body).unwrap();
        let vouch = submission
            .vouch
            .as_ref()
            .map(crate::model::SourceUrl::as_str);
        assert_eq!(vouch, want, "{fields}");
    }
}

#[test]
fn no_body_makes_the_reader_panic() {
    let body = form("https://blog.example/pöst?a=1", "https://me.example/a");
    for at in 0..body.len() {
        let _ = read_request(None, &body[..at]);
        for byte in [0x00, 0x25, 0x26, 0x2b, 0x3d, 0xc3, 0xff] {
            let mut mutant = body.clone();
            mutant[at] = byte;
            let _ = read_request(None, &mutant);
        }
    }
    let _ = read_request(None, &vec![b'&'; 1 << 20]);
    let _ = read_request(None, &vec![b'%'; 1 << 20]);
}

#[test]
fn requests_recorded_from_real_clients_are_read() {
    let Some(folder) = crate::protocol::shared::shared("captures") else {
        return;
    };
    let mut read = 0;
    for entry in std::fs::read_dir(folder.join("clients")).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let (head, body) = crate::protocol::split_recording(&bytes);
        if !head.starts_with("POST /webmention") {
            continue;
        }
        let content_type = head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-type"))
            .map(|(_, value)| value.trim());
        // One recording is of a validator, which sends no URLs on purpose.
        let want = if path.ends_with("webmention-rocks-invalid.txt") {
            "invalid_source"
        } else {
            "ok"
        };
        assert_eq!(code(content_type, body), want, "{}", path.display());
        read += 1;
    }
    assert!(read > 4, "only {read} recordings");
}
