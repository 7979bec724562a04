use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const SITE: SiteId = SiteId(1);

fn rule(action: Action, pattern: &str, site: Option<SiteId>) -> Rule {
    Rule {
        action,
        pattern: Pattern::parse(pattern).unwrap_or_else(|e| panic!("{pattern}: {e}")),
        site,
        reason: String::new(),
        created_at: NOW,
        expires_at: None,
        is_configured: false,
    }
}

fn rules(block: &[&str], allow: &[&str]) -> Rules {
    let mut rules = Rules::default();
    for (action, patterns) in [(Action::Block, block), (Action::Allow, allow)] {
        for pattern in patterns {
            rules.add(&rule(action, pattern, None));
        }
    }
    rules
}

fn page(rules: &Rules, url: &str) -> Ruling {
    rules.of_page(&Url::parse(url).unwrap(), SITE, NOW)
}

#[test]
fn a_pattern_covers_what_it_names_and_no_neighbour() {
    for (pattern, covered, not_covered) in [
        (
            "example.com",
            &[
                "https://example.com/",
                "http://EXAMPLE.COM./a?b#c",
                "https://www.example.com:8443/",
                "https://a.b.c.example.com/",
                "https://user:pass@example.com/",
            ][..],
            &[
                "https://evil-example.com/",
                "https://example.com.evil.example/",
                "https://example.org/",
                "https://com/",
                "https://other.example/example.com",
                "https://example.com@other.example/",
            ][..],
        ),
        (
            "=example.com",
            &["https://example.com/a", "http://example.com.:81/"],
            &["https://www.example.com/", "https://notexample.com/"],
        ),
        (
            "b\u{fc}cher.example",
            &[
                "https://b\u{fc}cher.example/",
                "https://B\u{dc}CHER.example/",
                "https://a.xn--bcher-kva.example/",
            ],
            &["https://bucher.example/"],
        ),
        (
            "https://tilde.example/~ann",
            &[
                "https://tilde.example/~ann",
                "http://tilde.example/~ann/",
                "https://tilde.example:8443/~ann/post?x#y",
                "https://tilde.example/%7Eann/post",
                "https://tilde.example/%7eann",
                "https://tilde.example//~ann//post",
                "https://tilde.example/x/../~ann/",
                "https://tilde.example./~ann/",
            ],
            &[
                "https://tilde.example/",
                "https://tilde.example/~anna",
                "https://tilde.example/~ANN/",
                "https://tilde.example/x/~ann",
                "https://www.tilde.example/~ann",
                "https://tilde.example/?/~ann",
            ],
        ),
        (
            "192.0.2.0/24",
            &[
                "http://192.0.2.9/",
                "http://3221225993:81/",
                "http://[::ffff:192.0.2.9]/",
            ],
            &["http://192.0.3.9/", "https://192.0.2.9.example/"],
        ),
        (
            "xyz",
            &["https://anything.xyz/"],
            &["https://xyz.example/", "https://axyz/"],
        ),
    ] {
        let rules = rules(&[pattern], &[]);
        for url in covered {
            assert_eq!(page(&rules, url), Ruling::Blocked, "{pattern} {url}");
        }
        for url in not_covered {
            assert_eq!(page(&rules, url), Ruling::Unlisted, "{pattern} {url}");
        }
    }
}

#[test]
fn networks_cover_clients_whatever_their_notation() {
    let rules = rules(
        &["198.51.100.0/24", "2001:db8::/32", "203.0.113.7"],
        &["198.51.100.64/26"],
    );
    for (client, want) in [
        ("198.51.100.1", Ruling::Blocked),
        ("::ffff:198.51.100.1", Ruling::Blocked),
        ("198.51.100.65", Ruling::Allowed),
        ("198.51.101.1", Ruling::Unlisted),
        ("2001:db8:ffff::1", Ruling::Blocked),
        ("2001:db9::1", Ruling::Unlisted),
        ("203.0.113.7", Ruling::Blocked),
        ("203.0.113.8", Ruling::Unlisted),
    ] {
        let ruling = rules.of_client(client.parse().unwrap(), SITE, NOW);
        assert_eq!(ruling, want, "{client}");
    }
}

#[test]
fn a_source_that_is_an_address_is_seen_in_every_notation() {
    let networks = rules(&["192.0.2.0/24", "64:ff9b::/120"], &["192.0.2.9"]);
    let mut host = Rules::default();
    host.add(&Rule {
        pattern: Pattern::host("192.0.2.1").unwrap(),
        ..rule(Action::Block, "192.0.2.1", None)
    });
    let (blocked, allowed, unlisted) = (Ruling::Blocked, Ruling::Allowed, Ruling::Unlisted);
    for (url, by_network, by_name) in [
        ("http://192.0.2.1/", blocked, blocked),
        ("http://3221225985/", blocked, blocked),
        ("http://[::ffff:192.0.2.1]/", blocked, blocked),
        ("http://[::ffff:c000:201]/a?b", blocked, blocked),
        ("http://[64:ff9b::192.0.2.1]/", blocked, blocked),
        // What is blocked as it is written in IPv6 is blocked so, too.
        ("http://[64:ff9b::7]/", blocked, unlisted),
        ("http://[64:ff9b::192.0.2.9]/", allowed, unlisted),
        ("http://[::ffff:198.51.100.1]/", unlisted, unlisted),
        ("http://[64:ff9b::198.51.100.1]/", unlisted, unlisted),
        ("http://[64:ff9b:1::192.0.2.1]/", unlisted, unlisted),
        ("http://[2001:db8::192.0.2.1]/", unlisted, unlisted),
    ] {
        assert_eq!(page(&networks, url), by_network, "{url}");
        assert_eq!(page(&host, url), by_name, "{url}");
    }
    let translated = "64:ff9b::192.0.2.1".parse().unwrap();
    assert_eq!(networks.of_client(translated, SITE, NOW), Ruling::Blocked);
}

#[test]
fn whoever_is_allowed_is_let_in_whatever_is_blocked() {
    let rules = rules(
        &[
            "wordpress.com",
            "example.com/~spam",
            "good.example.org",
            "xyz",
        ],
        &[
            "good.wordpress.com",
            "example.com",
            "example.org",
            "https://hub.xyz/ann",
        ],
    );
    for (url, want) in [
        ("https://bad.wordpress.com/", Ruling::Blocked),
        ("https://good.wordpress.com/", Ruling::Allowed),
        // Also where the rule that blocks is the more exact one.
        ("https://example.com/~spam/1", Ruling::Allowed),
        ("https://good.example.org/", Ruling::Allowed),
        ("https://hub.xyz/ann/1", Ruling::Allowed),
        ("https://hub.xyz/bob/1", Ruling::Blocked),
    ] {
        assert_eq!(page(&rules, url), want, "{url}");
    }
}

#[test]
fn a_sites_own_rules_come_before_those_of_all() {
    let other = SiteId(2);
    let mut rules = rules(&["a.example"], &["b.example"]);
    rules.add(&rule(Action::Allow, "a.example", Some(SITE)));
    rules.add(&rule(Action::Block, "b.example", Some(SITE)));
    rules.add(&rule(Action::Block, "c.example", Some(SITE)));
    for (url, here, there) in [
        ("https://a.example/", Ruling::Allowed, Ruling::Blocked),
        ("https://b.example/", Ruling::Blocked, Ruling::Allowed),
        ("https://c.example/", Ruling::Blocked, Ruling::Unlisted),
    ] {
        let url = Url::parse(url).unwrap();
        assert_eq!(rules.of_page(&url, SITE, NOW), here, "{url}");
        assert_eq!(rules.of_page(&url, other, NOW), there, "{url}");
    }
}

#[test]
fn a_rule_holds_until_it_expires() {
    let end = NOW.plus(std::time::Duration::from_secs(60));
    let mut rules = rules(&["a.example"], &[]);
    rules.add(&Rule {
        expires_at: Some(end),
        ..rule(Action::Allow, "a.example", None)
    });
    let url = Url::parse("https://a.example/").unwrap();
    assert_eq!(rules.of_page(&url, SITE, NOW), Ruling::Allowed);
    assert_eq!(rules.of_page(&url, SITE, end), Ruling::Blocked);
}

#[test]
fn a_long_path_is_looked_up_no_deeper_than_rules_go() {
    let long = format!("https://tilde.example/~ann{}", "/a".repeat(2000));
    assert_eq!(
        page(&rules(&["tilde.example/~ann"], &[]), &long),
        Ruling::Blocked
    );
    let deep = format!("tilde.example/~ann{}", "/a".repeat(1000));
    assert_eq!(page(&rules(&[&deep], &[]), &long), Ruling::Blocked);
    assert_eq!(
        page(&rules(&[&deep], &[]), "https://tilde.example/~ann/a"),
        Ruling::Unlisted
    );
}
