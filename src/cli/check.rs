//! `linkback check`: is the configuration right, can the database be used?

use std::fs::OpenOptions;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;

use super::flags::{Common, Fetching, Listening};
use crate::app;
use crate::config::{Config, EXAMPLE};

/// What `check` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print an example configuration file with every key explained, and check nothing
    #[arg(long)]
    example: bool,

    #[command(flatten)]
    listening: Listening,

    #[command(flatten)]
    fetching: Fetching,
}

pub(super) async fn run(args: &Args, common: &Common) -> anyhow::Result<ExitCode> {
    if args.example {
        super::print(EXAMPLE);
        return Ok(ExitCode::SUCCESS);
    }
    let config = super::prepare(&common.with(&args.listening, &args.fetching))?;
    super::print("configuration  ok\n");
    let file = config.database.display();
    let stored_sites = if config.database.exists() {
        let store = app::open_existing_store(&config)?;
        store
            .check()
            .await
            .with_context(|| format!("the database {file} cannot be written"))?;
        super::print(&format!("database       ok, {file}\n"));
        store.sites().await?.len()
    } else {
        try_to_create(&config.database)?;
        super::print(&format!(
            "database       none yet; `serve` will create {file}\n"
        ));
        0
    };
    app::fetcher(&config)?;
    super::print("fetching       ok\n");
    let sites = stored_sites.max(config.sites.len());
    super::print(&format!("sites          {sites}\n"));
    for advice in advice(&config, common, sites) {
        super::print(&format!("note           {advice}\n"));
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether a database could be created at `path`, where there is nothing yet, nor will there be anything.
fn try_to_create(path: &Path) -> anyhow::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    };
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .and_then(|_created| std::fs::remove_file(path))
        .with_context(|| {
            format!(
                "the database {} cannot be created; the folder {} must be there, and whoever runs this must be \
                 able to write to it",
                path.display(),
                folder.display()
            )
        })
}

/// What works, but is likely not meant.
fn advice(config: &Config, common: &Common, sites: usize) -> Vec<String> {
    let mut advice = Vec::new();
    if sites == 0 {
        advice.push(format!(
            "no site: every mention is refused; add one: {}",
            common.add_site_command()
        ));
    }
    if config.public_url.is_none() {
        advice.push(
            "public_url is not set: status pages are named by each request's Host".to_owned(),
        );
    }
    if config.public_url.is_some() && config.http.trusted_proxies.is_empty() {
        advice.push(
            "http.trusted_proxies is not set: behind a proxy, limits and rules by network cannot tell \
             clients apart"
                .to_owned(),
        );
    }
    if !config.fetch.allow_networks.is_empty() {
        advice.push(
            "fetch.allow_networks is set: anyone who sends a mention can reach those networks"
                .to_owned(),
        );
    }
    advice
}
