//! Rules from a file, a line at a time: however long it is, little of it is in memory.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::IpAddr;

use anyhow::Context as _;

use super::{Book, Terms};
use crate::model::{Pattern, Rule};

/// A longer line holds no rule.
const MAX_LINE_BYTES: usize = 8 * 1024;
/// So many rules are stored in one transaction: a running service waits for it.
const AT_ONCE: usize = 1000;
/// So often it is said how far we are.
const SAY_EVERY: usize = 20_000;
/// So many skipped lines are named.
const MAX_NAMED: usize = 20;

/// Names that hosts files give to the machine that they are on.
const OWN_NAMES: [&str; 7] = [
    "localhost",
    "localhost.localdomain",
    "local",
    "broadcasthost",
    "ip6-localhost",
    "ip6-loopback",
    "localhost6",
];

/// What came of a file.
#[derive(Default)]
struct Tally {
    lines: usize,
    added: usize,
    known: usize,
    skipped: usize,
    named: String,
}

impl Tally {
    fn skip(&mut self, line: &str, why: &str) {
        self.skipped = self.skipped.saturating_add(1);
        if self.skipped <= MAX_NAMED {
            let shown: String = line.chars().take(60).collect();
            // Writing to a string does not fail.
            let _ = writeln!(
                self.named,
                "line {}: skipped “{}”: {why}",
                self.lines,
                shown.escape_debug()
            );
        }
    }

    fn report(mut self) -> String {
        let unnamed = self.skipped.saturating_sub(MAX_NAMED);
        if unnamed > 0 {
            let _ = writeln!(self.named, "… and {unnamed} more lines");
        }
        format!(
            "{}{} rules added, {} known already, {} lines skipped\n",
            self.named, self.added, self.known, self.skipped
        )
    }
}

/// Adds the rules of a file; what came of it, in words.
pub(super) async fn import(book: &Book, file: &str, terms: &Terms) -> anyhow::Result<String> {
    let mut reader: Box<dyn BufRead> = if file == "-" {
        Box::new(BufReader::new(std::io::stdin()))
    } else {
        Box::new(BufReader::new(
            File::open(file).with_context(|| format!("cannot open {file}"))?,
        ))
    };
    // One rule with these terms is the mould of all.
    let mould = book.rule(Pattern::Domain(String::new()), terms)?;
    let mut tally = Tally::default();
    let mut waiting: Vec<Rule> = Vec::new();
    let mut line = Vec::new();
    while read_line(&mut reader, &mut line).with_context(|| format!("cannot read {file}"))? {
        tally.lines = tally.lines.saturating_add(1);
        if line.len() > MAX_LINE_BYTES {
            tally.skip(&String::from_utf8_lossy(&line), "it is too long");
        } else {
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_start_matches('\u{feff}');
            patterns(text, |found| match found {
                Ok(pattern) => waiting.push(Rule {
                    pattern,
                    ..mould.clone()
                }),
                Err((word, why)) => tally.skip(word, &why),
            });
        }
        if waiting.len() >= AT_ONCE {
            store(book, &mut waiting, &mut tally).await?;
        }
        if tally.lines.checked_rem(SAY_EVERY) == Some(0) {
            // If standard error is gone, nobody reads us.
            let _ = writeln!(
                std::io::stderr(),
                "{} lines read, {} rules added",
                tally.lines,
                tally.added
            );
        }
    }
    store(book, &mut waiting, &mut tally).await?;
    Ok(tally.report())
}

async fn store(book: &Book, waiting: &mut Vec<Rule>, tally: &mut Tally) -> anyhow::Result<()> {
    if waiting.is_empty() {
        return Ok(());
    }
    let rules = std::mem::take(waiting);
    let count = rules.len();
    let added = book.store.add_rules(rules, book.now).await?;
    tally.added = tally.added.saturating_add(added);
    tally.known = tally.known.saturating_add(count.saturating_sub(added));
    Ok(())
}

/// Reads the next line into `line`, of a longer one a little more than the cap; `false` at the end.
fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<bool> {
    line.clear();
    let most = u64::try_from(MAX_LINE_BYTES)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    if reader.by_ref().take(most).read_until(b'\n', line)? == 0 {
        return Ok(false);
    }
    if line.len() > MAX_LINE_BYTES && !line.ends_with(b"\n") {
        skip_line(reader)?;
    }
    Ok(true)
}

fn skip_line(reader: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(buffer.len(), |at| at.saturating_add(1));
        reader.consume(used);
        if end.is_some() {
            return Ok(());
        }
    }
}

/// The patterns of a line: each, or what is wrong with which word.
fn patterns<'a>(line: &'a str, mut take: impl FnMut(Result<Pattern, (&'a str, String)>)) {
    let line = without_comment(line).trim();
    if line.is_empty() {
        return;
    }
    let mut words = line.split_whitespace();
    let first = words.next().unwrap_or_default();
    let mut names = words.peekable();
    if names.peek().is_some() && first.parse::<IpAddr>().is_ok() {
        // `0.0.0.0 ads.example www.ads.example`: each name is a host, not a domain.
        for name in names {
            take(host(name));
        }
        return;
    }
    take(match Pattern::parse(line) {
        Ok(Pattern::Domain(name)) if is_own(&name) => Err((line, own())),
        Ok(Pattern::Domain(name)) if !name.contains('.') => Err((
            line,
            "it is all of a top-level domain; add it by hand if you mean that".to_owned(),
        )),
        Ok(pattern) => Ok(pattern),
        Err(error) => Err((line, error.to_string())),
    });
}

fn host(name: &str) -> Result<Pattern, (&str, String)> {
    if is_own(name) || name.parse::<IpAddr>().is_ok() {
        return Err((name, own()));
    }
    Pattern::host(name).map_err(|error| (name, error.to_string()))
}

fn is_own(name: &str) -> bool {
    OWN_NAMES.iter().any(|own| own.eq_ignore_ascii_case(name)) || name.starts_with("ip6-")
}

fn own() -> String {
    "it names the machine that the list is used on".to_owned()
}

/// The line up to its comment: `#`, `!` or `;` where a line begins, `#` after a space.
fn without_comment(line: &str) -> &str {
    let line = line.trim_start();
    if line.starts_with(['#', '!', ';']) {
        return "";
    }
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        if c == '#' && before.is_whitespace() {
            return line.split_at_checked(at).map_or(line, |(kept, _)| kept);
        }
        before = c;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Vec<Result<String, String>> {
        let mut found = Vec::new();
        patterns(line, |one| {
            found.push(match one {
                Ok(pattern) => Ok(pattern.to_string()),
                Err((word, why)) => Err(format!("{word}: {why}")),
            });
        });
        found
    }

    #[test]
    fn every_common_form_of_a_list_is_read() {
        for (line, want) in [
            ("spam.example", &["spam.example"][..]),
            ("  SPAM.example.  # casino\r\n", &["spam.example"]),
            ("*.spam.example", &["spam.example"]),
            (
                "https://spam.example/~ann/ # one of many",
                &["spam.example/~ann"],
            ),
            ("192.0.2.0/24", &["192.0.2.0/24"]),
            ("2001:db8::/32", &["2001:db8::/32"]),
            ("192.0.2.7", &["192.0.2.7/32"]),
            ("0.0.0.0 ads.example", &["=ads.example"]),
            (
                "127.0.0.1\tads.example www.ads.example # two",
                &["=ads.example", "=www.ads.example"],
            ),
            ("::1 ads.example", &["=ads.example"]),
            ("", &[]),
            ("# a comment", &[]),
            ("! a comment", &[]),
            ("; a comment", &[]),
            ("\t  \n", &[]),
        ] {
            let found: Result<Vec<_>, _> = read(line).into_iter().collect();
            assert_eq!(found.unwrap(), want, "{line}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_skipped_with_the_reason() {
        for (line, want) in [
            ("localhost", "names the machine"),
            ("127.0.0.1 localhost", "names the machine"),
            ("fe00::0 ip6-localnet", "names the machine"),
            ("0.0.0.0 0.0.0.0", "names the machine"),
            ("com", "top-level domain"),
            ("||spam.example^", "no host name"),
            ("spam.example eggs.example", "more than one word"),
            ("spam.example:8080", "port"),
            ("\u{fffd}\u{fffd}.example", "no host name"),
        ] {
            let found = read(line);
            assert_eq!(found.len(), 1, "{line}");
            let why = found[0].as_ref().unwrap_err();
            assert!(why.contains(want), "{line}: {why}");
        }
    }

    #[test]
    fn a_line_without_end_is_not_kept_and_the_next_is_read() {
        let long = "a".repeat(5 * MAX_LINE_BYTES);
        let text = format!("first.example\n{long}\nlast.example");
        let mut reader = BufReader::new(text.as_bytes());
        let (mut line, mut lines) = (Vec::new(), Vec::new());
        while read_line(&mut reader, &mut line).unwrap() {
            lines.push(line.len());
        }
        assert_eq!(
            lines,
            [
                "first.example\n".len(),
                MAX_LINE_BYTES + 1,
                "last.example".len()
            ]
        );
    }
}
