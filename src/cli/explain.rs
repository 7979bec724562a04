//! `linkback explain`: each step of a verification, with nothing stored.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::{Value, json};

use super::flags::{Common, Fetching, Listening};
use crate::app;
use crate::fetch::{Answer, Fetched};
use crate::model::{
    Author, AuthoredTime, CleanHtml, Entry, Page, Reading, Rsvp, SourceUrl, TargetUrl, Unreadable,
    Verdict,
};
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
    let fetched = if let Some(file) = &args.page {
        saved(file, args.content_type.as_deref(), &source)?
    } else {
        let config = super::prepare(&common.with(&Listening::default(), &args.fetching))?;
        app::fetcher(&config)?.fetch(&source).await
    };
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
    let Value::Object(fields) = entry_json(entry) else {
        return out;
    };
    for (name, value) in fields {
        let shown = match value {
            Value::Null => continue,
            Value::Array(values) if values.is_empty() => continue,
            Value::String(text) => text,
            other => other.to_string(),
        };
        line(&mut out, &format!("  {name:<11} {shown}"));
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
    let time = |time: &Option<AuthoredTime>| time.as_ref().map(|t| t.as_str().to_owned());
    json!({
        "kind": entry.kind.as_str(),
        "also": entry.also.iter().map(|kind| kind.as_str()).collect::<Vec<_>>(),
        "rsvp": entry.rsvp.map(Rsvp::as_str),
        "title": entry.title,
        "summary": entry.summary,
        "content": entry.content.as_ref().map(|content| json!({
            "html": content.html.as_ref().map(CleanHtml::as_str),
            "text": content.text,
        })),
        "excerpt": entry.excerpt.as_ref().map(|e| json!({
            "before": e.before, "linked": e.linked, "after": e.after,
        })),
        "author": entry.author.as_ref().map(author_json),
        "published": time(&entry.published),
        "updated": time(&entry.updated),
        "photos": entry.photos.iter()
            .map(|photo| json!({ "url": photo.url, "alt": photo.alt }))
            .collect::<Vec<_>>(),
        "videos": entry.videos,
        "audio": entry.audio,
        "categories": entry.categories,
        "syndication": entry.syndication,
        "location": entry.location.as_ref().map(|place| json!({
            "name": place.name,
            "url": place.url,
            "latitude": place.coordinates.map(|(latitude, _)| latitude),
            "longitude": place.coordinates.map(|(_, longitude)| longitude),
        })),
        "comments": entry.comments.iter().map(|comment| json!({
            "kind": comment.kind.as_str(),
            "author": comment.author.as_ref().map(author_json),
            "published": time(&comment.published),
            "text": comment.text,
            "url": comment.url,
        })).collect::<Vec<_>>(),
        "site_name": entry.site_name,
        "site_icon": entry.site_icon,
        "language": entry.language,
        "url": entry.url,
    })
}

fn author_json(author: &Author) -> Value {
    json!({ "name": author.name, "url": author.url, "photo": author.photo })
}
