//! Pictures that mentions name, and the small copies of them that we serve.

use std::fmt;

use super::{Author, Entry};

/// So many of an entry's own pictures are copied; the others are in its JSON by their address only.
pub const MAX_PHOTOS: usize = 4;

/// So many authors of an entry's comments have their faces copied, besides the entry's own author.
pub const MAX_COMMENTERS: usize = 16;

/// What a picture is shown as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PictureRole {
    /// The face of an author: small and square.
    Avatar,
    /// A picture that belongs to an entry.
    Photo,
}

impl PictureRole {
    /// Every role.
    pub const ALL: [Self; 2] = [Self::Avatar, Self::Photo];

    /// The name in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Avatar => "avatar",
            Self::Photo => "photo",
        }
    }

    /// The role of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

/// The forms in which copies are kept; every browser in use reads both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MediaType {
    /// Lossless: drawings, and what is transparent.
    WebP,
    /// Photographs.
    Jpeg,
}

impl MediaType {
    /// Every form.
    pub const ALL: [Self; 2] = [Self::WebP, Self::Jpeg];

    /// The end of a file name, and the name in the store.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::WebP => "webp",
            Self::Jpeg => "jpg",
        }
    }

    /// The value of `Content-Type`.
    pub const fn essence(self) -> &'static str {
        match self {
            Self::WebP => "image/webp",
            Self::Jpeg => "image/jpeg",
        }
    }

    /// The form with that end of a file name.
    pub fn from_extension(extension: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|form| form.extension() == extension)
    }
}

/// The name of a copy: what it holds, hashed, and its form. What has the same name is the same for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MediaName {
    /// The first 16 bytes of the copy's SHA-256.
    pub hash: [u8; 16],
    /// Its form.
    pub form: MediaType,
}

impl MediaName {
    /// Reads what [`fmt::Display`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        let (hash, extension) = text.split_once('.')?;
        let is_hash =
            hash.len() == 32 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let number = u128::from_str_radix(hash, 16).ok().filter(|_| is_hash)?;
        Some(Self {
            hash: number.to_be_bytes(),
            form: MediaType::from_extension(extension)?,
        })
    }
}

impl fmt::Display for MediaName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hash = u128::from_be_bytes(self.hash);
        write!(f, "{hash:032x}.{}", self.form.extension())
    }
}

/// A small copy of a picture, made by us: nothing of the original's bytes is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendition {
    /// Its name.
    pub name: MediaName,
    /// The file.
    pub bytes: Vec<u8>,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
}

/// A copy that is in the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cached {
    /// What it is shown as.
    pub role: PictureRole,
    /// Where the original is.
    pub url: String,
    /// Its name.
    pub name: MediaName,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
}

/// The copies of a mention's pictures that are in the cache.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pictures(pub Vec<Cached>);

impl Pictures {
    /// The copy of the author's face.
    pub fn avatar(&self, author: &Author) -> Option<&Cached> {
        self.find(PictureRole::Avatar, author.photo.as_deref()?)
    }

    /// The copy of the entry's picture at `url`.
    pub fn photo(&self, url: &str) -> Option<&Cached> {
        self.find(PictureRole::Photo, url)
    }

    fn find(&self, role: PictureRole, url: &str) -> Option<&Cached> {
        let mut all = self.0.iter();
        all.find(|one| one.role == role && one.url == url)
    }
}

/// The pictures of an entry that are worth a copy, each once.
pub fn pictures_of(entry: &Entry) -> Vec<(PictureRole, &str)> {
    let commenters = entry.comments.iter().filter_map(|one| one.author.as_ref());
    let commenters = commenters
        .filter_map(|author| author.photo.as_deref())
        .take(MAX_COMMENTERS);
    let author = entry.author.as_ref().and_then(|one| one.photo.as_deref());
    let avatars = author.into_iter().chain(commenters);
    let photos = entry.photos.iter().take(MAX_PHOTOS);
    let mut all: Vec<_> = avatars
        .map(|url| (PictureRole::Avatar, url))
        .chain(photos.map(|photo| (PictureRole::Photo, photo.url.as_str())))
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::super::{Comment, MentionKind, Photo};
    use super::*;

    #[test]
    fn a_name_is_read_as_it_is_written_and_nothing_else_is_one() {
        let text = "00112233445566778899aabbccddeeff.webp";
        assert_eq!(MediaName::parse(text).unwrap().to_string(), text);
        for text in [
            "",
            "00112233445566778899aabbccddeeff",
            "00112233445566778899aabbccddeeff.svg",
            "00112233445566778899AABBCCDDEEFF.webp",
            "+0112233445566778899aabbccddeeff.webp",
            "0112233445566778899aabbccddeeff.jpg",
            "../112233445566778899aabbccddeeff.jpg",
        ] {
            assert_eq!(MediaName::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_entry_has_so_many_pictures_copied_and_each_once() {
        let mut entry = Entry::bare(MentionKind::Reply, "https://a.example/".to_owned());
        assert_eq!(pictures_of(&entry), []);
        let face = |url: String| Author {
            photo: Some(url),
            ..Author::default()
        };
        entry.author = Some(face("https://a.example/me".to_owned()));
        entry.comments = (0..100_u32)
            .map(|n| Comment {
                kind: MentionKind::Like,
                // Every other one is the entry's author.
                author: Some(face(match n % 2 {
                    0 => "https://a.example/me".to_owned(),
                    _ => format!("https://a.example/{n}"),
                })),
                published: None,
                text: None,
                url: None,
            })
            .collect();
        entry.photos = (0..16)
            .map(|n| Photo {
                url: format!("https://a.example/{n}.jpg"),
                alt: None,
            })
            .collect();
        entry.photos[1].url = "https://a.example/me".to_owned();
        let all = pictures_of(&entry);
        let of = |role| all.iter().filter(|one| one.0 == role).count();
        assert_eq!(of(PictureRole::Avatar), 1 + MAX_COMMENTERS / 2);
        assert_eq!(of(PictureRole::Photo), MAX_PHOTOS);
    }
}
