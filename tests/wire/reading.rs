//! Our own API on the wire: whose mentions, filtered and sorted, counts, deletions, errors, and its description.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::source_site::{SourcePage, SourceSite};
use crate::support::{Answer, TestService, form, get, in_time, send};
use linkback::model::{Clock as _, SiteBase, Subject, SystemClock};

const BLOG: &str = "https://blog.example";
const TARGET: &str = "https://blog.example/post";

fn ids(answer: &Answer) -> Vec<i64> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let json = answer.json();
    let mentions = json["mentions"].as_array().unwrap().iter();
    mentions
        .map(|mention| mention["id"].as_i64().unwrap())
        .collect()
}

#[actix_web::test]
async fn mentions_are_filtered_and_sorted_and_followed_by_cursor() {
    let service = TestService::start_filled(TARGET, 60).await;
    let read = async |fields: &[(&str, &str)]| {
        let mut all = vec![("target", TARGET), ("limit", "200")];
        all.extend_from_slice(fields);
        ids(&service
            .get(&format!("/api/v1/mentions?{}", form(&all)))
            .await)
    };
    let all = read(&[("order", "asc")]).await;
    assert_eq!(all.len(), 60);
    let newest: Vec<_> = all.iter().rev().copied().collect();
    assert_eq!(read(&[]).await, newest);
    assert_eq!(read(&[("sort", "changed")]).await, newest);
    let published = read(&[("sort", "published")]).await;
    assert_ne!(published, newest);
    assert_eq!(
        published.iter().collect::<BTreeSet<_>>(),
        all.iter().collect()
    );
    assert_eq!(read(&[("kind", "like")]).await.len(), 20);
    assert_eq!(
        read(&[("kind", "like,reply"), ("kind", "rsvp")])
            .await
            .len(),
        40
    );
    assert_eq!(read(&[("author_domain", "s7.example")]).await.len(), 1);
    assert_eq!(read(&[("author_domain", "www.S7.example")]).await.len(), 1);
    assert_eq!(read(&[("since", "2999-01-01")]).await.len(), 0);
    assert_eq!(read(&[("since", "2011-01-01T00:00:00Z")]).await, newest);
    for sort in ["received", "published", "changed"] {
        let mut seen = Vec::new();
        let mut cursor = Value::Null;
        loop {
            let mut fields = vec![
                ("target", TARGET),
                ("limit", "7"),
                ("sort", sort),
                ("order", "asc"),
            ];
            if let Some(cursor) = cursor.as_str() {
                fields.push(("cursor", cursor));
            }
            let answer = service
                .get(&format!("/api/v1/mentions?{}", form(&fields)))
                .await;
            seen.extend(ids(&answer));
            let page = answer.json();
            assert_eq!(page["total"], 60);
            if page["next"].is_null() {
                // Whoever comes back later goes on there.
                let end = page["end"].as_str().unwrap();
                fields.pop();
                fields.push(("cursor", end));
                let later = service
                    .get(&format!("/api/v1/mentions?{}", form(&fields)))
                    .await;
                assert_eq!((ids(&later), &later.json()["end"]), (vec![], &page["end"]));
                break;
            }
            cursor = page["next"].clone();
        }
        assert_eq!(seen.len(), 60, "{sort}");
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 60, "{sort}");
    }
}

#[actix_web::test]
async fn pages_domains_and_sites_are_read_and_counted() {
    let service = TestService::start_filled(TARGET, 9).await;
    let site = SourceSite::start();
    let other = "https://blog.example/other/";
    let source = site.put("/a", SourcePage::linking_to(other));
    service.webmention(&source, other).await;
    service.await_mentions(other, 1).await;
    let base = SiteBase::parse(BLOG).unwrap();
    let token = service
        .store()
        .add_token(&base, "", SystemClock.now())
        .await;
    let token = token.unwrap().unwrap();
    let both = form(&[("target", TARGET), ("target[]", other)]);
    for (query, want) in [
        (both.as_str(), 10),
        ("domain=blog.example", 10),
        ("domain=none.example", 0),
        (&format!("token={token}"), 10),
    ] {
        let answer = service.get(&format!("/api/v1/mentions?{query}")).await;
        assert_eq!(ids(&answer).len(), want, "{query}");
        let private = answer.header("cache-control").unwrap().contains("private");
        assert_eq!(private, query.contains("token"), "{query}");
        let counts = service.get(&format!("/api/v1/counts?{query}")).await.json();
        assert_eq!(counts["total"], want, "{query}");
    }
    let bearer = format!(
        "GET /api/v1/counts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    );
    assert_eq!(
        send(service.address, bearer.as_bytes()).await.json()["total"],
        10
    );
    let without = "GET /api/v1/counts HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let without = send(service.address, without.as_bytes()).await;
    assert_eq!(
        without.status, 400,
        "an answer to a token is for nobody else"
    );
    let counts = service.get(&format!("/api/v1/counts?{both}")).await.json();
    assert_eq!(
        counts["kinds"],
        json!({"like": 3, "mention": 4, "reply": 3})
    );
    let each = &counts["targets"];
    assert_eq!(
        each[0]["kinds"],
        json!({"like": 3, "mention": 3, "reply": 3})
    );
    assert_eq!(
        each[1],
        json!({"target": other, "total": 1, "kinds": {"mention": 1}})
    );
    // What goes is told, and counted no longer.
    site.put("/a", SourcePage::html("<p>no link"));
    service.webmention(&source, other).await;
    let path = format!("/api/v1/deleted?{}", form(&[("target", other)]));
    let deleted = async {
        loop {
            let answer = service.get(&path).await.json();
            if answer["deleted"][0]["source"] == source {
                return answer;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    let gone = in_time("the deletion", deleted).await;
    let end = gone["end"].as_str().unwrap();
    let after = service
        .get(&format!("{path}&order=asc&cursor={end}"))
        .await
        .json();
    assert_eq!(after["deleted"], json!([]));
    let counts = service.get(&format!("/api/v1/counts?{both}")).await.json();
    assert_eq!(counts["total"], 9);
}

#[actix_web::test]
async fn what_was_forgotten_is_not_served_on_from_what_was_kept() {
    let site = SourceSite::start();
    let service = TestService::start(&[BLOG]).await;
    let source = site.put("/a", SourcePage::linking_to(TARGET));
    service.webmention(&source, TARGET).await;
    service.await_mentions(TARGET, 1).await;
    site.put("/a", SourcePage::status(410));
    service.webmention(&source, TARGET).await;
    service.await_mentions(TARGET, 0).await;
    let target = form(&[("target", TARGET)]);
    let mut kept = Vec::new();
    for path in ["/api/v1/deleted", "/api/deleted"] {
        let path = format!("{path}?{target}");
        let answer = service.get(&path).await;
        assert!(answer.text().contains(&source), "{}", answer.text());
        kept.push((path, answer.header("etag").unwrap().to_owned()));
    }
    let host = url::Url::parse(&source).unwrap();
    let subject = Subject::parse(host.host_str().unwrap()).unwrap();
    let store = service.store();
    let forgotten = store.forget(&subject, None, SystemClock.now());
    forgotten.await.unwrap();
    for (path, etag) in kept {
        for answer in [
            service.get_again(&path, &etag).await,
            service.get(&path).await,
        ] {
            assert_eq!(answer.status, 200, "{path}");
            assert!(!answer.text().contains(&source), "{}", answer.text());
        }
    }
}

#[actix_web::test]
async fn what_cannot_be_is_a_problem_that_names_the_parameter() {
    let service = TestService::start(&[BLOG]).await;
    for (path, status, parameter) in [
        ("mentions", 400, Some("target")),
        ("mentions?target=x", 400, Some("target")),
        ("mentions?domain=a/b", 400, Some("domain")),
        (
            "mentions?domain=a.example&target=https://a.example/",
            400,
            Some("domain"),
        ),
        (
            "mentions?domain=a.example&domain=b.example",
            400,
            Some("domain"),
        ),
        (
            "mentions?domain=a.example&kind=like,applause",
            400,
            Some("kind"),
        ),
        (
            "mentions?domain=a.example&since=yesterday",
            400,
            Some("since"),
        ),
        ("mentions?domain=a.example&sort=random", 400, Some("sort")),
        ("mentions?domain=a.example&order=up", 400, Some("order")),
        ("mentions?domain=a.example&limit=1001", 400, Some("limit")),
        ("mentions?domain=a.example&cursor=x", 400, Some("cursor")),
        (
            "mentions?domain=a.example&sort=published&cursor=17",
            400,
            Some("cursor"),
        ),
        (
            "mentions?domain=a.example&per-page=5",
            400,
            Some("per-page"),
        ),
        ("counts?domain=a.example&kind=like", 400, Some("kind")),
        ("deleted?domain=a.example&cursor=p1.2", 400, Some("cursor")),
        ("mentions?token=none", 401, None),
        ("events", 400, Some("target")),
        ("events?target=x", 400, Some("target")),
        ("site.json", 400, Some("site")),
        ("site.json?site=blog.example&since=x", 400, Some("since")),
        ("none", 404, None),
    ] {
        let answer = service.get(&format!("/api/v1/{path}")).await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json"),
            "{path}"
        );
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        let problem = answer.json();
        assert_eq!(problem["parameter"].as_str(), parameter, "{problem}");
        assert_eq!(problem["status"], status);
        let detail = problem["detail"].as_str().unwrap();
        assert!(
            parameter.is_none_or(|name| detail.contains(&format!("“{name}”"))),
            "{detail}"
        );
    }
    for path in ["counts", "events", "site.json"] {
        let post = format!(
            "POST /api/v1/{path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        let post = send(service.address, post.as_bytes()).await;
        assert_eq!(
            (
                post.status,
                post.header("content-type"),
                &post.json()["error"]
            ),
            (
                405,
                Some("application/problem+json"),
                &"method_not_allowed".into()
            )
        );
    }
    let many = "target=https://a.example/&".repeat(101);
    let answer = service.get(&format!("/api/v1/mentions?{many}")).await;
    assert_eq!(
        (answer.status, answer.json()["parameter"].as_str()),
        (400, Some("target"))
    );
}

#[actix_web::test]
async fn the_description_and_the_routes_agree() {
    let service = TestService::start(&[BLOG]).await;
    let base = SiteBase::parse(BLOG).unwrap();
    let token = service.store().add_token(&base, "", SystemClock.now());
    let token = token.await.unwrap().unwrap().as_str().to_owned();
    let document = service.get("/api/v1/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    let paths = document["paths"].as_object().unwrap();
    assert_eq!(paths.len(), 4);
    for (path, item) in paths {
        let whose = match path.as_str() {
            "/api/v1/submissions" => ("token", token.as_str()),
            _ => ("domain", "blog.example"),
        };
        let parameters = item["get"]["parameters"].as_array().unwrap();
        let example = |parameter: &Value| {
            let schema = &parameter["schema"];
            let names = schema["enum"]
                .as_array()
                .or(schema["items"]["enum"].as_array());
            match parameter["name"].as_str().unwrap() {
                "author_domain" => "ann.example".to_owned(),
                "since" => "2026-05-04T10:00:00Z".to_owned(),
                "limit" => schema["maximum"].to_string(),
                "cursor" if path.ends_with("deleted") => "c1.2".to_owned(),
                "cursor" => "1".to_owned(),
                name => names.unwrap_or_else(|| panic!("{name}"))[0]
                    .as_str()
                    .unwrap()
                    .to_owned(),
            }
        };
        for parameter in parameters {
            let name = parameter["name"].as_str().unwrap();
            let query = match name {
                "target" if whose.0 == "token" => form(&[whose, ("target", TARGET)]),
                "target" => form(&[("target", TARGET)]),
                "domain" => "domain=blog.example".to_owned(),
                // A token that is none: it is known all the same.
                "token" => "token=x".to_owned(),
                name => form(&[whose, (name, &example(parameter))]),
            };
            let answer = service.get(&format!("{path}?{query}")).await;
            let want = if name == "token" { 401 } else { 200 };
            assert_eq!(answer.status, want, "{path}?{query}: {}", answer.text());
        }
        // Of what the answer has, nothing is missing in its schema.
        let answer = service
            .get(&format!("{path}?{}", form(&[whose])))
            .await
            .json();
        let schema = &item["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        let name = schema["$ref"].as_str().unwrap().trim_start_matches('#');
        let fields = document.pointer(name).unwrap()["properties"]
            .as_object()
            .unwrap();
        let fields: BTreeSet<_> = fields.keys().collect();
        assert_eq!(
            answer.as_object().unwrap().keys().collect::<BTreeSet<_>>(),
            fields
        );
    }
    let page = get(service.address, "/api/v1", "text/html").await;
    let text = page.text();
    for path in paths.keys() {
        assert!(text.contains(path.as_str()), "{text}");
    }
}
