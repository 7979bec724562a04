//! What the tests of fetching have in common: a client that may go to 127.0.0.1, made-up name servers, and
//! words for what came of a fetch.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use linkback::fetch::client::{Client, Options};
use linkback::fetch::limits::Limits;
use linkback::fetch::policy::{Policy, Refused};
use linkback::fetch::resolve::{Resolver, Unresolved};
use linkback::fetch::{Answer, Fetch, FetchError, Fetched};
use linkback::model::{Clock, Page, SourceUrl, Timestamp};

use crate::steps::Step;
use crate::stub_site::{StubSite, ips};

/// Short enough for a test to wait for.
pub(crate) const SOON: Duration = Duration::from_millis(300);

/// Name servers that say what they are told: for each name its answers, one a look-up, the last one
/// for ever. No answers at all: silence.
#[derive(Default)]
pub(crate) struct Names {
    answers: HashMap<&'static str, Vec<Vec<IpAddr>>>,
    lookups: Mutex<Vec<String>>,
}

impl Names {
    pub(crate) fn with(mut self, name: &'static str, answers: &[&[&str]]) -> Self {
        self.answers
            .insert(name, answers.iter().map(|answer| ips(answer)).collect());
        self
    }

    pub(crate) fn lookups(&self, name: &str) -> usize {
        let lookups = self.lookups.lock().unwrap();
        lookups
            .iter()
            .filter(|looked_up| *looked_up == name)
            .count()
    }
}

#[async_trait]
impl Resolver for Names {
    async fn resolve(&self, host: &str) -> Result<Vec<IpAddr>, Unresolved> {
        let nth = self.lookups(host);
        self.lookups.lock().unwrap().push(host.to_owned());
        match self.answers.get(host) {
            None => Err(Unresolved("no such name".to_owned())),
            Some(answers) if answers.is_empty() => std::future::pending().await,
            Some(answers) => Ok(answers[nth.min(answers.len() - 1)].clone()),
        }
    }
}

pub(crate) struct FixedClock;

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(784_111_777_000) // Sun, 06 Nov 1994 08:49:37 GMT
    }
}

pub(crate) fn only_127_0_0_1() -> Policy {
    Policy::allowing(vec!["127.0.0.1/32".parse().unwrap()])
}

pub(crate) fn client(policy: Policy, limits: Limits, names: Names) -> (Client, Arc<Names>) {
    let options = Options {
        policy,
        limits,
        ..Options::default()
    };
    let names = Arc::new(names);
    let resolver: Arc<dyn Resolver> = Arc::<Names>::clone(&names);
    let client = Client::new(options, &resolver, Arc::new(FixedClock)).unwrap();
    (client, names)
}

pub(crate) async fn fetch_with(client: &Client, url: &str) -> Fetched {
    client.fetch(&SourceUrl::parse(url).unwrap()).await
}

pub(crate) async fn fetch(url: &str) -> Fetched {
    let (client, _) = client(only_127_0_0_1(), Limits::default(), Names::default());
    fetch_with(&client, url).await
}

pub(crate) async fn fetch_within(limits: Limits, url: &str) -> Fetched {
    let (client, _) = client(only_127_0_0_1(), limits, Names::default());
    fetch_with(&client, url).await
}

/// Fetches `/` of a site that answers everything with `steps`.
pub(crate) async fn fetch_from(steps: Vec<Step>) -> Fetched {
    let site = StubSite::serve(move |_| steps.clone());
    fetch(&site.url("/")).await
}

#[track_caller]
pub(crate) fn page(fetched: Fetched) -> Page {
    match fetched.answer {
        Ok(Answer::Page(page)) => page,
        Ok(Answer::Gone | Answer::Unchanged) | Err(_) => panic!("no page: {fetched:?}"),
    }
}

#[track_caller]
pub(crate) fn error(fetched: Fetched) -> FetchError {
    match fetched.answer {
        Err(error) => error,
        Ok(_) => panic!("no error: {fetched:?}"),
    }
}

#[track_caller]
pub(crate) fn assert_bad_response(fetched: Fetched) {
    let error = error(fetched);
    assert!(matches!(error, FetchError::BadResponse(_)), "{error:?}");
    assert!(error.is_transient());
}

#[track_caller]
pub(crate) fn assert_redirect(fetched: Fetched, why: &str) {
    assert_eq!(error(fetched), FetchError::Redirect(why.to_owned()));
}

/// The name of the reason of a refusal.
pub(crate) fn reason(error: &FetchError) -> String {
    match error {
        FetchError::Refused(Refused::NotPublic { class, .. }) => format!("{class:?}"),
        FetchError::Refused(Refused::Port(port)) => format!("port {port}"),
        FetchError::Refused(Refused::Network(_)) => "refused network".to_owned(),
        FetchError::Refused(Refused::Name(_)) => "name".to_owned(),
        FetchError::Refused(Refused::Scheme(scheme)) => format!("scheme {scheme}"),
        FetchError::Refused(Refused::Userinfo) => "userinfo".to_owned(),
        other => format!("not refused: {other}"),
    }
}

/// What came of a fetch, in words.
pub(crate) fn came_of(fetched: Fetched) -> String {
    match fetched.answer {
        Ok(Answer::Page(page)) if page.truncated && page.body.is_empty() => {
            format!(
                "unread {}",
                page.content_type.unwrap_or_default().to_lowercase()
            )
        }
        Ok(Answer::Page(page)) => {
            let what = if page.truncated {
                "part of a page"
            } else {
                "page"
            };
            format!("{what} of {} bytes", page.body.len())
        }
        Ok(Answer::Gone) => "gone".to_owned(),
        Ok(Answer::Unchanged) => "unchanged".to_owned(),
        Err(error) => error.to_string(),
    }
}
