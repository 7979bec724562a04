//! What the class names of themes say of elements, where no vocabulary does.
//!
//! The names are those of themes and publishing systems in wide use; one word of a `class`, or an
//! `id`, is one name.

use crate::parse::document::Ref;

/// What an element is marked as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::parse) enum Mark {
    /// The site's name.
    SiteTitle,
    /// `<address>`: of an article the address of its author.
    Address,
    /// Who wrote the article, with or without a "by" before the name.
    Byline,
    /// A line on how the article came about: who wrote it is said with a "by".
    Line,
    /// When the article was published.
    Date,
    /// When it was changed.
    Updated,
}

/// A marked element.
#[derive(Debug, Clone, Copy)]
pub(in crate::parse) struct Marked<'a> {
    pub(in crate::parse) node: Ref<'a>,
    pub(in crate::parse) mark: Mark,
}

impl Mark {
    /// What one class name or id says.
    pub(in crate::parse) fn of(word: &str) -> Option<Self> {
        // No name below is shorter or longer, and most class names are one or the other.
        if !(4..=23).contains(&word.len()) {
            return None;
        }
        Some(match word {
            "site-title" | "blog-title" | "site-name" | "blogname" | "wp-block-site-title" => {
                Self::SiteTitle
            }
            "author"
            | "authors"
            | "author-name"
            | "author__name"
            | "authorname"
            | "byline"
            | "by-line"
            | "byline-author"
            | "byline-name"
            | "byline__name"
            | "byline__author"
            | "article-author"
            | "article-byline"
            | "article__author"
            | "article__byline"
            | "blog-author"
            | "entry-author"
            | "entry-byline"
            | "post-author"
            | "post-byline"
            | "post__author"
            | "post__byline"
            | "post-author-name"
            | "posted-by"
            | "postedby"
            | "written-by"
            | "story-author"
            | "wp-block-post-author" => Self::Byline,
            "entry-meta" | "entry-info" | "post-meta" | "post-info" | "post-details"
            | "post-footer" | "post__meta" | "postmeta" | "postmetadata" | "post-header-line-1"
            | "article-meta" | "article__meta" | "meta" | "posted" | "submitted" => Self::Line,
            "entry-date" | "entry-time" | "article-date" | "article__date" | "date"
            | "date-header" | "date-published" | "dateline" | "post-date" | "post-time"
            | "post__date" | "post-timestamp" | "posted-on" | "pubdate" | "publish-date"
            | "published" | "published-date" | "publication-date" | "wp-block-post-date" => {
                Self::Date
            }
            "updated" | "modified" | "date-modified" | "last-modified" | "last-updated" => {
                Self::Updated
            }
            _ => return None,
        })
    }
}
