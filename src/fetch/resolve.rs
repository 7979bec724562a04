//! From host names to addresses that may be dialled.
//!
//! [`Resolver`] looks names up; `GuardedDns` is what the HTTP client gets: it hands out only
//! addresses that have passed the policy, and the client dials exactly those. Between the check and
//! the connection nobody looks the name up again, so an answer that changes (DNS rebinding) gains nothing.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;
use hickory_resolver::config::{NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::Name;
use hickory_resolver::{ResolverBuilder, TokioResolver};

use super::policy::{Policy, Refused};

/// Addresses of one host that are dialled at most, for each of IPv4 and IPv6: a stranger's zone must
/// not choose how many connections we try.
const MAX_ADDRESSES_PER_FAMILY: usize = 4;

/// Looks up host names.
#[async_trait]
pub trait Resolver: Send + Sync {
    /// The addresses of `host`, a lower-case ASCII name; unchecked.
    ///
    /// # Errors
    /// [`Unresolved`], if there is none or the name servers do not say.
    ///
    /// # Cancel safety
    /// Nothing remains of a dropped look-up.
    async fn resolve(&self, host: &str) -> Result<Vec<IpAddr>, Unresolved>;
}

/// Why a name has no address, in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unresolved(pub String);

/// Answers that are remembered, until their time is up: a stranger's zone may fill each with 64 KiB.
const MAX_REMEMBERED: u64 = 256;

/// The name servers of the system, or others; the system's hosts file is read in either case.
pub struct NameServers(TokioResolver);

impl NameServers {
    /// Those of the system (`/etc/resolv.conf`), as it is now.
    ///
    /// # Errors
    /// [`Unresolved`], if the configuration cannot be read.
    pub fn of_system() -> Result<Self, Unresolved> {
        TokioResolver::builder_tokio()
            .map_err(|e| Unresolved(format!("the system's resolver configuration: {e}")))
            .and_then(Self::build)
    }

    /// These, over UDP and, where an answer is too long for that, over TCP.
    ///
    /// # Errors
    /// [`Unresolved`], if the resolver cannot be set up.
    pub fn at(servers: &[SocketAddr]) -> Result<Self, Unresolved> {
        let servers = servers.iter().map(|server| {
            let mut config = NameServerConfig::udp_and_tcp(server.ip());
            for connection in &mut config.connections {
                connection.port = server.port();
            }
            config
        });
        let config = ResolverConfig::from_name_servers(servers.collect());
        let provider = TokioRuntimeProvider::default();
        Self::build(TokioResolver::builder_with_config(config, provider))
    }

    fn build(mut builder: ResolverBuilder<TokioRuntimeProvider>) -> Result<Self, Unresolved> {
        builder.options_mut().cache_size = MAX_REMEMBERED;
        builder
            .build()
            .map(Self)
            .map_err(|e| Unresolved(format!("the resolver: {e}")))
    }
}

#[async_trait]
impl Resolver for NameServers {
    async fn resolve(&self, host: &str) -> Result<Vec<IpAddr>, Unresolved> {
        // SECURITY: the trailing dot keeps the system's search domains out of a stranger's name.
        let absolute = format!("{}.", host.trim_end_matches('.'));
        // As it is: the URL parser has done IDNA already, and would not do it again to underscores.
        let absolute = Name::from_ascii(absolute).map_err(|e| Unresolved(e.to_string()))?;
        match self.0.lookup_ip(absolute).await {
            Ok(found) => Ok(found.iter().collect()),
            Err(e) => Err(Unresolved(e.to_string())),
        }
    }
}

/// Stands in where the system has no resolver configuration: no name has an address, for this reason.
/// Addresses themselves can still be fetched from.
pub struct NoResolver(pub Unresolved);

#[async_trait]
impl Resolver for NoResolver {
    async fn resolve(&self, _host: &str) -> Result<Vec<IpAddr>, Unresolved> {
        Err(self.0.clone())
    }
}

/// Why there is no address to dial.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoAddress {
    /// Every address is refused; the first one's reason.
    #[error("{0}")]
    Refused(Refused),
    /// The addresses are public, but the port is for allowed networks only.
    #[error("the port is for allowed networks only")]
    Port,
    /// There is none.
    #[error("{0}")]
    Unresolved(Unresolved),
}

/// On which ports the addresses are going to be dialled: the HTTP client does not tell its resolver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ports {
    /// Those that [`Policy::check_port`] passes.
    Public,
    /// The others, which only allowed networks may be dialled on.
    AllowedNetworksOnly,
}

/// The HTTP client's resolver: [`Resolver`] under [`Policy`].
pub(super) struct GuardedDns {
    pub(super) policy: Arc<Policy>,
    pub(super) resolver: Arc<dyn Resolver>,
    pub(super) ports: Ports,
}

impl GuardedDns {
    fn check(&self, address: IpAddr) -> Result<(), NoAddress> {
        self.policy
            .check_addr(address)
            .map_err(NoAddress::Refused)?;
        match self.ports {
            Ports::Public => Ok(()),
            Ports::AllowedNetworksOnly if self.policy.is_allowed(address) => Ok(()),
            Ports::AllowedNetworksOnly => Err(NoAddress::Port),
        }
    }

    /// The addresses in `found` that may be dialled, in their order, a few of each family.
    fn permitted(&self, found: Vec<IpAddr>) -> Result<Vec<SocketAddr>, NoAddress> {
        let mut first_refusal = None;
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for address in found {
            match self.check(address) {
                Ok(()) => {
                    let family = if address.is_ipv4() { &mut v4 } else { &mut v6 };
                    if family.len() < MAX_ADDRESSES_PER_FAMILY {
                        // Port 0: the client puts the URL's port in its place.
                        family.push(SocketAddr::new(address, 0));
                    }
                }
                Err(refusal) => {
                    first_refusal.get_or_insert(refusal);
                }
            }
        }
        v6.append(&mut v4);
        if !v6.is_empty() {
            return Ok(v6);
        }
        Err(first_refusal
            .unwrap_or_else(|| NoAddress::Unresolved(Unresolved("no address".to_owned()))))
    }
}

impl reqwest::dns::Resolve for GuardedDns {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let this = Self {
            policy: Arc::clone(&self.policy),
            resolver: Arc::clone(&self.resolver),
            ports: self.ports,
        };
        Box::pin(async move {
            let found = this
                .resolver
                .resolve(name.as_str())
                .await
                .map_err(NoAddress::Unresolved)?;
            let permitted = this.permitted(found)?;
            Ok(Box::new(permitted.into_iter()) as reqwest::dns::Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Never;

    #[async_trait]
    impl Resolver for Never {
        async fn resolve(&self, _host: &str) -> Result<Vec<IpAddr>, Unresolved> {
            Ok(Vec::new())
        }
    }

    fn permitted(policy: Policy, ports: Ports, found: &[&str]) -> Result<Vec<String>, NoAddress> {
        GuardedDns {
            policy: Arc::new(policy),
            resolver: Arc::new(Never),
            ports,
        }
        .permitted(found.iter().map(|a| a.parse().unwrap()).collect())
        .map(|addresses| addresses.iter().map(|a| a.ip().to_string()).collect())
    }

    #[test]
    fn refused_addresses_are_dropped_and_the_first_reason_is_kept_if_none_is_left() {
        assert_eq!(
            permitted(
                Policy::default(),
                Ports::Public,
                &["10.0.0.1", "8.8.8.8", "::1"]
            ),
            Ok(vec!["8.8.8.8".to_owned()])
        );
        let refused = permitted(Policy::default(), Ports::Public, &["10.0.0.1", "::1"]);
        assert!(
            matches!(&refused, Err(NoAddress::Refused(Refused::NotPublic { address, .. })) if address.to_string() == "10.0.0.1"),
            "{refused:?}"
        );
        assert!(matches!(
            permitted(Policy::default(), Ports::Public, &[]),
            Err(NoAddress::Unresolved(_))
        ));
    }

    #[test]
    fn an_unusual_port_is_dialled_in_allowed_networks_only() {
        let policy = Policy::allowing(vec!["10.0.0.0/8".parse().unwrap()]);
        let found = ["8.8.8.8", "10.0.0.1"];
        assert_eq!(
            permitted(policy.clone(), Ports::AllowedNetworksOnly, &found),
            Ok(vec!["10.0.0.1".to_owned()])
        );
        assert_eq!(
            permitted(policy, Ports::AllowedNetworksOnly, &["8.8.8.8"]),
            Err(NoAddress::Port)
        );
    }

    #[test]
    fn a_zone_with_a_thousand_addresses_gets_a_few_attempts_in_each_family() {
        let many: Vec<String> = (0..1000)
            .map(|n| format!("8.8.{}.{}", n / 250, n % 250))
            .chain((0..1000).map(|n| format!("2606:4700::{n:x}")))
            .collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let few = permitted(Policy::default(), Ports::Public, &many).unwrap();
        assert_eq!(few.len(), 2 * MAX_ADDRESSES_PER_FAMILY);
    }

    #[tokio::test]
    async fn the_hosts_file_is_honoured() {
        // A machine without a resolver configuration has nothing to honour.
        let Ok(resolver) = NameServers::of_system() else {
            return;
        };
        let found = resolver.resolve("localhost").await.unwrap();
        assert!(found.iter().any(IpAddr::is_loopback), "{found:?}");
    }
}
