//! Makes a database with many mentions, to measure on: `cargo run --release --example fill -- 10000000`.
//!
//! Their spread is that of real blogs: of 20 mentions a page on average a few pages have most (Zipf),
//! of a hundred sites likewise; half of all are likes, and a tenth says much. The mentions are written
//! into the tables directly: that way ten million take minutes.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    reason = "numbers of a made-up database"
)]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use clap::Parser;
use linkback::model::{SiteBase, Timestamp};
use rusqlite::{Connection, params};
use serde_json::json;

/// Mentions of a page, on average.
const A_PAGE: i64 = 20;
/// Sites; the pages are spread over them.
const SITES: i64 = 100;
/// The first mention came then, in microseconds since 1970 (May 2011); the last one a while ago.
const FIRST: i64 = 1_305_450_000_000_000;
const LAST: i64 = 1_790_000_000_000_000;
/// Rows in one transaction.
const AT_ONCE: i64 = 100_000;
/// How many of a hundred mentions are of each kind.
const KINDS: [(&str, u64); 6] = [
    ("like", 50),
    ("mention", 20),
    ("reply", 15),
    ("repost", 12),
    ("bookmark", 2),
    ("reaction", 1),
];

/// Makes a database with many mentions, to measure on.
#[derive(Parser)]
struct Args {
    /// How many mentions
    #[arg(value_parser = clap::value_parser!(i64).range(1..))]
    count: i64,
    /// The file; there must be none of that name
    #[arg(long, default_value = "fill.sqlite")]
    database: PathBuf,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    if args.database.exists() {
        bail!(
            "{} exists; name another file with --database",
            args.database.display()
        );
    }
    let pages = (args.count / A_PAGE).max(1);
    add_sites(&args.database, pages.min(SITES))?;
    let mut connection = Connection::open(&args.database)?;
    // What breaks off is begun anew.
    connection.execute_batch(
        "PRAGMA synchronous = OFF; PRAGMA cache_size = -2000000; PRAGMA foreign_keys = OFF;",
    )?;
    let indexes = take_indexes(&connection)?;
    add_pages(&mut connection, pages)?;
    add_mentions(&mut connection, args.count, pages)?;
    for sql in indexes {
        say(&format!("{sql}\n"));
        connection.execute_batch(&sql)?;
    }
    count(&mut connection)?;
    connection.execute_batch("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE);")?;
    say(&format!(
        "{} mentions of {pages} pages in {}; the most mentioned is https://site0.example/0\n",
        args.count,
        args.database.display(),
    ));
    Ok(())
}

fn say(text: &str) {
    // Who listens no more is told no more.
    let _ = std::io::stderr().write_all(text.as_bytes());
}

fn add_sites(path: &Path, count: i64) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let store = linkback::store::sqlite::open(path)?;
    for site in 0..count {
        let base = SiteBase::parse(&format!("https://site{site}.example"))?;
        let now = Timestamp::from_millis(FIRST / 1000);
        runtime.block_on(store.add_site(&[base], now))?;
    }
    Ok(())
}

/// Drops the indexes of mentions; what makes them again.
fn take_indexes(connection: &Connection) -> anyhow::Result<Vec<String>> {
    let mut statement = connection.prepare(
        "SELECT name, sql FROM sqlite_master
         WHERE type = 'index' AND tbl_name = 'mention' AND sql IS NOT NULL",
    )?;
    let indexes = statement
        .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?
        .collect::<Result<Vec<_>, _>>()?;
    for (name, _) in &indexes {
        connection.execute_batch(&format!("DROP INDEX {name}"))?;
    }
    Ok(indexes.into_iter().map(|(_, sql)| sql).collect())
}

fn add_pages(connection: &mut Connection, pages: i64) -> anyhow::Result<()> {
    let sites = pages.min(SITES);
    let transaction = connection.transaction()?;
    for site in 0..sites {
        transaction.execute(
            "INSERT INTO site_host (id, site_id, authority)
             VALUES (?1, (SELECT site_id FROM site_base WHERE authority = ?2), ?2)",
            params![site + 1, format!("site{site}.example")],
        )?;
    }
    {
        let mut statement = transaction.prepare(
            "INSERT INTO page (id, site_id, host_id, key)
             SELECT ?1, site_id, id, ?3 FROM site_host WHERE id = ?2",
        )?;
        for page in 0..pages {
            let site = page % sites;
            statement.execute(params![
                page + 1,
                site + 1,
                format!("site{site}.example/{page}")
            ])?;
        }
    }
    transaction.commit()?;
    Ok(())
}

fn add_mentions(connection: &mut Connection, count: i64, pages: i64) -> anyhow::Result<()> {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let (begun, mut told) = (Instant::now(), Instant::now());
    let step = (LAST - FIRST) / count;
    let mut at = 0;
    while at < count {
        let end = (at + AT_ONCE).min(count);
        let transaction = connection.transaction()?;
        {
            let mut statement = transaction.prepare(
                "INSERT INTO mention (id, page_id, host_id, source, source_key, target, protocols,
                   kind, url, original, is_native, is_shown, entry, received_at, verified_at,
                   published_at, author_domain, change, asked_at, verify_at, checks)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?4, ?5, 1, 1, ?8, ?9, ?9, ?9, ?10, ?1, ?9,
                   ?11, 5)",
            )?;
            for number in at..end {
                let id = FIRST + step * number;
                let page = random.zipf(pages);
                let site = page % pages.min(SITES);
                let domain = format!("blog{}.example", random.zipf(count / 10 + 1));
                let key = format!("{domain}/{number}");
                let (kind, entry) = random.entry(&domain, number);
                statement.execute(params![
                    id,
                    page + 1,
                    site + 1,
                    format!("https://{key}"),
                    key,
                    format!("https://site{site}.example/{page}"),
                    kind,
                    entry,
                    id / 1000,
                    domain,
                    // Nothing of this is asked again.
                    i64::MAX,
                ])?;
            }
        }
        transaction.commit()?;
        at = end;
        if told.elapsed() > Duration::from_secs(1) || at == count {
            told = Instant::now();
            let rate = at as f64 / begun.elapsed().as_secs_f64();
            say(&format!("{at} of {count} mentions, {rate:.0} a second\n"));
        }
    }
    Ok(())
}

/// Writes down how many mentions each page and host shows, and of which version that is.
fn count(connection: &mut Connection) -> anyhow::Result<()> {
    say("counting\n");
    for (table, column) in [("page", "page_id"), ("site_host", "host_id")] {
        let mut all: BTreeMap<i64, (i64, BTreeMap<String, i64>)> = BTreeMap::new();
        {
            let mut statement = connection.prepare(&format!(
                "SELECT {column}, kind, count(*), max(change) FROM mention GROUP BY 1, 2"
            ))?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let (version, counts) = all.entry(row.get(0)?).or_default();
                *version = row.get::<_, i64>(3)?.max(*version);
                counts.insert(row.get(1)?, row.get(2)?);
            }
        }
        let transaction = connection.transaction()?;
        {
            let mut statement = transaction.prepare(&format!(
                "UPDATE {table} SET version = ?2, counts = ?3 WHERE id = ?1"
            ))?;
            for (id, (version, counts)) in &all {
                let counts = serde_json::to_string(counts).context("counts")?;
                statement.execute(params![id, version, counts])?;
            }
        }
        transaction.commit()?;
    }
    Ok(())
}

/// A sequence that looks random and is the same each time: xorshift64*.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// One of `0..count`, the n-th with a probability of about 1/n.
    fn zipf(&mut self, count: i64) -> i64 {
        let part = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        let rank = (count as f64).powf(part);
        (rank as i64 - 1).clamp(0, count - 1)
    }

    /// A kind, and what such a mention says, as the store keeps it.
    fn entry(&mut self, domain: &str, number: i64) -> (&'static str, String) {
        let mut of = self.below(100);
        let kind = KINDS.iter().find(|(_, part)| {
            let is_it = of < *part;
            of = of.saturating_sub(*part);
            is_it
        });
        let kind = kind.map_or("mention", |(kind, _)| *kind);
        let mut entry = json!({
            "author": {
                "name": format!("Author {number}"),
                "url": format!("https://{domain}/"),
                "photo": format!("https://{domain}/face.jpg"),
            },
            "language": "en",
        });
        let says = match kind {
            "reply" | "reaction" => 1 + self.below(6),
            "mention" => 4 + self.below(12),
            _ => 0,
        };
        if says > 0 {
            let words = usize::try_from(says).unwrap_or(1);
            let text =
                "A sentence about what the article says, and what it does not. ".repeat(words);
            entry["content"] = json!({ "html": format!("<p>{text}</p>"), "text": text });
        }
        if kind == "mention" {
            entry["title"] = json!(format!("Post number {number}"));
            entry["site_name"] = json!(format!("The blog at {domain}"));
            entry["excerpt"] = json!({
                "before": "Somebody wrote in ", "linked": "an article", "after": " that I liked.",
            });
        }
        (kind, entry.to_string())
    }
}
