//! Target `policy_url`: addresses that somebody wants fetched.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use linkback::fetch::policy::{AddrClass, Policy};
use linkback::model::{MAX_URL_BYTES, SourceUrl};
use url::{Host, Url};

/// No address that passes leads to a network that is not public, and every form of an address is judged
/// alike. The first sixteen bytes are taken for an address, too.
pub fn policy_url(data: &[u8]) {
    if let Some(octets) = data.first_chunk() {
        is_judged(Ipv6Addr::from(*octets));
    }
    let text = String::from_utf8_lossy(data);
    if let Ok(source) = SourceUrl::parse(&text) {
        assert!(source.as_str().len() <= MAX_URL_BYTES);
        assert_eq!(SourceUrl::parse(source.as_str()).as_ref(), Ok(&source));
    }
    let Ok(url) = Url::parse(&text) else {
        return;
    };
    let policy = Policy::default();
    let verdict = policy.check_url(&url);
    let written = Url::parse(url.as_str()).unwrap();
    assert_eq!(policy.check_url(&written), verdict, "{url} written anew");
    if verdict.is_ok() {
        passed(&url);
    }
}

fn passed(url: &Url) {
    assert!(matches!(url.scheme(), "http" | "https"), "{url}");
    assert!(
        matches!(url.port_or_known_default(), Some(80 | 443)),
        "{url}"
    );
    assert!(
        url.username().is_empty() && url.password().is_none(),
        "{url}"
    );
    match url.host() {
        Some(Host::Ipv4(v4)) => assert!(!is_inward(v4), "{url}"),
        Some(Host::Ipv6(v6)) => {
            assert!(
                v6.segments()[0] & 0xe000 == 0x2000
                    || v6.to_ipv4_mapped().is_some()
                    || is_nat64(v6),
                "{url}"
            );
            let [.., a, b, c, d] = v6.octets();
            let clothed = v6.to_ipv4_mapped().is_some() || is_nat64(v6);
            assert!(!(clothed && is_inward(Ipv4Addr::new(a, b, c, d))), "{url}");
        }
        Some(Host::Domain(name)) => {
            let bare = name.strip_suffix('.').unwrap_or(name);
            assert!(bare.contains('.'), "{url}");
            assert!(bare.parse::<IpAddr>().is_err(), "{url}");
            let last = bare.rsplit('.').next().unwrap();
            // What resolvers of the old kind take for an address: 127.1, 0x7f.1, 017700000001.
            assert!(
                !last.bytes().all(|b| b.is_ascii_digit()) && !is_hexadecimal(last),
                "{url}"
            );
            assert!(
                !matches!(
                    last,
                    "localhost" | "local" | "internal" | "onion" | "test" | "lan" | "home"
                ),
                "{url}"
            );
        }
        None => panic!("{url} has no host"),
    }
}

fn is_judged(v6: Ipv6Addr) {
    let [a, b, c, d, ..] = v6.octets();
    let v4 = Ipv4Addr::new(a, b, c, d);
    let class = AddrClass::of(v4.into());
    assert!(class.is_some() || !is_inward(v4), "{v4} passes");
    assert_eq!(
        AddrClass::of(v4.to_ipv6_mapped().into()),
        class,
        "{v4} in IPv6"
    );
    let verdict = Policy::default().check_endpoint(SocketAddr::new(v6.into(), 443));
    assert_eq!(verdict.is_ok(), AddrClass::of(v6.into()).is_none(), "{v6}");
    if verdict.is_ok() {
        passed(&Url::parse(&format!("https://[{v6}]/")).unwrap());
    }
}

fn is_hexadecimal(label: &str) -> bool {
    label
        .strip_prefix("0x")
        .is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn is_nat64(v6: Ipv6Addr) -> bool {
    v6.segments()[..6] == [0x64, 0xff9b, 0, 0, 0, 0]
}

/// What the standard library knows of addresses that are not public, which is less than the policy does.
fn is_inward(v4: Ipv4Addr) -> bool {
    let [a, b, ..] = v4.octets();
    v4.is_loopback()
        || v4.is_private()
        || v4.is_link_local()
        || v4.is_unspecified()
        || v4.is_multicast()
        || v4.is_broadcast()
        || v4.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
}
