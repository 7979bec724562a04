//! Fills in the templates under `fixtures/xmlrpc/`; their form is in `fixtures/README.md`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The template's bytes with `source` and `target` in their places.
pub(crate) fn fill(template: &[u8], source: &str, target: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(template.len());
    let mut rest = template;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let place = match byte {
            b'{' => after.split(|b| *b == b'}').next().unwrap_or(after),
            _ => &[],
        };
        if let Some(bytes) = written(place, source, target) {
            out.extend(bytes);
            rest = after.get(place.len().saturating_add(1)..).unwrap_or(&[]);
        } else {
            out.push(byte);
        }
    }
    out
}

/// What a place, `source:form`, stands for; `None` if it is no place.
fn written(place: &[u8], source: &str, target: &str) -> Option<Vec<u8>> {
    let place = std::str::from_utf8(place).ok()?;
    let (name, form) = place.split_once(':').unwrap_or((place, ""));
    let url = match name {
        "source" => source,
        "target" => target,
        _ => return None,
    };
    Some(match form {
        "" => escape(url).into_bytes(),
        "raw" => url.as_bytes().to_vec(),
        "twice" => escape(&escape(url)).into_bytes(),
        "latin1" => latin1(&escape(url)),
        "hex" => references(url, |c| format!("&#x{:X};", u32::from(c))),
        "mojibake" => references(&url.bytes().map(char::from).collect::<String>(), |c| {
            format!("&#{};", u32::from(c))
        }),
        "base64" => STANDARD.encode(url).into_bytes(),
        "base64-latin1" => STANDARD.encode(latin1(url)).into_bytes(),
        _ => return None,
    })
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// Latin-1, with a question mark for what it lacks.
fn latin1(text: &str) -> Vec<u8> {
    text.chars()
        .map(|c| u8::try_from(c).unwrap_or(b'?'))
        .collect()
}

/// The text with references for what is not ASCII, and for what is markup.
fn references(text: &str, reference: impl Fn(char) -> String) -> Vec<u8> {
    text.chars()
        .map(|c| match c {
            '&' | '<' => reference(c),
            c if c.is_ascii() => c.to_string(),
            c => reference(c),
        })
        .collect::<String>()
        .into_bytes()
}
