//! `linkback check`: is the configuration right, can the database be used?

use std::process::ExitCode;

use anyhow::Context as _;

use crate::app;
use crate::config::{Config, EXAMPLE, Flags};

/// What `check` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print an example configuration file with every key explained, and check nothing
    #[arg(long)]
    example: bool,

    #[command(flatten)]
    flags: Flags,
}

pub(super) async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if args.example {
        super::print(EXAMPLE);
        return Ok(ExitCode::SUCCESS);
    }
    let config = super::prepare(&args.flags)?;
    super::print("configuration  ok\n");
    let store = app::open_store(&config)?;
    store.check().await.with_context(|| {
        format!(
            "the database {} cannot be written",
            config.database.display()
        )
    })?;
    super::print(&format!(
        "database       ok, {}\n",
        config.database.display()
    ));
    app::fetcher(&config)?;
    super::print("fetching       ok\n");
    let sites = store.sites().await?.len().max(config.sites.len());
    super::print(&format!("sites          {sites}\n"));
    for advice in advice(&config, sites) {
        super::print(&format!("note           {advice}\n"));
    }
    Ok(ExitCode::SUCCESS)
}

/// What works, but is likely not meant.
fn advice(config: &Config, sites: usize) -> Vec<String> {
    let mut advice = Vec::new();
    if sites == 0 {
        advice.push(
            "no site: every mention is refused; add one: linkback site add https://example.com"
                .to_owned(),
        );
    }
    if config.public_url.is_none() {
        advice.push(
            "public_url is not set: status pages are named by each request's Host".to_owned(),
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
