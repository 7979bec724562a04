//! Who a page belongs to. mf2 authorship, 7.

use url::Url;

use crate::model::{Author, Page};

/// Who wrote what is on other pages, as the page at `about` says it: the
/// [`author_page`](crate::model::Reading::author_page) of a reading, of which `page` is what a fetch
/// brought back.
///
/// None if the page has no card that is certainly its owner's.
pub fn read_author(_page: &Page, _about: &Url) -> Option<Author> {
    None
}
