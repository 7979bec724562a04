use super::*;

fn check(
    full: &str,
    url: &str,
    site_name: Option<&str>,
    titles: &[&str],
    want: (&str, Option<&str>),
) {
    let url = Url::parse(url).unwrap();
    let evidence = Evidence {
        site_name,
        titles: titles.to_vec(),
        names: vec![],
        url: &url,
    };
    let split = split(full, &evidence);
    assert_eq!(
        (split.title.as_str(), split.site.as_deref()),
        want,
        "{}",
        split.rule
    );
}

#[test]
fn titles_of_2011_are_told_apart_from_their_sites() {
    for (full, url, title, site) in [
        (
            "70 EdTech Resources You May Have Missed–Treasure Chest May 15, 2011 — Tech the Plunge",
            "http://techtheplunge.com/x",
            "70 EdTech Resources You May Have Missed–Treasure Chest May 15, 2011",
            "Tech the Plunge",
        ),
        (
            "70 EdTech Resources You May Have Missed–Treasure Chest May 15, 2011 — Tech the Plunge",
            "http://blog.example/x",
            "70 EdTech Resources You May Have Missed–Treasure Chest May 15, 2011",
            "Tech the Plunge",
        ),
        (
            "How to Maintain a Healthy Work Life Balance | The Creative Education Blog",
            "http://www.creativeeducation.co.uk/blog/x",
            "How to Maintain a Healthy Work Life Balance",
            "The Creative Education Blog",
        ),
        (
            "The 10 stages of Twitter | batttuk",
            "http://batttuk.wordpress.com/x",
            "The 10 stages of Twitter",
            "batttuk",
        ),
        (
            "Is technology changing our view of what education should be and do? | The Digital Debate",
            "http://example.org/",
            "Is technology changing our view of what education should be and do?",
            "The Digital Debate",
        ),
        (
            "Ewan’s Notes » Blog Archive » Why we link",
            "http://example.org/",
            "Why we link",
            "Ewan’s Notes",
        ),
        (
            "Ewan’s Notes » Why we link",
            "http://ewansnotes.example/",
            "Why we link",
            "Ewan’s Notes",
        ),
    ] {
        check(full, url, None, &[], (title, Some(site)));
    }
}

#[test]
fn a_title_is_split_only_on_evidence() {
    check(
        "Brexit — what now?",
        "http://a.example/",
        None,
        &[],
        ("Brexit — what now?", None),
    );
    check(
        "Rust - a love story",
        "http://a.example/",
        None,
        &[],
        ("Rust - a love story", None),
    );
    check(
        "Rust - a love story - Ann",
        "http://a.example/",
        Some("Ann"),
        &[],
        ("Rust - a love story", Some("Ann")),
    );
    check(
        "Ann: Rust, a love story",
        "http://a.example/",
        Some("Ann"),
        &[],
        ("Rust, a love story", Some("Ann")),
    );
    check(
        "Rust - a love story",
        "http://rust.example/",
        None,
        &[],
        ("a love story", Some("Rust")),
    );
    check(
        "Rust: a love story",
        "http://a.example/",
        None,
        &["Rust: a love story"],
        ("Rust: a love story", None),
    );
    check(
        "My site - On links",
        "http://a.example/",
        None,
        &["On links"],
        ("On links", Some("My site")),
    );
    check(
        "On links - Notes - My site",
        "http://a.example/",
        None,
        &["On links"],
        ("On links", Some("My site")),
    );
    check(
        "A | B",
        "http://a.example/",
        Some("A | B"),
        &[],
        ("A | B", None),
    );
    check(
        "On links | A | B",
        "http://a.example/",
        Some("A | B"),
        &[],
        ("On links", Some("A | B")),
    );
    check(
        "Zufall | Nachtbus N7",
        "http://a.example/",
        None,
        &[],
        ("Zufall", Some("Nachtbus N7")),
    );
    check(
        "reading:essays [The Shed]",
        "http://a.example/",
        None,
        &["The Shed", "Essays"],
        ("reading:essays", Some("The Shed")),
    );
    check(
        "A study [PDF]",
        "http://a.example/",
        None,
        &["A study"],
        ("A study [PDF]", None),
    );
    check("", "http://a.example/", None, &[], ("", None));
}
