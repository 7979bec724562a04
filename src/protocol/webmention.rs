//! Webmention request (stub).
