//! The Pingback endpoint on the wire: every client's envelope with every ending, and hostile XML.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use crate::support::shared::shared;
use crate::support::source_site::{SourcePage, SourceSite};
use crate::support::xmlrpc::fill;
use crate::support::{TestService, get, in_time, send};

const BLOG: &str = "https://blog.example";

/// The templates under `fixtures/xmlrpc`, by name.
fn envelopes(folder: &str) -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/xmlrpc")
        .join(folder);
    let mut envelopes: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read(path).unwrap())
        })
        .collect();
    envelopes.sort();
    envelopes
}

/// A WordPress-like request.
fn ping(source: &str, target: &str) -> Vec<u8> {
    let escape = |url: &str| url.replace('&', "&amp;");
    format!(
        "<?xml version=\"1.0\"?>\n<methodCall>\n<methodName>pingback.ping</methodName>\n<params>\n\
         <param><value><string>{}</string></value></param>\n\
         <param><value><string>{}</string></value></param>\n</params></methodCall>\n",
        escape(source),
        escape(target)
    )
    .into_bytes()
}

#[actix_web::test]
async fn every_verdict_has_its_fault() {
    let site = SourceSite::start();
    let service = TestService::start_with(&[BLOG], |config| {
        config.receive.blocked_sources = vec!["spam.example".parse().unwrap()];
        config.receive.pingback_wait = Duration::from_secs(10);
    })
    .await;
    let target = "https://blog.example/post";
    let at = |path: &str, page| site.put(path, page);
    let linking = SourcePage::linking_to(target);
    let png = SourcePage {
        content_type: "image/png".to_owned(),
        ..SourcePage::html("x")
    };
    let sources = [
        (at("/ok", linking.clone()), None),
        (at("/ok", linking.clone()), Some(48)),
        (at("/no-link", SourcePage::html("<p>Nothing")), Some(17)),
        (
            at(
                "/text",
                SourcePage::html(&format!("<!-- <a href='{target}'> --> {target}")),
            ),
            Some(17),
        ),
        (at("/picture", png), Some(17)),
        (format!("{}/missing", site.url), Some(16)),
        (at("/gone", SourcePage::status(410)), Some(16)),
        (at("/broken", SourcePage::status(500)), Some(0)),
        (at("/closed", SourcePage::status(403)), Some(0)),
        ("http://10.0.0.1/".to_owned(), Some(16)),
        ("http://no-such-host.invalid/".to_owned(), Some(16)),
        ("not a url".to_owned(), Some(16)),
        ("ftp://files.example/x".to_owned(), Some(16)),
        ("https://www.spam.example/".to_owned(), Some(49)),
        (target.to_owned(), Some(33)),
    ];
    for (source, want) in sources {
        let answer = service.xmlrpc(&ping(&source, target)).await;
        assert_eq!(answer.fault(), want, "{source}: {}", answer.text());
    }
    let source = at("/ok", linking);
    for (target, want) in [
        ("https://elsewhere.example/post", Some(33)),
        ("/post", Some(33)),
        ("https://blog.example/unlinked", Some(17)),
    ] {
        let answer = service.xmlrpc(&ping(&source, target)).await;
        assert_eq!(answer.fault(), want, "{target}: {}", answer.text());
    }
}

#[actix_web::test]
async fn a_known_pingback_is_48_and_brought_up_to_date_all_the_same() {
    let site = SourceSite::start();
    let service = TestService::start(&[BLOG]).await;
    let target = "https://blog.example/post";
    let source = site.put("/post", SourcePage::linking_to(target));
    assert_eq!(service.xmlrpc(&ping(&source, target)).await.fault(), None);
    let page = format!("<title>Second thoughts</title><p>See <a href='{target}'>it</a>.");
    site.put("/post", SourcePage::html(&page));
    assert_eq!(
        service.xmlrpc(&ping(&source, target)).await.fault(),
        Some(48)
    );
    let mentions = service.mentions(target).await;
    assert_eq!(mentions.len(), 1);
    assert_eq!(mentions[0]["title"], "Second thoughts");
    service.webmention(&source, target).await;
    in_time("one mention by both protocols", async {
        loop {
            let mentions = service.mentions(target).await;
            assert_eq!(mentions.len(), 1);
            if mentions[0]["protocols"] == serde_json::json!(["webmention", "pingback"]) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}

#[actix_web::test]
async fn a_slow_source_is_queued_and_answered_in_time() {
    let site = SourceSite::start();
    let service = TestService::start_with(&[BLOG], |config| {
        config.receive.pingback_wait = Duration::from_millis(50);
    })
    .await;
    let target = "https://blog.example/post";
    let page = SourcePage::linking_to(target).after(Duration::from_millis(700));
    let source = site.put("/slow", page);
    let answer = service.xmlrpc(&ping(&source, target)).await;
    assert_eq!(answer.fault(), None);
    assert!(answer.text().contains("queued"), "{}", answer.text());
    assert!(answer.text().contains("/status/"), "{}", answer.text());
    service.await_mentions(target, 1).await;
    // Known by now: that is the answer, however slow the source.
    assert_eq!(
        service.xmlrpc(&ping(&source, target)).await.fault(),
        Some(48)
    );
}

#[actix_web::test]
async fn a_target_that_does_not_exist_is_32_where_targets_are_checked() {
    let site = SourceSite::start();
    let blog = SourceSite::start();
    let service = TestService::start_with(&[&blog.url], |config| {
        config.worker.check_targets = true;
    })
    .await;
    let there = blog.put("/there", SourcePage::html("<p>An article."));
    let missing = format!("{}/missing", blog.url);
    for (target, want) in [(there, None), (missing, Some(32))] {
        let source = site.put("/post", SourcePage::linking_to(&target));
        let answer = service.xmlrpc(&ping(&source, &target)).await;
        assert_eq!(answer.fault(), want, "{target}: {}", answer.text());
    }
}

/// Every client × {ok, no link, unknown target, foreign target, known already}.
#[actix_web::test]
async fn every_clients_envelope_gets_every_answer() {
    let site = SourceSite::start();
    let service = TestService::start_with(&[BLOG], |config| {
        config.receive.pingback_wait = Duration::from_secs(10);
    })
    .await;
    let envelopes = envelopes("");
    assert!(envelopes.len() >= 22, "{}", envelopes.len());
    for (name, template) in envelopes {
        let target = format!("{BLOG}/{name}");
        let linking = site.put(&format!("/{name}"), SourcePage::linking_to(&target));
        let silent = site.put(
            &format!("/{name}/silent"),
            SourcePage::html("<p>Nothing here."),
        );
        for (case, source, target, want) in [
            ("ok", &linking, target.as_str(), None),
            ("known already", &linking, &target, Some(48)),
            ("no link", &silent, &target, Some(17)),
            (
                "unknown target",
                &linking,
                &format!("{BLOG}/{name}/unknown"),
                Some(17),
            ),
            (
                "foreign target",
                &linking,
                "https://elsewhere.example/",
                Some(33),
            ),
        ] {
            let answer = service.xmlrpc(&fill(&template, source, target)).await;
            assert_eq!(answer.fault(), want, "{name}, {case}: {}", answer.text());
        }
        assert_eq!(service.mentions(&target).await.len(), 1, "{name}");
    }
}

#[actix_web::test]
async fn hostile_xml_is_a_fault_and_fetches_nothing() {
    let site = SourceSite::start();
    let service = TestService::start(&[BLOG]).await;
    let target = "https://blog.example/post";
    let source = site.put("/post", SourcePage::linking_to(target));
    let mut count = 0;
    for (name, template) in envelopes("hostile") {
        let answer = service.xmlrpc(&fill(&template, &source, target)).await;
        // The file's name begins with its fault.
        let code: i32 = name.split('-').next().unwrap().parse().unwrap();
        let code = if code > 1000 { -code } else { code };
        assert_eq!(answer.fault(), Some(code), "{name}");
        count += 1;
    }
    assert!(count >= 100, "{count}");
    let too_large = [ping(&source, target), vec![b' '; 1 << 20]].concat();
    assert_eq!(service.xmlrpc(&too_large).await.status, 413);
    assert_eq!(site.requests(), 0);
    assert!(service.mentions(target).await.is_empty());
}

#[actix_web::test]
async fn the_other_methods_answer() {
    let site = SourceSite::start();
    let service = TestService::start(&[BLOG]).await;
    let target = "https://blog.example/post";
    let call = async |method: &str, params: &[&str]| {
        let params = params.iter().fold(String::new(), |all, p| {
            all + "<param><value><string>" + p + "</string></value></param>"
        });
        let body = format!(
            "<?xml version=\"1.0\"?><methodCall><methodName>{method}</methodName>\
             <params>{params}</params></methodCall>"
        );
        service.xmlrpc(body.as_bytes()).await
    };
    assert!(
        call("system.listMethods", &[])
            .await
            .text()
            .contains("pingback.ping")
    );
    assert_eq!(
        call("system.methodSignature", &["pingback.ping"])
            .await
            .fault(),
        None
    );
    assert!(
        call("system.getCapabilities", &[])
            .await
            .text()
            .contains("faults_interop")
    );
    assert_eq!(call("system.multicall", &[]).await.fault(), Some(-32_601));
    assert_eq!(
        call("pingback.ping", &["https://a.example/"]).await.fault(),
        Some(-32_602)
    );
    let listed = call("pingback.extensions.getPingbacks", &[target]).await;
    assert_eq!(listed.fault(), None);
    assert!(!listed.text().contains("<string>"), "{}", listed.text());
    let source = site.put("/post", SourcePage::linking_to(target));
    service.xmlrpc(&ping(&source, target)).await;
    let listed = call("pingback.extensions.getPingbacks", &[target]).await;
    assert!(listed.text().contains(&source), "{}", listed.text());
    let foreign = call(
        "pingback.extensions.getPingbacks",
        &["https://elsewhere.example/"],
    )
    .await;
    assert_eq!(foreign.fault(), Some(33));
    let get = get(service.address, "/pingback", "*/*").await;
    assert_eq!((get.status, get.header("allow")), (405, Some("POST")));
}

/// The bytes that real clients sent, with our stub in the place of their hosts.
#[actix_web::test]
async fn recorded_requests_of_real_clients_are_answered_and_shown_within_a_second() {
    let Some(folder) = shared("captures") else {
        return;
    };
    let site = SourceSite::start();
    let service = TestService::start(&["http://127.0.0.1:8070", "http://localhost:8070"]).await;
    let ours = site.url.trim_start_matches("http://");
    let encode = |host: &str| host.replace(':', "%3A");
    let mut files: Vec<PathBuf> = ["", "clients"]
        .iter()
        .flat_map(|sub| fs::read_dir(folder.join(sub)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    let mut replayed = 0;
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let text = String::from_utf8(fs::read(&file).unwrap()).unwrap();
        if !text.starts_with("POST ") {
            continue;
        }
        let text = text.replace("\r\n", "\n");
        let (head, body) = text.split_once("\n\n").unwrap();
        let mut body = body.to_owned();
        for host in ["wp.test:8081", "127.0.0.1:8090"] {
            body = body
                .replace(host, ours)
                .replace(&encode(host), &encode(ours));
        }
        let head: String = head
            .lines()
            .filter(|line| !line.to_lowercase().starts_with("content-length"))
            .fold(String::new(), |head, line| head + line + "\r\n");
        let length = body.len();
        let request = format!("{head}Content-Length: {length}\r\n\r\n{body}");
        let is_pingback = head.contains("/pingback");
        let (source, target) = claim(&body, is_pingback);
        if let Some(path) = source.strip_prefix(&site.url) {
            site.put(path, SourcePage::linking_to(&target));
        }
        let answer = send(service.address, request.as_bytes()).await;
        if name.contains("invalid") {
            assert_eq!(answer.status, 400, "{name}: {}", answer.text());
        } else if is_pingback {
            // Several clients pinged the same pair: known by then.
            assert!(
                matches!(answer.fault(), None | Some(48)),
                "{name}: {}",
                answer.text()
            );
        } else {
            assert_eq!(answer.status, 201, "{name}: {}", answer.text());
            assert!(answer.header("location").is_some(), "{name}");
        }
        if !name.contains("invalid") {
            let shown = async {
                while !service
                    .mentions(&target)
                    .await
                    .iter()
                    .any(|m| m["source"] == source.as_str())
                {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            };
            let in_time = tokio::time::timeout(Duration::from_secs(1), shown).await;
            assert!(in_time.is_ok(), "{name}: not shown within a second");
        }
        replayed += 1;
    }
    assert!(replayed >= 12, "{replayed}");
}

/// The source and target that a recorded body names.
fn claim(body: &str, is_pingback: bool) -> (String, String) {
    if is_pingback {
        let mut strings = body
            .split("<string>")
            .skip(1)
            .map(|s| s.split("</string>").next().unwrap().replace("&amp;", "&"));
        return (strings.next().unwrap(), strings.next().unwrap());
    }
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(body.trim().as_bytes())
        .into_owned()
        .collect();
    let field = |name: &str| fields.iter().find(|(n, _)| n == name).unwrap().1.clone();
    (field("source"), field("target"))
}
