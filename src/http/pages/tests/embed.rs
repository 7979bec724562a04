//! What is shown of mentions.

use super::*;

#[test]
fn embed_is_a_feed_of_citations() {
    let html = EmbedFragment::new(shown("https://blog.example/pln/", &[mention()]))
        .render()
        .unwrap();
    for part in [
        r#"<section class="h-feed linkback plain" lang="en" aria-label="Mentions">"#,
        r#"<h2 class="heading p-name"><bdi>1 mention</bdi></h2>"#,
        r#"<h3 class="label"><bdi>On 1 other page</bdi></h3>"#,
        r#"<article class="h-cite" id="mention-7">"#,
        r#"<p class="title" dir="auto" lang="en"><a class="u-url p-name" href="https://old.example/2011/05/ten-steps/" rel="nofollow ugc noopener">Ten steps &#38; more</a></p>"#,
        r#"<a class="author p-author h-card" href="https://old.example/about/" rel="nofollow ugc noopener"><bdi class="p-name">Ann Teacher</bdi></a>"#,
        r#"<bdi class="p-publication">The Old Blog</bdi>"#,
        r#"<time class="dt-published" datetime="2011-05-15T09:30:00+02:00">15 May 2011</time>"#,
        r#"<blockquote class="text p-content" dir="auto" lang="en">…as somebody <mark>put it so well</mark>, a network is people.</blockquote>"#,
    ] {
        assert!(html.contains(part), "{part}\nnot in\n{html}");
    }
    assert!(!html.contains("rel=\"me"), "nobody may claim to be us");
    assert!(!html.contains("More mentions"));
}

#[test]
fn embed_is_a_fragment_that_any_page_can_include() {
    let mentions = [mention()];
    let fragment = EmbedFragment::new(shown("https://blog.example/", &mentions));
    let html = fragment.render().unwrap();
    // A style sheet may be linked to from the body; its rules are those of the widget.
    assert!(
        html.starts_with(r#"<link rel="stylesheet" href="https://lb.example/widget/style.css">"#),
        "{html}"
    );
    for of_a_page in [
        "<html", "<head", "<body", "<script", "<style", "<h1", " style=",
    ] {
        assert!(!html.contains(of_a_page), "{of_a_page} in\n{html}");
    }
}

#[test]
fn embed_says_when_there_is_nothing_and_when_there_is_more() {
    let none = EmbedFragment::new(shown("https://blog.example/pln/", &[]));
    let html = none.render().unwrap();
    assert!(
        html.contains(r#"<p class="note">No mentions yet.</p>"#),
        "{html}"
    );
    assert!(html.contains(
        r#"<a href="https://lb.example/webmention?target=https%3A%2F%2Fblog.example%2Fpln%2F">Written about this? Add your page</a>"#
    ));
    let more = Some("/mentions?target=https%3A%2F%2Fblog.example%2F&before=7".to_owned());
    let mentions = [mention()];
    let some = EmbedFragment::new(Shown {
        more,
        ..shown("https://blog.example/", &mentions)
    });
    assert!(some.render().unwrap().contains(
        r#"<a class="next" rel="next" href="/mentions?target=https%3A%2F%2Fblog.example%2F&#38;before=7">Show 50 more</a>"#
    ));
}

#[test]
fn headings_count_what_there_is_and_not_what_a_page_has_of_it() {
    let kind = |kind| Mention {
        entry: Entry {
            kind,
            ..mention().entry
        },
        ..mention()
    };
    let rsvp = Mention {
        entry: Entry {
            rsvp: Some(Rsvp::Maybe),
            ..kind(MentionKind::Rsvp).entry
        },
        ..mention()
    };
    let kinds = [
        MentionKind::Like,
        MentionKind::Reply,
        MentionKind::Mention,
        MentionKind::Listen,
    ];
    let part: Vec<_> = kinds.map(kind).into_iter().chain([rsvp]).collect();
    let mut counts = counts_of(&part);
    for (kind, more) in [
        (MentionKind::Like, 1_200),
        (MentionKind::Reply, 70),
        (MentionKind::Mention, 8),
        (MentionKind::Watch, 1),
        (MentionKind::Repost, 4),
    ] {
        counts.add(CountKey::new(kind, None), more);
    }
    let html = EmbedFragment::new(Shown {
        counts,
        ..shown("https://blog.example/", &part)
    })
    .render()
    .unwrap();
    for heading in [
        "1,288 mentions",
        "1,201 likes",
        "71 replies",
        "1 maybe",
        "On 11 other pages",
    ] {
        assert!(html.contains(&format!("<bdi>{heading}</bdi>")), "{html}");
    }
    assert!(!html.contains("repost"), "none of them is on this page");
}

#[test]
fn what_a_source_does_not_say_is_made_up_from_its_address() {
    let mut bare = mention();
    bare.entry.title = Some("  ".to_owned());
    bare.entry.site_name = None;
    bare.entry.author = None;
    bare.entry.published = None;
    bare.entry.excerpt = None;
    bare.entry.language = None;
    let html = EmbedFragment::new(shown("https://blog.example/pln/", &[bare]))
        .render()
        .unwrap();
    assert!(
        html.contains(">old.example/2011/05/ten-steps/</a>"),
        "{html}"
    );
    assert!(html.contains(r#"<bdi class="p-publication">old.example</bdi>"#));
    assert!(html.contains("noticed <time class=\"dt-accessed\" datetime=\"2026-11-23T"));
    assert!(!html.contains("p-author"));
    assert!(!html.contains("<blockquote"));
}
