//! Reads an HTML page: one parse, one walk, then each question in turn.

use url::Url;

use crate::model::{Entry, Excerpt, MentionKind, Reading, TargetUrl, Trace, Unreadable, Verdict};

use super::document::Document;
use super::excerpt;
use super::facts::{self, trace};
use super::link::{Links, Matcher, shown};
use super::near::near_misses;
use super::survey::Survey;

/// What `text`, the HTML at `url`, says about the target.
pub(super) fn read(text: &str, url: &Url, target: &TargetUrl) -> Reading {
    let document = Document::parse(text);
    let survey = Survey::of(&document);
    if let Some(status) = survey.statuses.iter().find(|status| is_gone(status)) {
        // WM-48: for sites that cannot set a status.
        return Reading::of(
            Verdict::Gone,
            vec![trace("status", "meta http-equiv=status", status)],
        );
    }
    let matcher = Matcher::new(target.as_url(), url, &survey.bases);
    let links = Links::find(&survey, &matcher);
    let Some(best) = excerpt::best(&links.matches) else {
        let verdict = if document.complete() {
            Verdict::NoLink {
                near_misses: near_misses(&links.near, target.as_url()),
            }
        } else {
            Verdict::Unreadable(Unreadable::TooComplex)
        };
        return Reading::of(verdict, Vec::new());
    };

    let mut steps = vec![trace("link", link_rule(&links), &shown(&best))];
    let facts = facts::facts(&survey, url, &matcher);
    steps.extend(facts.trace);
    let excerpt = excerpt::excerpt(best.node).map(|found| {
        steps.push(trace("excerpt", found.rule, &found.excerpt.linked));
        found.excerpt
    });
    let language = facts::language(best.node, &survey).map(|(rule, language)| {
        steps.push(trace("language", rule, &language));
        language
    });
    let entry = Entry {
        title: facts.title,
        site_name: facts.site_name,
        author: facts.author,
        published: facts.published,
        excerpt,
        language,
        ..Entry::bare(
            MentionKind::Mention,
            facts.url.unwrap_or_else(|| url.as_str().to_owned()),
        )
    };
    Reading::of(Verdict::Links(Box::new(entry)), steps)
}

/// A link and the words round it in a piece of HTML, such as a feed's escaped content.
#[derive(Debug)]
pub(super) struct Piece {
    /// Whether it links to the target.
    pub(super) links: bool,
    /// The words round the link.
    pub(super) excerpt: Option<Excerpt>,
    /// Links to the target's host, if it does not.
    pub(super) near: Vec<Url>,
    /// How the link was found.
    pub(super) trace: Vec<Trace>,
    /// Whether it was read to its end.
    pub(super) complete: bool,
}

/// Looks for the target in a piece of HTML.
pub(super) fn read_piece(text: &str, base: &Url, target: &TargetUrl) -> Piece {
    let document = Document::parse(text);
    let survey = Survey::of(&document);
    let matcher = Matcher::new(target.as_url(), base, &survey.bases);
    let links = Links::find(&survey, &matcher);
    let mut steps = Vec::new();
    let best = excerpt::best(&links.matches);
    let excerpt = best.and_then(|best| {
        steps.push(trace("link", link_rule(&links), &shown(&best)));
        let found = excerpt::excerpt(best.node)?;
        steps.push(trace("excerpt", found.rule, &found.excerpt.linked));
        Some(found.excerpt)
    });
    Piece {
        links: best.is_some(),
        excerpt,
        near: links.near,
        trace: steps,
        complete: document.complete(),
    }
}

fn link_rule(links: &Links<'_>) -> String {
    match links.matches.len() {
        1 => "exact match".to_owned(),
        n => format!("exact match, best of {n}"),
    }
}

/// `410 Gone`: what counts are the leading digits.
fn is_gone(status: &str) -> bool {
    let status = status.trim_start();
    let end = status
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(status.len());
    status.get(..end) == Some("410")
}
