//! [`Fault`]: what a pingback that did not go through is answered.

use crate::model::UrlError;
use crate::protocol::xmlrpc::{ReadError, Reply};

/// Why a call failed, by the codes of Pingback 1.0 §2.1 and the XML-RPC fault code
/// interoperability specification. The HTTP status is 200 for each of them.
///
/// [`std::fmt::Display`] is a sentence for people, see [`Fault::sentence`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// 0: not the sender's doing, and it may pass: our store is busy, the source's server failed.
    #[error("The pingback could not be processed now; please send it again later.")]
    Generic,
    /// 16: the source is not an absolute http(s) URL.
    #[error("The source is not a URL we can fetch: {0}.")]
    InvalidSource(UrlError),
    /// 16: the source answers 404 or 410, or cannot be reached: no such host, no connection, no TLS
    /// session, redirects that lead nowhere.
    // SECURITY: an address that the fetch policy denies gets this very fault too; a code of its own
    // would tell a stranger what our network holds.
    #[error("The source does not exist or cannot be fetched.")]
    SourceNotFound,
    /// 17: the source was read and does not link to the target, or is nothing that can be read.
    #[error("The source does not contain a link to the target.")]
    NoLink,
    /// 32: the target definitely does not exist: its own server says so (`worker.check_targets`).
    #[error("The target does not exist.")]
    TargetNotFound,
    /// 33: the target is not an absolute http(s) URL.
    #[error("The target is not a URL we can accept: {0}.")]
    InvalidTarget(UrlError),
    /// 33: the target is none of ours, or takes no mentions.
    #[error("The target is not one this server accepts pingbacks for.")]
    TargetNotSupported,
    /// 33: source and target are the same page.
    ///
    /// The specification has no code for it. 0 would invite the sender to try again; 17 would be
    /// wrong where the page does link to itself. A page cannot be used as a target of its own.
    #[error("The source and the target are the same page: a page cannot mention itself.")]
    SourceIsTarget,
    /// 48: this source was registered for this target before.
    #[error("The pingback has already been registered.")]
    AlreadyRegistered,
    /// 49: the source's host is turned away.
    #[error("Access denied: pingbacks from this sender are not accepted.")]
    AccessDenied,
    /// 50: a server behind this one failed. Only a proxy has reason to say so.
    #[error("A server that this one depends on could not be reached.")]
    Upstream,
    /// −32700: not well-formed XML, or XML that we refuse to read.
    #[error("Parse error: the request {0}.")]
    NotWellFormed(&'static str),
    /// −32600: XML, but not an XML-RPC method call.
    #[error("Invalid request: it {0}.")]
    InvalidRequest(&'static str),
    /// −32601: a method that we do not have.
    #[error("There is no method “{0}” here; system.listMethods names those there are.")]
    MethodNotFound(String),
    /// −32602: too few or too many parameters, or one that is not a string.
    #[error("Invalid parameters: {0}.")]
    InvalidParams(String),
}

impl Fault {
    /// The fault code; `docs/protocol.md` lists them.
    pub const fn code(&self) -> i32 {
        match self {
            Self::Generic => 0,
            Self::InvalidSource(_) | Self::SourceNotFound => 16,
            Self::NoLink => 17,
            Self::TargetNotFound => 32,
            Self::InvalidTarget(_) | Self::TargetNotSupported | Self::SourceIsTarget => 33,
            Self::AlreadyRegistered => 48,
            Self::AccessDenied => 49,
            Self::Upstream => 50,
            Self::NotWellFormed(_) => -32_700,
            Self::InvalidRequest(_) => -32_600,
            Self::MethodNotFound(_) => -32_601,
            Self::InvalidParams(_) => -32_602,
        }
    }

    /// The sentence for people: what is wrong, and what to change.
    pub fn sentence(&self) -> String {
        self.to_string()
    }
}

impl From<ReadError> for Fault {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::NotWellFormed(reason) | ReadError::Refused(reason) => {
                Self::NotWellFormed(reason)
            }
            ReadError::NotACall(reason) => Self::InvalidRequest(reason),
        }
    }
}

/// The response for a fault. PB-4.
pub fn write_fault(fault: &Fault) -> String {
    Reply::fault(fault.code(), fault.sentence())
}
