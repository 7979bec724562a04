//! Pingback 1.0: an XML-RPC body in, a [`Request`] or a [`Fault`] out, and the answers to both.
//!
//! What the source says is not known here; the caller turns what became of a [`Submission`] into a
//! success or a fault. `system.multicall` is left out on purpose: one request would make us fetch
//! many pages.

mod fault;
mod method;

use crate::model::{Protocol, SourceUrl, Submission, TargetUrl, same_page};

pub use self::fault::{Fault, write_fault};
pub use self::method::{Method, write_capabilities, write_help, write_methods, write_signature};
use super::xmlrpc::{self, Call, Reply, Value};

pub use super::xmlrpc::MAX_BODY_BYTES;

/// The longest part of a method's name that a fault repeats, in characters.
const MAX_QUOTED_CHARS: usize = 60;

/// What a call asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// `pingback.ping`: take note of this link.
    Ping(Submission),
    /// `pingback.extensions.getPingbacks`: who links to this page?
    GetPingbacks(TargetUrl),
    /// `system.listMethods`, answered by [`write_methods`].
    ListMethods,
    /// `system.methodSignature`, answered by [`write_signature`].
    MethodSignature(Method),
    /// `system.methodHelp`, answered by [`write_help`].
    MethodHelp(Method),
    /// `system.getCapabilities`, answered by [`write_capabilities`].
    GetCapabilities,
}

/// Reads a call. Its `Content-Type` plays no part: clients send any.
///
/// # Errors
/// [`Fault`]: what to answer. Nothing but the body was looked at, so no fault about the source or
/// the target says more than what its URL shows.
pub fn read_request(body: &[u8]) -> Result<Request, Fault> {
    let Call { method, params } = xmlrpc::read_call(body)?;
    let method = Method::from_name(&method).ok_or_else(|| unknown(&method))?;
    match method {
        Method::Ping => {
            // PB-1: exactly two parameters, the source first.
            let [source, target] = strings(method, params)?;
            ping(&tidy(&source), &tidy(&target)).map(Request::Ping)
        }
        Method::GetPingbacks => {
            let [target] = strings(method, params)?;
            TargetUrl::parse(&tidy(&target))
                .map(Request::GetPingbacks)
                .map_err(Fault::InvalidTarget)
        }
        Method::ListMethods => strings(method, params).map(|[]| Request::ListMethods),
        Method::MethodSignature => {
            let [name] = strings(method, params)?;
            known(&name).map(Request::MethodSignature)
        }
        Method::MethodHelp => {
            let [name] = strings(method, params)?;
            known(&name).map(Request::MethodHelp)
        }
        Method::GetCapabilities => strings(method, params).map(|[]| Request::GetCapabilities),
    }
}

/// The response to a ping that went through, with whatever may help the sender. PB-3.
pub fn write_success(text: &str) -> String {
    Reply::text(text).into_response()
}

/// The response to `pingback.extensions.getPingbacks`: the sources' URLs.
pub fn write_pingbacks<'a>(sources: impl IntoIterator<Item = &'a str>) -> String {
    Reply::texts(sources).into_response()
}

fn ping(source: &str, target: &str) -> Result<Submission, Fault> {
    let source = SourceUrl::parse(source).map_err(Fault::InvalidSource)?;
    let target = TargetUrl::parse(target).map_err(Fault::InvalidTarget)?;
    if same_page(&source, &target) {
        return Err(Fault::SourceIsTarget);
    }
    Ok(Submission {
        source,
        target,
        protocol: Protocol::Pingback,
        vouch: None,
        code: None,
    })
}

fn known(name: &str) -> Result<Method, Fault> {
    let name = name.trim();
    Method::from_name(name).ok_or_else(|| unknown(name))
}

fn unknown(name: &str) -> Fault {
    let mut quoted: String = name.chars().take(MAX_QUOTED_CHARS).collect();
    if quoted.len() < name.len() {
        quoted.push('…');
    }
    Fault::MethodNotFound(quoted.escape_debug().to_string())
}

/// The parameters, if they are `N` strings.
fn strings<const N: usize>(method: Method, params: Vec<Value>) -> Result<[String; N], Fault> {
    let texts: Option<Vec<String>> = params
        .into_iter()
        .map(|value| match value {
            Value::String(text) => Some(text),
            Value::Other(_) => None,
        })
        .collect();
    // The type's name is the sender's own; the fault does not repeat it.
    let Some(texts) = texts else {
        let sentence = format!("{} takes strings only", method.name());
        return Err(Fault::InvalidParams(sentence));
    };
    <[String; N]>::try_from(texts).map_err(|texts| {
        let got = texts.len();
        let sentence = format!("{} takes {N} of them, this call has {got}", method.name());
        Fault::InvalidParams(sentence)
    })
}

/// A URL as the sender meant it.
fn tidy(text: &str) -> String {
    // Deviates from PB §2, where a parameter is the URI itself: some senders escape twice (they
    // cut the link from HTML and escape again), and WordPress undoes it for everyone. A URL that
    // truly holds “&amp;” is not known to exist.
    unmangle(text.trim().replace("&amp;", "&"))
}

/// PHP's `xmlrpc_encode_request` takes UTF-8 for Latin-1 and writes `ü` as `&#195;&#188;`. Text that
/// is UTF-8 when its characters are taken for bytes was meant as that: by chance it is next to never.
fn unmangle(text: String) -> String {
    if text.is_ascii() {
        return text;
    }
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(c).ok()).collect();
    bytes
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or(text)
}

#[cfg(test)]
mod tests;
