//! The answers, read back.

use quick_xml::events::Event;

use super::*;
use crate::model::UrlError;

/// One of each fault.
fn faults() -> Vec<Fault> {
    vec![
        Fault::Generic,
        Fault::InvalidSource(UrlError::Userinfo),
        Fault::SourceNotFound,
        Fault::NoLink,
        Fault::TargetNotFound,
        Fault::InvalidTarget(UrlError::Scheme("ftp".into())),
        Fault::TargetNotSupported,
        Fault::SourceIsTarget,
        Fault::AlreadyRegistered,
        Fault::AccessDenied,
        Fault::Upstream,
        Fault::NotWellFormed("ends before its last element does"),
        Fault::InvalidRequest("is not a methodCall"),
        Fault::MethodNotFound("<b>&\u{1}".into()),
        Fault::InvalidParams("x".into()),
    ]
}

/// A document's element paths and their texts, read with the library alone.
fn leaves(response: &str) -> Vec<(String, String)> {
    let mut reader = quick_xml::Reader::from_str(response);
    let (mut path, mut found): (Vec<String>, _) = (Vec::new(), Vec::new());
    let mut text = String::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                path.push(start.name().as_ref().to_owned());
                text.clear();
            }
            Event::End(_) => {
                if !text.is_empty() {
                    let tail = path[path.len().saturating_sub(2)..].join("/");
                    found.push((tail, std::mem::take(&mut text)));
                }
                path.pop();
            }
            Event::Text(more) => text.push_str(&more),
            Event::GeneralRef(name) => {
                text.push_str(&quick_xml::escape::unescape(&format!("&{};", &*name)).unwrap());
            }
            Event::Decl(_) => assert!(path.is_empty()),
            Event::Eof => break,
            other => panic!("{other:?} in {response}"),
        }
    }
    assert!(path.is_empty());
    found
}

#[test]
fn faults_are_read_back_as_they_were_meant() {
    for fault in faults() {
        let response = write_fault(&fault);
        assert!(
            response
                .starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?><methodResponse><fault>")
        );
        let sentence = fault.sentence().replace('\u{1}', "\u{fffd}");
        let want = [
            ("member/name", "faultCode"),
            ("value/int", &fault.code().to_string()),
            ("member/name", "faultString"),
            ("value/string", &sentence),
        ]
        .map(|(path, text)| (path.to_owned(), text.to_owned()));
        assert_eq!(leaves(&response), want);
    }
}

#[test]
fn answers_are_read_back_as_they_were_meant() {
    let strings = |response: &str| -> Vec<String> {
        assert!(
            response
                .starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?><methodResponse><params>")
        );
        leaves(response)
            .into_iter()
            .map(|(path, text)| {
                assert_eq!(path, "value/string");
                text
            })
            .collect()
    };
    let text = format!("Pingback from {SOURCE} to {TARGET} <registered> ]]> “ü”\r\n");
    assert_eq!(strings(&write_success(&text)), [text]);
    assert!(write_success("").contains("<value><string></string></value>"));
    assert_eq!(
        strings(&write_pingbacks([SOURCE, TARGET])),
        [SOURCE, TARGET]
    );
    assert!(write_pingbacks([]).contains("<value><array><data></data></array></value>"));
    assert_eq!(strings(&write_methods()), Method::ALL.map(Method::name));
    for method in Method::ALL {
        assert_eq!(Method::from_name(method.name()), Some(method));
        assert_eq!(strings(&write_signature(method)), method.signature());
        assert_eq!(strings(&write_help(method)), [method.help()]);
    }
    assert!(write_signature(Method::Ping).contains(
        "<param><value><array><data><value><array><data><value><string>string</string></value>"
    ));
    let capabilities = leaves(&write_capabilities());
    assert!(capabilities.contains(&("value/int".into(), "20010516".into())));
    assert_eq!(
        capabilities
            .iter()
            .filter(|(path, _)| path == "member/name")
            .count(),
        9
    );
}

#[test]
fn every_fault_is_in_the_documentation() {
    let document = include_str!("../../../../docs/protocol.md");
    for fault in faults() {
        let code = fault.code().to_string().replace('-', "−");
        assert!(document.contains(&format!("| {code} |")), "{code}");
    }
    for method in Method::ALL {
        assert!(document.contains(method.name()), "{}", method.name());
    }
}
