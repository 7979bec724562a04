//! [`Head`]: what an answer about mentions says before its body, and whether its reader has that already.

use std::time::{Duration, UNIX_EPOCH};

use actix_web::http::Method;
use actix_web::http::header::{self, HeaderName, HeaderValue, HttpDate};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};

use crate::http::answer;
use crate::model::Timestamp;
use crate::store::Version;

/// Who may keep an answer, and for how long without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Keep {
    /// Everybody, who asks each time whether it has changed: what a visitor sees is to be true.
    Asking,
    /// Everybody, for a minute; and for ten more while it is asked for again (RFC 5861 §3): readers of feeds
    /// come every few minutes at most.
    Awhile,
    /// Only who asked with a token, who asks each time whether it has changed.
    Private,
    /// Nobody: it shows what the version knows nothing of.
    Nowhere,
}

impl Keep {
    /// The value of `Cache-Control`.
    const fn cache_control(self) -> &'static str {
        match self {
            Self::Asking => "public, no-cache",
            Self::Awhile => "public, max-age=60, stale-while-revalidate=600",
            Self::Private => "private, no-cache",
            Self::Nowhere => "private, no-store",
        }
    }

    /// The value of `Vary`.
    const fn vary(self) -> &'static str {
        match self {
            Self::Asking | Self::Awhile => "accept-encoding",
            Self::Private | Self::Nowhere => "accept-encoding, authorization",
        }
    }
}

/// What an answer says before its body.
#[derive(Debug)]
pub(in crate::http) struct Head {
    keep: Keep,
    /// `None`: it is kept nowhere.
    etag: Option<HeaderValue>,
    /// The version of what it shows.
    version: Version,
    /// The second of the last change, and what `Last-Modified` says of it.
    modified: Option<(i64, HttpDate, HeaderValue)>,
    /// What only goes with a body.
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Head {
    /// The head of an answer that shows `version`, with this `ETag`.
    pub(in crate::http) fn new(keep: Keep, etag: &str, version: Version) -> Self {
        let is_kept = keep != Keep::Nowhere;
        let second = version
            .last_change
            .filter(|_| is_kept)
            .map(|change| change.time().as_millis().div_euclid(1000));
        let modified = second.and_then(|second| {
            let at = UNIX_EPOCH + Duration::from_secs(u64::try_from(second).ok()?);
            let date = HttpDate::from(at);
            let text = HeaderValue::try_from(date.to_string()).ok()?;
            Some((second, date, text))
        });
        Self {
            keep,
            // Tags are ASCII.
            etag: HeaderValue::try_from(etag).ok().filter(|_| is_kept),
            version,
            modified,
            headers: Vec::new(),
        }
    }

    /// The same with another header, which goes with a body. What cannot be one is left out: the URLs that we
    /// write are ASCII.
    pub(in crate::http) fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::try_from(value) {
            self.headers.push((name, value));
        }
        self
    }

    /// What it takes in memory, in bytes, roughly.
    pub(super) fn bytes(&self) -> usize {
        let headers = self.headers.iter();
        let lengths = headers.map(|(name, value)| value.len().saturating_add(size_of_val(name)));
        lengths.fold(size_of::<Self>(), usize::saturating_add)
    }

    pub(super) fn version(&self) -> Version {
        self.version
    }

    /// Whether the answer is for all who ask the same.
    pub(super) fn is_public(&self) -> bool {
        matches!(self.keep, Keep::Asking | Keep::Awhile)
    }

    /// Whether the reader has it already. RFC 9110 §13.1.3: the date counts only where no tag was sent; and here
    /// only the very date that is sent now, since the last change of what is left may be an earlier one.
    pub(super) fn is_unchanged(&self, request: &HttpRequest, now: Timestamp) -> bool {
        let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
        let Some(etag) = self.etag.as_ref().filter(|_| is_read) else {
            return false;
        };
        if request.headers().contains_key(header::IF_NONE_MATCH) {
            return answer::is_unchanged(request, etag.to_str().unwrap_or_default());
        }
        let asked = request
            .headers()
            .get(header::IF_MODIFIED_SINCE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.parse::<HttpDate>().ok());
        match (asked, self.last_modified(now)) {
            (Some(asked), Some((date, _))) => *date == asked,
            _ => false,
        }
    }

    /// Whether the request has a condition at all.
    pub(super) fn is_asked(request: &HttpRequest) -> bool {
        request.headers().contains_key(header::IF_NONE_MATCH)
            || request.headers().contains_key(header::IF_MODIFIED_SINCE)
    }

    /// The second of the last change, if it is over: another change may follow in one that is not, and who
    /// asks by it would never learn of that. RFC 9110 §8.8.2.2.
    fn last_modified(&self, now: Timestamp) -> Option<(&HttpDate, &HeaderValue)> {
        let (second, date, text) = self.modified.as_ref()?;
        (*second < now.as_millis().div_euclid(1000)).then_some((date, text))
    }

    /// The answer to who has it already. RFC 9110 §15.4.5: only what caches go by.
    pub(super) fn not_modified(&self) -> HttpResponse {
        let mut answer = HttpResponse::NotModified();
        self.begin(&mut answer);
        answer.finish()
    }

    /// The answer with a body, which is to be added.
    pub(super) fn ok(&self, now: Timestamp) -> HttpResponseBuilder {
        let mut answer = HttpResponse::Ok();
        self.begin(&mut answer);
        for (name, value) in &self.headers {
            answer.append_header((name.clone(), value.clone()));
        }
        if let Some((_, text)) = self.last_modified(now) {
            answer.insert_header((header::LAST_MODIFIED, text.clone()));
        }
        answer
    }

    fn begin(&self, answer: &mut HttpResponseBuilder) {
        let text = HeaderValue::from_static;
        if let Some(etag) = &self.etag {
            answer.insert_header((header::ETAG, etag.clone()));
        }
        answer
            .insert_header((header::CACHE_CONTROL, text(self.keep.cache_control())))
            .insert_header((header::VARY, text(self.keep.vary())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ChangeNumber, PageVersion};
    use actix_web::test::TestRequest;

    #[test]
    fn a_date_is_told_and_believed_once_its_second_is_over() {
        let change = ChangeNumber::by(Timestamp::from_millis(1_777_888_805_400));
        let version = Version {
            number: PageVersion(7),
            last_change: Some(change),
        };
        let head = Head::new(Keep::Asking, "W/\"7\"", version);
        let date = "Mon, 04 May 2026 10:00:05 GMT";
        let request = TestRequest::default()
            .insert_header((header::IF_MODIFIED_SINCE, date))
            .to_http_request();
        let (early, late) = (1_777_888_805_900, 1_777_888_806_000);
        for (now, want) in [(early, None), (late, Some(date))] {
            let now = Timestamp::from_millis(now);
            let answer = head.ok(now).finish();
            let told = answer.headers().get(header::LAST_MODIFIED);
            assert_eq!(told.map(|date| date.to_str().unwrap()), want);
            assert_eq!(head.is_unchanged(&request, now), want.is_some());
        }
        let later = TestRequest::default()
            .insert_header((header::IF_MODIFIED_SINCE, "Mon, 04 May 2026 10:00:06 GMT"))
            .to_http_request();
        assert!(
            !head.is_unchanged(&later, Timestamp::from_millis(late)),
            "what changed later is gone"
        );
        let posted = TestRequest::post()
            .insert_header((header::IF_NONE_MATCH, "*"))
            .to_http_request();
        assert!(!head.is_unchanged(&posted, Timestamp::from_millis(late)));
        let both = TestRequest::default()
            .insert_header((header::IF_MODIFIED_SINCE, date))
            .insert_header((header::IF_NONE_MATCH, "\"6\""))
            .to_http_request();
        assert!(
            !head.is_unchanged(&both, Timestamp::from_millis(late)),
            "the tag goes before the date"
        );
    }

    #[test]
    fn who_has_it_is_told_what_caches_go_by_and_no_more() {
        let head = Head::new(Keep::Private, "W/\"7\"", Version::default());
        let head = head.with(header::LINK, "</>; rel=\"self\"");
        let answer = head.not_modified();
        let mut names: Vec<_> = answer.headers().keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["cache-control", "etag", "vary"]);
        let vary = answer.headers().get(header::VARY).unwrap();
        assert!(vary.to_str().unwrap().contains("authorization"));
    }
}
