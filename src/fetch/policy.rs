//! Who may be fetched from: [`Policy`] says yes, or [`Refused`] with a named reason.
//!
//! Sources are named by strangers, so without this guard anybody could have us call the services
//! of our own network. Pure: no IO, no clock, no DNS. [`super::client`] asks it about every URL before
//! the request, about every resolved address before it is dialled, and about the connected address
//! again. WM §4.5, WM-58.
//!
//! What counts as the public internet is [`AddrClass`]'s to say.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
use url::{Host, Url};

pub use super::address::AddrClass;
use super::address::unclothed;

/// Ports that are dialled without configuration: those of http and https.
pub const USUAL_PORTS: [u16; 2] = [80, 443];

/// Top-level names that no resolver of the world answers truthfully (RFC 6761, RFC 7686, RFC 9476), or
/// that no page has (`arpa` is of the infrastructure): never looked up.
const NOWHERE: [&str; 4] = ["alt", "arpa", "invalid", "onion"];

/// Suffixes that only a network of one's own answers (RFC 6761, RFC 6762 and its appendix G, RFC 8375, and
/// the names that ICANN will not delegate for that reason): looked up only where the operator allowed one.
const OWN_NETWORK: [&str; 11] = [
    "corp",
    "home",
    "home.arpa",
    "internal",
    "intranet",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "private",
    "test",
];

/// The longest host name, and the longest part between two dots: RFC 1035 §2.3.4.
const MAX_NAME_BYTES: usize = 253;
const MAX_LABEL_BYTES: usize = 63;

/// Why a URL or an address may not be fetched from. For the owner and the logs: a stranger who is
/// told could map a network with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Neither http nor https.
    #[error("scheme “{0}”")]
    Scheme(String),
    /// The URL carries a user name or a password.
    #[error("user name or password in the URL")]
    Userinfo,
    /// A host name that is not one of the public DNS.
    #[error("host name “{0}” is not a public one")]
    Name(String),
    /// A port that is neither usual nor configured.
    #[error("port {0}")]
    Port(u16),
    /// An address in a network that the operator refuses.
    #[error("address {0} is in a refused network")]
    Network(IpAddr),
    /// An address that is not of the public internet, nor in an allowed network.
    #[error("address {address} is not public: {class}")]
    NotPublic {
        /// The address, as it was found.
        address: IpAddr,
        /// What it is.
        class: AddrClass,
    },
}

/// Who may be fetched from. The default is the public internet on the usual ports.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// Networks that may be fetched from whatever they are, on every port: the operator's word.
    pub allowed_networks: Vec<IpNet>,
    /// Networks that are never fetched from, even if they are public or allowed: what the operator's own
    /// public addresses reach from inside.
    pub refused_networks: Vec<IpNet>,
    /// Ports that may be dialled on the public internet, beside [`USUAL_PORTS`].
    pub extra_ports: Vec<u16>,
}

impl Policy {
    /// The public internet and `networks`.
    pub fn allowing(networks: Vec<IpNet>) -> Self {
        Self {
            allowed_networks: networks,
            ..Self::default()
        }
    }

    /// Judges a URL before the request, on every hop: its scheme, userinfo, host and port.
    ///
    /// An IP literal is judged to the end here. For a name it is not the last word: its addresses
    /// must pass [`Policy::check_endpoint`] as well.
    ///
    /// # Errors
    /// The reason, if the URL may not be fetched.
    pub fn check_url(&self, url: &Url) -> Result<(), Refused> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refused::Scheme(url.scheme().to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refused::Userinfo);
        }
        let port = url.port_or_known_default().unwrap_or(0);
        // SECURITY: the parsed host, never its text. The parser has already turned 0x7f.1, 2130706433
        // and １２７.０.０.１ into the address that would be dialled.
        match url.host() {
            Some(Host::Ipv4(v4)) => self.check_endpoint(SocketAddr::new(v4.into(), port)),
            Some(Host::Ipv6(v6)) => self.check_endpoint(SocketAddr::new(v6.into(), port)),
            Some(Host::Domain(name)) => {
                self.check_name(name)?;
                // An allowed network may be behind the name; only its addresses can tell.
                if port != 0 && !self.allowed_networks.is_empty() {
                    return Ok(());
                }
                self.check_port(port)
            }
            None => Err(Refused::Name(String::new())),
        }
    }

    /// Judges an address and a port that are about to be dialled, or were.
    ///
    /// # Errors
    /// The reason, if it may not be dialled.
    pub fn check_endpoint(&self, endpoint: SocketAddr) -> Result<(), Refused> {
        self.check_addr(endpoint.ip())?;
        if endpoint.port() != 0 && self.is_allowed(endpoint.ip()) {
            return Ok(());
        }
        self.check_port(endpoint.port())
    }

    /// Judges an address, whatever the port.
    ///
    /// # Errors
    /// [`Refused::NotPublic`], if the address is not public and in no allowed network;
    /// [`Refused::Network`], if it is in a refused one.
    pub fn check_addr(&self, address: IpAddr) -> Result<(), Refused> {
        if self.is_refused(address) {
            return Err(Refused::Network(address));
        }
        match AddrClass::of(address) {
            Some(class) if !self.is_allowed(address) => Err(Refused::NotPublic { address, class }),
            Some(_) | None => Ok(()),
        }
    }

    /// Judges a port on the public internet.
    ///
    /// # Errors
    /// [`Refused::Port`], if the port is neither usual nor configured.
    pub fn check_port(&self, port: u16) -> Result<(), Refused> {
        if USUAL_PORTS.contains(&port) || (port != 0 && self.extra_ports.contains(&port)) {
            Ok(())
        } else {
            Err(Refused::Port(port))
        }
    }

    /// Whether `address` is in a network that the operator allowed.
    pub fn is_allowed(&self, address: IpAddr) -> bool {
        let meant = unclothed(address);
        let is_allowed = self.allowed_networks.iter().any(|net| net.contains(&meant));
        is_allowed && !self.is_refused(address)
    }

    /// Whether `address`, or the one that it stands for, is in a network that the operator refuses.
    fn is_refused(&self, address: IpAddr) -> bool {
        let meant = unclothed(address);
        self.refused_networks
            .iter()
            .any(|net| net.contains(&meant) || net.contains(&address))
    }

    /// Judges a host name before it is looked up, so that no resolver is asked what only a local
    /// network could answer.
    fn check_name(&self, name: &str) -> Result<(), Refused> {
        let refused = || Refused::Name(name.to_owned());
        let bare = name.strip_suffix('.').unwrap_or(name);
        let is_host_name = bare.split('.').all(|label| {
            (1..=MAX_LABEL_BYTES).contains(&label.len())
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        });
        if !is_host_name || bare.len() > MAX_NAME_BYTES {
            return Err(refused());
        }
        let is_one_of = |suffixes: &[&str]| suffixes.iter().any(|suffix| is_within(bare, suffix));
        let is_own = is_one_of(&OWN_NETWORK);
        if is_one_of(&NOWHERE) && !is_own {
            return Err(refused());
        }
        if (is_own || !bare.contains('.')) && self.allowed_networks.is_empty() {
            return Err(refused());
        }
        Ok(())
    }
}

/// Whether `name` is `suffix` or ends with `.suffix`. The URL parser has made it lower-case.
fn is_within(name: &str, suffix: &str) -> bool {
    name.strip_suffix(suffix)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests;
