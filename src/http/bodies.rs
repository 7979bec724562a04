//! [`Bodies`]: answers that were rendered, kept with their compressed forms for as long as nothing changes, within
//! a budget of memory.
//!
//! What changes in this process is seen at once. What another process changes is looked for once a second at
//! most: so many questions cost no more than a look into a table.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use tokio::sync::watch;

use super::answer;
use crate::model::{PageVersion, Timestamp};
use crate::store::Version;

/// So long an answer is good without a look at the store: another process may have changed something.
const HOLDS_FOR: Duration = Duration::from_secs(1);

/// What an answer takes besides its bodies and its name, in bytes, roughly.
const OVERHEAD: usize = 1024;

/// An answer may take this part of the budget at most: one must not drive out all others.
const SHARE: usize = 8;

/// Shorter bodies are sent as they are: a frame on the network holds them anyhow.
const MIN_COMPRESSED: usize = 1024;

/// How hard compressing is tried, of 11 and of 9: done once for each change, and in the way of who asks first.
const BROTLI_QUALITY: i32 = 5;
const GZIP_LEVEL: u32 = 6;

/// A rendered answer: 200, or 304 to who has it.
#[derive(Debug)]
pub(super) struct Body {
    /// Its `ETag`.
    pub(super) etag: String,
    /// Other headers.
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    /// The version of what it shows.
    pub(super) version: Version,
    plain: Bytes,
    brotli: OnceLock<Bytes>,
    gzip: OnceLock<Bytes>,
}

/// What a client takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Plain,
    Gzip,
    Brotli,
}

/// When a question was asked: what has changed since does not belong to its answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ticket(u64);

/// What is known of a question.
pub(super) enum Known {
    /// The answer, which is good.
    Good(Arc<Body>),
    /// An answer that is good if the version is still this.
    Was(Arc<Body>, PageVersion, Ticket),
    /// Nothing.
    Nothing(Ticket),
}

/// The answers that are kept.
pub(super) struct Bodies {
    budget: usize,
    table: Mutex<Table>,
}

struct Table {
    kept: HashMap<String, Kept>,
    bytes: usize,
    /// Counts uses: the least used one goes first.
    turn: u64,
    changes: watch::Receiver<()>,
    /// Counts changes in this process.
    epoch: u64,
}

struct Kept {
    body: Arc<Body>,
    epoch: u64,
    looked_at: Instant,
    used: u64,
    bytes: usize,
}

impl Bodies {
    /// Keeps `budget` bytes at most; 0: none. `changes` tells of what this process changes.
    pub(super) fn new(budget: usize, changes: watch::Receiver<()>) -> Self {
        Self {
            budget,
            table: Mutex::new(Table {
                kept: HashMap::new(),
                bytes: 0,
                turn: 0,
                changes,
                epoch: 0,
            }),
        }
    }

    /// What is known of the answer to this question. Asked before anything is read.
    pub(super) fn find(&self, question: &str) -> Known {
        let mut table = self.lock();
        let epoch = table.epoch_now();
        table.turn = table.turn.saturating_add(1);
        let turn = table.turn;
        let Some(kept) = table.kept.get_mut(question) else {
            return Known::Nothing(Ticket(epoch));
        };
        kept.used = turn;
        let body = Arc::clone(&kept.body);
        if kept.epoch == epoch && kept.looked_at.elapsed() < HOLDS_FOR {
            Known::Good(body)
        } else {
            let version = body.version.number;
            Known::Was(body, version, Ticket(epoch))
        }
    }

    /// The version was looked at, and is what it was.
    pub(super) fn confirm(&self, question: &str, ticket: Ticket) {
        if let Some(kept) = self.lock().kept.get_mut(question) {
            kept.epoch = ticket.0;
            kept.looked_at = Instant::now();
        }
    }

    /// Keeps an answer, and lets others go where there is no room.
    pub(super) fn keep(&self, question: String, body: &Arc<Body>, ticket: Ticket) {
        // Both compressed forms may come: of text they are a third and less.
        let bytes = [question.len(), body.plain.len(), body.plain.len(), OVERHEAD];
        let bytes = bytes.into_iter().fold(0, usize::saturating_add);
        if bytes > self.budget / SHARE {
            return;
        }
        let mut table = self.lock();
        let kept = Kept {
            body: Arc::clone(body),
            epoch: ticket.0,
            looked_at: Instant::now(),
            used: table.turn,
            bytes,
        };
        if let Some(old) = table.kept.insert(question, kept) {
            table.bytes = table.bytes.saturating_sub(old.bytes);
        }
        table.bytes = table.bytes.saturating_add(bytes);
        while table.bytes > self.budget {
            table.drop_some(self.budget);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn epoch_now(&mut self) -> u64 {
        if self.changes.has_changed().unwrap_or(false) {
            self.changes.mark_unchanged();
            self.epoch = self.epoch.saturating_add(1);
        }
        self.epoch
    }

    /// Lets those go that were not used for longest, until a quarter is free: to look for them takes a walk
    /// through all, which is not to be done for each.
    fn drop_some(&mut self, budget: usize) {
        let mut uses: Vec<_> = self
            .kept
            .values()
            .map(|kept| (kept.used, kept.bytes))
            .collect();
        uses.sort_unstable();
        let aim = budget.saturating_sub(budget / 4);
        let mut left = self.bytes;
        let mut last = 0;
        for (used, bytes) in uses {
            if left <= aim {
                break;
            }
            left = left.saturating_sub(bytes);
            last = used;
        }
        self.kept.retain(|_, kept| kept.used > last);
        self.bytes = self
            .kept
            .values()
            .map(|kept| kept.bytes)
            .fold(0, usize::saturating_add);
    }
}

impl Body {
    /// An answer with this body.
    pub(super) fn new(
        etag: String,
        headers: Vec<(HeaderName, HeaderValue)>,
        version: Version,
        body: Vec<u8>,
    ) -> Self {
        Self {
            etag,
            headers,
            version,
            plain: Bytes::from(body),
            brotli: OnceLock::new(),
            gzip: OnceLock::new(),
        }
    }

    /// The answer to this request.
    pub(super) fn answer(&self, request: &HttpRequest, now: Timestamp) -> HttpResponse {
        if is_unchanged(request, &self.etag, self.version, now) {
            let mut answer = HttpResponse::NotModified();
            self.head(&mut answer, now);
            return answer.finish();
        }
        let mut answer = HttpResponse::Ok();
        self.head(&mut answer, now);
        match Coding::of(request) {
            Coding::Brotli if self.plain.len() >= MIN_COMPRESSED => {
                answer.insert_header((header::CONTENT_ENCODING, "br"));
                answer.body(self.brotli.get_or_init(|| brotli(&self.plain)).clone())
            }
            Coding::Gzip if self.plain.len() >= MIN_COMPRESSED => {
                answer.insert_header((header::CONTENT_ENCODING, "gzip"));
                answer.body(self.gzip.get_or_init(|| gzip(&self.plain)).clone())
            }
            Coding::Plain | Coding::Gzip | Coding::Brotli => answer.body(self.plain.clone()),
        }
    }

    fn head(&self, answer: &mut HttpResponseBuilder, now: Timestamp) {
        for (name, value) in &self.headers {
            answer.append_header((name.clone(), value.clone()));
        }
        if let Some(at) = last_modified(self.version, now) {
            answer.insert_header((header::LAST_MODIFIED, header::HttpDate::from(at)));
        }
        answer
            .insert_header((header::ETAG, self.etag.as_str()))
            .append_header((header::VARY, "accept-encoding"));
    }
}

impl Coding {
    /// The best that the request names; what it refuses (`q=0`) it does not get.
    fn of(request: &HttpRequest) -> Self {
        let accepted = request.headers().get(header::ACCEPT_ENCODING);
        let accepted = accepted.and_then(|value| value.to_str().ok());
        let takes = |coding: &str| {
            accepted.is_some_and(|all| {
                all.split(',').any(|one| {
                    let mut parts = one.split(';').map(str::trim);
                    let is_named = parts
                        .next()
                        .is_some_and(|name| name.eq_ignore_ascii_case(coding));
                    let quality = parts.find_map(|part| part.strip_prefix("q="));
                    let quality = quality.and_then(|q| q.parse::<f32>().ok()).unwrap_or(1.0);
                    is_named && quality > 0.0
                })
            })
        };
        if takes("br") {
            Self::Brotli
        } else if takes("gzip") {
            Self::Gzip
        } else {
            Self::Plain
        }
    }
}

/// The second of the last change, if it is over: another change may follow in one that is not, and who asks
/// by it would never learn of that. RFC 9110 §8.8.2.2.
fn last_modified(version: Version, now: Timestamp) -> Option<std::time::SystemTime> {
    let changed = version.last_change?.time().as_millis().div_euclid(1000);
    let second = u64::try_from(changed).ok()?;
    let is_over = changed < now.as_millis().div_euclid(1000);
    is_over.then(|| std::time::UNIX_EPOCH + Duration::from_secs(second))
}

/// Whether the reader has it already. RFC 9110 §13.1.3: the date counts only where no tag was sent.
fn is_unchanged(request: &HttpRequest, etag: &str, version: Version, now: Timestamp) -> bool {
    if request.headers().contains_key(header::IF_NONE_MATCH) {
        return answer::is_unchanged(request, etag);
    }
    let asked = request
        .headers()
        .get(header::IF_MODIFIED_SINCE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<header::HttpDate>().ok());
    match (asked, last_modified(version, now)) {
        (Some(asked), Some(changed)) => changed <= std::time::SystemTime::from(asked),
        _ => false,
    }
}

fn brotli(plain: &[u8]) -> Bytes {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        size_hint: plain.len(),
        ..Default::default()
    };
    let mut out = Vec::new();
    // Into memory: nothing to fail.
    let _ = brotli::BrotliCompress(&mut &*plain, &mut out, &parameters);
    Bytes::from(out)
}

fn gzip(plain: &[u8]) -> Bytes {
    let level = flate2::Compression::new(GZIP_LEVEL);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
    let _ = encoder.write_all(plain);
    Bytes::from(encoder.finish().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn body(text: &str) -> Arc<Body> {
        Arc::new(Body::new(
            "W/\"1\"".to_owned(),
            Vec::new(),
            Version::default(),
            text.as_bytes().to_vec(),
        ))
    }

    fn ticket(bodies: &Bodies, question: &str) -> Ticket {
        match bodies.find(question) {
            Known::Nothing(ticket) | Known::Was(_, _, ticket) => ticket,
            Known::Good(_) => panic!("{question} is good"),
        }
    }

    fn is_good(bodies: &Bodies, question: &str) -> bool {
        matches!(bodies.find(question), Known::Good(_))
    }

    #[test]
    fn an_answer_is_good_until_something_changes_and_again_when_it_was_not_that() {
        let changes = watch::Sender::new(());
        let bodies = Bodies::new(1 << 20, changes.subscribe());
        bodies.keep("a".to_owned(), &body("x"), ticket(&bodies, "a"));
        assert!(is_good(&bodies, "a") && is_good(&bodies, "a"));
        changes.send_replace(());
        let again = ticket(&bodies, "a");
        assert!(!is_good(&bodies, "a"), "nobody has looked");
        bodies.confirm("a", again);
        assert!(is_good(&bodies, "a"));
        // What was read before a change and kept after it is looked at again.
        let early = ticket(&bodies, "b");
        changes.send_replace(());
        bodies.keep("b".to_owned(), &body("y"), early);
        assert!(!is_good(&bodies, "b"));
    }

    #[test]
    fn what_is_kept_stays_within_the_budget_and_the_least_used_goes() {
        let changes = watch::Sender::new(());
        let budget = 100 * OVERHEAD;
        let bodies = Bodies::new(budget, changes.subscribe());
        let text = "x".repeat(OVERHEAD / 2);
        bodies.keep("first".to_owned(), &body(&text), ticket(&bodies, "first"));
        for n in 0..200 {
            let name = format!("n{n}");
            bodies.keep(name.clone(), &body(&text), ticket(&bodies, &name));
            assert!(is_good(&bodies, "first"), "{n}: it is in use");
            assert!(bodies.lock().bytes <= budget);
        }
        assert!(is_good(&bodies, "n199") && !is_good(&bodies, "n0"));
        let large = "x".repeat(budget / 8);
        bodies.keep("large".to_owned(), &body(&large), ticket(&bodies, "large"));
        assert!(!is_good(&bodies, "large"), "it would drive out the others");
        let none = Bodies::new(0, changes.subscribe());
        none.keep("a".to_owned(), &body("x"), ticket(&none, "a"));
        assert!(!is_good(&none, "a"));
    }

    #[test]
    fn a_client_gets_the_coding_that_it_takes() {
        for (accepted, want) in [
            ("", Coding::Plain),
            ("identity", Coding::Plain),
            ("gzip, deflate, br", Coding::Brotli),
            ("GZIP;q=0.5", Coding::Gzip),
            ("br;q=0, gzip", Coding::Gzip),
            ("brotli", Coding::Plain),
        ] {
            let request = TestRequest::default()
                .insert_header((header::ACCEPT_ENCODING, accepted))
                .to_http_request();
            assert_eq!(Coding::of(&request), want, "{accepted}");
        }
    }

    #[test]
    fn compressed_bodies_are_the_same_when_they_are_opened() {
        use std::io::Read as _;
        let text = "mention after mention ".repeat(1000);
        let mut plain = Vec::new();
        let gzipped = gzip(text.as_bytes());
        flate2::read::GzDecoder::new(&*gzipped)
            .read_to_end(&mut plain)
            .unwrap();
        assert_eq!(plain, text.as_bytes());
        plain.clear();
        let packed = brotli(text.as_bytes());
        brotli_decompressor::BrotliDecompress(&mut &*packed, &mut plain).unwrap();
        assert_eq!(plain, text.as_bytes());
        assert!(gzipped.len() < 1000 && packed.len() < 1000);
    }
}
