//! Sites and their bases.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OptionalExtension, params};

use super::{lists, media, pages, receipts};
use crate::model::{PageKey, Site, SiteBase, SiteId, StatusKey, TargetUrl, Timestamp};
use crate::store::StoreError;

/// How long a site that was found is taken for granted: another process may have removed it.
const REMEMBERED: Duration = Duration::from_secs(2);

/// The sites that were asked for lately, so that a submission needs no query for its site. It holds
/// what is in the table only, however many other hosts are asked for.
#[derive(Default)]
pub(super) struct SiteCache(RwLock<HashMap<String, Remembered>>);

struct Remembered {
    bases: Vec<(SiteBase, SiteId)>,
    at: Instant,
}

impl SiteCache {
    /// The site of `target`, if it was found lately.
    pub(super) fn find(&self, target: &TargetUrl) -> Option<SiteId> {
        let sites = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let remembered = sites.get(&target.authority())?;
        if remembered.at.elapsed() > REMEMBERED {
            return None;
        }
        site_among(&remembered.bases, target.as_url().path())
    }

    /// Keeps the bases of the target's host, and returns the target's site.
    pub(super) fn remember(
        &self,
        target: &TargetUrl,
        bases: Vec<(SiteBase, SiteId)>,
    ) -> Option<SiteId> {
        let site = site_among(&bases, target.as_url().path());
        let mut sites = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if bases.is_empty() {
            sites.remove(&target.authority());
        } else {
            let at = Instant::now();
            sites.insert(target.authority(), Remembered { bases, at });
        }
        site
    }

    /// Forgets everything: a site was added or removed.
    pub(super) fn forget(&self) {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

/// The site of the first base that covers a path of its host: they come longest path first.
fn site_among(bases: &[(SiteBase, SiteId)], path: &str) -> Option<SiteId> {
    bases
        .iter()
        .find(|(base, _)| base.covers_path(path))
        .map(|(_, id)| *id)
}

/// The site that a page is of, by the bases as they are: what a submission or a cache says may be older.
pub(super) fn site_of_page(
    connection: &Connection,
    page: &PageKey,
) -> Result<Option<SiteId>, StoreError> {
    let bases = bases_of(connection, page.authority())?;
    Ok(site_among(&bases, page.path()))
}

/// The bases on a host, longest path first.
pub(super) fn bases_of(
    connection: &Connection,
    authority: &str,
) -> Result<Vec<(SiteBase, SiteId)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT path, site_id FROM site_base WHERE authority = ?1 ORDER BY length(path) DESC",
    )?;
    let mut rows = statement.query([authority])?;
    let mut bases = Vec::new();
    while let Some(row) = rows.next()? {
        let base = SiteBase::from_parts(authority.to_owned(), row.get(0)?);
        bases.push((base, SiteId(row.get(1)?)));
    }
    Ok(bases)
}

pub(super) fn sites(connection: &Connection) -> Result<Vec<Site>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT s.id, s.created_at, b.authority, b.path
         FROM site AS s JOIN site_base AS b ON b.site_id = s.id
         ORDER BY s.id, b.position",
    )?;
    let mut rows = statement.query([])?;
    let mut sites: Vec<Site> = Vec::new();
    while let Some(row) = rows.next()? {
        let id = SiteId(row.get(0)?);
        let base = SiteBase::from_parts(row.get(2)?, row.get(3)?);
        match sites.last_mut() {
            Some(site) if site.id == id => site.bases.push(base),
            _ => sites.push(Site {
                id,
                bases: vec![base],
                created_at: Timestamp::from_millis(row.get(1)?),
            }),
        }
    }
    Ok(sites)
}

pub(super) fn site_with(
    connection: &Connection,
    base: &SiteBase,
) -> Result<Option<SiteId>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT site_id FROM site_base WHERE authority = ?1 AND path = ?2")?
        .query_row(params![base.authority(), base.path()], |row| {
            row.get(0).map(SiteId)
        })
        .optional()?)
}

pub(super) fn add(
    connection: &Connection,
    bases: &[SiteBase],
    now: Timestamp,
) -> Result<Site, StoreError> {
    let known = match bases.first() {
        Some(first) => site_with(connection, first)?,
        None => None,
    };
    let id = if let Some(id) = known {
        id
    } else {
        connection.execute(
            "INSERT INTO site (created_at) VALUES (?1)",
            [now.as_millis()],
        )?;
        SiteId(connection.last_insert_rowid())
    };
    for base in bases {
        // A base that another site has stays with it: the caller is shown what it got.
        let added = connection.execute(
            "INSERT OR IGNORE INTO site_base (authority, path, site_id, position)
             VALUES (?1, ?2, ?3, (SELECT count(*) FROM site_base WHERE site_id = ?3))",
            params![base.authority(), base.path(), id.0],
        )?;
        if added > 0 {
            rehome_pages(connection, base, now)?;
            rehome_claims(connection, base, now)?;
        }
    }
    sites(connection)?
        .into_iter()
        .find(|site| site.id == id)
        .ok_or_else(|| StoreError::Corrupt("a site without a base".to_owned()))
}

/// Gives the pages under a new base to the site with the longest fitting path: a site that is added
/// inside another takes its pages over, and they survive the other's removal.
///
/// The keys under a base lie together in the index, with some beside it that are not: `ex.com/~anna` is not
/// under `ex.com/~ann`, but `ex.com/~ann?p=1` is. Pages far from it are not looked at.
fn rehome_pages(
    connection: &Connection,
    base: &SiteBase,
    now: Timestamp,
) -> Result<(), StoreError> {
    let bases = bases_of(connection, base.authority())?;
    let mut statement = connection.prepare(
        "SELECT id, site_id, key FROM page WHERE key >= ?1 AND key < ?1 || char(1114111)",
    )?;
    let mut found = statement.query([base.to_string()])?;
    let mut moved: Vec<(i64, SiteId)> = Vec::new();
    while let Some(row) = found.next()? {
        let key = PageKey::from_text(row.get(2)?);
        if key.authority() != base.authority() {
            continue;
        }
        match site_among(&bases, key.path()) {
            Some(site) if site.0 != row.get::<_, i64>(1)? => moved.push((row.get(0)?, site)),
            _ => {}
        }
    }
    for (page_id, site) in moved {
        pages::rehome(connection, page_id, site, now)?;
    }
    Ok(())
}

/// The same for what was submitted: it waits in the queue, or has its receipt.
///
/// Looks at all submissions and receipts of the sites on the base's host: adding a site is rare.
fn rehome_claims(
    connection: &Connection,
    base: &SiteBase,
    now: Timestamp,
) -> Result<(), StoreError> {
    let bases = bases_of(connection, base.authority())?;
    // A target may be the base itself, without its slash.
    let prefix = base.to_string();
    let prefix = prefix.trim_end_matches('/');
    for (table, order) in [("submission", "id"), ("receipt", "number")] {
        let mut moved: Vec<(StatusKey, SiteId)> = Vec::new();
        {
            let mut statement = connection.prepare(&format!(
                "SELECT key, target, site_id FROM {table}
                 WHERE site_id IN (SELECT site_id FROM site_base WHERE authority = ?1)
                   AND substr(target, instr(target, '://') + 3, length(?2)) = ?2
                 ORDER BY {order}"
            ))?;
            let mut found = statement.query(params![base.authority(), prefix])?;
            while let Some(row) = found.next()? {
                let Ok(target) = TargetUrl::parse(&row.get::<_, String>(1)?) else {
                    continue;
                };
                match site_among(&bases, target.as_url().path()) {
                    Some(site) if site.0 != row.get::<_, i64>(2)? => {
                        moved.push((row.get(0)?, site));
                    }
                    _ => {}
                }
            }
        }
        for (key, site) in moved {
            if table == "receipt" {
                receipts::rehome(connection, key, site, now)?;
            } else {
                connection
                    .prepare_cached("UPDATE submission SET site_id = ?2 WHERE key = ?1")?
                    .execute(params![key, site.0])?;
            }
        }
    }
    Ok(())
}

pub(super) fn remove(connection: &Connection, base: &SiteBase) -> Result<bool, StoreError> {
    let Some(id) = site_with(connection, base)? else {
        return Ok(false);
    };
    connection.execute("DELETE FROM site WHERE id = ?1", [id.0])?;
    // Its rules and settings are gone with it; the next site may get its number.
    lists::changed(connection)?;
    media::forget_unused(connection)?;
    Ok(true)
}
