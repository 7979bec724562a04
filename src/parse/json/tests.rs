//! Documents of JSON, and what is read in them.

use super::*;

fn verdict(text: &str) -> Verdict {
    let url = Url::parse("https://source.example/a.json").unwrap();
    let target = TargetUrl::parse("https://ex.com/a").unwrap();
    read(text, &url, &target).verdict
}

#[test]
fn only_a_whole_string_value_is_a_link() {
    for (text, links) in [
        (r#"{"url":"https://ex.com/a"}"#, true),
        (r#"["x",{"a":[["HTTPS://ex.com:443/a"]]}]"#, true),
        (r#""https:\/\/ex.com\/a""#, true),
        (r#"{"https://ex.com/a":1}"#, false),
        (r#"{"text":"see https://ex.com/a"}"#, false),
        (r#"{"url":"https://ex.com/abc"}"#, false),
        (
            r#"{"content_html":"<p>see <a href='https://ex.com/a'>it</a></p>"}"#,
            true,
        ),
        (r#"{"content_html":"<p>https://ex.com/a</p>"}"#, false),
        (
            r#"{"content_text":"<a href='https://ex.com/a'>it</a>"}"#,
            false,
        ),
        ("[]", false),
    ] {
        assert_eq!(matches!(verdict(text), Verdict::Links(_)), links, "{text}");
    }
}

#[test]
fn a_json_feed_item_gives_its_own_facts() {
    let feed = r#"{"version":"https://jsonfeed.org/version/1.1","title":"Feed","language":"en",
        "authors":[{"name":"Ann","url":"https://source.example/"}],
        "items":[{"title":"Other","content_html":""},
        {"title":"Post","url":"https://source.example/p","date_published":"2024-01-02T03:04:05Z",
         "content_html":"<p>Have you read <a href=\"https://ex.com/a\">this</a> yet, dear reader?</p>"}]}"#;
    let Verdict::Links(entry) = verdict(feed) else {
        panic!("no link");
    };
    assert_eq!(entry.title.as_deref(), Some("Post"));
    assert_eq!(entry.author.unwrap().name.as_deref(), Some("Ann"));
    assert_eq!(entry.url, "https://source.example/p");
    assert_eq!(entry.published.unwrap().as_str(), "2024-01-02T03:04:05Z");
    assert_eq!(entry.excerpt.unwrap().before, "Have you read ");
}

#[test]
fn a_link_before_the_end_of_a_broken_document_counts() {
    let feed = r#"{"title":"Fe\"ed","n":[1,{"x":true}],"items":[{"title":"Post","url":"https://ex.com/a","tags":["x"],"#;
    let Verdict::Links(entry) = verdict(feed) else {
        panic!("no link");
    };
    assert_eq!(entry.title.as_deref(), Some("Post"));
    for (text, links) in [
        (r#"{"url":"https://ex.com/a""#, true),
        (r#"{"url":"https://ex.com/a"#, false),
        (r#"{"url":"https://ex.com/a\""#, false),
        (r#"["https://ex.com/a""#, true),
        (r#"["https://ex.com/a",12"#, true),
        (r#"["https://ex.com/a",{"b":[{"#, true),
        (r#"["https://ex.com/a",{"b":tr"#, true),
        (r#"{"a":1,"https://ex.com/a""#, false),
        (r#"{"a":1,"https://ex.com/a":"x","#, false),
        (
            r#"{"items":[{"content_html":"<a href='https://ex.com/a'>it</a>"},{"content_html":"<p"#,
            true,
        ),
        (
            r#"{"items":[{"content_html":"<a href='https://ex.com/a'>it</a><p"#,
            false,
        ),
        ("", false),
    ] {
        let verdict = verdict(text);
        let unreadable = matches!(verdict, Verdict::Unreadable(Unreadable::Malformed(_)));
        assert_eq!(matches!(verdict, Verdict::Links(_)), links, "{text}");
        assert_eq!(unreadable, !links, "{text}");
    }
}

#[test]
fn what_is_not_json_and_what_is_too_deep_is_unreadable() {
    assert!(matches!(
        verdict("{"),
        Verdict::Unreadable(Unreadable::Malformed(_))
    ));
    let deep = "[".repeat(100_000);
    assert_eq!(verdict(&deep), Verdict::Unreadable(Unreadable::TooComplex));
}

#[test]
fn json_of_a_known_form_is_told_as_a_page_is() {
    use crate::model::MentionKind;
    for (text, kind, author, content) in [
        (
            r#"{"items":[{"type":["h-entry"],"properties":{"in-reply-to":["https://ex.com/a"],"author":[{"type":["h-card"],"properties":{"name":["Ann"]}}],"content":[{"html":"<p>Yes, <b>do</b>.</p>","value":"Yes, do."}]}}]}"#,
            MentionKind::Reply,
            Some("Ann"),
            Some("Yes, do."),
        ),
        (
            r#"{"type":"entry","like-of":"https://ex.com/a","author":{"type":"card","name":"Ann"}}"#,
            MentionKind::Like,
            Some("Ann"),
            None,
        ),
        (
            r#"{"@context":"https://www.w3.org/ns/activitystreams","type":"Note","id":"https://source.example/n","attributedTo":{"type":"Person","name":"Ann"},"inReplyTo":"https://ex.com/a","content":"<p>Yes</p>"}"#,
            MentionKind::Reply,
            Some("Ann"),
            Some("Yes"),
        ),
        (
            r#"{"@context":"https://www.w3.org/ns/activitystreams","type":"Note","id":"https://source.example/n","content":"<p>See <a href=\"https://ex.com/a\">it</a></p>"}"#,
            MentionKind::Mention,
            None,
            Some("See it"),
        ),
        (
            r#"{"@context":"https://www.w3.org/ns/activitystreams","type":"Announce","actor":{"type":"Person","name":"Ann"},"object":"https://ex.com/a"}"#,
            MentionKind::Repost,
            Some("Ann"),
            None,
        ),
    ] {
        let Verdict::Links(entry) = verdict(text) else {
            panic!("no link: {text}");
        };
        assert_eq!(entry.kind, kind, "{text}");
        let name = entry.author.and_then(|author| author.name);
        assert_eq!(name.as_deref(), author, "{text}");
        let said = entry.content.map(|content| content.text);
        assert_eq!(said.as_deref(), content, "{text}");
    }
}
