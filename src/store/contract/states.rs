//! What every store must show to owners, and to nobody else: mentions in each state.

use super::listing::{ELSEWHERE, OTHER, host, listed, pages, sites};
use super::*;
use crate::model::{MentionId, MentionState, Secret};
use crate::store::{Order, OrderBy};

/// Three likes that are shown, two private ones, and two that tell of the same posts as those that are shown; with
/// their states, oldest first.
async fn in_every_state(store: &dyn Store) -> Vec<(MentionId, MentionState)> {
    let (one, _) = sites(store).await;
    let mut all = Vec::new();
    let mut come = async |from: &str, to: &str, url: &str, code: Option<&str>, state| {
        let submission = Submission {
            source: source(from),
            target: target(to),
            protocol: Protocol::Webmention,
            vouch: None,
            code: code.map(|code| Secret::new(code).unwrap()),
        };
        store.accept(submission, one, NOW).await.unwrap();
        let leased = claim_one(store, NOW).await;
        let entry = Entry::bare(MentionKind::Like, url.to_owned());
        let finished = store.finish(leased.lease, publishing(entry), NOW).await;
        let Finished::Added(id) = finished.unwrap() else {
            panic!("not added");
        };
        all.push((id, state));
    };
    for (n, to) in [TARGET, OTHER, ELSEWHERE].into_iter().enumerate() {
        let post = format!("https://silo.example/{n}");
        come(&post, to, &post, None, MentionState::Shown).await;
        if to != OTHER {
            let private = format!("https://ann.example/{n}");
            come(&private, to, &private, Some("c"), MentionState::Private).await;
            let bridge = format!("https://bridge.example/{n}");
            come(&bridge, to, &post, None, MentionState::Hidden).await;
        }
    }
    all
}

pub(super) async fn an_owner_is_shown_mentions_of_each_state_and_nobody_else_is(store: &dyn Store) {
    let all = in_every_state(store).await;
    let (one, two) = sites(store).await;
    let pages_of = |site| {
        let keys = [TARGET, OTHER].map(|page| target(page).page_key());
        Scope::Pages {
            keys: keys.to_vec(),
            site: Some(site),
        }
    };
    let scopes: [(Scope, &[usize]); 6] = [
        (Scope::Site(one), &[0, 1, 2, 3, 4, 5, 6]),
        (Scope::Site(two), &[]),
        (host("www.blog.example", Some(one)), &[4, 5, 6]),
        (pages(&[TARGET, OTHER]), &[0, 1, 2, 3]),
        (pages_of(one), &[0, 1, 2, 3]),
        (pages_of(two), &[]),
    ];
    let choices = [
        vec![MentionState::Shown],
        vec![MentionState::Private],
        vec![
            MentionState::Hidden,
            MentionState::Private,
            MentionState::Hidden,
        ],
        MentionState::ALL.to_vec(),
    ];
    let filters = [
        (None, None),
        (Some(MentionKind::Like), Some("silo.example")),
        (Some(MentionKind::Like), Some("ann.example")),
        (Some(MentionKind::Reply), None),
    ];
    for (scope, of) in &scopes {
        for (states, (kind, author)) in choices.iter().flat_map(|c| filters.map(|f| (c, f))) {
            let is_wanted = |state: MentionState| {
                let is_by = match author {
                    Some("ann.example") => state == MentionState::Private,
                    Some(_) => state != MentionState::Private,
                    None => kind.is_none(),
                };
                is_by && states.contains(&state)
            };
            let of = || of.iter().map(|n| all[*n]);
            let upwards: Vec<_> = of().filter(|(_, state)| is_wanted(*state)).collect();
            for (ascending, since) in [(true, None), (false, None), (false, Some(all[2].0))] {
                let by = OrderBy::Received;
                let query = MentionQuery {
                    states: states.clone(),
                    kinds: kind.map(|kind| vec![kind]),
                    author_domain: author.map(str::to_owned),
                    received_after: since,
                    order: Order { by, ascending },
                    ..MentionQuery::newest(scope.clone(), 2)
                };
                let mut want = upwards.clone();
                want.retain(|(id, _)| Some(*id) > since);
                if !ascending {
                    want.reverse();
                }
                let numbers: Vec<_> = want.iter().map(|(id, _)| *id).collect();
                assert_eq!(listed(store, &query).await, numbers, "{query:?}");
                let page = store.mentions(&query).await.unwrap();
                assert_eq!(page.total, Some(want.len() as u64), "{query:?}");
                for mention in &page.mentions {
                    assert!(want.contains(&(mention.id, mention.state)), "{mention:?}");
                }
            }
        }
    }
}
