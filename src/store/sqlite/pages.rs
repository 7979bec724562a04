//! Pages and the hosts they are on: where mentions are kept, how many are shown, and the numbers of the
//! changes that readers could see.

use rusqlite::{Connection, OptionalExtension, params};

use super::{rows, sites};
use crate::model::{ChangeNumber, Counts, SiteId, TargetUrl, Timestamp};
use crate::store::StoreError;

/// Where a page's mentions are kept.
#[derive(Clone, Copy)]
pub(super) struct Home {
    pub(super) page_id: i64,
    pub(super) host_id: i64,
}

/// The page that the target names, which is there from now on, at the site that its address is of.
///
/// `site` is what the submission was accepted for. It may have been another's already: by a process that did
/// not know yet of a site that was added inside another.
pub(super) fn home_of(
    connection: &Connection,
    site: SiteId,
    target: &TargetUrl,
    now: Timestamp,
) -> Result<Home, StoreError> {
    let key = target.page_key();
    let found = connection
        .prepare_cached("SELECT id, host_id, site_id FROM page WHERE key = ?1")?
        .query_row([key.as_str()], |row| {
            let (page_id, host_id) = (row.get(0)?, row.get(1)?);
            Ok((Home { page_id, host_id }, SiteId(row.get(2)?)))
        })
        .optional()?;
    if let Some((home, _)) = found.filter(|(_, owner)| *owner == site) {
        return Ok(home);
    }
    // SECURITY: a private mention is shown to the owner of its page's site.
    let site = sites::site_of_page(connection, &key)?.unwrap_or(site);
    if let Some((Home { page_id, host_id }, owner)) = found {
        let host_id = if owner == site {
            host_id
        } else {
            rehome(connection, page_id, site, now)?
        };
        return Ok(Home { page_id, host_id });
    }
    let host_id = host_of(connection, site, key.authority())?;
    let page_id = connection
        .prepare_cached(
            "INSERT INTO page (site_id, host_id, key) VALUES (?1, ?2, ?3) RETURNING id",
        )?
        .query_row(params![site.0, host_id, key.as_str()], |row| row.get(0))?;
    Ok(Home { page_id, host_id })
}

/// The row of the site's host, which is there from now on.
fn host_of(connection: &Connection, site: SiteId, authority: &str) -> Result<i64, StoreError> {
    let which = params![authority, site.0];
    let known = connection
        .prepare_cached("SELECT id FROM site_host WHERE authority = ?1 AND site_id = ?2")?
        .query_row(which, |row| row.get(0))
        .optional()?;
    match known {
        Some(id) => Ok(id),
        None => Ok(connection
            .prepare_cached(
                "INSERT INTO site_host (authority, site_id) VALUES (?1, ?2) RETURNING id",
            )?
            .query_row(which, |row| row.get(0))?),
    }
}

/// Gives a page, with all that is known of it, to another site; returns its host there.
pub(super) fn rehome(
    connection: &Connection,
    page_id: i64,
    site: SiteId,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let number = next_change(connection, now)?;
    let (old_host, authority, counts) = connection
        .prepare_cached(
            "SELECT h.id, h.authority, p.counts
             FROM page AS p JOIN site_host AS h ON h.id = p.host_id WHERE p.id = ?1",
        )?
        .query_row([page_id], |row| {
            Ok((
                row.get(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, String>(2)?,
            ))
        })?;
    let host_id = host_of(connection, site, &authority)?;
    let moved = rows::counts(&counts)?;
    for (host, sign) in [(old_host, -1), (host_id, 1)] {
        let mut counts = counts_of_host(connection, host)?;
        for (key, count) in moved.iter() {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            counts.add(key, count.saturating_mul(sign));
        }
        write_host(connection, host, number, &counts)?;
    }
    connection
        .prepare_cached("UPDATE page SET site_id = ?2, host_id = ?3, version = ?4 WHERE id = ?1")?
        .execute(params![page_id, site.0, host_id, number.0])?;
    // Who follows the new site's changes sees them come.
    connection
        .prepare_cached(
            "UPDATE mention SET host_id = ?2, change = iif(is_shown, ?3, change)
             WHERE page_id = ?1",
        )?
        .execute(params![page_id, host_id, number.0])?;
    connection
        .prepare_cached("UPDATE tombstone SET host_id = ?2 WHERE page_id = ?1")?
        .execute(params![page_id, host_id])?;
    Ok(host_id)
}

/// A number for the next change, greater than all before.
pub(super) fn next_change(
    connection: &Connection,
    now: Timestamp,
) -> Result<ChangeNumber, StoreError> {
    let last: Option<i64> = connection
        .prepare_cached("SELECT max(version) FROM site_host")?
        .query_row([], |row| row.get(0))?;
    let now = now.as_millis().saturating_mul(1000);
    Ok(ChangeNumber(
        last.unwrap_or_default().saturating_add(1).max(now),
    ))
}

/// Writes down the last change of a page and of its host, and what became more or less by it.
pub(super) fn changed(
    connection: &Connection,
    page_id: i64,
    number: ChangeNumber,
    change: impl Fn(&mut Counts),
) -> Result<i64, StoreError> {
    let (host_id, counts) = connection
        .prepare_cached("SELECT host_id, counts FROM page WHERE id = ?1")?
        .query_row([page_id], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
    let mut counts = rows::counts(&counts)?;
    change(&mut counts);
    connection
        .prepare_cached("UPDATE page SET version = ?2, counts = ?3 WHERE id = ?1")?
        .execute(params![page_id, number.0, rows::write_counts(&counts)])?;
    let mut counts = counts_of_host(connection, host_id)?;
    change(&mut counts);
    write_host(connection, host_id, number, &counts)?;
    Ok(host_id)
}

fn counts_of_host(connection: &Connection, host_id: i64) -> Result<Counts, StoreError> {
    let counts: String = connection
        .prepare_cached("SELECT counts FROM site_host WHERE id = ?1")?
        .query_row([host_id], |row| row.get(0))?;
    rows::counts(&counts)
}

fn write_host(
    connection: &Connection,
    host_id: i64,
    number: ChangeNumber,
    counts: &Counts,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE site_host SET version = ?2, counts = ?3 WHERE id = ?1")?
        .execute(params![host_id, number.0, rows::write_counts(counts)])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SiteBase;
    use crate::store::sqlite::{SqliteStore, sites};

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    #[tokio::test]
    async fn a_page_that_another_site_has_comes_home_with_the_next_mention() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("t.sqlite")).unwrap();
        let run = store.writer.run(|connection| {
            let add = |base| sites::add(connection, &[SiteBase::parse(base).unwrap()], NOW);
            let outer = add("https://t.example")?.id;
            let inner = add("https://t.example/~ann")?.id;
            let target = TargetUrl::parse("https://t.example/~ann?p=1").unwrap();
            let home = || home_of(connection, inner, &target, NOW);
            let Home { page_id, host_id } = home()?;
            assert_ne!(rehome(connection, page_id, outer, NOW)?, host_id);
            let again = home()?;
            assert_eq!((again.page_id, again.host_id), (page_id, host_id));
            let owner = connection.query_row("SELECT site_id FROM page", [], |row| row.get(0));
            assert_eq!(SiteId(owner?), inner);
            Ok(())
        });
        run.await.unwrap();
    }
}
