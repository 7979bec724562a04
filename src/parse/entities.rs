//! Character references in text that is not HTML but was made as if it were: `&amp;`, `&#8217;`.

use std::borrow::Cow;

use html5ever::data::NAMED_ENTITIES;

/// The longest name has 31 letters and a semicolon.
const MAX_NAME: usize = 32;

/// `text` with its character references decoded, once; what is none stays as it is.
pub(super) fn decoded(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find('&') else {
        return Cow::Borrowed(text);
    };
    let (head, mut rest) = text.split_at_checked(first).unwrap_or(("", text));
    let mut out = String::with_capacity(text.len());
    out.push_str(head);
    while let Some(after) = rest.strip_prefix('&') {
        let decoded = reference(after);
        rest = match decoded {
            Some((_, rest)) => rest,
            None => after,
        };
        match decoded {
            Some((chars, _)) => out.extend(chars),
            None => out.push('&'),
        }
        let next = rest.find('&').unwrap_or(rest.len());
        let (plain, further) = rest.split_at_checked(next).unwrap_or((rest, ""));
        out.push_str(plain);
        rest = further;
    }
    Cow::Owned(out)
}

/// The characters that a reference means, which begins after its `&`, and what follows it.
fn reference(text: &str) -> Option<(impl Iterator<Item = char>, &str)> {
    let end = text.bytes().take(MAX_NAME).position(|b| b == b';')?;
    let (name, rest) = text.split_at_checked(end.saturating_add(1))?;
    let (first, second) = match name.strip_prefix('#') {
        Some(number) => {
            let number = number.trim_end_matches(';');
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            (code, 0)
        }
        None => *NAMED_ENTITIES.get(name)?,
    };
    let is_char = |code: &u32| *code != 0;
    let first = Some(first).filter(is_char).and_then(char::from_u32)?;
    let second = Some(second).filter(is_char).and_then(char::from_u32);
    Some((std::iter::once(first).chain(second), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_decoded_once() {
        for (text, want) in [
            ("a &amp; b", "a & b"),
            ("&amp;amp;", "&amp;"),
            ("it&#8217;s &#x2019; &hellip;", "it’s ’ …"),
            ("&lt;b&gt;", "<b>"),
            ("AT&T & co; R&D;", "AT&T & co; R&D;"),
            ("&", "&"),
            (
                "&;&#;&#x;&#0;&#xd800;&#99999999999;",
                "&;&#;&#x;&#0;&#xd800;&#99999999999;",
            ),
            ("ü&amp;", "ü&"),
            ("none", "none"),
        ] {
            assert_eq!(decoded(text), want, "{text}");
        }
    }
}
