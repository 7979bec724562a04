//! What a sender is told.

use std::time::Duration;

use super::*;

fn failed(kind: FailureKind) -> State {
    State::Failed(Failure {
        kind,
        detail: "10.0.0.7:80 connection refused".to_owned(),
    })
}

#[test]
fn only_a_waiting_submission_renews_its_page_and_never_by_posting_again() {
    let refresh = format!(
        r#"<meta http-equiv="refresh" content="2; url=/status/{}">"#,
        "ab".repeat(16)
    );
    let waiting = status(State::Pending);
    let html = render(&waiting);
    assert!(html.contains(&refresh));
    assert!(!html.contains("Lasting address"), "it is here already");
    let submission = Submission {
        source: waiting.source.clone(),
        target: waiting.target.clone(),
        protocol: Protocol::Webmention,
        vouch: None,
        code: None,
    };
    let queued = StatusPage::queued(waiting.key, &submission);
    let html = queued.render().unwrap();
    assert!(html.contains(&refresh));
    assert!(html.contains("Lasting address of this page"));
    for state in [
        State::Accepted {
            id: MentionId(1),
            last_failure: None,
        },
        State::Rejected {
            near_misses: vec![],
        },
        State::Deleted(Removal::NoLink),
        State::Deleted(Removal::Gone),
        State::Deleted(Removal::Dead),
        State::Deleted(Removal::Blocked),
        failed(FailureKind::Timeout),
    ] {
        let name = state.as_str();
        let html = render(&status(state));
        assert!(!html.contains("http-equiv"), "{name}");
        assert!(html.contains(&format!("state-{name}")), "{name}");
        assert!(html.contains("webmention, pingback"), "{name}");
    }
}

#[test]
fn a_next_check_is_told_and_waited_for_if_it_is_soon() {
    let rejected = |seconds| {
        render(&Status {
            next_check_at: Some(NOW.plus(Duration::from_secs(seconds))),
            ..status(State::Rejected {
                near_misses: vec![],
            })
        })
    };
    for (seconds, want) in [
        (0, ">any moment now</time>"),
        (10, ">in 10 seconds</time>, in case it was not out yet."),
        (180, ">in 3 minutes</time>"),
        (3600, ">on 23 November 2026 at 12:21 UTC</time>"),
    ] {
        let html = rejected(seconds);
        assert!(html.contains(want), "{seconds}: {html}");
        let renews = html.contains(r#"http-equiv="refresh" content="10;"#);
        assert_eq!(renews, seconds < 3600, "{seconds}");
    }
}

#[test]
fn a_near_miss_can_be_sent_instead() {
    let html = render(&status(State::Rejected {
        near_misses: vec![NearMiss {
            url: "http://blog.example/pln/?a&b".to_owned(),
            difference: "It has a query.".to_owned(),
        }],
    }));
    for part in [
        r#"<form action="/webmention" method="post">"#,
        r#"<input type="hidden" name="source" value="https://old.example/a?b=1&#38;c=%22">"#,
        r#"<input type="hidden" name="target" value="http://blog.example/pln/?a&#38;b">"#,
    ] {
        assert!(html.contains(part), "{part}\nnot in\n{html}");
    }
}

#[test]
fn an_accepted_mention_is_linked_to() {
    let html = render(&status(State::Accepted {
        id: MentionId(7),
        last_failure: None,
    }));
    let link = r#"href="/mentions?target=https%3A%2F%2Fblog.example%2Fpln%2F#mention-7""#;
    assert!(html.contains(link), "{html}");
}

#[test]
fn a_stranger_cannot_tell_what_was_refused_from_what_does_not_answer() {
    let page = |kind| render(&status(failed(kind)));
    let refused = page(FailureKind::Refused);
    for kind in [FailureKind::Dns, FailureKind::Connect, FailureKind::Tls] {
        assert_eq!(page(kind), refused, "{}", kind.as_str());
    }
    for kind in FailureKind::ALL {
        assert!(!page(kind).contains("10.0.0.7"), "{}", kind.as_str());
    }
}
