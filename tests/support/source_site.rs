//! A sender's web site: pages at paths, and a count of who asked for them.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::app_site::AppSite;

/// A page of the site.
#[derive(Debug, Clone)]
pub(crate) struct SourcePage {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) delay: Duration,
}

impl SourcePage {
    /// A page in HTML.
    pub(crate) fn html(body: &str) -> Self {
        Self {
            status: 200,
            content_type: "text/html; charset=utf-8".to_owned(),
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
            delay: Duration::ZERO,
        }
    }

    /// A small blog post that links to `target`.
    pub(crate) fn linking_to(target: &str) -> Self {
        let href = target.replace('&', "&amp;").replace('"', "&quot;");
        Self::html(&format!(
            "<!DOCTYPE html><title>A post | A blog</title><article><h1>A post</h1>\
             <p>I have just read <a href=\"{href}\">something good</a> about it.</p></article>"
        ))
    }

    /// A file of some other type.
    pub(crate) fn file(content_type: &str, body: Vec<u8>) -> Self {
        Self {
            content_type: content_type.to_owned(),
            body,
            ..Self::html("")
        }
    }

    /// An answer without a page.
    pub(crate) fn status(status: u16) -> Self {
        Self {
            status,
            ..Self::html("no page")
        }
    }

    /// The same with one more header.
    pub(crate) fn with_header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// The same, later.
    pub(crate) fn after(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }
}

#[derive(Default)]
struct Shared {
    pages: Mutex<HashMap<String, SourcePage>>,
    requests: AtomicUsize,
    asked: Mutex<HashMap<String, usize>>,
    unchanged: AtomicUsize,
}

/// The site; it ends with this value.
pub(crate) struct SourceSite {
    pub(crate) url: String,
    shared: Arc<Shared>,
    _server: AppSite,
}

impl SourceSite {
    pub(crate) fn start() -> Self {
        Self::start_at("127.0.0.1")
    }

    /// Starts at a loopback address.
    pub(crate) fn start_at(address: &str) -> Self {
        let shared = Arc::new(Shared::default());
        let data = web::Data::from(Arc::clone(&shared));
        let address: IpAddr = address.parse().unwrap();
        let server = AppSite::start(address, move |routes| {
            routes
                .app_data(data.clone())
                .default_service(web::to(answer));
        });
        Self {
            url: server.url(""),
            shared,
            _server: server,
        }
    }

    /// Puts a page at a path (with its query), and returns its URL.
    pub(crate) fn put(&self, path: &str, page: SourcePage) -> String {
        let mut pages = self.shared.pages.lock().unwrap();
        pages.insert(path.to_owned(), page);
        format!("{}{path}", self.url)
    }

    /// How often the answer was that a page is still the one that was asked about (`etag`).
    pub(crate) fn unchanged(&self) -> usize {
        self.shared.unchanged.load(Ordering::SeqCst)
    }

    /// How often that path (with its query) was asked for.
    pub(crate) fn requests_of(&self, path: &str) -> usize {
        let asked = self.shared.asked.lock().unwrap();
        asked.get(path).copied().unwrap_or_default()
    }

    /// How often anything was asked for.
    pub(crate) fn requests(&self) -> usize {
        self.shared.requests.load(Ordering::SeqCst)
    }
}

async fn answer(request: HttpRequest, shared: web::Data<Shared>) -> HttpResponse {
    shared.requests.fetch_add(1, Ordering::SeqCst);
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |p| p.as_str())
        .to_owned();
    *shared
        .asked
        .lock()
        .unwrap()
        .entry(path.clone())
        .or_default() += 1;
    let page = shared.pages.lock().unwrap().get(&path).cloned();
    let page = page.unwrap_or_else(|| SourcePage::status(404));
    if !page.delay.is_zero() {
        tokio::time::sleep(page.delay).await;
    }
    let asked = request.headers().get("if-none-match");
    let is_known = asked.is_some_and(|asked| {
        let mut headers = page.headers.iter();
        headers.any(|(name, value)| *name == "etag" && value.as_bytes() == asked.as_bytes())
    });
    if is_known {
        shared.unchanged.fetch_add(1, Ordering::SeqCst);
        return HttpResponse::NotModified().finish();
    }
    let mut response = HttpResponse::build(StatusCode::from_u16(page.status).unwrap());
    response.content_type(page.content_type);
    for header in page.headers {
        response.insert_header(header);
    }
    response.body(page.body)
}
