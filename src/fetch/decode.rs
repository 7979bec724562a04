//! Undoing the compression of a body: [`Inflow`] takes what comes over the wire and keeps what comes out,
//! under a cap, and under a cap on how much more comes out than goes in. WM §4.2, WM-55.

use std::io::{self, Write};

use flate2::write::MultiGzDecoder;
use reqwest::header::{CONTENT_ENCODING, HeaderMap};

use self::brotli_stream::Brotli;
use super::FetchError;

mod brotli_stream;

/// What we can undo; the client's `Accept-Encoding` says the same.
pub(super) const ACCEPTED_CODINGS: &str = "gzip, br";

/// Bytes that are decoded at once: the ratio is known that exactly.
const STEP_BYTES: usize = 512;

/// Bytes that a compressed body may be longer than the longest body that we keep. Nobody's compression
/// adds so much; blocks that hold nothing, one after the other for ever, do.
const MAX_OVERHEAD_BYTES: usize = 64 * 1024;

/// How a body is compressed. RFC 9110 §8.4.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Identity,
    Gzip,
    Brotli,
}

impl Coding {
    /// What `Content-Encoding` says.
    ///
    /// # Errors
    /// [`FetchError::BadResponse`], for what we have not asked for: other codings, and several at once.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, FetchError> {
        let mut coding = Self::Identity;
        for line in headers.get_all(CONTENT_ENCODING) {
            for name in line.as_bytes().split(|b| *b == b',') {
                let name = name.trim_ascii().to_ascii_lowercase();
                let next = match name.as_slice() {
                    b"" | b"identity" => continue,
                    b"gzip" | b"x-gzip" if coding == Self::Identity => Self::Gzip,
                    b"br" if coding == Self::Identity => Self::Brotli,
                    _ => {
                        let line = String::from_utf8_lossy(line.as_bytes());
                        return Err(FetchError::BadResponse(format!(
                            "content encoding “{}”",
                            line.escape_debug()
                        )));
                    }
                };
                coding = next;
            }
        }
        Ok(coding)
    }
}

/// Keeps what is written to it, up to the cap; then it is full, and an error to write to.
struct Capped {
    bytes: Vec<u8>,
    max_bytes: usize,
    is_full: bool,
}

impl Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.max_bytes.saturating_sub(self.bytes.len());
        if let Some(part) = bytes.get(..room).filter(|part| part.len() < bytes.len()) {
            self.bytes.extend_from_slice(part);
            self.is_full = true;
            return Err(io::Error::other("full"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

enum Decoder {
    Identity(Capped),
    Gzip(Box<MultiGzDecoder<Capped>>),
    Brotli(Box<Brotli<Capped>>),
}

/// A body that is coming in.
pub(super) struct Inflow {
    decoder: Decoder,
    max_bytes: usize,
    max_ratio: usize,
    /// Bytes that the decoder was given.
    received: usize,
}

impl Inflow {
    /// A body of which `max_bytes` are kept, and which may grow to `max_ratio` times what comes in.
    pub(super) fn new(coding: Coding, max_bytes: usize, max_ratio: usize) -> Self {
        let kept = Capped {
            bytes: Vec::new(),
            max_bytes,
            is_full: false,
        };
        Self {
            decoder: match coding {
                Coding::Identity => Decoder::Identity(kept),
                Coding::Gzip => Decoder::Gzip(Box::new(MultiGzDecoder::new(kept))),
                Coding::Brotli => Decoder::Brotli(Box::new(Brotli::new(kept))),
            },
            max_bytes,
            max_ratio,
            received: 0,
        }
    }

    /// Takes bytes of the wire. Says whether it is full: then nothing more need come.
    ///
    /// # Errors
    /// [`FetchError::BadResponse`], for what does not decode, or decodes to far more than it was, or less.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<bool, FetchError> {
        if let Decoder::Identity(kept) = &mut self.decoder {
            // Its only error is to be full.
            let _ = kept.write_all(bytes);
            return Ok(kept.is_full);
        }
        for step in bytes.chunks(STEP_BYTES) {
            self.received = self.received.saturating_add(step.len());
            let written = match &mut self.decoder {
                Decoder::Identity(kept) => kept.write_all(step),
                Decoder::Gzip(gzip) => gzip.write_all(step),
                Decoder::Brotli(brotli) => brotli.write_all(step),
            };
            if self.is_full(written)? {
                return Ok(true);
            }
        }
        if self.received > self.max_bytes.saturating_add(MAX_OVERHEAD_BYTES) {
            return Err(FetchError::BadResponse(
                "compressed to more than it was".to_owned(),
            ));
        }
        Ok(false)
    }

    /// What is kept so far.
    pub(super) fn start(&self) -> &[u8] {
        &self.kept().bytes
    }

    /// The body after its last byte, and whether it is less than all of it.
    ///
    /// # Errors
    /// As [`Inflow::take`]; and if a compressed body has not ended.
    pub(super) fn finish(mut self) -> Result<(Vec<u8>, bool), FetchError> {
        let mut is_cut = self.kept().is_full;
        if !is_cut && self.received > 0 {
            let written = match &mut self.decoder {
                Decoder::Identity(_) => Ok(()),
                Decoder::Gzip(gzip) => gzip.try_finish(),
                Decoder::Brotli(brotli) => brotli.finish(),
            };
            is_cut = self.is_full(written)?;
        }
        let kept = match &mut self.decoder {
            Decoder::Identity(kept) => kept,
            Decoder::Gzip(gzip) => gzip.get_mut(),
            Decoder::Brotli(brotli) => &mut brotli.out,
        };
        Ok((std::mem::take(&mut kept.bytes), is_cut))
    }

    fn kept(&self) -> &Capped {
        match &self.decoder {
            Decoder::Identity(kept) => kept,
            Decoder::Gzip(gzip) => gzip.get_ref(),
            Decoder::Brotli(brotli) => &brotli.out,
        }
    }

    /// Judges what came of a step of decoding.
    fn is_full(&self, written: io::Result<()>) -> Result<bool, FetchError> {
        let kept = self.kept();
        if kept.is_full {
            let ratio = self.max_ratio;
            if kept.bytes.len() > self.received.saturating_mul(ratio) {
                return Err(FetchError::BadResponse(format!(
                    "decompresses to more than {ratio} times its size"
                )));
            }
            return Ok(true);
        }
        match written {
            Ok(()) => Ok(false),
            Err(error) => Err(FetchError::BadResponse(format!(
                "does not decompress: {error}"
            ))),
        }
    }
}

#[cfg(test)]
mod tests;
