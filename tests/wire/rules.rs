//! Whom the owner turns away or lets in, from whom a site wants a vouch, and what becomes of the rest.

use linkback::model::{
    Action, Clock as _, Pattern, Rule, SiteBase, SiteId, SiteSettings, SystemClock,
};
use linkback::store::Store;

use crate::door::{behind_a_proxy, code, ping, submit};
use crate::support::source_site::{SourcePage, SourceSite};
use crate::support::{TestService, in_time};

const BLOG: &str = "https://blog.example";
const TARGET: &str = "https://blog.example/post";

fn rule(action: Action, pattern: &str, site: Option<SiteId>) -> Rule {
    Rule {
        action,
        pattern: Pattern::parse(pattern).unwrap(),
        site,
        reason: "a test".to_owned(),
        created_at: SystemClock.now(),
        expires_at: None,
        is_configured: false,
    }
}

async fn add(store: &dyn Store, action: Action, patterns: &[&str]) {
    let rules = patterns.iter().map(|p| rule(action, p, None)).collect();
    store.add_rules(rules, SystemClock.now()).await.unwrap();
}

/// Sends the same claim until it is answered so.
async fn await_code(service: &TestService, source: &str, want: (u16, &str)) {
    in_time(want.1, async {
        while code(&service.webmention(source, TARGET).await) != (want.0, want.1.to_owned()) {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await;
}

#[actix_web::test]
async fn rules_of_every_kind_are_obeyed_at_the_door() {
    let service = TestService::start_with(&[BLOG], behind_a_proxy).await;
    let store = service.open_store();
    add(
        store.as_ref(),
        Action::Block,
        &[
            "spam.example",
            "=only.example",
            "tilde.example/~ann",
            "203.0.113.0/24",
        ],
    )
    .await;
    add(store.as_ref(), Action::Allow, &["good.spam.example"]).await;
    await_code(&service, "https://spam.example/", (400, "source_blocked")).await;
    let blocked = (400, "source_blocked".to_owned());
    let free = (201, String::new());
    for (source, want) in [
        ("http://WWW.Spam.Example.:8443/x", &blocked),
        ("https://good.spam.example/", &free),
        ("https://evil-spam.example/", &free),
        ("https://only.example/", &blocked),
        ("https://www.only.example/", &free),
        ("https://tilde.example/%7Eann/post", &blocked),
        ("https://tilde.example/~anna/post", &free),
        ("http://203.0.113.9/", &blocked),
    ] {
        assert_eq!(
            &code(&service.webmention(source, TARGET).await),
            want,
            "{source}"
        );
        let fault = if want == &free { None } else { Some(49) };
        if fault.is_some() {
            assert_eq!(
                ping(&service, &[], source, TARGET).await.fault(),
                fault,
                "{source}"
            );
        }
    }
    let fields = [("source", "https://s.example/"), ("target", TARGET)];
    let from = ["X-Forwarded-For: 203.0.113.7"];
    let answer = submit(&service, &from, &fields).await;
    assert_eq!(code(&answer), (400, "client_blocked".into()));
    assert_eq!(
        ping(&service, &from, "https://s.example/", TARGET)
            .await
            .fault(),
        Some(49)
    );
}

#[actix_web::test]
async fn what_another_process_changes_is_obeyed_without_a_restart() {
    let service = TestService::start(&[BLOG]).await;
    let source = "https://s.example/post";
    assert_eq!(service.webmention(source, TARGET).await.status, 201);
    let other = service.open_store();
    add(other.as_ref(), Action::Block, &["s.example"]).await;
    await_code(&service, source, (400, "source_blocked")).await;
    let pattern = Pattern::parse("s.example").unwrap();
    let removed = other.remove_rule(Action::Block, &pattern, None).await;
    assert!(removed.unwrap());
    await_code(&service, source, (201, "")).await;
}

#[actix_web::test]
async fn a_rule_may_be_for_one_site_alone() {
    let service = TestService::start(&[BLOG, "https://other.example"]).await;
    let store = service.open_store();
    let sites = store.sites().await.unwrap();
    let base = SiteBase::parse(BLOG).unwrap();
    let site = sites
        .iter()
        .find(|site| site.bases.contains(&base))
        .unwrap();
    let own = vec![rule(Action::Block, "s.example", Some(site.id))];
    store.add_rules(own, SystemClock.now()).await.unwrap();
    await_code(&service, "https://s.example/", (400, "source_blocked")).await;
    let answer = service
        .webmention("https://s.example/", "https://other.example/a")
        .await;
    assert_eq!(answer.status, 201);
}

#[actix_web::test]
async fn a_source_that_redirects_to_what_is_blocked_is_not_shown() {
    let site = SourceSite::start();
    let service = TestService::start(&[BLOG]).await;
    let store = service.open_store();
    site.put("/spam/post", SourcePage::linking_to(TARGET));
    let source = site.put(
        "/go",
        SourcePage::status(302).with_header("location", "/spam/post"),
    );
    let other = site.put("/spammer", SourcePage::linking_to(TARGET));
    add(store.as_ref(), Action::Block, &["127.0.0.1/spam"]).await;
    await_code(
        &service,
        &format!("{}/spam/x", site.url),
        (400, "source_blocked"),
    )
    .await;
    let answer = service.webmention(&source, TARGET).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let status = service.await_status(&answer).await;
    assert_eq!(
        (&status["status"], &status["error"]),
        (&"error".into(), &"source_blocked".into())
    );
    let answer = service.webmention(&other, TARGET).await;
    assert_eq!(service.await_status(&answer).await["status"], "accepted");
    let answer = ping(&service, &[], &source, TARGET).await;
    assert_eq!(answer.fault(), Some(49));
}

#[actix_web::test]
async fn a_purge_erases_what_the_rule_covers_and_says_so() {
    let site = SourceSite::start();
    let service = TestService::start(&[BLOG]).await;
    let spam = site.put("/spam/1", SourcePage::linking_to(TARGET));
    let ham = site.put("/ham/1", SourcePage::linking_to(TARGET));
    let spammed = service.webmention(&spam, TARGET).await;
    service.webmention(&ham, TARGET).await;
    service.await_mentions(TARGET, 2).await;
    let store = service.open_store();
    let pattern = Pattern::parse("127.0.0.1/spam").unwrap();
    let now = SystemClock.now();
    assert_eq!(store.purge(&pattern, None, now).await.unwrap(), 1);
    let left = service.await_mentions(TARGET, 1).await;
    assert_eq!(left[0]["source"], ham.as_str());
    let status = service.await_status(&spammed).await;
    assert_eq!(status["status"], "deleted");
    assert_eq!(status["error"], "source_blocked");
    assert_eq!(store.purge(&pattern, None, now).await.unwrap(), 0);
}

#[actix_web::test]
async fn a_site_may_refuse_mentions_of_itself() {
    let service = TestService::start(&[BLOG]).await;
    let own = "https://blog.example/other";
    assert_eq!(service.webmention(own, TARGET).await.status, 201);
    let settings = SiteSettings {
        takes_self_pings: false,
        ..SiteSettings::default()
    };
    let base = SiteBase::parse(BLOG).unwrap();
    let store = service.open_store();
    assert!(store.set_site(&base, settings).await.unwrap());
    await_code(&service, own, (400, "self_ping")).await;
    assert_eq!(ping(&service, &[], own, TARGET).await.fault(), Some(49));
    assert_eq!(
        service
            .webmention("https://s.example/", TARGET)
            .await
            .status,
        201
    );
}

/// A service whose site demands vouches, and knows pages of 127.0.0.1.
async fn vouching(site: &SourceSite) -> (TestService, std::sync::Arc<dyn Store>) {
    let service = TestService::start_with(&[BLOG], |config| {
        config.fetch.allow_networks = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    let known = site.put("/known", SourcePage::linking_to(TARGET));
    service.webmention(&known, TARGET).await;
    service.await_mentions(TARGET, 1).await;
    let settings = SiteSettings {
        needs_vouch: true,
        ..SiteSettings::default()
    };
    let store = service.open_store();
    let base = SiteBase::parse(BLOG).unwrap();
    assert!(store.set_site(&base, settings).await.unwrap());
    await_code(
        &service,
        "https://unknown.example/",
        (400, "vouch_required"),
    )
    .await;
    (service, store)
}

#[actix_web::test]
async fn a_source_of_an_unknown_domain_needs_a_vouch_of_a_known_one() {
    let site = SourceSite::start();
    let (service, store) = vouching(&site).await;
    let unknown = "https://unknown.example/post";
    let with = async |source: &str, vouch: &str| {
        let fields = [("source", source), ("target", TARGET), ("vouch", vouch)];
        submit(&service, &[], &fields).await
    };
    for (source, vouch, want) in [
        (unknown, "", (400, "vouch_required")),
        (unknown, "no URL", (400, "vouch_required")),
        (unknown, "https://stranger.example/", (400, "vouch_unknown")),
        (unknown, unknown, (400, "vouch_unknown")),
        // Our own page will do, as far as the door can tell.
        (unknown, "https://blog.example/links", (201, "")),
        // Known, or one of us: whatever the vouch.
        (
            &format!("{}/other", site.url),
            "https://stranger.example/",
            (201, ""),
        ),
        ("https://blog.example/other", "", (201, "")),
    ] {
        let answer = with(source, vouch).await;
        assert_eq!(
            code(&answer),
            (want.0, want.1.to_owned()),
            "{source} {vouch}"
        );
    }
    assert_eq!(ping(&service, &[], unknown, TARGET).await.fault(), Some(49));
    add(store.as_ref(), Action::Allow, &["unknown.example"]).await;
    await_code(&service, unknown, (201, "")).await;
}

#[actix_web::test]
async fn a_vouch_is_read_and_must_link_to_the_source() {
    let site = SourceSite::start();
    let (service, store) = vouching(&site).await;
    // Another address of this machine is another domain.
    let stranger = SourceSite::start_at("127.0.0.2");
    let source = stranger.put("/post", SourcePage::linking_to(TARGET));
    let links = |rel: &str| {
        let body = format!("<a rel='{rel}' href='{}/about'>a friend</a>", stranger.url);
        SourcePage::html(&body)
    };
    let elsewhere = stranger.put("/own", links("me"));
    let redirect = SourcePage::status(302).with_header("location", &elsewhere);
    for (page, want) in [
        (SourcePage::html("<p>Nobody"), "vouch_failed"),
        (links("nofollow"), "vouch_failed"),
        (SourcePage::status(410), "vouch_failed"),
        // An open redirect of a known site is not its word.
        (redirect, "vouch_failed"),
        (links("friend"), ""),
    ] {
        let vouch = site.put("/vouch", page);
        let fields = [
            ("source", source.as_str()),
            ("target", TARGET),
            ("vouch", &vouch),
        ];
        let answer = submit(&service, &[], &fields).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let status = service.await_status(&answer).await;
        assert_eq!(
            status["error"].as_str().unwrap_or_default(),
            want,
            "{status}"
        );
    }
    let shown = service.await_mentions(TARGET, 2).await;
    assert!(
        shown
            .iter()
            .any(|mention| mention["source"] == source.as_str())
    );
    // It is known now, until it is purged.
    let other = stranger.put("/other", SourcePage::linking_to(TARGET));
    assert_eq!(service.webmention(&other, TARGET).await.status, 201);
    service.await_mentions(TARGET, 3).await;
    let pattern = Pattern::host("127.0.0.2").unwrap();
    assert_eq!(
        store
            .purge(&pattern, None, SystemClock.now())
            .await
            .unwrap(),
        2
    );
    await_code(&service, &other, (400, "vouch_required")).await;
}

#[actix_web::test]
async fn a_known_site_that_leads_to_an_unknown_one_is_no_vouch_for_it() {
    let site = SourceSite::start();
    let (service, _store) = vouching(&site).await;
    let stranger = SourceSite::start_at("127.0.0.2");
    let spam = stranger.put("/spam", SourcePage::linking_to(TARGET));
    let redirect = SourcePage::status(302).with_header("location", &spam);
    let source = site.put("/out", redirect);
    let answer = service.webmention(&source, TARGET).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let status = service.await_status(&answer).await;
    assert_eq!(status["error"], "vouch_failed", "{status}");
    assert_eq!(service.mentions(TARGET).await.len(), 1);
}

#[actix_web::test]
async fn what_is_blocked_while_it_is_verified_is_not_shown() {
    let site = SourceSite::start();
    let service = TestService::start_with(&[BLOG], |config| {
        config.fetch.allow_networks = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    let slow = std::time::Duration::from_secs(3);
    let source = site.put("/slow", SourcePage::linking_to(TARGET).after(slow));
    let answer = service.webmention(&source, TARGET).await;
    in_time("the fetch", async {
        while site.requests() == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    })
    .await;
    let store = service.open_store();
    add(store.as_ref(), Action::Block, &["127.0.0.1"]).await;
    let status = service.await_status(&answer).await;
    assert_eq!(status["error"], "source_blocked", "{status}");
    assert!(service.mentions(TARGET).await.is_empty());
}
