//! Reading what was fetched, on a thread of the blocking pool: a page may take milliseconds, and a panic in its
//! reader must cost nobody else anything.

use tracing::warn;

use crate::fetch::Found;
use crate::parse;

/// What `read` gives; `None` if it breaks down, which the log tells of as the reader of `what`.
pub(super) async fn apart<T: Send + 'static>(
    what: &'static str,
    read: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let read = tokio::task::spawn_blocking(read).await;
    read.inspect_err(|error| warn!(%error, "the reader of {what} broke down"))
        .ok()
}

/// The endpoint that a page names by one of these relations, the first that is named at all.
pub(super) async fn endpoint(found: Found, relations: &'static [&'static str]) -> Option<url::Url> {
    let Found {
        url, links, page, ..
    } = found;
    let read = move || {
        relations
            .iter()
            .find_map(|rel| parse::endpoint(&links, page.as_ref(), &url, rel))
    };
    apart("endpoints", read).await.flatten()
}
