//! [`Body`]: an answer that was rendered, with its compressed forms.

use std::sync::OnceLock;

use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};

use super::coding::{Coding, brotli, gzip};
use super::head::Head;
use crate::model::Timestamp;

/// Shorter bodies are sent as they are: a frame on the network holds them anyhow.
const MIN_COMPRESSED: usize = 1024;

/// A rendered answer: 200, or 304 to who has it.
#[derive(Debug)]
pub(in crate::http) struct Body {
    pub(super) head: Head,
    plain: Bytes,
    brotli: OnceLock<Bytes>,
    gzip: OnceLock<Bytes>,
}

impl Body {
    /// An answer with this body.
    pub(in crate::http) fn new(head: Head, body: impl Into<Bytes>) -> Self {
        Self {
            head,
            plain: body.into(),
            brotli: OnceLock::new(),
            gzip: OnceLock::new(),
        }
    }

    /// What it takes in memory, in bytes, at most. Both compressed forms may come: of text they are a third
    /// and less.
    pub(super) fn bytes(&self) -> usize {
        self.plain.len().saturating_mul(2)
    }

    /// The answer to this request.
    pub(super) fn answer(&self, request: &HttpRequest, now: Timestamp) -> HttpResponse {
        if self.head.is_unchanged(request, now) {
            return self.head.not_modified();
        }
        let mut answer = self.head.ok(now);
        match Coding::of(request) {
            Coding::Brotli if self.plain.len() >= MIN_COMPRESSED => {
                answer.insert_header((header::CONTENT_ENCODING, "br"));
                answer.body(self.brotli.get_or_init(|| brotli(&self.plain)).clone())
            }
            Coding::Gzip if self.plain.len() >= MIN_COMPRESSED => {
                answer.insert_header((header::CONTENT_ENCODING, "gzip"));
                answer.body(self.gzip.get_or_init(|| gzip(&self.plain)).clone())
            }
            Coding::Plain | Coding::Gzip | Coding::Brotli => answer.body(self.plain.clone()),
        }
    }
}
