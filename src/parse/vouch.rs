//! Does a page vouch for a source? indieweb.org/Vouch

use url::Url;

use crate::model::{Page, registrable_domain};

use super::charset;
use super::document::{Document, has_word};
use super::media::{ContentType, Media, content_type};
use super::survey::Survey;

/// Whether `page` links to the registrable domain of `source` in an `<a href>` without `rel=nofollow`. What
/// is no HTML vouches for nobody.
pub fn vouches(page: &Page, source: &Url) -> bool {
    let ContentType { media, charset } = content_type(page.content_type.as_deref(), &page.body);
    if !matches!(media, Media::Html | Media::Xhtml) {
        return false;
    }
    let document = Document::parse(&charset::decode(&page.body, charset.as_deref(), true));
    let survey = Survey::of(&document);
    let base = survey
        .bases
        .iter()
        .find_map(|base| page.url.join(base).ok());
    let base = base.as_ref().unwrap_or(&page.url);
    let wanted = registrable_domain(source);
    survey.candidates.iter().any(|candidate| {
        let element = candidate.node.value().as_element();
        let follows = element.is_some_and(|a| a.name() == "a" && !has_word(a, "rel", "nofollow"));
        follows
            && candidate.attribute == "href"
            && base.join(candidate.value).is_ok_and(|link| {
                matches!(link.scheme(), "http" | "https") && registrable_domain(&link) == wanted
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vouched(content_type: &str, body: &str) -> bool {
        let page = Page {
            url: Url::parse("https://known.example/links").unwrap(),
            status: 200,
            content_type: Some(content_type.to_owned()),
            body: body.as_bytes().to_vec(),
            truncated: false,
        };
        let source = Url::parse("https://blog.new.example/post").unwrap();
        vouches(&page, &source)
    }

    #[test]
    fn a_link_to_the_sources_domain_that_is_to_be_followed_vouches() {
        for body in [
            "<a href=https://blog.new.example/>",
            "<a href='http://new.example:8080/other'>",
            "<a rel='friend met' href=//www.NEW.example/>",
            "<base href=https://new.example/><a href=about>",
            "<a rel=nofollow href=https://new.example/><a href=https://new.example/>",
        ] {
            assert!(vouched("text/html", body), "{body}");
        }
    }

    #[test]
    fn anything_else_vouches_for_nobody() {
        for body in [
            "",
            "<p>https://new.example/",
            "<!-- <a href=https://new.example/> -->",
            "<template><a href=https://new.example/></template>",
            "<a rel='ugc NoFollow' href=https://new.example/>",
            "<a href=https://evil-new.example/>",
            "<a href=https://new.example.evil.example/>",
            "<a href=https://evil.example/?https://new.example/>",
            "<a href=mailto:ann@new.example>",
            "<a href=/new.example>",
            "<img src=https://new.example/a.png>",
            "<link rel=me href=https://new.example/>",
        ] {
            assert!(!vouched("text/html", body), "{body}");
        }
        let link = "<a href=https://new.example/>";
        assert!(vouched("application/xhtml+xml", link));
        assert!(!vouched("text/plain", link));
        assert!(!vouched("application/json", link));
    }
}
