//! [`Authors`]: who wrote what, where only the author's own page says it. mf2 authorship, 7.
//!
//! One author's posts name one page: what it said is kept for a while, so that a burst of mentions asks
//! it once or twice and not once for each.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::timeout;

use crate::fetch::{Answer, Fetch};
use crate::model::{Author, SourceUrl, Timestamp};
use crate::parse;

/// How long an answer holds, and how long the lack of one.
const KEEP: Duration = Duration::from_secs(3600);
const KEEP_NONE: Duration = Duration::from_secs(600);
/// How many answers are kept.
const MAX_KNOWN: usize = 1000;
/// A mention waits no longer for its author.
const PATIENCE: Duration = Duration::from_secs(5);

/// What authors' pages said, in this process.
#[derive(Debug, Default)]
pub(super) struct Authors {
    known: Mutex<HashMap<SourceUrl, (Timestamp, Option<Author>)>>,
}

/// Whether a page was asked lately.
enum Known {
    Nothing,
    /// It was, and said this.
    Said(Option<Author>),
}

impl Authors {
    /// Who the page at `url` belongs to; none if it does not say, or not in time.
    pub(super) async fn at(
        &self,
        url: &SourceUrl,
        fetch: &dyn Fetch,
        now: Timestamp,
    ) -> Option<Author> {
        if let Known::Said(author) = self.known(url, now) {
            return author;
        }
        let fetched = timeout(PATIENCE, fetch.fetch(url)).await;
        let author = match fetched.map(|fetched| fetched.answer) {
            Ok(Ok(Answer::Page(page))) => {
                let about = url.as_url().clone();
                // A page may take milliseconds to read, and a panic in its reader must cost no mention.
                tokio::task::spawn_blocking(move || parse::read_author(&page, &about))
                    .await
                    .unwrap_or_default()
            }
            Ok(Ok(Answer::Gone | Answer::Unchanged) | Err(_)) | Err(_) => None,
        };
        self.keep(url, author.clone(), now);
        author
    }

    fn known(&self, url: &SourceUrl, now: Timestamp) -> Known {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match known.get(url) {
            Some((since, Some(author))) if now.since(*since) < KEEP => {
                Known::Said(Some(author.clone()))
            }
            Some((since, None)) if now.since(*since) < KEEP_NONE => Known::Said(None),
            _ => Known::Nothing,
        }
    }

    fn keep(&self, url: &SourceUrl, author: Option<Author>, now: Timestamp) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_KNOWN {
            known.retain(|_, (since, _)| now.since(*since) < KEEP_NONE);
        }
        if known.len() >= MAX_KNOWN {
            known.clear();
        }
        known.insert(url.clone(), (now, author));
    }
}

/// The author as their own page has it, with what it leaves out as the source has it.
pub(super) fn merged(own: Author, suggested: Option<Author>) -> Author {
    let suggested = suggested.unwrap_or_default();
    Author {
        name: own.name.or(suggested.name),
        url: own.url.or(suggested.url),
        photo: own.photo.or(suggested.photo),
    }
}
