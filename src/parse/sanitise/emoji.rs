//! Which characters are emoji: as much of Unicode as is needed to tell a word from a picture.

use unicode_segmentation::UnicodeSegmentation;

/// Whether a character is drawn as a picture, at least where it is asked for as one.
pub(super) fn is_emoji_char(c: char) -> bool {
    matches!(c,
        '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}'
        | '\u{2194}'..='\u{21aa}' | '\u{231a}'..='\u{23ff}' | '\u{24c2}' | '\u{25aa}'..='\u{25fe}'
        | '\u{2600}'..='\u{27bf}' | '\u{2934}' | '\u{2935}' | '\u{2b05}'..='\u{2b55}'
        | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}' | '\u{1f000}'..='\u{1faff}')
}

/// Whether a text is a single emoji.
pub(in crate::parse) fn is_emoji(text: &str) -> bool {
    let text = text.trim();
    let mut graphemes = text.graphemes(true);
    let (Some(only), None) = (graphemes.next(), graphemes.next()) else {
        return false;
    };
    // A digit in a box is one, too.
    only.contains('\u{20e3}') || only.starts_with(is_emoji_char)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emoji_is_one_picture_however_many_characters_it_takes() {
        for (text, want) in [
            ("😀", true),
            (" ❤️ ", true),
            ("👨‍👩‍👧‍👦", true),
            ("👍🏽", true),
            ("🇫🇷", true),
            ("3️⃣", true),
            ("😀😀", false),
            ("3", false),
            ("a", false),
            (":blobcat:", false),
            ("", false),
        ] {
            assert_eq!(is_emoji(text), want, "{text}");
        }
    }
}
