//! The configuration: a file, the environment and flags, merged once into a checked [`Config`].
//!
//! Flags win over the environment, the environment over the file, the file over the defaults.
//! `linkback.example.toml` at the top of the project documents every key; a test holds it to the
//! defaults here.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use ipnet::IpNet;
use serde::Deserialize;
use url::Url;

use crate::model::SiteBase;

/// The commented example file: every key with its default.
pub const EXAMPLE: &str = include_str!("../linkback.example.toml");

/// The file that is read if none is named and it exists.
const DEFAULT_FILE: &str = "linkback.toml";

/// Why the configuration cannot be used; the message says what to change.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration file {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The file is not TOML, or has a key that does not exist.
    #[error("the configuration file {path} is wrong: {source}")]
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
    /// Receiving.
    pub receive: Receive,
    /// Fetching.
    pub fetch: Fetching,
    /// Verifying.
    pub worker: crate::worker::Options,
}

/// How to log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Log {
    /// The least important level that is written.
    pub level: tracing::Level,
    /// Lines of JSON instead of text.
    pub json: bool,
}

/// How to receive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receive {
    /// How long a pingback waits for its verdict.
    pub pingback_wait: Duration,
    /// Submissions a minute from one client network; 0: no limit.
    pub rate_per_minute: u32,
    /// Source hosts (with their subdomains) that are turned away.
    pub blocked_sources: Vec<String>,
}

/// How to fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetching {
    /// Networks that may be fetched from although they are not public.
    pub allow_networks: Vec<IpNet>,
    /// Ports that may be fetched from besides 80 and 443.
    pub extra_ports: Vec<u16>,
    /// Where the owner of a source can learn who fetches: part of the user agent.
    pub contact_url: Option<Url>,
}

/// What can be set by flags and the environment, too. Shared by every command that needs the service's parts.
#[derive(Debug, Clone, Default, Args)]
pub struct Flags {
    /// Configuration file (linkback.toml if that exists)
    #[arg(short, long, value_name = "FILE", env = "LINKBACK_CONFIG")]
    pub config: Option<PathBuf>,

    /// Address and port to listen on
    #[arg(long, value_name = "ADDRESS:PORT", env = "LINKBACK_LISTEN")]
    pub listen: Option<String>,

    /// URL under which the world reaches this service
    #[arg(long, value_name = "URL", env = "LINKBACK_PUBLIC_URL")]
    pub public_url: Option<String>,

    /// SQLite file, created if missing
    #[arg(short, long, value_name = "FILE", env = "LINKBACK_DATABASE")]
    pub database: Option<PathBuf>,

    /// Site to accept mentions for, e.g. <https://example.com> (repeatable)
    #[arg(
        long = "site",
        value_name = "URL",
        env = "LINKBACK_SITES",
        value_delimiter = ','
    )]
    pub sites: Vec<String>,

    /// Network to fetch from although it is not public, on any port, e.g. 127.0.0.0/8 (repeatable)
    #[arg(
        long = "allow-network",
        value_name = "CIDR",
        env = "LINKBACK_ALLOW_NETWORKS",
        value_delimiter = ','
    )]
    pub allow_networks: Vec<String>,

    /// Least important messages to log: error, warn, info, debug or trace
    #[arg(long, value_name = "LEVEL", env = "LINKBACK_LOG")]
    pub log: Option<String>,

    /// How long a worker that died keeps a submission, in milliseconds
    #[arg(long, value_name = "MS", env = "LINKBACK_LEASE_MS", hide = true)]
    pub lease_ms: Option<u64>,
}

/// The file, key by key.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    listen: Option<String>,
    public_url: Option<String>,
    database: Option<PathBuf>,
    sites: Vec<String>,
    log: LogFile,
    receive: ReceiveFile,
    fetch: FetchFile,
    worker: WorkerFile,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LogFile {
    level: Option<String>,
    json: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ReceiveFile {
    pingback_wait_ms: Option<u64>,
    rate_per_minute: Option<u32>,
    blocked_sources: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct FetchFile {
    allow_networks: Vec<String>,
    extra_ports: Vec<u16>,
    contact_url: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct WorkerFile {
    concurrency: Option<usize>,
    per_host: Option<usize>,
    lease_ms: Option<u64>,
    poll_ms: Option<u64>,
    drain_ms: Option<u64>,
    check_targets: Option<bool>,
}

impl Config {
    /// Reads the file that `flags` name (or `linkback.toml` here, if there is one) and puts `flags` over it.
    ///
    /// # Errors
    /// [`ConfigError`] names the key and says what would be right.
    pub fn load(flags: &Flags) -> Result<Self, ConfigError> {
        let file = match &flags.config {
            Some(path) => read(path)?,
            None if Path::new(DEFAULT_FILE).is_file() => read(Path::new(DEFAULT_FILE))?,
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
        let worker = crate::worker::Options::default();
        let milliseconds = Duration::from_millis;
        Ok(Self {
            listen: listen(flags.listen.as_deref().or(file.listen.as_deref()))?,
            public_url: service_url(flags.public_url.as_deref().or(file.public_url.as_deref()))?,
            database: flags
                .database
                .clone()
                .or(file.database)
                .unwrap_or_else(|| PathBuf::from("linkback.sqlite")),
            sites: either(&flags.sites, &file.sites)
                .iter()
                .map(|text| SiteBase::parse(text).map_err(|e| wrong("sites", e.to_string())))
                .collect::<Result<_, _>>()?,
            log: Log {
                level: level(flags.log.as_deref().or(file.log.level.as_deref()))?,
                json: file.log.json.unwrap_or(false),
            },
            receive: Receive {
                pingback_wait: milliseconds(file.receive.pingback_wait_ms.unwrap_or(2000)),
                rate_per_minute: file.receive.rate_per_minute.unwrap_or(120),
                blocked_sources: file
                    .receive
                    .blocked_sources
                    .iter()
                    .map(|host| blocked_source(host))
                    .collect::<Result<_, _>>()?,
            },
            fetch: Fetching {
                allow_networks: either(&flags.allow_networks, &file.fetch.allow_networks)
                    .iter()
                    .map(|text| network(text))
                    .collect::<Result<_, _>>()?,
                extra_ports: file.fetch.extra_ports,
                contact_url: http_url("fetch.contact_url", file.fetch.contact_url.as_deref())?,
            },
            worker: crate::worker::Options {
                concurrency: at_least_one(
                    "worker.concurrency",
                    file.worker.concurrency.unwrap_or(worker.concurrency),
                )?,
                per_host: at_least_one(
                    "worker.per_host",
                    file.worker.per_host.unwrap_or(worker.per_host),
                )?,
                lease: lease(flags.lease_ms.or(file.worker.lease_ms), worker.lease)?,
                poll: file.worker.poll_ms.map_or(worker.poll, milliseconds),
                drain: file.worker.drain_ms.map_or(worker.drain, milliseconds),
                check_targets: file.worker.check_targets.unwrap_or(worker.check_targets),
            },
        })
    }
}

fn read(path: &Path) -> Result<File, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
        path: path.to_owned(),
        source,
    })?;
    toml::from_str(&text).map_err(|source| ConfigError::Parse {
        path: path.to_owned(),
        source: Box::new(source),
    })
}

fn wrong(key: &'static str, problem: impl Into<String>) -> ConfigError {
    ConfigError::Value {
        key,
        problem: problem.into(),
    }
}

/// The first list, unless it is empty.
fn either<'a>(first: &'a [String], second: &'a [String]) -> &'a [String] {
    if first.is_empty() { second } else { first }
}

fn listen(text: Option<&str>) -> Result<SocketAddr, ConfigError> {
    let text = text.unwrap_or("127.0.0.1:8080");
    // `localhost:8080` and `:8080` are what people type.
    let text = match text.strip_prefix("localhost:") {
        Some(port) => format!("127.0.0.1:{port}"),
        None if text.starts_with(':') => format!("0.0.0.0{text}"),
        None => text.to_owned(),
    };
    text.parse().map_err(|_not_an_address| {
        wrong(
            "listen",
            format!(
                "“{text}” is not an address and port; write it like 127.0.0.1:8080 or [::]:8080"
            ),
        )
    })
}

fn http_url(key: &'static str, text: Option<&str>) -> Result<Option<Url>, ConfigError> {
    let Some(text) = text else {
        return Ok(None);
    };
    let mut url = Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .ok_or_else(|| {
            wrong(
                key,
                format!(
                    "“{text}” is not an http(s) URL; write it like https://mentions.example.com"
                ),
            )
        })?;
    url.set_query(None);
    url.set_fragment(None);
    Ok(Some(url))
}

/// The service's own address: the root of a host, since its pages name each other by absolute paths.
fn service_url(text: Option<&str>) -> Result<Option<Url>, ConfigError> {
    let url = http_url("public_url", text)?;
    match &url {
        Some(with_path) if with_path.path() != "/" => Err(wrong(
            "public_url",
            format!("“{with_path}” has a path; give the service a host of its own"),
        )),
        _ => Ok(url),
    }
}

fn network(text: &str) -> Result<IpNet, ConfigError> {
    let text = text.trim();
    text.parse::<IpNet>()
        .or_else(|_not_a_network| text.parse::<std::net::IpAddr>().map(IpNet::from))
        .map_err(|_neither| {
            wrong(
                "fetch.allow_networks",
                format!("“{text}” is not a network; write it like 127.0.0.0/8 or fd00::/8"),
            )
        })
}

fn blocked_source(host: &str) -> Result<String, ConfigError> {
    SiteBase::parse(host)
        .ok()
        .filter(|base| base.path() == "/" && !host.contains("://"))
        .map(|base| base.authority().to_owned())
        .ok_or_else(|| {
            wrong(
                "receive.blocked_sources",
                format!("“{host}” is not a host name; write it like spam.example"),
            )
        })
}

fn level(text: Option<&str>) -> Result<tracing::Level, ConfigError> {
    let text = text.unwrap_or("info");
    text.parse().map_err(|_not_a_level| {
        wrong(
            "log.level",
            format!("“{text}” is not a level; use error, warn, info, debug or trace"),
        )
    })
}

fn at_least_one(key: &'static str, value: usize) -> Result<usize, ConfigError> {
    if value == 0 {
        return Err(wrong(key, "0 would never do anything; use 1 or more"));
    }
    Ok(value)
}

fn lease(milliseconds: Option<u64>, default: Duration) -> Result<Duration, ConfigError> {
    match milliseconds {
        None => Ok(default),
        Some(ms) if ms >= 500 => Ok(Duration::from_millis(ms)),
        Some(ms) => Err(wrong(
            "worker.lease_ms",
            format!("{ms} is too short to be renewed in time; use 500 or more"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, String> {
        let file = toml::from_str(text).map_err(|e| e.to_string())?;
        Config::merge(&Flags::default(), file).map_err(|e| e.to_string())
    }

    #[test]
    fn the_example_file_states_the_defaults() {
        // Each commented-out key with its value is what holds without it.
        let uncommented: String = EXAMPLE
            .lines()
            .map(|line| line.strip_prefix("#= ").unwrap_or(line))
            .fold(String::new(), |text, line| text + line + "\n");
        assert_ne!(uncommented, EXAMPLE);
        let stated = parse(&uncommented).unwrap();
        let default = parse("").unwrap();
        assert_eq!(format!("{stated:?}"), format!("{default:?}"));
        assert_eq!(
            format!("{:?}", parse(EXAMPLE).unwrap()),
            format!("{default:?}")
        );
    }

    #[test]
    fn a_wrong_value_is_named_with_what_would_be_right() {
        for (text, want) in [
            (
                "listen = 'here'",
                "listen: “here” is not an address and port",
            ),
            (
                "public_url = 'https://x.example/y'",
                "public_url: “https://x.example/y” has a path",
            ),
            (
                "public_url = 'ftp://x'",
                "public_url: “ftp://x” is not an http(s) URL",
            ),
            ("sites = ['/blog']", "sites: “/blog” is not a site"),
            (
                "[fetch]\nallow_networks = ['all']",
                "fetch.allow_networks: “all” is not a network",
            ),
            (
                "[worker]\nconcurrency = 0",
                "worker.concurrency: 0 would never do anything",
            ),
            ("[worker]\nlease_ms = 5", "worker.lease_ms: 5 is too short"),
            ("[log]\nlevel = 'loud'", "log.level: “loud” is not a level"),
            ("listne = 'x'", "unknown field `listne`"),
            (
                "[receive]\nblocked_sources = ['https://x/y']",
                "receive.blocked_sources: “https://x/y”",
            ),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(want), "{text}: {error}");
        }
    }

    #[test]
    fn flags_win_over_the_file() {
        let flags = Flags {
            listen: Some("localhost:9999".into()),
            sites: vec!["https://flag.example".into()],
            ..Flags::default()
        };
        let file = toml::from_str("listen = '0.0.0.0:1'\nsites = ['file.example']\ndatabase = 'f'");
        let config = Config::merge(&flags, file.unwrap()).unwrap();
        assert_eq!(config.listen, "127.0.0.1:9999".parse().unwrap());
        assert_eq!(config.sites, [SiteBase::parse("flag.example").unwrap()]);
        assert_eq!(config.database, PathBuf::from("f"));
    }
}
