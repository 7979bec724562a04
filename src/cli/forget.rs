//! `linkback forget`: erases what is known of somebody, because they ask for it.

use std::fmt::Write as _;
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
    if traces.is_none() {
        super::print(&format!("of {subject}: nothing is known\n"));
    } else {
        super::print(&format!("of {subject}:\n{}", in_words(&traces)));
    }
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
        super::print(&format!("erased:\n{}", in_words(&erased)));
    }
    if !store.scrub(args.vacuum).await? {
        super::print(
            "others are reading the database: its log will be emptied when they are done\n",
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// A line for each kind of trace that there is: how many, and of what.
fn in_words(traces: &Traces) -> String {
    let Traces {
        mentions,
        quoting,
        receipts,
        naming,
        submissions,
        tombstones,
        pings,
        pictures,
        domains,
        lanes,
        picture_lanes,
    } = *traces;
    let kinds = [
        (mentions, "mention", "mentions"),
        (
            quoting,
            "mention of others with comments of theirs",
            "mentions of others with comments of theirs",
        ),
        (receipts, "status page", "status pages"),
        (
            naming,
            "status page of others that names them",
            "status pages of others that name them",
        ),
        (submissions, "waiting submission", "waiting submissions"),
        (
            tombstones,
            "entry in the lists of what is shown no longer",
            "entries in the lists of what is shown no longer",
        ),
        (pings, "webmention to them", "webmentions to them"),
        (pictures, "picture", "pictures"),
        (domains, "known domain", "known domains"),
        (
            lanes,
            "domain whose turn for pages is remembered",
            "domains whose turns for pages are remembered",
        ),
        (
            picture_lanes,
            "domain whose turn for pictures is remembered",
            "domains whose turns for pictures are remembered",
        ),
    ];
    let mut lines = String::new();
    for (count, one, many) in kinds.into_iter().filter(|(count, ..)| *count > 0) {
        let what = if count == 1 { one } else { many };
        // A string takes whatever is written.
        let _ = writeln!(lines, "  {count} {what}");
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trace_is_told_of_in_a_line_of_its_own_and_nothing_else_is() {
        assert_eq!(in_words(&Traces::default()), "");
        let one = Traces {
            mentions: 1,
            quoting: 1,
            receipts: 1,
            naming: 1,
            submissions: 1,
            tombstones: 1,
            pings: 1,
            pictures: 1,
            domains: 1,
            lanes: 1,
            picture_lanes: 1,
        };
        let lines = in_words(&one);
        let all: std::collections::BTreeSet<&str> = lines.lines().collect();
        assert_eq!(all.len(), 11, "{lines}");
        assert!(all.iter().all(|line| line.starts_with("  1 ")), "{lines}");
        let some = Traces {
            naming: 2,
            lanes: 1,
            ..Traces::default()
        };
        assert_eq!(
            in_words(&some),
            "  2 status pages of others that name them\n  \
             1 domain whose turn for pages is remembered\n"
        );
    }
}
