//! `linkback serve` and `linkback work`.

use std::process::ExitCode;

use crate::app::{Role, Service};
use crate::config::{Config, Flags};
use crate::model::Site;

/// What `serve` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    flags: Flags,

    /// Do not verify here; `linkback work` does it in a process of its own
    #[arg(long)]
    no_worker: bool,
}

/// What `work` takes.
#[derive(Debug, clap::Args)]
pub(super) struct WorkArgs {
    #[command(flatten)]
    flags: Flags,
}

pub(super) async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let config = super::prepare(&args.flags)?;
    let role = if args.no_worker {
        Role::Http
    } else {
        Role::Everything
    };
    let service = Service::start(&config, role).await?;
    let sites = service.store().sites().await?;
    super::print(&welcome(&config, &service, &sites));
    super::asked_to_stop().await;
    tracing::info!("stopping");
    service.stop().await?;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn work(args: &WorkArgs) -> anyhow::Result<ExitCode> {
    let config = super::prepare(&args.flags)?;
    let service = Service::start(&config, Role::Worker).await?;
    tracing::info!(database = %config.database.display(), "verifying");
    super::asked_to_stop().await;
    tracing::info!("stopping");
    service.stop().await?;
    Ok(ExitCode::SUCCESS)
}

/// What an operator needs to read at the start: the address; until the service knows its own, the
/// lines for a blog's template; and until there is a site, how to add it.
fn welcome(config: &Config, service: &Service, sites: &[Site]) -> String {
    let mut base = match (&config.public_url, service.address()) {
        (Some(url), _) => url.to_string(),
        (None, Some(address)) => format!("http://{address}/"),
        (None, None) => String::new(),
    };
    if !base.ends_with('/') {
        base.push('/');
    }
    let listening = format!("Linkback is listening on {base}\n");
    let template = match config.public_url {
        Some(_) => String::new(),
        // PB-21: exactly this form of the second line.
        None => format!(
            "Paste this into your blog's template, the first two lines at the top of <head>, the\n\
             others under the article (set public_url first if the world has another address for it):\n  \
             <link rel=\"webmention\" href=\"{base}webmention\">\n  \
             <link rel=\"pingback\" href=\"{base}pingback\">\n  \
             <script type=\"module\" src=\"{base}widget.js\"></script>\n  \
             <linkback-mentions></linkback-mentions>\n"
        ),
    };
    let no_site = if sites.is_empty() {
        "No site yet, so every mention is refused. Add yours:\n  \
         linkback site add https://example.com\n"
    } else {
        ""
    };
    listening + &template + no_site
}
