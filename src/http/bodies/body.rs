//! [`Body`]: an answer that was rendered, with its compressed forms.

use std::sync::{Arc, OnceLock};

use actix_web::http::header;
use actix_web::web::{self, Bytes};
use actix_web::{HttpRequest, HttpResponse};

use super::coding::{Coding, brotli, gzip};
use super::head::Head;
use crate::model::Timestamp;

/// Shorter bodies are sent as they are: a frame on the network holds them anyhow.
const MIN_COMPRESSED: usize = 1024;

/// Longer ones are compressed apart from where requests are answered: others must not wait for it.
const MAX_INLINE: usize = 64 * 1024;

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
    pub(in crate::http) fn new(head: Head, mut body: Vec<u8>) -> Self {
        // It may be kept for long.
        body.shrink_to_fit();
        Self {
            head,
            plain: Bytes::from(body),
            brotli: OnceLock::new(),
            gzip: OnceLock::new(),
        }
    }

    /// What it takes in memory, in bytes, at most. Both compressed forms may come: of text they are a third
    /// and less.
    pub(super) fn bytes(&self) -> usize {
        let bodies = self.plain.len().saturating_mul(2);
        bodies.saturating_add(self.head.bytes())
    }

    /// The answer to this request.
    pub(super) async fn answer(
        self: Arc<Self>,
        request: &HttpRequest,
        now: Timestamp,
    ) -> HttpResponse {
        if self.head.is_unchanged(request, now) {
            return self.head.not_modified();
        }
        let mut answer = self.head.ok(now);
        let coding = if self.plain.len() < MIN_COMPRESSED {
            Coding::Plain
        } else {
            Coding::of(request)
        };
        let packed = match coding {
            Coding::Plain => return answer.body(self.plain.clone()),
            Coding::Gzip => self.gzip.get(),
            Coding::Brotli => self.brotli.get(),
        };
        let packed = match packed {
            Some(packed) => packed.clone(),
            None if self.plain.len() <= MAX_INLINE => self.pack(coding),
            None => {
                let body = Arc::clone(&self);
                let packed = web::block(move || body.pack(coding)).await;
                match packed {
                    Ok(packed) => packed,
                    // The service ends.
                    Err(_cancelled) => return answer.body(self.plain.clone()),
                }
            }
        };
        answer.insert_header((header::CONTENT_ENCODING, coding.name()));
        answer.body(packed)
    }

    /// The body in this coding, packed once.
    fn pack(&self, coding: Coding) -> Bytes {
        match coding {
            Coding::Plain => self.plain.clone(),
            Coding::Gzip => self.gzip.get_or_init(|| gzip(&self.plain)).clone(),
            Coding::Brotli => self.brotli.get_or_init(|| brotli(&self.plain)).clone(),
        }
    }
}
