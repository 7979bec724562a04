//! [`Problem`]: how our own API says no, after RFC 9457.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::error::ApiError;
use crate::store::StoreError;

/// An error whose answer is `application/problem+json`.
#[derive(Debug)]
pub(in crate::http) struct Problem(ApiError);

/// Why a request has no proper answer.
#[derive(Serialize, ToSchema)]
pub(super) struct ProblemJson {
    /// Always `about:blank`: `error` tells more.
    r#type: &'static str,
    /// The status in words.
    title: &'static str,
    /// The status.
    status: u16,
    /// What is wrong, and what to do about it.
    detail: String,
    /// A code that stays the same.
    error: &'static str,
    /// As `detail`.
    error_description: String,
    /// The parameter that is wrong, if one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.0.status_code()
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        let parameter = match &self.0 {
            ApiError::Parameter { name, .. } => Some(name.clone()),
            _ => None,
        };
        let body = ProblemJson {
            r#type: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: self.0.to_string(),
            error: self.0.code(),
            error_description: self.0.to_string(),
            parameter,
        };
        let json = serde_json::to_string(&body).unwrap_or_default();
        // The headers, and what the log is told, are those of the plain answer.
        let mut response = self
            .0
            .error_response()
            .set_body(actix_web::body::BoxBody::new(json));
        let media_type = HeaderValue::from_static("application/problem+json");
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, media_type);
        response
    }
}

impl From<ApiError> for Problem {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self(error.into())
    }
}
