//! When the article was published, and when it was changed.

use crate::parse::date;
use crate::parse::json_ld::Of;
use crate::parse::survey::Prop;

use super::Facts;
use super::sources::{Source, Sources};

/// When it was published: as machines are told of the article, of the page, and as readers are.
const PUBLISHED: [Source; 24] = [
    Source::Meta("article:published_time"),
    Source::Meta("og:article:published_time"),
    Source::Ld(Of::Article, "datePublished"),
    Source::Item(Prop::Published),
    Source::Meta("parsely-pub-date"),
    Source::Meta("sailthru.date"),
    Source::Meta("citation_publication_date"),
    Source::Meta("citation_date"),
    Source::Meta("date"),
    Source::Meta("pubdate"),
    Source::Meta("dc.date"),
    Source::Meta("dc.date.issued"),
    Source::Meta("dcterms.issued"),
    Source::Meta("dcterms.created"),
    Source::Ld(Of::Page, "datePublished"),
    Source::Ld(Of::Article, "uploadDate"),
    Source::Ld(Of::Article, "dateCreated"),
    Source::Item(Prop::Created),
    Source::Pubdate,
    Source::Time,
    Source::DateMark,
    Source::Meta("dcterms.date"),
    Source::DateWords,
    Source::Dateline,
];

/// When it was changed.
const UPDATED: [Source; 8] = [
    Source::Meta("article:modified_time"),
    Source::Meta("og:updated_time"),
    Source::Ld(Of::Article, "dateModified"),
    Source::Item(Prop::Modified),
    Source::Meta("last-modified"),
    Source::Meta("dcterms.modified"),
    Source::Ld(Of::Page, "dateModified"),
    Source::UpdatedMark,
];

impl Facts {
    pub(super) fn find_published(&mut self, sources: &Sources<'_, '_>) {
        if let Some((time, step)) = sources.first(&sources.allowed(&PUBLISHED), date::any) {
            self.note("published", step.rule, &step.element, time.as_str());
            self.published = Some(time);
        }
    }

    pub(super) fn find_updated(&mut self, sources: &Sources<'_, '_>) {
        if let Some((time, step)) = sources.first(&sources.allowed(&UPDATED), date::any) {
            self.note("updated", step.rule, &step.element, time.as_str());
            self.updated = Some(time);
        }
    }
}
