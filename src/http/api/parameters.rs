//! The parameters of our own API: the one table that says which there are, what they mean and what a
//! request may give for them. Requests are held against it, and the description is written from it.

use crate::model::{MentionKind, MentionState};

pub(super) const DEFAULT_LIMIT: usize = 50;
pub(super) const MAX_LIMIT: usize = 1000;

/// So many pages may be asked for at once.
pub(super) const MAX_TARGETS: usize = 100;

/// What a parameter is.
pub(super) enum Shape {
    /// A URL, any number of times.
    Urls,
    /// A URL.
    Url,
    /// The name of a host.
    Host,
    /// A text of any form.
    Text,
    /// Some of these names, apart by commas, any number of times.
    Names(&'static [&'static str]),
    /// One of these names.
    Name(&'static [&'static str]),
    /// A moment.
    Time,
    /// A number from 1 to [`MAX_LIMIT`].
    Limit,
}

/// A parameter.
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    pub(super) meaning: &'static str,
}

impl Parameter {
    /// The names that may be given, for people.
    pub(super) fn names(&self) -> Option<String> {
        match self.shape {
            Shape::Names(names) | Shape::Name(names) => Some(names.join(", ")),
            Shape::Urls | Shape::Url | Shape::Host | Shape::Text | Shape::Time | Shape::Limit => {
                None
            }
        }
    }
}

/// The names of the kinds.
pub(super) const KINDS: [&str; MentionKind::ALL.len()] = {
    let mut names = [""; MentionKind::ALL.len()];
    let mut n = 0;
    while n < names.len() {
        #[expect(clippy::indexing_slicing, reason = "a constant: it would not compile")]
        {
            names[n] = MentionKind::ALL[n].as_str();
        }
        n = n.saturating_add(1);
    }
    names
};

/// The names of the states of mentions; the first is what is listed if none is named.
pub(super) const STATES: [&str; MentionState::ALL.len()] = {
    let [shown, private, hidden] = MentionState::ALL;
    [shown.as_str(), private.as_str(), hidden.as_str()]
};

/// The names of the states of submissions.
pub(super) const VERDICTS: [&str; 5] = ["pending", "accepted", "rejected", "deleted", "error"];

const TARGET: Parameter = Parameter {
    name: "target",
    shape: Shape::Urls,
    meaning: "The URL of a page that is mentioned; repeat it for more pages, 100 at most. `http` and `https`, a trailing \
              slash and the fragment make no difference.",
};
const DOMAIN: Parameter = Parameter {
    name: "domain",
    shape: Shape::Host,
    meaning: "In place of `target`: all pages on this host, e.g. `example.com`.",
};
const TOKEN: Parameter = Parameter {
    name: "token",
    shape: Shape::Text,
    meaning: "In place of `target` and `domain`: all pages of the site that the token was made for. \
              `Authorization: Bearer` does the same.",
};
const CURSOR: Parameter = Parameter {
    name: "cursor",
    shape: Shape::Text,
    meaning: "Where to go on: `next` or `end` of an earlier answer to the same question.",
};
const LIMIT: Parameter = Parameter {
    name: "limit",
    shape: Shape::Limit,
    meaning: "At most so many. There may be fewer though more follow: `next` tells.",
};
const ORDER: Parameter = Parameter {
    name: "order",
    shape: Shape::Name(&["desc", "asc"]),
    meaning: "Whether the newest come first, or the oldest.",
};

/// Of `mentions`.
pub(super) const OF_MENTIONS: &[Parameter] = &[
    TARGET,
    DOMAIN,
    TOKEN,
    Parameter {
        name: "kind",
        shape: Shape::Names(&KINDS),
        meaning: "Only these kinds.",
    },
    Parameter {
        name: "author_domain",
        shape: Shape::Host,
        meaning: "Only those whose author's page, or else whose own address, is of the registrable domain that this \
                  host belongs to.",
    },
    Parameter {
        name: "since",
        shape: Shape::Time,
        meaning: "Only those received after this time.",
    },
    Parameter {
        name: "state",
        shape: Shape::Names(&STATES),
        meaning: "What everybody is shown, which is what is listed if this is left out; `private`: what was verified with \
                  a code that its sender gave; `hidden`: what tells of a post that another mention of the page is shown \
                  for. All but `shown` is for a site's owner, who sends a token beside `target` or `domain`, too; it \
                  comes in the order `received`, without an `ETag`, and each mention has its `state`.",
    },
    Parameter {
        name: "sort",
        shape: Shape::Name(&["received", "published", "changed"]),
        meaning: "What the order is of: when they were received; when they were published, or else received; when they \
                  last changed. Who follows `received` or `changed` with `order=asc` and `end` as the next `cursor` \
                  misses nothing.",
    },
    ORDER,
    LIMIT,
    CURSOR,
];

/// Of `counts`.
pub(super) const OF_COUNTS: &[Parameter] = &[TARGET, DOMAIN, TOKEN];

/// Of `deleted`.
pub(super) const OF_DELETED: &[Parameter] = &[
    TARGET,
    DOMAIN,
    TOKEN,
    Parameter {
        name: "since",
        shape: Shape::Time,
        meaning: "Only those that went after this time.",
    },
    ORDER,
    LIMIT,
    CURSOR,
];

/// Of `submissions`.
pub(super) const OF_SUBMISSIONS: &[Parameter] = &[
    Parameter {
        name: "token",
        shape: Shape::Text,
        meaning: "A token of the site, which there must be. `Authorization: Bearer` does the same.",
    },
    Parameter {
        name: "state",
        shape: Shape::Names(&VERDICTS),
        meaning: "Only what has come to one of these verdicts; all of them, if this is left out. `pending`, which stands \
                  alone: what waits for its verdict.",
    },
    Parameter {
        name: "target",
        shape: Shape::Url,
        meaning: "Only what was sent to this page. Pages of the listing may then have fewer than `limit`, or none, though \
                  more follow.",
    },
    Parameter {
        name: "since",
        shape: Shape::Time,
        meaning: "Only what was sent, or came to its verdict, after this time.",
    },
    ORDER,
    LIMIT,
    CURSOR,
];
