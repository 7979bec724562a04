//! What is shown, and how it is moved about in.

use crate::page::{Article, ROOT, entry, read, tab, texts};
use crate::support::get;

#[actix_web::test]
async fn every_kind_has_its_place() {
    let Some(mut tab) = tab().await else { return };
    let article = Article::with("", "").await;
    for (path, name, class, content) in [
        ("/like", "Lena", "u-like-of", ""),
        ("/like2", "Paul", "u-like-of", ""),
        ("/repost", "Rosa", "u-repost-of", ""),
        ("/bookmark", "Bea", "u-bookmark-of", ""),
        ("/reaction", "Emma", "u-in-reply-to", "🎉"),
        (
            "/reply",
            "Rudi",
            "u-in-reply-to",
            "I have an answer to that.",
        ),
        ("/quote", "Quinn", "u-quotation-of", "As they say there."),
        ("/listen", "Lee", "u-listen-of", "On the bus."),
    ] {
        article.tell(path, name, class, content).await;
    }
    let rsvp = format!(
        "<a class=u-in-reply-to href=\"{}\">to this</a> <data class=p-rsvp value=yes>I come</data>",
        article.url
    );
    article.send("/rsvp", &entry("Yara", &rsvp, "")).await;
    article
        .send(
            "/old",
            &format!(
                "<title>Ten steps | An old blog</title><article><h1>Ten steps</h1><p>I have read \
                 <a href=\"{}\">something good</a> about it.</p></article>",
                article.url
            ),
        )
        .await;
    read(&mut tab, &article.url).await;

    assert_eq!(texts(&mut tab, ".heading").await, ["10 mentions"]);
    assert_eq!(
        texts(&mut tab, ".label").await,
        [
            "2 likes",
            "1 repost",
            "1 bookmark",
            "1 reaction",
            "Who is coming",
            "1 coming",
            "1 reply",
            "On 3 other pages"
        ]
    );
    // Newest first; each face has a name that is read out.
    assert_eq!(
        texts(&mut tab, ".piles .sr").await,
        ["Paul", "Lena", "Rosa", "Bea", "Emma"]
    );
    assert_eq!(texts(&mut tab, ".emoji").await, ["🎉"]);
    assert_eq!(texts(&mut tab, ".rsvps .sr").await, ["Yara"]);
    assert_eq!(texts(&mut tab, ".turns .author").await, ["Rudi"]);
    assert_eq!(
        texts(&mut tab, ".turns .text").await,
        ["I have an answer to that."]
    );
    assert_eq!(texts(&mut tab, ".cards .title").await, ["Ten steps"]);
    assert_eq!(
        texts(&mut tab, ".cards mark").await,
        ["something good", "this"]
    );
    let bylines = texts(&mut tab, ".cards .by").await;
    assert!(
        bylines[1].starts_with("Lee listened to this"),
        "{bylines:?}"
    );
    assert!(bylines[2].starts_with("Quinn quoted this"), "{bylines:?}");
    assert_eq!(texts(&mut tab, ".turns time").await, ["12 January 2025"]);
    article.service.stop().await;
}

#[actix_web::test]
async fn a_reply_that_anothers_page_shows_stands_below_it() {
    let Some(mut tab) = tab().await else { return };
    let article = Article::with("", "").await;
    let answer = format!("{}/second", article.site.url);
    let first = entry("Ann", &format!("<a class=u-in-reply-to href=\"{}\">to this</a>", article.url), "The first word.")
        .replace(
            "</article>",
            &format!(
                "<div class=\"u-comment h-cite\"><a class=u-url href=\"{answer}\">x</a>\
                 <a class=\"p-author h-card\" href=\"/b\">Bob</a><p class=p-content>The second.</p></div>\
                 <div class=\"u-comment h-cite\"><a class=u-url href=\"{answer}-not-here\">x</a>\
                 <a class=\"p-author h-card\" href=\"/c\">Cyd</a><p class=p-content>The third.</p></div>\
                 <div class=\"u-comment h-cite\"><b class=\"p-author h-card\">Dot</b><p class=p-content>The fourth.</p></div>\
                 <div class=\"u-comment h-cite\"><b class=\"p-author h-card\">Eve</b><p class=p-content>The fifth.</p></div></article>"
            ),
        );
    article.send("/first", &first).await;
    article
        .tell("/second", "Bob", "u-in-reply-to", "The second, in full.")
        .await;
    read(&mut tab, &article.url).await;
    assert_eq!(
        texts(&mut tab, ".turns > li > article .author").await,
        ["Ann"]
    );
    assert_eq!(
        texts(&mut tab, ".turns ol .author").await,
        ["Bob", "Cyd", "Dot", "Eve"]
    );
    assert_eq!(
        texts(&mut tab, ".turns ol .text").await,
        [
            "The second, in full.",
            "The third.",
            "The fourth.",
            "The fifth."
        ]
    );
    let answers = texts(&mut tab, ".turns ol .by > span + span").await;
    assert_eq!(answers, ["to Ann"; 4]);
    article.service.stop().await;
}

#[actix_web::test]
async fn fifty_mentions_take_two_requests_and_move_nothing() {
    let Some(mut tab) = tab().await else { return };
    let article = Article::with("", "").await;
    article.send_many(50).await;
    tab.prepare(
        "window.shift = 0; new PerformanceObserver((list) => { for (const entry of list.getEntries()) \
         shift += entry.value; }).observe({ type: 'layout-shift', buffered: true }); \
         const look = () => { const root = document.querySelector('linkback-mentions')?.shadowRoot; \
         if (root?.querySelector('article')) window.first = performance.now(); else requestAnimationFrame(look); }; \
         requestAnimationFrame(look);",
    )
    .await;
    read(&mut tab, &article.url).await;
    tab.eval("new Promise((done) => setTimeout(done, 500))")
        .await;
    let asked: Vec<_> = tab
        .requests()
        .into_iter()
        .filter(|url| url.starts_with(&article.origin))
        .collect();
    assert_eq!(asked.len(), 2, "{asked:#?}");
    assert!(
        asked[0].ends_with("/widget.js") && asked[1].contains("/api/v1/mentions?"),
        "{asked:?}"
    );
    let shift = tab.eval("shift").await.as_f64().unwrap();
    assert!(shift <= 0.02, "layout shift {shift}");
    let wait = tab
        .eval(
            "first - performance.getEntriesByType('resource').find((e) => e.name.includes('/api/')).responseEnd",
        )
        .await;
    eprintln!("first content {wait} ms after the data's arrival; layout shift {shift}");
    assert_eq!(
        texts(&mut tab, ".cards > li").await.len(),
        20,
        "the rest is a click away"
    );

    // The same on a page that is shorter than the window, whose style sheet keeps the room as
    // docs/embedding.md says.
    let short = crate::support::source_site::SourcePage::html(&format!(
        "<!doctype html><html lang=en><link rel=icon href=\"data:,\"><link rel=canonical href=\"{}\"><title>short</title>\
         <style>linkback-mentions:not(:defined) {{ display: block; min-block-size: 100vh }}</style>\
         <h1>Short</h1><linkback-mentions></linkback-mentions><footer>The end of the page.</footer>\
         <script type=module src=\"{}/widget.js\"></script>",
        article.url, article.origin
    ));
    let short = article.site.put("/short", short);
    read(&mut tab, &short).await;
    tab.eval("new Promise((done) => setTimeout(done, 500))")
        .await;
    let shift = tab.eval("shift").await.as_f64().unwrap();
    assert!(shift <= 0.02, "layout shift {shift} on a short page");
    article.service.stop().await;
}

#[actix_web::test]
async fn everything_is_reached_and_worked_by_the_keyboard() {
    let Some(mut tab) = tab().await else { return };
    let article = Article::with("", "").await;
    article.send_many(25).await;
    article
        .tell(
            "/long",
            "Ann",
            "u-in-reply-to",
            &"Words and words and words. ".repeat(60),
        )
        .await;
    read(&mut tab, &article.url).await;
    let focused = format!(
        "(({ROOT}.activeElement?.matches(':focus-visible') && {ROOT}.activeElement) || {{}})"
    );
    let mut seen = Vec::new();
    // The first reply's author, its date, and what unfolds it.
    for _ in 0..3 {
        tab.press("Tab").await;
        seen.push(
            tab.eval(&format!("{focused}.className || {focused}.localName"))
                .await,
        );
    }
    assert_eq!(seen, ["author p-author h-card", "date u-url", "summary"]);
    let height = format!("{ROOT}.querySelector('.turns .text').clientHeight");
    let folded = tab.eval(&height).await.as_f64().unwrap();
    tab.press(" ").await;
    assert!(
        tab.eval(&height).await.as_f64().unwrap() > 1.5 * folded,
        "it unfolds"
    );
    tab.press("Enter").await;
    let again = tab.eval(&height).await.as_f64().unwrap();
    assert!(again < 1.1 * folded, "and folds again");
    // On to the button, which shows the others; the focus goes to the first of them.
    let mut steps = 0;
    while tab.eval(&format!("{focused}.className")).await != "next" {
        tab.press("Tab").await;
        steps += 1;
        assert!(steps < 100, "the button is never reached");
    }
    assert_eq!(
        tab.eval(&format!("{focused}.textContent")).await,
        "Show 5 more"
    );
    let style = tab
        .eval(&format!("getComputedStyle({focused}).outlineStyle"))
        .await;
    assert_eq!(style, "solid", "the focus is seen");
    tab.press("Enter").await;
    tab.wait(&format!(
        "{ROOT}.querySelectorAll('.cards > li').length === 25"
    ))
    .await;
    let nth =
        format!("[...{ROOT}.querySelectorAll('.cards article')].indexOf({ROOT}.activeElement)");
    assert_eq!(tab.eval(&nth).await, 20);
    assert_eq!(texts(&mut tab, "button").await.len(), 0, "nothing more");
    article.service.stop().await;
}

#[actix_web::test]
async fn it_speaks_the_pages_language_or_its_owners() {
    let Some(mut tab) = tab().await else { return };
    let article = Article::with("", "").await;
    article.send_many(3).await;
    for (attributes, heading, invite) in [
        (
            "lang=de",
            "3 Erwähnungen",
            "Selbst darüber geschrieben? Seite hinzufügen",
        ),
        (
            "lang=fr",
            "3 mentions",
            "Vous en avez parlé ? Ajoutez votre page",
        ),
        (
            "lang=es-MX",
            "3 menciones",
            "¿Has escrito sobre esto? Añade tu página",
        ),
        (
            "lang=ja",
            "3件の言及",
            "この記事について書きましたか？ページを追加",
        ),
        ("lang=ar", "3 إشارات", "هل كتبت عن هذا؟ أضف صفحتك"),
        ("lang=nl", "3 mentions", "Written about this? Add your page"),
        (
            "lang=nl text-mentions-other='{n} vermeldingen' text-invite='Zelf geschreven?'",
            "3 vermeldingen",
            "Zelf geschreven?",
        ),
        (
            "heading='What others say' level=5",
            "What others say",
            "Written about this? Add your page",
        ),
        (
            "lang='not a tag'",
            "3 mentions",
            "Written about this? Add your page",
        ),
    ] {
        let element = format!("<linkback-mentions {attributes}></linkback-mentions>");
        let page = crate::page::host_page(&article.origin, &article.url, &element);
        let url = article.site.put("/other", page);
        read(&mut tab, &url).await;
        assert_eq!(texts(&mut tab, ".heading").await, [heading], "{attributes}");
        assert_eq!(
            texts(&mut tab, ".invite summary").await,
            [invite],
            "{attributes}"
        );
        let level = tab
            .eval(&format!("{ROOT}.querySelector('.heading').localName"))
            .await;
        assert_eq!(
            level,
            if attributes.contains("level") {
                "h5"
            } else {
                "h2"
            }
        );
    }
    // What there is to say about none can be the owner's own.
    let element = "<linkback-mentions target='/quiet'><p slot=empty>Nobody yet. Be the first!</p></linkback-mentions>\
         <linkback-count></linkback-count>";
    let page = crate::page::host_page(&article.origin, &article.url, element);
    let url = article.site.put("/other", page);
    read(&mut tab, &url).await;
    let shown = tab
        .eval(&format!(
            "{ROOT}.querySelector('slot[name=empty]').assignedElements()[0].textContent"
        ))
        .await;
    assert_eq!(shown, "Nobody yet. Be the first!");
    tab.wait("document.querySelector('linkback-count').textContent === '3 mentions'")
        .await;
    article.service.stop().await;
}

#[actix_web::test]
async fn the_fragment_says_what_the_widget_says_in_every_language() {
    let Some(mut tab) = tab().await else { return };
    let article = Article::with("", "").await;
    article
        .tell("/like", "Lena Marie Low", "u-like-of", "")
        .await;
    article
        .tell(
            "/reply",
            "Rudi",
            "u-in-reply-to",
            &"A long answer to that. ".repeat(40),
        )
        .await;
    article
        .tell("/quote", "Quinn", "u-quotation-of", "As they say there.")
        .await;
    for language in ["ar", "de", "en", "es", "fr", "ja"] {
        let element = format!("<linkback-mentions lang={language}></linkback-mentions>");
        let url = article.site.put(
            "/other",
            crate::page::host_page(&article.origin, &article.url, &element),
        );
        read(&mut tab, &url).await;
        let words = "(root) => [...root.querySelectorAll('.heading, .label, .face, .author, .by > *, .title, .text, .fold, .sr:not([role])')]\
             .map((node) => node.className.split(' ')[0] + ': ' + node.textContent.trim())";
        let widget = tab.eval(&format!("({words})({ROOT})")).await;
        let query = crate::support::form(&[("target", &article.url), ("lang", language)]);
        let fragment = get(
            article.service.address,
            &format!("/embed?{query}"),
            "text/html",
        )
        .await;
        assert_eq!(fragment.status, 200);
        let markup = serde_json::Value::from(fragment.text()).to_string();
        // Read where nothing forbids to parse markup.
        tab.goto("about:blank").await;
        let fragment = tab
            .eval(&format!(
                "({words})(new DOMParser().parseFromString({markup}, 'text/html'))"
            ))
            .await;
        assert_eq!(fragment, widget, "{language}");
        assert!(widget.as_array().unwrap().len() > 10);
    }
    article.service.stop().await;
}

#[actix_web::test]
async fn colours_follow_the_page_into_the_dark() {
    let Some(mut tab) = tab().await else { return };
    let article = Article::with("", "").await;
    article.send_many(1).await;
    let page = crate::support::source_site::SourcePage::html(&format!(
        "<!doctype html><html lang=en><meta name=color-scheme content='light dark'><link rel=canonical href=\"{}\"><title>t</title>\
         <link rel=icon href=\"data:,\"><linkback-mentions></linkback-mentions><script type=module src=\"{}/widget.js\"></script>",
        article.url, article.origin
    ));
    let url = article.site.put("/scheme", page);
    // The lightness of what is written, from 0 to 1, as the browser draws it.
    let light = format!(
        "(() => {{ const at = document.createElement('canvas').getContext('2d'); \
         const ink = (node) => {{ at.clearRect(0, 0, 1, 1); at.fillStyle = getComputedStyle(node).color; at.fillRect(0, 0, 1, 1); \
         return at.getImageData(0, 0, 1, 1).data[0] / 255; }}; \
         return [ink({ROOT}.querySelector('.title a')), ink({ROOT}.querySelector('.by .date'))]; }})()"
    );
    tab.prefer("light").await;
    read(&mut tab, &url).await;
    let inks = tab.eval(&light).await;
    assert!(
        inks[0].as_f64() < Some(0.3) && inks[1].as_f64() < Some(0.5),
        "{inks}"
    );
    tab.prefer("dark").await;
    let inks = tab.eval(&light).await;
    assert!(
        inks[0].as_f64() > Some(0.7) && inks[1].as_f64() > Some(0.5),
        "{inks}"
    );
    article.service.stop().await;
}
