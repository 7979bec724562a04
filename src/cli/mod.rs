//! The command line: one file a command.

use std::io::Write as _;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use self::flags::Common;
use crate::config::{Config, Flags, Log};
use crate::model::{Site, SiteBase, SiteId, Timestamp};

mod check;
mod demo;
mod explain;
mod export;
mod flags;
mod forget;
mod mf2;
mod private;
mod rules;
mod serve;
mod site;
mod status;
mod token;

/// A Webmention and Pingback receiver
///
/// Linkback accepts the links that other sites report, looks whether they are there, and shows
/// them under your articles. Try it: `linkback demo`.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,

    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Receive, verify and serve mentions
    Serve(serve::Args),
    /// Verify only: beside a `serve --no-worker` on the same database
    Work(serve::WorkArgs),
    /// Add, list, set or remove the sites that mentions are accepted for
    Site(site::Args),
    /// Make, list or remove the tokens by which programs read all of a site's mentions
    Token(token::Args),
    /// Turn away sources and clients, by domain, host, URL or network
    Block(rules::BlockArgs),
    /// Let in sources whatever is blocked, and without a vouch, and clients whatever network is blocked
    Allow(rules::AllowArgs),
    /// Erase what is known of a page, a host or an author, tombstones included
    Forget(forget::Args),
    /// Show, step by step, what a source says about a target, storing nothing
    Explain(explain::Args),
    /// Write what is shown as files, for site generators
    Export(export::Args),
    /// Show what became of a submission, with the details that its sender is not told
    Status(status::Args),
    /// List the private mentions, which nobody else is shown
    Private(private::Args),
    /// Print the microformats of a page as JSON
    Mf2(mf2::Args),
    /// Check the configuration and the database
    Check(check::Args),
    /// Run a trial: built-in blogs that mention a built-in article, through the real service
    Demo(demo::Args),
    /// Print the completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// Runs the command that the command line names.
///
/// # Errors
/// What the operator has to know, with what to do about it.
pub async fn run() -> anyhow::Result<ExitCode> {
    let Cli { command, common } = Cli::parse();
    match command {
        Command::Serve(args) => serve::run(&args, &common).await,
        Command::Work(args) => serve::work(&args, &common).await,
        Command::Site(args) => site::run(&args, &common).await,
        Command::Token(args) => token::run(&args, &common).await,
        Command::Block(args) => rules::block(&args, &common).await,
        Command::Allow(args) => rules::allow(&args, &common).await,
        Command::Forget(args) => forget::run(&args, &common).await,
        Command::Explain(args) => explain::run(&args, &common).await,
        Command::Export(args) => export::run(&args, &common).await,
        Command::Status(args) => status::run(&args, &common).await,
        Command::Private(args) => private::run(&args, &common).await,
        Command::Mf2(args) => mf2::run(&args),
        Command::Check(args) => check::run(&args, &common).await,
        Command::Demo(args) => demo::run(&args, &common).await,
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "linkback", &mut script);
            print(&String::from_utf8_lossy(&script));
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Tells the operator on standard error why a command failed.
pub fn complain(error: &anyhow::Error) {
    // If standard error is gone, nobody reads us.
    let _ = writeln!(std::io::stderr(), "linkback: {error:#}");
}

/// Prints to standard output; a reader that has left (`| head`) is no error.
fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

/// Whether whoever sits at the terminal means it.
///
/// # Errors
/// Nobody sits there.
fn confirmed(deed: &str) -> anyhow::Result<bool> {
    if !std::io::IsTerminal::is_terminal(&std::io::stdin()) {
        anyhow::bail!("{deed}; say --yes if you mean it");
    }
    print(&format!("{deed}. Type yes to go on: "));
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}

/// The site that is named, if one is.
///
/// # Errors
/// It is no site's address, or of no site there is.
fn named(sites: &[Site], name: Option<&str>) -> anyhow::Result<Option<SiteId>> {
    let Some(name) = name else {
        return Ok(None);
    };
    Ok(Some(site_at(sites, &SiteBase::parse(name)?)?.id))
}

/// The site that has this address.
///
/// # Errors
/// There is none.
fn site_at<'a>(sites: &'a [Site], base: &SiteBase) -> anyhow::Result<&'a Site> {
    let site = sites.iter().find(|site| site.bases.contains(base));
    site.ok_or_else(|| no_such_site(base))
}

/// What to say of an address that is no site's.
fn no_such_site(base: &SiteBase) -> anyhow::Error {
    anyhow::anyhow!("there is no site {base}; `linkback site list` shows those there are")
}

/// A moment for people, in UTC.
fn time(at: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(at.as_millis()).unwrap_or_default()
}

/// Loads the configuration and starts the log that it asks for.
fn prepare(flags: &Flags) -> anyhow::Result<Config> {
    let config = Config::load(flags)?;
    start_log(config.log);
    Ok(config)
}

/// Starts the log, on standard error. The first to do so wins.
fn start_log(log: Log) {
    // What the libraries have to say is for whoever debugs them.
    let others = log.level.min(tracing::Level::WARN);
    let filter = Targets::new()
        .with_default(LevelFilter::from_level(others))
        .with_target("linkback", log.level);
    let registry = tracing_subscriber::registry().with(filter);
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let _ = if log.json {
        registry.with(layer.json()).try_init()
    } else {
        let terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
        registry
            .with(layer.with_target(false).with_ansi(terminal))
            .try_init()
    };
}

/// Resolves when the process is asked to stop: Ctrl-C, or SIGTERM.
async fn asked_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = interrupt.await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
