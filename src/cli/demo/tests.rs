use std::sync::Mutex;

use super::senders::Answer;
use super::*;
use crate::app::fetcher;
use crate::config::{Config, Flags};

/// What a stand-in for Linkback has seen: path, content type, body.
type Seen = web::Data<Mutex<Vec<(String, String, String)>>>;

async fn endpoint(request: HttpRequest, body: String, seen: Seen) -> HttpResponse {
    let content_type = request.headers().get(header::CONTENT_TYPE);
    let content_type = content_type.map_or("", |v| v.to_str().unwrap());
    let path = request.path().to_owned();
    let answer = if path == "/pingback" {
        HttpResponse::Ok().content_type("text/xml").body(
            "<?xml version=\"1.0\"?><methodResponse><params><param><value><string>registered</string></value></param></params></methodResponse>",
        )
    } else {
        HttpResponse::Created()
            .insert_header((header::LOCATION, "/status/1"))
            .finish()
    };
    let entry = (path, content_type.to_owned(), body);
    seen.lock().unwrap().push(entry);
    answer
}

fn start_service(seen: &Seen) -> (Url, ServerHandle) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = Url::parse(&blogs::origin(listener.local_addr().unwrap().port())).unwrap();
    let seen = web::Data::clone(seen);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(web::Data::clone(&seen))
            .default_service(web::to(endpoint))
    })
    .workers(1)
    .disable_signals()
    .listen(listener)
    .unwrap()
    .run();
    let handle = server.handle();
    tokio::spawn(server);
    (url, handle)
}

#[expect(
    clippy::disallowed_types,
    reason = "the test reads its own servers' pages"
)]
fn client() -> reqwest::Client {
    // Another test may have installed it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

#[actix_web::test]
async fn blogs_serve_every_page_and_each_links_to_its_target() {
    let service = Url::parse("http://127.0.0.1:9/").unwrap();
    let bound = bind().unwrap();
    let home = bound.home().clone();
    let ports = bound.ports.clone();
    let blogs = bound.serve(&service).unwrap();
    assert_eq!(blogs.home, home);
    let client = client();

    for (blog, port) in BLOGS.iter().zip(&ports) {
        for post in blog.posts {
            let url = format!("{}{}", blogs::origin(*port), post.path);
            let answer = client.get(&url).send().await.unwrap();
            assert_eq!(answer.status(), 200, "{url}");
            let bytes = answer.bytes().await.unwrap();
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains("[["), "{url}: an address was not filled in");
        }
    }
    assert_eq!(blogs.expected.len(), 10);
    for expected in &blogs.expected {
        let answer = client.get(expected.source.as_str()).send().await.unwrap();
        let html = answer.text().await.unwrap();
        let target = expected.target.as_str().replace('&', "&amp;");
        let relative = target.trim_start_matches("http:");
        // The hand-written page shouts its attributes.
        let html = html.replace("HREF", "href");
        assert!(
            html.contains(&format!("href=\"{target}\""))
                || html.contains(&format!("href=\"{relative}\"")),
            "{}",
            expected.source
        );
        let there = client.get(expected.target.as_str()).send().await.unwrap();
        assert_eq!(there.status(), 200, "{}", expected.target);
    }
    blogs.stop().await;
}

#[actix_web::test]
async fn the_article_advertises_both_endpoints_in_both_ways() {
    let service = Url::parse("http://127.0.0.1:9/").unwrap();
    let blogs = bind().unwrap().serve(&service).unwrap();
    let client = client();
    for request in [
        client.head(blogs.article.clone()),
        client.get(blogs.article.clone()),
    ] {
        let answer = request.send().await.unwrap();
        assert_eq!(
            answer.headers()["x-pingback"],
            "http://127.0.0.1:9/pingback"
        );
        assert_eq!(
            answer.headers()["link"],
            "<http://127.0.0.1:9/webmention>; rel=\"webmention\""
        );
    }
    let html = client.get(blogs.article.clone()).send().await.unwrap();
    let html = html.text().await.unwrap();
    // PB-24: near the top, for clients that read only the first 5 KB.
    let head: String = html.chars().take(1024).collect();
    assert!(head.contains("<link rel=\"pingback\" href=\"http://127.0.0.1:9/pingback\">"));
    assert!(head.contains("<link rel=\"webmention\" href=\"http://127.0.0.1:9/webmention\">"));
    assert!(html.contains("<linkback-mentions level=\"3\"></linkback-mentions>"));
    assert!(html.contains("Pingback: 10 Steps to Tweeting ….()"));
    blogs.stop().await;
}

#[actix_web::test]
async fn one_page_is_in_the_charset_that_only_it_names() {
    let service = Url::parse("http://127.0.0.1:9/").unwrap();
    let blogs = bind().unwrap().serve(&service).unwrap();
    let debate = &blogs.expected[5];
    let answer = client().get(debate.source.as_str()).send().await.unwrap();
    assert_eq!(answer.headers()[header::CONTENT_TYPE.as_str()], "text/html");
    let bytes = answer.bytes().await.unwrap();
    assert!(
        std::str::from_utf8(&bytes).is_err(),
        "it would pass as UTF-8"
    );
    let (text, _, malformed) = encoding_rs::WINDOWS_1252.decode(&bytes);
    assert!(!malformed);
    assert!(text.contains("Miriam Löw") && text.contains("not one € of it"));
    blogs.stop().await;
}

#[actix_web::test]
async fn the_old_blogs_ping_and_the_modern_ones_mention() {
    let seen: Seen = web::Data::new(Mutex::new(Vec::new()));
    let (service, server) = start_service(&seen);
    let blogs = bind().unwrap().serve(&service).unwrap();
    let flags = Flags {
        allow_networks: vec!["127.0.0.0/8".to_owned()],
        ..Flags::default()
    };
    let fetch = fetcher(&Config::from_flags(&flags).unwrap()).unwrap();
    let sent = blogs.send_all(fetch.as_ref()).await;
    assert_eq!(sent.len(), blogs.expected.len());
    let seen = seen.lock().unwrap().clone();
    for ((sent, expected), (path, content_type, body)) in
        sent.iter().zip(&blogs.expected).zip(&seen)
    {
        assert!(sent.answer.is_success(), "{}: {}", sent.source, sent.answer);
        assert_eq!(&sent.source, &expected.source);
        assert_eq!(sent.protocol, expected.protocol);
        match expected.protocol {
            Protocol::Pingback => {
                assert_eq!(
                    (path.as_str(), content_type.as_str()),
                    ("/pingback", "text/xml")
                );
                assert_eq!(sent.answer, Answer::Registered("registered".to_owned()));
                assert!(body.contains("<methodName>pingback.ping</methodName>"));
            }
            Protocol::Webmention => {
                assert_eq!(path, "/webmention");
                assert_eq!(sent.answer.to_string(), "201, /status/1");
                assert!(
                    body.starts_with("source=http%3A%2F%2F127.0.0.1%3A"),
                    "{body}"
                );
            }
            Protocol::Trackback => panic!("no blog of the demonstration sends trackbacks"),
        }
    }
    let pings = seen.iter().filter(|(path, _, _)| path == "/pingback");
    assert_eq!(pings.count(), 6);
    blogs.stop().await;
    server.stop(true).await;
}
