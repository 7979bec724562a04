//! Private webmentions on the wire. indieweb.org/Private-Webmention

use std::sync::{Arc, Mutex};

use actix_web::{HttpRequest, HttpResponse, web};
use linkback::model::{Clock as _, SiteBase, SiteSettings, SystemClock};

use crate::support::app_site::AppSite;
use crate::support::{Answer, TestService, form, post};

const BLOG: &str = "https://blog.example";
const TARGET: &str = "https://blog.example/post";

/// A site inside the other, and a page of it in the form that a blog in a folder gives its pages at first.
const INNER: &str = "https://blog.example/~ann";
const INNER_TARGET: &str = "https://blog.example/~ann/?p=1";

/// A site whose post is for those with a token; a code gives one, once.
struct ClosedSite {
    site: AppSite,
    codes: Arc<Mutex<Vec<String>>>,
}

impl ClosedSite {
    fn start(codes: &[&str]) -> Self {
        let codes: Vec<String> = codes.iter().map(|code| (*code).to_owned()).collect();
        let codes = Arc::new(Mutex::new(codes));
        let data = web::Data::from(Arc::clone(&codes));
        let site = AppSite::start([127, 0, 0, 1], move |routes| {
            routes
                .app_data(data.clone())
                .route("/post", web::get().to(closed_post))
                .route("/open", web::get().to(open_post))
                .route("/token", web::post().to(token));
        });
        Self { site, codes }
    }

    fn post(&self) -> String {
        self.site.url("/post")
    }
}

async fn closed_post(request: HttpRequest) -> HttpResponse {
    let shown = request.headers().get("authorization");
    let Some(token) =
        shown.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer token-for-"))
    else {
        return HttpResponse::Unauthorized()
            .insert_header(("Link", "</token>; rel=\"token_endpoint\""))
            .body("<p>Not for you.");
    };
    HttpResponse::Ok().content_type("text/html").body(format!(
        "<article class=h-entry><p class=e-content>For your eyes only, by {token}: \
         <a class=u-in-reply-to href=\"{TARGET}\">yes</a> <a href=\"{INNER_TARGET}\">too</a></article>"
    ))
}

async fn open_post() -> HttpResponse {
    let link = format!("<p class=h-entry>For all: <a href=\"{INNER_TARGET}\">this</a>");
    HttpResponse::Ok().content_type("text/html").body(link)
}

async fn token(body: String, codes: web::Data<Mutex<Vec<String>>>) -> HttpResponse {
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect();
    let code = fields.iter().find(|(name, _)| name == "code");
    assert!(fields.contains(&("grant_type".into(), "authorization_code".into())));
    let mut codes = codes.lock().unwrap();
    let known = code.and_then(|(_, code)| codes.iter().position(|known| known == code));
    match known {
        Some(at) => HttpResponse::Ok().json(serde_json::json!({
            "access_token": format!("token-for-{}", codes.remove(at)),
            "token_type": "Bearer",
        })),
        None => HttpResponse::BadRequest().json(serde_json::json!({ "error": "invalid_grant" })),
    }
}

async fn send(service: &TestService, source: &str, code: &str) -> Answer {
    send_to(service, TARGET, source, code).await
}

async fn send_to(service: &TestService, target: &str, source: &str, code: &str) -> Answer {
    let fields = [
        ("source", source),
        ("target", target),
        ("code", code),
        ("realm", "friends"),
    ];
    let kind = "application/x-www-form-urlencoded";
    post(
        service.address,
        "/webmention",
        kind,
        form(&fields).as_bytes(),
    )
    .await
}

async fn take_private(service: &TestService, site: &str) {
    let settings = SiteSettings {
        takes_private: true,
        ..SiteSettings::default()
    };
    let site = SiteBase::parse(site).unwrap();
    assert!(service.store().set_site(&site, settings).await.unwrap());
}

async fn token_of(service: &TestService, site: &str) -> String {
    let site = SiteBase::parse(site).unwrap();
    let token = service.store().add_token(&site, "", SystemClock.now());
    token.await.unwrap().unwrap()
}

/// Asks for mentions with a token, or without.
async fn ask(service: &TestService, query: &[(&str, &str)], token: Option<&str>) -> Answer {
    let bearer = token.map_or(String::new(), |token| {
        format!("Authorization: Bearer {token}\r\n")
    });
    let path = format!("/api/v1/mentions?{}", form(query));
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n{bearer}Connection: close\r\n\r\n");
    crate::support::send(service.address, request.as_bytes()).await
}

/// Everything that the service says to anybody about the target.
async fn said_in_public(service: &TestService) -> String {
    let query = form(&[("target", TARGET)]);
    let mut said = String::new();
    for path in ["/api/v1/mentions", "/embed", "/mentions"] {
        let answer = service.get(&format!("{path}?{query}")).await;
        assert!(answer.status < 300, "{path}: {}", answer.text());
        said.push_str(&answer.text());
    }
    said
}

#[actix_web::test]
async fn a_private_source_is_opened_with_its_code_and_shown_to_nobody() {
    let site = ClosedSite::start(&["code-1", "code-2"]);
    let service = TestService::start(&[BLOG]).await;
    take_private(&service, BLOG).await;
    let before = said_in_public(&service).await;
    let answer = send(&service, &site.post(), "code-1").await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert!(!answer.text().contains("code-1"), "{}", answer.text());
    let status = service.await_status(&answer).await;
    assert_eq!(status["status"], "accepted", "{status}");
    assert_eq!(status["private"], true);
    assert_eq!(said_in_public(&service).await, before);
    let kept = service
        .store()
        .private_mentions(None, None, 9)
        .await
        .unwrap();
    let text = &kept[0].entry.content.as_ref().unwrap().text;
    assert!(text.contains("For your eyes only, by code-1"), "{text}");
    // A code opens once; a new one brings an update.
    let answer = send(&service, &site.post(), "code-2").await;
    assert_eq!(service.await_status(&answer).await["status"], "accepted");
    let kept = service
        .store()
        .private_mentions(None, None, 9)
        .await
        .unwrap();
    assert_eq!(kept.len(), 1);
    let text = &kept[0].entry.content.as_ref().unwrap().text;
    assert!(text.contains("by code-2"), "{text}");
    let answer = send(&service, &site.post(), "code-3").await;
    let status = service.await_status(&answer).await;
    assert_eq!(status["error"], "token_failed", "{status}");
    assert_eq!(
        service
            .store()
            .private_mentions(None, None, 9)
            .await
            .unwrap(),
        kept
    );
    assert!(site.codes.lock().unwrap().is_empty());
}

#[actix_web::test]
async fn a_code_opens_nothing_unless_the_owner_wants_private_mentions() {
    let site = ClosedSite::start(&["code-1"]);
    let service = TestService::start(&[BLOG]).await;
    let answer = send(&service, &site.post(), "code-1").await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let status = service.await_status(&answer).await;
    assert_eq!(status["error"], "source_error", "{status}");
    assert_eq!(status["private"], serde_json::Value::Null);
    assert_eq!(*site.codes.lock().unwrap(), ["code-1"]);
}

#[actix_web::test]
async fn an_owner_lists_what_nobody_else_is_shown_and_no_cache_keeps_it() {
    let site = ClosedSite::start(&["code-1"]);
    let service = TestService::start(&[BLOG, "https://two.example"]).await;
    take_private(&service, BLOG).await;
    let own = token_of(&service, BLOG).await;
    let others = token_of(&service, "https://two.example").await;
    let answer = send(&service, &site.post(), "code-1").await;
    service.await_status(&answer).await;
    let ask = async |query: &[(&str, &str)], token: Option<&str>| ask(&service, query, token).await;
    for query in [
        vec![("state", "private")],
        vec![("state", "hidden,private"), ("state", "shown")],
        vec![("state", "private"), ("target", TARGET)],
        vec![("state", "private"), ("domain", "blog.example")],
    ] {
        let answer = ask(&query, Some(&own)).await;
        let said = answer.json();
        assert_eq!(said["mentions"][0]["state"], "private", "{query:?}: {said}");
        assert_eq!(said["total"], 1);
        assert_eq!(said["counts"]["total"], 0, "nothing is shown");
        let kept = (answer.header("etag"), answer.header("cache-control"));
        assert_eq!(kept, (None, Some("private, no-store")), "{query:?}");
        // Who has no token is told what to do, and who has another one nothing.
        let answer = ask(&query, None).await;
        let said = answer.json();
        assert_eq!(
            (answer.status, said["error"].as_str()),
            (401, Some("token_required"))
        );
        let challenge = answer.header("www-authenticate");
        assert_eq!(challenge, Some(r#"Bearer realm="linkback""#));
        let kind = answer.header("content-type");
        assert_eq!(kind, Some("application/problem+json"));
        let detail = said["detail"].as_str().unwrap();
        assert!(detail.contains("linkback token add"), "{detail}");
        assert_eq!(
            ask(&query, Some("wrong")).await.json()["error"],
            "forbidden"
        );
        let answer = ask(&query, Some(&others)).await;
        assert!(!answer.text().contains("your eyes"), "{}", answer.text());
        if query.iter().any(|(name, _)| *name == "target") {
            assert_eq!(answer.json()["parameter"], "target");
        } else {
            assert_eq!(answer.json()["mentions"], serde_json::json!([]));
        }
    }
    for (query, wrong) in [
        (vec![("state", "secret")], "state"),
        (vec![("state", "private"), ("sort", "changed")], "sort"),
    ] {
        assert_eq!(ask(&query, Some(&own)).await.json()["parameter"], wrong);
    }
    // Beside a token, what is shown is listed as ever, without a word of states.
    let answer = ask(&[("state", "shown"), ("target", TARGET)], Some(&own)).await;
    assert_eq!(answer.json()["mentions"], serde_json::json!([]));
    assert_eq!(answer.header("cache-control"), Some("public, no-cache"));
}

#[actix_web::test]
async fn neither_owner_of_two_sites_one_inside_the_other_is_shown_what_is_the_others() {
    let site = ClosedSite::start(&["code-1", "code-2"]);
    let service = TestService::start(&[BLOG]).await;
    take_private(&service, BLOG).await;
    let open = site.site.url("/open");
    let answer = service.webmention(&open, INNER_TARGET).await;
    service.await_status(&answer).await;
    assert_eq!(service.mentions(INNER_TARGET).await.len(), 1);
    let inner = [SiteBase::parse(INNER).unwrap()];
    let added = service.store().add_site(&inner, SystemClock.now());
    added.await.unwrap();
    take_private(&service, INNER).await;
    for (target, code) in [(INNER_TARGET, "code-1"), (TARGET, "code-2")] {
        let answer = send_to(&service, target, &site.post(), code).await;
        let status = service.await_status(&answer).await;
        assert_eq!(status["status"], "accepted", "{status}");
    }
    for (site, own, code, others) in [
        (BLOG, TARGET, "code-2", INNER_TARGET),
        (INNER, INNER_TARGET, "code-1", TARGET),
    ] {
        let token = token_of(&service, site).await;
        for query in [
            vec![("state", "private")],
            vec![("state", "private"), ("domain", "blog.example")],
            vec![("state", "private"), ("target", own)],
        ] {
            let said = ask(&service, &query, Some(&token)).await.json();
            let mentions = said["mentions"].as_array().unwrap();
            assert_eq!(mentions.len(), 1, "{site} {query:?}: {said}");
            assert_eq!(mentions[0]["target"], own);
            let text = mentions[0]["content"]["text"].as_str().unwrap();
            assert!(text.contains(code), "{text}");
        }
        let query = [("state", "private"), ("target", others)];
        let answer = ask(&service, &query, Some(&token)).await;
        assert_eq!(answer.json()["parameter"], "target");
        // So it is with what is shown: the page is the inner site's.
        let said = ask(&service, &[], Some(&token)).await.json();
        let shown = usize::from(site == INNER);
        assert_eq!(said["mentions"].as_array().unwrap().len(), shown, "{said}");
        let path = format!("/api/mentions.jf2?token={token}");
        let said = service.get(&path).await.json();
        assert_eq!(said["children"].as_array().unwrap().len(), shown, "{said}");
    }
}
