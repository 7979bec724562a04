use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;
use url::Url;

use super::*;
use crate::fetch::{Answer, Fetched};
use crate::model::SourceUrl;
use crate::worker::stub;

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
            validators: None,
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
    stub::leased(SOURCE, TARGET, NOW)
}

async fn outcome(answers: &[(&'static str, Script)], known: bool, check_targets: bool) -> Outcome {
    let leased = Leased {
        known: known.then(Known::default),
        ..leased()
    };
    let circumstances = Circumstances {
        now: NOW,
        jitter: Jitter(0.0),
        receiver: None,
        check_targets,
        patience: None,
        authors: &Authors::default(),
        readers: &Semaphore::new(1),
        pages: &Pages::default(),
        ticket: 0,
        targets: &Targets::default(),
        vouches: &Vouches::default(),
        tokens: &Tokens::default(),
        door: &Doorkeeper::new(Arc::default(), NOW),
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
    assert_eq!(gone, Outcome::Gone { moved_to: None });
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
    async fn fetch(&self, _: &SourceUrl) -> Fetched {
        let mut now = self.0.lock().unwrap();
        now.1 = now.1.saturating_add(1);
        Fetched {
            hops: Vec::new(),
            validators: None,
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
    let door = Doorkeeper::new(Arc::default(), NOW);
    let verified = async |target: &str, known: bool| {
        let circumstances = Circumstances {
            now: NOW,
            jitter: Jitter(0.0),
            receiver: None,
            check_targets: false,
            patience: None,
            authors: &authors,
            readers: &Semaphore::new(1),
            pages: &pages,
            ticket: pages.ticket(),
            targets: &Targets::default(),
            vouches: &Vouches::default(),
            tokens: &Tokens::default(),
            door: &door,
        };
        let leased = Leased {
            target: TargetUrl::parse(target).unwrap(),
            known: known.then(Known::default),
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
        let Outcome::Publish(published) = outcome(&answers, false, false).await else {
            panic!("not shown");
        };
        let author = published.entry.author.unwrap();
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
