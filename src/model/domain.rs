//! The registrable domain of a URL: what one party registers, by the public suffix list.

use url::{Host, Url};

/// `ann.example` of `https://www.ann.example/`, `ann.github.io` of `https://ann.github.io/`. Of an address,
/// and of a host that is a public suffix itself, the whole host.
pub fn registrable_domain(url: &Url) -> &str {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    match url.host() {
        Some(Host::Domain(_)) => psl::domain_str(host).unwrap_or(host),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) | None => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_what_one_party_registers() {
        for (url, want) in [
            ("https://www.ann.example/a", "ann.example"),
            ("https://a.b.ann.co.uk:8443/", "ann.co.uk"),
            ("https://ann.github.io./", "ann.github.io"),
            ("https://x.ann.blogspot.com/", "ann.blogspot.com"),
            ("https://github.io/", "github.io"),
            ("https://com/", "com"),
            ("https://B\u{fc}cher.example/", "xn--bcher-kva.example"),
            ("http://192.0.2.7/", "192.0.2.7"),
            ("http://[2001:db8::1]:80/", "[2001:db8::1]"),
        ] {
            assert_eq!(registrable_domain(&Url::parse(url).unwrap()), want, "{url}");
        }
    }
}
