//! The pages that people see: plain view data, and a template for each.
//!
//! No request, no store, no clock: a page is filled from domain values and rendered with
//! [`askama::Template::render`], which escapes every text. What was written by strangers becomes a
//! link only through [`web_href`]. The pages carry no inline style and no script, so that
//! [`CONTENT_SECURITY_POLICY`] can forbid both.

use std::time::Duration;

use askama::Template;
use url::{Position, Url};

use super::status::failure_words;
use crate::model::{
    AuthoredTime, Excerpt, Failure, Mention, MentionId, NearMiss, Protocol, Protocols, Site, State,
    Status, StatusKey, Submission, Timestamp,
};
use crate::protocol::webmention::Refusal;

/// The style sheet of the pages, served at `/style.css`.
pub(crate) const STYLE_CSS: &str = include_str!("assets/style.css");

/// The custom element for articles, served at `/widget.js`. It finds the API relative to its own
/// address, so it must stand beside `api/` and `mentions`.
pub(crate) const WIDGET_JS: &str = include_str!("assets/widget.js");

/// What is sent as `Content-Security-Policy` with every page here.
pub(crate) const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// `GET /webmention`: what the endpoint is for, and a form to use it by hand.
///
/// Also the answer to a browser whose form was refused, with what it sent still in it.
#[derive(Debug, Default, Template)]
#[template(path = "endpoint.html")]
pub(crate) struct EndpointPage<'a> {
    /// What to write into the first field, as the sender gave it.
    pub(crate) source: &'a str,
    /// What to write into the second field, as the sender gave it.
    pub(crate) target: &'a str,
    /// Why the form was refused, as a sentence.
    pub(crate) problem: Option<&'a str>,
    /// The field that the problem is about, if it is about one.
    pub(crate) wrong: Option<Field>,
}

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    /// The sender's own page.
    Source,
    /// The article.
    Target,
}

impl Field {
    /// The field to look at again after this refusal.
    pub(crate) fn of(refusal: &Refusal) -> Option<Self> {
        match refusal {
            Refusal::UnsupportedContentType => None,
            Refusal::MissingSource
            | Refusal::RepeatedSource
            | Refusal::InvalidSource(_)
            | Refusal::SourceIsTarget
            | Refusal::SourceBlocked
            | Refusal::SourceIsReceiver => Some(Self::Source),
            Refusal::MissingTarget
            | Refusal::RepeatedTarget
            | Refusal::InvalidTarget(_)
            | Refusal::TargetNotSupported => Some(Self::Target),
        }
    }
}

impl EndpointPage<'_> {
    /// What is wrong with `field`.
    fn problem_of(&self, field: Field) -> Option<&str> {
        self.problem.filter(|_| self.wrong == Some(field))
    }
}

/// The form of the service at `base` (which ends with `/`), filled in for `target`.
pub(crate) fn form_url(base: &str, target: &str) -> String {
    format!("{base}webmention?target={}", encoded(target))
}

/// A value of a query.
fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// `GET /status/KEY`, and the answer to a browser's `POST /webmention`: what became of a submission.
#[derive(Debug, Template)]
#[template(path = "status.html")]
pub(crate) struct StatusPage<'a> {
    /// Where this page stands for good.
    path: String,
    /// Whether that is somewhere else than where it is shown.
    elsewhere: bool,
    state: &'static str,
    heading: &'static str,
    sentence: &'static str,
    source: &'a str,
    target: &'a str,
    protocols: String,
    checked: Option<Moment>,
    next_check: Option<NextCheck>,
    near_misses: &'a [NearMiss],
    /// Where the mention is shown.
    shown_at: Option<String>,
    /// After how many seconds the page is worth looking at again.
    refresh: Option<u64>,
}

/// When a submission is looked at once more, and what that is good for.
#[derive(Debug)]
struct NextCheck {
    at: Moment,
    /// What may have changed until then.
    reason: &'static str,
}

/// How often a page renews itself: until there is a verdict, and until the verdict may change.
const REFRESH_PENDING: u64 = 2;
const REFRESH_CHECK: u64 = 10;

/// A check that is due within this time is waited for.
const SOON: Duration = Duration::from_secs(10 * 60);

impl<'a> StatusPage<'a> {
    /// The page as it is to be read at `now`.
    pub(crate) fn new(status: &'a Status, now: Timestamp) -> Self {
        let (heading, sentence) = verdict_words(status);
        let next = status
            .next_check_at
            .filter(|_| status.state != State::Pending);
        Self {
            path: status_path(status.key),
            elsewhere: false,
            state: status.state.as_str(),
            heading,
            sentence,
            source: status.source.as_str(),
            target: status.target.as_str(),
            protocols: protocol_names(status.protocols),
            checked: status.checked_at.map(Moment::from),
            next_check: next.map(|at| NextCheck {
                at: Moment::to_come(at, now),
                reason: match &status.state {
                    State::Rejected { .. } => ", in case it was not out yet",
                    State::Pending
                    | State::Accepted { .. }
                    | State::Deleted { .. }
                    | State::Failed(_) => "",
                },
            }),
            near_misses: match &status.state {
                State::Rejected { near_misses } => near_misses,
                State::Pending
                | State::Accepted { .. }
                | State::Deleted { .. }
                | State::Failed(_) => &[],
            },
            shown_at: match &status.state {
                State::Accepted { id, .. } => Some(shown_at(status.target.as_str(), *id)),
                State::Pending
                | State::Rejected { .. }
                | State::Deleted { .. }
                | State::Failed(_) => None,
            },
            refresh: match next {
                _ if status.state == State::Pending => Some(REFRESH_PENDING),
                Some(at) if at.since(now) <= SOON => Some(REFRESH_CHECK),
                _ => None,
            },
        }
    }

    /// The page of a submission that was accepted this very moment.
    pub(crate) fn queued(key: StatusKey, submission: &'a Submission) -> Self {
        Self {
            path: status_path(key),
            elsewhere: true,
            state: State::Pending.as_str(),
            heading: PENDING.0,
            sentence: PENDING.1,
            source: submission.source.as_str(),
            target: submission.target.as_str(),
            protocols: submission.protocol.as_str().to_owned(),
            checked: None,
            next_check: None,
            near_misses: &[],
            shown_at: None,
            refresh: Some(REFRESH_PENDING),
        }
    }
}

/// Where the page of `target`'s mentions shows this one.
fn shown_at(target: &str, id: MentionId) -> String {
    format!("/mentions?target={}#mention-{}", encoded(target), id.0)
}

/// The path of a submission's status page.
pub(crate) fn status_path(key: StatusKey) -> String {
    format!("/status/{key}")
}

const PENDING: (&str, &str) = (
    "Waiting to be checked",
    "Your page will be fetched in a moment, to see whether it links to the article.",
);

/// The heading and the sentence that say where a submission stands.
fn verdict_words(status: &Status) -> (&'static str, &'static str) {
    match &status.state {
        State::Pending => PENDING,
        State::Accepted {
            last_failure: Some(_),
            ..
        } => (
            "The mention stays",
            "Your page could not be checked this time. What it said when it could is still listed.",
        ),
        State::Accepted { .. } if status.was_known => (
            "Checked again",
            "Your page still links to the article. What is shown of it was brought up to date.",
        ),
        State::Accepted { .. } => (
            "The mention is published",
            "Your page links to the article, and is listed among its mentions.",
        ),
        State::Rejected { .. } => (
            "No link was found",
            "Your page was read, and it does not link to the article.",
        ),
        State::Deleted { gone: false } => (
            "The mention was removed",
            "It was listed once. Since then the link has gone from your page.",
        ),
        State::Deleted { gone: true } => (
            "The mention was removed",
            "It was listed once. Since then your page says that it is gone.",
        ),
        State::Failed(Failure { kind, .. }) => {
            ("Your page could not be checked", failure_words(*kind).1)
        }
    }
}

fn protocol_names(protocols: Protocols) -> String {
    let names: Vec<_> = protocols.iter().map(Protocol::as_str).collect();
    names.join(", ")
}

/// `GET /`: what this server is, and what a blog puts into its template.
#[derive(Debug, Template)]
#[template(path = "home.html")]
pub(crate) struct HomePage {
    served: String,
    webmention_link: String,
    pingback_link: String,
    link_header: String,
    pingback_header: String,
    widget: String,
    /// The fragment's address, up to the article's.
    embed: String,
}

impl HomePage {
    /// The page of the service at `base`, which serves `sites`.
    pub(crate) fn new(base: &Url, sites: &[Site]) -> Self {
        let at = |path: &str| format!("{}/{path}", base.as_str().trim_end_matches('/'));
        let (webmention, pingback) = (at("webmention"), at("pingback"));
        Self {
            served: match sites {
                [] => "no site yet".to_owned(),
                [only] => match only.bases.first() {
                    Some(base) => base.to_string(),
                    None => "one site".to_owned(),
                },
                many => format!("{} sites", many.len()),
            },
            webmention_link: endpoint_link("webmention", &webmention),
            pingback_link: endpoint_link("pingback", &pingback),
            link_header: format!("Link: <{webmention}>; rel=\"webmention\""),
            pingback_header: format!("X-Pingback: {pingback}"),
            widget: widget_markup(&at("widget.js"), &at("mentions"), "ARTICLE-URL"),
            embed: format!("{}?target=", at("embed")),
        }
    }
}

/// The element that advertises an endpoint, in the one form that Pingback's clients look for.
///
/// PB-21: these bytes and no others. PB-22: four entities are the only ones they expand; of those
/// `&lt;`, `&gt;` and `&quot;` cannot occur, since a serialised URL has none of these characters
/// unescaped where it has a host, and they are written all the same should that ever change.
pub(crate) fn endpoint_link(rel: &str, endpoint: &str) -> String {
    format!("<link rel=\"{rel}\" href=\"{}\">", four_entities(endpoint))
}

/// What shows the mentions in an article: `target` is the article's address, percent-encoded.
pub(crate) fn widget_markup(script: &str, mentions: &str, target: &str) -> String {
    let (script, mentions) = (four_entities(script), four_entities(mentions));
    format!(
        "<linkback-mentions></linkback-mentions>\n\
         <script type=\"module\" src=\"{script}\"></script>\n\
         <noscript><a href=\"{mentions}?target={target}\">Mentions of this article</a></noscript>"
    )
}

fn four_entities(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// The answer to a browser that asked for what is not here, or not in a way we understand.
#[derive(Debug, Template)]
#[template(path = "error.html")]
pub(crate) struct ErrorPage<'a> {
    code: u16,
    /// What is wrong, and what to do about it.
    sentence: &'a str,
}

impl<'a> ErrorPage<'a> {
    /// The page for HTTP status `code`.
    pub(crate) fn new(code: u16, sentence: &'a str) -> Self {
        Self { code, sentence }
    }

    /// The sentence as a heading, which has no full stop.
    fn heading(&self) -> &str {
        self.sentence.strip_suffix('.').unwrap_or(self.sentence)
    }
}

/// What a page of mentions is made from.
#[derive(Debug)]
pub(crate) struct Shown<'a> {
    /// The article.
    pub(crate) target: &'a str,
    /// Its mentions.
    pub(crate) mentions: &'a [Mention],
    /// Where the next ones are.
    pub(crate) more: Option<String>,
    /// Where to tell of one that is missing.
    pub(crate) tell: String,
}

/// The mentions of an article, as an `h-feed` of `h-cite`s.
#[derive(Debug)]
struct Feed<'a> {
    target: &'a str,
    cards: Vec<Card<'a>>,
    /// Where the next mentions are.
    more: Option<String>,
    /// Where to tell of one that is missing.
    tell: String,
    /// The level of the cards' headings.
    level: u8,
}

/// `GET /embed?target=…`: the mentions of an article as a fragment, for a page to include.
#[derive(Debug, Template)]
#[template(path = "embed.html")]
pub(crate) struct EmbedFragment<'a> {
    feed: Feed<'a>,
}

/// `GET /mentions?target=…`: the same as a page of its own, for readers without scripts.
#[derive(Debug, Template)]
#[template(path = "mentions.html")]
pub(crate) struct MentionsPage<'a> {
    feed: Feed<'a>,
}

impl<'a> Feed<'a> {
    fn new(shown: Shown<'a>, level: u8) -> Self {
        Self {
            target: shown.target,
            cards: shown.mentions.iter().map(Card::from).collect(),
            more: shown.more,
            tell: shown.tell,
            level,
        }
    }
}

impl<'a> EmbedFragment<'a> {
    /// The fragment that shows `shown`, whose links must be absolute.
    pub(crate) fn new(shown: Shown<'a>) -> Self {
        Self {
            feed: Feed::new(shown, 3),
        }
    }
}

impl<'a> MentionsPage<'a> {
    /// The page that shows `shown`.
    pub(crate) fn new(shown: Shown<'a>) -> Self {
        Self {
            feed: Feed::new(shown, 2),
        }
    }
}

/// One mention, as it is shown.
#[derive(Debug)]
struct Card<'a> {
    id: i64,
    /// Where the title leads.
    url: &'a str,
    title: &'a str,
    /// The site's name; its host if there is not even an author to name.
    site: Option<&'a str>,
    author_name: Option<&'a str>,
    author_url: Option<&'a str>,
    published: Option<Moment>,
    received: Moment,
    excerpt: Option<&'a Excerpt>,
    language: Option<&'a str>,
}

impl<'a> From<&'a Mention> for Card<'a> {
    fn from(mention: &'a Mention) -> Self {
        let entry = &mention.entry;
        let author = entry.author.as_ref();
        let author_name = author.and_then(|a| said(a.name.as_deref()));
        let source = mention.source.as_url();
        let host = || &source[Position::BeforeHost..Position::AfterPort];
        let url = web_href(&entry.url).unwrap_or(source.as_str());
        Self {
            id: mention.id.0,
            url,
            title: said(entry.title.as_deref()).unwrap_or_else(|| without_scheme(url)),
            site: said(entry.site_name.as_deref()).or_else(|| author_name.is_none().then(host)),
            author_name,
            author_url: author.and_then(|a| a.url.as_deref().and_then(web_href)),
            published: entry.published.as_ref().map(Moment::from),
            received: Moment::day_of(mention.received_at),
            excerpt: entry.excerpt.as_ref(),
            language: said(entry.language.as_deref()),
        }
    }
}

/// A text, unless it is blank.
fn said(text: Option<&str>) -> Option<&str> {
    text.filter(|t| !t.trim().is_empty())
}

fn without_scheme(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_scheme, rest)| rest)
}

/// `url` if it is an absolute http(s) URL.
// SECURITY: what is stored is http(s) already. This is the second lock: a `javascript:` URL that
// slipped in by whatever way (an import, a bug in the reader) must not become a link.
pub(crate) fn web_href(url: &str) -> Option<&str> {
    let parsed = Url::parse(url).ok()?;
    matches!(parsed.scheme(), "http" | "https").then_some(url)
}

/// A time for people and for programs.
#[derive(Debug, PartialEq, Eq)]
struct Moment {
    /// For the `datetime` attribute.
    machine: String,
    /// To be read, in English.
    human: String,
}

impl Moment {
    fn new(at: Timestamp, human: &str) -> Self {
        // Out of range only for a time that no clock has shown; the epoch is as good as any then.
        let at = jiff::Timestamp::from_millisecond(at.as_millis()).unwrap_or_default();
        Self {
            machine: at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            human: at.strftime(human).to_string(),
        }
    }

    /// The day alone.
    fn day_of(at: Timestamp) -> Self {
        Self::new(at, DAY)
    }

    /// A time that is still to come at `now`: how long until then if that is soon, else when.
    fn to_come(at: Timestamp, now: Timestamp) -> Self {
        let wait = at.since(now);
        let seconds = wait.as_secs();
        let human = match seconds {
            0 => "any moment now".to_owned(),
            1 => "in a second".to_owned(),
            2..90 => format!("in {seconds} seconds"),
            _ if wait <= SOON => format!("in {} minutes", seconds.div_ceil(60)),
            _ => return Self::new(at, "on %-d %B %Y at %H:%M UTC"),
        };
        Self {
            human,
            ..Self::from(at)
        }
    }
}

/// How a day is written: `12 January 2025`.
const DAY: &str = "%-d %B %Y";

impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        Self::new(at, "%-d %B %Y, %H:%M:%S UTC")
    }
}

impl From<&AuthoredTime> for Moment {
    /// The author's own day: the hour means little to readers elsewhere.
    fn from(at: &AuthoredTime) -> Self {
        let text = at.as_str();
        let day = text.get(..10).unwrap_or(text);
        Self {
            machine: text.to_owned(),
            human: match day.parse::<jiff::civil::Date>() {
                Ok(date) => date.strftime(DAY).to_string(),
                Err(_not_a_date) => text.to_owned(),
            },
        }
    }
}

#[cfg(test)]
mod tests;
