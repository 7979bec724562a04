//! [`Authors`]: who wrote what, where only the author's own page says it. mf2 authorship, 7.
//!
//! One author's posts name one page: what it said is kept for a while, so that a burst of mentions asks
//! it once or twice and not once for each. Posts that name ever other pages of one domain run into its pace.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::timeout;

use super::{MAX_DOMAINS, reading};
use crate::fetch::{Answer, Fetch};
use crate::model::{Author, Pace, SharedPaces, SourceUrl, Timestamp, domain_of};
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
    /// How many authors' pages of one domain are fetched: posts choose whose pages they name.
    paces: SharedPaces<String>,
}

/// Whether a page was asked lately.
enum Known {
    Nothing,
    /// It was, and said this.
    Said(Option<Author>),
}

impl Authors {
    /// Nothing yet; pages of one domain are fetched at this pace.
    pub(super) fn new(pace: Option<Pace>) -> Self {
        Self {
            paces: SharedPaces::new(pace, MAX_DOMAINS),
            ..Self::default()
        }
    }

    /// Who the page at `url` belongs to; none if it does not say, or not in time, or was asked too often.
    pub(super) async fn at(
        &self,
        url: &SourceUrl,
        fetch: &dyn Fetch,
        now: Timestamp,
    ) -> Option<Author> {
        if let Known::Said(author) = self.known(url, now) {
            return author;
        }
        if self.paces.take(domain_of(url.host()), now).is_err() {
            return None;
        }
        let fetched = timeout(PATIENCE, fetch.fetch(url)).await;
        let author = match fetched.map(|fetched| fetched.answer) {
            Ok(Ok(Answer::Page(page))) => {
                let about = url.as_url().clone();
                let read = move || parse::read_author(&page, &about);
                reading::apart("authors' pages", read).await.flatten()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::stub::NothingThere;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    #[tokio::test]
    async fn posts_that_name_many_pages_of_one_domain_fetch_no_more_than_its_pace() {
        let (authors, server) = (Authors::new(Pace::hourly(60)), NothingThere::default());
        for n in 0..1000 {
            let page = format!("https://s{n}.victim.example/{n}");
            let page = SourceUrl::parse(&page).unwrap();
            assert_eq!(authors.at(&page, &server, NOW).await, None);
        }
        assert_eq!(server.asked(), 30);
        let other = SourceUrl::parse("https://other.example/").unwrap();
        authors.at(&other, &server, NOW).await;
        assert_eq!(server.asked(), 31);
    }
}
