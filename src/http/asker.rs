//! [`Asker`]: who sends a request, and by which address they reached us, behind however many proxies.
//!
//! What a header says of that is believed only as far as trusted hands wrote it: from the right, as
//! long as the address before is one of a trusted proxy.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use actix_web::HttpRequest;
use actix_web::http::header::{HeaderMap, HeaderName};
use ipnet::IpNet;

/// So many proxies are followed, one behind the other; real chains have three.
const MAX_HOPS: usize = 32;

const FORWARDED: HeaderName = HeaderName::from_static("forwarded");
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Which proxies are believed, and in which header.
#[derive(Debug, Clone, Default)]
pub struct Proxies {
    /// Where they are.
    pub trusted: Vec<IpNet>,
    /// Whether they write `Forwarded` (RFC 7239); else `X-Forwarded-For` and `X-Forwarded-Proto`.
    // SECURITY: never both. A proxy that writes the one passes the other on as a client made it up.
    pub write_forwarded: bool,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asker {
    /// The client, or the proxy that would not say who is behind it.
    pub(super) address: IpAddr,
    /// A connection from this machine that is no trusted proxy's: the owner, or a proxy that nobody told
    /// us of, with all the world behind it.
    pub(super) is_local: bool,
    /// The scheme by which the client reached the first trusted proxy.
    pub(super) scheme: Option<&'static str>,
    /// The host that it asked for there.
    pub(super) host: Option<String>,
}

impl Proxies {
    /// Who sent `request`; `None` if the connection has no address.
    pub(super) fn asker(&self, request: &HttpRequest) -> Option<Asker> {
        let peer = request.peer_addr()?.ip();
        Some(self.asker_behind(peer, request.headers()))
    }

    /// Whether `request` comes through a proxy on this machine that is not trusted.
    pub(super) fn is_stranger(&self, request: &HttpRequest) -> bool {
        let headers = request.headers();
        (headers.contains_key(FORWARDED) || headers.contains_key(X_FORWARDED_FOR))
            && self.asker(request).is_some_and(|asker| asker.is_local)
    }

    fn asker_behind(&self, peer: IpAddr, headers: &HeaderMap) -> Asker {
        let peer = peer.to_canonical();
        let mut asker = Asker {
            address: peer,
            is_local: peer.is_loopback() && !self.trusts(peer),
            scheme: None,
            host: None,
        };
        if !self.trusts(peer) {
            return asker;
        }
        let name = if self.write_forwarded {
            FORWARDED
        } else {
            asker.scheme = elements(headers, &X_FORWARDED_PROTO)
                .next()
                .and_then(|text| scheme(&text));
            X_FORWARDED_FOR
        };
        for element in elements(headers, &name).take(MAX_HOPS) {
            // This element is the word of the proxy at `asker.address`.
            if !self.trusts(asker.address) {
                break;
            }
            let node_before = if self.write_forwarded {
                let hop = Hop::read(&element);
                (asker.scheme, asker.host) = (hop.scheme, hop.host);
                hop.node
            } else {
                node(&unquoted(&element))
            };
            match node_before {
                Some(address) => asker.address = address,
                // `unknown`, `_hidden`, or no address at all: whoever it is, this proxy answers for it.
                None => break,
            }
        }
        asker
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted
            .iter()
            .any(|network| network.contains(&address))
    }
}

/// One element of `Forwarded`. RFC 7239 §4.
#[derive(Default)]
struct Hop {
    node: Option<IpAddr>,
    scheme: Option<&'static str>,
    host: Option<String>,
}

impl Hop {
    fn read(element: &str) -> Self {
        let mut hop = Self::default();
        let mut rest = Some(element);
        while let Some(text) = rest {
            let pair;
            (rest, pair) = split_last(text, b';');
            let Some((name, value)) = pair.split_once('=') else {
                continue;
            };
            let value = unquoted(value);
            match name.trim().to_ascii_lowercase().as_str() {
                "for" => hop.node = node(&value),
                "proto" => hop.scheme = scheme(&value),
                "host" => hop.host = Some(value.into_owned()),
                _ => {}
            }
        }
        hop
    }
}

/// The elements of a header's comma-separated list, the last one of the last line first.
fn elements<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = String> + 'a {
    let mut lines: Vec<_> = headers.get_all(name).collect();
    let mut rest: Option<String> = None;
    std::iter::from_fn(move || {
        let text = match rest.take() {
            Some(text) => text,
            None => String::from_utf8_lossy(lines.pop()?.as_bytes()).into_owned(),
        };
        let (before, last) = split_last(&text, b',');
        let last = last.trim().to_owned();
        rest = before.map(str::to_owned);
        Some(last)
    })
}

/// What stands before and after the last `separator` outside quotation marks.
// SECURITY: from the right, since what the proxy wrote stands there: a quotation mark that the client
// left open, in what it sent itself, must not swallow that.
fn split_last(text: &str, separator: u8) -> (Option<&str>, &str) {
    let mut is_quoted = false;
    let mut bytes = text.bytes().enumerate().rev().peekable();
    while let Some((at, byte)) = bytes.next() {
        if byte == b'"' {
            let mut is_escaped = false;
            while bytes.next_if(|(_, before)| *before == b'\\').is_some() {
                is_escaped = !is_escaped;
            }
            is_quoted ^= !is_escaped;
        } else if byte == separator && !is_quoted {
            let (before, after) = text.split_at_checked(at).unwrap_or(("", text));
            return (Some(before), after.get(1..).unwrap_or_default());
        }
    }
    (None, text)
}

/// A value without its quotation marks, if it has them.
fn unquoted(value: &str) -> Cow<'_, str> {
    let value = value.trim();
    let Some(inside) = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    else {
        return Cow::Borrowed(value);
    };
    let mut text = String::with_capacity(inside.len());
    let mut chars = inside.chars();
    while let Some(c) = chars.next() {
        text.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    Cow::Owned(text)
}

fn scheme(value: &str) -> Option<&'static str> {
    ["https", "http"]
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(value))
}

/// An address with or without a port: `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`. RFC 7239 §6.
fn node(text: &str) -> Option<IpAddr> {
    let address = if let Some(rest) = text.strip_prefix('[') {
        let (inside, port) = rest.split_once(']')?;
        let is_port = port.is_empty() || port.starts_with(':');
        is_port.then(|| inside.parse::<Ipv6Addr>().ok())??.into()
    } else if let Ok(address) = text.parse::<IpAddr>() {
        address
    } else {
        let (address, _port) = text.split_once(':')?;
        address.parse::<Ipv4Addr>().ok()?.into()
    };
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests;
