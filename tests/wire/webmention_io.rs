//! webmention.io's API on the wire: its routes, parameters, answers and errors.

use serde_json::Value;

use crate::support::source_site::{SourcePage, SourceSite};
use crate::support::{Answer, TestService, form, get, in_time, post, send};
use linkback::model::{Clock as _, SiteBase, SystemClock};

const BLOG: &str = "https://blog.example";
const TARGET: &str = "https://blog.example/post";
const OTHER: &str = "https://blog.example/other/";

/// A service with a reply and two likes of one page and a mention of another, and a token of its site.
async fn with_mentions() -> (SourceSite, TestService, String) {
    let site = SourceSite::start();
    let service = TestService::start(&[BLOG, "https://two.example"]).await;
    for (path, page) in [
        ("/1", of("u-in-reply-to", TARGET)),
        ("/2", of("u-like-of", TARGET)),
        ("/3", of("u-like-of", TARGET)),
    ] {
        let source = site.put(path, page);
        assert_eq!(service.webmention(&source, TARGET).await.status, 201);
        let count = path[1..].parse().unwrap();
        service.await_mentions(TARGET, count).await;
    }
    let source = site.put("/4", SourcePage::linking_to(OTHER));
    assert_eq!(service.webmention(&source, OTHER).await.status, 201);
    service.await_mentions(OTHER, 1).await;
    let base = SiteBase::parse(BLOG).unwrap();
    let token = service
        .store()
        .add_token(&base, "", SystemClock.now())
        .await;
    (site, service, token.unwrap().unwrap())
}

fn of(property: &str, target: &str) -> SourcePage {
    SourcePage::html(&format!(
        "<div class=h-entry><a class=\"{property}\" href=\"{target}\">it</a>\
         <p class=e-content>I <b>mean</b> it</p><a class=\"p-author h-card\" href=/>Ann</a>\
         <time class=dt-published datetime=\"2026-05-04T09:30:00-07:00\"></time></div>"
    ))
}

fn count(answer: &Answer) -> usize {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let json = answer.json();
    let list = json["children"].as_array().or(json["links"].as_array());
    list.unwrap().len()
}

#[actix_web::test]
async fn the_forms_of_a_target_are_one_page_and_a_mention_comes_once() {
    let (_site, service, _token) = with_mentions().await;
    for query in [
        "target=https://blog.example/post",
        "target[]=http://blog.example/post&target[]=https://blog.example/post/",
        "target%5B%5D=http%3A%2F%2Fblog.example%2Fpost&target%5B%5D=https%3A%2F%2Fblog.example%2Fpost",
        "target=//blog.example/post",
        "target[0]=https://BLOG.example/post",
        "per-page=30&sort-by=published&sort-dir=up&target[]=http%3A%2F%2Fblog.example%2Fpost",
    ] {
        for list in [
            "mentions.jf2",
            "mentions",
            "mentions.json",
            "links",
            "links.jf2",
        ] {
            let answer = service.get(&format!("/api/{list}?{query}")).await;
            assert_eq!(count(&answer), 3, "{query}");
        }
    }
    let both = format!("target[]={TARGET}&target[]={OTHER}");
    assert_eq!(
        count(&service.get(&format!("/api/mentions.jf2?{both}")).await),
        4
    );
    let body = form(&[("target[]", TARGET), ("per-page", "2")]);
    let kind = "application/x-www-form-urlencoded";
    let answer = post(service.address, "/api/mentions.jf2", kind, body.as_bytes()).await;
    assert_eq!(count(&answer), 2);
}

#[actix_web::test]
async fn mentions_are_filtered_sorted_and_paged() {
    let (_site, service, _token) = with_mentions().await;
    let ids = async |query: &str| -> Vec<i64> {
        let answer = service
            .get(&format!("/api/mentions.jf2?target={TARGET}&{query}"))
            .await;
        let json = answer.json();
        let children = json["children"].as_array().unwrap().iter();
        children
            .map(|child| child["wm-id"].as_i64().unwrap())
            .collect()
    };
    let none: [i64; 0] = [];
    let all = ids("sort-dir=up").await;
    assert_eq!(all.len(), 3);
    let newest: Vec<_> = all.iter().rev().copied().collect();
    assert_eq!(ids("").await, newest);
    assert_eq!(ids("per-page=9999&sort-by=updated").await, newest);
    assert_eq!(ids("per-page=2&page=1").await, all[..1]);
    assert_eq!(ids("per-page=2&page=2").await, none);
    assert_eq!(ids("per-page=0").await, none);
    assert_eq!(ids("wm-property=in-reply-to").await, all[..1]);
    assert_eq!(
        ids("wm-property[]=like-of&wm-property[]=rsvp").await.len(),
        2
    );
    assert_eq!(ids("wm-property=follow-of").await, none);
    assert_eq!(ids(&format!("since_id={}", all[0])).await, newest[..2]);
    assert_eq!(ids("since=2999-01-01").await, none);
    assert_eq!(ids("since=2011-01-01T00:00:00+00:00").await, newest);
    assert_eq!(ids("since=never").await, newest);
    let page = service
        .get(&format!("/api/mentions?target={TARGET}&per-page=2"))
        .await;
    let paging = serde_json::json!({"per-page": 2, "page": 0, "total": 3, "total-pages": 2});
    assert_eq!(page.json()["paging"], paging);
}

#[actix_web::test]
async fn a_fragment_asks_for_the_mentions_of_that_part() {
    let site = SourceSite::start();
    let service = TestService::start(&[BLOG]).await;
    for (path, target) in [("/1", "#c1"), ("/2", ""), ("/3", "#c1"), ("/4", "#c2")] {
        let target = format!("{TARGET}{target}");
        let source = site.put(path, SourcePage::linking_to(&target));
        assert_eq!(service.webmention(&source, &target).await.status, 201);
        service
            .await_mentions(TARGET, path[1..].parse().unwrap())
            .await;
    }
    for (target, want) in [
        ("", 4),
        ("%23c1", 2),
        ("%23c2", 1),
        ("%23c3", 0),
        ("%23c1&page=1&per-page=1", 1),
    ] {
        let answer = service
            .get(&format!("/api/mentions.jf2?target={TARGET}{target}"))
            .await;
        assert_eq!(count(&answer), want, "{target}");
    }
    let answer = service
        .get(&format!("/api/mentions.jf2?target={TARGET}%23c2"))
        .await
        .json();
    let entry = &answer["children"][0];
    assert_eq!(
        (&entry["wm-fragment"], &entry["wm-target"]),
        (&"c2".into(), &TARGET.into())
    );
}

#[actix_web::test]
async fn a_token_reads_its_site_and_nothing_else() {
    let (_site, service, token) = with_mentions().await;
    for (query, want) in [
        (format!("token={token}"), 4),
        (format!("access_token={token}&domain=blog.example"), 4),
        (format!("token={token}&domain=https://Blog.example/"), 4),
        (format!("token={token}&domain=two.example"), 0),
        (format!("token={token}&domain=no%20domain"), 0),
        (
            format!("token={token}&domain=blog.example&per-page=1000&page=0"),
            4,
        ),
        // A target is public, with whatever token.
        (format!("token=wrong&target={OTHER}"), 1),
    ] {
        let answer = service.get(&format!("/api/mentions.jf2?{query}")).await;
        assert_eq!(count(&answer), want, "{query}");
        let cache = answer.header("cache-control").unwrap();
        assert_eq!(
            cache.contains("private"),
            !query.contains("target="),
            "{query}"
        );
    }
    let request = format!(
        "GET /api/mentions HTTP/1.1\r\nHost: x\r\nAuthorization: bearer {token}\r\nConnection: close\r\n\r\n"
    );
    assert_eq!(count(&send(service.address, request.as_bytes()).await), 4);
    for path in [
        "mentions",
        "mentions.jf2",
        "mentions.html",
        "mentions.atom",
        "deleted",
        "export",
    ] {
        let answer = service.get(&format!("/api/{path}")).await;
        assert_eq!(
            (answer.status, answer.json()["error"].as_str()),
            (400, Some("invalid_input"))
        );
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        let answer = service
            .get(&format!("/api/{path}?token={}x", &token[1..]))
            .await;
        assert_eq!(
            (answer.status, answer.json()["error"].as_str()),
            (401, Some("forbidden"))
        );
        let challenge = answer.header("www-authenticate").unwrap();
        assert!(challenge.contains("invalid_token"), "{challenge}");
    }
}

#[actix_web::test]
async fn counts_are_by_type() {
    let (_site, service, token) = with_mentions().await;
    let counts = async |query: &str| service.get(&format!("/api/count{query}")).await.json();
    let want = serde_json::json!({"count": 3, "type": {"like": 2, "reply": 1}});
    assert_eq!(counts(&format!("?target={TARGET}")).await, want);
    assert_eq!(counts(&format!(".json?target[]={TARGET}/")).await, want);
    let none = serde_json::json!({"count": 0, "type": {}});
    assert_eq!(counts("?target=https://none.example/").await, none);
    assert_eq!(
        counts(&format!("?token={token}")).await["type"]["mention"],
        1
    );
    assert_eq!(service.get("/api/count").await.status, 400);
}

#[actix_web::test]
async fn what_is_gone_is_listed_and_an_export_is_all_there_is() {
    let (site, service, token) = with_mentions().await;
    let source = site.put("/2", SourcePage::html("<p>I do not mean it"));
    service.webmention(&source, TARGET).await;
    service.await_mentions(TARGET, 2).await;
    let path = format!("/api/deleted.jf2?target={TARGET}");
    let gone = service.get(&path).await.json();
    assert_eq!(gone["name"], "Deleted webmentions");
    let children = gone["children"].as_array().unwrap();
    assert_eq!(children.len(), 1);
    assert_eq!(
        (&children[0]["wm-source"], &children[0]["wm-target"]),
        (&source.clone().into(), &TARGET.into())
    );
    let number = children[0]["wm-deletion-id"].as_i64().unwrap();
    let since = |since: i64| format!("/api/deleted?token={token}&since_id={since}");
    assert_eq!(count(&service.get(&since(number - 1)).await), 1);
    assert_eq!(count(&service.get(&since(number)).await), 0);
    let export = service
        .get(&format!(
            "/api/export.jf2?token={token}&domain=blog.example"
        ))
        .await;
    assert_eq!(count(&export), 3);
    let name = export.header("content-disposition").unwrap();
    assert!(
        name.starts_with("attachment; filename=\"webmentions-blog.example-20"),
        "{name}"
    );
    assert!(name.ends_with(".jf2.json\""), "{name}");
    assert_eq!(export.text().lines().count(), 3);
}

#[actix_web::test]
async fn feeds_and_pages_hold_what_was_said() {
    let (_site, service, _token) = with_mentions().await;
    let atom = service
        .get(&format!("/api/mentions.atom?target={TARGET}"))
        .await;
    assert_eq!(
        atom.header("content-type"),
        Some("application/atom+xml;charset=UTF-8")
    );
    let text = atom.text();
    assert_eq!(text.matches("<entry>").count(), 3);
    assert!(text.contains("replied to /post</title>"), "{text}");
    assert!(
        text.contains("<published>2026-05-04T09:30:00-07:00</published>"),
        "{text}"
    );
    let html = service
        .get(&format!("/api/mentions.html?target={TARGET}"))
        .await;
    assert!(
        html.header("content-security-policy")
            .unwrap()
            .starts_with("default-src 'none'")
    );
    let text = html.text();
    assert_eq!(text.matches("class=\"h-entry mention\"").count(), 3);
    assert!(
        text.contains(&format!("<a href=\"{TARGET}\" class=\"u-like-of\">")),
        "{text}"
    );
    assert!(!text.contains("<img"), "{text}");
}

#[actix_web::test]
async fn scripts_from_anywhere_may_read_and_only_functions_are_called() {
    let (_site, service, _token) = with_mentions().await;
    let path = format!("/api/mentions?target[]={TARGET}&jsonp=");
    let script = service.get(&format!("{path}window.A.show")).await;
    assert_eq!(
        script.header("content-type"),
        Some("text/javascript;charset=UTF-8")
    );
    assert_eq!(script.header("x-content-type-options"), Some("nosniff"));
    let text = script.text();
    assert!(
        text.starts_with("/**/window.A.show({\"links\":[") && text.ends_with("})"),
        "{text}"
    );
    let wrong = service.get(&format!("{path}alert(1)//")).await;
    assert_eq!(
        (wrong.status, wrong.json()["error"].as_str()),
        (400, Some("invalid_input"))
    );
    let preflight = "OPTIONS /api/mentions.jf2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let preflight = send(service.address, preflight.as_bytes()).await;
    assert_eq!(preflight.status, 204);
    let allowed = preflight.header("access-control-allow-headers").unwrap();
    assert!(allowed.contains("Authorization"));
}

#[actix_web::test]
async fn an_answer_that_the_client_has_is_304_until_something_changes() {
    let (site, service, token) = with_mentions().await;
    for path in [
        format!("/api/mentions.jf2?target={TARGET}"),
        format!("/api/mentions.atom?target={TARGET}&per-page=1"),
        format!("/api/count?target={TARGET}"),
        format!("/api/mentions?token={token}"),
    ] {
        let first = service.get(&path).await;
        let etag = first.header("etag").unwrap();
        assert_eq!(service.get_again(&path, etag).await.status, 304, "{path}");
        let source = site.put(
            &format!("/new/{}", path.len()),
            SourcePage::linking_to(TARGET),
        );
        service.webmention(&source, TARGET).await;
        let changed = async {
            while service.get_again(&path, etag).await.status == 304 {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        };
        in_time("a change", changed).await;
    }
}

#[actix_web::test]
async fn a_long_listing_comes_whole() {
    let count = 650;
    let service = TestService::start_filled(TARGET, count).await;
    for list in ["mentions.jf2", "mentions"] {
        for per_page in ["9999", "10000", "18446744073709551616"] {
            let path = format!("/api/{list}?target={TARGET}&per-page={per_page}&sort-by=published");
            let answer = service.get(&path).await;
            assert_eq!(self::count(&answer), count);
        }
    }
    let answer = service
        .get(&format!(
            "/api/mentions.jf2?target={TARGET}&per-page=401&page=1"
        ))
        .await;
    assert_eq!(self::count(&answer), count - 401);
}

#[actix_web::test]
async fn the_examples_have_every_shape() {
    let service = TestService::start(&[BLOG]).await;
    let get = async |path: &str| get(service.address, path, "*/*").await;
    let all = get("/api/example/mentions.jf2?per-page=50&sort-dir=up&target=https://a.example/")
        .await
        .json();
    let children = all["children"].as_array().unwrap();
    assert_eq!(children.len(), 21);
    for (n, child) in children.iter().enumerate() {
        assert_eq!(
            (child["wm-id"].as_u64(), &child["wm-target"]),
            (Some(1001 + n as u64), &"https://a.example/".into())
        );
        assert!(child["url"].is_string() && child["author"].is_object());
    }
    assert_eq!(
        count(&get("/api/example/mentions.jf2?wm-property=rsvp").await),
        4
    );
    assert_eq!(
        count(&get("/api/example/mentions.jf2?per-page=15&page=1").await),
        6
    );
    let seeded = async |seed: u32| {
        get(&format!("/api/example/mentions.jf2?seed={seed}"))
            .await
            .text()
    };
    assert_eq!(seeded(7).await, seeded(7).await);
    assert_ne!(seeded(7).await, seeded(8).await);
    let counted: Value = get("/api/example/count").await.json();
    assert_eq!(
        (&counted["count"], &counted["type"]["rsvp-yes"]),
        (&21.into(), &1.into())
    );
}
