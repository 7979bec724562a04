//! `linkback explain`: each step of a verification, with nothing stored.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::{Value, json};

use super::flags::{Common, Fetching, Listening};
use crate::app;
use crate::fetch::{Answer, Fetch, Fetched, Hop};
use crate::model::{Author, Page, Reading, SourceUrl, TargetUrl, Verdict};
use crate::parse;

mod door;
mod verdict;

use self::door::AtDoor;
use self::verdict::{author_json, verdict_json, verdict_text};

/// The exit code for a source that would not be accepted; 2 is what a wrong command line gets.
const NOT_ACCEPTED: u8 = 3;

/// What `explain` takes.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exits with 0 if the mention would be accepted, with 3 if it would not.\n\n\
    The owner's sites, rules and settings are asked of the database, in which nothing is changed; the rules \
    for clients are not, as there is none. Where there is no database, the page alone decides."
)]
pub(super) struct Args {
    /// The page that is said to link
    source: String,
    /// The page that is said to be linked to
    target: String,
    /// Read this saved page in place of the source, and fetch nothing (`-` is standard input)
    #[arg(long, value_name = "FILE")]
    page: Option<PathBuf>,
    /// The media type of the saved page; without it the file's name tells
    #[arg(long, value_name = "TYPE", requires = "page")]
    content_type: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    fetching: Fetching,
}

pub(super) async fn run(args: &Args, common: &Common) -> anyhow::Result<ExitCode> {
    let source = SourceUrl::parse(&args.source).context("the source is not a URL we can fetch")?;
    let target = TargetUrl::parse(&args.target).context("the target is not a URL we can accept")?;
    let config = super::prepare(&common.with(&Listening::default(), &args.fetching))?;
    let (fetched, explanation) = if let Some(file) = &args.page {
        let fetched = saved(file, args.content_type.as_deref(), &source)?;
        let explanation = Explanation::of(&fetched, target).await?;
        (fetched, explanation)
    } else {
        let client = app::fetcher(&config)?;
        let fetched = client.fetch(&source).await;
        let mut explanation = Explanation::of(&fetched, target).await?;
        explanation.ask_author(&*client).await?;
        (fetched, explanation)
    };
    let door = AtDoor::ask(&config, &source, &explanation.target, &fetched).await?;
    super::print(&if args.json {
        format!("{:#}\n", explanation.json(&source, &fetched, &door))
    } else {
        explanation.text(&source, &fetched, &door)
    });
    Ok(if explanation.links() && !door.is_refused() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(NOT_ACCEPTED)
    })
}

/// A saved page as if it had just been fetched from `source`.
fn saved(file: &Path, content_type: Option<&str>, source: &SourceUrl) -> anyhow::Result<Fetched> {
    let body = if file == Path::new("-") {
        let mut body = Vec::new();
        std::io::stdin()
            .read_to_end(&mut body)
            .context("cannot read the page from standard input")?;
        body
    } else {
        std::fs::read(file)
            .with_context(|| format!("cannot read the saved page {}", file.display()))?
    };
    let extension = file.extension().and_then(|extension| extension.to_str());
    let guessed = match extension.map(str::to_ascii_lowercase).as_deref() {
        Some("html" | "htm") => Some("text/html"),
        Some("xhtml") => Some("application/xhtml+xml"),
        Some("json" | "jf2") => Some("application/json"),
        Some("xml" | "atom" | "rss") => Some("application/xml"),
        Some("txt") => Some("text/plain"),
        _ => None,
    };
    Ok(Fetched {
        hops: Vec::new(),
        answer: Ok(Answer::Page(Page {
            url: source.as_url().clone(),
            status: 200,
            content_type: content_type.or(guessed).map(str::to_owned),
            body,
            truncated: false,
        })),
        validators: None,
    })
}

/// What there is to tell.
struct Explanation {
    target: TargetUrl,
    /// The page's media type and size in bytes, and what it says; `None` if there was no page.
    reading: Option<(String, usize, Reading)>,
    /// The author's own page, if the reading asks for it and it was fetched, and who it says they are.
    author: Option<(Fetched, Option<Author>)>,
}

impl Explanation {
    async fn of(fetched: &Fetched, target: TargetUrl) -> anyhow::Result<Self> {
        let Ok(Answer::Page(page)) = &fetched.answer else {
            return Ok(Self {
                target,
                reading: None,
                author: None,
            });
        };
        let media_type = page
            .content_type
            .clone()
            .unwrap_or_else(|| "none".to_owned());
        let (size, page, wanted) = (page.body.len(), page.clone(), target.clone());
        let reading = tokio::task::spawn_blocking(move || parse::read_source(&page, &wanted))
            .await
            .context("the reader of source pages broke down")?;
        Ok(Self {
            target,
            reading: Some((media_type, size, reading)),
            author: None,
        })
    }

    /// Fetches the author's own page where only that says who wrote the entry, as the worker does.
    async fn ask_author(&mut self, client: &dyn Fetch) -> anyhow::Result<()> {
        let Some((_, _, reading)) = &mut self.reading else {
            return Ok(());
        };
        let (Some(page), Verdict::Links(entry)) = (&reading.author_page, &mut reading.verdict)
        else {
            return Ok(());
        };
        let fetched = client.fetch(page).await;
        let mut found = None;
        if let Ok(Answer::Page(answer)) = &fetched.answer {
            let (answer, about) = (answer.clone(), page.as_url().clone());
            found = tokio::task::spawn_blocking(move || parse::read_author(&answer, &about))
                .await
                .context("the reader of authors' pages broke down")?;
        }
        if let Some(own) = &found {
            let suggested = entry.author.take().unwrap_or_default();
            entry.author = Some(own.clone().or(suggested));
        }
        self.author = Some((fetched, found));
        Ok(())
    }

    fn links(&self) -> bool {
        matches!(
            &self.reading,
            Some((
                _,
                _,
                Reading {
                    verdict: Verdict::Links(_),
                    ..
                }
            ))
        )
    }

    fn text(&self, source: &SourceUrl, fetched: &Fetched, door: &AtDoor) -> String {
        let mut out = format!("source  {source}\ntarget  {}\n\nfetch\n", self.target);
        hops(&mut out, &fetched.hops);
        match (&fetched.answer, &self.reading) {
            (_, Some((media_type, size, reading))) => {
                line(
                    &mut out,
                    &format!("  {size} bytes, Content-Type {media_type}"),
                );
                if !reading.trace.is_empty() {
                    line(&mut out, "\nread");
                }
                for step in &reading.trace {
                    let element = step
                        .element
                        .as_ref()
                        .map_or_else(String::new, |element| format!(" ({element})"));
                    line(
                        &mut out,
                        &format!(
                            "  {:<11} {}{element}: {}",
                            step.field, step.rule, step.found
                        ),
                    );
                }
                if let Some(page) = &reading.author_page {
                    line(
                        &mut out,
                        &format!("  {:<11} on a page of their own: {page}", "author"),
                    );
                }
                if let Some((fetched, found)) = &self.author {
                    line(&mut out, "\nauthor's page");
                    hops(&mut out, &fetched.hops);
                    line(
                        &mut out,
                        &format!("  {}", said_by_author(fetched, found.as_ref())),
                    );
                }
                door.text(&mut out);
                line(
                    &mut out,
                    &format!("\nverdict: {}", verdict_text(&reading.verdict, door)),
                );
            }
            (Ok(_), None) => {
                door.text(&mut out);
                line(&mut out, "\nverdict: gone (410); a known mention is erased");
            }
            (Err(error), None) => {
                door.text(&mut out);
                line(&mut out, &format!("\nverdict: none, {error}"));
                line(
                    &mut out,
                    if error.is_transient() {
                        "A known mention stays; the fetch is tried again for about three days."
                    } else {
                        "A known mention stays; the fetch is not tried again."
                    },
                );
            }
        }
        out
    }

    fn json(&self, source: &SourceUrl, fetched: &Fetched, door: &AtDoor) -> Value {
        let page = self.reading.as_ref().map(|(media_type, size, reading)| {
            let trace: Vec<Value> = reading
                .trace
                .iter()
                .map(|t| {
                    json!({
                        "field": t.field, "rule": t.rule, "element": t.element, "found": t.found,
                    })
                })
                .collect();
            json!({
                "media_type": media_type,
                "bytes": size,
                "trace": trace,
                "author_page": reading.author_page.as_ref().map(SourceUrl::as_str),
                "author_page_answer": self.author.as_ref().map(|(fetched, found)| json!({
                    "hops": hops_json(&fetched.hops),
                    "error": error_json(fetched),
                    "author": found.as_ref().map(author_json),
                })),
                "verdict": verdict_json(&reading.verdict),
            })
        });
        json!({
            "source": source.as_str(),
            "target": self.target.as_str(),
            "hops": hops_json(&fetched.hops),
            "error": error_json(fetched),
            "gone": matches!(fetched.answer, Ok(Answer::Gone)),
            "page": page,
            "door": door.json(),
        })
    }
}

/// What came of asking the author's page.
fn said_by_author(fetched: &Fetched, found: Option<&Author>) -> String {
    match (&fetched.answer, found) {
        (Err(error), _) => format!("no answer, {error}; the source's word stands"),
        (Ok(_), None) => "does not say whose it is; the source's word stands".to_owned(),
        (Ok(_), Some(author)) => {
            let told = [&author.name, &author.url, &author.photo];
            let told: Vec<&str> = told.into_iter().filter_map(|one| one.as_deref()).collect();
            format!("says whose it is: {}", told.join(", "))
        }
    }
}

/// A line for each request.
fn hops(out: &mut String, hops: &[Hop]) {
    for hop in hops {
        let address = hop.address.map_or_else(String::new, |a| format!(" at {a}"));
        let status = hop
            .status
            .map_or_else(|| "no answer".to_owned(), |s| s.to_string());
        line(out, &format!("  GET {}{address}: {status}", hop.url));
    }
}

fn hops_json(hops: &[Hop]) -> Vec<Value> {
    let hops = hops.iter();
    hops.map(|hop| {
        json!({
            "url": hop.url.as_str(),
            "address": hop.address.map(|a| a.to_string()),
            "status": hop.status,
        })
    })
    .collect()
}

fn error_json(fetched: &Fetched) -> Option<Value> {
    let error = fetched.answer.as_ref().err()?;
    Some(json!({
        "kind": error.kind().as_str(),
        "detail": error.to_string(),
        "transient": error.is_transient(),
    }))
}

fn line(out: &mut String, text: &str) {
    // Writing to a String does not fail.
    let _ = writeln!(out, "{text}");
}
