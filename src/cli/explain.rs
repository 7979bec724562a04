//! `linkback explain`: each step of a verification, with nothing stored.

use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::{Value, json};

use super::flags::{Common, Fetching, Listening};
use crate::app;
use crate::fetch::{Answer, Fetched};
use crate::model::{AuthoredTime, Entry, Reading, SourceUrl, TargetUrl, Unreadable, Verdict};
use crate::parse;

/// The exit code for a source that would not be accepted; 2 is what a wrong command line gets.
const NOT_ACCEPTED: u8 = 3;

/// What `explain` takes.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exits with 0 if the mention would be accepted, with 3 if it would not.")]
pub(super) struct Args {
    /// The page that is said to link
    source: String,
    /// The page that is said to be linked to
    target: String,
    /// Print JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    fetching: Fetching,
}

pub(super) async fn run(args: &Args, common: &Common) -> anyhow::Result<ExitCode> {
    let config = super::prepare(&common.with(&Listening::default(), &args.fetching))?;
    let source = SourceUrl::parse(&args.source).context("the source is not a URL we can fetch")?;
    let target = TargetUrl::parse(&args.target).context("the target is not a URL we can accept")?;
    let fetched = app::fetcher(&config)?.fetch(&source).await;
    let explanation = Explanation::of(&fetched, target).await?;
    super::print(&if args.json {
        format!("{:#}\n", explanation.json(&source, &fetched))
    } else {
        explanation.text(&source, &fetched)
    });
    Ok(if explanation.links() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(NOT_ACCEPTED)
    })
}

/// What there is to tell.
struct Explanation {
    target: TargetUrl,
    /// The page's media type and size in bytes, and what it says; `None` if there was no page.
    reading: Option<(String, usize, Reading)>,
}

impl Explanation {
    async fn of(fetched: &Fetched, target: TargetUrl) -> anyhow::Result<Self> {
        let Ok(Answer::Page(page)) = &fetched.answer else {
            return Ok(Self {
                target,
                reading: None,
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
        })
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

    fn text(&self, source: &SourceUrl, fetched: &Fetched) -> String {
        let mut out = format!("source  {source}\ntarget  {}\n\nfetch\n", self.target);
        for hop in &fetched.hops {
            let address = hop.address.map_or_else(String::new, |a| format!(" at {a}"));
            let status = hop
                .status
                .map_or_else(|| "no answer".to_owned(), |s| s.to_string());
            line(&mut out, &format!("  GET {}{address}: {status}", hop.url));
        }
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
                    line(
                        &mut out,
                        &format!("  {:<10} {}: {}", step.field, step.rule, step.found),
                    );
                }
                line(
                    &mut out,
                    &format!("\nverdict: {}", verdict_text(&reading.verdict)),
                );
            }
            (Ok(_), None) => line(&mut out, "\nverdict: gone (410); a known mention is erased"),
            (Err(error), None) => {
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

    fn json(&self, source: &SourceUrl, fetched: &Fetched) -> Value {
        let hops: Vec<Value> = fetched
            .hops
            .iter()
            .map(|hop| {
                json!({
                    "url": hop.url.as_str(),
                    "address": hop.address.map(|a| a.to_string()),
                    "status": hop.status,
                })
            })
            .collect();
        let page = self.reading.as_ref().map(|(media_type, size, reading)| {
            let trace: Vec<Value> = reading
                .trace
                .iter()
                .map(|t| json!({ "field": t.field, "rule": t.rule, "found": t.found }))
                .collect();
            json!({
                "media_type": media_type,
                "bytes": size,
                "trace": trace,
                "verdict": verdict_json(&reading.verdict),
            })
        });
        json!({
            "source": source.as_str(),
            "target": self.target.as_str(),
            "hops": hops,
            "error": fetched.answer.as_ref().err().map(|e| json!({
                "kind": e.kind().as_str(),
                "detail": e.to_string(),
                "transient": e.is_transient(),
            })),
            "gone": matches!(fetched.answer, Ok(Answer::Gone)),
            "page": page,
        })
    }
}

fn line(out: &mut String, text: &str) {
    // Writing to a String does not fail.
    let _ = writeln!(out, "{text}");
}

fn verdict_text(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Links(entry) => format!("links; this would be shown\n{}", entry_text(entry)),
        Verdict::NoLink { near_misses } => {
            let mut text = "no link to exactly this target".to_owned();
            for miss in near_misses {
                let _ = write!(text, "\n  found {}: {}", miss.url, miss.difference);
            }
            text
        }
        Verdict::Gone => "gone: the page says so of itself; a known mention is erased".to_owned(),
        Verdict::Unreadable(why) => format!("none, the page cannot be judged: {}", unreadable(why)),
    }
}

fn entry_text(entry: &Entry) -> String {
    let mut out = String::new();
    let author = entry.author.as_ref();
    let excerpt = entry
        .excerpt
        .as_ref()
        .map(|e| format!("{}[{}]{}", e.before, e.linked, e.after));
    for (name, value) in [
        ("kind", Some(entry.kind.as_str())),
        ("title", entry.title.as_deref()),
        ("site", entry.site_name.as_deref()),
        ("author", author.and_then(|a| a.name.as_deref())),
        ("author url", author.and_then(|a| a.url.as_deref())),
        (
            "published",
            entry.published.as_ref().map(AuthoredTime::as_str),
        ),
        ("language", entry.language.as_deref()),
        ("excerpt", excerpt.as_deref()),
        ("url", Some(entry.url.as_str())),
    ] {
        if let Some(value) = value {
            line(&mut out, &format!("  {name:<10} {value}"));
        }
    }
    out.trim_end().to_owned()
}

fn unreadable(why: &Unreadable) -> String {
    match why {
        Unreadable::MediaType(name) => format!("{name} holds no links that we can read"),
        Unreadable::TooLarge => "longer than the cap, and no link before it".to_owned(),
        Unreadable::TooComplex => "beyond the parsing budget, and no link before it".to_owned(),
        Unreadable::Malformed(what) => what.clone(),
    }
}

fn verdict_json(verdict: &Verdict) -> Value {
    match verdict {
        Verdict::Links(entry) => json!({ "is": "links", "entry": entry_json(entry) }),
        Verdict::NoLink { near_misses } => json!({
            "is": "no_link",
            "near_misses": near_misses
                .iter()
                .map(|m| json!({ "url": m.url, "difference": m.difference }))
                .collect::<Vec<_>>(),
        }),
        Verdict::Gone => json!({ "is": "gone" }),
        Verdict::Unreadable(why) => json!({ "is": "unreadable", "why": unreadable(why) }),
    }
}

fn entry_json(entry: &Entry) -> Value {
    json!({
        "kind": entry.kind.as_str(),
        "title": entry.title,
        "site_name": entry.site_name,
        "author": entry.author.as_ref().map(|a| json!({ "name": a.name, "url": a.url })),
        "published": entry.published.as_ref().map(AuthoredTime::as_str),
        "language": entry.language,
        "excerpt": entry.excerpt.as_ref().map(|e| json!({
            "before": e.before, "linked": e.linked, "after": e.after,
        })),
        "url": entry.url,
    })
}
