//! What a scope consists of: pages, or hosts.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, Row, params};

use crate::model::{ChangeNumber, Counts, MentionKind, PageKey, PageVersion};
use crate::store::sqlite::merge::Name;
use crate::store::sqlite::rows;
use crate::store::{MentionQuery, Scope, StoreError, Version};

/// The greatest number that JavaScript reads exactly.
const MAX_NUMBER: i64 = (1 << 53) - 1;

/// What the rows of `mention` are found by: `page_id` or `host_id`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum UnitsAre {
    Pages,
    Hosts,
}

/// A page or a host.
pub(super) struct Unit {
    pub(super) id: i64,
    pub(super) host_id: i64,
    version: ChangeNumber,
    pub(super) counts: Counts,
}

/// What a scope consists of.
pub(super) struct Units {
    pub(super) are: UnitsAre,
    pub(super) all: Vec<Unit>,
}

impl Units {
    pub(super) fn of(connection: &Connection, scope: &Scope) -> Result<Self, StoreError> {
        let hosts = |sql, which: &[&dyn rusqlite::ToSql]| {
            let mut statement = connection.prepare_cached(sql)?;
            let mut found = statement.query(which)?;
            let mut all = Vec::new();
            while let Some(row) = found.next()? {
                all.push(unit(row)?);
            }
            let are = UnitsAre::Hosts;
            Ok(Self { are, all })
        };
        match scope {
            Scope::Pages { keys, site } => {
                let mut all = Vec::with_capacity(keys.len());
                for key in keys.iter().map(PageKey::as_str).collect::<BTreeSet<_>>() {
                    let mut statement = connection.prepare_cached(
                        "SELECT id, host_id, version, counts FROM page
                         WHERE key = ?1 AND (?2 IS NULL OR site_id = ?2)",
                    )?;
                    let mut found = statement.query(params![key, site.map(|site| site.0)])?;
                    if let Some(row) = found.next()? {
                        all.push(unit(row)?);
                    }
                }
                let are = UnitsAre::Pages;
                Ok(Self { are, all })
            }
            Scope::Site(site) => hosts(
                "SELECT id, id, version, counts FROM site_host WHERE site_id = ?1",
                &[&site.0],
            ),
            Scope::Host { authority, site } => match site {
                Some(site) => hosts(
                    "SELECT id, id, version, counts FROM site_host
                     WHERE authority = ?1 AND site_id = ?2",
                    &[authority, &site.0],
                ),
                None => hosts(
                    "SELECT id, id, version, counts FROM site_host WHERE authority = ?1",
                    &[authority],
                ),
            },
        }
    }

    // A later change has a greater number, whatever it is of: where there are as many units as before,
    // and their greatest is the same, nothing has changed. The sum tells both.
    pub(super) fn version(&self) -> Version {
        let numbers = || self.all.iter().map(|unit| unit.version);
        let sum = numbers().fold(0_i64, |sum, number| sum.wrapping_add(number.0));
        Version {
            number: PageVersion(sum & MAX_NUMBER),
            last_change: numbers().max().filter(|number| number.0 > 0),
        }
    }

    /// How many there are of each kind.
    pub(super) fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for unit in &self.all {
            counts.merge(&unit.counts);
        }
        counts
    }

    pub(super) fn count(&self, query: &MentionQuery) -> u64 {
        let counts = self
            .all
            .iter()
            .map(|unit| unit.counts.of(|kind| query.wants(kind)));
        counts.fold(0, u64::saturating_add)
    }

    /// The units and the kinds in them that are asked for, each with the share in `wanted` rows that is its own if
    /// they lie about evenly.
    pub(super) fn ranges(&self, query: &MentionQuery, wanted: usize) -> Vec<Name> {
        let total = self.count(query).max(1);
        let wanted = u64::try_from(wanted).unwrap_or(u64::MAX).min(total);
        let mut names = Vec::new();
        for unit in &self.all {
            // RSVPs are counted by their answers.
            let mut counts: BTreeMap<_, u64> = BTreeMap::new();
            for (key, count) in unit.counts.iter().filter(|(key, _)| query.wants(key.kind)) {
                let sum = counts.entry(key.kind.as_str()).or_default();
                *sum = sum.saturating_add(count);
            }
            names.extend(counts.into_iter().map(|(kind, count)| {
                let share = wanted.saturating_mul(count).div_ceil(total);
                // Some more, for nothing lies quite evenly.
                let ahead = share.saturating_add(share / 4).saturating_add(4);
                Name {
                    ahead: usize::try_from(ahead).unwrap_or(usize::MAX),
                    ..Name::new(unit.id, kind)
                }
            }));
        }
        names
    }

    /// The hosts of the units, each with the kinds that are asked for and shown on it.
    pub(super) fn ranges_of_hosts(&self, query: &MentionQuery) -> Vec<Name> {
        let mut names = BTreeSet::new();
        for unit in &self.all {
            let kinds = unit.counts.iter().map(|(key, _)| key.kind);
            let kinds = kinds.filter(|kind| query.wants(*kind));
            names.extend(kinds.map(|kind| (unit.host_id, kind.as_str())));
        }
        let names = names.into_iter();
        names.map(|(host, kind)| Name::new(host, kind)).collect()
    }

    /// The hosts of the units, each with all the kinds that are asked for: nobody counts what is not shown.
    pub(super) fn ranges_of_unshown(&self, query: &MentionQuery) -> Vec<Name> {
        let hosts: BTreeSet<_> = self.all.iter().map(|unit| unit.host_id).collect();
        let kinds = || {
            MentionKind::ALL
                .into_iter()
                .filter(|kind| query.wants(*kind))
        };
        hosts
            .into_iter()
            .flat_map(|host| kinds().map(move |kind| Name::new(host, kind.as_str())))
            .collect()
    }
}

fn unit(row: &Row<'_>) -> Result<Unit, StoreError> {
    Ok(Unit {
        id: row.get(0)?,
        host_id: row.get(1)?,
        version: ChangeNumber(row.get(2)?),
        counts: rows::counts(row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?)?,
    })
}
