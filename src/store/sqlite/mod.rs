//! SQLite (stub).
