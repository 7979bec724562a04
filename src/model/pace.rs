//! [`Pace`]: so many in a time, and no more; [`Paces`]: the same for each of many; [`SharedPaces`]: for
//! whoever asks, from any thread.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::Timestamp;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// Buckets of too many keys are looked through no more often than this, in milliseconds: it costs a walk.
const SWEEP_EVERY_MS: i64 = 1000;

/// How fast something may happen: a token bucket, kept as its one number, the time when it will be
/// full again (GCRA, the generic cell rate algorithm). Each event moves that time on by its share;
/// it may lie so far ahead, and no further. Whoever keeps the number keeps the bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// What one event takes, in milliseconds.
    share: i64,
    /// What a full bucket holds, in milliseconds.
    whole: i64,
}

impl Pace {
    /// `count` at once, and as many again in each `per` after that.
    pub fn burst(count: u32, per: Duration) -> Self {
        let share = per_share(per, count);
        Self {
            share,
            whole: share.saturating_mul(i64::from(count)),
        }
    }

    /// Never more than `count` in any hour: half of them at once, the others spread over it.
    /// `None` for a `count` of zero, which sets no limit.
    pub fn hourly(count: u32) -> Option<Self> {
        let at_once = count.div_ceil(2);
        let share = per_share(HOUR, count.saturating_sub(at_once).max(1));
        (count > 0).then(|| Self {
            share,
            whole: share.saturating_mul(i64::from(at_once)),
        })
    }

    /// One event at `now`: when the bucket will be full then, or how long to wait first.
    ///
    /// # Errors
    /// The wait, if there is no room; nothing was taken.
    pub fn admit(self, full_at: Timestamp, now: Timestamp) -> Result<Timestamp, Duration> {
        let next = full_at.max(now).as_millis().saturating_add(self.share);
        let excess = next
            .saturating_sub(now.as_millis())
            .saturating_sub(self.whole);
        if excess > 0 {
            return Err(Duration::from_millis(excess.unsigned_abs()));
        }
        Ok(Timestamp::from_millis(next))
    }

    /// One event as soon as there is room for it, in a place that is its own from now on: when that
    /// is, and when the bucket will be full after it.
    pub fn reserve(self, full_at: Timestamp, now: Timestamp) -> (Timestamp, Timestamp) {
        match self.admit(full_at, now) {
            Ok(next) => (now, next),
            Err(wait) => {
                let next = full_at.max(now).as_millis().saturating_add(self.share);
                (now.plus(wait), Timestamp::from_millis(next))
            }
        }
    }
}

/// One bucket for each key, of a bounded number of keys.
#[derive(Debug)]
pub struct Paces<K> {
    pace: Pace,
    max_keys: usize,
    /// When each key's bucket will be full again.
    full_at: HashMap<K, Timestamp>,
    swept_at: Timestamp,
}

impl<K: Hash + Eq> Paces<K> {
    /// Buckets of that pace. So many keys are remembered at most; when there are more, those with nothing
    /// left to remember go.
    pub fn new(pace: Pace, max_keys: usize) -> Self {
        Self {
            pace,
            max_keys,
            full_at: HashMap::new(),
            swept_at: Timestamp::from_millis(i64::MIN),
        }
    }

    /// How many keys are remembered.
    pub fn len(&self) -> usize {
        self.full_at.len()
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.full_at.is_empty()
    }

    /// One event of `key` at `now`.
    ///
    /// # Errors
    /// How long to wait first; a minute, if there is no room for one more key.
    pub fn take<Q>(&mut self, key: &Q, now: Timestamp) -> Result<(), Duration>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned + ?Sized,
        Q::Owned: Into<K>,
    {
        if let Some(full_at) = self.full_at.get_mut(key) {
            *full_at = self.pace.admit(*full_at, now)?;
            return Ok(());
        }
        if self.full_at.len() >= self.max_keys {
            let since = now.as_millis().saturating_sub(self.swept_at.as_millis());
            if since >= SWEEP_EVERY_MS {
                self.swept_at = now;
                self.full_at.retain(|_, at| *at > now);
            }
            if self.full_at.len() >= self.max_keys {
                return Err(MINUTE);
            }
        }
        let full_at = self.pace.admit(now, now)?;
        self.full_at.insert(key.to_owned().into(), full_at);
        Ok(())
    }
}

/// [`Paces`] that several threads take from.
#[derive(Debug)]
pub struct SharedPaces<K>(Option<Mutex<Paces<K>>>);

impl<K> Default for SharedPaces<K> {
    /// No limit.
    fn default() -> Self {
        Self(None)
    }
}

impl<K: Hash + Eq> SharedPaces<K> {
    /// Buckets of that pace, of so many keys; `None` sets no limit.
    pub fn new(pace: Option<Pace>, max_keys: usize) -> Self {
        Self(pace.map(|pace| Mutex::new(Paces::new(pace, max_keys))))
    }

    /// One event of `key` at `now`.
    ///
    /// # Errors
    /// As [`Paces::take`].
    pub fn take<Q>(&self, key: &Q, now: Timestamp) -> Result<(), Duration>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned + ?Sized,
        Q::Owned: Into<K>,
    {
        let Some(paces) = &self.0 else {
            return Ok(());
        };
        let mut paces = paces.lock().unwrap_or_else(PoisonError::into_inner);
        paces.take(key, now)
    }

    /// How many keys are remembered.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        let paces = self.0.as_ref();
        paces.map_or(0, |paces| {
            let paces = paces.lock().unwrap_or_else(PoisonError::into_inner);
            paces.len()
        })
    }
}

fn per_share(per: Duration, count: u32) -> i64 {
    let per = u64::try_from(per.as_millis()).unwrap_or(u64::MAX);
    let share = per.div_ceil(u64::from(count.max(1)));
    i64::try_from(share).unwrap_or(i64::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(1_800_000_000_000_i64.saturating_add(ms))
    }

    #[test]
    fn no_hour_has_more_than_the_budget_whenever_the_events_come() {
        for count in [1, 2, 7, 60, 600] {
            let pace = Pace::hourly(count).unwrap();
            // Somebody who tries every second, for three hours.
            let mut full_at = at(0);
            let mut taken = Vec::new();
            for second in 0..3 * 3600 {
                let now = at(second * 1000);
                if let Ok(next) = pace.admit(full_at, now) {
                    full_at = next;
                    taken.push(now);
                }
            }
            for from in &taken {
                let within = taken
                    .iter()
                    .filter(|t| *t >= from && t.since(*from) < HOUR)
                    .count();
                assert!(within <= count as usize, "{within} of {count}");
            }
            assert!(taken.len() >= count as usize, "{} of {count}", taken.len());
        }
        assert_eq!(Pace::hourly(0), None);
    }

    #[test]
    fn places_that_are_reserved_follow_one_another_and_keep_newcomers_off() {
        let pace = Pace::hourly(60).unwrap();
        let mut full_at = at(0);
        let mut places = Vec::new();
        for _ in 0..50 {
            let (slot, next) = pace.reserve(full_at, at(0));
            full_at = next;
            places.push(slot);
        }
        assert_eq!(places.iter().filter(|p| **p == at(0)).count(), 30);
        let share = HOUR / 30;
        let later: Vec<_> = places.iter().skip(30).collect();
        for (n, place) in (1_u32..).zip(later) {
            let off = place.since(at(0)).abs_diff(share * n);
            assert!(off.is_zero(), "{n}: {off:?}");
        }
        let wait = pace.admit(full_at, at(0)).unwrap_err();
        assert!(wait > share * 20);
    }
}
