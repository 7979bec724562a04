//! Who follows mentions over HTTP, while many arrive, sees each of them once.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use serde_json::Value;

use crate::support::{TestService, form, mentions};

const BLOG: &str = "https://blog.example";
const TARGET: &str = "https://blog.example/post";

/// So many store mentions at once, so many each, in rounds of so many.
const WRITERS: usize = 8;
const EACH: usize = 75;
const ROUND: usize = 5;

/// Asks again and again, each time from where the last answer ended, until nothing is written any more and
/// nothing new comes: how often each number was told.
async fn followed(
    is_over: &AtomicBool,
    mut ask: impl AsyncFnMut() -> Vec<u64>,
) -> BTreeMap<u64, usize> {
    let mut seen = BTreeMap::new();
    loop {
        // What is written by now is in the answer that follows.
        let is_over = is_over.load(Ordering::SeqCst);
        let numbers = ask().await;
        if is_over && numbers.is_empty() {
            return seen;
        }
        for number in numbers {
            *seen.entry(number).or_default() += 1;
        }
    }
}

/// By the cursor of our own API.
async fn by_cursor(
    service: &TestService,
    sort: &str,
    is_over: &AtomicBool,
) -> BTreeMap<u64, usize> {
    let mut end: Option<String> = None;
    followed(is_over, async || {
        let mut parameters = vec![
            ("domain", "blog.example"),
            ("sort", sort),
            ("order", "asc"),
            ("limit", "20"),
        ];
        parameters.extend(end.as_deref().map(|end| ("cursor", end)));
        let path = format!("/api/v1/mentions?{}", form(&parameters));
        let page = service.get(&path).await.json();
        if let Some(new) = page["end"].as_str() {
            end = Some(new.to_owned());
        }
        numbers(&page["mentions"])
    })
    .await
}

/// By the greatest number that is known, as webmention.io has it.
async fn by_number(service: &TestService, is_over: &AtomicBool) -> BTreeMap<u64, usize> {
    let mut last = 0;
    followed(is_over, async || {
        let since = last.to_string();
        let parameters = [
            ("target", TARGET),
            ("since_id", &since),
            ("sort-dir", "up"),
            ("per-page", "20"),
        ];
        let path = format!("/api/mentions?{}", form(&parameters));
        let numbers = numbers(&service.get(&path).await.json()["links"]);
        last = numbers.iter().copied().max().unwrap_or(last);
        numbers
    })
    .await
}

fn numbers(list: &Value) -> Vec<u64> {
    let list = list.as_array().unwrap().iter();
    list.map(|one| one["id"].as_u64().unwrap()).collect()
}

#[actix_web::test]
async fn who_follows_sees_each_mention_once_while_eight_write() {
    let service = TestService::start_serving(&[BLOG], |_| {}).await;
    let is_over = AtomicBool::new(false);
    let write = async |writer: usize| {
        let all = writer * EACH..(writer + 1) * EACH;
        for first in all.step_by(ROUND) {
            mentions::store(service.store().as_ref(), TARGET, first..first + ROUND).await;
        }
    };
    let writers = async {
        join_all((0..WRITERS).map(write)).await;
        is_over.store(true, Ordering::SeqCst);
    };
    let ((), received, changed, numbered) = tokio::join!(
        writers,
        by_cursor(&service, "received", &is_over),
        by_cursor(&service, "changed", &is_over),
        by_number(&service, &is_over),
    );
    for seen in [&received, &changed, &numbered] {
        assert_eq!(seen.len(), WRITERS * EACH);
        assert!(seen.values().all(|times| *times == 1), "{seen:?}");
    }
    assert!(received.keys().eq(numbered.keys()));
}
