//! The custom element in a real browser, on a page whose policy is as strict as can be. Where there
//! is no browser, it says so and passes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    reason = "a test fails by panicking"
)]

mod support;

use support::source_site::{SourcePage, SourceSite};
use support::{TestService, browser};

/// What the widget shows at most before it offers to show more.
const PAGE_SIZE: usize = 50;

/// Copies what the element shows to where `--dump-dom` prints it: a shadow tree is not printed.
const SPY: &str = "
const element = document.querySelector('linkback-mentions');
const out = document.querySelector('output');
const spy = () => {
  const root = element.shadowRoot;
  if (!root || root.textContent.startsWith('Looking')) return setTimeout(spy, 20);
  const all = (selector) => [...root.querySelectorAll(selector)].map((node) => node.textContent);
  out.dataset.seen = JSON.stringify({
    text: root.textContent,
    titles: all('.title'),
    marked: all('mark'),
    buttons: all('button'),
    links: [...root.querySelectorAll('a')].map((a) => a.href),
    foreign: all('img, script, iframe').length,
    direction: [...root.querySelectorAll('li')].map((li) => getComputedStyle(li).direction),
    bylines: all('.byline'),
    ran: window.ran === true,
  });
  const more = root.querySelector('button');
  if (more && !out.dataset.first) {
    out.dataset.first = out.dataset.seen;
    more.click();
    setTimeout(spy, 500);
  }
};
spy();
";

/// A page with the widget for `target`, which allows the service's scripts and nothing else.
fn host_page(service: &str, target: &str) -> SourcePage {
    SourcePage::html(&format!(
        "<!doctype html><html lang=\"en\"><link rel=\"canonical\" href=\"{target}\">\
         <title>host</title><output></output><linkback-mentions></linkback-mentions>\
         <script type=\"module\" src=\"{service}/widget.js\"></script>\
         <script type=\"module\" src=\"/spy.js\"></script>"
    ))
    .with_header(
        "Content-Security-Policy",
        &format!(
            "default-src 'none'; script-src 'self' {service}; connect-src {service}; \
             require-trusted-types-for 'script'"
        ),
    )
}

/// What the element showed on the page at `url`, first and at the end.
async fn look(browser: &str, url: &str) -> (serde_json::Value, serde_json::Value) {
    let dom = browser::dom(browser, url).await;
    let seen = browser::data(&dom, "seen").unwrap_or_else(|| panic!("nothing was shown:\n{dom}"));
    let first = browser::data(&dom, "first").unwrap_or(serde_json::Value::Null);
    (first, seen)
}

#[actix_web::test]
async fn the_widget_shows_mentions_in_a_browser_and_runs_nothing_of_theirs() {
    let Some(browser) = browser::find() else {
        eprintln!("skipped: there is no chromium here");
        return;
    };
    let site = SourceSite::start();
    let service = TestService::start_with(&[&site.url], |config| {
        config.receive.rate_per_minute = 0;
    })
    .await;
    let origin = format!("http://{}", service.address);
    let target = site.put("/article", SourcePage::html("set below"));
    site.put("/article", host_page(&origin, &target));
    let quiet = format!("{}/quiet", site.url);
    site.put("/quiet", host_page(&origin, &quiet));
    let mut spy = SourcePage::html(SPY);
    spy.content_type = "text/javascript".to_owned();
    site.put("/spy.js", spy);

    for n in 0..PAGE_SIZE {
        let source = site.put(&format!("/{n}"), SourcePage::linking_to(&target));
        assert_eq!(service.webmention(&source, &target).await.status, 201);
    }
    service.await_mentions(&target, PAGE_SIZE).await;
    let attack = "&lt;img src=x onerror=\"window.ran=true\"&gt;";
    for (path, page) in [
        (
            "/hostile",
            format!(
                "<title>{attack}</title><meta name=author content='{attack}'>\
                 <p>{attack} and <a href=\"{target}\">{attack}</a></p>"
            ),
        ),
        (
            "/arabic",
            format!(
                "<html lang=ar><title>لماذا نحتاج إلى شبكة</title>\
                 <article class=h-entry><h1 class=p-name>لماذا نحتاج إلى شبكة</h1>\
                 <time class=dt-published datetime=2025-01-12>x</time>\
                 <p class=e-content>قرأت <a href=\"{target}\">هذا</a> اليوم</p></article>"
            ),
        ),
    ] {
        let source = site.put(path, SourcePage::html(&page));
        let answer = service.webmention(&source, &target).await;
        assert_eq!(service.await_status(&answer).await["status"], "accepted");
    }

    let (first, all) = look(browser, &target).await;
    let titles = |seen: &serde_json::Value| seen["titles"].as_array().unwrap().len();
    assert_eq!(titles(&first), PAGE_SIZE, "{first:#}");
    assert_eq!(first["buttons"], serde_json::json!(["Show more"]));
    assert_eq!(titles(&all), PAGE_SIZE + 2, "{all:#}");
    assert_eq!(all["buttons"], serde_json::json!([]), "nothing more");
    assert!(all["text"].as_str().unwrap().contains("52 mentions"));
    // Newest first.
    assert_eq!(all["titles"][0], "لماذا نحتاج إلى شبكة");
    assert_eq!(all["marked"][0], "هذا");
    assert_eq!(all["direction"][0], "rtl");
    let byline = all["bylines"][0].as_str().unwrap();
    assert!(byline.ends_with("12 January 2025"), "{byline}");
    assert_eq!(all["direction"][2], "ltr");
    assert_eq!(all["titles"][2], "A post");
    assert_eq!(all["marked"][2], "something good");
    // What a stranger wrote is text.
    let title = all["titles"][1].as_str().unwrap();
    assert!(title.contains("<img src=x onerror="), "{title}");
    let marked = all["marked"][1].as_str().unwrap();
    assert!(marked.contains("<img src=x onerror="), "{marked}");
    assert_eq!(all["foreign"], 0);
    assert_eq!(all["ran"], false);

    let (_, empty) = look(browser, &quiet).await;
    assert_eq!(empty["text"], "No mentions yet. Written about it? Tell us.");
    let form: String = url::form_urlencoded::byte_serialize(quiet.as_bytes()).collect();
    assert_eq!(
        empty["links"],
        serde_json::json!([format!("{origin}/webmention?target={form}")])
    );
    service.stop().await;
}
