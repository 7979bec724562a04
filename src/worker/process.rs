//! The business rule: one leased submission in, one [`Outcome`] out.

use std::sync::Arc;

use tracing::warn;

use super::authors::{Authors, merged};
use super::pages::{Found, Pages};
use super::retry::{self, Jitter};
use crate::fetch::{Answer, Fetch, FetchError};
use crate::model::{
    Failure, FailureKind, Outcome, Page, Reading, SourceUrl, TargetUrl, Timestamp, Unreadable,
    Verdict,
};
use crate::parse;
use crate::store::Leased;

/// What the verification of a submission depends on besides the submission.
pub(super) struct Circumstances<'a> {
    pub(super) now: Timestamp,
    pub(super) jitter: Jitter,
    /// Whether the target of a mention that is not known yet must exist.
    pub(super) check_targets: bool,
    /// What pages of authors said.
    pub(super) authors: &'a Authors,
    /// What was fetched lately.
    pub(super) pages: &'a Pages,
}

/// Verifies one submission. WM §3.2.2.
///
/// # Cancel safety
/// Nothing was changed anywhere if the future is dropped.
pub(super) async fn verify(
    fetch: &dyn Fetch,
    leased: &Leased,
    circumstances: &Circumstances<'_>,
) -> Outcome {
    let attempts = leased.attempts.saturating_add(1);
    // An update may be about anything that has changed on the page.
    let is_new = !leased.known && leased.lease.revision == 1 && leased.attempts == 0;
    let (pages, now) = (circumstances.pages, circumstances.now);
    let mut may_share = is_new;
    let reading = loop {
        let (page, shared) = match pages.get(&leased.source, fetch, now, may_share).await {
            Ok(Found::Page(page, shared)) => (page, shared),
            Ok(Found::Gone) => return Outcome::Gone,
            Err(error) => return failed(&error, attempts, circumstances),
        };
        let at = TargetUrl::parse(page.url.as_str());
        if at.is_ok_and(|at| at.page_key() == leased.target.page_key()) {
            // WM-11: the source redirects to the target, which cannot mention itself.
            return Outcome::NoLink {
                near_misses: Vec::new(),
                recheck_at: None,
            };
        }
        let reading = match read(page, leased.target.clone()).await {
            Ok(reading) => reading,
            Err(outcome) => return outcome,
        };
        if !shared || matches!(reading.verdict, Verdict::Links(_)) {
            break reading;
        }
        // A page that was fetched before the submission came says nothing against it.
        may_share = false;
    };
    match reading.verdict {
        Verdict::Links(mut entry) => {
            if circumstances.check_targets
                && !leased.known
                && let Some(outcome) = missing_target(fetch, &leased.target).await
            {
                return outcome;
            }
            if let Some(page) = &reading.author_page
                && let Some(own) = circumstances
                    .authors
                    .at(page, fetch, circumstances.now)
                    .await
            {
                entry.author = Some(merged(own, entry.author.take()));
            }
            Outcome::Publish(entry)
        }
        Verdict::NoLink { near_misses } => Outcome::NoLink {
            near_misses,
            // A known mention goes at once (WM-44); of a new one the page may not be out yet.
            recheck_at: if leased.known {
                None
            } else {
                retry::after_no_link(attempts, circumstances.jitter)
                    .map(|wait| circumstances.now.plus(wait))
            },
        },
        Verdict::Gone => Outcome::Gone,
        Verdict::Unreadable(why) => Outcome::Failed {
            failure: unreadable(why),
            retry_at: None,
            not_before: None,
        },
    }
}

/// Reads the page on a thread of the blocking pool: a page may take milliseconds, and a panic in
/// the reader must cost this one verification only.
async fn read(page: Arc<Page>, target: TargetUrl) -> Result<Reading, Outcome> {
    let reading = tokio::task::spawn_blocking(move || parse::read_source(&page, &target)).await;
    reading.map_err(|error| {
        warn!(%error, "the reader of source pages broke down");
        Outcome::Failed {
            failure: Failure {
                kind: FailureKind::Internal,
                detail: "the reader of source pages broke down; the log says how".to_owned(),
            },
            retry_at: None,
            not_before: None,
        }
    })
}

/// The outcome if the target's own server says that there is no such page. Any other trouble is no
/// proof of that.
async fn missing_target(fetch: &dyn Fetch, target: &TargetUrl) -> Option<Outcome> {
    let as_source = SourceUrl::parse(target.as_str()).ok()?;
    let status = match fetch.fetch(&as_source).await.answer {
        Ok(Answer::Gone) => 410,
        Err(FetchError::NotFound) => 404,
        Ok(Answer::Page(_)) | Err(_) => return None,
    };
    Some(Outcome::Failed {
        failure: Failure {
            kind: FailureKind::TargetNotFound,
            detail: format!("the target answered {status}"),
        },
        retry_at: None,
        not_before: None,
    })
}

fn failed(error: &FetchError, attempts: u32, circumstances: &Circumstances<'_>) -> Outcome {
    Outcome::Failed {
        failure: Failure::from(error),
        retry_at: retry::after_failure(attempts, error, circumstances.jitter)
            .map(|wait| circumstances.now.plus(wait)),
        not_before: retry::asked_for(error).map(|wait| circumstances.now.plus(wait)),
    }
}

fn unreadable(why: Unreadable) -> Failure {
    let (kind, detail) = match why {
        Unreadable::MediaType(name) => (FailureKind::MediaType, name),
        Unreadable::TooLarge => (
            FailureKind::TooLarge,
            "no link in the part within the size cap".to_owned(),
        ),
        Unreadable::TooComplex => (
            FailureKind::TooComplex,
            "no link in the part within the parsing budget".to_owned(),
        ),
        Unreadable::Malformed(what) => (FailureKind::Malformed, what),
    };
    Failure { kind, detail }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::time::Duration;

    use async_trait::async_trait;
    use url::Url;

    use super::*;
    use crate::fetch::Fetched;
    use crate::model::{Protocol, Protocols, StatusKey};
    use crate::store::Lease;

    type Script = fn() -> Result<Answer, FetchError>;

    /// Answers by URL; anything else is a 404.
    struct Answers(HashMap<&'static str, Script>);

    #[async_trait]
    impl Fetch for Answers {
        async fn fetch(&self, source: &SourceUrl) -> Fetched {
            let answer = match self.0.get(source.as_str()) {
                Some(answer) => answer(),
                None => Err(FetchError::NotFound),
            };
            Fetched {
                hops: Vec::new(),
                answer,
            }
        }
    }

    const SOURCE: &str = "https://s.example/";
    const TARGET: &str = "https://t.example/a";
    const ANN: &str = "https://s.example/ann";
    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn page(body: &str) -> Answer {
        Answer::Page(Page {
            url: Url::parse(SOURCE).unwrap(),
            status: 200,
            content_type: Some("text/html".into()),
            body: body.as_bytes().to_vec(),
            truncated: false,
        })
    }

    #[expect(clippy::unnecessary_wraps, reason = "a Script")]
    fn linking() -> Result<Answer, FetchError> {
        Ok(page("<p>See <a href='https://t.example/a'>this</a>."))
    }

    #[expect(clippy::unnecessary_wraps, reason = "a Script")]
    fn not_linking() -> Result<Answer, FetchError> {
        Ok(page("<p>Nothing here."))
    }

    fn leased() -> Leased {
        Leased {
            lease: Lease {
                key: StatusKey::from_bytes([0; 16]),
                holder: 0,
                revision: 1,
            },
            source: SourceUrl::parse(SOURCE).unwrap(),
            target: TargetUrl::parse(TARGET).unwrap(),
            protocols: Protocols::only(Protocol::Webmention),
            attempts: 0,
            known: false,
        }
    }

    async fn outcome(
        answers: &[(&'static str, Script)],
        known: bool,
        check_targets: bool,
    ) -> Outcome {
        let leased = Leased { known, ..leased() };
        let circumstances = Circumstances {
            now: NOW,
            jitter: Jitter(0.0),
            check_targets,
            authors: &Authors::default(),
            pages: &Pages::default(),
        };
        verify(
            &Answers(answers.iter().copied().collect()),
            &leased,
            &circumstances,
        )
        .await
    }

    #[tokio::test]
    async fn a_page_that_links_is_published() {
        let outcome = outcome(&[(SOURCE, linking)], false, false).await;
        assert!(matches!(outcome, Outcome::Publish(_)), "{outcome:?}");
    }

    #[tokio::test]
    async fn a_page_without_the_link_is_looked_at_again_unless_it_was_known() {
        let soon = Some(NOW.plus(Duration::from_secs(10)));
        for (known, want) in [(false, soon), (true, None)] {
            let outcome = outcome(&[(SOURCE, not_linking)], known, false).await;
            let Outcome::NoLink { recheck_at, .. } = outcome else {
                panic!("{outcome:?}");
            };
            assert_eq!(recheck_at, want);
        }
    }

    #[tokio::test]
    async fn a_source_that_turns_out_to_be_the_target_is_no_mention() {
        let redirected = || {
            let Ok(Answer::Page(page)) = linking() else {
                unreachable!()
            };
            Ok(Answer::Page(Page {
                url: Url::parse("http://t.example/a/").unwrap(),
                ..page
            }))
        };
        let outcome = outcome(&[(SOURCE, redirected)], false, false).await;
        assert!(matches!(outcome, Outcome::NoLink { .. }), "{outcome:?}");
    }

    #[tokio::test]
    async fn gone_is_an_answer_and_404_is_not() {
        let gone = outcome(&[(SOURCE, || Ok(Answer::Gone))], true, false).await;
        assert_eq!(gone, Outcome::Gone);
        let missing = outcome(&[], true, false).await;
        let Outcome::Failed {
            failure, retry_at, ..
        } = missing
        else {
            panic!("{missing:?}");
        };
        assert_eq!(failure.kind, FailureKind::NotFound);
        assert!(retry_at.is_some());
    }

    #[tokio::test]
    async fn a_target_that_does_not_exist_is_told_apart_where_asked_for() {
        let missing = outcome(&[(SOURCE, linking)], false, true).await;
        let Outcome::Failed {
            failure, retry_at, ..
        } = missing
        else {
            panic!("{missing:?}");
        };
        assert_eq!(
            (failure.kind, retry_at),
            (FailureKind::TargetNotFound, None)
        );
        let answers: [(_, Script); 2] = [(SOURCE, linking), (TARGET, not_linking)];
        let there = outcome(&answers, false, true).await;
        assert!(matches!(there, Outcome::Publish(_)));
        let unreachable: [(_, Script); 2] = [
            (SOURCE, linking),
            (TARGET, || Err(FetchError::Connect("refused".into()))),
        ];
        let unsure = outcome(&unreachable, false, true).await;
        assert!(matches!(unsure, Outcome::Publish(_)));
    }

    /// A page that can be changed, and the number of times it was fetched.
    struct Changing(std::sync::Mutex<(&'static str, usize)>);

    #[async_trait]
    impl Fetch for Changing {
        async fn fetch(&self, _source: &SourceUrl) -> Fetched {
            let mut now = self.0.lock().unwrap();
            now.1 = now.1.saturating_add(1);
            Fetched {
                hops: Vec::new(),
                answer: Ok(page(now.0)),
            }
        }
    }

    #[tokio::test]
    async fn a_source_of_many_targets_is_fetched_once_and_never_held_against_a_newer_claim() {
        let site = Changing(std::sync::Mutex::new((
            "<a href='https://t.example/a'>a</a><a href='https://t.example/b'>b</a>",
            0,
        )));
        let (authors, pages) = (Authors::default(), Pages::default());
        let circumstances = Circumstances {
            now: NOW,
            jitter: Jitter(0.0),
            check_targets: false,
            authors: &authors,
            pages: &pages,
        };
        let verified = async |target: &str, known: bool| {
            let leased = Leased {
                target: TargetUrl::parse(target).unwrap(),
                known,
                ..leased()
            };
            let outcome = verify(&site, &leased, &circumstances).await;
            (
                matches!(outcome, Outcome::Publish(_)),
                site.0.lock().unwrap().1,
            )
        };
        let (one, two) = tokio::join!(
            verified("https://t.example/a", false),
            verified("https://t.example/b", false)
        );
        assert_eq!((one.0, two), (true, (true, 1)));
        // The author adds a link, and tells of it.
        site.0.lock().unwrap().0 = "<a href='https://t.example/c'>c</a>";
        assert_eq!(verified("https://t.example/c", false).await, (true, 2));
        // An update sees the page as it is.
        assert_eq!(verified("https://t.example/a", true).await, (false, 3));
    }

    #[tokio::test]
    async fn the_authors_own_page_says_who_wrote_it_and_nothing_depends_on_it() {
        let source: Script = || {
            Ok(page(
                "<div class=h-entry><a class=u-author href=/ann></a><a href='https://t.example/a'>x</a></div>",
            ))
        };
        let about: Script = || Ok(page("<a class=h-card rel=me href='/ann'>Ann</a>"));
        let slow: Script = || Err(FetchError::Connect("refused".into()));
        for (answers, name) in [
            (vec![(SOURCE, source), (ANN, about)], Some("Ann")),
            (vec![(SOURCE, source), (ANN, slow)], None),
            (vec![(SOURCE, source)], None),
        ] {
            let Outcome::Publish(entry) = outcome(&answers, false, false).await else {
                panic!("not shown");
            };
            let author = entry.author.unwrap();
            assert_eq!(author.name.as_deref(), name);
            assert_eq!(author.url.as_deref(), Some(ANN));
        }
    }

    #[tokio::test]
    async fn an_unreadable_page_is_a_failure_without_retry() {
        let outcome = outcome(
            &[(SOURCE, || {
                let Answer::Page(page) = page("") else {
                    unreachable!()
                };
                Ok(Answer::Page(Page {
                    content_type: Some("image/png".into()),
                    ..page
                }))
            })],
            false,
            false,
        )
        .await;
        let Outcome::Failed {
            failure, retry_at, ..
        } = outcome
        else {
            panic!("{outcome:?}");
        };
        assert_eq!((failure.kind, retry_at), (FailureKind::MediaType, None));
    }
}
