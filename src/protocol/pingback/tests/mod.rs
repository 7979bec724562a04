//! Every client's envelope, and what a call may ask for.

use std::path::{Path, PathBuf};

use super::*;
use crate::model::SourceUrl;
use crate::protocol::envelope::fill;

mod answers;
mod hostile;

const SOURCE: &str = "https://blog.example/grüße?a=1&b=2&copy=3";
const TARGET: &str = "https://me.example/über/?p=7&q=x;y&amp#c5";

fn submission(source: &str, target: &str) -> Submission {
    Submission {
        source: SourceUrl::parse(source).unwrap(),
        target: TargetUrl::parse(target).unwrap(),
        protocol: Protocol::Pingback,
        vouch: None,
        code: None,
    }
}

/// The templates in a folder under `fixtures/`, by name.
fn templates(folder: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/xmlrpc")
        .join(folder);
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "xml"))
        .collect();
    found.sort();
    found
        .into_iter()
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read(path).unwrap())
        })
        .collect()
}

fn template(name: &str) -> Vec<u8> {
    templates("")
        .into_iter()
        .find(|(n, _)| n == name)
        .unwrap()
        .1
}

/// A ping with these two texts pasted in as XML.
fn ping_xml(source: &str, target: &str) -> Vec<u8> {
    format!(
        "<methodCall><methodName>pingback.ping</methodName><params>\
         <param><value><string>{source}</string></value></param>\
         <param><value><string>{target}</string></value></param></params></methodCall>"
    )
    .into_bytes()
}

#[test]
fn every_client_is_understood() {
    let templates = templates("");
    assert!(templates.len() >= 22, "{}", templates.len());
    for (source, target) in [
        (SOURCE, TARGET),
        ("https://blog.example/post", "https://me.example/article"),
        (
            "http://localhost:8080/?a=%26&b=%C3%BC",
            "http://127.0.0.1:8081/a;b",
        ),
    ] {
        for (name, template) in &templates {
            let body = fill(template, source, target);
            assert_ne!(&body, template, "{name} has no place for a URL");
            assert_eq!(
                read_request(&body),
                Ok(Request::Ping(submission(source, target))),
                "{name}: {}",
                String::from_utf8_lossy(&body)
            );
        }
    }
}

#[test]
fn urls_beyond_latin1_survive_where_the_client_can_send_them() {
    let (source, target) = (
        "https://博客.example/帖子?a&b",
        "https://me.example/статья/💩",
    );
    for (name, template) in templates("") {
        if !String::from_utf8_lossy(&template).contains("latin1") {
            let body = fill(&template, source, target);
            let want = Ok(Request::Ping(submission(source, target)));
            assert_eq!(read_request(&body), want, "{name}");
        }
    }
}

#[test]
fn utf_16_with_a_bom_is_understood() {
    let text = String::from_utf8(fill(
        &template("moonglade-declares-utf-16-over-ascii"),
        SOURCE,
        TARGET,
    ))
    .unwrap();
    let units = || std::iter::once(0xfeff).chain(text.encode_utf16());
    let (le, be): (Vec<u8>, Vec<u8>) = (
        units().flat_map(u16::to_le_bytes).collect(),
        units().flat_map(u16::to_be_bytes).collect(),
    );
    for body in [le, be] {
        assert_eq!(
            read_request(&body),
            Ok(Request::Ping(submission(SOURCE, TARGET)))
        );
    }
}

#[test]
fn what_a_sender_mangled_is_put_right_once() {
    for (sent, meant) in [
        (
            "https://a.example/?x=1&amp;y=2",
            "https://a.example/?x=1&y=2",
        ),
        (
            "https://a.example/?x=1&amp;amp;y=2",
            "https://a.example/?x=1&y=2",
        ),
        (
            "https://a.example/?x=1&amp;amp;amp;y=2",
            "https://a.example/?x=1&amp;y=2",
        ),
        ("https://a.example/?x=1&y=2", "https://a.example/?x=1&y=2"),
        (
            "https://a.example/?x=1&y=2;z",
            "https://a.example/?x=1&y=2;z",
        ),
        ("https://a.example/?x&", "https://a.example/?x&"),
        ("https://a.example/&#195;&#188;", "https://a.example/ü"),
        (
            "https://a.example/&#xE2;&#x82;&#xAC;",
            "https://a.example/€",
        ),
        // Latin-1 that is no UTF-8 was meant as it is; so was text beyond Latin-1.
        ("https://a.example/&#252;", "https://a.example/ü"),
        (
            "https://a.example/&#195;&#188;&#8364;",
            "https://a.example/Ã¼€",
        ),
        ("\n\t https://a.example/ \r\n", "https://a.example/"),
        (
            "<![CDATA[https://a.example/?x=1&y=2]]>",
            "https://a.example/?x=1&y=2",
        ),
        (
            "https://a.exam<![CDATA[ple/?x=1&]]>y=2",
            "https://a.example/?x=1&y=2",
        ),
        ("https://a.example/<!-- no -->b", "https://a.example/b"),
    ] {
        let want = Ok(Request::Ping(submission(meant, "https://me.example/")));
        assert_eq!(
            read_request(&ping_xml(sent, "https://me.example/")),
            want,
            "{sent}"
        );
    }
}

#[test]
fn a_page_that_pings_itself_is_refused() {
    let read = |source, target| read_request(&ping_xml(source, target));
    for (source, target) in [
        ("https://me.example/a", "https://me.example/a"),
        ("http://ME.example:80/a#x", "https://me.example/a/"),
    ] {
        assert_eq!(read(source, target), Err(Fault::SourceIsTarget));
    }
    assert!(read("https://me.example/b", "https://me.example/a").is_ok());
}

#[test]
fn the_other_methods_are_read() {
    let call = |method: &str, params: &[&str]| {
        let params = match params {
            [] => String::new(),
            _ => format!(
                "<param><value>{}</value></param>",
                params.join("</value></param><param><value>")
            ),
        };
        let body = format!(
            "<methodCall><methodName>{method}</methodName><params>{params}</params></methodCall>"
        );
        read_request(body.as_bytes())
    };
    let target = TargetUrl::parse("https://me.example/?a&b").unwrap();
    for (method, params, want) in [
        (
            "pingback.extensions.getPingbacks",
            ["https://me.example/?a&amp;b"].as_slice(),
            Ok(Request::GetPingbacks(target)),
        ),
        ("system.listMethods", &[], Ok(Request::ListMethods)),
        ("system.getCapabilities", &[], Ok(Request::GetCapabilities)),
        (
            "system.methodSignature",
            &["pingback.ping"],
            Ok(Request::MethodSignature(Method::Ping)),
        ),
        (
            "system.methodHelp",
            &[" system.methodHelp\n"],
            Ok(Request::MethodHelp(Method::MethodHelp)),
        ),
        (
            "system.methodHelp",
            &["system.multicall"],
            Err(Fault::MethodNotFound("system.multicall".into())),
        ),
        (
            "system.listMethods",
            &["x"],
            Err(Fault::InvalidParams(
                "system.listMethods takes 0 of them, this call has 1".into(),
            )),
        ),
    ] {
        assert_eq!(call(method, params), want, "{method}");
    }
    let without_params = b"<methodCall><methodName>system.listMethods</methodName></methodCall>";
    assert_eq!(read_request(without_params), Ok(Request::ListMethods));
}

#[test]
fn requests_recorded_from_real_clients_are_read() {
    let Some(folder) = crate::protocol::shared::shared("captures") else {
        return;
    };
    for (name, source, target) in [
        (
            "wordpress-pingback-request.txt",
            "http://wp.test:8081/my-pinging-post/",
            "http://127.0.0.1:8070/target?from=wp",
        ),
        (
            "wordpress-pingback-request-amp.txt",
            "http://wp.test:8081/my-pinging-post/",
            "http://127.0.0.1:8070/target-pb?a=1&b=2",
        ),
        (
            "clients/remy-webmention-pingback.txt",
            "http://127.0.0.1:8090/source-both",
            "http://localhost:8070/target",
        ),
    ] {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let (_, body) = crate::protocol::split_recording(&bytes);
        assert_eq!(
            read_request(body),
            Ok(Request::Ping(submission(source, target))),
            "{name}"
        );
    }
}
