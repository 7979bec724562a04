//! What is promised of every input, one function a target: it panics where a promise is broken.
//!
//! The fuzzer calls these with whatever it comes up with, `tests/promises.rs` with the corpora that
//! are kept. Nothing but the crate's public names is used.

mod date;
mod entry;
mod microformats;
mod picture;
mod policy_url;
mod read_source;
mod sanitise;
mod shown;
mod xmlrpc;

pub use self::date::date;
pub use self::microformats::microformats;
pub use self::picture::picture;
pub use self::policy_url::policy_url;
pub use self::read_source::read_source;
pub use self::sanitise::sanitise;
pub use self::xmlrpc::xmlrpc;
