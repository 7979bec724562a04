//! What happens at the door before anything is believed: who asks, how often, and who is turned away.

use linkback::config::Config;

use crate::support::{Answer, TestService, form, send};

const BLOG: &str = "https://blog.example";
const TARGET: &str = "https://blog.example/post";

/// Posts a form with these header lines.
pub(crate) async fn submit(
    service: &TestService,
    lines: &[&str],
    fields: &[(&str, &str)],
) -> Answer {
    let body = form(fields);
    let mut request = format!(
        "POST /webmention HTTP/1.1\r\nHost: {}\r\nAccept: application/json\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\
         Connection: close\r\n",
        service.address,
        body.len()
    );
    for line in lines {
        request.extend([line, "\r\n"]);
    }
    request.extend(["\r\n", &body]);
    send(service.address, request.as_bytes()).await
}

/// Sends a pingback with these header lines.
pub(crate) async fn ping(
    service: &TestService,
    lines: &[&str],
    source: &str,
    target: &str,
) -> Answer {
    let body = format!(
        "<?xml version=\"1.0\"?><methodCall><methodName>pingback.ping</methodName><params>\
         <param><value><string>{source}</string></value></param>\
         <param><value><string>{target}</string></value></param></params></methodCall>"
    );
    let mut request = format!(
        "POST /pingback HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\
         Connection: close\r\n",
        body.len()
    );
    for line in lines {
        request.extend([line, "\r\n"]);
    }
    request.extend(["\r\n", &body]);
    send(service.address, request.as_bytes()).await
}

pub(crate) fn behind_a_proxy(config: &mut Config) {
    config.http.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
}

/// The status of an answer, and its error code if it is a refusal.
pub(crate) fn code(answer: &Answer) -> (u16, String) {
    if answer.status == 201 {
        return (201, String::new());
    }
    (
        answer.status,
        answer.json()["error"].as_str().unwrap().to_owned(),
    )
}

fn limited() -> (u16, String) {
    (429, "rate_limit_exceeded".to_owned())
}

#[actix_web::test]
async fn behind_a_trusted_proxy_the_real_client_is_limited() {
    let service = TestService::start_with(&[BLOG], |config| {
        behind_a_proxy(config);
        config.receive.rate_per_minute = 2;
    })
    .await;
    let from = async |client: &str| {
        let line = format!("X-Forwarded-For: 10.0.0.1, {client}");
        let fields = [("source", "https://s.example/"), ("target", TARGET)];
        submit(&service, &[&line], &fields).await
    };
    assert_eq!(from("203.0.113.7").await.status, 201);
    assert_eq!(from("203.0.113.8").await.status, 201);
    let answer = from("203.0.113.9").await;
    assert_eq!(code(&answer), limited());
    let wait: u32 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=30).contains(&wait), "{wait}");
    assert_eq!(from("198.51.100.1").await.status, 201);
    let line = ["X-Forwarded-For: 203.0.113.77"];
    let answer = ping(&service, &line, "https://s.example/", TARGET).await;
    assert_eq!(code(&answer), limited());
}

#[actix_web::test]
async fn nobody_but_a_trusted_proxy_may_speak_for_a_client() {
    let service = TestService::start_with(&[BLOG], |config| {
        config.http.trusted_proxies = vec!["127.0.0.9/32".parse().unwrap()];
        config.receive.rate_per_minute = 1;
    })
    .await;
    for _ in 0..3 {
        let lines = ["X-Forwarded-For: 203.0.113.7", "X-Forwarded-Proto: https"];
        let fields = [("source", "https://s.example/"), ("target", TARGET)];
        let answer = submit(&service, &lines, &fields).await;
        assert_eq!(answer.status, 201);
        let location = answer.header("location").unwrap();
        let plain = format!("http://{}/status/", service.address);
        assert!(location.starts_with(&plain), "{location}");
    }
}

#[actix_web::test]
async fn a_trusted_proxy_says_how_the_world_reaches_us() {
    let fields = [("source", "https://s.example/"), ("target", TARGET)];
    let service = TestService::start_with(&[BLOG], behind_a_proxy).await;
    let answer = submit(&service, &["X-Forwarded-Proto: https"], &fields).await;
    let location = answer.header("location").unwrap();
    let want = format!("https://{}/status/", service.address);
    assert!(location.starts_with(&want), "{location}");

    let service = TestService::start_with(&[BLOG], |config| {
        behind_a_proxy(config);
        config.http.use_forwarded = true;
    })
    .await;
    let line = "Forwarded: for=\"[2001:db8::7]:4711\";proto=https;host=mentions.example";
    let answer = submit(&service, &[line], &fields).await;
    let location = answer.header("location").unwrap();
    assert!(
        location.starts_with("https://mentions.example/status/"),
        "{location}"
    );
    // Its own pages are no sources under that name either.
    let ours = [
        ("source", "https://mentions.example/mentions"),
        ("target", TARGET),
    ];
    let answer = submit(&service, &[line], &ours).await;
    assert_eq!(code(&answer), (400, "source_is_receiver".into()));
    let line = "Forwarded: for=203.0.113.7;host=\"a/b\"";
    let answer = submit(&service, &[line], &fields).await;
    assert_eq!(code(&answer), (400, "invalid_host".into()));
}

#[actix_web::test]
async fn a_flood_of_one_domain_or_to_one_site_is_told_to_wait_whoever_sends_it() {
    let other = "https://other.example/post";
    let service = TestService::start_with(&[BLOG, "https://other.example"], |config| {
        behind_a_proxy(config);
        config.receive.rate_per_source_domain = 2;
        config.receive.rate_per_site = 3;
    })
    .await;
    let from = async |n: u8, source: &str, target: &str| {
        let line = format!("X-Forwarded-For: 203.0.{n}.7");
        submit(
            &service,
            &[&line],
            &[("source", source), ("target", target)],
        )
        .await
    };
    // What is refused anyway counts for nobody.
    for _ in 0..3 {
        let answer = from(0, "https://a.flood.example/", "https://x.example/").await;
        assert_eq!(code(&answer), (400, "target_not_supported".into()));
    }
    assert_eq!(
        from(1, "https://a.flood.example/1", TARGET).await.status,
        201
    );
    assert_eq!(
        from(2, "https://b.flood.example/2", other).await.status,
        201
    );
    let answer = from(3, "https://flood.example/3", TARGET).await;
    assert_eq!(code(&answer), limited());
    assert!(
        answer.text().contains("source's domain"),
        "{}",
        answer.text()
    );
    let line = ["X-Forwarded-For: 203.0.4.7"];
    let answer = ping(&service, &line, "https://flood.example/3", TARGET).await;
    assert_eq!(code(&answer), limited());
    assert_eq!(from(5, "https://ann.example/", TARGET).await.status, 201);
    assert_eq!(from(6, "https://bob.example/", TARGET).await.status, 201);
    let answer = from(7, "https://cy.example/", TARGET).await;
    assert_eq!(code(&answer), limited());
    assert!(answer.text().contains("target's site"), "{}", answer.text());
    assert!(answer.header("retry-after").is_some());
    assert_eq!(from(8, "https://cy.example/", other).await.status, 201);
}
