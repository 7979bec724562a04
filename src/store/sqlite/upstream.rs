//! Pages whose mentions have changed, and the webmentions that tell others so.

use std::time::Duration;

use async_trait::async_trait;
use rusqlite::params;

use super::{SqliteStore, rows};
use crate::model::{SourceUrl, TargetUrl, Timestamp};
use crate::store::StoreError;
use crate::store::upstream::{ChangedPage, Ping, TellTerms, Upstream};

/// What nobody was told of for so long is told no more; what was sent is remembered for as long.
const TOO_LATE: Duration = Duration::from_secs(24 * 3600);

#[async_trait]
impl Upstream for SqliteStore {
    async fn changed_pages(
        &self,
        terms: TellTerms,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<ChangedPage>, StoreError> {
        let before = now.before(terms.delay);
        if !self.is_any("SELECT 1 FROM page WHERE changed_at <= ?1", before)? {
            return Ok(Vec::new());
        }
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.writer
            .run(move |c| {
                c.execute(
                    "UPDATE page SET changed_at = NULL WHERE changed_at < ?1",
                    [now.before(TOO_LATE).as_millis()],
                )?;
                let mut statement = c.prepare_cached(
                    "UPDATE page SET told_at = ?1 WHERE id IN (
                       SELECT id FROM page
                       WHERE changed_at <= ?2 AND told_at <= ?3 AND url IS NOT NULL
                       ORDER BY changed_at LIMIT ?4)
                     RETURNING id, url, changed_at",
                )?;
                let mut found = statement.query(params![
                    now.as_millis(),
                    now.before(terms.delay).as_millis(),
                    now.before(terms.interval).as_millis(),
                    limit,
                ])?;
                let mut pages = Vec::new();
                while let Some(row) = found.next()? {
                    pages.push(ChangedPage {
                        id: row.get(0)?,
                        url: rows::target(&row.get::<_, String>(1)?)?,
                        changed_at: Timestamp::from_millis(row.get(2)?),
                    });
                }
                Ok(pages)
            })
            .await
    }

    async fn plan_pings(
        &self,
        page: ChangedPage,
        pings: Vec<(SourceUrl, TargetUrl)>,
        terms: TellTerms,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let interval = i64::try_from(terms.interval.as_millis()).unwrap_or(i64::MAX);
        self.writer
            .run(move |c| {
                // What has changed since it was given out has a later time.
                c.execute(
                    "UPDATE page SET changed_at = NULL WHERE id = ?1 AND changed_at = ?2",
                    params![page.id, page.changed_at.as_millis()],
                )?;
                let mut statement = c.prepare_cached(
                    "INSERT INTO ping (page_id, source, target, due_at)
                     SELECT id, ?2, ?3, ?4 FROM page WHERE id = ?1
                     ON CONFLICT (source, target) DO UPDATE SET
                       due_at = coalesce(due_at, max(excluded.due_at, sent_at + ?5)), attempts = 0",
                )?;
                for (source, target) in &pings {
                    statement.execute(params![
                        page.id,
                        source.as_str(),
                        target.as_str(),
                        now.as_millis(),
                        interval,
                    ])?;
                }
                Ok(())
            })
            .await
    }

    async fn due_pings(
        &self,
        limit: usize,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Vec<Ping>, StoreError> {
        if !self.is_any("SELECT 1 FROM ping WHERE due_at <= ?1", now)? {
            return Ok(Vec::new());
        }
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.writer
            .run(move |c| {
                c.execute(
                    "DELETE FROM ping WHERE due_at IS NULL AND sent_at < ?1",
                    [now.before(TOO_LATE).as_millis()],
                )?;
                let mut statement = c.prepare_cached(
                    "UPDATE ping SET due_at = ?2, attempts = attempts + 1 WHERE id IN (
                       SELECT id FROM ping WHERE due_at <= ?1 ORDER BY due_at LIMIT ?3)
                     RETURNING id, source, target, attempts",
                )?;
                let mut found = statement.query(params![
                    now.as_millis(),
                    now.plus(lease).as_millis(),
                    limit
                ])?;
                let mut pings = Vec::new();
                while let Some(row) = found.next()? {
                    pings.push(Ping {
                        id: row.get(0)?,
                        source: rows::source(&row.get::<_, String>(1)?)?,
                        target: rows::target(&row.get::<_, String>(2)?)?,
                        attempts: row.get(3)?,
                    });
                }
                Ok(pings)
            })
            .await
    }

    async fn ping_ended(
        &self,
        ping: i64,
        again_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.writer
            .run(move |c| {
                c.execute(
                    "UPDATE ping SET due_at = ?2, sent_at = ?3 WHERE id = ?1",
                    params![ping, again_at.map(Timestamp::as_millis), now.as_millis()],
                )?;
                Ok(())
            })
            .await
    }
}
