//! Forgetting somebody: every row that holds a word of theirs, found by looking at all of them.

use std::path::Path;

use async_trait::async_trait;
use rusqlite::types::FromSql;
use rusqlite::{Connection, OptionalExtension as _, ToSql};

use super::connect::configure;
use super::purge::{self, AT_ONCE};
use super::rows::text;
use super::{SqliteStore, mentions, pages};
use crate::model::{Entry, MentionId, MentionKind, SiteId, StatusKey, Subject, Timestamp};
use crate::store::erase::{Eraser, Traces};
use crate::store::{StoreError, entry};

/// What names an address and nothing else: what it is known by, and the address. The last two are of no site.
const TOMBSTONES: &str =
    "SELECT t.mention_id, t.source FROM tombstone AS t JOIN page AS p ON p.id = t.page_id
     WHERE ?1 IS NULL OR p.site_id = ?1";
const PINGS: &str = "SELECT i.id, i.target FROM ping AS i JOIN page AS p ON p.id = i.page_id
     WHERE ?1 IS NULL OR p.site_id = ?1";
const LANES: &str = "SELECT id, 'https://' || domain || '/' FROM lane WHERE ?1 IS NULL";
const PICTURE_LANES: &str =
    "SELECT domain, 'https://' || domain || '/' FROM picture_lane WHERE ?1 IS NULL";

#[async_trait]
impl Eraser for SqliteStore {
    async fn traces(&self, subject: &Subject, site: Option<SiteId>) -> Result<Traces, StoreError> {
        Ok(self.read(|c| Found::of(c, subject, site))?.traces())
    }

    async fn forget(
        &self,
        subject: &Subject,
        site: Option<SiteId>,
        now: Timestamp,
    ) -> Result<Traces, StoreError> {
        // What is deleted is overwritten, wherever in the file it stands.
        self.writer
            .run(|c| Ok(c.pragma_update(None, "secure_delete", "ON")?))
            .await?;
        let waiting = self.read(|c| Found::waiting(c, subject, site))?;
        let submissions = waiting.len();
        // First: what is being verified must not be recorded after the rest has gone.
        self.for_each("DELETE FROM submission WHERE key = ?1", waiting)
            .await?;
        let found = self.read(|c| Found::of(c, subject, site))?;
        let traces = Traces {
            submissions,
            ..found.traces()
        };
        self.in_parts(found.mentions, move |c, id| {
            c.execute("DELETE FROM receipt WHERE mention_id = ?1", [id.0])?;
            mentions::take_away(c, *id, now)?;
            unlist(c, id.0, now)
        })
        .await?;
        self.in_parts(found.quoting, move |c, (id, entry)| {
            mentions::rewrite(c, *id, entry, now)
        })
        .await?;
        self.for_each("DELETE FROM receipt WHERE key = ?1", found.receipts)
            .await?;
        self.in_parts(found.tombstones, move |c, id| unlist(c, *id, now))
            .await?;
        self.for_each(
            "UPDATE receipt SET detail = NULL, near_misses = NULL WHERE key = ?1",
            found.naming,
        )
        .await?;
        self.in_parts(found.domains, purge::unknow).await?;
        self.for_each(
            "DELETE FROM lane WHERE id = ?1
               AND NOT EXISTS (SELECT 1 FROM submission WHERE lane = ?1)",
            found.lanes,
        )
        .await?;
        self.for_each("DELETE FROM ping WHERE id = ?1", found.pings)
            .await?;
        self.for_each(
            "DELETE FROM picture_lane WHERE domain = ?1
               AND NOT EXISTS (SELECT 1 FROM picture WHERE domain = ?1)",
            found.picture_lanes,
        )
        .await?;
        self.changes.send_replace(());
        Ok(traces)
    }

    async fn scrub(&self, rewrite: bool) -> Result<bool, StoreError> {
        let path = self.path.clone();
        tokio::task::spawn_blocking(move || scrub(&path, rewrite))
            .await
            .map_err(|e| StoreError::Other(Box::new(e)))?
    }
}

impl SqliteStore {
    /// Runs `statement` for each row that is known by one of `keys`, its only parameter.
    async fn for_each<K: ToSql + Send + 'static>(
        &self,
        statement: &'static str,
        keys: Vec<K>,
    ) -> Result<(), StoreError> {
        self.in_parts(keys, move |c, key| {
            c.prepare_cached(statement)?.execute([key])?;
            Ok(())
        })
        .await
    }

    /// Does `each` for all, some in each transaction: others wait for it.
    async fn in_parts<T: Send + 'static>(
        &self,
        all: Vec<T>,
        each: impl Fn(&Connection, &T) -> Result<(), StoreError> + Copy + Send + 'static,
    ) -> Result<(), StoreError> {
        let mut all = all.into_iter().peekable();
        while all.peek().is_some() {
            let some: Vec<T> = all.by_ref().take(AT_ONCE).collect();
            self.writer
                .run(move |c| some.iter().try_for_each(|one| each(c, one)))
                .await?;
        }
        Ok(())
    }
}

/// Removes the tombstone of a mention, if there is one. Lists of what is shown no longer are others from then
/// on: who keeps one, or has its `ETag`, must not be told that it still holds.
fn unlist(connection: &Connection, mention: i64, now: Timestamp) -> Result<(), StoreError> {
    let page = connection
        .prepare_cached("DELETE FROM tombstone WHERE mention_id = ?1 RETURNING page_id")?
        .query_row([mention], |row| row.get(0))
        .optional()?;
    if let Some(page) = page {
        let number = pages::next_change(connection, now)?;
        pages::changed(connection, page, number, |_| {})?;
    }
    Ok(())
}

fn scrub(path: &Path, rewrite: bool) -> Result<bool, StoreError> {
    let connection = Connection::open(path)?;
    configure(&connection)?;
    if rewrite {
        connection.execute_batch("VACUUM")?;
    }
    let is_busy: bool =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    Ok(!is_busy)
}

/// What there is of a subject.
#[derive(Default)]
struct Found {
    mentions: Vec<MentionId>,
    /// Mentions of others, with what is left of their entries.
    quoting: Vec<(MentionId, Entry)>,
    receipts: Vec<StatusKey>,
    /// Receipts of others that name a page of the subject's.
    naming: Vec<StatusKey>,
    waiting: Vec<StatusKey>,
    /// Of mentions that were shown once.
    tombstones: Vec<i64>,
    domains: Vec<(SiteId, String)>,
    lanes: Vec<i64>,
    /// Webmentions that we send to their pages.
    pings: Vec<i64>,
    /// Domains that pictures were on.
    picture_lanes: Vec<String>,
}

impl Found {
    fn traces(&self) -> Traces {
        Traces {
            mentions: self.mentions.len(),
            quoting: self.quoting.len(),
            receipts: self.receipts.len(),
            submissions: self.waiting.len(),
            domains: self.domains.len(),
        }
    }

    fn of(
        connection: &Connection,
        subject: &Subject,
        site: Option<SiteId>,
    ) -> Result<Self, StoreError> {
        // One snapshot: a row must not move from one table to another while we look.
        let connection = &*connection.unchecked_transaction()?;
        let mut found = Self {
            waiting: Self::waiting(connection, subject, site)?,
            domains: purge::known_domains(connection, site, |url, _| subject.covers(url))?,
            tombstones: of_subject(connection, TOMBSTONES, subject, site)?,
            pings: of_subject(connection, PINGS, subject, site)?,
            lanes: of_subject(connection, LANES, subject, site)?,
            picture_lanes: of_subject(connection, PICTURE_LANES, subject, site)?,
            ..Self::default()
        };
        found.find_mentions(connection, subject, site)?;
        found.find_receipts(connection, subject, site)?;
        Ok(found)
    }

    fn waiting(
        connection: &Connection,
        subject: &Subject,
        site: Option<SiteId>,
    ) -> Result<Vec<StatusKey>, StoreError> {
        let mut statement = connection.prepare(
            "SELECT key, source, vouch FROM submission WHERE ?1 IS NULL OR site_id = ?1",
        )?;
        let mut rows = statement.query([site.map(|site| site.0)])?;
        let mut waiting = Vec::new();
        while let Some(row) = rows.next()? {
            let vouch: Option<String> = row.get(2)?;
            if subject.covers_text(text(row, 1)?)
                || vouch.is_some_and(|vouch| subject.covers_text(&vouch))
            {
                waiting.push(row.get(0)?);
            }
        }
        Ok(waiting)
    }

    fn find_mentions(
        &mut self,
        connection: &Connection,
        subject: &Subject,
        site: Option<SiteId>,
    ) -> Result<(), StoreError> {
        let mut statement = connection.prepare(
            "SELECT m.id, m.source, m.url, m.page_url, m.kind, m.entry
             FROM mention AS m JOIN page AS p ON p.id = m.page_id
             WHERE ?1 IS NULL OR p.site_id = ?1",
        )?;
        let mut rows = statement.query([site.map(|site| site.0)])?;
        while let Some(row) = rows.next()? {
            let id = MentionId(row.get(0)?);
            let page_url: Option<String> = row.get(3)?;
            let is_theirs = |url: &str| subject.covers_text(url);
            if is_theirs(text(row, 1)?)
                || is_theirs(text(row, 2)?)
                || page_url.as_deref().is_some_and(is_theirs)
            {
                self.mentions.push(id);
                continue;
            }
            let said = text(row, 5)?;
            // Reading all entries takes long, and most name nobody of this host.
            if !said.contains(subject.needle()) {
                continue;
            }
            let kind = MentionKind::from_name(text(row, 4)?)
                .ok_or_else(|| StoreError::Corrupt(format!("kind of mention {}", id.0)))?;
            let entry = entry::read(kind, row.get(2)?, said)
                .map_err(|e| StoreError::Corrupt(format!("entry: {e}")))?;
            match left_of(entry, subject) {
                Left::Nothing => self.mentions.push(id),
                Left::Less(entry) => self.quoting.push((id, *entry)),
                Left::All => {}
            }
        }
        Ok(())
    }

    fn find_receipts(
        &mut self,
        connection: &Connection,
        subject: &Subject,
        site: Option<SiteId>,
    ) -> Result<(), StoreError> {
        let mut statement = connection.prepare(
            "SELECT key, source, mention_id, detail, near_misses FROM receipt
             WHERE ?1 IS NULL OR site_id = ?1",
        )?;
        let mut rows = statement.query([site.map(|site| site.0)])?;
        while let Some(row) = rows.next()? {
            let key: StatusKey = row.get(0)?;
            let mention: Option<i64> = row.get(2)?;
            let said = [row.get::<_, Option<String>>(3)?, row.get(4)?];
            if subject.covers_text(text(row, 1)?)
                || mention.is_some_and(|id| self.mentions.contains(&MentionId(id)))
            {
                self.receipts.push(key);
            } else if said.iter().flatten().any(|text| names(text, subject)) {
                self.naming.push(key);
            }
        }
        Ok(())
    }
}

/// The first column of the rows that `query` gives, whose second is an address of the subject's.
fn of_subject<T: FromSql>(
    connection: &Connection,
    query: &str,
    subject: &Subject,
    site: Option<SiteId>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare(query)?;
    let mut rows = statement.query([site.map(|site| site.0)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        if subject.covers_text(text(row, 1)?) {
            found.push(row.get(0)?);
        }
    }
    Ok(found)
}

/// What is left of an entry without what the subject said.
enum Left {
    Nothing,
    Less(Box<Entry>),
    All,
}

fn left_of(mut entry: Entry, subject: &Subject) -> Left {
    let is_theirs = |url: Option<&String>| url.is_some_and(|url| subject.covers_text(url));
    if is_theirs(entry.author.as_ref().and_then(|author| author.url.as_ref())) {
        return Left::Nothing;
    }
    let count = entry.comments.len();
    entry.comments.retain(|comment| {
        let author = comment.author.as_ref();
        !is_theirs(comment.url.as_ref()) && !is_theirs(author.and_then(|a| a.url.as_ref()))
    });
    if entry.comments.len() < count {
        Left::Less(Box::new(entry))
    } else {
        Left::All
    }
}

/// Whether a page of the subject's is named in `text`, as far as white space and quotes part its words.
fn names(text: &str, subject: &Subject) -> bool {
    text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '“' | '”' | ','))
        .any(|word| subject.covers_text(word.trim_end_matches(':')))
}

#[cfg(test)]
mod tests;
