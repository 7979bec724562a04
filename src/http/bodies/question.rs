//! [`Question`]: what readers ask of mentions, and how it is answered: from what is kept, else with "not
//! modified" where that is so, else anew.

use std::borrow::Cow;
use std::sync::Arc;

use actix_web::body::BoxBody;
use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use serde::Serialize;
use url::Url;

use super::{Body, Head, Known};
use crate::http::error::ApiError;
use crate::http::{Context, answer};
use crate::store::{Scope, StoreError, Version};

/// A question whose answer is the same until something changes in what it is about.
pub(in crate::http) trait Question {
    /// Why there may be no answer.
    type Error: ResponseError + From<StoreError> + From<ApiError>;

    /// What it is about.
    fn scope(&self) -> &Scope;

    /// What the answer says before its body where what it shows has this version.
    fn head(&self, version: Version) -> Head;

    /// The answer as it is now.
    async fn render(&self, context: &Context) -> Result<Rendered, Self::Error>;
}

/// An answer that was rendered.
pub(in crate::http) enum Rendered {
    /// In one piece.
    Whole(Body),
    /// In pieces that are still to come: it is kept by nobody.
    Parts(Head, BoxBody),
}

impl Rendered {
    /// A value as JSON.
    pub(in crate::http) fn json(head: Head, value: &impl Serialize) -> Result<Self, ApiError> {
        let json =
            serde_json::to_vec(value).map_err(|error| ApiError::Internal(Box::new(error)))?;
        let head = head.with(header::CONTENT_TYPE, "application/json");
        Ok(Self::Whole(Body::new(head, json)))
    }
}

impl Context {
    /// Answers what `read` finds a request to ask of `resource`, the path of which its query is a question. It is
    /// told where the request finds us: the answer may name that.
    pub(in crate::http) async fn answer<Q: Question>(
        &self,
        request: &HttpRequest,
        resource: &str,
        read: impl AsyncFnOnce(Url) -> Result<Q, Q::Error>,
    ) -> Result<HttpResponse, Q::Error> {
        let now = self.clock.now();
        let name = self.name(request, resource);
        let known = name.as_ref().map(|name| self.bodies.find(name));
        let (kept, ticket) = match known {
            Some(Known::Good(body)) => return Ok(body.answer(request, now).await),
            Some(Known::Was(body, ticket)) => (Some(body), Some(ticket)),
            Some(Known::Nothing(ticket)) => (None, Some(ticket)),
            None => (None, None),
        };
        let question = read(self.base_url(request)?).await?;
        if kept.is_some() || Head::is_asked(request) {
            let version = self.store.version(question.scope()).await?;
            if let (Some(name), Some(body), Some(ticket)) = (&name, &kept, ticket)
                && body.head.version().number == version.number
            {
                self.bodies.confirm(name, body, ticket);
                return Ok(Arc::clone(body).answer(request, now).await);
            }
            let head = question.head(version);
            if head.is_unchanged(request, now) {
                return Ok(head.not_modified());
            }
        }
        match question.render(self).await? {
            Rendered::Whole(body) => {
                let body = Arc::new(body);
                if let (Some(name), Some(ticket)) = (name, ticket)
                    && body.head.is_public()
                {
                    self.bodies.keep(name, &body, ticket);
                }
                Ok(body.answer(request, now).await)
            }
            Rendered::Parts(head, body) => Ok(head.ok(now).body(body)),
        }
    }

    /// What a question is kept under; `None` for one that depends on more than its query.
    fn name(&self, request: &HttpRequest, resource: &str) -> Option<String> {
        let is_plain = matches!(*request.method(), Method::GET | Method::HEAD)
            && !request.headers().contains_key(header::AUTHORIZATION);
        let root = || match &self.options.public_url {
            Some(url) => Cow::Borrowed(url.as_str()),
            None => Cow::Owned(answer::asked_root(request, self.asker(request).as_ref())),
        };
        is_plain.then(|| [&root(), resource, "?", request.query_string()].concat())
    }
}
