//! The Webmention endpoint on the wire: WM §3.2, the response matrix and its corner cases.

use std::time::Duration;

use crate::support::source_site::{SourcePage, SourceSite};
use crate::support::{PATIENCE, TestService, form, get, in_time, post, send};

const BLOG: &str = "https://blog.example";
const TARGET: &str = "https://blog.example/post";
const FORM: &str = "application/x-www-form-urlencoded";

#[actix_web::test]
async fn a_webmention_is_answered_201_verified_and_shown() {
    let site = SourceSite::start();
    let service = TestService::start(&[BLOG]).await;
    let source = site.put("/post", SourcePage::linking_to(TARGET));
    let answer = service.webmention(&source, TARGET).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let status = service.await_status(&answer).await;
    assert_eq!(status["status"], "accepted");
    assert_eq!(status["source"], source.as_str());
    let mentions = service.mentions("http://blog.example/post/").await;
    assert_eq!(mentions.len(), 1);
    let mention = &mentions[0];
    assert_eq!(mention["source"], source.as_str());
    assert_eq!(mention["title"], "A post");
    assert_eq!(mention["site_name"], "A blog");
    assert_eq!(mention["excerpt"]["linked"], "something good");
    assert_eq!(mention["protocols"], serde_json::json!(["webmention"]));
    service.stop().await;
}

#[actix_web::test]
async fn the_answer_does_not_wait_for_the_source() {
    let site = SourceSite::start();
    let service = TestService::start(&[BLOG]).await;
    let page = SourcePage::linking_to(TARGET).after(Duration::from_secs(5));
    let source = site.put("/slow", page);
    // WM-3: answered while the source's server still thinks.
    let answer = service.webmention(&source, TARGET).await;
    assert_eq!(answer.status, 201);
    let location = answer.header("location").unwrap();
    let path = &location[location.find("/status/").unwrap()..];
    assert_eq!(service.get(path).await.json()["status"], "pending");
}

#[actix_web::test]
async fn a_senders_mistake_is_400_with_a_code_and_no_fetch() {
    let site = SourceSite::start();
    let service = TestService::start(&[BLOG]).await;
    let source = site.put("/post", SourcePage::linking_to(TARGET));
    let foreign = "https://elsewhere.example/post";
    for (body, code) in [
        (form(&[]), "missing_source"),
        (form(&[("source", &source)]), "missing_target"),
        (form(&[("target", TARGET)]), "missing_source"),
        (
            form(&[("source", ""), ("target", TARGET)]),
            "missing_source",
        ),
        (
            form(&[("source[]", &source), ("target", TARGET)]),
            "missing_source",
        ),
        (
            form(&[("source", &source), ("source", &source), ("target", TARGET)]),
            "repeated_source",
        ),
        (
            form(&[("source", "jwoijgoisdjlskj"), ("target", TARGET)]),
            "invalid_source",
        ),
        (
            form(&[("source", "ftp://s.example/"), ("target", TARGET)]),
            "invalid_source",
        ),
        (
            form(&[("source", "http://u:p@s.example/"), ("target", TARGET)]),
            "invalid_source",
        ),
        (
            form(&[("source", &source), ("target", "/post")]),
            "invalid_target",
        ),
        (
            form(&[("source", TARGET), ("target", TARGET)]),
            "source_is_target",
        ),
        (
            form(&[
                ("source", "https://blog.example:443/post#x"),
                ("target", TARGET),
            ]),
            "source_is_target",
        ),
        (
            form(&[("source", &source), ("target", foreign)]),
            "target_not_supported",
        ),
    ] {
        let answer = post(service.address, "/webmention", FORM, body.as_bytes()).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.text());
        assert_eq!(answer.json()["error"], code, "{body}");
        assert!(answer.header("location").is_none());
    }
    for content_type in ["application/json", "multipart/form-data; boundary=x"] {
        let body = form(&[("source", &source), ("target", TARGET)]);
        let answer = post(
            service.address,
            "/webmention",
            content_type,
            body.as_bytes(),
        )
        .await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.json()["error"], "unsupported_content_type");
    }
    assert_eq!(site.requests(), 0);
}

#[actix_web::test]
async fn the_query_of_the_endpoint_is_no_claim() {
    let site = SourceSite::start();
    let service = TestService::start(&[BLOG]).await;
    let source = site.put("/post", SourcePage::linking_to(TARGET));
    let path = format!("/webmention?{}", form(&[("source", &source)]));
    let body = form(&[("target", TARGET)]);
    let answer = post(service.address, &path, FORM, body.as_bytes()).await;
    assert_eq!(answer.json()["error"], "missing_source");
    let body = form(&[("source", &source), ("target", TARGET), ("x", "y")]);
    let answer = post(
        service.address,
        "/webmention?site=1&csrf=2",
        FORM,
        body.as_bytes(),
    )
    .await;
    assert_eq!(answer.status, 201);
}

#[actix_web::test]
async fn other_methods_and_oversized_bodies_are_told_so() {
    let service = TestService::start(&[BLOG]).await;
    let request = |method: &str| {
        format!("{method} /webmention HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    };
    let answer = send(service.address, request("DELETE").as_bytes()).await;
    assert_eq!(answer.status, 405);
    assert_eq!(answer.header("allow"), Some("GET, HEAD, POST, OPTIONS"));
    let answer = send(service.address, request("OPTIONS").as_bytes()).await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert!(
        answer
            .header("access-control-allow-methods")
            .unwrap()
            .contains("POST")
    );
    let answer = send(service.address, request("HEAD").as_bytes()).await;
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    let body = vec![b'a'; 1024 * 1024];
    let answer = post(service.address, "/webmention", FORM, &body).await;
    assert_eq!(answer.status, 413);
    // The same without a Content-Length.
    let mut chunked = format!(
        "POST /webmention HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\n\
         Transfer-Encoding: chunked\r\n\r\n{:x}\r\n",
        body.len()
    )
    .into_bytes();
    chunked.extend_from_slice(&body);
    chunked.extend_from_slice(b"\r\n0\r\n\r\n");
    let answer = send(service.address, &chunked).await;
    assert_eq!(answer.status, 413);
}

#[actix_web::test]
async fn people_get_pages_and_programs_get_json() {
    let site = SourceSite::start();
    let service = TestService::start(&[BLOG]).await;
    let page = get(service.address, "/webmention", "text/html").await;
    assert!(page.text().contains("<form"), "{}", page.text());
    assert!(
        page.header("content-security-policy")
            .unwrap()
            .contains("default-src 'none'")
    );
    let wrong = get(service.address, "/mentions", "text/html").await;
    assert_eq!(wrong.status, 400);
    let told = wrong.text();
    assert!(
        told.contains("<h1>") && told.contains("“target” is missing"),
        "{told}"
    );
    let path = format!("/webmention?{}", form(&[("target", TARGET)]));
    let prefilled = get(service.address, &path, "text/html").await.text();
    let value = format!("value=\"{TARGET}\"");
    assert!(prefilled.contains(&value), "{prefilled}");
    let source = site.put("/post", SourcePage::html("<p>no link</p>"));
    let body = form(&[("source", &source), ("target", TARGET)]);
    let request = |accept: &str| {
        format!(
            "POST /webmention HTTP/1.1\r\nHost: mentions.example\r\nAccept: {accept}\r\n\
             Content-Type: {FORM}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
    };
    let html = send(service.address, request("text/html").as_bytes()).await;
    // WM-7: 201 also for browsers, never a redirect.
    assert_eq!(html.status, 201);
    assert!(
        html.header("content-type")
            .unwrap()
            .starts_with("text/html")
    );
    let json = send(service.address, request("application/json").as_bytes()).await;
    let location = json.header("location").unwrap().to_owned();
    assert!(
        location.starts_with("http://mentions.example/status/"),
        "{location}"
    );
    assert_eq!(json.json()["location"], location.as_str());
    let status = service.await_status(&json).await;
    assert_eq!(
        (&status["status"], &status["error"]),
        (&"rejected".into(), &"no_link_found".into())
    );
    let path = &location["http://mentions.example".len()..];
    let page = get(service.address, path, "text/html").await;
    assert!(page.text().contains("<html"), "{}", page.text());
    let unknown = get(
        service.address,
        "/status/00000000000000000000000000000000",
        "*/*",
    )
    .await;
    assert_eq!(unknown.status, 404);
}

#[actix_web::test]
async fn a_rejected_sender_is_shown_the_nearest_links() {
    let site = SourceSite::start();
    let service = TestService::start(&[BLOG]).await;
    let source = site.put(
        "/post",
        SourcePage::html(
            "<p><a href='http://blog.example/post/'>x</a> <a href='https://other.example/'>y</a>",
        ),
    );
    let answer = service.webmention(&source, TARGET).await;
    let status = service.await_status(&answer).await;
    let misses = status["near_misses"].as_array().unwrap();
    assert_eq!(misses.len(), 1, "{misses:?}");
    assert_eq!(misses[0]["url"], "http://blog.example/post/");
}

#[actix_web::test]
async fn fifty_identical_webmentions_at_once_are_one_mention() {
    let site = SourceSite::start();
    let service = TestService::start(&[BLOG]).await;
    let source = site.put("/post", SourcePage::linking_to(TARGET));
    let all = (0..50).map(|_| service.webmention(&source, TARGET));
    let answers = futures_util::future::join_all(all).await;
    assert!(answers.iter().all(|a| a.status == 201));
    let location = answers[0].header("location");
    assert!(answers.iter().all(|a| a.header("location") == location));
    service.await_mentions(TARGET, 1).await;
}

#[actix_web::test]
async fn a_repeated_webmention_updates_and_a_lost_link_removes() {
    let site = SourceSite::start();
    let service = TestService::start(&[BLOG]).await;
    let source = site.put("/post", SourcePage::linking_to(TARGET));
    service.webmention(&source, TARGET).await;
    let first = service.await_mentions(TARGET, 1).await;
    // WM-47: a source in trouble is no reason to forget it.
    site.put("/post", SourcePage::status(500));
    let answer = service.webmention(&source, TARGET).await;
    let failed = async {
        while service.await_status(&answer).await["last_error"] != "source_error" {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    in_time("the failed check is told of", failed).await;
    assert_eq!(service.mentions(TARGET).await, first);
    let requests = site.requests();
    site.put(
        "/post",
        SourcePage::html(&format!(
            "<title>New words</title><p>Look <a href='{TARGET}'>here</a>."
        )),
    );
    service.webmention(&source, TARGET).await;
    let updated = in_time("the new title", async {
        loop {
            let mentions = service.mentions(TARGET).await;
            if mentions[0]["title"] == "New words" {
                break mentions;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    assert!(site.requests() > requests);
    assert_eq!(updated[0]["id"], first[0]["id"]);
    // WM-44, WM-4A: the ping that tells of a removal is accepted.
    site.put("/post", SourcePage::html("<p>Never mind."));
    assert_eq!(service.webmention(&source, TARGET).await.status, 201);
    service.await_mentions(TARGET, 0).await;
}

#[actix_web::test]
async fn gone_erases_and_404_does_not() {
    let site = SourceSite::start();
    let service = TestService::start(&[BLOG]).await;
    for (path, status, left) in [("/a", 404, 1), ("/b", 410, 0)] {
        let target = format!("{BLOG}{path}");
        let source = site.put(path, SourcePage::linking_to(&target));
        service.webmention(&source, &target).await;
        service.await_mentions(&target, 1).await;
        site.put(path, SourcePage::status(status));
        let seen = site.requests();
        let answer = service.webmention(&source, &target).await;
        in_time("the source is asked again", async {
            while site.requests() == seen {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
        service.await_mentions(&target, left).await;
        if left == 0 {
            let status = service.await_status(&answer).await;
            assert_eq!(status["status"], "deleted");
            assert_eq!(status["error"], "source_gone");
        }
    }
}

#[actix_web::test]
async fn an_address_that_policy_refuses_is_told_like_one_that_does_not_answer() {
    let service = TestService::start_with(&[BLOG], |config| {
        // 127.0.0.2 is allowed and nobody listens there; 127.0.0.3 is not allowed.
        config.fetch.allow_networks = vec!["127.0.0.2/32".parse().unwrap()];
    })
    .await;
    let mut told = Vec::new();
    for source in ["http://127.0.0.3:81/x", "http://127.0.0.2:81/x"] {
        let answer = service.webmention(source, TARGET).await;
        assert_eq!(answer.status, 201);
        let mut status = service.await_status(&answer).await;
        // The times are those of the two checks; they are there, or not, for both.
        assert!(status["next_check_at"].is_string(), "{status}");
        for field in ["source", "checked_at", "next_check_at"] {
            status.as_object_mut().unwrap().remove(field);
        }
        told.push(status);
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0]["error"], "source_unreachable");
}

#[actix_web::test]
async fn blocked_sources_are_turned_away() {
    let service = TestService::start_with(&[BLOG], |config| {
        config.receive.blocked_sources = vec!["spam.example".parse().unwrap()];
    })
    .await;
    for source in ["https://spam.example/", "https://a.b.spam.example/x"] {
        let answer = service.webmention(source, TARGET).await;
        assert_eq!(
            (answer.status, answer.json()["error"].clone()),
            (400, "source_blocked".into())
        );
    }
    let answer = service.webmention("https://notspam.example/", TARGET).await;
    assert_eq!(answer.status, 201);
}

#[actix_web::test]
async fn health_home_and_unknown_paths_answer() {
    let service = TestService::start(&[BLOG]).await;
    assert_eq!(service.get("/healthz").await.status, 200);
    let home = get(service.address, "/", "text/html").await;
    let endpoint = format!("http://{}/webmention", service.address);
    assert!(home.text().contains(&endpoint), "{}", home.text());
    assert_eq!(service.get("/nothing").await.json()["error"], "not_found");
    let widget = service.get("/widget.js").await;
    assert!(
        widget
            .header("content-type")
            .unwrap()
            .starts_with("text/javascript")
    );
}

#[actix_web::test]
async fn a_network_with_too_much_to_say_is_told_when_to_come_back() {
    use actix_web::test::{TestRequest, call_service, init_service};
    use actix_web::web;
    use linkback::http;
    use linkback::model::SystemClock;
    use std::sync::Arc;

    let folder = tempfile::tempdir().unwrap();
    let store = linkback::store::sqlite::open(&folder.path().join("t.sqlite")).unwrap();
    let options = http::Options {
        public_url: None,
        pingback_wait: Duration::from_millis(1),
        trackback: false,
        rechecks: true,
        hub: None,
        rates: http::Rates {
            network: 2,
            ..http::Rates::default()
        },
        proxies: http::Proxies::default(),
        live_readers: 0,
        cache_bytes: 0,
    };
    let context = http::Context::new(store, Arc::new(SystemClock), options);
    let app = init_service(http::app(web::Data::new(context))).await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        let request = TestRequest::post()
            .uri("/webmention")
            .peer_addr("203.0.113.7:4711".parse().unwrap())
            .set_form([("source", "https://s.example/"), ("target", TARGET)])
            .to_request();
        let response = call_service(&app, request).await;
        statuses.push(response.status().as_u16());
        if response.status() == 429 {
            let wait = response
                .headers()
                .get("retry-after")
                .unwrap()
                .to_str()
                .unwrap();
            assert!((1..=30).contains(&wait.parse::<u32>().unwrap()), "{wait}");
        }
    }
    // The first two are refused for their target, not for their number.
    assert_eq!(statuses, [400, 400, 429]);
}

#[actix_web::test]
async fn our_own_pages_are_no_sources() {
    let service = TestService::start(&[BLOG]).await;
    let answer = service.webmention("http://127.0.0.1:9/x", TARGET).await;
    let status_page = answer.header("location").unwrap().to_owned();
    let list = format!(
        "http://{}/mentions?{}",
        service.address,
        form(&[("target", TARGET)])
    );
    for source in [status_page, list] {
        let answer = service.webmention(&source, TARGET).await;
        assert_eq!(answer.status, 400, "{source}");
        assert_eq!(answer.json()["error"], "source_is_receiver");
    }
}

#[actix_web::test]
async fn a_source_that_leads_to_our_own_pages_is_none() {
    let (site, ours) = (SourceSite::start(), SourceSite::start_at("127.0.0.2"));
    let service = TestService::start_with(&[BLOG], |config| {
        config.public_url = Some(ours.url.parse().unwrap());
        config.worker.public_url = config.public_url.clone();
    })
    .await;
    // What the service would answer there: a page that links to what it is about.
    let list = ours.put("/mentions?target=x", SourcePage::linking_to(TARGET));
    let redirect = SourcePage::status(302).with_header("location", &list);
    let source = site.put("/out", redirect);
    let answer = service.webmention(&source, TARGET).await;
    let status = service.await_status(&answer).await;
    assert_eq!(
        (&status["status"], &status["error"]),
        (&"error".into(), &"source_is_receiver".into())
    );
    // A neighbour on another port of that host is somebody else.
    let neighbour = SourceSite::start_at("127.0.0.2");
    let source = neighbour.put("/post", SourcePage::linking_to(TARGET));
    service.webmention(&source, TARGET).await;
    service.await_mentions(TARGET, 1).await;
}

#[actix_web::test]
async fn a_reply_that_gains_a_reply_shows_it_nested() {
    let site = SourceSite::start();
    let service = TestService::start(&[BLOG]).await;
    let reply = |comments: &str| {
        SourcePage::html(&format!(
            "<article class=h-entry><p class=e-content>I agree.</p>\
             <a class=u-in-reply-to href=\"{TARGET}\">to</a>{comments}</article>"
        ))
    };
    let comment = "<div class=\"p-comment h-cite\"><a class=\"p-author h-card\" \
                   href=\"https://bob.example/\">Bob</a> <p class=e-content>So do I.</p>\
                   <a class=u-url href=\"https://bob.example/1\">link</a></div>";
    let source = site.put("/reply", reply(""));
    service.webmention(&source, TARGET).await;
    let before = service.await_mentions(TARGET, 1).await;
    assert_eq!(before[0]["comments"], serde_json::json!([]));
    // SM: a reply that was answered tells those it answers, and they read it anew.
    site.put("/reply", reply(comment));
    service.webmention(&source, TARGET).await;
    let nested = async {
        loop {
            let now = service.mentions(TARGET).await;
            if now[0]["comments"][0]["url"] == "https://bob.example/1" {
                return now;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let after = in_time("the nested reply", nested).await;
    assert_eq!(after.len(), 1);
    assert_eq!(after[0]["comments"][0]["text"], "So do I.");
    assert_eq!(after[0]["comments"][0]["author"]["name"], "Bob");
    // One that goes there goes here, too.
    site.put("/reply", reply(""));
    service.webmention(&source, TARGET).await;
    let gone = async {
        while service.mentions(TARGET).await[0]["comments"] != serde_json::json!([]) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    in_time("the nested reply goes", gone).await;
}

#[actix_web::test]
async fn an_answer_that_carries_no_page_removes_nothing() {
    let site = SourceSite::start();
    let service = TestService::start(&[BLOG]).await;
    let source = site.put("/post", SourcePage::linking_to(TARGET));
    service.webmention(&source, TARGET).await;
    service.await_mentions(TARGET, 1).await;
    let empty = SourcePage::html("");
    let guard = SourcePage {
        status: 202,
        ..SourcePage::html("<p>Are you a person?")
    };
    for page in [guard, empty, SourcePage::status(204)] {
        site.put("/post", page);
        let asked = site.requests();
        let answer = service.webmention(&source, TARGET).await;
        while site.requests() == asked {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let failed = async {
            while service.await_status(&answer).await["last_error"] != "source_error" {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(PATIENCE, failed)
            .await
            .expect("told of");
        assert_eq!(service.mentions(TARGET).await.len(), 1);
    }
}

#[actix_web::test]
async fn a_host_that_is_none_is_refused_before_anything_is_stored() {
    let site = SourceSite::start();
    let service = TestService::start(&[BLOG]).await;
    let source = site.put("/post", SourcePage::linking_to(TARGET));
    let body = form(&[("source", &source), ("target", TARGET)]);
    let request = format!(
        "POST /webmention HTTP/1.1\r\nHost: user@host\r\nContent-Type: {FORM}\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let answer = send(service.address, request.as_bytes()).await;
    assert_eq!(
        (answer.status, answer.json()["error"].clone()),
        (400, "invalid_host".into())
    );
    assert_eq!(site.requests(), 0);
}

#[actix_web::test]
async fn a_body_without_end_is_not_read_to_its_end() {
    use tokio::io::AsyncWriteExt as _;

    let service = TestService::start(&[BLOG]).await;
    let mut stream = tokio::net::TcpStream::connect(service.address)
        .await
        .unwrap();
    let head = "POST /pingback HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = [b"10000\r\n".as_slice(), &vec![b'x'; 0x10000], b"\r\n"].concat();
    let flood = async {
        let mut sent = 0_usize;
        while stream.write_all(&chunk).await.is_ok() {
            sent += chunk.len();
            assert!(sent < 16 << 30, "still reading");
        }
    };
    tokio::time::timeout(PATIENCE, flood)
        .await
        .expect("the connection is closed");
}
