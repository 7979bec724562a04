//! `linkback block` and `linkback allow`: who is turned away, and who never is.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};

use super::flags::Common;
use crate::app;
use crate::model::{Action, Clock as _, Pattern, Rule, Site, SiteId, SystemClock, Timestamp};
use crate::store::{DOOR_HOLDS_FOR, Store};

mod import;

/// What `block` takes.
#[derive(Debug, clap::Args)]
pub(super) struct BlockArgs {
    #[command(subcommand)]
    what: Block,
}

#[derive(Debug, clap::Subcommand)]
enum Block {
    /// Turn away from now on; a running service notices within a second
    Add {
        #[command(flatten)]
        rule: New,
        /// Also remove what is shown of it
        #[arg(long)]
        purge: bool,
    },
    #[command(flatten)]
    Other(What),
}

/// What `allow` takes.
#[derive(Debug, clap::Args)]
pub(super) struct AllowArgs {
    #[command(subcommand)]
    what: Allow,
}

#[derive(Debug, clap::Subcommand)]
enum Allow {
    /// Let in from now on, whatever is blocked; a running service notices within a second
    Add {
        #[command(flatten)]
        rule: New,
    },
    #[command(flatten)]
    Other(What),
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// List the rules
    List {
        #[command(flatten)]
        scope: Scope,
    },
    /// Remove a rule
    Remove {
        /// The rule, as `list` shows it
        pattern: String,
        #[command(flatten)]
        scope: Scope,
    },
    /// Add all rules of a file, one a line: domains, URLs, networks, or lines of a hosts file
    Import {
        /// The file; “-” is standard input
        file: String,
        #[command(flatten)]
        terms: Terms,
    },
}

#[derive(Debug, clap::Args)]
struct New {
    /// example.com with all below it, =example.com alone, <https://example.com/~ann> and all below it,
    /// or a network of clients: 192.0.2.0/24
    pattern: String,
    #[command(flatten)]
    terms: Terms,
}

#[derive(Debug, clap::Args)]
struct Terms {
    /// A note for yourself
    #[arg(long, default_value = "", hide_default_value = true)]
    reason: String,
    /// Forget the rule after so many days
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    days: Option<u32>,
    #[command(flatten)]
    scope: Scope,
}

#[derive(Debug, clap::Args)]
struct Scope {
    /// For mentions of this site alone
    #[arg(long, value_name = "URL")]
    site: Option<String>,
}

/// The rules of one action in an opened store.
struct Book {
    store: Arc<dyn Store>,
    sites: Vec<Site>,
    action: Action,
    now: Timestamp,
}

pub(super) async fn block(args: &BlockArgs, common: &Common) -> anyhow::Result<ExitCode> {
    let book = Book::open(Action::Block, common).await?;
    match &args.what {
        Block::Add { rule, purge } => {
            let rule = book.add(rule).await?;
            if *purge {
                // Until every worker obeys the rule: what it lets in after that is nothing of these.
                tokio::time::sleep(DOOR_HOLDS_FOR.saturating_mul(2)).await;
                let count = book.store.purge(&rule.pattern, rule.site, book.now).await?;
                super::print(&format!("{count} mentions removed\n"));
            }
        }
        Block::Other(what) => book.run(what).await?,
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn allow(args: &AllowArgs, common: &Common) -> anyhow::Result<ExitCode> {
    let book = Book::open(Action::Allow, common).await?;
    match &args.what {
        Allow::Add { rule } => {
            book.add(rule).await?;
        }
        Allow::Other(what) => book.run(what).await?,
    }
    Ok(ExitCode::SUCCESS)
}

impl Book {
    async fn open(action: Action, common: &Common) -> anyhow::Result<Self> {
        let config = super::prepare(&common.alone())?;
        let store = app::open_existing_store(&config)?;
        Ok(Self {
            sites: store.sites().await?,
            store,
            action,
            now: SystemClock.now(),
        })
    }

    async fn run(&self, what: &What) -> anyhow::Result<()> {
        match what {
            What::List { scope } => self.list(scope).await,
            What::Remove { pattern, scope } => self.remove(pattern, scope).await,
            What::Import { file, terms } => {
                let report = import::import(self, file, terms).await?;
                super::print(&report);
                Ok(())
            }
        }
    }

    async fn add(&self, new: &New) -> anyhow::Result<Rule> {
        let pattern = read(&new.pattern)?;
        let rule = self.rule(pattern, &new.terms)?;
        let added = self.store.add_rules(vec![rule.clone()], self.now).await?;
        let known = if added == 0 { " (changed)" } else { "" };
        super::print(&format!("{} {}{known}\n", self.action, rule.pattern));
        Ok(rule)
    }

    async fn list(&self, scope: &Scope) -> anyhow::Result<()> {
        let only = self.site(scope)?;
        let mut rules = self.store.rules(self.now).await?;
        rules.retain(|r| r.action == self.action && (only.is_none() || r.site == only));
        if rules.is_empty() {
            super::print(&format!("There are no rules to {}.\n", self.action));
        }
        for rule in rules {
            super::print(&format!("{}\n", self.line(&rule)));
        }
        Ok(())
    }

    async fn remove(&self, pattern: &str, scope: &Scope) -> anyhow::Result<()> {
        let (pattern, site) = (read(pattern)?, self.site(scope)?);
        let rules = self.store.rules(self.now).await?;
        let is_same = |rule: &&Rule| {
            rule.action == self.action && rule.pattern == pattern && rule.site == site
        };
        let found = rules.iter().find(is_same);
        if found.is_some_and(|rule| rule.is_configured) {
            bail!("{pattern} stands in the configuration: remove it from receive.blocked_sources");
        }
        if !self.store.remove_rule(self.action, &pattern, site).await? {
            bail!(
                "there is no rule to {action} {pattern}; `linkback {action} list` shows those there are",
                action = self.action
            );
        }
        super::print(&format!("removed {pattern}\n"));
        Ok(())
    }

    fn rule(&self, pattern: Pattern, terms: &Terms) -> anyhow::Result<Rule> {
        let lasts = |days: u32| Duration::from_secs(u64::from(days).saturating_mul(24 * 3600));
        Ok(Rule {
            action: self.action,
            pattern,
            site: self.site(&terms.scope)?,
            reason: terms.reason.clone(),
            created_at: self.now,
            expires_at: terms.days.map(|days| self.now.plus(lasts(days))),
            is_configured: false,
        })
    }

    fn site(&self, scope: &Scope) -> anyhow::Result<Option<SiteId>> {
        super::named(&self.sites, scope.site.as_deref())
    }

    /// A rule in one line.
    fn line(&self, rule: &Rule) -> String {
        let date = |at| super::time(at).strftime("%Y-%m-%d").to_string();
        let mut notes = vec![format!("since {}", date(rule.created_at))];
        notes.extend(rule.expires_at.map(|end| format!("until {}", date(end))));
        let site = self.sites.iter().find(|site| Some(site.id) == rule.site);
        let base = site.and_then(|site| site.bases.first());
        notes.extend(base.map(|base| format!("for {base}")));
        if rule.is_configured {
            notes.push("in the configuration".to_owned());
        }
        if !rule.reason.is_empty() {
            notes.push(rule.reason.escape_debug().to_string());
        }
        format!("{} ({})", rule.pattern, notes.join(", "))
    }
}

fn read(text: &str) -> anyhow::Result<Pattern> {
    Pattern::parse(text).with_context(|| format!("“{}” is no rule", text.escape_debug()))
}
