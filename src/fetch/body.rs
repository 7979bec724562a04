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

/// What a body is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Wanted {
    /// Text, to find links in.
    #[default]
    Page,
    /// A picture, to decode.
    Picture,
}

impl Wanted {
    /// Bytes that are kept, at most.
    fn max_bytes(self, limits: &Limits) -> usize {
        match self {
            Self::Page => limits.max_body_bytes,
            Self::Picture => limits.max_picture_bytes,
        }
    }
}

/// Reads a 2xx answer from `url`. The body stays empty, and the page marked as truncated, where the header
/// (of a page) or the first bytes say that it is nothing of what is wanted; the media type then tells what
/// it is.
///
/// # Cancel safety
/// Dropping the future closes the connection.
pub(super) async fn read(
    url: Url,
    mut response: reqwest::Response,
    wanted: Wanted,
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
    // Servers know pages better than pictures, which browsers sniff whatever they are called.
    if wanted == Wanted::Page && page.content_type.as_deref().is_some_and(holds_no_links) {
        return Ok(page);
    }
    let max_bytes = wanted.max_bytes(limits);
    if wanted == Wanted::Picture && response.content_length() > u64::try_from(max_bytes).ok() {
        return Ok(page);
    }
    let mut inflow = Inflow::new(Coding::of(response.headers())?, max_bytes, limits.max_ratio);
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
            if !is_wanted(inflow.start(), wanted, &mut page)? {
                return Ok(page);
            }
        }
    }
    let (body, is_cut) = inflow.finish()?;
    if body.is_empty() && !is_cut {
        // A host in trouble, mostly; a page that took its link away still says something.
        return Err(FetchError::BadResponse("an empty body".to_owned()));
    }
    if !is_wanted(&body, wanted, &mut page)? {
        return Ok(page);
    }
    page.body = body;
    // We asked for no range: with 206 we hold a part of the page, whatever its length says.
    page.truncated = is_cut || status == 206;
    Ok(page)
}

/// Whether a body that begins with `start` is what is wanted; tells the page what it is, as far as it shows.
fn is_wanted(start: &[u8], wanted: Wanted, page: &mut Page) -> Result<bool, FetchError> {
    if sniff::is_gzip(start) {
        // Compressed twice, or without a word about it: bytes in which no link can be found, and
        // from which nobody may conclude that there is none.
        return Err(FetchError::BadResponse("still compressed".to_owned()));
    }
    let (is_wanted, media_type) = match wanted {
        Wanted::Page => {
            let other = sniff::without_links(start);
            (other.is_none(), other)
        }
        Wanted::Picture => {
            let picture = sniff::picture(start);
            (picture.is_some(), picture)
        }
    };
    if let Some(media_type) = media_type {
        page.content_type = Some(media_type.to_owned());
    }
    Ok(is_wanted)
}
