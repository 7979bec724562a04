//! Whom to tell that a page's mentions have changed.

use super::*;
use crate::store::{ChangedPage, TellTerms};

const TERMS: TellTerms = TellTerms {
    delay: Duration::from_secs(60),
    interval: Duration::from_secs(600),
};

async fn changed(store: &dyn Store, now: Timestamp) -> Vec<ChangedPage> {
    store.changed_pages(TERMS, 9, now).await.unwrap()
}

async fn saying(store: &dyn Store, title: &str, now: Timestamp) {
    submit(
        store,
        "https://ann.example/post",
        TARGET,
        Protocol::Webmention,
    )
    .await;
    let leased = claim_one(store, now).await;
    let mut entry = entry();
    entry.title = Some(title.to_owned());
    let done = store.finish(leased.lease, publishing(entry), now).await;
    done.unwrap();
}

fn after(seconds: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(seconds))
}

pub(super) async fn a_change_is_given_out_once_and_one_that_comes_meanwhile_is_another(
    store: &dyn Store,
) {
    saying(store, "one", NOW).await;
    assert_eq!(changed(store, after(59)).await, []);
    let page = changed(store, after(60)).await.remove(0);
    assert_eq!(page.url, target(TARGET));
    // Who took it may have died: another has it, but not at once.
    assert_eq!(changed(store, after(61)).await, []);
    let page = changed(store, after(700)).await.remove(0);
    // Verified again, and the same as before: nothing to tell. Other words are.
    saying(store, "one", after(701)).await;
    store
        .plan_pings(page, vec![], TERMS, after(702))
        .await
        .unwrap();
    assert_eq!(changed(store, after(5000)).await, []);
    saying(store, "two", after(5000)).await;
    let page = changed(store, after(5060)).await.remove(0);
    saying(store, "three", after(5061)).await;
    store
        .plan_pings(page, vec![], TERMS, after(5062))
        .await
        .unwrap();
    assert_eq!(changed(store, after(5130)).await, []);
    let page = changed(store, after(5660)).await.remove(0);
    store
        .plan_pings(page, vec![], TERMS, after(5661))
        .await
        .unwrap();
    // What nobody was told of for a day is told no more.
    saying(store, "four", after(6000)).await;
    assert_eq!(changed(store, after(6000 + 24 * 3600 + 1)).await, []);
}

pub(super) async fn a_pair_is_told_once_in_the_interval(store: &dyn Store) {
    saying(store, "one", NOW).await;
    let page = changed(store, after(60)).await.remove(0);
    let pair = (source(TARGET), target("https://up.example/"));
    let plan = async |now| {
        let pings = vec![pair.clone(), pair.clone()];
        store
            .plan_pings(page.clone(), pings, TERMS, now)
            .await
            .unwrap();
    };
    let due = async |now| store.due_pings(9, LEASE, now).await.unwrap();
    plan(after(60)).await;
    let ping = due(after(60)).await.remove(0);
    assert_eq!(
        (&ping.source, &ping.target, ping.attempts),
        (&pair.0, &pair.1, 1)
    );
    // Under way: nobody else has it, until its time has run out.
    assert_eq!(due(after(61)).await, []);
    let ping = due(after(70)).await.remove(0);
    assert_eq!(ping.attempts, 2);
    store
        .ping_ended(ping.id, Some(after(130)), after(71))
        .await
        .unwrap();
    assert_eq!(due(after(129)).await, []);
    let ping = due(after(130)).await.remove(0);
    store.ping_ended(ping.id, None, after(131)).await.unwrap();
    assert_eq!(due(after(9999)).await, []);
    plan(after(200)).await;
    assert_eq!(due(after(730)).await, []);
    let ping = due(after(731)).await.remove(0);
    assert_eq!(ping.attempts, 1);
    store.ping_ended(ping.id, None, after(732)).await.unwrap();
}
