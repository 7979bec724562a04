//! Why a request failed: the HTTP library's chain of errors, sorted into [`FetchError`].

use std::error::Error;
use std::io;

use url::Url;

use super::FetchError;
use super::policy::Refused;
use super::resolve::NoAddress;

/// Sorts an error of the HTTP library; `phase` names what was waited for once connected.
pub(super) fn explain(error: &reqwest::Error, url: &Url, phase: &'static str) -> FetchError {
    // Our own resolver's word comes first: the library sees only that there is no connection.
    if let Some(no_address) = causes(error).find_map(|e| e.downcast_ref::<NoAddress>()) {
        return match no_address.clone() {
            NoAddress::Refused(refused) => FetchError::Refused(refused),
            NoAddress::Port => FetchError::Refused(Refused::Port(
                url.port_or_known_default().unwrap_or_default(),
            )),
            NoAddress::Unresolved(why) => FetchError::Dns(why.to_string()),
        };
    }
    if error.is_timeout() {
        return FetchError::Timeout(if error.is_connect() {
            "connecting"
        } else {
            phase
        });
    }
    if let Some(tls) = causes(error).find_map(|e| e.downcast_ref::<rustls::Error>()) {
        return FetchError::Tls(tls.to_string());
    }
    if error.is_connect() {
        // A TCP connection that fails is refused or unreachable; one that breaks was made, and broke
        // in the handshake.
        let broke = causes(error)
            .filter_map(|e| e.downcast_ref::<io::Error>())
            .any(|e| {
                matches!(
                    e.kind(),
                    io::ErrorKind::UnexpectedEof
                        | io::ErrorKind::InvalidData
                        | io::ErrorKind::ConnectionReset
                        | io::ErrorKind::ConnectionAborted
                        | io::ErrorKind::BrokenPipe
                )
            });
        return if broke && url.scheme() == "https" {
            FetchError::Tls(innermost(error))
        } else {
            FetchError::Connect(innermost(error))
        };
    }
    FetchError::BadResponse(innermost(error))
}

/// `error` and what caused it, outermost first.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        // `io::Error::source` skips the very error that it carries.
        match error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}

/// The first cause, in words; it names no URL, which the caller knows better.
pub(super) fn innermost(error: &reqwest::Error) -> String {
    causes(error)
        .last()
        .map(ToString::to_string)
        .unwrap_or_default()
}
