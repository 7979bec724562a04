//! [`AddrClass`]: what an address is, if it is not of the public internet.
//!
//! What counts as the public internet is the tables `V4_SPECIAL` and `V6_SPECIAL`, which follow
//! the IANA special-purpose address registries (RFC 6890) and refuse a little more: a page that
//! people read is on none of these addresses, even on those that the registries call reachable.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

/// The IPv4 ranges that are not the public internet. The first that contains the address names it.
const V4_SPECIAL: [(Ipv4Net, AddrClass); 20] = {
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
        (v4([192, 31, 196, 0], 24), C::As112),
        (v4([192, 52, 193, 0], 24), C::Multicast),
        (v4([192, 88, 99, 0], 24), C::SixToFour),
        (v4([192, 168, 0, 0], 16), C::Private),
        (v4([192, 175, 48, 0], 24), C::As112),
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
const V6_SPECIAL: [(Ipv6Net, AddrClass); 17] = {
    use AddrClass as C;
    [
        (v6([0, 0, 0, 0, 0, 0, 0, 0], 128), C::Unspecified),
        (v6([0, 0, 0, 0, 0, 0, 0, 1], 128), C::Loopback),
        (v6([0, 0, 0, 0, 0, 0, 0, 0], 96), C::V4Compatible),
        (v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48), C::LocalNat64),
        (v6([0x100, 0, 0, 0, 0, 0, 0, 0], 64), C::Discard),
        (v6([0x100, 0, 0, 1, 0, 0, 0, 0], 64), C::Dummy),
        (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 32), C::Teredo),
        (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), C::IetfProtocol),
        (v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), C::Documentation),
        (v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16), C::SixToFour),
        (v6([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48), C::As112),
        (v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), C::Documentation),
        (v6([0x5f00, 0, 0, 0, 0, 0, 0, 0], 16), C::SegmentRouting),
        (v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7), C::UniqueLocal),
        (v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10), C::LinkLocal),
        (v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10), C::SiteLocal),
        (v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8), C::Multicast),
    ]
};

/// The middle of an ISATAP address, RFC 5214 §6.1: after any prefix, these 32 bits (the last but 32,
/// but for the bit that says “globally unique”), and then the IPv4 address that a router would tunnel to.
const ISATAP: u32 = 0x5efe;
const ISATAP_MASK: u32 = 0xfdff_ffff;

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
    /// 192.31.196.0/24, 192.175.48.0/24 and `2620:4f:8000::/48`: sinks for stray questions, RFC 7534 and
    /// RFC 7535; whoever runs a network may run one.
    As112,
    /// 192.88.99.0/24 and `2002::/16`: 6to4 and its relays, RFC 7526; it can hide any IPv4 address.
    SixToFour,
    /// 198.18.0.0/15, RFC 2544.
    Benchmarking,
    /// 224.0.0.0/4 and `ff00::/8`; 192.52.193.0/24, RFC 7450, a tunnel to them.
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
    /// `100:0:0:1::/64`, RFC 9780: leads nowhere on purpose.
    Dummy,
    /// RFC 5214, in any prefix: hides an IPv4 address.
    Isatap,
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
                .or_else(|| (!V6_GLOBAL.contains(&v6)).then_some(Self::Unassigned))
                .or_else(|| is_isatap(v6).then_some(Self::Isatap)),
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
            Self::As112 => "AS112",
            Self::SixToFour => "6to4",
            Self::Benchmarking => "benchmarking",
            Self::Multicast => "multicast",
            Self::Reserved => "reserved",
            Self::Broadcast => "broadcast",
            Self::Unspecified => "unspecified",
            Self::V4Compatible => "IPv4-compatible",
            Self::LocalNat64 => "local NAT64",
            Self::Discard => "discard-only",
            Self::Dummy => "dummy prefix",
            Self::Isatap => "ISATAP",
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
pub(super) fn unclothed(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) if V6_EMBEDDING.iter().any(|net| net.contains(&v6)) => {
            let [.., a, b, c, d] = v6.octets();
            IpAddr::V4(Ipv4Addr::new(a, b, c, d))
        }
        IpAddr::V4(_) | IpAddr::V6(_) => address,
    }
}

fn is_isatap(address: Ipv6Addr) -> bool {
    let [.., a, b, c, d, _, _, _, _] = address.octets();
    u32::from_be_bytes([a, b, c, d]) & ISATAP_MASK == ISATAP
}
