//! The answers of webmention.io's API that are made of the mentions there are.

use std::sync::Arc;

use actix_web::http::header::{self, HeaderName};
use url::Url;

use super::forms::{Atom, Callback, Html, Jf2, Links, Paging, count_json, json_of};
use super::query::Asked;
use super::stream::{Form, Listing, Written};
use super::words;
use crate::http::bodies::{Body, Head, Keep, Question, Rendered};
use crate::http::error::ApiError;
use crate::http::{Context, answer};
use crate::model::{ChangeNumber, Timestamp};
use crate::store::{
    MentionQuery, Order, OrderBy, Scope, Start, StoreError, TombstoneQuery, Version,
};

/// A framed page may load nothing, and may not be made to do anything.
const HTML_POLICY: &str =
    "default-src 'none'; style-src 'self'; form-action 'none'; base-uri 'none'";

const NO_SCOPE: &str = "Either a token or a target URL is required";
const NO_TARGET: &str = "A target URI is required";
const NO_TOKEN: &str = "A token is required";

/// What there is to be asked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum What {
    /// Mentions, a page of them at a time.
    Mentions(ListForm),
    /// How many there are.
    Count,
    /// What is shown no longer.
    Deleted,
    /// All of a site, oldest first, one mention a line.
    Export,
}

/// The forms in which mentions are listed.
#[derive(Debug, Clone, Copy)]
pub(super) enum ListForm {
    Json,
    Jf2,
    Html,
    Atom,
}

impl ListForm {
    fn content_type(self, callback: &Callback) -> &'static str {
        match self {
            Self::Json | Self::Jf2 => callback.content_type(),
            Self::Html => "text/html;charset=UTF-8",
            Self::Atom => "application/atom+xml;charset=UTF-8",
        }
    }
}

/// What is asked for, of whose mentions.
pub(super) struct Wanted<'a> {
    what: What,
    asked: Asked,
    scope: Scope,
    /// Where the service is.
    base: Url,
    path: &'a str,
}

impl<'a> Wanted<'a> {
    pub(super) async fn new(
        what: What,
        mut asked: Asked,
        path: &'a str,
        base: Url,
        context: &Context,
    ) -> Result<Self, ApiError> {
        let missing = match what {
            What::Mentions(_) | What::Deleted => NO_SCOPE,
            What::Count => NO_TARGET,
            What::Export => {
                // It is of a site.
                asked.targets.clear();
                NO_TOKEN
            }
        };
        Ok(Self {
            scope: asked.scope(context, missing).await?,
            what,
            asked,
            base,
            path,
        })
    }

    /// A listing in `form`, of what `query` asks for, with the parameters that say how.
    async fn list<F: Form + 'static>(
        &self,
        context: &Context,
        query: MentionQuery,
        form: F,
    ) -> Result<Written, StoreError> {
        Listing::new(Arc::clone(&context.store), query, form)
            .of_fragment(self.asked.fragment())
            .by_answer(self.asked.by_answer())
            .write()
            .await
    }

    async fn mentions(&self, form: ListForm, context: &Context) -> Result<Rendered, ApiError> {
        let asked = &self.asked;
        // Of a listing that is read in parts: what changes meanwhile is asked for again.
        let version = context.store.version(&self.scope).await?;
        let callback = Callback(asked.jsonp.clone());
        let mut headers = vec![(header::CONTENT_TYPE, form.content_type(&callback))];
        let paging = Paging {
            per_page: asked.per_page(),
            page: asked.page(),
        };
        let query = asked.query(self.scope.clone());
        let base = self.base.to_string();
        let written = match form {
            ListForm::Jf2 => {
                let form = Jf2 {
                    base,
                    callback,
                    paging: Some(paging),
                    separator: ",",
                };
                self.list(context, query, form).await?
            }
            ListForm::Json => {
                let form = Links {
                    base,
                    callback,
                    paging,
                };
                self.list(context, query, form).await?
            }
            ListForm::Html => {
                headers.push((header::CONTENT_SECURITY_POLICY, HTML_POLICY));
                self.list(context, query, Html { base }).await?
            }
            ListForm::Atom => {
                let updated = version.last_change.map(ChangeNumber::time);
                let form = Atom {
                    base,
                    url: self.url().into(),
                    updated: updated.unwrap_or_else(|| context.clock.now()),
                };
                self.list(context, query, form).await?
            }
        };
        Ok(self.rendered(version, &headers, written))
    }

    /// Where it was asked for, by whoever may see it.
    fn url(&self) -> Url {
        let mut url = self.base.clone();
        url.set_path(self.path);
        let targets = self.asked.targets.iter();
        let targets: Vec<_> = targets.map(|url| ("target[]", url)).collect();
        if !targets.is_empty() {
            url.query_pairs_mut().extend_pairs(targets);
        }
        url
    }

    async fn deleted(&self, context: &Context) -> Result<Rendered, ApiError> {
        let asked = &self.asked;
        let version = context.store.version(&self.scope).await?;
        // A time is that of all changes in its millisecond.
        let since = asked.since().map(ChangeNumber::by);
        let since = since.max(asked.since_id().map(ChangeNumber));
        let mut query = TombstoneQuery {
            scope: self.scope.clone(),
            since: since.unwrap_or(ChangeNumber(0)),
            ascending: asked.ascending(),
            start: Start::Skip(asked.skip()),
            limit: 0,
        };
        let callback = Callback(asked.jsonp.clone());
        let mut children = String::new();
        let mut left = asked.per_page();
        let mut separator = "";
        while left > 0 {
            query.limit = left.min(1000);
            let page = context.store.deleted(&query).await?;
            for tombstone in &page.tombstones {
                children.push_str(separator);
                children.push_str(&json_of(&serde_json::json!({
                    "wm-id": tombstone.id.0,
                    "wm-source": words::attribute(tombstone.source.as_str()),
                    "wm-target": tombstone.target.as_str(),
                    "wm-deleted": words::utc(tombstone.change.time()),
                    "wm-deletion-id": tombstone.change.0,
                })));
                separator = ",";
            }
            left = left.saturating_sub(page.tombstones.len());
            match page.end.filter(|_| page.has_more) {
                Some(end) => query.start = Start::After(end),
                None => break,
            }
        }
        let mut body = String::new();
        callback.wrap(&mut body, |body| {
            body.push_str(r#"{"type":"feed","name":"Deleted webmentions","children":["#);
            body.push_str(&children);
            body.push_str("]}");
        });
        let headers = [(header::CONTENT_TYPE, callback.content_type())];
        Ok(self.rendered(version, &headers, Written::Whole(body)))
    }

    async fn count(&self, context: &Context) -> Result<Rendered, ApiError> {
        let counted = context.store.counts(&self.scope).await?;
        let callback = Callback(self.asked.jsonp.clone());
        let mut body = String::new();
        callback.wrap(&mut body, |body| {
            body.push_str(&json_of(&count_json(&counted.counts)));
        });
        let headers = [(header::CONTENT_TYPE, callback.content_type())];
        Ok(self.rendered(counted.version, &headers, Written::Whole(body)))
    }

    async fn export(&self, context: &Context) -> Result<Rendered, ApiError> {
        let version = context.store.version(&self.scope).await?;
        let name = file_name(context, &self.scope, context.clock.now()).await?;
        let mut query = self.asked.query(self.scope.clone());
        query.order = Order {
            by: OrderBy::Received,
            ascending: true,
        };
        (query.start, query.limit) = (Start::Skip(0), usize::MAX);
        let form = Jf2 {
            base: self.base.to_string(),
            callback: Callback(None),
            paging: None,
            separator: ",\n",
        };
        let disposition = format!("attachment; filename=\"{name}\"");
        let headers = [
            (header::CONTENT_TYPE, form.callback.content_type()),
            (header::CONTENT_DISPOSITION, disposition.as_str()),
        ];
        let listing = Listing::new(Arc::clone(&context.store), query, form);
        Ok(self.rendered(version, &headers, listing.write().await?))
    }

    fn rendered(
        &self,
        version: Version,
        headers: &[(HeaderName, &str)],
        written: Written,
    ) -> Rendered {
        let mut head = self.head(version);
        for (name, value) in headers {
            head = head.with(name.clone(), value);
        }
        match written {
            Written::Whole(text) => Rendered::Whole(Body::new(head, text.into_bytes())),
            Written::Parts(parts) => Rendered::Parts(head, parts),
        }
    }
}

impl Question for Wanted<'_> {
    type Error = ApiError;

    fn scope(&self) -> &Scope {
        &self.scope
    }

    fn head(&self, version: Version) -> Head {
        let question = [self.base.as_str(), self.path, &format!("{:?}", self.asked)];
        let keep = if self.asked.is_by_token() {
            Keep::Private
        } else {
            Keep::Asking
        };
        Head::new(keep, &answer::tag(version.number, &question), version)
    }

    async fn render(&self, context: &Context) -> Result<Rendered, ApiError> {
        match self.what {
            What::Mentions(form) => self.mentions(form, context).await,
            What::Count => self.count(context).await,
            What::Deleted => self.deleted(context).await,
            What::Export => self.export(context).await,
        }
    }
}

/// The name of the file that an export is to be kept in.
async fn file_name(context: &Context, scope: &Scope, now: Timestamp) -> Result<String, ApiError> {
    let host = match scope {
        Scope::Host { authority, .. } => authority.clone(),
        Scope::Site(site) => {
            let sites = context.store.sites().await?;
            let site = sites.iter().find(|known| known.id == *site);
            let base = site.and_then(|site| site.bases.first());
            base.map(|base| base.authority().to_owned())
                .unwrap_or_default()
        }
        Scope::Pages { .. } => String::new(),
    };
    let host: String = host
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '.' {
                c
            } else {
                '-'
            }
        })
        .collect();
    Ok(format!("webmentions-{host}-{}.jf2.json", words::day(now)))
}
