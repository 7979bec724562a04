//! An article with the widget, and a browser to read it in.

use serde_json::Value;

use crate::support::source_site::{SourcePage, SourceSite};
use crate::support::tab::Tab;
use crate::support::{TestService, browser};

/// A browser; `None`, and a word about it, where there is none.
pub(crate) async fn tab() -> Option<Tab> {
    let Some(browser) = browser::find() else {
        eprintln!("skipped: there is no chromium here");
        return None;
    };
    Some(Tab::open(browser).await)
}

/// A site, a service for it, and an article of it with the widget.
pub(crate) struct Article {
    pub(crate) site: SourceSite,
    pub(crate) service: TestService,
    pub(crate) origin: String,
    pub(crate) url: String,
}

impl Article {
    /// An article whose element has these attributes and this inside.
    pub(crate) async fn with(attributes: &str, inside: &str) -> Self {
        let site = SourceSite::start();
        let service = TestService::start_with(&[&site.url], |config| {
            config.receive.rate_per_minute = 0;
        })
        .await;
        let origin = format!("http://{}", service.address);
        let url = format!("{}/article", site.url);
        let element = format!("<linkback-mentions {attributes}>{inside}</linkback-mentions>");
        site.put("/article", host_page(&origin, &url, &element));
        Self {
            site,
            service,
            origin,
            url,
        }
    }

    /// Puts up a page that does `class` (of microformats) to the article, and tells the service of it.
    pub(crate) async fn tell(&self, path: &str, name: &str, class: &str, content: &str) -> Value {
        let page = entry(
            name,
            &format!("<a class=\"{class}\" href=\"{}\">this</a>", self.url),
            content,
        );
        self.send(path, &page).await
    }

    /// Puts up a page and tells the service of it; returns what came of it.
    pub(crate) async fn send(&self, path: &str, page: &str) -> Value {
        let source = self.site.put(path, SourcePage::html(page));
        let answer = self.service.webmention(&source, &self.url).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let status = self.service.await_status(&answer).await;
        assert_eq!(status["status"], "accepted", "{status:#}");
        status
    }

    /// Sends that many plain mentions.
    pub(crate) async fn send_many(&self, count: usize) {
        for n in 0..count {
            let source = self
                .site
                .put(&format!("/many/{n}"), SourcePage::linking_to(&self.url));
            assert_eq!(
                self.service.webmention(&source, &self.url).await.status,
                201
            );
        }
        let deadline = tokio::time::Instant::now() + crate::support::PATIENCE;
        let path = format!(
            "/api/v1/mentions?limit=1&{}",
            crate::support::form(&[("target", &self.url)])
        );
        while self.service.get(&path).await.json()["total"] != count {
            assert!(
                tokio::time::Instant::now() < deadline,
                "not all were verified"
            );
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
}

/// A page in microformats.
pub(crate) fn entry(name: &str, link: &str, content: &str) -> String {
    format!(
        "<!doctype html><html lang=en><title>A page</title><article class=h-entry>\
         <p class=\"p-author h-card\"><a class=\"p-name u-url\" href=\"/{}\">{name}</a></p>\
         <time class=dt-published datetime=\"2025-01-12\">then</time> {link}\
         <div class=e-content>{content}</div></article>",
        name.len()
    )
}

/// A page that allows the service's scripts and pictures, and nothing else of anybody's.
pub(crate) fn host_page(service: &str, canonical: &str, element: &str) -> SourcePage {
    SourcePage::html(&format!(
        "<!doctype html><html lang=\"en\"><meta name=viewport content=\"width=device-width\">\
         <link rel=\"canonical\" href=\"{canonical}\"><link rel=icon href=\"data:,\"><title>host</title>\
         <main><h1>An article</h1>{}{element}</main><footer>The end of the page.</footer>\
         <script type=\"module\" src=\"{service}/widget.js\"></script>",
        "<p>It has some text, as articles have.</p>".repeat(30)
    ))
    .with_header(
        "Content-Security-Policy",
        &format!(
            "default-src 'none'; script-src {service}; connect-src {service}; img-src {service} data:; \
             base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
        ),
    )
}

/// Where the element's shadow tree is, for scripts.
pub(crate) const ROOT: &str = "document.querySelector('linkback-mentions').shadowRoot";

/// Goes to a page and waits until the mentions, or that there are none, are shown.
pub(crate) async fn read(tab: &mut Tab, url: &str) {
    tab.goto(url).await;
    tab.wait(&format!("document.querySelector('linkback-mentions')?.shadowRoot && !{ROOT}.querySelector('.loading') && {ROOT}.querySelector('slot')"))
        .await;
}

/// The texts of all elements that a selector finds in the shadow tree.
pub(crate) async fn texts(tab: &mut Tab, selector: &str) -> Vec<String> {
    let selector = Value::from(selector).to_string();
    let found = tab
        .eval(&format!(
            "[...{ROOT}.querySelectorAll({selector})].map((node) => node.textContent.trim())"
        ))
        .await;
    let found = found.as_array().unwrap();
    found
        .iter()
        .map(|text| text.as_str().unwrap().to_owned())
        .collect()
}
