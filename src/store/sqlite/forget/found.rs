//! What there is of somebody: every row that holds a word of theirs, found by looking at all of them.

use std::collections::{HashMap, HashSet};

use rusqlite::types::FromSql;
use rusqlite::{Connection, OptionalExtension as _};

use crate::model::{Entry, MentionId, MentionKind, SiteId, StatusKey, Subject};
use crate::store::erase::Traces;
use crate::store::sqlite::rows::text;
use crate::store::sqlite::snapshot::Snapshot;
use crate::store::sqlite::{media, purge};
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

/// What there is of a subject, and goes when it is erased.
#[derive(Default)]
pub(super) struct Found {
    pub(super) mentions: Vec<MentionId>,
    /// Mentions of others, with what is left of their entries.
    pub(super) quoting: Vec<(MentionId, Entry)>,
    pub(super) receipts: Vec<StatusKey>,
    /// Receipts of others that name a page of the subject's.
    pub(super) naming: Vec<StatusKey>,
    waiting: Vec<StatusKey>,
    /// Of mentions that were shown once.
    pub(super) tombstones: Vec<i64>,
    /// Webmentions that we send to their pages.
    pub(super) pings: Vec<i64>,
    /// How many pictures no mention that stays names.
    pictures: usize,
    pub(super) domains: Vec<(SiteId, String)>,
    /// Lanes in which nothing of others waits.
    pub(super) lanes: Vec<i64>,
    /// Domains that pictures were on, and of which none stays.
    pub(super) picture_lanes: Vec<String>,
}

impl Found {
    pub(super) fn traces(&self) -> Traces {
        Traces {
            mentions: self.mentions.len(),
            quoting: self.quoting.len(),
            receipts: self.receipts.len(),
            naming: self.naming.len(),
            submissions: self.waiting.len(),
            tombstones: self.tombstones.len(),
            pings: self.pings.len(),
            pictures: self.pictures,
            domains: self.domains.len(),
            lanes: self.lanes.len(),
            picture_lanes: self.picture_lanes.len(),
        }
    }

    pub(super) fn of(
        connection: &Connection,
        subject: &Subject,
        site: Option<SiteId>,
    ) -> Result<Self, StoreError> {
        // One snapshot: a row must not move from one table to another while we look.
        let connection = &*Snapshot::of(connection)?;
        let mut found = Self {
            waiting: Self::waiting(connection, subject, site)?,
            domains: purge::known_domains(connection, site, |url, _| subject.covers(url))?,
            tombstones: of_subject(connection, TOMBSTONES, subject, site)?,
            pings: of_subject(connection, PINGS, subject, site)?,
            ..Self::default()
        };
        found.find_mentions(connection, subject, site)?;
        found.find_receipts(connection, subject, site)?;
        found.find_lanes(connection, subject, site)?;
        found.find_pictures(connection, subject, site)?;
        Ok(found)
    }

    /// Submissions that wait or are being verified.
    pub(super) fn waiting(
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
        let mentions: HashSet<i64> = self.mentions.iter().map(|id| id.0).collect();
        while let Some(row) = rows.next()? {
            let key: StatusKey = row.get(0)?;
            let mention: Option<i64> = row.get(2)?;
            let said = [row.get::<_, Option<String>>(3)?, row.get(4)?];
            if subject.covers_text(text(row, 1)?)
                || mention.is_some_and(|id| mentions.contains(&id))
            {
                self.receipts.push(key);
            } else if said.iter().flatten().any(|text| names(text, subject)) {
                self.naming.push(key);
            }
        }
        Ok(())
    }

    /// A lane in which something of others waits is theirs.
    fn find_lanes(
        &mut self,
        connection: &Connection,
        subject: &Subject,
        site: Option<SiteId>,
    ) -> Result<(), StoreError> {
        let waiting: HashSet<&StatusKey> = self.waiting.iter().collect();
        let mut statement = connection.prepare("SELECT key FROM submission WHERE lane = ?1")?;
        for lane in of_subject::<i64>(connection, LANES, subject, site)? {
            let mut rows = statement.query([lane])?;
            let mut is_theirs = true;
            while is_theirs && let Some(row) = rows.next()? {
                let key: StatusKey = row.get(0)?;
                is_theirs = waiting.contains(&key);
            }
            if is_theirs {
                self.lanes.push(lane);
            }
        }
        Ok(())
    }

    /// A picture goes with the last mention that names it, and its domain's lane once none is left there.
    fn find_pictures(
        &mut self,
        connection: &Connection,
        subject: &Subject,
        site: Option<SiteId>,
    ) -> Result<(), StoreError> {
        let mut unnamed: HashMap<i64, i64> = HashMap::new();
        let mut no_longer = |pictures: Vec<i64>| {
            for picture in pictures {
                let count = unnamed.entry(picture).or_default();
                *count = count.saturating_add(1);
            }
        };
        for mention in &self.mentions {
            no_longer(media::uses(connection, *mention)?);
        }
        for (mention, left) in &self.quoting {
            no_longer(media::uses_without(connection, *mention, left)?);
        }
        let mut going: HashMap<String, i64> = HashMap::new();
        let mut statement = connection.prepare(
            "SELECT domain FROM picture
             WHERE id = ?1 AND ?2 = (SELECT count(*) FROM picture_use WHERE picture_id = ?1)",
        )?;
        for (picture, count) in unnamed {
            let domain = statement.query_row([picture, count], |row| row.get(0));
            if let Some(domain) = domain.optional()? {
                self.pictures = self.pictures.saturating_add(1);
                let count = going.entry(domain).or_default();
                *count = count.saturating_add(1);
            }
        }
        let mut statement = connection.prepare("SELECT count(*) FROM picture WHERE domain = ?1")?;
        for domain in of_subject::<String>(connection, PICTURE_LANES, subject, site)? {
            let all: i64 = statement.query_row([&domain], |row| row.get(0))?;
            if going.get(&domain).copied().unwrap_or_default() == all {
                self.picture_lanes.push(domain);
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
