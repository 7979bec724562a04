//! Linkback receives Webmentions and Pingbacks, verifies them, and shows them under the article.
//!
//! | room | what it does | may use |
//! |---|---|---|
//! | [`model`] | the words of the domain, as plain values | nothing of ours |
//! | [`protocol`] | request bytes to submissions; pure | `model` |
//! | [`parse`] | page bytes to verdicts; pure | `model` |
//! | [`picture`] | picture bytes to small copies; pure | `model` |
//! | [`fetch`] | gets pages, under one policy | `model` |
//! | [`store`] | keeps sites, submissions and mentions | `model` |
//! | [`worker`] | claims, fetches, reads, records | `model`, `parse`, `picture`, `fetch`, `store` |
//! | [`http`] | receives, shows, serves | `model`, `protocol`, `store` |
//! | [`config`] | file, environment and flags to one checked value | `model`, `worker`'s options |
//! | [`app`] | picks the concrete parts and starts them | everything |
//! | [`cli`] | one file a command | `app` and what it shows |
//!
//! The way of one mention: `http::receive` takes the request, `protocol` reads it, the store has
//! it on disk before the answer leaves. A worker claims it, fetches the source, `parse` reads it,
//! and the store publishes the mention. `http::api` serves it. `docs/architecture.md` tells more.

pub mod app;
pub mod cli;
pub mod config;
pub mod fetch;
pub mod http;
pub mod model;
pub mod parse;
pub mod picture;
pub mod protocol;
pub mod store;
pub mod worker;
