//! A listing as it is written: whole if it is short, else in parts as they are read, so that a long one
//! takes no more memory than a short one, and nothing is held in the store meanwhile.

use std::sync::Arc;

use actix_web::body::{BodyStream, BoxBody};
use actix_web::web::Bytes;
use futures_util::stream;
use tracing::error;

use super::words::target;
use crate::model::{Mention, Rsvp};
use crate::store::{MentionPage, MentionQuery, Start, Store, StoreError};

/// So many are read and written at a time.
const PART: usize = 200;

/// How a listing is written.
pub(super) trait Form {
    /// What comes before the mentions.
    fn begin(&self, out: &mut String);
    /// One of them; not the first one if `follows`.
    fn mention(&self, out: &mut String, mention: &Mention, follows: bool);
    /// What comes after them; `total`: how many there are in the whole listing, if that is known.
    fn end(&self, out: &mut String, total: Option<u64>);
}

/// A listing as it was written.
pub(super) enum Written {
    /// All of it.
    Whole(String),
    /// It is long: the rest comes as it is read.
    Parts(BoxBody),
}

/// A listing that is being read.
pub(super) struct Listing<F> {
    store: Arc<dyn Store>,
    query: MentionQuery,
    form: F,
    /// So many are wanted still.
    left: usize,
    /// Only those whose target names this part of the page, and so many of them not.
    fragment: Option<(String, u64)>,
    /// In each part the RSVPs that say yes first, or last.
    by_answer: bool,
    total: Option<u64>,
    written: usize,
    stage: Stage,
}

#[derive(PartialEq, Eq)]
enum Stage {
    Begins,
    GoesOn,
    Ends,
    Over,
}

impl<F: Form + 'static> Listing<F> {
    pub(super) fn new(store: Arc<dyn Store>, query: MentionQuery, form: F) -> Self {
        Self {
            store,
            form,
            left: query.limit,
            query,
            fragment: None,
            by_answer: false,
            total: None,
            written: 0,
            stage: Stage::Begins,
        }
    }

    /// Only mentions of this part of the page.
    pub(super) fn of_fragment(mut self, fragment: Option<&str>) -> Self {
        if let (Some(fragment), Start::Skip(skip)) = (fragment, self.query.start) {
            self.query.start = Start::Skip(0);
            self.fragment = Some((fragment.to_owned(), skip));
        }
        self
    }

    /// RSVPs by their answers.
    pub(super) fn by_answer(mut self, by_answer: bool) -> Self {
        self.by_answer = by_answer;
        self
    }

    /// The listing as a body.
    pub(super) async fn write(mut self) -> Result<Written, StoreError> {
        let mut first = self.part().await?;
        if self.stage == Stage::Ends {
            first.push_str(&self.part().await?);
        }
        if self.stage == Stage::Over {
            return Ok(Written::Whole(first));
        }
        let first = stream::once(async move { Ok(Bytes::from(first)) });
        let rest = stream::unfold(self, |mut listing| async move {
            if listing.stage == Stage::Over {
                return None;
            }
            let part = listing.part().await.map(Bytes::from);
            if let Err(error) = &part {
                // The client must not take what it has for all: the connection breaks.
                error!(%error, "a listing broke off");
                listing.stage = Stage::Over;
            }
            Some((part, listing))
        });
        let parts = BodyStream::new(stream::StreamExt::chain(first, rest));
        Ok(Written::Parts(BoxBody::new(parts)))
    }

    /// Reads and writes some more.
    async fn part(&mut self) -> Result<String, StoreError> {
        let mut out = String::new();
        if self.stage == Stage::Ends {
            self.form.end(&mut out, self.total);
            self.stage = Stage::Over;
            return Ok(out);
        }
        self.query.limit = match self.fragment {
            Some(_) => PART,
            None => self.left.min(PART),
        };
        let MentionPage {
            total,
            mut mentions,
            end,
            has_more,
            ..
        } = self.store.mentions(&self.query).await?;
        if self.stage == Stage::Begins {
            self.total = total.filter(|_| self.fragment.is_none());
            self.form.begin(&mut out);
            self.stage = Stage::GoesOn;
        }
        if self.by_answer {
            const ANSWERS: [&str; 4] = ["no", "interested", "maybe", "yes"];
            mentions.sort_by_key(|mention| {
                let answer = mention.entry.rsvp.map(Rsvp::as_str);
                ANSWERS.iter().position(|name| answer == Some(name))
            });
            if !self.query.order.ascending {
                mentions.reverse();
            }
        }
        for mention in &mentions {
            if self.left > 0 && self.is_wanted(mention) {
                self.form.mention(&mut out, mention, self.written > 0);
                self.written = self.written.saturating_add(1);
                self.left = self.left.saturating_sub(1);
            }
        }
        match end.filter(|_| has_more && self.left > 0) {
            Some(end) => self.query.start = Start::After(end),
            None => self.stage = Stage::Ends,
        }
        Ok(out)
    }

    /// Whether a mention is of the part of the page that is asked for, and is not to be passed over.
    fn is_wanted(&mut self, mention: &Mention) -> bool {
        let Some((fragment, skip)) = &mut self.fragment else {
            return true;
        };
        if target(mention).1 != Some(fragment) {
            return false;
        }
        let is_wanted = *skip == 0;
        *skip = skip.saturating_sub(1);
        is_wanted
    }
}
