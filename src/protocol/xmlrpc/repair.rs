//! The one repair pass over a body that is not well formed: the two slips that clients in use make.
//!
//! Deviates from XML 1.0 §1.2, by which a reader stops at the first error. Both repairs are linear,
//! add a bounded number of bytes, and can make of a `methodCall` nothing but another one.

/// Repairs what it knows how to; returns the text unchanged otherwise.
pub(super) fn repair(text: &str) -> String {
    escape_bare_ampersands(&open_params(text))
}

/// Serendipity and @remy/webmention paste URLs into the XML as they are: `?a=1&b=2`. An ampersand
/// that begins no reference is data. In CDATA it is data already.
fn escape_bare_ampersands(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let end = if from.starts_with("<![CDATA[") {
            from.find("]]>").unwrap_or(from.len())
        } else {
            1
        };
        let (token, after) = from.split_at(end);
        out.push_str(token);
        if token == "&" && !begins_reference(after) {
            out.push_str("amp;");
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Whether the text after an ampersand makes it a reference. One to an unknown entity stays one,
/// so that the reader refuses it.
fn begins_reference(after: &str) -> bool {
    let end = after.find(|c: char| c != '#' && !is_name_char(c));
    end.is_some_and(|end| {
        let (name, rest) = after.split_at(end);
        rest.starts_with(';') && is_reference(name)
    })
}

/// Whether `&name;` is a reference by its form.
pub(super) fn is_reference(name: &str) -> bool {
    match name.strip_prefix('#') {
        Some(number) => match number.strip_prefix('x') {
            Some(hex) => !hex.is_empty() && hex.bytes().all(|b| b.is_ascii_hexdigit()),
            None => !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()),
        },
        None => {
            name.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | ':'))
                && name.chars().all(is_name_char)
        }
    }
}

/// XML 1.0 §2.3 `NameChar`, near enough.
fn is_name_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | ':' | '.' | '-')
}

/// Serendipity before 1.0 forgets the second `<param>`: `</param> <name>targetURI</name> <value>…`.
fn open_params(text: &str) -> String {
    const CLOSED: &str = "</param>";
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(CLOSED) {
        out.push_str(before);
        out.push_str(CLOSED);
        let next = after.trim_start();
        if next.starts_with("<name>") || next.starts_with("<value>") {
            out.push_str("<param>");
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_ampersands_are_escaped_and_references_left_alone() {
        for (text, want) in [
            ("a&b=1", "a&amp;b=1"),
            ("a&b=1;c", "a&amp;b=1;c"),
            ("a&&b", "a&amp;&amp;b"),
            ("a&", "a&amp;"),
            ("a& b;", "a&amp; b;"),
            ("a&;", "a&amp;;"),
            ("a&#;&#x;&#xg;&#1a;", "a&amp;#;&amp;#x;&amp;#xg;&amp;#1a;"),
            ("&amp;&lt;&#38;&#x26;&nbsp;", "&amp;&lt;&#38;&#x26;&nbsp;"),
            ("&ü;&a.b-c;&_x;&1x;", "&ü;&a.b-c;&_x;&amp;1x;"),
            (
                "<b>&x</b><![CDATA[&x<&]]>&y",
                "<b>&amp;x</b><![CDATA[&x<&]]>&amp;y",
            ),
            ("<![CDATA[&x", "<![CDATA[&x"),
        ] {
            assert_eq!(repair(text), want);
        }
    }

    #[test]
    fn a_forgotten_param_is_opened() {
        assert_eq!(
            repair("<param><value>a</value></param>\n <name>b</name><value/></param></params>"),
            "<param><value>a</value></param><param>\n <name>b</name><value/></param></params>"
        );
        let whole = "<param><value>a</value></param> <param><value/></param></params>";
        assert_eq!(repair(whole), whole);
    }
}
