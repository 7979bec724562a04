//! Source markup as it may be shown.

use url::Url;

use crate::model::{Content, Photo};

use super::document::Ref;

/// Content as it may be shown, and the pictures that were in it.
#[derive(Debug, Default)]
pub struct Cleaned {
    /// The content.
    pub content: Option<Content>,
    /// The pictures.
    pub pictures: Vec<Photo>,
}

/// The content of an element of a page.
pub(super) fn element(_node: Ref<'_>, _base: &Url) -> Cleaned {
    Cleaned::default()
}

/// The same of a piece of markup.
pub fn piece(_html: &str, _base: &Url) -> Cleaned {
    Cleaned::default()
}

/// Plain text as it may be shown.
pub(super) fn plain(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}
