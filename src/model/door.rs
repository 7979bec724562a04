//! [`Door`]: all that is looked at before a submission is let in.

use std::collections::HashMap;

use super::{Rules, SiteId};

/// How a site receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SiteSettings {
    /// Whether a page of a domain that no mention was verified of must bring a vouch. indieweb.org/Vouch
    pub needs_vouch: bool,
    /// Whether pages of the site may mention pages of the same site.
    pub takes_self_pings: bool,
    /// Whether private pages are read with the code that their sender gives, and kept for the owner alone.
    pub takes_private: bool,
}

impl Default for SiteSettings {
    fn default() -> Self {
        Self {
            needs_vouch: false,
            takes_self_pings: true,
            takes_private: false,
        }
    }
}

/// The owner's rules and the sites' settings.
#[derive(Debug, Default)]
pub struct Door {
    /// Who is turned away, and who never is.
    pub rules: Rules,
    /// The settings of the sites that have others than the defaults.
    pub settings: HashMap<SiteId, SiteSettings>,
}

impl Door {
    /// How `site` receives.
    pub fn settings_of(&self, site: SiteId) -> SiteSettings {
        self.settings.get(&site).copied().unwrap_or_default()
    }
}
