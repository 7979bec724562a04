//! The door's tables: rules, sites' settings, and known domains; and the copy of them in memory.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, params};
use tracing::error;

use super::snapshot::Snapshot;
use super::{SqliteStore, open_reader, sites};
use crate::model::{
    Action, Door, Pattern, Rule, Rules, SiteBase, SiteId, SiteSettings, SourceUrl, Timestamp,
    registrable_domain,
};
use crate::store::StoreError;
use crate::store::door::{DOOR_HOLDS_FOR, DoorBook};

/// What is known of the door, and since when.
#[derive(Default)]
pub(super) struct DoorCache(Mutex<Option<Kept>>);

#[derive(Clone)]
struct Kept {
    door: Arc<Door>,
    version: i64,
    /// When the version was last compared; `None`: it must be now.
    looked_at: Option<Instant>,
}

impl DoorCache {
    /// The copy, and whether it is fresh. Of several that ask for one that is not, the first is told so;
    /// the others go on with it.
    fn get(&self) -> Option<(Kept, bool)> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let copy = kept.as_mut()?;
        let is_fresh = copy
            .looked_at
            .is_some_and(|at| at.elapsed() < DOOR_HOLDS_FOR);
        if !is_fresh {
            copy.looked_at = Some(Instant::now());
        }
        Some((copy.clone(), is_fresh))
    }

    fn set(&self, copy: Kept) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Two may have read at the same time, the older one more slowly.
        if kept
            .as_ref()
            .is_none_or(|kept| kept.version <= copy.version)
        {
            *kept = Some(copy);
        }
    }

    /// Something was changed here: look at once.
    pub(super) fn doubt(&self) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(copy) = kept.as_mut() {
            copy.looked_at = None;
        }
    }
}

#[async_trait]
impl DoorBook for SqliteStore {
    async fn door(&self) -> Result<Arc<Door>, StoreError> {
        let kept = self.doors.get();
        if let Some((copy, is_fresh)) = kept
            && (is_fresh || copy.version == self.read(version)?)
        {
            return Ok(copy.door);
        }
        let path = self.path.clone();
        // A hundred thousand rules take a while to read.
        let copy = tokio::task::spawn_blocking(move || load(&path))
            .await
            .map_err(|e| StoreError::Other(Box::new(e)))??;
        let door = Arc::clone(&copy.door);
        self.doors.set(copy);
        Ok(door)
    }

    async fn rules(&self, now: Timestamp) -> Result<Vec<Rule>, StoreError> {
        self.read(|c| {
            let mut all = Vec::new();
            each_rule(c, |rule| all.push(rule))?;
            all.retain(|rule| rule.expires_at.is_none_or(|end| now < end));
            Ok(all)
        })
    }

    async fn add_rules(&self, rules: Vec<Rule>, now: Timestamp) -> Result<usize, StoreError> {
        let added = self.writer.run(move |c| add(c, &rules, now)).await;
        self.doors.doubt();
        added
    }

    async fn remove_rule(
        &self,
        action: Action,
        pattern: &Pattern,
        site: Option<SiteId>,
    ) -> Result<bool, StoreError> {
        let pattern = pattern.to_string();
        let removed = self
            .writer
            .run(move |c| {
                let removed = c.execute(
                    "DELETE FROM rule
                     WHERE action = ?1 AND pattern = ?2 AND coalesce(site_id, 0) = ?3",
                    params![action.as_str(), pattern, site.map_or(0, |site| site.0)],
                )?;
                changed(c)?;
                Ok(removed > 0)
            })
            .await;
        self.doors.doubt();
        removed
    }

    async fn configure_rules(&self, blocked: &[Pattern], now: Timestamp) -> Result<(), StoreError> {
        let blocked: Vec<String> = blocked.iter().map(ToString::to_string).collect();
        let configured = self
            .writer
            .run(move |c| {
                c.execute("DELETE FROM rule WHERE is_configured", [])?;
                for pattern in &blocked {
                    c.execute(
                        "INSERT INTO rule (action, pattern, reason, created_at, is_configured)
                         VALUES ('block', ?1, '', ?2, TRUE)
                         ON CONFLICT DO UPDATE SET expires_at = NULL",
                        params![pattern, now.as_millis()],
                    )?;
                }
                changed(c)
            })
            .await;
        self.doors.doubt();
        configured
    }

    async fn set_site(&self, base: &SiteBase, settings: SiteSettings) -> Result<bool, StoreError> {
        let base = base.clone();
        let set = self
            .writer
            .run(move |c| {
                let Some(id) = sites::site_with(c, &base)? else {
                    return Ok(false);
                };
                c.execute(
                    "UPDATE site SET needs_vouch = ?2, takes_self_pings = ?3, takes_private = ?4
                     WHERE id = ?1",
                    params![
                        id.0,
                        settings.needs_vouch,
                        settings.takes_self_pings,
                        settings.takes_private
                    ],
                )?;
                changed(c)?;
                Ok(true)
            })
            .await;
        self.doors.doubt();
        set
    }

    async fn knows_domain(&self, site: SiteId, domain: &str) -> Result<bool, StoreError> {
        self.read(|c| {
            Ok(c.prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM known_domain WHERE site_id = ?1 AND domain = ?2)",
            )?
            .query_row(params![site.0, domain], |row| row.get(0))?)
        })
    }

    async fn purge(
        &self,
        pattern: &Pattern,
        site: Option<SiteId>,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        self.purge_covered(pattern, site, now).await
    }
}

/// The number of the last change of rules or settings.
fn version(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection
        .prepare_cached("SELECT value FROM setting WHERE name = 'door_version'")?
        .query_row([], |row| row.get::<_, Vec<u8>>(0))
        .optional()?
        .and_then(|bytes| bytes.try_into().ok())
        .map_or(0, i64::from_be_bytes))
}

/// Tells all processes that rules or settings have changed.
pub(super) fn changed(connection: &Connection) -> Result<(), StoreError> {
    let next = version(connection)?.saturating_add(1);
    connection.execute(
        "INSERT INTO setting (name, value) VALUES ('door_version', ?1)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        [next.to_be_bytes()],
    )?;
    Ok(())
}

fn load(path: &Path) -> Result<Kept, StoreError> {
    let connection = open_reader(path)?;
    // One snapshot: the version must be that of the rows.
    let snapshot = Snapshot::of(&connection)?;
    let mut rules = Rules::default();
    each_rule(&snapshot, |rule| rules.add(&rule))?;
    let settings = settings(&snapshot)?;
    let version = version(&snapshot)?;
    Ok(Kept {
        door: Arc::new(Door { rules, settings }),
        version,
        looked_at: Some(Instant::now()),
    })
}

fn settings(connection: &Connection) -> Result<HashMap<SiteId, SiteSettings>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT id, needs_vouch, takes_self_pings, takes_private FROM site
         WHERE needs_vouch OR NOT takes_self_pings OR takes_private",
    )?;
    let settings = statement.query_map([], |row| {
        let settings = SiteSettings {
            needs_vouch: row.get(1)?,
            takes_self_pings: row.get(2)?,
            takes_private: row.get(3)?,
        };
        Ok((SiteId(row.get(0)?), settings))
    })?;
    Ok(settings.collect::<Result<_, _>>()?)
}

pub(super) fn each_rule(
    connection: &Connection,
    mut take: impl FnMut(Rule),
) -> Result<(), StoreError> {
    let mut statement = connection.prepare(
        "SELECT action, pattern, site_id, reason, created_at, expires_at, is_configured
         FROM rule ORDER BY id",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        match rule(row) {
            Ok(rule) => take(rule),
            // One bad row must not close the door to everybody.
            Err(StoreError::Corrupt(what)) => {
                error!(what, "leaving out a rule that cannot be read");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn rule(row: &Row<'_>) -> Result<Rule, StoreError> {
    let (action, pattern): (String, String) = (row.get(0)?, row.get(1)?);
    Ok(Rule {
        action: Action::from_name(&action)
            .ok_or_else(|| StoreError::Corrupt(format!("action: {action}")))?,
        pattern: Pattern::parse(&pattern)
            .map_err(|e| StoreError::Corrupt(format!("pattern {pattern}: {e}")))?,
        site: row.get::<_, Option<i64>>(2)?.map(SiteId),
        reason: row.get(3)?,
        created_at: Timestamp::from_millis(row.get(4)?),
        expires_at: row.get::<_, Option<i64>>(5)?.map(Timestamp::from_millis),
        is_configured: row.get(6)?,
    })
}

fn add(connection: &Connection, rules: &[Rule], now: Timestamp) -> Result<usize, StoreError> {
    connection.execute("DELETE FROM rule WHERE expires_at <= ?1", [now.as_millis()])?;
    let mut insert = connection.prepare_cached(
        "INSERT INTO rule (action, pattern, site_id, reason, created_at, expires_at, is_configured)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
    )?;
    // What is known is never cut short: whoever wants that removes it first. The configuration's rules are
    // changed in the configuration alone.
    let mut update = connection.prepare_cached(
        "UPDATE rule SET reason = CASE WHEN ?4 = '' THEN reason ELSE ?4 END,
           expires_at = CASE WHEN expires_at IS NULL OR ?5 IS NULL THEN NULL ELSE max(expires_at, ?5) END
         WHERE action = ?1 AND pattern = ?2 AND coalesce(site_id, 0) = ?3 AND NOT is_configured",
    )?;
    let mut added = 0_usize;
    for rule in rules {
        let (action, pattern) = (rule.action.as_str(), rule.pattern.to_string());
        let site = rule.site.map(|site| site.0);
        let end = rule.expires_at.map(Timestamp::as_millis);
        let inserted = insert.execute(params![
            action,
            pattern,
            site,
            rule.reason,
            rule.created_at.as_millis(),
            end,
            rule.is_configured
        ])?;
        if inserted == 0 {
            update.execute(params![
                action,
                pattern,
                site.unwrap_or(0),
                rule.reason,
                end
            ])?;
        }
        added = added.saturating_add(inserted);
    }
    changed(connection)?;
    Ok(added)
}

/// Remembers that a mention of a page of the source's domain was verified.
pub(super) fn know(
    connection: &Connection,
    site: SiteId,
    source: &SourceUrl,
    now: Timestamp,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO known_domain (site_id, domain, since) VALUES (?1, ?2, ?3)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            site.0,
            registrable_domain(source.as_url()),
            now.as_millis()
        ])?;
    Ok(())
}
