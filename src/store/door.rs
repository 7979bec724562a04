//! [`DoorBook`]: the part of the store that is asked before a submission is let in.

use std::sync::Arc;

use async_trait::async_trait;

use super::StoreError;
use crate::model::{Action, Door, Pattern, Rule, SiteBase, SiteId, SiteSettings, Timestamp};

/// The owner's rules, the sites' settings, and the domains that are known.
#[async_trait]
pub trait DoorBook: Send + Sync {
    /// Rules and settings, kept in memory. What another process has changed is seen after a second at
    /// the latest.
    async fn door(&self) -> Result<Arc<Door>, StoreError>;

    /// All rules that hold at `now`, in the order they were made.
    async fn rules(&self, now: Timestamp) -> Result<Vec<Rule>, StoreError>;

    /// Adds rules, and forgets those that have expired before them. A rule with the action, the pattern
    /// and the site of one that is there already replaces its reason and its end. Returns how many were
    /// not there.
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
