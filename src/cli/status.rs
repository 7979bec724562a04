//! `linkback status`: what became of a submission, with the details that only the owner sees.

use std::process::ExitCode;

use anyhow::{Context as _, bail};

use super::flags::Common;
use crate::app;
use crate::model::{
    Failure, NearMiss, Protocol, Removal, SourceUrl, State, Status, StatusKey, TargetUrl, Timestamp,
};

/// What `status` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A status page's address, or the source
    source: String,
    /// The target, if a source was given
    target: Option<String>,
}

pub(super) async fn run(args: &Args, common: &Common) -> anyhow::Result<ExitCode> {
    let config = super::prepare(&common.alone())?;
    let store = app::open_existing_store(&config)?;
    let status = match &args.target {
        Some(target) => {
            let source = SourceUrl::parse(&args.source).context("the source is not a URL")?;
            let target = TargetUrl::parse(target).context("the target is not a URL")?;
            store.status_of(&source, &target).await?
        }
        None => match args.source.rsplit('/').next().and_then(StatusKey::parse) {
            Some(key) => store.status(key).await?,
            None => bail!("give a status page's address, or a source and a target"),
        },
    };
    let Some(mut status) = status else {
        bail!("there is no such submission; it may have been forgotten");
    };
    if config.worker.reverify_per_minute == 0 {
        status.drop_recheck();
    }
    super::print(&text(&status));
    Ok(ExitCode::SUCCESS)
}

fn text(status: &Status) -> String {
    let protocols: Vec<_> = status.protocols.iter().map(Protocol::as_str).collect();
    let time =
        |at: Option<Timestamp>| at.map_or_else(|| "—".to_owned(), |at| super::time(at).to_string());
    let mut lines = vec![
        format!("source      {}", status.source),
        format!("target      {}", status.target),
        format!("reported by {}", protocols.join(", ")),
        format!("state       {}", status.state.as_str()),
        format!("checked     {}", time(status.checked_at)),
        format!("next check  {}", time(status.next_check_at)),
    ];
    match &status.state {
        State::Failed(failure) => lines.push(format!("reason      {}", in_words(failure))),
        State::Deleted(removal) => lines.push(
            match removal {
                Removal::NoLink => "reason      the source no longer links",
                Removal::Gone => "reason      the source says that it is gone",
                Removal::Dead => "reason      the source has not been there for a long time",
                Removal::Blocked => "reason      you blocked its source and removed what was shown",
            }
            .to_owned(),
        ),
        State::Rejected { near_misses } => {
            lines.push("reason      the source does not link to exactly this target".to_owned());
            for NearMiss { url, difference } in near_misses {
                lines.push(format!("near miss   {url}: {difference}"));
            }
        }
        State::Accepted {
            last_failure: Some(failure),
            ..
        } => lines.push(format!("last check  failed, {}", in_words(failure))),
        State::Pending | State::Accepted { .. } => {}
    }
    lines.push(String::new());
    lines.join("\n")
}

/// A failure in a line. Its details may be a server's own words, and go to a terminal.
fn in_words(Failure { kind, detail }: &Failure) -> String {
    format!("{}: {}", kind.as_str(), detail.escape_debug())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FailureKind;

    #[test]
    fn what_a_server_said_cannot_steer_the_terminal() {
        let failure = Failure {
            kind: FailureKind::MediaType,
            detail: "text/\u{9b}31m\u{1b}[2J".to_owned(),
        };
        let told = in_words(&failure);
        assert!(!told.contains(char::is_control), "{told:?}");
        assert!(told.contains("text/"), "{told}");
    }
}
