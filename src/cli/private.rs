//! `linkback private`: the mentions that are for the owner alone. indieweb.org/Private-Webmention

use std::fmt::Write as _;
use std::process::ExitCode;

use super::flags::Common;
use crate::app;
use crate::model::Mention;

/// What `private` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Of this site alone
    #[arg(long, value_name = "URL")]
    site: Option<String>,
    /// So many, the newest first
    #[arg(long, default_value_t = 20)]
    limit: usize,
}

pub(super) async fn run(args: &Args, common: &Common) -> anyhow::Result<ExitCode> {
    let config = super::prepare(&common.alone())?;
    let store = app::open_existing_store(&config)?;
    let site = super::named(&store.sites().await?, args.site.as_deref())?;
    let mentions = store.private_mentions(site, None, args.limit).await?;
    if mentions.is_empty() {
        super::print("There are no private mentions.\n");
    }
    for mention in &mentions {
        super::print(&text(mention));
    }
    Ok(ExitCode::SUCCESS)
}

fn text(mention: &Mention) -> String {
    let entry = &mention.entry;
    let author = entry
        .author
        .as_ref()
        .and_then(|author| author.name.as_ref());
    let content = entry.content.as_ref().map(|content| &content.text);
    let lines = [
        ("target", Some(mention.target.to_string())),
        ("source", Some(mention.source.to_string())),
        ("kind", Some(entry.kind.as_str().to_owned())),
        ("author", author.cloned()),
        ("title", entry.title.clone()),
        ("text", content.or(entry.summary.as_ref()).cloned()),
    ];
    let mut text = format!("{}\n", super::time(mention.verified_at));
    for (name, value) in lines {
        let Some(value) = value else { continue };
        // It was written by a stranger, and goes to a terminal.
        for (number, line) in value.lines().enumerate() {
            let name = if number == 0 { name } else { "" };
            // A String takes whatever is written to it.
            let _ = writeln!(text, "  {name:<8} {}", line.escape_debug());
        }
    }
    text
}
