//! Reading mentions on the wire: JSON, its paging and caching, and the HTML fragment.

use linkback::model::{Clock as _, SiteBase, SystemClock};

use crate::support::source_site::{SourcePage, SourceSite};
use crate::support::{TestService, form, get, send};

const BLOG: &str = "https://blog.example";
const TARGET: &str = "https://blog.example/post";

async fn with_mentions(count: usize) -> (SourceSite, TestService) {
    let site = SourceSite::start();
    let service = TestService::start(&[BLOG]).await;
    for n in 0..count {
        let source = site.put(&format!("/{n}"), SourcePage::linking_to(TARGET));
        assert_eq!(service.webmention(&source, TARGET).await.status, 201);
    }
    service.await_mentions(TARGET, count).await;
    (site, service)
}

fn path(parameters: &[(&str, &str)]) -> String {
    format!("/api/v1/mentions?{}", form(parameters))
}

#[actix_web::test]
async fn pages_follow_one_another_by_their_cursor() {
    let (_site, service) = with_mentions(7).await;
    let mut seen = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let mut parameters = vec![("target", TARGET), ("limit", "3")];
        if let Some(cursor) = &cursor {
            parameters.push(("cursor", cursor));
        }
        let page = service.get(&path(&parameters)).await.json();
        assert_eq!(page["total"], 7);
        let mentions = page["mentions"].as_array().unwrap().clone();
        seen.extend(mentions.iter().map(|m| m["id"].as_i64().unwrap()));
        match page["next"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => break,
        }
    }
    assert_eq!(seen.len(), 7);
    assert!(seen.is_sorted_by(|a, b| a > b), "newest first: {seen:?}");
}

#[actix_web::test]
async fn a_listing_counts_all_by_kind_whatever_it_is_narrowed_to() {
    let (site, service) = with_mentions(3).await;
    let like = format!("<div class=h-entry><a class=u-like-of href='{TARGET}'>x</a></div>");
    let source = site.put("/like", SourcePage::html(&like));
    service.webmention(&source, TARGET).await;
    service.await_mentions(TARGET, 4).await;
    let counted = service
        .get(&path(&[("target", TARGET)]).replace("mentions", "counts"))
        .await
        .json();
    for narrowed in [
        vec![("target", TARGET)],
        vec![("target", TARGET), ("limit", "1")],
        vec![("target", TARGET), ("kind", "like")],
        vec![("domain", "blog.example"), ("since", "2999-01-01")],
    ] {
        let said = service.get(&path(&narrowed)).await.json();
        let want = serde_json::json!({ "total": 4, "kinds": { "like": 1, "mention": 3 } });
        assert_eq!(said["counts"], want, "{narrowed:?}");
        for field in ["total", "kinds"] {
            assert_eq!(said["counts"][field], counted[field]);
        }
    }
}

#[actix_web::test]
async fn an_unchanged_page_is_304_and_a_changed_one_is_not() {
    let (site, service) = with_mentions(1).await;
    let path = path(&[("target", TARGET)]);
    let first = service.get(&path).await;
    let etag = first.header("etag").unwrap().to_owned();
    let unchanged = service.get_again(&path, &etag).await;
    assert_eq!((unchanged.status, unchanged.body.len()), (304, 0));
    assert_eq!(unchanged.header("etag"), Some(etag.as_str()));
    assert_eq!(unchanged.header("access-control-allow-origin"), Some("*"));
    let source = site.put("/new", SourcePage::linking_to(TARGET));
    service.webmention(&source, TARGET).await;
    service.await_mentions(TARGET, 2).await;
    let changed = service.get_again(&path, &etag).await;
    assert_eq!(changed.status, 200);
    assert_eq!(changed.json()["total"], 2);
}

#[actix_web::test]
async fn wrong_parameters_are_named_and_unknown_pages_are_empty() {
    let service = TestService::start(&[BLOG]).await;
    for (query, name) in [
        ("", "target"),
        ("target=x", "target"),
        ("target=https://blog.example/&limit=many", "limit"),
        ("target=https://blog.example/&cursor=%00", "cursor"),
        ("target=https://blog.example/&perpage=5", "perpage"),
    ] {
        let answer = service.get(&format!("/api/v1/mentions?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        let said = answer.json();
        assert_eq!(said["error"], "invalid_parameter");
        let sentence = said["error_description"].as_str().unwrap();
        assert!(sentence.contains(&format!("“{name}”")), "{sentence}");
    }
    let empty = service
        .get(&path(&[("target", "https://nowhere.example/")]))
        .await;
    assert_eq!(empty.status, 200);
    assert_eq!(empty.json()["mentions"], serde_json::json!([]));
}

#[actix_web::test]
async fn the_fragment_shows_the_same_without_scripts_and_escapes_everything() {
    let site = SourceSite::start();
    let service = TestService::start(&[BLOG]).await;
    let hostile = format!(
        "<title>&lt;script&gt;alert(1)&lt;/script&gt; \" ' &amp;amp;</title>\
         <meta name=author content='\"><img src=x onerror=alert(1)>'>\
         <p>&lt;b&gt;bold&lt;/b&gt; and <a href='{TARGET}'>&lt;/mark&gt;link</a> words.</p>"
    );
    let source = site.put("/p?x=%22%3E%3Cscript%3E", SourcePage::html(&hostile));
    service.webmention(&source, TARGET).await;
    service.await_mentions(TARGET, 1).await;
    let path = format!("/embed?{}", form(&[("target", TARGET)]));
    let fragment = get(service.address, &path, "text/html").await;
    let html = fragment.text();
    assert!(html.contains("h-cite"), "{html}");
    assert!(
        html.contains("&lt;script&gt;") || html.contains("&#60;script&#62;"),
        "{html}"
    );
    for live in ["<script", "<img", "<b>", "onerror=alert(1)>"] {
        assert!(!html.contains(live), "{live} in {html}");
    }
    assert!(fragment.header("content-security-policy").is_some());
    let empty = get(
        service.address,
        "/embed?target=https://blog.example/none",
        "text/html",
    )
    .await;
    assert!(empty.text().contains("No mentions yet"), "{}", empty.text());
}

#[actix_web::test]
async fn how_mentions_are_shown_is_asked_for_and_mistakes_are_named() {
    let (_site, service) = with_mentions(2).await;
    let embed = async |path: &str, wish: &[(&str, &str)]| {
        let parameters = [&[("target", TARGET)], wish].concat();
        let path = format!("{path}?{}", form(&parameters));
        get(service.address, &path, "text/html").await
    };
    let german = embed(
        "/embed",
        &[("lang", "de-CH"), ("look", "cards"), ("level", "4")],
    )
    .await;
    let html = german.text();
    for part in [
        "class=\"h-feed linkback cards\" lang=\"de\"",
        "<h4 class=\"heading p-name\"><bdi>2 Erwähnungen</bdi></h4>",
        "<h5 class=\"label\"><bdi>Auf 2 anderen Seiten</bdi></h5>",
    ] {
        assert!(html.contains(part), "{part} not in {html}");
    }
    for (name, value) in [("look", "fancy"), ("level", "7"), ("level", "x")] {
        let wrong = embed("/embed", &[(name, value)]).await;
        assert_eq!(wrong.status, 400, "{name}={value}");
        assert!(
            wrong.text().contains(&format!("“{name}”")),
            "{}",
            wrong.text()
        );
    }
    let more = embed("/embed", &[("limit", "1"), ("lang", "fr")])
        .await
        .text();
    assert!(
        more.contains("rel=\"next\" href=\"http://") && more.contains("lang=fr"),
        "{more}"
    );

    let frame = embed("/embed/frame", &[("look", "compact")]).await;
    let policy = frame.header("content-security-policy").unwrap();
    assert!(
        policy.contains("script-src 'self'") && !policy.contains("frame-ancestors"),
        "{policy}"
    );
    let html = frame.text();
    assert!(html.starts_with("<!doctype html>"), "{html}");
    assert!(
        html.contains("src=\"/widget/frame.js\"") && html.contains("linkback compact"),
        "{html}"
    );
}

#[actix_web::test]
async fn the_files_of_the_widget_are_sent_compressed_and_once() {
    let service = TestService::start(&[BLOG]).await;
    for path in [
        "/widget.js",
        "/widget/form.js",
        "/widget/style.css",
        "/widget/texts/ja.json",
    ] {
        let ask = |header: &str| {
            let request =
                format!("GET {path} HTTP/1.1\r\nHost: x\r\n{header}\r\nConnection: close\r\n\r\n");
            async move { send(service.address, request.as_bytes()).await }
        };
        let small = ask("Accept-Encoding: gzip, deflate, br").await;
        assert_eq!(small.header("content-encoding"), Some("br"), "{path}");
        assert_eq!(small.header("vary"), Some("accept-encoding"), "{path}");
        let plain = ask("Accept-Encoding: identity").await;
        assert_eq!(plain.header("content-encoding"), None, "{path}");
        assert!(plain.body.len() > small.body.len(), "{path}");
        assert_eq!(plain.header("access-control-allow-origin"), Some("*"));
        let etag = plain.header("etag").unwrap();
        let again = ask(&format!("Accept-Encoding: br\r\nIf-None-Match: {etag}")).await;
        assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
    }
    assert_eq!(service.get("/widget/texts/xx.json").await.status, 404);
    assert_eq!(service.get("/widget/../style.css").await.status, 404);
}

#[actix_web::test]
async fn an_owner_sees_what_was_sent_to_the_site_and_nobody_else_does() {
    let (site, service) = with_mentions(2).await;
    let base = SiteBase::parse(BLOG).unwrap();
    let token = service.store().add_token(&base, "", SystemClock.now());
    let token = token.await.unwrap().unwrap();
    let source = site.put("/none", SourcePage::html("<p>no link"));
    let answer = service.webmention(&source, TARGET).await;
    service.await_status(&answer).await;
    let ask = async |query: &str| {
        let path = format!("/api/v1/submissions?token={token}&{query}");
        service.get(&path).await
    };
    let answer = ask("").await;
    let kept = (answer.header("etag"), answer.header("cache-control"));
    assert_eq!(kept, (None, Some("private, no-store")));
    let said = answer.json();
    let first = &said["submissions"][0];
    assert_eq!(first["source"], source.as_str(), "{said}");
    assert_eq!(first["state"], "rejected");
    assert_eq!(first["error"], "no_link_found");
    assert_eq!(first["protocols"][0], "webmention");
    assert!(first["mention"].is_null(), "{said}");
    let page = service.get(first["status"].as_str().unwrap()).await;
    assert_eq!(page.status, 200);
    assert_eq!(said["submissions"].as_array().unwrap().len(), 3);
    let mut seen = 0;
    let mut cursor = String::new();
    loop {
        let query = format!("state=accepted&target={TARGET}&order=asc&limit=1{cursor}");
        let said = ask(&query).await.json();
        for one in said["submissions"].as_array().unwrap() {
            assert!(one["mention"].is_i64(), "{one}");
            seen += 1;
        }
        match said["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, 2);
    let waiting = ask("state=pending").await.json();
    assert_eq!(waiting["submissions"], serde_json::json!([]));
    for (query, wrong) in [
        ("state=pending,error", "state"),
        ("cursor=p1.2", "cursor"),
        ("domain=blog.example", "domain"),
    ] {
        let answer = ask(query).await;
        assert_eq!(answer.status, 400, "{query}");
        assert_eq!(answer.json()["parameter"], wrong);
    }
    let none = service.get("/api/v1/submissions").await;
    assert_eq!(none.status, 401);
    assert_eq!(none.json()["error"], "token_required");
}
