//! The blogs of `linkback demo`: eleven small sites on loopback ports, and the software that sends
//! their mentions.
//!
//! One of them, the home blog, is the site that Linkback serves; its article stands for one of 2011
//! whose thread ended in six bare pingbacks. The others link to it, each in the markup of another
//! piece of real software. Nothing is simulated: the pages come over HTTP, and [`Blogs::send_all`]
//! discovers the endpoints and calls them as those blogs' software does.
//!
//! How to use it: [`bind`] opens the ports, so that the home blog's address is known and can be
//! made a site of Linkback; [`Bound::serve`] is told where Linkback answers, and starts the blogs.

mod blogs;
mod gallery;
mod people;
mod run;
mod senders;

use std::net::{Ipv4Addr, TcpListener};

use actix_web::dev::ServerHandle;
use actix_web::http::header;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use anyhow::Context as _;
use url::Url;

use self::blogs::{Addresses, BLOGS, Body, Post};
pub(super) use self::run::{Args, run};
pub(crate) use self::senders::Sent;
use crate::fetch::Fetch;
use crate::model::{Protocol, SourceUrl, TargetUrl};

/// The ports of the blogs, taken but not answered yet.
#[derive(Debug)]
pub(crate) struct Bound {
    listeners: Vec<TcpListener>,
    ports: Vec<u16>,
    home: Url,
}

/// The running blogs.
#[derive(Debug)]
pub(crate) struct Blogs {
    /// The home blog's front page: the address of the site that Linkback is to serve.
    pub(crate) home: Url,
    /// The article that stands for the one of 2011.
    pub(crate) article: Url,
    /// The mentions that there will be when all is sent and verified, in the order of sending.
    pub(crate) expected: Vec<Expected>,
    server: ServerHandle,
}

/// A page of another blog that links to an article of the home blog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expected {
    /// The page.
    pub(crate) source: SourceUrl,
    /// The article.
    pub(crate) target: TargetUrl,
    /// How the blog's software tells of it.
    pub(crate) protocol: Protocol,
    /// What a pingback plugin of 2011 would have shown: the whole `<title>`.
    pub(crate) page_title: &'static str,
}

/// Takes a loopback port for each blog.
///
/// # Errors
/// If the system has no port to give.
pub(crate) fn bind() -> anyhow::Result<Bound> {
    let mut listeners = Vec::with_capacity(BLOGS.len());
    let mut ports = Vec::with_capacity(BLOGS.len());
    for blog in BLOGS {
        // Ports and not addresses tell the blogs apart: of 127.0.0.0/8, macOS answers only the first.
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .with_context(|| format!("no port on 127.0.0.1 for the blog “{}”", blog.name))?;
        ports.push(listener.local_addr()?.port());
        listeners.push(listener);
    }
    let home = ports.first().context("there are no blogs")?;
    let home = Url::parse(&blogs::origin(*home))?;
    Ok(Bound {
        listeners,
        ports,
        home,
    })
}

impl Bound {
    /// The home blog's front page: the address of the site that Linkback is to serve.
    pub(crate) fn home(&self) -> &Url {
        &self.home
    }

    /// Starts to serve the blogs, on a task of the running runtime.
    ///
    /// `service` is the base URL of Linkback, with its endpoints at `/webmention` and `/pingback`.
    ///
    /// # Errors
    /// If the server cannot be started.
    pub(crate) fn serve(self, service: &Url) -> anyhow::Result<Blogs> {
        let addresses = Addresses::new(&self.home, service);
        let expected = blogs::expected(&self.ports, &addresses)?;
        let article = Url::parse(&addresses.article)?;
        let state = web::Data::new(Serving {
            ports: self.ports,
            addresses,
        });
        let mut server = HttpServer::new(move || {
            App::new()
                .app_data(web::Data::clone(&state))
                .default_service(web::to(answer))
        })
        .workers(1)
        .disable_signals()
        .shutdown_timeout(1);
        for listener in self.listeners {
            server = server.listen(listener)?;
        }
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Ok(Blogs {
            home: self.home,
            article,
            expected,
            server: handle,
        })
    }
}

impl Blogs {
    /// Lets each blog that links to the home blog tell Linkback so, one after the other and the
    /// oldest first. Discovers the endpoint on the article, as the blog's software does; webmentions go by
    /// `fetch`, which must let loopback pass.
    pub(crate) async fn send_all(&self, fetch: &dyn Fetch) -> Vec<Sent> {
        senders::send_all(&self.expected, fetch).await
    }

    /// Stops serving.
    pub(crate) async fn stop(&self) {
        self.server.stop(true).await;
    }
}

/// What the pages are made from.
struct Serving {
    /// The port of each of [`BLOGS`].
    ports: Vec<u16>,
    addresses: Addresses,
}

/// Answers for all blogs: the port that was called says which one it is.
async fn answer(request: HttpRequest, serving: web::Data<Serving>) -> HttpResponse {
    let port = request.app_config().local_addr().port();
    let blog = serving.ports.iter().position(|p| *p == port);
    let Some((index, blog)) = blog.and_then(|i| BLOGS.get(i).map(|blog| (i, blog))) else {
        return HttpResponse::NotFound().finish();
    };
    let asked = request.uri().path_and_query().map_or("/", |p| p.as_str());
    if let Some(post) = blog.posts.iter().find(|post| post.path == asked) {
        return page(post, port, index == blogs::HOME, &serving.addresses);
    }
    if asked == "/" {
        // The blogs that only link have no front page of their own: their one post is it.
        let first = blog.posts.first().map_or("/", |post| post.path);
        return HttpResponse::Found()
            .insert_header((header::LOCATION, first))
            .finish();
    }
    HttpResponse::NotFound()
        .content_type("text/plain; charset=utf-8")
        .body("This blog of the demonstration has no such page.\n")
}

fn page(asked: &Post, port: u16, at_home: bool, addresses: &Addresses) -> HttpResponse {
    let (content_type, body) = match asked.body {
        Body::Html(text) => (
            "text/html; charset=utf-8",
            addresses.fill(text, port).into_bytes(),
        ),
        // No charset in the header: the page's own `<meta charset>` is what has to be obeyed.
        Body::Windows1252(text) => (
            "text/html",
            encoding_rs::WINDOWS_1252
                .encode(&addresses.fill(text, port))
                .0
                .into_owned(),
        ),
        Body::Css(text) => ("text/css; charset=utf-8", text.as_bytes().to_vec()),
        Body::Picture(bytes) => ("image/webp", bytes.to_vec()),
        Body::Script(text) => ("text/javascript; charset=utf-8", text.as_bytes().to_vec()),
    };
    let mut response = HttpResponse::Ok();
    response.content_type(content_type);
    if at_home {
        let service = &addresses.service;
        response
            .insert_header(("X-Pingback", format!("{service}/pingback")))
            .insert_header((
                header::LINK,
                format!("<{service}/webmention>; rel=\"webmention\""),
            ))
            // As strict as a careful blog's, to show that the widget needs no more than this.
            .insert_header((
                header::CONTENT_SECURITY_POLICY,
                format!(
                    "default-src 'none'; style-src 'self'; script-src 'self' {service}; \
                     connect-src {service}; img-src {service}; frame-src {service}; \
                     base-uri 'none'; form-action 'none'"
                ),
            ));
    }
    response.body(body)
}

#[cfg(test)]
mod tests;
