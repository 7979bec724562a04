//! Which reader a page is for: its media type, or else its first bytes.

/// How to read a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Media {
    /// As HTML.
    Html,
    /// As XHTML: HTML to a lenient eye, XML to a strict one.
    Xhtml,
    /// As JSON.
    Json,
    /// As a feed or some other XML.
    Xml,
    /// As plain text.
    Text,
    /// Not at all: the type's name.
    Other(String),
}

/// A `Content-Type`, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ContentType {
    /// How to read it.
    pub(super) media: Media,
    /// The charset that it names.
    pub(super) charset: Option<String>,
}

/// Longest type name that is repeated to anybody.
const MAX_NAME: usize = 80;
/// How far the first bytes are looked at.
const SNIFF_BYTES: usize = 1024;

/// Decides by the header, or by the first bytes where that says nothing.
pub(super) fn content_type(header: Option<&str>, body: &[u8]) -> ContentType {
    let mut parts = header.unwrap_or_default().split(';');
    let essence = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
    let charset = parts.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        (name.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then(|| value.to_owned())
    });
    let media = match essence.split_once('/') {
        Some((kind, subtype)) if !kind.is_empty() && !subtype.is_empty() => {
            by_name(&essence, kind, subtype)
        }
        // Servers that know no type say nothing, or something that is none.
        _ => sniff(body),
    };
    ContentType { media, charset }
}

fn by_name(essence: &str, kind: &str, subtype: &str) -> Media {
    match (kind, subtype) {
        (_, "html") => Media::Html,
        ("application", "xhtml+xml") => Media::Xhtml,
        (_, "json") => Media::Json,
        (_, "xml") => Media::Xml,
        _ if subtype.ends_with("+json") => Media::Json,
        ("image", _) => Media::Other(name(essence)),
        _ if subtype.ends_with("+xml") => Media::Xml,
        ("text", _) => Media::Text,
        _ => Media::Other(name(essence)),
    }
}

fn name(essence: &str) -> String {
    super::words::clean(essence, MAX_NAME).unwrap_or_else(|| "unknown".to_owned())
}

fn sniff(body: &[u8]) -> Media {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let utf_16 = body.starts_with(b"\xff\xfe") || body.starts_with(b"\xfe\xff");
    let start = body.trim_ascii_start();
    let head = start.get(..SNIFF_BYTES).unwrap_or(start);
    match head.first() {
        _ if utf_16 => Media::Html,
        Some(b'<') if is_xml(head) => Media::Xml,
        Some(b'<') => Media::Html,
        Some(b'{' | b'[') => Media::Json,
        Some(_) if !body.contains(&0) && std::str::from_utf8(body).is_ok() => Media::Text,
        Some(_) => Media::Other("unknown".to_owned()),
        None => Media::Text,
    }
}

fn is_xml(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    (text.starts_with("<?xml") && !text.contains("<html"))
        || text.starts_with("<rss")
        || text.starts_with("<feed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_decides_and_else_the_first_bytes() {
        let other = |name: &str| Media::Other(name.to_owned());
        for (header, body, want) in [
            (Some("text/html; charset=utf-8"), "", Media::Html),
            (Some("TEXT/HTML"), "", Media::Html),
            (Some("application/xhtml+xml"), "", Media::Xhtml),
            (Some("application/json"), "", Media::Json),
            (Some("application/activity+json"), "", Media::Json),
            (Some("application/mf2+json"), "", Media::Json),
            (Some("application/atom+xml"), "", Media::Xml),
            (Some("text/xml"), "", Media::Xml),
            (Some("text/plain"), "<html>", Media::Text),
            (Some("text/markdown"), "", Media::Text),
            (Some("image/svg+xml"), "", other("image/svg+xml")),
            (Some("image/png"), "", other("image/png")),
            (Some("application/pdf"), "", other("application/pdf")),
            (
                Some("application/octet-stream"),
                "<html>",
                other("application/octet-stream"),
            ),
            (None, " \n<!doctype html>", Media::Html),
            (None, "<?xml version='1.0'?><rss>", Media::Xml),
            (
                None,
                "<?xml version='1.0'?><!DOCTYPE html><html>",
                Media::Html,
            ),
            (None, "\u{feff}{\"a\":1}", Media::Json),
            (None, "[1]", Media::Json),
            (None, "hello", Media::Text),
            (None, "a\0b", other("unknown")),
            (Some("nonsense"), "<p>", Media::Html),
            (Some(""), "", Media::Text),
        ] {
            assert_eq!(
                content_type(header, body.as_bytes()).media,
                want,
                "{header:?} {body}"
            );
        }
    }

    #[test]
    fn the_charset_is_read_in_all_its_spellings() {
        for header in [
            "text/html; charset=utf-8",
            "text/html;Charset=\"utf-8\"",
            "text/html; boundary=x; charset = 'utf-8' ",
        ] {
            assert_eq!(
                content_type(Some(header), b"").charset.as_deref(),
                Some("utf-8"),
                "{header}"
            );
        }
    }
}
