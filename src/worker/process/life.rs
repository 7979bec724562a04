//! The life of a mention: what becomes of each state at each answer of the source, as one table. It stands
//! in `docs/protocol.md`, and is made here by the real rule on a real store.
//!
//! `UPDATE_DOCS=1 cargo test --lib the_life_of_a_mention` writes it there anew.

use std::fmt::Write as _;
use std::path::Path;

use super::*;
use crate::fetch::Answer;
use crate::model::{
    Entry, MentionKind, Protocol, Removal, SiteBase, SourceUrl, State, StatusKey, Submission,
    Validators,
};
use crate::store::sqlite::SqliteStore;
use crate::store::{ClaimRequest, Manners, MentionQuery, Store};
use answers::{ANSWERS, Script, Scripted, fails, ok, validators};

mod answers;

const SOURCE: &str = "https://s.example/post";
const MOVED: &str = "https://new.example/post";
const TARGET: &str = "https://t.example/a";
const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const DAY: Duration = Duration::from_secs(24 * 3600);
const LINK: &str = "<p>It says <a href='https://t.example/a'>something new</a>.";

/// The columns of the table: how a mention stands when its source is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    New,
    Rejected,
    Known,
    Looked,
    Doubted,
    Failing,
    NoLink,
    Gone,
}

impl Stands {
    const ALL: [(Self, &'static str); 8] = [
        (Self::New, "new"),
        (Self::Rejected, "rejected, sent again"),
        (Self::Known, "shown, sent again"),
        (Self::Looked, "shown, looked after"),
        (Self::Doubted, "… and had no link a day before"),
        (Self::Failing, "… and has failed for a year"),
        (Self::NoLink, "deleted for no link, sent again"),
        (Self::Gone, "deleted for 410, sent again"),
    ];
}

/// One mention on a store of its own.
struct Life {
    store: SqliteStore,
    key: StatusKey,
    now: Timestamp,
    patience: Option<Duration>,
    _folder: tempfile::TempDir,
}

impl Life {
    /// Brings a mention to where it `stands`, about to be asked.
    async fn at(stands: Stands, patience: Option<Duration>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("life.sqlite")).unwrap();
        let base = SiteBase::parse("https://t.example").unwrap();
        store.add_site(&[base], NOW).await.unwrap();
        let mut life = Self {
            store,
            key: StatusKey::from_bytes([0; 16]),
            now: NOW,
            patience,
            _folder: folder,
        };
        life.send().await;
        if stands == Stands::New {
            return life;
        }
        if stands == Stands::Rejected {
            let outcome = Outcome::NoLink {
                moved_to: None,
                near_misses: Vec::new(),
                recheck_at: None,
            };
            life.finish(outcome).await;
            life.send().await;
            return life;
        }
        let entry = Entry::bare(MentionKind::Mention, SOURCE.to_owned());
        life.finish(Outcome::Publish(Box::new(Publication {
            ended_at: "https://s.example/".parse().unwrap(),
            moved_to: None,
            entry,
            validators: Some(validators()),
            next_check: schedule::next_check(None, NOW, Jitter(0.0)),
        })))
        .await;
        match stands {
            Stands::New | Stands::Rejected => unreachable!(),
            Stands::Known => life.send().await,
            Stands::Looked => life.wait(DAY).await,
            Stands::Doubted => {
                life.wait(DAY).await;
                life.answer(|| ok(SOURCE, "<p>Nothing.")).await;
                life.wait(DAY).await;
            }
            Stands::Failing => {
                life.wait(DAY).await;
                for wait in [1, 6, 24, 7 * 24] {
                    life.answer(|| fails(FetchError::NotFound)).await;
                    life.wait(Duration::from_secs(3600) * wait).await;
                }
                life.now = life.now.plus(DAY * 365);
            }
            Stands::NoLink => {
                life.send().await;
                life.answer(|| ok(SOURCE, "<p>Nothing.")).await;
                life.send().await;
            }
            Stands::Gone => {
                life.send().await;
                life.answer(|| (Vec::new(), Ok(Answer::Gone))).await;
                life.send().await;
            }
        }
        life
    }

    async fn send(&mut self) {
        let submission = Submission {
            source: SourceUrl::parse(SOURCE).unwrap(),
            target: TargetUrl::parse(TARGET).unwrap(),
            protocol: Protocol::Webmention,
            vouch: None,
            code: None,
        };
        let site = self.store.site_of(&submission.target).await.unwrap();
        let accepted = self.store.accept(submission, site.unwrap(), self.now).await;
        self.key = accepted.unwrap().key;
    }

    /// Lets time pass, after which a check must be due.
    async fn wait(&mut self, wait: Duration) {
        self.now = self.now.plus(wait);
        assert_eq!(self.store.enqueue_checks(9, self.now).await.unwrap(), 1);
    }

    async fn claim(&self, now: Timestamp) -> Vec<Leased> {
        let request = ClaimRequest {
            limit: 9,
            per_host: 9,
            busy: std::collections::HashMap::new(),
            lease: DAY,
            manners: Manners::default(),
        };
        let claimed = self.store.claim(request, now).await.unwrap();
        let batches = claimed.batches.into_iter();
        batches.flat_map(|batch| batch.leased).collect()
    }

    async fn claim_one(&self) -> Leased {
        let mut leased = self.claim(self.now).await;
        assert_eq!(leased.len(), 1);
        leased.remove(0)
    }

    async fn finish(&self, outcome: Outcome) {
        let lease = self.claim_one().await.lease;
        self.store.finish(lease, outcome, self.now).await.unwrap();
    }

    /// Verifies what is due, by the rule.
    async fn answer(&self, script: Script) {
        let leased = self.claim_one().await;
        let circumstances = Circumstances {
            now: self.now,
            jitter: Jitter(0.0),
            receiver: None,
            check_targets: false,
            patience: self.patience,
            authors: &Authors::default(),
            readers: &Semaphore::new(1),
            pages: &Pages::default(),
            ticket: 0,
            targets: &Targets::default(),
            vouches: &Vouches::default(),
            tokens: &Tokens::default(),
            door: &Doorkeeper::new(Arc::default(), self.now),
        };
        let outcome = verify(&Scripted(script), &leased, &circumstances).await;
        let finished = self.store.finish(leased.lease, outcome, self.now).await;
        finished.unwrap();
    }

    /// What came of it, in words: what is shown, what the status page says, when it is asked again.
    async fn tell(&self) -> String {
        let page = TargetUrl::parse(TARGET).unwrap().page_key();
        let query = MentionQuery::newest(page, 9);
        let shown = self.store.mentions(&query).await.unwrap().mentions;
        assert!(shown.len() <= 1);
        let shown = match shown.first() {
            None => "–".to_owned(),
            Some(mention) => {
                let excerpt = mention.entry.excerpt.as_ref();
                let is_new = excerpt.is_some_and(|excerpt| excerpt.linked == "something new");
                let mut words = if is_new { "**shown**" } else { "kept" }.to_owned();
                if mention.source.as_str() != SOURCE {
                    assert_eq!(mention.source.as_str(), MOVED);
                    words.push_str(" at its new address");
                }
                words
            }
        };
        let status = self.store.status(self.key).await.unwrap().unwrap();
        let state = status.state.as_str();
        let state = match &status.state {
            State::Accepted {
                last_failure: Some(failure),
                ..
            }
            | State::Failed(failure) => format!("{state} ({})", failure.kind.as_str()),
            State::Deleted(Removal::NoLink) => format!("{state} (no link)"),
            State::Deleted(Removal::Gone) => format!("{state} (gone)"),
            State::Deleted(Removal::Dead) => format!("{state} (dead)"),
            State::Deleted(Removal::Blocked) => format!("{state} (blocked)"),
            State::Accepted { .. } | State::Pending | State::Rejected { .. } => state.to_owned(),
        };
        format!("{shown}; {state}; {}", self.when().await)
    }

    /// When the source is asked again: the first of the moments that the schedules know.
    async fn when(&self) -> &'static str {
        let minute = Duration::from_secs(60);
        for (wait, words) in [
            (minute / 6, "10 s"),
            (minute, "1 min"),
            (minute * 10, "10 min"),
            (minute * 60, "1 h"),
            (minute * 120, "2 h"),
            (minute * 360, "6 h"),
            (DAY, "1 d"),
            (DAY * 7, "7 d"),
            (DAY * 30, "30 d"),
            (DAY * 91, "91 d"),
        ] {
            let just_before = self.now.plus(wait.saturating_sub(Duration::from_millis(1)));
            self.store.enqueue_checks(9, just_before).await.unwrap();
            assert!(self.claim(just_before).await.is_empty(), "before {words}");
            self.store
                .enqueue_checks(9, self.now.plus(wait))
                .await
                .unwrap();
            if !self.claim(self.now.plus(wait)).await.is_empty() {
                return words;
            }
        }
        "–"
    }
}

/// The table, as it stands in the document.
async fn table() -> String {
    let mut table = String::from("| The source answers |");
    for (_, name) in Stands::ALL {
        write!(table, " {name} |").unwrap();
    }
    table.push_str("\n|---|");
    table.push_str(&"---|".repeat(Stands::ALL.len()));
    for (name, script) in ANSWERS {
        write!(table, "\n| {name} |").unwrap();
        // All at once: most of the time is spent waiting for the disk.
        let cells = Stands::ALL.map(async |(stands, _)| {
            let life = Life::at(stands, None).await;
            life.answer(script).await;
            life.tell().await
        });
        for cell in futures_util::future::join_all(cells).await {
            write!(table, " {cell} |").unwrap();
        }
    }
    table
}

#[tokio::test]
async fn the_life_of_a_mention_is_as_documented() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/protocol.md");
    let document = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = document.split_once("| The source answers |").unwrap();
    let (documented, after) = rest.split_once("\n\n").unwrap();
    let table = table().await;
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, format!("{before}{table}\n\n{after}")).unwrap();
        return;
    }
    let documented = format!("| The source answers |{documented}");
    for (documented, made) in documented.lines().zip(table.lines()) {
        assert_eq!(documented, made, "UPDATE_DOCS=1 writes the table anew");
    }
    assert_eq!(documented.lines().count(), table.lines().count());
}

#[tokio::test]
async fn a_source_that_is_away_for_long_goes_only_where_the_owner_says_so() {
    for (patience, want) in [
        (Some(DAY * 366), "–; deleted (dead); –"),
        (Some(DAY * 400), "kept; accepted (not_found); 30 d"),
        (None, "kept; accepted (not_found); 30 d"),
    ] {
        let life = Life::at(Stands::Failing, patience).await;
        life.answer(|| fails(FetchError::NotFound)).await;
        assert_eq!(life.tell().await, want);
    }
}
