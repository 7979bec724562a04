//! One mention, or one comment on a mention's page, as it is shown. The widget makes the same elements
//! with the same classes (`assets/widget/entry.js`): change them together.

use url::{Position, Url};

use super::moment::Moment;
use super::texts::{Language, Sentence};
use super::web_href;
use crate::http::media;
use crate::model::{
    Author, AuthoredTime, Cached, Comment, Entry, Excerpt, Mention, MentionKind, Pictures,
};

/// What is longer than this folds: UTF-16 units, as browsers count, and lines.
const LONG: usize = 600;
const TALL: usize = 8;

/// One mention, as it is shown. Nothing in it makes a browser ask anybody but us for anything: of pictures
/// our own copies are shown, and films and icons are in the JSON only.
#[derive(Debug)]
pub(super) struct Item<'a> {
    pub(super) id: Option<i64>,
    pub(super) face: Face,
    /// The path of the copy of their picture, without the slash at its beginning.
    pub(super) avatar: Option<String>,
    /// The author's name; that of the site where there is none.
    pub(super) name: String,
    pub(super) is_person: bool,
    pub(super) author_url: Option<&'a str>,
    pub(super) site: Option<String>,
    /// Where it is.
    pub(super) url: Option<&'a str>,
    /// The title of a page, or else its address.
    pub(super) title: Option<&'a str>,
    /// What somebody does, where that has to be said.
    pub(super) deed: Option<Sentence>,
    /// The answer to an invitation that the deed stands for.
    pub(super) rsvp: Option<&'static str>,
    /// With what they react.
    pub(super) emoji: Option<&'a str>,
    /// Whom they answer.
    pub(super) to: Option<(Sentence, String)>,
    pub(super) published: Option<Moment>,
    /// When it came to our notice, where it does not say when it was published.
    pub(super) noticed: Option<(Sentence, Moment)>,
    pub(super) words: Option<Words<'a>>,
    pub(super) photos: Vec<Picture<'a>>,
    pub(super) language: Option<&'a str>,
    /// The microformats2 properties whose value is the target: what the entry is to it.
    pub(super) relations: Vec<&'static str>,
    pub(super) target: &'a str,
}

/// A picture of somebody: letters on a colour.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Face {
    pub(super) letters: String,
    /// One of eight.
    pub(super) hue: u32,
}

/// A copy of a picture that belongs to a mention.
#[derive(Debug)]
pub(super) struct Picture<'a> {
    /// As [`Item::avatar`].
    pub(super) path: String,
    pub(super) alt: &'a str,
    pub(super) width: u32,
    pub(super) height: u32,
}

/// What is said, as text.
#[derive(Debug)]
pub(super) struct Words<'a> {
    pub(super) says: Says<'a>,
    /// Whether they are folded at first.
    pub(super) is_long: bool,
}

/// What is said, by where it is taken from.
#[derive(Debug)]
pub(super) enum Says<'a> {
    Content(&'a str),
    Summary(&'a str),
    Excerpt(&'a Excerpt),
}

impl<'a> Item<'a> {
    /// A mention that stands in a list of pages.
    pub(super) fn page(mention: &'a Mention, language: Language) -> Self {
        let entry = &mention.entry;
        let mut item = Self::of(mention, language);
        let title = said(entry.title.as_deref());
        let is_plain = entry.kind == MentionKind::Mention;
        let address = || item.url.map(without_scheme).filter(|_| !item.is_person);
        item.title = title.or_else(|| address().filter(|_| is_plain));
        if is_plain && item.title.is_some() {
            item.deed = None;
        }
        item
    }

    /// A mention that stands in the conversation, in answer to `to`.
    pub(super) fn turn(mention: &'a Mention, to: Option<&str>, language: Language) -> Self {
        let mut item = Self::of(mention, language);
        if mention.entry.kind == MentionKind::Reply {
            item.deed = None;
        }
        item.answers(to, language);
        item
    }

    /// A mention as a face in a pile.
    pub(super) fn of(mention: &'a Mention, language: Language) -> Self {
        let entry = &mention.entry;
        let url = web_href(&entry.url).unwrap_or(mention.source.as_str());
        let published = moment(entry.published.as_ref(), language);
        let content = entry.content.as_ref().map(|content| content.text.as_str());
        let emoji = said(content).filter(|_| entry.kind == MentionKind::Reaction);
        let rsvp = entry.rsvp.filter(|_| entry.kind == MentionKind::Rsvp);
        let deed = rsvp.map_or(entry.kind.as_str(), |rsvp| rsvp.as_str());
        let noticed = || Moment::of_day(mention.received_at, language);
        Self {
            id: Some(mention.id.0),
            deed: Some(language.sentence(&format!("does-{deed}"), emoji.unwrap_or_default())),
            rsvp: rsvp.map(crate::model::Rsvp::as_str),
            emoji,
            noticed: published
                .is_none()
                .then(|| (language.sentence("noticed", ""), noticed())),
            published,
            words: Words::of(entry),
            photos: Picture::of(mention),
            language: said(entry.language.as_deref()),
            relations: entry.relations(),
            target: mention.target.as_str(),
            ..Self::by(
                entry.author.as_ref(),
                &mention.pictures,
                entry.site_name.as_deref(),
                Some(url),
                language,
            )
        }
    }

    /// A comment that a mention's page shows, in answer to `to`.
    /// `pictures` are those of the mention that shows it.
    pub(super) fn comment(
        comment: &'a Comment,
        pictures: &Pictures,
        to: Option<&str>,
        language: Language,
    ) -> Self {
        let url = comment.url.as_deref().and_then(web_href);
        let mut item = Self {
            published: moment(comment.published.as_ref(), language),
            words: Words::new(said(comment.text.as_deref()).map(Says::Content)),
            ..Self::by(comment.author.as_ref(), pictures, None, url, language)
        };
        item.answers(to, language);
        item
    }

    fn answers(&mut self, to: Option<&str>, language: Language) {
        self.to = to.map(|to| (language.sentence("answers", ""), to.to_owned()));
    }

    fn by(
        author: Option<&'a Author>,
        pictures: &Pictures,
        site: Option<&str>,
        url: Option<&'a str>,
        language: Language,
    ) -> Self {
        let person = author.and_then(|author| said(author.name.as_deref()));
        let site = said(site)
            .map(|site| site.trim().to_owned())
            .or_else(|| url.and_then(host));
        let name = person
            .map(|name| name.trim().to_owned())
            .or_else(|| site.clone())
            .unwrap_or_else(|| language.say("somebody").to_owned());
        Self {
            id: None,
            face: Face::of(&name),
            avatar: author.and_then(|author| pictures.avatar(author)).map(path),
            name,
            is_person: person.is_some(),
            author_url: author.and_then(|author| author.url.as_deref().and_then(web_href)),
            site,
            url,
            title: None,
            deed: None,
            rsvp: None,
            emoji: None,
            to: None,
            published: None,
            noticed: None,
            words: None,
            photos: Vec::new(),
            language: None,
            relations: Vec::new(),
            target: "",
        }
    }

    /// The site, where it is named beside the author: instead of one it is named already.
    pub(super) fn byline_site(&self) -> Option<&str> {
        let is_named = self.deed.is_some() && !self.is_person;
        self.site.as_deref().filter(|_| !is_named)
    }

    /// Whether the author is named alone, without a deed.
    pub(super) fn byline_author(&self) -> bool {
        self.deed.is_none() && self.is_person
    }
}

impl<'a> Picture<'a> {
    /// Those of a mention that there are copies of.
    fn of(mention: &'a Mention) -> Vec<Self> {
        let photos = mention.entry.photos.iter();
        let copied = photos.filter_map(|photo| Some((photo, mention.pictures.photo(&photo.url)?)));
        copied
            .map(|(photo, copy)| Self {
                path: path(copy),
                alt: photo.alt.as_deref().unwrap_or_default(),
                width: copy.width,
                height: copy.height,
            })
            .collect()
    }
}

impl Face {
    /// A face for that name: up to two of its letters.
    fn of(name: &str) -> Self {
        let mut first = None;
        let mut last = None;
        let mut is_inside = false;
        for letter in name.chars() {
            if letter.is_alphanumeric() && !is_inside {
                match first {
                    None => first = Some(letter),
                    Some(_) => last = Some(letter),
                }
            }
            // What stands above or below a letter is part of the word.
            is_inside = letter.is_alphanumeric() || (is_inside && is_mark(letter));
        }
        // Scripts without capitals do not shorten names to letters of several words.
        let is_cased = first.is_some_and(|first| first.to_lowercase().ne(first.to_uppercase()));
        let letters = [first.or(Some('•')), last.filter(|_| is_cased)];
        let hue = name.chars().fold(0_u32, |sum, letter| {
            sum.wrapping_mul(31).wrapping_add(u32::from(letter)) % 9973
        });
        Self {
            letters: letters
                .into_iter()
                .flatten()
                .flat_map(char::to_uppercase)
                .collect(),
            hue: hue % 8,
        }
    }
}

/// Whether a character is drawn onto the one before it, in the scripts that names are mostly written in.
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}'
        | '\u{900}'..='\u{903}' | '\u{93a}'..='\u{94f}' | '\u{e31}'..='\u{e4e}')
}

impl<'a> Words<'a> {
    /// What is shown of what is said: of a page the words round the link, of an answer and the like its
    /// own.
    fn of(entry: &'a Entry) -> Option<Self> {
        let excerpt = || entry.excerpt.as_ref().map(Says::Excerpt);
        let own = || {
            let content = entry.content.as_ref().map(|content| content.text.as_str());
            let summary = || said(entry.summary.as_deref()).map(Says::Summary);
            said(content).map(Says::Content).or_else(summary)
        };
        Self::new(match entry.kind {
            MentionKind::Mention | MentionKind::Quotation => excerpt(),
            MentionKind::Like
            | MentionKind::Repost
            | MentionKind::Reaction
            | MentionKind::Rsvp
            | MentionKind::Reply
            | MentionKind::Bookmark
            | MentionKind::Invite
            | MentionKind::PersonTag
            | MentionKind::Listen
            | MentionKind::Read
            | MentionKind::Watch
            | MentionKind::Play => own().or_else(excerpt),
        })
    }

    fn new(says: Option<Says<'a>>) -> Option<Self> {
        let says = says?;
        let pieces = match &says {
            Says::Content(text) | Says::Summary(text) => [text.trim(), "", ""],
            Says::Excerpt(excerpt) => [&*excerpt.before, &excerpt.linked, &excerpt.after],
        };
        let length: usize = pieces.iter().map(|text| text.encode_utf16().count()).sum();
        let breaks: usize = pieces.iter().map(|text| text.matches('\n').count()).sum();
        Some(Self {
            is_long: length > LONG || breaks >= TALL,
            says,
        })
    }
}

/// Where a copy is, below the root of the service.
fn path(copy: &Cached) -> String {
    media::path(copy).trim_start_matches('/').to_owned()
}

fn moment(at: Option<&AuthoredTime>, language: Language) -> Option<Moment> {
    at.map(|at| Moment::authored(at, language))
}

/// The host of a URL, without `www.`.
fn host(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let host = &url[Position::BeforeHost..Position::AfterPort];
    Some(host.strip_prefix("www.").unwrap_or(host).to_owned())
}

/// A text, unless it is blank.
fn said(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.trim().is_empty())
}

fn without_scheme(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_scheme, rest)| rest);
    rest.strip_prefix("www.").unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_face_has_the_letters_of_the_first_name_and_the_last() {
        for (name, want) in [
            ("Helen Marsh", "HM"),
            ("aoife ní bhriain", "AB"),
            ("batttuk", "B"),
            ("Jean-Luc", "JL"),
            ("田中 優子", "田"),
            ("ليلى حداد", "ل"),
            ("…", "•"),
            ("u\u{308}ber e\u{301}t\u{e9}", "UE"),
        ] {
            assert_eq!(Face::of(name).letters, want, "{name}");
        }
    }
}
