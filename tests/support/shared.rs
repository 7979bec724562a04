//! Recorded requests of real clients and public suites, which are no part of the project.

use std::path::{Path, PathBuf};

/// The file or folder `part` of that collection; `None`, said aloud, where it is not.
pub(crate) fn shared(part: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("LINKBACK_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    let part = folder.join(part);
    if part.exists() {
        return Some(part);
    }
    let part = part.display();
    eprintln!("skipped: there is no {part}; LINKBACK_SHARED names the folder that holds it");
    None
}
