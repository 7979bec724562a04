//! The custom elements in a real browser, on pages whose policy is as strict as can be. Where there is no
//! browser, they say so and pass.

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

mod gallery;
mod hostile;
mod live;
mod page;
mod shows;
