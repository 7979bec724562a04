//! The tokens of the sites' owners.

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use rusqlite::{OptionalExtension, params};
use sha2::Sha256;

use super::{SqliteStore, sites};
use crate::model::{SiteBase, SiteId, Timestamp};
use crate::store::{StoreError, Token, TokenBook};

/// A token's bytes: the first tell which it is, the others that it is the one. What is stored of those is
/// a hash: who reads the database reads no token in it.
struct Parts {
    selector: [u8; 8],
    secret: [u8; 24],
}

impl Parts {
    fn random() -> Result<Self, StoreError> {
        let (mut selector, mut secret) = ([0; 8], [0; 24]);
        for part in [&mut selector[..], &mut secret[..]] {
            getrandom::fill(part).map_err(|e| StoreError::Other(Box::new(e)))?;
        }
        Ok(Self { selector, secret })
    }

    fn parse(token: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (selector, secret) = bytes.split_first_chunk()?;
        Some(Self {
            selector: *selector,
            secret: secret.try_into().ok()?,
        })
    }

    fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode([&self.selector[..], &self.secret[..]].concat())
    }

    /// The keyed hash whose key is the secret.
    fn mac(&self) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mac = Hmac::<Sha256>::new_from_slice(&self.secret).expect("HMAC takes any key length");
        mac.chain_update(b"token")
    }
}

#[async_trait]
impl TokenBook for SqliteStore {
    async fn add_token(
        &self,
        base: &SiteBase,
        name: &str,
        now: Timestamp,
    ) -> Result<Option<String>, StoreError> {
        let parts = Parts::random()?;
        let text = parts.text();
        let (base, name) = (base.clone(), name.to_owned());
        let hash: [u8; 32] = parts.mac().finalize().into_bytes().into();
        let added = self
            .writer
            .run(move |c| {
                let Some(site) = sites::site_with(c, &base)? else {
                    return Ok(false);
                };
                c.execute(
                    "INSERT INTO token (site_id, selector, hash, name, created_at)
                     VALUES (?1, ?2, ?3, ?4, ?5)",
                    params![site.0, parts.selector, hash, name, now.as_millis()],
                )?;
                Ok(true)
            })
            .await?;
        Ok(added.then_some(text))
    }

    async fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        self.read(|c| {
            let mut statement =
                c.prepare_cached("SELECT id, site_id, name, created_at FROM token ORDER BY id")?;
            let found = statement.query_map([], |row| {
                Ok(Token {
                    id: row.get(0)?,
                    site: SiteId(row.get(1)?),
                    name: row.get(2)?,
                    created_at: Timestamp::from_millis(row.get(3)?),
                })
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    async fn remove_token(&self, id: i64) -> Result<bool, StoreError> {
        self.writer
            .run(move |c| Ok(c.execute("DELETE FROM token WHERE id = ?1", [id])? > 0))
            .await
    }

    async fn site_of_token(&self, token: &str) -> Result<Option<SiteId>, StoreError> {
        let Some(parts) = Parts::parse(token) else {
            return Ok(None);
        };
        let found = self.read(|c| {
            Ok(
                c.prepare_cached("SELECT site_id, hash FROM token WHERE selector = ?1")?
                    .query_row([parts.selector], |row| {
                        Ok((SiteId(row.get(0)?), row.get::<_, [u8; 32]>(1)?))
                    })
                    .optional()?,
            )
        })?;
        // Compared in constant time: how long it takes tells nothing of how far a guess was right.
        Ok(found
            .filter(|(_, hash)| parts.mac().verify_slice(hash).is_ok())
            .map(|(site, _)| site))
    }
}
