//! [`File`]: the configuration file, key by key, as it is written.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::ConfigError;

/// The file, key by key.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct File {
    pub(super) listen: Option<String>,
    pub(super) public_url: Option<String>,
    pub(super) database: Option<PathBuf>,
    pub(super) sites: Vec<String>,
    pub(super) log: LogFile,
    pub(super) http: HttpFile,
    pub(super) receive: ReceiveFile,
    pub(super) fetch: FetchFile,
    pub(super) media: MediaFile,
    pub(super) worker: WorkerFile,
    pub(super) salmention: SalmentionFile,
    pub(super) websub: WebSubFile,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct LogFile {
    pub(super) level: Option<String>,
    pub(super) json: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct HttpFile {
    pub(super) trusted_proxies: Vec<String>,
    pub(super) use_forwarded: Option<bool>,
    pub(super) live_readers: Option<usize>,
    pub(super) cache_bytes: Option<usize>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ReceiveFile {
    pub(super) pingback_wait_ms: Option<u64>,
    pub(super) trackback: Option<bool>,
    pub(super) rate_per_minute: Option<u32>,
    pub(super) rate_per_source_domain: Option<u32>,
    pub(super) rate_per_site: Option<u32>,
    pub(super) blocked_sources: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct FetchFile {
    pub(super) allow_networks: Vec<String>,
    pub(super) refuse_networks: Vec<String>,
    pub(super) extra_ports: Vec<u16>,
    pub(super) dns_servers: Vec<String>,
    pub(super) ca_file: Option<PathBuf>,
    pub(super) contact_url: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct MediaFile {
    pub(super) enabled: Option<bool>,
    pub(super) max_bytes: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct SalmentionFile {
    pub(super) send: Option<bool>,
    pub(super) delay_ms: Option<u64>,
    pub(super) interval_ms: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct WorkerFile {
    pub(super) concurrency: Option<usize>,
    pub(super) per_host: Option<usize>,
    pub(super) host_interval_ms: Option<u64>,
    pub(super) page_per_hour: Option<u32>,
    pub(super) domain_per_hour: Option<u32>,
    pub(super) lease_ms: Option<u64>,
    pub(super) poll_ms: Option<u64>,
    pub(super) drain_ms: Option<u64>,
    pub(super) check_targets: Option<bool>,
    pub(super) reverify: Option<bool>,
    pub(super) reverify_per_minute: Option<u32>,
    pub(super) remove_dead_after_days: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct WebSubFile {
    pub(super) hub: Option<String>,
    pub(super) pause_ms: Option<u64>,
}

impl File {
    /// Reads the file at `path`.
    pub(super) fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
            path: path.to_owned(),
            source,
        })?;
        toml::from_str(&text).map_err(|source| ConfigError::Parse {
            path: path.to_owned(),
            source: Box::new(source),
        })
    }
}
