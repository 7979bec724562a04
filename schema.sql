-- user_version: 1
--
-- The embedded store of Linkback, in the order the story goes: an owner adds a site; a sender
-- submits that a source links to one of the site's pages; a worker looks; what it found is kept
-- as a receipt and, if the link is there, shown as a mention.
--
-- Every table is STRICT. Times are Unix milliseconds, UTC. URLs are stored in the URL Standard's
-- serialisation. The file is applied as it stands to a new database. There is no released version to
-- migrate from yet; src/store/sqlite/migrate.rs has the place for the steps.

-- setting: what the store itself must remember.
CREATE TABLE setting (
  name  TEXT PRIMARY KEY,          -- 'status_secret': 32 random bytes, the key of the hash in `key` columns;
                                   -- 'door_version': 8 bytes, a number that grows with each change of `rule` and of a site's settings;
                                   -- 'checked': random bytes of the last health check, which must be able to write
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- site: an owner's site.
CREATE TABLE site (
  id               INTEGER PRIMARY KEY,
  created_at       INTEGER NOT NULL,
  needs_vouch      INTEGER NOT NULL DEFAULT 0 CHECK (needs_vouch IN (0, 1)),       -- a source of an unknown domain must bring a vouch
  takes_self_pings INTEGER NOT NULL DEFAULT 1 CHECK (takes_self_pings IN (0, 1)),  -- its pages may mention each other
  takes_private    INTEGER NOT NULL DEFAULT 0 CHECK (takes_private IN (0, 1))      -- private sources are read with the sender's code
) STRICT;

-- site_base: where a site's pages live. A target belongs to the site with the longest fitting path.
CREATE TABLE site_base (
  authority TEXT NOT NULL,         -- host, or host:port where the port is not the scheme's own
  path      TEXT NOT NULL,         -- begins and ends with '/': its pages' paths start with it
  site_id   INTEGER NOT NULL REFERENCES site (id) ON DELETE CASCADE,
  position  INTEGER NOT NULL,      -- 0 is the address the site was added under, the rest are aliases
  PRIMARY KEY (authority, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX site_base_site ON site_base (site_id, position);  -- serves Store::sites, ON DELETE CASCADE

-- rule: who is turned away at the door, and who never is. Kept in memory while the service runs, and
-- read again when 'door_version' has grown.
CREATE TABLE rule (
  id            INTEGER PRIMARY KEY,
  action        TEXT NOT NULL CHECK (action IN ('block', 'allow')),
  pattern       TEXT NOT NULL,                 -- 'example.com' with all below it, '=example.com', 'example.com/~ann' and all below
                                               -- it, or '192.0.2.0/24': clients, and sources that are addresses
  site_id       INTEGER REFERENCES site (id) ON DELETE CASCADE,  -- NULL: for all sites
  reason        TEXT NOT NULL,                 -- the owner's note; may be empty
  created_at    INTEGER NOT NULL,
  expires_at    INTEGER,                       -- NULL: never
  is_configured INTEGER NOT NULL DEFAULT 0 CHECK (is_configured IN (0, 1))  -- from receive.blocked_sources: made anew at each start
) STRICT;
CREATE UNIQUE INDEX rule_once ON rule (action, pattern, coalesce(site_id, 0));
CREATE INDEX rule_site ON rule (site_id) WHERE site_id IS NOT NULL;        -- serves ON DELETE CASCADE
CREATE INDEX rule_expired ON rule (expires_at) WHERE expires_at IS NOT NULL;  -- serves DoorBook::add_rules

-- token: by what a program proves that it reads for a site's owner. The token itself is with whoever it was
-- made for, and nowhere else.
CREATE TABLE token (
  id         INTEGER PRIMARY KEY,
  site_id    INTEGER NOT NULL REFERENCES site (id) ON DELETE CASCADE,
  selector   BLOB NOT NULL UNIQUE CHECK (length(selector) = 8),  -- its first bytes: how the row is found
  hash       BLOB NOT NULL CHECK (length(hash) = 32),  -- keyed hash that only its other bytes make (src/store/sqlite/tokens.rs)
  name       TEXT NOT NULL,                    -- the owner's note; may be empty
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX token_site ON token (site_id);    -- serves ON DELETE CASCADE

-- known_domain: registrable domains that a mention of was ever verified: they need nobody to vouch for
-- them, and may vouch for others.
CREATE TABLE known_domain (
  site_id INTEGER NOT NULL REFERENCES site (id) ON DELETE CASCADE,
  domain  TEXT NOT NULL,                       -- of the source, by the public suffix list; or an address
  since   INTEGER NOT NULL,
  PRIMARY KEY (site_id, domain)
) STRICT, WITHOUT ROWID;

-- site_host: a host on which pages of a site are, or once were, mentioned: what is listed by site or by domain.
CREATE TABLE site_host (
  id        INTEGER PRIMARY KEY,
  site_id   INTEGER NOT NULL REFERENCES site (id) ON DELETE CASCADE,
  authority TEXT NOT NULL,                     -- as in site_base
  version   INTEGER NOT NULL DEFAULT 0,        -- number of the last change that a reader could see on it; 0: nothing was ever shown.
                                               -- Changes of all hosts are numbered together, in commit order: microseconds since
                                               -- 1970, made unique. So a page that is removed and comes back has other versions
  counts    TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(counts)),  -- mentions that are shown, by kind, RSVPs by answer:
                                               -- {"like": 12, "rsvp-yes": 1}. Kept here so that nobody counts them
  UNIQUE (authority, site_id)
) STRICT;
CREATE INDEX site_host_site ON site_host (site_id);        -- serves Scope::Site, ON DELETE CASCADE
CREATE INDEX site_host_version ON site_host (version);     -- the last change of all, which the next one is numbered after

-- page: a page of a site that is, or once was, mentioned.
CREATE TABLE page (
  id      INTEGER PRIMARY KEY,
  site_id INTEGER NOT NULL REFERENCES site (id) ON DELETE CASCADE,
  host_id INTEGER NOT NULL,                    -- site_host.id; it goes with the site, as the page does
  key     TEXT NOT NULL UNIQUE,                -- host[:port]/path[?query]: http and https, and a trailing slash, are one page
  version INTEGER NOT NULL DEFAULT 0,          -- as in site_host, of this page: the ETag of what is served
  counts  TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(counts)),  -- as in site_host
  -- Whether those whom the page answers are to be told (src/store/sqlite/upstream.rs).
  url        TEXT,                             -- where it is, as the last link named it, without its fragment
  changed_at INTEGER,                          -- the first change of what there is to read that they were not told of; NULL: none
  told_at    INTEGER NOT NULL DEFAULT 0        -- when a telling last began
) STRICT;
CREATE INDEX page_changed ON page (changed_at) WHERE changed_at IS NOT NULL;  -- serves Upstream::changed_pages
CREATE INDEX page_site ON page (site_id);      -- serves ON DELETE CASCADE

-- ping: a webmention that tells a page which one of ours answers that ours has changed. It is kept for a day
-- after it was sent, so that it is not sent again too soon.
CREATE TABLE ping (
  id       INTEGER PRIMARY KEY,
  page_id  INTEGER NOT NULL REFERENCES page (id) ON DELETE CASCADE,
  source   TEXT NOT NULL,                      -- our page, as it calls itself
  target   TEXT NOT NULL,                      -- what it answers
  due_at   INTEGER,                            -- send it then; while it is being sent: when to send it again; NULL: it was sent
  attempts INTEGER NOT NULL DEFAULT 0,         -- tries since it was last due anew
  sent_at  INTEGER NOT NULL DEFAULT 0,         -- when the last try ended
  UNIQUE (source, target)
) STRICT;
CREATE INDEX ping_due ON ping (due_at) WHERE due_at IS NOT NULL;  -- serves Upstream::due_pings
CREATE INDEX ping_page ON ping (page_id);                         -- serves ON DELETE CASCADE

-- telling: how far a WebSub hub was told of what has changed on a site, and who tells it. Made when a hub is first
-- set, and for each site that is added after.
CREATE TABLE telling (
  site_id    INTEGER PRIMARY KEY REFERENCES site (id) ON DELETE CASCADE,
  change     INTEGER NOT NULL,                 -- all up to this change, as in site_host.version, …
  mention_id INTEGER NOT NULL,                 -- … and of its mentions up to this one
  holder     INTEGER NOT NULL,                 -- who tells of it
  held_until INTEGER NOT NULL                  -- … unless that was before
) STRICT;

-- submission: the queue. A row lives from the moment its 201 is promised until the verdict, so the
-- table stays small however many mentions there are. A repeated submission touches this table
-- only: nothing that is shown changes before a verdict is in.
--
-- Accepting appends a row and no more. The next claim sorts new rows, each once, into the lane of
-- their source's domain (`lane`, `page` and the two indexes on them), and takes its rows from the
-- lanes that are due. So a claim costs what it takes, whatever waits; and a domain with a hundred
-- thousand rows has one turn when a domain with one row has one.
CREATE TABLE submission (
  id          INTEGER PRIMARY KEY,             -- rows are appended, whatever their key: accepting stays cheap
  key         BLOB NOT NULL UNIQUE CHECK (length(key) = 16),  -- keyed hash of (source, target): their identity, and the status page's name
  site_id     INTEGER NOT NULL REFERENCES site (id) ON DELETE CASCADE,
  source      TEXT NOT NULL,
  target      TEXT NOT NULL,                   -- as sent, fragment and all: verification looks for this very URL
  host        TEXT NOT NULL,                   -- of the source
  protocols   INTEGER NOT NULL CHECK (protocols BETWEEN 1 AND 7),  -- 1 webmention + 2 pingback + 4 trackback
  revision    INTEGER NOT NULL DEFAULT 1,      -- +1 per repetition: one that arrives during a lease is not lost
  received_at INTEGER NOT NULL,                -- the first of the repetitions
  repeated_at INTEGER,                         -- the last of them; NULL: there was one only
  due_at      INTEGER NOT NULL,                -- not before this; while leased: when the lease ends, so a dead worker's row frees itself
  not_before  INTEGER NOT NULL DEFAULT 0,      -- Retry-After, or a place in the page's allowance: however often the claim is repeated
  lease       INTEGER,                         -- who verifies it now; NULL: nobody
  attempts    INTEGER NOT NULL DEFAULT 0,      -- verifications started since it was last submitted; 0: somebody waits, and it goes first
  lane        INTEGER,                         -- lane.id; NULL: not sorted yet, or to be sorted anew since its time has changed
  page        INTEGER,                         -- hash of `source`: rows of one page are verified with one fetch
  is_granted  INTEGER NOT NULL DEFAULT 0 CHECK (is_granted IN (0, 1)),  -- it has a place in its page's allowance: at `due_at`
  vouch       TEXT,                            -- the page that vouches for the source, where one had to
  code        TEXT,                            -- what a token that opens the source is to be had for: a secret, gone with the row; part of `key`
  occasion    TEXT NOT NULL DEFAULT 'sent' CHECK (occasion IN ('sent', 'other-target', 'schedule'))  -- why the source is asked: the
                                               -- last two are checks of known mentions (src/store/sqlite/checks.rs)
) STRICT;
CREATE INDEX submission_new ON submission (id) WHERE lane IS NULL;               -- what a claim has to sort: the only index that accepting writes
CREATE INDEX submission_lane ON submission (lane, attempts > 0, due_at) WHERE lane IS NOT NULL;       -- the first of a lane: fresh ones, and the others
CREATE INDEX submission_page ON submission (lane, page, is_granted, due_at) WHERE lane IS NOT NULL;   -- the others of its page
CREATE INDEX submission_check ON submission (occasion) WHERE occasion <> 'sent';  -- serves Store::enqueue_checks
-- No index for ON DELETE CASCADE: the queue is short, and removing a site is rare.

-- lane: a registrable domain that sources are on: whose turn it is, and what we owe it. Interval,
-- Retry-After and the hourly budget all come to the one number `free_at`. A lane goes when nothing
-- waits in it and there is nothing left to remember; a domain with a verified mention stays.
CREATE TABLE lane (
  id       INTEGER PRIMARY KEY,
  domain   TEXT NOT NULL UNIQUE,
  next_at  INTEGER NOT NULL,                   -- look at it then: never later than its first row is due and it is free
  free_at  INTEGER NOT NULL DEFAULT 0,         -- no fetch before this
  full_at  INTEGER NOT NULL DEFAULT 0,         -- when its bucket of fetches is full again (src/model/pace.rs)
  is_known INTEGER NOT NULL DEFAULT 0 CHECK (is_known IN (0, 1)),  -- a link on it was verified once
  page     INTEGER,                            -- the page handed out last: further rows of it need no further fetch …
  page_at  INTEGER NOT NULL DEFAULT 0          -- … if they were accepted before this
) STRICT;
CREATE INDEX lane_next ON lane (next_at);      -- serves Store::claim: whose turn it is

-- allowance: what was fetched lately at a host and path, whatever the query string: a URL with ten
-- thousand queries is one victim. A row goes when its bucket is full.
CREATE TABLE allowance (
  address INTEGER PRIMARY KEY,                 -- hash of host[:port]/path, and of whether there is a query and it is known
  full_at INTEGER NOT NULL                     -- when its bucket is full again; far ahead while places in it are kept
) STRICT;
CREATE INDEX allowance_full ON allowance (full_at);  -- serves their removal

-- mention: what is known: `source` links to `page`, and says this. One post may come by several
-- roads, by way of bridges: its rows have the same `original`, and one of them is shown.
CREATE TABLE mention (
  id          INTEGER PRIMARY KEY,             -- microseconds since 1970 when first verified, made unique: grows in commit order, fits 53 bits
  page_id     INTEGER NOT NULL REFERENCES page (id) ON DELETE CASCADE,
  host_id     INTEGER NOT NULL,                -- page.host_id, for the indexes by host
  source      TEXT NOT NULL,                   -- where it is asked: as sent, or where permanent redirects led from there
  source_key  TEXT NOT NULL,                   -- the page that this is, whatever its addresses: `original`, if that is on the
                                               -- host of `source`; else `source` in the same form
  target      TEXT NOT NULL,                   -- as the link names it
  protocols   INTEGER NOT NULL CHECK (protocols BETWEEN 1 AND 7),
  kind        TEXT NOT NULL CHECK (kind IN ('rsvp', 'repost', 'like', 'reaction', 'reply', 'quotation', 'bookmark', 'invite',
                'person-tag', 'listen', 'read', 'watch', 'play', 'mention')),
  url         TEXT NOT NULL,                   -- where a reader should go: the post's permanent address, as the source gives it
  original    TEXT NOT NULL,                   -- the identity of the post: `url` as page.key has it, with its fragment (src/store/original.rs)
  is_native   INTEGER NOT NULL CHECK (is_native IN (0, 1)),  -- the source, and the page it led to, are on the host of the original: no bridge
  is_private  INTEGER NOT NULL DEFAULT 0 CHECK (is_private IN (0, 1)),  -- it was read with a token, which is not kept: the owner alone is shown it,
                                               -- and nobody asks its source again. Beside it there may be a public one of the same source
  is_shown    INTEGER NOT NULL CHECK (is_shown IN (0, 1) AND NOT (is_shown AND is_private)),  -- of the public rows of one page and
                                               -- original, the first by is_native, then id
  entry       TEXT NOT NULL CHECK (json_valid(entry)),  -- all else the source says: a JSON object (src/store/entry.rs)
  received_at INTEGER NOT NULL,                -- first verified
  verified_at INTEGER NOT NULL,                -- last verified because its sender asked, or something had changed
  -- What it is listed by (src/store/sqlite/listing.rs).
  published_at INTEGER NOT NULL,               -- when its source says it was published, but never after it was verified; where it
                                               -- says nothing: `received_at`
  author_domain TEXT NOT NULL,                 -- the registrable domain of its author's page, or else of `url`
  change      INTEGER NOT NULL DEFAULT 0,      -- the number of its last change that a reader could see, as in site_host.version
  -- How it is looked after (src/store/sqlite/checks.rs). None of it is shown.
  verify_at     INTEGER NOT NULL,              -- when to ask the source again
  asked_at      INTEGER NOT NULL,              -- when that was last queued, or found to be so: what asks for one source's mentions goes on with others
  checks        INTEGER NOT NULL,              -- checks on the schedule since its sender last spoke of it
  page_url      TEXT,                          -- where the page was, after redirects, if its server says whether it has changed,
  etag          TEXT,                          -- … and what to ask it with
  last_modified TEXT,
  failures      INTEGER NOT NULL DEFAULT 0,    -- checks that came to no answer since the last one that did
  failing_since INTEGER,                       -- when the first of these was
  doubted_at    INTEGER,                       -- when a check that nobody had asked for found no link; NULL since one was found
  UNIQUE (source_key, page_id, is_private)     -- the identity of a mention; serves Store::finish, also by source alone
) STRICT;
CREATE INDEX mention_due ON mention (verify_at);                                 -- serves Store::enqueue_checks
CREATE INDEX mention_others ON mention (source_key, asked_at);                   -- … and Store::finish, when a sender speaks of one of its source's
-- What is shown, as Store::mentions lists it: each index gives one kind in order, and kinds are merged. The
-- number comes last in each by itself.
CREATE INDEX mention_page ON mention (page_id, kind) WHERE is_shown;
CREATE INDEX mention_page_published ON mention (page_id, kind, published_at) WHERE is_shown;
CREATE INDEX mention_page_change ON mention (page_id, kind, change) WHERE is_shown;
CREATE INDEX mention_host ON mention (host_id, kind) WHERE is_shown;
CREATE INDEX mention_host_published ON mention (host_id, kind, published_at) WHERE is_shown;
CREATE INDEX mention_host_change ON mention (host_id, kind, change) WHERE is_shown;
CREATE INDEX mention_author ON mention (host_id, author_domain, kind, id, page_id) WHERE is_shown;
CREATE INDEX mention_unshown ON mention (host_id, is_private, kind) WHERE NOT is_shown;  -- the same of what the owner alone is shown
CREATE INDEX mention_private ON mention (id) WHERE is_private;                   -- serves Store::private_mentions
CREATE INDEX mention_road ON mention (page_id, original, is_native DESC, id) WHERE NOT is_private;  -- the first of an original's rows is the one to show
CREATE UNIQUE INDEX mention_shown ON mention (page_id, original) WHERE is_shown; -- … and the one that is shown, of which there is one

-- tombstone: a mention that was shown and is not any more: its link has gone, or it was removed, or the same
-- post is shown as another source tells of it. For those who keep a copy of what was shown.
CREATE TABLE tombstone (
  mention_id INTEGER PRIMARY KEY,              -- the number it had
  page_id    INTEGER NOT NULL REFERENCES page (id) ON DELETE CASCADE,
  host_id    INTEGER NOT NULL,                 -- as in mention
  source     TEXT NOT NULL,
  target     TEXT NOT NULL,
  change     INTEGER NOT NULL                  -- the number of the change that took it away, as in site_host.version
) STRICT;
CREATE INDEX tombstone_page ON tombstone (page_id, change);  -- serve Store::deleted, ON DELETE CASCADE
CREATE INDEX tombstone_host ON tombstone (host_id, change);

-- picture: a picture that mentions name, of which a small copy is kept or wanted. A row goes with the last
-- mention that names it, and the copy goes with the last picture that looks like it (src/store/sqlite/media.rs).
CREATE TABLE picture (
  id            INTEGER PRIMARY KEY,
  role          TEXT NOT NULL CHECK (role IN ('avatar', 'photo')),  -- what it is shown as
  url           TEXT NOT NULL,                 -- as mentions name it
  domain        TEXT NOT NULL,                 -- registrable domain of `url`
  due_at        INTEGER NOT NULL,              -- ask for it then; while leased: when the lease ends
  lease         INTEGER,                       -- who asks for it now; NULL: nobody
  failures      INTEGER NOT NULL DEFAULT 0,    -- fetches in a row that brought no picture
  failure       TEXT,                          -- what the last of these came to: for the owner
  media_hash    BLOB REFERENCES media (hash),  -- its copy; NULL: there is none
  page_url      TEXT,                          -- where it was, after redirects, if its server says whether it has changed,
  etag          TEXT,                          -- … and what to ask it with
  last_modified TEXT,
  UNIQUE (url, role)                           -- however many mentions name it, it is asked for once
) STRICT;
CREATE INDEX picture_turn ON picture (domain, due_at);                           -- serves MediaCache::claim_pictures
CREATE INDEX picture_media ON picture (media_hash) WHERE media_hash IS NOT NULL; -- serves the removal of copies

-- picture_use: which mentions name a picture.
CREATE TABLE picture_use (
  mention_id INTEGER NOT NULL REFERENCES mention (id) ON DELETE CASCADE,
  picture_id INTEGER NOT NULL REFERENCES picture (id) ON DELETE CASCADE,
  PRIMARY KEY (mention_id, picture_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX picture_use_picture ON picture_use (picture_id);  -- who else names it; ON DELETE CASCADE

-- picture_lane: a registrable domain that pictures are on, and its turn. It keeps the pause that `lane` asks
-- for, and a budget of its own, so that pictures never stand in the way of mentions.
CREATE TABLE picture_lane (
  domain  TEXT PRIMARY KEY,
  next_at INTEGER NOT NULL,                    -- look at it then: never later than its first picture is due and it is free
  free_at INTEGER NOT NULL DEFAULT 0,          -- no fetch before this
  full_at INTEGER NOT NULL DEFAULT 0           -- when its bucket of fetches is full again (src/model/pace.rs)
) STRICT, WITHOUT ROWID;
CREATE INDEX picture_lane_next ON picture_lane (next_at);  -- serves MediaCache::claim_pictures

-- media: the copies, by what they hold: immutable, and read with one look-up.
CREATE TABLE media (
  hash    BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 16),  -- of `bytes`: half a SHA-256
  form    TEXT NOT NULL CHECK (form IN ('webp', 'jpg')),
  width   INTEGER NOT NULL,                    -- pixels
  height  INTEGER NOT NULL,
  size    INTEGER NOT NULL,                    -- of `bytes`
  used_at INTEGER NOT NULL,                    -- last made or served, to the day: what was used least lately goes first
  bytes   BLOB NOT NULL                        -- last, so that nobody reads past it
) STRICT;
CREATE INDEX media_used ON media (used_at, size);  -- serves the budget

-- receipt: what the last verification of a submission said; the status page. Kept as long as the
-- mention is, and for 90 days where there is none. 'deleted' is the tombstone of a mention that was
-- shown once, and stays until the source links again. A mention has a receipt for each pair of addresses
-- under which it was submitted or is asked: that is how all of them find it.
CREATE TABLE receipt (
  key         BLOB PRIMARY KEY CHECK (length(key) = 16),  -- as in submission
  site_id     INTEGER NOT NULL REFERENCES site (id) ON DELETE CASCADE,
  source      TEXT NOT NULL,
  target      TEXT NOT NULL,
  protocols   INTEGER NOT NULL CHECK (protocols BETWEEN 1 AND 7),
  state       TEXT NOT NULL CHECK (state IN ('accepted', 'rejected', 'deleted', 'error')),
  mention_id  INTEGER REFERENCES mention (id) ON DELETE SET NULL,
  is_private  INTEGER NOT NULL DEFAULT 0 CHECK (is_private IN (0, 1)),  -- of a submission with a code: the mention is private
  was_known   INTEGER NOT NULL CHECK (was_known IN (0, 1)),  -- the mention was shown before this verification
  failure     TEXT,                            -- class of the failure, where the last verification came to no answer; of a
                                               -- tombstone: 'gone' for 410, another for a source that was dead, NULL for no link
  detail      TEXT,                            -- its details: for the owner only
  near_misses TEXT,                            -- JSON [[url, difference], …]: what the sender may have meant
  checked_at  INTEGER NOT NULL,
  received_at INTEGER NOT NULL,                -- when it was last sent
  number      INTEGER NOT NULL                 -- its place in the owner's list: microseconds since 1970, made greater than those of
                                               -- all receipts of the site when it is sent again or comes to another verdict
) STRICT, WITHOUT ROWID;
CREATE INDEX receipt_mention ON receipt (mention_id) WHERE mention_id IS NOT NULL;  -- serves ON DELETE SET NULL
CREATE INDEX receipt_site ON receipt (site_id, state, number);                       -- serves Store::submissions, ON DELETE CASCADE
CREATE INDEX receipt_stale ON receipt (checked_at) WHERE state <> 'deleted' AND mention_id IS NULL;  -- serves Store::prune
