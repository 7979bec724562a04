//! `linkback export --static DIR`: a file of JSON for each page that is mentioned, for site generators.
//!
//! The same mentions give the same bytes, and only files that differ are written: so a build sees what has
//! changed, and a folder under version control has small differences.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};

use super::flags::Common;
use crate::app;
use crate::model::{Counts, PageKey, Site, SiteBase};
use crate::store::{MentionQuery, Order, OrderBy, Scope, Start, Store};

mod folder;
mod page;

use self::folder::Folder;

/// So many mentions are read at once: a running service has its turn in between.
const AT_ONCE: usize = 500;

/// What `export` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder to write to, e.g. data/linkback (Hugo) or _data/linkback (Eleventy, Jekyll)
    #[arg(long = "static", value_name = "DIR")]
    folder: PathBuf,

    /// Site to write, if not all (repeatable)
    #[arg(long = "site", value_name = "URL")]
    sites: Vec<String>,
}

/// What was done.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    mentions: u64,
    pages: usize,
    written: usize,
    removed: usize,
}

pub(super) async fn run(args: &Args, common: &Common) -> anyhow::Result<ExitCode> {
    let config = super::prepare(&common.alone())?;
    let store = app::open_existing_store(&config)?;
    let sites = wanted(store.sites().await?, &args.sites)?;
    let tally = export(store.as_ref(), &sites, &args.folder).await?;
    super::print(&format!(
        "mentions: {}, pages: {}; files written: {}, removed: {}\n",
        tally.mentions, tally.pages, tally.written, tally.removed
    ));
    Ok(ExitCode::SUCCESS)
}

/// The sites that are named; all, if none is.
fn wanted(sites: Vec<Site>, names: &[String]) -> anyhow::Result<Vec<Site>> {
    if names.is_empty() {
        return Ok(sites);
    }
    let mut wanted: Vec<Site> = Vec::new();
    for name in names {
        let site = super::site_at(&sites, &SiteBase::parse(name)?)?;
        if !wanted.contains(site) {
            wanted.push(site.clone());
        }
    }
    Ok(wanted)
}

async fn export(
    store: &dyn Store,
    sites: &[Site],
    folder: &std::path::Path,
) -> anyhow::Result<Tally> {
    let mut folder = Folder::open(folder)
        .with_context(|| format!("cannot write to the folder {}", folder.display()))?;
    let pages = pages(store, sites).await?;
    let bar = bar(u64::try_from(pages.len()).unwrap_or(u64::MAX), "pages");
    let mut tally = Tally::default();
    let mut index = BTreeMap::new();
    for page in pages {
        bar.inc(1);
        let mut mentions = Vec::new();
        let mut query = MentionQuery::newest(page.clone(), AT_ONCE);
        loop {
            let read = store.mentions(&query).await?;
            let next = read.next();
            mentions.extend(read.mentions);
            match next {
                Some(next) => query.start = Start::After(next),
                None => break,
            }
        }
        // The last one may have gone meanwhile.
        if mentions.is_empty() {
            continue;
        }
        let name = folder::name(&page);
        let count = u64::try_from(mentions.len()).unwrap_or(u64::MAX);
        tally.mentions = tally.mentions.saturating_add(count);
        folder.page(&name, &page::text(&page, &mentions))?;
        index.insert(page.as_str().to_owned(), name);
    }
    folder.index(&page::index(&index))?;
    bar.finish_and_clear();
    tally.pages = index.len();
    tally.removed = folder.sweep(&index.into_values().collect())?;
    tally.written = folder.written();
    Ok(tally)
}

/// The pages that have mentions.
async fn pages(store: &dyn Store, sites: &[Site]) -> anyhow::Result<BTreeSet<PageKey>> {
    let mut total = Counts::default();
    for site in sites {
        total.merge(&store.counts(&Scope::Site(site.id)).await?.counts);
    }
    let bar = bar(total.of(|_| true), "mentions");
    let mut pages = BTreeSet::new();
    for site in sites {
        let mut query = MentionQuery {
            order: Order {
                by: OrderBy::Received,
                ascending: true,
            },
            ..MentionQuery::newest(Scope::Site(site.id), AT_ONCE)
        };
        loop {
            let read = store.mentions(&query).await?;
            bar.inc(u64::try_from(read.mentions.len()).unwrap_or(u64::MAX));
            pages.extend(
                read.mentions
                    .iter()
                    .map(|mention| mention.target.page_key()),
            );
            match read.next() {
                Some(next) => query.start = Start::After(next),
                None => break,
            }
        }
    }
    bar.finish_and_clear();
    Ok(pages)
}

/// A bar on a terminal, and nothing anywhere else.
fn bar(total: u64, of: &'static str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let template = "{bar:40} {human_pos}/{human_len} {msg}, {eta} to go";
    let style = ProgressStyle::with_template(template);
    let bar = ProgressBar::new(total).with_message(of);
    // The template is a constant: it is right or the bar looks as usual.
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
