//! [`is_strict`]: whether markup is, letter by letter, of the form that `write` gives it.
//!
//! ```text
//! markup    = *( text / "<" name *( SP attribute ) ">" / "</" name ">" )
//! attribute = name "=" DQUOTE value DQUOTE
//! text      = any character but < > CR NUL NO-BREAK-SPACE and controls; & only in a reference
//! value     = text without DQUOTE
//! reference = "&" ( "amp" / "lt" / "gt" / "quot" ) ";"
//! ```
//!
//! Names, attributes and values are those of `allow`, every link has its `rel`, and every element ends
//! within the one that it began in.
//!
//! SECURITY: of such markup every HTML parser makes the elements and attributes that stand here, whatever
//! it thinks of their nesting. No element on the list changes how the tokenizer goes on (as `script`,
//! `style`, `title`, `textarea` and `plaintext` do), and none leads out of HTML's own elements (as `svg`
//! and `math` do): no tag can turn into text or text into a tag. What is of any other form goes through
//! [`ammonia`].

use super::allow::{Kind, REL, checked, kind_of, may_link};

/// Attributes of one element; ours have fewer.
const MAX_ATTRIBUTES: usize = 6;

/// Whether `html` is of the strict form. Linear in its length.
pub(super) fn is_strict(html: &str) -> bool {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while let Some((text, after)) = rest.split_once('<') {
        let Some((tag, after)) = after.split_once('>') else {
            return false;
        };
        if !is_text(text) {
            return false;
        }
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return false;
            }
        } else {
            let (name, attributes) = match tag.split_once(' ') {
                Some((name, attributes)) => (name, Some(attributes)),
                None => (tag, None),
            };
            let Some(kind) = kind_of(name) else {
                return false;
            };
            if !are_attributes(name, attributes) {
                return false;
            }
            if kind != Kind::Void {
                open.push(name);
            }
        }
        rest = after;
    }
    open.is_empty() && is_text(rest)
}

/// Whether text means itself to every parser.
fn is_text(text: &str) -> bool {
    // Most is, and a fold without branches looks at many bytes at once.
    let is = u8::from;
    let odd = |b: u8| is(b < b' ') | is(b > b'~') | is(b == b'&') | is(b == b'<') | is(b == b'>');
    let is_simple = text.bytes().fold(0, |so_far, b| so_far | odd(b)) == 0;
    if is_simple {
        return true;
    }
    let mut parts = text.split('&');
    let is_plain = |text: &str| {
        text.chars().all(|c| {
            !matches!(c, '<' | '>' | '\u{a0}') && (c == '\n' || c == '\t' || !c.is_control())
        })
    };
    let is_reference = |text: &str| {
        ["amp;", "lt;", "gt;", "quot;"]
            .iter()
            .find_map(|name| text.strip_prefix(name))
            .is_some_and(is_plain)
    };
    parts.next().is_some_and(is_plain) && parts.all(is_reference)
}

fn are_attributes(element: &str, attributes: Option<&str>) -> bool {
    let mut seen: Vec<&str> = Vec::with_capacity(MAX_ATTRIBUTES);
    let mut rest = attributes;
    while let Some(text) = rest {
        let Some((name, quoted)) = text.split_once('"') else {
            return false;
        };
        let (Some(name), Some((value, after))) = (name.strip_suffix('='), quoted.split_once('"'))
        else {
            return false;
        };
        if seen.contains(&name)
            || seen.len() >= MAX_ATTRIBUTES
            || !is_attribute(element, name, value)
        {
            return false;
        }
        seen.push(name);
        rest = match after.strip_prefix(' ') {
            Some(more) => Some(more),
            None if after.is_empty() => None,
            None => return false,
        };
    }
    element != "a" || (seen.contains(&"href") && seen.contains(&"rel"))
}

fn is_attribute(element: &str, name: &str, value: &str) -> bool {
    if !is_text(value) {
        return false;
    }
    match (element, name) {
        ("a", "href") => may_link(value),
        ("a", "rel") => value == REL,
        // What is written with references is left to a parser.
        _ => !value.contains('&') && checked(element, name, value).as_deref() == Some(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = r#"rel="nofollow ugc noopener""#;

    #[test]
    fn what_we_write_is_strict() {
        for html in [
            "",
            "just text, \"quoted\" &amp; more",
            "<p>One <b>two</b><br>three</p><hr><ul><li>漢字 🎉</li></ul>",
            "<p lang=\"ar\" dir=\"rtl\">x</p>",
            "<pre>a\n\tb</pre>",
            "<abbr title=\"Hypertext\">HT</abbr>",
        ] {
            assert!(is_strict(html), "{html}");
        }
        for url in [
            "https://a.example/?a=1&amp;b=2#c",
            "http://a.example:8080/~user/%7Ea",
        ] {
            assert!(
                is_strict(&format!("<a href=\"{url}\" {LINK}>x</a>")),
                "{url}"
            );
        }
    }

    #[test]
    fn whatever_else_there_is_is_not() {
        for html in [
            // Elements and their nesting.
            "<script>x</script>",
            "<SCRIPT>x</SCRIPT>",
            "<P>x</P>",
            "<p>x",
            "x</p>",
            "<b><i>x</b></i>",
            "<p/>",
            "<br/>",
            "<p >x</p >",
            "</br>",
            "<!--x-->",
            "<![CDATA[x]]>",
            "<?x?>",
            "<svg></svg>",
            "<style></style>",
            "<>x",
            "a < b",
            "a > b",
            "<p",
            // Texts.
            "a & b",
            "&nbsp;",
            "&#60;",
            "&ampx",
            "a\u{a0}b",
            "a\rb",
            "a\0b",
            "a\u{1}b",
            "<p>a\u{85}b</p>",
            // Attributes.
            "<p onclick=\"x\">x</p>",
            "<p style=\"x\">x</p>",
            "<p lang=de>x</p>",
            "<p lang='de'>x</p>",
            "<p lang=\"de\"dir=\"rtl\">x</p>",
            "<p lang=\"de\" lang=\"fr\">x</p>",
            "<p lang=\"de\" >x</p>",
            "<p lang=\"\">x</p>",
            "<p LANG=\"de\">x</p>",
            "<p  lang=\"de\">x</p>",
            "<p title=\"x\">x</p>",
            "<b href=\"https://a.example/\">x</b>",
            "<abbr title=\"a&quot;b\">x</abbr>",
            "<abbr title=\"a>b\">x</abbr>",
            "<abbr title=\"a<b\">x</abbr>",
            "<a>x</a>",
            "<a href=\"https://a.example/\">x</a>",
            "<a href=\"https://a.example/\" rel=\"me\">x</a>",
        ] {
            assert!(!is_strict(html), "{html}");
        }
        for url in [
            "javascript:alert(1)",
            "HTTPS://a.example/",
            "https:a.example",
            "https:\\\\a.example/",
            "//a.example/",
            "/a",
            "",
            "https://",
            "https:///a",
            "https://user@a.example/",
            "https://user:secret@a.example/",
            "https://a.example\\@b.example/",
            "https://a.example/ b",
            "https://a.example/\tb",
            "https://ä.example/",
            "https://a.example/&amp;&#58;",
            "https://a.example?x",
            "https://A.example/",
        ] {
            assert!(
                !is_strict(&format!("<a href=\"{url}\" {LINK}>x</a>")),
                "{url}"
            );
        }
    }
}
