//! [`Coding`]: in which form bytes are sent, as the client takes them.

use std::io::Write as _;

use actix_web::HttpRequest;
use actix_web::http::header;
use actix_web::web::Bytes;

/// How hard compressing is tried, of 11 and of 9: done once for each change, and in the way of who asks first.
const BROTLI_QUALITY: i32 = 5;
const GZIP_LEVEL: u32 = 6;

/// What a client takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Plain,
    Gzip,
    Brotli,
}

impl Coding {
    /// The best that the request names; what it refuses (`q=0`) it does not get.
    pub(super) fn of(request: &HttpRequest) -> Self {
        let accepted = request.headers().get(header::ACCEPT_ENCODING);
        let Some(accepted) = accepted.and_then(|value| value.to_str().ok()) else {
            return Self::Plain;
        };
        let takes = |coding: &str| {
            accepted.split(',').any(|one| {
                let mut parts = one.split(';').map(str::trim);
                let is_named = parts
                    .next()
                    .is_some_and(|name| name.eq_ignore_ascii_case(coding));
                let quality = parts.find_map(|part| part.strip_prefix("q="));
                let quality = quality.and_then(|q| q.parse::<f32>().ok()).unwrap_or(1.0);
                is_named && quality > 0.0
            })
        };
        if takes("br") {
            Self::Brotli
        } else if takes("gzip") {
            Self::Gzip
        } else {
            Self::Plain
        }
    }
}

pub(super) fn brotli(plain: &[u8]) -> Bytes {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        size_hint: plain.len(),
        ..Default::default()
    };
    let mut out = Vec::new();
    // Into memory: nothing to fail.
    let _ = brotli::BrotliCompress(&mut &*plain, &mut out, &parameters);
    Bytes::from(out)
}

pub(super) fn gzip(plain: &[u8]) -> Bytes {
    let level = flate2::Compression::new(GZIP_LEVEL);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
    let _ = encoder.write_all(plain);
    Bytes::from(encoder.finish().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn a_client_gets_the_coding_that_it_takes() {
        for (accepted, want) in [
            ("", Coding::Plain),
            ("identity", Coding::Plain),
            ("gzip, deflate, br", Coding::Brotli),
            ("GZIP;q=0.5", Coding::Gzip),
            ("br;q=0, gzip", Coding::Gzip),
            ("brotli", Coding::Plain),
        ] {
            let request = TestRequest::default()
                .insert_header((header::ACCEPT_ENCODING, accepted))
                .to_http_request();
            assert_eq!(Coding::of(&request), want, "{accepted}");
        }
    }

    #[test]
    fn compressed_bodies_are_the_same_when_they_are_opened() {
        use std::io::Read as _;
        let text = "mention after mention ".repeat(1000);
        let mut plain = Vec::new();
        let gzipped = gzip(text.as_bytes());
        flate2::read::GzDecoder::new(&*gzipped)
            .read_to_end(&mut plain)
            .unwrap();
        assert_eq!(plain, text.as_bytes());
        plain.clear();
        let packed = brotli(text.as_bytes());
        brotli_decompressor::BrotliDecompress(&mut &*packed, &mut plain).unwrap();
        assert_eq!(plain, text.as_bytes());
        assert!(gzipped.len() < 1000 && packed.len() < 1000);
    }
}
