//! Source markup as it may be shown.

use url::Url;

use crate::model::Content;

use super::document::Ref;

/// The content of an element of a page.
pub(super) fn element(_node: Ref<'_>, _base: &Url) -> Option<Content> {
    None
}

/// The same of a piece of markup.
pub fn piece(_html: &str, _base: &Url) -> Option<Content> {
    None
}
