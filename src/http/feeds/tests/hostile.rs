//! Whatever strangers write, in whatever field, a feed is well formed and what they wrote is text.

use super::xml_rules::{atom_problems, rss_problems};
use super::*;
use crate::model::{Comment, Location, Photo};

/// Pieces that each format has a meaning for, and characters that some cannot hold.
const PIECES: [&str; 30] = [
    "<script>alert(1)</script>",
    "]]>",
    "<![CDATA[",
    "<!--",
    "-->",
    "<!DOCTYPE x [<!ENTITY y \"z\">]>",
    "<?xml version=\"1.0\"?>",
    "&amp;",
    "&lt;script&gt;",
    "&#0;",
    "&y;",
    "&",
    "\"",
    "'",
    ">",
    "</title></entry></feed>",
    "</item></channel></rss>",
    "\" onload=\"alert(1)",
    "\u{0}",
    "\u{1}\u{8}\u{b}\u{c}\u{1f}",
    "\u{7f}\u{85}\u{2028}\u{2029}",
    "\u{fffe}\u{ffff}\u{fdd0}",
    "\u{202e}\u{2066}",
    "\r\n\r\t",
    "{{ 7 * 7 }}{% raw %}",
    "\\u0000\\\"",
    "日本語 e\u{301} 🏳\u{200d}🌈",
    "javascript:alert(1)",
    " ",
    "x",
];

const URLS: [&str; 8] = [
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "https://a.example/\"><script>alert(1)</script>",
    "https://a.example/?a=1&b=<2>#'\"",
    "//a.example/",
    "not a url \u{1}",
    "",
    "https://a.example/ok",
];

const TIMES: [&str; 6] = [
    "2011-05-15",
    "2011-05-15T09:30:00",
    "2011-05-15T09:30:00+02:00",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59-12:00",
    "never & <ever>",
];

const LANGUAGES: [&str; 6] = ["de", "zh-Hant-TW", "\"><x", "e n", "-", "123456789"];

/// A generator of numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(self.0 >> 33)
            .unwrap()
            .checked_rem(n)
            .unwrap()
    }

    fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    fn text(&mut self) -> String {
        (0..self.below(6)).map(|_| self.of(&PIECES)).collect()
    }

    fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.below(3) > 0).then(|| make(self))
    }

    fn url(&mut self) -> String {
        self.of(&URLS).to_owned()
    }

    fn author(&mut self) -> Author {
        Author {
            name: self.maybe(Self::text),
            url: self.maybe(Self::url),
            photo: self.maybe(Self::url),
        }
    }

    fn entry(&mut self) -> Entry {
        Entry {
            also: vec![self.of(&MentionKind::ALL), self.of(&MentionKind::ALL)],
            rsvp: self.maybe(|dice| dice.of(&Rsvp::ALL)),
            title: self.maybe(Self::text),
            summary: self.maybe(Self::text),
            content: self.maybe(|dice| Content {
                html: None,
                text: dice.text(),
            }),
            excerpt: self.maybe(|dice| Excerpt {
                before: dice.text(),
                linked: dice.text(),
                after: dice.text(),
            }),
            author: self.maybe(Self::author),
            published: self.maybe(|dice| time(dice.of(&TIMES))),
            updated: self.maybe(|dice| time(dice.of(&TIMES))),
            photos: vec![Photo {
                url: self.url(),
                alt: Some(self.text()),
            }],
            videos: vec![self.url()],
            audio: vec![self.url()],
            categories: vec![self.text(), self.text()],
            syndication: vec![self.url()],
            location: self.maybe(|dice| Location {
                name: Some(dice.text()),
                url: Some(dice.url()),
                coordinates: None,
            }),
            comments: vec![Comment {
                kind: MentionKind::Reply,
                author: Some(self.author()),
                published: self.maybe(|dice| time(dice.of(&TIMES))),
                text: Some(self.text()),
                url: Some(self.url()),
            }],
            site_name: self.maybe(Self::text),
            site_icon: self.maybe(Self::url),
            language: self.maybe(|dice| dice.of(&LANGUAGES).to_owned()),
            ..Entry::bare(self.of(&MentionKind::ALL), self.url())
        }
    }
}

#[test]
fn hostile_words_in_every_field_stay_words_in_every_format() {
    let mut dice = Dice(42);
    for round in 0..400 {
        let mentions: Vec<_> = (0..3).map(|n| mention(n + 1, dice.entry())).collect();
        let atom = written(FeedFormat::Atom, &mentions);
        assert_eq!(
            atom_problems(&atom),
            Vec::<String>::new(),
            "{round}: {atom}"
        );
        let rss = written(FeedFormat::Rss, &mentions);
        assert_eq!(rss_problems(&rss), Vec::<String>::new(), "{round}: {rss}");
        let json = written(FeedFormat::Json, &mentions);
        assert_eq!(
            super::json_rules::problems(&json),
            Vec::<String>::new(),
            "{round}: {json}"
        );
        for text in [&atom, &rss, &json] {
            let feed = feed_rs::parser::parse(text.as_bytes());
            let feed = feed.unwrap_or_else(|error| panic!("{round}: {error}: {text}"));
            assert_eq!(feed.entries.len(), 3, "{round}: {text}");
        }
        for text in [&atom, &rss, &written(FeedFormat::Html, &mentions)] {
            for live in [
                "<script",
                "href=\"javascript:",
                "href=\"data:",
                "<x",
                "<uri>javascript",
                "<!E",
            ] {
                assert!(!text.contains(live), "{round}: {live} in {text}");
            }
        }
        let jf2: serde_json::Value =
            serde_json::from_str(&written(FeedFormat::Jf2, &mentions)).unwrap();
        assert_eq!(jf2["children"].as_array().unwrap().len(), 3);
    }
}
