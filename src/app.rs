//! The composition root: the only place that picks concrete parts, starts them, and stops them in order.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{HttpServer, web};
use anyhow::{Context as _, bail};
use futures_util::future::OptionFuture;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing::{info, warn};

use crate::config::Config;
use crate::fetch::client::{Client, Options, user_agent};
use crate::fetch::policy::Policy;
use crate::fetch::resolve::{NameServers, NoResolver, Resolver};
use crate::fetch::roots;
use crate::fetch::{Fetch, FetchPicture};
use crate::http;
use crate::model::{Clock, SystemClock};
use crate::store::{Store, sqlite};
use crate::worker::websub::{Announcer, Hub};
use crate::worker::{PictureOptions, PictureWorker, UpstreamWorker, Worker};

/// How often a running service looks whether all of it still runs.
const WATCH_EVERY: Duration = Duration::from_secs(1);

/// What one process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Receive, serve and verify.
    Everything,
    /// Receive and serve; another process verifies.
    Http,
    /// Verify; another process receives and serves.
    Worker,
}

/// The running HTTP role.
struct Server {
    context: web::Data<http::Context>,
    handle: ServerHandle,
    task: JoinHandle<std::io::Result<()>>,
}

/// A running service. Dropping it does not stop it: call [`Service::stop`].
pub struct Service {
    address: Option<SocketAddr>,
    store: Arc<dyn Store>,
    server: Option<Server>,
    worker: Option<(watch::Sender<bool>, JoinHandle<()>)>,
}

impl Service {
    /// Opens the store, adds the configured sites, and starts what `role` asks for. When this
    /// returns, the service answers.
    ///
    /// # Errors
    /// The address is taken, the database cannot be used, or the like: for the operator's terminal.
    pub async fn start(config: &Config, role: Role) -> anyhow::Result<Self> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let store = open_store(config)?;
        for base in &config.sites {
            store
                .add_site(std::slice::from_ref(base), clock.now())
                .await?;
        }
        // What the budget holds no more, or what is to be shown no more.
        let media = &config.media;
        let max_bytes = if media.is_enabled { media.max_bytes } else { 0 };
        store.shrink_media(max_bytes, clock.now()).await?;
        // The address first: a second instance must fail before its worker takes anything on.
        let listener = match role {
            Role::Everything | Role::Http => Some(listen(config)?),
            Role::Worker => None,
        };
        let worker = match role {
            Role::Everything | Role::Worker => Some(start_worker(
                config,
                Arc::clone(&store),
                Arc::clone(&clock),
            )?),
            Role::Http => None,
        };
        let mut service = Self {
            address: None,
            store: Arc::clone(&store),
            server: None,
            worker,
        };
        if let Some(listener) = listener {
            store
                .configure_rules(&config.receive.blocked_sources, clock.now())
                .await?;
            // Read before the first request has to wait for it.
            store.door().await?;
            service.address = Some(listener.local_addr()?);
            service.server = Some(start_server(config, listener, store, clock)?);
        }
        Ok(service)
    }

    /// Where the service listens, if it does.
    pub fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// The store that the service works on.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Resolves with its name when a part of the service has ended unasked.
    pub async fn broken_part(&self) -> &'static str {
        loop {
            if self
                .server
                .as_ref()
                .is_some_and(|server| server.task.is_finished())
            {
                return "HTTP server";
            }
            if self
                .worker
                .as_ref()
                .is_some_and(|(_, task)| task.is_finished())
            {
                return "worker";
            }
            tokio::time::sleep(WATCH_EVERY).await;
        }
    }

    /// Stops taking requests, lets those under way end, then drains the worker.
    ///
    /// # Errors
    /// The server or the worker broke down.
    pub async fn stop(self) -> anyhow::Result<()> {
        if let Some(server) = self.server {
            server.context.close();
            server.handle.stop(true).await;
            server.task.await.context("the HTTP server broke down")??;
        }
        if let Some((stop, worker)) = self.worker {
            // The worker may have ended already.
            let _ = stop.send(true);
            worker.await.context("the worker broke down")?;
        }
        Ok(())
    }
}

/// Opens the configured store.
///
/// # Errors
/// The file cannot be used as a database.
pub fn open_store(config: &Config) -> anyhow::Result<Arc<dyn Store>> {
    sqlite::open(&config.database)
        .with_context(|| format!("cannot open the database {}", config.database.display()))
}

/// Opens the configured store, which must be there: who looks into a database that does not exist
/// has named the wrong one.
///
/// # Errors
/// There is no such file, or it cannot be used as a database.
pub fn open_existing_store(config: &Config) -> anyhow::Result<Arc<dyn Store>> {
    if !config.database.exists() {
        bail!(
            "there is no database {}; name it with --database, or let `linkback serve` create it",
            config.database.display()
        );
    }
    open_store(config)
}

/// The configured fetcher.
///
/// # Errors
/// TLS or the resolver cannot be set up.
pub fn fetcher(config: &Config) -> anyhow::Result<Arc<dyn Fetch>> {
    Ok(client(config)?)
}

fn client(config: &Config) -> anyhow::Result<Arc<Client>> {
    let policy = Policy {
        allowed_networks: config.fetch.allow_networks.clone(),
        refused_networks: config.fetch.refuse_networks.clone(),
        extra_ports: config.fetch.extra_ports.clone(),
    };
    if !policy.allowed_networks.is_empty() {
        warn!(
            networks = ?config.fetch.allow_networks,
            "fetching from networks that are not public: whoever sends a mention can reach them",
        );
    }
    let contact = config
        .fetch
        .contact_url
        .as_ref()
        .or(config.public_url.as_ref());
    let extra_roots = match &config.fetch.ca_file {
        Some(file) => roots::read(file)
            .with_context(|| format!("fetch.ca_file: cannot use {}", file.display()))?,
        None => Vec::new(),
    };
    let options = Options {
        policy,
        user_agent: user_agent(contact),
        extra_roots,
        ..Options::default()
    };
    let name_servers = if config.fetch.dns_servers.is_empty() {
        NameServers::of_system()
    } else {
        NameServers::at(&config.fetch.dns_servers)
    };
    let resolver: Arc<dyn Resolver> = match name_servers {
        Ok(resolver) => Arc::new(resolver),
        Err(error) => {
            warn!(%error, "no host name can be looked up until this is mended and we are restarted");
            Arc::new(NoResolver(error))
        }
    };
    let client = Client::new(options, &resolver, Arc::new(SystemClock))
        .context("cannot set up the HTTP client")?;
    Ok(Arc::new(client))
}

fn listen(config: &Config) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(config.listen).with_context(|| {
        format!(
            "cannot listen on {}; choose another address with --listen",
            config.listen
        )
    })?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn start_worker(
    config: &Config,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
) -> anyhow::Result<(watch::Sender<bool>, JoinHandle<()>)> {
    let client = client(config)?;
    let pictures = config.media.is_enabled.then(|| {
        PictureWorker::new(
            Arc::clone(&store),
            Arc::clone(&client) as Arc<dyn FetchPicture>,
            Arc::clone(&clock),
            PictureOptions {
                max_bytes: config.media.max_bytes,
                manners: config.worker.manners,
                poll: config.worker.poll,
            },
        )
    });
    let upstream = config.worker.salmention.map(|terms| {
        UpstreamWorker::new(
            Arc::clone(&store),
            Arc::clone(&client) as Arc<dyn Fetch>,
            Arc::clone(&clock),
            terms,
            config.worker.manners.of_page(false),
        )
    });
    let announcer = announcer(
        config,
        &store,
        Arc::clone(&client) as Arc<dyn Fetch>,
        &clock,
    )?;
    let worker = Worker::new(store, client, clock, config.worker.clone());
    let (stop, stopped) = watch::channel(false);
    let told = || {
        let mut stopped = stopped.clone();
        async move {
            // A sender that is gone means that nobody will ever stop us otherwise.
            let _ = stopped.wait_for(|stop| *stop).await;
        }
    };
    let verifying = worker.run(told());
    let announcing = OptionFuture::from(announcer.map(|announcer| announcer.run(told())));
    let fetching_pictures = OptionFuture::from(pictures.map(|pictures| pictures.run(told())));
    let telling = OptionFuture::from(upstream.map(|upstream| upstream.run(told())));
    let running = tokio::spawn(async move {
        tokio::join!(verifying, announcing, fetching_pictures, telling);
    });
    Ok((stop, running))
}

/// Who tells the configured hub of changes, if there is one.
fn announcer(
    config: &Config,
    store: &Arc<dyn Store>,
    fetch: Arc<dyn Fetch>,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<Option<Announcer>> {
    let (Some(hub), Some(feeds)) = (&config.websub.hub, &config.public_url) else {
        return Ok(None);
    };
    let hub = Hub {
        url: hub.clone(),
        feeds: feeds.clone(),
        pause: config.websub.pause,
    };
    let (store, clock) = (Arc::clone(store), Arc::clone(clock));
    Ok(Some(Announcer::new(store, fetch, clock, hub)?))
}

fn start_server(
    config: &Config,
    listener: TcpListener,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
) -> anyhow::Result<Server> {
    let context = web::Data::new(http::Context::new(
        store,
        clock,
        http::Options {
            public_url: config.public_url.clone(),
            pingback_wait: config.receive.pingback_wait,
            trackback: config.receive.trackback,
            rechecks: config.worker.reverify_per_minute > 0,
            rates: http::Rates {
                network: config.receive.rate_per_minute,
                domain: config.receive.rate_per_source_domain,
                site: config.receive.rate_per_site,
            },
            hub: config.websub.hub.clone(),
            proxies: http::Proxies {
                trusted: config.http.trusted_proxies.clone(),
                write_forwarded: config.http.use_forwarded,
            },
            live_readers: config.http.live_readers,
            cache_bytes: config.http.cache_bytes,
        },
    ));
    let address = listener.local_addr()?;
    let shared = context.clone();
    let server = HttpServer::new(move || http::app(shared.clone()))
        .disable_signals()
        .shutdown_timeout(config.worker.drain.as_secs())
        .listen(listener)?
        .run();
    info!(%address, "listening");
    Ok(Server {
        context,
        handle: server.handle(),
        task: tokio::spawn(server),
    })
}
