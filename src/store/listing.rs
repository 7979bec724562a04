//! What readers ask the store for: which mentions, in which order, from where on.

use crate::model::{
    ChangeNumber, Counts, KnownUrl, Mention, MentionId, MentionKind, MentionState, PageKey,
    PageVersion, SiteId,
};

/// Whose mentions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Those of these pages.
    Pages {
        /// The pages; one that is named twice counts once.
        keys: Vec<PageKey>,
        /// As far as they are of this site; `None`: of whatever site.
        site: Option<SiteId>,
    },
    /// Those of all pages of a site, on whatever host.
    Site(SiteId),
    /// Those of all pages on a host.
    Host {
        /// `host` or `host:port`, as [`KnownUrl::authority`] gives it.
        authority: String,
        /// Of this site alone; `None`: of all sites that have pages there.
        site: Option<SiteId>,
    },
}

impl Scope {
    /// Pages of whatever site.
    pub fn pages(keys: impl IntoIterator<Item = PageKey>) -> Self {
        Self::Pages {
            keys: keys.into_iter().collect(),
            site: None,
        }
    }
}

impl From<PageKey> for Scope {
    fn from(page: PageKey) -> Self {
        Self::pages([page])
    }
}

/// What a listing is in the order of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrderBy {
    /// When it was first verified, which is the order of their numbers: who follows it upwards by
    /// cursor misses nothing, however many write meanwhile.
    Received,
    /// When it was published; where its source does not say, when it was received. A time after its
    /// last verification counts as that.
    Published,
    /// When it was last changed in a way that a reader could see: who follows it upwards by cursor
    /// also sees what was received before, and has changed or was hidden until now.
    Changed,
}

/// The order of a listing. Of several with the same time, their numbers decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Order {
    /// By what.
    pub by: OrderBy,
    /// Whether the oldest come first.
    pub ascending: bool,
}

impl Order {
    /// The order in which those received last come first.
    pub const NEWEST_FIRST: Self = Self {
        by: OrderBy::Received,
        ascending: false,
    };
}

/// A place in a listing of one order: right after a mention, whether that is still there or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cursor {
    /// What the listing is in the order of: the number of [`OrderBy::Received`], the Unix time in
    /// milliseconds of [`OrderBy::Published`], the change of [`OrderBy::Changed`].
    pub key: i64,
    /// The mention's number.
    pub id: MentionId,
}

impl Cursor {
    /// The place in [`OrderBy::Changed`] after all that had changed when `change` had happened.
    pub const fn after_change(change: ChangeNumber) -> Self {
        Self {
            key: change.0,
            id: MentionId(i64::MAX),
        }
    }
}

/// Where in its order a listing begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// At the beginning, after so many. Costs as much as listing them.
    Skip(u64),
    /// At a place that an earlier listing of the same order gave.
    After(Cursor),
}

/// Which mentions to list: those that are shown, unless their owner asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MentionQuery {
    /// Whose.
    pub scope: Scope,
    /// In these states only. SECURITY: what is not shown is for the owner of all that is in `scope`, and who
    /// asks for it has seen to that. It is listed in the order of [`OrderBy::Received`] alone.
    pub states: Vec<MentionState>,
    /// Of these kinds only; `None`: of all.
    pub kinds: Option<Vec<MentionKind>>,
    /// Only those whose author's page, or else whose own address, is of this registrable domain.
    pub author_domain: Option<String>,
    /// Only those that were received after the one with this number.
    pub received_after: Option<MentionId>,
    /// In which order.
    pub order: Order,
    /// From where on.
    pub start: Start,
    /// At most so many.
    pub limit: usize,
}

impl MentionQuery {
    /// All of `scope`, those received last first, at most `limit`.
    pub fn newest(scope: impl Into<Scope>, limit: usize) -> Self {
        Self {
            scope: scope.into(),
            states: vec![MentionState::Shown],
            kinds: None,
            author_domain: None,
            received_after: None,
            order: Order::NEWEST_FIRST,
            start: Start::Skip(0),
            limit,
        }
    }

    /// Whether nothing is asked for but what everybody may see.
    pub fn is_public(&self) -> bool {
        self.states
            .iter()
            .all(|state| *state == MentionState::Shown)
    }

    /// Whether mentions of `kind` are asked for.
    pub fn wants(&self, kind: MentionKind) -> bool {
        self.kinds
            .as_ref()
            .is_none_or(|kinds| kinds.contains(&kind))
    }
}

/// The state of all that a scope shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Version {
    /// For an `ETag`; a page's is the number of its last change.
    pub number: PageVersion,
    /// The last change; `None` if nothing was ever shown.
    pub last_change: Option<ChangeNumber>,
}

/// Some of the mentions that were asked for.
#[derive(Debug, Clone)]
pub struct MentionPage {
    /// The scope's version when they were read; it is that of what is shown, and says nothing of the rest.
    pub version: Version,
    /// How many the whole scope shows, by kind, whatever the listing is narrowed to.
    pub counts: Counts,
    /// How many there are in the whole listing, where that is known without counting for long; always
    /// where only what is shown is asked for, and neither `author_domain` nor `received_after` narrows it.
    pub total: Option<u64>,
    /// The mentions, in order. They may be fewer than the limit, or none, though more follow: where
    /// the store had to pass over many that were not asked for.
    pub mentions: Vec<Mention>,
    /// The place after the last of them, or where the listing began if there is none.
    pub end: Option<Cursor>,
    /// Whether more follow.
    pub has_more: bool,
}

impl MentionPage {
    /// Where the next ones begin, if there are more.
    pub fn next(&self) -> Option<Cursor> {
        self.end.filter(|_| self.has_more)
    }
}

/// How many mentions a scope shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScopeCounts {
    /// The scope's version when they were counted.
    pub version: Version,
    /// By kind.
    pub counts: Counts,
}

/// A mention that was shown and is not any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tombstone {
    /// The number it had.
    pub id: MentionId,
    /// The page that linked.
    pub source: KnownUrl,
    /// The target as the link named it.
    pub target: KnownUrl,
    /// The change that took it away.
    pub change: ChangeNumber,
}

/// Which tombstones to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TombstoneQuery {
    /// Whose.
    pub scope: Scope,
    /// Only those of changes after this one.
    pub since: ChangeNumber,
    /// Whether the oldest come first.
    pub ascending: bool,
    /// From where on; a cursor's key is the number of the change.
    pub start: Start,
    /// At most so many.
    pub limit: usize,
}

/// Some of the tombstones that were asked for.
#[derive(Debug, Clone)]
pub struct TombstonePage {
    /// The tombstones, by the changes that took the mentions away.
    pub tombstones: Vec<Tombstone>,
    /// The place after the last of them, or where the listing began if there is none.
    pub end: Option<Cursor>,
    /// Whether more follow.
    pub has_more: bool,
}
