//! Who a page belongs to. mf2 authorship, 7.

use url::Url;

use crate::model::{Author, Page};

use super::microformats::{Item, Microformats};

/// x
pub fn read_author(_page: &Page, _about: &Url) -> Option<Author> {
    None
}

/// x
pub(super) fn from_card(card: &Item, _near: &Url) -> Option<Author> {
    let text = |name: &str| card.first(name).map(super::microformats::Value::display);
    Some(Author {
        name: text("name"),
        url: text("url"),
        photo: text("photo"),
    })
}

/// x
pub(super) fn owner(_found: &Microformats, _about: &Url) -> Option<Author> {
    None
}
