//! [`Rules`]: all rules, so arranged that a look costs as many steps as the URL has labels and segments,
//! however many rules there are.

use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;
use url::{Host, Url};

use super::pattern::segments;
use super::{Action, Pattern, Rule};
use crate::model::{SiteId, Timestamp};

/// What the rules say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    /// Turned away.
    Blocked,
    /// Let in, by name.
    Allowed,
    /// Nothing.
    Unlisted,
}

/// All rules that hold.
///
/// The rules of the target's site are asked first, those of all sites only if they say nothing. Of
/// either, any rule that allows beats every rule that blocks, however exact: lists of whom to block are
/// copied from others, whom to allow the owner has said.
#[derive(Debug, Default)]
pub struct Rules {
    of_all: Table,
    of_site: HashMap<SiteId, Table>,
}

/// The rules of one site, or of all.
#[derive(Debug, Default)]
struct Table {
    /// By the pattern as it is written: domains, hosts and prefixes are told apart by that.
    names: HashMap<Box<str>, Marks>,
    /// The most segments that a prefix on a host has: no more of a path are looked up.
    depths: HashMap<Box<str>, usize>,
    networks: HashMap<IpNet, Marks>,
    /// The lengths of the networks there are.
    lengths: BTreeSet<u8>,
}

/// What is said of one pattern, and until when; `None`: for good.
#[derive(Debug, Default, Clone, Copy)]
struct Marks {
    block: Option<Until>,
    allow: Option<Until>,
}

type Until = Option<Timestamp>;

/// What was found so far.
struct Found {
    now: Timestamp,
    ruling: Ruling,
}

impl Found {
    fn add(&mut self, marks: Option<&Marks>) {
        let holds = |until: Option<Until>| {
            until.is_some_and(|until| until.is_none_or(|end| self.now < end))
        };
        let Some(marks) = marks else { return };
        if holds(marks.allow) {
            self.ruling = Ruling::Allowed;
        } else if holds(marks.block) && self.ruling == Ruling::Unlisted {
            self.ruling = Ruling::Blocked;
        }
    }
}

impl Rules {
    /// One rule alone: whatever the pattern covers is blocked, everywhere and for ever.
    pub fn blocking(pattern: &Pattern) -> Self {
        let mut rules = Self::default();
        rules.add(&Rule {
            action: Action::Block,
            pattern: pattern.clone(),
            site: None,
            reason: String::new(),
            created_at: Timestamp::from_millis(0),
            expires_at: None,
            is_configured: false,
        });
        rules
    }

    /// Adds a rule.
    pub fn add(&mut self, rule: &Rule) {
        let table = match rule.site {
            Some(site) => self.of_site.entry(site).or_default(),
            None => &mut self.of_all,
        };
        let marks = match &rule.pattern {
            Pattern::Network(network) => {
                table.lengths.insert(network.prefix_len());
                table.networks.entry(network.trunc()).or_default()
            }
            Pattern::Prefix { host, path } => {
                let depth = table.depths.entry(host.as_str().into()).or_default();
                *depth = path.matches('/').count().max(*depth);
                table.marks_of(&rule.pattern)
            }
            Pattern::Domain(_) | Pattern::Host(_) => table.marks_of(&rule.pattern),
        };
        let mark = match rule.action {
            Action::Block => &mut marks.block,
            Action::Allow => &mut marks.allow,
        };
        *mark = Some(rule.expires_at);
    }

    /// What the rules say of a page at `url` that mentions `site`.
    pub fn of_page(&self, url: &Url, site: SiteId, now: Timestamp) -> Ruling {
        self.look(site, |table| table.page(url, now))
    }

    /// What the rules say of a client at `address` that mentions `site`.
    pub fn of_client(&self, address: IpAddr, site: SiteId, now: Timestamp) -> Ruling {
        self.look(site, |table| {
            let mut found = Found {
                now,
                ruling: Ruling::Unlisted,
            };
            table.address(address, &mut found);
            if let Some(inner) = hidden_v4(address) {
                table.address(inner.into(), &mut found);
            }
            found.ruling
        })
    }

    /// The site's own rules, then those of all.
    fn look(&self, site: SiteId, ruling: impl Fn(&Table) -> Ruling) -> Ruling {
        let own = self.of_site.get(&site).map_or(Ruling::Unlisted, &ruling);
        match own {
            Ruling::Unlisted => ruling(&self.of_all),
            Ruling::Blocked | Ruling::Allowed => own,
        }
    }
}

impl Table {
    fn marks_of(&mut self, pattern: &Pattern) -> &mut Marks {
        self.names.entry(pattern.to_string().into()).or_default()
    }

    fn page(&self, url: &Url, now: Timestamp) -> Ruling {
        let mut found = Found {
            now,
            ruling: Ruling::Unlisted,
        };
        let host = url.host_str().unwrap_or_default().trim_end_matches('.');
        self.host(host, url, &mut found);
        match url.host() {
            Some(Host::Ipv4(address)) => self.address(address.into(), &mut found),
            Some(Host::Ipv6(address)) => {
                self.address(address.into(), &mut found);
                if let Some(inner) = hidden_v4(address.into()) {
                    self.host(&inner.to_string(), url, &mut found);
                    self.address(inner.into(), &mut found);
                }
            }
            Some(Host::Domain(_)) => {
                let mut domain = Some(host);
                while let Some(name) = domain {
                    found.add(self.names.get(name));
                    domain = name.split_once('.').map(|(_, above)| above);
                }
            }
            None => {}
        }
        found.ruling
    }

    /// What is said of this very host, and of the page's path on it.
    fn host(&self, host: &str, url: &Url, found: &mut Found) {
        found.add(self.names.get(format!("={host}").as_str()));
        if let Some(depth) = self.depths.get(host) {
            let mut prefix = host.to_owned();
            for segment in segments(url).take(*depth) {
                prefix.extend(["/", &segment]);
                found.add(self.names.get(prefix.as_str()));
            }
        }
    }

    fn address(&self, address: IpAddr, found: &mut Found) {
        for length in &self.lengths {
            if let Ok(network) = IpNet::new(address, *length) {
                found.add(self.networks.get(&network.trunc()));
            }
        }
    }
}

/// The IPv4 address that an IPv6 one leads to in the end: mapped (`::ffff:192.0.2.1`), or translated
/// (NAT64, `64:ff9b::192.0.2.1`, RFC 6052).
fn hidden_v4(address: IpAddr) -> Option<Ipv4Addr> {
    let IpAddr::V6(v6) = address else { return None };
    let translated = match v6.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => {
            let [.., a, b, c, d] = v6.octets();
            Some(Ipv4Addr::new(a, b, c, d))
        }
        _ => None,
    };
    translated.or_else(|| v6.to_ipv4_mapped())
}

#[cfg(test)]
mod tests;
