//! [`Vouches`]: pages that vouch for sources, fetched at a pace for each domain: senders choose whose.

use async_trait::async_trait;

use super::MAX_DOMAINS;
use super::pages::{Got, Need, Pages};
use crate::fetch::{Fetch, FetchError, Fetched};
use crate::model::{Pace, SharedPaces, SourceUrl, Timestamp, domain_of};
use crate::store::Leased;

/// How often pages of each domain were fetched to vouch for others, by this process.
#[derive(Debug, Default)]
pub(super) struct Vouches(SharedPaces<String>);

impl Vouches {
    /// Pages of one domain are fetched at this pace; `None` sets no limit.
    pub(super) fn new(pace: Option<Pace>) -> Self {
        Self(SharedPaces::new(pace, MAX_DOMAINS))
    }

    /// The page at `vouch`, as it was after the submission came.
    ///
    /// # Errors
    /// As [`Pages::get`]; [`FetchError::TooOften`] if its domain was asked often enough.
    pub(super) async fn page(
        &self,
        vouch: &SourceUrl,
        leased: &Leased,
        (pages, ticket): (&Pages, u64),
        fetch: &dyn Fetch,
        now: Timestamp,
    ) -> Result<Got, FetchError> {
        let need = Need {
            since: leased.since,
            ticket,
            may_be_older: false,
            unless: None,
        };
        let paced = Paced {
            paces: &self.0,
            fetch,
            now,
        };
        pages.get(vouch, &paced, now, need).await
    }
}

/// Fetches what its domain's pace allows.
struct Paced<'a> {
    paces: &'a SharedPaces<String>,
    fetch: &'a dyn Fetch,
    now: Timestamp,
}

#[async_trait]
impl Fetch for Paced<'_> {
    async fn fetch(&self, source: &SourceUrl) -> Fetched {
        match self.paces.take(domain_of(source.host()), self.now) {
            Ok(()) => self.fetch.fetch(source).await,
            Err(wait) => Fetched {
                hops: Vec::new(),
                answer: Err(FetchError::TooOften(wait)),
                validators: None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::stub::{NothingThere, leased};

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    #[tokio::test]
    async fn submissions_that_name_many_vouches_of_one_domain_fetch_no_more_than_its_pace() {
        let (vouches, pages) = (Vouches::new(Pace::hourly(60)), Pages::default());
        let server = NothingThere::default();
        let leased = leased("https://s.example/", "https://t.example/", NOW);
        let ask = async |url: String, ticket| {
            let vouch = SourceUrl::parse(&url).unwrap();
            vouches
                .page(&vouch, &leased, (&pages, ticket), &server, NOW)
                .await
                .unwrap_err()
        };
        // One that many name is one fetch.
        for _ in 0..100 {
            ask("https://victim.example/blogroll".to_owned(), 0).await;
        }
        assert_eq!(server.asked(), 1);
        for n in 0..1000 {
            let refused = ask(format!("https://s{n}.victim.example/{n}"), pages.ticket()).await;
            assert_eq!(refused.retry_after().is_some(), n >= 29, "{n}: {refused}");
        }
        assert_eq!(server.asked(), 30);
        ask("https://other.example/".to_owned(), pages.ticket()).await;
        assert_eq!(server.asked(), 31);
    }
}
