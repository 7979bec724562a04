//! What we say of ourselves when we ask, and what we do not.

use linkback::fetch::client::user_agent;

use crate::stub_site::{StubSite, answer, ok};
use crate::support::*;

#[tokio::test]
async fn a_request_says_who_asks_and_nothing_that_others_told_us() {
    let site = StubSite::serve(|path| match path {
        "/" => answer(
            "302 Found",
            "Location: /b\r\nSet-Cookie: tracked=1\r\nWWW-Authenticate: Basic realm=x\r\n",
            b"",
        ),
        _ => ok("text/html", b"x"),
    });
    page(fetch(&site.url("/")).await);
    let requests = site.requests();
    assert_eq!(requests.len(), 2);
    for request in requests {
        let request = request.to_ascii_lowercase();
        let agent = format!("user-agent: {}\r\n", user_agent(None)).to_ascii_lowercase();
        assert!(request.contains(&agent), "{request}");
        assert!(agent.contains("webmention"));
        assert!(request.contains("accept: text/html, "), "{request}");
        assert!(request.starts_with("get "), "{request}");
        assert!(
            request.contains("accept-encoding: gzip, br\r\n"),
            "{request}"
        );
        for absent in [
            "range:",
            "if-none-match:",
            "cookie:",
            "referer:",
            "authorization:",
            "origin:",
        ] {
            assert!(!request.contains(absent), "{request}");
        }
    }
}

/// Not a test: the part of the next one that runs with a proxy in its environment.
#[tokio::test]
#[ignore = "run by a_proxy_in_the_environment_is_ignored"]
async fn fetch_under_a_proxy() {
    let url = std::env::var("LINKBACK_TEST_URL").unwrap();
    assert_eq!(page(fetch(&url).await).body, b"direct");
}

#[test]
fn a_proxy_in_the_environment_is_ignored() {
    let site = StubSite::serve(|_| ok("text/html", b"direct"));
    let proxy = StubSite::serve(|_| ok("text/html", b"by proxy"));
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "request::fetch_under_a_proxy", "--ignored"]);
    for name in [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "all_proxy",
    ] {
        child.env(name, proxy.url(""));
    }
    child.env_remove("NO_PROXY").env_remove("no_proxy");
    let output = child
        .env("LINKBACK_TEST_URL", site.url("/"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(site.requests().len(), 1);
    assert_eq!(proxy.requests(), Vec::<String>::new());
}
