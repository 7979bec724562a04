//! Which endpoint does a page name? `Link` header fields (RFC 8288) first, then the first `<link>` or `<a>`
//! of the page. WM §3.1.2; for the token endpoint, indieweb.org/Private-Webmention.

use url::Url;

use crate::model::Page;

use super::charset;
use super::document::{Document, attribute, element, has_word, nodes};
use super::media::{ContentType, Media, content_type};

/// The endpoint of the relation `rel` that the page at `at` names: in its `Link` header fields (`links`), or
/// in its body. A relative one is resolved against the page, which an empty one is.
pub fn endpoint(links: &[String], page: Option<&Page>, at: &Url, rel: &str) -> Option<Url> {
    let in_header = links
        .iter()
        .flat_map(|value| Links(value))
        .find(|link| link.is(rel))
        .map(|link| at.join(link.target));
    let found = match in_header {
        Some(url) => url.ok(),
        None => page.and_then(|page| in_page(page, rel)),
    };
    found.filter(|url| matches!(url.scheme(), "http" | "https"))
}

fn in_page(page: &Page, rel: &str) -> Option<Url> {
    let ContentType { media, charset } = content_type(page.content_type.as_deref(), &page.body);
    if !matches!(media, Media::Html | Media::Xhtml) {
        return None;
    }
    let document = Document::parse(&charset::decode(&page.body, charset.as_deref(), true));
    let mut base = None;
    let mut found = None;
    for node in nodes(document.root()) {
        let Some(tag) = element(node) else { continue };
        let Some(href) = attribute(tag, "href") else {
            continue;
        };
        match tag.name() {
            "base" if base.is_none() => base = page.url.join(href).ok(),
            "link" | "a" if found.is_none() && has_word(tag, "rel", rel) => found = Some(href),
            _ => {}
        }
    }
    let href = found?.trim();
    if href.is_empty() {
        return Some(page.url.clone());
    }
    base.as_ref().unwrap_or(&page.url).join(href).ok()
}

/// One link of a `Link` header field.
#[derive(Debug, PartialEq, Eq)]
struct Link<'a> {
    target: &'a str,
    rel: &'a str,
}

impl Link<'_> {
    fn is(&self, rel: &str) -> bool {
        self.rel
            .split_ascii_whitespace()
            .any(|word| word.eq_ignore_ascii_case(rel))
    }
}

/// The links of a `Link` header field, as far as it is one.
struct Links<'a>(&'a str);

impl<'a> Iterator for Links<'a> {
    type Item = Link<'a>;

    fn next(&mut self) -> Option<Link<'a>> {
        let (_, rest) = self.0.split_once('<')?;
        let (target, mut rest) = rest.split_once('>')?;
        let mut rel = None;
        // The parameters: `; name=token` or `; name="quoted"`; of several rels the first counts.
        while let Some(after) = rest.trim_start().strip_prefix(';') {
            let end = after.find(['=', ';', ',']).unwrap_or(after.len());
            let (name, value) = after.split_at_checked(end)?;
            let (value, after) = match value.strip_prefix('=') {
                Some(value) => parameter(value.trim_start()),
                None => ("", value),
            };
            if name.trim().eq_ignore_ascii_case("rel") {
                rel = rel.or(Some(value));
            }
            rest = after;
        }
        self.0 = rest;
        Some(Link {
            target: target.trim(),
            rel: rel.unwrap_or_default(),
        })
    }
}

/// The value that `text` begins with, and what follows it.
fn parameter(text: &str) -> (&str, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([';', ',']).unwrap_or(text.len());
        let (value, rest) = text.split_at_checked(end).unwrap_or((text, ""));
        return (value.trim(), rest);
    };
    let mut is_escaped = false;
    let end = quoted.find(|c| {
        let ends = c == '"' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        ends
    });
    let split = end.and_then(|end| quoted.split_at_checked(end));
    let (value, rest) = split.unwrap_or((quoted, ""));
    (value, rest.strip_prefix('"').unwrap_or(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(links: &[&str], body: &str) -> Option<String> {
        let at = Url::parse("https://ex.com/post/1?x").unwrap();
        let page = Page {
            url: at.clone(),
            status: 200,
            content_type: Some("text/html".to_owned()),
            body: body.as_bytes().to_vec(),
            truncated: false,
        };
        let links: Vec<String> = links.iter().map(|link| (*link).to_owned()).collect();
        endpoint(&links, Some(&page), &at, "webmention").map(String::from)
    }

    #[test]
    fn wm_3_1_2_an_endpoint_is_found_in_headers_however_they_are_written() {
        for (links, want) in [
            (&["</wm>; rel=webmention"][..], "https://ex.com/wm"),
            (
                &["<wm?a=b>; rel=\"webmention\""],
                "https://ex.com/post/wm?a=b",
            ),
            (
                &["<https://o.example/>;REL=\"a WebMention b\""],
                "https://o.example/",
            ),
            (
                &["</a>; rel=\"other\", </wm>; rel=\"webmention\""],
                "https://ex.com/wm",
            ),
            (
                &["</a>; rel=\"other\"", "</wm>; rel=\"webmention\""],
                "https://ex.com/wm",
            ),
            (
                &["</a,b>; title=\"x, <y>; rel=webmention\"; rel=webmention"],
                "https://ex.com/a,b",
            ),
            (
                &["</a>; title=\"\\\"; rel=webmention\", </b>; rel=webmention"],
                "https://ex.com/b",
            ),
            (
                &["</a>; rel=next; rel=webmention, </b>;rel=webmention"],
                "https://ex.com/b",
            ),
            (&["<>; rel=webmention"], "https://ex.com/post/1?x"),
            (&["</a>; crossorigin; rel=webmention"], "https://ex.com/a"),
        ] {
            assert_eq!(found(links, "").as_deref(), Some(want), "{links:?}");
        }
        for links in [
            "",
            "<",
            "</a",
            "</a>",
            "</a>; rel",
            "</a>; rel=\"not-webmention\"",
            "</a>; rel=\"",
            "<javascript:1>; rel=webmention",
            "<mailto:a@b>; rel=webmention",
            "rel=webmention",
            "</a>; rev=webmention",
            "<http://[>; rel=webmention",
        ] {
            assert_eq!(found(&[links], ""), None, "{links}");
        }
    }

    #[test]
    fn wm_3_1_2_an_endpoint_is_found_in_the_page_in_the_order_of_its_elements() {
        for (body, want) in [
            ("<link rel=webmention href=/wm>", Some("https://ex.com/wm")),
            (
                "<p><a rel='nofollow webmention' href='?q=1&amp;r'>",
                Some("https://ex.com/post/1?q=1&r"),
            ),
            (
                "<a rel=webmention href=/a></a><link rel=webmention href=/b>",
                Some("https://ex.com/a"),
            ),
            (
                "<link rel=webmention><link rel=webmention href=/b>",
                Some("https://ex.com/b"),
            ),
            (
                "<link rel=webmention href=''>",
                Some("https://ex.com/post/1?x"),
            ),
            (
                "<base href=//o.example/d/><link rel=webmention href=wm>",
                Some("https://o.example/d/wm"),
            ),
            (
                "<!-- <link rel=webmention href=/no> --><a rel=webmention href=/b>",
                Some("https://ex.com/b"),
            ),
            (
                "<template><a rel=webmention href=/no></a></template><a rel=webmention href=/b>",
                Some("https://ex.com/b"),
            ),
            ("&lt;a rel=webmention href=/no>", None),
            (
                "<link rel=webmention.net href=/no><area rel=webmention href=/no>",
                None,
            ),
            ("<link rel=webmention href=ftp://o.example/>", None),
        ] {
            assert_eq!(found(&[], body).as_deref(), want, "{body}");
        }
        let both = found(
            &["</header>; rel=webmention"],
            "<link rel=webmention href=/page>",
        );
        assert_eq!(both.as_deref(), Some("https://ex.com/header"));
    }
}
