//! Pages as blogs have them, of any length.

use std::fmt::Write as _;

use linkback::model::Page;
use url::Url;

/// What the pages link to.
pub(crate) const TARGET: &str = "https://ex.com/articles/why-we-link";

const HEAD: &str = r#"<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>A week of reading | Chalk and Cheese</title>
<meta property="og:title" content="A week of reading"><meta name="author" content="Mags Holloway">
<meta property="article:published_time" content="2011-05-22T08:15:00+01:00">
<link rel="canonical" href="/2011/05/a-week-of-reading"><link rel="stylesheet" href="/style.css">
<script>window.settings = {"a": 1, "b": [1, 2, 3]}; if (1 < 2) { console.log("x") }</script>
</head><body><header><nav><ul><li><a href="/">Home</a></li><li><a href="/about">About</a></li></ul></nav></header><main><article><h1>A week of reading</h1>
"#;

/// Posts with tags and a comment each, in the classes of classic themes: `bytes` of them; the link
/// stands near the end.
pub(crate) fn front_page(bytes: usize, with_link: bool) -> String {
    let mut page = HEAD.to_owned();
    let mut n = 0_u32;
    while page.len() < bytes {
        n = n.wrapping_add(1);
        write!(
            page,
            "<div class=\"post hentry\" id=\"post-{n}\"><h2 class=\"entry-title\"><a href=\"/2011/05/post-{n}/\" rel=\"bookmark\">Post number {n}</a></h2>\n\
             <p>It has been a <em>long</em> month, and I have not written much. But I have read &amp; thought, and <a href=\"https://other.example/{n}?a=1&amp;b=2\" title=\"Other\">found this</a>, \
             which says what I would have said if I had <strong>only</strong> had the words for it, and the time.</p>\n\
             <ul class=\"tags\"><li><a href=\"/tag/reading\">reading</a></li><li><a href=\"/tag/links\">links</a></li></ul>\n\
             <p><img src=\"/images/{n}.jpg\" srcset=\"/images/{n}.jpg 1x, /images/{n}@2x.jpg 2x\" alt=\"A picture\" width=\"600\" height=\"400\" loading=\"lazy\"></p>\n\
             <div class=\"comment\" id=\"comment-{n}\"><p>Great post! See also <a href=\"https://third.example/~user/{n}\" rel=\"nofollow ugc\">mine</a>.<br>\nBye.</p></div></div>\n"
        ).unwrap();
    }
    if with_link {
        write!(page, "<p>The one that stayed with me is <a href=\"{TARGET}\">Why we link</a>, about what a link says.</p>").unwrap();
    }
    page.push_str("</article></main><footer><p>Made by hand.</p></footer></body></html>");
    page
}

/// One post in microformats2 with its author, two fifths of the page; then the comments on it, then a
/// sidebar. The link stands near the end of the post.
pub(crate) fn post(bytes: usize) -> String {
    let mut page = HEAD.to_owned();
    page.push_str("<div class=\"h-entry\"><p class=\"p-author h-card\"><a class=\"u-url p-name\" href=\"/\">Mags Holloway</a><img class=\"u-photo\" src=\"/mags.jpg\" alt=\"\"></p>\n<h1 class=\"p-name\">A week of reading</h1><a class=\"u-url\" href=\"/2011/05/a-week-of-reading\"><time class=\"dt-published\" datetime=\"2011-05-22T08:15:00+01:00\">22 May</time></a><div class=\"e-content\">\n");
    let share = |tenths: usize| (bytes / 10).saturating_mul(tenths);
    let mut n = 0_u32;
    while page.len() < share(4) {
        n = n.wrapping_add(1);
        write!(
            page,
            "<p>It has been a <em>long</em> month, and I have not written much. But I have read &amp; thought, and <a href=\"https://other.example/{n}?a=1&amp;b=2\" title=\"Other\">found this</a>, which says what I would have said.</p>\n\
             <figure class=\"wp-block-image size-large\"><img src=\"/images/{n}.jpg\" srcset=\"/images/{n}.jpg 1x, /images/{n}@2x.jpg 2x\" alt=\"A picture\" width=\"600\" height=\"400\"><figcaption>The sea</figcaption></figure>\n"
        ).unwrap();
    }
    write!(page, "<p>The one that stayed with me is <a href=\"{TARGET}\">Why we link</a>, about what a link says.</p></div>\n<ul><li><a class=\"p-category\" rel=\"tag\" href=\"/tag/reading\">reading</a></li></ul><section id=\"comments\">").unwrap();
    while page.len() < share(7) {
        n = n.wrapping_add(1);
        writeln!(page, "<article class=\"u-comment h-cite\" id=\"comment-{n}\"><a class=\"p-author h-card\" href=\"https://third.example/~user/{n}\" rel=\"nofollow ugc\">User {n}</a> <time class=\"dt-published\" datetime=\"2011-05-23T08:15:00+01:00\">23 May</time><div class=\"e-content\"><p>Great post! I had not seen that one before, and will look at the others now.</p></div></article>").unwrap();
    }
    page.push_str("</section></div></article></main><aside class=\"sidebar\"><ul>");
    while page.len() < bytes {
        n = n.wrapping_add(1);
        writeln!(page, "<li class=\"widget-item item-{n}\"><a href=\"/2011/05/post-{n}/\" class=\"recent-post\">Post number {n}</a> <span class=\"post-date\">May 2011</span></li>").unwrap();
    }
    page.push_str("</ul></aside><footer><p>Made by hand.</p></footer></body></html>");
    page
}

/// The page that a fetch of `body` would bring.
pub(crate) fn page(body: String) -> Page {
    Page {
        url: Url::parse("https://blog.example/2011/05/a-week-of-reading").unwrap(),
        status: 200,
        content_type: Some("text/html; charset=utf-8".to_owned()),
        body: body.into_bytes(),
        truncated: false,
    }
}
