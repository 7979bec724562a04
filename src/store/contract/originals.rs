//! What every store must do with one post that comes by several roads: show it once.

use super::*;
use crate::model::Mention;

/// Where the original is.
const POST: &str = "https://silo.example/ann/1";

/// The same post's own page, as its silo might send it.
const NATIVE: &str = "https://silo.example/ann/1?ref=web";

/// Two bridges' pages of it.
const BRIDGE: &str = "https://bridge.example/like/1";
const OTHER_BRIDGE: &str = "https://other.example/1";

/// Submits `from` and finishes it with what it says: a like whose address is `url`.
async fn receive(store: &dyn Store, from: &str, to: &str, url: &str) -> Finished {
    submit(store, from, to, Protocol::Webmention).await;
    let entry = Entry::bare(MentionKind::Like, url.into());
    finish(store, publishing(entry)).await
}

/// Submits `from` again and finishes it with `outcome`.
async fn again(store: &dyn Store, from: &str, outcome: Outcome) -> Finished {
    submit(store, from, TARGET, Protocol::Webmention).await;
    finish(store, outcome).await
}

/// The sources that are shown, newest first. The page's count is held against them.
async fn sources(store: &dyn Store, page: &str) -> Vec<String> {
    let all: Vec<Mention> = shown(store, page).await;
    all.iter().map(|m| m.source.as_str().to_owned()).collect()
}

pub(super) async fn a_post_by_two_bridges_is_shown_once_as_it_came_first(store: &dyn Store) {
    let first = receive(store, BRIDGE, TARGET, POST).await;
    assert!(matches!(first, Finished::Added(_)));
    let slash = "http://silo.example/ann/1/";
    let second = receive(store, OTHER_BRIDGE, TARGET, slash).await;
    assert!(matches!(second, Finished::Added(_)));
    assert_eq!(sources(store, TARGET).await, [BRIDGE]);
    // Both are known all the same.
    assert!(matches!(
        receive(store, OTHER_BRIDGE, TARGET, POST).await,
        Finished::Updated(_)
    ));
    assert_eq!(sources(store, TARGET).await, [BRIDGE]);
    // Who liked it is in the fragment: that is another post.
    let liked = "https://silo.example/ann/1#liked-by-bob";
    receive(store, "https://bridge.example/like/2", TARGET, liked).await;
    assert_eq!(sources(store, TARGET).await.len(), 2);
}

pub(super) async fn a_native_post_is_shown_before_a_bridged_one_whichever_came_first(
    store: &dyn Store,
) {
    receive(store, BRIDGE, TARGET, POST).await;
    receive(store, NATIVE, TARGET, POST).await;
    assert_eq!(sources(store, TARGET).await, [NATIVE]);
    let second = "https://blog.example/second";
    receive(store, NATIVE, second, POST).await;
    receive(store, BRIDGE, second, POST).await;
    assert_eq!(sources(store, second).await, [NATIVE]);
}

pub(super) async fn when_the_shown_road_ends_the_next_one_is_shown(store: &dyn Store) {
    for from in [OTHER_BRIDGE, BRIDGE, NATIVE] {
        receive(store, from, TARGET, POST).await;
    }
    assert_eq!(sources(store, TARGET).await, [NATIVE]);
    assert_eq!(again(store, NATIVE, no_link()).await, Finished::Removed);
    assert_eq!(sources(store, TARGET).await, [OTHER_BRIDGE]);
    // One that is not shown goes without a trace.
    assert_eq!(again(store, BRIDGE, gone()).await, Finished::Removed);
    assert_eq!(sources(store, TARGET).await, [OTHER_BRIDGE]);
    let last = again(store, OTHER_BRIDGE, gone()).await;
    assert_eq!(last, Finished::Removed);
    assert!(sources(store, TARGET).await.is_empty());
}

pub(super) async fn an_update_of_the_address_moves_a_mention_to_another_original(
    store: &dyn Store,
) {
    let other = "https://silo.example/ann/2";
    receive(store, BRIDGE, TARGET, POST).await;
    receive(store, OTHER_BRIDGE, TARGET, POST).await;
    // The shown one leaves: the other is shown in its place, and both are.
    receive(store, BRIDGE, TARGET, other).await;
    assert_eq!(sources(store, TARGET).await, [OTHER_BRIDGE, BRIDGE]);
    // The other follows it there, and came later.
    receive(store, OTHER_BRIDGE, TARGET, other).await;
    assert_eq!(sources(store, TARGET).await, [BRIDGE]);
    // A hidden one leaves.
    receive(store, OTHER_BRIDGE, TARGET, POST).await;
    assert_eq!(sources(store, TARGET).await, [OTHER_BRIDGE, BRIDGE]);
    // The first comes back to where the other is shown by now.
    receive(store, BRIDGE, TARGET, POST).await;
    assert_eq!(sources(store, TARGET).await, [BRIDGE]);
}

pub(super) async fn a_post_that_mentions_two_pages_is_shown_on_both(store: &dyn Store) {
    let second = "https://blog.example/second";
    receive(store, BRIDGE, TARGET, POST).await;
    receive(store, OTHER_BRIDGE, second, POST).await;
    receive(store, NATIVE, second, POST).await;
    assert_eq!(sources(store, TARGET).await, [BRIDGE]);
    assert_eq!(sources(store, second).await, [NATIVE]);
    again(store, BRIDGE, no_link()).await;
    assert!(sources(store, TARGET).await.is_empty());
    assert_eq!(sources(store, second).await, [NATIVE]);
}

pub(super) async fn the_version_moves_with_what_is_shown_and_not_with_what_is_hidden(
    store: &dyn Store,
) {
    let version = async || version(store, TARGET).await;
    receive(store, BRIDGE, TARGET, POST).await;
    let first = version().await;
    receive(store, OTHER_BRIDGE, TARGET, POST).await;
    again(store, OTHER_BRIDGE, no_link()).await;
    assert_eq!(version().await, first);
    receive(store, NATIVE, TARGET, POST).await;
    let native = version().await;
    assert!(native > first);
    receive(store, BRIDGE, TARGET, POST).await;
    assert_eq!(version().await, native);
    again(store, NATIVE, no_link()).await;
    let bridged = version().await;
    assert!(bridged > native);
    receive(store, BRIDGE, TARGET, "https://silo.example/ann/2").await;
    assert!(version().await > bridged);
}

pub(super) async fn pages_of_mentions_pass_over_what_is_hidden(store: &dyn Store) {
    for n in 0..6 {
        let post = format!("https://silo.example/{n}");
        for bridge in ["bridge", "other"] {
            let from = format!("https://{bridge}.example/{n}");
            receive(store, &from, TARGET, &post).await;
        }
    }
    let page = target(TARGET).page_key();
    let mut seen = Vec::new();
    let mut query = MentionQuery::newest(page, 2);
    loop {
        let part = store.mentions(&query).await.unwrap();
        assert_eq!((part.total, part.mentions.len()), (Some(6), 2));
        seen.extend(part.mentions.iter().map(|m| m.entry.url.clone()));
        match part.next() {
            Some(next) => query.start = Start::After(next),
            None => break,
        }
    }
    let want: Vec<String> = (0..6)
        .rev()
        .map(|n| format!("https://silo.example/{n}"))
        .collect();
    assert_eq!(seen, want);
}
