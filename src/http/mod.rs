//! The HTTP role: receives submissions, shows what became of them, serves mentions.
//!
//! It knows the protocols and the store, and neither the fetcher nor the parser: whatever needs
//! those is the worker's, met at the store.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{
    HttpServiceFactory, Service as _, ServiceFactory, ServiceRequest, ServiceResponse,
};
use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Compress;
use actix_web::{App, HttpRequest, Resource, Route, web};
use tracing::warn;
use url::Url;

use crate::model::{Clock, SourceUrl, Status, StatusKey, same_host};
use crate::store::Store;

mod answer;
mod api;
mod asker;
mod assets;
mod bodies;
mod door;
mod embed;
mod error;
mod events;
mod feeds;
mod home;
mod limit;
mod live;
mod media;
mod pages;
mod pingback;
mod receive;
mod site;
mod status;
mod trackback;
mod webmention_io;

pub(crate) use self::api::mention_json;
pub use self::asker::Proxies;
pub use self::limit::Rates;
pub(crate) use self::status::failure_words;

use self::asker::Asker;
use self::bodies::Bodies;
use self::error::ApiError;
use self::limit::Limits;
use self::live::Live;

/// How the HTTP role behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// How the world reaches us; `None`: as the request's `Host` says.
    pub public_url: Option<Url>,
    /// How long a pingback waits for its verdict.
    pub pingback_wait: Duration,
    /// How many submissions are taken.
    pub rates: Rates,
    /// Whether TrackBack pings are taken.
    pub trackback: bool,
    /// Whether known mentions are looked at again.
    pub rechecks: bool,
    /// The `WebSub` hub that is told when feeds change.
    pub hub: Option<Url>,
    /// Who may say for whom they ask.
    pub proxies: Proxies,
    /// So many readers may be told of changes as they happen; 0: none.
    pub live_readers: usize,
    /// Rendered answers are kept in so many bytes of memory; 0: none.
    pub cache_bytes: usize,
}

/// The parts that every handler works with.
pub struct Context {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    options: Options,
    limits: Limits,
    live: Arc<Live>,
    bodies: Arc<Bodies>,
    /// Whether it has been said that a proxy is not trusted.
    has_warned: AtomicBool,
}

impl Context {
    /// A context of these parts.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, options: Options) -> Self {
        let bodies = Arc::new(Bodies::new(options.cache_bytes, store.changes()));
        let live = Live::new(
            Arc::clone(&store),
            Arc::clone(&bodies),
            options.live_readers,
        );
        Self {
            limits: Limits::new(options.rates),
            bodies,
            live: Arc::new(live),
            has_warned: AtomicBool::new(false),
            store,
            clock,
            options,
        }
    }

    /// Lets go of who would stay for ever: the service ends.
    pub fn close(&self) {
        self.live.close();
    }

    /// The URL under which this request's sender reaches us: the root of a host.
    fn base_url(&self, request: &HttpRequest) -> Result<Url, ApiError> {
        match &self.options.public_url {
            Some(url) => Ok(url.clone()),
            None => answer::asked_url(request, self.asker(request).as_ref()),
        }
    }

    /// Makes of what the store says of a submission what is told of it.
    fn tell(&self, status: &mut Status) {
        if !self.options.rechecks {
            status.drop_recheck();
        }
    }

    /// Who sent `request`; `None` if the connection has no address.
    fn asker(&self, request: &HttpRequest) -> Option<Asker> {
        if self.options.proxies.is_stranger(request)
            && !self.has_warned.swap(true, Ordering::Relaxed)
        {
            warn!(
                "requests come through a proxy on this machine that is not trusted: nobody is limited; \
                 name it in http.trusted_proxies"
            );
        }
        self.options.proxies.asker(request)
    }

    /// The URL of a submission's status page.
    fn status_url(&self, request: &HttpRequest, key: StatusKey) -> Result<String, ApiError> {
        let mut url = self.base_url(request)?;
        url.set_path(&pages::status_path(key));
        Ok(url.into())
    }

    /// Whether `source` is a page of this very service.
    fn is_ours(&self, request: &HttpRequest, source: &SourceUrl) -> bool {
        let is_here = |ours: &Url| same_host(ours, source.as_url());
        self.options.public_url.as_ref().is_some_and(is_here)
            || answer::asked_url(request, None).is_ok_and(|asked| is_here(&asked))
            || self.base_url(request).is_ok_and(|asked| is_here(&asked))
    }
}

/// Every route, grouped by who calls it. They are looked through in this order.
pub fn app(
    context: web::Data<Context>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    App::new()
        .app_data(context)
        .wrap_fn(|request, service| {
            let answer = service.call(request);
            async move {
                let mut answer = answer.await?;
                complete(&mut answer);
                Ok(answer)
            }
        })
        // Readers: article pages, feed readers, site generators.
        .configure(api::routes)
        .service(ready("/feed", |route| route.to(feeds::any)))
        .service(ready("/feed.json", |route| route.to(feeds::json)))
        .service(ready("/feed.atom", |route| route.to(feeds::atom)))
        .service(ready("/feed.rss", |route| route.to(feeds::rss)))
        .service(ready("/feed.jf2", |route| route.to(feeds::jf2)))
        .service(ready("/feed.html", |route| route.to(feeds::html)))
        .service(ready("/embed", |route| route.to(embed::fragment)))
        .service(ready("/mentions", |route| route.to(embed::page)))
        .service(ready("/embed/frame", |route| route.to(embed::frame)))
        .configure(webmention_io::routes)
        // Not compressed: a compressor waits for more.
        .service(
            web::resource("/api/v1/events")
                .route(web::get().to(events::watch))
                .route(web::method(Method::OPTIONS).to(answer::preflight))
                .default_service(web::to(api::method_not_allowed)),
        )
        .service(
            ready("/api/v1/site.json", |route| route.to(site::changes))
                .default_service(web::to(api::method_not_allowed)),
        )
        .service(read_only("/widget.js", |route| route.to(assets::widget_js)))
        .service(read_only("/widget/{part:.+}", |route| {
            route.to(assets::widget_part)
        }))
        .service(read_only("/media/{name}", |route| route.to(media::get)))
        // Senders: blogs and their software.
        .service(
            web::resource("/webmention")
                .route(web::post().to(receive::post))
                .route(web::get().to(receive::form))
                .route(web::head().to(receive::form))
                .route(web::method(Method::OPTIONS).to(receive::options))
                .default_service(web::to(receive::other)),
        )
        .service(
            web::resource("/pingback")
                .route(web::post().to(pingback::post))
                .default_service(web::to(pingback::other)),
        )
        .service(
            web::resource("/trackback")
                .route(web::post().to(trackback::post))
                .default_service(web::to(trackback::other)),
        )
        .service(read_only("/status/{key}", |route| route.to(status::get)))
        // People and operators.
        .service(read_only("/", |route| route.to(home::home)))
        .service(read_only("/style.css", |route| route.to(assets::style)))
        .service(read_only("/healthz", |route| route.to(home::health)))
        .default_service(web::to(home::not_found))
}

/// Adds what every answer says, unless it says otherwise. Everything here is public and without cookies: any
/// page's script may read it.
fn complete<B>(answer: &mut ServiceResponse<B>) {
    // To what a reader has, "not modified" adds nothing (RFC 9110 §15.4.5); but its script must see it.
    let is_new = answer.status() != StatusCode::NOT_MODIFIED;
    let headers = answer.headers_mut();
    let mut add = |name, value| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    add(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    if is_new {
        let exposed = "Location, ETag, Link, Retry-After";
        add(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        add(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        add(header::REFERRER_POLICY, "no-referrer");
    }
}

/// A resource that can be read and nothing else.
fn read_only(path: &'static str, to: fn(Route) -> Route) -> impl HttpServiceFactory {
    ready(path, to).wrap(Compress::default())
}

/// As [`read_only`], of answers that come compressed.
fn ready(path: &'static str, to: fn(Route) -> Route) -> Resource {
    web::resource(path)
        .route(to(web::get()))
        .route(to(web::head()))
        .route(web::method(Method::OPTIONS).to(answer::preflight))
        .default_service(web::to(answer::method_not_allowed))
}
