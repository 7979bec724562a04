//! Pages and their mentions: what is known, and what of it is shown.

use rusqlite::{Connection, params};

use super::finish::Queued;
use super::identity::Row;
use super::pages::{self, Home};
use super::shown::{Change, Seen};
use super::{checks, media, receipts, rows};
use crate::model::{
    CountKey, Entry, Failure, MentionId, Publication, SourceUrl, TargetUrl, Timestamp,
    registrable_domain,
};
use crate::store::original::{Original, key_of};
use crate::store::{Occasion, StoreError, entry};

/// What became of a publication.
pub(super) struct Published {
    pub(super) id: MentionId,
    /// Where the mention is asked from now on.
    pub(super) source: SourceUrl,
    pub(super) source_key: String,
    pub(super) target: TargetUrl,
    pub(super) was_known: bool,
    /// Whether anything was written that is shown.
    pub(super) has_changed: bool,
}

/// What was kept before of the mention that is published.
struct Before {
    seen: Seen,
    url: String,
    original: String,
    is_shown: bool,
    entry: String,
}

impl Before {
    /// Notes what changes for readers where this was shown.
    fn supersede(
        self,
        connection: &Connection,
        change: &mut Change,
        verified: &Verified<'_>,
    ) -> Result<(), StoreError> {
        if self.original != verified.original.key {
            if self.is_shown {
                change.one_less(self.seen);
            }
            return change.settle(connection, &self.original);
        }
        if self.is_shown {
            let entry = &verified.publication.entry;
            // Nothing of it may have changed but its date of verification: that date is served too, and
            // is no news.
            if self.entry != verified.entry || self.url != entry.url {
                change.news();
            }
            let counted_as = CountKey::new(entry.kind, entry.rsvp);
            change.one_other(connection, self.seen, counted_as)?;
        }
        Ok(())
    }
}

/// Keeps a mention, or what is new about it, and shows it unless another tells of the same post.
pub(super) fn publish(
    connection: &Connection,
    queued: &Queued,
    known: Option<&Row>,
    publication: &Publication,
    now: Timestamp,
) -> Result<Published, StoreError> {
    let home = pages::home_of(connection, queued.site, &queued.target, now)?;
    let (page_id, entry) = (home.page_id, &publication.entry);
    let source = publication.moved_to.as_ref().unwrap_or(&queued.source);
    let original = Original::of(source, &publication.ended_at, entry);
    let source_key = original.source_key(source);
    if let Some(known) = known {
        rename(connection, page_id, known, queued, &source_key, now)?;
    }
    let before = before(connection, page_id, &source_key, queued.is_private)?;
    let verified = Verified {
        queued,
        publication,
        home,
        source: asked_at(source, &source_key, before.as_ref()),
        source_key,
        original,
        entry: entry::write(entry).map_err(|e| StoreError::Other(Box::new(e)))?,
    };
    if let Some(same) = before
        .as_ref()
        .filter(|before| queued.occasion != Occasion::Sent && verified.is_as(before))
    {
        // Nobody asked, and there is nothing new: the page's version stays as it is.
        look_after(connection, same.seen.id, publication)?;
        return Ok(verified.published(same.seen.id, true, false));
    }
    let id = verified.write(connection, now)?;
    let was_known = before.is_some();
    let mut change = Change::of(page_id, now);
    change.found_at(&queued.target);
    if let Some(before) = before {
        before.supersede(connection, &mut change, &verified)?;
    }
    change.settle(connection, &verified.original.key)?;
    change.record(connection)?;
    Ok(verified.published(id, was_known, true))
}

/// Where the page that `source_key` is is asked: at its own address where that was seen to link, else where the
/// link was seen last.
fn asked_at(source: &SourceUrl, source_key: &str, before: Option<&Before>) -> SourceUrl {
    before
        .filter(|_| key_of(source) != source_key)
        .and_then(|before| SourceUrl::parse(&before.seen.source).ok())
        .filter(|kept| key_of(kept) == source_key)
        .unwrap_or_else(|| source.clone())
}

/// A mention as it was verified, on its way to the disk.
struct Verified<'a> {
    queued: &'a Queued,
    publication: &'a Publication,
    home: Home,
    source: SourceUrl,
    source_key: String,
    original: Original,
    /// What it says, as it is kept.
    entry: String,
}

impl Verified<'_> {
    /// Whether it says what was kept.
    fn is_as(&self, before: &Before) -> bool {
        let entry = &self.publication.entry;
        before.seen.source == self.source.as_str()
            && before.seen.target == self.queued.target.as_str()
            && before.seen.counted_as.kind == entry.kind
            && before.url == entry.url
            && before.entry == self.entry
    }

    /// Writes all of it, in the place of what was kept of it.
    fn write(&self, connection: &Connection, now: Timestamp) -> Result<MentionId, StoreError> {
        let Self {
            queued,
            publication,
            home,
            source,
            original,
            ..
        } = self;
        let said = &publication.entry;
        let (page_url, etag, last_modified) =
            rows::validator_columns(publication.validators.as_ref());
        // max(id) + 1: numbers grow in commit order, whoever else writes and whatever the clock does.
        let id = connection
            .prepare_cached(
                "INSERT INTO mention (id, page_id, source, source_key, target, protocols, kind, url,
                   original, is_native, is_shown, entry, received_at, verified_at, asked_at, verify_at,
                   checks, page_url, etag, last_modified, host_id, published_at, author_domain, is_private)
                 VALUES (max(?1 * 1000, (SELECT coalesce(max(id), 0) + 1 FROM mention)),
                   ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, FALSE, ?11, ?1, ?1, ?1, ?12, ?13, ?14, ?15, ?16,
                   ?17, coalesce(?18, ?1), ?19, ?20)
                 ON CONFLICT (source_key, page_id, is_private) DO UPDATE SET
                   source = excluded.source, target = excluded.target,
                   protocols = protocols | excluded.protocols,
                   kind = excluded.kind, url = excluded.url, original = excluded.original,
                   is_native = excluded.is_native, is_shown = is_shown AND original = excluded.original,
                   entry = excluded.entry, verified_at = excluded.verified_at,
                   asked_at = excluded.asked_at,
                   verify_at = excluded.verify_at, checks = excluded.checks,
                   page_url = excluded.page_url, etag = excluded.etag,
                   last_modified = excluded.last_modified, failures = 0, failing_since = NULL,
                   doubted_at = NULL, host_id = excluded.host_id,
                   published_at = coalesce(?18, received_at), author_domain = excluded.author_domain
                 RETURNING id",
        )?
        .query_row(
            params![
                now.as_millis(),
                home.page_id,
                source.as_str(),
                self.source_key,
                queued.target.as_str(),
                queued.protocols.bits(),
                said.kind.as_str(),
                said.url,
                original.key,
                original.is_native,
                self.entry,
                // Without its token, the source would not say.
                if queued.is_private {
                    i64::MAX
                } else {
                    publication.next_check.at.as_millis()
                },
                publication.next_check.checks,
                page_url,
                etag,
                last_modified,
                home.host_id,
                published_by(said, now).map(Timestamp::as_millis),
                author_domain(said, source),
                queued.is_private,
            ],
            |row| row.get(0),
        )?;
        Ok(MentionId(id))
    }

    fn published(self, id: MentionId, was_known: bool, has_changed: bool) -> Published {
        Published {
            id,
            source: self.source,
            source_key: self.source_key,
            target: self.queued.target.clone(),
            was_known,
            has_changed,
        }
    }
}

fn before(
    connection: &Connection,
    page_id: i64,
    source_key: &str,
    is_private: bool,
) -> Result<Option<Before>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, kind, entry ->> '$.rsvp', source, target, url, original, is_shown, entry
         FROM mention WHERE source_key = ?1 AND page_id = ?2 AND is_private = ?3",
    )?;
    let mut rows = statement.query(params![source_key, page_id, is_private])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    Ok(Some(Before {
        seen: Seen::read(row, 0)?,
        url: row.get(5)?,
        original: row.get(6)?,
        is_shown: row.get(7)?,
        entry: row.get(8)?,
    }))
}

/// When the entry says that it was published, if it does. Nothing is published after it was seen: a
/// time ahead would stand before all others for as long.
fn published_by(entry: &Entry, now: Timestamp) -> Option<Timestamp> {
    Some(entry.published.as_ref()?.moment()?.min(now))
}

/// The registrable domain of whoever speaks: of the author's page, or else of the entry's address.
fn author_domain(entry: &Entry, source: &SourceUrl) -> String {
    let named = entry.author.as_ref().and_then(|author| author.url.as_ref());
    let url = named
        .into_iter()
        .chain([&entry.url])
        .find_map(|url| SourceUrl::parse(url).ok());
    registrable_domain(url.as_ref().unwrap_or(source).as_url()).to_owned()
}

/// Gives the mention that was known by the submitted address its new identity, if that address is what
/// it stood on. If another mention has that identity, the two are one from now on: the older.
fn rename(
    connection: &Connection,
    page_id: i64,
    known: &Row,
    queued: &Queued,
    source_key: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let stood_on = SourceUrl::parse(&known.source)
        .is_ok_and(|source| source == queued.source || key_of(&source) == key_of(&queued.source));
    if known.source_key == source_key || !stood_on {
        return Ok(());
    }
    if let Some(other) = before(connection, page_id, source_key, queued.is_private)? {
        let (stays, goes) = if known.id < other.seen.id {
            (known.id, other.seen.id)
        } else {
            (other.seen.id, known.id)
        };
        receipts::point(connection, goes, stays)?;
        take_away(connection, goes, now)?;
        if stays == other.seen.id {
            return Ok(());
        }
    }
    connection
        .prepare_cached("UPDATE mention SET source_key = ?2 WHERE id = ?1")?
        .execute(params![known.id.0, source_key])?;
    Ok(())
}

/// Writes down how to look after a mention that links as it did.
fn look_after(
    connection: &Connection,
    id: MentionId,
    publication: &Publication,
) -> Result<(), StoreError> {
    let (url, etag, last_modified) = rows::validator_columns(publication.validators.as_ref());
    connection
        .prepare_cached(
            "UPDATE mention SET page_url = ?2, etag = ?3, last_modified = ?4 WHERE id = ?1",
        )?
        .execute(params![id.0, url, etag, last_modified])?;
    checks::in_order(connection, id, publication.next_check)
}

/// Takes a mention away, with all it said. Its receipts are tombstones from now on; `failure` says
/// why, unless it is that the link has gone.
pub(super) fn erase(
    connection: &Connection,
    id: MentionId,
    failure: Option<&Failure>,
    now: Timestamp,
) -> Result<(), StoreError> {
    receipts::bury(connection, id, failure, now)?;
    take_away(connection, id, now)
}

/// Replaces what is kept of a mention by what is left of it.
pub(super) fn rewrite(
    connection: &Connection,
    id: MentionId,
    entry: &Entry,
    now: Timestamp,
) -> Result<(), StoreError> {
    media::name(connection, id, entry, now)?;
    let written = entry::write(entry).map_err(|e| StoreError::Other(Box::new(e)))?;
    let mut statement = connection.prepare_cached(
        "UPDATE mention SET entry = ?2 WHERE id = ?1
         RETURNING id, kind, entry ->> '$.rsvp', source, target, page_id, is_shown",
    )?;
    let mut rows = statement.query(params![id.0, written])?;
    let Some(row) = rows.next()? else {
        return Ok(());
    };
    let (page_id, is_shown) = (row.get(5)?, row.get::<_, bool>(6)?);
    let seen = Seen::read(row, 0)?;
    drop(rows);
    if !is_shown {
        return Ok(());
    }
    let mut change = Change::of(page_id, now);
    let counted_as = seen.counted_as;
    change.news();
    change.one_other(connection, seen, counted_as)?;
    change.record(connection)
}

/// Takes a mention away, and says nothing of it to whoever sent it.
pub(super) fn take_away(
    connection: &Connection,
    id: MentionId,
    now: Timestamp,
) -> Result<(), StoreError> {
    media::forget(connection, id, now)?;
    let mut statement = connection.prepare_cached(
        "DELETE FROM mention WHERE id = ?1
         RETURNING id, kind, entry ->> '$.rsvp', source, target, page_id, original, is_shown",
    )?;
    let mut rows = statement.query([id.0])?;
    let Some(row) = rows.next()? else {
        return Ok(());
    };
    let (page_id, original, is_shown) = (
        row.get(5)?,
        row.get::<_, String>(6)?,
        row.get::<_, bool>(7)?,
    );
    let seen = Seen::read(row, 0)?;
    drop(rows);
    if !is_shown {
        return Ok(());
    }
    let mut change = Change::of(page_id, now);
    change.one_less(seen);
    change.settle(connection, &original)?;
    change.record(connection)
}
