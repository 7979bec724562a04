//! Reading an answer's body, as far as it is worth reading.

use reqwest::header::CONTENT_TYPE;
use url::Url;

use super::FetchError;
use super::cause::explain;
use super::decode::{Coding, Inflow};
use super::limits::Limits;
use super::response::holds_no_links;
use super::sniff::{self, SNIFF_BYTES};
use crate::model::Page;

/// Reads a 2xx answer from `url`. The body stays empty, and the page marked as truncated, where the header
/// or the first bytes say that it is nothing to find links in; the media type then tells what it is.
///
/// # Cancel safety
/// Dropping the future closes the connection.
pub(super) async fn read(
    url: Url,
    mut response: reqwest::Response,
    limits: &Limits,
) -> Result<Page, FetchError> {
    let content_type = response
        .headers()
        .get(CONTENT_TYPE)
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let status = response.status().as_u16();
    let mut page = Page {
        url,
        status,
        content_type,
        body: Vec::new(),
        // Nobody may conclude from an unread body that the link is not in it.
        truncated: true,
    };
    if page.content_type.as_deref().is_some_and(holds_no_links) {
        return Ok(page);
    }
    let mut inflow = Inflow::new(Coding::of(response.headers())?, limits);
    let mut is_full = false;
    let mut is_judged = false;
    while !is_full {
        let chunk = response
            .chunk()
            .await
            .map_err(|e| explain(&e, &page.url, "reading the body"))?;
        let Some(chunk) = chunk else { break };
        // WM-55: what is beyond the cap is not read, and what was read is judged. Dropping the response
        // closes the connection.
        is_full = inflow.take(&chunk)?;
        if !is_judged && inflow.start().len() >= SNIFF_BYTES {
            is_judged = true;
            if let Some(media_type) = judge(inflow.start())? {
                page.content_type = Some(media_type.to_owned());
                return Ok(page);
            }
        }
    }
    let (body, is_cut) = inflow.finish()?;
    if body.is_empty() && !is_cut {
        // A host in trouble, mostly; a page that took its link away still says something.
        return Err(FetchError::BadResponse("an empty body".to_owned()));
    }
    if let Some(media_type) = judge(&body)? {
        page.content_type = Some(media_type.to_owned());
        return Ok(page);
    }
    page.body = body;
    // We asked for no range: with 206 we hold a part of the page, whatever its length says.
    page.truncated = is_cut || status == 206;
    Ok(page)
}

/// What a body is that begins with `start`, if it is nothing to find links in.
fn judge(start: &[u8]) -> Result<Option<&'static str>, FetchError> {
    if sniff::is_gzip(start) {
        // Compressed twice, or without a word about it: bytes in which no link can be found, and
        // from which nobody may conclude that there is none.
        return Err(FetchError::BadResponse("still compressed".to_owned()));
    }
    Ok(sniff::without_links(start))
}
