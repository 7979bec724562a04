//! The HTTP client (stub to be filled).
