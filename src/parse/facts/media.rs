//! Pictures, films and sounds that stand for the article, and the icon of its site.

use url::Url;

use crate::model::Photo;
use crate::parse::document::{attribute, element, has_word, selector};
use crate::parse::json_ld::Of;
use crate::parse::survey::Prop;
use crate::parse::words::clean;

use super::sources::{Source, Sources};
use super::spot::Spot;
use super::{Facts, MAX_TITLE, web_address};

/// Pictures that are kept of one page: those of OpenGraph are for readers to choose from.
const MAX_PICTURES: usize = 4;
/// Films and sounds that are kept.
const MAX_FILMS: usize = 4;
/// An icon of more pixels to a side is no better.
const MAX_ICON: u32 = 192;
/// How large a touch icon is that does not say so.
const TOUCH_ICON: u32 = 180;

/// The picture that stands for the page, where OpenGraph names none.
const PICTURES: [Source; 9] = [
    Source::Meta("twitter:image"),
    Source::Meta("twitter:image:src"),
    Source::LdLink(Of::Article, "image"),
    Source::LdLink(Of::Article, "thumbnailUrl"),
    Source::Item(Prop::Image),
    Source::Meta("parsely-image-url"),
    Source::Meta("sailthru.image.full"),
    Source::RelImage,
    Source::Meta("thumbnail"),
];

/// The icon of the site, where no link has one.
const LOGOS: [Source; 2] = [
    Source::LdLink(Of::Publisher, "logo"),
    Source::LdLink(Of::Site, "logo"),
];

/// Films, and the ends of their files' names.
const VIDEOS: [Source; 4] = [
    Source::Meta("og:video:secure_url"),
    Source::Meta("og:video:url"),
    Source::Meta("og:video"),
    Source::LdLink(Of::Article, "contentUrl"),
];
const VIDEO_FILES: [&str; 5] = [".mp4", ".webm", ".ogv", ".m4v", ".mov"];
/// Sounds, and the ends of their files' names.
const AUDIO: [Source; 4] = [
    Source::Meta("og:audio:secure_url"),
    Source::Meta("og:audio"),
    Source::LdLink(Of::Article, "associatedMedia"),
    Source::LdLink(Of::Article, "contentUrl"),
];
const AUDIO_FILES: [&str; 6] = [".mp3", ".ogg", ".oga", ".m4a", ".opus", ".wav"];

impl Facts {
    pub(super) fn find_media(&mut self, sources: &Sources<'_, '_>) {
        self.find_pictures(sources);
        self.videos = self.files(sources, "video", &VIDEOS, &VIDEO_FILES);
        self.audio = self.files(sources, "audio", &AUDIO, &AUDIO_FILES);
    }

    fn find_pictures(&mut self, sources: &Sources<'_, '_>) {
        if sources.is_page() {
            self.find_open_graph_pictures(sources);
        }
        if !self.photos.is_empty() {
            return;
        }
        let table = sources.allowed(&PICTURES);
        let found = sources.first(&table, |text| picture(sources.base, text));
        if let Some((url, step)) = found {
            let mut alts = sources.survey.meta("twitter:image:alt");
            let is_twitter = step.rule.starts_with("twitter:");
            let alt = alts.find_map(|alt| clean(alt, MAX_TITLE));
            self.note("photo", step.rule, &step.element, url.as_str());
            self.photos.push(Photo {
                url: url.into(),
                alt: alt.filter(|_| is_twitter),
            });
        }
    }

    /// `og:image` begins a picture; what follows under a longer name is said of that one.
    fn find_open_graph_pictures(&mut self, sources: &Sources<'_, '_>) {
        for meta in &sources.survey.metas {
            let is = |name: &str| meta.name.eq_ignore_ascii_case(name);
            let is_secure = is("og:image:secure_url");
            if is("og:image") || is("og:image:url") || is_secure {
                let Some(url) = picture(sources.base, meta.content).map(String::from) else {
                    continue;
                };
                if self.photos.iter().any(|photo| photo.url == url) {
                    continue;
                }
                if let Some(last) = self.photos.last_mut().filter(|_| is_secure) {
                    last.url = url;
                } else if self.photos.len() < MAX_PICTURES {
                    self.photos.push(Photo { url, alt: None });
                    let step = Source::Meta("og:image").rule();
                    self.note("photo", step, &Spot::Meta(*meta).shown(), meta.content);
                }
            } else if is("og:image:alt")
                && let Some(last) = self.photos.last_mut()
                && last.alt.is_none()
            {
                last.alt = clean(meta.content, MAX_TITLE);
            }
        }
    }

    /// The addresses of files of a kind: of players and pages that show one there is no file.
    fn files(
        &mut self,
        sources: &Sources<'_, '_>,
        field: &'static str,
        table: &[Source],
        endings: &[&str],
    ) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for source in sources.allowed(table) {
            for said in sources.said(source) {
                let Some(url) = picture(sources.base, &said.text) else {
                    continue;
                };
                let path = url.path().to_ascii_lowercase();
                let is_file = endings.iter().any(|ending| path.ends_with(ending));
                let url = String::from(url);
                if is_file && found.len() < MAX_FILMS && !found.contains(&url) {
                    self.note(field, source.rule(), &said.spot.shown(), &url);
                    found.push(url);
                }
            }
            if !found.is_empty() {
                break;
            }
        }
        found
    }

    /// The largest icon that is no larger than it needs to be, or else the publisher's logo.
    pub(super) fn find_icon(&mut self, sources: &Sources<'_, '_>) {
        let icons = sources.survey.icons.iter().filter_map(|&node| {
            let icon = element(node)?;
            let url = web_address(sources.base, attribute(icon, "href")?)?;
            let sizes = attribute(icon, "sizes").unwrap_or_default();
            let width: u32 = match sizes.split(['x', 'X', ' ']).next()? {
                // Drawn, not painted.
                "any" => MAX_ICON,
                "" if has_word(icon, "rel", "apple-touch-icon") => TOUCH_ICON,
                width => width.parse().unwrap_or(0),
            };
            Some((width.min(MAX_ICON), url, node))
        });
        let best = icons.reduce(|best, icon| if icon.0 > best.0 { icon } else { best });
        if let Some((_, url, node)) = best {
            self.note("icon", "link rel=icon", &selector(node), url.as_str());
            self.site_icon = Some(url.into());
            return;
        }
        let logo = sources.first(&LOGOS, |text| picture(sources.base, text));
        if let Some((url, step)) = logo {
            self.note("icon", step.rule, &step.element, url.as_str());
            self.site_icon = Some(url.into());
        }
    }
}

/// An address that is not blank, which would be that of the page itself.
fn picture(base: &Url, text: &str) -> Option<Url> {
    let is_said = !text.trim().is_empty();
    web_address(base, text).filter(|_| is_said)
}
