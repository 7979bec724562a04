//! What every store must do with rules, sites' settings, and domains that are known.

use super::*;
use crate::model::{Action, Pattern, Rule, Ruling, SiteSettings};

fn rule(action: Action, pattern: &str, site: Option<SiteId>) -> Rule {
    Rule {
        action,
        pattern: Pattern::parse(pattern).unwrap(),
        site,
        reason: "because".to_owned(),
        created_at: NOW,
        expires_at: None,
        is_configured: false,
    }
}

async fn add(store: &dyn Store, rule: Rule, now: Timestamp) -> usize {
    store.add_rules(vec![rule], now).await.unwrap()
}

async fn ruling(store: &dyn Store, source_url: &str, site: SiteId) -> Ruling {
    let door = store.door().await.unwrap();
    door.rules.of_page(source(source_url).as_url(), site, NOW)
}

pub(super) async fn rules_come_back_as_they_were_made(store: &dyn Store) {
    let site = site(store).await;
    let later = NOW.plus(Duration::from_secs(60));
    let mut rules = vec![
        rule(Action::Block, "a.example", None),
        rule(Action::Block, "a.example", Some(site)),
        rule(Action::Allow, "a.example", None),
        rule(Action::Block, "=a.example", None),
        rule(Action::Block, "a.example/~ann", None),
        rule(Action::Allow, "2001:db8::/32", None),
        Rule {
            expires_at: Some(later),
            ..rule(Action::Block, "b.example", None)
        },
    ];
    assert_eq!(store.add_rules(rules.clone(), NOW).await.unwrap(), 7);
    assert_eq!(store.rules(NOW).await.unwrap(), rules);
    // Once more: the note is new, the rule is the same, and what is for good stays so.
    rules[0].reason = "better".to_owned();
    let with_an_end = Rule {
        expires_at: Some(later),
        ..rules[0].clone()
    };
    assert_eq!(add(store, with_an_end, NOW).await, 0);
    assert_eq!(store.rules(NOW).await.unwrap(), rules);
    rules.retain(|rule| rule.expires_at.is_none());
    assert_eq!(store.rules(later).await.unwrap(), rules);
    add(store, rule(Action::Block, "c.example", None), later).await;
    assert_eq!(store.rules(NOW).await.unwrap().len(), 7, "one is forgotten");
}

pub(super) async fn a_changed_rule_is_obeyed_at_once(store: &dyn Store) {
    let site = site(store).await;
    let url = "https://a.example/";
    assert_eq!(ruling(store, url, site).await, Ruling::Unlisted);
    add(store, rule(Action::Block, "a.example", None), NOW).await;
    assert_eq!(ruling(store, url, site).await, Ruling::Blocked);
    add(store, rule(Action::Allow, "a.example", None), NOW).await;
    assert_eq!(ruling(store, url, site).await, Ruling::Allowed);
    let pattern = Pattern::parse("a.example").unwrap();
    let removed = store.remove_rule(Action::Allow, &pattern, None).await;
    assert!(removed.unwrap());
    assert_eq!(ruling(store, url, site).await, Ruling::Blocked);
    let other = store.remove_rule(Action::Block, &pattern, Some(site)).await;
    assert!(!other.unwrap());
}

pub(super) async fn configured_rules_are_those_of_the_last_start(store: &dyn Store) {
    let site = site(store).await;
    let pattern = |text| Pattern::parse(text).unwrap();
    add(store, rule(Action::Block, "own.example", None), NOW).await;
    let first = [pattern("a.example"), pattern("own.example")];
    store.configure_rules(&first, NOW).await.unwrap();
    store.configure_rules(&first[1..], NOW).await.unwrap();
    assert_eq!(
        ruling(store, "https://a.example/", site).await,
        Ruling::Unlisted
    );
    store.configure_rules(&[], NOW).await.unwrap();
    assert_eq!(
        ruling(store, "https://own.example/", site).await,
        Ruling::Blocked
    );
}

pub(super) async fn a_sites_rules_and_settings_go_with_it(store: &dyn Store) {
    let id = site(store).await;
    let strict = SiteSettings {
        takes_private: true,
        needs_vouch: true,
        takes_self_pings: false,
    };
    assert!(store.set_site(&base("blog.example"), strict).await.unwrap());
    assert!(!store.set_site(&base("x.example"), strict).await.unwrap());
    add(store, rule(Action::Block, "a.example", Some(id)), NOW).await;
    assert_eq!(store.door().await.unwrap().settings_of(id), strict);
    assert_eq!(
        ruling(store, "https://a.example/", id).await,
        Ruling::Blocked
    );
    store.remove_site(&base("blog.example")).await.unwrap();
    // The number may be given again.
    assert_eq!(
        ruling(store, "https://a.example/", id).await,
        Ruling::Unlisted
    );
    let door = store.door().await.unwrap();
    assert_eq!(door.settings_of(id), SiteSettings::default());
}

pub(super) async fn a_domain_is_known_once_a_mention_of_it_was_verified(store: &dyn Store) {
    let id = site(store).await;
    let from = "https://www.s.example/1";
    submit(store, from, TARGET, Protocol::Webmention).await;
    assert!(!store.knows_domain(id, "s.example").await.unwrap());
    finish(store, no_link()).await;
    assert!(!store.knows_domain(id, "s.example").await.unwrap());
    submit(store, from, TARGET, Protocol::Webmention).await;
    finish(store, publish()).await;
    assert!(store.knows_domain(id, "s.example").await.unwrap());
    assert!(!store.knows_domain(SiteId(99), "s.example").await.unwrap());
}

pub(super) async fn a_purge_takes_what_the_pattern_covers_and_leaves_tombstones(store: &dyn Store) {
    let id = site(store).await;
    let mut accepted = Vec::new();
    for n in 0..250 {
        let from = format!("https://s{n}.spam.example/");
        accepted.push(submit(store, &from, TARGET, Protocol::Webmention).await);
    }
    submit(
        store,
        "https://not-spam.example/",
        TARGET,
        Protocol::Webmention,
    )
    .await;
    // A domain has its turn again after a while only.
    let mut now = NOW;
    let mut done = Vec::new();
    while done.len() <= accepted.len() {
        for leased in claim(store, now).await {
            let outcome = publishing(entry_at(leased.source.as_str()));
            store.finish(leased.lease, outcome, now).await.unwrap();
            done.push(leased.lease);
        }
        now = now.plus(Duration::from_secs(60));
    }
    let before = version(store, TARGET).await;
    let pattern = Pattern::parse("spam.example").unwrap();
    let other = store.purge(&pattern, Some(SiteId(99)), NOW).await.unwrap();
    assert_eq!(other, 0);
    assert_eq!(store.purge(&pattern, None, NOW).await.unwrap(), 250);
    let left = shown(store, TARGET).await;
    assert_eq!(left.len(), 1);
    let after = version(store, TARGET).await;
    assert!(after > before);
    for one in &accepted {
        let status = store.status(one.key).await.unwrap().unwrap();
        assert_eq!(status.state, State::Deleted(Removal::Blocked));
    }
    assert!(!store.knows_domain(id, "spam.example").await.unwrap());
    assert!(store.knows_domain(id, "not-spam.example").await.unwrap());
}

pub(super) async fn a_rule_is_never_cut_short_by_another(store: &dyn Store) {
    let id = site(store).await;
    let ruling = async |now: Timestamp| {
        let page = SourceUrl::parse("https://s.spam.example/").unwrap();
        let door = store.door().await.unwrap();
        door.rules.of_page(page.as_url(), id, now)
    };
    let later = NOW.plus(Duration::from_secs(3600));
    let for_a_while = Rule {
        expires_at: Some(NOW.plus(Duration::from_secs(60))),
        ..rule(Action::Block, "spam.example", None)
    };
    // The configuration's rule stands whatever was said before, and after.
    add(store, for_a_while.clone(), NOW).await;
    let configured = [Pattern::parse("spam.example").unwrap()];
    store.configure_rules(&configured, NOW).await.unwrap();
    assert_eq!(ruling(later).await, Ruling::Blocked);
    add(store, for_a_while.clone(), NOW).await;
    assert_eq!(ruling(later).await, Ruling::Blocked);
    // A list with an end does not end what was for good.
    store.configure_rules(&[], NOW).await.unwrap();
    add(store, rule(Action::Block, "spam.example", None), NOW).await;
    add(store, for_a_while, NOW).await;
    assert_eq!(ruling(later).await, Ruling::Blocked);
}

pub(super) async fn a_purge_spares_what_is_let_in(store: &dyn Store) {
    site(store).await;
    let from = "https://good.spam.example/";
    submit(store, from, TARGET, Protocol::Webmention).await;
    finish(store, publishing(entry_at(from))).await;
    add(store, rule(Action::Allow, "good.spam.example", None), NOW).await;
    let pattern = Pattern::parse("spam.example").unwrap();
    assert_eq!(store.purge(&pattern, None, NOW).await.unwrap(), 0);
    assert_eq!(shown(store, TARGET).await.len(), 1);
}
