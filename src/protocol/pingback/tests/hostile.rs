//! Bodies that no client sends: each gets its fault, and none a panic.

use super::*;
use crate::protocol::xmlrpc::{MAX_DEPTH, MAX_ELEMENTS};

#[test]
fn every_hostile_body_gets_its_fault() {
    let templates = templates("hostile");
    assert!(templates.len() >= 90, "{}", templates.len());
    for (name, template) in templates {
        let number: i32 = name.split('-').next().unwrap().parse().unwrap();
        let want = if number > 9_999 { -number } else { number };
        let body = fill(
            &template,
            "https://blog.example/post",
            "https://me.example/article",
        );
        let fault = read_request(&body).expect_err(&name);
        assert_eq!(fault.code(), want, "{name}: {fault}");
    }
}

#[test]
fn bodies_beyond_the_limits_are_refused_and_those_within_are_not() {
    let code = |body: &[u8]| read_request(body).map_err(|fault| fault.code());
    let ping = String::from_utf8(ping_xml("https://a.example/", "https://b.example/")).unwrap();
    let padded = |to: usize| format!("{ping}{}", " ".repeat(to - ping.len()));
    assert!(code(padded(MAX_BODY_BYTES).as_bytes()).is_ok());
    assert_eq!(code(padded(MAX_BODY_BYTES + 1).as_bytes()), Err(-32_700));
    assert_eq!(code(&vec![b' '; 10 << 20]), Err(-32_700));

    let nested = |levels: usize| {
        let inner = levels - 5; // methodCall, params, param, value, and the outermost array
        format!(
            "<methodCall><methodName>x</methodName><params><param><value><array>{}{}</array></value>\
             </param></params></methodCall>",
            "<a>".repeat(inner),
            "</a>".repeat(inner)
        )
    };
    assert_eq!(code(nested(MAX_DEPTH).as_bytes()), Err(-32_601));
    assert_eq!(code(nested(MAX_DEPTH + 1).as_bytes()), Err(-32_700));

    let wide = |elements: usize| {
        format!(
            "<methodCall><methodName>x</methodName><params>{}</params></methodCall>",
            "<param><value/></param>".repeat((elements - 3) / 2)
        )
    };
    assert_eq!(code(wide(MAX_ELEMENTS - 1).as_bytes()), Err(-32_601));
    assert_eq!(code(wide(MAX_ELEMENTS + 1).as_bytes()), Err(-32_700));
    // The largest URLs, written in the longest way that a client has.
    let long = format!("https://a.example/{}", "&#195;&#188;".repeat(675));
    assert!(code(&ping_xml(&long, "https://b.example/")).is_ok());
}

#[test]
fn a_fault_repeats_little_of_what_it_was_sent() {
    for (name, template) in templates("hostile") {
        let body = fill(
            &template,
            "https://blog.example/post",
            "https://me.example/article",
        );
        let sentence = read_request(&body).unwrap_err().sentence();
        assert!(sentence.len() < 400, "{name}: {sentence}");
        assert!(
            !sentence.contains("root:") && !sentence.contains("secret"),
            "{name}: {sentence}"
        );
        assert!(sentence.ends_with('.'), "{name}: {sentence}");
    }
}

#[test]
fn no_body_makes_the_reader_panic() {
    for name in [
        "serendipity-old-second-param-not-opened",
        "iso-8859-1-bytes-declared",
        "comments-instructions-and-white-space",
        "npm-xmlrpc-cdata",
        "perl-xmlrpc-lite-base64",
    ] {
        let body = fill(&template(name), SOURCE, TARGET);
        assert!(read_request(&body).is_ok());
        for at in 0..body.len() {
            let _ = read_request(&body[..at]);
            let _ = read_request(&body[at..]);
            for byte in *b"\0<>&;!/?]\"' \xc3\xe9\xff" {
                let mut mutant = body.clone();
                mutant[at] = byte;
                let _ = read_request(&mutant);
                mutant.insert(at, b'&');
                let _ = read_request(&mutant);
            }
        }
    }
    for pattern in [
        "<",
        "&",
        "<a",
        "<a ",
        "<![CDATA[",
        "]]>",
        "<!--",
        "&#1;",
        "</param><name>",
        "<?",
    ] {
        let _ = read_request(pattern.repeat(MAX_BODY_BYTES / pattern.len()).as_bytes());
    }
}
