//! How many submissions one client network may send: a token bucket each, pure but for the table.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::model::{Pace, Timestamp};

/// So many networks are remembered; when the table is full, those with nothing left to remember go.
const MAX_NETWORKS: usize = 50_000;

const MINUTE: Duration = Duration::from_secs(60);

/// Limits submissions by client network.
pub(super) struct Limiter {
    /// `None`: no limit.
    pace: Option<Pace>,
    /// When each network's bucket will be full again.
    full_at: Mutex<HashMap<IpAddr, Timestamp>>,
}

impl Limiter {
    /// `per_minute` submissions, with a burst of as many; 0 sets no limit.
    pub(super) fn new(per_minute: u32) -> Self {
        Self {
            pace: (per_minute > 0).then(|| Pace::burst(per_minute, MINUTE)),
            full_at: Mutex::new(HashMap::new()),
        }
    }

    /// Takes one submission of `client`, or says how long to wait before the next one.
    pub(super) fn take(&self, client: IpAddr, now: Timestamp) -> Result<(), Duration> {
        // A client on this machine is a proxy or the owner: all the world behind the one, and
        // nobody to be protected from in the other.
        let Some(pace) = self.pace.filter(|_| !client.to_canonical().is_loopback()) else {
            return Ok(());
        };
        let network = network(client);
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() >= MAX_NETWORKS && !full_at.contains_key(&network) {
            full_at.retain(|_, at| *at > now);
            if full_at.len() >= MAX_NETWORKS {
                return Err(MINUTE);
            }
        }
        let entry = full_at.entry(network).or_insert(now);
        *entry = pace.admit(*entry, now)?;
        Ok(())
    }
}

/// The network that one subscriber commonly has: IPv4 /24, IPv6 /56.
fn network(client: IpAddr) -> IpAddr {
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

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_burst_is_taken_then_one_at_a_time() {
        let limiter = Limiter::new(6);
        for _ in 0..6 {
            limiter.take(ip("203.0.113.1"), at(0)).unwrap();
        }
        let wait = limiter.take(ip("203.0.113.200"), at(0)).unwrap_err();
        assert_eq!(wait, Duration::from_secs(10));
        limiter.take(ip("203.0.113.1"), at(10_000)).unwrap();
        assert!(limiter.take(ip("203.0.113.1"), at(10_000)).is_err());
    }

    #[test]
    fn networks_do_not_share_and_their_members_do() {
        let limiter = Limiter::new(1);
        for (client, taken) in [
            ("198.51.100.1", true),
            ("198.51.100.2", false),
            ("198.51.101.1", true),
            ("::ffff:198.51.101.9", false),
            ("2001:db8:0:100::1", true),
            ("2001:db8:0:1ff::1", false),
            ("2001:db8:0:200::1", true),
            ("127.0.0.1", true),
            ("127.0.0.1", true),
        ] {
            assert_eq!(limiter.take(ip(client), at(0)).is_ok(), taken, "{client}");
        }
    }

    #[test]
    fn a_full_table_makes_room_or_refuses() {
        let limiter = Limiter::new(60);
        for n in 0..u32::try_from(MAX_NETWORKS).unwrap() {
            let client = Ipv4Addr::from_bits(0x0100_0000 | (n << 8));
            limiter.take(client.into(), at(0)).unwrap();
        }
        assert!(limiter.take(ip("2001:db8::1"), at(0)).is_err());
        limiter.take(ip("2001:db8::1"), at(2000)).unwrap();
        assert!(limiter.full_at.lock().unwrap().len() < 10);
    }
}
