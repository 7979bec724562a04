//! `linkback mf2`: the microformats of a page, as JSON.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::Value;
use url::Url;

use crate::parse::microformats;

/// What `mf2` takes.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The address of the page; without it, relative addresses stay as they are
    #[arg(long, value_name = "URL")]
    base: Option<String>,
    /// The page; without it, standard input is read
    file: Option<PathBuf>,
}

/// Exits with 0 whatever is on the page, and with 2 if it was too much to read all of it.
pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let base = args.base.as_deref().unwrap_or("about:blank");
    let base = Url::parse(base).with_context(|| format!("the base {base} is not a URL"))?;
    let found = microformats::parse_bytes(&read(args.file.as_deref())?, None, &base);
    super::print(&format!("{:#}\n", Value::from(&found)));
    Ok(if found.complete {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(2)
    })
}

fn read(file: Option<&Path>) -> anyhow::Result<Vec<u8>> {
    if let Some(file) = file {
        return std::fs::read(file).with_context(|| format!("cannot read {}", file.display()));
    }
    let mut page = Vec::new();
    std::io::stdin()
        .lock()
        .read_to_end(&mut page)
        .context("cannot read standard input")?;
    Ok(page)
}
