//! The flags that commands share, and how they become [`Flags`].

use std::path::PathBuf;

use clap::Args;

use crate::config::Flags;

/// What every command takes.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Common {
    /// Configuration file (linkback.toml if that exists)
    #[arg(
        short,
        long,
        global = true,
        value_name = "FILE",
        env = "LINKBACK_CONFIG"
    )]
    pub(super) config: Option<String>,

    /// SQLite file
    #[arg(
        short,
        long,
        global = true,
        value_name = "FILE",
        env = "LINKBACK_DATABASE"
    )]
    pub(super) database: Option<String>,

    /// Least important messages to log: error, warn, info, debug or trace
    #[arg(long, global = true, value_name = "LEVEL", env = "LINKBACK_LOG")]
    pub(super) log: Option<String>,
}

/// What commands take that listen.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Listening {
    /// Address and port to listen on
    #[arg(long, value_name = "ADDRESS:PORT", env = "LINKBACK_LISTEN")]
    pub(super) listen: Option<String>,

    /// URL under which the world reaches this service
    #[arg(long, value_name = "URL", env = "LINKBACK_PUBLIC_URL")]
    pub(super) public_url: Option<String>,

    /// Site to accept mentions for, e.g. <https://example.com> (repeatable)
    #[arg(
        long = "site",
        value_name = "URL",
        env = "LINKBACK_SITES",
        value_delimiter = ','
    )]
    pub(super) sites: Vec<String>,
}

/// What commands take that fetch.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Fetching {
    /// Network to fetch from although it is not public, on any port, e.g. 127.0.0.0/8 (repeatable)
    #[arg(
        long = "allow-network",
        value_name = "CIDR",
        env = "LINKBACK_ALLOW_NETWORKS",
        value_delimiter = ','
    )]
    pub(super) allow_networks: Vec<String>,

    /// How long a worker that died keeps a submission, in milliseconds
    #[arg(long, value_name = "MS", env = "LINKBACK_LEASE_MS", hide = true)]
    pub(super) lease_ms: Option<u64>,
}

impl Common {
    /// All flags: these, and those of a command that has more.
    pub(super) fn with(&self, listening: &Listening, fetching: &Fetching) -> Flags {
        Flags {
            config: self.config.clone().map(PathBuf::from),
            database: self.database.clone().map(PathBuf::from),
            log: self.log.clone(),
            listen: listening.listen.clone(),
            public_url: listening.public_url.clone(),
            sites: listening.sites.clone(),
            allow_networks: fetching.allow_networks.clone(),
            lease_ms: fetching.lease_ms,
        }
    }

    /// These flags alone.
    pub(super) fn alone(&self) -> Flags {
        self.with(&Listening::default(), &Fetching::default())
    }

    /// The command that adds a site to the database that these flags name.
    pub(super) fn add_site_command(&self) -> String {
        let mut command = "linkback site add https://example.com".to_owned();
        for (name, value) in [("--config", &self.config), ("--database", &self.database)] {
            if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
                command.extend([" ", name, " ", value]);
            }
        }
        command
    }
}
