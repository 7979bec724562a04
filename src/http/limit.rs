//! How many submissions may come from one client network, tell of pages of one domain, and go to one
//! site: a token bucket each, pure but for the tables.

use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use super::asker::Asker;
use crate::model::{Pace, SharedPaces, SiteId, SourceUrl, Timestamp, registrable_domain};

/// So many networks, or domains, are remembered.
const MAX_KEYS: usize = 50_000;

const MINUTE: Duration = Duration::from_secs(60);

/// Submissions a minute, with a burst of as many; 0 sets no limit.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rates {
    /// From one client network.
    pub network: u32,
    /// With sources of one registrable domain.
    pub domain: u32,
    /// To one site.
    pub site: u32,
}

/// What there was too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limit {
    Network,
    Domain,
    Site,
}

/// A limit that is reached, and how long to wait.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reached {
    pub(super) limit: Limit,
    pub(super) retry_after: Duration,
}

/// All limits of submissions.
///
/// A client on this machine is the owner, or a proxy that nobody told us of: all the world in one. It is
/// never limited.
pub(super) struct Limits {
    networks: SharedPaces<IpAddr>,
    domains: SharedPaces<Box<str>>,
    sites: SharedPaces<SiteId>,
}

impl Limits {
    pub(super) fn new(rates: Rates) -> Self {
        Self {
            networks: a_minute(rates.network),
            domains: a_minute(rates.domain),
            sites: a_minute(rates.site),
        }
    }

    /// Takes one submission of `asker`'s network: before anything of it is read.
    pub(super) fn take_network(&self, asker: &Asker, now: Timestamp) -> Result<(), Reached> {
        if asker.is_local {
            return Ok(());
        }
        self.networks
            .take(&network(asker.address), now)
            .map_err(|retry_after| Reached {
                limit: Limit::Network,
                retry_after,
            })
    }

    /// Takes one submission of a page of `source`'s domain to `site`: when nothing else speaks against it.
    pub(super) fn take_claim(
        &self,
        asker: &Asker,
        source: &SourceUrl,
        site: SiteId,
        now: Timestamp,
    ) -> Result<(), Reached> {
        if asker.is_local {
            return Ok(());
        }
        self.domains
            .take(registrable_domain(source.as_url()), now)
            .map_err(|retry_after| Reached {
                limit: Limit::Domain,
                retry_after,
            })?;
        self.sites.take(&site, now).map_err(|retry_after| Reached {
            limit: Limit::Site,
            retry_after,
        })
    }
}

/// So many of each key a minute; 0 sets no limit.
fn a_minute<K: Hash + Eq>(count: u32) -> SharedPaces<K> {
    SharedPaces::new((count > 0).then(|| Pace::burst(count, MINUTE)), MAX_KEYS)
}

/// The network that one subscriber commonly has: IPv4 /24, IPv6 /56.
pub(super) fn network(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V4(v4) => Ipv4Addr::from_bits(v4.to_bits() & 0xffff_ff00).into(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 72)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(1_800_000_000_000_i64.saturating_add(ms))
    }

    fn asker(address: &str) -> Asker {
        Asker {
            address: address.parse().unwrap(),
            is_local: false,
            scheme: None,
            host: None,
        }
    }

    fn networks(per_minute: u32) -> Limits {
        Limits::new(Rates {
            network: per_minute,
            ..Rates::default()
        })
    }

    #[test]
    fn a_burst_is_taken_then_one_at_a_time() {
        let limits = networks(6);
        for _ in 0..6 {
            limits.take_network(&asker("203.0.113.1"), at(0)).unwrap();
        }
        let reached = limits.take_network(&asker("203.0.113.200"), at(0));
        let retry_after = Duration::from_secs(10);
        let limit = Limit::Network;
        assert_eq!(reached, Err(Reached { limit, retry_after }));
        let again = || limits.take_network(&asker("203.0.113.1"), at(10_000));
        again().unwrap();
        assert!(again().is_err());
    }

    #[test]
    fn networks_do_not_share_and_their_members_do() {
        let limits = networks(1);
        for (client, taken) in [
            ("198.51.100.1", true),
            ("198.51.100.2", false),
            ("198.51.101.1", true),
            ("::ffff:198.51.101.9", false),
            ("2001:db8:0:100::1", true),
            ("2001:db8:0:1ff::1", false),
            ("2001:db8:0:200::1", true),
            ("127.0.0.1", true),
            ("127.0.0.1", false),
        ] {
            let result = limits.take_network(&asker(client), at(0));
            assert_eq!(result.is_ok(), taken, "{client}");
        }
        let local = Asker {
            is_local: true,
            ..asker("127.0.0.1")
        };
        limits.take_network(&local, at(0)).unwrap();
    }

    #[test]
    fn a_domain_and_a_site_are_limited_whoever_sends() {
        let limits = Limits::new(Rates {
            network: 0,
            domain: 2,
            site: 3,
        });
        let take = |client: &str, source: &str, site: i64| {
            let source = SourceUrl::parse(source).unwrap();
            let taken = limits.take_claim(&asker(client), &source, SiteId(site), at(0));
            taken.map_err(|reached| reached.limit)
        };
        take("198.51.100.1", "https://a.spam.example/1", 1).unwrap();
        take("203.0.113.1", "https://b.spam.example:8443/2", 2).unwrap();
        assert_eq!(
            take("192.0.2.1", "http://SPAM.example./3", 1),
            Err(Limit::Domain)
        );
        // Neighbours under a public suffix are strangers to each other.
        take("192.0.2.1", "https://ann.github.io/", 1).unwrap();
        take("192.0.2.1", "https://bob.github.io/", 1).unwrap();
        assert_eq!(
            take("192.0.2.1", "https://cy.github.io/", 1),
            Err(Limit::Site)
        );
        take("192.0.2.1", "https://cy.github.io/", 2).unwrap();
        // An address is a domain of its own.
        take("192.0.2.1", "http://192.0.2.7/", 2).unwrap();
        take("192.0.2.1", "http://192.0.3.7/", 3).unwrap();
    }

    #[test]
    fn a_full_table_makes_room_or_refuses() {
        let limits = networks(60);
        for n in 0..u32::try_from(MAX_KEYS).unwrap() {
            let client = Ipv4Addr::from_bits(0x0100_0000 | (n << 8)).to_string();
            limits.take_network(&asker(&client), at(0)).unwrap();
        }
        let other = asker("2001:db8::1");
        assert!(limits.take_network(&other, at(0)).is_err());
        // Full again after a second each, but looked through once a second only.
        assert!(limits.take_network(&other, at(999)).is_err());
        limits.take_network(&other, at(2000)).unwrap();
        let kept = limits.networks.len();
        assert!(kept < 10, "{kept}");
    }
}
