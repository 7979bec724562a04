//! XML-RPC, as much of it as Pingback needs: one `methodCall` in, one `methodResponse` out.
//!
//! The reader takes what real clients send (untyped values, CDATA, base64, wrong declarations, bare
//! ampersands) and nothing that an attacker needs: no DTD, no entity but the five of XML, and small
//! fixed limits on bytes, depth and elements. It never recurses. The `Content-Type` of a request is
//! not looked at, because clients send any.

mod decode;
mod read;
mod repair;
mod write;

pub use self::write::Reply;

/// The longest call we read, in bytes. A ping is under 1 KB; two URLs of the greatest length with
/// every character as a numeric reference stay under this.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// The deepest nesting we read. A ping has 5 levels, and a list of structs 12.
pub const MAX_DEPTH: usize = 16;

/// The most elements we read. A ping has 9.
pub const MAX_ELEMENTS: usize = 200;

/// One method call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The method's name, without white space around it.
    pub method: String,
    /// The parameters in their order.
    pub params: Vec<Value>,
}

/// One parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A string: `<string>`, a value without a type, or the text in a `<base64>`. White space kept.
    String(String),
    /// Any other type, by its name; no method of ours takes one.
    Other(String),
}

/// Why a body is not a method call. Each reason completes the sentence "The request …".
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is not well-formed XML, not even after the repairs.
    #[error("the request {0}")]
    NotWellFormed(&'static str),
    /// It is beyond a limit, or uses a part of XML that we refuse to read. Never repaired.
    #[error("the request {0}")]
    Refused(&'static str),
    /// It is well-formed XML, but not an XML-RPC method call.
    #[error("the request {0}")]
    NotACall(&'static str),
}

/// Reads one method call.
///
/// # Errors
/// [`ReadError`], see there. A body that is neither well formed nor a call is `NotWellFormed`.
pub fn read_call(body: &[u8]) -> Result<Call, ReadError> {
    if body.len() > MAX_BODY_BYTES {
        return Err(ReadError::Refused("is longer than 64 KiB"));
    }
    let text = decode::decode(body)?;
    // PHP files with a blank line before `<?php`, or saved with a BOM, put it before the declaration.
    let text = text.trim_start_matches(|c: char| c == '\u{feff}' || c.is_ascii_whitespace());
    if !text.chars().all(is_xml_char) {
        return Err(ReadError::Refused(
            "contains a character that XML does not allow",
        ));
    }
    match read::read(text) {
        Err(ReadError::NotWellFormed(reason)) => {
            let repaired = repair::repair(text);
            if repaired == text {
                Err(ReadError::NotWellFormed(reason))
            } else {
                read::read(&repaired)
            }
        }
        answer => answer,
    }
}

/// Whether XML 1.0 §2.2 allows this character in a document, written plainly or as a reference.
pub fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}
