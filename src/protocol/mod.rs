//! The wire protocols: request bytes in, [`Submission`](crate::model::Submission)s or refusals out. Pure.
//!
//! Nothing here knows the sites, the network or the store. `docs/protocol.md` says for each
//! requirement where it is met.

pub mod pingback;
pub mod webmention;
pub mod xmlrpc;

#[cfg(test)]
#[path = "../../tests/support/xmlrpc.rs"]
mod envelope;

/// Where recorded requests of real clients lie, outside the repository; `None`, said aloud, if
/// they are not there.
#[cfg(test)]
fn recordings() -> Option<std::path::PathBuf> {
    let shared = std::env::var_os("LINKBACK_SHARED").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        std::path::PathBuf::from,
    );
    let folder = shared.join("captures");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: no recorded requests (LINKBACK_SHARED names their folder's parent)");
    None
}

/// The headers (as one string) and the body of a recorded HTTP message.
#[cfg(test)]
fn split_recording(bytes: &[u8]) -> (String, &[u8]) {
    (0..bytes.len())
        .find_map(|at| {
            let (head, rest) = bytes.split_at(at);
            let body = rest
                .strip_prefix(b"\r\n\r\n")
                .or(rest.strip_prefix(b"\n\n"))?;
            Some((String::from_utf8_lossy(head).into_owned(), body))
        })
        .expect("a recording has headers and a body")
}
