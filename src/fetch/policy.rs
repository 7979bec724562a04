//! Who may be fetched from: [`Policy`] says yes, or [`Refused`] with a named reason.
//!
//! Sources are named by strangers, so without this guard anybody could have us call the services
//! of our own network. Pure: no IO, no clock, no DNS. [`super::client`] asks it about every URL before
//! the request, about every resolved address before it is dialled, and about the connected address
//! again. WM §4.5, WM-58.
//!
//! What counts as the public internet is the tables `V4_SPECIAL` and `V6_SPECIAL`, which follow
//! the IANA special-purpose address registries (RFC 6890) and refuse a little more: a page that
//! people read is on none of these addresses, even on those that the registries call reachable.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use url::{Host, Url};

/// Redirects followed in one fetch: the number that WM §4.2 suggests. WM-22, WM-54.
pub const MAX_REDIRECTS: usize = 20;

/// Bytes of a body that are kept, after decompression: WM §4.2 suggests 1 MB, and what comes
/// after the first one is comments. WM-55.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// Bytes of a response's header fields: servers that people use stay below 16 KiB.
pub const MAX_HEADER_BYTES: usize = 64 * 1024;

/// Header fields of a response, in number: bounds the work of one answer together with
/// [`MAX_HEADER_BYTES`].
pub const MAX_HEADERS: usize = 100;

/// Name resolution, TCP and TLS together: two SYN retransmissions fit in. WM-55.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Silence of a server: long enough for a blog that renders a page on demand. WM-55.
pub const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// The whole fetch, all redirects and the body included: what one slow server may cost a worker.
pub const TOTAL_TIMEOUT: Duration = Duration::from_secs(20);

/// Ports that are dialled without configuration: those of http and https.
pub const USUAL_PORTS: [u16; 2] = [80, 443];

/// How much a fetch may take, each limit with its default above.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// See [`MAX_REDIRECTS`].
    pub max_redirects: usize,
    /// See [`MAX_BODY_BYTES`].
    pub max_body_bytes: usize,
    /// See [`MAX_HEADER_BYTES`].
    pub max_header_bytes: usize,
    /// See [`CONNECT_TIMEOUT`].
    pub connect_timeout: Duration,
    /// See [`READ_TIMEOUT`].
    pub read_timeout: Duration,
    /// See [`TOTAL_TIMEOUT`].
    pub total_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_redirects: MAX_REDIRECTS,
            max_body_bytes: MAX_BODY_BYTES,
            max_header_bytes: MAX_HEADER_BYTES,
            connect_timeout: CONNECT_TIMEOUT,
            read_timeout: READ_TIMEOUT,
            total_timeout: TOTAL_TIMEOUT,
        }
    }
}

/// The IPv4 ranges that are not the public internet. The first that contains the address names it.
const V4_SPECIAL: [(Ipv4Net, AddrClass); 17] = {
    use AddrClass as C;
    [
        (v4([0, 0, 0, 0], 8), C::ThisNetwork),
        (v4([10, 0, 0, 0], 8), C::Private),
        (v4([100, 64, 0, 0], 10), C::CarrierNat),
        (v4([127, 0, 0, 0], 8), C::Loopback),
        (v4([168, 63, 129, 16], 32), C::CloudHost),
        (v4([169, 254, 0, 0], 16), C::LinkLocal),
        (v4([172, 16, 0, 0], 12), C::Private),
        (v4([192, 0, 0, 0], 24), C::IetfProtocol),
        (v4([192, 0, 2, 0], 24), C::Documentation),
        (v4([192, 88, 99, 0], 24), C::SixToFour),
        (v4([192, 168, 0, 0], 16), C::Private),
        (v4([198, 18, 0, 0], 15), C::Benchmarking),
        (v4([198, 51, 100, 0], 24), C::Documentation),
        (v4([203, 0, 113, 0], 24), C::Documentation),
        (v4([224, 0, 0, 0], 4), C::Multicast),
        (v4([255, 255, 255, 255], 32), C::Broadcast),
        (v4([240, 0, 0, 0], 4), C::Reserved),
    ]
};

/// The only part of IPv6 that is handed out to the public.
const V6_GLOBAL: Ipv6Net = v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

/// The IPv6 ranges whose addresses are an IPv4 address in other clothes: the last 32 bits are what
/// is reached in the end, and they alone are judged. NAT64 is the only way to IPv4 for some hosts.
const V6_EMBEDDING: [Ipv6Net; 2] = [
    v6([0, 0, 0, 0, 0, 0xffff, 0, 0], 96),    // IPv4-mapped
    v6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96), // NAT64, RFC 6052
];

/// The IPv6 ranges that are not the public internet. The first that contains the address names it;
/// what is in none of them must be in [`V6_GLOBAL`].
const V6_SPECIAL: [(Ipv6Net, AddrClass); 15] = {
    use AddrClass as C;
    [
        (v6([0, 0, 0, 0, 0, 0, 0, 0], 128), C::Unspecified),
        (v6([0, 0, 0, 0, 0, 0, 0, 1], 128), C::Loopback),
        (v6([0, 0, 0, 0, 0, 0, 0, 0], 96), C::V4Compatible),
        (v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48), C::LocalNat64),
        (v6([0x100, 0, 0, 0, 0, 0, 0, 0], 64), C::Discard),
        (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 32), C::Teredo),
        (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), C::IetfProtocol),
        (v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), C::Documentation),
        (v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16), C::SixToFour),
        (v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), C::Documentation),
        (v6([0x5f00, 0, 0, 0, 0, 0, 0, 0], 16), C::SegmentRouting),
        (v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7), C::UniqueLocal),
        (v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10), C::LinkLocal),
        (v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10), C::SiteLocal),
        (v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8), C::Multicast),
    ]
};

/// Top-level names that no resolver of the world answers truthfully: never looked up.
const NOWHERE: [&str; 3] = ["alt", "invalid", "onion"];

/// Suffixes that only a network of one's own answers: looked up only where the operator allowed one.
const OWN_NETWORK: [&str; 7] = [
    "home",
    "home.arpa",
    "internal",
    "lan",
    "local",
    "localhost",
    "test",
];

const fn v4([a, b, c, d]: [u8; 4], prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

#[expect(
    clippy::many_single_char_names,
    reason = "the eight groups of an address"
)]
const fn v6([a, b, c, d, e, f, g, h]: [u16; 8], prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, e, f, g, h), prefix)
}

/// What an address is, if it is not of the public internet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AddrClass {
    /// 0.0.0.0/8, RFC 791. Linux takes 0.0.0.0 for itself.
    ThisNetwork,
    /// 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, RFC 1918.
    Private,
    /// 100.64.0.0/10, RFC 6598; some clouds keep their metadata service here.
    CarrierNat,
    /// 127.0.0.0/8 and `::1`.
    Loopback,
    /// 168.63.129.16: publicly numbered, but inside Azure it is the virtual machine's own host.
    CloudHost,
    /// 169.254.0.0/16 and `fe80::/10`; the metadata service of most clouds.
    LinkLocal,
    /// 192.0.0.0/24 and `2001::/23`: protocol assignments, RFC 6890.
    IetfProtocol,
    /// 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24, `2001:db8::/32`, `3fff::/20`.
    Documentation,
    /// 192.88.99.0/24 and `2002::/16`: 6to4 and its relays, RFC 7526; it can hide any IPv4 address.
    SixToFour,
    /// 198.18.0.0/15, RFC 2544.
    Benchmarking,
    /// 224.0.0.0/4 and `ff00::/8`.
    Multicast,
    /// 240.0.0.0/4, RFC 1112.
    Reserved,
    /// 255.255.255.255.
    Broadcast,
    /// `::`.
    Unspecified,
    /// `::/96`, RFC 4291: deprecated, hides an IPv4 address.
    V4Compatible,
    /// `64:ff9b:1::/48`, RFC 8215: a local network's translation.
    LocalNat64,
    /// `100::/64`, RFC 6666.
    Discard,
    /// `2001::/32`, RFC 4380: hides an IPv4 address, inverted.
    Teredo,
    /// `5f00::/16`, RFC 9602.
    SegmentRouting,
    /// `fc00::/7`, RFC 4193.
    UniqueLocal,
    /// `fec0::/10`, RFC 3879: deprecated.
    SiteLocal,
    /// Whatever else lies outside `2000::/3`.
    Unassigned,
}

impl AddrClass {
    /// The class of `address`; `None` for the public internet.
    pub fn of(address: IpAddr) -> Option<Self> {
        match unclothed(address) {
            IpAddr::V4(v4) => V4_SPECIAL
                .iter()
                .find(|(net, _)| net.contains(&v4))
                .map(|(_, class)| *class),
            IpAddr::V6(v6) => V6_SPECIAL
                .iter()
                .find(|(net, _)| net.contains(&v6))
                .map(|(_, class)| *class)
                .or_else(|| (!V6_GLOBAL.contains(&v6)).then_some(Self::Unassigned)),
        }
    }

    /// The name in logs and explanations.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ThisNetwork => "“this network”",
            Self::Private => "a private network",
            Self::CarrierNat => "carrier-grade NAT",
            Self::Loopback => "loopback",
            Self::CloudHost => "a cloud's host service",
            Self::LinkLocal => "link-local",
            Self::IetfProtocol => "IETF protocol assignments",
            Self::Documentation => "documentation",
            Self::SixToFour => "6to4",
            Self::Benchmarking => "benchmarking",
            Self::Multicast => "multicast",
            Self::Reserved => "reserved",
            Self::Broadcast => "broadcast",
            Self::Unspecified => "unspecified",
            Self::V4Compatible => "IPv4-compatible",
            Self::LocalNat64 => "local NAT64",
            Self::Discard => "discard-only",
            Self::Teredo => "Teredo",
            Self::SegmentRouting => "segment routing",
            Self::UniqueLocal => "unique-local",
            Self::SiteLocal => "site-local",
            Self::Unassigned => "not global unicast",
        }
    }
}

impl fmt::Display for AddrClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The IPv4 address that `address` stands for by [`V6_EMBEDDING`], else `address` itself.
fn unclothed(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) if V6_EMBEDDING.iter().any(|net| net.contains(&v6)) => {
            let [.., a, b, c, d] = v6.octets();
            IpAddr::V4(Ipv4Addr::new(a, b, c, d))
        }
        IpAddr::V4(_) | IpAddr::V6(_) => address,
    }
}

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
    /// Ports that may be dialled on the public internet, beside [`USUAL_PORTS`].
    pub extra_ports: Vec<u16>,
}

impl Policy {
    /// The public internet and `networks`.
    pub fn allowing(networks: Vec<IpNet>) -> Self {
        Self {
            allowed_networks: networks,
            extra_ports: Vec::new(),
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
    /// [`Refused::NotPublic`], if the address is not public and in no allowed network.
    pub fn check_addr(&self, address: IpAddr) -> Result<(), Refused> {
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
        let address = unclothed(address);
        self.allowed_networks
            .iter()
            .any(|net| net.contains(&address))
    }

    /// Judges a host name before it is looked up, so that no resolver is asked what only a local
    /// network could answer.
    fn check_name(&self, name: &str) -> Result<(), Refused> {
        let refused = || Refused::Name(name.to_owned());
        let bare = name.strip_suffix('.').unwrap_or(name);
        let is_host_name = bare.split('.').all(|label| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        });
        if !is_host_name || NOWHERE.iter().any(|suffix| is_within(bare, suffix)) {
            return Err(refused());
        }
        let is_own =
            !bare.contains('.') || OWN_NETWORK.iter().any(|suffix| is_within(bare, suffix));
        if is_own && self.allowed_networks.is_empty() {
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
mod tests {
    use super::*;

    fn assert_class(address: &str, want: Option<AddrClass>) {
        let address: IpAddr = address.parse().unwrap();
        assert_eq!(AddrClass::of(address), want, "{address}");
        let strict = Policy::default().check_addr(address);
        let want = want.map_or(Ok(()), |class| Err(Refused::NotPublic { address, class }));
        assert_eq!(strict, want, "{address}");
    }

    /// Every row of the registry with its edges, and the neighbours just outside.
    #[test]
    fn ipv4_addresses_are_classified_as_the_registry_has_them() {
        use AddrClass as C;
        for (address, want) in [
            ("0.0.0.0", Some(C::ThisNetwork)),
            ("0.255.255.255", Some(C::ThisNetwork)),
            ("1.0.0.0", None),
            ("9.255.255.255", None),
            ("10.0.0.0", Some(C::Private)),
            ("10.255.255.255", Some(C::Private)),
            ("11.0.0.0", None),
            ("100.63.255.255", None),
            ("100.64.0.0", Some(C::CarrierNat)),
            ("100.100.100.200", Some(C::CarrierNat)),
            ("100.127.255.255", Some(C::CarrierNat)),
            ("100.128.0.0", None),
            ("126.255.255.255", None),
            ("127.0.0.1", Some(C::Loopback)),
            ("127.255.255.255", Some(C::Loopback)),
            ("128.0.0.0", None),
            ("168.63.129.15", None),
            ("168.63.129.16", Some(C::CloudHost)),
            ("168.63.129.17", None),
            ("169.253.255.255", None),
            ("169.254.0.0", Some(C::LinkLocal)),
            ("169.254.169.254", Some(C::LinkLocal)),
            ("169.255.0.0", None),
            ("172.15.255.255", None),
            ("172.16.0.0", Some(C::Private)),
            ("172.31.255.255", Some(C::Private)),
            ("172.32.0.0", None),
            ("191.255.255.255", None),
            ("192.0.0.0", Some(C::IetfProtocol)),
            ("192.0.0.192", Some(C::IetfProtocol)),
            ("192.0.1.0", None),
            ("192.0.2.1", Some(C::Documentation)),
            ("192.0.3.0", None),
            ("192.88.98.255", None),
            ("192.88.99.1", Some(C::SixToFour)),
            ("192.88.100.0", None),
            ("192.167.255.255", None),
            ("192.168.0.0", Some(C::Private)),
            ("192.168.255.255", Some(C::Private)),
            ("192.169.0.0", None),
            ("198.17.255.255", None),
            ("198.18.0.0", Some(C::Benchmarking)),
            ("198.19.255.255", Some(C::Benchmarking)),
            ("198.20.0.0", None),
            ("198.51.99.255", None),
            ("198.51.100.1", Some(C::Documentation)),
            ("198.51.101.0", None),
            ("203.0.112.255", None),
            ("203.0.113.1", Some(C::Documentation)),
            ("203.0.114.0", None),
            ("223.255.255.255", None),
            ("224.0.0.1", Some(C::Multicast)),
            ("239.255.255.255", Some(C::Multicast)),
            ("240.0.0.0", Some(C::Reserved)),
            ("255.255.255.254", Some(C::Reserved)),
            ("255.255.255.255", Some(C::Broadcast)),
            ("8.8.8.8", None),
        ] {
            assert_class(address, want);
        }
    }

    /// As above; forms that embed an IPv4 address are judged by it, or refused as such.
    #[test]
    fn ipv6_addresses_are_classified_as_the_registry_has_them() {
        use AddrClass as C;
        for (address, want) in [
            ("::", Some(C::Unspecified)),
            ("::1", Some(C::Loopback)),
            ("::2", Some(C::V4Compatible)),
            ("::127.0.0.1", Some(C::V4Compatible)),
            ("::8.8.8.8", Some(C::V4Compatible)),
            ("::fffe:7f00:1", Some(C::Unassigned)),
            ("::ffff:127.0.0.1", Some(C::Loopback)),
            ("::ffff:10.1.2.3", Some(C::Private)),
            ("::ffff:169.254.169.254", Some(C::LinkLocal)),
            ("::ffff:0.0.0.0", Some(C::ThisNetwork)),
            ("::ffff:8.8.8.8", None),
            ("::ffff:0:127.0.0.1", Some(C::Unassigned)), // IPv4-translated, RFC 2765
            ("64:ff9b::127.0.0.1", Some(C::Loopback)),
            ("64:ff9b::192.168.1.1", Some(C::Private)),
            ("64:ff9b::8.8.8.8", None),
            ("64:ff9b::1:7f00:1", Some(C::Unassigned)),
            ("64:ff9b:1::8.8.8.8", Some(C::LocalNat64)),
            ("64:ff9b:1:ffff::1", Some(C::LocalNat64)),
            ("64:ff9b:2::1", Some(C::Unassigned)),
            ("100::1", Some(C::Discard)),
            ("100:0:0:1::1", Some(C::Unassigned)),
            ("1fff:ffff::1", Some(C::Unassigned)),
            ("2001::1", Some(C::Teredo)),
            ("2001:0:4136:e378:8000:63bf:80ff:fffe", Some(C::Teredo)),
            ("2001:1::1", Some(C::IetfProtocol)),
            ("2001:2::1", Some(C::IetfProtocol)), // benchmarking
            ("2001:20::1", Some(C::IetfProtocol)), // ORCHIDv2
            ("2001:1ff:ffff::1", Some(C::IetfProtocol)),
            ("2001:200::1", None),
            ("2001:db7:ffff::1", None),
            ("2001:db8::1", Some(C::Documentation)),
            ("2001:db8:ffff::1", Some(C::Documentation)),
            ("2001:db9::1", None),
            ("2001:4860:4860::8888", None),
            ("2002:7f00:1::", Some(C::SixToFour)),
            ("2002:808:808::1", Some(C::SixToFour)),
            ("2003::1", None),
            ("2606:4700:4700::1111", None),
            ("3ffe::1", None),
            ("3fff::1", Some(C::Documentation)),
            ("3fff:fff:ffff::1", Some(C::Documentation)),
            ("3fff:1000::1", None),
            ("4000::1", Some(C::Unassigned)),
            ("5eff:ffff::1", Some(C::Unassigned)),
            ("5f00::1", Some(C::SegmentRouting)),
            ("5f01::1", Some(C::Unassigned)),
            ("fbff:ffff::1", Some(C::Unassigned)),
            ("fc00::1", Some(C::UniqueLocal)),
            ("fd00:ec2::254", Some(C::UniqueLocal)),
            ("fe00::1", Some(C::Unassigned)),
            ("fe80::1", Some(C::LinkLocal)),
            ("febf::1", Some(C::LinkLocal)),
            ("fec0::1", Some(C::SiteLocal)),
            ("feff::1", Some(C::SiteLocal)),
            ("ff02::1", Some(C::Multicast)),
        ] {
            assert_class(address, want);
        }
    }

    fn verdict(policy: &Policy, url: &str) -> String {
        match policy.check_url(&Url::parse(url).unwrap()) {
            Ok(()) => "ok".to_owned(),
            Err(Refused::Scheme(_)) => "scheme".to_owned(),
            Err(Refused::Userinfo) => "userinfo".to_owned(),
            Err(Refused::Name(_)) => "name".to_owned(),
            Err(Refused::Port(port)) => format!("port {port}"),
            Err(Refused::NotPublic { class, .. }) => class.to_string(),
        }
    }

    #[test]
    fn urls_are_judged_by_what_would_be_dialled_however_they_are_written() {
        for (url, want) in [
            ("https://example.com/", "ok"),
            ("http://example.com./", "ok"),
            ("http://example.com:443/", "ok"),
            ("https://xn--bcher-kva.example/", "ok"),
            ("https://my_blog.example.com/", "ok"),
            ("https://localhost.example.com/", "ok"),
            ("https://notlocal/", "name"),
            ("http://8.8.8.8/", "ok"),
            ("http://[2606:4700:4700::1111]/", "ok"),
            ("http://[::ffff:8.8.8.8]/", "ok"),
            ("ftp://example.com/", "scheme"),
            ("file:///etc/passwd", "scheme"),
            ("gopher://127.0.0.1:6379/_INFO", "scheme"),
            ("data:text/html,x", "scheme"),
            ("javascript:alert(1)", "scheme"),
            ("ws://example.com/", "scheme"),
            ("http://user@example.com/", "userinfo"),
            ("http://:pass@example.com/", "userinfo"),
            ("http://example.com:8080/", "port 8080"),
            ("http://example.com:22/", "port 22"),
            ("http://example.com:0/", "port 0"),
            ("http://8.8.8.8:53/", "port 53"),
            ("http://127.0.0.1/", "loopback"),
            ("http://127.0.0.1:6379/", "loopback"),
            ("http://127.1/", "loopback"),
            ("http://127.0.0.1./", "loopback"),
            ("http://2130706433/", "loopback"),
            ("http://0x7f000001/", "loopback"),
            ("http://0x7f.1/", "loopback"),
            ("http://0177.0.0.1/", "loopback"),
            ("http://017700000001/", "loopback"),
            ("http://①②⑦.⓪.⓪.①/", "loopback"),
            ("http://１２７.０.０.１/", "loopback"),
            ("http://127。0。0。1/", "loopback"),
            ("http://%31%32%37.0.0.1/", "loopback"),
            ("http://0/", "“this network”"),
            ("http://0.0.0.0/", "“this network”"),
            ("http://3232235521/", "a private network"),
            ("http://0xa9fea9fe/", "link-local"),
            ("http://169.254.169.254/latest/meta-data/", "link-local"),
            ("http://[::1]/", "loopback"),
            ("http://[0:0:0:0:0:0:0:1]/", "loopback"),
            ("http://[::]/", "unspecified"),
            ("http://[::ffff:127.0.0.1]/", "loopback"),
            ("http://[::ffff:7f00:1]/", "loopback"),
            ("http://[::127.0.0.1]/", "IPv4-compatible"),
            ("http://[64:ff9b::7f00:1]/", "loopback"),
            ("http://[2002:7f00:1::]/", "6to4"),
            ("http://[2001:0:4136:e378:8000:63bf:80ff:fffe]/", "Teredo"),
            ("http://[fe80::1]/", "link-local"),
            ("http://[fd00:ec2::254]/", "unique-local"),
            ("http://localhost/", "name"),
            ("http://LOCALHOST./", "name"),
            ("http://loc%61lhost/", "name"),
            ("http://ｌｏｃａｌｈｏｓｔ/", "name"),
            ("http://a.localhost/", "name"),
            ("http://printer.local/", "name"),
            ("http://metadata.google.internal/", "name"),
            ("http://router.home.arpa/", "name"),
            ("http://nas.lan/", "name"),
            ("http://nas.home/", "name"),
            ("http://a.onion/", "name"),
            ("http://a.alt/", "name"),
            ("http://a.test/", "name"),
            ("http://a.invalid/", "name"),
            ("http://intranet/", "name"),
            ("http://com./", "name"),
            ("http://a..example.com/", "name"),
            ("http://ex{am}ple.com/", "name"),
        ] {
            assert_eq!(verdict(&Policy::default(), url), want, "{url}");
        }
    }

    #[test]
    fn an_extra_port_is_open_on_the_public_internet_and_nowhere_else() {
        let policy = Policy {
            extra_ports: vec![8080],
            ..Policy::default()
        };
        for (url, want) in [
            ("http://example.com:8080/", "ok"),
            ("http://8.8.8.8:8080/", "ok"),
            ("http://example.com:8081/", "port 8081"),
            ("http://127.0.0.1:8080/", "loopback"),
        ] {
            assert_eq!(verdict(&policy, url), want, "{url}");
        }
    }

    #[test]
    fn an_allowed_network_opens_itself_and_nothing_beside_it() {
        let policy = Policy::allowing(vec!["127.0.0.1/32".parse().unwrap()]);
        for (url, want) in [
            ("http://127.0.0.1:6379/", "ok"),
            ("http://[::ffff:127.0.0.1]:6379/", "ok"),
            ("http://127.0.0.1:0/", "port 0"),
            ("http://127.0.0.2/", "loopback"),
            ("http://[::1]/", "loopback"),
            ("http://10.0.0.1/", "a private network"),
            ("http://8.8.8.8:6379/", "port 6379"),
            // Names of an own network may now be looked up; what they resolve to is judged then.
            ("http://localhost:6379/", "ok"),
            ("http://blog.test:6379/", "ok"),
            ("http://intranet/", "ok"),
            ("http://example.com:6379/", "ok"),
            ("http://example.com:0/", "port 0"),
            ("http://a.onion/", "name"),
            ("http://a.invalid/", "name"),
            ("file:///etc/passwd", "scheme"),
            ("http://u@127.0.0.1/", "userinfo"),
        ] {
            assert_eq!(verdict(&policy, url), want, "{url}");
        }
        let endpoint = |text: &str| policy.check_endpoint(text.parse().unwrap());
        assert_eq!(endpoint("127.0.0.1:6379"), Ok(()));
        assert_eq!(endpoint("8.8.8.8:443"), Ok(()));
        assert_eq!(endpoint("8.8.8.8:6379"), Err(Refused::Port(6379)));
    }
}
