//! [`Pattern`]: whom a rule is about, as one word that people write.

use std::fmt;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net};
use url::{Host, Url};

use crate::model::{SourceUrl, UrlError};

/// The longest host name. RFC 1035 §2.3.4.
const MAX_HOST_BYTES: usize = 253;
/// The longest label of one.
const MAX_LABEL_BYTES: usize = 63;

/// Whom a rule is about. Schemes and ports make no difference.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// `example.com`: pages of a host and of all hosts below it.
    Domain(String),
    /// `=example.com`: pages of this host alone.
    Host(String),
    /// `https://example.com/~ann`: pages whose path begins with these segments.
    Prefix {
        /// The host.
        host: String,
        /// The segments, each with a slash before it; never empty.
        path: String,
    },
    /// `192.0.2.0/24`: clients of a network, and pages whose host is an address in it.
    Network(IpNet),
}

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Nothing.
    #[error("it is empty")]
    Empty,
    /// More than one word.
    #[error("it is more than one word")]
    Spaces,
    /// An address with a length that cannot be.
    #[error("it is not a network: write it like 192.0.2.0/24 or 2001:db8::/32")]
    Network,
    /// A host and a port.
    #[error("it has a port: a rule holds for every port, leave it out")]
    Port,
    /// A query or a fragment.
    #[error("it has a query or a fragment: a rule is about a path and all below it")]
    Query,
    /// What no host can be called.
    #[error("it is no host name")]
    Host,
    /// No URL.
    #[error("it is no URL: {0}")]
    Url(UrlError),
}

impl Pattern {
    /// Reads `example.com` (also `*.example.com` and `.example.com`), `=example.com`,
    /// `https://example.com/~ann`, `example.com/~ann` or `192.0.2.0/24`.
    ///
    /// # Errors
    /// [`PatternError`] says what is wrong with `text`.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(PatternError::Empty);
        }
        if text.contains(char::is_whitespace) {
            return Err(PatternError::Spaces);
        }
        if let Some(network) = network(text)? {
            return Ok(Self::Network(network));
        }
        if let Some(host) = text.strip_prefix('=') {
            return Self::host(host);
        }
        if text.contains(['/', '?', '#', '@']) {
            return Self::prefix(text);
        }
        let name = text.strip_prefix('*').unwrap_or(text);
        let name = name.strip_prefix('.').unwrap_or(name);
        let url = named(name)?;
        match url.as_url().host() {
            Some(Host::Ipv4(address)) => Ok(Self::Network(IpAddr::V4(address).into())),
            Some(Host::Ipv6(address)) => Ok(Self::Network(IpAddr::V6(address).into())),
            Some(Host::Domain(_)) | None => Ok(Self::Domain(checked(url.host())?)),
        }
    }

    /// Just the host of that name.
    ///
    /// # Errors
    /// [`PatternError`] if it is none.
    pub fn host(name: &str) -> Result<Self, PatternError> {
        let url = named(name)?;
        match url.as_url().host() {
            Some(Host::Domain(_)) => Ok(Self::Host(checked(url.host())?)),
            Some(Host::Ipv4(_) | Host::Ipv6(_)) | None => Ok(Self::Host(url.host().to_owned())),
        }
    }

    /// The pages below a URL; of a whole host if the URL has no path.
    fn prefix(text: &str) -> Result<Self, PatternError> {
        let url = if text.contains("://") {
            SourceUrl::parse(text)
        } else {
            SourceUrl::parse(&format!("https://{text}"))
        };
        let url = url.map_err(PatternError::Url)?;
        let parsed = url.as_url();
        if parsed.port().is_some() {
            return Err(PatternError::Port);
        }
        if parsed.query().is_some() || parsed.fragment().is_some() {
            return Err(PatternError::Query);
        }
        let path = segments(parsed).fold(String::new(), |path, segment| path + "/" + &segment);
        if path.is_empty() {
            return Self::host(url.host());
        }
        Ok(Self::Prefix {
            host: url.host().to_owned(),
            path,
        })
    }
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        Self::parse(text)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Domain(name) => f.write_str(name),
            Self::Host(name) => write!(f, "={name}"),
            Self::Prefix { host, path } => write!(f, "{host}{path}"),
            Self::Network(network) => write!(f, "{network}"),
        }
    }
}

/// The network that `text` names, if it looks like one.
fn network(text: &str) -> Result<Option<IpNet>, PatternError> {
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(text);
    if let Ok(address) = bare.parse::<IpAddr>() {
        return Ok(Some(address.to_canonical().into()));
    }
    let Some((address, length)) = text.split_once('/') else {
        return Ok(None);
    };
    if address.parse::<IpAddr>().is_err() {
        return Ok(None);
    }
    // `192.0.2.7/~ann` is a page.
    if !length.bytes().all(|b| b.is_ascii_digit()) || length.is_empty() {
        return Ok(None);
    }
    let network: IpNet = text.parse().map_err(|_length| PatternError::Network)?;
    Ok(Some(canonical_network(network).trunc()))
}

/// A network of IPv4 addresses written as IPv6 ones (`::ffff:192.0.2.0/120`) as what it is: addresses are
/// compared so, too.
pub fn canonical_network(network: IpNet) -> IpNet {
    if let IpNet::V6(v6) = network
        && let Some(v4) = v6.addr().to_ipv4_mapped()
        && let Some(length) = v6.prefix_len().checked_sub(96)
        && let Ok(v4) = Ipv4Net::new(v4, length)
    {
        return v4.into();
    }
    network
}

/// The URL of a host's root.
fn named(name: &str) -> Result<SourceUrl, PatternError> {
    let url = SourceUrl::parse(&format!("https://{name}/")).map_err(|_not_a_url| {
        let has_port = name
            .rsplit_once(':')
            .is_some_and(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
        if has_port {
            PatternError::Port
        } else {
            PatternError::Host
        }
    })?;
    if url.as_url().port().is_some() {
        return Err(PatternError::Port);
    }
    if url.as_url().path() != "/" || url.as_url().query().is_some() {
        return Err(PatternError::Host);
    }
    Ok(url)
}

/// A host name if DNS could hold it.
fn checked(host: &str) -> Result<String, PatternError> {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= MAX_LABEL_BYTES
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    if host.len() > MAX_HOST_BYTES || !host.split('.').all(is_label) {
        return Err(PatternError::Host);
    }
    Ok(host.to_owned())
}

/// The segments of a URL's path, in one spelling: without empty ones, and with nothing escaped that need
/// not be. RFC 3986 §6.2.2.
pub(super) fn segments(url: &Url) -> impl Iterator<Item = String> {
    url.path()
        .split('/')
        .filter(|segment| !segment.is_empty())
        .map(unescaped)
}

fn unescaped(segment: &str) -> String {
    let mut text = String::with_capacity(segment.len());
    let mut chars = segment.chars();
    while let Some(c) = chars.next() {
        let mut ahead = chars.clone();
        let escaped = (c == '%')
            .then(|| Some((ahead.next()?.to_digit(16)?, ahead.next()?.to_digit(16)?)))
            .flatten();
        let Some((high, low)) = escaped else {
            text.push(c);
            continue;
        };
        chars = ahead;
        let byte = u8::try_from(high << 4 | low).unwrap_or(b'%');
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            text.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_read_and_written_in_one_form() {
        for (text, want) in [
            ("example.com", "example.com"),
            (" EXAMPLE.com. ", "example.com"),
            ("*.example.com", "example.com"),
            (".example.com", "example.com"),
            ("xyz", "xyz"),
            ("b\u{fc}cher.example", "xn--bcher-kva.example"),
            ("_dmarc.example.com", "_dmarc.example.com"),
            ("=www.Example.com", "=www.example.com"),
            ("https://example.com", "=example.com"),
            ("http://example.com:80/", "=example.com"),
            ("https://EXAMPLE.com/~Ann/", "example.com/~Ann"),
            ("example.com/%7eann//blog", "example.com/~ann/blog"),
            (
                "https://example.com/a%2fb/%C3%A9",
                "example.com/a%2Fb/%C3%A9",
            ),
            ("https://example.com/é", "example.com/%C3%A9"),
            ("https://example.com/x/../~ann", "example.com/~ann"),
            ("192.0.2.7", "192.0.2.7/32"),
            ("192.0.2.7/24", "192.0.2.0/24"),
            ("0x7f.1", "127.0.0.1/32"),
            ("::ffff:192.0.2.7", "192.0.2.7/32"),
            ("::ffff:192.0.2.0/120", "192.0.2.0/24"),
            ("2001:db8::/32", "2001:db8::/32"),
            ("[2001:db8::1]", "2001:db8::1/128"),
            ("192.0.2.7/~ann", "192.0.2.7/~ann"),
            ("http://[2001:db8::1]/a", "[2001:db8::1]/a"),
        ] {
            let pattern = Pattern::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(pattern.to_string(), want, "{text}");
            assert_eq!(Pattern::parse(want).as_ref(), Ok(&pattern), "{want}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused_with_the_reason() {
        let long = format!("{}.example", "a".repeat(64));
        for (text, want) in [
            ("", PatternError::Empty),
            (" \t", PatternError::Empty),
            ("two words.example", PatternError::Spaces),
            ("192.0.2.0/33", PatternError::Network),
            ("2001:db8::/129", PatternError::Network),
            ("example.com:8443", PatternError::Port),
            ("example.com:99999", PatternError::Port),
            ("https://example.com:8443/a", PatternError::Port),
            ("https://example.com/?p=1", PatternError::Query),
            ("https://example.com/#a", PatternError::Query),
            ("ann@example.com", PatternError::Url(UrlError::Userinfo)),
            (
                "https://u:p@example.com/",
                PatternError::Url(UrlError::Userinfo),
            ),
            (
                "ftp://example.com/",
                PatternError::Url(UrlError::Scheme("ftp".into())),
            ),
            ("example..com", PatternError::Host),
            ("a,b.example", PatternError::Host),
            ("*", PatternError::Host),
            ("=", PatternError::Host),
            ("||example.com^", PatternError::Host),
            (&long, PatternError::Host),
        ] {
            assert_eq!(Pattern::parse(text), Err(want), "{text}");
        }
    }
}
