//! The wire protocols: request bytes in, [`Submission`](crate::model::Submission)s or refusals out. Pure.
//!
//! Nothing here knows the sites, the network or the store. `docs/protocol.md` says for each
//! requirement where it is met.

pub mod pingback;
pub mod trackback;
pub mod webmention;
pub mod xmlrpc;

#[cfg(test)]
#[path = "../../tests/support/xmlrpc.rs"]
mod envelope;

#[cfg(test)]
#[path = "../../tests/support/shared.rs"]
pub(crate) mod shared;

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
