//! Reads an HTML page: one parse, one walk, then each question in turn.

use url::Url;

use crate::model::{Excerpt, Reading, TargetUrl, Trace, Unreadable, Verdict};

use super::document::{Document, selector};
use super::entry::{self, Marked, Standing, Subject};
use super::excerpt;
use super::facts::{self, trace_at};
use super::link::{Links, Matcher, shown};
use super::merge;
use super::microformats::{Detail, Options, Space, parse_document};
use super::near::near_misses;
use super::survey::{Candidate, Survey};

/// What `text`, the HTML at `url`, says about the target.
pub(super) fn read(text: &str, url: &Url, target: &TargetUrl) -> Reading {
    let document = Document::parse(text);
    let survey = Survey::of(&document);
    if let Some(status) = survey.statuses.iter().find(|status| is_gone(status)) {
        // WM-48: for sites that cannot set a status.
        return Reading::of(
            Verdict::Gone,
            vec![trace_at(
                "status",
                "meta http-equiv=status",
                "meta[http-equiv=\"status\"]",
                status,
            )],
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

    let options = Options {
        space: Space::Collapsed,
        ..Options::default()
    };
    let (found, origins) = parse_document(&document, url, &survey.bases, &options, Detail::Outline);
    let canonical = facts::canonical(&survey, url, matcher.base());
    let page = Marked {
        found: &found,
        origins: &origins,
        url,
        canonical: canonical.as_ref().map(|canonical| &canonical.url),
    };
    let subject = Subject::new(target, &matcher);
    let mut told = entry::read(&page, &links.matches, &subject);
    let link = told.link.unwrap_or(best);
    let wants_content = told.wants_content();
    let facts = facts::facts(&survey, url, canonical, &matcher, best.node, wants_content);
    // The page's entry, whose words they are not, may be by another.
    if facts.is_of_comment && told.standing == Standing::Outside {
        told.leave_to_comment();
    }

    let mut steps = vec![link_step(&links, &link)];
    // Round a link without words, as bridges have it beside an entry's text, there is nothing to read.
    let is_shown = |found: &excerpt::Found| {
        told.standing == Standing::Outside || !found.excerpt.linked.is_empty()
    };
    let excerpt = excerpt::excerpt(link.node).filter(is_shown);
    let language = facts::language(link.node, &facts);
    let author_page = told.author_page.clone();
    let (mut entry, told_by) = merge::entry(told, facts, url);
    steps.extend(told_by);
    if let Some(found) = excerpt {
        steps.push(excerpt_step(&link, &found));
        entry.excerpt = Some(found.excerpt);
    }
    if let Some((step, language)) = language {
        steps.push(step);
        entry.language = Some(language);
    }
    Reading {
        verdict: Verdict::Links(Box::new(entry)),
        author_page,
        trace: steps,
    }
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
        steps.push(link_step(&links, &best));
        let found = excerpt::excerpt(best.node)?;
        steps.push(excerpt_step(&best, &found));
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

fn link_step(links: &Links<'_>, shown_link: &Candidate<'_>) -> Trace {
    let rule = match links.matches.len() {
        1 => "exact match".to_owned(),
        n => format!("exact match, best of {n}"),
    };
    let element = selector(shown_link.node);
    trace_at("link", rule, &element, &shown(shown_link))
}

fn excerpt_step(link: &Candidate<'_>, found: &excerpt::Found) -> Trace {
    let element = selector(link.node);
    trace_at("excerpt", &found.rule, &element, &found.excerpt.linked)
}

/// `410 Gone`: what counts are the leading digits.
fn is_gone(status: &str) -> bool {
    let status = status.trim_start();
    let end = status
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(status.len());
    status.get(..end) == Some("410")
}
