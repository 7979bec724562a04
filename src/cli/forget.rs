//! `linkback forget`: erases what is known of somebody, because they ask for it.

use std::process::ExitCode;

use anyhow::{Context as _, bail};

use super::flags::Common;
use crate::app;
use crate::model::{Clock as _, Subject, SystemClock};
use crate::store::Traces;

/// What `forget` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Whose traces: a page (<https://ann.example/post>, with all below it), a host and all below it
    /// (ann.example), a host alone (=ann.example); also what their author, known by such an address, said
    /// elsewhere
    subject: String,
    /// On this site alone
    #[arg(long, value_name = "URL")]
    site: Option<String>,
    /// Only say what there is
    #[arg(long)]
    dry_run: bool,
    /// Write the database file anew, so that unused parts of it hold nothing either; needs as much room
    /// again, and writers wait meanwhile
    #[arg(long)]
    vacuum: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

pub(super) async fn run(args: &Args, common: &Common) -> anyhow::Result<ExitCode> {
    let config = super::prepare(&common.alone())?;
    let store = app::open_existing_store(&config)?;
    let subject = Subject::parse(&args.subject).with_context(|| {
        let what = args.subject.escape_debug();
        format!("“{what}” is neither a page nor a host")
    })?;
    let site = super::named(&store.sites().await?, args.site.as_deref())?;
    let traces = store.traces(&subject, site).await?;
    super::print(&format!("of {subject}: {}\n", in_words(&traces)));
    if args.dry_run {
        return Ok(ExitCode::SUCCESS);
    }
    if !traces.is_none() {
        let deed =
            format!("This erases all of it, and what is known of {subject} cannot be had back");
        if !args.yes && !super::confirmed(&deed)? {
            bail!("nothing was erased");
        }
        let erased = store.forget(&subject, site, SystemClock.now()).await?;
        super::print(&format!("erased: {}\n", in_words(&erased)));
    }
    if !store.scrub(args.vacuum).await? {
        super::print(
            "others are reading the database: its log will be emptied when they are done\n",
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn in_words(traces: &Traces) -> String {
    if traces.is_none() {
        return "nothing is known".to_owned();
    }
    let Traces {
        mentions,
        quoting,
        receipts,
        submissions,
        domains,
    } = traces;
    format!(
        "{mentions} mentions, {quoting} mentions of others with comments of theirs, {receipts} status \
         pages, {submissions} waiting submissions, {domains} known domains"
    )
}
