//! What comes while the page is open: new mentions, and the reader's own.

use crate::page::{Article, ROOT, entry, read, tab, texts};
use crate::support::source_site::SourcePage;
use crate::support::tab::Tab;

/// A browser for which nothing is streamed, as behind a proxy that does not let streams through.
const NO_STREAMS: &str = "window.EventSource = class extends EventTarget { static CLOSED = 2; \
     readyState = 2; constructor() { super(); window.refused = true; \
     setTimeout(() => this.dispatchEvent(new Event('error'))); } close() {} };";

/// What happens under an open article while mentions come and go.
async fn follow(article: Article, tab: &mut Tab) {
    article
        .tell("/first", "Ann", "u-in-reply-to", "The first word.")
        .await;
    read(tab, &article.url).await;
    assert_eq!(texts(tab, ".turns .author").await, ["Ann"]);
    // What the reader has there is not touched by what comes.
    tab.eval(&format!("{ROOT}.querySelector('.turns .author').focus()"))
        .await;
    article
        .tell("/second", "Bob", "u-in-reply-to", "The second word.")
        .await;
    tab.wait(&format!(
        "{ROOT}.querySelectorAll('.turns .author').length === 2"
    ))
    .await;
    assert_eq!(texts(tab, ".turns .author").await, ["Bob", "Ann"]);
    assert_eq!(texts(tab, ".heading").await, ["2 mentions"]);
    assert_eq!(
        texts(tab, "[role=status]").await,
        ["Bob replied"],
        "announced politely"
    );
    let focused = tab
        .eval(&format!("{ROOT}.activeElement?.textContent"))
        .await;
    assert_eq!(focused, "Ann");
    let source = article.site.put("/second", SourcePage::status(410));
    article.service.webmention(&source, &article.url).await;
    tab.wait(&format!(
        "{ROOT}.querySelectorAll('.turns .author').length === 1"
    ))
    .await;
    assert_eq!(texts(tab, ".heading").await, ["1 mention"]);
    article.service.stop().await;
}

#[actix_web::test]
async fn a_new_mention_is_streamed_under_the_open_article_and_a_lost_one_goes() {
    let Some(mut tab) = tab().await else { return };
    let article = Article::with("live", "").await;
    let events = format!("{}/api/v1/events?", article.origin);
    follow(article, &mut tab).await;
    let asked = tab.requests();
    let streams = asked.iter().filter(|url| url.starts_with(&events)).count();
    assert_eq!(streams, 1, "{asked:#?}");
    let reads = asked
        .iter()
        .filter(|url| url.contains("/mentions?"))
        .count();
    assert_eq!(reads, 1, "nothing was asked for again: {asked:#?}");
}

#[actix_web::test]
async fn where_nothing_is_streamed_the_element_asks_now_and_then() {
    let Some(mut tab) = tab().await else { return };
    // Here every second.
    let article = Article::with("live=1", "").await;
    tab.prepare(NO_STREAMS).await;
    follow(article, &mut tab).await;
    assert_eq!(tab.eval("refused").await, true);
}

#[actix_web::test]
async fn a_reader_adds_their_page_and_sees_it_verified() {
    let Some(mut tab) = tab().await else { return };
    let article = Article::with("", "").await;
    read(&mut tab, &article.url).await;
    assert_eq!(texts(&mut tab, ".note").await, ["No mentions yet."]);
    // By the keyboard: the invitation, the field, Enter.
    tab.press("Tab").await;
    tab.press("Enter").await;
    tab.wait(&format!("{ROOT}.querySelector('form input')"))
        .await;
    tab.press("Tab").await;
    let field = tab
        .eval(&format!("{ROOT}.activeElement?.labels[0]?.textContent"))
        .await;
    assert_eq!(field, "Address of your page");
    let without_link = article
        .site
        .put("/nothing", SourcePage::html("<p>No link here."));
    tab.type_text(&without_link).await;
    tab.press("Enter").await;
    tab.wait(&format!(
        "{ROOT}.querySelector('form [role=status]').textContent.includes('no link to this article')"
    ))
    .await;
    let invalid = tab
        .eval(&format!(
            "{ROOT}.querySelector('input').getAttribute('aria-invalid')"
        ))
        .await;
    assert_eq!(invalid, "true");
    // The status page is there for who wants to know more.
    let leads = tab
        .eval(&format!(
            "{ROOT}.querySelector('form [role=status] a').href"
        ))
        .await;
    assert!(
        leads
            .as_str()
            .unwrap()
            .starts_with(&format!("{}/status/", article.origin)),
        "{leads}"
    );

    let link = format!(
        "<a class=u-in-reply-to href=\"{}\">to this</a>",
        article.url
    );
    let good = article.site.put(
        "/mine",
        SourcePage::html(&entry("Ann Reader", &link, "I have answered it.")),
    );
    tab.eval(&format!("{ROOT}.querySelector('input').select()"))
        .await;
    tab.type_text(&good).await;
    tab.press("Enter").await;
    tab.wait(&format!(
        "{ROOT}.querySelector('form [role=status]')?.textContent.startsWith('Thank you')"
    ))
    .await;
    assert_eq!(texts(&mut tab, ".turns .author").await, ["Ann Reader"]);
    assert_eq!(texts(&mut tab, ".heading").await, ["1 mention"]);
    article.service.stop().await;
}

#[actix_web::test]
async fn a_service_that_is_down_is_said_to_be_and_tried_again() {
    let Some(mut tab) = tab().await else { return };
    let article = Article::with("", "").await;
    article
        .tell("/first", "Ann", "u-in-reply-to", "The first word.")
        .await;
    tab.prepare(
        "window.down = true; const real = window.fetch; \
        window.fetch = (...args) => down ? Promise.reject(new TypeError('down')) : real(...args);",
    )
    .await;
    tab.goto(&article.url).await;
    tab.wait(&format!(
        "document.querySelector('linkback-mentions').shadowRoot && {ROOT}.querySelector('button')"
    ))
    .await;
    assert_eq!(
        texts(&mut tab, ".note").await,
        ["The mentions could not be loaded."]
    );
    tab.eval(&format!(
        "down = false; {ROOT}.querySelector('button').click()"
    ))
    .await;
    tab.wait(&format!("{ROOT}.querySelector('.turns')")).await;
    assert_eq!(texts(&mut tab, ".turns .author").await, ["Ann"]);
    article.service.stop().await;
}
