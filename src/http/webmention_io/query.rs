//! The parameters of webmention.io's API, read as leniently as it reads them: what is unknown is passed
//! over, and what cannot be read counts as its default.

use actix_web::HttpRequest;
use url::form_urlencoded;

use super::words;
use crate::http::error::ApiError;
use crate::http::{Context, answer};
use crate::model::{MentionId, MentionKind, MentionState, SiteBase, TargetUrl, Timestamp};
use crate::store::{MentionQuery, Order, OrderBy, Scope, Start};

const DEFAULT_PER_PAGE: usize = 20;

/// Who reads a whole site and says nothing of pages: some clients page by themselves only where the host
/// is webmention.io's.
const DEFAULT_OF_SITE: usize = 1000;

/// A name of a function that is to be called: longer than any that is in use.
const MAX_CALLBACK: usize = 128;

/// What was asked.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) targets: Vec<String>,
    token: Option<String>,
    pub(super) domain: Option<String>,
    per_page: Option<String>,
    page: Option<String>,
    sort_by: Option<String>,
    sort_dir: Option<String>,
    properties: Vec<String>,
    since: Option<String>,
    since_id: Option<String>,
    pub(super) jsonp: Option<String>,
    pub(super) seed: Option<String>,
}

impl Asked {
    /// Reads the query of a request, and the form in its body.
    pub(super) fn read(request: &HttpRequest, body: &[u8]) -> Result<Self, ApiError> {
        let mut asked = Self::default();
        for form in [request.query_string().as_bytes(), body] {
            for (name, value) in form_urlencoded::parse(form) {
                asked.add(&name, value.into_owned());
            }
        }
        if let Some(token) = answer::bearer(request) {
            asked.token.get_or_insert(token.to_owned());
        }
        if asked
            .jsonp
            .as_deref()
            .is_some_and(|name| !is_callback(name))
        {
            return Err(ApiError::InvalidInput(
                "The jsonp parameter must be the name of a function",
            ));
        }
        Ok(asked)
    }

    fn add(&mut self, name: &str, value: String) {
        // PHP's and Ruby's ways to write lists: target[]=, target[0]=.
        let plain = name.split_once('[').map_or(name, |(plain, _)| plain);
        let single = match plain {
            "target" => {
                if !value.is_empty() {
                    self.targets.push(value);
                }
                return;
            }
            "wm-property" => {
                self.properties.push(value);
                return;
            }
            "token" | "access_token" => &mut self.token,
            "domain" => &mut self.domain,
            // The other spelling goes before this one.
            "per-page" if self.per_page.is_some() => return,
            "per-page" | "perPage" => &mut self.per_page,
            "page" => &mut self.page,
            "sort-by" => &mut self.sort_by,
            "sort-dir" => &mut self.sort_dir,
            "since" => &mut self.since,
            "since_id" => &mut self.since_id,
            "jsonp" => &mut self.jsonp,
            "seed" => &mut self.seed,
            _ => return,
        };
        if !value.is_empty() {
            *single = Some(value);
        }
    }

    /// Whether only who has a token may see the answer.
    pub(super) fn is_by_token(&self) -> bool {
        self.targets.is_empty()
    }

    /// Whose mentions are asked for: of targets, which are public, or of a token's site.
    pub(super) async fn scope(
        &self,
        context: &Context,
        missing: &'static str,
    ) -> Result<Scope, ApiError> {
        if !self.targets.is_empty() {
            let pages = self.targets.iter().filter_map(|target| {
                let schemeless = target.strip_prefix("//");
                let target = schemeless.map_or(target.clone(), |rest| format!("https://{rest}"));
                // What is no URL is a page without mentions.
                Some(TargetUrl::parse(&target).ok()?.page_key())
            });
            return Ok(Scope::pages(pages));
        }
        let token = self.token.as_ref().ok_or(ApiError::InvalidInput(missing))?;
        let site = context.store.site_of_token(token).await?;
        let site = site.ok_or(ApiError::WrongToken)?;
        Ok(match &self.domain {
            None => Scope::Site(site),
            Some(domain) => match SiteBase::parse(domain) {
                Ok(base) => Scope::Host {
                    authority: base.authority().to_owned(),
                    site: Some(site),
                },
                Err(_no_domain) => Scope::pages([]),
            },
        })
    }

    pub(super) fn per_page(&self) -> usize {
        match self.per_page.as_deref() {
            Some(text) => usize::try_from(leading_number(text)).unwrap_or(usize::MAX),
            None if self.is_by_token() && self.page.is_none() => DEFAULT_OF_SITE,
            None => DEFAULT_PER_PAGE,
        }
    }

    pub(super) fn page(&self) -> u64 {
        self.page.as_deref().map_or(0, leading_number)
    }

    /// So many come before the page that is asked for.
    pub(super) fn skip(&self) -> u64 {
        let per_page = u64::try_from(self.per_page()).unwrap_or(u64::MAX);
        self.page().saturating_mul(per_page)
    }

    pub(super) fn kinds(&self) -> Option<Vec<MentionKind>> {
        let asked = self.properties.iter().filter(|name| !name.is_empty());
        let kinds: Vec<_> = asked.flat_map(|name| words::kinds(name)).collect();
        let is_asked = self.properties.iter().any(|name| !name.is_empty());
        is_asked.then_some(kinds)
    }

    /// The moment after which something must have happened.
    pub(super) fn since(&self) -> Option<Timestamp> {
        self.since.as_deref().and_then(moment)
    }

    pub(super) fn since_id(&self) -> Option<i64> {
        let id = self.since_id.as_deref().map(leading_number)?;
        Some(i64::try_from(id).unwrap_or(i64::MAX))
    }

    pub(super) fn ascending(&self) -> bool {
        self.sort_dir.as_deref().is_some_and(|dir| dir != "down")
    }

    /// Whether RSVPs are to stand in the order of their answers.
    pub(super) fn by_answer(&self) -> bool {
        self.sort_by.as_deref() == Some("rsvp")
    }

    /// The fragment for which the mentions of a single target are asked for.
    pub(super) fn fragment(&self) -> Option<&str> {
        match self.targets.as_slice() {
            [target] => target.split_once('#').map(|(_, fragment)| fragment),
            _ => None,
        }
        .filter(|fragment| !fragment.is_empty())
    }

    /// All that is asked for in `scope`.
    pub(super) fn query(&self, scope: Scope) -> MentionQuery {
        let since = self.since().map(MentionId::received_by);
        MentionQuery {
            scope,
            states: vec![MentionState::Shown],
            kinds: self.kinds(),
            author_domain: None,
            received_after: since.max(self.since_id().map(MentionId)),
            order: Order {
                by: match self.sort_by.as_deref() {
                    Some("published") => OrderBy::Published,
                    Some("updated") => OrderBy::Changed,
                    _ => OrderBy::Received,
                },
                ascending: self.ascending(),
            },
            start: Start::Skip(self.skip()),
            limit: self.per_page(),
        }
    }
}

/// `window.some.function`, and nothing that does anything but name one.
fn is_callback(name: &str) -> bool {
    let is_word = |word: &str| {
        let mut letters = word.chars();
        let is_letter = |c: char| c.is_ascii_alphabetic() || c == '_' || c == '$';
        letters.next().is_some_and(is_letter) && letters.all(|c| is_letter(c) || c.is_ascii_digit())
    };
    name.len() <= MAX_CALLBACK && name.split('.').all(is_word)
}

/// The number that a text begins with; zero if it begins with none, or with one below zero.
fn leading_number(text: &str) -> u64 {
    let text = text.trim_start();
    let digits = text.trim_start_matches('+');
    let end = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    match digits.get(..end) {
        None | Some("") => 0,
        Some(number) => number.parse().unwrap_or(u64::MAX),
    }
}

/// A moment in any form that clients are known to send; of a day, its beginning. A `+` that was not
/// encoded has become a space.
pub(in crate::http) fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let mended = text
        .rsplit_once(' ')
        .filter(|(date, offset)| date.contains(':') && offset.contains(':'))
        .map(|(date, offset)| format!("{date}+{offset}"));
    let text = mended.as_deref().unwrap_or(text);
    let at_utc = |local: jiff::civil::DateTime| jiff::tz::TimeZone::UTC.to_timestamp(local).ok();
    let moment = text
        .parse::<jiff::Timestamp>()
        .ok()
        .or_else(|| text.parse().ok().and_then(at_utc))
        .or_else(|| jiff::Timestamp::from_second(text.parse().ok()?).ok())
        .or_else(|| {
            jiff::fmt::rfc2822::parse(text)
                .ok()
                .map(|zoned| zoned.timestamp())
        })?;
    Some(Timestamp::from_millis(moment.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn asked(query: &str) -> Result<Asked, ApiError> {
        let request = TestRequest::with_uri(&format!("/api/mentions?{query}")).to_http_request();
        Asked::read(&request, b"")
    }

    #[test]
    fn lists_are_read_in_every_spelling() {
        let want = ["https://a.example/", "https://b.example/?x=1"];
        for query in [
            "target[]=https://a.example/&target[]=https://b.example/?x=1",
            "target%5B%5D=https%3A%2F%2Fa.example%2F&target%5B%5D=https%3A%2F%2Fb.example%2F%3Fx%3D1",
            "target[0]=https://a.example/&target[1]=https://b.example/?x=1",
            "target=https://a.example/&target=https://b.example/?x=1",
        ] {
            assert_eq!(asked(query).unwrap().targets, want, "{query}");
        }
        let one = asked("wm-property[]=like-of&wm-property[0]=repost-of").unwrap();
        assert_eq!(
            one.kinds(),
            Some(vec![MentionKind::Like, MentionKind::Repost])
        );
        assert_eq!(asked("wm-property=").unwrap().kinds(), None);
        assert_eq!(asked("wm-property=x").unwrap().kinds(), Some(vec![]));
    }

    #[test]
    fn numbers_are_read_as_far_as_they_are_some() {
        for (query, per_page, page) in [
            ("target=https://a.example/", 20, 0),
            ("token=x", 1000, 0),
            ("token=x&page=0", 20, 0),
            ("per-page=9999&page=3", 9999, 3),
            ("perPage=7&per-page=5", 7, 0),
            ("per-page=5&perPage=7", 7, 0),
            ("per-page=0&page=-1", 0, 0),
            ("per-page=many&page=2nd", 0, 2),
            ("per-page=99999999999999999999999", usize::MAX, 0),
        ] {
            let asked = asked(query).unwrap();
            assert_eq!(
                (asked.per_page(), asked.page()),
                (per_page, page),
                "{query}"
            );
        }
    }

    #[test]
    fn a_moment_is_read_however_clients_write_it() {
        let want = Some(Timestamp::from_millis(1_777_888_805_000));
        for text in [
            "2026-05-04T10:00:05Z",
            "2026-05-04T10:00:05+00:00",
            "2026-05-04T10:00:05 00:00",
            "2026-05-04T10:00:05.000Z",
            "2026-05-04 10:00:05",
            "2026-05-04T03:00:05-07:00",
            "Mon, 04 May 2026 10:00:05 +0000",
            "1777888805",
        ] {
            assert_eq!(moment(text), want, "{text}");
        }
        let day = Some(Timestamp::from_millis(1_777_852_800_000));
        assert_eq!(moment("2026-05-04"), day);
        assert_eq!(moment("yesterday"), None);
    }

    #[test]
    fn a_callback_is_a_name_and_no_program() {
        for name in [
            "f",
            "window.JekyllWebmentionIO.processWebmentions",
            "_a.$b9",
        ] {
            assert_eq!(
                asked(&format!("jsonp={name}")).unwrap().jsonp.as_deref(),
                Some(name)
            );
        }
        let long = "a".repeat(129);
        for name in [
            "alert(1)//",
            "a.",
            ".a",
            "9a",
            "a;b",
            "a b",
            "a[0]",
            "\u{e4}",
            &long,
        ] {
            let query: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
            assert!(asked(&format!("jsonp={query}")).is_err(), "{name}");
        }
    }
}
