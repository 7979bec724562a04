//! Certificate authorities that the operator trusts besides those of the system.

use std::path::Path;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// A file of certificates that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RootsError {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] std::io::Error),
    /// It is no PEM.
    #[error("not certificates in PEM: {0}")]
    Parse(String),
    /// It holds none.
    #[error("no certificate in it")]
    Empty,
}

/// The certificates in a PEM file; whatever else it holds is passed over.
///
/// # Errors
/// [`RootsError`], if there is none.
pub fn read(file: &Path) -> Result<Vec<CertificateDer<'static>>, RootsError> {
    let pem = std::fs::read(file)?;
    let found = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|e| RootsError::Parse(e.to_string()))?;
    if found.is_empty() {
        return Err(RootsError::Empty);
    }
    Ok(found)
}
