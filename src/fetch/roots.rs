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

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<usize, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        std::fs::write(&file, text).unwrap();
        read(&file)
            .map(|found| found.len())
            .map_err(|e| e.to_string())
    }

    #[test]
    fn certificates_are_taken_from_among_other_things_and_none_is_an_error() {
        let certificate = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
        let key = "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n";
        assert_eq!(
            read_text(&format!("{certificate}of ours\n{key}{certificate}")),
            Ok(2)
        );
        for (text, want) in [
            ("", "no certificate in it"),
            (key, "no certificate in it"),
            (
                "-----BEGIN CERTIFICATE-----\nMAA=\n",
                "not certificates in PEM: ",
            ),
        ] {
            let error = read_text(text).unwrap_err();
            assert!(error.starts_with(want), "{text}: {error}");
        }
        let missing = read(Path::new("/nowhere/ca.pem"));
        assert!(matches!(missing, Err(RootsError::Read(_))), "{missing:?}");
    }
}
