//! What every store must do with what was found: keep it, show it, take it away.

use super::*;

pub(super) async fn everything_an_entry_says_comes_back(store: &dyn Store) {
    let accepted = submit(
        store,
        "https://ann.example/post",
        TARGET,
        Protocol::Webmention,
    )
    .await;
    let Finished::Added(id) = finish(store, publish()).await else {
        panic!("not added");
    };
    assert_eq!(
        state(store, accepted).await,
        State::Accepted {
            id,
            last_failure: None
        }
    );
    let mentions = shown(store, "http://blog.example/post/#c5").await;
    assert_eq!(mentions.len(), 1);
    let mention = &mentions[0];
    assert_eq!(mention.id, id);
    assert_eq!(mention.entry, entry());
    assert_eq!(mention.source.as_str(), "https://ann.example/post");
    assert_eq!(mention.target.as_str(), TARGET);
    assert_eq!((mention.received_at, mention.verified_at), (NOW, NOW));
    assert!(id.0 < 1 << 53);
}

pub(super) async fn an_update_takes_away_what_is_not_said_any_more(store: &dyn Store) {
    let from = "https://ann.example/post";
    submit(store, from, TARGET, Protocol::Webmention).await;
    let Finished::Added(id) = finish(store, publish()).await else {
        panic!("not added");
    };
    submit(store, from, TARGET, Protocol::Webmention).await;
    let bare = Entry::bare(MentionKind::Like, from.into());
    let outcome = publishing(bare.clone());
    assert_eq!(finish(store, outcome).await, Finished::Updated(id));
    let mentions = shown(store, TARGET).await;
    assert_eq!(mentions.len(), 1);
    assert_eq!(mentions[0].entry, bare);
}

pub(super) async fn whatever_a_source_stops_to_say_goes(store: &dyn Store) {
    let from = "https://ann.example/post";
    let stops: [fn(&mut Entry); 21] = [
        |entry| entry.kind = MentionKind::Like,
        |entry| entry.also.clear(),
        |entry| entry.rsvp = None,
        |entry| entry.title = None,
        |entry| entry.summary = None,
        |entry| entry.content = None,
        |entry| entry.excerpt = None,
        |entry| entry.author = None,
        |entry| entry.author.as_mut().unwrap().name = None,
        |entry| entry.author.as_mut().unwrap().photo = None,
        |entry| entry.published = None,
        |entry| entry.updated = None,
        |entry| entry.photos.clear(),
        |entry| entry.videos.clear(),
        |entry| entry.audio.clear(),
        |entry| entry.categories.clear(),
        |entry| entry.syndication.clear(),
        |entry| entry.location = None,
        |entry| entry.comments.clear(),
        |entry| entry.site_name = None,
        |entry| entry.language = None,
    ];
    for stop in stops {
        submit(store, from, TARGET, Protocol::Webmention).await;
        finish(store, publish()).await;
        let mut less = entry();
        stop(&mut less);
        assert_ne!(less, entry());
        submit(store, from, TARGET, Protocol::Webmention).await;
        finish(store, publishing(less.clone())).await;
        assert_eq!(shown(store, TARGET).await[0].entry, less);
    }
}

pub(super) async fn one_source_and_target_are_one_mention_whatever_the_protocol(store: &dyn Store) {
    submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    finish(store, publish()).await;
    submit(store, "https://s.example/", TARGET, Protocol::Pingback).await;
    assert!(matches!(
        finish(store, publish()).await,
        Finished::Updated(_)
    ));
    let mentions = shown(store, TARGET).await;
    assert_eq!(mentions.len(), 1);
    let protocols: Vec<_> = mentions[0].protocols.iter().collect();
    assert_eq!(protocols, [Protocol::Webmention, Protocol::Pingback]);
}

pub(super) async fn a_failure_keeps_what_is_shown(store: &dyn Store) {
    let accepted = submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    finish(store, publish()).await;
    submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    let leased = claim_one(store, NOW).await;
    assert!(leased.known.is_some());
    let retry_at = NOW.plus(Duration::from_secs(60));
    let finished = store
        .finish(leased.lease, failed(Some(retry_at)), NOW)
        .await
        .unwrap();
    assert_eq!(finished, Finished::Noted);
    assert_eq!(shown(store, TARGET).await.len(), 1);
    assert!(matches!(
        state(store, accepted).await,
        State::Accepted { .. }
    ));
    assert!(claim(store, NOW).await.is_empty());
    assert_eq!(claim_one(store, retry_at).await.attempts, 1);
}

pub(super) async fn no_link_removes_what_is_shown(store: &dyn Store) {
    let accepted = submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    finish(store, publish()).await;
    submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    assert_eq!(finish(store, no_link()).await, Finished::Removed);
    assert!(shown(store, TARGET).await.is_empty());
    let status = store.status(accepted.key).await.unwrap().unwrap();
    assert_eq!(
        (status.state, status.was_known),
        (State::Deleted(Removal::NoLink), true)
    );
}

pub(super) async fn no_link_to_one_form_of_a_target_keeps_a_mention_of_the_other(
    store: &dyn Store,
) {
    submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    finish(store, publish()).await;
    let other = submit(
        store,
        "https://s.example/",
        "http://blog.example/post/",
        Protocol::Webmention,
    );
    let other = other.await;
    assert_eq!(finish(store, no_link()).await, Finished::Noted);
    assert_eq!(shown(store, TARGET).await.len(), 1);
    assert!(matches!(state(store, other).await, State::Rejected { .. }));
}

pub(super) async fn gone_erases_what_is_shown(store: &dyn Store) {
    let accepted = submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    finish(store, publish()).await;
    let other = "http://blog.example/post/";
    let other = submit(store, "https://s.example/", other, Protocol::Webmention).await;
    assert_eq!(finish(store, gone()).await, Finished::Removed);
    assert!(shown(store, TARGET).await.is_empty());
    assert_eq!(state(store, accepted).await, State::Deleted(Removal::Gone));
    assert_eq!(state(store, other).await, State::Deleted(Removal::Gone));
}

pub(super) async fn gone_of_an_unknown_source_is_a_failure(store: &dyn Store) {
    let accepted = submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    assert_eq!(finish(store, gone()).await, Finished::Noted);
    let State::Failed(failure) = state(store, accepted).await else {
        panic!("not failed");
    };
    assert_eq!(failure.kind, FailureKind::Gone);
}

pub(super) async fn each_visible_change_raises_the_version(store: &dyn Store) {
    let version = async || version(store, TARGET).await;
    assert_eq!(version().await, 0);
    submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    assert_eq!(version().await, 0);
    finish(store, publish()).await;
    let added = version().await;
    assert!(added > 0);
    submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    finish(store, failed(None)).await;
    assert_eq!(version().await, added);
    submit(store, "https://s.example/", TARGET, Protocol::Webmention).await;
    finish(store, no_link()).await;
    assert!(version().await > added);
}

pub(super) async fn pages_of_mentions_follow_one_another_without_gap(store: &dyn Store) {
    for n in 0..25 {
        submit(
            store,
            &format!("https://s{n}.example/"),
            TARGET,
            Protocol::Webmention,
        )
        .await;
    }
    for leased in claim(store, NOW).await {
        let entry = entry_at(leased.source.as_str());
        let outcome = publishing(entry);
        store.finish(leased.lease, outcome, NOW).await.unwrap();
    }
    let page = target(TARGET).page_key();
    let mut seen = Vec::new();
    let mut query = MentionQuery::newest(page, 10);
    loop {
        let part = store.mentions(&query).await.unwrap();
        assert_eq!(part.total, Some(25));
        seen.extend(part.mentions.iter().map(|m| m.id));
        match part.next() {
            Some(next) => query.start = Start::After(next),
            None => break,
        }
    }
    assert_eq!(seen.len(), 25);
    assert!(seen.is_sorted_by(|a, b| a > b));
}

pub(super) async fn every_name_in_the_model_is_accepted_by_the_schema(store: &dyn Store) {
    for kind in MentionKind::ALL {
        let from = format!("https://{}.example/", kind.as_str());
        submit(store, &from, TARGET, Protocol::Webmention).await;
        let mut entry = entry_at(&from);
        entry.kind = kind;
        entry.also = vec![kind];
        finish(store, publishing(entry.clone())).await;
        assert_eq!(shown(store, TARGET).await[0].entry, entry);
    }
    for answer in Rsvp::ALL {
        let from = format!("https://{}.example/rsvp", answer.as_str());
        submit(store, &from, TARGET, Protocol::Webmention).await;
        let mut entry = Entry::bare(MentionKind::Rsvp, from);
        entry.rsvp = Some(answer);
        finish(store, publishing(entry.clone())).await;
        assert_eq!(shown(store, TARGET).await[0].entry, entry);
    }
    for kind in FailureKind::ALL {
        let from = format!("https://fails.example/{}", kind.as_str());
        let accepted = submit(store, &from, TARGET, Protocol::Pingback).await;
        let failure = Failure {
            kind,
            detail: String::new(),
        };
        let outcome = Outcome::Failed {
            failure: failure.clone(),
            retry_at: None,
            not_before: None,
        };
        finish(store, outcome).await;
        assert_eq!(state(store, accepted).await, State::Failed(failure));
    }
}
