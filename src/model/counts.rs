//! [`Counts`]: how many mentions there are of each kind.

use super::{MentionKind, Rsvp};

/// What mentions are counted by: their kind and, of an RSVP, its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CountKey {
    /// The kind.
    pub kind: MentionKind,
    /// The answer; always `None` of other kinds, and of an RSVP that gives none.
    pub rsvp: Option<Rsvp>,
}

impl CountKey {
    /// The key of a mention of this kind that gives this answer.
    pub fn new(kind: MentionKind, rsvp: Option<Rsvp>) -> Self {
        let rsvp = rsvp.filter(|_| kind == MentionKind::Rsvp);
        Self { kind, rsvp }
    }

    /// The name in the store and in JSON: the kind's, and the answer's after a hyphen.
    pub const fn as_str(self) -> &'static str {
        match self.rsvp {
            None => self.kind.as_str(),
            Some(Rsvp::Yes) => "rsvp-yes",
            Some(Rsvp::No) => "rsvp-no",
            Some(Rsvp::Maybe) => "rsvp-maybe",
            Some(Rsvp::Interested) => "rsvp-interested",
        }
    }

    /// The key of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        if let Some(kind) = MentionKind::from_name(name) {
            return Some(Self::new(kind, None));
        }
        Rsvp::ALL
            .into_iter()
            .map(|answer| Self::new(MentionKind::Rsvp, Some(answer)))
            .find(|key| key.as_str() == name)
    }
}

/// How many mentions there are of each kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts(Vec<(CountKey, u64)>);

impl Counts {
    /// Counts `more` of `key` in addition, or fewer where it is negative; never fewer than none.
    pub fn add(&mut self, key: CountKey, more: i64) {
        match self.0.iter_mut().find(|(known, _)| *known == key) {
            Some((_, count)) => *count = count.saturating_add_signed(more),
            None => self.0.push((key, 0_u64.saturating_add_signed(more))),
        }
        self.0.retain(|(_, count)| *count > 0);
    }

    /// Counts all that `other` counts in addition.
    pub fn merge(&mut self, other: &Self) {
        for (key, count) in other.iter() {
            self.add(key, i64::try_from(count).unwrap_or(i64::MAX));
        }
    }

    /// What there is at least one of, in the order in which it was first counted.
    pub fn iter(&self) -> impl Iterator<Item = (CountKey, u64)> + '_ {
        self.0.iter().copied()
    }

    /// How many there are of `key`.
    pub fn get(&self, key: CountKey) -> u64 {
        let found = self.iter().find(|(known, _)| *known == key);
        found.map_or(0, |(_, count)| count)
    }

    /// How many there are altogether.
    pub fn total(&self) -> u64 {
        self.of(|_| true)
    }

    /// How many there are of the kinds for which `is_wanted`.
    pub fn of(&self, is_wanted: impl Fn(MentionKind) -> bool) -> u64 {
        self.iter()
            .filter(|(key, _)| is_wanted(key.kind))
            .fold(0, |sum, (_, count)| sum.saturating_add(count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_a_name_of_its_own() {
        let kinds = MentionKind::ALL.map(|kind| CountKey::new(kind, None));
        let answers = Rsvp::ALL.map(|answer| CountKey::new(MentionKind::Rsvp, Some(answer)));
        for key in kinds.into_iter().chain(answers) {
            assert_eq!(CountKey::from_name(key.as_str()), Some(key));
        }
        assert_eq!(CountKey::from_name("like-yes"), None);
    }

    #[test]
    fn what_is_counted_down_to_nothing_is_not_there() {
        let like = CountKey::new(MentionKind::Like, Some(Rsvp::Yes));
        let yes = CountKey::new(MentionKind::Rsvp, Some(Rsvp::Yes));
        let mut counts = Counts::default();
        counts.add(like, 2);
        counts.add(yes, 1);
        assert_eq!((counts.total(), like.as_str()), (3, "like"));
        counts.add(yes, -1);
        counts.add(yes, -1);
        assert_eq!(counts.iter().collect::<Vec<_>>(), [(like, 2)]);
        let mut sum = counts.clone();
        sum.merge(&counts);
        assert_eq!(sum.of(|kind| kind == MentionKind::Like), 4);
        assert_eq!(sum.of(|kind| kind == MentionKind::Rsvp), 0);
    }
}
