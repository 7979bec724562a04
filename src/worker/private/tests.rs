use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;

use super::*;
use crate::fetch::{Fetched, Found, Posted};
use crate::model::{Page, Protocol, Protocols, SiteId, TargetUrl};
use crate::store::{Lease, Occasion};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const SOURCE: &str = "https://s.example/private";

/// A source and its token endpoint, which takes a code once.
struct Site {
    links: &'static [&'static str],
    ends_at: &'static str,
    status: u16,
    token_status: u16,
    token: &'static str,
    posts: AtomicUsize,
    /// How often the page is out of order.
    failures: AtomicUsize,
}

fn site() -> Site {
    Site {
        links: &["<https://token.example/>; rel=token_endpoint"],
        ends_at: SOURCE,
        status: 401,
        token_status: 200,
        token: r#"{"access_token":"t1","token_type":"Bearer","scope":"read"}"#,
        posts: AtomicUsize::new(0),
        failures: AtomicUsize::new(0),
    }
}

#[async_trait]
impl Fetch for Site {
    async fn fetch(&self, _source: &SourceUrl) -> Fetched {
        panic!("nobody asks for a private page without its token")
    }

    async fn discover(&self, url: &Url) -> Result<Found, FetchError> {
        assert_eq!(url.as_str(), SOURCE);
        Ok(Found {
            url: Url::parse(self.ends_at).unwrap(),
            status: self.status,
            links: self.links.iter().map(|link| (*link).to_owned()).collect(),
            page: None,
        })
    }

    async fn post(&self, endpoint: &Url, form: &[(&str, &str)]) -> Result<Posted, FetchError> {
        assert_eq!(endpoint.as_str(), "https://token.example/");
        assert_eq!(form, [("grant_type", "authorization_code"), ("code", "c1")]);
        let is_first = self.posts.fetch_add(1, Ordering::SeqCst) == 0;
        Ok(Posted {
            status: if is_first { self.token_status } else { 400 },
            location: None,
            retry_after: None,
            body: self.token.into(),
        })
    }

    async fn fetch_with_token(&self, source: &SourceUrl, token: &Secret) -> Fetched {
        assert_eq!(token.expose(), "t1");
        let is_out_of_order = self
            .failures
            .try_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1))
            .is_ok();
        let page = Page {
            url: source.as_url().clone(),
            status: 200,
            content_type: None,
            body: Vec::new(),
            truncated: false,
        };
        Fetched {
            hops: Vec::new(),
            answer: if is_out_of_order {
                Err(FetchError::Timeout("the whole fetch"))
            } else {
                Ok(Answer::Page(page))
            },
            validators: None,
        }
    }
}

async fn open(tokens: &Tokens, site: &Site, now: Timestamp) -> Result<Got, Closed> {
    let code = Secret::new("c1").unwrap();
    let leased = Leased {
        lease: Lease {
            key: StatusKey::from_bytes([7; 16]),
            holder: 1,
            revision: 1,
        },
        source: SourceUrl::parse(SOURCE).unwrap(),
        target: TargetUrl::parse("https://t.example/").unwrap(),
        site: SiteId(1),
        vouch: None,
        code: Some(code.clone()),
        protocols: Protocols::only(Protocol::Webmention),
        attempts: 0,
        since: NOW,
        occasion: Occasion::Sent,
        known: None,
    };
    tokens.open(&leased, &code, site, now).await
}

#[tokio::test]
async fn a_code_is_exchanged_and_the_token_opens_the_source() {
    for site in [
        site(),
        Site {
            links: &["<https://token.example/>; rel=oauth2-token"],
            ..site()
        },
        Site {
            token: r#"{"access_token":"t1"}"#,
            ..site()
        },
        Site {
            status: 200,
            ..site()
        },
        Site {
            ends_at: "http://s.example/moved",
            ..site()
        },
    ] {
        let opened = open(&Tokens::default(), &site, NOW).await;
        assert!(matches!(opened.unwrap().answer, GotAnswer::Page(_)));
        assert_eq!(site.posts.load(Ordering::SeqCst), 1);
    }
    let gone = Site {
        status: 410,
        ..site()
    };
    let opened = open(&Tokens::default(), &gone, NOW).await;
    assert!(matches!(opened.unwrap().answer, GotAnswer::Gone));
}

#[tokio::test]
async fn where_no_token_is_to_be_had_there_is_nothing_to_wait_for() {
    for site in [
        Site {
            links: &[],
            ..site()
        },
        Site {
            links: &[],
            status: 404,
            ..site()
        },
        Site {
            links: &["<ftp://token.example/>; rel=token_endpoint"],
            ..site()
        },
        Site {
            ends_at: "https://other.example/",
            ..site()
        },
        Site {
            ends_at: "https://s.example:8443/",
            ..site()
        },
        Site {
            token_status: 400,
            ..site()
        },
        Site {
            token_status: 302,
            ..site()
        },
        Site {
            token: "access_token=t1",
            ..site()
        },
        Site {
            token: "{}",
            ..site()
        },
        Site {
            token: r#"{"access_token":"t1","token_type":"mac"}"#,
            ..site()
        },
        Site {
            token: r#"{"access_token":"t1\r\nHost: x"}"#,
            ..site()
        },
        Site {
            token: r#"{"access_token":"t 1"}"#,
            ..site()
        },
        Site {
            token: r#"{"access_token":""}"#,
            ..site()
        },
    ] {
        let opened = open(&Tokens::default(), &site, NOW).await;
        let failure = opened.unwrap_err().failure().unwrap();
        assert_eq!(failure.kind, FailureKind::Token);
    }
    for site in [
        Site {
            links: &[],
            status: 503,
            ..site()
        },
        Site {
            token_status: 503,
            ..site()
        },
        Site {
            token_status: 429,
            ..site()
        },
    ] {
        let opened = open(&Tokens::default(), &site, NOW).await;
        assert!(opened.unwrap_err().failure().unwrap_err().is_transient());
    }
}

#[tokio::test]
async fn a_source_that_fails_is_tried_again_with_the_token_that_its_code_gave() {
    let closed = Site {
        failures: AtomicUsize::new(1),
        ..site()
    };
    let tokens = Tokens::default();
    assert!(open(&tokens, &closed, NOW).await.is_err());
    let later = NOW.plus(Duration::from_secs(70));
    assert!(open(&tokens, &closed, later).await.is_ok());
    assert_eq!(closed.posts.load(Ordering::SeqCst), 1);
    // It is forgotten as soon as it has done its work.
    assert!(tokens.lock().is_empty());
    let closed = Site {
        failures: AtomicUsize::new(1),
        ..site()
    };
    assert!(open(&tokens, &closed, NOW).await.is_err());
    let too_late = open(&tokens, &closed, NOW.plus(KEEP)).await;
    assert!(too_late.unwrap_err().failure().is_ok());
}

#[tokio::test]
async fn submissions_that_lead_to_one_token_endpoint_ask_it_no_more_than_its_pace() {
    let tokens = Tokens::new(Pace::hourly(60));
    let closed = Site {
        token_status: 400,
        ..site()
    };
    for n in 0..100 {
        let refused = open(&tokens, &closed, NOW).await.unwrap_err();
        assert_eq!(refused.failure().is_err(), n >= 30, "{n}");
    }
    assert_eq!(closed.posts.load(Ordering::SeqCst), 30);
}
