//! The wire protocols: request bytes in, [`Submission`](crate::model::Submission)s or refusals out. Pure.

pub mod pingback;
pub mod webmention;
