//! The TrackBack endpoint on the wire.

use crate::support::source_site::{SourcePage, SourceSite};
use crate::support::{Answer, TestService, form, post};

const BLOG: &str = "https://blog.example";
const TARGET: &str = "https://blog.example/post";

async fn service() -> TestService {
    TestService::start_with(&[BLOG], |config| config.receive.trackback = true).await
}

async fn ping(service: &TestService, target: &str, fields: &[(&str, &str)]) -> Answer {
    let path = format!("/trackback?{}", form(&[("target", target)]));
    let kind = "application/x-www-form-urlencoded; charset=utf-8";
    post(service.address, &path, kind, form(fields).as_bytes()).await
}

#[actix_web::test]
async fn nobody_can_ping_by_trackback_unless_the_owner_wants_it() {
    let service = TestService::start(&[BLOG]).await;
    let answer = ping(&service, TARGET, &[("url", "https://s.example/")]).await;
    assert_eq!(answer.status, 404, "{}", answer.text());
    assert_eq!(service.get("/trackback").await.status, 404);
    service.stop().await;
}

#[actix_web::test]
async fn a_ping_is_answered_in_trackbacks_own_words() {
    let service = service().await;
    for (target, url, message) in [
        (TARGET, "https://s.example/", None),
        (TARGET, "", Some("The url is missing")),
        (TARGET, "ftp://s.example/", Some("not one we can fetch")),
        (
            "https://other.example/",
            "https://s.example/",
            Some("does not accept"),
        ),
        ("post", "https://s.example/", Some("names no page")),
        (
            TARGET,
            "https://blog.example/post#c",
            Some("cannot mention itself"),
        ),
    ] {
        let answer = ping(&service, target, &[("url", url)]).await;
        let text = answer.text();
        assert_eq!(answer.status, 200, "{text}");
        assert_eq!(
            answer.header("content-type"),
            Some("text/xml; charset=utf-8")
        );
        match message {
            None => assert!(text.contains("<error>0</error>"), "{text}"),
            Some(message) => {
                assert!(text.contains("<error>1</error><message>"), "{text}");
                assert!(text.contains(message), "{text}");
            }
        }
    }
    let answer = service.get("/trackback").await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
    service.stop().await;
}

#[actix_web::test]
async fn a_ping_is_shown_only_if_its_page_links_and_never_in_its_own_words() {
    let site = SourceSite::start();
    let service = service().await;
    let linking = site.put("/links", SourcePage::linking_to(TARGET));
    let other = site.put("/other", SourcePage::html("<p>Buy now</p>"));
    for url in [&other, &linking] {
        let fields = [
            ("title", "Cheap watches"),
            ("url", url.as_str()),
            ("excerpt", "Cheap watches here"),
            ("blog_name", "Cheap watches"),
        ];
        let answer = ping(&service, TARGET, &fields).await;
        assert!(
            answer.text().contains("<error>0</error>"),
            "{}",
            answer.text()
        );
    }
    let mentions = service.await_mentions(TARGET, 1).await;
    assert_eq!(mentions[0]["source"], linking.as_str());
    assert_eq!(mentions[0]["protocols"], serde_json::json!(["trackback"]));
    assert!(
        !mentions[0].to_string().contains("watches"),
        "{mentions:#?}"
    );
    // By webmention as well it is one mention, reported by both.
    service.webmention(&linking, TARGET).await;
    let deadline = tokio::time::Instant::now() + crate::support::PATIENCE;
    loop {
        let mentions = service.await_mentions(TARGET, 1).await;
        if mentions[0]["protocols"] == serde_json::json!(["webmention", "trackback"]) {
            break;
        }
        assert!(tokio::time::Instant::now() < deadline, "{mentions:#?}");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    service.stop().await;
}
