//! Linkback receives Webmentions and Pingbacks, verifies them, and shows them under the article.

pub mod fetch;
pub mod model;
pub mod parse;
pub mod protocol;
pub mod store;
pub mod worker;
