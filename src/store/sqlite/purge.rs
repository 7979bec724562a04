//! A purge: what is shown of a blocked source goes, and leaves its tombstone.

use rusqlite::{Connection, params};
use url::Url;

use super::{SqliteStore, lists, mentions, rows};
use crate::model::{Failure, FailureKind, MentionId, Pattern, Rules, Ruling, SiteId, Timestamp};
use crate::store::StoreError;

/// So much is erased in one transaction: others wait for it.
pub(super) const AT_ONCE: usize = 200;

impl SqliteStore {
    /// What [`DoorBook::purge`](crate::store::DoorBook::purge) does.
    pub(super) async fn purge_covered(
        &self,
        pattern: &Pattern,
        site: Option<SiteId>,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let found = self.read(|c| {
            let mut stored = Rules::default();
            lists::each_rule(c, |rule| stored.add(&rule))?;
            Covers::new(pattern, stored, now).find(c, site)
        })?;
        for some in found.mentions.chunks(AT_ONCE) {
            let some = some.to_vec();
            self.writer
                .run(move |c| some.iter().try_for_each(|id| take_away(c, *id, now)))
                .await?;
        }
        self.changes.send_replace(());
        let domains = found.domains;
        self.writer
            .run(move |c| domains.iter().try_for_each(|known| unknow(c, known)))
            .await?;
        Ok(found.mentions.len())
    }
}

/// Whom a pattern covers among what is stored.
struct Covers {
    rules: Rules,
    /// All that hold beside it.
    stored: Rules,
    now: Timestamp,
}

/// What a purge takes.
struct Purged {
    mentions: Vec<MentionId>,
    domains: Vec<(SiteId, String)>,
}

impl Covers {
    fn new(pattern: &Pattern, stored: Rules, now: Timestamp) -> Self {
        Self {
            rules: Rules::blocking(pattern),
            stored,
            now,
        }
    }

    /// Whether the pattern covers the page, and no rule lets it in.
    fn covers(&self, url: &Url, site: SiteId) -> bool {
        let ruling = |rules: &Rules| rules.of_page(url, site, self.now);
        ruling(&self.rules) == Ruling::Blocked && ruling(&self.stored) != Ruling::Allowed
    }

    fn find(&self, connection: &Connection, site: Option<SiteId>) -> Result<Purged, StoreError> {
        let (only, site) = (site, site.map(|site| site.0));
        let mut mentions = Vec::new();
        let mut statement = connection.prepare(
            "SELECT m.id, m.source, p.site_id FROM mention AS m JOIN page AS p ON p.id = m.page_id
             WHERE ?1 IS NULL OR p.site_id = ?1",
        )?;
        let mut found = statement.query([site])?;
        while let Some(row) = found.next()? {
            let source = rows::source(&row.get::<_, String>(1)?)?;
            if self.covers(source.as_url(), SiteId(row.get(2)?)) {
                mentions.push(MentionId(row.get(0)?));
            }
        }
        let domains = known_domains(connection, only, |url, site| self.covers(url, site))?;
        Ok(Purged { mentions, domains })
    }
}

/// The known domains, of one site or of all, whose front pages are covered.
pub(super) fn known_domains(
    connection: &Connection,
    site: Option<SiteId>,
    covers: impl Fn(&Url, SiteId) -> bool,
) -> Result<Vec<(SiteId, String)>, StoreError> {
    let mut statement = connection
        .prepare("SELECT site_id, domain FROM known_domain WHERE ?1 IS NULL OR site_id = ?1")?;
    let mut found = statement.query([site.map(|site| site.0)])?;
    let mut domains = Vec::new();
    while let Some(row) = found.next()? {
        let (site, domain) = (SiteId(row.get(0)?), row.get::<_, String>(1)?);
        let url = Url::parse(&format!("https://{domain}/"));
        if url.is_ok_and(|url| covers(&url, site)) {
            domains.push((site, domain));
        }
    }
    Ok(domains)
}

/// Forgets that a domain was known.
pub(super) fn unknow(
    connection: &Connection,
    (site, domain): &(SiteId, String),
) -> Result<(), StoreError> {
    connection.execute(
        "DELETE FROM known_domain WHERE site_id = ?1 AND domain = ?2",
        params![site.0, domain],
    )?;
    Ok(())
}

/// Erases a mention, and leaves a tombstone of each claim that led to it.
fn take_away(connection: &Connection, id: MentionId, now: Timestamp) -> Result<(), StoreError> {
    let blocked = Failure {
        kind: FailureKind::Blocked,
        detail: "removed when its source was blocked".to_owned(),
    };
    mentions::erase(connection, id, Some(&blocked), now)
}
