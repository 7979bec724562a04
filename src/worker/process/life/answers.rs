//! How a source may answer: the rows of the table.

use async_trait::async_trait;
use url::Url;

use super::*;
use crate::fetch::{Fetched, Hop};

/// How a source answers.
pub(super) type Script = fn() -> (Vec<(&'static str, u16)>, Result<Answer, FetchError>);

/// The rows of the table.
pub(super) const ANSWERS: [(&str, Script); 23] = [
    ("200, links", || ok(SOURCE, LINK)),
    ("200, does not link", || ok(SOURCE, "<p>Nothing.")),
    ("200, cut off before any link", || {
        let (hops, answer) = ok(SOURCE, "<p>Not yet");
        let Ok(Answer::Page(page)) = answer else {
            unreachable!()
        };
        let truncated = true;
        (hops, Ok(Answer::Page(Page { truncated, ..page })))
    }),
    ("200, says `410 Gone` in a `<meta>`", || {
        ok(
            SOURCE,
            "<meta http-equiv=status content='410 Gone'><p>Sorry.",
        )
    }),
    ("200, a type without links", || {
        let (hops, answer) = ok(SOURCE, "...");
        let Ok(Answer::Page(page)) = answer else {
            unreachable!()
        };
        let content_type = Some("image/png".to_owned());
        (
            hops,
            Ok(Answer::Page(Page {
                content_type,
                ..page
            })),
        )
    }),
    ("200, links, canonical on its host", || {
        let head = "<link rel=canonical href='https://s.example/the-post'>";
        ok(SOURCE, &format!("{head}{LINK}"))
    }),
    ("200, links, canonical elsewhere", || {
        let head = "<link rel=canonical href='https://victim.example/post'>";
        ok(SOURCE, &format!("{head}{LINK}"))
    }),
    ("304", || (vec![(SOURCE, 304)], Ok(Answer::Unchanged))),
    ("301 to a page that links", || {
        let (_, answer) = ok(MOVED, LINK);
        (vec![(SOURCE, 301), (MOVED, 200)], answer)
    }),
    ("301 to a page that does not", || {
        let (_, answer) = ok(MOVED, "<p>Buy this domain.");
        (vec![(SOURCE, 301), (MOVED, 200)], answer)
    }),
    ("302 to a page that links", || {
        let (_, answer) = ok(MOVED, LINK);
        (vec![(SOURCE, 302), (MOVED, 200)], answer)
    }),
    ("301 to the target", || {
        let (_, answer) = ok(TARGET, LINK);
        (vec![(SOURCE, 301), (TARGET, 200)], answer)
    }),
    ("redirects in a circle", || {
        fails(FetchError::Redirect("in a circle".to_owned()))
    }),
    ("410", || (vec![(SOURCE, 410)], Ok(Answer::Gone))),
    ("404", || fails(FetchError::NotFound)),
    ("401, 403", || status(403, None)),
    ("429", || status(429, None)),
    ("500", || status(500, None)),
    ("503, `Retry-After: 7200`", || status(503, Some(7200))),
    ("too slow", || fails(FetchError::Timeout("read"))),
    ("no such host", || {
        fails(FetchError::Dns("no such name".to_owned()))
    }),
    ("no connection", || {
        fails(FetchError::Connect("refused".to_owned()))
    }),
    ("no TLS session", || {
        fails(FetchError::Tls("certificate expired".to_owned()))
    }),
];

pub(super) fn ok(
    at: &'static str,
    body: &str,
) -> (Vec<(&'static str, u16)>, Result<Answer, FetchError>) {
    let page = Page {
        url: Url::parse(at).unwrap(),
        status: 200,
        content_type: Some("text/html".to_owned()),
        body: body.as_bytes().to_vec(),
        truncated: false,
    };
    (vec![(SOURCE, 200)], Ok(Answer::Page(page)))
}

pub(super) fn fails(error: FetchError) -> (Vec<(&'static str, u16)>, Result<Answer, FetchError>) {
    (Vec::new(), Err(error))
}

fn status(
    status: u16,
    retry_after: Option<u64>,
) -> (Vec<(&'static str, u16)>, Result<Answer, FetchError>) {
    fails(FetchError::Status {
        status,
        retry_after: retry_after.map(Duration::from_secs),
    })
}

pub(super) fn validators() -> Validators {
    Validators {
        url: Url::parse(SOURCE).unwrap(),
        etag: Some("\"1\"".to_owned()),
        last_modified: None,
    }
}

/// A source that answers so, wherever it is asked.
pub(super) struct Scripted(pub(super) Script);

#[async_trait]
impl Fetch for Scripted {
    async fn fetch(&self, source: &SourceUrl) -> Fetched {
        let mut fetched = self.fetch_if_changed(source, &validators()).await;
        if matches!(fetched.answer, Ok(Answer::Unchanged)) {
            fetched.answer = Err(FetchError::BadResponse("304".to_owned()));
        }
        fetched
    }

    async fn fetch_if_changed(&self, _: &SourceUrl, _: &Validators) -> Fetched {
        let (hops, answer) = (self.0)();
        let hops = hops.into_iter().map(|(url, status)| Hop {
            url: Url::parse(url).unwrap(),
            address: None,
            status: Some(status),
        });
        Fetched {
            hops: hops.collect(),
            validators: None,
            answer,
        }
    }
}
