//! [`domain_of`]: whose a host is.

use std::net::IpAddr;

/// The registrable domain of a host, by the Public Suffix List as compiled in: all of
/// `www.blog.example.co.uk` and `blog.example.co.uk` is one owner's, `example.co.uk`. Hosts of a
/// service that gives a name to each of its users (`ann.github.io`) are domains of their own. An
/// address, and a name that is under no suffix, stands for itself.
pub fn domain_of(host: &str) -> &str {
    let is_address = host.starts_with('[') || host.parse::<IpAddr>().is_ok();
    if is_address {
        return host;
    }
    psl::domain_str(host).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_one_owner_are_one_domain_and_hosts_of_many_are_many() {
        for (host, domain) in [
            ("example.com", "example.com"),
            ("a.b.example.com", "example.com"),
            ("www.example.co.uk", "example.co.uk"),
            ("ann.github.io", "ann.github.io"),
            ("www.ann.github.io", "ann.github.io"),
            ("github.io", "github.io"),
            ("co.uk", "co.uk"),
            ("localhost", "localhost"),
            ("127.0.0.1", "127.0.0.1"),
            ("[::1]", "[::1]"),
            ("xn--85x722f.com.cn", "xn--85x722f.com.cn"),
            ("", ""),
            (".", "."),
        ] {
            assert_eq!(domain_of(host), domain);
        }
    }
}
