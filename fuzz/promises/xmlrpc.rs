//! Target `xmlrpc`: bodies of calls, and what is answered.

use linkback::model::{Protocol, same_page};
use linkback::protocol::pingback::{
    Fault, Request, read_request, write_fault, write_pingbacks, write_success,
};
use linkback::protocol::xmlrpc::{MAX_BODY_BYTES, Value, read_call};
use quick_xml::Reader;
use quick_xml::events::Event;

use super::shown::{is_address, is_clean};

/// Any body is a call or a fault; every answer is well formed, and what it says is what was to be said.
pub fn xmlrpc(data: &[u8]) {
    if let Ok(call) = read_call(data) {
        assert!(data.len() <= MAX_BODY_BYTES);
        assert_eq!(call.method.trim(), call.method);
        assert!(!call.method.is_empty());
        for value in &call.params {
            let (Value::String(text) | Value::Other(text)) = value;
            is_told(&write_success(text), text);
        }
    }
    match read_request(data) {
        Ok(Request::Ping(submission)) => {
            let (source, target) = (&submission.source, &submission.target);
            assert_eq!(submission.protocol, Protocol::Pingback);
            assert!(!same_page(source, target));
            is_address(source.as_str(), "a source");
            is_address(target.as_str(), "a target");
            // The other way round, so that what was read is written, and what is written is read.
            let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
            let call = format!(
                "<methodCall><methodName>pingback.ping</methodName><params><param><value>{}</value>\
                 </param><param><value>{}</value></param></params></methodCall>",
                escape(source.as_str()),
                escape(target.as_str())
            );
            // An `&amp;` that is left in an address was escaped three times, and would be undone again.
            if !call.contains("&amp;amp;") {
                assert_eq!(
                    read_request(call.as_bytes()),
                    Ok(Request::Ping(submission.clone()))
                );
            }
            is_told(&write_pingbacks([source.as_str()]), source.as_str());
        }
        Ok(Request::GetPingbacks(target)) => is_address(target.as_str(), "a target"),
        Ok(_) => {}
        Err(fault) => is_fault(&fault),
    }
}

fn is_fault(fault: &Fault) {
    let sentence = fault.sentence();
    is_clean(&sentence, "a fault", false);
    assert!(sentence.len() <= 1000, "{} bytes", sentence.len());
    is_told(&write_fault(fault), &sentence);
}

/// Whether the answer is well formed and its string is `said`.
fn is_told(answer: &str, said: &str) {
    let mut reader = Reader::from_str(answer);
    let mut open: Vec<String> = Vec::new();
    let mut string = String::new();
    loop {
        let event = reader
            .read_event()
            .unwrap_or_else(|e| panic!("{e}: {answer:?}"));
        let is_string = open.last().is_some_and(|name| name == "string");
        match event {
            Event::Start(start) => open.push(start.name().as_ref().to_owned()),
            Event::End(_) => {
                open.pop();
            }
            Event::Text(text) if is_string => string.push_str(&text),
            Event::GeneralRef(name) if is_string => string.push(match &*name {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "#13" => '\r',
                other => panic!("&{other}; in {answer:?}"),
            }),
            // The fault's code, and the names of both.
            Event::Text(_) if open.iter().any(|name| name == "fault") => {}
            Event::Decl(_) => {}
            Event::Eof => break,
            other => panic!("{other:?} in {answer:?}"),
        }
    }
    assert!(open.is_empty(), "{open:?} in {answer:?}");
    // What XML cannot hold, as base64 can, has a mark in its place.
    let held = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    let marked = said.replace(|c: char| !held(c), "\u{fffd}");
    assert_eq!(string, marked);
}
