//! The service and the program from outside: over sockets, on the command line, and under SIGKILL.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    reason = "a test fails by panicking"
)]

#[path = "../support/mod.rs"]
mod support;

mod api;
mod cli;
mod door;
mod durability;
mod events;
mod explain;
mod export;
mod feeds;
mod following;
mod life;
mod lifecycle;
mod media;
mod pingback;
mod politeness;
mod private;
mod reading;
mod receive;
mod rules;
mod rules_cli;
mod salmention;
mod schemas;
mod site;
mod trackback;
mod webmention_io;
mod websub;
