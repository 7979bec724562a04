//! What came of a leased submission: the mention, the receipt, and the end of the lease, in one
//! transaction.

use rusqlite::{Connection, OptionalExtension, params};

use super::identity::{self, Row};
use super::keys::Keys;
use super::receipts::Receipt;
use super::{checks, lanes, lists, media, mentions, rows};
use crate::model::{
    Failure, FailureKind, MentionId, NearMiss, NextCheck, Outcome, Protocols, Publication, SiteId,
    SourceUrl, TargetUrl, Timestamp,
};
use crate::store::original::key_of;
use crate::store::{Finished, Lease, Occasion, StoreError};

/// So many mentions of a source that says it is gone are erased at once; the schedule finds the rest.
const MAX_GONE: usize = 1000;

/// What is in the queue about a leased submission.
pub(super) struct Queued {
    pub(super) site: SiteId,
    pub(super) source: SourceUrl,
    pub(super) target: TargetUrl,
    pub(super) protocols: Protocols,
    pub(super) occasion: Occasion,
    pub(super) is_private: bool,
    /// When it was last sent.
    pub(super) received_at: Timestamp,
    revision: i64,
}

pub(super) fn finish(
    connection: &Connection,
    keys: &Keys,
    lease: Lease,
    outcome: &Outcome,
    now: Timestamp,
) -> Result<Finished, StoreError> {
    let queued = leased_row(connection, lease)?.ok_or(StoreError::LeaseLost)?;
    // SECURITY: a code that opens nothing must not tell whether another one did.
    let is_proven = !queued.is_private || !matches!(outcome, Outcome::Failed { .. });
    let finishing = Finishing {
        connection,
        keys,
        lease,
        known: identity::known(connection, lease.key, &queued, is_proven)?,
        queued,
        now,
    };
    let finished = match outcome {
        Outcome::Publish(publication) => finishing.publish(publication),
        Outcome::Unchanged(next) => finishing.unchanged(*next),
        Outcome::NoLink {
            moved_to,
            near_misses,
            recheck_at,
        } => finishing.no_link(moved_to.as_ref(), near_misses, *recheck_at),
        Outcome::Gone { moved_to } => finishing.gone(moved_to.as_ref()),
        Outcome::Dead(failure) => finishing.dead(failure),
        Outcome::Failed {
            failure,
            retry_at,
            not_before,
        } => finishing.failed(failure, *retry_at, *not_before),
    }?;
    finishing.settle(Again::after(outcome))?;
    Ok(finished)
}

/// When the submission is due again.
#[derive(Clone, Copy)]
struct Again {
    at: Option<Timestamp>,
    not_before: Option<Timestamp>,
}

impl Again {
    fn after(outcome: &Outcome) -> Self {
        let (at, not_before) = match outcome {
            Outcome::NoLink { recheck_at, .. } => (*recheck_at, None),
            Outcome::Failed {
                retry_at,
                not_before,
                ..
            } => (*retry_at, *not_before),
            Outcome::Publish(_)
            | Outcome::Unchanged(_)
            | Outcome::Gone { .. }
            | Outcome::Dead(_) => (None, None),
        };
        Self { at, not_before }
    }
}

/// A submission that is being finished.
struct Finishing<'a> {
    connection: &'a Connection,
    keys: &'a Keys,
    lease: Lease,
    queued: Queued,
    known: Option<Row>,
    now: Timestamp,
}

impl Finishing<'_> {
    fn publish(&self, publication: &Publication) -> Result<Finished, StoreError> {
        let Self {
            connection,
            queued,
            now,
            ..
        } = self;
        let published =
            mentions::publish(connection, queued, self.known.as_ref(), publication, *now)?;
        if !queued.is_private {
            // Who is known shows at the door, and a picture's copy by its name, for all to see.
            lists::know(connection, queued.site, &queued.source, *now)?;
            if published.has_changed {
                media::name(connection, published.id, &publication.entry, *now)?;
            }
        }
        let receipt = || Receipt::of("accepted").mention(published.id.0);
        self.write(receipt())?;
        // Where it is asked from now on, and has never been submitted as such. Nobody asks for a private one.
        let has_moved = published.source != queued.source || published.target != queued.target;
        if has_moved && !queued.is_private {
            let key = self.keys.of(&published.source, &published.target);
            if key != self.lease.key {
                let (source, target) = (&published.source, &published.target);
                let (was_known, now) = (published.was_known, *now);
                receipt().write(connection, key, queued, (source, target), was_known, now)?;
            }
        }
        if queued.occasion == Occasion::Sent && !queued.is_private {
            let (key, id) = (&published.source_key, published.id);
            checks::enqueue_others(connection, self.keys, key, id, *now)?;
        }
        Ok(match (published.was_known, published.has_changed) {
            (false, _) => {
                if !queued.is_private {
                    lanes::know(connection, self.lease.key)?;
                }
                Finished::Added(published.id)
            }
            (true, true) => Finished::Updated(published.id),
            (true, false) => Finished::Noted,
        })
    }

    fn unchanged(&self, next: NextCheck) -> Result<Finished, StoreError> {
        // Else it went while its source was asked.
        if let Some(known) = &self.known {
            checks::in_order(self.connection, known.id, next)?;
            self.write(Receipt::of("accepted").mention(known.id.0))?;
        }
        Ok(Finished::Noted)
    }

    /// No link was found, which is believed at the second look: the one at `recheck_at` is to come.
    fn no_link(
        &self,
        moved_to: Option<&SourceUrl>,
        near_misses: &[NearMiss],
        recheck_at: Option<Timestamp>,
    ) -> Result<Finished, StoreError> {
        match (self.speaks_for(moved_to), recheck_at) {
            (Some(known), None) => return self.remove(&[known.id], None, known.id),
            (Some(known), Some(at)) => {
                checks::doubted(self.connection, known.id, at, self.now)?;
                self.write(Receipt::of("accepted").mention(known.id.0))?;
            }
            (None, _) => {
                self.write(Receipt::of("rejected").near_misses(near_misses))?;
                self.doubt_alias()?;
            }
        }
        Ok(Finished::Noted)
    }

    fn dead(&self, failure: &Failure) -> Result<Finished, StoreError> {
        if let Some(known) = self.speaks_for(None) {
            return self.remove(&[known.id], Some(failure), known.id);
        }
        self.write(Receipt::of("error").failure(failure))?;
        Ok(Finished::Noted)
    }

    /// The known mention, if the source stands for it: it is asked there, or has moved from there for
    /// good. Who only leads to its page today may lead elsewhere tomorrow, and says nothing of it.
    //
    // Where the page names the target in another form (http for https, say), the mention stands on
    // that one: what is submitted proves nothing against it.
    fn speaks_for(&self, moved_to: Option<&SourceUrl>) -> Option<&Row> {
        self.stands_for(moved_to)
            .filter(|known| known.target == self.queued.target.as_str())
    }

    fn stands_for(&self, moved_to: Option<&SourceUrl>) -> Option<&Row> {
        self.known.as_ref().filter(|known| {
            self.addresses(moved_to)
                .any(|url| url.as_str() == known.source || key_of(url) == known.source_key)
        })
    }

    /// The addresses that the answer is from.
    fn addresses<'b>(
        &'b self,
        moved_to: Option<&'b SourceUrl>,
    ) -> impl Iterator<Item = &'b SourceUrl> {
        [Some(&self.queued.source), moved_to].into_iter().flatten()
    }

    /// Someone said something of a mention who does not stand for it: its own address is asked.
    fn doubt_alias(&self) -> Result<(), StoreError> {
        match &self.known {
            Some(known) if known.target == self.queued.target.as_str() => {
                checks::enqueue_one(self.connection, self.keys, known.id, self.now)
            }
            _ => Ok(()),
        }
    }

    fn gone(&self, moved_to: Option<&SourceUrl>) -> Result<Finished, StoreError> {
        let gone = Failure {
            kind: FailureKind::Gone,
            detail: "the source says that it is gone (410)".to_owned(),
        };
        // Whatever the target: it is the source that is gone.
        let known = self.stands_for(moved_to);
        let mut all = Vec::new();
        for url in self.addresses(moved_to) {
            let own = key_of(url);
            let called = known.map(|known| known.source_key.clone());
            for key in [Some(own.clone()), called.filter(|key| *key != own)] {
                let Some(key) = key else { continue };
                let queued = &self.queued;
                all.extend(identity::of_source(
                    self.connection,
                    url,
                    &key,
                    queued,
                    MAX_GONE,
                )?);
            }
        }
        if let Some(known) = known {
            return self.remove(&all, Some(&gone), known.id);
        }
        for id in &all {
            mentions::erase(self.connection, *id, Some(&gone), self.now)?;
        }
        self.write(Receipt::of("error").failure(&gone))?;
        self.doubt_alias()?;
        Ok(Finished::Noted)
    }

    /// Erases mentions, of which `own` is the one that was asked about, and has its other ones checked.
    fn remove(
        &self,
        all: &[MentionId],
        failure: Option<&Failure>,
        own: MentionId,
    ) -> Result<Finished, StoreError> {
        for id in all {
            mentions::erase(self.connection, *id, failure, self.now)?;
        }
        let receipt = Receipt::of("deleted");
        self.write(match failure {
            Some(failure) => receipt.failure(failure),
            None => receipt,
        })?;
        if self.queued.occasion == Occasion::Sent
            && !self.queued.is_private
            && let Some(known) = &self.known
        {
            let key = &known.source_key;
            checks::enqueue_others(self.connection, self.keys, key, own, self.now)?;
        }
        Ok(Finished::Removed)
    }

    fn failed(
        &self,
        failure: &Failure,
        retry_at: Option<Timestamp>,
        not_before: Option<Timestamp>,
    ) -> Result<Finished, StoreError> {
        if let Some(until) = not_before {
            lanes::hold(self.connection, self.lease.key, until)?;
        }
        let receipt = match &self.known {
            Some(known) => {
                // What was sent waits in the queue, a check waits in the mention.
                let again_at = retry_at.filter(|_| self.queued.occasion != Occasion::Sent);
                if self.speaks_for(None).is_some() {
                    checks::failed(self.connection, known.id, again_at, self.now)?;
                }
                Receipt::of("accepted").mention(known.id.0)
            }
            None => Receipt::of("error"),
        };
        self.write(receipt.failure(failure))?;
        Ok(Finished::Noted)
    }

    fn write(&self, receipt: Receipt) -> Result<(), StoreError> {
        let pair = (&self.queued.source, &self.queued.target);
        let was_known = self.known.is_some();
        let (key, queued) = (self.lease.key, &self.queued);
        receipt.write(self.connection, key, queued, pair, was_known, self.now)
    }

    /// Ends the lease: the row goes, or waits for its next time.
    fn settle(&self, again: Again) -> Result<(), StoreError> {
        let Again { at, not_before } = again;
        let (due_at, attempts) = if self.queued.revision != self.lease.revision {
            // Submitted again meanwhile: what was verified may be out of date.
            (Some(self.now.max(not_before.unwrap_or(self.now))), Some(0))
        } else if self.queued.occasion == Occasion::Sent {
            (at, None)
        } else {
            (None, None)
        };
        match due_at {
            Some(due_at) => self
                .connection
                .prepare_cached(
                    "UPDATE submission SET lease = NULL, due_at = ?2,
                       attempts = coalesce(?3, attempts), not_before = ?4, lane = NULL
                     WHERE key = ?1",
                )?
                .execute(params![
                    self.lease.key,
                    due_at.as_millis(),
                    attempts,
                    not_before.map_or(0, Timestamp::as_millis),
                ])?,
            None => self
                .connection
                .prepare_cached("DELETE FROM submission WHERE key = ?1")?
                .execute([self.lease.key])?,
        };
        Ok(())
    }
}

fn leased_row(connection: &Connection, lease: Lease) -> Result<Option<Queued>, StoreError> {
    let row = connection
        .prepare_cached(
            "SELECT site_id, source, target, protocols, occasion, revision, code IS NOT NULL,
               coalesce(repeated_at, received_at)
             FROM submission
             WHERE key = ?1 AND lease = ?2",
        )?
        .query_row(params![lease.key, lease.holder], |row| {
            Ok((
                row.get(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, String>(2)?,
                row.get(3)?,
                row.get::<_, String>(4)?,
                row.get(5)?,
                row.get(6)?,
                row.get(7)?,
            ))
        })
        .optional()?;
    row.map(
        |(site, source, target, protocols, occasion, revision, is_private, received_at)| {
            Ok(Queued {
                site: SiteId(site),
                source: rows::source(&source)?,
                target: rows::target(&target)?,
                protocols: rows::protocols(protocols)?,
                occasion: rows::occasion(&occasion)?,
                is_private,
                received_at: Timestamp::from_millis(received_at),
                revision,
            })
        },
    )
    .transpose()
}
