//! What strangers write stays what they wrote, and no reader's browser is sent to them.

use serde_json::json;

use crate::page::{Article, ROOT, entry, read, tab, texts};
use crate::support::source_site::SourcePage;

const EVIL: &str = "\"'></a></script><script>window.ran = true</script><img src=x onerror=\"window.ran=true\"><style>*{display:none}</style>{n}{name}";

#[actix_web::test]
async fn hostile_pages_are_shown_as_the_text_they_are() {
    let Some(mut tab) = tab().await else { return };
    let article = Article::with("", "").await;
    let attack = EVIL.replace('<', "&lt;").replace('"', "&quot;");
    let page = format!(
        "<title>{attack}</title><meta name=author content=\"{attack}\"><meta property=og:site_name content=\"{attack}\">\
         <p>{attack} and <a href=\"{}\">{attack}</a></p>",
        article.url
    );
    article.send("/evil", &page).await;
    article
        .tell("/evil-reply", &attack, "u-in-reply-to", &attack)
        .await;
    article.tell("/evil-like", &attack, "u-like-of", "").await;
    read(&mut tab, &article.url).await;
    assert!(texts(&mut tab, ".title").await[0].contains("<img src=x onerror="));
    assert!(texts(&mut tab, "mark").await[0].contains("<script>window.ran"));
    assert!(texts(&mut tab, ".turns .text").await[0].contains("<style>*{display:none}"));
    assert!(texts(&mut tab, ".piles .sr").await[0].contains("<script>"));
    let foreign = tab
        .eval(&format!(
            "{ROOT}.querySelectorAll('img, script, style, iframe, [style]').length"
        ))
        .await;
    assert_eq!(foreign, 0);
    assert_ne!(tab.eval("window.ran").await, true);
    article.service.stop().await;
}

#[actix_web::test]
async fn whatever_a_service_answers_no_field_becomes_markup_or_leads_elsewhere_than_the_web() {
    let Some(mut tab) = tab().await else { return };
    let article = Article::with("", "").await;
    let author = |avatar: &str| json!({"name": EVIL, "url": "javascript:window.ran=true", "photo": "https://third.example/p.png", "avatar": avatar});
    let mention = |id: i64, kind: &str, avatar: &str| {
        json!({
            "id": id, "kind": kind, "also": [], "rsvp": EVIL, "source": "javascript:window.ran=true", "target": EVIL,
            "url": "javascript:window.ran=true", "title": EVIL, "summary": EVIL,
            "content": {"html": EVIL, "text": EVIL}, "excerpt": {"before": EVIL, "linked": EVIL, "after": EVIL},
            "author": author(avatar), "published": if id % 2 == 0 { EVIL } else { "Tue, 05 Jan 2021 10:00:00 GMT" }, "updated": EVIL,
            "photos": [{"url": "https://third.example/a.png", "cached": "https://third.example/a.png", "alt": EVIL}],
            "videos": ["https://third.example/v"], "audio": [], "categories": [EVIL], "syndication": [],
            "location": null, "site_name": EVIL, "site_icon": "https://third.example/i.png", "language": EVIL,
            "received": EVIL, "verified": EVIL, "protocols": [],
            "comments": [{"kind": "reply", "author": author("//third.example/c.png"), "published": EVIL, "text": EVIL, "url": "data:text/html,x"}],
        })
    };
    let mut mentions: Vec<_> = [
        "like",
        "repost",
        "bookmark",
        "reaction",
        "reply",
        "quotation",
        "rsvp",
        "mention",
        "no-such-kind",
    ]
    .iter()
    .zip(1..)
    .map(|(kind, id)| mention(id, kind, "https://third.example/avatar.png"))
    .collect();
    for (avatar, id) in [
        "//third.example/m",
        "/media/../../x",
        "javascript:1",
        "/media//third.example",
    ]
    .iter()
    .zip(20..)
    {
        mentions.push(mention(id, "reply", avatar));
    }
    let counts = json!({"total": 13, "kinds": {EVIL: 1, "reply": EVIL}});
    let answer = json!({"target": EVIL, "version": 1, "total": 13, "counts": counts, "next": null, "mentions": mentions});
    tab.prepare(&format!(
        "const real = window.fetch; window.fetch = (url, options) => String(url).includes('/api/v1/mentions') \
         ? Promise.resolve(new Response({})) : real(url, options);",
        serde_json::Value::from(answer.to_string())
    ))
    .await;
    read(&mut tab, &article.url).await;
    assert!(texts(&mut tab, ".turns .text").await[0].contains("<script>window.ran"));
    // Every link may be followed: it leads nowhere that runs.
    tab.eval(&format!(
        "{ROOT}.querySelectorAll('details').forEach((one) => one.open = true)"
    ))
    .await;
    let leads = tab
        .eval(&format!(
            "[...{ROOT}.querySelectorAll('a')].map((a) => a.protocol)"
        ))
        .await;
    for protocol in leads.as_array().unwrap() {
        assert!(protocol == "http:" || protocol == "https:", "{leads}");
    }
    tab.eval("new Promise((done) => setTimeout(done, 300))")
        .await;
    assert_ne!(tab.eval("window.ran").await, true);
    let inside = tab
        .eval(&format!(
            "{ROOT}.querySelectorAll('script, style, iframe, [style], [onclick], [onerror]').length"
        ))
        .await;
    assert_eq!(inside, 0);
    for asked in tab.requests() {
        let is_own = asked.starts_with(&article.origin)
            || asked.starts_with(&article.site.url)
            || asked.starts_with("data:");
        assert!(is_own, "asked a third host: {asked}");
    }
    article.service.stop().await;
}

#[actix_web::test]
async fn pictures_come_from_the_service_and_initials_stand_in_for_them() {
    let Some(mut tab) = tab().await else { return };
    let article = Article::with("", "").await;
    let status = article
        .tell("/reply", "Ann Teacher", "u-in-reply-to", "Yes.")
        .await;
    let list = crate::support::form(&[("target", &article.url)]);
    let mut answer = article
        .service
        .get(&format!("/api/v1/mentions?{list}"))
        .await
        .json();
    assert_eq!(status["status"], "accepted");
    answer["mentions"][0]["author"]["avatar"] = json!("/media/0123456789abcdef.webp");
    answer["mentions"][0]["author"]["photo"] = json!("https://third.example/ann.jpg");
    tab.prepare(&format!(
        "const real = window.fetch; window.fetch = (url, options) => String(url).includes('/api/v1/mentions') \
         ? Promise.resolve(new Response({})) : real(url, options);",
        serde_json::Value::from(answer.to_string())
    ))
    .await;
    read(&mut tab, &article.url).await;
    // It is not there: the letters, which were drawn at once, stay.
    tab.eval(&format!("{ROOT}.querySelector('.turns').scrollIntoView()"))
        .await;
    tab.wait(&format!("!{ROOT}.querySelector('img')")).await;
    assert_eq!(texts(&mut tab, ".turns .face").await, ["AT"]);
    let asked = tab.requests();
    let media = format!("{}/media/0123456789abcdef.webp", article.origin);
    assert!(asked.contains(&media), "{asked:#?}");
    assert!(
        !asked.iter().any(|url| url.contains("third.example")),
        "{asked:#?}"
    );
    article.service.stop().await;
}

#[actix_web::test]
async fn the_cached_picture_is_shown_and_the_original_is_never_asked_for() {
    let Some(mut tab) = tab().await else { return };
    let article = Article::with("", "").await;
    let mut face = SourcePage::html("");
    face.content_type = "image/webp".to_owned();
    face.body = include_bytes!("../../src/cli/demo/pages/pictures/1.webp").to_vec();
    let original = article.site.put("/face.webp", face);
    let page = entry(
        "Ann",
        &format!(
            "<a class=u-in-reply-to href=\"{}\">to this</a>",
            article.url
        ),
        "Yes.",
    )
    .replace(
        "<time",
        &format!("<img class=u-photo alt=hill src=\"{original}\"><time"),
    )
    .replace(
        "<a class=\"p-name u-url\"",
        &format!("<img class=u-photo alt='' src=\"{original}\"><a class=\"p-name u-url\""),
    );
    article.send("/reply", &page).await;
    let list = crate::support::form(&[("target", &article.url)]);
    let path = format!("/api/v1/mentions?{list}");
    let deadline = tokio::time::Instant::now() + crate::support::PATIENCE;
    let is_copied = |answer: &serde_json::Value| {
        let mention = &answer["mentions"][0];
        mention["author"]["avatar"].is_string() && mention["photos"][0]["cached"].is_string()
    };
    while !is_copied(&article.service.get(&path).await.json()) {
        assert!(tokio::time::Instant::now() < deadline, "no copy was made");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    read(&mut tab, &article.url).await;
    tab.eval(&format!("{ROOT}.querySelector('.turns').scrollIntoView()"))
        .await;
    for picture in [".face img", ".photos img"] {
        tab.wait(&format!(
            "{ROOT}.querySelector('{picture}')?.naturalWidth > 0"
        ))
        .await;
    }
    let asked = tab.requests();
    assert!(!asked.contains(&original), "{asked:#?}");
    assert!(
        asked
            .iter()
            .any(|url| url.starts_with(&format!("{}/media/", article.origin)))
    );

    // The fragment shows the same.
    let embed = crate::support::get(
        article.service.address,
        &format!("/embed?{list}"),
        "text/html",
    )
    .await;
    let html = embed.text();
    let ours = format!("<img src=\"{}/media/", article.origin);
    assert!(
        html.contains(&ours) && html.contains("class=\"u-photo\""),
        "{html}"
    );
    assert!(!html.contains(&original), "{html}");
    let policy = embed.header("content-security-policy").unwrap();
    assert!(policy.contains("img-src 'self'"), "{policy}");
    article.service.stop().await;
}
