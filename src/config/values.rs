//! Single values: what people type, checked, or what to type instead.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ipnet::IpNet;
use url::Url;

use super::ConfigError;
use crate::model::{Pattern, TargetUrl, canonical_network};

pub(super) fn wrong(key: &'static str, problem: impl Into<String>) -> ConfigError {
    ConfigError::Value {
        key,
        problem: problem.into(),
    }
}

/// The first list, unless it is empty.
pub(super) fn either<'a>(first: &'a [String], second: &'a [String]) -> &'a [String] {
    if first.is_empty() { second } else { first }
}

pub(super) fn listen(text: Option<&str>) -> Result<SocketAddr, ConfigError> {
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

pub(super) fn database(path: Option<&Path>) -> Result<PathBuf, ConfigError> {
    let path = path.unwrap_or(Path::new("linkback.sqlite"));
    if path.as_os_str().is_empty() {
        return Err(wrong(
            "database",
            "a file without a name; write it like /var/lib/linkback/linkback.sqlite",
        ));
    }
    Ok(path.to_owned())
}

pub(super) fn http_url(key: &'static str, text: Option<&str>) -> Result<Option<Url>, ConfigError> {
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
pub(super) fn service_url(text: Option<&str>) -> Result<Option<Url>, ConfigError> {
    let url = http_url("public_url", text)?;
    match &url {
        Some(with_path) if with_path.path() != "/" => Err(wrong(
            "public_url",
            format!("“{with_path}” has a path; give the service a host of its own"),
        )),
        _ => Ok(url),
    }
}

/// The hub. It is told of feeds by their URLs: without one of our own there are none to name.
pub(super) fn hub(
    text: Option<&str>,
    public_url: Option<&Url>,
) -> Result<Option<Url>, ConfigError> {
    let Some(text) = text else {
        return Ok(None);
    };
    let hub = TargetUrl::parse(text).map_err(|error| {
        let problem =
            format!("“{text}” is not a hub's URL, {error}; write it like https://hub.example.com/");
        wrong("websub.hub", problem)
    })?;
    if public_url.is_none() {
        return Err(wrong(
            "websub.hub",
            "the hub must know where our feeds are; set public_url as well",
        ));
    }
    Ok(Some(hub.as_url().clone()))
}

pub(super) fn websub_pause(milliseconds: Option<u64>) -> Result<Duration, ConfigError> {
    match milliseconds {
        None => Ok(Duration::from_secs(10)),
        Some(ms) if ms >= 100 => Ok(Duration::from_millis(ms)),
        Some(ms) => Err(wrong(
            "websub.pause_ms",
            format!("{ms} would tell the hub of each change alone; use 100 or more"),
        )),
    }
}

pub(super) fn networks(key: &'static str, texts: &[String]) -> Result<Vec<IpNet>, ConfigError> {
    let network = |text: &String| {
        let text = text.trim();
        text.parse::<IpNet>()
            .or_else(|_not_a_network| text.parse::<std::net::IpAddr>().map(IpNet::from))
            .map(canonical_network)
            .map_err(|_neither| {
                let problem =
                    format!("“{text}” is not a network; write it like 127.0.0.0/8 or fd00::/8");
                wrong(key, problem)
            })
    };
    texts.iter().map(network).collect()
}

/// An address, with or without a port.
pub(super) fn name_server(text: &str) -> Result<SocketAddr, ConfigError> {
    let text = text.trim();
    text.parse()
        .or_else(|_no_port| {
            let address = text.parse::<std::net::IpAddr>()?;
            Ok(SocketAddr::new(address, 53))
        })
        .map_err(|_neither: std::net::AddrParseError| {
            wrong(
                "fetch.dns_servers",
                format!(
                    "“{text}” is not an address; write it like 127.0.0.53 or [2001:db8::53]:5353"
                ),
            )
        })
}

pub(super) fn blocked_source(host: &str) -> Result<Pattern, ConfigError> {
    let pattern = match Pattern::parse(host) {
        // Pages at that address, not clients.
        Ok(Pattern::Network(_)) => Pattern::host(host).ok(),
        Ok(pattern @ Pattern::Domain(_)) => Some(pattern),
        Ok(Pattern::Host(_) | Pattern::Prefix { .. }) | Err(_) => None,
    };
    pattern.ok_or_else(|| {
        wrong(
            "receive.blocked_sources",
            format!("“{host}” is not a host name; write it like spam.example"),
        )
    })
}

pub(super) fn level(text: Option<&str>) -> Result<tracing::Level, ConfigError> {
    let text = text.unwrap_or("info");
    text.parse().map_err(|_not_a_level| {
        wrong(
            "log.level",
            format!("“{text}” is not a level; use error, warn, info, debug or trace"),
        )
    })
}

pub(super) fn at_least_one(key: &'static str, value: usize) -> Result<usize, ConfigError> {
    if value == 0 {
        return Err(wrong(key, "0 would never do anything; use 1 or more"));
    }
    Ok(value)
}

pub(super) fn lease(milliseconds: Option<u64>, default: Duration) -> Result<Duration, ConfigError> {
    match milliseconds {
        None => Ok(default),
        Some(ms) if ms >= 500 => Ok(Duration::from_millis(ms)),
        Some(ms) => Err(wrong(
            "worker.lease_ms",
            format!("{ms} is too short to be renewed in time; use 500 or more"),
        )),
    }
}

pub(super) fn poll(milliseconds: Option<u64>, default: Duration) -> Result<Duration, ConfigError> {
    match milliseconds {
        None => Ok(default),
        Some(ms) if ms >= 10 => Ok(Duration::from_millis(ms)),
        Some(ms) => Err(wrong(
            "worker.poll_ms",
            format!("{ms} would look for work without a pause; use 10 or more"),
        )),
    }
}
