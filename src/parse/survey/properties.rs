//! Properties of microdata and `RDFa`, by the names that blogs, forums and their like give them.

use crate::parse::document::Ref;

/// A property that somebody will ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::parse) enum Prop {
    Headline,
    Name,
    Author,
    Published,
    Created,
    Modified,
    Image,
    Body,
    Keywords,
    Section,
    Description,
    Url,
}

/// An element that has a property.
#[derive(Debug, Clone, Copy)]
pub(in crate::parse) struct Property<'a> {
    pub(in crate::parse) node: Ref<'a>,
    pub(in crate::parse) prop: Prop,
}

impl Prop {
    /// The property that a word of `itemprop` or `property` names.
    pub(super) fn of(word: &str) -> Option<Self> {
        let (vocabulary, name) = match word.rsplit_once([':', '/', '#']) {
            Some((vocabulary, name)) => (vocabulary, name),
            None => ("", word),
        };
        // `og:` and `article:` are of `<meta>`s, which are read as such.
        if matches!(vocabulary, "og" | "article" | "fb" | "twitter" | "rdfs") {
            return None;
        }
        Some(match name {
            "headline" | "title" => Self::Headline,
            "name" => Self::Name,
            "author" | "creator" => Self::Author,
            "datePublished" | "date" | "issued" => Self::Published,
            "dateCreated" | "created" => Self::Created,
            "dateModified" | "modified" => Self::Modified,
            "image" | "thumbnailUrl" => Self::Image,
            "articleBody" | "text" | "encoded" => Self::Body,
            "keywords" => Self::Keywords,
            "articleSection" => Self::Section,
            "description" => Self::Description,
            "url" => Self::Url,
            _ => return None,
        })
    }

    /// The name that a trace shows.
    pub(in crate::parse) fn name(self) -> &'static str {
        match self {
            Self::Headline => "headline",
            Self::Name => "name",
            Self::Author => "author",
            Self::Published => "datePublished",
            Self::Created => "dateCreated",
            Self::Modified => "dateModified",
            Self::Image => "image",
            Self::Body => "articleBody",
            Self::Keywords => "keywords",
            Self::Section => "articleSection",
            Self::Description => "description",
            Self::Url => "url",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_several_vocabularies_mean_one_property() {
        for (word, want) in [
            ("headline", Some(Prop::Headline)),
            ("schema:headline", Some(Prop::Headline)),
            ("http://schema.org/headline", Some(Prop::Headline)),
            ("dc:title", Some(Prop::Headline)),
            ("dcterms:created", Some(Prop::Created)),
            ("dc:date", Some(Prop::Published)),
            ("content:encoded", Some(Prop::Body)),
            ("foaf:name", Some(Prop::Name)),
            ("og:title", None),
            ("article:author", None),
            ("price", None),
            ("", None),
        ] {
            assert_eq!(Prop::of(word), want, "{word}");
        }
    }
}
