//! Pictures: which mentions name them, and what came of asking for them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params};

use super::copies::{drop_unshown, file, keep, raise_versions, shrink, use_now};
use super::{SqliteStore, pictures, random_holder, rows};
use crate::model::{
    Cached, Entry, MediaName, MediaType, Mention, MentionId, PictureRole, SourceUrl, Timestamp,
    domain_of, pictures_of,
};
use crate::store::{
    ClaimedPictures, MediaCache, PictureLease, PictureOutcome, PictureRequest, StoreError,
};

/// That a copy was used is written down once in so long: its readers keep it for a year anyway.
const USED_WITHIN: Duration = Duration::from_secs(24 * 3600);

#[async_trait]
impl MediaCache for SqliteStore {
    async fn claim_pictures(
        &self,
        request: PictureRequest,
        now: Timestamp,
    ) -> Result<ClaimedPictures, StoreError> {
        // Mostly there is nothing to do, which costs no turn of the writer.
        let next_at = self.read(pictures::next_turn)?;
        if next_at.is_none_or(|at| at > now) {
            return Ok(ClaimedPictures {
                pictures: Vec::new(),
                next_at,
            });
        }
        let holder = random_holder()?;
        let request = Arc::new(request);
        self.writer
            .run(move |c| pictures::claim(c, &request, holder, now))
            .await
    }

    async fn finish_picture(
        &self,
        lease: PictureLease,
        outcome: PictureOutcome,
        again_at: Timestamp,
        max_bytes: u64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let is_visible = self
            .writer
            .run(move |c| {
                let is_visible = finish(c, lease, &outcome, again_at, now)?;
                Ok(shrink(c, max_bytes, now)? > 0 || is_visible)
            })
            .await?;
        if is_visible {
            self.changes.send_replace(());
        }
        Ok(())
    }

    async fn shrink_media(&self, max_bytes: u64, now: Timestamp) -> Result<usize, StoreError> {
        let count = self.writer.run(move |c| shrink(c, max_bytes, now)).await?;
        if count > 0 {
            self.changes.send_replace(());
        }
        Ok(count)
    }

    async fn media(&self, name: MediaName, now: Timestamp) -> Result<Option<Vec<u8>>, StoreError> {
        let found = self.read(|c| file(c, name))?;
        let Some((bytes, used_at)) = found else {
            return Ok(None);
        };
        if now.since(used_at) >= USED_WITHIN {
            let used = self.writer.run(move |c| use_now(c, name, now)).await;
            // Who wants to see it does not care.
            if let Err(error) = used {
                tracing::debug!(%error, "cannot note that a picture was used");
            }
        }
        Ok(Some(bytes))
    }

    async fn wait_for_pictures(&self, within: Duration) {
        // Elapsed is an answer like any other: another process may have stored a mention.
        let _ = tokio::time::timeout(within, self.pictures.notified()).await;
    }
}

/// Notes which pictures a mention names by now; a new one is due at once.
pub(super) fn name(
    connection: &Connection,
    mention: MentionId,
    entry: &Entry,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut before = uses(connection, mention)?;
    for (role, url) in pictures_of(entry) {
        // What we could not ask for is shown by nobody.
        let Ok(url) = SourceUrl::parse(url) else {
            continue;
        };
        let picture = find_or_add(connection, role, &url, now)?;
        if let Some(at) = before.iter().position(|known| *known == picture) {
            before.swap_remove(at);
            continue;
        }
        connection
            .prepare_cached(
                "INSERT OR IGNORE INTO picture_use (mention_id, picture_id) VALUES (?1, ?2)",
            )?
            .execute(params![mention.0, picture])?;
    }
    for picture in before {
        connection
            .prepare_cached("DELETE FROM picture_use WHERE mention_id = ?1 AND picture_id = ?2")?
            .execute(params![mention.0, picture])?;
        drop_unused(connection, picture, now)?;
    }
    Ok(())
}

/// The mention goes: so do the pictures that no other one names, and their copies.
pub(super) fn forget(
    connection: &Connection,
    mention: MentionId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let named = uses(connection, mention)?;
    if named.is_empty() {
        return Ok(());
    }
    connection
        .prepare_cached("DELETE FROM picture_use WHERE mention_id = ?1")?
        .execute([mention.0])?;
    named
        .into_iter()
        .try_for_each(|picture| drop_unused(connection, picture, now))
}

/// Many mentions went at once.
pub(super) fn forget_unused(connection: &Connection) -> Result<(), StoreError> {
    connection.execute_batch(
        "DELETE FROM picture WHERE NOT EXISTS (SELECT 1 FROM picture_use WHERE picture_id = id);
         DELETE FROM media WHERE NOT EXISTS (SELECT 1 FROM picture WHERE media_hash = hash);",
    )?;
    Ok(())
}

/// Fills in the copies of the pictures that mentions name: those with these numbers, a JSON array.
pub(super) fn show(
    connection: &Connection,
    numbers: &str,
    mentions: &mut [Mention],
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT u.mention_id, p.role, p.url, d.hash, d.form, d.width, d.height
         FROM json_each(?1) AS n CROSS JOIN picture_use AS u ON u.mention_id = n.value
           CROSS JOIN picture AS p ON p.id = u.picture_id
           CROSS JOIN media AS d ON d.hash = p.media_hash",
    )?;
    let mut found = statement.query([numbers])?;
    let mut places: HashMap<MentionId, usize> = HashMap::new();
    while let Some(row) = found.next()? {
        if places.is_empty() {
            let numbered = mentions.iter().enumerate();
            places.extend(numbered.map(|(place, mention)| (mention.id, place)));
        }
        let place = places.get(&MentionId(row.get(0)?));
        let Some(mention) = place.and_then(|place| mentions.get_mut(*place)) else {
            continue;
        };
        mention.pictures.0.push(Cached {
            role: role(rows::text(row, 1)?)?,
            url: row.get(2)?,
            name: MediaName {
                hash: row.get(3)?,
                form: form(rows::text(row, 4)?)?,
            },
            width: row.get(5)?,
            height: row.get(6)?,
        });
    }
    Ok(())
}

pub(super) fn role(name: &str) -> Result<PictureRole, StoreError> {
    PictureRole::from_name(name).ok_or_else(|| StoreError::Corrupt(format!("role: {name}")))
}

fn form(name: &str) -> Result<MediaType, StoreError> {
    MediaType::from_extension(name).ok_or_else(|| StoreError::Corrupt(format!("form: {name}")))
}

/// The pictures that a mention names and would not if it said this.
pub(super) fn uses_without(
    connection: &Connection,
    mention: MentionId,
    entry: &Entry,
) -> Result<Vec<i64>, StoreError> {
    let named: Vec<_> = pictures_of(entry)
        .into_iter()
        .filter_map(|(role, url)| Some((role.as_str(), SourceUrl::parse(url).ok()?)))
        .collect();
    let mut statement = connection.prepare_cached(
        "SELECT p.id, p.role, p.url
         FROM picture_use AS u JOIN picture AS p ON p.id = u.picture_id WHERE u.mention_id = ?1",
    )?;
    let mut rows = statement.query([mention.0])?;
    let mut unnamed = Vec::new();
    while let Some(row) = rows.next()? {
        let (role, url) = (rows::text(row, 1)?, rows::text(row, 2)?);
        if !named.iter().any(|(r, u)| *r == role && u.as_str() == url) {
            unnamed.push(row.get(0)?);
        }
    }
    Ok(unnamed)
}

/// The pictures that a mention names.
pub(super) fn uses(connection: &Connection, mention: MentionId) -> Result<Vec<i64>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT picture_id FROM picture_use WHERE mention_id = ?1")?;
    let found = statement.query_map([mention.0], |row| row.get(0))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// The number of a picture, which is there from now on.
fn find_or_add(
    connection: &Connection,
    role: PictureRole,
    url: &SourceUrl,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let known = connection
        .prepare_cached("SELECT id FROM picture WHERE url = ?1 AND role = ?2")?
        .query_row(params![url.as_str(), role.as_str()], |row| row.get(0))
        .optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    let domain = domain_of(url.host());
    pictures::wake(connection, domain, now)?;
    Ok(connection
        .prepare_cached(
            "INSERT INTO picture (role, url, domain, due_at) VALUES (?1, ?2, ?3, ?4) RETURNING id",
        )?
        .query_row(
            params![role.as_str(), url.as_str(), domain, now.as_millis()],
            |row| row.get(0),
        )?)
}

/// Removes a picture that no mention names, and its copy.
fn drop_unused(connection: &Connection, picture: i64, now: Timestamp) -> Result<(), StoreError> {
    let dropped = connection
        .prepare_cached(
            "DELETE FROM picture WHERE id = ?1
               AND NOT EXISTS (SELECT 1 FROM picture_use WHERE picture_id = ?1)
             RETURNING domain, media_hash",
        )?
        .query_row([picture], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Option<[u8; 16]>>(1)?))
        })
        .optional()?;
    let Some((domain, hash)) = dropped else {
        return Ok(());
    };
    pictures::settle(connection, &domain, now)?;
    match hash {
        Some(hash) => drop_unshown(connection, hash),
        None => Ok(()),
    }
}

/// Whether readers see something else from now on.
fn finish(
    connection: &Connection,
    lease: PictureLease,
    outcome: &PictureOutcome,
    again_at: Timestamp,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let leased = connection
        .prepare_cached("SELECT domain, media_hash FROM picture WHERE id = ?1 AND lease = ?2")?
        .query_row(params![lease.picture, lease.holder], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Option<[u8; 16]>>(1)?))
        })
        .optional()?;
    let (domain, before) = leased.ok_or(StoreError::LeaseLost)?;
    let after = match outcome {
        PictureOutcome::Copied { copy, validators } => {
            keep(connection, copy, now)?;
            let (url, etag, last_modified) = rows::validator_columns(validators.as_ref());
            connection
                .prepare_cached(
                    "UPDATE picture SET page_url = ?2, etag = ?3, last_modified = ?4 WHERE id = ?1",
                )?
                .execute(params![lease.picture, url, etag, last_modified])?;
            Some(copy.name.hash)
        }
        PictureOutcome::Unchanged => before,
        PictureOutcome::Failed {
            is_gone,
            hold_until,
            ..
        } => {
            if let Some(until) = *hold_until {
                pictures::hold(connection, &domain, until)?;
            }
            before.filter(|_| !*is_gone)
        }
    };
    let failure = match outcome {
        PictureOutcome::Failed { failure, .. } => Some(failure.as_str()),
        PictureOutcome::Copied { .. } | PictureOutcome::Unchanged => None,
    };
    connection
        .prepare_cached(
            "UPDATE picture SET lease = NULL, due_at = ?2, media_hash = ?3, failure = ?4,
               failures = CASE WHEN ?4 IS NULL THEN 0 ELSE failures + 1 END
             WHERE id = ?1",
        )?
        .execute(params![lease.picture, again_at.as_millis(), after, failure])?;
    pictures::settle(connection, &domain, now)?;
    if before != after {
        raise_versions(connection, lease.picture, now)?;
        if let Some(before) = before {
            drop_unshown(connection, before)?;
        }
    }
    Ok(before != after)
}
