//! Addresses and names that lead inward: refused at every hop, and nobody is called.

use std::sync::{Arc, OnceLock};

use linkback::fetch::FetchError;
use linkback::fetch::limits::Limits;
use linkback::fetch::policy::{AddrClass, Policy, Refused};

use crate::stub_site::{StubSite, ok, redirect};
use crate::support::*;

#[tokio::test]
async fn redirect_inward_is_refused_in_every_spelling_and_nobody_is_called() {
    // `/n` redirects to the nth of these; raw, for a URL parser would mend the spelling.
    let locations: Arc<OnceLock<Vec<String>>> = Arc::default();
    let served = Arc::clone(&locations);
    let statuses = [301, 302, 303, 307, 308];
    let (site, trap) = StubSite::with_trap(move |path| {
        let n: usize = path[1..].parse().unwrap();
        redirect(statuses[n % statuses.len()], &served.get().unwrap()[n])
    });
    let port = site.address().port();
    let names = || {
        Names::default()
            .with("localhost", &[&["127.0.0.2", "::1"]])
            .with("inward.example", &[&["10.0.0.1"]])
            .with("trap.example", &[&["127.0.0.2"]])
            .with("mapped.example", &[&["::ffff:127.0.0.2"]])
            .with("nat64.example", &[&["64:ff9b::7f00:2"]])
            .with("metadata.internal", &[&["169.254.169.254"]])
            .with("outward.example", &[&["8.8.8.8"]])
    };
    let cases = [
        (format!("http://127.0.0.2:{port}/"), "Loopback"),
        (format!("//127.0.0.2:{port}/"), "Loopback"),
        (format!("http://127.2:{port}/"), "Loopback"),
        (format!("http://2130706434:{port}/"), "Loopback"),
        (format!("http://0x7f.2:{port}/"), "Loopback"),
        (format!("http://0177.0.0.2:{port}/"), "Loopback"),
        (format!("http://127.0.0.2.:{port}/"), "Loopback"),
        (format!("https://127.0.0.2:{port}/"), "Loopback"),
        (format!("HTTP://127.0.0.2:{port}/"), "Loopback"),
        (format!("http:\\\\127.0.0.2:{port}\\"), "Loopback"),
        (format!("http://[::1]:{port}/"), "Loopback"),
        (format!("http://[::ffff:127.0.0.2]:{port}/"), "Loopback"),
        (format!("http://[::127.0.0.2]:{port}/"), "V4Compatible"),
        (format!("http://[64:ff9b::7f00:2]:{port}/"), "Loopback"),
        (format!("http://[2002:7f00:2::]:{port}/"), "SixToFour"),
        (format!("http://0:{port}/"), "ThisNetwork"),
        ("http://169.254.169.254/latest".into(), "LinkLocal"),
        ("http://10.0.0.1/".into(), "Private"),
        (format!("http://localhost:{port}/"), "Loopback"),
        (format!("http://trap.example:{port}/"), "Loopback"),
        (format!("http://mapped.example:{port}/"), "Loopback"),
        (format!("http://nat64.example:{port}/"), "Loopback"),
        ("http://inward.example/".into(), "Private"),
        ("https://inward.example/".into(), "Private"),
        ("http://metadata.internal/".into(), "LinkLocal"),
        ("http://hidden.onion/".into(), "name"),
        ("http://8.8.8.8:22/".into(), "port 22"),
        ("http://outward.example:22/".into(), "port 22"),
        (format!("http://u:p@127.0.0.1:{port}/"), "userinfo"),
        (format!("ftp://127.0.0.2:{port}/"), "scheme ftp"),
        (format!("gopher://127.0.0.2:{port}/_x"), "scheme gopher"),
        ("file:///etc/passwd".into(), "scheme file"),
        ("data:text/html,x".into(), "scheme data"),
        ("javascript:alert(1)".into(), "scheme javascript"),
    ];
    locations
        .set(cases.iter().map(|(location, _)| location.clone()).collect())
        .unwrap();
    for (n, (location, want)) in cases.into_iter().enumerate() {
        let (client, _) = client(only_127_0_0_1(), Limits::default(), names());
        let status = statuses[n % statuses.len()];
        let fetched = fetch_with(&client, &site.url(&format!("/{n}"))).await;
        assert_eq!(fetched.hops.len(), 2, "{location}: {fetched:?}");
        assert_eq!(fetched.hops[0].status, Some(status), "{location}");
        assert_eq!(fetched.hops[0].address, Some(site.address()), "{location}");
        assert_eq!(fetched.hops[1].address, None, "{location}");
        let error = error(fetched);
        assert_eq!(reason(&error), want, "{location}");
    }
    assert_eq!(trap.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn the_strict_policy_refuses_the_loopback_before_anything_is_sent() {
    let site = StubSite::serve(|_| ok("text/html", b"x"));
    let names = Names::default().with("inward.example", &[&["127.0.0.1", "::1"]]);
    let (client, names) = client(Policy::default(), Limits::default(), names);
    for (url, want) in [
        (site.url("/"), "Loopback".to_owned()),
        (site.url_as("localhost", "/"), "name".to_owned()),
        (
            site.url_as("inward.example", "/"),
            format!("port {}", site.address().port()),
        ),
        ("http://inward.example/".to_owned(), "Loopback".to_owned()),
        ("https://inward.example/".to_owned(), "Loopback".to_owned()),
    ] {
        assert_eq!(
            reason(&error(fetch_with(&client, &url).await)),
            want,
            "{url}"
        );
    }
    assert_eq!(names.lookups("localhost"), 0);
    assert_eq!(site.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn a_name_that_changes_between_hops_is_looked_up_and_judged_again() {
    let (site, trap) = StubSite::with_trap(|path| match path {
        "/" => redirect(302, "/again"),
        _ => ok("text/html", b"x"),
    });
    let names = Names::default().with("flip.example", &[&["127.0.0.1"], &["127.0.0.2"]]);
    let (client, names) = client(only_127_0_0_1(), Limits::default(), names);
    let fetched = fetch_with(&client, &site.url_as("flip.example", "/")).await;
    assert_eq!(fetched.hops[0].address, Some(site.address()));
    assert_eq!(fetched.hops[1].address, None);
    assert_eq!(
        error(fetched),
        FetchError::Refused(Refused::NotPublic {
            address: trap.address().ip(),
            class: AddrClass::Loopback
        })
    );
    assert_eq!(names.lookups("flip.example"), 2);
    assert_eq!(trap.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn the_address_that_was_judged_is_the_one_that_is_dialled() {
    let (site, trap) = StubSite::with_trap(|_| ok("text/html", b"x"));
    let names = Names::default().with("flip.example", &[&["127.0.0.1"], &["127.0.0.2"]]);
    let (client, names) = client(only_127_0_0_1(), Limits::default(), names);
    let fetched = fetch_with(&client, &site.url_as("flip.example", "/")).await;
    assert_eq!(fetched.hops[0].address, Some(site.address()));
    page(fetched);
    assert_eq!(names.lookups("flip.example"), 1);
    assert_eq!(trap.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn forbidden_addresses_of_a_name_are_passed_over() {
    let (site, trap) = StubSite::with_trap(|_| ok("text/html", b"x"));
    let names = Names::default().with("both.example", &[&["127.0.0.2", "::1", "127.0.0.1"]]);
    let (client, _) = client(only_127_0_0_1(), Limits::default(), names);
    let fetched = fetch_with(&client, &site.url_as("both.example", "/")).await;
    assert_eq!(fetched.hops[0].address, Some(site.address()));
    page(fetched);
    assert_eq!(trap.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn a_name_without_addresses_does_not_resolve() {
    let names = Names::default().with("empty.example", &[&[]]);
    let (client, _) = client(only_127_0_0_1(), Limits::default(), names);
    for (url, want) in [
        ("http://nowhere.example/", "no such name"),
        ("https://nowhere.example/", "no such name"),
        ("http://empty.example/", "no address"),
    ] {
        let error = error(fetch_with(&client, url).await);
        assert_eq!(error, FetchError::Dns(want.to_owned()), "{url}");
        assert!(error.is_transient());
    }
}
