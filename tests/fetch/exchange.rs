//! Forms and tokens go where they are meant to go, under the policy, and nowhere else.

use linkback::fetch::limits::Limits;
use linkback::fetch::policy::Policy;
use linkback::fetch::{Answer, Fetch, FetchError};
use linkback::model::{Secret, SourceUrl};
use url::Url;

use crate::steps::Step;
use crate::stub_site::{StubSite, answer, ok, redirect};
use crate::support::{Names, client, only_127_0_0_1};

/// Answers, and reads what is left of a form.
fn told(status: &str, headers: &str, body: &[u8]) -> Vec<Step> {
    let mut steps = answer(status, headers, body);
    steps.push(Step::Hang);
    steps
}

#[tokio::test]
async fn a_token_is_shown_to_its_own_origin_and_to_nobody_it_redirects_to() {
    let other = StubSite::serve(|_| ok("text/html", b"<p>hello"));
    let elsewhere = other.url("/end");
    let own = StubSite::serve(move |path| match path {
        "/start" => redirect(302, "/next"),
        _ => redirect(302, &elsewhere),
    });
    let (client, _) = client(only_127_0_0_1(), Limits::default(), Names::default());
    let source = SourceUrl::parse(&own.url("/start")).unwrap();
    let token = Secret::new("sesame").unwrap();
    let fetched = client.fetch_with_token(&source, &token).await;
    assert!(matches!(fetched.answer, Ok(Answer::Page(_))), "{fetched:?}");
    let (own, other) = (own.requests(), other.requests());
    assert_eq!((own.len(), other.len()), (2, 1));
    for request in own {
        assert!(
            request
                .to_lowercase()
                .contains("authorization: bearer sesame"),
            "{request}"
        );
    }
    assert!(!other[0].contains("sesame"), "{}", other[0]);
}

#[tokio::test]
async fn a_form_is_posted_once_and_not_where_a_redirect_leads() {
    let site = StubSite::serve(|_| told("307 Temporary Redirect", "Location: /other\r\n", b"no"));
    let (client, _) = client(only_127_0_0_1(), Limits::default(), Names::default());
    let endpoint = Url::parse(&site.url("/token")).unwrap();
    let posted = client.post(&endpoint, &[("code", "a b&c")]).await.unwrap();
    assert_eq!(posted.status, 307);
    let requests = site.requests();
    assert_eq!(requests.len(), 1);
    assert!(requests[0].starts_with("POST /token "), "{}", requests[0]);
    assert!(requests[0].contains("application/x-www-form-urlencoded"));
}

#[tokio::test]
async fn an_inner_endpoint_gets_no_form_and_is_not_asked_for_endpoints() {
    let site = StubSite::serve(|_| ok("application/json", b"{}"));
    let (client, _) = client(Policy::default(), Limits::default(), Names::default());
    let endpoint = Url::parse(&site.url("/")).unwrap();
    let posted = client.post(&endpoint, &[("code", "c")]).await;
    assert!(matches!(posted, Err(FetchError::Refused(_))), "{posted:?}");
    let found = client.discover(&endpoint).await;
    assert!(matches!(found, Err(FetchError::Refused(_))), "{found:?}");
    assert_eq!(site.requests().len(), 0);
}

#[tokio::test]
async fn endpoints_are_heard_of_from_a_page_that_is_closed() {
    let site = StubSite::serve(|_| {
        let links = "Link: </a>; rel=x\r\nLink: </b>; rel=y\r\n";
        answer("401 Unauthorized", links, b"<p>closed")
    });
    let (client, _) = client(only_127_0_0_1(), Limits::default(), Names::default());
    let found = client
        .discover(&Url::parse(&site.url("/")).unwrap())
        .await
        .unwrap();
    assert_eq!(found.status, 401);
    assert_eq!(found.links, ["</a>; rel=x", "</b>; rel=y"]);
    assert_eq!(found.page.unwrap().body, b"<p>closed");
}
