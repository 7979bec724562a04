//! Pingback request (stub).
