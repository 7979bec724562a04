//! Who the blogs are, and what is on their pages.

use anyhow::Context as _;
use url::Url;

use super::Expected;
use super::gallery::{EVERY_KIND_PATH, THOUSAND_PATH};
use crate::model::{Protocol, SourceUrl, TargetUrl};

/// A blog: one port on loopback.
pub(super) struct Blog {
    /// Its name.
    pub(super) name: &'static str,
    /// Its pages.
    pub(super) posts: &'static [Post],
    /// What it tells Linkback of its first post; the home blog tells nothing.
    tells: Option<Tells>,
}

/// What a blog links to, and how its software tells of it.
struct Tells {
    protocol: Protocol,
    of: Linked,
    page_title: &'static str,
}

/// The articles of the home blog that are linked to.
enum Linked {
    Article,
    ReadingList,
}

/// A page.
pub(super) struct Post {
    /// Where it is, with the query if it has one.
    pub(super) path: &'static str,
    /// What it holds.
    pub(super) body: Body,
}

/// A page's text, still with its [`Addresses`] to be filled in.
pub(super) enum Body {
    /// A page in UTF-8.
    Html(&'static str),
    /// A page that is sent in windows-1252.
    Windows1252(&'static str),
    /// A style sheet, sent as it is.
    Css(&'static str),
    /// A script, sent as it is.
    Script(&'static str),
    /// A picture, in WebP.
    Picture(&'static [u8]),
}

/// The home blog's place in [`BLOGS`].
pub(super) const HOME: usize = 0;

const ARTICLE_PATH: &str = "/2011/05/what-is-a-personal-learning-network-for/";
/// Where the gallery is.
pub(super) const GALLERY_PATH: &str = "/gallery";
const READING_PATH: &str = "/reading.php?list=mentors&year=2024";

const fn html(path: &'static str, text: &'static str) -> Post {
    Post {
        path,
        body: Body::Html(text),
    }
}

const fn picture(path: &'static str, bytes: &'static [u8]) -> Post {
    Post {
        path,
        body: Body::Picture(bytes),
    }
}

const fn old(page_title: &'static str) -> Tells {
    Tells {
        protocol: Protocol::Pingback,
        of: Linked::Article,
        page_title,
    }
}

const fn modern(of: Linked, page_title: &'static str) -> Tells {
    Tells {
        protocol: Protocol::Webmention,
        of,
        page_title,
    }
}

/// The blogs, the home blog first, then by the date of their posts.
pub(super) const BLOGS: &[Blog] = &[
    Blog {
        name: "Chalk and Cable",
        posts: &[
            html("/", include_str!("pages/home-front.html")),
            html(ARTICLE_PATH, include_str!("pages/home-article.html")),
            html(READING_PATH, include_str!("pages/home-reading.html")),
            html(
                "/2011/03/five-quiet-ways-to-start-a-lesson/",
                include_str!("pages/home-lesson.html"),
            ),
            Post {
                path: "/home.css",
                body: Body::Css(include_str!("pages/home.css")),
            },
            html(GALLERY_PATH, include_str!("pages/gallery.html")),
            Post {
                path: "/gallery.css",
                body: Body::Css(include_str!("pages/gallery.css")),
            },
            Post {
                path: "/gallery.js",
                body: Body::Script(include_str!("pages/gallery.js")),
            },
            html(EVERY_KIND_PATH, include_str!("pages/gallery-page.html")),
            html(THOUSAND_PATH, include_str!("pages/gallery-page.html")),
            html("/gallery/empty", include_str!("pages/gallery-page.html")),
            picture(
                "/gallery/pictures/1.webp",
                include_bytes!("pages/pictures/1.webp"),
            ),
            picture(
                "/gallery/pictures/2.webp",
                include_bytes!("pages/pictures/2.webp"),
            ),
            picture(
                "/gallery/pictures/3.webp",
                include_bytes!("pages/pictures/3.webp"),
            ),
            picture(
                "/gallery/pictures/4.webp",
                include_bytes!("pages/pictures/4.webp"),
            ),
            picture(
                "/gallery/pictures/5.webp",
                include_bytes!("pages/pictures/5.webp"),
            ),
            picture(
                "/gallery/pictures/6.webp",
                include_bytes!("pages/pictures/6.webp"),
            ),
            picture(
                "/gallery/pictures/7.webp",
                include_bytes!("pages/pictures/7.webp"),
            ),
            picture(
                "/gallery/pictures/8.webp",
                include_bytes!("pages/pictures/8.webp"),
            ),
            picture(
                "/gallery/pictures/hill.webp",
                include_bytes!("pages/pictures/hill.webp"),
            ),
        ],
        tells: None,
    },
    // WordPress 3.2 with its default theme of 2011: microformats 1, and the new `<time>`.
    Blog {
        name: "Tech the Plunge",
        posts: &[html(
            "/2011/05/15/treasure-chest-may-15-2011/",
            include_str!("pages/tech-the-plunge.html"),
        )],
        tells: Some(old(
            "70 EdTech Resources You May Have Missed–Treasure Chest May 15, 2011 — Tech the Plunge",
        )),
    },
    // Blogger: the site's name comes first in the title.
    Blog {
        name: "E-News for Educators",
        posts: &[html(
            "/2011/05/70-edtech-resources-you-may-have-missed.html",
            include_str!("pages/e-news.html"),
        )],
        tells: Some(old(
            "E-News for Educators: 70 EdTech Resources You May Have Missed–Treasure Chest May 15, 2011",
        )),
    },
    // An old post that has moved into a block theme, with JSON-LD.
    Blog {
        name: "The Creative Education Blog",
        posts: &[html(
            "/how-to-maintain-a-healthy-work-life-balance/",
            include_str!("pages/work-life-balance.html"),
        )],
        tells: Some(old(
            "How to Maintain a Healthy Work Life Balance | The Creative Education Blog",
        )),
    },
    // WordPress with the theme before that: `»` titles, and Dublin Core from a plugin.
    Blog {
        name: "Ashgrove Learning",
        posts: &[html("/?p=91", include_str!("pages/ten-steps.html"))],
        tells: Some(old(
            "Ashgrove Learning » Blog Archive » 10 Steps to Tweeting ….",
        )),
    },
    // Written by hand.
    Blog {
        name: "batttuk",
        posts: &[html("/twitter.html", include_str!("pages/ten-stages.html"))],
        tells: Some(old("The 10 stages of Twitter | batttuk")),
    },
    // A CMS that writes windows-1252 and says so only in the page.
    Blog {
        name: "The Digital Debate",
        posts: &[Post {
            path: "/index.php?option=com_content&view=article&id=37",
            body: Body::Windows1252(include_str!("pages/digital-debate.html")),
        }],
        tells: Some(old(
            "Is technology changing our view of what education should be and do? | The Digital Debate",
        )),
    },
    // A static site with microformats 2.
    Blog {
        name: "fieldnotes",
        posts: &[html(
            "/2024/learning-in-public/",
            include_str!("pages/learning-in-public.html"),
        )],
        tells: Some(modern(
            Linked::Article,
            "Learning in public, thirteen years on · fieldnotes",
        )),
    },
    // Arabic, from right to left.
    Blog {
        name: "دفتر معلمة",
        posts: &[html("/shabaka/", include_str!("pages/shabaka.html"))],
        tells: Some(modern(
            Linked::Article,
            "لماذا نحتاج إلى شبكة تعلم شخصية؟ | دفتر معلمة",
        )),
    },
    // The link has neither scheme nor bare ampersands: `//host/reading.php?list=…&amp;year=…`.
    Blog {
        name: "The Back Row",
        posts: &[html(
            "/first-month-as-a-mentor",
            include_str!("pages/mentoring.html"),
        )],
        tells: Some(modern(
            Linked::ReadingList,
            "First month as a mentor – The Back Row",
        )),
    },
    // A note without a title, in reply.
    Blog {
        name: "Sam Okafor",
        posts: &[html("/notes/2025/01/12/1", include_str!("pages/note.html"))],
        tells: Some(modern(Linked::Article, "Note, 12 January 2025")),
    },
];

/// The addresses that the pages name, known only once the ports are.
pub(super) struct Addresses {
    home: String,
    /// The article.
    pub(super) article: String,
    reading: String,
    /// Linkback.
    pub(super) service: String,
}

impl Addresses {
    /// The addresses, given the two origins.
    pub(super) fn new(home: &Url, service: &Url) -> Self {
        let home = home.as_str().trim_end_matches('/').to_owned();
        Self {
            article: format!("{home}{ARTICLE_PATH}"),
            reading: format!("{home}{READING_PATH}"),
            home,
            service: service.as_str().trim_end_matches('/').to_owned(),
        }
    }

    /// Writes the addresses into `text`, a page of the blog at `port`.
    pub(super) fn fill(&self, text: &str, port: u16) -> String {
        let encoded: String =
            url::form_urlencoded::byte_serialize(self.article.as_bytes()).collect();
        let reading_escaped = self.reading.replace('&', "&amp;");
        let reading_relative = reading_escaped.trim_start_matches("http:");
        text.replace("[[HOME]]", &self.home)
            .replace("[[ARTICLE]]", &self.article)
            .replace("[[ARTICLE_ENCODED]]", &encoded)
            .replace("[[READING_ESCAPED]]", &reading_escaped)
            .replace("[[READING_RELATIVE_ESCAPED]]", reading_relative)
            .replace("[[SERVICE]]", &self.service)
            .replace("[[SELF]]", &origin(port))
    }
}

/// The address of the blog at `port`, without a slash at its end.
pub(super) fn origin(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// What the blogs at `ports` tell Linkback.
///
/// # Errors
/// If an address is not a URL, which would be a slip in [`BLOGS`].
pub(super) fn expected(ports: &[u16], addresses: &Addresses) -> anyhow::Result<Vec<Expected>> {
    let mut all = Vec::new();
    for (blog, port) in BLOGS.iter().zip(ports) {
        let Some(tells) = &blog.tells else { continue };
        let post = blog
            .posts
            .first()
            .with_context(|| format!("“{}” has no post", blog.name))?;
        let target = match tells.of {
            Linked::Article => &addresses.article,
            Linked::ReadingList => &addresses.reading,
        };
        all.push(Expected {
            source: SourceUrl::parse(&format!("{}{}", origin(*port), post.path))?,
            target: TargetUrl::parse(target)?,
            protocol: tells.protocol,
            page_title: tells.page_title,
        });
    }
    Ok(all)
}
