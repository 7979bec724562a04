//! An [`Entry`] as JSON, the form in which stores keep it: all of it but its kind and its address,
//! which have columns of their own.
//!
//! Reading is tolerant: what is missing is empty, what is unknown is passed over, so that rows of
//! another release stay readable. What a store holds was checked before it came there.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::model::{
    Author, AuthoredTime, CleanHtml, Comment, Content, Entry, Excerpt, Location, MentionKind,
    Photo, Rsvp,
};

/// Text that is borrowed on its way in and owned on its way out.
type Text<'a> = Cow<'a, str>;

/// The entry without its kind and address.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct EntryForm<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    also: Vec<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rsvp: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<ContentForm<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    excerpt: Option<ExcerptForm<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<AuthorForm<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    photos: Vec<PhotoForm<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    videos: Vec<Text<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    audio: Vec<Text<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    categories: Vec<Text<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    syndication: Vec<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<LocationForm<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    comments: Vec<CommentForm<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    site_name: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    site_icon: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<Text<'a>>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct ContentForm<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    html: Option<Text<'a>>,
    text: Text<'a>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct ExcerptForm<'a> {
    before: Text<'a>,
    linked: Text<'a>,
    after: Text<'a>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct AuthorForm<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    photo: Option<Text<'a>>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct PhotoForm<'a> {
    url: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alt: Option<Text<'a>>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct LocationForm<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latitude: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    longitude: Option<f64>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct CommentForm<'a> {
    kind: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<AuthorForm<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<Text<'a>>,
}

/// The JSON of `entry`.
///
/// # Errors
/// None that is known of: the form holds nothing that JSON cannot.
pub(super) fn write(entry: &Entry) -> Result<String, serde_json::Error> {
    serde_json::to_string(&EntryForm {
        also: entry.also.iter().map(|kind| kind.as_str().into()).collect(),
        rsvp: entry.rsvp.map(|answer| answer.as_str().into()),
        title: borrowed(entry.title.as_ref()),
        summary: borrowed(entry.summary.as_ref()),
        content: entry.content.as_ref().map(|content| ContentForm {
            html: content.html.as_ref().map(|html| html.as_str().into()),
            text: content.text.as_str().into(),
        }),
        excerpt: entry.excerpt.as_ref().map(|excerpt| ExcerptForm {
            before: excerpt.before.as_str().into(),
            linked: excerpt.linked.as_str().into(),
            after: excerpt.after.as_str().into(),
        }),
        author: entry.author.as_ref().map(AuthorForm::of),
        published: entry.published.as_ref().map(|at| at.as_str().into()),
        updated: entry.updated.as_ref().map(|at| at.as_str().into()),
        photos: entry.photos.iter().map(PhotoForm::of).collect(),
        videos: all_borrowed(&entry.videos),
        audio: all_borrowed(&entry.audio),
        categories: all_borrowed(&entry.categories),
        syndication: all_borrowed(&entry.syndication),
        location: entry.location.as_ref().map(LocationForm::of),
        comments: entry.comments.iter().map(CommentForm::of).collect(),
        site_name: borrowed(entry.site_name.as_ref()),
        site_icon: borrowed(entry.site_icon.as_ref()),
        language: borrowed(entry.language.as_ref()),
    })
}

/// The entry of this kind and address that [`write()`] made `json` of.
///
/// # Errors
/// `json` is no JSON object, or a field in it has a type that it never had.
pub(super) fn read(kind: MentionKind, url: String, json: &str) -> Result<Entry, serde_json::Error> {
    let form: EntryForm<'_> = serde_json::from_str(json)?;
    Ok(Entry {
        kind,
        also: form
            .also
            .iter()
            .filter_map(|name| MentionKind::from_name(name))
            .collect(),
        rsvp: form.rsvp.and_then(|name| Rsvp::from_name(&name)),
        title: owned(form.title),
        summary: owned(form.summary),
        content: form.content.map(|content| Content {
            html: owned(content.html).map(CleanHtml::from_sanitised),
            text: content.text.into_owned(),
        }),
        excerpt: form.excerpt.map(|excerpt| Excerpt {
            before: excerpt.before.into_owned(),
            linked: excerpt.linked.into_owned(),
            after: excerpt.after.into_owned(),
        }),
        author: form.author.map(AuthorForm::into_author),
        published: owned(form.published).map(AuthoredTime::from_checked),
        updated: owned(form.updated).map(AuthoredTime::from_checked),
        photos: form.photos.into_iter().map(PhotoForm::into_photo).collect(),
        videos: all_owned(form.videos),
        audio: all_owned(form.audio),
        categories: all_owned(form.categories),
        syndication: all_owned(form.syndication),
        location: form.location.map(LocationForm::into_location),
        comments: form
            .comments
            .into_iter()
            .map(CommentForm::into_comment)
            .collect(),
        site_name: owned(form.site_name),
        site_icon: owned(form.site_icon),
        language: owned(form.language),
        url,
    })
}

fn borrowed(text: Option<&String>) -> Option<Text<'_>> {
    text.map(Text::from)
}

fn owned(text: Option<Text<'_>>) -> Option<String> {
    text.map(Cow::into_owned)
}

fn all_borrowed(texts: &[String]) -> Vec<Text<'_>> {
    texts.iter().map(Text::from).collect()
}

fn all_owned(texts: Vec<Text<'_>>) -> Vec<String> {
    texts.into_iter().map(Cow::into_owned).collect()
}

impl<'a> AuthorForm<'a> {
    fn of(author: &'a Author) -> Self {
        Self {
            name: borrowed(author.name.as_ref()),
            url: borrowed(author.url.as_ref()),
            photo: borrowed(author.photo.as_ref()),
        }
    }

    fn into_author(self) -> Author {
        Author {
            name: owned(self.name),
            url: owned(self.url),
            photo: owned(self.photo),
        }
    }
}

impl<'a> PhotoForm<'a> {
    fn of(photo: &'a Photo) -> Self {
        Self {
            url: Text::from(&photo.url),
            alt: borrowed(photo.alt.as_ref()),
        }
    }

    fn into_photo(self) -> Photo {
        Photo {
            url: self.url.into_owned(),
            alt: owned(self.alt),
        }
    }
}

impl<'a> LocationForm<'a> {
    fn of(location: &'a Location) -> Self {
        let coordinates = location.coordinates;
        Self {
            name: borrowed(location.name.as_ref()),
            url: borrowed(location.url.as_ref()),
            latitude: coordinates.map(|(latitude, _)| latitude),
            longitude: coordinates.map(|(_, longitude)| longitude),
        }
    }

    fn into_location(self) -> Location {
        Location {
            name: owned(self.name),
            url: owned(self.url),
            coordinates: self.latitude.zip(self.longitude),
        }
    }
}

impl<'a> CommentForm<'a> {
    fn of(comment: &'a Comment) -> Self {
        Self {
            kind: comment.kind.as_str().into(),
            author: comment.author.as_ref().map(AuthorForm::of),
            published: comment.published.as_ref().map(|at| at.as_str().into()),
            text: borrowed(comment.text.as_ref()),
            url: borrowed(comment.url.as_ref()),
        }
    }

    fn into_comment(self) -> Comment {
        Comment {
            kind: MentionKind::from_name(&self.kind).unwrap_or(MentionKind::Mention),
            author: self.author.map(AuthorForm::into_author),
            published: owned(self.published).map(AuthoredTime::from_checked),
            text: owned(self.text),
            url: owned(self.url),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://ann.example/post";

    fn read_as_reply(json: &str) -> Result<Entry, serde_json::Error> {
        read(MentionKind::Reply, URL.to_owned(), json)
    }

    #[test]
    fn what_an_entry_does_not_say_takes_no_room() {
        let bare = Entry::bare(MentionKind::Reply, URL.to_owned());
        assert_eq!(write(&bare).unwrap(), "{}");
        assert_eq!(read_as_reply("{}").unwrap(), bare);
    }

    #[test]
    fn what_another_release_wrote_stays_readable() {
        let entry = read_as_reply(
            r#"{"mood": ["glad"], "title": null, "also": ["like", "applause"], "rsvp": "perhaps",
                "content": {"html": null}, "location": {"latitude": 1.5, "altitude": 8},
                "comments": [{"kind": "applause", "text": "Hear, hear"}]}"#,
        )
        .unwrap();
        let comment = Comment {
            kind: MentionKind::Mention,
            author: None,
            published: None,
            text: Some("Hear, hear".to_owned()),
            url: None,
        };
        let want = Entry {
            also: vec![MentionKind::Like],
            content: Some(Content {
                html: None,
                text: String::new(),
            }),
            location: Some(Location::default()),
            comments: vec![comment],
            ..Entry::bare(MentionKind::Reply, URL.to_owned())
        };
        assert_eq!(entry, want);
    }

    #[test]
    fn what_nobody_writes_is_an_error() {
        for json in ["", "[1]", "7", r#"{"title": 7}"#, r#"{"photos": "a.jpg"}"#] {
            assert!(read_as_reply(json).is_err(), "{json}");
        }
    }

    #[test]
    fn a_number_that_json_has_not_is_left_out() {
        let mut entry = Entry::bare(MentionKind::Reply, URL.to_owned());
        entry.location = Some(Location {
            coordinates: Some((f64::NAN, f64::INFINITY)),
            ..Location::default()
        });
        let back = read_as_reply(&write(&entry).unwrap()).unwrap();
        assert_eq!(back.location, Some(Location::default()));
    }
}
