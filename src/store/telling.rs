//! [`TellingBook`]: how far a hub was told of what has changed on each site, and who tells it.

use std::time::Duration;

use async_trait::async_trait;

use super::{Cursor, StoreError};
use crate::model::{SiteId, Timestamp};

/// What a store remembers of what was told.
#[async_trait]
pub trait TellingBook: Send + Sync {
    /// Begins here and now, unless it was begun before: what had changed by then is told to nobody.
    async fn begin_telling(&self) -> Result<(), StoreError>;

    /// Takes the telling of a site's changes on until `now` plus `lease`; where to go on. `None` if somebody
    /// else, by another `holder`, has it. Of a site that came after the beginning all is told.
    async fn take_telling(
        &self,
        site: SiteId,
        holder: i64,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Option<Cursor>, StoreError>;

    /// Remembers that all changes of the site up to `place` were told, if they were `holder`'s to tell; whether
    /// they were.
    async fn told(&self, site: SiteId, holder: i64, place: Cursor) -> Result<bool, StoreError>;

    /// Leaves the site to whoever takes it next, if it is `holder`'s.
    async fn release_telling(&self, site: SiteId, holder: i64) -> Result<(), StoreError>;
}
