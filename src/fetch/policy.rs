//! The fetch policy (stub to be filled).

/// Why a URL or an address may not be fetched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Neither http nor https.
    #[error("scheme {0}")]
    Scheme(String),
}
