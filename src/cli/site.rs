//! `linkback site`: the sites that mentions are accepted for.

use std::process::ExitCode;

use anyhow::bail;

use super::flags::Common;
use crate::app;
use crate::model::{Clock as _, Site, SiteBase, SiteSettings, SystemClock};
use crate::store::Store;

/// What `site` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Accept mentions for a site; a running service notices at once
    Add {
        /// Where the site lives, e.g. <https://example.com> or example.com/blog
        url: String,
        /// Another address of the same site, e.g. www.example.com (repeatable)
        #[arg(long)]
        alias: Vec<String>,
    },
    /// List the sites
    List,
    /// Say what a site takes; a running service notices within a second
    Set {
        /// One of the site's addresses, as `list` shows it
        url: String,
        /// Whether a source of a domain that is not known yet must bring a vouch
        #[arg(long, value_enum)]
        vouch: Option<Vouch>,
        /// What to do with mentions by pages of the same site
        #[arg(long, value_enum)]
        self_pings: Option<SelfPings>,
        /// What to do with private mentions, which come with a code that opens their source
        #[arg(long, value_enum)]
        private: Option<Private>,
    },
    /// Remove a site with all its mentions
    Remove {
        /// One of the site's addresses, as `list` shows it
        url: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// From whom a vouch is asked. indieweb.org/Vouch
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Vouch {
    /// From nobody
    Off,
    /// From sources of domains that no mention was verified of, and that are not allowed by name
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum SelfPings {
    Allow,
    Refuse,
}

/// Who is shown private mentions. indieweb.org/Private-Webmention
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Private {
    /// Nobody: they are read like any other, which opens no private page
    Off,
    /// The owner, by `linkback private`
    Owner,
}

pub(super) async fn run(args: &Args, common: &Common) -> anyhow::Result<ExitCode> {
    let config = super::prepare(&common.alone())?;
    let store = match args.action {
        Action::Add { .. } => app::open_store(&config)?,
        Action::List | Action::Set { .. } | Action::Remove { .. } => {
            app::open_existing_store(&config)?
        }
    };
    match &args.action {
        Action::Add { url, alias } => {
            let mut bases = vec![SiteBase::parse(url)?];
            for one in alias {
                bases.push(SiteBase::parse(one)?);
            }
            let site = store.add_site(&bases, SystemClock.now()).await?;
            super::print(&format!("{}\n", line(&site)));
            if let Some(taken) = bases.iter().find(|base| !site.bases.contains(base)) {
                bail!("{taken} belongs to another site already; `linkback site list` shows which");
            }
        }
        Action::List => {
            let sites = store.sites().await?;
            if sites.is_empty() {
                super::print(&format!(
                    "No sites yet. Add yours: {}\n",
                    common.add_site_command()
                ));
            }
            let door = store.door().await?;
            for site in sites {
                let settings = in_words(door.settings_of(site.id));
                super::print(&format!("{}{settings}\n", line(&site)));
            }
        }
        Action::Set {
            url,
            vouch,
            self_pings,
            private,
        } => {
            let change = |before: SiteSettings| SiteSettings {
                needs_vouch: vouch.map_or(before.needs_vouch, |v| v == Vouch::Unknown),
                takes_self_pings: self_pings
                    .map_or(before.takes_self_pings, |s| s == SelfPings::Allow),
                takes_private: private.map_or(before.takes_private, |p| p == Private::Owner),
            };
            set(store.as_ref(), &SiteBase::parse(url)?, change).await?;
        }
        Action::Remove { url, yes } => {
            let base = SiteBase::parse(url)?;
            let deed = format!("This deletes {base} with all its mentions");
            if !yes && !super::confirmed(&deed)? {
                bail!("nothing was removed");
            }
            if !store.remove_site(&base).await? {
                return Err(super::no_such_site(&base));
            }
            super::print(&format!("removed {base}\n"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Changes what a site takes, and says what it is then.
async fn set(
    store: &dyn Store,
    base: &SiteBase,
    change: impl FnOnce(SiteSettings) -> SiteSettings,
) -> anyhow::Result<()> {
    let sites = store.sites().await?;
    let site = super::site_at(&sites, base)?;
    let settings = change(store.door().await?.settings_of(site.id));
    store.set_site(base, settings).await?;
    super::print(&format!("{}{}\n", line(site), in_words(settings)));
    Ok(())
}

/// What differs from the defaults, for the end of a site's line.
fn in_words(settings: SiteSettings) -> String {
    let notes = [
        (settings.needs_vouch, ", needs vouches"),
        (!settings.takes_self_pings, ", refuses self-pings"),
        (settings.takes_private, ", takes private mentions"),
    ];
    let notes = notes.iter().filter(|(holds, _)| *holds);
    notes.map(|(_, words)| *words).collect()
}

/// A site in one line: its address, and its aliases.
fn line(site: &Site) -> String {
    let names: Vec<String> = site.bases.iter().map(ToString::to_string).collect();
    match names.split_first() {
        Some((first, [])) => first.clone(),
        Some((first, aliases)) => format!("{first} (also {})", aliases.join(", ")),
        None => String::new(),
    }
}
