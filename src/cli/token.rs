//! `linkback token`: by what programs prove that they read for a site's owner.

use std::process::ExitCode;

use anyhow::bail;

use super::flags::Common;
use crate::app;
use crate::model::{Clock as _, SiteBase, SystemClock};

/// What `token` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Make a token that reads all mentions of a site, and print it, this once
    Add {
        /// One of the site's addresses, as `linkback site list` shows it
        site: String,
        /// A note for yourself, e.g. what uses it
        #[arg(long, default_value = "", hide_default_value = true)]
        name: String,
    },
    /// List the tokens, without what makes them work
    List,
    /// Remove a token: it stops working at once
    Remove {
        /// Its number, as `list` shows it
        number: i64,
    },
}

pub(super) async fn run(args: &Args, common: &Common) -> anyhow::Result<ExitCode> {
    let config = super::prepare(&common.alone())?;
    let store = app::open_existing_store(&config)?;
    match &args.action {
        Action::Add { site, name } => {
            let base = SiteBase::parse(site)?;
            match store.add_token(&base, name, SystemClock.now()).await? {
                Some(token) => super::print(&format!("{token}\n")),
                None => return Err(super::no_such_site(&base)),
            }
        }
        Action::List => {
            let sites = store.sites().await?;
            for token in store.tokens().await? {
                let site = sites.iter().find(|site| site.id == token.site);
                let base = site.and_then(|site| site.bases.first());
                let base = base.map(ToString::to_string).unwrap_or_default();
                let made = super::time(token.created_at).strftime("%Y-%m-%d");
                let line = format!("{}  {made}  {base}  {}", token.id, token.name);
                super::print(&format!("{}\n", line.trim_end()));
            }
        }
        Action::Remove { number } => {
            if !store.remove_token(*number).await? {
                bail!("there is no token {number}; `linkback token list` shows those there are");
            }
            super::print(&format!("removed token {number}\n"));
        }
    }
    Ok(ExitCode::SUCCESS)
}
