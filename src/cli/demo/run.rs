//! The run of the demonstration: the real service between real blogs, all on loopback.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::time::{Instant, sleep};
use unicode_segmentation::UnicodeSegmentation as _;
use url::Url;

use super::senders::Answer;
use super::{Blogs, Expected};
use crate::app::{Role, Service, fetcher};
use crate::cli::flags::Common;
use crate::cli::{asked_to_stop, complain, print, start_log};
use crate::config::{Config, Flags};
use crate::fetch::Fetch;
use crate::model::{Clock as _, Mention, Protocol, SystemClock};
use crate::store::{MentionQuery, Store};

/// How long the service may take to verify what the blogs have sent.
const PATIENCE: Duration = Duration::from_secs(30);

/// The widths of the table's columns, in characters.
const SITE_WIDTH: usize = 27;
const AUTHOR_WIDTH: usize = 14;

/// What `demo` takes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Print the mentions as a table and exit; fails unless every one of them is shown
    #[arg(long)]
    once: bool,

    /// Address and port for the service
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0")]
    listen: String,
}

pub(in crate::cli) async fn run(args: &Args, common: &Common) -> anyhow::Result<ExitCode> {
    let folder = tempfile::tempdir().context("no temporary folder for the database")?;
    let bound = super::bind()?;
    let flags = Flags {
        listen: Some(args.listen.clone()),
        database: Some(folder.path().join("demo.sqlite")),
        sites: vec![bound.home().to_string()],
        allow_networks: vec!["127.0.0.0/8".to_owned()],
        log: common.log.clone().or_else(|| Some("error".to_owned())),
        ..Flags::default()
    };
    // An operator's own configuration file plays no part in a demonstration.
    let mut config = Config::from_flags(&flags)?;
    // All the blogs are on this one host.
    config.worker.manners = crate::worker::Manners::default();
    start_log(config.log);
    if !args.once {
        let store = crate::store::sqlite::open(&config.database)?;
        super::gallery::fill(store.as_ref(), bound.home(), SystemClock.now()).await?;
    }
    // The modern blogs send with it: the service's own may fetch from loopback.
    let fetch = fetcher(&config)?;
    let service = Service::start(&config, Role::Everything).await?;
    let address = service.address().context("the service does not listen")?;
    let blogs = bound.serve(&Url::parse(&format!("http://{address}"))?)?;
    print(&format!(
        "Linkback listens on http://{address}, with a throw-away database.\n\
         The demonstration's blog is at {}.\n\n",
        blogs.home
    ));
    // Also what is broken off must stop the service and take the database away.
    let code = tokio::select! {
        code = show(args, &blogs, service.store(), fetch.as_ref()) => code,
        () = asked_to_stop() => ExitCode::SUCCESS,
    };
    blogs.stop().await;
    service.stop().await?;
    Ok(code)
}

/// Plays, says where to look, and unless it is for once, stays.
async fn show(args: &Args, blogs: &Blogs, store: &Arc<dyn Store>, fetch: &dyn Fetch) -> ExitCode {
    let code = match play(blogs, store, fetch).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    };
    if args.once {
        return code;
    }
    print(
        "\nSee them under the article, first as the thread of 2011 had them, then as they are now:\n\n",
    );
    print(&format!("  {}\n", blogs.article));
    for (page, count) in pages_of(blogs.expected.iter().map(|one| &one.target)) {
        if page.as_url() != &blogs.article {
            print(&format!("\nand {count} more under\n\n  {page}\n"));
        }
    }
    print(&format!(
        "\nHow every kind of mention looks, in each look and language:\n\n  {}{}\n",
        blogs.home.as_str().trim_end_matches('/'),
        super::blogs::GALLERY_PATH
    ));
    print("\nPress Ctrl-C to stop.\n");
    std::future::pending().await
}

/// The pages that are mentioned, and how often each is, in the order of their first mention.
fn pages_of<T: PartialEq>(targets: impl Iterator<Item = T>) -> Vec<(T, usize)> {
    let mut pages: Vec<(T, usize)> = Vec::new();
    for target in targets {
        match pages.iter_mut().find(|(page, _)| *page == target) {
            Some((_, count)) => *count = count.saturating_add(1),
            None => pages.push((target, 1)),
        }
    }
    pages
}

/// Lets the blogs send, and waits until everything is shown.
async fn play(blogs: &Blogs, store: &Arc<dyn Store>, fetch: &dyn Fetch) -> anyhow::Result<()> {
    print("The other blogs report their links:\n");
    let mut refused = 0_usize;
    for sent in blogs.send_all(fetch).await {
        if !sent.answer.is_success() {
            refused = refused.saturating_add(1);
        }
        print(&format!(
            "  {:<10} {} → {}\n",
            sent.protocol.as_str(),
            sent.source,
            in_short(&sent.answer)
        ));
    }
    if refused > 0 {
        bail!("{refused} of the blogs were turned away");
    }
    let mentions = await_all(&blogs.expected, store.as_ref()).await?;
    print(&format!("\n{}", table(&mentions)));
    Ok(())
}

/// An answer in a word or two; a success text repeats the URLs that stand beside it.
fn in_short(answer: &Answer) -> String {
    match answer {
        Answer::Registered(_) => "registered".to_owned(),
        Answer::Status { .. } | Answer::Fault { .. } | Answer::Nothing(_) => answer.to_string(),
    }
}

/// The expected mentions, once every one of them is shown.
async fn await_all(expected: &[Expected], store: &dyn Store) -> anyhow::Result<Vec<Mention>> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let mut found = Vec::new();
        let mut missing = Vec::new();
        for one in expected {
            let page = store
                .mentions(&MentionQuery::newest(one.target.page_key(), 1000))
                .await?;
            match page
                .mentions
                .into_iter()
                .find(|m| m.source.as_str() == one.source.as_str())
            {
                Some(mention) => found.push(mention),
                None => missing.push(one.source.to_string()),
            }
        }
        if missing.is_empty() {
            return Ok(found);
        }
        if Instant::now() > deadline {
            bail!("not shown: {}", missing.join(", "));
        }
        sleep(Duration::from_millis(20)).await;
    }
}

fn table(mentions: &[Mention]) -> String {
    let row = |date: &str, via: &str, site: &str, author: &str, title: &str| {
        format!(
            "{}  {}  {}  {}  {title}\n",
            cell(date, 10),
            cell(via, 10),
            cell(site, SITE_WIDTH),
            cell(author, AUTHOR_WIDTH),
        )
    };
    let mut out = row(
        "date",
        "via",
        "site",
        "author",
        "title, and the words round the link",
    );
    for mention in mentions {
        let entry = &mention.entry;
        let date = entry.published.as_ref().map_or("—", |at| at.as_str());
        let protocols: Vec<_> = mention.protocols.iter().map(Protocol::as_str).collect();
        let author = entry
            .author
            .as_ref()
            .and_then(|author| author.name.as_deref());
        out += &row(
            date.get(..10).unwrap_or(date),
            &protocols.join(", "),
            entry.site_name.as_deref().unwrap_or("—"),
            author.unwrap_or("—"),
            entry.title.as_deref().unwrap_or("—"),
        );
        if let Some(excerpt) = &entry.excerpt {
            // Writing to a String does not fail.
            let _ = writeln!(
                out,
                "            {}[{}]{}",
                excerpt.before, excerpt.linked, excerpt.after
            );
        }
    }
    let pages = pages_of(mentions.iter().map(|mention| &mention.target)).len();
    let _ = writeln!(
        out,
        "\n{} mentions on {pages} pages, all of them shown.",
        mentions.len()
    );
    out
}

/// The text, cut or filled to `width` characters.
fn cell(text: &str, width: usize) -> String {
    let length = text.graphemes(true).count();
    if length <= width {
        let fill = " ".repeat(width.saturating_sub(length));
        return format!("{text}{fill}");
    }
    let kept: String = text.graphemes(true).take(width.saturating_sub(1)).collect();
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_all_of_one_width() {
        assert_eq!(cell("ab", 4), "ab  ");
        assert_eq!(cell("abcdef", 4), "abc…");
        assert_eq!(cell("e\u{301}e\u{301}", 2), "e\u{301}e\u{301}");
    }
}
