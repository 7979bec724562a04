//! Our own API, and what other pages that show a page's mentions have in common with it.

use super::error::ApiError;
use crate::model::{MentionId, TargetUrl};
use crate::store::{Cursor, MentionQuery, Start};

mod describe;
mod given;
mod json;
mod mention;
mod parameters;
mod problem;
mod submissions;
mod v1;

pub(crate) use self::mention::mention_json;
pub(super) use self::mention::{
    CommentJson, ExcerptJson, LocationJson, MentionJson, PhotoJson, rfc3339,
};
use self::parameters::{DEFAULT_LIMIT, MAX_LIMIT};
pub(super) use self::problem::Problem;
pub(super) use self::v1::{method_not_allowed, routes};

/// What a reader asks for.
pub(super) struct Wanted {
    pub(super) target: TargetUrl,
    pub(super) query: MentionQuery,
}

impl Wanted {
    /// Reads `target`, `limit` and `cursor`; refuses anything else, since a misspelt parameter is
    /// better named than ignored.
    pub(super) fn parse(parameters: &[(String, String)]) -> Result<Self, ApiError> {
        let mut target = None;
        let mut limit = DEFAULT_LIMIT;
        let mut start = Start::Skip(0);
        for (name, value) in parameters {
            match name.as_str() {
                "target" if target.is_some() => {
                    return Err(wrong("target", "is given more than once"));
                }
                "target" => target = Some(self::target(value)?),
                "limit" => {
                    limit = self::limit(value, MAX_LIMIT)?;
                }
                "cursor" => {
                    let id = value.parse().map_err(|_not_ours| {
                        wrong("cursor", "must be the “next” of an earlier answer")
                    })?;
                    start = Start::After(Cursor {
                        key: id,
                        id: MentionId(id),
                    });
                }
                other => {
                    return Err(wrong(
                        &other.escape_debug().to_string(),
                        "does not exist; there are target, limit and cursor",
                    ));
                }
            }
        }
        let target = target.ok_or_else(no_target)?;
        let query = MentionQuery {
            start,
            ..MentionQuery::newest(target.page_key(), limit)
        };
        Ok(Self { target, query })
    }
}

/// The page that a reader names.
pub(super) fn target(value: &str) -> Result<TargetUrl, ApiError> {
    TargetUrl::parse(value).map_err(|e| wrong("target", &format!("is not a URL: {e}")))
}

/// A reader has named no page.
pub(super) fn no_target() -> ApiError {
    wrong(
        "target",
        "is missing: give the URL of the page that is mentioned",
    )
}

/// How many a reader wants, of which `most` may be had.
pub(super) fn limit(value: &str, most: usize) -> Result<usize, ApiError> {
    let number = value.parse().ok().filter(|n| (1..=most).contains(n));
    number.ok_or_else(|| wrong("limit", &format!("must be a number from 1 to {most}")))
}

/// A parameter that cannot be.
pub(super) fn wrong(name: &str, problem: &str) -> ApiError {
    ApiError::Parameter {
        name: name.to_owned(),
        problem: problem.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(parameters: &[(&str, &str)]) -> Result<Wanted, String> {
        let parameters: Vec<_> = parameters
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect();
        Wanted::parse(&parameters).map_err(|e| e.to_string())
    }

    #[test]
    fn a_wrong_parameter_is_named() {
        let target = ("target", "https://ex.com/");
        for (parameters, want) in [
            (vec![], "“target” is missing"),
            (vec![("target", "/a")], "“target” is not a URL"),
            (vec![target, target], "“target” is given more than once"),
            (vec![target, ("limit", "0")], "“limit” must be a number"),
            (vec![target, ("limit", "1001")], "“limit” must be a number"),
            (vec![target, ("cursor", "x")], "“cursor” must be"),
            (vec![target, ("per-page", "5")], "“per-page” does not exist"),
        ] {
            let error = parse(&parameters).err().unwrap();
            assert!(error.contains(want), "{error}");
        }
    }
}
