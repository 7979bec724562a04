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
    /// Of what the request names with the greatest quality, the smallest; what it refuses (`q=0`) it does not
    /// get. RFC 9110 §12.5.3.
    pub(super) fn of(request: &HttpRequest) -> Self {
        let accepted = request.headers().get(header::ACCEPT_ENCODING);
        let accepted = accepted.and_then(|value| value.to_str().ok());
        let mut best = (Self::Plain, 0.0);
        for one in accepted.unwrap_or_default().split(',') {
            let mut parts = one.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let coding = [Self::Gzip, Self::Brotli]
                .into_iter()
                .find(|coding| coding.name().eq_ignore_ascii_case(name));
            let Some(coding) = coding else {
                continue;
            };
            let quality = parts.find_map(|part| part.strip_prefix(['q', 'Q'])?.strip_prefix('='));
            let quality = quality.map_or(Ok(1.0), str::parse::<f32>);
            let quality = quality.ok().filter(|q| (0.0..=1.0).contains(q));
            let quality = quality.unwrap_or(0.0);
            if quality > best.1 || quality > 0.0 && quality >= best.1 && coding == Self::Brotli {
                best = (coding, quality);
            }
        }
        best.0
    }

    /// Its name in `Content-Encoding`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Plain => "identity",
            Self::Gzip => "gzip",
            Self::Brotli => "br",
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
    out.shrink_to_fit();
    Bytes::from(out)
}

pub(super) fn gzip(plain: &[u8]) -> Bytes {
    let level = flate2::Compression::new(GZIP_LEVEL);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
    let _ = encoder.write_all(plain);
    let mut out = encoder.finish().unwrap_or_default();
    out.shrink_to_fit();
    Bytes::from(out)
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
            ("br;Q=0, gzip", Coding::Gzip),
            ("br;q=0.1, gzip;q=1", Coding::Gzip),
            ("br, gzip", Coding::Brotli),
            ("gzip;q=inf, br;q=x", Coding::Plain),
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
