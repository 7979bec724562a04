//! [`Bodies`]: answers that were rendered, kept with their compressed forms for as long as nothing changes, within
//! a budget of memory.
//!
//! What changes in this process is seen at once. What another process changes is looked for once a second at
//! most: so many questions cost no more than a look into a table.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

mod body;
mod coding;
mod head;
mod question;

pub(super) use self::body::Body;
pub(super) use self::head::{Head, Keep};
pub(super) use self::question::{Question, Rendered};

/// So long an answer is good without a look at the store: another process may have changed something.
const HOLDS_FOR: Duration = Duration::from_secs(1);

/// What an answer takes besides its bodies and its name, in bytes, roughly.
const OVERHEAD: usize = 1024;

/// An answer may take this part of the budget at most: one must not drive out all others.
const SHARE: usize = 8;

/// When a question was asked: what has changed since does not belong to its answer.
#[derive(Debug, Clone, Copy)]
struct Ticket(u64);

/// What is known of a question.
enum Known {
    /// The answer, which is good.
    Good(Arc<Body>),
    /// An answer that is good if the version is still the same.
    Was(Arc<Body>, Ticket),
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
    fn find(&self, question: &str) -> Known {
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
            Known::Was(body, Ticket(epoch))
        }
    }

    /// Has every answer looked at again before it is given: somebody knows of a change.
    pub(super) fn distrust(&self) {
        let mut table = self.lock();
        table.epoch = table.epoch.saturating_add(1);
    }

    /// The version was looked at, and is what it was when this answer was rendered.
    fn confirm(&self, question: &str, body: &Arc<Body>, ticket: Ticket) {
        let mut table = self.lock();
        // Another one may have taken its place.
        let kept = table.kept.get_mut(question);
        if let Some(kept) = kept.filter(|kept| Arc::ptr_eq(&kept.body, body)) {
            kept.epoch = ticket.0;
            kept.looked_at = Instant::now();
        }
    }

    /// Keeps an answer, and lets others go where there is no room.
    fn keep(&self, question: String, body: &Arc<Body>, ticket: Ticket) {
        let bytes = [question.len(), body.bytes(), OVERHEAD];
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Version;

    fn body(text: &str) -> Arc<Body> {
        let head = Head::new(Keep::Asking, "W/\"1\"", Version::default());
        Arc::new(Body::new(head, text.as_bytes().to_vec()))
    }

    fn ticket(bodies: &Bodies, question: &str) -> Ticket {
        match bodies.find(question) {
            Known::Nothing(ticket) | Known::Was(_, ticket) => ticket,
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
        let one = body("x");
        bodies.confirm("a", &one, again);
        assert!(!is_good(&bodies, "a"), "another one was looked at");
        bodies.keep("a".to_owned(), &one, again);
        assert!(is_good(&bodies, "a"));
        bodies.distrust();
        let again = ticket(&bodies, "a");
        bodies.confirm("a", &one, again);
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
}
