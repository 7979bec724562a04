//! The pages as they are rendered, mostly from what strangers wrote.

use super::moment::Moment;
use super::*;
use crate::model::{
    Author, AuthoredTime, CountKey, Counts, Entry, Excerpt, Failure, FailureKind, KnownUrl,
    Mention, MentionId, MentionKind, MentionState, NearMiss, Pictures, Protocol, Protocols,
    Removal, Rsvp, Site, SiteBase, SiteId, SourceUrl, State, Status, StatusKey, Submission,
    TargetUrl, Timestamp, UrlError,
};

mod embed;
mod status;

const EVIL: &str = r#""'><script>alert(1)</script><img src=x onerror=alert(2)>"#;

fn mention() -> Mention {
    Mention {
        id: MentionId(7),
        source: KnownUrl::stored("https://old.example/2011/05/ten-steps/").unwrap(),
        target: KnownUrl::stored("https://blog.example/pln/").unwrap(),
        protocols: Protocols::only(Protocol::Pingback),
        state: MentionState::Shown,
        entry: Entry {
            title: Some("Ten steps & more".to_owned()),
            site_name: Some("The Old Blog".to_owned()),
            author: Some(Author {
                name: Some("Ann Teacher".to_owned()),
                url: Some("https://old.example/about/".to_owned()),
                photo: None,
            }),
            published: Some(AuthoredTime::from_checked(
                "2011-05-15T09:30:00+02:00".to_owned(),
            )),
            excerpt: Some(Excerpt {
                before: "…as somebody ".to_owned(),
                linked: "put it so well".to_owned(),
                after: ", a network is people.".to_owned(),
            }),
            language: Some("en".to_owned()),
            ..Entry::bare(
                MentionKind::Mention,
                "https://old.example/2011/05/ten-steps/".to_owned(),
            )
        },
        pictures: Pictures::default(),
        received_at: Timestamp::from_millis(1_795_432_886_123),
        verified_at: Timestamp::from_millis(1_795_432_886_123),
    }
}

const NOW: Timestamp = Timestamp::from_millis(1_795_432_886_123);

fn shown<'a>(target: &'a str, mentions: &'a [Mention]) -> Shown<'a> {
    Shown {
        target,
        mentions,
        counts: counts_of(mentions),
        more: None,
        limit: 50,
        tell: form_url("https://lb.example/", target),
        base: "https://lb.example/",
        wish: Wish::default(),
    }
}

fn status(state: State) -> Status {
    Status {
        key: StatusKey::from_bytes([0xab; 16]),
        source: SourceUrl::parse("https://old.example/a?b=1&c=%22").unwrap(),
        target: TargetUrl::parse("https://blog.example/pln/").unwrap(),
        protocols: Protocols::from_bits(3).unwrap(),
        is_private: false,
        state,
        was_known: false,
        checked_at: Some(Timestamp::from_millis(1_795_432_886_123)),
        next_check_at: None,
    }
}

fn counts_of(mentions: &[Mention]) -> Counts {
    let mut counts = Counts::default();
    for Mention { entry, .. } in mentions {
        counts.add(CountKey::new(entry.kind, entry.rsvp), 1);
    }
    counts
}

fn render(status: &Status) -> String {
    StatusPage::new(status, NOW).render().unwrap()
}

fn site(base: &str) -> Site {
    Site {
        id: SiteId(1),
        bases: vec![SiteBase::parse(base).unwrap()],
        created_at: NOW,
    }
}

/// No byte of a stranger's may open a tag or leave an attribute.
fn assert_inert(html: &str) {
    assert!(!html.contains("<script"), "{html}");
    assert!(!html.contains("<img"), "{html}");
    assert!(!html.contains("href=\"javascript:"), "{html}");
}

#[test]
fn hostile_mentions_are_shown_as_the_text_they_are() {
    let mut hostile = mention();
    let evil = || Some(EVIL.to_owned());
    hostile.entry = Entry {
        title: evil(),
        site_name: evil(),
        author: Some(Author {
            name: evil(),
            url: Some("javascript:alert(1)".to_owned()),
            photo: None,
        }),
        published: Some(AuthoredTime::from_checked(EVIL.to_owned())),
        excerpt: Some(Excerpt {
            before: EVIL.to_owned(),
            linked: EVIL.to_owned(),
            after: EVIL.to_owned(),
        }),
        language: Some("en\" onclick=\"alert(1)".to_owned()),
        ..Entry::bare(
            MentionKind::Mention,
            " javascript:alert(1)//https://old.example/".to_owned(),
        )
    };
    let html = EmbedFragment::new(Shown {
        more: evil(),
        ..shown(EVIL, &[hostile])
    })
    .render()
    .unwrap();
    assert_inert(&html);
    assert!(!html.contains("onclick=\""), "{html}");
    assert!(html.contains("&#60;script&#62;alert(1)"));
    assert!(
        html.contains(r#"href="https://old.example/2011/05/ten-steps/""#),
        "the title leads to the source that was verified"
    );
}

#[test]
fn hostile_forms_and_near_misses_are_shown_as_the_text_they_are() {
    let endpoint = EndpointPage {
        source: EVIL,
        target: EVIL,
        problem: Some(EVIL),
        wrong: Some(Field::Target),
    };
    assert_inert(&endpoint.render().unwrap());
    assert_inert(&ErrorPage::new(400, EVIL).render().unwrap());
    let near = NearMiss {
        url: EVIL.to_owned(),
        difference: EVIL.to_owned(),
    };
    let rejected = status(State::Rejected {
        near_misses: vec![near],
    });
    let html = render(&rejected);
    assert_inert(&html);
    assert!(html.contains("Your page has these links to the same site"));
    assert!(html.contains("https://old.example/a?b=1&#38;c=%22"));
}

#[test]
fn a_refusal_stands_at_the_field_that_it_is_about() {
    let page = |refusal: &Refusal| {
        let problem = refusal.sentence();
        let page = EndpointPage {
            problem: Some(&problem),
            wrong: Field::of(refusal),
            ..EndpointPage::default()
        };
        page.render().unwrap()
    };
    let html = page(&Refusal::InvalidTarget(UrlError::Userinfo));
    let (source, target) = html.split_once("for=\"target\"").unwrap();
    assert!(!source.contains("aria-invalid"), "{html}");
    assert!(target.contains(r#"aria-invalid="true" aria-describedby="target-problem""#));
    assert_eq!(html.matches("user name or password").count(), 1);
    let html = page(&Refusal::MissingSource);
    let (source, target) = html.split_once("for=\"target\"").unwrap();
    assert!(source.contains(r#"aria-describedby="source-problem""#));
    assert!(!target.contains("aria-invalid"), "{html}");
    let html = page(&Refusal::UnsupportedContentType);
    assert!(html.contains("class=\"notice\"") && !html.contains("aria-invalid"));
}

#[test]
fn a_site_without_a_name_is_named_by_its_host() {
    let mut nameless = mention();
    nameless.entry.site_name = None;
    let cards = [nameless];
    let html = EmbedFragment::new(shown("https://blog.example/", &cards))
        .render()
        .unwrap();
    assert!(
        html.contains(r#"<bdi class="p-publication">old.example</bdi>"#),
        "{html}"
    );
    let mut unknown = mention();
    unknown.entry.url = "http://127.0.0.1:9000/a".to_owned();
    unknown.entry.site_name = None;
    unknown.entry.author = None;
    let cards = [unknown];
    let html = EmbedFragment::new(shown("https://blog.example/", &cards))
        .render()
        .unwrap();
    assert!(
        html.contains(r#"<bdi class="p-publication">127.0.0.1:9000</bdi>"#),
        "{html}"
    );
}

#[test]
fn an_error_is_said_once() {
    let html = ErrorPage::new(404, "There is no such page.")
        .render()
        .unwrap();
    assert!(html.contains("<h1>There is no such page</h1>"), "{html}");
    assert!(html.contains(r#"<a href="/">Go to the front page</a>"#));
}

#[test]
fn the_pingback_link_has_the_one_form_that_clients_know() {
    // PB-21, PB-22
    assert_eq!(
        endpoint_link("pingback", "https://lb.example/pingback?a=1&b=2"),
        r#"<link rel="pingback" href="https://lb.example/pingback?a=1&amp;b=2">"#
    );
}

#[test]
fn the_home_page_shows_the_lines_to_paste() {
    let base = Url::parse("https://lb.example/").unwrap();
    let page = HomePage::new(
        &base,
        &[site("a.example"), site("b.example"), site("c.example")],
    );
    assert_eq!(
        page.pingback_link,
        r#"<link rel="pingback" href="https://lb.example/pingback">"#
    );
    assert_eq!(
        page.pingback_header,
        "X-Pingback: https://lb.example/pingback"
    );
    let html = page.render().unwrap();
    // What a reader copies is the text, so each character of the markup is escaped.
    for line in [
        "&#60;link rel=&#34;webmention&#34; href=&#34;https://lb.example/webmention&#34;&#62;",
        "&#60;link rel=&#34;pingback&#34; href=&#34;https://lb.example/pingback&#34;&#62;",
        "Link: &#60;https://lb.example/webmention&#62;; rel=&#34;webmention&#34;",
        "&#60;linkback-mentions&#62;",
        "https://lb.example/embed?target=ARTICLE-URL",
        "of 3 sites,",
    ] {
        assert!(html.contains(line), "{line}\nnot in\n{html}");
    }
    let one = HomePage::new(&base, &[site("blog.example/notes")]);
    assert!(one.render().unwrap().contains("of blog.example/notes,"));
}

#[test]
fn pages_need_nothing_that_their_policy_forbids() {
    assert!(CONTENT_SECURITY_POLICY.starts_with("default-src 'none'; style-src 'self'; form-"));
    let base = Url::parse("https://lb.example/").unwrap();
    let waiting = status(State::Pending);
    let mentions = [mention()];
    for html in [
        EndpointPage::default().render().unwrap(),
        render(&waiting),
        HomePage::new(&base, &[site("blog.example")])
            .render()
            .unwrap(),
        ErrorPage::new(404, "No such page.").render().unwrap(),
        MentionsPage::new(shown("https://blog.example/", &mentions), Vec::new())
            .render()
            .unwrap(),
    ] {
        for forbidden in [
            "<style", "style=\"", "<script", "<img", "<base", "<iframe", " onclick",
        ] {
            assert!(!html.contains(forbidden), "{forbidden} in\n{html}");
        }
        assert!(html.contains(r#"<link rel="stylesheet" href="/style.css">"#));
    }
    assert!(
        !STYLE_CSS.contains("url("),
        "no request but the sheet itself"
    );
    assert!(!STYLE_CSS.contains("@import"));
}

#[test]
fn times_are_given_as_their_author_gave_them() {
    let human = |text: &str| {
        Moment::authored(&AuthoredTime::from_checked(text.to_owned()), Language::En).human
    };
    assert_eq!(human("2011-05-15"), "15 May 2011");
    assert_eq!(human("2011-05-15T23:30:00-05:00"), "15 May 2011");
    assert_eq!(human("soon"), "soon");
    let now = Moment::from(Timestamp::from_millis(1_795_433_775_123));
    assert_eq!(now.machine, "2026-11-23T11:36:15Z");
    assert_eq!(now.human, "23 November 2026, 11:36:15 UTC");
}
