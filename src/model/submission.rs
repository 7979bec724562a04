//! [`Submission`]: what a sender claims.

use super::{Secret, SourceUrl, TargetUrl};

/// The protocol a submission came by. A pingback is a way to tell, not a kind of mention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Protocol {
    /// W3C Webmention.
    Webmention,
    /// Pingback 1.0.
    Pingback,
    /// TrackBack 1.2.
    Trackback,
}

impl Protocol {
    /// Every protocol.
    pub const ALL: [Self; 3] = [Self::Webmention, Self::Pingback, Self::Trackback];

    /// The name in logs and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Webmention => "webmention",
            Self::Pingback => "pingback",
            Self::Trackback => "trackback",
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Webmention => 1,
            Self::Pingback => 2,
            Self::Trackback => 4,
        }
    }
}

/// The protocols by which one mention was reported; never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Protocols(u8);

impl Protocols {
    /// Just `protocol`.
    pub const fn only(protocol: Protocol) -> Self {
        Self(protocol.bit())
    }

    /// Reads the stored form, see [`Protocols::bits`]; `None` for anything else.
    pub fn from_bits(bits: i64) -> Option<Self> {
        u8::try_from(bits)
            .ok()
            .filter(|b| (1..=7).contains(b))
            .map(Self)
    }

    /// The stored form, a sum: webmention 1, pingback 2, trackback 4.
    pub fn bits(self) -> i64 {
        i64::from(self.0)
    }

    /// The protocols, in a fixed order.
    pub fn iter(self) -> impl Iterator<Item = Protocol> {
        Protocol::ALL
            .into_iter()
            .filter(move |p| self.0 & p.bit() != 0)
    }
}

/// An untrusted claim that `source` links to `target`. The URLs are well formed; nothing else is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// The page that is said to link.
    pub source: SourceUrl,
    /// The page that is said to be linked to, exactly as sent: verification looks for this very URL.
    pub target: TargetUrl,
    /// How the claim came.
    pub protocol: Protocol,
    /// The page that is said to vouch for the source. indieweb.org/Vouch
    pub vouch: Option<SourceUrl>,
    /// What a token that opens the source is to be had for: the source is private.
    /// indieweb.org/Private-Webmention
    pub code: Option<Secret>,
}
