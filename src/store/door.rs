//! [`DoorBook`]: the part of the store that is asked before a submission is let in, and what is asked
//! of it at the door and once more when the source was read.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use url::Url;

use super::{Store, StoreError};
use crate::model::{
    Action, Door, Pattern, Rule, Ruling, SiteBase, SiteId, SiteSettings, TargetUrl, Timestamp,
    registrable_domain,
};

/// So long another process may go by what [`DoorBook::door`] said before a change.
pub const DOOR_HOLDS_FOR: Duration = Duration::from_secs(1);

/// The owner's rules, the sites' settings, and the domains that are known.
#[async_trait]
pub trait DoorBook: Send + Sync {
    /// Rules and settings, kept in memory. What another process has changed is seen after a second at
    /// the latest.
    async fn door(&self) -> Result<Arc<Door>, StoreError>;

    /// All rules that hold at `now`, in the order they were made.
    async fn rules(&self, now: Timestamp) -> Result<Vec<Rule>, StoreError>;

    /// Adds rules, and forgets those that have expired before them. A rule with the action, the pattern
    /// and the site of one that is there already replaces its reason, if it has one, and its end, if it
    /// is a later one; the configuration's rules it leaves alone. Returns how many were not there.
    async fn add_rules(&self, rules: Vec<Rule>, now: Timestamp) -> Result<usize, StoreError>;

    /// Removes a rule; `false` if there is none such.
    async fn remove_rule(
        &self,
        action: Action,
        pattern: &Pattern,
        site: Option<SiteId>,
    ) -> Result<bool, StoreError>;

    /// Makes these, blocked for all sites, the rules that stand in the configuration.
    async fn configure_rules(&self, blocked: &[Pattern], now: Timestamp) -> Result<(), StoreError>;

    /// Changes the settings of a site; `false` if there is none with this base.
    async fn set_site(&self, base: &SiteBase, settings: SiteSettings) -> Result<bool, StoreError>;

    /// Whether a mention of a page of this registrable domain was ever verified for `site`.
    async fn knows_domain(&self, site: SiteId, domain: &str) -> Result<bool, StoreError>;

    /// Erases the mentions of the sources that `pattern` covers, of `site` or of all, and forgets that
    /// their domains were known. Returns how many mentions there were.
    async fn purge(
        &self,
        pattern: &Pattern,
        site: Option<SiteId>,
        now: Timestamp,
    ) -> Result<usize, StoreError>;
}

/// What the owner's rules and a site's settings say of a page that would mention it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It is let in, and no vouch is asked for.
    Free,
    /// It is let in if a page that may vouch for others links to its domain. indieweb.org/Vouch
    WithVouch,
    /// A rule turns it away.
    Blocked,
    /// It is a page of the site itself, which takes no mentions of itself.
    SelfPing,
}

/// Whether `page` may mention `site`. Asked of a source before it is stored, and of where it led to.
///
/// # Errors
/// What the store says.
pub async fn admission(
    store: &dyn Store,
    door: &Door,
    page: &Url,
    site: SiteId,
    now: Timestamp,
) -> Result<Admission, StoreError> {
    if door.rules.of_page(page, site, now) == Ruling::Blocked {
        return Ok(Admission::Blocked);
    }
    let settings = door.settings_of(site);
    if !settings.takes_self_pings && is_of_site(store, page, site).await? {
        return Ok(Admission::SelfPing);
    }
    // Who may vouch for others needs nobody's word.
    let is_free = !settings.needs_vouch || may_vouch(store, door, page, site, now).await?;
    Ok(if is_free {
        Admission::Free
    } else {
        Admission::WithVouch
    })
}

/// Whether the page is one of the site's own.
async fn is_of_site(store: &dyn Store, page: &Url, site: SiteId) -> Result<bool, StoreError> {
    let Ok(page) = TargetUrl::parse(page.as_str()) else {
        return Ok(false);
    };
    Ok(store.site_of(&page).await? == Some(site))
}

/// Whether a mention of the page's domain was verified before, or it is one of the site's own.
async fn is_known(store: &dyn Store, page: &Url, site: SiteId) -> Result<bool, StoreError> {
    Ok(store.knows_domain(site, registrable_domain(page)).await?
        || is_of_site(store, page, site).await?)
}

/// Whether the page may vouch for others: it is let in, or known and not blocked.
///
/// # Errors
/// What the store says.
pub async fn may_vouch(
    store: &dyn Store,
    door: &Door,
    page: &Url,
    site: SiteId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    match door.rules.of_page(page, site, now) {
        Ruling::Allowed => Ok(true),
        Ruling::Blocked => Ok(false),
        Ruling::Unlisted => is_known(store, page, site).await,
    }
}
