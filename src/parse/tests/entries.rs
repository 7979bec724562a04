//! Which entry is meant, what it does to the target, and what it says.

use super::{page_at, target};
use crate::model::{Entry, MentionKind, Reading, Rsvp, Verdict};
use crate::parse::read_source;

const TARGET: &str = "https://ex.com/a";

/// Reads a page at `url`; `{T}` in it is the target.
fn read_at(url: &str, body: &str) -> Reading {
    let html = format!(
        "<!doctype html><title>Page | Site</title>{}",
        body.replace("{T}", TARGET)
    );
    read_source(
        &page_at(url, Some("text/html"), html.into_bytes()),
        &target(TARGET),
    )
}

pub(super) fn read(body: &str) -> Reading {
    read_at("https://blog.example/post", body)
}

pub(super) fn entry_of(reading: Reading) -> Entry {
    match reading.verdict {
        Verdict::Links(entry) => *entry,
        other => panic!("{other:?}"),
    }
}

fn entry(body: &str) -> Entry {
    entry_of(read(body))
}

#[test]
fn the_kind_is_what_the_entry_does_to_this_target() {
    use MentionKind::{
        Bookmark, Invite, Like, Listen, Mention, PersonTag, Play, Quotation, Reaction, Read, Reply,
        Repost, Watch,
    };
    for (body, kind, also) in [
        ("<a class=u-in-reply-to href='{T}'>x</a>", Reply, vec![]),
        (
            "<a class=u-in-reply-to href='https://other.example/'>x</a> <a href='{T}'>y</a>",
            Mention,
            vec![],
        ),
        (
            "<a class=u-like-of href='https://other.example/'>x</a><p class=e-content><a href='{T}'>y</a>",
            Mention,
            vec![],
        ),
        ("<a class=u-like-of href='{T}'>x</a>", Like, vec![]),
        ("<a class=u-favorite-of href='{T}'>x</a>", Like, vec![]),
        ("<a class=u-like href='{T}'>x</a>", Like, vec![]),
        (
            "<div class='p-like h-cite'><a class=u-url href='{T}'>x</a></div>",
            Mention,
            vec![],
        ),
        (
            "<div class='u-comment h-cite'><a class=u-url href='{T}'>x</a></div>",
            Mention,
            vec![],
        ),
        ("<a class=u-repost-of href='{T}'>x</a>", Repost, vec![]),
        ("<a class=u-bookmark-of href='{T}'>x</a>", Bookmark, vec![]),
        (
            "<a class=u-quotation-of href='{T}'>x</a>",
            Quotation,
            vec![],
        ),
        ("<a class=u-listen-of href='{T}'>x</a>", Listen, vec![]),
        ("<a class=u-read-of href='{T}'>x</a>", Read, vec![]),
        ("<a class=u-watch-of href='{T}'>x</a>", Watch, vec![]),
        ("<a class=u-play-of href='{T}'>x</a>", Play, vec![]),
        (
            "<a class='p-invitee h-card' href='{T}'>Ann</a>",
            Invite,
            vec![],
        ),
        (
            "<a class='u-category h-card' href='{T}'>Ann</a>",
            PersonTag,
            vec![],
        ),
        ("<a class=u-category href='{T}'>tag</a>", Mention, vec![]),
        ("<a rel=in-reply-to href='{T}'>x</a>", Reply, vec![]),
        (
            "<a class='u-in-reply-to u-like-of' href='{T}'>x</a>",
            Like,
            vec![Reply],
        ),
        (
            "<a class=u-in-reply-to href='{T}'>x</a><p class='e-content p-name'>🎉</p>",
            Reaction,
            vec![],
        ),
        (
            "<a class=u-in-reply-to href='{T}'>x</a><p class=e-content>🎉 yes</p>",
            Reply,
            vec![],
        ),
        // The scheme and a slash do not count, once the link is proved.
        (
            "<a class=u-in-reply-to href='http://ex.com/a/'>x</a> <a href='{T}'>y</a>",
            Reply,
            vec![],
        ),
        (
            "<div class='u-in-reply-to h-cite'><a class='u-url p-name' href='{T}'>x</a> by <span class='p-author h-card'>Bob</span></div>",
            Reply,
            vec![],
        ),
        (
            "<div class='p-in-reply-to h-cite'><a class=u-url href='https://o.example/'></a><p class=e-content><a href='{T}'>the quoted post links too</a></p></div>",
            Mention,
            vec![],
        ),
    ] {
        let got = entry(&format!("<div class=h-entry>{body}</div>"));
        assert_eq!((got.kind, got.also), (kind, also), "{body}");
    }
}

#[test]
fn an_answer_to_an_invitation_says_which() {
    for (body, want) in [
        (
            "<data class=p-rsvp value=yes></data><a class=u-in-reply-to href='{T}'>x</a>",
            Some(Rsvp::Yes),
        ),
        (
            "<span class=p-rsvp>Interested</span><a class=u-in-reply-to href='{T}'>x</a>",
            Some(Rsvp::Interested),
        ),
        (
            "<span class=p-rsvp>no</span><a href='{T}'>x</a>",
            Some(Rsvp::No),
        ),
        (
            "<span class=p-rsvp>perhaps</span><a class=u-in-reply-to href='{T}'>x</a>",
            None,
        ),
        (
            "<span class=p-rsvp>yes</span><a class=u-in-reply-to href='https://o.example/'>x</a><a href='{T}'>x</a>",
            None,
        ),
    ] {
        let got = entry(&format!("<div class=h-entry>{body}</div>"));
        assert_eq!(got.rsvp, want, "{body}");
        assert_eq!(got.kind == MentionKind::Rsvp, want.is_some(), "{body}");
    }
}

const FRONT: &str = "<div class=h-feed><h1 class=p-name>Ann's notes</h1><a class='p-author h-card' href='/'>Ann</a>
    <div class=h-entry id=n1><p class=e-content>One.</p><a class=u-url href=/n/1>1</a></div>
    <div class=h-entry id=n2><p class=e-content>Two: <a href='{T}'>read this</a>.</p><a class=u-url href=/n/2><time class=dt-published datetime=2024-05-06>6 May</time></a></div>
    <div class=h-entry id=n3><a class=u-like-of href='{T}'>Liked</a><a class=u-url href=/n/3>3</a></div></div>";

#[test]
fn on_a_page_of_many_entries_the_one_that_responds_speaks() {
    let got = entry_of(read_at("https://blog.example/", FRONT));
    assert_eq!(got.kind, MentionKind::Like);
    assert_eq!(got.url, "https://blog.example/n/3");
    assert_eq!(got.author.unwrap().name.as_deref(), Some("Ann"));
    assert_eq!(got.title, None);
    assert_eq!(got.published, None);
}

#[test]
fn an_entry_is_named_by_its_id_unless_that_is_longer_than_an_address() {
    let read = |id: &str| {
        let page = format!(
            "<div class=h-feed><div class=h-entry id={id}><a class=u-like-of href='{{T}}'>x</a></div>
             <div class=h-entry><a class=u-url href=/2>2</a></div></div>"
        );
        entry_of(read_at("https://blog.example/", &page)).url
    };
    assert_eq!(read("n1"), "https://blog.example/#n1");
    assert_eq!(read(&"x".repeat(5000)), "https://blog.example/");
}

#[test]
fn the_sources_fragment_names_the_entry() {
    let got = entry_of(read_at("https://blog.example/#n2", FRONT));
    assert_eq!(got.kind, MentionKind::Mention);
    assert_eq!(got.url, "https://blog.example/n/2");
    assert_eq!(got.published.unwrap().as_str(), "2024-05-06");
    let unknown = entry_of(read_at("https://blog.example/#n9", FRONT));
    assert_eq!(unknown.kind, MentionKind::Like);
}

#[test]
fn the_pages_own_entry_stands_before_its_neighbours() {
    let body = "<article class=h-entry><h1 class=p-name>Mine</h1><a class=u-url href=/post></a><p class=e-content>See <a href='{T}'>this</a></p></article>
        <aside><div class=h-entry><a class='u-url p-name' href=/other>Other</a> on <a class=u-like-of href='{T}'>x</a></div></aside>";
    let got = entry(body);
    assert_eq!(
        (got.kind, got.title.as_deref()),
        (MentionKind::Mention, Some("Mine"))
    );
}

#[test]
fn a_link_outside_of_every_entry_is_the_pages() {
    let got = entry(
        "<article class=h-entry><h1 class=p-name>Mine</h1><a class=p-author href=/ann>Ann</a><p class=e-content>Words.</p></article>
         <footer><p>I have long been reading <a href='{T}'>this one</a>, by the way.</p></footer>",
    );
    assert_eq!(
        (got.kind, got.title.as_deref()),
        (MentionKind::Mention, Some("Mine"))
    );
    assert_eq!(got.content, None);
    assert_eq!(got.excerpt.unwrap().linked, "this one");
}

#[test]
fn the_original_of_a_bridges_copy_is_where_readers_are_sent() {
    let got = entry_of(read_at(
        "https://brid.gy/like/silo/ann/1/2",
        "<article class=h-entry><span class=p-uid>tag:silo,2013:1_2</span>
         <span class='p-author h-card'><data class=p-uid value='tag:silo,2013:ann'></data>
           <a class='p-name u-url' href='https://silo.example/ann'>Ann</a> <a class=u-url href='https://ann.example/'></a></span>
         <span class=p-name></span><div class=''></div>
         <a class=u-like-of href='https://silo.example/bob/1'></a><a class=u-like-of href='{T}'></a>
         <a class=u-url href='https://silo.example/bob/1#liked-by-ann'>link</a></article>",
    ));
    assert_eq!(got.kind, MentionKind::Like);
    assert_eq!(got.title, None);
    assert_eq!(got.url, "https://silo.example/bob/1#liked-by-ann");
    assert_eq!(got.author.unwrap().name.as_deref(), Some("Ann"));
}

#[test]
fn all_that_an_entry_says_is_kept() {
    let got = entry(
        "<article class=h-entry><h1 class=p-name>A walk</h1><p class=p-summary>By the sea.</p>
         <div class=e-content><p>To <a class=u-in-reply-to href='{T}'>you</a>: it was fine.</p></div>
         <time class=dt-published datetime='2024-05-06T07:08+02:00'></time><time class=dt-updated datetime='2024-05-07'></time>
         <img class=u-photo src=/1.jpg alt='The sea'><img class=u-photo src=/2.jpg><img class=u-photo src='javascript:x'>
         <video class=u-video src=/1.mp4></video><audio class=u-audio src=/1.mp3></audio>
         <a class=p-category href=/tag/sea>#sea</a><span class=p-category>walks</span>
         <a class=u-syndication href='https://silo.example/1'></a>
         <div class='p-location h-card'><span class=p-name>Whitby</span><data class=p-latitude value=54.48></data><data class=p-longitude value=-0.61></data></div>
         <div class='u-comment h-cite'><a class='p-author h-card' href='https://bob.example/'>Bob</a> <p class=e-content>Nice!</p><a class=u-url href='https://bob.example/1'></a></div>
         <div class='p-like h-cite'><a class='p-author h-card' href='https://cyd.example/'>Cyd</a></div></article>",
    );
    assert_eq!(got.kind, MentionKind::Reply);
    assert_eq!(got.title.as_deref(), Some("A walk"));
    assert_eq!(got.summary.as_deref(), Some("By the sea."));
    assert_eq!(got.content.unwrap().text, "To you: it was fine.");
    assert_eq!(got.published.unwrap().as_str(), "2024-05-06T07:08:00+02:00");
    assert_eq!(got.updated.unwrap().as_str(), "2024-05-07");
    let photos: Vec<_> = got
        .photos
        .iter()
        .map(|p| (p.url.as_str(), p.alt.as_deref()))
        .collect();
    assert_eq!(
        photos,
        [
            ("https://blog.example/1.jpg", Some("The sea")),
            ("https://blog.example/2.jpg", None)
        ]
    );
    assert_eq!(got.videos, ["https://blog.example/1.mp4"]);
    assert_eq!(got.audio, ["https://blog.example/1.mp3"]);
    assert_eq!(got.categories, ["sea", "walks"]);
    assert_eq!(got.syndication, ["https://silo.example/1"]);
    let location = got.location.unwrap();
    assert_eq!(location.name.as_deref(), Some("Whitby"));
    assert_eq!(location.coordinates, Some((54.48, -0.61)));
    let comments: Vec<_> = got
        .comments
        .iter()
        .map(|c| {
            (
                c.kind,
                c.author.as_ref().and_then(|a| a.name.as_deref()),
                c.text.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        comments,
        [
            (MentionKind::Reply, Some("Bob"), Some("Nice!")),
            (MentionKind::Like, Some("Cyd"), None)
        ]
    );
}

#[test]
fn addresses_that_do_not_exist_on_earth_are_no_place() {
    let place = |latitude: &str| {
        entry(&format!(
            "<div class=h-entry><a href='{{T}}'>x</a><div class='p-location h-geo'><span class=p-latitude>{latitude}</span><span class=p-longitude>5</span></div></div>"
        ))
        .location
    };
    assert_eq!(place("52.5").unwrap().coordinates, Some((52.5, 5.0)));
    for wrong in ["91", "NaN", "inf", "52°", ""] {
        assert_eq!(place(wrong), None, "{wrong}");
    }
}

#[test]
fn a_name_that_is_how_the_content_begins_is_no_title() {
    let title = |body: &str| entry(&format!("<div class=h-entry>{body}</div>")).title;
    assert_eq!(
        title("<p class='p-name e-content'>See <a href='{T}'>x</a></p>"),
        None
    );
    assert_eq!(
        title(
            "<data class=p-name value='See x…'></data><p class=e-content>See x, and y <a href='{T}'>z</a></p>"
        ),
        None
    );
    assert_eq!(
        title("<p class=e-content>See <a href='{T}'>x</a></p>"),
        None
    );
    assert_eq!(
        title("<div class=e-content><h2 class=p-name>See x</h2><p><a href='{T}'>x</a></p></div>")
            .as_deref(),
        Some("See x")
    );
    assert_eq!(
        title("<h1 class=p-name>Title</h1><p class=e-content>See <a href='{T}'>x</a></p>")
            .as_deref(),
        Some("Title")
    );
}
