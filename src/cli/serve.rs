//! `linkback serve` and `linkback work`.

use std::process::ExitCode;

use anyhow::bail;

use super::flags::{Common, Fetching, Listening};
use crate::app::{Role, Service};
use crate::config::Config;
use crate::model::Site;

/// What `serve` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    listening: Listening,

    #[command(flatten)]
    fetching: Fetching,

    /// Do not verify here; `linkback work` does it in a process of its own
    #[arg(long)]
    no_worker: bool,
}

/// What `work` takes.
#[derive(Debug, clap::Args)]
pub(super) struct WorkArgs {
    #[command(flatten)]
    fetching: Fetching,
}

pub(super) async fn run(args: &Args, common: &Common) -> anyhow::Result<ExitCode> {
    let config = super::prepare(&common.with(&args.listening, &args.fetching))?;
    let role = if args.no_worker {
        Role::Http
    } else {
        Role::Everything
    };
    let service = Service::start(&config, role).await?;
    let sites = service.store().sites().await?;
    super::print(&welcome(&config, common, &service, &sites));
    until_asked_to_stop(service).await
}

pub(super) async fn work(args: &WorkArgs, common: &Common) -> anyhow::Result<ExitCode> {
    let config = super::prepare(&common.with(&Listening::default(), &args.fetching))?;
    let service = Service::start(&config, Role::Worker).await?;
    tracing::info!(database = %config.database.display(), "verifying");
    until_asked_to_stop(service).await
}

/// Runs the service until somebody stops it, or a part of it breaks down: half a service is worse
/// than none, which a supervisor starts again.
async fn until_asked_to_stop(service: Service) -> anyhow::Result<ExitCode> {
    tokio::select! {
        () = super::asked_to_stop() => {
            tracing::info!("stopping");
            service.stop().await?;
            Ok(ExitCode::SUCCESS)
        }
        part = service.broken_part() => bail!("the {part} broke down; the log says how"),
    }
}

/// What an operator needs to read at the start: the address; until the service knows its own, the
/// lines for a blog's template; and until there is a site, how to add it.
fn welcome(config: &Config, common: &Common, service: &Service, sites: &[Site]) -> String {
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
             <linkback-mentions></linkback-mentions>\n  \
             <script type=\"module\" src=\"{base}widget.js\"></script>\n"
        ),
    };
    let no_site = if sites.is_empty() {
        format!(
            "No site yet, so every mention is refused. Add yours:\n  {}\n",
            common.add_site_command()
        )
    } else {
        String::new()
    };
    listening + &template + &no_site
}
