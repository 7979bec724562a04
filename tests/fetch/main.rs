//! Hostile fetches: what a stranger's server, or a stranger's name, can do to us. WM §4.2, WM §4.5.
//!
//! “Public” is 127.0.0.1 here, by an explicit policy; every other address is as forbidden as always.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "../support/hostile/mod.rs"]
mod hostile;
#[path = "../support/name_server.rs"]
mod name_server;
#[path = "../support/steps.rs"]
mod steps;
#[path = "../support/stub_site.rs"]
mod stub_site;

mod support;

mod answer;
mod body;
mod conditional;
mod connection;
mod exchange;
mod families;
mod harm;
mod inward;
#[cfg(target_os = "linux")]
mod memory;
mod names;
mod picture;
mod redirect;
mod request;
mod wire;
