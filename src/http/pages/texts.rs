//! What the mentions say in each language: the same files that the widget reads, so that both say the
//! same. Numbers and dates are written as the browser's `Intl` does.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// A language that the mentions can be shown in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Ar,
    De,
    En,
    Es,
    Fr,
    Ja,
}

/// The texts of a language, by name.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
struct Texts(BTreeMap<String, Text>);

/// A text, or one for each form of number.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Text {
    One(String),
    Forms(BTreeMap<String, String>),
}

static TEXTS: LazyLock<[Texts; 6]> = LazyLock::new(|| {
    // A test reads all of them, so that none is ever empty.
    Language::ALL.map(|language| serde_json::from_str(language.source()).unwrap_or_default())
});

/// A sentence about somebody, before and after their name.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sentence {
    pub(super) before: String,
    pub(super) after: String,
}

impl Language {
    /// Every language.
    pub(crate) const ALL: [Self; 6] = [Self::Ar, Self::De, Self::En, Self::Es, Self::Fr, Self::Ja];

    /// Its language tag.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::Ar => "ar",
            Self::De => "de",
            Self::En => "en",
            Self::Es => "es",
            Self::Fr => "fr",
            Self::Ja => "ja",
        }
    }

    /// The language of a tag such as `de-AT`; English for any that there are no texts in.
    pub(crate) fn of(tag: &str) -> Self {
        let first = tag.split(['-', '_']).next().unwrap_or_default();
        let is_it = |language: &Self| language.tag().eq_ignore_ascii_case(first);
        Self::ALL.into_iter().find(is_it).unwrap_or(Self::En)
    }

    /// The file of its texts.
    pub(crate) const fn source(self) -> &'static str {
        match self {
            Self::Ar => include_str!("../assets/widget/texts/ar.json"),
            Self::De => include_str!("../assets/widget/texts/de.json"),
            Self::En => include_str!("../assets/widget/texts/en.json"),
            Self::Es => include_str!("../assets/widget/texts/es.json"),
            Self::Fr => include_str!("../assets/widget/texts/fr.json"),
            Self::Ja => include_str!("../assets/widget/texts/ja.json"),
        }
    }

    fn text(self, name: &str, form: &str) -> &'static str {
        let index = Self::ALL.iter().position(|language| *language == self);
        let texts = index.and_then(|index| TEXTS.get(index));
        match texts.and_then(|texts| texts.0.get(name)) {
            Some(Text::One(text)) => text,
            Some(Text::Forms(forms)) => forms
                .get(form)
                .or_else(|| forms.get("other"))
                .map_or("", String::as_str),
            None => "",
        }
    }

    /// The text of that name.
    pub(super) fn say(self, name: &str) -> &'static str {
        self.text(name, "other")
    }

    /// The text of that name for `n`.
    pub(super) fn count(self, name: &str, n: u64) -> String {
        self.text(name, self.plural(n))
            .replace("{n}", &self.number(n))
    }

    /// The sentence of that name, which has `{name}` or `{date}` in it; `emoji` is what somebody reacts with.
    pub(super) fn sentence(self, name: &str, emoji: &str) -> Sentence {
        let text = self.say(name);
        let (before, after) = text
            .split_once("{name}")
            .or_else(|| text.split_once("{date}"))
            .unwrap_or((text, ""));
        Sentence {
            before: before.replace("{emoji}", emoji),
            after: after.replace("{emoji}", emoji),
        }
    }

    /// The form of number that `n` takes, by the names of CLDR.
    fn plural(self, n: u64) -> &'static str {
        let hundredth = n % 100;
        match self {
            Self::Ar => match n {
                0 => "zero",
                1 => "one",
                2 => "two",
                _ if (3..=10).contains(&hundredth) => "few",
                _ if hundredth >= 11 => "many",
                _ => "other",
            },
            Self::De | Self::En | Self::Es if n == 1 => "one",
            Self::Fr if n <= 1 => "one",
            Self::De | Self::En | Self::Es | Self::Fr | Self::Ja => "other",
        }
    }

    /// A whole number, its thousands set apart.
    fn number(self, n: u64) -> String {
        let digits = n.to_string();
        let separator = match self {
            Self::Ar | Self::En | Self::Ja => ",",
            Self::Es if n < 10_000 => "",
            Self::De | Self::Es => ".",
            Self::Fr => "\u{202f}",
        };
        let mut out = String::new();
        for (index, digit) in digits.chars().enumerate() {
            let left = digits.len().saturating_sub(index);
            if index > 0 && left.is_multiple_of(3) {
                out.push_str(separator);
            }
            out.push(digit);
        }
        out
    }

    /// A day, as `Intl` writes one with `dateStyle: "long"`.
    pub(super) fn day(self, date: jiff::civil::Date) -> String {
        let (year, day) = (date.year(), date.day());
        let index = usize::try_from(date.month().saturating_sub(1)).unwrap_or_default();
        let month = self.months().get(index).copied().unwrap_or_default();
        match self {
            Self::Ar | Self::En | Self::Fr => format!("{day} {month} {year}"),
            Self::De => format!("{day}. {month} {year}"),
            Self::Es => format!("{day} de {month} de {year}"),
            Self::Ja => format!("{year}年{month}月{day}日"),
        }
    }

    const fn months(self) -> [&'static str; 12] {
        match self {
            Self::Ar => [
                "يناير",
                "فبراير",
                "مارس",
                "أبريل",
                "مايو",
                "يونيو",
                "يوليو",
                "أغسطس",
                "سبتمبر",
                "أكتوبر",
                "نوفمبر",
                "ديسمبر",
            ],
            Self::De => [
                "Januar",
                "Februar",
                "März",
                "April",
                "Mai",
                "Juni",
                "Juli",
                "August",
                "September",
                "Oktober",
                "November",
                "Dezember",
            ],
            Self::En => [
                "January",
                "February",
                "March",
                "April",
                "May",
                "June",
                "July",
                "August",
                "September",
                "October",
                "November",
                "December",
            ],
            Self::Es => [
                "enero",
                "febrero",
                "marzo",
                "abril",
                "mayo",
                "junio",
                "julio",
                "agosto",
                "septiembre",
                "octubre",
                "noviembre",
                "diciembre",
            ],
            Self::Fr => [
                "janvier",
                "février",
                "mars",
                "avril",
                "mai",
                "juin",
                "juillet",
                "août",
                "septembre",
                "octobre",
                "novembre",
                "décembre",
            ],
            Self::Ja => [
                "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12",
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_says_all_that_english_says() {
        let names = |texts: &Texts| texts.0.keys().cloned().collect::<Vec<_>>();
        let [.., english, _, _, _] = &*TEXTS;
        assert!(names(english).len() > 40);
        for (language, texts) in Language::ALL.iter().zip(&*TEXTS) {
            assert_eq!(names(texts), names(english), "{language:?}");
            for (name, text) in &texts.0 {
                let Text::Forms(forms) = text else { continue };
                assert!(
                    name == "form" || forms.contains_key("other"),
                    "{language:?} {name}"
                );
            }
        }
    }

    #[test]
    fn a_language_is_found_by_its_tag_and_unknown_ones_are_english() {
        for (tag, want) in [
            ("de", Language::De),
            ("DE-at", Language::De),
            ("pt-BR", Language::En),
            ("", Language::En),
            ("fra", Language::En),
        ] {
            assert_eq!(Language::of(tag), want, "{tag}");
        }
    }

    #[test]
    fn a_sentence_stands_round_its_name() {
        let sentence = Language::En.sentence("does-reaction", "🎉");
        assert_eq!(sentence.before, "");
        assert_eq!(sentence.after, " reacted with 🎉");
        assert_eq!(Language::Ar.sentence("does-reply", "").before, "ردّ ");
    }
}
