//! [`TokenBook`]: the part of the store that knows who reads for a site's owner.

use async_trait::async_trait;

use super::StoreError;
use crate::model::{SiteBase, SiteId, Timestamp};

/// What is known of a token; the token itself is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its number, by which it is removed.
    pub id: i64,
    /// The site that it reads for.
    pub site: SiteId,
    /// The owner's note; may be empty.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// The tokens of the sites' owners.
#[async_trait]
pub trait TokenBook: Send + Sync {
    /// Makes a token for the site with this base and returns it: 43 characters of `A-Z a-z 0-9 - _`.
    /// It cannot be told again. `None` if there is no such site.
    async fn add_token(
        &self,
        base: &SiteBase,
        name: &str,
        now: Timestamp,
    ) -> Result<Option<String>, StoreError>;

    /// All tokens, oldest first.
    async fn tokens(&self) -> Result<Vec<Token>, StoreError>;

    /// Removes a token, which is worth nothing from then on; `false` if there is none such.
    async fn remove_token(&self, id: i64) -> Result<bool, StoreError>;

    /// The site that `token` reads for; `None` if it is none of ours.
    async fn site_of_token(&self, token: &str) -> Result<Option<SiteId>, StoreError>;
}
