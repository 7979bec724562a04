//! The four forms in which webmention.io lists mentions.

use std::fmt::{self, Write as _};

use serde_json::{Map, Value, json};

use super::entry::{EntryJf2, Speaker, words};
use super::link::LinkJson;
use super::stream::Form;
use super::words::{absolute, attribute, escaped, property, target, verb, with_offset};
use crate::http::feeds::uri;
use crate::model::{Mention, Timestamp};

/// Where the page is that was asked for.
#[derive(Clone, Copy)]
pub(super) struct Paging {
    pub(super) per_page: usize,
    pub(super) page: u64,
}

impl Paging {
    fn json(self, total: Option<u64>) -> Value {
        let mut paging = Map::new();
        paging.insert("per-page".into(), self.per_page.into());
        paging.insert("page".into(), self.page.into());
        if let Some(total) = total {
            let per_page = u64::try_from(self.per_page).unwrap_or(u64::MAX).max(1);
            paging.insert("total".into(), total.into());
            paging.insert("total-pages".into(), total.div_ceil(per_page).into());
        }
        paging.into()
    }
}

/// The function that a script is wrapped in.
pub(super) struct Callback(pub(super) Option<String>);

impl Callback {
    fn begin(&self, out: &mut String) {
        if let Some(name) = &self.0 {
            // So that no answer begins with bytes of the asker's choice.
            out.push_str("/**/");
            out.push_str(name);
            out.push('(');
        }
    }

    fn end(&self, out: &mut String) {
        if self.0.is_some() {
            out.push(')');
        }
    }

    /// What `write` writes, in the call.
    pub(super) fn wrap(&self, out: &mut String, write: impl FnOnce(&mut String)) {
        self.begin(out);
        write(out);
        self.end(out);
    }

    pub(super) const fn content_type(&self) -> &'static str {
        match self.0 {
            None => "application/json;charset=UTF-8",
            Some(_) => "text/javascript;charset=UTF-8",
        }
    }
}

/// The JSON of what holds nothing that JSON cannot.
pub(super) fn json_of(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Writes to a text, which takes all.
fn put(out: &mut String, text: fmt::Arguments<'_>) {
    let _ = out.write_fmt(text);
}

/// JF2: a feed of entries.
pub(super) struct Jf2 {
    /// Where the service is; ends with `/`.
    pub(super) base: String,
    pub(super) callback: Callback,
    /// `None`: no page of a longer listing.
    pub(super) paging: Option<Paging>,
    /// What stands between two entries.
    pub(super) separator: &'static str,
}

impl Form for Jf2 {
    fn begin(&self, out: &mut String) {
        self.callback.begin(out);
        out.push_str(r#"{"type":"feed","name":"Webmentions","children":["#);
    }

    fn mention(&self, out: &mut String, mention: &Mention, follows: bool) {
        if follows {
            out.push_str(self.separator);
        }
        out.push_str(&json_of(&EntryJf2::new(mention, &self.base)));
    }

    fn end(&self, out: &mut String, total: Option<u64>) {
        out.push(']');
        if let Some(paging) = self.paging {
            put(out, format_args!(r#","paging":{}"#, paging.json(total)));
        }
        out.push('}');
        self.callback.end(out);
    }
}

/// Plain JSON: a list of links.
pub(super) struct Links {
    /// Where the service is; ends with `/`.
    pub(super) base: String,
    pub(super) callback: Callback,
    pub(super) paging: Paging,
}

impl Form for Links {
    fn begin(&self, out: &mut String) {
        self.callback.begin(out);
        out.push_str(r#"{"links":["#);
    }

    fn mention(&self, out: &mut String, mention: &Mention, follows: bool) {
        if follows {
            out.push(',');
        }
        out.push_str(&json_of(&LinkJson::new(mention, &self.base)));
    }

    fn end(&self, out: &mut String, total: Option<u64>) {
        put(
            out,
            format_args!(r#"],"paging":{}}}"#, self.paging.json(total)),
        );
        self.callback.end(out);
    }
}

/// An Atom feed.
pub(super) struct Atom {
    /// Where the service is; ends with `/`.
    pub(super) base: String,
    /// Where the feed is.
    pub(super) url: String,
    pub(super) updated: Timestamp,
}

impl Form for Atom {
    fn begin(&self, out: &mut String) {
        let (url, updated) = (escaped(&uri(&self.url)), with_offset(self.updated));
        put(
            out,
            format_args!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <feed xmlns=\"http://www.w3.org/2005/Atom\">\n  <id>{url}</id>\n  \
             <title>Mentions</title>\n  <updated>{updated}</updated>\n  \
             <link rel=\"self\" href=\"{url}\"/>\n  <author><name>Linkback</name></author>\n"
            ),
        );
    }

    fn mention(&self, out: &mut String, mention: &Mention, _: bool) {
        let entry = &mention.entry;
        let (page, _) = target(mention);
        let verb = verb(mention);
        let host = mention.source.host();
        let path = mention.target.path();
        let speaker = Speaker::of(mention, &self.base);
        let name = Some(speaker.name).filter(|name| !name.is_empty());
        let (source, page_text) = (escaped(&attribute(mention.source.as_str())), escaped(page));
        let verb = escaped(&verb);
        put(
            out,
            format_args!(
                "  <entry>\n    <title>{} {verb} {}</title>\n    <id>{}api/mention/{}</id>\n    \
             <updated>{}</updated>\n",
                escaped(host),
                escaped(path),
                escaped(&self.base),
                mention.id.0,
                with_offset(mention.verified_at),
            ),
        );
        // RFC 4287 §3.3 wants an offset.
        if let Some(published) = &entry.published {
            put(
                out,
                format_args!("    <published>{}</published>\n", absolute(published)),
            );
        }
        put(
            out,
            format_args!("    <author><name>{}</name>", escaped(name.unwrap_or(host))),
        );
        if !speaker.url.is_empty() {
            put(
                out,
                format_args!("<uri>{}</uri>", escaped(&uri(&speaker.url))),
            );
        }
        put(
            out,
            format_args!(
                "</author>\n    <link rel=\"alternate\" href=\"{}\"/>\n    \
             <summary>{source} {verb} {page_text}</summary>\n",
                escaped(&uri(&entry.url)),
            ),
        );
        match words(entry) {
            Some((Some(html), _)) => {
                put(
                    out,
                    format_args!("    <content type=\"html\">{}</content>\n", escaped(html)),
                );
            }
            Some((None, text)) => {
                put(
                    out,
                    format_args!("    <content type=\"text\">{}</content>\n", escaped(&text)),
                );
            }
            None => put(
                out,
                format_args!(
                    "    <content type=\"xhtml\" xml:lang=\"en\"><div xmlns=\"http://www.w3.org/1999/xhtml\">\
                 <p><a href=\"{source}\">{source}</a> {verb} <a href=\"{page_text}\">{page_text}</a></p>\
                 </div></content>\n"
                ),
            ),
        }
        out.push_str("  </entry>\n");
    }

    fn end(&self, out: &mut String, _: Option<u64>) {
        out.push_str("</feed>\n");
    }
}

/// A page of `h-entry`s.
pub(super) struct Html {
    /// Where the service is; ends with `/`.
    pub(super) base: String,
}

impl Form for Html {
    fn begin(&self, out: &mut String) {
        out.push_str(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<title>Mentions</title>\n\
             <div class=\"mentions h-feed\">\n<h1 class=\"p-name\">Mentions</h1>\n",
        );
    }

    fn mention(&self, out: &mut String, mention: &Mention, _: bool) {
        let entry = &mention.entry;
        let page = escaped(target(mention).0);
        let speaker = Speaker::of(mention, &self.base);
        let rel = "rel=\"nofollow ugc noopener\"";
        let property = match property(entry.kind) {
            "rsvp" => "in-reply-to",
            other => other,
        };
        put(
            out,
            format_args!(
                "<div class=\"h-entry mention\">\n<div class=\"context\">↩ \
             <a href=\"{page}\" class=\"u-{property}\">{page}</a></div>\n"
            ),
        );
        if let Some(answer) = entry.rsvp {
            put(
                out,
                format_args!(
                    "<data class=\"p-rsvp\" value=\"{}\"></data>\n",
                    answer.as_str()
                ),
            );
        }
        if !speaker.is_nobody() {
            let (name, url) = (escaped(speaker.name), escaped(&speaker.url));
            out.push_str("<div class=\"author u-author h-card\">");
            if !speaker.photo.is_empty() {
                // A value and no picture: no reader's browser is sent to a stranger's server.
                let photo = escaped(&speaker.photo);
                put(
                    out,
                    format_args!("<data class=\"photo u-photo\" value=\"{photo}\"></data>"),
                );
            }
            if url.is_empty() {
                put(
                    out,
                    format_args!("<span class=\"name p-name\">{name}</span>"),
                );
            } else {
                let name = if name.is_empty() { &url } else { &name };
                put(
                    out,
                    format_args!("<a href=\"{url}\" class=\"name u-url p-name\" {rel}>{name}</a>"),
                );
            }
            out.push_str("</div>\n");
        }
        if let Some(title) = &entry.title {
            put(
                out,
                format_args!("<h1 class=\"p-name\">{}</h1>\n", escaped(title)),
            );
        }
        match words(entry) {
            Some((Some(html), _)) => {
                put(
                    out,
                    format_args!("<div class=\"e-content html\">{html}</div>\n"),
                );
            }
            Some((None, text)) => put(
                out,
                format_args!(
                    "<div class=\"e-content plaintext\">{}</div>\n",
                    escaped(&text)
                ),
            ),
            None => {}
        }
        let url = escaped(&attribute(&entry.url));
        let published = entry.published.as_ref().map(absolute);
        let at = published.unwrap_or_else(|| with_offset(mention.received_at));
        put(
            out,
            format_args!(
                "<div class=\"metaline\"><time class=\"dt-published\" datetime=\"{at}\">\
             <a href=\"{url}\" class=\"u-url\" {rel}>{}</a></time></div>\n</div>\n",
                at.get(..10).unwrap_or(&at),
            ),
        );
    }

    fn end(&self, out: &mut String, _: Option<u64>) {
        out.push_str("</div>\n</html>\n");
    }
}

/// What `/api/count` answers.
pub(super) fn count_json(counts: &crate::model::Counts) -> Value {
    let mut types = std::collections::BTreeMap::<&str, u64>::new();
    for (key, count) in counts.iter() {
        let name = match super::words::activity(key.kind) {
            "link" => "mention",
            "rsvp" => key.as_str(),
            other => other,
        };
        let sum = types.entry(name).or_default();
        *sum = sum.saturating_add(count);
    }
    json!({ "count": counts.total(), "type": types })
}
