//! The configuration: a file, the environment and flags, merged once into a checked [`Config`].
//!
//! Flags win over the environment, the environment over the file, the file over the defaults.
//! `linkback.example.toml` at the top of the project documents every key; a test holds it to the
//! defaults here.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ipnet::IpNet;
use url::Url;

use crate::model::{Pattern, SiteBase};

mod file;
mod values;

use self::file::{FetchFile, File, ReceiveFile, SalmentionFile, WorkerFile};
use self::values::{
    at_least_one, blocked_source, database, either, http_url, hub, lease, level, listen,
    name_server, networks, poll, service_url, websub_pause, wrong,
};

/// The commented example file: every key with its default.
pub const EXAMPLE: &str = include_str!("../linkback.example.toml");

/// The file that is read if none is named and it exists.
const DEFAULT_FILE: &str = "linkback.toml";

/// Bytes of all copies of pictures, unless the file says otherwise: some 20,000 faces.
const MEDIA_MAX_BYTES: u64 = 128 * 1024 * 1024;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Why the configuration cannot be used; the message says what to change.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration file {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The file is not TOML, or has a key that does not exist.
    #[error("the configuration file {path} is wrong")]
    Parse {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// A value that cannot be.
    #[error("{key}: {problem}")]
    Value {
        /// The key, as in the file.
        key: &'static str,
        /// What is wrong, and what would be right.
        problem: String,
    },
}

/// Everything that can be set, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// How the world reaches us; without it, the request's `Host` says so.
    pub public_url: Option<Url>,
    /// The SQLite file.
    pub database: PathBuf,
    /// Sites to accept mentions for, besides those that were added by `linkback site add`.
    pub sites: Vec<SiteBase>,
    /// Logging.
    pub log: Log,
    /// Answering.
    pub http: Http,
    /// Receiving.
    pub receive: Receive,
    /// Fetching.
    pub fetch: Fetching,
    /// Pictures.
    pub media: Media,
    /// Verifying.
    pub worker: crate::worker::Options,
    /// Telling a `WebSub` hub of changes.
    pub websub: WebSub,
}

/// How to log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Log {
    /// The least important level that is written.
    pub level: tracing::Level,
    /// Lines of JSON instead of text.
    pub json: bool,
}

/// How to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Http {
    /// The proxies that may say for whom they ask.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether they say so in `Forwarded`, and not in `X-Forwarded-For`.
    pub use_forwarded: bool,
    /// Readers that are told of changes as they happen; 0: none.
    pub live_readers: usize,
    /// Memory for rendered answers, in bytes; 0: none.
    pub cache_bytes: usize,
}

/// Whom to tell of changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebSub {
    /// The hub; `None`: nobody.
    pub hub: Option<Url>,
    /// What changes within this time is told at once.
    pub pause: Duration,
}

/// How to receive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receive {
    /// How long a pingback waits for its verdict.
    pub pingback_wait: Duration,
    /// Whether TrackBack pings are taken.
    pub trackback: bool,
    /// Submissions a minute from one client network; 0: no limit.
    pub rate_per_minute: u32,
    /// Submissions a minute of pages of one registrable domain; 0: no limit.
    pub rate_per_source_domain: u32,
    /// Submissions a minute to one site; 0: no limit.
    pub rate_per_site: u32,
    /// Source hosts (with their subdomains) that are turned away.
    pub blocked_sources: Vec<Pattern>,
}

/// How to fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetching {
    /// Networks that may be fetched from although they are not public.
    pub allow_networks: Vec<IpNet>,
    /// Networks that are never fetched from, whatever they are.
    pub refuse_networks: Vec<IpNet>,
    /// Ports that may be fetched from besides 80 and 443.
    pub extra_ports: Vec<u16>,
    /// Name servers to ask instead of the system's.
    pub dns_servers: Vec<SocketAddr>,
    /// Certificate authorities to trust besides the system's: a PEM file.
    pub ca_file: Option<PathBuf>,
    /// Where the owner of a source can learn who fetches: part of the user agent.
    pub contact_url: Option<Url>,
}

/// How to keep copies of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Media {
    /// Whether to fetch and show any.
    pub is_enabled: bool,
    /// Bytes of all copies together, at most.
    pub max_bytes: u64,
}

/// What can be set by flags and the environment, too; what is not set is `None`, or empty.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// The configuration file.
    pub config: Option<PathBuf>,
    /// Where to listen.
    pub listen: Option<String>,
    /// How the world reaches us.
    pub public_url: Option<String>,
    /// The SQLite file.
    pub database: Option<PathBuf>,
    /// Sites to accept mentions for.
    pub sites: Vec<String>,
    /// Networks that may be fetched from although they are not public.
    pub allow_networks: Vec<String>,
    /// The least important level to log.
    pub log: Option<String>,
    /// How long a worker that died keeps a submission, in milliseconds.
    pub lease_ms: Option<u64>,
}

impl Flags {
    /// An environment variable that is set to nothing, as container files write it, is not set.
    fn without_blanks(mut self) -> Self {
        let is_said = |text: &String| !text.trim().is_empty();
        self.listen = self.listen.filter(is_said);
        self.public_url = self.public_url.filter(is_said);
        self.log = self.log.filter(is_said);
        self.config = self.config.filter(|path| !path.as_os_str().is_empty());
        self.database = self.database.filter(|path| !path.as_os_str().is_empty());
        self.sites.retain(is_said);
        self.allow_networks.retain(is_said);
        self
    }
}

impl Config {
    /// Reads the file that `flags` name (or `linkback.toml` here, if there is one) and puts `flags` over it.
    ///
    /// # Errors
    /// [`ConfigError`] names the key and says what would be right.
    pub fn load(flags: &Flags) -> Result<Self, ConfigError> {
        let flags = &flags.clone().without_blanks();
        let file = match &flags.config {
            Some(path) => File::read(path)?,
            None if Path::new(DEFAULT_FILE).is_file() => File::read(Path::new(DEFAULT_FILE))?,
            None => File::default(),
        };
        Self::merge(flags, file)
    }

    /// As [`Config::load`], without any file: for whoever has said everything in `flags`.
    ///
    /// # Errors
    /// [`ConfigError`] names the key and says what would be right.
    pub fn from_flags(flags: &Flags) -> Result<Self, ConfigError> {
        Self::merge(flags, File::default())
    }

    fn merge(flags: &Flags, file: File) -> Result<Self, ConfigError> {
        let flags = &flags.clone().without_blanks();
        let public_url = service_url(flags.public_url.as_deref().or(file.public_url.as_deref()))?;
        Ok(Self {
            listen: listen(flags.listen.as_deref().or(file.listen.as_deref()))?,
            websub: WebSub {
                hub: hub(file.websub.hub.as_deref(), public_url.as_ref())?,
                pause: websub_pause(file.websub.pause_ms)?,
            },
            public_url: public_url.clone(),
            database: database(flags.database.as_deref().or(file.database.as_deref()))?,
            sites: either(&flags.sites, &file.sites)
                .iter()
                .map(|text| SiteBase::parse(text).map_err(|e| wrong("sites", e.to_string())))
                .collect::<Result<_, _>>()?,
            log: Log {
                level: level(flags.log.as_deref().or(file.log.level.as_deref()))?,
                json: file.log.json.unwrap_or(false),
            },
            http: Http {
                trusted_proxies: networks("http.trusted_proxies", &file.http.trusted_proxies)?,
                use_forwarded: file.http.use_forwarded.unwrap_or(false),
                live_readers: file.http.live_readers.unwrap_or(500),
                cache_bytes: file.http.cache_bytes.unwrap_or(16 * 1024 * 1024),
            },
            receive: receive(&file.receive)?,
            fetch: fetching(flags, file.fetch)?,
            media: Media {
                is_enabled: file.media.enabled.unwrap_or(true),
                max_bytes: file.media.max_bytes.unwrap_or(MEDIA_MAX_BYTES),
            },
            worker: crate::worker::Options {
                public_url,
                salmention: salmention(&file.salmention),
                ..worker(flags, &file.worker)?
            },
        })
    }
}

/// How those are told whom a page answers, if they are.
fn salmention(file: &SalmentionFile) -> Option<crate::worker::TellTerms> {
    file.send
        .unwrap_or(false)
        .then(|| crate::worker::TellTerms {
            delay: Duration::from_millis(file.delay_ms.unwrap_or(60_000)),
            interval: Duration::from_millis(file.interval_ms.unwrap_or(600_000)),
        })
}

fn receive(file: &ReceiveFile) -> Result<Receive, ConfigError> {
    Ok(Receive {
        pingback_wait: Duration::from_millis(file.pingback_wait_ms.unwrap_or(2000)),
        trackback: file.trackback.unwrap_or(false),
        rate_per_minute: file.rate_per_minute.unwrap_or(120),
        rate_per_source_domain: file.rate_per_source_domain.unwrap_or(300),
        rate_per_site: file.rate_per_site.unwrap_or(600),
        blocked_sources: file
            .blocked_sources
            .iter()
            .map(|host| blocked_source(host))
            .collect::<Result<_, _>>()?,
    })
}

fn fetching(flags: &Flags, file: FetchFile) -> Result<Fetching, ConfigError> {
    Ok(Fetching {
        allow_networks: networks(
            "fetch.allow_networks",
            either(&flags.allow_networks, &file.allow_networks),
        )?,
        refuse_networks: networks("fetch.refuse_networks", &file.refuse_networks)?,
        extra_ports: file.extra_ports,
        dns_servers: file
            .dns_servers
            .iter()
            .map(|text| name_server(text))
            .collect::<Result<_, _>>()?,
        ca_file: file.ca_file,
        contact_url: http_url("fetch.contact_url", file.contact_url.as_deref())?,
    })
}

fn worker(flags: &Flags, file: &WorkerFile) -> Result<crate::worker::Options, ConfigError> {
    let default = crate::worker::Options::default();
    Ok(crate::worker::Options {
        // Said elsewhere in the file.
        public_url: None,
        salmention: None,
        concurrency: at_least_one(
            "worker.concurrency",
            file.concurrency.unwrap_or(default.concurrency),
        )?,
        per_host: at_least_one("worker.per_host", file.per_host.unwrap_or(default.per_host))?,
        manners: crate::worker::Manners {
            interval: file
                .host_interval_ms
                .map_or(default.manners.interval, Duration::from_millis),
            page_per_hour: file.page_per_hour.unwrap_or(default.manners.page_per_hour),
            domain_per_hour: file
                .domain_per_hour
                .unwrap_or(default.manners.domain_per_hour),
        },
        lease: lease(flags.lease_ms.or(file.lease_ms), default.lease)?,
        poll: poll(file.poll_ms, default.poll)?,
        drain: file.drain_ms.map_or(default.drain, Duration::from_millis),
        check_targets: file.check_targets.unwrap_or(default.check_targets),
        reverify_per_minute: match file.reverify {
            Some(false) => 0,
            Some(true) | None => file
                .reverify_per_minute
                .unwrap_or(default.reverify_per_minute),
        },
        patience: file
            .remove_dead_after_days
            .filter(|days| *days > 0)
            .map(|days| DAY.saturating_mul(days)),
    })
}

#[cfg(test)]
mod tests;
