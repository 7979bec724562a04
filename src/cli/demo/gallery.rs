//! What the gallery shows: mentions of every kind, a thousand of them, and none.
//!
//! They show how things look, not how they come: they are written straight into the store, before the
//! service starts, as if their pages had been read.

use std::time::Duration;

use anyhow::Context as _;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use url::Url;

use super::people::{CROWD, EVERY_KIND, Said, Who};
use crate::model::{
    Author, AuthoredTime, Comment, Content, Entry, Excerpt, MentionKind, NextCheck, Outcome, Photo,
    Protocol, Publication, SiteBase, SourceUrl, Submission, TargetUrl, Timestamp,
};
use crate::store::{ClaimRequest, Leased, Manners, Store};

/// The gallery's pages on the home blog, and how the mentions of each are chosen.
pub(super) const EVERY_KIND_PATH: &str = "/gallery/every-kind";
pub(super) const THOUSAND_PATH: &str = "/gallery/thousand";

/// Where the people's pictures are on the home blog; each has a name of its own there.
pub(super) const PICTURES_PATH: &str = "/gallery/pictures/";

/// How many mentions the page of a thousand has.
const THOUSAND: usize = 1000;
/// So many are stored at a time.
const AT_ONCE: usize = 200;
/// Nobody asks these sources again while the demonstration runs.
const A_LONG_TIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// A mention that is to be stored.
struct Planned {
    source: SourceUrl,
    target: TargetUrl,
    protocol: Protocol,
    entry: Entry,
}

/// Writes the gallery's mentions of pages of `home` into `store`, which no worker may be at yet.
///
/// # Errors
/// If the store cannot be written.
pub(super) async fn fill(store: &dyn Store, home: &Url, now: Timestamp) -> anyhow::Result<()> {
    let base = SiteBase::parse(home.as_str())?;
    let site = store.add_site(&[base], now).await?.id;
    let planned = planned(home, now)?;
    // One after the other, so that they stand in the order in which they are written.
    for chunk in planned.chunks(AT_ONCE) {
        stream::iter(chunk)
            .map(|one| async move {
                let submission = Submission {
                    source: one.source.clone(),
                    target: one.target.clone(),
                    protocol: one.protocol,
                    vouch: None,
                    code: None,
                };
                store.accept(submission, site, now).await
            })
            .buffer_unordered(AT_ONCE)
            .try_for_each(|_accepted| std::future::ready(Ok(())))
            .await?;
        let leased = claim(store, now).await?;
        for one in chunk {
            let mine = leased
                .iter()
                .find(|l| l.source == one.source && l.target == one.target);
            let lease = mine
                .context("a submission of the gallery was not claimed")?
                .lease;
            store.finish(lease, outcome(one, now), now).await?;
        }
    }
    Ok(())
}

async fn claim(store: &dyn Store, now: Timestamp) -> anyhow::Result<Vec<Leased>> {
    let request = ClaimRequest {
        limit: AT_ONCE,
        per_host: AT_ONCE,
        busy: std::collections::HashMap::new(),
        lease: Duration::from_secs(60),
        manners: Manners::default(),
    };
    let claimed = store.claim(request, now).await?;
    Ok(claimed
        .batches
        .into_iter()
        .flat_map(|batch| batch.leased)
        .collect())
}

fn outcome(planned: &Planned, now: Timestamp) -> Outcome {
    Outcome::Publish(Box::new(Publication {
        moved_to: None,
        ended_at: planned.source.as_url().clone(),
        entry: planned.entry.clone(),
        validators: None,
        next_check: NextCheck {
            at: now.plus(A_LONG_TIME),
            checks: 0,
        },
    }))
}

fn planned(home: &Url, now: Timestamp) -> anyhow::Result<Vec<Planned>> {
    let every_kind = TargetUrl::parse(home.join(EVERY_KIND_PATH)?.as_str())?;
    let thousand = TargetUrl::parse(home.join(THOUSAND_PATH)?.as_str())?;
    let mut all = Vec::new();
    // The newest is shown first, and written last.
    for (index, (who, said)) in EVERY_KIND.iter().enumerate().rev() {
        all.push(plan(*who, said, index, 0, (home, &every_kind), now)?);
    }
    for (index, (who, said)) in CROWD.iter().cycle().take(THOUSAND).enumerate() {
        let hours = index.checked_div(CROWD.len()).unwrap_or_default();
        let hours = i64::try_from(hours).unwrap_or_default();
        all.push(plan(*who, said, index, hours, (home, &thousand), now)?);
    }
    Ok(all)
}

fn plan(
    who: Who,
    said: &Said,
    index: usize,
    older: i64,
    (home, target): (&Url, &TargetUrl),
    now: Timestamp,
) -> anyhow::Result<Planned> {
    let url = match said.path {
        "" => format!("https://{}/notes/{index}", who.host),
        path => format!("https://{}{path}", who.host),
    };
    let published = published(said.at, now, older);
    Ok(Planned {
        source: SourceUrl::parse(&url)?,
        target: target.clone(),
        protocol: said.protocol,
        entry: Entry {
            rsvp: said.rsvp,
            title: text(said.title),
            site_name: text(who.site),
            content: text(said.text).map(|text| Content { html: None, text }),
            excerpt: said.excerpt.map(|[before, linked, after]| Excerpt {
                before: before.to_owned(),
                linked: linked.to_owned(),
                after: after.to_owned(),
            }),
            author: author(who, home),
            photos: photos(said, home),
            published,
            language: Some(said.language.to_owned()),
            comments: said
                .comments
                .iter()
                .map(|(who, path, at, words)| Comment {
                    kind: MentionKind::Reply,
                    author: author(*who, home),
                    published: self::published(*at, now, 0),
                    text: text(words),
                    url: Some(format!("https://{}{path}", who.host)),
                })
                .collect(),
            ..Entry::bare(said.kind, url)
        },
    })
}

fn author(who: Who, home: &Url) -> Option<Author> {
    Some(Author {
        name: Some(text(who.name)?),
        url: Some(format!("https://{}/", who.host)),
        photo: (who.face > 0).then(|| picture(home, &who.face.to_string())),
    })
}

fn photos(said: &Said, home: &Url) -> Vec<Photo> {
    let photo = text(said.photo).map(|alt| Photo {
        url: picture(home, "hill"),
        alt: Some(alt),
    });
    photo.into_iter().collect()
}

/// Where the home blog has a picture: the service copies it from there.
fn picture(home: &Url, name: &str) -> String {
    let home = home.as_str().trim_end_matches('/');
    format!("{home}{PICTURES_PATH}{name}.webp")
}

fn text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// When something was written.
#[derive(Debug, Clone, Copy)]
pub(super) enum At {
    /// It does not say.
    Never,
    /// On that day.
    Day(&'static str),
    /// So many hours before the demonstration.
    HoursAgo(i64),
}

fn published(at: At, now: Timestamp, older: i64) -> Option<AuthoredTime> {
    let text = match at {
        At::Never => return None,
        At::Day(day) => day.to_owned(),
        At::HoursAgo(hours) => {
            let hours = hours.saturating_add(older);
            let millis = now
                .as_millis()
                .saturating_sub(hours.saturating_mul(3_600_000));
            let at = jiff::Timestamp::from_millisecond(millis).ok()?;
            at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
        }
    };
    Some(AuthoredTime::from_checked(text))
}
